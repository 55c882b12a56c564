import { DateTime } from "luxon";
import type { Mailboxes } from "./mailboxes.ts";

const zone = "W. Europe Standard Time";

/** A plausible week of two people who have accounts already, for whoever looks at the product on their own machine. */
export function seedOutlookCalendar(mailboxes: Mailboxes, [ana, bo]: readonly [string, string], now: Date): void {
  for (const email of [ana, bo]) {
    mailboxes.createCalendar(email, { name: "Interviews", color: "lightBlue", hexColor: "#a6d1f5" });
    const owner = { name: "Hiring team", address: "hiring@example.test" };
    mailboxes.createCalendar(email, { name: "Holidays", canEdit: false, owner });
  }
  const monday = DateTime.fromJSDate(now, { zone: "Europe/Berlin" }).startOf("week");
  const wall = (time: DateTime) => ({ dateTime: time.toFormat("yyyy-MM-dd'T'HH:mm:ss"), timeZone: zone });
  const at = (days: number, hour: number, minutes = 60) => {
    const start = monday.plus({ days, hours: hour });
    return { start: wall(start), end: wall(start.plus({ minutes })) };
  };
  const guest = (address: string) => ({ type: "required", emailAddress: { address, name: address } });

  mailboxes.insertEvent(ana, {
    subject: "Hiring stand-up",
    ...at(0, 9, 15),
    recurrence: {
      pattern: { type: "weekly", interval: 1, daysOfWeek: ["monday", "wednesday", "friday"], firstDayOfWeek: "monday" },
      range: { type: "noEnd", startDate: monday.toISODate() },
    },
  });
  mailboxes.insertEvent(ana, {
    subject: "Career fair",
    location: { displayName: "Hall 3" },
    isAllDay: true,
    start: wall(monday.plus({ days: 3 })),
    end: wall(monday.plus({ days: 5 })),
  });
  mailboxes.insertEvent(ana, { subject: "Dentist", sensitivity: "private", ...at(1, 8) });
  mailboxes.insertEvent(ana, {
    subject: "Interview: backend engineer",
    body: { contentType: "text", content: "CV and questions are in the candidate's file." },
    ...at(3, 14, 45),
    attendees: [guest(bo)],
    isOnlineMeeting: true,
    onlineMeetingProvider: "teamsForBusiness",
  });
  mailboxes.insertEvent(bo, { subject: "Focus", showAs: "free", ...at(1, 13, 180) });
}
