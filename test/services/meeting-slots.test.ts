import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Calendar } from "../../src/entities/calendar.ts";
import type { CalendarEvent, StoredTime } from "../../src/entities/calendar-event.ts";
import type { Interval } from "../../src/providers/calendar/provider.ts";
import { type MeetingRequest, officeHours, weekdays } from "../../src/services/meeting-slots.ts";
import { replaceOccurrences } from "../../src/services/occurrences.ts";
import { aCalendar, aCalendarEvent, anIntegration, aViewer } from "../support/builders.ts";
import { type Person, slotsMinuteByMinute } from "../support/minute-by-minute.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";
import { Seeded } from "../support/seeded.ts";

const now = new Date("2026-03-01T09:00:00Z");
let opened: OpenedDatabase;
let services: Services;

beforeAll(async () => {
  opened = await openTestDatabase();
  services = await openServices(opened, { now: () => now });
});
afterAll(async () => {
  await services.close();
  await opened.close();
});

/** An hour between these two, for Ada alone unless somebody says otherwise. */
function aMeeting(from: string, to: string, changes: Partial<MeetingRequest> = {}): MeetingRequest {
  return {
    participants: [{ userId: "ada", optional: false, timeZone: null, workingHours: null }],
    within: { from: new Date(from), to: new Date(to) },
    timeZone: "Europe/Berlin",
    workingHours: officeHours,
    durationMinutes: 60,
    bufferBeforeMinutes: 0,
    bufferAfterMinutes: 0,
    granularityMinutes: 60,
    maxSlots: 200,
    fresh: false,
    ...changes,
  };
}

async function aPersonsCalendar(tenantId: string, ownerId: string, changes: Partial<Calendar> = {}): Promise<Calendar> {
  const integration = anIntegration({ tenantId, ownerId, accountName: `${ownerId}@example.com` });
  const calendar = aCalendar(integration, { lastSyncedAt: now, ...changes });
  await opened.save(integration, calendar);
  return calendar;
}

/** Stores an event and, as a sync does, when it happens. */
async function put(calendar: Calendar, changes: Partial<CalendarEvent>): Promise<void> {
  const row = aCalendarEvent(calendar, changes);
  const happenings = await services.occurrences.ofSeriesOrSingle(row, calendar.timeZone);
  await opened.database.inTenant(calendar.tenantId, async (tx) => {
    await tx.manager.save(row);
    await replaceOccurrences(tx, calendar.id, [row.id], happenings);
  });
}

