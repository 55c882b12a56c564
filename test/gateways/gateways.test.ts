import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import type { ServerProcess } from "../../sandbox/real-servers/server-process.ts";
import { scopes } from "../../src/services/viewer.ts";
import { type Answer, startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { aCalendar, aCalendarEvent, anIntegration, anOccurrence } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import {
  type CallbackDoor,
  composeWithPlatform,
  openCallbackDoor,
  type StreamingGateway,
  startApolloGateway,
  startHiveGateway,
  type TestGateway,
} from "../support/gateways.ts";
import { type PlatformSubgraph, startPlatformSubgraph } from "../support/platform-subgraph.ts";
import { saveRows } from "../support/rows.ts";

const tenantId = `tenant-${randomUUID()}`;
const integration = anIntegration({ tenantId, ownerId: "ana", label: "Ana's", visibility: "BUSY" });
const calendar = aCalendar(integration, { name: "Interviews" });
const calendarEvent = aCalendarEvent(calendar, { title: "Interview with Bo" });

let app: TestApp;
let platform: PlatformSubgraph;
let ana: TestCaller;
let bob: TestCaller;
/** As routers get it that know nothing of security, and as those do that enforce it. */
let plain: string;
let guarded: string;

beforeAll(async () => {
  [app, platform] = await Promise.all([startTestApp(), startPlatformSubgraph()]);
  await saveRows(app.databaseUrl, integration, calendar, calendarEvent, anOccurrence(calendarEvent));
  ana = await app.as({ tenantId, userId: "ana" });
  const usual = scopes.filter((scope) => scope !== "tenant:admin");
  bob = await app.as({ tenantId, userId: "bob", scopes: usual });
  const urls = { integrations: app.url, platform: platform.url };
  plain = (await composeWithPlatform(urls, { securityDirectives: false })).supergraph;
  guarded = (await composeWithPlatform(urls, { securityDirectives: true })).supergraph;
});
afterAll(() => Promise.all([app.stop(), platform.stop()]));

describe("the supergraph", () => {
  it.each([{ securityDirectives: false }, { securityDirectives: true }])("composes with %j", async (options) => {
    const urls = { integrations: app.url, platform: platform.url };
    const { errors, supergraph } = await composeWithPlatform(urls, options);
    expect(errors).toEqual([]);
    expect(supergraph.includes("@requiresScopes")).toBe(options.securityDirectives);
    expect(supergraph).toContain("type User");
  });

  it("is what this service says itself under _service, to whoever asks", async () => {
    const answer = await fetch(app.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ _service { sdl } }" }),
    });
    expect(await answer.json()).toMatchObject({
      data: { _service: { sdl: expect.stringContaining("type Integration") } },
    });
  });

  it("is refused by Apollo Gateway when it has the security directives, which is why they are off by default", async () => {
    await expect(startApolloGateway(guarded)).rejects.toThrow();
  });
});

const gateways: readonly { name: string; start: () => Promise<TestGateway> | TestGateway }[] = [
  { name: "Apollo Gateway", start: () => startApolloGateway(plain) },
  { name: "Hive Gateway", start: () => startHiveGateway(plain) },
  { name: "Hive Gateway with the security directives", start: () => startHiveGateway(guarded) },
];

