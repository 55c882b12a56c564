import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { consent } from "../support/consent.ts";
import { eventually } from "../support/eventually.ts";
import { Journey } from "../support/journey.ts";
import { type OpenedDatabase, openDatabaseOf } from "../support/opened-database.ts";

const at = (hour: number) => ({ dateTime: `2026-12-05T${String(hour).padStart(2, "0")}:00:00Z` });
const anEvent = (title: string) => ({ title, start: at(10), end: at(11) });

let sandbox: Sandbox;
let one: TestApp;
let two: TestApp;
let opened: OpenedDatabase;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  const env = { ...sandbox.settings, ALLOWED_RETURN_ORIGINS: "http://localhost:3000" };
  one = await startTestApp({ env });
  two = await startTestApp({ env, beside: one });
  opened = await openDatabaseOf(one.databaseUrl);
});
afterAll(async () => {
  await opened.close();
  await two.stop();
  await one.stop();
  await sandbox.stop();
});

const vendors = {
  OUTLOOK_CALENDAR: () => sandbox.outlookCalendar,
  GOOGLE_CALENDAR: () => sandbox.googleCalendar,
};

/** Somebody with an account of this vendor, connected and read, at both processes. */
async function aPerson(provider: keyof typeof vendors) {
  const twin = vendors[provider]();
  const email = `${randomUUID().slice(0, 8)}@example.test`;
  twin.createAccount({ email });
  const caller = { tenantId: `tenant-${randomUUID()}`, userId: "ana" };
  const [atOne, atTwo] = [new Journey(await one.as(caller)), new Journey(await two.as(caller))];
  const { integration: pending, authorizationUrl } = await atOne.mutate(
    "connectIntegration",
    { provider, returnUrl: "http://localhost:3000/settings" },
    "integration { id } authorizationUrl",
  );
  await consent(twin, authorizationUrl, { email });
  await atOne.idle(pending.id);
  const { defaultCalendar, calendars } = await atOne.integration(pending.id);
  const { externalId } = calendars.find(({ id }: { id: string }) => id === defaultCalendar.id);
  // What is asked of this calendar's events, and of no other account's.
  const path = `/calendars/${encodeURIComponent(externalId)}/events`;
  return { atOne, atTwo, id: pending.id as string, calendarId: defaultCalendar.id as string, path };
}

/** The vendors' answers to too many calls. */
const refusals = () => sandbox.requests.filter(({ status }) => status === 429 || status === 403);
const callsTo = (name: string) =>
  sandbox.requests.filter(({ twin, path }) => twin === name && !path.endsWith("/token"));

/** Waits until nothing that others began is on its way to a vendor. */
async function quiet(): Promise<void> {
  let seen: unknown;
  await eventually(
    "quiet",
    async () => {
      const before = seen;
      seen = sandbox.requests.at(-1);
      return seen === before;
    },
    (isQuiet) => isQuiet,
    { everyMs: 700 },
  );
}

/** What was asked to come later comes now. */
async function timePasses(): Promise<void> {
  await opened.look("UPDATE limits.budget SET paused_until = now() WHERE paused_until > now()");
  await opened.look(
    "UPDATE pgboss.job SET start_after = now() WHERE state = 'created' AND name = 'settle-calendar-write'",
  );
}

describe("an Outlook mailbox", () => {
  it("is never called more than three times at once, whatever two processes want of it, and refuses nothing", async () => {
    const { atOne, atTwo, calendarId } = await aPerson("OUTLOOK_CALENDAR");
    // A fourth call at the same time would be refused.
    Object.assign(sandbox.outlookCalendar.switches, { latencyMs: 60, concurrentRequests: 3 });
    const before = refusals().length;
    const titles = Array.from({ length: 24 }, (_, n) => `Event ${n}`);
    const made = await Promise.all(
      titles.map((title, n) => (n % 2 ? atOne : atTwo).create(calendarId, anEvent(title))),
    );
    expect(made.map(({ userErrors }) => userErrors)).toEqual(titles.map(() => []));
    const states = () => Promise.all(made.map(async ({ calendarEvent: { id } }) => (await atOne.event(id)).syncState));
    await timePasses();
    await eventually("all of them at the vendor", states, (all) => all.every((state) => state === "SYNCED"));
    expect(refusals()).toHaveLength(before);
  });
});

