import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultZohoOAuthSwitches } from "../../sandbox/oauth/zoho.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { type DataCenter, dataCenters } from "../../sandbox/zoho-calendar/data-centers.ts";
import { zohoCalendar } from "../../src/providers/calendar/zoho-calendar.ts";
import { describeOAuthProvider } from "../contract/oauth-provider.ts";
import { asConsentProvider, openOAuthClient } from "../support/oauth-client.ts";
import { createZohoOAuthVendor } from "../support/zoho-oauth-vendor.ts";

describeOAuthProvider(asConsentProvider(zohoCalendar), createZohoOAuthVendor);

const provider = asConsentProvider(zohoCalendar);
const { auth } = provider;
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
beforeEach(() => {
  const unlimited = Number.POSITIVE_INFINITY;
  const roomy = { codesPerTenMinutes: unlimited, refreshTokensPerTenMinutes: unlimited };
  Object.assign(sandbox.zohoCalendar.oauth, defaultZohoOAuthSwitches(), roomy);
});
afterAll(() => sandbox.stop());

/** Somebody whose account is in a data centre, and this service as it goes on after their way back from consent. */
function consented(dataCenter: DataCenter, settings = sandbox.settings) {
  const email = `${randomUUID().slice(0, 8)}@example.test`;
  sandbox.zohoCalendar.createAccount({ email, dataCenter });
  const first = openOAuthClient(provider, { settings });
  const request = first.begin();
  const back = new URL(sandbox.zohoCalendar.authorize(first.consentUrl(request), { email })).searchParams;
  const accountSettings = auth.settingsIn?.(Object.fromEntries(back), first.endpoints) ?? {};
  const client = openOAuthClient(provider, { settings, accountSettings });
  return { email, client, accountSettings, exchange: () => client.exchange(back.get("code") ?? "", request) };
}

describe("Zoho's data centres", () => {
  it.each(Object.keys(dataCenters) as DataCenter[])(
    "are found on the way back, and kept to: %s",
    async (dataCenter) => {
      const { email, client, accountSettings, exchange } = consented(dataCenter);
      expect(accountSettings).toEqual({ dataCenter });
      const granted = await exchange();
      const proven = await client.identify(granted);
      expect(proven).toMatchObject({ displayName: email, settings: { dataCenter, address: email } });
      expect(proven.externalId).toMatch(new RegExp(`^${dataCenter}\\.\\d+$`));
      expect(proven.calendars).toHaveLength(1);
      await client.endpoint.revoke(granted.refreshToken ?? "");
      expect(sandbox.zohoCalendar.grants(email)).toEqual([]);
    },
  );

  it("have addresses of their own, but for the consent page", () => {
    expect(auth.endpoints({ dataCenter: "ca" })).toEqual({
      authorizationUrl: "https://accounts.zoho.com/oauth/v2/auth",
      tokenUrl: "https://accounts.zohocloud.ca/oauth/v2/token",
      revocationUrl: "https://accounts.zohocloud.ca/oauth/v2/token/revoke",
      apiUrl: "https://calendar.zohocloud.ca/api/v1/",
    });
    expect(auth.endpoints({ dataCenter: "au" }).apiUrl).toBe("https://calendar.zoho.com.au/api/v1/");
    expect(auth.endpoints({}).apiUrl).toBe("https://calendar.zoho.com/api/v1/");
  });

  it.each([
    {
      moved: "https://accounts.zoho.eu/oauth/v2/token",
      dataCenter: "in",
      to: "https://accounts.zoho.in/oauth/v2/token",
    },
    {
      moved: "http://127.0.0.1:1/calendar.zoho.com.au/api/",
      dataCenter: "us",
      to: "http://127.0.0.1:1/calendar.zoho.com/api/",
    },
    { moved: "https://proxy.example.com/zoho/", dataCenter: "eu", to: "https://proxy.example.com/zoho/" },
    { moved: "https://calendar.zoho.com/api/v1/", dataCenter: undefined, to: "https://calendar.zoho.com/api/v1/" },
  ])("are followed by $moved: $to", ({ moved, dataCenter, to }) => {
    expect(auth.relocate?.(moved, dataCenter === undefined ? {} : { dataCenter })).toBe(to);
  });

  it("are told by Zoho's own host too, where the operator has moved the rest", () => {
    sandbox.zohoCalendar.oauth.accountsServer = "zoho";
    const { accountSettings, client } = consented("jp");
    expect(accountSettings).toEqual({ dataCenter: "jp" });
    expect(client.endpoints.tokenUrl).toContain(`${sandbox.origin}/zoho-calendar/accounts.zoho.jp/`);
  });

  it("are told by their name where no server is named, and by nothing where nothing is said", () => {
    const { endpoints } = openOAuthClient(provider, sandbox);
    expect(auth.settingsIn?.({ location: "in" }, endpoints)).toEqual({ dataCenter: "in" });
    expect(auth.settingsIn?.({ code: "c" }, endpoints)).toEqual({});
    expect(() => auth.settingsIn?.({ location: "moon" }, endpoints)).toThrow(
      expect.objectContaining({ code: "EGRESS_REFUSED", remedy: expect.any(String) }),
    );
  });
});

