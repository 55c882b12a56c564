import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { Browser } from "../support/browser.ts";
import { type ConsentChoice, consent, consentAt } from "../support/consent.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { whileStalled } from "../support/stalled-table.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

/** Microsoft and LinkedIn wait no longer. */
const vendorPatienceMs = 3_000;
const returnUrl = "http://localhost:3000/settings?tab=calendars";
let sandbox: Sandbox;
let app: TestApp;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  // So that no turn of the schedule comes in between.
  const settings = { ...sandbox.settings, GOOGLE_CALENDAR_SYNC_SECONDS: "300-300" };
  app = await startTestApp({ env: { ...settings, ALLOWED_RETURN_ORIGINS: "http://localhost:3000" } });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

const integrationFields = `id status accountName reconnectUrl problem { code message remedy }
  defaultCalendar { id } calendars { id externalId name selected writable primary }`;

/** Somebody with a Google account of their own, in a tenant of their own. */
async function aPerson({ tenantId = `tenant-${randomUUID()}`, userId = "ana" } = {}) {
  const email = `${randomUUID().slice(0, 8)}@example.test`;
  sandbox.googleCalendar.createAccount({ email });
  const journey = new Journey(await app.as({ tenantId, userId }));
  const connect = (options: Json = {}): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      { provider: "GOOGLE_CALENDAR", returnUrl, ...options },
      `integration { ${integrationFields} } authorizationUrl`,
    );
  const integration = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { integration(id: $id) { ${integrationFields} } }`, { id }))
      .integration;
  const connected = async (options: Json = {}): Promise<Json> => {
    const { integration: pending, authorizationUrl } = await connect(options);
    const back = await consent(sandbox.googleCalendar, authorizationUrl, { email });
    expect(outcomeOf(back)).toMatchObject({ outcome: "CONNECTED" });
    await journey.idle(pending.id);
    return integration(pending.id);
  };
  const reconnect = (id: string): Promise<Json> =>
    journey.mutate("reconnectIntegration", { id, returnUrl }, `integration { ${integrationFields} } authorizationUrl`);
  return { email, journey, connect, connected, reconnect, integration, tenantId };
}

function outcomeOf(back: Response): Record<string, string> {
  const location = new URL(back.headers.get("location") ?? "about:blank");
  return { origin: location.origin, path: location.pathname, ...Object.fromEntries(location.searchParams) };
}

describe("connecting Google", () => {
  it("leads from the consent page to a live integration and its first synced event", async () => {
    const { email, journey, connect, integration } = await aPerson();
    sandbox.googleCalendar.insertEvent(email, {
      summary: "Already there",
      start: { dateTime: "2026-12-01T10:00:00+01:00", timeZone: "Europe/Berlin" },
      end: { dateTime: "2026-12-01T11:00:00+01:00", timeZone: "Europe/Berlin" },
    });
    const { integration: pending, authorizationUrl, userErrors } = await connect({ label: "Mine" });
    expect(userErrors).toEqual([]);
    expect(pending).toMatchObject({
      status: "CONNECTING",
      accountName: "",
      calendars: [],
      reconnectUrl: expect.any(String),
    });
    expect(authorizationUrl).toMatch(/^http:\/\/localhost:\d+\/oauth\/start\/[\w-]{43}$/);

    const back = await consent(sandbox.googleCalendar, authorizationUrl, { email });
    expect(back.status).toBe(303);
    expect(back.headers.get("referrer-policy")).toBe("no-referrer");
    expect(outcomeOf(back)).toEqual({
      origin: "http://localhost:3000",
      path: "/settings",
      tab: "calendars",
      integrationId: pending.id,
      outcome: "CONNECTED",
    });
    await journey.idle(pending.id);
    expect(await integration(pending.id)).toMatchObject({
      status: "ACTIVE",
      accountName: email,
      problem: null,
      reconnectUrl: null,
      defaultCalendar: { id: expect.any(String) },
    });
    const events = await journey.events({ from: "2026-12-01T00:00:00Z", to: "2026-12-02T00:00:00Z" });
    expect(events).toMatchObject([{ title: "Already there", syncState: "SYNCED" }]);
    const types = (await journey.log()).map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(["integration.connected", "calendar.added"]);
    expect(types).toContain("calendar_event.created");
  });

  it("says on a page of its own how it ended when nobody said where to go on", async () => {
    const { email, connect } = await aPerson();
    const { authorizationUrl } = await connect({ returnUrl: undefined });
    const back = await consent(sandbox.googleCalendar, authorizationUrl, { email });
    expect(back.status).toBe(200);
    expect(back.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await back.text()).toContain(`${email} is connected.`);
  });

  it("asks with PKCE, offline, for no more scopes than are needed", async () => {
    const { connect } = await aPerson();
    const { authorizationUrl } = await connect();
    const page = new URL(await new Browser().sentTo(authorizationUrl));
    expect(Object.fromEntries(page.searchParams)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      access_type: "offline",
      prompt: "consent",
      redirect_uri: expect.stringMatching(/\/oauth\/callback$/),
    });
    expect(page.searchParams.get("scope")?.split(" ")).not.toContain("https://www.googleapis.com/auth/calendar");
  });

  it("remembers which calendars were asked for, whichever link is followed in the end", async () => {
    const { email, journey, connect, integration } = await aPerson();
    const team = sandbox.googleCalendar.createCalendar(email, { summary: "Team" });
    const { integration: pending } = await connect({ calendarIds: [team] });
    await consent(sandbox.googleCalendar, await new Browser().sentTo(pending.reconnectUrl), { email });
    await journey.idle(pending.id);
    const { calendars } = await integration(pending.id);
    expect(calendars.filter(({ selected }: Json) => selected)).toMatchObject([{ externalId: team }]);
  });

  it("is the same call when it is repeated with its key, with another link to the same end", async () => {
    const { email, connect } = await aPerson();
    const first = await connect({ idempotencyKey: "once" });
    const again = await connect({ idempotencyKey: "once" });
    expect(again.integration.id).toBe(first.integration.id);
    expect(again.authorizationUrl).not.toBe(first.authorizationUrl);
    expect(outcomeOf(await consent(sandbox.googleCalendar, again.authorizationUrl, { email }))).toMatchObject({
      outcome: "CONNECTED",
      integrationId: first.integration.id,
    });
  });

  it.each([
    {
      name: "is refused",
      choice: { deny: true },
      code: "PROVIDER_REFUSED",
      providerCode: "access_denied",
    },
    {
      name: "lacks a scope that was unticked",
      choice: { untick: ["https://www.googleapis.com/auth/calendar.events"] },
      code: "PREREQUISITE_MISSING",
      providerCode: "https://www.googleapis.com/auth/calendar.events",
    },
  ] satisfies { name: string; choice: Partial<ConsentChoice>; code: string; providerCode: string }[])(
    "says so when the consent $name, and can be tried again",
    async ({ choice, code, providerCode }) => {
      const { email, journey, connect, reconnect, integration } = await aPerson();
      const { integration: pending, authorizationUrl } = await connect();
      const back = await consent(sandbox.googleCalendar, authorizationUrl, { email, ...choice });
      expect(outcomeOf(back)).toMatchObject({ outcome: "REFUSED", code, providerCode, integrationId: pending.id });
      expect(await integration(pending.id)).toMatchObject({
        status: "CONNECTING",
        problem: { code, remedy: expect.any(String) },
      });
      expect((await journey.log()).map(({ type }) => type)).toEqual(["integration.connection_failed"]);

      const again = await reconnect(pending.id);
      expect(outcomeOf(await consent(sandbox.googleCalendar, again.authorizationUrl, { email }))).toMatchObject({
        outcome: "CONNECTED",
        integrationId: pending.id,
      });
    },
  );

  it("connects one account once, and tells which integration has it", async () => {
    const { email, connect, connected, integration } = await aPerson();
    await connected();
    const second = await connect();
    const back = await consent(sandbox.googleCalendar, second.authorizationUrl, { email });
    expect(outcomeOf(back)).toMatchObject({ outcome: "FAILED", code: "DUPLICATE" });
    expect(await integration(second.integration.id)).toMatchObject({ status: "CONNECTING" });
  });

  it("is refused before anything is stored where the operator has registered nothing", async () => {
    const bare = await startTestApp({ env: { ROLES: "api" } });
    const journey = new Journey(await bare.as());
    const { integration, userErrors } = await journey.mutate(
      "connectIntegration",
      { provider: "GOOGLE_CALENDAR" },
      "integration { id }",
    );
    expect(integration).toBeNull();
    expect(userErrors).toMatchObject([
      { code: "NOT_CONFIGURED", remedy: expect.stringContaining("GOOGLE_CALENDAR_CLIENT_ID") },
    ]);
    const { providers } = dataOf(
      await journey.caller.query("{ providers { id availability availabilityReason configured auth } }"),
    );
    expect(providers).toContainEqual({
      id: "GOOGLE_CALENDAR",
      availability: "NOT_CONFIGURED",
      availabilityReason: expect.stringContaining("GOOGLE_CALENDAR_CLIENT_SECRET"),
      configured: false,
      auth: "OAUTH2",
    });
    await bare.stop();
  });
});

describe("a link and a state", () => {
  it("are good once", async () => {
    const { email, connect } = await aPerson();
    const { authorizationUrl } = await connect();
    const browser = new Browser();
    const callback = await consentAt(sandbox.googleCalendar, browser, authorizationUrl, { email });
    expect((await new Browser().visit(authorizationUrl)).status).toBe(404);

    const first = await browser.visit(callback);
    const renewals = sandbox.googleCalendar.tokenRequests(email).length;
    const again = await browser.visit(callback);
    expect(outcomeOf(again)).toEqual(outcomeOf(first));
    expect(sandbox.googleCalendar.tokenRequests(email)).toHaveLength(renewals);
  });

  it("belong to the browser that followed the link", async () => {
    const { email, connect, integration } = await aPerson();
    const { integration: pending, authorizationUrl } = await connect();
    const browser = new Browser();
    const callback = await consentAt(sandbox.googleCalendar, browser, authorizationUrl, { email });
    const stranger = await new Browser().visit(callback);
    expect(stranger.status).toBe(404);
    expect(await integration(pending.id)).toMatchObject({ status: "CONNECTING", problem: null });
    // The stranger has not used it up either.
    expect(outcomeOf(await browser.visit(callback))).toMatchObject({ outcome: "CONNECTED" });
  });

  it("cannot be swapped for those of another flow, not even in the same browser", async () => {
    const [ana, eve] = [await aPerson(), await aPerson({ userId: "eve" })];
    const browser = new Browser();
    const ofAna = await ana.connect();
    const ofEve = await eve.connect();
    const callbackOfEve = new URL(
      await consentAt(sandbox.googleCalendar, new Browser(), ofEve.authorizationUrl, { email: eve.email }),
    );
    const callback = new URL(
      await consentAt(sandbox.googleCalendar, browser, ofAna.authorizationUrl, { email: ana.email }),
    );
    // Eve's code with Ana's state: Ana would be connected to Eve's account.
    callback.searchParams.set("code", callbackOfEve.searchParams.get("code") ?? "");
    const back = await browser.visit(callback.href);
    expect(outcomeOf(back)).toMatchObject({ outcome: "FAILED", code: "CREDENTIALS_REJECTED" });
    expect(await ana.integration(ofAna.integration.id)).toMatchObject({ status: "CONNECTING" });
    // Eve's state is nobody's in Ana's browser.
    expect((await browser.visit(callbackOfEve.href)).status).toBe(404);
  });

  it.each([
    "/oauth/callback?code=x&state=made-up",
    "/oauth/callback",
    "/oauth/callback?error=access_denied",
    "/oauth/start/made-up",
    "/connect/made-up",
  ])("that are made up lead nowhere: %s", async (path) => {
    const reply = await new Browser().visit(new URL(path, app.url).href);
    expect(reply.status).toBe(404);
    expect(await reply.text()).toContain("This link is not good any more");
  });

  it("are over after ten minutes", async () => {
    const { email, connect } = await aPerson();
    const { authorizationUrl } = await connect();
    const browser = new Browser();
    const callback = await consentAt(sandbox.googleCalendar, browser, authorizationUrl, { email });
    const late = await connect();
    await inDatabase("UPDATE route SET expires_at = expires_at - interval '11 minutes' WHERE kind LIKE 'OAUTH_%'");
    expect((await browser.visit(callback)).status).toBe(404);
    expect((await new Browser().visit(late.authorizationUrl)).status).toBe(404);
  });

  it("do not go to addresses that the operator does not know", async () => {
    const { connect } = await aPerson();
    const { userErrors } = await connect({ returnUrl: "https://evil.example.com/" });
    expect(userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "returnUrl"] }]);
  });
});

describe("a grant that is gone", () => {
  it("is a state, an event and a way back, which keeps id, cursors and history", async () => {
    const { email, journey, connected, integration } = await aPerson();
    const { id, defaultCalendar } = await connected();
    const { calendarEvent } = await journey.create(defaultCalendar.id, {
      title: "Kept",
      start: { dateTime: "2026-12-03T09:00:00Z" },
      end: { dateTime: "2026-12-03T10:00:00Z" },
    });
    sandbox.googleCalendar.revoke(email);
    const run = await journey.sync(id);
    expect(run).toMatchObject({ state: "FAILED", problem: { code: "REAUTHORIZATION_REQUIRED", fault: "account" } });
    const broken = await integration(id);
    expect(broken).toMatchObject({ status: "NEEDS_REAUTH", problem: { code: "REAUTHORIZATION_REQUIRED" } });
    expect((await journey.log()).filter(({ type }) => type === "integration.reauthorization_required")).toHaveLength(1);

    const link = await new Browser().sentTo(broken.reconnectUrl);
    const back = await consent(sandbox.googleCalendar, link, { email });
    expect(await back.text()).toContain("is connected");
    await journey.idle(id);
    expect(await integration(id)).toMatchObject({ id, status: "ACTIVE", problem: null, reconnectUrl: null });
    expect(await journey.event(calendarEvent.id)).toMatchObject({ title: "Kept", version: 1 });
    const log = await journey.log(["calendar_event.*"]);
    expect(log.map(({ type }) => type)).toEqual(["calendar_event.created"]);
    expect((await new Browser().visit(broken.reconnectUrl)).status).toBe(404);
  });

  it("is not given by another account", async () => {
    const { journey, connected, reconnect, integration } = await aPerson();
    const { id } = await connected();
    const other = await aPerson();
    const { authorizationUrl } = await reconnect(id);
    const back = await consent(sandbox.googleCalendar, authorizationUrl, { email: other.email });
    expect(outcomeOf(back)).toMatchObject({ outcome: "FAILED", code: "INVALID_INPUT", integrationId: id });
    expect(await integration(id)).toMatchObject({ status: "ACTIVE" });
    expect(await journey.sync(id)).toMatchObject({ state: "SUCCEEDED" });
  });

  it("is asked for again by connecting the same account anew", async () => {
    const { email, journey, connect, connected } = await aPerson();
    const { id } = await connected();
    sandbox.googleCalendar.revoke(email);
    await journey.sync(id);
    const { integration: pending, authorizationUrl } = await connect();
    const back = await consent(sandbox.googleCalendar, authorizationUrl, { email });
    expect(outcomeOf(back)).toMatchObject({ outcome: "CONNECTED", integrationId: id });
    expect(await journey.integration(pending.id)).toBeNull();
  });

  it("is renewed while the access token is rejected, and nobody notices", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    sandbox.googleCalendar.expireAccessTokens(email);
    expect(await journey.sync(id)).toMatchObject({ state: "SUCCEEDED" });
  });
});

describe("push", () => {
  /** The one live channel of an account. */
  const aChannel = async (email: string) => {
    const [channel] = await eventually(
      "a channel",
      async () => sandbox.googleCalendar.channels(email),
      (channels) => channels.length > 0,
    );
    if (!channel?.token) throw new Error("There is no channel with a token");
    return { ...channel, token: channel.token };
  };

  it("brings a change within seconds, in a sync of that calendar alone", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    await aChannel(email);
    sandbox.googleCalendar.insertEvent(email, {
      summary: "Pushed",
      start: { dateTime: "2026-12-05T09:00:00Z" },
      end: { dateTime: "2026-12-05T10:00:00Z" },
    });
    await eventually(
      "the event",
      () => journey.events({ from: "2026-12-05T00:00:00Z", to: "2026-12-06T00:00:00Z" }),
      (events) => events.length === 1,
    );
    expect((await journey.runs(id))[0]).toMatchObject({ trigger: "PUSH", calendarsTotal: 1, created: 1 });
    await journey.idle(id);
    const [told] = await journey.log(["calendar_event.created"]);
    const query = `query ($of: ID) { integrationEvents(filter: { correlationId: $of }) { nodes { type causationId } } }`;
    const chain = dataOf(await journey.caller.query(query, { of: told.correlationId })).integrationEvents.nodes;
    const [run] = await journey.runs(id);
    expect(chain).toEqual([
      { type: "sync.started", causationId: expect.any(String) },
      { type: "calendar_event.created", causationId: run.id },
      { type: "sync.finished", causationId: run.id },
    ]);
    const list = "{ inboundDeliveries(filter: { states: [DONE] }) { nodes { id correlationId syncRun { id } } } }";
    const [notice] = dataOf(await journey.caller.query(list)).inboundDeliveries.nodes;
    expect(notice).toEqual({ id: chain[0].causationId, correlationId: told.correlationId, syncRun: { id: run.id } });

    const { inboundDelivery } = await journey.mutate(
      "redriveInboundDelivery",
      { id: notice.id },
      "inboundDelivery { syncRun { id } } effects",
    );
    expect(inboundDelivery.syncRun.id).not.toBe(run.id);
    expect(await journey.over(inboundDelivery.syncRun.id)).toMatchObject({ state: "SUCCEEDED", calendarsTotal: 1 });
  });

  it("folds a burst into few syncs, and announces our own writes once", async () => {
    const { email, journey, connected } = await aPerson();
    const { id, defaultCalendar } = await connected();
    await aChannel(email);
    const before = (await journey.runs(id)).length;
    for (let hour = 0; hour < 8; hour += 1) {
      await journey.create(defaultCalendar.id, {
        title: `Own ${hour}`,
        start: { dateTime: `2026-12-07T0${hour}:00:00Z` },
        end: { dateTime: `2026-12-07T0${hour}:30:00Z` },
      });
    }
    await eventually(
      "the pushed sync",
      () => journey.runs(id),
      (runs) => runs.length > before,
    );
    const runs = await journey.idle(id);
    expect(runs.length - before).toBeLessThanOrEqual(6);
    expect(runs.slice(0, runs.length - before)).toSatisfy((pushed: Json[]) =>
      pushed.every(({ created, updated, deleted }) => created + updated + deleted === 0),
    );
    expect((await journey.log(["calendar_event.*"])).map(({ type }) => type)).toEqual(
      Array.from({ length: 8 }, () => "calendar_event.created"),
    );
  });

  it("is believed from the vendor alone, and for channels that are ours", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const channel = await aChannel(email);
    await journey.idle(id);
    const before = (await journey.runs(id)).length;
    const send = (address: string, headers: Record<string, string>) =>
      fetch(address, { method: "POST", headers }).then(({ status }) => status);
    const genuine = {
      "x-goog-channel-id": channel.id,
      "x-goog-channel-token": channel.token,
      "x-goog-resource-id": channel.resourceId,
      "x-goog-resource-state": "exists",
      "x-goog-message-number": "99",
    };
    expect(await send(channel.address, { ...genuine, "x-goog-channel-token": "guessed" })).toBe(403);
    expect(await send(channel.address, { ...genuine, "x-goog-channel-id": randomUUID() })).toBe(403);
    expect(await send(channel.address, { ...genuine, "x-goog-resource-id": "another" })).toBe(403);
    expect(await send(channel.address, {})).toBe(403);
    expect(await send(`${channel.address}x`, genuine)).toBe(404);
    expect(await send(channel.address.replace("google-calendar", "outlook-calendar"), genuine)).toBe(404);
    expect(await journey.runs(id)).toHaveLength(before);

    // The same message again is one hint more, and nothing worse.
    expect(await send(channel.address, genuine)).toBe(202);
    expect(await send(channel.address, genuine)).toBe(202);
    await eventually(
      "the sync",
      () => journey.runs(id),
      (runs) => runs.length === before + 1,
    );
  });

  it("is answered within Google's patience while the database hangs, and read once when it is told again", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const channel = await aChannel(email);
    await journey.idle(id);
    const before = (await journey.runs(id)).length;
    const notify = () =>
      fetch(channel.address, {
        method: "POST",
        headers: {
          "x-goog-channel-id": channel.id,
          "x-goog-channel-token": channel.token,
          "x-goog-resource-id": channel.resourceId,
          "x-goog-resource-state": "exists",
        },
        signal: AbortSignal.timeout(vendorPatienceMs),
      });
    const refused = await whileStalled(app.databaseUrl, "inbound_delivery", notify);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect((await notify()).status).toBe(202);
    await eventually(
      "the sync",
      () => journey.runs(id),
      (runs) => runs.length > before,
    );
    expect(await journey.idle(id)).toHaveLength(before + 1);
  });

  it("for a channel that is over is taken and ignored", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const channel = await aChannel(email);
    await journey.idle(id);
    await journey.updateIntegration(id, { calendarIds: [] });
    await eventually(
      "the end of the channel",
      async () => sandbox.googleCalendar.channels(email),
      (left) => left.length === 0,
    );
    const before = (await journey.runs(id)).length;
    const headers = {
      "x-goog-channel-id": channel.id,
      "x-goog-channel-token": channel.token,
      "x-goog-resource-id": channel.resourceId,
      "x-goog-resource-state": "exists",
    };
    expect((await fetch(channel.address, { method: "POST", headers })).status).toBe(202);
    expect(await journey.runs(id)).toHaveLength(before);
  });
});

describe("disconnecting Google", () => {
  const disconnect = (journey: Journey, id: string): Promise<Json> =>
    journey.mutate("disconnectIntegration", { id }, "integration { status } revocation { revoked message accountUrl }");

  it("ends push and the grant, and destroys the credentials", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    await eventually(
      "a channel",
      async () => sandbox.googleCalendar.channels(email),
      (channels) => channels.length === 1,
    );
    sandbox.googleCalendar.expireAccessTokens(email);
    const { integration, revocation } = await disconnect(journey, id);
    expect(integration.status).toBe("DISCONNECTED");
    expect(revocation).toEqual({
      revoked: true,
      message: expect.any(String),
      accountUrl: expect.stringMatching(/^https:/),
    });
    expect(sandbox.googleCalendar.channels(email)).toEqual([]);
    expect(sandbox.googleCalendar.grants(email)).toEqual([]);
    expect(await inDatabase("SELECT FROM credential WHERE integration_id = $1", [id])).toEqual([]);
    expect((await disconnect(journey, id)).revocation).toBeNull();
  });

  it("leaves a grant that another tenant lives on, until the last one goes", async () => {
    const one = await aPerson();
    const other = await aPerson({ userId: "bo" });
    const first = await one.connected();
    const { integration: pending, authorizationUrl } = await other.connect();
    await consent(sandbox.googleCalendar, authorizationUrl, { email: one.email });
    await other.journey.idle(pending.id);

    const { revocation } = await disconnect(one.journey, first.id);
    expect(revocation).toMatchObject({ revoked: false, message: expect.stringContaining("connected elsewhere") });
    expect(JSON.stringify(revocation)).not.toContain(other.tenantId);
    expect(await other.journey.sync(pending.id)).toMatchObject({ state: "SUCCEEDED" });
    expect((await disconnect(other.journey, pending.id)).revocation).toMatchObject({ revoked: true });
  });

  it("does not wait for a vendor that does not answer, and comes back with its id", async () => {
    const { email, journey, connect, connected } = await aPerson();
    const { id } = await connected();
    const recover = sandbox.googleCalendar.fail("down", { on: "token" });
    expect((await disconnect(journey, id)).revocation).toMatchObject({ revoked: false });
    recover();
    const { authorizationUrl } = await connect();
    expect(outcomeOf(await consent(sandbox.googleCalendar, authorizationUrl, { email }))).toMatchObject({
      outcome: "CONNECTED",
      integrationId: id,
    });
  });
});

describe("a series that is moved while the process is killed in between", () => {
  it("keeps what one of its occurrences has of its own", async () => {
    const { email, journey, connected } = await aPerson();
    const { defaultCalendar } = await connected();
    const { calendarEvent: series } = await journey.create(defaultCalendar.id, {
      title: "Course",
      start: { localDateTime: "2026-12-01T10:00:00", timeZone: "Europe/Berlin" },
      end: { localDateTime: "2026-12-01T11:00:00", timeZone: "Europe/Berlin" },
      recurrence: ["RRULE:FREQ=DAILY;COUNT=3"],
    });
    await journey.update(`${series.id}_20261202T090000Z`, { title: "Exam", span: "THIS" });
    sandbox.googleCalendar.fail("hung-up", { path: "_20261202", times: 1 });
    const { calendarEvent: moved } = await journey.update(series.id, {
      start: { localDateTime: "2026-12-01T14:00:00", timeZone: "Europe/Berlin" },
    });
    expect(moved.syncState).toBe("PENDING");
    const settled = await eventually(
      "the end of the write",
      () => journey.event(series.id),
      ({ syncState }) => syncState !== "PENDING",
    );
    expect(settled.syncState).toBe("SYNCED");
    const events = await journey.events({ from: "2026-12-01T00:00:00Z", to: "2026-12-08T00:00:00Z" });
    const shown = (list: Json[]) => list.map(({ title, start }) => `${start.dateTime.slice(8, 16)} ${title}`);
    expect(shown(events)).toEqual(["01T13:00 Course", "02T13:00 Exam", "03T13:00 Course"]);
    expect(sandbox.googleCalendar.api.events(email).map(({ summary }) => summary)).toContain("Exam");
  });
});

describe("every secret", () => {
  it("stays out of the log, the events, the answers and the clear columns of the database", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    sandbox.googleCalendar.revoke(email);
    await journey.sync(id);
    const answers = JSON.stringify([await journey.log(), await journey.runs(id), await journey.integration(id)]);
    const rows = JSON.stringify(
      await inDatabase(`
        SELECT to_jsonb(x) FROM integration x UNION ALL SELECT to_jsonb(x) FROM event x
        UNION ALL SELECT to_jsonb(x) FROM sync_run x UNION ALL SELECT to_jsonb(x) FROM push_channel x
        UNION ALL SELECT to_jsonb(x) FROM inbound_delivery x UNION ALL SELECT to_jsonb(x) FROM oauth_flow x
        UNION ALL SELECT to_jsonb(x) FROM route x UNION ALL SELECT to_jsonb(x) FROM idempotency_key x
        UNION ALL SELECT data FROM pgboss.job`),
    );
    const told = [answers, rows, ...app.logLines].join("\n");
    const secrets = sandbox.googleCalendar.issuedSecrets();
    expect(secrets.length).toBeGreaterThan(10);
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
    expect(told).not.toContain(sandbox.settings["GOOGLE_CALENDAR_CLIENT_SECRET"]);
  });
});

/** Looks at the service's tables as their owner. */
async function inDatabase(sql: string, parameters: unknown[] = []): Promise<Json[]> {
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  return client
    .query(sql, parameters)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}
