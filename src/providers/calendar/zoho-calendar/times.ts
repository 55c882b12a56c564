import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey, toInstant, zonedAt } from "../../../recurrence/instant.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import { UnreadableEvent } from "./unreadable-event.ts";

const dayForm = /^(\d{4})(\d\d)(\d\d)/;
const timeForm = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Reads `20251110T150000+0530`, `20251110T093000Z`, `20170718T205000` on the clocks of `zone`, and of whole days `20261201`
 * and `20261201Z`.
 *
 * @throws {UnreadableEvent}
 */
export function readTime(text: string, zone: string | null | undefined, isDay: boolean): EventTime {
  if (isDay) {
    const [, year, month, day] = dayForm.exec(text) ?? [];
    const date = `${year}-${month}-${day}`;
    if (Number.isNaN(Date.parse(date))) throw unreadable();
    return { kind: "date", date };
  }
  // A zone that nobody else knows has no name elsewhere; its times are told in UTC.
  return zonedAt(readInstant(text, zone), timeZoneOf(zone ?? "UTC").timeZone);
}

function readInstant(text: string, zone: string | null | undefined): Date {
  const [, year, month, day, hour, minute, second, offset = ""] = timeForm.exec(text) ?? [];
  if (second === undefined) throw unreadable();
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const instant = new Date(`${local}${offset.replace(/^([+-]\d\d):?(\d\d)$/, "$1:$2")}`);
  if (Number.isNaN(instant.getTime())) throw unreadable();
  if (offset !== "") return instant;
  return toInstant({ kind: "zoned", local, timeZone: timeZoneOf(zone ?? "UTC").timeZone }, "UTC");
}

/**
 * As Zoho is told a time: `20261201T090000Z`, or `20261201` for a whole day.
 *
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY with the field
 */
export function writeTime(time: EventTime, field: "start" | "end"): string {
  if (time.kind !== "floating") return recurrenceKey(time);
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Zoho has no times without a zone", {
    field: [field],
    remedy: "Give the time zone as well.",
  });
}

/** `20261201T090000Z`, as ranges are told. */
export function utc(instant: Date): string {
  return instant.toISOString().replace(/[-:]|\.\d+/g, "");
}

/** What Zoho calls an occurrence: when it was to be, in UTC; of a whole day, its midnight. */
export function recurrenceIdOf(time: EventTime): string {
  return time.kind === "date" ? `${recurrenceKey(time)}T000000Z` : recurrenceKey(time);
}

/**
 * When an occurrence was to be.
 *
 * @param series when its series starts
 * @throws {UnreadableEvent}
 */
export function readRecurrenceId(text: string, series: EventTime): EventTime {
  return series.kind === "zoned" ? readTime(text, series.timeZone, false) : readTime(text, null, true);
}

function unreadable(): UnreadableEvent {
  return new UnreadableEvent("It has a time that Zoho's documentation does not describe");
}
