import { describe, expect, it } from "vitest";
import { aZoho, redirectUri, zohoConsentUrl, zohoScopes, zohoTokens } from "../support/zoho-client.ts";

const ana = "ana@example.test";
const minuteMs = 60_000;
const inEu = (origin: string) => `${origin}/accounts.zoho.eu`;
const inUs = (origin: string) => `${origin}/accounts.zoho.com`;
const codeIn = (back: string) => new URL(back).searchParams.get("code") ?? "";
const exchange = (code: string) => ({ grant_type: "authorization_code", code });
const refresh = (token: string) => ({ grant_type: "refresh_token", refresh_token: token });

describe("consent at Zoho", () => {
  it("begins in the United States, and comes back with the person's data centre", async () => {
    const { sandbox, twin, origin } = await aZoho();
    const back = new URL(twin.authorize(zohoConsentUrl(sandbox), { email: ana }));
    expect(Object.fromEntries(back.searchParams)).toEqual({
      code: expect.any(String),
      state: "the-state",
      location: "eu",
      "accounts-server": inEu(origin),
    });
  });

  it.each([
    { dataCenter: "us", accounts: "accounts.zoho.com", calendar: "calendar.zoho.com" },
    { dataCenter: "au", accounts: "accounts.zoho.com.au", calendar: "calendar.zoho.com.au" },
    { dataCenter: "ca", accounts: "accounts.zohocloud.ca", calendar: "calendar.zohocloud.ca" },
  ] as const)("leads to the hosts of $dataCenter", async ({ dataCenter, accounts, calendar }) => {
    const { sandbox, twin, origin, signIn } = await aZoho();
    const email = "kim@example.test";
    twin.createAccount({ email, dataCenter });
    const back = new URL(twin.authorize(zohoConsentUrl(sandbox), { email })).searchParams;
    expect([back.get("location"), back.get("accounts-server")]).toEqual([dataCenter, `${origin}/${accounts}`]);
    const headers = { authorization: `Zoho-oauthtoken ${(await signIn(email)).tokens.access_token}` };
    expect((await fetch(`${origin}/${calendar}/api/v1/calendars`, { headers })).status).toBe(200);
  });

  it("can name Zoho's own host as the accounts server", async () => {
    const { sandbox, twin } = await aZoho();
    twin.oauth.accountsServer = "zoho";
    const back = new URL(twin.authorize(zohoConsentUrl(sandbox), { email: ana }));
    expect(back.searchParams.get("accounts-server")).toBe("https://accounts.zoho.eu");
  });

  it("shows a page that names each scope, apart by commas", async () => {
    const { sandbox } = await aZoho();
    const page = await (await fetch(zohoConsentUrl(sandbox))).text();
    for (const scope of zohoScopes.split(",")) expect(page).toContain(scope);
    expect(page).not.toContain('type="checkbox" checked name="scope"');
  });

  it("takes scopes apart by spaces too, unless it is told not to", async () => {
    const { sandbox, twin } = await aZoho();
    const url = zohoConsentUrl(sandbox, { scope: "ZohoCalendar.calendar.READ ZohoCalendar.event.READ" });
    expect((await fetch(url)).status).toBe(200);
    twin.oauth.takesSpacedScopes = false;
    expect((await fetch(url)).status).toBe(400);
  });

  it("knows no scope but Zoho's", async () => {
    const { sandbox } = await aZoho();
    const reply = await fetch(zohoConsentUrl(sandbox, { scope: "ZohoCalendar.event.EVERYTHING" }));
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain("invalid_scope");
  });

  it("that is refused comes back as access_denied", async () => {
    const { sandbox, twin } = await aZoho();
    const back = new URL(twin.authorize(zohoConsentUrl(sandbox), { email: ana, deny: true }));
    expect(back.searchParams.get("error")).toBe("access_denied");
  });

  it("gives a client no more than ten codes in ten minutes", async () => {
    const { sandbox, twin } = await aZoho();
    const consent = () => new URL(twin.authorize(zohoConsentUrl(sandbox), { email: ana })).searchParams;
    // Ana's signing in was the first.
    for (let n = 2; n <= 10; n += 1) expect(consent().has("code")).toBe(true);
    expect(consent().get("error")).toBe("access_denied");
    sandbox.clock.advance(10 * minuteMs);
    expect(consent().has("code")).toBe(true);
  });
});

