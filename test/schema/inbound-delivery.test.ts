import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/services/id.ts";
import { type Scope, scopes } from "../../src/services/viewer.ts";
import { aJobPosting } from "../support/a-job-posting.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { anInboundDelivery, anIntegration, aSyncRun } from "../support/builders.ts";
import { dataOf } from "../support/journey.ts";
import { saveRows } from "../support/rows.ts";

const many = 60;
const tenantId = "acme";
const at = (minute: number) => new Date(Date.UTC(2026, 11, 1, 9, minute));
const minutes = Array.from({ length: many }, (_, minute) => minute);

/** Ada's calendar, and a board of the tenant's: each message asked for a sync of its own, or is about a posting of its own. */
const calendars = anIntegration({ tenantId, provider: "GOOGLE_CALENDAR" });
const board = anIntegration({ tenantId, provider: "INDEED", ownership: "TENANT" });
const syncRuns = minutes.map(() => aSyncRun(calendars));
const postings = minutes.map((minute) => aJobPosting(board, { reference: `REF-${minute}`, jobId: `job-${minute}` }));
const notices = syncRuns.map(({ id }, minute) =>
  anInboundDelivery(calendars, { receivedAt: at(minute), state: "DONE", syncRunId: id, channelId: newId(at(0)) }),
);
const applications = postings.map(({ id }, minute) =>
  anInboundDelivery(board, {
    receivedAt: at(minute),
    state: "RECEIVED",
    jobPostingId: id,
    headers: { "content-type": "application/json" },
  }),
);
const unproved = anInboundDelivery(board, {
  receivedAt: at(70),
  state: "REFUSED",
  verified: false,
  unprovedHour: at(60),
  size: null,
  receipts: 7,
});
const foreign = anIntegration({ tenantId: "globex", provider: "INDEED", ownership: "TENANT" });

let app: TestApp;
let statements: string[] = [];

beforeAll(async () => {
  app = await startTestApp({ env: { ROLES: "api" }, onStatement: (sql) => statements.push(sql) });
  const all = [calendars, board, ...syncRuns, ...postings, ...notices, ...applications, unproved];
  await saveRows(app.databaseUrl, ...all, foreign, anInboundDelivery(foreign));
});
afterAll(() => app.stop());

const fields = `id provider receivedAt receipts verified headers size state correlationId problem { code }
  integration { label } syncRun { id state } jobPosting { id state } jobApplication { id }`;

const without = (scope: Scope): Scope[] => scopes.filter((one) => one !== scope);

async function list(
  filter: Record<string, unknown> | null,
  {
    userId = "ada",
    of = without("tenant:admin"),
    first = 200,
    selection = fields,
  }: { userId?: string; of?: readonly Scope[]; first?: number; selection?: string } = {},
) {
  const caller = await app.as({ tenantId, userId, scopes: of });
  statements = [];
  const query = `query ($filter: InboundDeliveryFilter, $first: Int) {
    inboundDeliveries(filter: $filter, first: $first) { nodes { ${selection} } } }`;
  const answer = await caller.query(query, { filter, first });
  return { answer, nodes: answer.data?.inboundDeliveries?.nodes ?? [], statements: statements.length };
}

const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id).sort();

