import { randomUUID } from "node:crypto";
import { buildSchema, type ExecutionResult, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Context, type ContextSources } from "../../src/schema/context.ts";
import { SharedSubscriptions } from "../../src/schema/shared-subscription.ts";
import { scopes, type Viewer } from "../../src/services/viewer.ts";
import { type Answer, type CallerOptions, startTestApp, type TestApp } from "../support/app.ts";
import { anIntegration, aViewer } from "../support/builders.ts";
import { inTime } from "../support/eventually.ts";
import { saveRows } from "../support/rows.ts";

const stored = "subscription { integrationEvents { id data } }";
const live = "subscription { integrationEvents { id subject } }";

/** A graph whose subscription follows one list of events, and which counts how often one of them is shown. */
class CountedGraph {
  executions = 0;
  /** What the next executions wait for. */
  held: Promise<void> = Promise.resolve();
  failure: Error | null = null;
  nowMs = 0;
  private readonly subscriptions = new SharedSubscriptions(
    (field) => ["id", "data"].includes(field),
    () => this.nowMs,
  );
  private readonly schema = buildSchema(`
    type Query { nothing: String }
    type Event { id: ID! data: String subject(of: String): String integration: String }
    type Subscription { integrationEvents(after: String): Event! }
  `);
  private readonly ended: (() => void)[] = [];

  constructor(readonly events: readonly object[]) {
    const fields = this.schema.getSubscriptionType()?.getFields()["integrationEvents"];
    if (!fields) throw new Error("The schema has no subscription");
    fields.subscribe = () => this.follow();
    fields.resolve = async (event) => {
      this.executions += 1;
      await this.held;
      if (this.failure) throw this.failure;
      return event;
    };
  }

  /** @returns what the subscriber is shown, event by event */
  async subscribe(query: string, viewer: Viewer = aViewer(), variableValues: Record<string, unknown> = {}) {
    const contextValue = new Context(viewer, randomUUID(), {} as ContextSources);
    const answer = await this.subscriptions.subscribe({
      schema: this.schema,
      document: parse(query),
      contextValue,
      variableValues,
    });
    if (!("next" in answer)) throw new Error(JSON.stringify(answer));
    return answer;
  }

  /** How often the first event was executed for all of these together. */
  async costOf(...subscribers: readonly (readonly [query: string, viewer?: Viewer, variables?: object])[]) {
    const before = this.executions;
    for (const [query, viewer, variables] of subscribers) {
      await (await this.subscribe(query, viewer, { ...variables })).next();
    }
    return this.executions - before;
  }

  private async *follow() {
    try {
      yield* this.events;
    } finally {
      for (const end of this.ended) end();
    }
  }
}

const anEvent = () => ({ id: randomUUID(), data: "then", subject: "now", integration: "now" });
const bob = aViewer({ userId: "bob" });
const fewScopes = aViewer({ scopes: ["events:read", "integrations:read"] });
const ofAnother = aViewer({ tenantId: "umbrella" });

