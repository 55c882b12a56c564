import { DateTime } from "luxon";
import type { People } from "./people.ts";

const zone = "Europe/Berlin";

/** A plausible week of two people who have accounts already, for whoever looks at the product on their own machine. */
export function seedZohoCalendar(people: People, [ana, bo]: readonly [string, string], now: Date): void {
  for (const email of [ana, bo]) {
    people.createCalendar(email, { name: "Interviews", color: "#8CBF40" });
    people.createCalendar(email, { name: "Holidays", privilege: "view", owner: "hiring@example.test" });
  }
  const monday = DateTime.fromJSDate(now, { zone }).startOf("week");
  const text = (time: DateTime) => time.toFormat("yyyyMMdd'T'HHmmssZZZ");
  const at = (days: number, hour: number, minutes = 60) => {
    const start = monday.plus({ days, hours: hour });
    return { dateandtime: { start: text(start), end: text(start.plus({ minutes })), timezone: zone } };
  };
  const day = (days: number) => monday.plus({ days }).toFormat("yyyyMMdd");

  people.insertEvent(ana, { title: "Hiring stand-up", ...at(0, 9, 15), rrule: "FREQ=WEEKLY;BYDAY=MO,WE,FR" });
  people.insertEvent(ana, {
    title: "Career fair",
    location: "Hall 3",
    isallday: true,
    dateandtime: { start: day(3), end: day(5), timezone: zone },
  });
  people.insertEvent(ana, { title: "Dentist", isprivate: true, ...at(1, 8) });
  people.insertEvent(ana, {
    title: "Interview: backend engineer",
    description: "CV and questions are in the candidate's file.",
    ...at(3, 14, 45),
    attendees: [{ email: bo }],
    reminders: [{ action: "popup", minutes: -15 }],
  });
  people.insertEvent(bo, { title: "Focus", transparency: 1, ...at(1, 13, 180) });
}
