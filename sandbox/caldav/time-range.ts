import ICAL from "ical.js";
import { DateTime } from "luxon";
import { RRuleTemporal } from "rrule-temporal";
import { componentsOf } from "./calendar-object.ts";

/** Half-open. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Whether any part of an object is in a range (RFC 4791 §9.9). A series counts at its rule's times also where an
 * override has moved one of them, as Cyrus and sabre/dav do.
 */
export function isWithin(calendar: ICAL.Component, range: TimeRange): boolean {
  return componentsOf(calendar).some((part) => {
    const start = timeOf(part, "dtstart");
    // A task without times is within every range.
    if (!start) return true;
    const lengthMs = lengthOf(part, start);
    const isSeries = part.hasProperty("rrule") || part.hasProperty("rdate");
    const starts = isSeries ? startsOf(part, start, lengthMs, range) : [start.at];
    return starts.some((at) => overlaps(at, lengthMs, range));
  });
}

interface Time {
  readonly at: number;
  readonly isDate: boolean;
  /** Null for UTC, floating times, and zones that nobody knows. */
  readonly zone: string | null;
  readonly text: string;
}

function overlaps(at: number, lengthMs: number, { from, to }: TimeRange): boolean {
  if (lengthMs === 0) return at >= from.getTime() && at < to.getTime();
  return at < to.getTime() && at + lengthMs > from.getTime();
}

function lengthOf(part: ICAL.Component, start: Time): number {
  const end = timeOf(part, part.name === "vtodo" ? "due" : "dtend");
  if (end) return Math.max(0, end.at - start.at);
  const duration = part.getFirstPropertyValue("duration");
  if (duration instanceof ICAL.Duration) return duration.toSeconds() * 1000;
  return start.isDate ? dayMs : 0;
}

function startsOf(part: ICAL.Component, start: Time, lengthMs: number, range: TimeRange): readonly number[] {
  const excluded = new Set(timesOf(part, "exdate").map(({ at }) => at));
  const added = timesOf(part, "rdate").map(({ at }) => at);
  const after = new Date(range.from.getTime() - lengthMs - dayMs);
  const ruled = part.getAllProperties("rrule").flatMap((rule) => {
    const text = rule.toICALString().replace(/UNTIL=(\d{8})(?=;|$)/, "UNTIL=$1T235959Z");
    const zone = start.zone ?? "UTC";
    const first =
      start.zone === null ? DateTime.fromMillis(start.at, { zone }).toFormat("yyyyMMdd'T'HHmmss") : start.text;
    try {
      const series = new RRuleTemporal({ rruleString: `DTSTART;TZID=${zone}:${first}\n${text}` });
      return series.between(after, range.to, true).map(({ epochMilliseconds }) => epochMilliseconds);
    } catch {
      // A rule that cannot be followed is within every range: too much is allowed, too little is not.
      return [Math.max(range.from.getTime(), start.at)];
    }
  });
  return [start.at, ...added, ...ruled].filter((at) => !excluded.has(at));
}

function timeOf(part: ICAL.Component, name: string): Time | null {
  return timesOf(part, name)[0] ?? null;
}

function timesOf(part: ICAL.Component, name: string): readonly Time[] {
  return part.getAllProperties(name).flatMap((property) => {
    const tzid = property.getParameter("tzid");
    const zone = typeof tzid === "string" && DateTime.utc().setZone(tzid).isValid ? tzid : null;
    return property.getValues().flatMap((value): readonly Time[] => {
      const time = value instanceof ICAL.Period ? value.start : value;
      if (!(time instanceof ICAL.Time)) return [];
      const text = time.toICALString().replace("Z", "");
      if (time.isDate) return [{ at: Date.UTC(time.year, time.month - 1, time.day), isDate: true, zone: null, text }];
      const known =
        zone && time.zone !== ICAL.Timezone.utcTimezone
          ? DateTime.fromFormat(text, "yyyyMMdd'T'HHmmss", { zone })
          : null;
      const floating = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
      const isFloating = time.zone === ICAL.Timezone.localTimezone;
      const at = known?.toMillis() ?? (isFloating ? floating : time.toUnixTime() * 1000);
      return [{ at, isDate: false, zone: known ? zone : null, text }];
    });
  });
}
