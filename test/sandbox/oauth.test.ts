import { createHash, randomBytes } from "node:crypto";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";

const dayMs = 86_400_000;
const redirectUri = "http://localhost:4000/oauth/callback";
const verifier = randomBytes(48).toString("base64url");
const challenge = createHash("sha256").update(verifier).digest("base64url");
const events = "https://www.googleapis.com/auth/calendar.events";
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  sandbox.googleCalendar.createAccount({ email: "ana@example.test" });
  sandbox.outlookCalendar.createAccount({ email: "ana@example.test" });
});
afterAll(() => sandbox.stop());

const vendors = {
  google: {
    id: "GOOGLE_CALENDAR",
    scope: `openid email ${events}`,
    offline: { access_type: "offline", prompt: "consent" },
  },
  microsoft: { id: "OUTLOOK_CALENDAR", scope: "openid offline_access Calendars.ReadWrite", offline: {} },
} as const;
type Vendor = keyof typeof vendors;
const setting = (vendor: Vendor, name: string): string => sandbox.settings[`${vendors[vendor].id}_${name}`] ?? "";
const twinOf = (vendor: Vendor) => (vendor === "google" ? sandbox.googleCalendar : sandbox.outlookCalendar);

function consentUrl(vendor: Vendor, changes: Record<string, string> = {}): string {
  const url = new URL(setting(vendor, "AUTH_URL"));
  const parameters = {
    client_id: setting(vendor, "CLIENT_ID"),
    response_type: "code",
    redirect_uri: redirectUri,
    scope: vendors[vendor].scope,
    state: "the-state",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...vendors[vendor].offline,
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

async function codeFrom(
  vendor: Vendor,
  changes: Record<string, string> = {},
  email = "ana@example.test",
): Promise<string> {
  const back = new URL(twinOf(vendor).authorize(consentUrl(vendor, changes), { email }));
  return back.searchParams.get("code") ?? "";
}

async function post(
  vendor: Vendor,
  form: Record<string, string>,
  name = "TOKEN_URL",
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
): Promise<{ status: number; body: any }> {
  const client = { client_id: setting(vendor, "CLIENT_ID"), client_secret: setting(vendor, "CLIENT_SECRET") };
  const reply = await fetch(setting(vendor, name), {
    method: "POST",
    body: new URLSearchParams({ ...client, ...form }),
  });
  return { status: reply.status, body: await reply.json() };
}

const exchange = (vendor: Vendor, code: string, changes: Record<string, string> = {}) =>
  post(vendor, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...changes,
  });
const refresh = (vendor: Vendor, refreshToken: string) =>
  post(vendor, { grant_type: "refresh_token", refresh_token: refreshToken });

describe.each(["google", "microsoft"] as const)("the consent page of %s", (vendor) => {
  it("asks a person which account, and for what", async () => {
    const page = await (await fetch(consentUrl(vendor))).text();
    expect(page).toContain('<input type="radio" name="account" value="ana@example.test" checked>');
    expect(page).toContain("wants to access your");
    expect(page.match(/<button/g)).toHaveLength(2);
  });

  it.each([
    { answer: { answer: "allow", account: "ana@example.test", scope: "openid" }, has: "code" },
    { answer: { answer: "deny" }, has: "error" },
  ])("sends the browser back with state and $has", async ({ answer, has }) => {
    const body = new URLSearchParams(answer);
    const reply = await fetch(consentUrl(vendor), { method: "POST", body, redirect: "manual" });
    expect(reply.status).toBe(302);
    const back = new URL(reply.headers.get("location") ?? "");
    expect(back.href.startsWith(redirectUri)).toBe(true);
    expect(back.searchParams.get("state")).toBe("the-state");
    expect(back.searchParams.get(has)).toBeTruthy();
  });

  it.each([
    { changes: { client_id: "somebody-else" }, says: "invalid_client" },
    { changes: { redirect_uri: "http://evil.example.com/" }, says: "redirect_uri_mismatch" },
    { changes: { response_type: "token" }, says: "unsupported_response_type" },
    { changes: { scope: "made-up" }, says: "invalid_scope" },
  ])("shows $says, and sends nobody anywhere", async ({ changes, says }) => {
    const reply = await fetch(consentUrl(vendor, changes));
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain(says);
  });
});

describe.each(["google", "microsoft"] as const)("the token endpoint of %s", (vendor) => {
  it("gives tokens for a code, once", async () => {
    const code = await codeFrom(vendor);
    const { status, body } = await exchange(vendor, code);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token_type: "Bearer",
      scope: vendors[vendor].scope,
      refresh_token: expect.any(String),
    });
    expect(decodeJwt(body.id_token)).toMatchObject({ email: "ana@example.test", aud: "sandbox-client" });
    expect((await exchange(vendor, code)).body.error).toBe("invalid_grant");
  });

  it.each([
    { name: "another verifier", changes: { code_verifier: "x".repeat(43) } },
    { name: "another way back", changes: { redirect_uri: "http://localhost:4000/elsewhere" } },
  ])("refuses a code with $name", async ({ changes }) => {
    expect((await exchange(vendor, await codeFrom(vendor), changes)).status).toBe(400);
  });

  it("refuses a code after ten minutes", async () => {
    const code = await codeFrom(vendor);
    sandbox.clock.advance(10 * 60_000 + 1);
    expect((await exchange(vendor, code)).body.error).toBe("invalid_grant");
  });

  it("refuses a wrong secret with 401", async () => {
    const { status, body } = await exchange(vendor, await codeFrom(vendor), { client_secret: "wrong" });
    expect([status, body.error]).toEqual([401, "invalid_client"]);
  });
});

