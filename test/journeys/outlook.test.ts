import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { Browser } from "../support/browser.ts";
import { consent } from "../support/consent.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

const returnUrl = "http://localhost:3000/settings";
let sandbox: Sandbox;
let app: TestApp;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  // So that no turn of the schedule comes in between.
  const settings = { ...sandbox.settings, OUTLOOK_CALENDAR_SYNC_SECONDS: "300-300" };
  app = await startTestApp({ env: { ...settings, ALLOWED_RETURN_ORIGINS: "http://localhost:3000" } });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

const integrationFields = `id status accountName reconnectUrl problem { code message remedy providerCode }
  defaultCalendar { id } calendars { id externalId name selected writable primary }`;

/** Somebody with a Microsoft account of their own, in a tenant of their own. */
async function aPerson() {
  const email = `${randomUUID().slice(0, 8)}@example.test`;
  sandbox.outlookCalendar.createAccount({ email });
  const journey = new Journey(await app.as({ tenantId: `tenant-${randomUUID()}`, userId: "ana" }));
  const connect = (): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      { provider: "OUTLOOK_CALENDAR", returnUrl },
      `integration { ${integrationFields} } authorizationUrl`,
    );
  const integration = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { integration(id: $id) { ${integrationFields} } }`, { id }))
      .integration;
  const connected = async (): Promise<Json> => {
    const { integration: pending, authorizationUrl } = await connect();
    const back = await consent(sandbox.outlookCalendar, authorizationUrl, { email });
    expect(outcomeOf(back)).toMatchObject({ outcome: "CONNECTED" });
    await journey.idle(pending.id);
    return integration(pending.id);
  };
  return { email, journey, connect, connected, integration };
}

function outcomeOf(back: Response): Record<string, string> {
  return Object.fromEntries(new URL(back.headers.get("location") ?? "about:blank").searchParams);
}

const at = (hour: string) => ({ dateTime: `2026-12-05T${hour}:00`, timeZone: "W. Europe Standard Time" });
const thatDay = { from: "2026-12-05T00:00:00Z", to: "2026-12-06T00:00:00Z" };

/** The one live subscription of an account. */
async function aSubscription(email: string) {
  const [subscription] = await eventually(
    "a subscription",
    async () => sandbox.outlookCalendar.subscriptions(email),
    (subscriptions) => subscriptions.length > 0,
  );
  if (!subscription) throw new Error("There is no subscription");
  return subscription;
}

/** Looks at the service's tables as their owner. */
async function inDatabase(sql: string, parameters: unknown[] = []): Promise<Json[]> {
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  return client
    .query(sql, parameters)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

describe("connecting Outlook", () => {
  it("leads from the consent page to a live integration, and both ways from there", async () => {
    const { email, journey, connected } = await aPerson();
    sandbox.outlookCalendar.insertEvent(email, { subject: "Already there", start: at("10:00"), end: at("11:00") });
    const { status, accountName, defaultCalendar } = await connected();
    expect({ status, accountName }).toEqual({ status: "ACTIVE", accountName: email });
    expect(await journey.events(thatDay)).toMatchObject([{ title: "Already there", syncState: "SYNCED" }]);

    const { calendarEvent, userErrors } = await journey.create(defaultCalendar.id, {
      title: "Interview",
      start: { localDateTime: "2026-12-05T14:00:00", timeZone: "Europe/Berlin" },
      end: { localDateTime: "2026-12-05T15:00:00", timeZone: "Europe/Berlin" },
    });
    expect({ userErrors, syncState: calendarEvent.syncState }).toEqual({ userErrors: [], syncState: "SYNCED" });
    const there = () => sandbox.outlookCalendar.mailboxes.events(email).map((event) => event["subject"]);
    expect(there()).toContain("Interview");
    await journey.update(calendarEvent.id, { title: "Second interview" });
    expect(there()).toContain("Second interview");
    await journey.delete(calendarEvent.id);
    expect(there()).toEqual(["Already there"]);
  });

  it("says who refused, and that nothing came of it", async () => {
    const { email, connect, integration } = await aPerson();
    const { integration: pending, authorizationUrl } = await connect();
    const back = await consent(sandbox.outlookCalendar, authorizationUrl, { email, deny: true });
    expect(outcomeOf(back)).toMatchObject({ outcome: "REFUSED" });
    expect(await integration(pending.id)).toMatchObject({ status: "CONNECTING" });
  });

  it("says whom to ask, with the link for it, where only an administrator may allow the app", async () => {
    const { connect, integration } = await aPerson();
    const { integration: pending, authorizationUrl } = await connect();
    const browser = new Browser();
    const page = new URL(await browser.sentTo(authorizationUrl)).searchParams;
    const back = new URL(page.get("redirect_uri") ?? "");
    const said = "AADSTS90094: Admin consent is required for the permissions requested by this application.";
    const answer = { state: page.get("state") ?? "", error: "access_denied", error_description: said };
    back.search = new URLSearchParams(answer).toString();
    const sent = await browser.visit(back.href);
    expect(outcomeOf(sent)).toMatchObject({ outcome: "REFUSED", providerCode: "AADSTS90094" });
    const { problem } = await integration(pending.id);
    const link = new URL(/http\S+(?=, then)/.exec(problem.remedy)?.[0] ?? "about:blank");
    expect(link.pathname).toMatch(/\/organizations\/v2\.0\/adminconsent$/);
    expect(link.searchParams.get("client_id")).toBe(sandbox.settings["OUTLOOK_CALENDAR_CLIENT_ID"]);

    back.search = "admin_consent=True&tenant=8c3dad1d";
    expect(await (await new Browser().visit(back.href)).text()).toContain("allowed for the whole organization");
  });

  it("waits at the state that a rule cannot be said, and nothing is made", async () => {
    const { email, journey, connected } = await aPerson();
    const { defaultCalendar } = await connected();
    const { calendarEvent, userErrors } = await journey.create(defaultCalendar.id, {
      title: "Fifth Saturdays",
      start: { localDateTime: "2026-12-05T14:00:00", timeZone: "Europe/Berlin" },
      end: { localDateTime: "2026-12-05T15:00:00", timeZone: "Europe/Berlin" },
      recurrence: ["RRULE:FREQ=MONTHLY;BYDAY=5SA"],
    });
    expect(calendarEvent).toBeNull();
    expect(userErrors).toMatchObject([{ code: "UNSUPPORTED_CAPABILITY", remedy: expect.any(String) }]);
    expect(sandbox.outlookCalendar.mailboxes.events(email)).toEqual([]);
  });
});

describe("what a cursor knows nothing of", () => {
  it("is looked up by name: read by a sync that left something out, and gone before the next one", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const kept = sandbox.outlookCalendar.insertEvent(email, { subject: "Kept", start: at("08:00"), end: at("09:00") });
    await journey.sync(id);
    // A write of ours is on its way, so a reading says nothing about that event.
    const [{ raw }] = await inDatabase("SELECT id AS raw FROM calendar_event WHERE integration_id = $1", [id]);
    await inDatabase(`UPDATE calendar_event SET intent = '{"operation":"UPDATE"}' WHERE id = $1`, [raw]);
    sandbox.outlookCalendar.patchEvent(email, kept, { subject: "Renamed" });
    const short = sandbox.outlookCalendar.insertEvent(email, {
      subject: "Short",
      start: at("10:00"),
      end: at("11:00"),
    });
    await journey.sync(id);
    expect((await journey.events(thatDay)).map(({ title }) => title)).toEqual(["Kept", "Short"]);

    sandbox.outlookCalendar.deleteEvent(email, short);
    await inDatabase("UPDATE calendar_event SET intent = NULL WHERE id = $1", [raw]);
    await journey.sync(id);
    expect((await journey.events(thatDay)).map(({ title }) => title)).toEqual(["Renamed"]);
  });
});

describe("a subscription", () => {
  it("is made at an address that answers Microsoft's question, and at no other", async () => {
    const { email, connected } = await aPerson();
    await connected();
    const { notificationUrl } = await aSubscription(email);
    const ask = (url: string) =>
      fetch(`${url}?validationToken=${encodeURIComponent("Ask <me> & more")}`, { method: "POST" });
    const answered = await ask(notificationUrl);
    expect(answered.status).toBe(200);
    expect(answered.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(answered.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await answered.text()).toBe("Ask <me> & more");
    expect((await ask(`${notificationUrl}x`)).status).toBe(404);
    expect((await ask(notificationUrl.replace("outlook-calendar", "google-calendar"))).status).toBe(404);
  });

  it("brings a change within seconds, in a sync of that calendar alone", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    await aSubscription(email);
    sandbox.outlookCalendar.insertEvent(email, { subject: "Pushed", start: at("09:00"), end: at("10:00") });
    await eventually(
      "the event",
      () => journey.events(thatDay),
      (events) => events.length === 1,
    );
    expect((await journey.runs(id))[0]).toMatchObject({ trigger: "PUSH", calendarsTotal: 1, created: 1 });
  });

  it("is believed from the vendor alone", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const { id: subscriptionId, notificationUrl, clientState } = await aSubscription(email);
    await journey.idle(id);
    const before = (await journey.runs(id)).length;
    const send = (...value: object[]) =>
      fetch(notificationUrl, { method: "POST", body: JSON.stringify({ value }) }).then(({ status }) => status);
    const genuine = { subscriptionId, clientState, changeType: "updated" };
    expect(await send({ ...genuine, clientState: "guessed" })).toBe(403);
    expect(await send({ ...genuine, subscriptionId: randomUUID() })).toBe(403);
    expect(await send(genuine, { ...genuine, clientState: null })).toBe(403);
    expect(await send()).toBe(403);
    expect(await journey.runs(id)).toHaveLength(before);
    expect(await send(genuine, genuine)).toBe(202);
    await eventually(
      "the sync",
      () => journey.runs(id),
      (runs) => runs.length === before + 1,
    );
  });

  it("is prolonged before it is over, and stays the same", async () => {
    const { email, connected } = await aPerson();
    const { id } = await connected();
    const before = await aSubscription(email);
    await inDatabase("UPDATE push_channel SET expires_at = now() + interval '1 hour' WHERE integration_id = $1", [id]);
    const expiresAt = before.expiresAt.getTime();
    // Microsoft asks for it; what is soon over anyway is prolonged the same way.
    expect(await sandbox.outlookCalendar.sendLifecycle(before.id, "reauthorizationRequired")).toBe(202);
    const after = await eventually(
      "the renewal",
      async () => aSubscription(email),
      (subscription) => subscription.expiresAt.getTime() > expiresAt,
    );
    expect(after.id).toBe(before.id);
    const channels = await inDatabase("SELECT state FROM push_channel WHERE integration_id = $1", [id]);
    expect(channels).toEqual([{ state: "LIVE" }]);
  });

  it.each(["subscriptionRemoved", "missed"] as const)("leads to a sync when Microsoft says '%s'", async (event) => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const before = await aSubscription(email);
    const runs = (await journey.idle(id)).length;
    await sandbox.outlookCalendar.sendLifecycle(before.id, event);
    await eventually(
      "the sync",
      () => journey.runs(id),
      (now) => now.length > runs,
    );
    const after = await aSubscription(email);
    expect(after.id === before.id).toBe(event === "missed");
  });

  it("that was over before anybody knew is made anew, and the calendar is read", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const before = await aSubscription(email);
    const runs = (await journey.idle(id)).length;
    // Nobody was told of its end, nor of what happened since.
    sandbox.outlookCalendar.dropSubscription(before.id);
    sandbox.outlookCalendar.insertEvent(email, { subject: "Untold", start: at("09:00"), end: at("10:00") });
    await inDatabase("UPDATE push_channel SET expires_at = now() WHERE integration_id = $1", [id]);
    const due = "UPDATE pgboss.job SET start_after = now() WHERE name = 'keep-push-channels' AND data::text LIKE $1";
    await inDatabase(due, [`%${id}%`]);
    await eventually(
      "the sync",
      () => journey.runs(id),
      (now) => now.length > runs,
      { withinMs: 20_000 },
    );
    expect((await aSubscription(email)).id).not.toBe(before.id);
    await journey.idle(id);
    expect((await journey.events(thatDay)).map(({ title }) => title)).toEqual(["Untold"]);
  });

  it("that an earlier answer told nobody of gives way to one whose secret is known", async () => {
    const { email, connected } = await aPerson();
    const { id } = await connected();
    const lost = await aSubscription(email);
    // As after a crash between Microsoft's answer and our noting it.
    await inDatabase("UPDATE push_channel SET state = 'ENDED' WHERE integration_id = $1", [id]);
    await sandbox.outlookCalendar.sendLifecycle(lost.id, "reauthorizationRequired");
    const found = await eventually(
      "another one",
      async () => aSubscription(email),
      (subscription) => subscription.id !== lost.id,
    );
    expect(found.clientState).not.toBe(lost.clientState);
  });
});

describe("disconnecting Outlook", () => {
  it("ends the subscriptions, and says what it could not end", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    await aSubscription(email);
    const { revocation } = await journey.mutate(
      "disconnectIntegration",
      { id },
      "revocation { revoked message accountUrl }",
    );
    expect(revocation).toMatchObject({ revoked: false, accountUrl: expect.stringMatching(/^https:/) });
    expect(sandbox.outlookCalendar.subscriptions(email)).toEqual([]);
    expect(await inDatabase("SELECT FROM credential WHERE integration_id = $1", [id])).toEqual([]);
  });
});

describe("disconnecting while a subscription is prolonged", () => {
  it("leaves none at Microsoft, and none that we take for live", async () => {
    const { email, journey, connected } = await aPerson();
    const { id } = await connected();
    const { id: subscriptionId } = await aSubscription(email);
    const task = (): Promise<Json[]> =>
      inDatabase(
        `SELECT state FROM pgboss.job WHERE name = 'keep-push-channels' AND singleton_key = $1
           AND state IN ('created', 'retry', 'active') ORDER BY state`,
        [id],
      );
    sandbox.outlookCalendar.fail("slow", { path: `/subscriptions/${subscriptionId}`, times: 1, delayMs: 2000 });
    await sandbox.outlookCalendar.sendLifecycle(subscriptionId, "reauthorizationRequired");
    await eventually("the renewal", task, ([first]) => first?.state === "active");
    await journey.mutate("disconnectIntegration", { id }, "revocation { revoked }");
    // Microsoft answers the renewal now, with 404.
    await eventually("its end", task, (tasks) => tasks.length === 0);
    expect(sandbox.outlookCalendar.subscriptions(email)).toEqual([]);
    const live = await inDatabase("SELECT state FROM push_channel WHERE integration_id = $1 AND state <> 'ENDED'", [
      id,
    ]);
    expect(live).toEqual([]);
  });
});

describe("a grant that Microsoft ended", () => {
  it("is told too where Microsoft wants another sign-in for a token that it has just given", async () => {
    const { email, journey, connected, integration } = await aPerson();
    const { id } = await connected();
    sandbox.outlookCalendar.switches.claimsChallenge = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
    await journey.sync(id);
    sandbox.outlookCalendar.switches.claimsChallenge = null;
    const { status, problem, reconnectUrl } = await integration(id);
    expect({ status, code: problem.code }).toEqual({ status: "NEEDS_REAUTH", code: "CREDENTIALS_REJECTED" });
    const back = await consent(sandbox.outlookCalendar, await new Browser().sentTo(reconnectUrl), { email });
    expect(back.status).toBe(200);
    expect(await integration(id)).toMatchObject({ status: "ACTIVE", problem: null });
  });

  it("is a state with the number that says why, and a way back", async () => {
    const { email, journey, connected, integration } = await aPerson();
    const { id } = await connected();
    sandbox.outlookCalendar.oauth.refuseWith = { error: "invalid_grant", code: 50173 };
    sandbox.outlookCalendar.revoke(email);
    await journey.sync(id);
    sandbox.outlookCalendar.oauth.refuseWith = null;
    const { status, problem, reconnectUrl } = await integration(id);
    expect({ status, code: problem.code, providerCode: problem.providerCode }).toEqual({
      ...{ status: "NEEDS_REAUTH", code: "REAUTHORIZATION_REQUIRED", providerCode: "AADSTS50173" },
    });
    const back = await consent(sandbox.outlookCalendar, await new Browser().sentTo(reconnectUrl), { email });
    expect(back.status).toBe(200);
    expect(await integration(id)).toMatchObject({ status: "ACTIVE", problem: null, reconnectUrl: null });
  });
});
