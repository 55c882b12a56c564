import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { aZoho, hour, march } from "../support/zoho-client.ts";

interface Named {
  readonly name: string;
}
const namesIn = (body: { readonly calendars: readonly Named[] }) => body.calendars.map(({ name }) => name);

describe("calendars at Zoho", () => {
  it("say what they are called, which is the default one, and what one may do there", async () => {
    const { ana } = await aZoho();
    const { status, body } = await ana.get("/calendars");
    expect([status, body.calendars.length]).toEqual([200, 1]);
    expect(body.calendars[0]).toMatchObject({
      uid: expect.stringMatching(/^[\da-f]{32}$/),
      id: expect.stringMatching(/^\d+$/),
      name: "Ana Muster",
      isdefault: true,
      privilege: "owner",
      timezone: "Europe/Berlin",
      category: "own",
      color: "#005DE0",
    });
  });

  it.each([
    { category: "own", names: ["Ana Muster", "Interviews"] },
    { category: "group", names: ["Hiring"] },
    { category: "app", names: ["CRM"] },
    { category: "others", names: ["Holidays"] },
    { category: "all", names: ["Ana Muster", "Interviews", "Hiring", "CRM", "Holidays"] },
  ])("come by category: $category", async ({ category, names }) => {
    const { twin, ana } = await aZoho();
    twin.createCalendar(ana.email, { name: "Interviews" });
    twin.createCalendar(ana.email, { name: "Hiring", privilege: "edit", category: "group" });
    twin.createCalendar(ana.email, { name: "CRM", privilege: "view", category: "app" });
    twin.createCalendar(ana.email, { name: "Holidays", privilege: "view" });
    expect(namesIn((await ana.get("/calendars", { category })).body)).toEqual(names);
  });

  it("are one's own where no category is asked for, or all of them", async () => {
    const { twin, ana } = await aZoho();
    twin.createCalendar(ana.email, { name: "Holidays", privilege: "view" });
    expect(namesIn((await ana.get("/calendars")).body)).toEqual(["Ana Muster"]);
    twin.switches.defaultCategory = "all";
    expect(namesIn((await ana.get("/calendars")).body)).toEqual(["Ana Muster", "Holidays"]);
    expect((await ana.get("/calendars", { category: "mine" })).body.cause).toBe("PATTERN_NOT_MATCHED");
  });

  it("are found by their uid, and the default one by that name", async () => {
    const { twin, ana } = await aZoho();
    const uid = twin.createCalendar(ana.email, { name: "Interviews" });
    expect(namesIn((await ana.get(`/calendars/${uid}`)).body)).toEqual(["Interviews"]);
    for (const name of ["default", "primary"]) {
      expect(namesIn((await ana.get(`/calendars/${name}`)).body)).toEqual(["Ana Muster"]);
    }
    expect((await ana.get("/calendars/nobody")).status).toBe(404);
  });

  it("are made and deleted, but for the default one", async () => {
    const { ana } = await aZoho();
    const { body } = await ana.call("POST", "/calendars", { calendarData: { name: "New", color: "#FF0000" } });
    expect(body.calendars[0]).toMatchObject({ name: "New", color: "#FF0000", isdefault: false });
    expect((await ana.call("DELETE", `/calendars/${body.calendars[0].uid}`)).status).toBe(200);
    expect(namesIn((await ana.get("/calendars")).body)).toEqual(["Ana Muster"]);
    expect((await ana.call("DELETE", "/calendars/default")).body.cause).toBe("OPERATION_NOT_PERMITTED");
    const stray = await ana.call("POST", "/calendars", { calendarData: { name: "New", title: "No" } });
    expect(stray.body.cause).toBe("EXTRA_KEY_FOUND_IN_JSON");
  });

  it.each([
    { privilege: "delegate", status: 200 },
    { privilege: "edit", status: 200 },
    { privilege: "view", status: 403 },
    { privilege: "freebusy", status: 403 },
  ] as const)("of somebody else are written with the privilege: $privilege", async ({ privilege, status }) => {
    const { twin, ana } = await aZoho();
    twin.createAccount({ email: "bo@example.test", dataCenter: "eu" });
    const uid = twin.createCalendar("bo@example.test", { name: "Shared" });
    twin.shareCalendar(uid, ana.email, privilege);
    const eventdata = { title: "Interview", ...hour(2) };
    const written = await ana.call("POST", `/calendars/${uid}/events`, { eventdata });
    expect(written.status).toBe(status);
    if (status === 403) expect(written.body.cause).toBe("OPERATION_NOT_PERMITTED");
    twin.switches.writablePrivileges = ["owner"];
    expect((await ana.call("POST", `/calendars/${uid}/events`, { eventdata })).status).toBe(403);
  });

  it.each([
    { privilege: "delegate", titles: ["Dentist", "Interview"] },
    { privilege: "view", titles: [undefined, "Interview"] },
    { privilege: "freebusy", titles: [undefined, undefined] },
  ] as const)("of somebody else hide what is private: $privilege", async ({ privilege, titles }) => {
    const { twin, ana } = await aZoho();
    twin.createAccount({ email: "bo@example.test", dataCenter: "eu" });
    const uid = twin.createCalendar("bo@example.test", { name: "Shared" });
    twin.shareCalendar(uid, ana.email, privilege);
    twin.insertEvent("bo@example.test", { title: "Dentist", isprivate: true, ...hour(2) }, uid);
    twin.insertEvent("bo@example.test", { title: "Interview", ...hour(3) }, uid);
    const { body } = await ana.get(`/calendars/${uid}/events`, { range: march });
    expect(body.events.map(({ title }: { title?: string }) => title)).toEqual(titles);
    expect(body.events[0].dateandtime.start).toBe("20260302T090000+0100");
  });

  it("have a ctag that follows their events, unless it is told not to", async () => {
    const { twin, ana } = await aZoho();
    const ctag = async () => (await ana.get("/calendars/default")).body.calendars[0].ctag;
    const first = await ctag();
    twin.insertEvent(ana.email, { title: "Interview", ...hour(2) });
    const second = await ctag();
    expect(second).toBeGreaterThan(first);
    twin.switches.ctagFollowsEvents = false;
    twin.insertEvent(ana.email, { title: "Interview", ...hour(3) });
    expect(await ctag()).toBe(second);
  });

  it.each([
    { scope: "ZohoCalendar.event.READ", path: "/calendars" },
    { scope: "ZohoCalendar.calendar.ALL", path: "/calendars/default/events" },
    { scope: "ZohoCalendar.calendar.CREATE", path: "/calendars" },
    { scope: "ZohoCalendar.event.ALL", path: "/calendars/freebusy" },
  ])("are not for $scope: $path", async ({ scope, path }) => {
    const { ana, signIn } = await aZoho();
    const { status, body } = await (await signIn(ana.email, scope)).get(path);
    expect([status, body.cause]).toEqual([401, "INVALID_OAUTHSCOPE"]);
  });
});