describe("messages that vendors sent", () => {
  it("take as many statements for many as for one, with all that they led to", async () => {
    for (const integration of [calendars, board]) {
      const filter = { integrationIds: [integration.id], verified: true };
      const one = await list(filter, { first: 1 });
      const all = await list(filter);
      expect(one.nodes).toHaveLength(1);
      expect(all.nodes).toHaveLength(many);
      expect(all.nodes.every(({ syncRun, jobPosting }: Record<string, unknown>) => syncRun ?? jobPosting)).toBe(true);
      expect(all.statements).toBe(one.statements);
    }
  });

  it("are listed newest first, page by page", async () => {
    const caller = await app.as({ tenantId, userId: "ada" });
    const query = `query ($after: String) { inboundDeliveries(first: 50, after: $after) {
      nodes { id receivedAt } pageInfo { endCursor hasNextPage } } }`;
    const seen: { id: string; receivedAt: string }[] = [];
    for (let after: string | null = null, isMore = true; isMore; ) {
      const page: { nodes: typeof seen; pageInfo: { endCursor: string; hasNextPage: boolean } } = dataOf(
        await caller.query(query, { after }),
      ).inboundDeliveries;
      seen.push(...page.nodes);
      after = page.pageInfo.endCursor;
      isMore = page.pageInfo.hasNextPage;
    }
    expect(idsOf(seen)).toEqual(idsOf([...notices, ...applications, unproved]));
    const times = seen.map(({ receivedAt }) => receivedAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  it("are found by integration, provider, state, time and proof, and by all of them at once", async () => {
    const found = async (filter: Record<string, unknown>) => idsOf((await list(filter)).nodes);
    expect(await found({ integrationIds: [calendars.id] })).toEqual(idsOf(notices));
    expect(await found({ providers: ["INDEED"] })).toEqual(idsOf([...applications, unproved]));
    expect(await found({ states: ["DONE"] })).toEqual(idsOf(notices));
    expect(await found({ verified: false })).toEqual([unproved.id]);
    const tenMinutes = { receivedFrom: at(10).toISOString(), receivedTo: at(20).toISOString() };
    expect(await found(tenMinutes)).toEqual(idsOf([...notices.slice(10, 20), ...applications.slice(10, 20)]));
    const everything = { providers: ["INDEED"], states: ["RECEIVED"], verified: true, integrationIds: [board.id] };
    expect(await found({ ...everything, ...tenMinutes })).toEqual(idsOf(applications.slice(10, 20)));
    expect(await found({ integrationIds: ["nonsense", newId(at(0))] })).toEqual([]);
    expect(await found({ states: [] })).toEqual([]);
  });

  it("that were not proved are told apart, with how many there were", async () => {
    const { nodes } = await list({ verified: false });
    expect(nodes).toMatchObject([{ id: unproved.id, verified: false, receipts: 7, size: null, state: "REFUSED" }]);
  });

  it("do not show what they say", async () => {
    const caller = await app.as({ tenantId });
    const query = `{ __type(name: "InboundDelivery") { fields { name } } }`;
    const names = dataOf(await caller.query(query)).__type.fields.map(({ name }: { name: string }) => name);
    expect(names).not.toContain("body");
    expect(names).toContain("headers");
    await list(null);
    expect(statements.filter((sql) => /"?(body|sealed)"?/.test(sql))).toEqual([]);
  });
});

describe("whose messages one may see", () => {
  it.each([
    { who: "a colleague", userId: "bob", of: without("tenant:admin"), sees: [...applications, unproved] },
    { who: "an administrator", userId: "bob", of: scopes, sees: [...notices, ...applications, unproved] },
  ])("is like with the integration that they came to: $who", async ({ userId, of, sees }) => {
    expect(idsOf((await list(null, { userId, of, selection: "id syncRun { id }" })).nodes)).toEqual(idsOf(sees));
  });

  it("needs the scope for integrations", async () => {
    const { answer } = await list(null, { of: without("integrations:read"), selection: "id" });
    expect(answer.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });

  it("is by itself no right to see what they are about", async () => {
    const filter = { integrationIds: [board.id], states: ["RECEIVED"] };
    const { answer, nodes } = await list(filter, {
      of: without("jobs:read"),
      first: 1,
      selection: "id jobPosting { id }",
    });
    expect(nodes).toMatchObject([{ jobPosting: null }]);
    expect(answer.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});

describe("doing a message again", () => {
  const mutation = `mutation ($input: RedriveInboundDeliveryInput!) { redriveInboundDelivery(input: $input) {
    inboundDelivery { id state syncRun { state } } effects userErrors { code remedy } } }`;
  const redrive = async (input: Record<string, unknown>, of: readonly Scope[] = scopes) =>
    (await app.as({ tenantId, userId: "ada", scopes: of })).query(mutation, { input });

  it("says why it cannot be, as data", async () => {
    const { redriveInboundDelivery } = dataOf(await redrive({ id: unproved.id }));
    expect(redriveInboundDelivery).toEqual({
      inboundDelivery: null,
      effects: [],
      userErrors: [{ code: "PREREQUISITE_MISSING", remedy: expect.any(String) }],
    });
  });

  it("shows the message as it is, and what would happen", async () => {
    const [notice] = notices;
    const { redriveInboundDelivery } = dataOf(await redrive({ id: notice?.id, dryRun: true }));
    expect(redriveInboundDelivery).toEqual({
      inboundDelivery: { id: notice?.id, state: "DONE", syncRun: { state: "SUCCEEDED" } },
      effects: [expect.stringContaining("Nothing is read")],
      userErrors: [],
    });
  });

  it("needs the scope for changing integrations", async () => {
    const { errors } = await redrive({ id: unproved.id }, without("integrations:write"));
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});
