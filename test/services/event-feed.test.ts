import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Database } from "../../src/database/database.ts";
import type { Integration } from "../../src/entities/integration.ts";
import { EventFeed, type EventFilter, type EventOrder, type FeedEvent } from "../../src/services/event-feed.ts";
import { syncCountsData, syncRunData } from "../../src/services/integration-events.ts";
import type { Viewer } from "../../src/services/viewer.ts";
import { aCause, anIntegration, anUpdate, aSyncRun, aViewer } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";
import { breakConnections } from "../support/server-connections.ts";

const dayMs = 24 * 60 * 60 * 1000;
let now = new Date("2026-11-01T09:00:00Z");
let opened: OpenedDatabase;
/** Two processes on one database. */
let here: Services;
let there: Services;

beforeAll(async () => {
  opened = await openTestDatabase({ poolSize: 60 });
  here = await openServices(opened, { now: () => now, retentionDays: 30 });
  there = await openServices(opened, { now: () => now, retentionDays: 30 });
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await opened.close();
});

const ended: AbortController[] = [];
afterEach(() => {
  for (const controller of ended.splice(0)) controller.abort();
});

/** A tenant with one integration, whose log a test has for itself. */
async function aTenant(): Promise<{ viewer: Viewer; integration: Integration }> {
  const tenantId = `tenant-${randomUUID()}`;
  const integration = anIntegration({ tenantId });
  await opened.save(integration);
  return { viewer: aViewer({ tenantId }), integration };
}

