import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CalendarEvent } from "../../src/entities/calendar-event.ts";
import { Integration, type Ownership, type Visibility } from "../../src/entities/integration.ts";
import { readAfter } from "../../src/events/event-log.ts";
import { mayChange, mayReadEvent, sightOf, visibleSql } from "../../src/services/access-policy.ts";
import { calendarData, calendarEventData, syncRunData } from "../../src/services/integration-events.ts";
import type { Viewer } from "../../src/services/viewer.ts";
import {
  aCalendar,
  aCalendarEvent,
  aCause,
  anIntegration,
  anOccurrence,
  anUpdate,
  aSyncRun,
  aViewer,
} from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const now = new Date("2026-11-01T09:00:00Z");
let opened: OpenedDatabase;
let services: Services;

/** An integration with one of everything, and an event of the log about each. */
interface Household {
  readonly name: string;
  readonly integration: Integration;
  readonly calendarId: string;
  readonly calendarEventId: string;
  readonly syncRunId: string;
}
const households: Household[] = [];
const foreign: Household[] = [];

beforeAll(async () => {
  opened = await openTestDatabase();
  services = await openServices(opened, { now: () => now });
  for (const visibility of ["PRIVATE", "BUSY", "SHARED"] as const) {
    for (const ownerId of ["ada", "bob"]) {
      households.push(await aHousehold({ ownership: "USER", ownerId, visibility }));
    }
    households.push(await aHousehold({ ownership: "TENANT", ownerId: null, visibility }));
  }
  foreign.push(await aHousehold({ tenantId: "globex", ownership: "USER", ownerId: "ada", visibility: "SHARED" }));
  foreign.push(await aHousehold({ tenantId: "globex", ownership: "TENANT", ownerId: null, visibility: "SHARED" }));
  const gone = anIntegration({ ownerId: "ada" });
  await opened.database.inTenant("acme", async (tx) => services.log.record(tx, anUpdate(gone)));
});
afterAll(async () => {
  await services.close();
  await opened.close();
});

async function aHousehold(changes: Partial<Integration>): Promise<Household> {
  const integration = anIntegration(changes);
  const calendar = aCalendar(integration, { lastSyncedAt: now });
  const calendarEvent: CalendarEvent = aCalendarEvent(calendar);
  const syncRun = aSyncRun(integration);
  await opened.save(integration, calendar, calendarEvent, anOccurrence(calendarEvent), syncRun);
  await opened.database.inTenant(integration.tenantId, async (tx) => {
    const about = { integrationId: integration.id, cause: aCause() };
    const { log } = services;
    log.record(tx, anUpdate(integration));
    log.record(tx, { ...about, type: "sync.started", subjectId: syncRun.id, data: syncRunData(syncRun) });
    log.record(tx, { ...about, type: "calendar.added", subjectId: calendar.id, data: calendarData(calendar) });
    const data = calendarEventData(calendarEvent);
    log.record(tx, { ...about, type: "calendar_event.created", subjectId: calendarEvent.id, data });
  });
  const { ownership, ownerId, visibility } = integration;
  return {
    name: `${visibility} ${ownership} ${ownerId}`,
    integration,
    calendarId: calendar.id,
    calendarEventId: calendarEvent.id,
    syncRunId: syncRun.id,
  };
}

/** What one sees of an integration, as the rule is written down for people. */
function ruleFor(
  { userId, scopes }: Viewer,
  owned: { ownership: Ownership; ownerId: string | null; visibility: Visibility },
) {
  if (owned.ownership === "TENANT") return "details";
  if (owned.ownerId === userId) return "details";
  if (owned.visibility === "SHARED") return "details";
  if (scopes.has("tenant:admin")) return "existence";
  return "nothing";
}

