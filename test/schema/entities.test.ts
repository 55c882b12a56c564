import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";
import type { CalendarEvent } from "../../src/entities/calendar-event.ts";
import type { CalendarOccurrence } from "../../src/entities/calendar-occurrence.ts";
import { WebhookAttempt } from "../../src/entities/webhook-attempt.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { newId } from "../../src/services/id.ts";
import { scopes } from "../../src/services/viewer.ts";
import { keys, startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import {
  aCalendar,
  aCalendarEvent,
  anIntegration,
  anOccurrence,
  anUpdate,
  aSyncRun,
  aWebhookDelivery,
  aWebhookEndpoint,
  inBerlin,
} from "../support/builders.ts";
import { saveRows } from "../support/rows.ts";

const many = 100;
const tenantId = "acme";
const indexes = Array.from({ length: many }, (_, index) => index);

/** Each is one of a hundred that Ada shares with everybody, with one calendar, one event, one sync and one log entry. */
const owners = indexes.map((index) => `user-${index}`);
const integrations = owners.map((ownerId) =>
  anIntegration({ tenantId, ownerId, visibility: "SHARED", label: ownerId }),
);
const calendars = integrations.map((integration) => aCalendar(integration));
const singles = calendars.map((calendar) => aCalendarEvent(calendar, { title: "Interview" }));
const syncRuns = integrations.map((integration) => aSyncRun(integration));
for (const [index, integration] of integrations.entries()) integration.defaultCalendarId = calendars[index]?.id ?? null;

/** A series without end whose first hundred occurrences are stored. */
const series = aCalendarEvent(firstOf(calendars), {
  kind: "SERIES",
  title: "Stand-up",
  start: inBerlin("2026-12-01T08:00:00"),
  end: inBerlin("2026-12-01T08:15:00"),
  recurrence: ["RRULE:FREQ=DAILY"],
});
const stored: CalendarOccurrence[] = indexes.map((index) => {
  const startAt = new Date(Date.UTC(2026, 11, 1 + index, 7));
  const local = (time: string) => inBerlin(`${startAt.toISOString().slice(0, 10)}T${time}`);
  return anOccurrence(series, {
    recurrenceKey: basicOf(startAt),
    startAt,
    endAt: new Date(startAt.getTime() + 15 * 60 * 1000),
    start: local("08:00:00"),
    end: local("08:15:00"),
  });
});

const foreign = anIntegration({ tenantId: "globex", ownerId: "ada", visibility: "SHARED" });

let app: TestApp;
let ada: TestCaller;
let statements: string[] = [];
let logged: string[] = [];

beforeAll(async () => {
  app = await startTestApp({ env: { ROLES: "api" }, onStatement: (sql) => statements.push(sql) });
  const dataSource = await createDataSource(app.databaseUrl, { poolSize: 1 }).initialize();
  const database = new Database(dataSource);
  const log = new EventLog(
    () => new Date(),
    () => {},
  );
  await database.inTenant(tenantId, async (tx) => {
    const happenings = [...singles.map((single: CalendarEvent) => anOccurrence(single)), ...stored];
    for (const rows of [integrations, calendars, [...singles, series], happenings, syncRuns])
      await tx.manager.save(rows);
    for (const integration of integrations) log.record(tx, anUpdate(integration));
  });
  await database.inTenant(foreign.tenantId, (tx) => tx.manager.save(foreign));
  logged = (await dataSource.query("SELECT id FROM event ORDER BY position")).map(({ id }: { id: string }) => id);
  await dataSource.destroy();
  ada = await app.as({ tenantId, userId: "ada", scopes: scopes.filter((scope) => scope !== "tenant:admin") });
});
afterAll(() => app.stop());

/** What one operation answers, and how many statements it took. */
async function counted(query: string, variables: Record<string, unknown>) {
  statements = [];
  const { data, errors } = await ada.query(query, variables);
  expect(errors).toBeUndefined();
  return { data, statements: statements.length };
}

const entities: readonly { type: string; ids: () => readonly string[]; fields: string }[] = [
  {
    type: "Integration",
    ids: () => integrations.map(({ id }) => id),
    fields: `label owner { id } calendars { name } defaultCalendar { id }
      health {
        level summary lagP50Ms drift { differences } writes { pending failed } problem { message }
        freshness { intervalSeconds calendars { push calendar { name } } }
      }`,
  },
  { type: "Calendar", ids: () => calendars.map(({ id }) => id), fields: "name integration { label }" },
  {
    type: "CalendarEvent",
    ids: () => singles.map(({ id }) => id),
    fields: "title start { dateTime } calendar { name integration { label } } integration { id }",
  },
  { type: "SyncRun", ids: () => syncRuns.map(({ id }) => id), fields: "state integration { label }" },
  {
    type: "IntegrationEvent",
    ids: () => logged,
    fields: "type subject { __typename ... on Integration { label calendars { id } } } integration { label }",
  },
  {
    type: "User",
    ids: () => owners,
    fields: `integrations(first: 5) { nodes { label } }
      calendarEvents(filter: { from: "2026-12-01T00:00:00Z", to: "2026-12-02T00:00:00Z" }) { nodes { title } }`,
  },
];

const query = (type: string, fields: string) =>
  `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on ${type} { id ${fields} } } }`;
const representations = (type: string, ids: readonly string[]) => ids.map((id) => ({ __typename: type, id }));

/** An endpoint with a hundred deliveries, of an event and an attempt each. */
async function aBusyEndpoint() {
  const endpoint = aWebhookEndpoint(tenantId, createVault(parseKeyRing(keys)), { state: "PAUSED" });
  const deliveries = logged.map((eventId) => aWebhookDelivery(endpoint, { eventId }));
  const attempts = deliveries.map(({ id: deliveryId }) =>
    Object.assign(new WebhookAttempt(), {
      ...{
        tenantId,
        deliveryId,
        number: 1,
        startedAt: new Date(),
        durationMs: 5,
        status: 204,
        answer: "",
        problem: null,
      },
    }),
  );
  await saveRows(app.databaseUrl, endpoint, ...deliveries, ...attempts);
  return endpoint;
}

describe("what was sent to a webhook endpoint", () => {
  it("takes as many statements for a hundred deliveries as for one, from either side", async () => {
    const { id } = await aBusyEndpoint();
    const fields = "state endpoint { url } event { type subject { __typename } } attempts { statusCode }";
    const fromIt = `query ($of: [ID!]!, $first: Int!) {
      webhookDeliveries(filter: { endpointIds: $of }, first: $first) { nodes { ${fields} } }
    }`;
    const one = await counted(fromIt, { of: [id], first: 1 });
    const hundred = await counted(fromIt, { of: [id], first: many });
    expect(hundred.data.webhookDeliveries.nodes).toHaveLength(many);
    expect(hundred.data.webhookDeliveries.nodes[0]).toMatchObject({
      endpoint: { url: "https://receiver.example/hooks" },
      event: { type: expect.any(String) },
      attempts: [{ statusCode: 204 }],
    });
    expect(hundred.statements).toBe(one.statements);

    const toIt = `query ($first: Int!) { integrationEvents(first: $first) { nodes { deliveries { state endpoint { id } attempts { number } } } } }`;
    const ofOne = await counted(toIt, { first: 1 });
    const ofHundred = await counted(toIt, { first: many });
    expect(ofHundred.data.integrationEvents.nodes).toHaveLength(many);
    expect(ofHundred.statements).toBe(ofOne.statements);
  });
});

describe.each(entities)("_entities of $type", ({ type, ids, fields }) => {
  it("takes as many statements for a hundred as for one", async () => {
    const one = await counted(query(type, fields), { of: representations(type, ids().slice(0, 1)) });
    const hundred = await counted(query(type, fields), { of: representations(type, ids()) });
    expect(one.data._entities).toHaveLength(1);
    expect(hundred.data._entities).toHaveLength(many);
    expect(hundred.data._entities).not.toContain(null);
    expect(JSON.stringify(hundred.data)).not.toContain("[]");
    expect(hundred.statements).toBe(one.statements);
  });

  it("keeps their order, with the same one twice", async () => {
    const [first = "", second = "", third = ""] = ids();
    const asked = [third, first, second, first];
    const { data } = await counted(query(type, ""), { of: representations(type, asked) });
    expect(data._entities).toEqual(asked.map((id) => ({ __typename: type, id })));
  });
});

describe("a user's lists", () => {
  it("go on where their first page ended", async () => {
    const [owner = ""] = owners;
    const integration = anIntegration({ tenantId, ownerId: owner, visibility: "SHARED" });
    const calendar = aCalendar(integration);
    const event = aCalendarEvent(calendar, { title: "The later one" });
    const later = new Date("2026-12-01T13:00:00Z");
    await saveRows(
      app.databaseUrl,
      integration,
      calendar,
      event,
      anOccurrence(event, { startAt: later, endAt: later }),
    );

    const fields = `integrations(first: 1, after: $a) { nodes { id } pageInfo { endCursor hasNextPage } }
      calendarEvents(first: 1, after: $b, filter: { from: "2026-12-01T08:00:00Z", to: "2026-12-02T00:00:00Z" }) {
        nodes { title } pageInfo { endCursor hasNextPage }
      }`;
    const text = `query ($a: String, $b: String, $of: [_Any!]!) { _entities(representations: $of) { ... on User { ${fields} } } }`;
    const page = async (a: string | null, b: string | null) => {
      const { data } = await counted(text, { of: representations("User", [owner]), a, b });
      return data._entities[0];
    };
    const first = await page(null, null);
    expect(first).toMatchObject({
      integrations: { nodes: [{ id: firstOf(integrations).id }], pageInfo: { hasNextPage: true } },
      calendarEvents: { pageInfo: { hasNextPage: true } },
    });
    const second = await page(first.integrations.pageInfo.endCursor, first.calendarEvents.pageInfo.endCursor);
    expect(second).toMatchObject({
      integrations: { nodes: [{ id: integration.id }], pageInfo: { hasNextPage: false } },
      calendarEvents: { nodes: [{ title: "The later one" }], pageInfo: { hasNextPage: false } },
    });
  });

  it("refuse alone what is wrong about one of them", async () => {
    const of = representations("User", owners.slice(0, 2));
    const { data, errors } = await ada.query(
      "query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { a: integrations(first: 0) { nodes { id } } b: integrations { nodes { id } } } } }",
      { of },
    );
    expect(data).toEqual({ _entities: [null, null] });
    expect(errors?.map(({ path }) => path)).toEqual([
      ["_entities", 0, "a"],
      ["_entities", 1, "a"],
    ]);
  });
});

describe("_entities", () => {
  it.each(entities.filter(({ type }) => type !== "User"))(
    "gives null for a $type that is not there",
    async ({ type, ids }) => {
      const [known = ""] = ids();
      const asked = [newId(new Date()), known, "", "no-id", `${known}x`, known.toUpperCase(), "a\0b", "%"];
      const { data } = await counted(query(type, ""), { of: representations(type, asked) });
      expect(data._entities).toEqual([null, { __typename: type, id: known }, null, null, null, null, null, null]);
    },
  );

  it("gives null for what belongs to another tenant, or to another user who does not share it", async () => {
    const hidden = anIntegration({ tenantId, ownerId: "bob", visibility: "BUSY" });
    await saveRows(app.databaseUrl, hidden);
    const of = representations("Integration", [foreign.id, hidden.id, firstOf(integrations).id]);
    const { data } = await counted(query("Integration", ""), { of });
    expect(data._entities).toEqual([null, null, { __typename: "Integration", id: firstOf(integrations).id }]);
  });

  it("finds entities of several types in one go", async () => {
    const of = [
      ...representations("Calendar", [firstOf(calendars).id]),
      ...representations("SyncRun", [firstOf(syncRuns).id]),
      ...representations("Calendar", ["nobody"]),
    ];
    const { data } = await counted("query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }", { of });
    expect(data._entities).toEqual([{ __typename: "Calendar" }, { __typename: "SyncRun" }, null]);
  });

  it.each([
    { name: "that are stored", days: 0 },
    { name: "far outside of what is stored", days: 365 * 20 },
  ])("takes as many statements for a hundred occurrences as for one, of days $name", async ({ days }) => {
    const ids = stored.map(({ startAt }) => {
      const local = new Date(startAt.getTime() + days * 24 * 60 * 60 * 1000);
      return `${series.id}_${basicOf(local)}`;
    });
    const one = await counted(query("CalendarEvent", "title kind"), {
      of: representations("CalendarEvent", ids.slice(0, 1)),
    });
    const hundred = await counted(query("CalendarEvent", "title kind"), { of: representations("CalendarEvent", ids) });
    expect(one.data._entities).toMatchObject([{ id: ids[0], title: "Stand-up", kind: "OCCURRENCE" }]);
    expect(hundred.data._entities.map((found: { id: string }) => found?.id)).toEqual(ids);
    expect(hundred.statements).toBe(one.statements);
  });
});

describe("lists", () => {
  it.each([
    {
      list: "calendarEvents",
      fields: `calendarEvents(filter: { from: "2026-12-01T00:00:00Z", to: "2026-12-02T00:00:00Z" }, first: $first) {
        nodes { title series { title } calendar { name integration { label owner { id } calendars { id } } } }
      }`,
    },
    {
      list: "integrations",
      fields:
        "integrations(first: $first) { nodes { label health { summary freshness { calendars { push } } } calendars { name } defaultCalendar { integration { label health { level } } } } }",
    },
    { list: "syncRuns", fields: "syncRuns(first: $first) { nodes { state integration { calendars { name } } } }" },
    {
      list: "integrationEvents",
      fields: `integrationEvents(first: $first) {
        nodes { type integration { label } subject { ... on Integration { defaultCalendar { name } } } }
      }`,
    },
  ])("$list asks for what is in its nodes in a fixed number of statements", async ({ list, fields }) => {
    const ask = (first: number) => counted(`query ($first: Int) { ${fields} }`, { first });
    const [one, all] = [await ask(1), await ask(many)];
    expect(one.data[list].nodes).toHaveLength(1);
    expect(all.data[list].nodes).toHaveLength(many);
    expect(all.statements).toBe(one.statements);
  });
});

/** `20261201T070000Z` */
function basicOf(at: Date): string {
  return `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error("There is nothing");
  return first;
}
