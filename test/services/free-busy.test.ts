import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Calendar } from "../../src/entities/calendar.ts";
import type { CalendarEvent, StoredTime } from "../../src/entities/calendar-event.ts";
import type { Integration } from "../../src/entities/integration.ts";
import type { Whose } from "../../src/services/busy-calendars.ts";
import type { CalendarBusy } from "../../src/services/free-busy.ts";
import { newId } from "../../src/services/id.ts";
import { replaceOccurrences } from "../../src/services/occurrences.ts";
import { aCalendar, aCalendarEvent, anIntegration, anOccurrence, aViewer, inBerlin } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const now = new Date("2026-11-01T09:00:00Z");
const readAt = new Date("2026-11-01T08:00:00Z");
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

let tenants = 0;

/** A calendar of Ada's, in a tenant of its own. */
async function aRead(changes: Partial<Calendar> = {}, of: Partial<Integration> = {}) {
  const integration = anIntegration({ tenantId: `tenant-${++tenants}`, ...of });
  const calendar = aCalendar(integration, { lastSyncedAt: readAt, ...changes });
  await opened.save(integration, calendar);
  return { integration, calendar, viewer: aViewer({ tenantId: integration.tenantId }) };
}

/** Stores an event and, as a sync does, when it happens. */
async function put(calendar: Calendar, changes: Partial<CalendarEvent>): Promise<CalendarEvent> {
  const row = aCalendarEvent(calendar, changes);
  const happenings = await services.occurrences.ofSeriesOrSingle(row, calendar.timeZone);
  await opened.database.inTenant(calendar.tenantId, async (tx) => {
    await tx.manager.save(row);
    await replaceOccurrences(tx, calendar.id, [row.id], happenings);
  });
  return row;
}

interface Asking {
  readonly whose?: Partial<Whose>;
  readonly within?: readonly [from: string, to: string];
  readonly timeZone?: string;
  readonly fresh?: boolean;
}

function ask(
  viewer: Parameters<Services["freeBusy"]["list"]>[0],
  {
    whose = {},
    within: [from, to] = ["2026-12-01T00:00Z", "2026-12-02T00:00Z"],
    timeZone = "UTC",
    fresh = false,
  }: Asking = {},
): Promise<CalendarBusy[]> {
  return services.freeBusy.list(
    viewer,
    { userIds: [], integrationIds: [], calendarIds: [], ...whose },
    { from: new Date(from), to: new Date(to) },
    { timeZoneOf: () => timeZone, fresh },
  );
}

/** `01T09:00 01T09:45`, with a question mark when it is tentative. */
const shown = ([calendar]: readonly CalendarBusy[]) =>
  calendar?.busy?.map(
    ({ from, to, tentative }) =>
      `${from.toISOString().slice(8, 16)} ${to.toISOString().slice(8, 16)}${tentative ? " ?" : ""}`,
  );
const utc = (local: string): StoredTime => ({ kind: "zoned", local: `2026-12-${local}:00`, timeZone: "UTC" });
const attended = (...answers: readonly [string, CalendarEvent["attendees"][number]["response"]][]) =>
  answers.map(([email, response]) => ({ email, response, name: null, optional: false }));