describe("Zoho's token endpoint", () => {
  it("is asked for scopes with commas between them, which it may insist on", async () => {
    sandbox.zohoCalendar.oauth.takesSpacedScopes = false;
    const { client, exchange } = consented("us");
    expect(new URL(client.consentUrl(client.begin())).searchParams.get("scope")).toBe(auth.scopes.join(","));
    expect((await exchange()).refreshToken).not.toBeNull();
  });

  it.each(["spaces", "commas", "not"] as const)("tells what was granted with %s", async (tellsScopes) => {
    sandbox.zohoCalendar.oauth.tellsScopes = tellsScopes;
    const { scopes } = await consented("us").exchange();
    expect(auth.missingScopes(scopes ?? auth.scopes)).toEqual([]);
  });

  it.each([200, 400] as const)("refuses with HTTP %i and a word that decides", async (errorStatus) => {
    Object.assign(sandbox.zohoCalendar.oauth, { errorStatus, secretPerDataCenter: true });
    await expect(consented("in").exchange()).rejects.toMatchObject({
      code: "NOT_CONFIGURED",
      providerCode: "invalid_client_secret",
      remedy: expect.stringContaining("data centre"),
    });
    sandbox.zohoCalendar.oauth.multiDataCenter = false;
    await expect(consented("in").exchange()).rejects.toMatchObject({
      code: "NOT_CONFIGURED",
      providerCode: "invalid_client",
      remedy: expect.stringContaining("Multi-DC"),
    });
    const { client, exchange, email } = consented("us");
    const { refreshToken } = await exchange();
    sandbox.zohoCalendar.revoke(email);
    await expect(client.endpoint.refresh(refreshToken ?? "")).rejects.toMatchObject({
      code: "REAUTHORIZATION_REQUIRED",
      providerCode: "invalid_code",
    });
    await client.endpoint.revoke(refreshToken ?? "");
  });

  it.each([
    { status: 200, error: "Access Denied" },
    { status: 400, error: "access_denied" },
    { status: 429, error: "Access Denied" },
  ] as const)("limits renewals with HTTP $status and $error, and takes nobody's grant", async (limitError) => {
    const { client, exchange, email } = consented("eu");
    const { refreshToken } = await exchange();
    Object.assign(sandbox.zohoCalendar.oauth, { limitError, accessTokensPerTenMinutes: 0 });
    const waiting = limitError.status === 429 ? {} : { retryAfterMs: 600_000, providerCode: limitError.error };
    await expect(client.endpoint.refresh(refreshToken ?? "")).rejects.toMatchObject({
      code: "RATE_LIMITED",
      retryable: true,
      ...waiting,
    });
    expect(sandbox.zohoCalendar.grants(email)).toHaveLength(1);
  });

  it("gives access that is good in its own data centre alone", async () => {
    const { exchange } = consented("eu");
    const granted = await exchange();
    const elsewhere = openOAuthClient(provider, { ...sandbox, accountSettings: { dataCenter: "us" } });
    await expect(elsewhere.identify(granted)).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
  });
});
