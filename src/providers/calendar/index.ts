export { caldav } from "./caldav.ts";
export { fastmail } from "./fastmail.ts";
export { googleCalendar } from "./google-calendar.ts";
export { icloud } from "./icloud.ts";
export { nextcloud } from "./nextcloud.ts";
export { outlookCalendar } from "./outlook-calendar.ts";
export { zohoCalendar } from "./zoho-calendar.ts";
