import { inspect } from "node:util";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { type CallerTokenOptions, createCallerTokenVerifier } from "../../src/security/caller-token.ts";
import { signDevelopmentToken } from "../../src/security/development-token.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

const secret = "a secret of at least thirty-two bytes";
const claims = { tenant_id: "acme", sub: "anna", scope: "calendar:read calendar:write" };
const unauthenticated = { code: "UNAUTHENTICATED", remedy: expect.any(String) };

const bySecret = (options: Partial<CallerTokenOptions> = {}) =>
  createCallerTokenVerifier({ keys: { secret }, ...options });

const signed = (payload: JWTPayload, by = secret) =>
  new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(by));

async function aSigner(alg: string, kid: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return {
    publicKey,
    jwk: { ...(await exportJWK(publicKey)), kid, use: "sig" },
    sign: (payload: JWTPayload) => new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(privateKey),
  };
}

/** Publishes whatever `published` holds when it is asked. */
async function aKeySet(published: { keys: unknown[] }) {
  const { origin, requests } = await serveOnLoopback((_, response) => response.end(JSON.stringify(published)));
  return { jwksUrl: `${origin}/jwks.json`, requests };
}

describe("a caller's token", () => {
  it("tells tenant, user, scopes and when it ends", async () => {
    const token = await signed({ ...claims, exp: 4_000_000_000 });
    await expect(bySecret().verify(`Bearer ${token}`)).resolves.toEqual({
      tenantId: "acme",
      userId: "anna",
      scopes: new Set(["calendar:read", "calendar:write"]),
      expiresAt: new Date(4_000_000_000_000),
    });
  });

  it.each([
    { scope: undefined, scopes: [] },
    { scope: "", scopes: [] },
    { scope: " events:read  jobs:read ", scopes: ["events:read", "jobs:read"] },
    { scope: ["events:read", "jobs:read"], scopes: ["events:read", "jobs:read"] },
  ])("with the scope $scope has $scopes", async ({ scope, scopes }) => {
    const caller = await bySecret().verify(`Bearer ${await signed({ ...claims, scope })}`);
    expect([...caller.scopes]).toEqual(scopes);
    expect(caller.expiresAt).toBeNull();
  });

  it("may keep its tenant in another claim", async () => {
    const token = await signed({ "https://acme.test/tenant": "acme", sub: "anna" });
    const caller = await bySecret({ tenantClaim: "https://acme.test/tenant" }).verify(`bearer ${token}`);
    expect(caller.tenantId).toBe("acme");
  });

  it.each([
    { what: "no header", header: undefined },
    { what: "an empty header", header: "" },
    { what: "another scheme", header: "Basic YW5uYTpzM2NyZXQ=" },
    { what: "a scheme without a token", header: "Bearer " },
    { what: "something that is no JWT", header: "Bearer s3cret" },
  ])("is missing from $what", async ({ header }) => {
    await expect(bySecret().verify(header)).rejects.toMatchObject(unauthenticated);
  });

  it.each([
    { what: "without a tenant", wrong: { tenant_id: undefined }, says: "names no tenant" },
    { what: "with a tenant that is no text", wrong: { tenant_id: 7 }, says: "names no tenant" },
    { what: "with an empty tenant", wrong: { tenant_id: "" }, says: "names no tenant" },
    { what: "with a tenant of 256 characters", wrong: { tenant_id: "t".repeat(256) }, says: "names no tenant" },
    { what: "with a tenant that Postgres cannot store", wrong: { tenant_id: "acme\0" }, says: "names no tenant" },
    { what: "without a user", wrong: { sub: undefined }, says: "names no user" },
    { what: "with a scope that is a number", wrong: { scope: 7 }, says: "scope" },
    { what: "that has expired", wrong: { exp: 1_700_000_000 }, says: "has expired" },
    { what: "that is not valid yet", wrong: { nbf: 4_000_000_000 }, says: "nbf" },
    { what: "of another issuer", wrong: { iss: "https://evil.test" }, says: "iss" },
    { what: "for another service", wrong: { aud: "payroll" }, says: "aud" },
  ])("$what is refused, and said so", async ({ wrong, says }) => {
    const verifier = bySecret({ issuer: "https://id.test", audience: "integrations" });
    const token = await signed({ iss: "https://id.test", aud: "integrations", ...claims, ...wrong } as JWTPayload);
    const error: unknown = await verifier.verify(`Bearer ${token}`).catch((e) => e);
    expect(error).toMatchObject({
      ...unauthenticated,
      message: expect.stringContaining(says),
      providerCode: undefined,
    });
  });

  it("may name a tenant and a user of 255 characters", async () => {
    const longest = "ü".repeat(255);
    const caller = await bySecret().verify(`Bearer ${await signed({ tenant_id: longest, sub: longest })}`);
    expect(caller).toMatchObject({ tenantId: longest, userId: longest });
  });

  it("is refused when it is signed with another secret, or not at all", async () => {
    const forged = await signed(claims, "another secret of thirty-two bytes and more");
    const unsigned = new UnsecuredJWT(claims).encode();
    for (const token of [forged, unsigned]) {
      await expect(bySecret().verify(`Bearer ${token}`)).rejects.toMatchObject(unauthenticated);
    }
  });

  it("leaves nothing of itself in an error", async () => {
    const token = await signed({ ...claims, email: "anna@s3cret.test", exp: 1_700_000_000 });
    const error: unknown = await bySecret()
      .verify(`Bearer ${token}`)
      .catch((e) => e);
    expect(error).toMatchObject(unauthenticated);
    for (const part of [...token.split("."), "s3cret"]) expect(inspect(error, { depth: null })).not.toContain(part);
  });

  it("cannot be checked with a secret shorter than 32 bytes", () => {
    expect(() => createCallerTokenVerifier({ keys: { secret: "short" } })).toThrow("32 bytes");
  });
});

