import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { type GoogleCaller, googleCaller, type Query, reasonOf } from "../support/google-caller.ts";
import { anHour, type Body, berlin, daily, events, get, insert, patch, remove } from "../support/google-events.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

const someone = (name = "ana") => googleCaller(sandbox, `${name}-${randomUUID().slice(0, 8)}@example.test`);

const titles = (listing: Body) => listing.items.map(({ summary }: Body) => summary);
const ids = (listing: Body) => listing.items.map(({ id }: Body) => id);

/** Every page of a listing; `between` happens after each. */
async function allPages(
  caller: GoogleCaller,
  { path = events, query = {}, between }: { path?: string; query?: Query; between?: (page: number) => unknown } = {},
): Promise<{ items: Body[]; pages: number; nextSyncToken?: string }> {
  const items: Body[] = [];
  let pageToken: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const { status, body } = await caller.call("GET", path, { query: { ...query, ...(pageToken && { pageToken }) } });
    expect(status).toBe(200);
    items.push(...body.items);
    if (!body.nextPageToken) return { items, pages, nextSyncToken: body.nextSyncToken };
    expect(body.nextSyncToken).toBeUndefined();
    pageToken = body.nextPageToken;
    await between?.(pages);
  }
}

describe("a listing", () => {
  it("of several pages hides no event when another one goes between two of them", async () => {
    const ana = await someone();
    const made: Body[] = [];
    for (const summary of ["A", "B", "C", "D"]) made.push(await insert(ana, { summary }));
    const since = (await ana.list()).nextSyncToken;
    const gone = await allPages(ana, { query: { maxResults: "2" }, between: () => remove(ana, made[0].id) });
    expect(titles(gone)).toEqual(["A", "B", "C", "D"]);
    for (const { id } of made.slice(1)) await patch(ana, id, { location: "Hall 3" });
    const query = { syncToken: since, maxResults: "2" };
    const changed = await allPages(ana, { query, between: () => patch(ana, made[1].id, { location: "Hall 4" }) });
    expect(ids(changed)).toEqual(made.map(({ id }) => id));
    const after = await ana.list({ syncToken: changed.nextSyncToken ?? "" });
    expect(after.items).toMatchObject([{ id: made[1].id, location: "Hall 4" }]);
  });

  it("tells in its next round what came between two pages of this one", async () => {
    const ana = await someone();
    for (const summary of ["A", "B", "C"]) await insert(ana, { summary });
    const { nextSyncToken = "" } = await allPages(ana, {
      query: { maxResults: "2" },
      between: () => insert(ana, { summary: "Late" }),
    });
    expect(titles(await ana.list({ syncToken: nextSyncToken }))).toEqual(["Late"]);
  });

  it("gives the same page for the same page token, and refuses it to another request", async () => {
    const ana = await someone();
    for (const summary of ["A", "B", "C"]) await insert(ana, { summary });
    const { nextPageToken: pageToken } = await ana.list({ maxResults: "1" });
    expect(titles(await ana.list({ maxResults: "1", pageToken }))).toEqual(["B"]);
    expect(titles(await ana.list({ maxResults: "1", pageToken }))).toEqual(["B"]);
    for (const query of [{ pageToken, q: "A" }, { pageToken: "made-up" }] as Query[]) {
      expect(reasonOf(await ana.call("GET", events, { query }))).toBe("400 invalid");
    }
  });

  it.each([
    { timeMin: "2026-12-01T10:00:00" },
    { timeMin: "2026-12-01" },
    { timeMax: "tomorrow" },
    { updatedMin: "2026-12-01T10:00:00" },
    { maxResults: "0" },
    { orderBy: "startTime" },
    { timeZone: "Berlin" },
  ])("refuses %j", async (query) => {
    expect(reasonOf(await (await someone()).call("GET", events, { query }))).toBe("400 invalid");
  });

  it("refuses a range that is empty", async () => {
    const query = { timeMin: "2026-12-02T00:00:00Z", timeMax: "2026-12-01T00:00:00Z" };
    expect(reasonOf(await (await someone()).call("GET", events, { query }))).toBe("400 timeRangeEmpty");
  });

  it("selects by properties, private and shared", async () => {
    const ana = await someone();
    await insert(ana, { summary: "A", extendedProperties: { private: { one: "a=b" }, shared: { other: "1" } } });
    await insert(ana, { summary: "B", extendedProperties: { private: { one: "c" } } });
    expect(titles(await ana.list({ privateExtendedProperty: "one=a=b" }))).toEqual(["A"]);
    expect(titles(await ana.list({ sharedExtendedProperty: ["other=1", "another=1"] }))).toEqual([]);
    expect(titles(await ana.list({ sharedExtendedProperty: ["other=1"] }))).toEqual(["A"]);
  });

  it("shows the own attendance alone when more were there than asked for", async () => {
    const ana = await someone();
    const { id } = await insert(ana, { attendees: [{ email: ana.email }, { email: "cy@example.test" }] });
    const [cut] = (await ana.list({ maxAttendees: "1" })).items;
    expect(cut).toMatchObject({ attendeesOmitted: true, attendees: [{ email: ana.email, self: true }] });
    expect((await get(ana, id)).attendees).toHaveLength(2);
  });

  it("shows of what is deleted nothing but that it was, unless it was an occurrence", async () => {
    const ana = await someone();
    const { id } = await insert(ana);
    const series = await insert(ana, daily(3));
    await remove(ana, id);
    await remove(ana, `${series.id}_20261202T090000Z`);
    const { items } = await ana.list({ showDeleted: "true" });
    const gone = { kind: "calendar#event", etag: expect.any(String), status: "cancelled" };
    expect(items.filter(({ status }: Body) => status === "cancelled")).toEqual([
      { ...gone, id },
      {
        ...gone,
        id: `${series.id}_20261202T090000Z`,
        recurringEventId: series.id,
        originalStartTime: berlin(2, 10),
      },
    ]);
  });
});

