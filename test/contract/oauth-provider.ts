import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IntegrationError } from "../../src/errors.ts";
import type { AuthorizationRequest } from "../../src/providers/authorization-request.ts";
import { accessTokenHeader } from "../../src/providers/oauth.ts";
import type { AccountSettings } from "../../src/providers/provider.ts";
import type { GrantedTokens, TokenEndpoint } from "../../src/providers/token-endpoint.ts";
import type { RenewedTokens } from "../../src/providers/token-renewal.ts";
import { refusalOf } from "../../src/services/consent-refused.ts";
import type { ConsentChoice, ConsentPage } from "../support/consent.ts";
import { type ConsentProvider, type OAuthClient, openOAuthClient } from "../support/oauth-client.ts";

/** How a token endpoint goes wrong without anybody's grant being in doubt. */
export type TokenTrouble = "down" | "web-page" | "truncated" | "hung-up" | "slow" | "rate-limited";

/** One vendor with a consent page to run the contract on: its twin, as a rule. */
export interface OAuthVendor extends ConsentPage {
  /** What the operator sets to reach it, as in the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** What an account has to say before it can consent, where the declaration has `fields`. */
  readonly accountSettings?: AccountSettings;
  /** Makes an account. @returns the address that people sign in with */
  createAccount(): string;
  /** Whether people can take away the box of this scope. Left out where the vendor lets nobody choose. */
  canBeUnticked?(scope: string): boolean;
  /** Why people are known by their address here. Left out where accounts have a name that never changes. */
  readonly knownByAddress?: string;
  /** Whether the vendor's API lets this `Authorization` header in. */
  takes(authorization: string): Promise<boolean>;
  /** How many consents of an account the vendor holds to be good. */
  goodGrants(email: string): number;
  /** As when people remove this service at their account page. */
  endGrants(email: string): void;
  /** Tokens and their ends meet this, in the vendor's own manner, until the function returned is called. */
  failTokens(trouble: TokenTrouble): () => void;
  /** Every code and token that was given out. */
  issuedSecrets(): readonly string[];
  stop(): Promise<void>;
}

/** Parameters of RFC 6749 §4.1.1 and RFC 7636 §4.3, which are nobody's to declare. */
const protocolsOwn = [
  ...["response_type", "client_id", "redirect_uri", "scope", "state"],
  ...["code_challenge", "code_challenge_method"],
];
/** The answer gets lost on its way: the vendor has taken the refresh token. */
const lost: readonly TokenTrouble[] = ["slow", "truncated"];
/** Shorter than the twins' idea of slow. */
const impatientMs = 300;

/** One person's way through the consent page. */
interface Consented {
  readonly email: string;
  readonly request: AuthorizationRequest;
  readonly code: string;
}

interface Granted {
  readonly email: string;
  readonly granted: GrantedTokens;
  /** Of the code's tokens. */
  readonly refreshToken: string;
}

