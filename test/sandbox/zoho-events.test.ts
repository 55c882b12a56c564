import { describe, expect, it } from "vitest";
import { aZoho, hour, march, zohoScopes } from "../support/zoho-client.ts";

const events = "/calendars/default/events";
const at = (uid: string) => `${events}/${uid}`;

describe("an event at Zoho", () => {
  it("is created by JSON in the query, and answered with its uid and an etag that is a number", async () => {
    const { twin, ana } = await aZoho();
    const event = await ana.create({ title: "Interview", ...hour(2) });
    expect(event).toMatchObject({ title: "Interview", role: "organizer", organizer: ana.email, isallday: false });
    expect(event.uid).toMatch(/^[\da-f]{32}@zoho\.com$/);
    expect(event.etag).toBeGreaterThan(Date.UTC(2026, 0));
    expect(event).toMatchObject({ createdtime_millis: expect.any(Number), rsvpStatus: 0, group_attendees: [] });
    expect(event.lastmodifiedtime).toMatch(/^\d{8}T\d{6}Z$/);
    expect(event.viewEventURL).toContain("https://calendar.zoho.eu/");
    expect(twin.event(ana.email, event.uid)).toMatchObject([{ title: "Interview" }]);
  });

  it("is created by a form body too, unless it is told not to", async () => {
    const { twin, ana } = await aZoho();
    const body = () => new URLSearchParams({ eventdata: JSON.stringify({ title: "Form", ...hour(2) }) });
    expect((await ana.call("POST", events, {}, { body: body() })).status).toBe(200);
    twin.switches.takesFormBody = false;
    expect((await ana.call("POST", events, {}, { body: body() })).body.cause).toBe("LESS_THAN_MIN_OCCURANCE");
  });

  it("is created by an address that has an end", async () => {
    const { ana } = await aZoho();
    const eventdata = { title: "Long", description: "ä".repeat(2000), ...hour(2) };
    expect((await ana.call("POST", events, { eventdata })).status).toBe(414);
  });

  it.each([
    { name: "a key that Zoho does not know", data: { titel: "No" }, cause: "EXTRA_KEY_FOUND_IN_JSON" },
    { name: "an answer of one's own", data: { rsvpStatus: 1 }, cause: "EXTRA_KEY_FOUND_IN_JSON" },
    { name: "a key that is only read", data: { notifyType: 1 }, cause: "PATTERN_NOT_MATCHED" },
    { name: "no times", data: { dateandtime: undefined }, cause: "LESS_THAN_MIN_OCCURANCE" },
    { name: "a location of 256 letters", data: { location: "x".repeat(256) }, cause: "MORE_THAN_MAX_LENGTH" },
    { name: "a title that is no text", data: { title: 7 }, cause: "PATTERN_NOT_MATCHED" },
    { name: "a rule that is none", data: { rrule: "DAILY" }, cause: "PATTERN_NOT_MATCHED" },
    { name: "a zone that is none", data: hour(2, 9, { timezone: "Mars" }), cause: "PATTERN_NOT_MATCHED" },
    { name: "an end before the start", data: hour(2, 9, { hours: -1 }), cause: "INVALID_DATA" },
    { name: "a guest without an address", data: { attendees: [{ name: "Bo" }] }, cause: "PATTERN_NOT_MATCHED" },
    { name: "a reminder of no kind", data: { reminders: [{ minutes: -5 }] }, cause: "PATTERN_NOT_MATCHED" },
  ])("is refused with $name", async ({ data, cause }) => {
    const { twin, ana } = await aZoho();
    const eventdata = { title: "Interview", ...hour(2), ...data };
    const { status, body } = await ana.call("POST", events, { eventdata });
    expect([status, body.cause]).toEqual([400, cause]);
    expect(twin.events(ana.email)).toEqual([]);
  });

  it("is refused with a parameter that Zoho does not know, and with JSON that is none", async () => {
    const { ana } = await aZoho();
    const eventdata = { title: "Interview", ...hour(2) };
    expect((await ana.call("POST", events, { eventdata, sendmail: "1" })).body.cause).toBe("EXTRA_PARAM_FOUND");
    expect((await ana.call("POST", events, { eventdata: "{" })).body.cause).toBe("JSON_PARSE_ERROR");
  });

  it.each([
    { errorShape: "filter", body: { response: "error", cause: "RESOURCE_NOT_FOUND" } },
    { errorShape: "list", body: { error: [{ code: "RESOURCE_NOT_FOUND" }] } },
    { errorShape: "object", body: { error: { code: "RESOURCE_NOT_FOUND" } } },
  ] as const)("is refused in the shape $errorShape", async ({ errorShape, body }) => {
    const { twin, ana } = await aZoho();
    twin.switches.errorShape = errorShape;
    expect(await ana.get(at("nobody"))).toMatchObject({ status: 404, body });
  });

  it("has all that was written", async () => {
    const { ana } = await aZoho();
    const written = {
      title: "Interview",
      location: "Hall 3",
      description: "Bring the CV",
      url: "https://example.test",
      color: "#FF0000",
      isprivate: true,
      transparency: 1,
      allowForwarding: true,
      reminders: [{ action: "popup", minutes: -15 }],
    };
    const { uid } = await ana.create({ ...written, ...hour(2) });
    expect(await ana.read(uid)).toMatchObject([{ ...written, reminders: [{ action: "popup", minutes: "-15" }] }]);
  });

  it("has a meeting of Zoho's for whoever holds the scope for meetings", async () => {
    const { ana, signIn } = await aZoho();
    const eventdata = { title: "Call", conference: "zmeeting", ...hour(2) };
    expect((await ana.call("POST", events, { eventdata })).body.cause).toBe("INVALID_OAUTHSCOPE");
    const able = await signIn(ana.email, `${zohoScopes},ZohoMeeting.meeting.ALL`);
    expect((await able.create(eventdata)).conference_data.meetingUrl).toMatch(/^https:\/\/meet\.zoho\.com\//);
  });

  it("is gone when it was deleted: 404, or a note of it", async () => {
    const { twin, ana } = await aZoho();
    const uid = twin.insertEvent(ana.email, { title: "Gone", ...hour(2) });
    twin.deleteEvent(ana.email, uid);
    expect((await ana.get(at(uid))).status).toBe(404);
    twin.switches.deletedEvent = "estatus";
    expect((await ana.get(at(uid))).body.events).toEqual([{ uid, estatus: "deleted" }]);
  });
});

describe("Zoho's times", () => {
  it.each([
    { name: "UTC", start: "20260302T080000Z", end: "20260302T090000Z" },
    { name: "an offset", start: "20260302T090000+0100", end: "20260302T100000+0100" },
  ])("are written in $name, and read with the offset of their zone", async ({ start, end }) => {
    const { ana } = await aZoho();
    const { dateandtime } = await ana.create({ dateandtime: { start, end, timezone: "Europe/Berlin" } });
    expect(dateandtime).toEqual({
      start: "20260302T090000+0100",
      end: "20260302T100000+0100",
      timezone: "Europe/Berlin",
    });
  });

  it.each([
    { timeShape: "floating", start: "20260302T090000" },
    { timeShape: "utc", start: "20260302T080000Z" },
  ] as const)("may be read $timeShape", async ({ timeShape, start }) => {
    const { twin, ana } = await aZoho();
    twin.switches.timeShape = timeShape;
    expect((await ana.create(hour(2))).dateandtime.start).toBe(start);
  });

  it("are on the calendar's clock where no zone is named", async () => {
    const { twin, signIn } = await aZoho();
    twin.createAccount({ email: "kai@example.test", timeZone: "Asia/Tokyo" });
    const kai = await signIn("kai@example.test");
    const { dateandtime } = await kai.create({ dateandtime: { start: "20260302T000000Z", end: "20260302T010000Z" } });
    expect(dateandtime).toMatchObject({ start: "20260302T090000+0900", timezone: "Asia/Tokyo" });
  });

  it("without an offset are refused, unless it is told to take them", async () => {
    const { twin, ana } = await aZoho();
    const dateandtime = { start: "20260302T090000", end: "20260302T100000", timezone: "Europe/Berlin" };
    expect((await ana.call("POST", events, { eventdata: { dateandtime } })).body.cause).toBe("PATTERN_NOT_MATCHED");
    twin.switches.takesFloatingTimes = true;
    expect((await ana.create({ dateandtime })).dateandtime.start).toBe("20260302T090000+0100");
  });

  it("keep the event's own zone by convertToEventTZ", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create(hour(2));
    const times = { start: "20260302T120000Z", end: "20260302T130000Z", timezone: "America/New_York" };
    const kept = await ana.put(at(uid), { etag, dateandtime: { ...times, convertToEventTZ: true } });
    expect(kept.body.events[0].dateandtime).toMatchObject({ start: "20260302T130000+0100", timezone: "Europe/Berlin" });
    const moved = await ana.put(at(uid), { etag: kept.body.events[0].etag, dateandtime: times });
    expect(moved.body.events[0].dateandtime).toMatchObject({ start: "20260302T070000-0500" });
  });

  it("of whole days are days", async () => {
    const { twin, ana } = await aZoho();
    const dateandtime = { start: "20260302", end: "20260304" };
    const { uid } = await ana.create({ isallday: true, dateandtime });
    expect((await ana.read(uid))[0]).toMatchObject({ isallday: true, dateandtime });
    twin.switches.dayShape = "20261201Z";
    expect((await ana.read(uid))[0].dateandtime.start).toBe("20260302Z");
    const eventdata = { isallday: true, ...hour(2) };
    expect((await ana.call("POST", events, { eventdata })).body.cause).toBe("PATTERN_NOT_MATCHED");
  });

  it.each([
    { allDayEnd: "exclusive", found: 0 },
    { allDayEnd: "inclusive", found: 1 },
  ] as const)("of whole days have an end that is $allDayEnd", async ({ allDayEnd, found }) => {
    const { twin, ana } = await aZoho();
    twin.switches.allDayEnd = allDayEnd;
    await ana.create({ isallday: true, dateandtime: { start: "20260302", end: "20260304" } });
    const range = { start: "20260304T080000Z", end: "20260304T090000Z" };
    expect((await ana.get(events, { range })).body.events).toHaveLength(found);
  });
});

