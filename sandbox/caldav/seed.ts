import { DateTime } from "luxon";
import { tzlib_get_ical_block } from "timezones-ical-library";
import type { OtherClient } from "./other-client.ts";

const zone = "Europe/Berlin";

/** A plausible week in one calendar, for whoever looks at the product on their own machine. */
export function seedCalendar(client: OtherClient, email: string, calendar: string, now: Date): void {
  const monday = DateTime.fromJSDate(now, { zone }).startOf("week");
  const at = (days: number, hour: number, minutes = 60) => {
    const start = monday.plus({ days, hours: hour });
    const shown = (time: DateTime) => time.toFormat("yyyyMMdd'T'HHmmss");
    return [`DTSTART;TZID=${zone}:${shown(start)}`, `DTEND;TZID=${zone}:${shown(start.plus({ minutes }))}`];
  };
  const day = (days: number) => monday.plus({ days }).toFormat("yyyyMMdd");
  const put = (name: string, ...lines: readonly string[]) =>
    client.put(email, calendar, `${name}.ics`, calendarText(`${name}-${calendar}`, lines));

  put("stand-up", "SUMMARY:Hiring stand-up", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR", ...at(0, 9, 15));
  put("fair", "SUMMARY:Career fair", "LOCATION:Hall 3", `DTSTART;VALUE=DATE:${day(3)}`, `DTEND;VALUE=DATE:${day(5)}`);
  put("dentist", "SUMMARY:Dentist", "CLASS:PRIVATE", ...at(1, 8));
  put("interview", "SUMMARY:Interview: backend engineer", "TRANSP:OPAQUE", ...at(3, 14, 45));
}

function calendarText(uid: string, lines: readonly string[]): string {
  const [block = ""] = [tzlib_get_ical_block(zone)].flat();
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Sandbox//Seed//EN",
    block.trim(),
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20260101T000000Z",
    ...lines,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}