describe("slots in random calendars, in weeks when clocks are moved", () => {
  const zones = [
    ...["Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns", "America/Sao_Paulo"],
    ...["Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Africa/Casablanca", "UTC"],
  ] as unknown as readonly [string, ...string[]];
  /** When clocks are moved here or there; the last ones are far outside of what is stored. */
  const days = [
    ...["2026-03-08", "2026-03-29", "2026-04-05", "2026-06-17", "2026-09-27", "2026-10-04", "2026-10-25", "2026-11-01"],
    ...["2031-03-30", "2031-11-02"],
  ] as unknown as readonly [string, ...string[]];
  const minuteMs = 60_000;

  function aPerson(random: Seeded, userId: string): Omit<Person, "busy"> {
    const hour = (least: number, most: number) =>
      `${String(random.whole(least, most)).padStart(2, "0")}:${random.oneOf(["00", "15", "30"])}`;
    const day = { days: random.some(weekdays, 0.8), start: hour(0, 11), end: hour(14, 23) };
    const night = { days: random.some(weekdays, 0.7), start: hour(18, 23), end: hour(1, 9) };
    const always = { days: [...weekdays], start: "00:00", end: "24:00" };
    const workingHours = random.oneOf([[day], [day, night], [night], [always]]);
    return { userId, optional: userId !== "user-0", timeZone: random.oneOf(zones), workingHours };
  }

  /** An event, and when it blocks its calendar, as luxon reckons it. */
  function anEvent(random: Seeded, around: Date, address: string, calendarZone: string) {
    const utc = DateTime.fromJSDate(around, { zone: "utc" });
    const start = utc.plus({ minutes: 5 * random.whole(-300, 900) });
    const lengthMinutes = 5 * random.whole(1, 60);
    const status = random.oneOf(["CONFIRMED", "CONFIRMED", "TENTATIVE", "CANCELLED"] as const);
    const transparency = random.oneOf(["OPAQUE", "OPAQUE", "OPAQUE", "TRANSPARENT"] as const);
    const response = random.oneOf(["ACCEPTED", "NEEDS_ACTION", "DECLINED"] as const);
    const attendees = [{ email: address, name: null, optional: false, response }];
    const fields = { status, transparency, attendees };
    const blocks = status !== "CANCELLED" && transparency === "OPAQUE" && response !== "DECLINED";
    const of = (changes: Partial<CalendarEvent>, times: readonly Interval[]) => ({
      changes: { ...fields, ...changes },
      busy: blocks ? times : [],
    });
    const span = (from: Date, minutes: number): Interval => ({
      from,
      to: new Date(from.getTime() + minutes * minuteMs),
    });

    switch (random.oneOf(["zoned", "days", "floating", "daily"] as const)) {
      case "zoned": {
        const zone = random.oneOf(zones);
        const end = start.plus({ minutes: lengthMinutes });
        return of({ start: zoned(start, zone), end: zoned(end, zone) }, [span(start.toJSDate(), lengthMinutes)]);
      }
      case "days": {
        const last = start.plus({ days: random.whole(1, 2) });
        const time = (day: DateTime): StoredTime => ({ kind: "date", date: day.toISODate() ?? "" });
        const interval = {
          from: clock(start.startOf("day"), calendarZone),
          to: clock(last.startOf("day"), calendarZone),
        };
        return of({ start: time(start), end: time(last) }, [interval]);
      }
      case "floating": {
        const end = start.plus({ minutes: lengthMinutes });
        const time = (wall: DateTime): StoredTime => ({ kind: "floating", local: localOf(wall) });
        const interval = { from: clock(start, calendarZone), to: clock(end, calendarZone) };
        return of({ start: time(start), end: time(end) }, [interval]);
      }
      case "daily": {
        const zone = random.oneOf(zones);
        const first = start.minus({ days: 3 });
        const time = (wall: DateTime): StoredTime => ({ kind: "zoned", local: localOf(wall), timeZone: zone });
        const from = clock(first, zone);
        const end = DateTime.fromJSDate(span(from, lengthMinutes).to, { zone });
        const changes = { kind: "SERIES" as const, recurrence: ["RRULE:FREQ=DAILY;COUNT=9"] };
        const times = Array.from({ length: 9 }, (_, index) =>
          span(clock(first.plus({ days: index }), zone), lengthMinutes),
        );
        return of({ ...changes, start: time(first), end: zoned(end, zone) }, times);
      }
    }
  }

  it.each(Array.from({ length: 40 }, (_, seed) => seed))("are those found minute by minute: seed %i", async (seed) => {
    const random = new Seeded(seed);
    const tenantId = `tenant-${seed}`;
    const from = new Date(Date.parse(`${random.oneOf(days)}T00:00:00Z`) - 5 * random.whole(0, 300) * minuteMs);
    const within = { from, to: new Date(from.getTime() + 3 * 24 * 60 * minuteMs) };
    const people: Person[] = [];
    for (const userId of ["user-0", "user-1", "user-2"].slice(0, random.whole(1, 3))) {
      const person = { ...aPerson(random, userId), optional: userId !== "user-0" && random.fraction() < 0.6 };
      const timeZone = random.oneOf([null, random.oneOf(zones)]);
      const calendar = await aPersonsCalendar(tenantId, userId, { timeZone });
      const events = Array.from({ length: random.whole(0, 5) }, () =>
        anEvent(random, from, `${userId}@example.com`, timeZone ?? person.timeZone),
      );
      for (const { changes } of events) await put(calendar, changes);
      people.push({ ...person, busy: events.flatMap(({ busy }) => busy) });
    }
    const meeting = {
      within,
      timeZone: random.oneOf(zones),
      durationMinutes: random.oneOf([15, 30, 45, 60, 90, 200]),
      bufferBeforeMinutes: random.oneOf([0, 0, 5, 30]),
      bufferAfterMinutes: random.oneOf([0, 0, 10, 60]),
      granularityMinutes: random.oneOf([5, 10, 15, 15, 25, 45, 60]),
    };
    const participants = people.map(({ busy: _, ...participant }) => participant);
    const request = { ...aMeeting("2026-01-01", "2026-01-02"), ...meeting, participants };

    const found = await services.meetingSlots.find(aViewer({ tenantId }), request);

    const shown = found.map(({ start, freeUserIds }) => [start.toISOString(), ...freeUserIds].join(" "));
    expect(shown).toEqual(slotsMinuteByMinute(people, meeting).slice(0, request.maxSlots));
    const lengths = found.map(({ start, end }) => (end.getTime() - start.getTime()) / minuteMs);
    expect(lengths.every((length) => length === meeting.durationMinutes)).toBe(true);
  });

  /** A wall clock in a zone, the first time that clocks show it. */
  function clock(wall: DateTime, zone: string): Date {
    const shown = wall.setZone(zone, { keepLocalTime: true });
    return new Date(Math.min(...shown.getPossibleOffsets().map((one) => one.toMillis())));
  }

  function localOf(time: DateTime): string {
    return time.toFormat("yyyy-MM-dd'T'HH:mm:ss");
  }

  /** In UTC when clocks in the zone show the time for the second time. */
  function zoned(instant: DateTime, zone: string): StoredTime {
    const there = instant.setZone(zone);
    const isFirst = clock(there, zone).getTime() === instant.toMillis();
    return isFirst
      ? { kind: "zoned", local: localOf(there), timeZone: zone }
      : { kind: "zoned", local: localOf(instant.toUTC()), timeZone: "UTC" };
  }
});

