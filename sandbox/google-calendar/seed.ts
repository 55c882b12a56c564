import { DateTime } from "luxon";
import type { GoogleCalendarApi } from "./calendar-api.ts";

const zone = "Europe/Berlin";

/** Two people with a plausible week, for whoever looks at the product on their own machine. */
export function seedGoogleCalendar(api: GoogleCalendarApi, now: Date): void {
  const [ana, bo] = ["ana@example.test", "bo@example.test"];
  for (const [email, name] of [
    [ana, "Ana Muster"],
    [bo, "Bo Beispiel"],
  ] as const) {
    api.createAccount({ email, name });
    api.createCalendar(email, { summary: "Interviews" });
    api.createCalendar(email, { summary: "Holidays", accessRole: "reader", unwatchable: true });
  }
  const monday = DateTime.fromJSDate(now, { zone }).startOf("week");
  const at = (days: number, hour: number, minutes = 60) => {
    const start = monday.plus({ days, hours: hour });
    const shown = (time: DateTime) => ({ dateTime: time.toISO({ suppressMilliseconds: true }), timeZone: zone });
    return { start: shown(start), end: shown(start.plus({ minutes })) };
  };
  const day = (days: number) => monday.plus({ days }).toISODate();

  const weekly = api.insertEvent(ana, {
    summary: "Hiring stand-up",
    ...at(0, 9, 15),
    recurrence: ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR"],
  });
  const instance = (days: number) =>
    `${weekly}_${monday.plus({ days, hours: 9 }).toUTC().toFormat("yyyyMMdd'T'HHmmss'Z'")}`;
  api.patchEvent(ana, instance(2), { summary: "Hiring stand-up, with Bo", ...at(2, 10, 30) });
  api.deleteEvent(ana, instance(4));
  api.insertEvent(ana, { summary: "Career fair", location: "Hall 3", start: { date: day(3) }, end: { date: day(5) } });
  api.insertEvent(ana, { summary: "Dentist", visibility: "private", ...at(1, 8) });
  api.insertEvent(ana, {
    summary: "Interview: backend engineer",
    description: "CV and questions are in the candidate's file.",
    ...at(3, 14, 45),
    attendees: [{ email: ana, responseStatus: "accepted" }, { email: bo }],
    conferenceData: { createRequest: { requestId: "seed", conferenceSolutionKey: { type: "hangoutsMeet" } } },
  });
  api.insertEvent(bo, { summary: "Focus", transparency: "transparent", ...at(1, 13, 180) });
}