describe("what blocks time", () => {
  it.each([
    { name: "an event", event: {}, blocks: true },
    { name: "one that is transparent", event: { transparency: "TRANSPARENT" }, blocks: false },
    { name: "one that is cancelled", event: { status: "CANCELLED" }, blocks: false },
    { name: "one that is private", event: { classification: "PRIVATE" }, blocks: true },
    { name: "one that is deleted", event: { deletedAt: now }, blocks: false },
    { name: "one that is tentative, which is marked", event: { status: "TENTATIVE" }, blocks: "tentative" },
    { name: "a creation on its way", event: { externalId: "pending:x", syncState: "PENDING" }, blocks: true },
    { name: "a creation that failed", event: { externalId: "pending:x", syncState: "FAILED" }, blocks: false },
    { name: "one whose change failed", event: { syncState: "FAILED" }, blocks: true },
    {
      name: "an invitation without an answer",
      event: { attendees: attended(["ada@example.com", "NEEDS_ACTION"]) },
      blocks: true,
    },
    {
      name: "one that the owner declined",
      event: { attendees: attended(["ada@example.com", "DECLINED"], ["bob@example.com", "ACCEPTED"]) },
      blocks: false,
    },
    {
      name: "one that somebody else declined",
      event: { attendees: attended(["ada@example.com", "ACCEPTED"], ["bob@example.com", "DECLINED"]) },
      blocks: true,
    },
    {
      name: "one that the owner may come to, which is marked",
      event: { attendees: attended(["ada@example.com", "TENTATIVE"]) },
      blocks: "tentative",
    },
    {
      name: "one that the owner declined under one address and accepted under another",
      event: { attendees: attended(["ada@example.com", "DECLINED"], ["ada@home.example", "ACCEPTED"]) },
      blocks: true,
    },
    {
      name: "one that the owner declined under another address",
      event: { attendees: attended(["ada@home.example", "DECLINED"]) },
      blocks: false,
    },
  ] satisfies { name: string; event: Partial<CalendarEvent>; blocks: boolean | "tentative" }[])(
    "$name: $blocks",
    async ({ event, blocks }) => {
      const { calendar, viewer } = await aRead(
        {},
        { accountName: "Ada@Example.com", settings: { addresses: "ada@home.example ada@work.example" } },
      );
      await put(calendar, event);
      // The same outside of what is stored, where series are expanded.
      await put(calendar, {
        ...event,
        ...{ kind: "SERIES", recurrence: ["RRULE:FREQ=YEARLY"], externalId: `${event.externalId ?? "a"}-series` },
        ...{ start: inBerlin("2027-12-01T10:00:00"), end: inBerlin("2027-12-01T10:45:00") },
      });
      const expected = blocks === false ? [] : [`01T09:00 01T09:45${blocks === "tentative" ? " ?" : ""}`];
      expect(shown(await ask(viewer))).toEqual(expected);
      expect(shown(await ask(viewer, { within: ["2046-12-01T00:00Z", "2046-12-02T00:00Z"] }))).toEqual(expected);
    },
  );

  it("in a colleague's calendar asks the colleague's answer, not that of the account it was found in", async () => {
    const colleague = { externalId: "bob@example.com", primary: false };
    const { calendar, viewer } = await aRead(colleague);
    await put(calendar, { attendees: attended(["ada@example.com", "DECLINED"], ["bob@example.com", "ACCEPTED"]) });
    expect(shown(await ask(viewer))).toEqual(["01T09:00 01T09:45"]);
    const other = await aRead(colleague);
    await put(other.calendar, {
      attendees: attended(["ada@example.com", "ACCEPTED"], ["bob@example.com", "DECLINED"]),
    });
    expect(shown(await ask(other.viewer))).toEqual([]);
  });

  it("is joined where it overlaps or touches, cut off at the range, and what is firm covers what is tentative", async () => {
    const { calendar, viewer } = await aRead();
    const tentative = { status: "TENTATIVE" } as const;
    await put(calendar, { start: utc("01T09:00"), end: utc("01T10:00") });
    await put(calendar, { start: utc("01T10:00"), end: utc("01T11:00") });
    await put(calendar, { start: utc("01T10:30"), end: utc("01T10:45") });
    await put(calendar, { ...tentative, start: utc("01T08:30"), end: utc("01T12:00") });
    await put(calendar, { start: utc("01T14:00"), end: utc("01T14:00") });
    await put(calendar, { start: utc("01T23:00"), end: utc("02T01:00") });
    await put(calendar, { start: utc("02T00:00"), end: utc("02T01:00") });
    expect(shown(await ask(viewer))).toEqual([
      "01T08:30 01T09:00 ?",
      "01T09:00 01T11:00",
      "01T11:00 01T12:00 ?",
      "01T23:00 02T00:00",
    ]);
  });

  it("is an event that began months ago, and nothing that ended as the range begins", async () => {
    const { calendar, viewer } = await aRead();
    const months = aCalendarEvent(calendar, {
      start: inBerlin("2026-06-01T00:00:00"),
      end: inBerlin("2026-12-01T13:00:00"),
    });
    const times = { startAt: new Date("2026-05-31T22:00Z"), endAt: new Date("2026-12-01T12:00Z"), long: true };
    await opened.save(months, anOccurrence(months, times));
    await put(calendar, { start: inBerlin("2026-11-10T00:00:00"), end: utc("01T10:00") });
    await put(calendar, { start: utc("01T15:00"), end: utc("01T16:00") });
    expect(shown(await ask(viewer, { within: ["2026-12-01T11:00Z", "2026-12-01T15:00Z"] }))).toEqual([
      "01T11:00 01T12:00",
    ]);
  });

  it("is a series without its cancelled and moved occurrences, stored or not", async () => {
    const { calendar, viewer } = await aRead();
    const at = (local: string) => inBerlin(`${local}:00`);
    for (const year of ["2026", "2036"]) {
      const series = await put(calendar, {
        ...{ kind: "SERIES", recurrence: ["RRULE:FREQ=DAILY;COUNT=4"] },
        ...{ start: at(`${year}-12-01T10:00`), end: at(`${year}-12-01T10:45`) },
      });
      const change = async (day: string, changes: Partial<CalendarEvent>, hour: string) => {
        const key = { kind: "OCCURRENCE", seriesId: series.id, recurrenceKey: `${year}12${day}T090000Z` } as const;
        const row = aCalendarEvent(calendar, { ...key, externalId: series.externalId, ...changes });
        const occurrence = anOccurrence(row, {
          ...{ eventId: series.id, recurrenceKey: key.recurrenceKey },
          startAt: new Date(`${year}-12-${day}T${hour}:00Z`),
          endAt: new Date(`${year}-12-${day}T${hour}:45Z`),
        });
        await opened.save(row, occurrence);
      };
      await change("02", { status: "CANCELLED" }, "09");
      await change("03", {}, "15");
      const within = [`${year}-12-01T00:00Z`, `${year}-12-09T00:00Z`] as const;
      expect(shown(await ask(viewer, { within }))).toEqual([
        "01T09:00 01T09:45",
        "03T15:00 03T15:45",
        "04T09:00 04T09:45",
      ]);
    }
  });
});