describe("a cancelled occurrence", () => {
  it.each([
    [{}, true],
    [{ showDeleted: "true" }, true],
    [{ singleEvents: "true", showDeleted: "true" }, true],
    [{ singleEvents: "true" }, false],
  ] as [Query, boolean][])("of a series that is there is listed with %j: %s", async (query, isListed) => {
    const ana = await someone();
    const { id } = await insert(ana, daily(2));
    await remove(ana, `${id}_20261202T090000Z`);
    expect(ids(await ana.list(query)).includes(`${id}_20261202T090000Z`)).toBe(isListed);
    await remove(ana, id);
    expect((await ana.list()).items).toEqual([]);
  });
});

describe("a sync token", () => {
  it("comes from a first listing with bounds, and goes on without them", async () => {
    const ana = await someone();
    await insert(ana, { summary: "Early", ...anHour(1) });
    await insert(ana, { summary: "Late", ...anHour(20) });
    const bounds = { timeMin: "2026-12-10T00:00:00Z", timeMax: "2026-12-24T00:00:00Z" };
    const first = await ana.list(bounds);
    expect(titles(first)).toEqual(["Late"]);
    await insert(ana, { summary: "New", ...anHour(21) });
    expect(titles(await ana.list({ syncToken: first.nextSyncToken }))).toEqual(["New"]);
    for (const [name, value] of Object.entries(bounds)) {
      const query = { syncToken: first.nextSyncToken, [name]: value };
      expect(reasonOf(await ana.call("GET", events, { query }))).toBe("400 invalid");
    }
  });

  it.each([
    { q: "x" },
    { iCalUID: "x" },
    { orderBy: "updated" },
    { updatedMin: "2026-12-01T10:00:00Z" },
    { privateExtendedProperty: "a=b" },
    { sharedExtendedProperty: "a=b" },
  ])("is not handed out with %j, and does not go with it", async (query) => {
    const ana = await someone();
    expect((await ana.list(query)).nextSyncToken).toBeUndefined();
    const { nextSyncToken: syncToken } = await ana.list();
    expect(reasonOf(await ana.call("GET", events, { query: { ...query, syncToken } }))).toBe("400 invalid");
  });

  it("is bound to its parameters, its calendar and its account", async () => {
    const [ana, bo] = [await someone(), await someone("bo")];
    const { nextSyncToken: syncToken } = await ana.list({ singleEvents: "true", maxResults: "10" });
    const other = sandbox.googleCalendar.createCalendar(ana.email);
    const asked = (caller: GoogleCaller, calendar: string, query: Query = {}) =>
      caller.call("GET", `calendars/${calendar}/events`, { query: { syncToken, ...query } });
    expect((await asked(ana, "primary", { singleEvents: "true", showDeleted: "true" })).status).toBe(200);
    expect(reasonOf(await asked(ana, "primary"))).toBe("400 invalid");
    expect(reasonOf(await asked(ana, "primary", { singleEvents: "true", showDeleted: "false" }))).toBe("400 invalid");
    expect(reasonOf(await asked(ana, other, { singleEvents: "true" }))).toBe("400 invalid");
    expect(reasonOf(await asked(bo, "primary", { singleEvents: "true" }))).toBe("400 invalid");
  });

  it("goes along with every page token of its round", async () => {
    const ana = await someone();
    const { nextSyncToken: syncToken } = await ana.list();
    for (const summary of ["A", "B"]) await insert(ana, { summary });
    const { nextPageToken: pageToken } = await ana.list({ syncToken, maxResults: "1" });
    expect(titles(await ana.list({ syncToken, pageToken }))).toEqual(["B"]);
    expect(reasonOf(await ana.call("GET", events, { query: { pageToken } }))).toBe("400 invalid");
  });

  it("is over when Google forgets, and so is a question about earlier changes", async () => {
    const own = await startSandbox({ port: 0 });
    const ana = await googleCaller(own, "ana@example.test");
    const { nextSyncToken: syncToken } = await ana.list();
    own.googleCalendar.api.expireSyncTokens();
    const over = await ana.call("GET", events, { query: { syncToken } });
    expect(over.body.error.errors).toMatchObject([{ reason: "fullSyncRequired", location: "syncToken" }]);
    const query = { updatedMin: "2020-01-01T00:00:00Z" };
    expect(reasonOf(await ana.call("GET", events, { query }))).toBe("410 updatedMinTooLongAgo");
    await own.stop();
  });

  it("tells of a changed series every occurrence where series are listed as occurrences", async () => {
    const ana = await someone();
    const { id } = await insert(ana, daily(3));
    const { nextSyncToken } = await ana.list({ singleEvents: "true" });
    await patch(ana, id, { summary: "Moved" });
    const changed = await ana.list({ singleEvents: "true", syncToken: nextSyncToken });
    expect(titles(changed)).toEqual(["Moved", "Moved", "Moved"]);
    await remove(ana, id);
    const { items } = await ana.list({ singleEvents: "true", syncToken: changed.nextSyncToken });
    expect(items.map(({ status }: Body) => status)).toEqual(["cancelled", "cancelled", "cancelled"]);
  });
});

