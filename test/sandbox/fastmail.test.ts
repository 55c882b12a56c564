import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { basic, davClient, eventsBetween, files, names, withUid } from "../../sandbox/caldav/dav-client.ts";
import { defaultFastmailSwitches, type FastmailSwitches } from "../../sandbox/fastmail/switches.ts";
import type { FastmailOAuthSwitches } from "../../sandbox/oauth/fastmail.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { ics, vevent } from "../support/caldav-client.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

const caldavScope = "https://www.fastmail.com/dev/protocol-caldav";
const redirectUri = "http://localhost:4000/oauth/callback";
const verifier = randomBytes(48).toString("base64url");
const challenge = createHash("sha256").update(verifier).digest("base64url");
const setting = (name: string) => sandbox.settings[`FASTMAIL_${name}`] ?? "";

let accounts = 0;

/** An account of its own for each test, and switches that are as they were. */
function someone(switches: Partial<FastmailSwitches> = {}, oauth: Partial<FastmailOAuthSwitches> = {}) {
  const twin = sandbox.fastmail;
  Object.assign(twin.switches, defaultFastmailSwitches(), switches);
  Object.assign(twin.oauth, { reuse: "revoke", needsOfflineAccess: false, accessTokenSeconds: 3600 }, oauth);
  accounts += 1;
  const email = `ana${accounts}@example.test`;
  twin.createAccount({ email, name: "Ana Muster" });
  const client = davClient(setting("BASE_URL"), basic(email, twin.createAppPassword(email, "dav")));
  const [calendar = ""] = twin.client.calendarUrls(email);
  return { twin, email, calendar, path: new URL(calendar).pathname, ...client };
}

