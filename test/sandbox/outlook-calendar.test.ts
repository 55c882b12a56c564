import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { anOutlook, hour, march, signInAt } from "../support/graph-client.ts";

describe("a person at Graph", () => {
  it("has a name, an address and an id, of which one can select", async () => {
    const { ana } = await anOutlook();
    const { body, headers } = await ana.get("/me?$select=id,mail,userPrincipalName,displayName");
    expect(body).toMatchObject({ mail: "ana@example.test", userPrincipalName: "ana@example.test" });
    expect(Object.keys(body).sort()).toEqual(["@odata.context", "displayName", "id", "mail", "userPrincipalName"]);
    expect(headers.get("request-id")).toMatch(/^[\da-f-]{36}$/);
  });

  it("has no mail address at outlook.com, only the name that they sign in with", async () => {
    const { twin, signIn } = await anOutlook();
    twin.createAccount({ email: "pia@outlook.test", personal: true });
    const pia = await signIn("pia@outlook.test");
    expect((await pia.get("/me")).body).toMatchObject({ mail: null, userPrincipalName: "pia@outlook.test" });
    expect(decodeJwt(pia.tokens.id_token ?? "")).toMatchObject({ tid: "9188040d-6c67-4c5b-b112-36a304b66dad" });
  });

  it("has no calendars without a licence", async () => {
    const { twin, signIn } = await anOutlook();
    twin.createAccount({ email: "lee@example.test", hasMailbox: false });
    const { status, body } = await (await signIn("lee@example.test")).get("/me/calendars");
    expect([status, body.error.code]).toEqual([404, "MailboxNotEnabledForRESTAPI"]);
  });

  it("is refused without a token that lives, with Graph's error and its ids", async () => {
    const { sandbox, twin, ana } = await anOutlook();
    twin.expireAccessTokens("ana@example.test");
    const { status, body, headers } = await ana.get("/me");
    expect([status, body.error.code]).toEqual([401, "InvalidAuthenticationToken"]);
    expect(headers.get("www-authenticate")).toContain("Bearer");
    expect(Object.keys(body.error.innerError).sort()).toEqual(["client-request-id", "date", "request-id"]);
    expect((await fetch(`${sandbox.origin}/outlook-calendar/v1.0/me`)).status).toBe(401);
  });

  it("can be asked to sign in again with more claims", async () => {
    const { twin, ana } = await anOutlook();
    twin.switches.claimsChallenge = '{"access_token":{"nbf":{"essential":true}}}';
    const { status, headers } = await ana.get("/me");
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toMatch(/error="insufficient_claims", claims="[\w=]+"/);
  });

  it("is refused what the scopes do not hold", async () => {
    const { signIn } = await anOutlook();
    const reader = await signIn("ana@example.test", "openid Calendars.Read");
    expect((await reader.get("/me/calendars")).status).toBe(200);
    const written = await reader.post("/me/events", { subject: "No", ...hour(2) });
    expect([written.status, written.body.error.code]).toEqual([403, "ErrorAccessDenied"]);
    const profile = await reader.get("/me");
    expect([profile.status, profile.body.error.code]).toEqual([403, "Authorization_RequestDenied"]);
  });

  it("gets their own name of a request back", async () => {
    const { ana } = await anOutlook();
    const { headers } = await ana.call("GET", "/me", { headers: { "client-request-id": "mine" } });
    expect(headers.get("client-request-id")).toBe("mine");
  });
});