describe("the metrics of every process", () => {
  it("show the servers that are down, whichever process found out", async () => {
    const read = async () => (await fetch(new URL("/metrics", two.url))).text();
    await opened.look(
      `INSERT INTO limits.server (key, provider, counted_from, failing, failed, answered, down_since, down_until)
       VALUES ('https://elsewhere.test', 'CALDAV', now(), '{}', 5, 0, now(), now())`,
    );
    expect(await read()).toContain('integrations_provider_outages{provider="CALDAV"} 1');
    await opened.look("DELETE FROM limits.server WHERE provider = 'CALDAV'");
    expect(await read()).not.toContain('integrations_provider_outages{provider="CALDAV"}');
  });
});

describe("an account whose vendor asks for a pause", () => {
  it("is left alone by every process until then; what people write meanwhile is pending, and brought afterwards", async () => {
    const { atOne, atTwo, calendarId, id, path } = await aPerson("OUTLOOK_CALENDAR");
    await quiet();
    sandbox.outlookCalendar.fail("rate-limited-with-retry-after", { path, times: 1, retryAfterSeconds: 60 });
    const refused = await atOne.create(calendarId, anEvent("Refused"));
    expect(refused).toMatchObject({ calendarEvent: { syncState: "PENDING" }, userErrors: [] });

    const before = callsTo("outlook-calendar").length;
    const kept = await atTwo.create(calendarId, anEvent("Kept back"));
    expect(kept).toMatchObject({ calendarEvent: { syncState: "PENDING" }, userErrors: [] });
    const tried = await atTwo.mutate("testIntegration", { id }, "integration { id }");
    expect(tried.userErrors).toMatchObject([
      { code: "RATE_LIMITED", retryable: true, providerCode: "ApplicationThrottled" },
    ]);
    expect(tried.userErrors[0].retryAfterMs).toBeGreaterThan(50_000);
    expect(callsTo("outlook-calendar")).toHaveLength(before);
    const metrics = await (await fetch(new URL("/metrics", two.url))).text();
    expect(metrics).toContain('integrations_paused_accounts{provider="OUTLOOK_CALENDAR"} 1');
    expect(metrics).toMatch(
      /integrations_call_wait_seconds_count\{provider="OUTLOOK_CALENDAR",outcome="RATE_LIMITED"\} \d/,
    );

    await eventually(
      "both events at the vendor",
      async () => {
        await timePasses();
        return atOne
          .event(refused.calendarEvent.id)
          .then(async (first) => [first, await atOne.event(kept.calendarEvent.id)]);
      },
      (events) => events.every(({ syncState }) => syncState === "SYNCED"),
      { everyMs: 300 },
    );
  });

  it("is found out by Google's 403 as well, and sat out when it is short", async () => {
    const { atOne, atTwo, calendarId, id, path } = await aPerson("GOOGLE_CALENDAR");
    await quiet();
    sandbox.googleCalendar.fail("quota", { path, times: 1 });
    const before = refusals().length;
    const { calendarEvent } = await atOne.create(calendarId, anEvent("Too many"));
    expect(calendarEvent.syncState).toBe("PENDING");
    expect(await opened.look("SELECT pause_code, refusals FROM limits.budget WHERE refusals > 0")).toEqual([
      { pause_code: "userRateLimitExceeded", refusals: 1 },
    ]);
    const { userErrors } = await atTwo.mutate("testIntegration", { id }, "integration { id }");
    expect(userErrors).toEqual([]);
    expect(refusals()).toHaveLength(before + 1);
  });
});
