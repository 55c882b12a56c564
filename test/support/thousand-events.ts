import { DateTime } from "luxon";
import { ics, vevent } from "./caldav-client.ts";

/** A calendar of a thousand objects of every kind, and what happens in it, reckoned without our own code. */
export interface ThousandEvents {
  /** The objects as one file. */
  readonly ics: string;
  readonly objects: number;
  /** Single events, series, and changed occurrences: what the mirror has rows for. */
  readonly rows: number;
  readonly from: string;
  readonly to: string;
  /** `title, start, end`, sorted. */
  readonly happens: readonly string[];
}

/** @param from the first day something happens on, midnight UTC; everything is over 300 days later */
export function thousandEvents(from: DateTime): ThousandEvents {
  const components = zones.map(({ tzid, rules }) => zone(tzid, rules));
  const happens: string[] = [];
  let objects = 0;
  let rows = 0;
  const add = (count: number, make: (index: number) => { events: string[]; happens: string[] }) => {
    for (let index = 0; index < count; index += 1) {
      const made = make(index);
      components.push(...made.events);
      happens.push(...made.happens);
      objects += 1;
      rows += made.events.length;
    }
  };

  add(400, (i) => {
    const start = from.plus({ hours: 7 * i });
    const title = `single in UTC ${i}`;
    return { events: [event(title, times(start, { hours: 1 }, utc))], happens: [instants(title, start, { hours: 1 })] };
  });
  add(49, (i) => {
    const { form, real } = zones[i % zones.length] ?? zones[0];
    const start = at(from.plus({ days: 4 * i }), "16:30", real);
    const title = `single in a zone ${i}`;
    return {
      events: [event(title, times(start, { minutes: 45 }, form))],
      happens: [instants(title, start, { minutes: 45 })],
    };
  });
  add(200, (i) => {
    const first = from.plus({ days: i });
    const length = { days: 1 + (i % 3) };
    const title = `all day ${i}`;
    return { events: [event(title, times(first, length, asDate))], happens: [days(title, first, length)] };
  });
  add(120, (i) => {
    const start = from.plus({ days: 2 * i, hours: 8 });
    const title = `floating ${i}`;
    return {
      events: [event(title, times(start, { minutes: 20 }, floating))],
      happens: [wallClocks(title, start, { minutes: 20 })],
    };
  });

  // Twice a week over ten weeks, on the same wall clock whatever the clocks do.
  add(100, (i) => {
    const { form, real } = i < 15 ? zones[0] : inUtc;
    const first = at(weekday(from.plus({ weeks: i % 20 }), 2), "09:00", real);
    const title = `twice a week ${i}`;
    const starts = span(10).flatMap((week) => [first.plus({ weeks: week }), first.plus({ weeks: week, days: 2 })]);
    return {
      events: [event(title, times(first, { minutes: 50 }, form), "RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=20")],
      happens: starts.map((start) => instants(title, start, { minutes: 50 })),
    };
  });
  // Every other day thirty times, less two that were taken out.
  add(40, (i) => {
    const { form, real } = i < 10 ? zones[3] : inUtc;
    const first = at(from.plus({ days: i + 80 }), "18:15", real);
    const title = `every other day ${i}`;
    const out = [3, 7];
    const starts = span(30).map((n) => first.plus({ days: 2 * n }));
    const excluded = out.map((n) => form("EXDATE", starts[n] ?? first));
    return {
      events: [event(title, times(first, { hours: 1 }, form), "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=30", ...excluded)],
      happens: starts.filter((_, n) => !out.includes(n)).map((start) => instants(title, start, { hours: 1 })),
    };
  });
  // Weekly; the third one moved to the next day under another title, the sixth one cancelled.
  add(40, (i) => {
    const { form, real } = i < 10 ? zones[1] : inUtc;
    const first = at(from.plus({ days: i + 70 }), "13:00", real);
    const title = `weekly with changes ${i}`;
    const starts = span(12).map((n) => first.plus({ weeks: n }));
    const [third = first, sixth = first] = [starts[2], starts[5]];
    const moved = third.plus({ days: 1, hours: 2 });
    const uid = uidOf(title);
    return {
      events: [
        event(title, times(first, { hours: 1 }, form), "RRULE:FREQ=WEEKLY;COUNT=12"),
        vevent(uid, `SUMMARY:${title} moved`, form("RECURRENCE-ID", third), ...times(moved, { hours: 1 }, form)),
        vevent(
          uid,
          `SUMMARY:${title} off`,
          form("RECURRENCE-ID", sixth),
          "STATUS:CANCELLED",
          ...times(sixth, { hours: 1 }, form),
        ),
      ],
      happens: starts.map((start, n) =>
        n === 2
          ? instants(`${title} moved`, moved, { hours: 1 })
          : instants(n === 5 ? `${title} off` : title, start, { hours: 1 }),
      ),
    };
  });
  add(26, (i) => {
    const first = from.plus({ months: i % 3 }).set({ day: 15 });
    const title = `monthly all day ${i}`;
    return {
      events: [event(title, times(first, { days: 1 }, asDate), "RRULE:FREQ=MONTHLY;BYMONTHDAY=15;COUNT=6")],
      happens: span(6).map((n) => days(title, first.plus({ months: n }), { days: 1 })),
    };
  });
  add(25, (i) => {
    const first = from.plus({ days: i, hours: 7 });
    const title = `floating every day ${i}`;
    return {
      events: [event(title, times(first, { minutes: 15 }, floating), "RRULE:FREQ=DAILY;COUNT=10")],
      happens: span(10).map((n) => wallClocks(title, first.plus({ days: n }), { minutes: 15 })),
    };
  });

  const to = from.plus({ days: 300 });
  return { ics: ics(...components), objects, rows, from: iso(from), to: iso(to), happens: happens.sort() };
}