describe("the instances of a series", () => {
  it("come in pages of 250, or as many as asked for up to 2500", async () => {
    const ana = await someone();
    const path = `${events}/${(await insert(ana, daily(300))).id}/instances`;
    const first = (await ana.call("GET", path)).body;
    expect([first.items.length, typeof first.nextPageToken]).toEqual([250, "string"]);
    expect(await allPages(ana, { path })).toMatchObject({ items: { length: 300 }, pages: 2 });
    expect(await allPages(ana, { path, query: { maxResults: "100" } })).toMatchObject({ pages: 3 });
    expect(await allPages(ana, { path, query: { maxResults: "9999" } })).toMatchObject({ pages: 1 });
  });

  it("are found by range, by their original start, and when they were cancelled", async () => {
    const ana = await someone();
    const { id } = await insert(ana, daily(5));
    const instance = (day: number) => `${id}_202612${String(day).padStart(2, "0")}T090000Z`;
    await remove(ana, instance(2));
    await patch(ana, instance(3), anHour(24));
    const asked = async (query: Query) => ids((await ana.call("GET", `${events}/${id}/instances`, { query })).body);
    expect(await asked({})).toEqual([1, 4, 5, 3].map(instance));
    expect(await asked({ showDeleted: "true" })).toEqual([1, 2, 4, 5, 3].map(instance));
    const range = { timeMin: "2026-12-02T00:00:00Z", timeMax: "2026-12-05T00:00:00Z" };
    expect(await asked(range)).toEqual([instance(4)]);
    expect(await asked({ originalStart: "2026-12-03T10:00:00+01:00" })).toEqual([instance(3)]);
  });

  it("are those of a series that is there", async () => {
    expect(reasonOf(await (await someone()).call("GET", `${events}/unknown/instances`))).toBe("404 notFound");
  });
});

