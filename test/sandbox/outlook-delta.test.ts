import { describe, expect, it } from "vitest";
import { anOutlook, type GraphClient, hour, march, weekly } from "../support/graph-client.ts";

type Item = Record<string, unknown> & { id: string; type?: string; subject?: string };

/** A round to its end. @returns its items and where the next one begins */
async function round(client: GraphClient, path: string, prefer?: string): Promise<{ items: Item[]; next: string }> {
  const pages = await client.pages(path, prefer);
  return { items: pages.flatMap(({ value }) => value), next: pages.at(-1)["@odata.deltaLink"] };
}

const view = `/me/calendarView/delta?${march}`;
const removed = (id: string) => ({
  "@odata.type": "#microsoft.graph.event",
  id,
  "@removed": { reason: "deleted" },
});

describe("a delta over a calendar view", () => {
  it("begins with everything in its window, and then tells what changed", async () => {
    const { ana } = await anOutlook();
    const event = await ana.create({ subject: "Before", ...hour(2) });
    await ana.create({ subject: "Untouched", ...hour(3) });
    await ana.create({ subject: "Outside", start: at("2026-05-02"), end: at("2026-05-02") });
    const first = await round(ana, view);
    expect(first.items.map(({ subject }) => subject).sort()).toEqual(["Before", "Untouched"]);
    expect(first.items.find(({ id }) => id === event.id)).toMatchObject({
      "@odata.type": "#microsoft.graph.event",
      "@odata.etag": event["@odata.etag"],
      body: { contentType: "html" },
      start: { dateTime: "2026-03-02T08:00:00.0000000", timeZone: "UTC" },
    });
    expect((await round(ana, first.next)).items).toEqual([]);
    await ana.patch(`/me/events/${event.id}`, { subject: "After" });
    const second = await round(ana, first.next);
    expect(second.items.map(({ subject }) => subject)).toEqual(["After"]);
    expect((await round(ana, first.next)).items.length).toBe(1);
    expect((await round(ana, second.next)).items).toEqual([]);
  });

  it("tells nothing of changes that Outlook loses, unless it begins anew", async () => {
    const { sandbox, ana } = await anOutlook();
    const changed = await ana.create({ subject: "Before", ...hour(2) });
    const gone = await ana.create({ subject: "Gone", ...hour(3) });
    const series = await ana.create(weekly());
    const { next } = await round(ana, view);
    sandbox.outlookCalendar.switches.losesChanges = true;
    await ana.patch(`/me/events/${changed.id}`, { subject: "After" });
    await ana.patch(`/me/events/${series.id}`, { subject: "Fortnightly" });
    await ana.create({ subject: "New", ...hour(5) });
    await ana.delete(`/me/events/${gone.id}`);
    sandbox.outlookCalendar.switches.losesChanges = false;
    expect((await round(ana, next)).items).toEqual([]);
    const subjects = (await round(ana, view)).items.flatMap(({ subject }) => subject ?? []);
    expect(new Set(subjects)).toEqual(new Set(["After", "Fortnightly", "New"]));
    await ana.patch(`/me/events/${changed.id}`, { subject: "Later" });
    expect((await round(ana, next)).items.map(({ subject }) => subject)).toEqual(["Later"]);
  });

  it("has links that are whole addresses, with tokens that say nothing", async () => {
    const { sandbox, ana } = await anOutlook();
    for (const day of [2, 3, 4]) await ana.create({ subject: "One of three", ...hour(day) });
    const [first, ...others] = await ana.pages(view, "odata.maxpagesize=2");
    const base = `${sandbox.origin}/outlook-calendar/v1.0/me/calendarView/delta`;
    expect(first["@odata.nextLink"]).toMatch(new RegExp(`^${base}\\?\\$skiptoken=[\\w-]+$`));
    expect(first["@odata.deltaLink"]).toBeUndefined();
    expect(others.at(-1)["@odata.deltaLink"]).toMatch(new RegExp(`^${base}\\?\\$deltatoken=[\\w-]+$`));
    expect(first["@odata.context"]).toMatch(/\$metadata#Collection\(event\)$/);
  });

  it("keeps the window that it began with", async () => {
    const { ana } = await anOutlook();
    const { next } = await round(ana, view);
    await ana.create({ subject: "In April", start: at("2026-04-10"), end: at("2026-04-10") });
    expect((await round(ana, `${next}&endDateTime=2026-05-01T00:00:00Z`)).items).toEqual([]);
  });

  it("tells one item twice where there are several pages, which are as long as each request prefers", async () => {
    const { ana } = await anOutlook();
    for (const day of [2, 3, 4, 5, 6]) await ana.create({ subject: String(day), ...hour(day) });
    const pages = await ana.pages(view, "odata.maxpagesize=2");
    expect(pages.map(({ value }) => value.length)).toEqual([2, 2, 2]);
    const ids = pages.flatMap(({ value }) => value.map(({ id }: Item) => id));
    expect(new Set(ids).size).toBe(5);
    expect(pages[1].value[0].id).toBe(pages[0].value[0].id);
    const [, second] = await ana.pages(view, "odata.maxpagesize=2");
    expect((await ana.get(pages[0]["@odata.nextLink"], "odata.maxpagesize=50")).body.value.length).toBe(4);
    expect(second.value.length).toBe(2);
  });

  it("can begin with an empty page, and tell again what has not changed", async () => {
    const { twin, ana } = await anOutlook();
    twin.switches.emptyPageFirst = true;
    twin.switches.resendsUnchanged = true;
    for (const day of [2, 3, 4]) await ana.create({ subject: String(day), ...hour(day) });
    const pages = await ana.pages(view, "odata.maxpagesize=2");
    expect(pages.map(({ value }) => value.length)).toEqual([0, 2, 2]);
    expect((await round(ana, pages.at(-1)["@odata.deltaLink"])).items.length).toBe(1);
  });

  it("tells as removed what was deleted, and what moved out of the window", async () => {
    const { ana } = await anOutlook();
    const deleted = await ana.create({ subject: "Deleted", ...hour(2) });
    const moved = await ana.create({ subject: "Moved", ...hour(3) });
    const { next } = await round(ana, view);
    await ana.delete(`/me/events/${deleted.id}`);
    await ana.patch(`/me/events/${moved.id}`, { start: at("2026-05-02"), end: at("2026-05-02") });
    const { items } = await round(ana, next);
    expect(items).toEqual(expect.arrayContaining([removed(deleted.id), removed(moved.id)]));
    expect(items.length).toBe(2);
    expect((await ana.get(`/me/events/${moved.id}`)).status).toBe(200);
    expect((await ana.get(`/me/events/${deleted.id}`)).status).toBe(404);
  });

  it.each(["$select=id", "$filter=id eq 'x'", "$expand=extensions", "$orderby=subject", "$search=x"])(
    "refuses %s",
    async (option) => {
      const { ana } = await anOutlook();
      expect((await ana.get(`${view}&${option}`)).status).toBe(400);
    },
  );

  it("is of one calendar: a move to another one is a removal here and an event there", async () => {
    const { twin, ana } = await anOutlook();
    const other = twin.createCalendar(ana.email);
    const event = await ana.create({ subject: "Moves", ...hour(2) });
    const here = await round(ana, view);
    const there = await round(ana, `/me/calendars/${other}/calendarView/delta?${march}`);
    const movedId = twin.mailboxes.moveEvent(ana.email, event.id, other);
    expect(movedId).not.toBe(event.id);
    expect((await round(ana, here.next)).items).toEqual([removed(event.id)]);
    expect((await round(ana, there.next)).items.map(({ id }) => id)).toEqual([movedId]);
    expect((await ana.get(`/me/events/${event.id}`)).status).toBe(404);
  });

  it("of a calendar that is gone is not found", async () => {
    const { twin, ana } = await anOutlook();
    const other = twin.createCalendar(ana.email);
    const { next } = await round(ana, `/me/calendars/${other}/calendarView/delta?${march}`);
    twin.mailboxes.dropCalendar(ana.email, other);
    expect((await ana.get(next)).body.error.code).toBe("ErrorItemNotFound");
  });

  it("tells on its later pages what was there when the round began", async () => {
    const { ana } = await anOutlook();
    const events = [];
    for (const day of [2, 3, 4]) events.push(await ana.create({ subject: "Before", ...hour(day) }));
    const { body } = await ana.get(view, "odata.maxpagesize=1");
    for (const { id } of events) await ana.patch(`/me/events/${id}`, { subject: "After" });
    const rest = await round(ana, body["@odata.nextLink"]);
    expect(rest.items.map(({ subject }) => subject)).toEqual(["Before", "Before", "Before"]);
    const { items } = await round(ana, rest.next);
    expect(items.map(({ subject }) => subject)).toEqual(["After", "After", "After"]);
  });

  it("tells immutable ids to whoever prefers them, on each page and for what is removed too", async () => {
    const { twin, ana } = await anOutlook();
    const other = twin.createCalendar(ana.email);
    const event = await ana.create({ subject: "Moves", ...hour(2) });
    const prefer = 'IdType="ImmutableId"';
    const { items, next } = await round(ana, view, prefer);
    const [{ id } = { id: "" }] = items;
    expect(id).not.toBe(event.id);
    twin.mailboxes.moveEvent(ana.email, event.id, other);
    expect((await round(ana, next, prefer)).items).toEqual([removed(id)]);
    expect((await ana.get(`/me/events/${id}`, prefer)).body).toMatchObject({ id, subject: "Moves" });
  });
});

describe("a series in a delta", () => {
  it("comes in full with its first occurrence's times, its occurrences as stubs", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    const april = "/me/calendarView/delta?startDateTime=2026-04-01T00:00:00Z&endDateTime=2026-04-14T00:00:00Z";
    const { items } = await round(ana, april);
    expect(items.find(({ type }) => type === "seriesMaster")).toMatchObject({
      id: master.id,
      subject: "Weekly",
      start: { dateTime: "2026-03-02T08:00:00.0000000", timeZone: "UTC" },
    });
    const stubs = items.filter(({ type }) => type === "occurrence");
    expect(stubs.map(({ start }) => (start as { dateTime: string }).dateTime).sort()).toEqual([
      "2026-04-06T07:00:00.0000000",
      "2026-04-13T07:00:00.0000000",
    ]);
    for (const stub of stubs) {
      const names = ["@odata.etag", "@odata.type", "end", "id", "seriesMasterId", "start", "type"];
      expect(Object.keys(stub).sort()).toEqual(names);
      expect(stub["seriesMasterId"]).toBe(master.id);
    }
  });

  it("tells exceptions in full", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    const { body } = await ana.get(`/me/events/${master.id}/instances?${march}`);
    await ana.patch(`/me/events/${body.value[1].id}`, { subject: "Another subject" });
    const { items } = await round(ana, view);
    expect(items.find(({ type }) => type === "exception")).toMatchObject({
      id: body.value[1].id,
      subject: "Another subject",
      seriesMasterId: master.id,
    });
  });

  it("is told again without an occurrence that was deleted, for which there is no removal", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    const first = await round(ana, view);
    const [stub] = first.items.filter(({ type }) => type === "occurrence");
    await ana.delete(`/me/events/${stub?.id}`);
    const { items } = await round(ana, first.next);
    expect(items.map(({ type }) => type).sort()).toEqual([...Array(4).fill("occurrence"), "seriesMaster"]);
    expect(items.some(({ id }) => id === stub?.id)).toBe(false);
    const { body } = await ana.get(`/me/events/${master.id}?$select=cancelledOccurrences`);
    expect(body.cancelledOccurrences).toEqual([expect.stringMatching(/^OID\..+\.2026-03-\d\d$/)]);
  });

  it("can leave a removal for a deleted occurrence too", async () => {
    const { twin, ana } = await anOutlook();
    twin.switches.deletedOccurrencesLeaveTombstone = true;
    await ana.create(weekly());
    const first = await round(ana, view);
    const stub = first.items.find(({ type }) => type === "occurrence");
    await ana.delete(`/me/events/${stub?.id}`);
    expect((await round(ana, first.next)).items).toContainEqual(removed(stub?.id ?? ""));
  });

  it.each([
    { removedSeries: "master", removals: 1 },
    { removedSeries: "occurrences", removals: 5 },
    { removedSeries: "all", removals: 6 },
  ] as const)("that is gone leaves $removals removals with the switch at $removedSeries", async (expected) => {
    const { twin, ana } = await anOutlook();
    twin.switches.removedSeries = expected.removedSeries;
    twin.switches.deltaPageSize = 50;
    const master = await ana.create(weekly());
    const { next } = await round(ana, view);
    await ana.delete(`/me/events/${master.id}`);
    const { items } = await round(ana, next);
    expect(items.length).toBe(expected.removals);
    expect(items.every((item) => "@removed" in item)).toBe(true);
  });

  it("tells an occurrence that was moved out of the window as removed", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    const { next } = await round(ana, view);
    const { body } = await ana.get(`/me/events/${master.id}/instances?${march}`);
    const last = body.value.at(-1);
    await ana.patch(`/me/events/${last.id}`, { start: at("2026-04-02"), end: at("2026-04-02") });
    expect((await round(ana, next)).items).toContainEqual(removed(last.id));
  });
});