describe("whole days and floating times", () => {
  const whole: Partial<CalendarEvent> = {
    start: { kind: "date", date: "2026-12-01" },
    end: { kind: "date", date: "2026-12-02" },
  };
  const floating: Partial<CalendarEvent> = {
    start: { kind: "floating", local: "2026-12-01T22:00:00" },
    end: { kind: "floating", local: "2026-12-01T23:00:00" },
  };

  it.each([
    { own: "Europe/Berlin", asked: "America/New_York", busy: ["30T23:00 01T23:00", "01T21:00 01T22:00"] },
    { own: null, asked: "America/New_York", busy: ["01T05:00 02T05:00", "02T03:00 02T04:00"] },
    { own: null, asked: "Pacific/Kiritimati", busy: ["30T10:00 01T10:00", "01T08:00 01T09:00"] },
    { own: null, asked: "UTC", busy: ["01T00:00 02T00:00", "01T22:00 01T23:00"] },
  ])("are in the calendar's zone, $own, else in the one that is asked for, $asked", async ({ own, asked, busy }) => {
    const days = await aRead({ timeZone: own });
    const times = await aRead({ timeZone: own });
    await put(days.calendar, whole);
    await put(times.calendar, floating);
    const asking = { within: ["2026-11-29T00:00Z", "2026-12-04T00:00Z"], timeZone: asked } as const;
    expect([await ask(days.viewer, asking), await ask(times.viewer, asking)].flatMap(shown)).toEqual(busy);
  });

  it("are found where they are, although they are stored elsewhere", async () => {
    const { calendar, viewer } = await aRead({ timeZone: null });
    await put(calendar, whole);
    const within = ["2026-11-30T10:00Z", "2026-11-30T12:00Z"] as const;
    expect(shown(await ask(viewer, { within, timeZone: "Pacific/Kiritimati" }))).toEqual(["30T10:00 30T12:00"]);
    expect(shown(await ask(viewer, { within, timeZone: "UTC" }))).toEqual([]);
  });
});