describe("an occurrence that was changed", () => {
  it.each([
    { what: "the rule", change: { recurrence: ["RRULE:FREQ=DAILY;COUNT=2"] } },
    { what: "the start", change: { start: berlin(1, 12), end: berlin(1, 13) } },
  ])("is told as cancelled when $what of its series leaves it nowhere", async ({ change }) => {
    const ana = await someone();
    const { id } = await insert(ana, daily(3));
    const third = `${id}_20261203T090000Z`;
    await patch(ana, third, { summary: "Third" });
    const { nextSyncToken: syncToken } = await ana.list();
    await patch(ana, id, change);
    const { items } = await ana.list({ syncToken });
    expect(items.find((item: Body) => item.id === third)).toEqual({
      kind: "calendar#event",
      id: third,
      etag: expect.any(String),
      status: "cancelled",
      recurringEventId: id,
      originalStartTime: berlin(3, 10),
    });
  });

  it("can be forgotten without a word, since Google's pages do not say", async () => {
    const { switches } = sandbox.googleCalendar.api;
    const ana = await someone();
    const { id } = await insert(ana, daily(3));
    await patch(ana, `${id}_20261203T090000Z`, { summary: "Third" });
    const { nextSyncToken: syncToken } = await ana.list();
    switches.strayExceptions = "forgotten";
    await patch(ana, id, { recurrence: ["RRULE:FREQ=DAILY;COUNT=2"] });
    switches.strayExceptions = "cancelled";
    expect(ids(await ana.list({ syncToken }))).toEqual([id]);
  });
});

describe("a change that Google loses", () => {
  it("is in every listing, and no sync token tells of it", async () => {
    const { switches } = sandbox.googleCalendar.api;
    const ana = await someone();
    const [kept, gone] = [await insert(ana, { summary: "Kept" }), await insert(ana, { summary: "Gone" })];
    const { nextSyncToken: syncToken = "" } = await ana.list();
    switches.losesChanges = true;
    await patch(ana, kept.id, { summary: "Changed" });
    await insert(ana, { summary: "New" });
    await remove(ana, gone.id);
    switches.losesChanges = false;
    expect((await ana.list({ syncToken })).items).toEqual([]);
    expect(titles(await ana.list()).sort()).toEqual(["Changed", "New"]);
  });
});