describe("a token that Outlook has forgotten", () => {
  it("is refused with 410, 404 and 400 in turn, the first with a place to begin again", async () => {
    const { twin, ana } = await anOutlook();
    await ana.create({ subject: "There", ...hour(2) });
    const { next } = await round(ana, view);
    twin.expireSyncTokens(ana.email);
    const refused = [await ana.get(next), await ana.get(next), await ana.get(next)];
    expect(refused.map(({ status, body }) => `${status} ${body.error.code}`)).toEqual([
      "410 SyncStateNotFound",
      "404 SyncStateNotFound",
      "400 SyncStateInvalid",
    ]);
    expect(refused[0]?.body.error.message).toMatch(/^The sync state generation is not found; generation=\d+$/);
    const location = refused[0]?.headers.get("location") ?? "";
    expect(location).toMatch(/\$deltatoken=$/);
    expect((await round(ana, location)).items.length).toBe(1);
  });

  it("is refused as a vendor's lost cursor is, by the fault of that name, and a first round is not", async () => {
    const { twin, ana } = await anOutlook();
    const { next } = await round(ana, view);
    twin.fail("cursor-gone", { times: 1 });
    expect((await ana.get(view)).status).toBe(200);
    expect((await ana.get(`${view}&$deltatoken=`)).status).toBe(200);
    const { status, body } = await ana.get(next);
    expect([status, body.error.code]).toEqual([410, "SyncStateNotFound"]);
    expect((await ana.get(next)).status).toBe(200);
  });

  it("is refused when it is made up, or another calendar's", async () => {
    const { twin, ana } = await anOutlook();
    const other = twin.createCalendar(ana.email);
    const { next } = await round(ana, view);
    const there = next.replace("/me/calendarView", `/me/calendars/${other}/calendarView`);
    for (const path of ["/me/calendarView/delta?$deltatoken=made-up", there]) {
      expect((await ana.get(path)).body.error.code).toBe("SyncStateInvalid");
    }
  });
});

function at(day: string) {
  return { dateTime: `${day}T09:00:00`, timeZone: "UTC" };
}