describe("free and busy at Zoho", () => {
  const ask = { sdate: march.start, edate: march.end, ftype: "eventbased" };

  it("tells when somebody is busy, for at most 31 days", async () => {
    const { twin, ana } = await aZoho();
    twin.insertEvent(ana.email, { title: "Interview", ...hour(2) });
    twin.insertEvent(ana.email, { title: "Focus", transparency: 1, ...hour(3) });
    const { body } = await ana.get("/calendars/freebusy", { ...ask, uemail: ana.email });
    const busy = { fbtype: "busy", startTime: "20260302T080000Z", endTime: "20260302T090000Z" };
    expect(body).toEqual({ freebusy: [busy] });
    const long = { ...ask, edate: "20260402T000000Z", uemail: ana.email };
    expect((await ana.get("/calendars/freebusy", long)).status).toBe(400);
    expect((await ana.get("/calendars/freebusy", ask)).body.cause).toBe("LESS_THAN_MIN_OCCURANCE");
  });

  it("takes either number of transparency to mean free", async () => {
    const { twin, ana } = await aZoho();
    twin.insertEvent(ana.email, { title: "Focus", transparency: 1, ...hour(3) });
    twin.switches.transparent = 0;
    const { body } = await ana.get("/calendars/freebusy", { ...ask, uemail: ana.email });
    expect(body.freebusy).toHaveLength(1);
  });

  it("says with 200 that there is nothing, and that somebody shares nothing", async () => {
    const { twin, ana } = await aZoho();
    twin.createAccount({ email: "bo@example.test", dataCenter: "eu", sharesFreeBusy: false });
    twin.createAccount({ email: "cy@example.test", dataCenter: "us" });
    const of = async (uemail: string) => (await ana.get("/calendars/freebusy", { ...ask, uemail })).body;
    expect(await of(ana.email)).toEqual({ NODATA: true });
    for (const email of ["bo@example.test", "cy@example.test"])
      expect(await of(email)).toEqual({ fb_not_enabled: true });
  });
});

describe("too many requests at Zoho", () => {
  it("are more than five at a time, refused with 429 and 400 in turn", async () => {
    const { twin, ana } = await aZoho();
    twin.switches.latencyMs = 100;
    const answers = await Promise.all(Array.from({ length: 7 }, () => ana.get("/calendars")));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 200, 200, 200, 400, 429]);
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { body } of refused) expect(body.localized_message).toMatch(/too many requests/i);
  });

  it("are as many in a minute as it is told, and always one status where it is told to", async () => {
    const { sandbox, twin, ana } = await aZoho();
    Object.assign(twin.switches, { requestsPerMinute: 1, tooManyStatus: 400 });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await ana.get("/calendars")).status);
    expect(statuses).toEqual([200, 400, 400]);
    sandbox.clock.advance(60_000);
    expect((await ana.get("/calendars")).status).toBe(200);
  });
});