/** Whether one may know when it is busy, as the rule is written down for people. */
function givesBusyTimes(
  { userId }: Viewer,
  owned: { ownership: Ownership; ownerId: string | null; visibility: Visibility },
) {
  return owned.ownership === "TENANT" || owned.ownerId === userId || owned.visibility !== "PRIVATE";
}

const deciding = ["integrations:read", "calendar:read", "events:read", "tenant:admin"] as const;

/** Two users with every combination of the scopes that matter. */
const viewers: Viewer[] = ["ada", "bob"].flatMap((userId) =>
  Array.from({ length: 2 ** deciding.length }, (_, bits) =>
    aViewer({ userId, scopes: deciding.filter((_scope, index) => bits & (1 << index)) }),
  ),
);
const nameOf = ({ userId, scopes }: Viewer) => `${userId} with ${[...scopes].join(" ") || "no scope"}`;
const named = <T>(list: readonly T[], name: (one: T) => string) => list.map((one) => [name(one), one] as const);

const everything = { first: 200, after: null };
const december = { from: new Date("2026-12-01T00:00:00Z"), to: new Date("2026-12-02T00:00:00Z") };
const allOf = <T>({ edges }: { edges: readonly { node: T }[] }): T[] => edges.map(({ node }) => node);
const sorted = (ids: Iterable<string>) => [...ids].sort();

function idsSeen(viewer: Viewer, id: (household: Household) => string, ...sights: string[]): string[] {
  return sorted(households.filter(({ integration }) => sights.includes(ruleFor(viewer, integration))).map(id));
}

const idsOf = (pick: (household: Household) => string) => [...households, ...foreign].map(pick);