describe("how busy times are read", () => {
  it("is told: from the mirror, as of the last complete reading", async () => {
    const { calendar, integration, viewer } = await aRead();
    expect(await ask(viewer)).toEqual([
      {
        ...{ calendarId: calendar.id, integrationId: integration.id, userId: "ada" },
        ...{ busy: [], source: "MIRROR", asOf: readAt, problem: null },
      },
    ]);
  });

  it.each([
    { status: "NEEDS_REAUTH", code: "REAUTHORIZATION_REQUIRED" },
    { status: "DEGRADED", code: undefined },
  ] as const)("from the mirror when the integration is $status, saying $code", async ({ status, code }) => {
    const { calendar, viewer } = await aRead({}, { status });
    await put(calendar, {});
    const [busy] = await ask(viewer);
    expect(busy).toMatchObject({ source: "MIRROR", asOf: readAt });
    expect(busy?.busy).toHaveLength(1);
    expect(busy?.problem?.code).toBe(code);
  });

  it.each([
    { status: "ACTIVE", code: "PREREQUISITE_MISSING" },
    { status: "NEEDS_REAUTH", code: "REAUTHORIZATION_REQUIRED" },
  ] as const)("cannot be told before the first complete reading, $status: $code", async ({ status, code }) => {
    const { calendar, viewer } = await aRead({ lastSyncedAt: null }, { status });
    await put(calendar, {});
    expect(await ask(viewer)).toMatchObject([
      { busy: null, source: null, asOf: null, problem: { code, remedy: expect.any(String) } },
    ]);
  });

  it.each([
    { name: "whose recurrence cannot be followed", changes: {}, code: "PROVIDER_REPLY_INVALID" },
    { name: "that blocks nothing", changes: { transparency: "TRANSPARENT" }, code: undefined },
    { name: "that is deleted", changes: { deletedAt: now }, code: undefined },
    { name: "whose last change failed", changes: { syncState: "FAILED" }, code: undefined },
    { name: "of another calendar", changes: { calendarId: newId(now) }, code: undefined },
  ] satisfies { name: string; changes: Partial<CalendarEvent>; code: string | undefined }[])(
    "may be incomplete because of a series $name: $code",
    async ({ changes, code }) => {
      const { calendar, viewer } = await aRead();
      const problem = { code: "x", message: "x", fault: "us", retryable: false, remedy: null, providerCode: null };
      await put(calendar, { kind: "SERIES", recurrence: ["RRULE:FREQ=DAILY;COUNT=1"], problem, ...changes });
      const [busy] = await ask(viewer, { within: ["2026-12-09T00:00Z", "2026-12-10T00:00Z"] });
      expect(busy).toMatchObject({ busy: [], source: "MIRROR" });
      expect(busy?.problem?.code).toBe(code);
    },
  );

  it.each([
    { name: "cannot tell", of: {}, code: "UNSUPPORTED_CAPABILITY" },
    { name: "refuses the login", of: { status: "NEEDS_REAUTH" }, code: "REAUTHORIZATION_REQUIRED" },
    { name: "has no credentials", of: { provider: "GOOGLE_CALENDAR" }, code: "NOT_FOUND" },
  ] satisfies { name: string; of: Partial<Integration>; code: string }[])(
    "from the mirror when the provider is to be asked and $name, saying $code",
    async ({ of, code }) => {
      const { calendar, viewer } = await aRead({}, of);
      await put(calendar, {});
      const answer = await ask(viewer, { fresh: true });
      expect(answer).toMatchObject([{ source: "MIRROR", asOf: readAt, problem: { code } }]);
      expect(shown(answer)).toEqual(["01T09:00 01T09:45"]);
    },
  );

  it("is refused for more than 62 days, for none, and for more than a hundred names", async () => {
    const { viewer } = await aRead();
    const refused = { code: "INVALID_INPUT", field: ["input"] };
    expect(await ask(viewer, { within: ["2026-12-01T00:00Z", "2027-02-01T00:00Z"] })).toHaveLength(1);
    await expect(ask(viewer, { within: ["2026-12-01T00:00Z", "2027-02-01T00:01Z"] })).rejects.toMatchObject(refused);
    await expect(ask(viewer, { within: ["2026-12-01T00:00Z", "2026-12-01T00:00Z"] })).rejects.toMatchObject(refused);
    const userIds = Array.from({ length: 101 }, (_, index) => `user-${index}`);
    await expect(ask(viewer, { whose: { userIds } })).rejects.toMatchObject(refused);
  });
});

