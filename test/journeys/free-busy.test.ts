import { randomUUID } from "node:crypto";
import { DateTime } from "luxon";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import type { ServerProcess } from "../../sandbox/real-servers/server-process.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { caldavClient, ics, vevent } from "../support/caldav-client.ts";
import { consent } from "../support/consent.ts";
import { dataOf, Journey } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

const zone = "Europe/Berlin";
const noonOffset = (day: DateTime) => day.set({ hour: 12 }).offset;
/** The next Sunday in Berlin on which clocks are moved, not before next week. */
let change = DateTime.now().setZone(zone).startOf("day").plus({ days: 8 });
while (noonOffset(change) === noonOffset(change.minus({ days: 1 }))) change = change.plus({ days: 1 });

/** The working week around it: from Thursday to Wednesday. */
const week = { from: change.minus({ days: 3 }).toISO(), to: change.plus({ days: 4 }).toISO() };
const local = (days: number, time: string) => `${change.plus({ days }).toISODate()}T${time}:00`;
const inZone = (days: number, time: string) => ({ localDateTime: local(days, time), timeZone: zone });
const basic = (days: number, time: string) => local(days, time).replaceAll(/[-:]/g, "");
/** `+1 09:00`: the day, counted from the one on which clocks are moved, and the time on the clocks of Berlin. */
const shownTime = (text: string) => {
  const time = DateTime.fromISO(text, { zone });
  const days = Math.round(time.startOf("day").diff(change, "days").days);
  return `${days < 0 ? "" : "+"}${days} ${time.toFormat("HH:mm")}`;
};

const busyFields =
  "calendarId userId source asOf busy { start end tentative } problem { code message remedy } calendar { name }";

class Availability {
  constructor(private readonly journey: Journey) {}

  async freeBusy(input: Json): Promise<Json[]> {
    const query = `query ($input: FreeBusyInput!) { freeBusy(input: $input) { ${busyFields} } }`;
    return dataOf(await this.journey.caller.query(query, { input: { ...week, timeZone: zone, ...input } })).freeBusy;
  }

  /** `+1 09:00 +1 10:00`, of the one calendar that is in the answer. */
  async times(input: Json): Promise<string[]> {
    const [calendar, ...more] = await this.freeBusy(input);
    expect(more).toEqual([]);
    return calendar.busy.map(
      ({ start, end, tentative }: Json) => `${shownTime(start)} ${shownTime(end)}${tentative ? " ?" : ""}`,
    );
  }

  async slots(input: Json): Promise<Json> {
    const query =
      "query ($input: MeetingSlotsInput!) { meetingSlots(input: $input) { start end freeOptionalUserIds } }";
    return this.journey.caller.query(query, { input: { ...week, timeZone: zone, durationMinutes: 60, ...input } });
  }
}

let app: TestApp;
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  app = await startTestApp({ env: { ...sandbox.settings } });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

async function aUser(tenantId: string, userId: string) {
  const journey = new Journey(await app.as({ tenantId, userId }));
  return { journey, availability: new Availability(journey) };
}

