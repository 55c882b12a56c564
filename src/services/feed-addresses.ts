import type { Database } from "../database/database.ts";
import type { Integration } from "../entities/integration.ts";
import type { JobFeedFetch } from "../entities/job-feed-fetch.ts";
import { providerWith } from "../providers/registry.ts";
import type { Vault } from "../security/vault.ts";
import { mayChange } from "./access-policy.ts";
import type { FeedFetches } from "./feed-fetches.ts";
import { keepRoute } from "./routes.ts";
import type { Viewer } from "./viewer.ts";

/** A feed as people see it. */
export interface FeedView {
  readonly dialect: string;
  /** Where it is read; null when something is missing. */
  readonly url: string | null;
  /** What that is, for people; null when nothing is. */
  readonly missing: string | null;
  /** Who came last comes first. */
  readonly fetches: readonly JobFeedFetch[];
}

/** Where feeds are read. */
export class FeedAddresses {
  constructor(
    private readonly database: Database,
    private readonly vault: Pick<Vault, "fingerprints">,
    private readonly fetches: Pick<FeedFetches, "of">,
    private readonly publicUrl: string,
  ) {}

  /**
   * The feeds of an integration, for whoever may change it; none for others, and where there is none. Their addresses are always
   * the same for as long as the key is: they are entered at the readers. Those of older keys go on.
   */
  async shown(
    viewer: Viewer,
    { id, tenantId, provider: providerId, status, ...owner }: Integration,
  ): Promise<readonly FeedView[]> {
    const provider = providerWith(providerId);
    if (provider.kind !== "JOB_BOARD" || !provider.feeds || status === "DISCONNECTED") return [];
    if (!mayChange(viewer, owner) || !viewer.scopes.has("integrations:write")) return [];
    const [token] = this.vault.fingerprints(JSON.stringify(["feeds", tenantId, id]));
    await this.database.inTenant(tenantId, (tx) => keepRoute(tx, { token, kind: "FEED", targetId: id }));
    const fetches = await this.fetches.of(tenantId, id);
    return Object.entries(provider.feeds).map(([dialect, { missing }]) => {
      const reason = missing?.(owner.settings) ?? null;
      const url = reason === null ? `${this.publicUrl}/feeds/${token}/${dialect}.xml` : null;
      return { dialect, url, missing: reason, fetches: fetches.filter((fetch) => fetch.dialect === dialect) };
    });
  }
}