describe.each(gateways)("through $name", ({ start }) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await start();
  });
  afterAll(() => gateway.stop());

  it("a user of the platform has what this service adds, and an owner has their name from the platform", async () => {
    const { data, errors } = await gateway.query(
      ana.token,
      `query ($id: ID!, $filter: CalendarEventFilter!) {
        user(id: $id) {
          name
          integrations(first: 10) { nodes { id accountName provider status owner { id name } calendars { name } } }
          calendarEvents(filter: $filter) { nodes { title start { dateTime timeZone } calendar { name integration { owner { name } } } } }
        }
      }`,
      { id: "ana", filter: { from: "2026-12-01T00:00:00Z", to: "2026-12-02T00:00:00+01:00" } },
    );
    expect(errors).toBeUndefined();
    expect(data.user).toEqual({
      name: "ANA",
      integrations: {
        nodes: [
          {
            id: integration.id,
            accountName: "ada@example.com",
            provider: "CALDAV",
            status: "ACTIVE",
            owner: { id: "ana", name: "ANA" },
            calendars: [{ name: "Interviews" }],
          },
        ],
      },
      calendarEvents: {
        nodes: [
          {
            title: "Interview with Bo",
            start: { dateTime: "2026-12-01T09:00:00.000Z", timeZone: "Europe/Berlin" },
            calendar: { name: "Interviews", integration: { owner: { name: "ANA" } } },
          },
        ],
      },
    });
  });

  it("the caller's own token decides what there is to see", async () => {
    const query = `query ($id: ID!) { integration(id: $id) { id } user(id: "ana") { integrations { nodes { id } } } }`;
    const seen = async (caller: TestCaller) => (await gateway.query(caller.token, query, { id: integration.id })).data;
    expect(await seen(ana)).toEqual({
      integration: { id: integration.id },
      user: { integrations: { nodes: [{ id: integration.id }] } },
    });
    expect(await seen(bob)).toEqual({ integration: null, user: { integrations: { nodes: [] } } });
  });

  it("a mutation's refusal comes as data, and its success with fields of the other subgraph", async () => {
    const mutation = `mutation ($input: UpdateIntegrationInput!) {
      updateIntegration(input: $input) { integration { label owner { name } } userErrors { code field retryable remedy } }
    }`;
    const label = `Renamed ${randomUUID()}`;
    const done = await gateway.query(ana.token, mutation, { input: { id: integration.id, label } });
    expect(done).toEqual({
      data: { updateIntegration: { integration: { label, owner: { name: "ANA" } }, userErrors: [] } },
    });
    const refused = await gateway.query(bob.token, mutation, { input: { id: integration.id, label } });
    expect(refused.data.updateIntegration).toMatchObject({ integration: null, userErrors: [{ code: "NOT_FOUND" }] });
  });

  it("an error keeps its code", async () => {
    const nobody = await app.as({ tenantId, userId: "ana", scopes: [] });
    const { data, errors } = await gateway.query(nobody.token, "{ integrations { nodes { id } } }");
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message: expect.any(String), extensions: { code: "FORBIDDEN" } }]);
  });
});

describe.each([
  { name: "Hive Gateway", supergraph: () => plain },
  { name: "Hive Gateway with the security directives", supergraph: () => guarded },
])("a subscription through $name", ({ supergraph }) => {
  let gateway: StreamingGateway;
  beforeAll(() => {
    gateway = startHiveGateway(supergraph());
  });
  afterAll(() => gateway.stop());

  it("brings events with fields of the other subgraph joined in", async () => {
    const { data } = await ana.query("{ integrationEvents(first: 1, order: NEWEST_FIRST) { nodes { cursor } } }");
    const label = `Renamed ${randomUUID()}`;
    await ana.query(updateIntegration, { input: { id: integration.id, label } });

    // From the newest event before on, so that it does not matter when the socket is open.
    const after = data.integrationEvents.nodes[0]?.cursor ?? firstCursor;
    const events = gateway.subscribe(
      ana.token,
      `subscription ($after: String) {
        integrationEvents(filter: { types: ["integration.updated"] }, after: $after) {
          type
          data
          integration { label owner { id name } }
          subject { __typename ... on Integration { label } }
        }
      }`,
      { after },
    );
    const first = await events.next();
    await events.return?.();
    expect(first.value).toMatchObject({
      data: {
        integrationEvents: {
          type: "integration.updated",
          data: { label },
          integration: { label, owner: { id: "ana", name: "ANA" } },
          subject: { __typename: "Integration", label },
        },
      },
    });
    expect(first.value.errors).toBeUndefined();
  });
});

