import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import type { JobPosting } from "../entities/job-posting.ts";
import type { ApplyAddress, MessageKeys } from "../providers/job-board/applications.ts";
import type { Job } from "../providers/job-board/job.ts";
import { jobBoard, providerWith } from "../providers/registry.ts";
import type { Vault } from "../security/vault.ts";
import { mayChange } from "./access-policy.ts";
import type { OperatorSettings } from "./oauth-apps.ts";
import { addressName } from "./provider-catalogue.ts";
import { keepRoute, nameRoute } from "./routes.ts";
import { findSealed } from "./sealed-integration.ts";
import { fromStored } from "./stored-job.ts";
import type { Viewer } from "./viewer.ts";

/** The last part of the address at which messages for all accounts of a provider arrive. */
export const operatorToken = "operator";

/** Where boards send applications, and with what those are proved. */
export class ApplyAddresses {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly settings: ReadonlyMap<string, OperatorSettings>,
    private readonly publicUrl: string,
  ) {}

  /**
   * The address of an account, which nobody can guess and which is always the same for as long as the key is: it goes out with
   * every job. The addresses of older keys go on.
   */
  urlOf({ tenantId, id, provider }: Pick<Integration, "tenantId" | "id" | "provider">): string {
    const [token] = this.vault.fingerprints(JSON.stringify(["applications", tenantId, id]));
    return `${this.publicUrl}/webhooks/${addressName(provider)}/${token}`;
  }

  /** Where candidates who apply at the board come here, for a job that wants them to; null where they cannot. */
  async of(tx: TenantTransaction, integration: Integration, { applyMethod }: Job): Promise<ApplyAddress | null> {
    const { applications } = jobBoard(integration.provider);
    if (!applications || applyMethod !== "BOARD_NATIVE") return null;
    const keys = await this.keysIn(tx, integration);
    if (!keys || (applications.missing?.(keys) ?? null) !== null) return null;
    const url = this.urlOf(integration);
    await keepRoute(tx, { token: tokenIn(url), kind: "APPLICATIONS", targetId: integration.id });
    const [proof = ""] = keys.proofs ?? [];
    return { url, token: keys.applyToken, proof };
  }

  /** Why candidates cannot apply at the board, for a job that wants them to, where that could be mended; else null. */
  async missing(tx: TenantTransaction, integration: Integration, { applyMethod }: Job): Promise<string | null> {
    const { applications } = jobBoard(integration.provider);
    if (!applications?.missing || applyMethod !== "BOARD_NATIVE") return null;
    const keys = await this.keysIn(tx, integration);
    return keys && applications.missing(keys);
  }

  /** The address to enter at the board; null where jobs take it along, or nothing arrives. */
  async shown(viewer: Viewer, integration: Integration): Promise<string | null> {
    const provider = providerWith(integration.provider);
    if (provider.kind !== "JOB_BOARD" || !provider.applications?.jobNameOf) return null;
    if (integration.status === "DISCONNECTED" || !mayChange(viewer, integration)) return null;
    const url = this.urlOf(integration);
    await this.database.inTenant(integration.tenantId, (tx) =>
      keepRoute(tx, { token: tokenIn(url), kind: "APPLICATIONS", targetId: integration.id }),
    );
    return url;
  }

  /** Makes a posting, and the account that it is of, known by the names that the board gives them. */
  async name(
    tx: TenantTransaction,
    { id: integrationId, provider, settings }: Integration,
    { id, job }: JobPosting,
  ): Promise<void> {
    const { applications } = jobBoard(provider);
    const jobName = applications?.jobNameOf?.({ id, job: fromStored(job) });
    if (jobName !== undefined) await nameRoute(tx, { kind: "POSTING", provider, name: jobName }, id);
    const accountName = applications?.accountNameOf?.(settings);
    if (accountName) await nameRoute(tx, { kind: "BOARD_ACCOUNT", provider, name: accountName }, integrationId);
  }

  /** With what messages to an account's own address are proved; null when it is not connected. */
  async keysIn(tx: TenantTransaction, { tenantId, id, provider }: Integration): Promise<MessageKeys | null> {
    const found = await findSealed(tx, id);
    if (!found) return null;
    const secret = this.vault.open(found.sealed, { tenantId, integrationId: id });
    const proofs = this.vault.fingerprints(JSON.stringify(["proof of applications", tenantId, id]));
    return { ...this.operatorKeys(provider), secret, proofs };
  }

  /** The same at the operator's address. */
  operatorKeys(provider: string): MessageKeys {
    const set = this.settings.get(provider);
    return {
      secret: null,
      clientSecret: set?.clientSecret ?? null,
      signingKey: set?.signingKey ?? null,
      applyToken: set?.applyToken ?? null,
    };
  }
}

/** The job as it goes to a board at which candidates cannot apply: they go to its address. */
export function applyingElsewhere(job: Job): Job {
  return job.applyMethod === "BOARD_NATIVE" ? { ...job, applyMethod: "EXTERNAL_URL" } : job;
}

function tokenIn(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