describe("a week in which clocks are moved", () => {
  const firstSlots = async (from: string, to: string, changes: Partial<MeetingRequest> = {}) => {
    const tenantId = `week-${from}`;
    const owners = await opened.look("SELECT id FROM integration WHERE tenant_id = $1", [tenantId]);
    if (owners.length === 0) for (const userId of ["ada", "bob"]) await aPersonsCalendar(tenantId, userId);
    const request = aMeeting(from, to, { granularityMinutes: 240, ...changes });
    const slots = await services.meetingSlots.find(aViewer({ tenantId }), request);
    return slots.map(({ start }) => start.toISOString().slice(0, 16));
  };

  it("has its working days at nine on the clocks there, before and after", async () => {
    const days = await firstSlots("2026-03-27T00:00:00+01:00", "2026-04-01T00:00:00+02:00", { durationMinutes: 300 });
    expect(days).toEqual(["2026-03-27T11:00", "2026-03-30T10:00", "2026-03-31T10:00"]);
  });

  it("shifts two zones against each other while only one has moved", async () => {
    const bob = { userId: "bob", optional: false, timeZone: "America/New_York", workingHours: null };
    const participants = [...aMeeting("2026-03-01", "2026-03-02").participants, bob];
    const of = (day: string) =>
      firstSlots(`${day}T00:00:00Z`, `${day}T23:59:00Z`, { participants, granularityMinutes: 60 });
    expect(await of("2026-03-06")).toEqual(["2026-03-06T14:00", "2026-03-06T15:00"]);
    expect(await of("2026-03-09")).toEqual(["2026-03-09T13:00", "2026-03-09T14:00", "2026-03-09T15:00"]);
    expect(await of("2026-03-30")).toEqual(["2026-03-30T13:00", "2026-03-30T14:00"]);
  });

  it("has meetings as long as they are elsewhere, also over the hour that is skipped or repeated", async () => {
    const workingHours = [{ days: [...weekdays], start: "22:00", end: "06:00" }];
    const longest = (day: string, next: string, hours: number) =>
      firstSlots(`${day}T12:00:00Z`, `${next}T12:00:00Z`, {
        workingHours,
        durationMinutes: hours * 60,
        granularityMinutes: 60,
      });
    expect(await longest("2026-03-27", "2026-03-28", 8)).toEqual(["2026-03-27T21:00"]);
    expect(await longest("2026-03-28", "2026-03-29", 8)).toEqual([]);
    expect(await longest("2026-03-28", "2026-03-29", 7)).toEqual(["2026-03-28T21:00"]);
    expect(await longest("2026-10-24", "2026-10-25", 9)).toEqual(["2026-10-24T20:00"]);
  });
});

