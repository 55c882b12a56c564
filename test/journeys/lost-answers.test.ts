import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import { startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { type CalDavVendor, createCalDavVendor } from "../support/caldav-vendor.ts";

const soon = { timeout: 20_000, interval: 200 };

describe.skipIf(!radicaleIsInstalled)("a write whose answer is lost", () => {
  let app: TestApp;
  let vendor: CalDavVendor;
  let caller: TestCaller;
  let calendarId: string;

  beforeAll(async () => {
    const { alice: password } = radicalePasswords;
    vendor = await createCalDavVendor({ start: startRadicale, username: "alice", password, home: "/alice/" });
    await vendor.createCalendar();
    // So that no turn of the schedule comes in between.
    app = await startTestApp({ env: { CALDAV_SYNC_SECONDS: "300-300" } });
    caller = await app.as();
    const { data } = await caller.query(
      `mutation ($credentials: [CredentialFieldInput!]) {
         connectIntegration(input: { provider: CALDAV, credentials: $credentials }) { integration { calendars { id } } }
       }`,
      { credentials: Object.entries(vendor.credentials).map(([name, value]) => ({ name, value })) },
    );
    calendarId = data.connectIntegration.integration.calendars[0].id;
  });
  afterAll(async () => {
    await app.stop();
    await vendor.stop();
  });

  /** The server takes the nth PUT from now on, but we never hear of it. */
  function loseAnswerToPut(nth: number): void {
    let seen = 0;
    const restore = vendor.proxy.failAlways((request, forward) => {
      if (request.method !== "PUT") return undefined;
      seen += 1;
      if (seen < nth) return undefined;
      restore();
      return forward().then(() => {
        throw new Error("the answer is lost");
      });
    });
  }

  async function createDaily(title: string): Promise<string> {
    const { data } = await caller.query(
      `mutation ($input: CreateCalendarEventInput!) { createCalendarEvent(input: $input) { calendarEvent { id } } }`,
      {
        input: {
          calendarId,
          title,
          start: { localDateTime: "2026-12-01T10:00:00", timeZone: "Europe/Berlin" },
          end: { localDateTime: "2026-12-01T11:00:00", timeZone: "Europe/Berlin" },
          recurrence: ["RRULE:FREQ=DAILY;COUNT=5"],
        },
      },
    );
    return data.createCalendarEvent.calendarEvent.id;
  }

  async function days(...titles: string[]): Promise<string[]> {
    const { data } = await caller.query(
      `{ calendarEvents(filter: { from: "2026-12-01T00:00:00Z", to: "2026-12-20T00:00:00Z" }) {
           nodes { title syncState start { dateTime } } } }`,
    );
    type Node = { title: string; start: { dateTime: string } };
    return (data.calendarEvents.nodes as Node[])
      .filter(({ title }) => titles.includes(title))
      .map(({ title, start }) => `${start.dateTime.slice(8, 10)} ${title}`);
  }

  async function sync(): Promise<void> {
    const { data } = await caller.query(`{ integrations { nodes { id } } }`);
    const [{ id }] = data.integrations.nodes;
    const asked = await caller.query(
      `mutation { syncIntegration(input: { integrationId: "${id}" }) { syncRun { id } } }`,
    );
    const runId = asked.data.syncIntegration.syncRun.id;
    await vi.waitFor(async () => {
      const run = await caller.query(`{ syncRun(id: "${runId}") { state } }`);
      expect(run.data.syncRun.state).toBe("SUCCEEDED");
    }, soon);
  }

  async function failedWrites(): Promise<number> {
    const { data } = await caller.query(
      `{ integrationEvents(filter: { types: ["calendar_event.write_failed"] }) { nodes { id } } }`,
    );
    return data.integrationEvents.nodes.length;
  }

  it("deletes one occurrence once, and calls it a success", async () => {
    const id = await createDaily("Standup");
    loseAnswerToPut(1);
    await caller.query(
      `mutation { deleteCalendarEvent(input: { id: "${id}_20261203T090000Z" }) { userErrors { code } } }`,
    );
    await vi.waitFor(
      async () => expect(await days("Standup")).toEqual(["01 Standup", "02 Standup", "04 Standup", "05 Standup"]),
      soon,
    );
    expect(await failedWrites()).toBe(0);
  });

  it("splits a series once", async () => {
    const id = await createDaily("Course");
    loseAnswerToPut(2);
    await caller.query(
      `mutation { updateCalendarEvent(input: { id: "${id}_20261203T090000Z", span: THIS_AND_FOLLOWING, title: "Course, part two" }) {
         userErrors { code } } }`,
    );
    await vi.waitFor(async () => expect(await days("Course")).toEqual(["01 Course", "02 Course"]), soon);
    await sync();
    expect(await days("Course, part two")).toEqual(["03", "04", "05"].map((day) => `${day} Course, part two`));
    expect(await failedWrites()).toBe(0);
  });

  it("shows what is on its way in its place, and creates it once", async () => {
    loseAnswerToPut(1);
    const id = await createDaily("Kick-off");
    const { data } = await caller.query(`{ calendarEvent(id: "${id}") { syncState } }`);
    expect(data.calendarEvent.syncState).toBe("PENDING");
    expect(await days("Kick-off")).toHaveLength(5);
    await vi.waitFor(async () => {
      const settled = await caller.query(`{ calendarEvent(id: "${id}") { syncState } }`);
      expect(settled.data.calendarEvent.syncState).toBe("SYNCED");
    }, soon);
    await sync();
    expect(await days("Kick-off")).toHaveLength(5);
    expect(await failedWrites()).toBe(0);
  });

  it("changes a title once", async () => {
    const id = await createDaily("Retrospective");
    loseAnswerToPut(1);
    const { data } = await caller.query(
      `mutation { updateCalendarEvent(input: { id: "${id}", title: "Review" }) { calendarEvent { syncState } userErrors { code } } }`,
    );
    expect(data.updateCalendarEvent).toEqual({ calendarEvent: { syncState: "PENDING" }, userErrors: [] });
    await vi.waitFor(async () => expect(await days("Review")).toHaveLength(5), soon);
    expect(await failedWrites()).toBe(0);
  });
});
