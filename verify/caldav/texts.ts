import { dayOf } from "../converge/days.ts";

/** A calendar object of these components, as another client writes it. */
export function ics(...components: readonly string[]): string {
  return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Another client//EN", ...components, "END:VCALENDAR", ""].join(
    "\r\n",
  );
}

/** One VEVENT; lines are as RFC 5545 writes them. */
export function vevent(uid: string, ...lines: readonly string[]): string {
  return ["BEGIN:VEVENT", `UID:${uid}`, "DTSTAMP:20260101T000000Z", ...lines, "END:VEVENT"].join("\r\n");
}

/** From eight to nine on the nth day, or from another hour; in UTC. */
export function hour(day: number, from = "08"): readonly string[] {
  const to = String(Number(from) + 1).padStart(2, "0");
  return [`DTSTART:${utc(day, `${from}0000`)}`, `DTEND:${utc(day, `${to}0000`)}`];
}

export function utc(day: number, time: string): string {
  return `${dayOf(day).replaceAll("-", "")}T${time}Z`;
}