describe("an event", () => {
  it.each([
    ["an id of other letters", { id: "wxyz0" }, "400 invalid"],
    ["an id in capitals", { id: "ABCDE" }, "400 invalid"],
    ["an id of four", { id: "abcd" }, "400 invalid"],
    ["an id of 1025", { id: "a".repeat(1025) }, "400 invalid"],
    ["a day and a time", { start: { date: "2026-12-01" } }, "400 invalid"],
    ["an end before its start", { end: berlin(1, 9) }, "400 timeRangeEmpty"],
    ["an end at its start", { end: berlin(1, 10) }, "400 timeRangeEmpty"],
    ["no end", { end: null }, "400 required"],
    ["a rule nobody can read", { recurrence: ["RRULE:FREQ=SOMETIMES"] }, "400 invalid"],
    ["a start among its rules", { recurrence: ["DTSTART:20261201T090000Z"] }, "400 invalid"],
    [
      "a series without a zone",
      { start: { dateTime: "2026-12-01T10:00:00Z" }, recurrence: ["RRULE:FREQ=DAILY"] },
      "400 required",
    ],
    ["a property that is no text", { extendedProperties: { private: { a: 1 } } }, "400 invalid"],
    ["a guest without an address", { attendees: [{ displayName: "Bo" }] }, "400 invalid"],
    ["a reminder too early", { reminders: { overrides: [{ method: "popup", minutes: 40_321 }] } }, "400 invalid"],
    ["a status nobody knows", { status: "perhaps" }, "400 invalid"],
    ["mail's own kind", { eventType: "fromGmail" }, "400 invalid"],
  ])("is refused with %s", async (_, event, reason) => {
    const body = { summary: "Interview", ...anHour(), ...event };
    expect(reasonOf(await (await someone()).call("POST", events, { body }))).toBe(reason);
  });

  it("takes an id from the client once, deleted or not", async () => {
    const ana = await someone();
    const id = "a".repeat(1024);
    await insert(ana, { id });
    const again = () => ana.call("POST", events, { body: { id, ...anHour() } });
    expect(reasonOf(await again())).toBe("409 duplicate");
    await remove(ana, id);
    expect(reasonOf(await again())).toBe("409 duplicate");
  });

  it("that was deleted is shown as cancelled, is 410 for whoever writes, and comes back on request", async () => {
    const ana = await someone();
    const { id } = await insert(ana);
    expect((await remove(ana, id)).status).toBe(204);
    expect((await get(ana, id)).status).toBe("cancelled");
    expect(reasonOf(await remove(ana, id))).toBe("410 deleted");
    expect(reasonOf(await patch(ana, id, { summary: "Late" }))).toBe("410 deleted");
    expect(reasonOf(await remove(ana, "unknown"))).toBe("404 notFound");
    expect((await patch(ana, id, { status: "confirmed" })).status).toBe(200);
    expect(ids(await ana.list())).toEqual([id]);
  });

  it("counts up when it moves, and only then", async () => {
    const ana = await someone();
    const { id } = await insert(ana);
    expect((await patch(ana, id, { location: "Hall 3" })).body.sequence).toBe(0);
    expect((await patch(ana, id, { end: berlin(1, 12) })).body.sequence).toBe(1);
  });

  it("has another version after a change of reminders, but was not updated", async () => {
    const ana = await someone();
    const { id, etag, updated } = await insert(ana);
    sandbox.clock.advance(1000);
    const reminders = { useDefault: false };
    const changed = (await patch(ana, id, { reminders })).body;
    expect([changed.etag === etag, changed.updated]).toEqual([false, updated]);
    expect((await patch(ana, id, { summary: "Later" })).body.updated).not.toBe(updated);
  });

  it("says nothing of what is empty or as always", async () => {
    const made = await insert(await someone(), {
      description: "",
      guestsCanModify: false,
      guestsCanInviteOthers: true,
    });
    for (const field of ["description", "guestsCanModify", "guestsCanInviteOthers"])
      expect(made).not.toHaveProperty(field);
  });

  it("is of one kind for ever", async () => {
    const ana = await someone();
    const { id } = await insert(ana, { eventType: "focusTime" });
    expect(reasonOf(await patch(ana, id, { eventType: "default" }))).toBe("400 invalid");
  });

  it("keeps its attachments from whoever does not support them", async () => {
    const ana = await someone();
    const attachments = [{ fileUrl: "https://example.test/cv.pdf" }];
    const { id } = await insert(ana, { attachments });
    expect(await get(ana, id)).not.toHaveProperty("attachments");
    await patch(ana, id, { attachments }, { supportsAttachments: "true" });
    await patch(ana, id, { attachments: [] });
    expect((await get(ana, id)).attachments).toEqual(attachments);
  });

  it("gets one conference for one request, however often it is sent", async () => {
    const ana = await someone();
    const conferenceData = { createRequest: { requestId: "one", conferenceSolutionKey: { type: "hangoutsMeet" } } };
    const { id } = await insert(ana, { conferenceData });
    expect(await get(ana, id)).not.toHaveProperty("conferenceData");
    const ask = (body: object) => patch(ana, id, body, { conferenceDataVersion: "1" });
    expect((await ask({ conferenceData })).body.conferenceData.createRequest.status.statusCode).toBe("pending");
    const { hangoutLink } = await get(ana, id);
    expect((await ask({ conferenceData })).body.conferenceData.createRequest.status.statusCode).toBe("success");
    expect((await get(ana, id)).hangoutLink).toBe(hangoutLink);
    expect((await ask({ conferenceData: null })).body).not.toHaveProperty("hangoutLink");
  });

  it("is written only in the version that If-Match names", async () => {
    const ana = await someone();
    const { id, etag } = await insert(ana);
    const write = (method: string, version: string) =>
      ana.call(method, `${events}/${id}`, { body: anHour(2), headers: { "if-match": version } });
    for (const method of ["PATCH", "PUT", "DELETE"]) {
      const refused = await write(method, '"1"');
      expect([refused.status, refused.body.error.errors]).toMatchObject([
        412,
        [{ reason: "conditionNotMet", locationType: "header", location: "If-Match" }],
      ]);
    }
    expect((await write("PATCH", etag)).status).toBe(200);
    expect((await write("DELETE", "*")).status).toBe(204);
  });

  it("is not sent again to whoever has this version, and neither is a listing", async () => {
    const ana = await someone();
    const { id } = await insert(ana);
    for (const path of [`${events}/${id}`, events]) {
      const etag = (await ana.call("GET", path)).headers.get("etag") ?? "";
      const again = () => ana.call("GET", path, { headers: { "if-none-match": etag } });
      expect(await again()).toMatchObject({ status: 304, body: null });
      await patch(ana, id, { summary: path });
      expect((await again()).status).toBe(200);
    }
  });
});

