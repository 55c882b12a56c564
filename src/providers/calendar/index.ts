export { caldav } from "./caldav.ts";