describe("a caller's token, checked with published keys,", () => {
  it.each(["RS256", "PS256", "ES256", "EdDSA"])("may be signed with %s", async (alg) => {
    const signer = await aSigner(alg, "k1");
    const { jwksUrl } = await aKeySet({ keys: [signer.jwk] });
    const caller = await createCallerTokenVerifier({ keys: { jwksUrl } }).verify(`Bearer ${await signer.sign(claims)}`);
    expect(caller.userId).toBe("anna");
  });

  it("is accepted after the keys were rotated, without asking for them at each call", async () => {
    const [old, next] = [await aSigner("ES256", "k1"), await aSigner("ES256", "k2")];
    const published = { keys: [old.jwk] };
    const { jwksUrl, requests } = await aKeySet(published);
    const verifier = createCallerTokenVerifier({ keys: { jwksUrl, rereadAfterMs: 0 } });

    await verifier.verify(`Bearer ${await old.sign(claims)}`);
    await verifier.verify(`Bearer ${await old.sign(claims)}`);
    expect(requests).toHaveLength(1);

    published.keys = [next.jwk];
    await expect(verifier.verify(`Bearer ${await next.sign(claims)}`)).resolves.toMatchObject({ userId: "anna" });
    expect(requests).toHaveLength(2);
    await expect(verifier.verify(`Bearer ${await old.sign(claims)}`)).rejects.toMatchObject(unauthenticated);
  });

  it("cannot make us ask for the keys again and again", async () => {
    const [ours, theirs] = [await aSigner("ES256", "k1"), await aSigner("ES256", "made-up")];
    const { jwksUrl, requests } = await aKeySet({ keys: [ours.jwk] });
    const verifier = createCallerTokenVerifier({ keys: { jwksUrl } });
    for (let call = 0; call < 3; call++) {
      await expect(verifier.verify(`Bearer ${await theirs.sign(claims)}`)).rejects.toMatchObject(unauthenticated);
    }
    expect(requests).toHaveLength(1);
  });

  it("is refused when it is unsigned", async () => {
    const { jwksUrl } = await aKeySet({ keys: [(await aSigner("RS256", "k1")).jwk] });
    const token = new UnsecuredJWT(claims).encode();
    await expect(createCallerTokenVerifier({ keys: { jwksUrl } }).verify(`Bearer ${token}`)).rejects.toMatchObject(
      unauthenticated,
    );
  });

  it("is refused when the public key was used as a shared secret", async () => {
    const signer = await aSigner("RS256", "k1");
    const { jwksUrl } = await aKeySet({ keys: [signer.jwk] });
    const token = await signed(claims, await exportSPKI(signer.publicKey));
    await expect(createCallerTokenVerifier({ keys: { jwksUrl } }).verify(`Bearer ${token}`)).rejects.toMatchObject(
      unauthenticated,
    );
  });

  it("is neither right nor wrong while the keys cannot be read", async () => {
    const signer = await aSigner("ES256", "k1");
    const { origin } = await serveOnLoopback((_, response) => response.writeHead(503).end());
    const verifier = createCallerTokenVerifier({ keys: { jwksUrl: origin } });
    await expect(verifier.verify(`Bearer ${await signer.sign(claims)}`)).rejects.toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
      retryable: true,
    });
  });
});

describe("a development token", () => {
  it("is accepted like the platform's own", async () => {
    const expected = { issuer: "https://id.test", audience: "integrations", tenantClaim: "org" };
    const token = await signDevelopmentToken(secret, {
      tenantId: "acme",
      userId: "anna",
      scopes: ["events:read"],
      expiresInSeconds: 60,
      ...expected,
    });
    const caller = await bySecret(expected).verify(`Bearer ${token}`);
    expect(caller).toMatchObject({ tenantId: "acme", userId: "anna", scopes: new Set(["events:read"]) });
    expect(caller.expiresAt?.getTime()).toBeGreaterThan(Date.now());
  });
});
