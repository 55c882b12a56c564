import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { scopes } from "../../src/services/viewer.ts";
import { startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { EventFollower } from "../support/event-follower.ts";
import { inTime } from "../support/eventually.ts";
import { saveRows } from "../support/rows.ts";

const many = 20;
const live = "subscription { integrationEvents { id type subject { ... on Integration { label reconnectUrl } } } }";
const stored = "subscription { integrationEvents { id type data actor { kind id } } }";

let app: TestApp;
let tenantId: string;
let integrationId: string;
let ana: TestCaller;
let statements: string[] = [];

beforeAll(async () => {
  app = await startTestApp({ env: { ROLES: "api" }, onStatement: (sql) => statements.push(sql) });
});
afterAll(() => app.stop());
beforeEach(async () => {
  tenantId = `tenant-${randomUUID()}`;
  const integration = anIntegration({ tenantId, ownership: "USER", ownerId: "ana", visibility: "SHARED" });
  integrationId = integration.id;
  await saveRows(app.databaseUrl, integration);
  ana = await app.as({ tenantId, userId: "ana" });
});

/** Somebody who follows, and is known to hear what happens from now on. */
class Listener {
  private readonly stream;
  constructor(caller: TestCaller, query: string) {
    this.stream = caller.subscribe(query, {});
  }
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
  async next(): Promise<any> {
    const { value } = await inTime("an event", this.stream.next());
    expect(value.errors).toBeUndefined();
    return value.data.integrationEvents;
  }
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
  async until(label: string): Promise<any> {
    for (;;) {
      const heard = await this.next();
      if ((heard.subject?.label ?? heard.data?.label) === label) return heard;
    }
  }
  async stop(): Promise<void> {
    await this.stream.return?.();
  }
}

const rename = (label: string) =>
  ana.query("mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }", {
    input: { id: integrationId, label },
  });

/** All of them follow: each has heard something. */
async function listening(listeners: readonly Listener[]): Promise<void> {
  const first = listeners.map((listener) => listener.next());
  const allThere = Promise.all(first).then(() => true);
  for (let isThere = false; !isThere; ) {
    await rename(randomUUID());
    isThere = await Promise.race([allThere, new Promise<false>((resolve) => setTimeout(resolve, 100, false))]);
  }
}

/** How often the subject of one event was read for all of them. */
async function readsFor(listeners: readonly Listener[]): Promise<number> {
  await listening(listeners);
  const label = `last ${randomUUID()}`;
  statements = [];
  await rename(label);
  for (const listener of listeners) await listener.until(label);
  await Promise.all(listeners.map((listener) => listener.stop()));
  return statements.filter((sql) => /FROM "integration".*ANY\(/s.test(sql)).length;
}

const listenersOf = (callers: readonly TestCaller[], query: string) =>
  callers.map((caller) => new Listener(caller, query));

describe("an event", () => {
  it("is looked up once for all who are the same reader, and want the same of it", async () => {
    expect(await readsFor(listenersOf(Array(many).fill(ana), live))).toBe(1);
  });

  it("is looked up for each reader of their own, and for each document", async () => {
    const bob = await app.as({ tenantId, userId: "bob" });
    const limited = await app.as({ tenantId, userId: "ana", scopes: scopes.filter((scope) => scope !== "jobs:read") });
    const other = live.replace("id type", "type id");
    const listeners = [...listenersOf([ana, ana, bob, bob, limited], live), ...listenersOf([ana], other)];
    expect(await readsFor(listeners)).toBe(4);
  });

  it("is not looked up at all where only what it says itself is wanted, and still not shown to whom it does not concern", async () => {
    const bob = await app.as({ tenantId, userId: "bob", scopes: scopes.filter((scope) => scope !== "tenant:admin") });
    expect(await readsFor(listenersOf([ana, bob, ana, bob], stored))).toBe(0);

    const hidden = anIntegration({ tenantId, ownership: "USER", ownerId: "ana", visibility: "PRIVATE" });
    await saveRows(app.databaseUrl, hidden);
    const [mine, theirs] = [new EventFollower(ana), new EventFollower(bob)];
    const hears = async (follower: EventFollower) => {
      while (follower.events.length === 0) {
        await rename(randomUUID());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    await Promise.all([hears(mine), hears(theirs)]);
    await ana.query(
      "mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }",
      { input: { id: hidden.id, label: "secret" } },
    );
    await rename("after");
    await mine.until("both", (events) => events.some(({ data }) => data.label === "after"));
    await theirs.until("the second", (events) => events.some(({ data }) => data.label === "after"));
    expect(mine.events.some(({ data }) => data.label === "secret")).toBe(true);
    expect(theirs.events.some(({ data }) => data.label === "secret")).toBe(false);
    await Promise.all([mine.stop(), theirs.stop()]);
  });

  it("shows each reader their own things: a link that is one's own is nobody else's", async () => {
    const bob = await app.as({ tenantId, userId: "bob" });
    const reauthorizing = anIntegration({
      ...{ tenantId, provider: "GOOGLE_CALENDAR", ownership: "USER", ownerId: "ana", visibility: "SHARED" },
      status: "NEEDS_REAUTH",
    });
    await saveRows(app.databaseUrl, reauthorizing);
    integrationId = reauthorizing.id;
    const listeners = listenersOf([ana, bob], live);
    await listening(listeners);
    await rename("again");
    const heard = await Promise.all(listeners.map((listener) => listener.until("again")));
    await Promise.all(listeners.map((listener) => listener.stop()));
    expect(heard[0].subject.reconnectUrl).toMatch(/\/connect\//);
    expect(heard[1].subject.reconnectUrl).toBeNull();
  });
});