describe.skipIf(!radicaleIsInstalled)("people with calendars at a real CalDAV server", () => {
  let radicale: ServerProcess;

  beforeAll(async () => {
    radicale = await startRadicale();
  });
  afterAll(() => radicale.stop());

  /** Somebody with one calendar of their own; the events are in it before it is connected. */
  async function connected(tenantId: string, userId: "alice" | "bob", ...events: string[]) {
    const password = radicalePasswords[userId];
    const other = caldavClient(radicale.url, userId, password);
    const path = await other.createCalendar();
    for (const [index, event] of events.entries()) await other.put(`${path}${index}.ics`, ics(event));
    const { journey, availability } = await aUser(tenantId, userId);
    const integration = await journey.connected(
      { serverUrl: radicale.url, username: userId, password },
      { calendarIds: [new URL(path, radicale.url).href] },
    );
    const calendarId: string = integration.calendars.find(({ selected }: Json) => selected).id;
    return { journey, availability, id: integration.id as string, calendarId };
  }

  const event = (title: string, [start, end]: readonly [string, string], ...more: string[]) =>
    vevent(randomUUID(), `SUMMARY:${title}`, `DTSTART;TZID=${zone}:${start}`, `DTEND;TZID=${zone}:${end}`, ...more);

  it("see when the others are busy and not with what, over the day on which clocks are moved", async () => {
    const tenantId = randomUUID();
    const alice = await connected(
      tenantId,
      "alice",
      event("Every morning", [basic(-3, "09:00"), basic(-3, "10:00")], "RRULE:FREQ=DAILY;COUNT=7"),
      event("Secret", [basic(-2, "13:00"), basic(-2, "14:00")], "CLASS:PRIVATE"),
      event("Perhaps", [basic(1, "15:00"), basic(1, "16:00")], "STATUS:TENTATIVE"),
      event("Off", [basic(1, "11:00"), basic(1, "12:00")], "STATUS:CANCELLED"),
      event("Reminder", [basic(1, "11:00"), basic(1, "12:00")], "TRANSP:TRANSPARENT"),
      vevent(
        randomUUID(),
        "SUMMARY:Holiday",
        `DTSTART;VALUE=DATE:${basic(2, "00:00").slice(0, 8)}`,
        `DTEND;VALUE=DATE:${basic(3, "00:00").slice(0, 8)}`,
        "TRANSP:OPAQUE",
      ),
    );
    const bob = await aUser(tenantId, "bob");

    const expected = [
      ...["-3 09:00 -3 10:00", "-2 09:00 -2 10:00", "-2 13:00 -2 14:00", "-1 09:00 -1 10:00", "+0 09:00 +0 10:00"],
      ...["+1 09:00 +1 10:00", "+1 15:00 +1 16:00 ?", "+2 00:00 +3 00:00", "+3 09:00 +3 10:00"],
    ];
    expect(await alice.availability.times({})).toEqual(expected);
    expect(await bob.availability.times({ userIds: ["alice"] })).toEqual(expected);
    const seen = await bob.availability.freeBusy({ userIds: ["alice"] });
    expect(seen).toMatchObject([{ calendarId: alice.calendarId, source: "MIRROR", calendar: null, problem: null }]);
    expect(JSON.stringify(seen)).not.toMatch(/Secret|morning|Holiday/);
    expect(await bob.journey.events({ from: week.from, to: week.to })).toEqual([]);

    // The provider cannot be asked itself, and it is said so.
    expect(await bob.availability.freeBusy({ userIds: ["alice"], fresh: true })).toMatchObject([
      { source: "MIRROR", problem: { code: "UNSUPPORTED_CAPABILITY" } },
    ]);
  });

  it("meet when both can: a week in which clocks are moved, what is booked is taken at once", async () => {
    const tenantId = randomUUID();
    const every = ["09:00", "16:00"] as const;
    const alice = await connected(
      tenantId,
      "alice",
      event("Busy days", [basic(-3, every[0]), basic(-3, every[1])], "RRULE:FREQ=DAILY;COUNT=7"),
    );
    await connected(tenantId, "bob", event("Late on Monday", [basic(1, "15:00"), basic(1, "17:00")]));
    const meeting = { participants: [{ userId: "alice" }, { userId: "bob" }], granularityMinutes: 30 };
    const starts = async (input: Json = {}) =>
      dataOf(await alice.availability.slots({ ...meeting, ...input })).meetingSlots.map(({ start }: Json) =>
        shownTime(start),
      );

    expect(await starts()).toEqual(["-3 16:00", "-2 16:00", "+2 16:00", "+3 16:00"]);
    expect(await starts({ bufferBeforeMinutes: 5 })).toEqual([]);
    expect(await starts({ maxSlots: 1, durationMinutes: 30 })).toEqual(["-3 16:00"]);
    // Six hours of night are five or seven on the day itself.
    const nights = { workingHours: [{ days: ["SATURDAY"], start: "22:00", end: "04:00" }], granularityMinutes: 60 };
    const hours = 6 + (noonOffset(change.minus({ days: 1 })) - noonOffset(change)) / 60;
    expect(await starts({ ...nights, durationMinutes: hours * 60 })).toEqual(["-1 22:00"]);
    expect(await starts({ ...nights, durationMinutes: hours * 60 + 1 })).toEqual([]);

    const { calendarEvent } = await alice.journey.create(alice.calendarId, {
      title: "Interview",
      start: inZone(2, "16:00"),
      end: inZone(2, "17:00"),
    });
    expect(await starts()).toEqual(["-3 16:00", "-2 16:00", "+3 16:00"]);
    await alice.journey.delete(calendarEvent.id);
    expect(await starts()).toEqual(["-3 16:00", "-2 16:00", "+2 16:00", "+3 16:00"]);

    const optional = [{ userId: "alice" }, { userId: "bob", optional: true }];
    const { meetingSlots } = dataOf(await alice.availability.slots({ ...meeting, participants: optional }));
    expect(
      meetingSlots.map(({ start, freeOptionalUserIds }: Json) => [shownTime(start), ...freeOptionalUserIds]),
    ).toEqual([["-3 16:00", "bob"], ["-2 16:00", "bob"], ["+1 16:00"], ["+2 16:00", "bob"], ["+3 16:00", "bob"]]);
  });

  it("are not found once they keep their calendar private, or disconnect it; and nobody meets them then", async () => {
    const tenantId = randomUUID();
    const alice = await connected(tenantId, "alice");
    const bob = await aUser(tenantId, "bob");
    const stranger = await aUser(randomUUID(), "alice");
    const asked = { userIds: ["alice"], calendarIds: [alice.calendarId] };
    const codes = async (of: { availability: Availability }) =>
      (await of.availability.freeBusy(asked)).map(({ busy, problem }) => busy ?? problem.code);
    const participants = [{ userId: "alice" }];

    expect(await codes(bob)).toEqual([[]]);
    expect(await codes(stranger)).toEqual(["NOT_FOUND", "NOT_FOUND"]);
    await alice.journey.updateIntegration(alice.id, { visibility: "SHARED" });
    expect(await bob.availability.freeBusy(asked)).toMatchObject([{ calendar: { name: expect.any(String) } }]);
    await alice.journey.updateIntegration(alice.id, { visibility: "PRIVATE" });
    expect(await codes(bob)).toEqual(["NOT_FOUND", "NOT_FOUND"]);
    expect(await codes(alice)).toEqual([[]]);
    expect(await bob.availability.slots({ participants })).toMatchObject({
      data: null,
      errors: [{ extensions: { code: "PREREQUISITE_MISSING", remedy: expect.stringContaining("updateIntegration") } }],
    });
    await alice.journey.disconnect(alice.id);
    expect(await codes(alice)).toEqual(["NOT_FOUND", "NOT_FOUND"]);
  });
});