describe("Zoho's data centres", () => {
  it("are listed by each of them", async () => {
    const { origin } = await aZoho();
    const { locations } = await (await fetch(`${inUs(origin)}/oauth/serverinfo`)).json();
    expect(Object.keys(locations).sort()).toEqual(["au", "ca", "cn", "eu", "in", "jp", "sa", "uk", "us"]);
    expect(locations.eu).toBe(inEu(origin));
    expect(locations.ca).toBe(`${origin}/accounts.zohocloud.ca`);
  });

  it("exchange a code only where the person is, and it is still good there afterwards", async () => {
    const { sandbox, twin, origin } = await aZoho();
    const code = codeIn(twin.authorize(zohoConsentUrl(sandbox), { email: ana }));
    const wrong = await zohoTokens(sandbox, inUs(origin), exchange(code));
    expect(wrong).toEqual({ status: 200, body: { error: "invalid_code" } });
    expect((await zohoTokens(sandbox, inEu(origin), exchange(code))).body).toHaveProperty("access_token");
  });

  it("refresh a token only where it was given", async () => {
    const { sandbox, origin, ana: client } = await aZoho();
    const form = refresh(client.tokens.refresh_token);
    expect((await zohoTokens(sandbox, inUs(origin), form)).body).toEqual({ error: "invalid_code" });
    expect((await zohoTokens(sandbox, inEu(origin), form)).body).toHaveProperty("access_token");
  });

  it("know a client only where Multi-DC is on", async () => {
    const { sandbox, twin, origin, ana: client } = await aZoho();
    twin.oauth.multiDataCenter = false;
    const { body } = await zohoTokens(sandbox, inEu(origin), refresh(client.tokens.refresh_token));
    expect(body).toEqual({ error: "invalid_client" });
  });

  it("may each have a secret of their own", async () => {
    const { sandbox, twin, origin, ana: client } = await aZoho();
    twin.oauth.secretPerDataCenter = true;
    const form = refresh(client.tokens.refresh_token);
    expect((await zohoTokens(sandbox, inEu(origin), form)).body).toEqual({ error: "invalid_client_secret" });
    const right = { ...form, client_secret: twin.clientSecret("eu") };
    expect((await zohoTokens(sandbox, inEu(origin), right)).body).toHaveProperty("access_token");
  });

  it("let a token in at their own API only", async () => {
    const { ana: client } = await aZoho();
    expect((await client.get("/calendars")).status).toBe(200);
    const elsewhere = await client.at("us").get("/calendars");
    expect([elsewhere.status, elsewhere.body.cause]).toEqual([401, "INVALID_OAUTHTOKEN"]);
  });
});