describe("whose busy times", () => {
  it("are the viewer's own when nobody is named, else those of everything that is", async () => {
    const { calendar, integration, viewer } = await aRead();
    const bobs = anIntegration({ tenantId: viewer.tenantId, ownerId: "bob" });
    const house = anIntegration({ tenantId: viewer.tenantId, ownership: "TENANT" });
    const [first, second, room] = [bobs, bobs, house].map((of) => aCalendar(of, { lastSyncedAt: readAt }));
    if (!first || !second || !room) throw new Error("There is nothing");
    await opened.save(bobs, house, first, second, room);
    const ids = async (whose: Partial<Whose>) =>
      (await ask(viewer, { whose })).map(({ calendarId }) => calendarId).sort();

    expect(await ids({})).toEqual([calendar.id]);
    expect(await ids({ userIds: ["bob"] })).toEqual([first.id, second.id].sort());
    expect(await ids({ integrationIds: [integration.id], calendarIds: [second.id] })).toEqual(
      [calendar.id, second.id].sort(),
    );
    expect(await ids({ userIds: ["ada"], integrationIds: [integration.id], calendarIds: [calendar.id] })).toEqual([
      calendar.id,
    ]);
    expect(await ask(viewer, { whose: { integrationIds: [house.id] } })).toMatchObject([
      { calendarId: room.id, userId: null },
    ]);
  });

  it.each([
    { name: "somebody without a calendar", change: null },
    { name: "a calendar that is not selected", change: { calendar: { selected: false } } },
    { name: "a calendar that the vendor no longer has", change: { calendar: { removedAt: now } } },
    { name: "a disconnected integration", change: { integration: { status: "DISCONNECTED" } } },
    { name: "a private integration", change: { integration: { visibility: "PRIVATE" } } },
  ] satisfies { name: string; change: { calendar?: Partial<Calendar>; integration?: Partial<Integration> } | null }[])(
    "are not found, which is not free, of $name",
    async ({ change }) => {
      const { viewer } = await aRead();
      const integration = anIntegration({ tenantId: viewer.tenantId, ownerId: "bob", ...change?.integration });
      const calendar = aCalendar(integration, { lastSyncedAt: readAt, ...change?.calendar });
      if (change) await opened.save(integration, calendar);
      const whose = { userIds: ["bob"], integrationIds: [integration.id], calendarIds: [calendar.id] };
      const nothing = { calendarId: null, integrationId: null, userId: null, busy: null, source: null, asOf: null };
      const problem = { code: "NOT_FOUND", remedy: expect.any(String) };
      expect(await ask(viewer, { whose })).toMatchObject([
        { ...nothing, problem, userId: "bob" },
        { ...nothing, problem, integrationId: integration.id },
        { ...nothing, problem, calendarId: calendar.id },
      ]);
    },
  );

  it("are not found by names that cannot be any", async () => {
    const { viewer } = await aRead();
    const whose = { userIds: ["a\0b"], integrationIds: ["nonsense"], calendarIds: ["", newId(now)] };
    expect((await ask(viewer, { whose })).map(({ problem }) => problem?.code)).toEqual(Array(4).fill("NOT_FOUND"));
  });
});
