import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { auth, renewal } from "../../src/providers/calendar/outlook-calendar/oauth.ts";
import { outlookCalendar } from "../../src/providers/calendar/outlook-calendar.ts";
import {
  createTokenEndpoint,
  type GrantedTokens,
  type TokenEndpoint,
  type TokenEndpointOptions,
} from "../../src/providers/token-endpoint.ts";
import type { RenewedTokens } from "../../src/providers/token-renewal.ts";
import { createEgress } from "../../src/security/egress.ts";
import { describeOAuthProvider } from "../contract/oauth-provider.ts";
import { asConsentProvider } from "../support/oauth-client.ts";
import { createOutlookOAuthVendor } from "../support/outlook-oauth-vendor.ts";

describeOAuthProvider(asConsentProvider(outlookCalendar), createOutlookOAuthVendor);

const email = "ana@example.test";
const redirectUri = "http://localhost:4000/oauth/callback";
let sandbox: Sandbox;
let endpoint: TokenEndpoint;

function anEndpoint(client: Partial<TokenEndpointOptions["client"]> = {}): TokenEndpoint {
  const setting = (name: string) => sandbox.settings[`OUTLOOK_CALENDAR_${name}`] ?? "";
  return createTokenEndpoint({
    vendor: "Microsoft",
    auth,
    client: { id: setting("CLIENT_ID"), secret: setting("CLIENT_SECRET"), ...client },
    authorizationUrl: setting("AUTH_URL"),
    tokenUrl: setting("TOKEN_URL"),
    revocationUrl: null,
    agents: createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [] }).agents,
    userAgent: "integrations-subgraph/test",
    now: () => new Date(),
  });
}

async function consented(): Promise<GrantedTokens> {
  const parameters = { redirect_uri: redirectUri, state: "state", ...auth.authorizationParams({ loginHint: email }) };
  const back = sandbox.outlookCalendar.authorize(endpoint.consentUrl(auth.scopes, parameters), { email });
  const code = new URL(back).searchParams.get("code") ?? "";
  return endpoint.exchange(code, { codeVerifier: null, redirectUri });
}

async function renew(refreshToken: string | null, at = endpoint): Promise<RenewedTokens> {
  if (renewal.kind !== "refreshToken") throw new Error("Microsoft has refresh tokens");
  return renewal.refresh({ endpoint: at, refreshToken: refreshToken ?? "" });
}

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  sandbox.outlookCalendar.createAccount({ email });
  endpoint = anEndpoint();
});
beforeEach(() => {
  sandbox.outlookCalendar.oauth.refuseWith = null;
});
afterAll(() => sandbox.stop());

describe("Microsoft's consent", () => {
  it("gives a refresh token, and all that was asked for", async () => {
    const { refreshToken, scopes, idToken } = await consented();
    expect(refreshToken).not.toBeNull();
    expect(idToken).not.toBeNull();
    expect(auth.missingScopes(scopes ?? [])).toEqual([]);
  });

  it("lacks the calendars when they were not granted, however their names are written", () => {
    expect(auth.missingScopes(["User.Read"])).toEqual(["Calendars.ReadWrite"]);
    expect(auth.missingScopes(["https://graph.microsoft.com/Calendars.ReadWrite"])).toEqual([]);
  });
});

describe("Microsoft's renewal", () => {
  it("gives a new refresh token, and takes the old one again", async () => {
    const { refreshToken } = await consented();
    const renewed = await renew(refreshToken);
    expect(renewed.refreshToken).not.toBe(refreshToken);
    expect((await renew(renewed.refreshToken)).accessToken).not.toBe(renewed.accessToken);
    expect((await renew(refreshToken)).refreshToken).not.toBe("");
  });

  it.each([
    { error: "invalid_grant", code: 700082, means: "REAUTHORIZATION_REQUIRED", retryable: false },
    { error: "interaction_required", code: 50076, means: "REAUTHORIZATION_REQUIRED", retryable: false },
    { error: "invalid_grant", code: 99999999, means: "REAUTHORIZATION_REQUIRED", retryable: false },
    { error: "invalid_client", code: 7000222, means: "NOT_CONFIGURED", retryable: true },
    { error: "temporarily_unavailable", code: 90033, means: "PROVIDER_UNAVAILABLE", retryable: true },
  ])("that is refused with $error and $code means $means", async ({ error, code, means, retryable }) => {
    const { refreshToken } = await consented();
    sandbox.outlookCalendar.revoke(email);
    sandbox.outlookCalendar.oauth.refuseWith = { error, code };
    await expect(renew(refreshToken)).rejects.toMatchObject({
      code: means,
      providerCode: `AADSTS${code}`,
      retryable,
    });
  });

  it("with a wrong secret is the operator's to mend, and nobody's consent is gone", async () => {
    const { refreshToken } = await consented();
    const refused = renew(refreshToken, anEndpoint({ secret: "wrong" }));
    await expect(refused).rejects.toMatchObject({ code: "NOT_CONFIGURED", providerCode: "AADSTS7000215" });
    expect((await renew(refreshToken)).accessToken).not.toBe("");
  });
});
