import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";
import { startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { aCalendar, aCalendarEvent, anIntegration, anOccurrence, inBerlin } from "../support/builders.ts";
import { dataOf } from "../support/journey.ts";

const many = 100;
const tenantId = "acme";
const readAt = new Date("2026-11-01T08:00:00Z");
const indexes = Array.from({ length: many }, (_, index) => index);

/** Of a hundred users; each has as many events, and series, as the ones before. */
const integrations = indexes.map((index) => anIntegration({ tenantId, ownerId: `user-${index}`, visibility: "BUSY" }));
const calendars = integrations.map((integration) => aCalendar(integration, { lastSyncedAt: readAt }));
const singles = calendars.flatMap((calendar, index) =>
  indexes.slice(0, index).map((hour) => ({
    event: aCalendarEvent(calendar, { title: "Secret plan" }),
    startAt: new Date(Date.UTC(2026, 11, 1, hour)),
    endAt: new Date(Date.UTC(2026, 11, 1, hour, 30)),
  })),
);
const series = calendars.map((calendar) =>
  aCalendarEvent(calendar, {
    kind: "SERIES",
    start: inBerlin("2026-12-01T08:00:00"),
    end: inBerlin("2026-12-01T08:15:00"),
    recurrence: ["RRULE:FREQ=DAILY"],
  }),
);

let app: TestApp;
let ada: TestCaller;
let statements: string[] = [];

beforeAll(async () => {
  app = await startTestApp({ env: { ROLES: "api" }, onStatement: (sql) => statements.push(sql) });
  const dataSource = await createDataSource(app.databaseUrl, { poolSize: 1 }).initialize();
  const happenings = singles.map(({ event, startAt, endAt }) => anOccurrence(event, { startAt, endAt }));
  await new Database(dataSource).inTenant(tenantId, async (tx) => {
    for (const rows of [integrations, calendars, series, singles.map(({ event }) => event), happenings]) {
      await tx.manager.save(rows, { chunk: 500 });
    }
  });
  await dataSource.destroy();
  ada = await app.as({ tenantId, userId: "ada" });
});
afterAll(() => app.stop());

const freeBusy = `query ($input: FreeBusyInput!) {
  freeBusy(input: $input) {
    calendarId integrationId userId source asOf busy { start end tentative } problem { code remedy }
    calendar { name } user { id }
  }
}`;
const meetingSlots =
  "query ($input: MeetingSlotsInput!) { meetingSlots(input: $input) { start end freeOptionalUserIds } }";

/** What one operation answers, and how many statements it took. */
async function counted(query: string, input: Record<string, unknown>) {
  statements = [];
  const data = dataOf(await ada.query(query, { input }));
  return { data, statements: statements.length };
}

const users = (count: number) => indexes.slice(many - count).map((index) => `user-${index}`);
const december = { from: "2026-12-01T00:00:00Z", to: "2026-12-08T00:00:00Z" };

describe("the number of statements", () => {
  it.each([
    { name: "in what is stored", range: december },
    { name: "far outside of it", range: { from: "2046-12-01T00:00:00Z", to: "2046-12-08T00:00:00Z" } },
  ])("of freeBusy and meetingSlots is the same for many people and events as for one, $name", async ({ range }) => {
    const one = await counted(freeBusy, { ...range, userIds: ["user-1"] });
    const hundred = await counted(freeBusy, { ...range, userIds: users(many) });
    expect(one.data.freeBusy).toHaveLength(1);
    expect(hundred.data.freeBusy).toHaveLength(many);
    expect(hundred.statements).toBe(one.statements);

    const meeting = (userIds: string[]) => ({
      ...{ ...range, durationMinutes: 30, timeZone: "Europe/Berlin" },
      participants: userIds.map((userId) => ({ userId })),
    });
    const alone = await counted(meetingSlots, meeting(["user-1"]));
    const fifty = await counted(meetingSlots, meeting(users(50)));
    expect(alone.data.meetingSlots).toHaveLength(20);
    expect(fifty.statements).toBe(alone.statements);
  });
});

describe("the busy times of somebody else", () => {
  it("tell nothing but the times: neither the event, nor the calendar, nor whose account it is", async () => {
    const { data } = await counted(freeBusy, { ...december, userIds: ["user-2"] });
    expect(data.freeBusy).toEqual([
      {
        calendarId: calendars[2]?.id,
        integrationId: integrations[2]?.id,
        userId: "user-2",
        user: { id: "user-2" },
        calendar: null,
        source: "MIRROR",
        asOf: readAt.toISOString(),
        problem: null,
        busy: [
          { start: "2026-12-01T00:00:00.000Z", end: "2026-12-01T00:30:00.000Z", tentative: false },
          { start: "2026-12-01T01:00:00.000Z", end: "2026-12-01T01:30:00.000Z", tentative: false },
        ],
      },
    ]);
    expect(JSON.stringify(data)).not.toMatch(/Secret|example\.com/);
  });
});

describe("asking too much", () => {
  it("is refused before anything is read: fifty times in one operation", async () => {
    const times = (count: number) =>
      `query ($input: FreeBusyInput!) { ${indexes
        .slice(0, count)
        .map((index) => `a${index}: freeBusy(input: $input) { userId }`)
        .join(" ")} }`;
    expect((await counted(times(2), { ...december, userIds: ["user-1"] })).data.a1).toHaveLength(1);
    const { errors } = await ada.query(times(50), { input: december });
    expect(errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
  });

  it.each([
    { name: "the beginning of years", from: "0000-01-01T00:00:00Z", to: "0000-03-01T00:00:00Z" },
    { name: "the end of years", from: "9999-11-01T00:00:00Z", to: "9999-12-31T23:59:59Z" },
  ])("of $name has an answer all the same", async ({ from, to }) => {
    const { data } = await counted(freeBusy, { from, to, userIds: ["user-1"] });
    expect(data.freeBusy).toMatchObject([{ problem: null, busy: expect.any(Array) }]);
    const meeting = { from, to, durationMinutes: 30, timeZone: "Asia/Kathmandu", bufferAfterMinutes: 1440 };
    const { errors } = await ada.query(meetingSlots, { input: { ...meeting, participants: [{ userId: "user-1" }] } });
    expect(errors).toBeUndefined();
  });
});

describe("what makes no sense", () => {
  it("is told as INVALID_INPUT, with the field", async () => {
    const meeting = { ...december, durationMinutes: 0, timeZone: "Europe/Berlin", participants: [{ userId: "ada" }] };
    const { data, errors } = await ada.query(meetingSlots, { input: meeting });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: "INVALID_INPUT", field: ["input", "durationMinutes"] } }]);
  });

  it("is a meeting with somebody whose calendar cannot be read: told with the remedy", async () => {
    const meeting = {
      ...december,
      durationMinutes: 30,
      timeZone: "Europe/Berlin",
      participants: [{ userId: "nobody" }],
    };
    const { errors } = await ada.query(meetingSlots, { input: meeting });
    expect(errors).toMatchObject([
      { extensions: { code: "PREREQUISITE_MISSING", remedy: expect.stringContaining("connectIntegration") } },
    ]);
  });
});
