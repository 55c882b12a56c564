import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Credential } from "../../src/entities/credential.ts";
import type { Integration } from "../../src/entities/integration.ts";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import type { CalendarProvider, PasswordSignIn } from "../../src/providers/calendar/provider.ts";
import type { OAuth } from "../../src/providers/oauth.ts";
import { asSignedIn } from "../../src/providers/sign-in.ts";
import { createTokenEndpoint } from "../../src/providers/token-endpoint.ts";
import { refreshGrant, type TokenRenewal } from "../../src/providers/token-renewal.ts";
import { createEgress } from "../../src/security/egress.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { AccessTokens } from "../../src/services/access-tokens.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { OAuthApps } from "../../src/services/oauth-apps.ts";
import { keys } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { Gate } from "../support/gate.ts";
import { type OidcServer, startOidcServer } from "../support/oidc-server.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const vault = createVault(parseKeyRing(keys));
const inAnHour = 3_600_000;
let opened: OpenedDatabase;
let services: Services;
let server: OidcServer;

beforeAll(async () => {
  opened = await openTestDatabase({ poolSize: 20 });
  services = await openServices(opened);
  server = await startOidcServer();
});
afterAll(async () => {
  await server.stop();
  await services.close();
  await opened.close();
});
beforeEach(() => server.forget());

const refreshing: TokenRenewal = { kind: "refreshToken", reuse: "ends-the-grant", refresh: refreshGrant };

/** One process: what it remembers is its own, what is stored is everybody's. */
function aProcess({
  renewal = refreshing,
  now = () => new Date(),
  declared = {},
}: {
  renewal?: TokenRenewal;
  now?: () => Date;
  declared?: Partial<OAuth<never>>;
} = {}): AccessTokens {
  const auth = {
    kind: "oauth2",
    clientAuthentication: "body",
    endpoints: () => ({
      authorizationUrl: server.tokenUrl,
      tokenUrl: server.tokenUrl,
      revocationUrl: null,
      apiUrl: server.tokenUrl,
    }),
    ...declared,
  } as unknown as OAuth<never>;
  const { auth: form, renewal: none } = caldav;
  const withPassword = { auth: form, renewal: none } as PasswordSignIn;
  const provider = { id: "CALDAV", name: "Example", auth, renewal, withPassword } as unknown as CalendarProvider;
  const { agents } = createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [] });
  const { id: clientId, secret: clientSecret } = server.client;
  const settings = {
    clientId,
    clientSecret,
    apiKey: null,
    applyToken: null,
    signingKey: null,
    apiUrl: null,
    authorizationUrl: null,
    tokenUrl: null,
    revocationUrl: null,
    scopes: null,
  };
  const apps = new OAuthApps(new Map([["CALDAV", settings]]), ({ provider: _, ...options }) =>
    createTokenEndpoint({ ...options, agents, userAgent: "test", now, timeoutMs: 2000 }),
  );
  const health = new IntegrationHealth(services.log, now);
  return new AccessTokens(opened.database, vault, apps, health, now, ({ settings: kept }) =>
    asSignedIn(provider, kept),
  );
}

interface Account {
  readonly integration: Integration;
  /** A header, as an adapter's HTTP asks for it. */
  header(process: AccessTokens): Promise<string>;
  renewed(process: AccessTokens, rejected: string): Promise<string>;
  stored(): Promise<{ secret: Record<string, string>; credential: Credential; integration: Integration }>;
  /** Changes columns of the credential, as time or a crash does. */
  set(assignments: string): Promise<void>;
  /** Stores a password in the place of the grant, as connecting again does. */
  signInWithPassword(): Promise<void>;
}