describe("changing an event at Zoho", () => {
  it("by PUT deletes what is not sent", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create({ title: "Interview", location: "Hall 3", ...hour(2) });
    const { status, body } = await ana.put(at(uid), { title: "Moved", etag, ...hour(3) });
    expect(status).toBe(200);
    expect(body.events[0]).toMatchObject({ title: "Moved", location: "" });
    expect(body.events[0].etag).toBeGreaterThan(etag);
  });

  it("by PUT needs the times and the etag", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create({ title: "Interview", ...hour(2) });
    expect((await ana.put(at(uid), { etag })).body.cause).toBe("LESS_THAN_MIN_OCCURANCE");
    expect((await ana.put(at(uid), hour(2))).body.cause).toBe("ETAG_MISSING");
    expect((await ana.put(at(uid), { etag: String(etag), ...hour(2) })).status).toBe(200);
  });

  it.each([
    { status: 412, code: "ETAG_MISMATCH" },
    { status: 400, code: "INVALID_ETAG" },
  ])("with an etag that is no longer the event's is refused: $status $code", async (staleEtag) => {
    const { twin, ana } = await aZoho();
    twin.switches.staleEtag = staleEtag;
    const { uid, etag } = await ana.create({ title: "Interview", ...hour(2) });
    twin.patchEvent(ana.email, uid, { title: "By somebody else" });
    const { status, body } = await ana.put(at(uid), { title: "Mine", etag, ...hour(2) });
    expect([status, body.cause]).toEqual([staleEtag.status, staleEtag.code]);
    expect((await ana.read(uid))[0].title).toBe("By somebody else");
  });

  it("by PATCH leaves what is not sent", async () => {
    const { twin, ana } = await aZoho();
    const { uid, etag } = await ana.create({ title: "Interview", location: "Hall 3", ...hour(2) });
    const patch = (eventdata: object) => ana.call("PATCH", at(uid), { eventdata });
    const { body } = await patch({ title: "Renamed", etag });
    expect(body.events[0]).toMatchObject({ title: "Renamed", location: "Hall 3" });
    expect((await patch({ title: "No" })).body.cause).toBe("ETAG_MISSING");
    twin.switches.patchNeedsEtag = false;
    expect((await patch({ title: "Yes" })).status).toBe(200);
  });

  it("gives each change another etag, even within a millisecond", async () => {
    const { twin, ana } = await aZoho();
    const uid = twin.insertEvent(ana.email, { title: "0", ...hour(2) });
    const etags = [1, 2, 3].map((n) => {
      twin.patchEvent(ana.email, uid, { title: String(n) });
      return twin.event(ana.email, uid)?.[0]?.["etag"];
    });
    expect(new Set(etags).size).toBe(3);
  });
});

