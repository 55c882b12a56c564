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

const berlin = "Europe/Berlin";
const newYork = "America/New_York";

/** @param from the first day something happens on, midnight UTC; everything is over 300 days later */
export function thousandEvents(from: DateTime): ThousandEvents {
  const components: string[] = [zone(berlin, berlinRules), zone("W. Europe Standard Time", berlinRules), zone("Our own/Berlin", berlinRules)];
  components.push(zone("/softwarestudio.org/Olson_20011030_5/America/New_York", newYorkRules));
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

  add(250, (i) => {
    const start = from.plus({ hours: 7 * i });
    const title = `single in UTC ${i}`;
    return { events: [event(title, times(start, { hours: 1 }, utc))], happens: [instants(title, start, { hours: 1 })] };
  });
  add(250, (i) => {
    const start = at(from.plus({ days: i }), "10:30", berlin);
    const title = `single in Berlin ${i}`;
    return { events: [event(title, times(start, { minutes: 45 }, inZone(berlin)))], happens: [instants(title, start, { minutes: 45 })] };
  });
  const foreign = [
    ["W. Europe Standard Time", berlin],
    ["Our own/Berlin", berlin],
    ["/softwarestudio.org/Olson_20011030_5/America/New_York", newYork],
  ] as const;
  add(99, (i) => {
    const [tzid, real] = foreign[i % 3] ?? foreign[0];
    const start = at(from.plus({ days: 2 * i }), "16:00", real);
    const title = `single in ${tzid} ${i}`;
    return { events: [event(title, times(start, { hours: 2 }, inZone(tzid)))], happens: [instants(title, start, { hours: 2 })] };
  });
  add(150, (i) => {
    const first = from.plus({ days: i });
    const length = { days: 1 + (i % 3) };
    const title = `all day ${i}`;
    return { events: [event(title, times(first, length, asDate))], happens: [days(title, first, length)] };
  });
  add(60, (i) => {
    const start = from.plus({ days: 3 * i, hours: 8 });
    const title = `floating ${i}`;
    return { events: [event(title, times(start, { minutes: 20 }, floating))], happens: [wallClocks(title, start, { minutes: 20 })] };
  });

  // Twice a week over ten weeks, on the same wall clock whatever the clocks do.
  add(80, (i) => {
    const first = at(weekday(from.plus({ weeks: i % 20 }), 2), "09:00", berlin);
    const title = `twice a week ${i}`;
    const starts = span(10).flatMap((week) => [first.plus({ weeks: week }), first.plus({ weeks: week, days: 2 })]);
    return {
      events: [event(title, times(first, { minutes: 50 }, inZone(berlin)), "RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=20")],
      happens: starts.map((start) => instants(title, start, { minutes: 50 })),
    };
  });
  // Every other day thirty times, less two that were taken out.
  add(41, (i) => {
    const first = at(from.plus({ days: i }), "18:15", newYork);
    const title = `every other day ${i}`;
    const tzid = foreign[2][0];
    const out = [3, 7];
    const starts = span(30).map((n) => first.plus({ days: 2 * n }));
    const excluded = out.map((n) => `EXDATE;TZID=${tzid}:${local(starts[n] ?? first)}`);
    return {
      events: [event(title, times(first, { hours: 1 }, inZone(tzid)), "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=30", ...excluded)],
      happens: starts.filter((_, n) => !out.includes(n)).map((start) => instants(title, start, { hours: 1 })),
    };
  });
  // Weekly; the third one moved to the next day under another title, the sixth one cancelled.
  add(30, (i) => {
    const first = at(from.plus({ days: i }), "13:00", berlin);
    const title = `weekly with changes ${i}`;
    const starts = span(12).map((n) => first.plus({ weeks: n }));
    const [third = first, sixth = first] = [starts[2], starts[5]];
    const moved = third.plus({ days: 1, hours: 2 });
    const replaces = (start: DateTime) => `RECURRENCE-ID;TZID=${berlin}:${local(start)}`;
    const uid = uidOf(title);
    return {
      events: [
        event(title, times(first, { hours: 1 }, inZone(berlin)), "RRULE:FREQ=WEEKLY;COUNT=12"),
        vevent(uid, `SUMMARY:${title} moved`, replaces(third), ...times(moved, { hours: 1 }, inZone(berlin))),
        vevent(uid, `SUMMARY:${title} off`, replaces(sixth), "STATUS:CANCELLED", ...times(sixth, { hours: 1 }, inZone(berlin))),
      ],
      happens: starts.map((start, n) =>
        n === 2
          ? instants(`${title} moved`, moved, { hours: 1 })
          : instants(n === 5 ? `${title} off` : title, start, { hours: 1 }),
      ),
    };
  });
  add(20, (i) => {
    const first = from.plus({ months: i % 3 }).set({ day: 15 });
    const title = `monthly all day ${i}`;
    return {
      events: [event(title, times(first, { days: 1 }, asDate), "RRULE:FREQ=MONTHLY;BYMONTHDAY=15;COUNT=6")],
      happens: span(6).map((n) => days(title, first.plus({ months: n }), { days: 1 })),
    };
  });
  add(20, (i) => {
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

type Length = { days?: number; hours?: number; minutes?: number };
type Form = (name: string, time: DateTime) => string;

const utc: Form = (name, time) => `${name}:${time.toUTC().toFormat("yyyyMMdd'T'HHmmss'Z'")}`;
const inZone =
  (tzid: string): Form =>
  (name, time) =>
    `${name};TZID=${tzid}:${local(time)}`;
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

interface ZoneRules {
  readonly standard: readonly [offsetFrom: string, offsetTo: string, rule: string];
  readonly daylight: readonly [offsetFrom: string, offsetTo: string, rule: string];
}

const berlinRules: ZoneRules = {
  standard: ["+0200", "+0100", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"],
  daylight: ["+0100", "+0200", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"],
};
const newYorkRules: ZoneRules = {
  standard: ["-0400", "-0500", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"],
  daylight: ["-0500", "-0400", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"],
};

function zone(tzid: string, { standard, daylight }: ZoneRules): string {
  const part = (name: string, [from, to, rule]: ZoneRules["standard"], start: string) =>
    [`BEGIN:${name}`, `DTSTART:${start}`, `TZOFFSETFROM:${from}`, `TZOFFSETTO:${to}`, `RRULE:${rule}`, `END:${name}`].join("\r\n");
  const isAmerican = standard[0].startsWith("-");
  return [
    "BEGIN:VTIMEZONE",
    `TZID:${tzid}`,
    part("STANDARD", standard, isAmerican ? "20071104T020000" : "19701025T030000"),
    part("DAYLIGHT", daylight, isAmerican ? "20070311T020000" : "19700329T020000"),
    "END:VTIMEZONE",
  ].join("\r\n");
}
