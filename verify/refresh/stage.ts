import { randomUUID } from "node:crypto";
import type { Credential } from "../../src/entities/credential.ts";
import type { Integration } from "../../src/entities/integration.ts";
import type { GrantState } from "../drill/issuer.ts";
import type { Service } from "../drill/service.ts";
import { type AccountKey, storeAccounts } from "../drill/stored-accounts.ts";
import type { TemporaryDatabase } from "../drill/temporary-database.ts";
import type { Peer } from "./peer.ts";
import type { Processes } from "./processes.ts";

/** Somebody's connected account at one of the peers. */
export interface Account extends AccountKey {
  readonly peer: Peer;
  /** Who it is there. */
  readonly accountId: string;
}

/** What the service has stored of an account. */
export interface Stored {
  readonly status: Integration["status"];
  readonly refreshToken: string;
  readonly leaseUntil: Credential["leaseUntil"];
  readonly renewalBegunAt: Credential["renewalBegunAt"];
  /** What the log says of people having to consent again: one message each time. */
  readonly reauthorizations: readonly string[];
}

const tenantId = "drill";

/** The database, the processes and the means to let time pass. */
export class Stage {
  constructor(
    readonly processes: Processes,
    private readonly rows: TemporaryDatabase,
    private readonly service: Service,
  ) {}

  /** A new account, whose access token has ended. */
  async connect(peer: Peer): Promise<Account> {
    const accountId = randomUUID();
    const secret = { accessToken: "the first one", refreshToken: await peer.issuer.consent(accountId) };
    const account = { provider: peer.vendor.id, accountId, secret, expiresAt: new Date() };
    const [key] = await storeAccounts(this.service.database, this.service.vault, tenantId, [account]);
    if (!key) throw new Error("The account was not stored");
    await this.expire(key);
    return { ...key, peer, accountId };
  }

  /** Lets its access token grow old. */
  async expire({ integrationId }: AccountKey): Promise<void> {
    await this.rows.query(
      `UPDATE credential SET expires_at = clock_timestamp() - interval '1 second',
         renewed_at = clock_timestamp() - interval '1 hour' WHERE integration_id = $1`,
      [integrationId],
    );
  }

  /** Lets a lease and a pause go by. */
  async letLeaseEnd({ integrationId }: AccountKey): Promise<void> {
    await this.rows.query(
      `UPDATE credential SET lease_until = lease_until - interval '1 hour',
         renewal_not_before = renewal_not_before - interval '1 hour' WHERE integration_id = $1`,
      [integrationId],
    );
  }

  atVendor({ peer, accountId }: Account): Promise<GrantState> {
    return peer.issuer.grant(accountId);
  }

  async stored({ integrationId }: AccountKey): Promise<Stored> {
    const [row] = await this.rows.query<Pick<Stored, "status" | "leaseUntil" | "renewalBegunAt"> & { sealed: Buffer }>(
      `SELECT status, sealed, lease_until AS "leaseUntil", renewal_begun_at AS "renewalBegunAt"
       FROM integration JOIN credential ON integration_id = id WHERE id = $1`,
      [integrationId],
    );
    if (!row) throw new Error("The account is not there any more");
    const { sealed, ...rest } = row;
    const { refreshToken = "" } = this.service.vault.open(sealed, { tenantId, integrationId });
    const events = await this.rows.query<{ message: string }>(
      `SELECT data #>> '{problem,message}' AS message FROM event
       WHERE integration_id = $1 AND type = 'integration.reauthorization_required' ORDER BY position`,
      [integrationId],
    );
    return { ...rest, refreshToken, reauthorizations: events.map(({ message }) => message) };
  }
}
