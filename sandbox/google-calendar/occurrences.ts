import { DateTime } from "luxon";
import { RRuleTemporal } from "rrule-temporal";
import type { GoogleEvent, GoogleTime } from "./state.ts";

/** Google cuts series that never end somewhere; here. */
const horizonYears = 5;

/** Expanding costs much, and a listing asks for each instance. */
const known = new WeakMap<GoogleEvent, { readonly of: string; readonly instances: Instances }>();
type Instances = ReadonlyMap<string, { start: GoogleTime; end: GoogleTime }>;

/** The occurrences of a series, by the id of their instance: `{series}_{UTC start}`, or `{series}_{date}` for whole days. */
export function instancesOf(master: GoogleEvent, calendarZone: string): Instances {
  const of = JSON.stringify([master.start, master.end, master.recurrence, calendarZone]);
  const before = known.get(master);
  if (before?.of === of) return before.instances;
  const instances = expanded(master, calendarZone);
  known.set(master, { of, instances });
  return instances;
}

function expanded(master: GoogleEvent, calendarZone: string): Instances {
  const { start, end } = master;
  const instances = new Map<string, { start: GoogleTime; end: GoogleTime }>();
  if (!start || !end) return instances;
  const isDay = start.date !== undefined;
  const zone = isDay ? "UTC" : (start.timeZone ?? calendarZone);
  const first = DateTime.fromISO(start.date ?? start.dateTime ?? "", { zone });
  const lengthMs = DateTime.fromISO(end.date ?? end.dateTime ?? "", { zone }).toMillis() - first.toMillis();
  for (const at of startsOf(master.recurrence ?? [], first, zone)) {
    const from = DateTime.fromMillis(at, { zone });
    const to = from.plus(lengthMs);
    const id = `${master.id}_${isDay ? from.toFormat("yyyyMMdd") : from.toUTC().toFormat("yyyyMMdd'T'HHmmss'Z'")}`;
    const shown = (time: DateTime): GoogleTime =>
      isDay
        ? { date: time.toFormat("yyyy-MM-dd") }
        : { dateTime: time.toISO({ suppressMilliseconds: true }) ?? "", timeZone: zone };
    instances.set(id, { start: shown(from), end: shown(to) });
  }
  return instances;
}

function startsOf(lines: readonly string[], first: DateTime, zone: string): readonly number[] {
  const until = first.plus({ years: horizonYears });
  const excluded = new Set(datesOf(lines, "EXDATE", zone));
  const added = datesOf(lines, "RDATE", zone);
  const ruled = lines
    .filter((line) => line.startsWith("RRULE:"))
    .flatMap((line) => {
      const dtstart = `DTSTART;TZID=${zone}:${first.toFormat("yyyyMMdd'T'HHmmss")}`;
      // A date-only UNTIL includes its day.
      const rule = line.replace(/UNTIL=(\d{8})(?=;|$)/, "UNTIL=$1T235959Z");
      const series = new RRuleTemporal({ rruleString: `${dtstart}\n${rule}` });
      const found = series.between(first.toJSDate(), until.toJSDate(), true);
      return found.map(({ epochMilliseconds }) => epochMilliseconds);
    });
  const all = [...new Set([first.toMillis(), ...ruled, ...added])].sort((one, other) => one - other);
  return all.filter((at) => !excluded.has(at));
}

function datesOf(lines: readonly string[], name: string, zone: string): readonly number[] {
  return lines
    .filter((line) => line.startsWith(`${name};`) || line.startsWith(`${name}:`))
    .flatMap((line) => {
      const [head = "", values = ""] = line.split(/:(?=[^:]*$)/);
      const own = /TZID=([^;:]+)/.exec(head)?.[1] ?? zone;
      return values.split(",").map((value) => {
        if (/^\d{8}$/.test(value)) return DateTime.fromFormat(value, "yyyyMMdd", { zone }).toMillis();
        const isUtc = value.endsWith("Z");
        const format = isUtc ? "yyyyMMdd'T'HHmmss'Z'" : "yyyyMMdd'T'HHmmss";
        return DateTime.fromFormat(value, format, { zone: isUtc ? "UTC" : own }).toMillis();
      });
    });
}