describe("calendars", () => {
  it("come ten to a page, with the address of the next", async () => {
    const { twin, ana } = await anOutlook();
    for (let n = 0; n < 11; n += 1) twin.createCalendar(ana.email, { name: `Calendar ${n}` });
    const pages = await ana.pages("/me/calendars");
    expect(pages.map(({ value }) => value.length)).toEqual([10, 2]);
    expect(pages[0]["@odata.nextLink"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/outlook-calendar\/v1\.0\/me\/calendars\?/);
    expect((await ana.get("/me/calendars?$top=100")).body["@odata.nextLink"]).toBeUndefined();
  });

  it("say who owns them, whether one may write, and where one can meet", async () => {
    const { twin, ana } = await anOutlook();
    const owner = { name: "Bo", address: "bo@example.test" };
    const id = twin.createCalendar(ana.email, { name: "Bo's", canEdit: false, owner, hexColor: "#a6d1f5" });
    expect((await ana.get("/me/calendar")).body).toMatchObject({
      isDefaultCalendar: true,
      canEdit: true,
      owner: { name: "Ana Muster", address: "ana@example.test" },
      allowedOnlineMeetingProviders: ["teamsForBusiness"],
      defaultOnlineMeetingProvider: "teamsForBusiness",
    });
    expect((await ana.get(`/me/calendars/${id}`)).body).toMatchObject({ canEdit: false, owner, hexColor: "#a6d1f5" });
    const selected = (await ana.get("/me/calendars?$select=name")).body.value;
    expect(Object.keys(selected[0])).toEqual(["id", "name"]);
    expect((await ana.get("/me/calendars?$select=title")).status).toBe(400);
    expect((await ana.get("/me/calendars/nothing")).body.error.code).toBe("ErrorItemNotFound");
  });

  it("that one may only read take no event", async () => {
    const { twin, ana } = await anOutlook();
    const id = twin.createCalendar(ana.email, { canEdit: false });
    const eventId = twin.insertEvent(ana.email, { subject: "Theirs", ...hour(2) }, id);
    const refused = [
      await ana.post(`/me/calendars/${id}/events`, { subject: "Mine", ...hour(3) }),
      await ana.patch(`/me/events/${eventId}`, { subject: "Mine" }),
      await ana.delete(`/me/events/${eventId}`),
    ];
    expect(refused.map(({ status, body }) => `${status} ${body.error.code}`)).toEqual(
      Array(3).fill("403 ErrorAccessDenied"),
    );
  });

  it("have no Teams at outlook.com", async () => {
    const { twin, signIn } = await anOutlook();
    twin.createAccount({ email: "pia@outlook.test", personal: true });
    const pia = await signIn("pia@outlook.test");
    expect((await pia.get("/me/calendar")).body).toMatchObject({ allowedOnlineMeetingProviders: [] });
    const meeting = { subject: "Call", ...hour(2), isOnlineMeeting: true, onlineMeetingProvider: "teamsForBusiness" };
    expect(await pia.create(meeting)).toMatchObject({ isOnlineMeeting: false, onlineMeeting: null });
  });
});

describe("the stand-in of Outlook", () => {
  it("goes on where it was when it is started again: sign-ins, events and delta tokens", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    const ana = await signInAt(first, "ana@example.test");
    const before = await ana.pages("/me/events");
    const delta = await ana.pages(`/me/calendarView/delta?${march}`);
    await first.stop();
    const again = await startSandbox({ port: 0, stateFile, seed: true });
    onTestFinished(() => again.stop());
    const later = ana.at(`${again.origin}/outlook-calendar/v1.0`);
    const ids = (pages: typeof before) => pages.flatMap(({ value }) => value.map(({ id }: { id: string }) => id));
    expect(ids(await later.pages("/me/events"))).toEqual(ids(before));
    const next = delta.at(-1)["@odata.deltaLink"].replace(first.origin, again.origin);
    expect((await later.get(next)).body.value).toEqual([]);
  });

  it("does what it is told over the controls", async () => {
    const { sandbox, twin, ana } = await anOutlook();
    const tell = async (command: string, words: Readonly<Record<string, unknown>>) => {
      const url = `${sandbox.origin}/_control/outlook-calendar/${command}`;
      const reply = await fetch(url, { method: "POST", body: JSON.stringify({ email: ana.email, ...words }) });
      return ((await reply.json()) as { result: string }).result;
    };
    const calendarId = await tell("create-calendar", { name: "Interviews" });
    const eventId = await tell("insert-event", { event: { subject: "One", ...hour(2) }, calendarId });
    await tell("patch-event", { eventId, patch: { subject: "Two" } });
    expect(twin.mailboxes.event(ana.email, eventId)).toMatchObject({ subject: "Two" });
    await tell("delete-event", { eventId });
    expect(twin.mailboxes.event(ana.email, eventId)).toBeNull();
    await tell("set-switches", { deltaPageSize: 3 });
    expect(twin.switches.deltaPageSize).toBe(3);
  });
});

describe("a calendar view", () => {
  it("needs both ends of its window", async () => {
    const { ana } = await anOutlook();
    const { status, body } = await ana.get("/me/calendarView?startDateTime=2026-03-01T00:00:00Z");
    expect([status, body.error.code]).toEqual([400, "ErrorInvalidParameter"]);
  });

  it("honours an offset, is UTC without one, and does not ask Prefer", async () => {
    const { ana } = await anOutlook();
    await ana.create({ subject: "Eight in UTC", ...hour(2, 9) });
    const inView = async (start: string, end: string) => {
      const path = `/me/calendarView?startDateTime=${encodeURIComponent(start)}&endDateTime=${encodeURIComponent(end)}`;
      return (await ana.get(path, 'outlook.timezone="W. Europe Standard Time"')).body.value.length;
    };
    expect(await inView("2026-03-02T08:00:00", "2026-03-02T08:30:00")).toBe(1);
    expect(await inView("2026-03-02T09:00:00", "2026-03-02T09:30:00")).toBe(0);
    expect(await inView("2026-03-02T09:00:00+01:00", "2026-03-02T09:30:00+01:00")).toBe(1);
  });

  it("of one calendar holds no other calendar's events, and /me's holds the default one's", async () => {
    const { twin, ana } = await anOutlook();
    const id = twin.createCalendar(ana.email, { name: "Interviews" });
    await ana.create({ subject: "There", ...hour(2) }, `/me/calendars/${id}`);
    await ana.create({ subject: "Here", ...hour(2) });
    const subjects = async (path: string) =>
      (await ana.get(path)).body.value.map(({ subject }: { subject: string }) => subject);
    expect(await subjects(`/me/calendarView?${march}`)).toEqual(["Here"]);
    expect(await subjects(`/me/calendars/${id}/calendarView?${march}`)).toEqual(["There"]);
  });
});