describe("fresh busy times, from Google itself", () => {
  let email: string;
  let owner: Awaited<ReturnType<typeof aUser>>;
  let bob: Awaited<ReturnType<typeof aUser>>;
  let calendarId: string;
  let integrationId: string;

  beforeEach(async () => {
    sandbox.googleCalendar.faults.disarmAll();
    sandbox.googleCalendar.faults.armPush("lost");
    email = `${randomUUID().slice(0, 8)}@example.test`;
    sandbox.googleCalendar.createAccount({ email });
    const tenantId = randomUUID();
    [owner, bob] = [await aUser(tenantId, "ana"), await aUser(tenantId, "bob")];
    const { integration, authorizationUrl } = await owner.journey.mutate(
      "connectIntegration",
      { provider: "GOOGLE_CALENDAR" },
      "integration { id } authorizationUrl",
    );
    await consent(sandbox.googleCalendar, authorizationUrl, { email });
    integrationId = integration.id;
    await owner.journey.idle(integrationId);
    calendarId = (await owner.journey.integration(integrationId)).defaultCalendar.id;
    sandbox.googleCalendar.insertEvent(email, {
      summary: "Not read yet",
      start: { dateTime: local(1, "10:00"), timeZone: zone },
      end: { dateTime: local(1, "11:00"), timeZone: zone },
    });
  });

  const fresh = { userIds: ["ana"], fresh: true };

  it("have what the mirror does not have yet", async () => {
    const askedAt = Date.now();
    expect(await bob.availability.times({ userIds: ["ana"] })).toEqual([]);
    expect(await bob.availability.times(fresh)).toEqual(["+1 10:00 +1 11:00"]);
    const [told] = await bob.availability.freeBusy(fresh);
    expect(told).toMatchObject({ calendarId, source: "PROVIDER", problem: null, calendar: null });
    expect(Date.parse(told.asOf)).toBeGreaterThanOrEqual(askedAt);
    const from = DateTime.fromISO(local(1, "10:00"), { zone }).toISO();
    const meeting = { participants: [{ userId: "ana" }], from, maxSlots: 1, fresh: true };
    const { meetingSlots } = dataOf(await bob.availability.slots(meeting));
    expect(meetingSlots.map(({ start }: Json) => shownTime(start))).toEqual(["+1 11:00"]);
  });

  it("have what is on its way there, too", async () => {
    sandbox.googleCalendar.fail("hung-up", { path: "/events" });
    const { calendarEvent } = await owner.journey.create(calendarId, {
      title: "On its way",
      start: inZone(1, "14:00"),
      end: inZone(1, "15:00"),
    });
    expect(calendarEvent.syncState).toBe("PENDING");
    expect(await bob.availability.times(fresh)).toEqual(["+1 10:00 +1 11:00", "+1 14:00 +1 15:00"]);
    expect(await bob.availability.times({ userIds: ["ana"] })).toEqual(["+1 14:00 +1 15:00"]);
  });

  it.each([
    { fault: "down", code: "PROVIDER_UNAVAILABLE" },
    { fault: "rate-limited", code: "RATE_LIMITED" },
    { fault: "html", code: "PROVIDER_REPLY_INVALID" },
  ] as const)("are those of the mirror when Google is $fault, and it is said so", async ({ fault, code }) => {
    sandbox.googleCalendar.fail(fault, { path: "freeBusy" });
    expect(await bob.availability.freeBusy(fresh)).toMatchObject([
      { calendarId, source: "MIRROR", busy: [], asOf: expect.any(String), problem: { code } },
    ]);
  });

  it("are those of the mirror when Google does not answer in time", async () => {
    sandbox.googleCalendar.fail("slow", { path: "freeBusy", delayMs: 8000 });
    const began = Date.now();
    expect(await bob.availability.freeBusy(fresh)).toMatchObject([
      { source: "MIRROR", problem: { code: "PROVIDER_UNAVAILABLE" } },
    ]);
    expect(Date.now() - began).toBeLessThan(7500);
  });

  it("are those of the mirror once the grant is gone, as of when it was read", async () => {
    sandbox.googleCalendar.revoke(email);
    expect(await bob.availability.freeBusy(fresh)).toMatchObject([
      {
        source: "MIRROR",
        problem: { code: "REAUTHORIZATION_REQUIRED" },
      },
    ]);
    const { status } = await owner.journey.integration(integrationId);
    expect(status).toBe("NEEDS_REAUTH");
    expect(await bob.availability.freeBusy({ userIds: ["ana"] })).toMatchObject([
      { source: "MIRROR", busy: [], asOf: expect.any(String), problem: { code: "REAUTHORIZATION_REQUIRED" } },
    ]);
  });
});
