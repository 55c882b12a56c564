import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Problem } from "../entities/problem.ts";
import { type ErrorCode, IntegrationError, isIntegrationError } from "../errors.ts";
import type { RenewableAuthorization } from "../providers/account-fetch.ts";
import { ownClientIn } from "../providers/client-credentials.ts";
import { accessTokenHeader } from "../providers/oauth.ts";
import { type Provider, providerOf } from "../providers/registry.ts";
import type { GrantedTokens } from "../providers/token-endpoint.ts";
import type { Vault } from "../security/vault.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { causedByProvider } from "./integration-events.ts";
import type { IntegrationHealth } from "./integration-health.ts";
import type { OAuthApps, TokenProvider } from "./oauth-apps.ts";
import { problemOf } from "./problem.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * A call to a token endpoint ends after 15 seconds, so whoever holds a lease for longer is dead. Not much longer: some
 * vendors take a refresh token that was cut off in the middle again for half a minute only.
 */
const leaseMs = 25_000;
/** A token is renewed this long before its end, or after four fifths of its life when that is later. */
const aheadMs = 5 * 60 * 1000;
/** With less than this left, a token might end on its way to the vendor. */
const spareMs = 30_000;
const firstPauseMs = 5_000;
const longestPauseMs = 10 * 60 * 1000;
/** How often a lease of somebody else is looked at. */
const lookMs = 100;
/** An opened account asks again after this long, so that it hears of what others did. */
const rememberedMs = 30_000;

/** A grant that was renewed within this long is left alone: it is renewed by being used. */
export const idleMs = 5 * 24 * 60 * 60 * 1000;

interface CredentialRow {
  readonly provider: string;
  readonly settings: Record<string, string>;
  readonly sealed: Buffer;
  readonly expiresAt: Date | null;
  readonly renewedAt: Date;
  readonly leaseUntil: Date | null;
  readonly renewalBegunAt: Date | null;
  readonly notBefore: Date | null;
  readonly failures: number;
  readonly problem: Problem | null;
  /** By the database's clock, the one that all processes share. */
  readonly now: Date;
}

/** What has to be known of a provider to keep its accounts' access alive. */
type RenewableProvider = Pick<Provider, "id" | "name" | "auth" | "renewal">;

/** Which token is wanted. */
interface Wish {
  /** The vendor did not take this header. */
  readonly rejected: string | null;
  /** One that was given before this is to be renewed, whatever is left of it. */
  readonly givenAfter: Date | null;
}

interface Lease {
  readonly fence: string;
  readonly row: CredentialRow;
  /** Somebody began before and never told the outcome. */
  readonly isInterrupted: boolean;
}

interface Found {
  readonly header: string;
  /** How long it need not be looked at again. */
  readonly forMs: number;
}

type Claim =
  | ({ readonly kind: "good" } & Found)
  | { readonly kind: "wait" }
  | { readonly kind: "renew"; readonly lease: Lease };

/**
 * The access tokens of all accounts. One renewal at a time, over all processes: a lease and the intent are stored, then
 * the vendor is asked, then the answer is stored if the lease is still ours. No transaction is open while the vendor
 * thinks. A process that is killed in between leaves the intent; the next one tries with the token that is stored, and
 * only a definitive refusal ends the grant.
 */