describe("a subscription by HTTP callback through Hive Gateway", () => {
  const heartbeatMs = 1000;
  let door: CallbackDoor;
  let calling: TestApp;
  let gateway: StreamingGateway;
  beforeAll(async () => {
    door = await openCallbackDoor({ heartbeatMs });
    calling = await startTestApp({ beside: app, env: { SUBSCRIPTION_CALLBACK_ORIGINS: door.origin } });
    const urls = { integrations: calling.url, platform: platform.url };
    const { supergraph } = await composeWithPlatform(urls, { securityDirectives: false });
    gateway = startHiveGateway(supergraph, door);
  });
  afterAll(async () => {
    await gateway.stop();
    await calling.stop();
    await door.close();
  });

  const follow = `subscription ($after: String) {
    integrationEvents(filter: { types: ["integration.updated"] }, after: $after) {
      cursor
      data
      integration { label owner { id name } }
    }
  }`;

  async function rename(): Promise<string> {
    const label = `Renamed ${randomUUID()}`;
    await ana.query(updateIntegration, { input: { id: integration.id, label } });
    return label;
  }

  it("brings the past and what happens, in order, with fields of the other subgraph, and outlives silence", async () => {
    const { data } = await ana.query("{ integrationEvents(first: 1, order: NEWEST_FIRST) { nodes { cursor } } }");
    const renamed = [await rename(), await rename()];
    const after = data.integrationEvents.nodes[0]?.cursor ?? firstCursor;
    const events = gateway.subscribe(ana.token, follow, { after });
    const next = async () => {
      const { value } = await events.next();
      expect(value.errors).toBeUndefined();
      return value.data.integrationEvents;
    };
    expect([(await next()).data.label, (await next()).data.label]).toEqual(renamed);

    // More silence than the gateway bears without a heartbeat.
    const checks = () => door.actions.filter((action) => action === "check").length;
    const before = checks();
    await eventually(
      "four heartbeats",
      async () => checks() - before,
      (count) => count >= 4,
    );
    const label = await rename();
    expect(await next()).toMatchObject({ data: { label }, integration: { label, owner: { id: "ana", name: "ANA" } } });
    await events.return?.();
  });

  it("tells what cannot be, with its code", async () => {
    const nobody = await app.as({ tenantId, userId: "ana", scopes: [] });
    const { value } = await gateway.subscribe(nobody.token, follow).next();
    expect(value.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});

describe.skipIf(!radicaleIsInstalled)("a real account through Hive Gateway (apt-get install radicale)", () => {
  let radicale: ServerProcess;
  let gateway: StreamingGateway;
  beforeAll(async () => {
    radicale = await startRadicale();
    const authorization = `Basic ${Buffer.from(`alice:${radicalePasswords.alice}`).toString("base64")}`;
    const made = await fetch(new URL("/alice/work/", radicale.url), {
      method: "MKCALENDAR",
      headers: { authorization },
    });
    expect(made.status).toBe(201);
    gateway = startHiveGateway(plain);
  });
  afterAll(() => Promise.all([radicale.stop(), gateway.stop()]));

  it("is connected and synced, and an event created in it is seen on the subscription", async () => {
    const { token } = await app.as({ userId: "ana" });
    const credentials = [
      { name: "serverUrl", value: radicale.url },
      { name: "username", value: "alice" },
      { name: "password", value: radicalePasswords.alice },
    ];
    const connected = await gateway.query(
      token,
      `mutation ($input: ConnectIntegrationInput!) {
        connectIntegration(input: $input) {
          integration { id status owner { name } calendars { id name selected } }
          authorizationUrl
          userErrors { code message field }
        }
      }`,
      { input: { provider: "CALDAV", credentials } },
    );
    expect(connected).toMatchObject({
      data: {
        connectIntegration: {
          integration: { status: "ACTIVE", owner: { name: "ANA" }, calendars: [{ selected: true }] },
          authorizationUrl: null,
          userErrors: [],
        },
      },
    });
    const { id: integrationId, calendars } = connected.data.connectIntegration.integration;

    const events = gateway.subscribe(
      token,
      `subscription ($after: String!) {
        integrationEvents(after: $after) {
          type
          subject {
            ... on CalendarEvent { title syncState calendar { id } }
            ... on SyncRun { state created }
          }
          integration { owner { name } }
        }
      }`,
      { after: firstCursor },
    );
    await seen(events, "sync.finished");
    const asked = await gateway.query(
      token,
      `mutation ($input: SyncIntegrationInput!) { syncIntegration(input: $input) { syncRun { state } userErrors { code } } }`,
      { input: { integrationId } },
    );
    expect(asked.data.syncIntegration.userErrors).toEqual([]);
    expect(await seen(events, "sync.finished")).toMatchObject({ subject: { state: "SUCCEEDED", created: 0 } });

    const created = await gateway.query(
      token,
      `mutation ($input: CreateCalendarEventInput!) {
        createCalendarEvent(input: $input) { calendarEvent { id title syncState } userErrors { code message } }
      }`,
      {
        input: {
          calendarId: calendars[0].id,
          title: "Interview with Cleo",
          start: { dateTime: "2026-12-01T10:00:00+01:00", timeZone: "Europe/Berlin" },
          end: { dateTime: "2026-12-01T10:45:00+01:00", timeZone: "Europe/Berlin" },
        },
      },
    );
    expect(created.data.createCalendarEvent).toMatchObject({
      calendarEvent: { title: "Interview with Cleo", syncState: "SYNCED" },
      userErrors: [],
    });
    expect(await seen(events, "calendar_event.created")).toEqual({
      type: "calendar_event.created",
      subject: { title: "Interview with Cleo", syncState: "SYNCED", calendar: { id: calendars[0].id } },
      integration: { owner: { name: "ANA" } },
    });
    await events.return?.();
  });
});

const updateIntegration = `mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }`;

/** Before the first event of any tenant. */
const firstCursor = Buffer.from("event:0").toString("base64url");

/** Reads on to the next event of a type. */
async function seen(events: AsyncIterableIterator<Answer>, type: string): Promise<unknown> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`The subscription ended before ${type}`);
    if (value.errors) throw new Error(`The subscription failed: ${JSON.stringify(value.errors)}`);
    if (value.data.integrationEvents.type === type) return value.data.integrationEvents;
  }
}
