import { describe, expect, it } from "vitest";
import { authorizationUrl, exchangeProof } from "../../src/providers/authorization-request.ts";
import type { OAuth } from "../../src/providers/oauth.ts";

/** RFC 7636, appendix B. */
const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const redirectUri = "https://integrations.example.com/oauth/callback";
const request = { redirectUri, state: "of-ana", codeVerifier, loginHint: "ana@example.test" };

/** What the consent page is asked with. */
function askedWith(declared: Partial<OAuth<unknown>>): unknown {
  const auth = { scopes: ["calendar"], pkce: "S256" as const, authorizationParams: () => ({}), ...declared };
  return JSON.parse(
    authorizationUrl(auth, { consentUrl: (scopes, parameters) => JSON.stringify({ scopes, ...parameters }) }, request),
  );
}

describe("an authorization request", () => {
  it("proves with the challenge, and keeps the verifier for the exchange (RFC 7636)", () => {
    expect(askedWith({})).toEqual({
      scopes: ["calendar"],
      redirect_uri: redirectUri,
      state: "of-ana",
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
    });
    expect(exchangeProof({ pkce: "S256" }, request)).toEqual({ redirectUri, codeVerifier });
  });

  it("has no proof where the provider says why not", () => {
    const pkce = { off: "The vendor refuses parameters that it does not know." };
    expect(askedWith({ pkce })).toEqual({ scopes: ["calendar"], redirect_uri: redirectUri, state: "of-ana" });
    expect(exchangeProof({ pkce }, request)).toEqual({ redirectUri, codeVerifier: null });
  });

  it("has what the provider declares, which may name the account, and cannot take the protocol's own place", () => {
    const authorizationParams: OAuth<unknown>["authorizationParams"] = ({ loginHint }) => ({
      prompt: "consent",
      login_hint: loginHint ?? "",
      state: "of-eve",
      redirect_uri: "https://eve.example.com/",
    });
    expect(askedWith({ authorizationParams })).toMatchObject({
      prompt: "consent",
      login_hint: "ana@example.test",
      state: "of-ana",
      redirect_uri: redirectUri,
    });
  });
});