export class AccessTokens {
  /** What this process looks for already; whoever wants the same waits for it too. */
  private readonly underWay = new Map<string, Promise<Found>>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly apps: OAuthApps,
    private readonly health: IntegrationHealth,
    private readonly now: () => Date,
    private readonly renewable: (row: Pick<CredentialRow, "provider" | "settings">) => RenewableProvider = providerOf,
  ) {}

  /** The header of one opened account. @param signal ends waiting, never a renewal that others wait for */
  authorizationOf(tenantId: string, integrationId: string, signal?: AbortSignal): RenewableAuthorization {
    let known: { header: string; until: number } | null = null;
    const remember = async (wish: Wish) => {
      const { header, forMs } = await this.get(tenantId, integrationId, wish, signal);
      known = { header, until: performance.now() + Math.min(forMs, rememberedMs) };
      return header;
    };
    return {
      current: async () =>
        known && known.until > performance.now() ? known.header : remember({ rejected: null, givenAfter: null }),
      renewed: (rejected) => remember({ rejected, givenAfter: null }),
    };
  }

  /** Renews a grant that was last renewed before `givenAfter`: vendors forget grants that nobody uses. */
  async keepAlive(tenantId: string, integrationId: string, givenAfter: Date): Promise<void> {
    await this.get(tenantId, integrationId, { rejected: null, givenAfter }).catch((error: unknown) => {
      if (!isIntegrationError(error, "NOT_FOUND") && !(error instanceof GrantReplaced)) throw error;
    });
  }

  /**
   * @throws {IntegrationError} NOT_FOUND when it is not connected, REAUTHORIZATION_REQUIRED, NOT_CONFIGURED,
   *   PROVIDER_UNAVAILABLE … as the vendor's token endpoint answered, now or a moment ago
   */
  private get(tenantId: string, integrationId: string, wish: Wish, signal?: AbortSignal): Promise<Found> {
    const key = [tenantId, integrationId, wish.rejected, wish.givenAfter?.getTime()].join(" ");
    let shared = this.underWay.get(key);
    if (!shared) {
      shared = this.find(tenantId, integrationId, wish).finally(() => this.underWay.delete(key));
      this.underWay.set(key, shared);
    }
    return untilAborted(shared, signal);
  }

  private async find(tenantId: string, integrationId: string, wish: Wish): Promise<Found> {
    for (;;) {
      const claim = await this.claim(tenantId, integrationId, wish);
      if (claim.kind === "good") return claim;
      if (claim.kind === "renew") return this.renew(tenantId, integrationId, claim.lease);
      await delay(lookMs);
    }
  }

  /** Looks at what is stored, and takes the lease when it has to be renewed. */
  private claim(tenantId: string, integrationId: string, wish: Wish): Promise<Claim> {
    return this.database.inTenant(tenantId, async (tx) => {
      const row = await this.read(tx, integrationId);
      const { accessToken = "" } = this.vault.open(row.sealed, { tenantId, integrationId });
      const leftMs = row.expiresAt === null ? Number.POSITIVE_INFINITY : row.expiresAt.getTime() - row.now.getTime();
      const lifeMs = row.expiresAt === null ? leftMs : row.expiresAt.getTime() - row.renewedAt.getTime();
      const aheadOfThis = Math.min(aheadMs * (0.5 + spread(integrationId) / 2), lifeMs / 5);
      const header = accessTokenHeader(this.tokenProvider(row).auth, accessToken);
      const isRefused = accessToken === "" || header === wish.rejected;
      const isOld = wish.givenAfter !== null && row.renewedAt < wish.givenAfter;
      const good = { kind: "good", header, forMs: leftMs - aheadOfThis } as const;
      if (!isRefused && !isOld && leftMs > aheadOfThis) return good;

      // Good for a while still: whoever cannot renew it now goes on with it.
      const isUsable = !isRefused && leftMs > Math.min(spareMs, lifeMs / 10);
      if (row.leaseUntil !== null && row.leaseUntil > row.now) return isUsable ? good : { kind: "wait" };
      if (row.notBefore !== null && row.notBefore > row.now) {
        if (isUsable) return good;
        throw failedAMomentAgo(row.problem, row.notBefore.getTime() - row.now.getTime());
      }
      const [taken] = await tx.query<{ fence: string }>(
        `WITH lease AS (
           UPDATE credential SET lease_fence = lease_fence + 1, lease_until = $2,
             renewal_begun_at = coalesce(renewal_begun_at, $3)
           WHERE integration_id = $1 RETURNING lease_fence
         ) SELECT lease_fence AS fence FROM lease`,
        [integrationId, new Date(row.now.getTime() + leaseMs), row.now],
      );
      if (!taken) throw new Error("A lease was not taken though its row was locked");
      return { kind: "renew", lease: { fence: taken.fence, row, isInterrupted: row.renewalBegunAt !== null } };
    });
  }

  /** The row, locked: who looks and who takes the lease is one thing. */
  private async read(tx: TenantTransaction, integrationId: string): Promise<CredentialRow> {
    const [row] = await tx.query<CredentialRow>(
      `SELECT integration.provider, integration.settings, credential.sealed, credential.expires_at AS "expiresAt",
              credential.renewed_at AS "renewedAt", credential.lease_until AS "leaseUntil",
              credential.renewal_begun_at AS "renewalBegunAt", credential.renewal_not_before AS "notBefore",
              credential.renewal_failures AS failures, credential.renewal_problem AS problem, clock_timestamp() AS now
       FROM credential JOIN integration ON integration.tenant_id = credential.tenant_id AND integration.id = credential.integration_id
       WHERE credential.integration_id = $1 AND integration.status <> 'DISCONNECTED'
       FOR UPDATE OF credential`,
      [integrationId],
    );
    if (!row) throw new IntegrationError("NOT_FOUND", "There is no connected integration with this id");
    return row;
  }

  /** Asks the vendor, with the lease in hand. */
  private async renew(tenantId: string, integrationId: string, lease: Lease): Promise<Found> {
    let granted: GrantedTokens;
    try {
      granted = await this.ask(tenantId, integrationId, lease);
    } catch (error) {
      if (!isIntegrationError(error)) {
        await this.giveBack(tenantId, integrationId, lease);
        throw error;
      }
      const isOurs = await this.storeFailure(tenantId, integrationId, lease, error);
      if (isOurs) throw error;
      return this.find(tenantId, integrationId, { rejected: null, givenAfter: null });
    }
    const isOurs = await this.store(tenantId, integrationId, lease, granted);
    // Somebody took our lease for dead, and what they stored is what counts.
    if (!isOurs) return this.find(tenantId, integrationId, { rejected: null, givenAfter: null });
    const { accessToken, expiresInSeconds } = granted;
    const header = accessTokenHeader(this.tokenProvider(lease.row).auth, accessToken);
    return { header, forMs: expiresInSeconds === null ? rememberedMs : expiresInSeconds * 800 };
  }

  private ask(tenantId: string, integrationId: string, { row }: Lease): Promise<GrantedTokens> {
    const { renewal, ...provider } = this.tokenProvider(row);
    if (renewal.kind === "none") throw new Error(`${provider.id} has nothing to renew`);
    const secret = this.vault.open(row.sealed, { tenantId, integrationId });
    const endpoint = this.apps.tokenEndpoint(provider, row.settings, ownClientIn(secret) ?? undefined);
    if (renewal.kind === "clientCredentials") return renewal.request({ endpoint });
    return renewal.refresh({ endpoint, refreshToken: secret["refreshToken"] ?? "" });
  }

  /** @throws {GrantReplaced} */
  private tokenProvider(row: CredentialRow): TokenProvider & Pick<RenewableProvider, "renewal"> {
    const { auth, ...provider } = this.renewable(row);
    if (auth.kind !== "credentials") return { ...provider, auth };
    throw new GrantReplaced(provider.name);
  }

  /** @returns whether the lease was still ours, and so it is stored */
  private store(
    tenantId: string,
    integrationId: string,
    { fence, row }: Lease,
    granted: GrantedTokens,
  ): Promise<boolean> {
    const { expiresInSeconds } = granted;
    const owner = { tenantId, integrationId };
    // A client of the account's own is kept beside its tokens.
    const sealed = this.vault.seal({ ...this.vault.open(row.sealed, owner), ...secretOf(granted) }, owner);
    // Counted from before it was asked for: rather too early than too late.
    const expiresAt = expiresInSeconds === null ? null : new Date(row.now.getTime() + expiresInSeconds * 1000);
    return this.database.inTenant(tenantId, async (tx) => {
      const stored = await tx.query(
        `WITH stored AS (
           UPDATE credential SET sealed = $3, key_id = $4, expires_at = $5, renewed_at = $6, updated_at = $6, lease_until = NULL,
             renewal_begun_at = NULL, renewal_not_before = NULL, renewal_failures = 0, renewal_problem = NULL
           WHERE integration_id = $1 AND lease_fence = $2 RETURNING 1
         ) SELECT FROM stored`,
        [integrationId, fence, sealed, this.vault.keyIdOf(sealed), expiresAt, row.now],
      );
      return stored.length > 0;
    });
  }

  /** @returns whether the lease was still ours, and so the failure counts */
  private storeFailure(
    tenantId: string,
    integrationId: string,
    lease: Lease,
    error: IntegrationError,
  ): Promise<boolean> {
    const isFinal = !error.retryable;
    const pauseMs = Math.max(error.retryAfterMs ?? 0, Math.min(longestPauseMs, firstPauseMs * 2 ** lease.row.failures));
    return this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, integrationId);
      const stored = await tx.query(
        // The outcome of a call that was not answered is unknown, so its intent stays.
        `WITH stored AS (
           UPDATE credential SET lease_until = NULL, renewal_begun_at = CASE WHEN $3 THEN NULL ELSE renewal_begun_at END,
             renewal_not_before = clock_timestamp() + $4 * interval '1 millisecond',
             renewal_failures = renewal_failures + 1, renewal_problem = $5
           WHERE integration_id = $1 AND lease_fence = $2 RETURNING 1
         ) SELECT FROM stored`,
        [integrationId, lease.fence, isFinal, pauseMs, JSON.stringify(problemOf(error))],
      );
      if (stored.length === 0) return false;
      if (integration && isForPeople(error)) {
        const cause = causedByProvider(integration.provider, newId(this.now()));
        await this.health.failed(
          tx,
          integration,
          lease.isInterrupted ? interrupted(error, this.renewable(lease.row)) : error,
          cause,
        );
      }
      return true;
    });
  }

  /** A fault of ours says nothing about the vendor; somebody else may try at once. */
  private async giveBack(tenantId: string, integrationId: string, { fence }: Lease): Promise<void> {
    await this.database.inTenant(tenantId, (tx) =>
      tx.query("UPDATE credential SET lease_until = NULL WHERE integration_id = $1 AND lease_fence = $2", [
        integrationId,
        fence,
      ]),
    );
  }
}