describe("Google", () => {
  it("gives a refresh token only for offline access, and again only when consent is asked for", async () => {
    const email = "offline@example.test";
    sandbox.googleCalendar.createAccount({ email });
    const given = async (changes: Record<string, string>) =>
      (await exchange("google", await codeFrom("google", changes, email))).body.refresh_token;
    expect(await given({ access_type: "online" })).toBeUndefined();
    expect(await given({ prompt: "none" })).toBeUndefined();
    expect(await given({ prompt: "consent" })).toEqual(expect.any(String));
  });

  it("sends no refresh token when it renews, and takes the same one again", async () => {
    const { body } = await exchange("google", await codeFrom("google"));
    for (const _ of [1, 2]) {
      const renewed = await refresh("google", body.refresh_token);
      expect(renewed.body.access_token).toEqual(expect.any(String));
      expect(renewed.body.refresh_token).toBeUndefined();
    }
  });

  it("ends every grant of the account when one is revoked", async () => {
    const email = "revoke@example.test";
    sandbox.googleCalendar.createAccount({ email });
    const [one, other] = [
      (await exchange("google", await codeFrom("google", {}, email))).body,
      (await exchange("google", await codeFrom("google", {}, email))).body,
    ];
    expect((await post("google", { token: one.refresh_token }, "REVOKE_URL")).status).toBe(200);
    expect((await refresh("google", other.refresh_token)).body).toMatchObject({ error: "invalid_grant" });
    expect((await post("google", { token: one.refresh_token }, "REVOKE_URL")).body.error).toBe("invalid_token");
    const list = await fetch(`${setting("google", "BASE_URL")}calendar/v3/users/me/calendarList`, {
      headers: { authorization: `Bearer ${other.access_token}` },
    });
    expect(list.status).toBe(401);
    expect(await list.json()).toMatchObject({
      error: { errors: [{ reason: "authError" }], status: "UNAUTHENTICATED" },
    });
  });

  it("ends the oldest of more than a hundred refresh tokens", async () => {
    const email = "hundred@example.test";
    sandbox.googleCalendar.createAccount({ email });
    const tokens: string[] = [];
    for (let n = 0; n <= 100; n += 1) {
      tokens.push((await exchange("google", await codeFrom("google", {}, email))).body.refresh_token);
    }
    expect((await refresh("google", tokens[0] ?? "")).body.error).toBe("invalid_grant");
    expect((await refresh("google", tokens[1] ?? "")).status).toBe(200);
  });

  it("covers what was granted before when it is asked to", async () => {
    const email = "more@example.test";
    sandbox.googleCalendar.createAccount({ email });
    const granted = async (changes: Record<string, string>) =>
      (await exchange("google", await codeFrom("google", changes, email))).body.scope.split(" ");
    await granted({ scope: "openid email" });
    expect(await granted({ scope: events })).toEqual([events]);
    const all = await granted({ scope: "profile", include_granted_scopes: "true" });
    expect(all.toSorted()).toEqual(["email", events, "openid", "profile"].toSorted());
  });

  it("says who somebody is by id token, userinfo and tokeninfo alike, as far as the scopes go", async () => {
    const at = (path: string) => new URL(path, setting("google", "BASE_URL"));
    const discovered = await (await fetch(at(".well-known/openid-configuration"))).json();
    expect(discovered).toMatchObject({
      issuer: "https://accounts.google.com",
      token_endpoint: setting("google", "TOKEN_URL"),
    });
    const { body } = await exchange("google", await codeFrom("google", { scope: "openid profile" }));
    const claims = decodeJwt(body.id_token);
    expect([claims["name"], claims["email"]]).toEqual(["ana@example.test", undefined]);
    const headers = { authorization: `Bearer ${body.access_token}` };
    const { sub } = claims;
    expect(await (await fetch(discovered.userinfo_endpoint, { headers })).json()).toEqual({
      sub,
      name: "ana@example.test",
    });
    const info = (token: string) => fetch(at(`tokeninfo?access_token=${token}`));
    expect(await (await info(body.access_token)).json()).toMatchObject({ sub, scope: "openid profile" });
    expect((await info("made-up")).status).toBe(400);
    expect((await fetch(discovered.userinfo_endpoint)).status).toBe(401);
  });

  it("shows the keys that its id tokens are signed with", async () => {
    const { body } = await exchange("google", await codeFrom("google"));
    const keys = createRemoteJWKSet(new URL("oauth2/v3/certs", setting("google", "BASE_URL")));
    const expected = { issuer: "https://accounts.google.com", audience: "sandbox-client" };
    expect((await jwtVerify(body.id_token, keys, expected)).payload["email"]).toBe("ana@example.test");
  });

  it("lets boxes be unticked, all but those of signing in", async () => {
    const back = new URL(
      sandbox.googleCalendar.authorize(consentUrl("google"), { email: "ana@example.test", untick: [events, "openid"] }),
    );
    expect(back.searchParams.get("scope")).toBe("openid email");
  });

  it("ends grants after a week while the app is in Testing, and after six idle months", async () => {
    const own = await startSandbox({ port: 0 });
    own.googleCalendar.createAccount({ email: "ana@example.test" });
    const grantIt = () => own.googleCalendar.authorize(consentUrl("google"), { email: "ana@example.test" });
    grantIt();
    own.googleCalendar.oauth.testing = true;
    own.clock.advance(8 * dayMs);
    await fetch(`${own.origin}/google-calendar/oauth2/v3/certs`);
    expect(own.googleCalendar.grants("ana@example.test")).toEqual([]);
    await own.stop();
  });
});

describe("Microsoft", () => {
  it("gives a new refresh token each time, and goes on taking the old one", async () => {
    const { body } = await exchange("microsoft", await codeFrom("microsoft"));
    const renewed = (await refresh("microsoft", body.refresh_token)).body;
    expect(renewed.refresh_token).not.toBe(body.refresh_token);
    expect((await refresh("microsoft", body.refresh_token)).status).toBe(200);
  });

  it("can be made to end the grant when an old one comes back", async () => {
    sandbox.outlookCalendar.oauth.reuse = "revoke";
    const { body } = await exchange("microsoft", await codeFrom("microsoft"));
    const renewed = (await refresh("microsoft", body.refresh_token)).body;
    expect((await refresh("microsoft", body.refresh_token)).body).toMatchObject({
      error: "invalid_grant",
      error_codes: [700082],
    });
    expect((await refresh("microsoft", renewed.refresh_token)).body.error).toBe("invalid_grant");
    sandbox.outlookCalendar.oauth.reuse = "accept";
  });

  it("gives none without offline_access", async () => {
    const code = await codeFrom("microsoft", { scope: "openid Calendars.ReadWrite" });
    expect((await exchange("microsoft", code)).body.refresh_token).toBeUndefined();
  });
});