describe.each(named(viewers, nameOf))("%s", (_name, viewer) => {
  it("is judged by the policy as by its words, in memory and in SQL", async () => {
    const inSql = (needed: "details" | "existence") =>
      opened.database.inTenant("acme", async (tx) => {
        const query = tx.manager
          .createQueryBuilder(Integration, "integration")
          .where(visibleSql(viewer, needed), { viewerId: viewer.userId });
        return sorted((await query.getMany()).map(({ id }) => id));
      });
    const inMemory = (...sights: string[]) =>
      sorted(
        households
          .filter(({ integration }) => sights.includes(sightOf(viewer, integration)))
          .map(({ integration }) => integration.id),
      );
    const id = ({ integration }: Household) => integration.id;

    expect(inMemory("details")).toEqual(idsSeen(viewer, id, "details"));
    expect(await inSql("details")).toEqual(idsSeen(viewer, id, "details"));
    expect(inMemory("details", "existence")).toEqual(idsSeen(viewer, id, "details", "existence"));
    expect(await inSql("existence")).toEqual(idsSeen(viewer, id, "details", "existence"));
  });

  it("finds integrations that are there for them, in a list and by id", async () => {
    const list = () => services.integrations.list(viewer, {}, everything);
    const ids = idsOf(({ integration }) => integration.id);
    if (!viewer.scopes.has("integrations:read")) {
      await expect(list()).rejects.toMatchObject({ code: "FORBIDDEN", scope: "integrations:read" });
      await expect(services.integrations.byIds(viewer, ids)).rejects.toMatchObject({ code: "FORBIDDEN" });
      return;
    }
    const seen = idsSeen(viewer, ({ integration }) => integration.id, "details", "existence");
    expect(sorted(allOf(await list()).map(({ id }) => id))).toEqual(seen);
    expect(sorted((await services.integrations.byIds(viewer, ids)).keys())).toEqual(seen);
  });

  it("finds syncs of integrations that are there for them, in a list and by id", async () => {
    const list = () => services.syncs.list(viewer, {}, everything);
    const ids = idsOf(({ syncRunId }) => syncRunId);
    if (!viewer.scopes.has("integrations:read")) {
      await expect(list()).rejects.toMatchObject({ code: "FORBIDDEN", scope: "integrations:read" });
      await expect(services.syncs.byIds(viewer, ids)).rejects.toMatchObject({ code: "FORBIDDEN" });
      return;
    }
    const seen = idsSeen(viewer, ({ syncRunId }) => syncRunId, "details", "existence");
    expect(sorted(allOf(await list()).map(({ id }) => id))).toEqual(seen);
    expect(sorted((await services.syncs.byIds(viewer, ids)).keys())).toEqual(seen);
  });

  it("finds calendars whose details are theirs to see, in a list and by id", async () => {
    const { calendars } = services;
    const ids = idsOf(({ calendarId }) => calendarId);
    const integrationIds = idsOf(({ integration }) => integration.id);
    if (!viewer.scopes.has("calendar:read")) {
      const forbidden = { code: "FORBIDDEN", scope: "calendar:read" };
      await expect(calendars.byIds(viewer, ids)).rejects.toMatchObject(forbidden);
      await expect(calendars.byIntegrationIds(viewer, integrationIds)).rejects.toMatchObject(forbidden);
      await expect(calendars.list(viewer, integrationIds[0] ?? "", everything)).rejects.toMatchObject(forbidden);
      return;
    }
    const seen = idsSeen(viewer, ({ calendarId }) => calendarId, "details");
    const groups = [...(await calendars.byIntegrationIds(viewer, integrationIds)).values()];
    const lists = await Promise.all(integrationIds.map((id) => calendars.list(viewer, id, everything)));
    expect(sorted((await calendars.byIds(viewer, ids)).keys())).toEqual(seen);
    expect(sorted(groups.flat().map(({ id }) => id))).toEqual(seen);
    expect(sorted(lists.flatMap(allOf).map(({ id }) => id))).toEqual(seen);
  });

  it("finds calendar events whose details are theirs to see, in a list and by id", async () => {
    const list = () => services.calendarEvents.list(viewer, december, everything);
    const ids = idsOf(({ calendarEventId }) => calendarEventId);
    if (!viewer.scopes.has("calendar:read")) {
      await expect(list()).rejects.toMatchObject({ code: "FORBIDDEN", scope: "calendar:read" });
      await expect(services.calendarEvents.byIds(viewer, ids)).rejects.toMatchObject({ code: "FORBIDDEN" });
      return;
    }
    const seen = idsSeen(viewer, ({ calendarEventId }) => calendarEventId, "details");
    expect(sorted(allOf(await list()).map(({ id }) => id))).toEqual(seen);
    expect(sorted((await services.calendarEvents.byIds(viewer, ids)).keys())).toEqual(seen);
  });

  it("has the busy times of everything in the tenant that is not kept private", async () => {
    const whose = {
      userIds: [],
      integrationIds: idsOf(({ integration }) => integration.id),
      calendarIds: idsOf(({ calendarId }) => calendarId),
    };
    const list = () => services.freeBusy.list(viewer, whose, december, { timeZoneOf: () => "UTC", fresh: false });
    if (!viewer.scopes.has("calendar:read")) {
      await expect(list()).rejects.toMatchObject({ code: "FORBIDDEN", scope: "calendar:read" });
      return;
    }
    const told = (await list()).filter(({ busy }) => busy?.length === 1).map(({ calendarId }) => calendarId ?? "");
    const giving = households.filter(({ integration }) => givesBusyTimes(viewer, integration));
    expect(sorted(told)).toEqual(sorted(giving.map(({ calendarId }) => calendarId)));
  });

  it("reads the events of the log whose subjects are theirs to read: in pages, by id and live", async () => {
    const { eventFeed } = services;
    const all = await opened.database.inTenant("acme", (tx) => readAfter(tx, 0n, 1000));
    const foreigners = await opened.database.inTenant("globex", (tx) => readAfter(tx, 0n, 1000));
    const ids = [...all, ...foreigners].map(({ id }) => id);
    const start = Buffer.from("event:0").toString("base64url");
    const follow = () => eventFeed.follow(viewer, {}, start, AbortSignal.timeout(20_000));
    if (!viewer.scopes.has("events:read")) {
      const forbidden = { code: "FORBIDDEN", scope: "events:read" };
      await expect(eventFeed.list(viewer, {}, "OLDEST_FIRST", everything)).rejects.toMatchObject(forbidden);
      await expect(eventFeed.byIds(viewer, ids)).rejects.toMatchObject(forbidden);
      await expect(follow().next()).rejects.toMatchObject(forbidden);
      return;
    }
    const expected = households.flatMap(({ integration, calendarId, calendarEventId, syncRunId }) => {
      const sight = ruleFor(viewer, integration);
      const exists = sight !== "nothing" && viewer.scopes.has("integrations:read");
      const shown = sight === "details" && viewer.scopes.has("calendar:read");
      return [...(exists ? [integration.id, syncRunId] : []), ...(shown ? [calendarId, calendarEventId] : [])];
    });
    const subjects = (events: Iterable<{ subjectId: string | null }>) =>
      [...events].map(({ subjectId }) => subjectId ?? "nothing");

    expect(subjects(all.filter((event) => mayReadEvent(viewer, event)))).toEqual(expected);
    expect(subjects(allOf(await eventFeed.list(viewer, {}, "OLDEST_FIRST", everything)))).toEqual(expected);
    expect(sorted(subjects((await eventFeed.byIds(viewer, ids)).values()))).toEqual(sorted(expected));
    const live: (string | null)[] = [];
    if (expected.length > 0) {
      for await (const { subjectId } of follow()) {
        live.push(subjectId);
        if (live.length === expected.length) break;
      }
    }
    expect(live).toEqual(expected);
  });
});