describe("one execution of an event", () => {
  it.each([
    { name: "everybody in the tenant, of what is stored", query: stored, viewers: [aViewer(), bob, fewScopes] },
    {
      name: "everybody in the tenant, of what is stored, through fragments",
      query: "subscription { integrationEvents { ...Parts ... on Event { data } } } fragment Parts on Event { id }",
      viewers: [aViewer(), bob],
    },
    {
      name: "one user's sockets, of what is live, in whatever order a token lists its scopes",
      query: live,
      viewers: [aViewer({ scopes }), aViewer({ scopes: [...scopes].reverse() })],
    },
  ])("does for $name", async ({ query, viewers }) => {
    const graph = new CountedGraph([anEvent()]);
    expect(await graph.costOf(...viewers.map((viewer) => [query, viewer] as const))).toBe(1);
  });

  it.each([
    { name: "another tenant, of what is stored", one: [stored], other: [stored, ofAnother] },
    { name: "another user, of what is live", one: [live], other: [live, bob] },
    { name: "the same user with other scopes, of what is live", one: [live], other: [live, fewScopes] },
    {
      name: "another user, of what is live inside of a fragment",
      one: ["subscription { integrationEvents { id ...Live } } fragment Live on Event { integration }"],
      other: ["subscription { integrationEvents { id ...Live } } fragment Live on Event { integration }", bob],
    },
    { name: "another document", one: [stored], other: ["subscription { integrationEvents { data } }"] },
    { name: "another name in the answer", one: [stored], other: ["subscription { e: integrationEvents { id data } }"] },
    {
      name: "another value of a variable that shows something",
      one: ["subscription ($of: String) { integrationEvents { subject(of: $of) } }", aViewer(), { of: "a" }],
      other: ["subscription ($of: String) { integrationEvents { subject(of: $of) } }", aViewer(), { of: "b" }],
    },
    {
      name: "somebody for whom a directive leaves something out",
      one: ["subscription ($x: Boolean!) { integrationEvents { id data @include(if: $x) } }", aViewer(), { x: true }],
      other: [
        "subscription ($x: Boolean!) { integrationEvents { id data @include(if: $x) } }",
        aViewer(),
        { x: false },
      ],
    },
  ] as const)("does not do for $name", async ({ one, other }) => {
    const graph = new CountedGraph([anEvent()]);
    expect(await graph.costOf(one, other)).toBe(2);
  });

  it("does for readers who came in at different places", async () => {
    const query = "subscription ($after: String) { integrationEvents(after: $after) { id data } }";
    const graph = new CountedGraph([anEvent()]);
    const inline = 'subscription ($after: String) { integrationEvents(after: "c") { id data } }';
    const readers = [
      [query, aViewer(), { after: "a" }],
      [query, bob, { after: "b" }],
      [inline, bob],
    ] as const;
    expect(await graph.costOf(...readers)).toBe(1);
  });

  it("is shared while it still runs", async () => {
    const graph = new CountedGraph([anEvent()]);
    let go = () => {};
    graph.held = new Promise((resolve) => (go = resolve));
    const streams = await Promise.all(Array.from({ length: 50 }, () => graph.subscribe(live)));
    const answers = streams.map((stream) => stream.next());
    go();
    const [first, ...others] = (await Promise.all(answers)).map(({ value }) => value);
    expect(first.data.integrationEvents.subject).toBe("now");
    for (const answer of others) expect(answer).toBe(first);
    expect(graph.executions).toBe(1);
  });

  it("of what is live does for a moment only; of what is stored, as long as the event is kept", async () => {
    const graph = new CountedGraph([anEvent()]);
    await graph.costOf([live], [stored]);
    graph.nowMs = 999;
    expect(await graph.costOf([live], [stored])).toBe(0);
    graph.nowMs = 1000;
    expect(await graph.costOf([live], [stored])).toBe(1);
  });

  it("is kept for twenty ways to ask, not for any number of them", async () => {
    const graph = new CountedGraph([anEvent()]);
    const ways = Array.from({ length: 21 }, (_, index) => `subscription { a${index}: integrationEvents { id } }`);
    for (const way of ways) await graph.costOf([way]);
    expect(await graph.costOf(...ways.slice(1).map((way) => [way] as const))).toBe(0);
    expect(await graph.costOf([ways[0] ?? ""])).toBe(1);
  });

  it("that failed is told to who waited for it, and tried anew for who comes later", async () => {
    const graph = new CountedGraph([anEvent(), anEvent()]);
    graph.failure = new Error("the database is away");
    const [one, other] = [await graph.subscribe(live), await graph.subscribe(live)];
    const results: ExecutionResult[] = (await Promise.all([one.next(), other.next()])).map(({ value }) => value);
    expect(results).toMatchObject([{ errors: [{ path: ["integrationEvents"] }] }, { errors: [{}] }]);
    expect(graph.executions).toBe(1);
    graph.failure = null;
    expect(await (await graph.subscribe(live)).next()).toMatchObject({
      value: { data: { integrationEvents: { subject: "now" } } },
    });
    // The streams of the others go on.
    expect(await one.next()).toMatchObject({ value: { data: { integrationEvents: { subject: "now" } } } });
  });

  it("reaches the others when whoever it was begun for leaves", async () => {
    const graph = new CountedGraph([anEvent()]);
    let go = () => {};
    graph.held = new Promise((resolve) => (go = resolve));
    const [first, second] = [await graph.subscribe(live), await graph.subscribe(live)];
    const left = first.next();
    const stays = second.next();
    await first.return?.();
    go();
    expect(await stays).toMatchObject({ value: { data: { integrationEvents: { subject: "now" } } } });
    await left;
  });
});

