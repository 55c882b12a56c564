import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultZohoOAuthSwitches } from "../../sandbox/oauth/zoho.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import type { ZohoCalendarTwin } from "../../sandbox/zoho-calendar-twin.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { Browser } from "../support/browser.ts";
import { consent, consentAt } from "../support/consent.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

const returnUrl = "http://localhost:3000/settings";
let sandbox: Sandbox;
let twin: ZohoCalendarTwin;
let app: TestApp;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  twin = sandbox.zohoCalendar;
  twin.switches.latencyMs = 0;
  app = await startTestApp({ env: { ...sandbox.settings, ALLOWED_RETURN_ORIGINS: "http://localhost:3000" } });
});
beforeEach(() => void Object.assign(twin.oauth, defaultZohoOAuthSwitches(), { codesPerTenMinutes: 1000 }));
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

const integrationFields = `id status accountName reconnectUrl problem { code message remedy providerCode }
  defaultCalendar { id } calendars { id externalId name selected writable primary }`;
const disconnected = "integration { status } revocation { revoked message accountUrl }";

/** Somebody with a Zoho account in the European Union, in a tenant of their own. */
async function aPerson(email = `${randomUUID().slice(0, 8)}@example.test`) {
  twin.createAccount({ email, dataCenter: "eu" });
  const journey = new Journey(await app.as({ tenantId: `tenant-${randomUUID()}`, userId: "ana" }));
  const connect = (options: Json = {}): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      { provider: "ZOHO_CALENDAR", returnUrl, ...options },
      `integration { ${integrationFields} } authorizationUrl`,
    );
  const integration = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { integration(id: $id) { ${integrationFields} } }`, { id }))
      .integration;
  const connected = async (options: Json = {}): Promise<Json> => {
    const { integration: pending, authorizationUrl } = await connect(options);
    const back = await consent(twin, authorizationUrl, { email });
    expect(outcomeOf(back)).toMatchObject({ outcome: "CONNECTED" });
    await journey.idle(pending.id);
    return integration(pending.id);
  };
  return { email, journey, connect, connected, integration };
}

function outcomeOf(back: Response): Record<string, string> {
  return Object.fromEntries(new URL(back.headers.get("location") ?? "about:blank").searchParams);
}

/** The hosts of Zoho's that were called while something was done. */
async function hostsCalled(work: () => Promise<unknown>): Promise<readonly string[]> {
  const last = sandbox.requests.at(-1);
  await work();
  const since = sandbox.requests.slice(last ? sandbox.requests.indexOf(last) + 1 : 0);
  return [
    ...new Set(since.filter((request) => request.twin === twin.name).map(({ path }) => path.split("/")[1] ?? "")),
  ];
}

const at = (hour: string) => `202612${hour}0000Z`;
const event = (title: string) => ({
  title,
  dateandtime: { start: at("05T10"), end: at("05T11"), timezone: "Europe/Berlin" },
});
const thatDay = { from: "2026-12-05T00:00:00Z", to: "2026-12-06T00:00:00Z" };

describe("connecting Zoho", () => {
  it("leads from the consent page to a live integration in the account's own data centre, and both ways from there", async () => {
    const { email, journey, connected } = await aPerson();
    twin.insertEvent(email, event("Already there"));
    const titles = () => twin.events(email).map(([first]) => first?.["title"]);
    const hosts = await hostsCalled(async () => {
      const { status, accountName, defaultCalendar } = await connected();
      expect({ status, accountName }).toEqual({ status: "ACTIVE", accountName: email });
      expect(await journey.events(thatDay)).toMatchObject([{ title: "Already there", syncState: "SYNCED" }]);

      const { calendarEvent, userErrors } = await journey.create(defaultCalendar.id, {
        title: "Interview",
        start: { localDateTime: "2026-12-05T14:00:00", timeZone: "Europe/Berlin" },
        end: { localDateTime: "2026-12-05T15:00:00", timeZone: "Europe/Berlin" },
        recurrence: ["RRULE:FREQ=DAILY;COUNT=3"],
      });
      expect({ userErrors, syncState: calendarEvent.syncState }).toEqual({ userErrors: [], syncState: "SYNCED" });
      expect(titles()).toContain("Interview");
      await journey.update(calendarEvent.id, { title: "Second interview", span: "ALL" });
      expect(titles()).toContain("Second interview");
      await journey.delete(calendarEvent.id, { span: "ALL" });
      expect(titles()).toEqual(["Already there"]);
    });
    expect(hosts.toSorted()).toEqual(["accounts.zoho.eu", "calendar.zoho.eu"]);
  });

  it("brings what others changed and deleted with the next sync, and announces each once", async () => {
    const { email, journey, connected } = await aPerson();
    const uid = twin.insertEvent(email, event("Theirs"));
    const { id } = await connected();
    twin.patchEvent(email, uid, { title: "Renamed" });
    expect(await journey.sync(id)).toMatchObject({ created: 0, updated: 1, deleted: 0 });
    expect(await journey.sync(id)).toMatchObject({ created: 0, updated: 0, deleted: 0 });
    twin.deleteEvent(email, uid);
    expect(await journey.sync(id)).toMatchObject({ deleted: 1 });
    expect(await journey.events(thatDay)).toEqual([]);
  });

  it("takes a data centre that somebody names, and believes Zoho where it says another one", async () => {
    for (const value of ["eu", "in"]) {
      const { connected } = await aPerson();
      expect(await connected({ credentials: [{ name: "dataCenter", value }] })).toMatchObject({ status: "ACTIVE" });
    }
    const { connect } = await aPerson();
    const { userErrors } = await connect({ credentials: [{ name: "dataCenter", value: "moon" }] });
    expect(userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "credentials", "0", "value"] }]);
  });

  it("says who refused, and that nothing came of it", async () => {
    const { email, connect, integration } = await aPerson();
    const { integration: pending, authorizationUrl } = await connect();
    const back = await consent(twin, authorizationUrl, { email, deny: true });
    expect(outcomeOf(back)).toMatchObject({ outcome: "REFUSED" });
    expect(await integration(pending.id)).toMatchObject({ status: "CONNECTING" });
  });

  it.each([
    "https://accounts.zoho.eu.example.com",
    "https://example.com/accounts.zoho.eu",
    "http://accounts.zoho.eu",
    "not an address",
  ])("sends no code and no secret where the way back names %s", async (server) => {
    const { email, connect, integration } = await aPerson();
    const { integration: pending, authorizationUrl } = await connect();
    const browser = new Browser();
    const back = new URL(await consentAt(twin, browser, authorizationUrl, { email }));
    back.searchParams.set("accounts-server", server);
    const hosts = await hostsCalled(async () => {
      const outcome = outcomeOf(await browser.visit(back.href));
      expect(outcome).toMatchObject({ outcome: "FAILED", code: "EGRESS_REFUSED" });
    });
    expect(hosts).toEqual([]);
    expect((await integration(pending.id)).problem).toMatchObject({
      code: "EGRESS_REFUSED",
      remedy: expect.any(String),
    });
  });

  it("is the operator's to mend where our client is not known in the account's data centre", async () => {
    twin.oauth.multiDataCenter = false;
    const { email, connect, integration } = await aPerson();
    const { integration: pending, authorizationUrl } = await connect();
    const outcome = outcomeOf(await consent(twin, authorizationUrl, { email }));
    expect(outcome).toMatchObject({ outcome: "FAILED", code: "NOT_CONFIGURED", providerCode: "invalid_client" });
    expect((await integration(pending.id)).problem.remedy).toContain("Multi-DC");
  });
});

describe("an invitation at Zoho", () => {
  it("cannot be answered from here, and says where it can", async () => {
    const { email, journey, connected } = await aPerson();
    const organizer = `${randomUUID().slice(0, 8)}@example.test`;
    twin.createAccount({ email: organizer, dataCenter: "eu" });
    const uid = twin.insertEvent(organizer, { ...event("Interview"), attendees: [{ email }] });
    const { id } = await connected();
    const [{ id: eventId }] = await journey.events(thatDay);
    const { calendarEvent, userErrors } = await journey.respond(eventId, "ACCEPTED");
    expect(calendarEvent).toBeNull();
    expect(userErrors).toMatchObject([
      { code: "UNSUPPORTED_CAPABILITY", remedy: expect.stringContaining("Answer it in Zoho Calendar") },
    ]);
    twin.answer(email, uid, "ACCEPTED");
    await journey.sync(id);
    const attendees = [expect.objectContaining({ email, response: "ACCEPTED" })];
    expect(await journey.events(thatDay)).toMatchObject([{ syncState: "SYNCED", attendees }]);
  });
});

describe("access to Zoho", () => {
  it("is renewed in the account's own data centre, and nobody notices", async () => {
    const { email, journey, connected, integration } = await aPerson();
    const { id } = await connected();
    twin.expireAccessTokens(email);
    const hosts = await hostsCalled(async () => {
      expect(await journey.sync(id)).toMatchObject({ state: "SUCCEEDED" });
    });
    expect(hosts.toSorted()).toEqual(["accounts.zoho.eu", "calendar.zoho.eu"]);
    expect(await integration(id)).toMatchObject({ status: "ACTIVE", problem: null });
  });

  it("is not given up for a limit of Zoho's", async () => {
    const { email, journey, connected, integration } = await aPerson();
    const { id } = await connected();
    twin.expireAccessTokens(email);
    twin.oauth.accessTokensPerTenMinutes = 0;
    const { syncRun } = await journey.mutate("syncIntegration", { integrationId: id }, "syncRun { id }");
    const { problem } = await eventually(
      "what the sync met",
      () => journey.run(syncRun.id),
      (run) => run.problem !== null,
    );
    expect(problem).toMatchObject({ code: "RATE_LIMITED" });
    expect((await integration(id)).status).not.toBe("NEEDS_REAUTH");
  });

  it("that is gone is a state, an event and a way back, which keeps id and history", async () => {
    const { email, journey, connected, integration } = await aPerson();
    const uid = twin.insertEvent(email, event("Theirs"));
    const { id } = await connected();
    const [{ id: eventId }] = await journey.events(thatDay);
    twin.revoke(email);
    await journey.sync(id);
    const { status, problem, reconnectUrl } = await integration(id);
    expect({ status, code: problem.code, providerCode: problem.providerCode }).toEqual({
      ...{ status: "NEEDS_REAUTH", code: "REAUTHORIZATION_REQUIRED", providerCode: "invalid_code" },
    });
    twin.patchEvent(email, uid, { title: "Renamed" });
    const back = await consent(twin, await new Browser().sentTo(reconnectUrl), { email });
    expect(back.status).toBe(200);
    await journey.idle(id);
    expect(await integration(id)).toMatchObject({ status: "ACTIVE", problem: null, reconnectUrl: null });
    expect(await journey.events(thatDay)).toMatchObject([{ id: eventId, title: "Renamed" }]);
  });
});

describe("disconnecting Zoho", () => {
  it("ends the grant in its data centre, and destroys the credentials", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const hosts = await hostsCalled(async () => {
      const { revocation } = await journey.mutate("disconnectIntegration", { id }, disconnected);
      expect(revocation).toMatchObject({ revoked: true, accountUrl: expect.stringMatching(/^https:/) });
    });
    expect(hosts).toEqual(["accounts.zoho.eu"]);
    expect(twin.grants(email)).toEqual([]);
  });

  it("leaves the grant where the same account is connected elsewhere: whether that would end too, nobody says", async () => {
    twin.oauth.revocationEnds = "account";
    const one = await aPerson();
    const other = await aPerson(one.email);
    const { id } = await one.connected();
    const kept = await other.connected();
    const { revocation } = await one.journey.mutate("disconnectIntegration", { id }, disconnected);
    expect(revocation).toMatchObject({ revoked: false, message: expect.stringContaining("connected elsewhere") });
    expect(await other.journey.sync(kept.id)).toMatchObject({ state: "SUCCEEDED" });
  });
});