interface ZoneRules {
  readonly standard: ZoneRule;
  readonly daylight: ZoneRule;
}
type ZoneRule = readonly [offsetFrom: string, offsetTo: string, since: string, rule: string];

const berlinRules: ZoneRules = {
  standard: ["+0200", "+0100", "19701025T030000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"],
  daylight: ["+0100", "+0200", "19700329T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"],
};
const newYorkRules: ZoneRules = {
  standard: ["-0400", "-0500", "20071104T020000", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"],
  daylight: ["-0500", "-0400", "20070311T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"],
};

/** Zones under the names that other programs give them, each with the one that is meant. */
const zones = [
  zoned("Europe/Berlin", "Europe/Berlin", berlinRules),
  zoned("W. Europe Standard Time", "Europe/Berlin", berlinRules),
  zoned("Our own zone", "Europe/Berlin", berlinRules),
  zoned("/softwarestudio.org/Olson_20011030_5/America/New_York", "America/New_York", newYorkRules),
] as const;

function zoned(tzid: string, real: string, rules: ZoneRules) {
  return { tzid, real, rules, form: ((name, time) => `${name};TZID=${tzid}:${local(time)}`) satisfies Form as Form };
}

type Length = { days?: number; hours?: number; minutes?: number };
type Form = (name: string, time: DateTime) => string;

const utc: Form = (name, time) => `${name}:${time.toUTC().toFormat("yyyyMMdd'T'HHmmss'Z'")}`;
const inUtc = { form: utc, real: "utc" };
const asDate: Form = (name, time) => `${name};VALUE=DATE:${time.toFormat("yyyyMMdd")}`;
const floating: Form = (name, time) => `${name}:${local(time)}`;

function event(title: string, lines: readonly string[], ...more: readonly string[]): string {
  return vevent(uidOf(title), `SUMMARY:${title}`, ...lines, ...more);
}

function times(start: DateTime, length: Length, form: Form): string[] {
  return [form("DTSTART", start), form("DTEND", start.plus(length))];
}

function instants(title: string, start: DateTime, length: Length): string {
  return `${title}, ${iso(start)}, ${iso(start.plus(length))}`;
}

function days(title: string, start: DateTime, length: Length): string {
  return `${title}, ${start.toISODate()}, ${start.plus(length).toISODate()}`;
}

function wallClocks(title: string, start: DateTime, length: Length): string {
  const wallClock = (time: DateTime) => time.toFormat("yyyy-MM-dd'T'HH:mm:ss");
  return `${title}, ${wallClock(start)}, ${wallClock(start.plus(length))}`;
}

function at(day: DateTime, time: string, timeZone: string): DateTime {
  return DateTime.fromISO(`${day.toISODate()}T${time}`, { zone: timeZone });
}

/** The first such day (1 is Monday) from `day` on. */
function weekday(day: DateTime, wanted: number): DateTime {
  return day.plus({ days: (wanted - day.weekday + 7) % 7 });
}

function local(time: DateTime): string {
  return time.toFormat("yyyyMMdd'T'HHmmss");
}

function iso(time: DateTime): string {
  return time.toUTC().toJSDate().toISOString();
}

function uidOf(title: string): string {
  return `${title.replaceAll(/\W+/g, "-")}@another-client.example`;
}

function span(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

function zone(tzid: string, { standard, daylight }: ZoneRules): string {
  const part = (name: string, [from, to, since, rule]: ZoneRule) =>
    [
      `BEGIN:${name}`,
      `DTSTART:${since}`,
      `TZOFFSETFROM:${from}`,
      `TZOFFSETTO:${to}`,
      `RRULE:${rule}`,
      `END:${name}`,
    ].join("\r\n");
  return [
    "BEGIN:VTIMEZONE",
    `TZID:${tzid}`,
    part("STANDARD", standard),
    part("DAYLIGHT", daylight),
    "END:VTIMEZONE",
  ].join("\r\n");
}
