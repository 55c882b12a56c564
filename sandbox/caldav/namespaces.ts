/** The XML namespaces of CalDAV servers. */
export const dav = "DAV:";
export const caldav = "urn:ietf:params:xml:ns:caldav";
export const calendarServer = "http://calendarserver.org/ns/";
export const appleIcal = "http://apple.com/ns/ical/";
export const nextcloud = "http://nextcloud.com/ns";
export const sabre = "http://sabredav.org/ns";