describe("somebody of another tenant", () => {
  const stranger = aViewer({ tenantId: "initech", userId: "ada", scopes: [...deciding] });

  it("finds nothing, whatever the scopes and by whatever name", async () => {
    const { integrations, calendars, calendarEvents, syncs, eventFeed } = services;
    const integrationIds = idsOf(({ integration }) => integration.id);
    const eventIds = (await opened.look<{ id: string }>("SELECT id FROM event")).map(({ id }) => id);
    expect(eventIds.length).toBeGreaterThan(40);
    const found = await Promise.all([
      integrations.byIds(stranger, integrationIds),
      calendars.byIds(
        stranger,
        idsOf(({ calendarId }) => calendarId),
      ),
      calendars.byIntegrationIds(stranger, integrationIds),
      calendarEvents.byIds(
        stranger,
        idsOf(({ calendarEventId }) => calendarEventId),
      ),
      syncs.byIds(
        stranger,
        idsOf(({ syncRunId }) => syncRunId),
      ),
      eventFeed.byIds(stranger, eventIds),
    ]);
    expect(found.map(({ size }) => size)).toEqual([0, 0, 0, 0, 0, 0]);
    const lists = await Promise.all([
      integrations.list(stranger, {}, everything),
      calendarEvents.list(stranger, december, everything),
      syncs.list(stranger, {}, everything),
      eventFeed.list(stranger, {}, "NEWEST_FIRST", everything),
    ]);
    expect(lists.map(({ edges }) => edges.length)).toEqual([0, 0, 0, 0]);
    const whose = { userIds: ["ada", "bob"], integrationIds, calendarIds: idsOf(({ calendarId }) => calendarId) };
    const busy = await services.freeBusy.list(stranger, whose, december, { timeZoneOf: () => "UTC", fresh: false });
    expect(busy).toHaveLength(2 + 2 * integrationIds.length);
    expect(busy.filter((calendar) => calendar.busy !== null || calendar.problem?.code !== "NOT_FOUND")).toEqual([]);
  });
});