describe("deleting an event at Zoho", () => {
  it.each([
    { name: "a header", init: (etag: string) => ({ headers: { etag } }), parameters: () => ({}) },
    { name: "eventdata", init: () => ({}), parameters: (uid: string, etag: number) => ({ eventdata: { uid, etag } }) },
  ])("needs the etag, in $name", async ({ init, parameters }) => {
    const { twin, ana } = await aZoho();
    const { uid, etag } = await ana.create({ title: "Interview", ...hour(2) });
    expect((await ana.call("DELETE", at(uid))).body.cause).toBe("ETAG_MISSING");
    const stale = await ana.call("DELETE", at(uid), parameters(uid, etag - 1), init(String(etag - 1)));
    expect(stale.status).toBe(412);
    const { status, body } = await ana.call("DELETE", at(uid), parameters(uid, etag), init(String(etag)));
    expect([status, body]).toEqual([200, { events: [{ uid, estatus: "deleted" }] }]);
    expect(twin.event(ana.email, uid)).toBeNull();
  });

  it("goes by the header where both are there", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create({ title: "Interview", ...hour(2) });
    const eventdata = { uid, etag: etag - 1 };
    const { status } = await ana.call("DELETE", at(uid), { eventdata }, { headers: { etag: String(etag) } });
    expect(status).toBe(200);
  });
});