/** Somebody has signed in with a password since the account was opened. Whatever is tried again opens it in the new way. */
class GrantReplaced extends IntegrationError {
  constructor(providerName: string) {
    super("PROVIDER_UNAVAILABLE", `${providerName} has been connected with a password meanwhile`, { heldBack: true });
  }
}

/** What is sealed of tokens. */
export function secretOf({ accessToken, refreshToken }: GrantedTokens): Readonly<Record<string, string>> {
  return { accessToken, ...(refreshToken !== null && { refreshToken }) };
}

/** What waiting does not mend is told at once: a dead grant, and a registration that the vendor refuses. */
function isForPeople(error: IntegrationError): boolean {
  return !error.retryable || error.code === "NOT_CONFIGURED";
}

/** A grant that ended after a renewal was cut off may have ended because of that. */
function interrupted(error: IntegrationError, { renewal }: RenewableProvider): IntegrationError {
  if (!isIntegrationError(error, "REAUTHORIZATION_REQUIRED")) return error;
  if (renewal.kind !== "refreshToken" || renewal.reuse === "accepted") return error;
  return new IntegrationError(error.code, `${error.message}, after a renewal of ours was interrupted`, {
    ...(error.remedy !== undefined && { remedy: error.remedy }),
    providerCode: error.providerCode,
  });
}

function failedAMomentAgo(problem: Problem | null, retryAfterMs: number): IntegrationError {
  const code = (problem?.code ?? "PROVIDER_UNAVAILABLE") as ErrorCode;
  return new IntegrationError(code, problem?.message ?? "The provider gives no tokens now", {
    retryable: problem?.retryable ?? true,
    retryAfterMs,
    remedy: problem?.remedy ?? undefined,
    providerCode: problem?.providerCode ?? undefined,
  });
}

/** The same in [0, 1) for the same account everywhere, so that accounts connected together are not renewed together. */
function spread(integrationId: string): number {
  return Number.parseInt(integrationId.slice(-6), 16) / 0x1000000;
}