/** What every provider with a consent page promises, whoever the vendor is. What it does not declare is left out. */
export function describeOAuthProvider(provider: ConsentProvider, createVendor: () => Promise<OAuthVendor>): void {
  const { auth, renewal } = provider;

  describe(`${provider.name} keeps the consent contract:`, () => {
    let vendor: OAuthVendor;
    let client: OAuthClient;
    let stranger: OAuthClient;
    let impatient: OAuthClient;
    const secrets = new Set<string>();

    beforeAll(async () => {
      vendor = await createVendor();
      const { settings, accountSettings = {} } = vendor;
      const secret = `${provider.id}_CLIENT_SECRET`;
      const wrongly = { ...settings, [secret]: "a-wrong-client-secret" };
      client = openOAuthClient(provider, { settings, accountSettings });
      stranger = openOAuthClient(provider, { settings: wrongly, accountSettings });
      impatient = openOAuthClient(provider, { settings, accountSettings, timeoutMs: impatientMs });
      for (const text of [settings[secret], wrongly[secret]]) if (text) secrets.add(text);
    });
    afterAll(() => vendor.stop());

    const begin = (): AuthorizationRequest => {
      const request = client.begin();
      secrets.add(request.codeVerifier);
      return request;
    };

    const expectNoSecretIn = (text: string) => {
      const all = [...secrets, ...vendor.issuedSecrets()];
      expect(all.filter((secret) => text.includes(secret))).toEqual([]);
    };

    const clientIn = (trouble: TokenTrouble) => (trouble === "slow" ? impatient : client);

    /** The error that it ends in, which tells no secret: not in its message, nor in its causes, nor as JSON. */
    const failureOf = async (work: Promise<unknown>): Promise<IntegrationError> => {
      const error: unknown = await work.then(
        () => "no failure",
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ name: "IntegrationError" });
      expectNoSecretIn(inspect(error, { depth: null, showHidden: true }));
      expectNoSecretIn(JSON.stringify(error, Object.getOwnPropertyNames(error)));
      return error as IntegrationError;
    };

    /** What the browser brings back from the consent page. */
    const backWith = (request: AuthorizationRequest, choice: ConsentChoice) =>
      new URL(vendor.authorize(client.consentUrl(request), choice)).searchParams;

    const consented = (email = vendor.createAccount(), choice: Omit<ConsentChoice, "email"> = {}): Consented => {
      const request = begin();
      return { email, request, code: backWith(request, { email, ...choice }).get("code") ?? "" };
    };

    const granted = async (email?: string): Promise<Granted> => {
      const { code, request, ...person } = consented(email);
      const tokens = await client.exchange(code, request);
      return { ...person, granted: tokens, refreshToken: tokens.refreshToken ?? "" };
    };

    const refresh = (refreshToken: string, { endpoint } = client): Promise<RenewedTokens> => {
      if (renewal.kind !== "refreshToken") throw new Error("A person's consent is kept alive by a refresh token");
      return renewal.refresh({ endpoint, refreshToken });
    };

    const isTaken = ({ accessToken }: Pick<GrantedTokens, "accessToken">) =>
      vendor.takes(accessTokenHeader(auth, accessToken));

    const lackingIn = ({ scopes }: GrantedTokens) => auth.missingScopes(scopes ?? auth.scopes);

    describe("asking for consent", () => {
      it.each([
        { name: "a new account", loginHint: null },
        { name: "an account that is connected again", loginHint: "ana@example.test" },
      ])(
        "for $name, says who asks, for what, and where to come back to, with all that is declared",
        ({ loginHint }) => {
          const request = client.begin(loginHint);
          const url = new URL(client.consentUrl(request));
          const asked = Object.fromEntries(url.searchParams);
          expect(`${url.origin}${url.pathname}`).toBe(client.endpoints.authorizationUrl);
          expect(asked).toMatchObject({
            ...auth.authorizationParams({ loginHint }),
            response_type: "code",
            client_id: vendor.settings[`${provider.id}_CLIENT_ID`],
            redirect_uri: request.redirectUri,
            state: request.state,
          });
          expect(asked["scope"]?.match(/[^ ,]+/g) ?? []).toEqual(auth.scopes);
        },
      );

      it("proves that whoever exchanges the code is who asked for it, or says why not (RFC 7636)", () => {
        const request = begin();
        const asked = new URL(client.consentUrl(request)).searchParams;
        expectNoSecretIn(asked.toString());
        if (auth.pkce !== "S256") {
          expect(auth.pkce.off).not.toBe("");
          expect(asked.has("code_challenge")).toBe(false);
          return;
        }
        expect(asked.get("code_challenge_method")).toBe("S256");
        expect(asked.get("code_challenge")).toBe(createHash("sha256").update(request.codeVerifier).digest("base64url"));
      });

      it("declares parameters that say something, and none that are the protocol's own", () => {
        for (const loginHint of [null, "ana@example.test"]) {
          const declared = auth.authorizationParams({ loginHint });
          expect(Object.keys(declared).filter((name) => protocolsOwn.includes(name))).toEqual([]);
          expect(Object.values(declared)).not.toContain("");
        }
      });
    });

    describe("coming back from it", () => {
      it("brings a code, with the state that was given", () => {
        const request = begin();
        const back = backWith(request, { email: vendor.createAccount() });
        expect(back.get("state")).toBe(request.state);
        expect(back.get("code")).toMatch(/./);
        expect(back.has("error")).toBe(false);
      });

      it("says that the consent was refused, and leaves no grant", () => {
        const email = vendor.createAccount();
        const request = begin();
        const back = backWith(request, { email, deny: true });
        expect(back.get("state")).toBe(request.state);
        expect(back.has("code")).toBe(false);
        expect(refusalOf(provider.name, back.get("error"))).toMatchObject({
          code: "PROVIDER_REFUSED",
          message: expect.stringContaining("Consent was refused"),
        });
        expect(vendor.goodGrants(email)).toBe(0);
      });

      it("lacks nothing when everything was allowed", async () => {
        expect(lackingIn((await granted()).granted)).toEqual([]);
      });

      it("lacks what nothing works without when that was not granted, by the names that were asked for", ({ skip }) => {
        if (auth.scopes.length === 0) return skip("Nothing is asked for by name");
        const needed = auth.missingScopes([]);
        expect(needed).not.toEqual([]);
        expect(auth.scopes).toEqual(expect.arrayContaining([...needed]));
        for (const scope of auth.scopes) {
          const others = auth.scopes.filter((other) => other !== scope);
          expect(auth.missingScopes(others)).toEqual(needed.filter((name) => name === scope));
        }
      });

      it("lacks the very scope whose box was taken away, where the vendor lets one", async ({ skip }) => {
        const optional = auth.scopes.filter((scope) => vendor.canBeUnticked?.(scope));
        if (optional.length === 0) return skip("This vendor lets nobody choose");
        const needed = auth.missingScopes([]);
        for (const scope of optional) {
          const { code, request } = consented(undefined, { untick: [scope] });
          const lacking = lackingIn(await client.exchange(code, request));
          expect(lacking).toEqual(needed.filter((name) => name === scope));
        }
      });
    });

    describe("exchanging the code", () => {
      it("gives access that the API takes, and that lasts", async () => {
        const { email, granted: tokens } = await granted();
        expect(await isTaken(tokens)).toBe(true);
        expect(tokens.refreshToken).not.toBeNull();
        expect(vendor.goodGrants(email)).toBe(1);
      });

      it("gives lasting access again to an account that consents again", async () => {
        const { email } = await granted();
        expect((await granted(email)).granted.refreshToken).not.toBeNull();
      });

      it("happens once", async () => {
        const { code, request } = consented();
        await client.exchange(code, request);
        expect(await failureOf(client.exchange(code, request))).toMatchObject({ code: "CREDENTIALS_REJECTED" });
      });

      it("is refused for a code that was made up", async () => {
        secrets.add("a-made-up-code");
        const failure = await failureOf(client.exchange("a-made-up-code", begin()));
        expect(failure).toMatchObject({ code: "CREDENTIALS_REJECTED", retryable: false });
      });

      it("is refused to whoever did not ask for it", async ({ skip }) => {
        if (auth.pkce !== "S256") return skip("This vendor knows no proof");
        const { code } = consented();
        expect(await failureOf(client.exchange(code, begin()))).toMatchObject({ code: "CREDENTIALS_REJECTED" });
      });

      it.each(["down", "hung-up", "slow", "rate-limited", "web-page", "truncated"] as const)(
        "may be tried again with another consent when the token endpoint is %s",
        async (trouble) => {
          const { code, request } = consented();
          const recover = vendor.failTokens(trouble);
          const failure = await failureOf(clientIn(trouble).exchange(code, request)).finally(recover);
          expect(failure).toMatchObject({ fault: "provider", retryable: true });
        },
      );

      it("with a wrong client secret is the operator's to mend", async ({ skip }) => {
        if (auth.clientAuthentication === "none") return skip("Our client is a public one");
        const { code, request } = consented();
        const failure = await failureOf(stranger.exchange(code, request));
        expect(failure).toMatchObject({ code: "NOT_CONFIGURED", fault: "operator" });
      });
    });

    describe("whose account it is", () => {
      const identified = async ({ granted: tokens }: Granted) => {
        const proven = await client.identify(tokens);
        expectNoSecretIn(JSON.stringify(proven));
        return proven;
      };

      it("is the same whenever the same person consents, and another for somebody else", async () => {
        const first = await granted();
        const { externalId, displayName } = await identified(first);
        expect(externalId).not.toBe("");
        expect(displayName).not.toBe("");
        expect((await identified(await granted(first.email))).externalId).toBe(externalId);
        expect((await identified(await granted())).externalId).not.toBe(externalId);
      });

      it("is no address, which may be given to somebody else", async ({ skip }) => {
        if (vendor.knownByAddress !== undefined) return skip(vendor.knownByAddress);
        const person = await granted();
        expect((await identified(person)).externalId).not.toContain(person.email);
      });

      it("is the same after a renewal", async () => {
        const person = await granted();
        const { externalId } = await identified(person);
        const renewed = await refresh(person.refreshToken);
        const { idToken } = person.granted;
        const after = { ...person, granted: { ...renewed, idToken: renewed.idToken ?? idToken } };
        expect((await identified(after)).externalId).toBe(externalId);
      });
    });

    describe("renewing access", () => {
      it("gives a new access token that the API takes", async () => {
        const { granted: tokens, refreshToken } = await granted();
        const renewed = await refresh(refreshToken);
        expect(renewed.accessToken).not.toBe(tokens.accessToken);
        expect(await isTaken(renewed)).toBe(true);
      });

      it("keeps the refresh token when the vendor sends none, and takes the one that it sends (RFC 6749 §6)", async () => {
        const { refreshToken } = await granted();
        const answers: GrantedTokens[] = [];
        const answering = (changes: Partial<GrantedTokens>): OAuthClient => ({
          ...client,
          endpoint: {
            ...client.endpoint,
            async refresh(token) {
              const answer = { ...(await client.endpoint.refresh(token)), ...changes };
              answers.push(answer);
              return answer;
            },
          } satisfies TokenEndpoint,
        });
        const renewed = await refresh(refreshToken, answering({}));
        expect(renewed.refreshToken).toBe(answers[0]?.refreshToken ?? refreshToken);
        const again = await refresh(renewed.refreshToken, answering({ refreshToken: null }));
        expect(again.refreshToken).toBe(renewed.refreshToken);
        const other = (await granted()).refreshToken;
        expect(await refresh(other, answering({ refreshToken: "the-next" }))).toMatchObject({
          refreshToken: "the-next",
        });
      });

      it("goes on with what the last renewal gave", async () => {
        let { refreshToken } = await granted();
        for (let renewals = 0; renewals < 3; renewals += 1) {
          const renewed = await refresh(refreshToken);
          expect(await isTaken(renewed)).toBe(true);
          ({ refreshToken } = renewed);
        }
      });

      it("finds a refresh token that comes a second time treated as it is declared", async ({ skip }) => {
        const { email, refreshToken } = await granted();
        const renewed = await refresh(refreshToken);
        if (renewal.kind !== "refreshToken" || renewed.refreshToken === refreshToken) {
          return skip("This vendor goes on with one refresh token");
        }
        if (renewal.reuse === "accepted") {
          expect(await isTaken(await refresh(refreshToken))).toBe(true);
          return;
        }
        expect(await failureOf(refresh(refreshToken))).toMatchObject({ code: "REAUTHORIZATION_REQUIRED" });
        expect(vendor.goodGrants(email)).toBe(0);
      });

      it("ends when the grant is gone, and says what a person can do", async () => {
        const { email, refreshToken } = await granted();
        vendor.endGrants(email);
        expect(await failureOf(refresh(refreshToken))).toMatchObject({
          code: "REAUTHORIZATION_REQUIRED",
          retryable: false,
          remedy: expect.stringMatching(/./),
        });
      });

      it("with a wrong client secret is the operator's to mend, and costs nobody their grant", async ({ skip }) => {
        if (auth.clientAuthentication === "none") return skip("Our client is a public one");
        const { email, refreshToken } = await granted();
        expect(await failureOf(refresh(refreshToken, stranger))).toMatchObject({
          code: "NOT_CONFIGURED",
          fault: "operator",
          retryable: true,
        });
        expect(vendor.goodGrants(email)).toBe(1);
        expect(await isTaken(await refresh(refreshToken))).toBe(true);
      });

      it.each([
        { trouble: "down", code: "PROVIDER_UNAVAILABLE" },
        { trouble: "hung-up", code: "PROVIDER_UNAVAILABLE" },
        { trouble: "slow", code: "PROVIDER_UNAVAILABLE" },
        { trouble: "rate-limited", code: "RATE_LIMITED" },
        { trouble: "web-page", code: "PROVIDER_REPLY_INVALID" },
        { trouble: "truncated", code: "PROVIDER_REPLY_INVALID" },
      ] as const)("is $code when the token endpoint is $trouble, and the grant stays", async ({ trouble, code }) => {
        const { email, refreshToken } = await granted();
        const recover = vendor.failTokens(trouble);
        const failure = await failureOf(refresh(refreshToken, clientIn(trouble))).finally(recover);
        expect(failure).toMatchObject({ code, fault: "provider", retryable: true });
        expect(vendor.goodGrants(email)).toBe(1);
        // Then a vendor that takes no token twice ends the grant, and nobody can help it.
        if (renewal.kind === "refreshToken" && renewal.reuse === "ends-the-grant" && lost.includes(trouble)) return;
        expect(await isTaken(await refresh(refreshToken))).toBe(true);
      });
    });

    describe("ending access", () => {
      it("leads people to a page of their account", () => {
        expect(auth.accountUrl).toMatch(/^https:\/\/./);
      });

      it("is declared when there is an address for it, and says why not when there is none", () => {
        expect(auth.revocation.kind === "token").toBe(client.endpoints.revocationUrl !== null);
        if (auth.revocation.kind === "none") expect(auth.revocation.reason).toMatch(/./);
      });

      const { revocation } = auth;
      describe.skipIf(revocation.kind === "none")("at the vendor", () => {
        it("ends the grant, its access with it, and does so twice", async () => {
          const { email, granted: tokens, refreshToken } = await granted();
          await client.endpoint.revoke(refreshToken);
          expect(vendor.goodGrants(email)).toBe(0);
          expect(await isTaken(tokens)).toBe(false);
          expect(await failureOf(refresh(refreshToken))).toMatchObject({ code: "REAUTHORIZATION_REQUIRED" });
          await client.endpoint.revoke(refreshToken);
        });

        it("ends as much as is declared: this grant, or all of the account, and nobody else's", async () => {
          const somebody = await granted();
          const { email, refreshToken } = await granted();
          await granted(email);
          await client.endpoint.revoke(refreshToken);
          const isWhole = revocation.kind === "token" && revocation.ends === "account";
          expect(vendor.goodGrants(email)).toBe(isWhole ? 0 : 1);
          expect(await isTaken(somebody.granted)).toBe(true);
        });

        it("fails when the vendor is down, and the grant stays", async () => {
          const { email, refreshToken } = await granted();
          const recover = vendor.failTokens("down");
          const failure = await failureOf(client.endpoint.revoke(refreshToken)).finally(recover);
          expect(failure).toMatchObject({ code: "PROVIDER_UNAVAILABLE", retryable: true });
          expect(vendor.goodGrants(email)).toBe(1);
        });
      });
    });
  });
}
