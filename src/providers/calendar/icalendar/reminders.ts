import ICAL from "ical.js";
import { textIn } from "./component.ts";

/** Alarms that show something before the start are reminders (RFC 5545 §3.6.6); all others are kept and not told. */
function minutesOf(alarm: ICAL.Component): number | null {
  if (textIn(alarm, "action")?.toUpperCase() !== "DISPLAY") return null;
  const trigger = alarm.getFirstProperty("trigger");
  const value = trigger?.getFirstValue();
  const isFromEnd = String(trigger?.getParameter("related") ?? "START").toUpperCase() === "END";
  if (!(value instanceof ICAL.Duration) || isFromEnd) return null;
  const seconds = value.toSeconds();
  return seconds > 0 ? null : -seconds / 60;
}

/** Minutes before the start, the longest first; null when the event says nothing and the calendar decides. */
export function readReminders(event: ICAL.Component): readonly number[] | null {
  const minutes = event
    .getAllSubcomponents("valarm")
    .map(minutesOf)
    .filter((found) => found !== null);
  return minutes.length === 0 ? null : [...new Set(minutes)].sort((one, other) => other - one);
}

/** Keeps the alarm of every reminder that stays. */
export function writeReminders(event: ICAL.Component, reminders: readonly number[] | null): void {
  const wanted = new Set(reminders ?? []);
  for (const alarm of event.getAllSubcomponents("valarm")) {
    const minutes = minutesOf(alarm);
    if (minutes === null) continue;
    if (!wanted.delete(minutes)) event.removeSubcomponent(alarm);
  }
  for (const minutes of wanted) {
    const alarm = new ICAL.Component(["valarm", [], []]);
    alarm.addPropertyWithValue("action", "DISPLAY");
    alarm.addPropertyWithValue("description", textIn(event, "summary") ?? "");
    alarm.addPropertyWithValue("trigger", ICAL.Duration.fromSeconds(-minutes * 60));
    event.addSubcomponent(alarm);
  }
}