describe("the quota", () => {
  const refusalsOf = async (caller: GoogleCaller) => {
    const reasons: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const refused = await caller.call("GET", events);
      expect(refused.body.error.errors[0].domain).toBe("usageLimits");
      reasons.push(reasonOf(refused));
    }
    return reasons.toSorted();
  };
  const everyWay = ["403 rateLimitExceeded", "403 userRateLimitExceeded", "429 rateLimitExceeded"];

  it("is one account's, over a minute that slides, and spent in each of Google's words", async () => {
    const own = await startSandbox({ port: 0 });
    const [ana, bo] = [await googleCaller(own, "ana@example.test"), await googleCaller(own, "bo@example.test")];
    own.googleCalendar.api.switches.requestsPerMinute = 2;
    await ana.list();
    own.clock.advance(40_000);
    await ana.list();
    expect(await refusalsOf(ana)).toEqual(everyWay);
    expect((await bo.call("GET", events)).status).toBe(200);
    own.clock.advance(20_001);
    expect((await ana.call("GET", events)).status).toBe(200);
    expect(await refusalsOf(ana)).toEqual(everyWay);
    await own.stop();
  });

  it("is everybody's too", async () => {
    const own = await startSandbox({ port: 0 });
    const [ana, bo] = [await googleCaller(own, "ana@example.test"), await googleCaller(own, "bo@example.test")];
    own.googleCalendar.api.switches.requestsPerMinuteOfAll = 1;
    await ana.list();
    expect(await refusalsOf(bo)).toEqual(everyWay);
    await own.stop();
  });

  it("can be Google's own, for writes, which no waiting of minutes mends", async () => {
    const { switches } = sandbox.googleCalendar.api;
    const ana = await someone();
    switches.quotaExceeded = true;
    const [written, read] = [await ana.call("POST", events, { body: anHour() }), await ana.call("GET", events)];
    switches.quotaExceeded = false;
    expect([reasonOf(written), read.status]).toEqual(["403 quotaExceeded", 200]);
  });
});

describe("an event that is imported", () => {
  const theirs = { iCalUID: "theirs@elsewhere", organizer: { email: "boss@elsewhere.test" } };
  const importing = (caller: GoogleCaller, event: object) =>
    caller.call("POST", `${events}/import`, { body: { summary: "Theirs", ...anHour(), ...event } });

  it("keeps its uid and its organizer, and invites nobody", async () => {
    const [ana, bo] = [await someone(), await someone("bo")];
    const { status, body } = await importing(ana, { ...theirs, attendees: [{ email: bo.email }] });
    expect([status, body]).toMatchObject([200, theirs]);
    expect((await bo.list()).items).toEqual([]);
    expect(ids(await ana.list({ iCalUID: theirs.iCalUID }))).toEqual([body.id]);
    expect((await importing(ana, { ...theirs, summary: "Again" })).body).toMatchObject({
      id: body.id,
      summary: "Again",
    });
    expect(reasonOf(await patch(ana, body.id, { summary: "Mine" }))).toBe("403 forbiddenForNonOrganizer");
  });

  it.each([
    ["no uid", {}, "400 required"],
    ["another kind", { ...theirs, eventType: "focusTime" }, "400 invalid"],
  ])("is refused with %s", async (_, event, reason) => {
    expect(reasonOf(await importing(await someone(), event))).toBe(reason);
  });
});

