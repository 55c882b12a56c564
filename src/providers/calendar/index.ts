export { caldav } from "./caldav.ts";
export { googleCalendar } from "./google-calendar.ts";
export { outlookCalendar } from "./outlook-calendar.ts";
