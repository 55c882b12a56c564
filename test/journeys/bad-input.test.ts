import { DateTime } from "luxon";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { type FaultProxy, faults, startFaultProxy } from "../../sandbox/real-servers/fault-proxy.ts";
import {
  type Radicale,
  radicaleIsInstalled,
  radicalePasswords,
  startRadicale,
} from "../../sandbox/real-servers/radicale.ts";
import { type CallerOptions, startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { type CalDavClient, caldavClient, ics, vevent } from "../support/caldav-client.ts";
import { createCertificate } from "../support/certificate.ts";
import { EventFollower } from "../support/event-follower.ts";
import { eventually, inTime } from "../support/eventually.ts";
import { credentialsOf, dataOf, Journey } from "../support/journey.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

const { alice: password } = radicalePasswords;
const wrongPassword = "wr0ng-canary-of-alice";
const day = DateTime.utc().startOf("day").plus({ days: 7 });
const range = { from: day.minus({ days: 3 }).toISO(), to: day.plus({ days: 30 }).toISO() };
const stamp = (hour: number) => day.plus({ hours: hour }).toFormat("yyyyMMdd'T'HHmmss'Z'");
const anEvent = (title: string, ...more: string[]) =>
  ics(vevent(title, `SUMMARY:${title}`, `DTSTART:${stamp(10)}`, `DTEND:${stamp(11)}`, ...more));
const noon = { dateTime: day.plus({ hours: 12 }).toISO() };
const one = { dateTime: day.plus({ hours: 13 }).toISO() };

/** Everything that was answered to anybody: no secret may be in it. */
const answers: string[] = [];
const apps: TestApp[] = [];

async function start(options: Parameters<typeof startTestApp>[0] = {}): Promise<TestApp> {
  const app = await startTestApp(options);
  apps.push(app);
  return app;
}

async function somebody(app: TestApp, options?: CallerOptions): Promise<Journey> {
  const caller = await app.as(options);
  return new Journey(recorded(caller));
}

function recorded(caller: TestCaller): TestCaller {
  return {
    ...caller,
    async query(query, variables) {
      const answer = await caller.query(query, variables);
      answers.push(JSON.stringify(answer));
      return answer;
    },
  };
}

afterEach(async () => {
  const logged = apps.flatMap(({ logLines }) => logLines).join("\n");
  for (const secret of [password, wrongPassword, encodeURIComponent(radicalePasswords.bob)]) {
    expect(logged.includes(secret), "a password in the log").toBe(false);
    expect(answers.join("\n").includes(secret), "a password in an answer").toBe(false);
  }
});

describe.skipIf(!radicaleIsInstalled)("connecting", () => {
  let radicale: Radicale;
  let app: TestApp;

  beforeAll(async () => {
    [radicale, app] = await Promise.all([startRadicale(), start()]);
  });
  afterAll(async () => {
    await app.stop();
    await radicale.stop();
  });

  const account = (serverUrl: string) => ({ serverUrl, username: "alice", password });

  /** Connecting there is refused like this, and leaves nothing behind. */
  async function refusal(serverUrl: string, of = app) {
    const journey = await somebody(of);
    const { integration, userErrors } = await journey.connect(account(serverUrl));
    expect(integration).toBeNull();
    expect(userErrors).toHaveLength(1);
    expect(await integrations(journey)).toEqual([]);
    expect(await journey.log()).toEqual([]);
    return userErrors[0];
  }

  async function integrations(journey: Journey) {
    return dataOf(await journey.caller.query("{ integrations { nodes { id status } } }")).integrations.nodes;
  }

  it("with a wrong password asks the server once, and says what to do", async () => {
    const proxy = await proxied(radicale.url);
    const journey = await somebody(app);

    const { integration, userErrors } = await journey.connect({ ...account(proxy.url), password: wrongPassword });

    expect(integration).toBeNull();
    expect(userErrors).toEqual([
      expect.objectContaining({
        code: "CREDENTIALS_REJECTED",
        retryable: false,
        remedy: expect.any(String),
        field: ["input", "credentials"],
      }),
    ]);
    // The first leads to the second, and only that one looks at the password.
    expect(proxy.requests.map(({ path }) => path)).toEqual(["/.well-known/caldav", "/"]);
    expect(await integrations(journey)).toEqual([]);
  });

  it("to what is no CalDAV server names the field and a remedy", async () => {
    const missing = await serveOnLoopback((_, response) => response.writeHead(404).end());
    const page = await serveOnLoopback((_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Welcome</title>"),
    );
    const nonsense = await serveOnLoopback((_, response) =>
      response.writeHead(207, { "content-type": "application/xml" }).end("<multistatus xmlns='DAV:'><respon"),
    );
    for (const { origin } of [missing, page, nonsense]) {
      expect(await refusal(origin)).toMatchObject({
        code: "PROVIDER_REPLY_INVALID",
        field: ["input", "credentials", "0", "value"],
        remedy: expect.any(String),
      });
    }
  });

  it.each(["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"])(
    "to the private address %s is refused before anything is sent",
    async (host) => {
      const closed = await start({ env: { EGRESS_ALLOW_CIDRS: "" } });
      onTestFinished(() => closed.stop());
      const server = await serveOnLoopback((_, response) => response.end());

      expect(await refusal(`http://${host}:${server.port}/`, closed)).toMatchObject({
        code: "EGRESS_REFUSED",
        retryable: false,
      });
      expect(server.requests).toEqual([]);
    },
  );

  it("is not led to a private or foreign address by a redirect or an answer", async () => {
    const target = await serveOnLoopback((_, response) => response.end());
    for (const location of [
      "http://10.0.0.1/",
      "http://169.254.169.254/latest/",
      `${target.origin.replace("127.0.0.1", "127.0.0.2")}/`,
    ]) {
      const redirecting = await serveOnLoopback((_, response) => response.writeHead(302, { location }).end());
      expect(await refusal(redirecting.origin)).toMatchObject({ code: "EGRESS_REFUSED" });
      const answering = await serveOnLoopback((_, response) =>
        response
          .writeHead(207, { "content-type": "application/xml" })
          .end(
            `<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><current-user-principal><href>${location}</href></current-user-principal></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`,
          ),
      );
      expect(await refusal(answering.origin)).toMatchObject({ code: "EGRESS_REFUSED" });
    }
    expect(target.requests).toEqual([]);
  });

  it("says how the way to a server failed", async () => {
    const selfSigned = await serveOnLoopback((_, response) => response.end(), createCertificate("calendar.example"));
    const plain = await serveOnLoopback((_, response) => response.end());
    const retryable = { code: "PROVIDER_UNAVAILABLE", retryable: true };

    expect(await refusal(selfSigned.origin)).toMatchObject({
      ...retryable,
      remedy: expect.stringContaining("certificate"),
    });
    expect(await refusal(`https://127.0.0.1:${plain.port}`)).toMatchObject({
      ...retryable,
      remedy: expect.any(String),
    });
    expect(await refusal("http://127.0.0.1:65500")).toMatchObject(retryable);
    expect(await refusal("http://127.0.0.1:25")).toMatchObject({ code: "EGRESS_REFUSED", retryable: false });
    expect(await refusal("https://calendar.invalid")).toMatchObject(retryable);
  });

  it("tells which field is wrong before anything is called", async () => {
    const journey = await somebody(app);
    const good = { ...account(radicale.url) };
    const connect = async (credentials: object[], more: object = {}) =>
      (await journey.mutate("connectIntegration", { provider: "CALDAV", credentials, ...more }, "integration { id }"))
        .userErrors;
    const fields = credentialsOf(good);

    expect(await connect(fields.slice(0, 2))).toMatchObject([
      { code: "INVALID_INPUT", field: ["input", "credentials"] },
    ]);
    expect(await connect([...fields, { name: "color", value: "red" }])).toMatchObject([
      { code: "INVALID_INPUT", field: ["input", "credentials", "3", "name"] },
    ]);
    expect(await connect([...fields, { name: "username", value: "bob" }])).toMatchObject([{ code: "INVALID_INPUT" }]);
    expect(await connect(fields, { returnUrl: "https://elsewhere.example/" })).toMatchObject([
      { code: "INVALID_INPUT", field: ["input", "returnUrl"] },
    ]);
    expect(await connect(fields, { calendarIds: ["/nowhere/"] })).toMatchObject([
      { code: "INVALID_INPUT", field: ["input", "calendarIds"] },
    ]);
    for (const serverUrl of [
      "",
      "not a host at all",
      "ftp://calendar.example",
      `https://alice:${password}@calendar.example`,
      "http://a\0b",
    ]) {
      expect(await connect(credentialsOf({ ...good, serverUrl }))).toMatchObject([
        { code: expect.stringMatching(/INVALID_INPUT|EGRESS_REFUSED/) },
      ]);
    }
    expect(await connect(credentialsOf({ ...good, username: "ali\0ce" }))).toMatchObject([
      { code: "CREDENTIALS_REJECTED" },
    ]);
  });

  it("the same account twice is a duplicate, and another user's or tenant's is not", async () => {
    const journey = await somebody(app, { tenantId: "one", userId: "ana" });
    const first = await journey.connected(account(radicale.url));

    expect(await journey.connect(account(radicale.url))).toMatchObject({
      integration: null,
      userErrors: [{ code: "DUPLICATE", remedy: expect.any(String) }],
    });
    const ids = [first.id];
    for (const caller of [
      { tenantId: "one", userId: "ben" },
      { tenantId: "two", userId: "ana" },
    ]) {
      ids.push((await (await somebody(app, caller)).connected(account(radicale.url))).id);
    }
    expect(new Set(ids).size).toBe(3);
    const shared = await journey.connect(account(radicale.url), { ownership: "TENANT", label: "Everybody's" });
    expect(shared).toMatchObject({ userErrors: [], integration: { label: "Everybody's" } });
  });

  it("happens once for calls at the same time", async () => {
    const journey = await somebody(app);
    const answers = await Promise.all([1, 2, 3].map(() => journey.connect(account(radicale.url))));

    expect(answers.filter(({ integration }) => integration)).toHaveLength(1);
    expect(answers.flatMap(({ userErrors }) => userErrors).map(({ code }) => code)).toEqual(["DUPLICATE", "DUPLICATE"]);
    expect(await integrations(journey)).toHaveLength(1);
  });
});

describe.skipIf(!radicaleIsInstalled)("a connected account", () => {
  let radicale: Radicale;
  let app: TestApp;
  let other: CalDavClient;

  beforeAll(async () => {
    [radicale, app] = await Promise.all([startRadicale(), start()]);
    other = caldavClient(radicale.url, "alice", password);
  });
  afterAll(async () => {
    await app.stop();
    await radicale.stop();
  });

  /** Somebody of a tenant of their own, connected through a proxy of their own. */
  async function begin(objects: Record<string, string>, { of = app, caller = {} as CallerOptions } = {}) {
    const proxy = await proxied(radicale.url);
    const path = await other.createCalendar();
    for (const [name, text] of Object.entries(objects)) await other.put(`${path}${name}`, text);
    const journey = await somebody(of, caller);
    const account = { serverUrl: proxy.url, username: "alice", password };
    const calendarIds = [new URL(path, proxy.url).href];
    const integration = await journey.connected(account, { calendarIds });
    const calendarId: string = integration.calendars.find(({ selected }: { selected: boolean }) => selected).id;
    const titles = async () =>
      (await journey.events({ ...range, integrationIds: [integration.id] })).map(({ title }) => title).toSorted();
    return { proxy, path, journey, account, calendarIds, id: integration.id as string, calendarId, titles };
  }

  it("lets the rest arrive when an event is too large or malformed, and names those", async () => {
    const { proxy, path, journey, id, titles } = await begin({
      "good.ics": anEvent("Good"),
      "mended.ics": anEvent("Mended"),
    });
    await other.put(`${path}large.ics`, anEvent("Large", `DESCRIPTION:${"x".repeat(3_000_000)}`));
    await other.put(`${path}bad.ics`, anEvent("Spoilt"));
    await other.edit(`${path}mended.ics`, "SUMMARY:Mended", "SUMMARY:Spoilt");
    await other.put(`${path}other.ics`, anEvent("Other"));
    const mend = proxy.failAlways(
      faults.rewriting((body) => body.replaceAll("SUMMARY:Spoilt", "this is not a property")),
    );

    const run = await journey.sync(id);

    expect(run).toMatchObject({ state: "SUCCEEDED", created: 1, skippedTotal: 3 });
    const reasons = new Map(run.skipped.map(({ externalId, reason }: Record<string, string>) => [externalId, reason]));
    expect([...reasons.keys()].toSorted()).toEqual(["bad", "large", "mended"].map((name) => `${path}${name}.ics`));
    expect(reasons.get(`${path}large.ics`)).toContain("larger than");
    expect(reasons.get(`${path}bad.ics`)).toContain("not valid iCalendar");
    // What was known before is still shown.
    expect(await titles()).toEqual(["Good", "Mended", "Other"]);

    mend();
    await other.edit(`${path}bad.ics`, "SUMMARY:Spoilt", "SUMMARY:No longer spoilt");
    await journey.sync(id, { full: true });
    expect(await titles()).toEqual(["Good", "No longer spoilt", "Other", "Spoilt"]);
  });

  it("is never read as empty when the server answers nonsense", async () => {
    // By this clock every retry is due at once, and no turn of the schedule is.
    const env = { CALDAV_SYNC_SECONDS: "300-300" };
    const early = await start({ env, now: () => new Date(Date.now() - 120_000) });
    onTestFinished(() => early.stop());
    const { proxy, journey, id, titles } = await begin({ "a.ics": anEvent("Stays") }, { of: early });
    for (const fault of [faults.html, faults.truncated, faults.status(404), faults.status(403), faults.status(207)]) {
      const mend = proxy.failAlways(faults.on("REPORT", fault));
      const run = await journey.sync(id, { full: true });
      mend();
      expect(run).toMatchObject({
        state: "FAILED",
        problem: { code: expect.stringMatching(/^(PROVIDER_|NOT_FOUND)/) },
      });
      expect(await titles()).toEqual(["Stays"]);
    }
    expect((await journey.log(["calendar_event.deleted"])).length).toBe(0);
    expect(await journey.sync(id)).toMatchObject({ state: "SUCCEEDED", created: 0, updated: 0, deleted: 0 });
  });

  it("waits for its owner once the password is refused, and goes on with the new one", {
    timeout: 40_000,
  }, async () => {
    const early = await start({ now: () => new Date(Date.now() - 29_000) });
    onTestFinished(() => early.stop());
    const { proxy, path, journey, account, id, calendarId, titles } = await begin(
      { "a.ics": anEvent("Before") },
      { of: early },
    );
    const [{ id: eventId }] = await journey.events(range);
    onTestFinished(() => radicale.changePasswords(radicalePasswords));
    await radicale.changePasswords({ ...radicalePasswords, alice: "another-one" });

    proxy.forget();
    const run = await journey.sync(id);

    expect(run).toMatchObject({
      state: "FAILED",
      attempts: 1,
      problem: { code: "CREDENTIALS_REJECTED", fault: "account" },
    });
    expect(await journey.integration(id)).toMatchObject({
      status: "NEEDS_REAUTH",
      problem: { code: "CREDENTIALS_REJECTED", remedy: expect.any(String) },
    });
    expect(proxy.requests).toHaveLength(1);
    const told = await journey.log(["integration.*"]);
    expect(told.map(({ type }) => type)).toEqual(["integration.connected", "integration.reauthorization_required"]);

    // Neither its owner's calls nor the schedule try the old password again.
    const refused = { userErrors: [{ code: "REAUTHORIZATION_REQUIRED", remedy: expect.any(String) }] };
    await journey.updateIntegration(id, { syncIntervalSeconds: 30 });
    expect(await journey.mutate("syncIntegration", { integrationId: id }, "syncRun { id }")).toMatchObject(refused);
    expect(await journey.create(calendarId, { title: "x", start: noon, end: one })).toMatchObject(refused);
    expect(await journey.update(eventId, { title: "x" })).toMatchObject(refused);
    expect(proxy.requests).toHaveLength(1);
    expect(await titles()).toEqual(["Before"]);

    expect(await journey.reconnect(id, { ...account, password: wrongPassword })).toMatchObject({
      integration: null,
      userErrors: [{ code: "CREDENTIALS_REJECTED" }],
    });
    expect(await journey.reconnect(id, { ...account, username: "bob", password: radicalePasswords.bob })).toMatchObject(
      {
        integration: null,
        userErrors: [{ code: "INVALID_INPUT", field: ["input", "credentials"] }],
      },
    );
    expect(await journey.integration(id)).toMatchObject({ status: "NEEDS_REAUTH" });

    const another = caldavClient(radicale.url, "alice", "another-one");
    await another.put(`${path}b.ics`, anEvent("Meanwhile"));
    const { integration, userErrors } = await journey.reconnect(id, { ...account, password: "another-one" });
    expect(userErrors).toEqual([]);
    expect(integration).toMatchObject({ id, status: "ACTIVE", problem: null });
    await eventually("what came meanwhile", titles, (shown) => shown.length === 2);
    expect(await journey.events(range)).toContainEqual(expect.objectContaining({ id: eventId, title: "Before" }));
  });

  it("keeps everything while its server is down, is DEGRADED in the end, and recovers", {
    timeout: 60_000,
  }, async () => {
    // By this clock every retry is due at once, and no turn of the schedule is.
    const env = { CALDAV_SYNC_SECONDS: "300-300" };
    const early = await start({ env, now: () => new Date(Date.now() - 120_000) });
    onTestFinished(() => early.stop());
    const { proxy, path, journey, id, titles } = await begin({ "a.ics": anEvent("Stays") }, { of: early });
    const mend = proxy.failAlways(faults.status(503));
    await other.remove(`${path}a.ics`);
    await other.put(`${path}b.ics`, anEvent("Came"));

    const run = await journey.sync(id);

    expect(run).toMatchObject({
      state: "FAILED",
      attempts: 5,
      problem: { code: "PROVIDER_UNAVAILABLE", fault: "provider" },
    });
    expect(await journey.integration(id)).toMatchObject({
      status: "ACTIVE",
      problem: { code: "PROVIDER_UNAVAILABLE" },
    });
    for (const _ of [2, 3]) {
      expect(await journey.mutate("testIntegration", { id }, "integration { id }")).toMatchObject({
        userErrors: [{ code: "PROVIDER_UNAVAILABLE", retryable: true }],
      });
    }
    expect(await journey.integration(id)).toMatchObject({ status: "DEGRADED" });
    expect(await titles()).toEqual(["Stays"]);

    mend();
    expect(await journey.sync(id)).toMatchObject({ state: "SUCCEEDED", created: 1, deleted: 1 });
    expect(await journey.integration(id)).toMatchObject({ status: "ACTIVE", problem: null });
    expect(await titles()).toEqual(["Came"]);
    expect((await journey.log(["integration.*", "sync.failed"])).map(({ type }) => type)).toEqual([
      "integration.connected",
      "sync.failed",
      "integration.degraded",
      "integration.recovered",
    ]);
    const failed = early.logLines.filter((line) => line.includes("a task failed and is tried again"));
    expect(failed.length).toBeGreaterThanOrEqual(4);
    expect(JSON.parse(failed[0] ?? "{}")).toMatchObject({ task: "run-sync", err: { code: "PROVIDER_UNAVAILABLE" } });
  });

  it("is over when it is disconnected: no credential, no task, no data after a day, and the same id when it comes back", async () => {
    // While the clock is late it is yesterday; a day passes when it is put right.
    let lateMs = 0;
    const early = await start({ now: () => new Date(Date.now() - lateMs) });
    onTestFinished(() => early.stop());
    const { proxy, path, journey, account, calendarIds, id, calendarId, titles } = await begin(
      { "a.ics": anEvent("Kept there") },
      { of: early },
    );
    expect(await rows(early, "SELECT FROM credential")).toHaveLength(1);

    lateMs = 25 * 60 * 60 * 1000;
    const { integration } = await journey.disconnect(id);

    expect(integration).toMatchObject({
      id,
      status: "DISCONNECTED",
      nextSyncAt: null,
      disconnectedAt: expect.any(String),
    });
    expect(await rows(early, "SELECT FROM credential")).toEqual([]);
    const gone = { userErrors: [{ code: "NOT_FOUND" }] };
    expect(await journey.mutate("syncIntegration", { integrationId: id }, "syncRun { id }")).toMatchObject(gone);
    expect(await journey.create(calendarId, { title: "x", start: noon, end: one })).toMatchObject(gone);
    expect(await journey.updateIntegration(id, { label: "x" })).toMatchObject(gone);
    expect((await journey.disconnect(id)).userErrors).toEqual([]);
    await journey.idle(id);
    proxy.forget();

    lateMs = 0;
    await eventually(
      "the purge",
      () => rows(early, "SELECT FROM calendar_event"),
      (left) => left.length === 0,
    );
    expect(await titles()).toEqual([]);
    expect(await rows(early, "SELECT FROM calendar")).toEqual([]);
    expect(proxy.requests).toEqual([]);
    expect(await other.list(path)).toEqual(["a.ics"]);
    expect((await journey.log(["calendar_event.deleted"])).length).toBe(0);

    const back = await journey.connected(account, { calendarIds });
    expect(back).toMatchObject({ id, status: "ACTIVE", disconnectedAt: null });
    expect(back.defaultCalendar).not.toBeNull();
    expect(await titles()).toEqual(["Kept there"]);
  });

  it("comes back with its events when it is connected again the same day", async () => {
    const { journey, account, calendarIds, id, titles } = await begin({ "a.ics": anEvent("Kept") });
    const [event] = await journey.events(range);
    await journey.disconnect(id);

    const back = await journey.connected(account, { calendarIds });

    expect(back).toMatchObject({ id, status: "ACTIVE" });
    expect(await titles()).toEqual(["Kept"]);
    expect(await journey.event(event.id)).toEqual(event);
    expect((await journey.log(["integration.*"])).map(({ type }) => type)).toEqual([
      "integration.connected",
      "integration.disconnected",
      "integration.connected",
    ]);
  });

  it("mirrors what is asked for when it is connected again, not what was mirrored before", async () => {
    const { journey, account, id, titles } = await begin({ "a.ics": anEvent("Kept there") });
    await journey.disconnect(id);

    const back = await journey.connected(account, { calendarIds: [] });

    expect(back.calendars.map(({ selected }: { selected: boolean }) => selected)).not.toContain(true);
    expect(await titles()).toEqual([]);
  });

  it("is nobody else's: another tenant and a colleague find nothing by any door", async () => {
    const { journey, id, calendarId } = await begin(
      { "a.ics": anEvent("Secret meeting") },
      { caller: { tenantId: "acme", userId: "ana" } },
    );
    const [event] = await journey.events(range);
    const [run] = await journey.runs(id);
    const [logged] = await journey.log();
    const scopes = ["integrations:read", "integrations:write", "calendar:read", "calendar:write", "events:read"];

    for (const caller of [
      { tenantId: "emca", userId: "ana" },
      { tenantId: "acme", userId: "ben", scopes },
    ]) {
      const stranger = await somebody(app, caller);
      const follower = new EventFollower(stranger.caller, { after: logged.cursor });
      onTestFinished(() => follower.stop());
      expect(await stranger.integration(id)).toBeNull();
      expect(await stranger.event(event.id)).toBeNull();
      expect(await stranger.run(run.id)).toBeNull();
      expect(await stranger.runs(id)).toEqual([]);
      expect(await stranger.events(range)).toEqual([]);
      expect(await stranger.events({ ...range, calendarIds: [calendarId], integrationIds: [id] })).toEqual([]);
      expect(await stranger.log()).toEqual([]);
      const keys = [
        ["Integration", id],
        ["Calendar", calendarId],
        ["CalendarEvent", event.id],
        ["SyncRun", run.id],
        ["IntegrationEvent", logged.id],
      ];
      const entities = await stranger.caller.query(
        "query ($keys: [_Any!]!) { _entities(representations: $keys) { __typename } }",
        {
          keys: keys.map(([__typename, id]) => ({ __typename, id })),
        },
      );
      expect(dataOf(entities)._entities).toEqual([null, null, null, null, null]);
      const gone = { userErrors: [{ code: "NOT_FOUND" }] };
      expect(await stranger.mutate("syncIntegration", { integrationId: id }, "syncRun { id }")).toMatchObject(gone);
      expect(await stranger.mutate("cancelSync", { id: run.id }, "syncRun { id }")).toMatchObject(gone);
      expect(await stranger.mutate("testIntegration", { id }, "integration { id }")).toMatchObject(gone);
      expect(await stranger.updateIntegration(id, { label: "mine" })).toMatchObject(gone);
      expect(await stranger.disconnect(id)).toMatchObject(gone);
      expect(await stranger.reconnect(id, { serverUrl: radicale.url, username: "alice", password })).toMatchObject(
        gone,
      );
      expect(await stranger.create(calendarId, { title: "x", start: noon, end: one })).toMatchObject(gone);
      expect(await stranger.update(event.id, { title: "x" })).toMatchObject(gone);
      expect(await stranger.delete(event.id)).toMatchObject(gone);
      expect(await stranger.respond(event.id, "ACCEPTED")).toMatchObject(gone);
      expect(follower.events.filter(({ type }) => type !== "stream.gap")).toEqual([]);
    }
    expect(await journey.integration(id)).toMatchObject({ status: "ACTIVE", label: null });
  });

  describe("asked for what cannot be", () => {
    const unknown = "01920000-0000-7000-8000-000000000000";
    const malformed = [
      "",
      "x",
      "1",
      unknown.toUpperCase(),
      `${unknown}_`,
      `${unknown}_\0`,
      `${unknown}_20270101T000000Z`,
      "a\0b",
      "%",
      "é".repeat(300),
    ];

    it("finds nothing by unknown and malformed ids, and fails over none", async () => {
      const { journey, calendarId } = await begin({ "a.ics": anEvent("Series", "RRULE:FREQ=DAILY;COUNT=3") });
      const [occurrence] = await journey.events(range);
      const odd = ["_", "_99999999T999999Z", "_20270230", "_20270101T000000Z_x", "_0", "_\0"].map(
        (end) => `${occurrence.series.id}${end}`,
      );
      for (const id of [unknown, ...malformed, ...odd]) {
        expect([id, await journey.event(id)]).toEqual([id, null]);
        expect([id, await journey.integration(id)]).toEqual([id, null]);
        expect([id, await journey.run(id)]).toEqual([id, null]);
        expect([id, await journey.runs(id)]).toEqual([id, []]);
        expect([id, await journey.events({ ...range, calendarIds: [id] })]).toEqual([id, []]);
        expect([id, await journey.create(id, { title: "x", start: noon, end: one })]).toMatchObject([
          id,
          { userErrors: [{ code: "NOT_FOUND" }] },
        ]);
        expect([id, await journey.delete(id)]).toMatchObject([id, { userErrors: [{ code: "NOT_FOUND" }] }]);
        expect([id, await journey.disconnect(id)]).toMatchObject([id, { userErrors: [{ code: "NOT_FOUND" }] }]);
      }
      expect(
        await journey.create(calendarId, { title: "a\0b", start: noon, end: one, idempotencyKey: "a\0b" }),
      ).toMatchObject({
        userErrors: [{ code: "INVALID_INPUT", field: ["input", "idempotencyKey"] }],
      });
    });

    it("refuses cursors, pages and ranges that are none", async () => {
      const { journey, id, calendarId } = await begin({ "a.ics": anEvent("One"), "b.ics": anEvent("Two") });
      const lists: Record<string, string> = {
        calendarEvents: `calendarEvents(filter: { from: "${range.from}", to: "${range.to}" }, PAGE)`,
        integrations: "integrations(PAGE)",
        calendars: `calendars(integrationId: "${id}", PAGE)`,
        syncRuns: "syncRuns(PAGE)",
        integrationEvents: "integrationEvents(PAGE)",
      };
      const refused = async (list: string, page: string) => {
        const query = `{ ${lists[list]?.replace("PAGE", page)} { pageInfo { endCursor } } }`;
        const { errors } = await journey.caller.query(query);
        return [list, page, errors?.[0]?.extensions?.["code"]];
      };
      for (const [list, text] of Object.entries(lists)) {
        const answer = await journey.caller.query(`{ ${text.replace("PAGE", "first: 1")} { pageInfo { endCursor } } }`);
        const cursor: string = dataOf(answer)[list].pageInfo.endCursor;
        const changed = (change: (text: string) => string) =>
          Buffer.from(change(Buffer.from(cursor, "base64url").toString())).toString("base64url");
        for (const after of ["nonsense", "", "é", "W10", "WyJ4IixbXV0"]) {
          expect(await refused(list, `after: "${after}"`)).toEqual([list, `after: "${after}"`, "INVALID_INPUT"]);
        }
        // Made by somebody who knows what is in one: a mistake, or of no effect, but never a fault.
        const tampered = [
          changed((json) => json.replace(/[\da-f]{8}-[\da-f-]{27}/, "not an id")),
          changed((json) => json.replace(/\d{4}-/, "9999999-")),
          changed((json) => json.replace("2", "+02")),
          changed((json) => json.replace(/"\]\]$/, '\\u0000"]]')),
          changed((json) => json.replace(/\["[^"]*"/, "[5")),
          changed((json) => json.replace(/:\d+$/, ":99999999999999999999")),
          changed((json) => json.replace(/:\d+$/, ":999999999999999999")),
        ];
        for (const after of tampered) {
          const [, , code] = await refused(list, `after: "${after}"`);
          expect([list, Buffer.from(after, "base64url").toString(), code ?? "INVALID_INPUT"]).toEqual([
            list,
            expect.any(String),
            "INVALID_INPUT",
          ]);
        }
        for (const first of [0, -1, 201, 1_000_000]) {
          expect(await refused(list, `first: ${first}`)).toEqual([list, `first: ${first}`, "INVALID_INPUT"]);
        }
        const another = list === "integrations" ? "syncRuns" : "integrations";
        expect(await refused(another, `after: "${cursor}"`)).toEqual([another, `after: "${cursor}"`, "INVALID_INPUT"]);
      }
      for (const [from, to] of [
        [range.to, range.from],
        [range.from, range.from],
        [range.from, day.plus({ days: 500 }).toISO()],
      ]) {
        const query = `{ calendarEvents(filter: { from: "${from}", to: "${to}" }) { nodes { id } } }`;
        const { errors } = await journey.caller.query(query);
        expect(errors).toMatchObject([{ extensions: { code: "INVALID_INPUT", field: ["filter"] } }]);
      }
      const farAway = { from: "9998-01-01T00:00:00Z", to: "9998-12-01T00:00:00Z", calendarIds: [calendarId] };
      expect(await journey.events(farAway)).toEqual([]);
      expect(await journey.events({ ...farAway, from: "0001-01-01T00:00:00Z", to: "0001-12-01T00:00:00Z" })).toEqual(
        [],
      );
    });

    it("says what is wrong with words that no enum, type or scalar has", async () => {
      const journey = await somebody(app);
      const calls: [string, Record<string, unknown>][] = [
        [
          "mutation ($input: ConnectIntegrationInput!) { connectIntegration(input: $input) { userErrors { code } } }",
          { input: { provider: "MYSPACE" } },
        ],
        ["{ integrations(filter: { statuses: [SLEEPING] }) { nodes { id } } }", {}],
        [
          "query ($s: [IntegrationStatus!]) { integrations(filter: { statuses: $s }) { nodes { id } } }",
          { s: ["SLEEPING"] },
        ],
        ['{ calendarEvents(filter: { from: "yesterday", to: "2027-02-30T00:00:00Z" }) { nodes { id } } }', {}],
        [
          "query ($f: CalendarEventFilter!) { calendarEvents(filter: $f) { nodes { id } } }",
          { f: { from: 5, to: null } },
        ],
        ['{ integrationEvents(filter: { types: ["nonsense.*"] }) { nodes { id } } }', {}],
        ["{ nothing }", {}],
        ["{ integrations", {}],
        ["", {}],
      ];
      for (const [query, variables] of calls) {
        const { errors } = await journey.caller.query(query, variables);
        expect([query, errors?.[0]?.extensions?.["code"]]).toEqual([query, "INVALID_INPUT"]);
      }
    });

    it("refuses operations that are too large, too deep or too costly", async () => {
      const journey = await somebody(app);
      const code = async (query: string, variables = {}) =>
        (await journey.caller.query(query, variables)).errors?.[0]?.extensions?.["code"];
      const deep = (levels: number) =>
        `{ calendarEvent(id: "x") ${"{ series ".repeat(levels)} { id } ${"}".repeat(levels)} }`;

      expect(await code(deep(13))).toBeUndefined();
      expect(await code(deep(14))).toBe("INVALID_INPUT");
      expect(
        await code(
          `{ integrations(first: 200) { nodes { calendars { integration { calendars { integration { calendars { id name } } } } } } } }`,
        ),
      ).toBe("INVALID_INPUT");
      expect(await code(`{ ${"__typename ".repeat(10_001)} }`)).toBe("INVALID_INPUT");
      expect(await code("{ __typename }", { padding: "x".repeat(1_100_000) })).toBe("INVALID_INPUT");
      const spread = "fragment A on Integration { calendars { integration { ...A } } }";
      expect(await code(`{ integrations { nodes { ...A } } } ${spread}`)).toBe("INVALID_INPUT");
    });

    it("masks a fault of its own, under an id that is in the log", async () => {
      const broken = await start();
      onTestFinished(() => broken.stop());
      await rows(broken, "ALTER TABLE integration RENAME TO elsewhere");

      const { errors, data } = await (await somebody(broken)).caller.query("{ integrations { nodes { id } } }");

      expect(data ?? null).toBeNull();
      expect(errors).toMatchObject([
        {
          message: "Internal server error",
          extensions: { code: "INTERNAL_SERVER_ERROR", errorId: expect.any(String) },
        },
      ]);
      expect(JSON.stringify(errors)).not.toContain("relation");
      const line = broken.logLines.find((text) => text.includes(String(errors?.[0]?.extensions?.["errorId"])));
      expect(JSON.parse(line ?? "{}")).toMatchObject({
        level: 50,
        err: { message: expect.stringContaining("integration") },
      });
    });
  });
});

describe("a caller", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(() => app.stop());

  const post = async (authorization?: string, query = "{ integrations { nodes { id } } }") => {
    const response = await fetch(app.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization && { authorization }) },
      body: JSON.stringify({ query }),
    });
    return response.json() as Promise<{ data: unknown; errors?: { extensions: { code: string } }[] }>;
  };

  it("without a good token learns what the schema says, and nothing else", async () => {
    const { token } = await app.as();
    const { token: expired } = await app.as({ expiresInSeconds: -60 });
    const tampered = `${token.slice(0, -6)}AAAAAA`;
    for (const authorization of [
      undefined,
      "",
      "Bearer",
      "Bearer x",
      "Basic YTpi",
      `Bearer ${expired}`,
      `Bearer ${tampered}`,
    ]) {
      const { errors } = await post(authorization);
      expect([authorization, errors?.[0]?.extensions.code]).toEqual([authorization, "UNAUTHENTICATED"]);
    }
    expect(await post(undefined, "{ _service { sdl } }")).toMatchObject({
      data: { _service: { sdl: expect.any(String) } },
    });
    expect((await post(`Bearer ${token}`)).errors).toBeUndefined();
  });

  it("without a scope is told which one is missing, by HTTP and on a stream", async () => {
    const nobody = await app.as({ scopes: ["calendar:read"] });
    const calls = [
      "{ integrations { nodes { id } } }",
      "{ integrationEvents { nodes { id } } }",
      'mutation { syncIntegration(input: { integrationId: "x" }) { userErrors { code } } }',
      "mutation { connectIntegration(input: { provider: CALDAV }) { userErrors { code } } }",
      'mutation { deleteCalendarEvent(input: { id: "x" }) { userErrors { code } } }',
    ];
    for (const query of calls) {
      const { errors } = await nobody.query(query);
      expect([query, errors?.[0]]).toMatchObject([
        query,
        { extensions: { code: "FORBIDDEN", remedy: expect.stringContaining("scope") } },
      ]);
    }
    const stream = nobody.subscribe("subscription { integrationEvents { id } }");
    const first = await inTime(
      "an answer",
      stream.next().catch((error: unknown) => error),
    );
    expect(JSON.stringify(first)).toContain("FORBIDDEN");
    await stream.return?.();
  });

  it("is shown out of a socket without a good token, with 4401", async () => {
    const { token: expired } = await app.as({ expiresInSeconds: -60 });
    for (const payload of [
      undefined,
      {},
      { authorization: "Bearer x" },
      { authorization: `Bearer ${expired}` },
      { authorization: 5 },
    ]) {
      const socket = open(app);
      socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload })));
      expect(await closing(socket)).toBe(4401);
    }
  });

  it("loses its socket when its token expires", async () => {
    const { token } = await app.as({ expiresInSeconds: 2 });
    const socket = open(app);
    const messages: string[] = [];
    socket.on("message", (data) => messages.push(JSON.parse(String(data)).type));
    socket.on("open", () =>
      socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } })),
    );
    const startedAt = Date.now();

    expect(await closing(socket)).toBe(4401);
    expect(messages).toEqual(["connection_ack"]);
    expect(Date.now() - startedAt).toBeLessThan(4000);
  });

  it("is told what is wrong with an operation on a socket, and keeps the socket", async () => {
    const caller = await app.as();
    const operations = [
      ["subscription { nothing }", "nothing"],
      [`subscription { ${"__typename ".repeat(10_001)} }`, "token"],
      ['subscription { integrationEvents(after: "nonsense") { id } }', "INVALID_INPUT"],
      ['subscription { integrationEvents(filter: { types: ["nonsense"] }) { id } }', "INVALID_INPUT"],
    ] as const;
    for (const [query, said] of operations) {
      const stream = caller.subscribe(query);
      const answer = await inTime(
        "an answer",
        stream.next().catch((error: unknown) => error),
      );
      expect(JSON.stringify(answer)).toContain(said);
      await stream.return?.();
    }
  });
});

async function proxied(url: string): Promise<FaultProxy> {
  const proxy = await startFaultProxy(url);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Looks into an app's database as its administrator. */
async function rows(app: TestApp, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function open(app: TestApp): WebSocket {
  return new WebSocket(app.wsUrl, "graphql-transport-ws");
}

function closing(socket: WebSocket): Promise<number> {
  return inTime("the end of a socket", new Promise((resolve) => socket.once("close", resolve)));
}