/** Records one event for each subject, in one transaction. */
function write({ log }: Services, integration: Integration, ...subjects: readonly string[]): Promise<void> {
  return opened.database.inTenant(integration.tenantId, async (tx) => {
    for (const subjectId of subjects) log.record(tx, anUpdate(integration, { subjectId }));
  });
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const subjectsOf = (events: readonly FeedEvent[]) => events.map(({ subjectId }) => subjectId);
const positionsOf = (events: readonly FeedEvent[]) => events.map(({ position }) => Number(position));
const cursorAt = (position: number | bigint) => Buffer.from(`event:${position}`).toString("base64url");
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function pagesOf(
  feed: EventFeed,
  viewer: Viewer,
  { filter = {}, order = "OLDEST_FIRST", first }: { filter?: EventFilter; order?: EventOrder; first: number },
): Promise<FeedEvent[][]> {
  const pages: FeedEvent[][] = [];
  let after: string | null = null;
  for (;;) {
    const { edges, hasNextPage } = await feed.list(viewer, filter, order, { first, after });
    pages.push(edges.map(({ node }) => node));
    after = edges.at(-1)?.cursor ?? after;
    if (!hasNextPage) return pages;
  }
}

/** Follows in the background; `seen` grows as events come. */
function follow(
  { eventFeed }: Pick<Services, "eventFeed">,
  viewer: Viewer,
  {
    filter = {},
    after = null,
    pause,
  }: { filter?: EventFilter; after?: string | null; pause?: () => Promise<unknown> } = {},
) {
  const controller = new AbortController();
  ended.push(controller);
  const seen: FeedEvent[] = [];
  const over = (async () => {
    for await (const event of eventFeed.follow(viewer, filter, after, controller.signal)) {
      seen.push(event);
      await pause?.();
    }
  })();
  const until = (count: number) =>
    vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
  return { seen, until, over, stop: () => controller.abort() };
}

/** Waits until a reader without `after` has taken its place: from then on it sees what is written. */
async function followLive(services: Services, viewer: Viewer, integration: Integration, filter: EventFilter = {}) {
  const reader = follow(services, viewer, { filter });
  await vi.waitFor(
    async () => {
      await write(here, integration, "knock");
      expect(reader.seen.length).toBeGreaterThan(0);
    },
    { timeout: 10_000 },
  );
  await write(here, integration, "ready");
  await vi.waitFor(() => expect(subjectsOf(reader.seen)).toContain("ready"), { timeout: 10_000 });
  reader.seen.length = 0;
  return reader;
}

describe("listing events", () => {
  it("pages through all of them, oldest first, and can go on from where it was", async () => {
    const { viewer, integration } = await aTenant();
    await write(here, integration, ...names("s", 7));
    const pages = await pagesOf(here.eventFeed, viewer, { first: 3 });
    expect(pages.map(subjectsOf)).toEqual([["s0", "s1", "s2"], ["s3", "s4", "s5"], ["s6"]]);

    const after = pages.at(-1)?.at(-1)?.cursor ?? null;
    await write(here, integration, "s7");
    const { edges } = await here.eventFeed.list(viewer, {}, "OLDEST_FIRST", { first: 50, after });
    expect(edges.map(({ node }) => node.subjectId)).toEqual(["s7"]);
  });

  it("pages through all of them, newest first", async () => {
    const { viewer, integration } = await aTenant();
    await write(here, integration, ...names("s", 7));
    const pages = await pagesOf(here.eventFeed, viewer, { first: 3, order: "NEWEST_FIRST" });
    expect(pages.map(subjectsOf)).toEqual([["s6", "s5", "s4"], ["s3", "s2", "s1"], ["s0"]]);
  });

  it("has one cursor for the edge and the event", async () => {
    const { viewer, integration } = await aTenant();
    await write(here, integration, "s0", "s1");
    const { edges } = await here.eventFeed.list(viewer, {}, "OLDEST_FIRST", { first: 50, after: null });
    expect(edges.map(({ cursor }) => cursor)).toEqual(edges.map(({ node }) => node.cursor));
  });

  it("finds by type, noun, integration, subject, correlation and time, and by all of them at once", async () => {
    const { viewer, integration } = await aTenant();
    const other = anIntegration({ tenantId: viewer.tenantId });
    await opened.save(other);
    const run = aSyncRun(integration);
    const cause = aCause();
    const before = now;
    const wantedAt = new Date(now.getTime() + 1000);
    await write(here, integration, "early");
    now = wantedAt;
    await opened.database.inTenant(viewer.tenantId, async (tx) => {
      const about = { integrationId: integration.id, subjectId: run.id, cause };
      here.log.record(tx, { ...about, type: "sync.started", data: syncRunData(run) });
      here.log.record(tx, { ...about, type: "sync.finished", data: syncCountsData(run) });
    });
    now = new Date(now.getTime() + 1000);
    await write(here, other, "late");
    const late = now;
    now = before;

    const typesFor = async (filter: EventFilter) =>
      (await pagesOf(here.eventFeed, viewer, { first: 50, filter })).flat().map(({ type }) => type);
    const all = ["integration.updated", "sync.started", "sync.finished", "integration.updated"];
    const both = ["sync.started", "sync.finished"];
    expect(await typesFor({})).toEqual(all);
    expect(await typesFor({ types: ["sync.started"] })).toEqual(["sync.started"]);
    expect(await typesFor({ types: ["sync.*"] })).toEqual(both);
    expect(await typesFor({ types: ["sync.*", "integration.updated"] })).toEqual(all);
    expect(await typesFor({ types: [] })).toEqual([]);
    expect(await typesFor({ integrationIds: [other.id] })).toEqual(["integration.updated"]);
    expect(await typesFor({ integrationIds: [] })).toEqual([]);
    expect(await typesFor({ subjectIds: [run.id] })).toEqual(both);
    expect(await typesFor({ correlationId: cause.correlationId })).toEqual(both);
    expect(await typesFor({ occurredFrom: wantedAt })).toEqual(all.slice(1));
    expect(await typesFor({ occurredTo: late })).toEqual(all.slice(0, 3));
    expect(
      await typesFor({
        types: ["sync.*"],
        integrationIds: [integration.id],
        subjectIds: [run.id],
        correlationId: cause.correlationId,
        occurredFrom: wantedAt,
        occurredTo: late,
      }),
    ).toEqual(both);
    expect(await typesFor({ types: ["sync.*"], integrationIds: [other.id] })).toEqual([]);

    const followed = follow(here, viewer, { after: cursorAt(0), filter: { types: ["sync.*"], occurredTo: late } });
    await followed.until(2);
    expect(followed.seen.map(({ type }) => type)).toEqual(both);
  });

  it.each(["nonsense", "calendar", "calendar_event", "*", "sync.*.x", ".*", "calendar_event.", "toString"])(
    "says that there are no events of type %s",
    async (type) => {
      const { viewer } = await aTenant();
      const refused = { code: "INVALID_INPUT", field: ["filter", "types"] };
      const filter = { types: [type] };
      const page = { first: 50, after: null };
      await expect(here.eventFeed.list(viewer, filter, "OLDEST_FIRST", page)).rejects.toMatchObject(refused);
      await expect(follow(here, viewer, { filter }).over).rejects.toMatchObject(refused);
    },
  );

  it.each([
    { name: "nothing", cursor: "" },
    { name: "nonsense", cursor: "nonsense" },
    { name: "another list's", cursor: Buffer.from('["abc",["1"]]').toString("base64url") },
    { name: "a negative place", cursor: cursorAt(-1) },
    { name: "a place beyond any number", cursor: Buffer.from(`event:${"9".repeat(40)}`).toString("base64url") },
  ])("refuses a cursor that is $name", async ({ cursor }) => {
    const { viewer } = await aTenant();
    const refused = { code: "INVALID_INPUT", field: ["after"] };
    for (const order of ["OLDEST_FIRST", "NEWEST_FIRST"] as const) {
      await expect(here.eventFeed.list(viewer, {}, order, { first: 1, after: cursor })).rejects.toMatchObject(refused);
    }
    await expect(follow(here, viewer, { after: cursor }).over).rejects.toMatchObject(refused);
  });

  it("refuses a cursor whose next events retention has removed, and takes the last one it removed", async () => {
    const { viewer, integration } = await aTenant();
    await aLogWithoutItsBeginning(integration);
    const list = (position: number, order: EventOrder = "OLDEST_FIRST") =>
      here.eventFeed.list(viewer, {}, order, { first: 50, after: cursorAt(position) });
    await expect(list(2)).rejects.toMatchObject({ code: "CURSOR_EXPIRED", field: ["after"] });
    expect((await list(3)).edges.map(({ node }) => node.subjectId)).toEqual(["new0", "new1"]);
    expect((await list(5, "NEWEST_FIRST")).edges.map(({ node }) => node.subjectId)).toEqual(["new0"]);
    expect(subjectsOf((await pagesOf(here.eventFeed, viewer, { first: 50 })).flat())).toEqual(["new0", "new1"]);
  });

  it("misses nothing and repeats nothing while others write", async () => {
    const { viewer, integration } = await aTenant();
    const writing = Promise.all(names("w", 32).map((name) => write(here, integration, `${name}a`, `${name}b`)));
    let isOver = false;
    void writing.then(() => {
      isOver = true;
    });
    const seen: FeedEvent[] = [];
    for (;;) {
      const wasOver = isOver;
      const after = seen.at(-1)?.cursor ?? null;
      const { edges } = await here.eventFeed.list(viewer, {}, "OLDEST_FIRST", { first: 5, after });
      seen.push(...edges.map(({ node }) => node));
      if (wasOver && edges.length === 0) break;
    }
    expect(positionsOf(seen)).toEqual(span(1, 64));
  });
});

/** Five events, of which retention has removed the first three. */
async function aLogWithoutItsBeginning(integration: Integration): Promise<void> {
  const today = now;
  await write(here, integration, "old0", "old1", "old2");
  now = new Date(today.getTime() + 31 * dayMs);
  await write(here, integration, "new0", "new1");
  await here.housekeeping.keep(integration.tenantId);
  now = today;
}

describe("following events", () => {
  it("begins with what happens from now on when there is no cursor", async () => {
    const { viewer, integration } = await aTenant();
    await write(here, integration, "before");
    const reader = await followLive(here, viewer, integration);
    await write(here, integration, "s0", "s1");
    await reader.until(2);
    expect(subjectsOf(reader.seen)).toEqual(["s0", "s1"]);
  });

  it("replays what is there and goes on live, without gap or repetition, while 36 others write", async () => {
    const { viewer, integration } = await aTenant();
    const writers = 36;
    const rounds = 10;
    await write(here, integration, ...names("old", 700));
    const writing = Promise.all(
      names("w", writers).map(async (name, number) => {
        for (let round = 0; round < rounds; round += 1) {
          await write(number % 2 ? here : there, integration, `${name}/${round}a`, `${name}/${round}b`);
        }
      }),
    );
    const readers = [
      follow(here, viewer, { after: cursorAt(0) }),
      follow(there, viewer, { after: cursorAt(0) }),
      follow(here, viewer, { after: cursorAt(350) }),
      follow(there, viewer, { after: cursorAt(700) }),
    ];
    await writing;
    const last = 700 + writers * rounds * 2;
    await Promise.all(readers.map((reader, index) => reader.until([last, last, last - 350, last - 700][index] ?? 0)));
    expect(readers.map(({ seen }) => positionsOf(seen))).toEqual([
      span(1, last),
      span(1, last),
      span(351, last),
      span(701, last),
    ]);
    expect(new Set(readers[0]?.seen.map(({ id }) => id)).size).toBe(last);
  });

  it("hears of another process's events at once", async () => {
    const { viewer, integration } = await aTenant();
    const reader = await followLive(here, viewer, integration);
    const delays: number[] = [];
    for (let turn = 1; turn <= 5; turn += 1) {
      await write(there, integration, `s${turn}`);
      const writtenAt = performance.now();
      await vi.waitFor(() => expect(reader.seen).toHaveLength(turn), { timeout: 10_000, interval: 5 });
      delays.push(performance.now() - writtenAt);
    }
    // It looks by itself every five seconds only.
    expect(Math.max(...delays)).toBeLessThan(2000);
  });

  it("goes on when wake-ups were lost", async () => {
    const { viewer, integration } = await aTenant();
    const reader = await followLive(here, viewer, integration);
    await breakConnections(opened, "integrations-wake");
    await write(there, integration, "s0");
    await reader.until(1);
    expect(subjectsOf(reader.seen)).toEqual(["s0"]);
  });

  it("is found by who looks by themselves when no wake-up ever comes, at the cost of one reader for all", async () => {
    const { viewer, integration } = await aTenant();
    let transactions = 0;
    class CountedDatabase extends Database {
      override inTenant: Database["inTenant"] = (tenantId, work) => {
        transactions += 1;
        return super.inTenant(tenantId, work);
      };
    }
    const deaf = { subscribe: () => () => {} };
    const eventFeed = new EventFeed(new CountedDatabase(opened.dataSource), deaf, () => now, 500);
    const readers = Array.from({ length: 100 }, () => follow({ eventFeed }, viewer, { after: cursorAt(0) }));
    // The first reading of each, shared as far as they come at once; afterwards they wait.
    await write(here, integration, "s0");
    await Promise.all(readers.map(({ until }) => until(1)));
    const startedAt = performance.now();
    transactions = 0;
    await write(here, integration, "s1");
    await Promise.all(readers.map(({ until }) => until(2)));
    const turns = Math.ceil((performance.now() - startedAt) / 500) + 1;
    expect(transactions).toBeLessThanOrEqual(turns * 4);
    for (const { seen } of readers) expect(subjectsOf(seen)).toEqual(["s0", "s1"]);
    for (const { stop, over } of readers) {
      stop();
      await over;
    }
  });

  it("resumes from the cursor of any event", async () => {
    const { viewer, integration } = await aTenant();
    await write(here, integration, ...names("s", 5));
    const first = follow(here, viewer, { after: cursorAt(0) });
    await first.until(5);
    const second = follow(there, viewer, { after: first.seen[2]?.cursor ?? "" });
    await second.until(2);
    expect(subjectsOf(second.seen)).toEqual(["s3", "s4"]);
  });

  it("refuses a cursor that lies ahead of the log", async () => {
    const { viewer, integration } = await aTenant();
    await write(here, integration, "s0");
    await expect(follow(here, viewer, { after: cursorAt(2) }).over).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("gives a slow reader everything, at its own pace, and holds up nobody else", async () => {
    const { viewer, integration } = await aTenant();
    let isSlow = true;
    let wake = () => {};
    const slow = follow(here, viewer, {
      after: cursorAt(0),
      pause: () => (isSlow ? new Promise<void>((resolve) => (wake = resolve)) : Promise.resolve()),
    });
    const quick = follow(here, viewer, { after: cursorAt(0) });
    await write(here, integration, "first");
    await slow.until(1);
    for (let turn = 0; turn < 5; turn += 1) await write(here, integration, ...names(`t${turn}/`, 500));
    await quick.until(2501);
    expect(slow.seen).toHaveLength(1);
    isSlow = false;
    wake();
    await slow.until(2501);
    expect(positionsOf(slow.seen)).toEqual(span(1, 2501));
  });

  it("tells of a gap when retention has removed what comes next", async () => {
    const { viewer, integration } = await aTenant();
    await aLogWithoutItsBeginning(integration);
    const reader = follow(here, viewer, { after: cursorAt(1) });
    await reader.until(3);
    expect(reader.seen[0]).toMatchObject({
      type: "stream.gap",
      tenantId: viewer.tenantId,
      cursor: cursorAt(3),
      subjectType: null,
      data: { lostFrom: cursorAt(1), resumeAfter: cursorAt(3) },
    });
    expect(subjectsOf(reader.seen.slice(1))).toEqual(["new0", "new1"]);

    const resumed = follow(there, viewer, { after: reader.seen[0]?.cursor ?? "" });
    await resumed.until(2);
    expect(resumed.seen.map(({ type }) => type)).toEqual(["integration.updated", "integration.updated"]);
  });

  it("tells of a gap even when nothing is left", async () => {
    const { viewer, integration } = await aTenant();
    const today = now;
    await write(here, integration, "old0", "old1");
    now = new Date(today.getTime() + 31 * dayMs);
    await here.housekeeping.keep(integration.tenantId);
    now = today;
    const reader = follow(here, viewer, { after: cursorAt(0) });
    await reader.until(1);
    expect(reader.seen[0]?.data).toEqual({ lostFrom: cursorAt(0), resumeAfter: cursorAt(2) });
    await write(here, integration, "next");
    await reader.until(2);
    expect(subjectsOf(reader.seen)).toEqual([null, "next"]);
  });

  it("tells of a gap to a reader so slow that retention overtook it", async () => {
    const { viewer, integration } = await aTenant();
    await write(here, integration, "first", "second");
    let wake = () => {};
    let isStuck = true;
    const reader = follow(here, viewer, {
      after: cursorAt(0),
      pause: () => (isStuck ? new Promise<void>((resolve) => (wake = resolve)) : Promise.resolve()),
    });
    await reader.until(1);
    const today = now;
    await write(here, integration, ...names("lost", 10));
    now = new Date(today.getTime() + 31 * dayMs);
    await write(here, integration, "kept");
    await here.housekeeping.keep(integration.tenantId);
    now = today;
    isStuck = false;
    wake();
    await reader.until(4);
    expect(reader.seen.map(({ type, subjectId }) => subjectId ?? type)).toEqual([
      "first",
      "second",
      "stream.gap",
      "kept",
    ]);
    expect(reader.seen[2]?.data).toEqual({ lostFrom: cursorAt(2), resumeAfter: cursorAt(12) });
  });

  it("ends at once when it is told to, waiting or not, and leaves nothing behind", async () => {
    const { viewer, integration } = await aTenant();
    const waiting = await followLive(here, viewer, integration);
    const startedAt = performance.now();
    waiting.stop();
    await waiting.over;
    expect(performance.now() - startedAt).toBeLessThan(1000);

    await write(here, integration, ...names("s", 20));
    const controller = new AbortController();
    const seen: FeedEvent[] = [];
    for await (const event of here.eventFeed.follow(viewer, {}, cursorAt(0), controller.signal)) {
      seen.push(event);
      if (seen.length === 3) controller.abort();
    }
    expect(seen).toHaveLength(3);

    const already = here.eventFeed.follow(viewer, {}, cursorAt(0), AbortSignal.abort());
    expect(await already.next()).toEqual({ done: true, value: undefined });
    expect((here.eventFeed as unknown as { followed: Map<string, unknown> }).followed.has(viewer.tenantId)).toBe(false);
  });

  it("needs the scope", async () => {
    const viewer = aViewer({ scopes: ["integrations:read"] });
    await expect(follow(here, viewer).over).rejects.toMatchObject({ code: "FORBIDDEN", scope: "events:read" });
  });

  it("stops showing an integration's events once its owner shares it no longer", async () => {
    const { viewer, integration } = await aTenant();
    const bob = { ...viewer, userId: "bob" };
    const share = (visibility: string) =>
      opened.database.inTenant(viewer.tenantId, (tx) =>
        tx.query("UPDATE integration SET visibility = $1", [visibility]),
      );
    await share("SHARED");
    const colleague = await followLive(here, bob, integration);
    const owner = await followLive(here, viewer, integration);
    await share("PRIVATE");
    await write(here, integration, "hidden");
    await owner.until(1);
    await share("SHARED");
    await write(here, integration, "shown");
    await colleague.until(1);
    expect(subjectsOf(colleague.seen).filter((subject) => subject === "hidden")).toEqual([]);
  });
});