describe("a fault of Zoho's", () => {
  it.each([
    { fault: "rate-limited", status: 429, says: "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED" },
    { fault: "quota", status: 400, says: "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED" },
    { fault: "down", status: 503, says: "Service Unavailable" },
    { fault: "backend-error", status: 500, says: "INTERNAL_ERROR" },
    { fault: "unauthorized", status: 401, says: "INVALID_OAUTHTOKEN" },
  ] as const)("is worded as Zoho does: $fault", async ({ fault, status, says }) => {
    const { twin, ana } = await aZoho();
    twin.fail(fault, { times: 1 });
    const answer = await ana.get("/calendars");
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringContaining(says)]);
  });

  it.each([
    { fault: "rate-limited", status: 200, says: "Access Denied" },
    { fault: "unauthorized", status: 200, says: "invalid_code" },
    { fault: "backend-error", status: 500, says: "general_error" },
    { fault: "down", status: 503, says: "Service Unavailable" },
  ] as const)("at the token endpoint is an error with 200, where it is one of Zoho's: $fault", async (row) => {
    const { twin, origin } = await aZoho();
    twin.fail(row.fault, { on: "token", times: 2 });
    for (const path of ["token", "token/revoke"]) {
      const reply = await fetch(`${origin}/accounts.zoho.eu/oauth/v2/${path}`, { method: "POST" });
      expect([reply.status, await reply.text()]).toEqual([row.status, expect.stringContaining(row.says)]);
    }
  });

  it("does not meet a cursor, since there is none", async () => {
    const { twin, ana } = await aZoho();
    twin.fail("cursor-gone");
    expect((await ana.get("/calendars/default/events", { range: march })).status).toBe(200);
  });
});

describe("Zoho's twin", () => {
  it("says how the service is configured to use it", async () => {
    const { sandbox, origin } = await aZoho();
    expect(sandbox.settings).toMatchObject({
      ZOHO_CALENDAR_CLIENT_ID: "sandbox-client",
      ZOHO_CALENDAR_BASE_URL: `${origin}/calendar.zoho.com/api/v1/`,
      ZOHO_CALENDAR_AUTH_URL: `${origin}/accounts.zoho.com/oauth/v2/auth`,
      ZOHO_CALENDAR_TOKEN_URL: `${origin}/accounts.zoho.com/oauth/v2/token`,
      ZOHO_CALENDAR_REVOKE_URL: `${origin}/accounts.zoho.com/oauth/v2/token/revoke`,
    });
  });

  it("goes on where it was when it is started again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "zoho-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    const uid = first.zohoCalendar.insertEvent("ana@example.test", { title: "Kept", ...hour(2), rrule: "FREQ=DAILY" });
    first.zohoCalendar.deleteEvent("ana@example.test", uid, {
      recurrenceid: "20260303T080000Z",
      recurrence_edittype: "only",
    });
    await first.stop();
    const again = await startSandbox({ port: 0, stateFile, seed: true });
    onTestFinished(() => again.stop());
    expect(again.zohoCalendar.event("ana@example.test", uid)).toMatchObject([
      { title: "Kept" },
      { estatus: "deleted" },
    ]);
    expect(again.zohoCalendar.people.dataCenterOf("ana@example.test")).toBe("eu");
  });

  it("does what it is told by commands", async () => {
    const { sandbox, twin } = await aZoho();
    const tell = async (command: string, words: object) => {
      const url = `${sandbox.origin}/_control/zoho-calendar/${command}`;
      return (await (await fetch(url, { method: "POST", body: JSON.stringify(words) })).json()).result;
    };
    const email = "mia@example.test";
    await tell("create-account", { email, dataCenter: "in" });
    const calendarUid = await tell("create-calendar", { email, name: "Interviews" });
    const uid = await tell("insert-event", { email, calendarUid, event: { title: "Told", ...hour(2) } });
    await tell("patch-event", { email, uid, patch: { title: "Changed" } });
    await tell("rename-calendar", { calendarUid, name: "Talks" });
    await tell("share-calendar", { calendarUid, email: "ana@example.test", privilege: "view" });
    expect(twin.events("ana@example.test", calendarUid)).toMatchObject([[{ title: "Changed" }]]);
    await tell("move-event", { email, uid, calendarUid: twin.people.defaultCalendarUid(email) });
    expect(twin.events(email)).toHaveLength(1);
    await tell("delete-event", { email, uid });
    expect(twin.events(email)).toEqual([]);
    await tell("drop-calendar", { calendarUid });
    await tell("set-switches", { dayShape: "20261201Z" });
    await tell("set-oauth-switches", { errorStatus: 400 });
    expect([twin.switches.dayShape, twin.oauth.errorStatus]).toEqual(["20261201Z", 400]);
  });

  it("has an account in a data centre that exists", async () => {
    const { twin } = await aZoho();
    expect(() => twin.createAccount({ email: "x@example.test", dataCenter: "moon" })).toThrow("moon");
  });
});