function consentUrl(changes: Readonly<Record<string, string | null>> = {}): string {
  const url = new URL(setting("AUTH_URL"));
  const parameters = {
    client_id: setting("CLIENT_ID"),
    response_type: "code",
    redirect_uri: redirectUri,
    scope: `${caldavScope} offline_access`,
    state: "the-state",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

async function tokens(form: Readonly<Record<string, string>>) {
  const body = new URLSearchParams({ client_id: setting("CLIENT_ID"), ...form });
  const reply = await fetch(setting("TOKEN_URL"), { method: "POST", body });
  const read: Readonly<Record<string, string>> = await reply.json();
  return { status: reply.status, body: read };
}

const renew = (refreshToken = "") => tokens({ grant_type: "refresh_token", refresh_token: refreshToken });

async function consented(email: string, changes: Readonly<Record<string, string>> = {}) {
  const back = new URL(sandbox.fastmail.authorize(consentUrl(changes), { email }));
  const code = back.searchParams.get("code") ?? "";
  const redeemed = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
  const { body } = await tokens(redeemed);
  return { access: body["access_token"] ?? "", refresh: body["refresh_token"] ?? "" };
}

const principalStatus = async (access: string) =>
  (await davClient(setting("BASE_URL"), `Bearer ${access}`).propfind("", ["current-user-principal"])).status;

const hour = ["DTSTART:20261201T100000Z", "DTEND:20261201T110000Z"];
const anEvent = (uid: string, ...lines: readonly string[]) => ics(vevent(uid, ...hour, ...lines));
const december = eventsBetween("20261201T000000Z", "20261202T000000Z");

describe("consent at Fastmail", () => {
  it.each([
    { name: "no challenge", changes: { code_challenge: null, code_challenge_method: null } },
    { name: "a plain one", changes: { code_challenge_method: "plain" } },
  ])("is asked for with PKCE: $name is refused", async ({ changes }) => {
    const reply = await fetch(consentUrl(changes));
    expect([reply.status, await reply.text()]).toEqual([400, expect.stringContaining("invalid_request")]);
  });

  it("gives a public client tokens, which has no secret to show", async () => {
    const { email } = someone();
    const code = new URL(sandbox.fastmail.authorize(consentUrl(), { email })).searchParams.get("code") ?? "";
    const redeemed = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
    const withSecret = await tokens({ ...redeemed, client_secret: "made-up" });
    expect(withSecret).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    const { status, body } = await tokens(redeemed);
    expect([status, body["token_type"], body["scope"]]).toEqual([200, "Bearer", `${caldavScope} offline_access`]);
    expect(await principalStatus(body["access_token"] ?? "")).toBe(207);
    expect(await tokens(redeemed)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  it("says whose it is by the principal", async () => {
    const { twin, email } = someone();
    const { access } = await consented(email);
    const { rows } = await davClient(setting("BASE_URL"), `Bearer ${access}`).propfind("", ["current-user-principal"]);
    const href = rows[0]?.found["current-user-principal"]?.children[0]?.text ?? "";
    expect(new URL(href, sandbox.origin).href).toBe(twin.principalUrl(email));
    expect(href).toBe(`/fastmail/dav/principals/user/${email}/`);
  });

  it("opens calendars with either of the scopes for them, and with no other", async () => {
    const { email } = someone();
    const newer = await consented(email, { scope: "urn:ietf:params:oauth:scope:calendars" });
    expect(await principalStatus(newer.access)).toBe(207);
    const mail = await consented(email, { scope: "https://www.fastmail.com/dev/protocol-imap" });
    expect(await principalStatus(mail.access)).toBe(403);
  });

  it("gives a refresh token always, or for offline_access alone", async () => {
    const { email } = someone();
    expect((await consented(email, { scope: caldavScope })).refresh).not.toBe("");
    sandbox.fastmail.oauth.needsOfflineAccess = true;
    expect((await consented(email, { scope: caldavScope })).refresh).toBe("");
    expect((await consented(email)).refresh).not.toBe("");
  });

  it("is described where RFC 8414 looks, and new clients can register with a scope", async () => {
    const origin = `${sandbox.origin}/fastmail`;
    const described = await (await fetch(`${origin}/.well-known/oauth-authorization-server`)).json();
    expect(described).toMatchObject({
      token_endpoint: setting("TOKEN_URL"),
      revocation_endpoint: setting("REVOKE_URL"),
      token_endpoint_auth_methods_supported: ["none"],
    });
    const register = (words: object) =>
      fetch(described.registration_endpoint, { method: "POST", body: JSON.stringify(words) });
    const asked = { redirect_uris: [redirectUri], scope: caldavScope };
    const made = await register(asked);
    expect([made.status, await made.json()]).toMatchObject([201, { client_id: setting("CLIENT_ID") }]);
    expect((await register({ ...asked, scope: undefined })).status).toBe(400);
  });
});

describe("a refresh token of Fastmail", () => {
  it("is good once, and brings the next one", async () => {
    const { email } = someone();
    const { refresh } = await consented(email);
    const next = await renew(refresh);
    expect(next.status).toBe(200);
    expect(next.body["refresh_token"]).not.toBe(refresh);
    expect((await renew(next.body["refresh_token"])).status).toBe(200);
  });

  it.each([
    { reuse: "revoke", status: 400, isLeft: false },
    { reuse: "refuse", status: 400, isLeft: true },
    { reuse: "accept", status: 200, isLeft: true },
  ] as const)("that comes twice: $reuse", async ({ reuse, status, isLeft }) => {
    const { email } = someone({}, { reuse });
    const { refresh } = await consented(email);
    const next = await renew(refresh);
    expect((await renew(refresh)).status).toBe(status);
    expect((await renew(next.body["refresh_token"])).status === 200).toBe(isLeft);
    expect((await principalStatus(next.body["access_token"] ?? "")) === 207).toBe(isLeft);
  });

  it("ends with its consent when it is revoked; other consents stay, and unknown tokens are as good as revoked", async () => {
    const { email } = someone();
    const [first, second] = [await consented(email), await consented(email)];
    const end = (token: string) =>
      fetch(setting("REVOKE_URL"), { method: "POST", body: new URLSearchParams({ token }) });
    expect((await end(first.refresh)).status).toBe(200);
    expect((await end("made-up")).status).toBe(200);
    expect(await renew(first.refresh)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect([await principalStatus(first.access), await principalStatus(second.access)]).toEqual([401, 207]);
  });

  it("outlives its access token, which ends after its time", async () => {
    const { email } = someone();
    const { access, refresh } = await consented(email);
    sandbox.clock.advance(3_600_001);
    expect(await principalStatus(access)).toBe(401);
    expect((await renew(refresh)).status).toBe(200);
  });
});

describe("an app password of Fastmail", () => {
  it("opens the calendars when it is for them, with the whole address, until it is revoked", async () => {
    const { twin, email } = someone();
    const status = async (username: string, password: string) =>
      (await davClient(setting("BASE_URL"), basic(username, password)).propfind("", ["current-user-principal"])).status;
    const password = twin.createAppPassword(email, "dav");
    expect(await status(email, password)).toBe(207);
    expect(await status(email.split("@")[0] ?? "", password)).toBe(401);
    expect(await status(email, twin.createAppPassword(email, "mail"))).toBe(401);
    expect(await status(email, "the-account's-own")).toBe(401);
    twin.passwords.revoke(password);
    expect(await status(email, password)).toBe(401);
  });

  it("is not asked of strangers everywhere: Cyrus tells them that they are", async () => {
    someone({ answersStrangers: true });
    const stranger = davClient(setting("BASE_URL"), null);
    const { status, rows } = await stranger.propfind("dav/", ["current-user-principal"]);
    expect([status, names(rows[0]?.found["current-user-principal"])]).toEqual([207, ["unauthenticated"]]);
    someone();
    expect((await stranger.propfind("dav/", ["current-user-principal"])).status).toBe(401);
  });
});

describe("Fastmail's calendars", () => {
  it("are found from the well-known address", async () => {
    const { email, send, propfind } = someone();
    const { status, headers } = await send("PROPFIND", ".well-known/caldav", "", { depth: "0" });
    expect([status, headers.get("location")]).toEqual([301, `${sandbox.origin}/fastmail/dav/calendars`]);
    const [root] = (await propfind(headers.get("location") ?? "", ["current-user-principal"])).rows;
    const principal = root?.found["current-user-principal"]?.children[0]?.text ?? "";
    const [row] = (await propfind(principal, ["c:calendar-home-set"])).rows;
    expect(row?.found["calendar-home-set"]?.children[0]?.text).toBe(`/fastmail/dav/calendars/user/${email}/`);
  });

  it("give an event with guests a Schedule-Tag and no ETag, and one without an ETag", async () => {
    const { calendar, put } = someone();
    const alone = await put(`${calendar}a.ics`, anEvent("a"));
    expect([alone.headers.has("etag"), alone.headers.has("schedule-tag")]).toEqual([true, false]);
    const silent = "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:cy@example.test";
    const organized = await put(`${calendar}b.ics`, anEvent("b", "ORGANIZER:mailto:bo@example.test", silent));
    expect([organized.headers.has("etag"), organized.headers.has("schedule-tag")]).toEqual([false, true]);
  });

  it("send invitations for guests whom no client serves", async () => {
    const { twin, email, calendar, put } = someone();
    const guest = (agent: string, who: string) => `ATTENDEE${agent}:mailto:${who}@example.test`;
    await put(
      `${calendar}a.ics`,
      anEvent(
        "scheduled",
        `ORGANIZER:mailto:${email}`,
        guest("", "told"),
        guest(";SCHEDULE-AGENT=CLIENT", "client"),
        guest(";SCHEDULE-AGENT=NONE", "none"),
      ),
    );
    const told = twin.sentMessages().filter(({ from }) => from === email);
    expect(told).toEqual([{ from: email, to: "told@example.test", method: "REQUEST", uid: "scheduled" }]);
  });

  it("have weak ETags where an object may come packed, which conditions take", async () => {
    const { calendar, put, send, propfind } = someone();
    await put(`${calendar}a.ics`, anEvent("a"));
    const strong = (await propfind(`${calendar}a.ics`, ["getetag"])).rows[0]?.found["getetag"]?.text;
    const weak = (await send("GET", `${calendar}a.ics`, undefined, { "accept-encoding": "gzip" })).headers.get("etag");
    expect(weak).toBe(`W/${strong}`);
    expect((await put(`${calendar}a.ics`, anEvent("a"), { "if-match": weak ?? "" })).status).toBe(204);
  });

  it("know one UID once in an account, and say so by the kind of object", async () => {
    const { twin, email, calendar, put } = someone();
    const other = twin.createCalendar(email, { name: "other" });
    const organized = anEvent("b", `ORGANIZER:mailto:${email}`);
    await put(`${calendar}a.ics`, anEvent("a"));
    await put(`${calendar}b.ics`, organized);
    expect(await put(`${other}a.ics`, anEvent("a"))).toMatchObject({ status: 403, condition: "no-uid-conflict" });
    const unique = await put(`${other}b.ics`, organized);
    expect(unique).toMatchObject({ status: 403, condition: "unique-scheduling-object-resource" });
    expect(unique.text).toContain(`${new URL(calendar).pathname}b.ics`);
    twin.switches.uidOncePerAccount = false;
    expect((await put(`${other}a.ics`, anEvent("a"))).status).toBe(201);
  });

  it("take ranges loosely, and of a range and a UID the range alone", async () => {
    const { twin, email, calendar, query } = someone();
    for (const uid of ["a", "b"]) twin.client.put(email, calendar, `${uid}.ics`, anEvent(uid));
    const theDayBefore = eventsBetween("20261130T000000Z", "20261201T000000Z");
    const both = eventsBetween("20261201T000000Z", "20261202T000000Z", withUid("a"));
    expect(files(await query(calendar, theDayBefore))).toEqual(["a.ics", "b.ics"]);
    expect(files(await query(calendar, both))).toEqual(["a.ics", "b.ics"]);
    Object.assign(twin.switches, { looseRanges: false, combinesFilters: true });
    expect(files(await query(calendar, theDayBefore))).toEqual([]);
    expect(files(await query(calendar, both))).toEqual(["a.ics"]);
    expect(files(await query(calendar, december))).toEqual(["a.ics", "b.ics"]);
  });

  it("page a sync by the client's limit or by their own, and refuse an old token by its name", async () => {
    const { twin, email, calendar, path, sync } = someone({ syncPageSize: 3 });
    for (const uid of ["a", "b", "c", "d"]) twin.client.put(email, calendar, `${uid}.ics`, anEvent(uid));
    const cut = ({ rows }: Awaited<ReturnType<typeof sync>>) =>
      rows.filter(({ status }) => status === 507).map(({ href }) => href);
    const first = await sync(calendar, null);
    expect([first.rows.length, cut(first)]).toEqual([4, [path]]);
    const rest = await sync(calendar, first.syncToken);
    expect([files(rest), cut(rest)]).toEqual([["d.ics"], []]);
    expect(cut(await sync(calendar, null, { limit: 1 }))).toEqual([path]);
    expect(rest.syncToken).toMatch(/^data:,/);
    twin.expireSyncTokens(email);
    expect(await sync(calendar, rest.syncToken)).toMatchObject({ status: 403, condition: "valid-sync-token" });
  });
});

describe("Fastmail's stand-in", () => {
  it("words failures at its token endpoint as OAuth does", async () => {
    const { twin, email } = someone();
    const { refresh } = await consented(email);
    twin.fail("rate-limited", { on: "token", times: 1 });
    expect((await renew(refresh)).status).toBe(429);
    twin.fail("down", { on: "token", times: 1 });
    const reply = await fetch(setting("TOKEN_URL"), { method: "POST", body: "" });
    expect(reply.status).toBe(503);
    expect((await renew(refresh)).status).toBe(200);
  });

  it("goes on where it was, with consents and passwords", async () => {
    const { twin, email, calendar } = someone();
    const { access } = await consented(email);
    twin.client.put(email, calendar, "a.ics", anEvent("a"));
    const kept = structuredClone(twin.state.save());
    twin.revoke(email);
    twin.client.remove(email, calendar, "a.ics");
    twin.state.load(kept);
    expect(await principalStatus(access)).toBe(207);
    expect(twin.client.read(email, calendar, "a.ics")?.uid).toBe("a");
  });
});