describe("a participant whose calendar cannot be read", () => {
  const ask = (tenantId: string, ...optional: boolean[]) => {
    const participants = ["ada", "bob"].map((userId, index) => ({
      ...{ userId, timeZone: null, workingHours: null },
      optional: optional[index] ?? false,
    }));
    const request = aMeeting("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", { participants, maxSlots: 1 });
    return services.meetingSlots.find(aViewer({ tenantId }), request);
  };

  it.each([
    { name: "there is none", give: async () => {} },
    {
      name: "it is kept private",
      give: async (tenantId: string) => {
        const integration = anIntegration({ tenantId, ownerId: "bob", visibility: "PRIVATE" });
        await opened.save(integration, aCalendar(integration, { lastSyncedAt: now }));
      },
    },
    {
      name: "it is not selected",
      give: (tenantId: string) => aPersonsCalendar(tenantId, "bob", { selected: false }),
    },
    {
      name: "one of two was never read",
      give: async (tenantId: string) => {
        await aPersonsCalendar(tenantId, "bob");
        await aPersonsCalendar(tenantId, "bob", { lastSyncedAt: null });
      },
    },
  ])("is told with what to do about it, and is not free, when $name", async ({ name, give }) => {
    const tenantId = `unread-${name}`;
    await aPersonsCalendar(tenantId, "ada");
    await give(tenantId);
    await expect(ask(tenantId, false, false)).rejects.toMatchObject({
      code: "PREREQUISITE_MISSING",
      field: ["input", "participants", "1", "userId"],
      remedy: expect.any(String),
    });
    expect(await ask(tenantId, false, true)).toMatchObject([{ freeUserIds: [] }]);
  });

  it("is told the same way whether it is private or not there", async () => {
    const errors = await Promise.all(
      ["unread-there is none", "unread-it is kept private"].map((tenantId) => ask(tenantId).catch((error) => error)),
    );
    expect(errors[0]).toMatchObject({ message: errors[1].message, remedy: errors[1].remedy, code: errors[1].code });
  });
});

describe("a question that makes no sense", () => {
  const hours = (start: string, end: string) => [{ days: ["MONDAY" as const], start, end }];

  it.each([
    { name: "a range that ends before it begins", changes: { within: { from: now, to: now } }, field: [] },
    { name: "no length", changes: { durationMinutes: 0 }, field: ["durationMinutes"] },
    { name: "more than a day", changes: { durationMinutes: 1441 }, field: ["durationMinutes"] },
    { name: "a negative buffer", changes: { bufferBeforeMinutes: -1 }, field: ["bufferBeforeMinutes"] },
    { name: "no step", changes: { granularityMinutes: 0 }, field: ["granularityMinutes"] },
    { name: "no slots", changes: { maxSlots: 0 }, field: ["maxSlots"] },
    { name: "nobody", changes: { participants: [] }, field: ["participants"] },
    {
      name: "hours without length",
      changes: { workingHours: hours("09:00", "09:00") },
      field: ["workingHours", "0", "end"],
    },
    {
      name: "an hour there is not",
      changes: { workingHours: hours("09:00", "24:15") },
      field: ["workingHours", "0", "end"],
    },
    {
      name: "a start at the end",
      changes: { workingHours: hours("24:00", "09:00") },
      field: ["workingHours", "0", "start"],
    },
    { name: "a word", changes: { workingHours: hours("nine", "17:00") }, field: ["workingHours", "0", "start"] },
  ])("is refused, with the field: $name", async ({ changes, field }) => {
    const request = aMeeting("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", changes);
    const found = services.meetingSlots.find(aViewer(), request);
    await expect(found).rejects.toMatchObject({ code: "INVALID_INPUT", field: ["input", ...field] });
  });

  it("is one for a stranger without the scope, too", async () => {
    const request = aMeeting("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
    const viewer = aViewer({ scopes: ["integrations:read"] });
    await expect(services.meetingSlots.find(viewer, request)).rejects.toMatchObject({ scope: "calendar:read" });
  });
});