/** Somebody's account whose access token, "the-old-one", ends after so long. */
async function anAccount({ leftMs = -1000 }: { leftMs?: number } = {}): Promise<Account> {
  const tenantId = `tenant-${randomUUID()}`;
  const integration = anIntegration({ tenantId });
  const bound = { tenantId, integrationId: integration.id };
  const secret = { accessToken: "the-old-one", refreshToken: await server.consent("ana") };
  const sealed = vault.seal(secret, bound);
  const now = Date.now();
  const credential = Object.assign(new Credential(), {
    ...bound,
    sealed,
    keyId: vault.keyIdOf(sealed),
    expiresAt: new Date(now + leftMs),
    renewedAt: new Date(now + leftMs - inAnHour),
    updatedAt: new Date(now),
  });
  await opened.save(integration, credential);
  return {
    integration,
    header: (process) => process.authorizationOf(tenantId, integration.id).current(),
    renewed: (process, rejected) => process.authorizationOf(tenantId, integration.id).renewed(rejected),
    stored: () =>
      opened.database.inTenant(tenantId, async (tx) => {
        const row = await tx.manager
          .createQueryBuilder(Credential, "credential")
          .addSelect("credential.sealed")
          .where("credential.integrationId = :id", { id: integration.id })
          .getOneOrFail();
        const current = await tx.manager.findOneByOrFail(integration.constructor as typeof Integration, {
          tenantId,
          id: integration.id,
        });
        return { secret: vault.open(row.sealed, bound), credential: row, integration: current };
      }),
    set: async (assignments) => {
      await opened.look(`UPDATE credential SET ${assignments} WHERE integration_id = $1`, [integration.id]);
    },
    async signInWithPassword() {
      const { id } = integration;
      await opened.look(
        `WITH said AS (UPDATE integration SET settings = settings || '{"signIn":"credentials"}' WHERE id = $1)
         UPDATE credential SET sealed = $2, expires_at = NULL, lease_fence = lease_fence + 1 WHERE integration_id = $1`,
        [id, vault.seal({ username: "ana", password: "app-password" }, bound)],
      );
    },
  };
}

const typesOf = (account: Account) =>
  opened
    .look<{ type: string; data: { problem?: { message: string } } }>(
      "SELECT type, data FROM event WHERE tenant_id = $1 ORDER BY position",
      [account.integration.tenantId],
    )
    .then((rows) => rows.map(({ type }) => type));