describe("an id that cannot be one", () => {
  const viewer = aViewer({ scopes: [...deciding, "integrations:write"] });

  it.each([
    { name: "empty", id: "" },
    { name: "a word", id: "nonsense" },
    { name: "a number", id: "1" },
    { name: "endless", id: "0".repeat(10_000) },
    { name: "what Postgres cannot hold", id: "a\0b" },
    { name: "nearly one", id: "00000000-0000-0000-0000-00000000000G" },
    { name: "several in one", id: "x_y_z" },
  ])("is like an unknown one: $name", async ({ id }) => {
    const { integrations, calendars, calendarEvents, syncs, eventFeed } = services;
    const found = await Promise.all([
      integrations.byIds(viewer, [id]),
      calendars.byIds(viewer, [id]),
      calendars.byIntegrationIds(viewer, [id]),
      calendarEvents.byIds(viewer, [id, `${households[0]?.calendarEventId}_${id}`]),
      syncs.byIds(viewer, [id]),
      eventFeed.byIds(viewer, [id]),
    ]);
    expect(found.map(({ size }) => size)).toEqual([0, 0, 0, 0, 0, 0]);
    const filter = { integrationIds: [id], subjectIds: [id], correlationId: id };
    expect((await eventFeed.list(viewer, filter, "OLDEST_FIRST", everything)).edges).toEqual([]);
    expect((await syncs.list(viewer, { integrationId: id }, everything)).edges).toEqual([]);
    expect((await integrations.list(viewer, { ownerId: id }, everything)).edges).toEqual([]);
    expect((await calendars.list(viewer, id, everything)).edges).toEqual([]);
    const events = { ...december, calendarIds: [id], integrationIds: [id], ownerId: id };
    expect((await calendarEvents.list(viewer, events, everything)).edges).toEqual([]);
    await expect(syncs.request(viewer, id, { full: false })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("changing an integration", () => {
  it.each([
    { who: "its owner", viewer: aViewer(), owned: { ownership: "USER", ownerId: "ada" }, may: true },
    {
      who: "a colleague",
      viewer: aViewer({ userId: "bob" }),
      owned: { ownership: "USER", ownerId: "ada" },
      may: false,
    },
    {
      who: "an administrator",
      viewer: aViewer({ userId: "bob", scopes: ["tenant:admin"] }),
      owned: { ownership: "USER", ownerId: "ada" },
      may: false,
    },
    {
      who: "anybody, when it is the tenant's",
      viewer: aViewer(),
      owned: { ownership: "TENANT", ownerId: null },
      may: true,
    },
  ])("is for $who: $may", ({ viewer, owned, may }) => {
    for (const visibility of ["PRIVATE", "BUSY", "SHARED"]) {
      expect(mayChange(viewer, { ...owned, visibility })).toBe(may);
    }
  });

  it.each([
    { who: "a colleague who cannot see it", visibility: "BUSY", scopes: [], code: "NOT_FOUND" },
    { who: "a colleague it is shared with", visibility: "SHARED", scopes: [], code: "FORBIDDEN" },
    { who: "an administrator", visibility: "PRIVATE", scopes: ["tenant:admin"], code: "FORBIDDEN" },
  ] as const)("is refused to $who with $code", async ({ visibility, scopes, code }) => {
    const viewer = aViewer({ userId: "bob", scopes: ["integrations:write", ...scopes] });
    const { integration, syncRunId } =
      households.find((one) => one.integration.ownerId === "ada" && one.integration.visibility === visibility) ??
      expect.fail("there is none");
    const { integrations, syncs } = services;
    const refused = { code };
    await expect(syncs.request(viewer, integration.id, { full: false })).rejects.toMatchObject(refused);
    await expect(syncs.cancel(viewer, syncRunId, aCause())).rejects.toMatchObject(refused);
    await expect(integrations.update(viewer, integration.id, { label: "x" }, aCause())).rejects.toMatchObject(refused);
    await expect(integrations.test(viewer, integration.id, aCause())).rejects.toMatchObject(refused);
  });
});