describe("Zoho's tokens", () => {
  it("are good for an hour, and tell the domain of the API", async () => {
    const { sandbox, ana: client } = await aZoho();
    expect(client.tokens).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      scope: zohoScopes.replaceAll(",", " "),
      api_domain: "https://www.zohoapis.eu",
      token_type: "Bearer",
      expires_in: 3600,
    });
    sandbox.clock.advance(61 * minuteMs);
    expect((await client.get("/calendars")).status).toBe(401);
  });

  it.each([
    { tellsScopes: "commas", scope: zohoScopes },
    { tellsScopes: "not", scope: undefined },
  ] as const)("tell their scopes apart by $tellsScopes", async ({ tellsScopes, scope }) => {
    const { twin, signIn } = await aZoho();
    twin.oauth.tellsScopes = tellsScopes;
    expect((await signIn(ana)).tokens.scope).toBe(scope);
  });

  it("come for a code within three minutes, and once", async () => {
    const { sandbox, twin, origin } = await aZoho();
    const code = () => codeIn(twin.authorize(zohoConsentUrl(sandbox), { email: ana }));
    const [late, once] = [code(), code()];
    expect((await zohoTokens(sandbox, inEu(origin), exchange(once))).body).toHaveProperty("access_token");
    expect((await zohoTokens(sandbox, inEu(origin), exchange(once))).body).toEqual({ error: "invalid_code" });
    sandbox.clock.advance(3 * minuteMs + 1000);
    expect((await zohoTokens(sandbox, inEu(origin), exchange(late))).body).toEqual({ error: "invalid_code" });
  });

  it.each([
    { name: "another redirect", form: { redirect_uri: `${redirectUri}/other` }, error: "invalid_redirect_uri" },
    { name: "another client", form: { client_id: "nobody" }, error: "invalid_client" },
    { name: "another secret", form: { client_secret: "guess" }, error: "invalid_client_secret" },
    { name: "a code of nobody", form: { code: "made-up" }, error: "invalid_code" },
  ])("are refused for $name, with HTTP 200", async ({ form, error }) => {
    const { sandbox, twin, origin } = await aZoho();
    const code = codeIn(twin.authorize(zohoConsentUrl(sandbox), { email: ana }));
    const answer = await zohoTokens(sandbox, inEu(origin), { ...exchange(code), ...form });
    expect(answer).toEqual({ status: 200, body: { error } });
  });

  it("are asked for in the query too, and never by a Basic header", async () => {
    const { sandbox, origin, ana: client } = await aZoho();
    const { ZOHO_CALENDAR_CLIENT_ID: id = "", ZOHO_CALENDAR_CLIENT_SECRET: secret = "" } = sandbox.settings;
    const parameters = new URLSearchParams(refresh(client.tokens.refresh_token));
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
    const url = `${inEu(origin)}/oauth/v2/token`;
    const basic = await fetch(url, { method: "POST", body: parameters, headers: { authorization } });
    expect(await basic.json()).toEqual({ error: "invalid_client" });
    const query = new URLSearchParams([...parameters, ["client_id", id], ["client_secret", secret]]);
    expect(await (await fetch(`${url}?${query}`, { method: "POST" })).json()).toHaveProperty("access_token");
  });

  it("are refreshed without another refresh token", async () => {
    const { sandbox, origin, ana: client } = await aZoho();
    for (let n = 0; n < 2; n += 1) {
      const { body } = await zohoTokens(sandbox, inEu(origin), refresh(client.tokens.refresh_token));
      expect(body).not.toHaveProperty("refresh_token");
      expect(body.expires_in).toBe(3600);
    }
  });

  it("come without a refresh token where offline access is not asked for", async () => {
    const { sandbox, twin, origin } = await aZoho();
    const code = codeIn(twin.authorize(zohoConsentUrl(sandbox, { access_type: "online" }), { email: ana }));
    expect((await zohoTokens(sandbox, inEu(origin), exchange(code))).body).not.toHaveProperty("refresh_token");
  });

  it("are ten in ten minutes for one refresh token, and then Access Denied", async () => {
    const { sandbox, origin, ana: client } = await aZoho();
    const renew = () => zohoTokens(sandbox, inEu(origin), refresh(client.tokens.refresh_token));
    for (let n = 0; n < 10; n += 1) expect((await renew()).body).toHaveProperty("access_token");
    expect(await renew()).toMatchObject({ status: 200, body: { error: "Access Denied" } });
    sandbox.clock.advance(10 * minuteMs);
    expect((await renew()).body).toHaveProperty("access_token");
  });

  it("are fifteen at a time for one refresh token: the oldest ends", async () => {
    const { sandbox, twin, origin, ana: client } = await aZoho();
    twin.oauth.accessTokensPerTenMinutes = 100;
    const renew = () => zohoTokens(sandbox, inEu(origin), refresh(client.tokens.refresh_token));
    for (let n = 2; n <= 15; n += 1) await renew();
    expect((await client.get("/calendars")).status).toBe(200);
    await renew();
    expect((await client.get("/calendars")).status).toBe(401);
  });

  it("have twenty refresh tokens for one person and client: the oldest ends, and nobody is told", async () => {
    const { sandbox, twin, origin, ana: client, signIn } = await aZoho();
    Object.assign(twin.oauth, { codesPerTenMinutes: 100, refreshTokensPerTenMinutes: 100 });
    const renew = () => zohoTokens(sandbox, inEu(origin), refresh(client.tokens.refresh_token));
    for (let n = 2; n <= 20; n += 1) await signIn(ana);
    expect((await renew()).body).toHaveProperty("access_token");
    await signIn(ana);
    expect((await renew()).body).toEqual({ error: "invalid_code" });
  });

  it("have ten new refresh tokens in ten minutes", async () => {
    const { twin, signIn } = await aZoho();
    twin.oauth.codesPerTenMinutes = 100;
    for (let n = 2; n <= 10; n += 1) await signIn(ana);
    expect((await signIn(ana)).tokens).toMatchObject({ error: "Access Denied", status: "failure" });
  });

  it.each(["Zoho-oauthtoken", "Bearer"])("are let in as %s", async (scheme) => {
    const { twin, origin, ana: client } = await aZoho();
    const headers = { authorization: `${scheme} ${client.tokens.access_token}` };
    const ask = async () => (await fetch(`${origin}/calendar.zoho.eu/api/v1/calendars`, { headers })).status;
    expect(await ask()).toBe(200);
    twin.switches.takesBearer = false;
    expect(await ask()).toBe(scheme === "Bearer" ? 401 : 200);
  });

  it("are revoked in their own data centre, with all that their consent gave", async () => {
    const { origin, twin, ana: client, signIn } = await aZoho();
    const other = await signIn(ana);
    const revoke = async (server: string) => {
      const url = `${server}/oauth/v2/token/revoke?token=${client.tokens.refresh_token}`;
      return (await fetch(url, { method: "POST" })).json();
    };
    expect(await revoke(inUs(origin))).toEqual({ error: "invalid_code" });
    expect(await revoke(inEu(origin))).toEqual({ status: "success" });
    expect((await client.get("/calendars")).status).toBe(401);
    expect((await other.get("/calendars")).status).toBe(200);
    expect(twin.grants(ana)).toHaveLength(1);
  });
});

describe("a person at Zoho", () => {
  it("has a number, an address and a name, for whoever may see the profile", async () => {
    const { origin, ana: client, signIn } = await aZoho();
    const info = async (token: string) => {
      const headers = { authorization: `Zoho-oauthtoken ${token}` };
      const reply = await fetch(`${inEu(origin)}/oauth/user/info`, { headers });
      return { status: reply.status, body: await reply.json() };
    };
    expect((await info(client.tokens.access_token)).body).toEqual({
      ZUID: expect.any(Number),
      Email: ana,
      Display_Name: "Ana Muster",
      First_Name: "Ana",
      Last_Name: "Muster",
    });
    const without = await signIn(ana, "ZohoCalendar.event.READ");
    expect((await info(without.tokens.access_token)).status).toBe(401);
    expect((await info("made-up")).status).toBe(401);
  });
});