describe("moving an event at Zoho", () => {
  it("takes it to another calendar with the uid that it has", async () => {
    const { twin, ana } = await aZoho();
    const { uid } = await ana.create({ title: "Interview", ...hour(2) });
    const destination = twin.createCalendar(ana.email, { name: "Interviews" });
    const { body } = await ana.call("POST", at(uid), { destination });
    expect(body.events[0]).toMatchObject({ uid, caluid: destination });
    expect((await ana.get(at(uid))).status).toBe(404);
    expect(await ana.read(uid, destination)).toHaveLength(1);
  });
});

describe("listing events at Zoho", () => {
  it("needs a range, of at most 31 days", async () => {
    const { ana } = await aZoho();
    expect((await ana.get(events)).body.cause).toBe("LESS_THAN_MIN_OCCURANCE");
    expect((await ana.get(events, { range: march })).body).toEqual({ events: [] });
    expect((await ana.get(events, { range: { start: "20260301", end: "20260331" } })).status).toBe(200);
    const long = await ana.get(events, { range: { ...march, end: "20260401T000001Z" } });
    expect([long.status, long.body.cause]).toEqual([400, "INVALID_DATA"]);
    expect((await ana.get(events, { range: { start: march.start } })).status).toBe(400);
    expect((await ana.get(events, { range: { start: "1 March", end: march.end } })).status).toBe(400);
  });

  it("tells what takes place in the range, also what began before it", async () => {
    const { twin, ana } = await aZoho();
    for (const day of [2, 3, 4]) twin.insertEvent(ana.email, { title: String(day), ...hour(day) });
    const range = { start: "20260303T083000Z", end: "20260304T080000Z" };
    const { body } = await ana.get(events, { range });
    expect(body.events.map(({ title }: { title: string }) => title)).toEqual(["3"]);
  });

  it("tells descriptions only to whoever accepts json+large", async () => {
    const { twin, ana } = await aZoho();
    twin.insertEvent(ana.email, { title: "Interview", description: "CV", ...hour(2) });
    expect((await ana.get(events, { range: march })).body.events[0]).not.toHaveProperty("description");
    const large = await ana.get(events, { range: march }, "application/json+large");
    expect(large.body.events[0].description).toBe("CV");
  });

  it("tells times in the zone that is asked for", async () => {
    const { twin, ana } = await aZoho();
    twin.insertEvent(ana.email, { title: "Interview", ...hour(2) });
    const { body } = await ana.get(events, { range: march, timezone: "Asia/Tokyo" });
    expect(body.events[0].dateandtime).toMatchObject({ start: "20260302T170000+0900", timezone: "Asia/Tokyo" });
  });

  it("may put a message where nothing is", async () => {
    const { twin, ana } = await aZoho();
    twin.switches.emptyList = "message";
    expect((await ana.get(events, { range: march })).body.events).toEqual([{ message: "No events found." }]);
  });

  it("knows no cursor, and what changed lately only where it is told to", async () => {
    const { sandbox, twin, ana } = await aZoho();
    twin.insertEvent(ana.email, { title: "Old", ...hour(2) });
    const lastmodified = String(Date.now() + 60_000);
    expect((await ana.get(events, { range: march, lastmodified })).body.cause).toBe("EXTRA_PARAM_FOUND");
    twin.switches.takesLastModified = true;
    sandbox.clock.advance(120_000);
    twin.insertEvent(ana.email, { title: "New", ...hour(3) });
    const { body } = await ana.get(events, { range: march, lastmodified });
    expect(body.events).toMatchObject([{ title: "New" }]);
    expect(twin.continuesFromCursor()).toBe(false);
  });

  it("finds texts by search, with a scope of its own", async () => {
    const { twin, ana, signIn } = await aZoho();
    twin.insertEvent(ana.email, { title: "Interview", description: "Rust", ...hour(2) });
    twin.insertEvent(ana.email, { title: "Lunch", ...hour(3) });
    const search = { searchtext: "rust", start: march.start, end: march.end };
    expect((await ana.get("/calendars/default/search", search)).body.events).toMatchObject([{ title: "Interview" }]);
    const without = await signIn(ana.email, "ZohoCalendar.event.ALL");
    expect((await without.get("/calendars/default/search", search)).body.cause).toBe("INVALID_OAUTHSCOPE");
  });
});