describe("an event that is moved", () => {
  const move = (caller: GoogleCaller, id: string, destination: string) =>
    caller.call("POST", `${events}/${id}/move`, { query: { destination } });

  it("is in the other calendar under the same id, with its changed occurrences", async () => {
    const ana = await someone();
    const team = sandbox.googleCalendar.createCalendar(ana.email);
    const { id } = await insert(ana, daily(2));
    await patch(ana, `${id}_20261202T090000Z`, { summary: "Second" });
    const { nextSyncToken: syncToken } = await ana.list();
    expect(await move(ana, id, team)).toMatchObject({ status: 200, body: { id } });
    expect((await ana.list({ syncToken })).items).toMatchObject([{ id, status: "cancelled" }]);
    const { body } = await ana.call("GET", `calendars/${team}/events`);
    expect(titles(body)).toEqual(["Interview", "Second"]);
  });

  it("is neither an occurrence, nor of a special kind, nor somebody else's", async () => {
    const [ana, bo] = [await someone(), await someone("bo")];
    const [team, theirs] = [ana, bo].map(({ email }) => sandbox.googleCalendar.createCalendar(email));
    const { id } = await insert(ana, { ...daily(2), attendees: [{ email: bo.email }] });
    const focus = await insert(ana, { eventType: "focusTime" });
    expect(reasonOf(await move(ana, `${id}_20261202T090000Z`, team ?? ""))).toBe("400 invalid");
    expect(reasonOf(await move(ana, focus.id, team ?? ""))).toBe("400 invalid");
    expect(reasonOf(await move(bo, id, theirs ?? ""))).toBe("403 forbiddenForNonOrganizer");
    expect(reasonOf(await move(ana, id, "unknown"))).toBe("404 notFound");
  });
});

describe("quickAdd", () => {
  it("makes an event of a text", async () => {
    const ana = await someone();
    const add = (query: Query) => ana.call("POST", `${events}/quickAdd`, { query });
    expect((await add({ text: "Lunch with Bo" })).body.summary).toBe("Lunch with Bo");
    expect(reasonOf(await add({}))).toBe("400 required");
  });
});

describe("the list of calendars", () => {
  const path = "users/me/calendarList";

  it("comes in pages, and by role", async () => {
    const ana = await someone();
    const twin = sandbox.googleCalendar;
    const team = twin.createCalendar(ana.email);
    const holidays = twin.createCalendar(ana.email, { accessRole: "reader" });
    expect(ids(await allPages(ana, { path, query: { maxResults: "1" } }))).toEqual([ana.email, team, holidays]);
    const writable = (await ana.call("GET", path, { query: { minAccessRole: "writer" } })).body;
    expect([ids(writable), writable.nextSyncToken]).toEqual([[ana.email, team], undefined]);
    expect((await ana.call("GET", `${path}/primary`)).body).toMatchObject({ id: ana.email, primary: true });
  });

  it("tells since a sync token what came and what went", async () => {
    const ana = await someone();
    const twin = sandbox.googleCalendar;
    const team = twin.createCalendar(ana.email);
    const { nextSyncToken: syncToken } = (await ana.call("GET", path)).body;
    twin.api.dropCalendar(ana.email, team);
    const other = twin.createCalendar(ana.email);
    const changed = (await ana.call("GET", path, { query: { syncToken } })).body;
    expect(changed.items).toMatchObject([{ id: team, deleted: true }, { id: other }]);
    expect((await ana.call("GET", path, { query: { syncToken: changed.nextSyncToken } })).body.items).toEqual([]);
    const limited = { syncToken, minAccessRole: "owner" };
    expect(reasonOf(await ana.call("GET", path, { query: limited }))).toBe("400 invalid");
    twin.api.expireSyncTokens();
    expect(reasonOf(await ana.call("GET", path, { query: { syncToken } }))).toBe("410 fullSyncRequired");
  });
});