describe("an access token", () => {
  it("is left alone while it is good for more than a few minutes", async () => {
    const account = await anAccount({ leftMs: inAnHour });
    expect(await account.header(aProcess())).toBe("Bearer the-old-one");
    expect(server.renewals()).toBe(0);
  });

  it("is renewed a little before it ends, and the new refresh token is kept", async () => {
    const account = await anAccount({ leftMs: 60_000 });
    const before = (await account.stored()).secret;
    const header = await account.header(aProcess());
    const { secret, credential } = await account.stored();
    expect(header).toBe(`Bearer ${secret["accessToken"]}`);
    expect(secret["accessToken"]).not.toBe("the-old-one");
    expect(secret["refreshToken"]).not.toBe(before["refreshToken"]);
    expect(credential).toMatchObject({ leaseUntil: null, renewalBegunAt: null, renewalFailures: 0 });
    expect(credential.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
  });

  it("is renewed once when many callers in several processes want it", async () => {
    const account = await anAccount();
    const processes = [aProcess(), aProcess(), aProcess(), aProcess()];
    const headers = await Promise.all(
      processes.flatMap((process) => Array.from({ length: 50 }, () => account.header(process))),
    );
    expect(new Set(headers).size).toBe(1);
    expect(server.renewals()).toBe(1);
  });

  it("is renewed at once when the vendor rejects it, and not again for the next who says so", async () => {
    const account = await anAccount({ leftMs: inAnHour });
    const [one, other] = [aProcess(), aProcess()];
    const header = await account.renewed(one, "Bearer the-old-one");
    expect(header).not.toBe("Bearer the-old-one");
    expect(await account.renewed(other, "Bearer the-old-one")).toBe(header);
    expect(server.renewals()).toBe(1);
  });

  it("goes on being used while somebody else renews it ahead of its end", async () => {
    const account = await anAccount({ leftMs: 120_000 });
    const gate = new Gate();
    server.meet(async (answer) => {
      await gate.passed;
      await answer();
      return "answered";
    });
    const renewing = account.header(aProcess());
    await expect.poll(async () => (await account.stored()).credential.leaseUntil).not.toBeNull();
    expect(await account.header(aProcess())).toBe("Bearer the-old-one");
    gate.open();
    expect(await renewing).not.toBe("Bearer the-old-one");
  });

  it.each([10, -10])(
    "ends when the database's clock says so, not that of a process %i minutes off",
    async (minutes) => {
      const now = () => new Date(Date.now() + minutes * 60_000);
      const fresh = await anAccount({ leftMs: 8 * 60_000 });
      expect(await fresh.header(aProcess({ now }))).toBe("Bearer the-old-one");
      const ended = await anAccount();
      expect(await ended.header(aProcess({ now }))).not.toBe("Bearer the-old-one");
    },
  );

  it("is looked for no longer than its caller wants, and found all the same", async () => {
    const account = await anAccount();
    const gate = new Gate();
    server.meet(async (answer) => {
      await gate.passed;
      await answer();
      return "answered";
    });
    const process = aProcess();
    const impatient = AbortSignal.timeout(100);
    const { tenantId, id } = account.integration;
    await expect(process.authorizationOf(tenantId, id, impatient).current()).rejects.toMatchObject({
      name: "TimeoutError",
    });
    const patient = account.header(process);
    gate.open();
    expect(await patient).not.toBe("Bearer the-old-one");
    expect(server.renewals()).toBe(1);
  });

  it("of an account that is disconnected is not given out", async () => {
    const account = await anAccount({ leftMs: inAnHour });
    await opened.look("UPDATE integration SET status = 'DISCONNECTED' WHERE id = $1", [account.integration.id]);
    await expect(account.header(aProcess())).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a grant", () => {
  it("that is gone is a state and an event at once, and nobody asks again by itself", async () => {
    const account = await anAccount();
    server.meet(async () => ({ status: 400, body: '{"error":"invalid_grant"}' }));
    await expect(account.header(aProcess())).rejects.toMatchObject({ code: "REAUTHORIZATION_REQUIRED" });
    const { integration } = await account.stored();
    expect(integration).toMatchObject({ status: "NEEDS_REAUTH", problem: { code: "REAUTHORIZATION_REQUIRED" } });
    expect(await typesOf(account)).toEqual(["integration.reauthorization_required"]);
  });

  it.each([
    { name: "is down", reply: { status: 503, body: "{}" }, code: "PROVIDER_UNAVAILABLE", status: "ACTIVE" },
    {
      name: "answers with a web page",
      reply: { status: 200, body: "<h1>Sign in</h1>", type: "text/html" },
      code: "PROVIDER_REPLY_INVALID",
      status: "ACTIVE",
    },
    {
      name: "refuses our own secret",
      reply: { status: 401, body: '{"error":"invalid_client"}' },
      code: "NOT_CONFIGURED",
      status: "DEGRADED",
    },
  ])("survives a vendor that $name", async ({ reply, code, status }) => {
    const account = await anAccount();
    server.meet(async () => reply);
    const process = aProcess();
    await expect(account.header(process)).rejects.toMatchObject({ code, retryable: true });
    const { integration, secret } = await account.stored();
    expect(integration.status).toBe(status);
    expect(secret["refreshToken"]).toBeDefined();
    await account.set("renewal_not_before = NULL");
    expect(await account.header(process)).not.toBe("Bearer the-old-one");
  });

  it("is not asked for again by everybody right after it failed", async () => {
    const account = await anAccount();
    let calls = 0;
    server.meet(async () => {
      calls += 1;
      return { status: 503, body: "{}" };
    });
    await expect(account.header(aProcess())).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    const again = account.header(aProcess());
    await expect(again).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE", retryAfterMs: expect.any(Number) });
    expect(calls).toBe(1);
    expect(server.renewals()).toBe(0);
  });

  it("whose renewal was cut off before the vendor had it goes on with the token that is stored", async () => {
    const account = await anAccount();
    await account.set("lease_fence = 7, lease_until = now() - interval '1 second', renewal_begun_at = now()");
    expect(await account.header(aProcess())).not.toBe("Bearer the-old-one");
    expect((await account.stored()).credential).toMatchObject({ leaseFence: "8", renewalBegunAt: null });
  });

  it("that a vendor ended because a renewal was cut off says so", async () => {
    const account = await anAccount();
    const { refreshToken = "" } = (await account.stored()).secret;
    await account.header(aProcess());
    // As if the process had died between the answer and the commit: the vendor has rotated, and we have the old one.
    const { tenantId, id: integrationId } = account.integration;
    const sealed = vault.seal({ accessToken: "the-old-one", refreshToken }, { tenantId, integrationId });
    await opened.look(
      `UPDATE credential SET sealed = $2, expires_at = now(), lease_until = now(), renewal_begun_at = now() WHERE integration_id = $1`,
      [integrationId, sealed],
    );
    await expect(account.header(aProcess())).rejects.toMatchObject({ code: "REAUTHORIZATION_REQUIRED" });
    const { integration } = await account.stored();
    expect(integration.status).toBe("NEEDS_REAUTH");
    expect(integration.problem?.message).toContain("after a renewal of ours was interrupted");
  });

  it("is stored by the newest lease only", async () => {
    const account = await anAccount();
    const gate = new Gate();
    server.meet(async (answer) => {
      await gate.passed;
      await answer();
      return "answered";
    });
    const slow = account.header(aProcess());
    await expect.poll(async () => (await account.stored()).credential.leaseFence).toBe("1");
    // Connecting again meanwhile takes the lease away, with tokens of its own.
    const { tenantId, id: integrationId } = account.integration;
    const sealed = vault.seal({ accessToken: "the-newer-one", refreshToken: "x" }, { tenantId, integrationId });
    await opened.look(
      `UPDATE credential SET sealed = $2, lease_fence = lease_fence + 1, lease_until = NULL, renewal_begun_at = NULL,
         expires_at = now() + interval '1 hour', renewed_at = now() WHERE integration_id = $1`,
      [integrationId, sealed],
    );
    gate.open();
    expect(await slow).toBe("Bearer the-newer-one");
    expect((await account.stored()).secret["accessToken"]).toBe("the-newer-one");
  });

  it("is kept alive when nobody has used it for days, and left alone otherwise", async () => {
    const idle = await anAccount({ leftMs: inAnHour });
    const used = await anAccount({ leftMs: inAnHour });
    const { tenantId } = idle.integration;
    const givenAfter = new Date(Date.now() - 5 * 86_400_000);
    await idle.set("renewed_at = now() - interval '6 days'");
    await aProcess().keepAlive(tenantId, idle.integration.id, givenAfter);
    await aProcess().keepAlive(used.integration.tenantId, used.integration.id, givenAfter);
    expect(server.renewals()).toBe(1);
    expect((await idle.stored()).secret["accessToken"]).not.toBe("the-old-one");
  });
});

describe("the scheme of the header", () => {
  const declared = { authorizationScheme: "Zoho-oauthtoken" };

  it("is the one that the provider declares, before and after a renewal", async () => {
    const account = await anAccount({ leftMs: inAnHour });
    const process = aProcess({ declared });
    expect(await account.header(process)).toBe("Zoho-oauthtoken the-old-one");
    const renewed = await account.renewed(process, "Zoho-oauthtoken the-old-one");
    const { secret } = await account.stored();
    expect(renewed).toBe(`Zoho-oauthtoken ${secret["accessToken"]}`);
    expect(secret["accessToken"]).not.toBe("the-old-one");
  });

  it("does not hide which token the vendor refused", async () => {
    const account = await anAccount({ leftMs: inAnHour });
    const [one, other] = [aProcess({ declared }), aProcess({ declared })];
    const header = await account.renewed(one, "Zoho-oauthtoken the-old-one");
    // The other process was refused the same token, which is not the stored one any more.
    expect(await account.renewed(other, "Zoho-oauthtoken the-old-one")).toBe(header);
    expect(server.renewals()).toBe(1);
  });
});

describe("access that is asked for again without anybody", () => {
  it("needs no refresh token", async () => {
    const account = await anAccount();
    let asked = 0;
    const renewal: TokenRenewal = {
      kind: "clientCredentials",
      async request() {
        asked += 1;
        const none = { refreshToken: null, scopes: null, idToken: null, extra: {} };
        return { ...none, accessToken: "the-new-one", expiresInSeconds: 3600 };
      },
    };
    const processes = [aProcess({ renewal }), aProcess({ renewal })];
    const headers = await Promise.all(processes.map((process) => account.header(process)));
    expect(headers).toEqual(["Bearer the-new-one", "Bearer the-new-one"]);
    expect(asked).toBe(1);
  });
});

describe("a grant that a password took the place of", () => {
  const heldBack = { code: "PROVIDER_UNAVAILABLE", heldBack: true, retryable: true };

  it("holds back what was opened with it, which opens the account in the new way when it is tried again", async () => {
    const account = await anAccount({ leftMs: inAnHour });
    await account.signInWithPassword();
    await expect(account.header(aProcess())).rejects.toMatchObject(heldBack);
    expect((await account.stored()).credential).toMatchObject({ leaseUntil: null, renewalBegunAt: null });
  });

  it("has nothing to be kept alive", async () => {
    const account = await anAccount();
    await account.signInWithPassword();
    const { tenantId, id } = account.integration;
    await aProcess().keepAlive(tenantId, id, new Date(Date.now() + inAnHour));
    expect(server.renewals()).toBe(0);
  });

  it("does not come back with a renewal that was under way", async () => {
    const account = await anAccount();
    const gate = new Gate();
    server.meet(async (answer) => {
      await gate.passed;
      await answer();
      return "answered";
    });
    const renewing = account.header(aProcess());
    await expect.poll(async () => (await account.stored()).credential.leaseUntil).not.toBeNull();
    await account.signInWithPassword();
    gate.open();
    await expect(renewing).rejects.toMatchObject(heldBack);
    expect((await account.stored()).secret).toEqual({ username: "ana", password: "app-password" });
  });
});