describe("subscribers of the service", () => {
  const tenantId = `tenant-${randomUUID()}`;
  const anas = anIntegration({ tenantId, ownerId: "ana", visibility: "PRIVATE" });
  const everybodys = anIntegration({ tenantId, ownership: "TENANT" });
  const usual = scopes.filter((scope) => scope !== "tenant:admin");
  const statements: string[] = [];
  let app: TestApp;
  let writer: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ env: { ROLES: "api" }, onStatement: (sql) => statements.push(sql) });
    writer = await startTestApp({ beside: app, env: { ROLES: "api" } });
    await saveRows(app.databaseUrl, anas, everybodys);
  });
  afterAll(async () => {
    await writer.stop();
    await app.stop();
  });

  async function rename(integrationId: string): Promise<string> {
    const label = `Renamed ${randomUUID()}`;
    const { data } = await (await writer.as({ tenantId, userId: "ana" })).query(
      "mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }",
      { input: { id: integrationId, label } },
    );
    expect(data.updateIntegration.userErrors).toEqual([]);
    return label;
  }

  const watch = `subscription ($after: String) { integrationEvents(after: $after) {
    id type data subject { ... on Integration { id label } } integration { id }
  } }`;

  /** Their labels, as they come. Until `seen` has the first event, a reader may not have taken its place yet. */
  async function follow(caller: CallerOptions, query = watch) {
    const stream = (await app.as({ tenantId, userId: "ana", scopes: usual, ...caller })).subscribe(query);
    const seen: Answer[] = [];
    let look = () => {};
    void (async () => {
      for await (const answer of stream) {
        seen.push(answer);
        look();
      }
    })().catch((error: unknown) => seen.push({ data: null, errors: [{ message: JSON.stringify(error) }] }));
    onTestFinished(async () => void (await stream.return?.()));
    const has = (label: string) => seen.some(({ data }) => data?.integrationEvents.data.label === label);
    const until = (label: string) =>
      inTime(
        label,
        new Promise<void>((resolve) => {
          look = () => has(label) && resolve();
          look();
        }),
      );
    return { seen, has, until };
  }

  type Follower = Awaited<ReturnType<typeof follow>>;

  /** Until each has taken its place. */
  async function settle(followers: readonly Follower[]): Promise<void> {
    while (followers.some(({ seen }) => seen.length === 0)) await rename(everybodys.id);
    const last = await rename(everybodys.id);
    await Promise.all(followers.map(({ until }) => until(last)));
  }

  /** How often integrations were read by id in this process, for one event that all of them got. */
  async function readingsFor(followers: readonly Follower[]): Promise<number> {
    await settle(followers);
    statements.length = 0;
    const label = await rename(everybodys.id);
    await Promise.all(followers.map(({ until }) => until(label)));
    return statements.filter((sql) => /FROM "integration"/.test(sql)).length;
  }

  it("cost one user's statements when they are fifty sockets of the same user", async () => {
    const one = await readingsFor([await follow({})]);
    expect(one).toBeGreaterThan(0);
    const fifty = await Promise.all(Array.from({ length: 50 }, () => follow({})));
    expect(await readingsFor(fifty)).toBe(one);
    const two = await readingsFor([...fifty, await follow({ userId: "bob" })]);
    expect(two).toBe(2 * one);
  });

  it("are each shown only what they may see, whoever was shown an event first", async () => {
    const ana = await follow({});
    const bobs = await follow({ userId: "bob" });
    const admin = await follow({ userId: "bob", scopes });
    const bare = await follow({ userId: "bob", scopes: ["events:read", "integrations:read"] });
    const bareStored = await follow({ userId: "cleo" }, "subscription { integrationEvents { id type data } }");
    const everybody = [ana, bobs, admin, bare, bareStored];
    await settle(everybody);
    const hidden = await rename(anas.id);
    const shown = await rename(everybodys.id);
    await Promise.all(everybody.map(({ until }) => until(shown)));
    expect(everybody.map(({ has }) => has(hidden))).toEqual([true, false, true, false, false]);
    expect(everybody.flatMap(({ seen }) => seen.flatMap(({ errors = [] }) => errors))).toEqual([]);
  });
});