describe("free and busy", () => {
  it("of more than fifty calendars is told for fifty, and for none that is not there", async () => {
    const ana = await someone();
    const items = [{ id: "primary" }, { id: "unknown" }, ...Array.from({ length: 50 }, (_, n) => ({ id: `c${n}` }))];
    const body = { timeMin: "2026-12-01T00:00:00Z", timeMax: "2026-12-02T00:00:00Z", items };
    await insert(ana);
    const { calendars } = (await ana.call("POST", "freeBusy", { body })).body;
    expect(calendars["primary"].busy).toHaveLength(1);
    expect(calendars["unknown"].errors).toEqual([{ domain: "global", reason: "notFound" }]);
    expect(calendars["c49"].errors).toEqual([{ domain: "global", reason: "tooManyCalendarsRequested" }]);
  });
});

describe("colours", () => {
  it("are eleven of events and twenty-four of calendars", async () => {
    const { body } = await (await someone()).call("GET", "colors");
    expect(body.event["11"]).toEqual({ background: "#dc2127", foreground: "#1d1d1d" });
    expect([Object.keys(body.event).length, Object.keys(body.calendar).length]).toEqual([11, 24]);
  });
});

describe("scopes", () => {
  const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;
  const asked = async (name: string) => {
    const caller = await googleCaller(sandbox, `${randomUUID().slice(0, 8)}@example.test`, scope(name));
    const shared = sandbox.googleCalendar.createCalendar(caller.email, { accessRole: "writer" });
    const freeBusy = { body: { timeMin: "2026-12-01T00:00:00Z", timeMax: "2026-12-02T00:00:00Z" } };
    const answers = {
      read: await caller.call("GET", events),
      write: await caller.call("POST", events, { body: anHour() }),
      shared: await caller.call("POST", `calendars/${shared}/events`, { body: anHour() }),
      list: await caller.call("GET", "users/me/calendarList"),
      freeBusy: await caller.call("POST", "freeBusy", freeBusy),
    };
    for (const answer of Object.values(answers)) {
      if (answer.status !== 200) expect(reasonOf(answer)).toBe("403 insufficientPermissions");
    }
    return Object.entries(answers).flatMap(([what, { status }]) => (status === 200 ? [what] : []));
  };

  it.each([
    ["calendar", ["read", "write", "shared", "list", "freeBusy"]],
    ["calendar.readonly", ["read", "list", "freeBusy"]],
    ["calendar.events", ["read", "write", "shared"]],
    ["calendar.events.readonly", ["read"]],
    ["calendar.events.owned", ["read", "write"]],
    ["calendar.events.owned.readonly", ["read"]],
    ["calendar.calendarlist", ["list"]],
    ["calendar.calendarlist.readonly", ["list"]],
    ["calendar.freebusy", ["freeBusy"]],
    ["calendar.events.freebusy", ["freeBusy"]],
    ["calendar.settings.readonly", []],
  ])("%s gives %j", async (name, gives) => {
    expect(await asked(name)).toEqual(gives);
  });

  it("do not make a calendar writable that is not", async () => {
    const ana = await someone();
    const id = sandbox.googleCalendar.createCalendar(ana.email, { accessRole: "reader" });
    expect(reasonOf(await ana.call("POST", `calendars/${id}/events`, { body: anHour() }))).toBe(
      "403 requiredAccessLevel",
    );
  });

  it("count for nothing without a good token", async () => {
    const ana = await someone();
    sandbox.googleCalendar.expireAccessTokens(ana.email);
    const { status, body } = await ana.call("GET", events);
    expect([status, body.error]).toMatchObject([
      401,
      {
        status: "UNAUTHENTICATED",
        errors: [{ reason: "authError", locationType: "header", location: "Authorization" }],
      },
    ]);
  });
});
