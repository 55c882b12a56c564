import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { JobPosting } from "../entities/job-posting.ts";
import type { Job } from "../providers/job-board/job.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import { notFound } from "./found-integration.ts";
import { isId } from "./id.ts";
import { takesNobody } from "./posting-plan.ts";
import { addressName } from "./provider-catalogue.ts";
import { findRoute, keepRoute } from "./routes.ts";
import { fromStored } from "./stored-job.ts";

/** Where a link leads; null when nobody can apply any more. */
export interface ApplyTarget {
  readonly title: string;
  readonly company: string;
  readonly location: string | null;
}

/**
 * The link of a posting by which candidates come from its board to the page where they apply: it says which board they came
 * from, and counts them. Whoever sees the posting sees it: it is no secret, and always the same.
 */
export class ApplyLinks {
  constructor(
    private readonly database: Database,
    private readonly publicUrl: string,
    private readonly now: () => Date,
  ) {}

  /** @param reader of a feed, by whose name candidates come from there */
  urlOf({ id }: Pick<JobPosting, "id">, reader?: string): string {
    return `${this.publicUrl}/apply/${id}${reader === undefined ? "" : `?from=${reader}`}`;
  }

  /** Has the link lead to the posting. */
  async keep(tx: TenantTransaction, { id }: JobPosting): Promise<void> {
    await keepRoute(tx, { token: id, kind: "APPLY", targetId: id });
  }

  /**
   * @param reader as the link names it
   * @throws {IntegrationError} NOT_FOUND for a link that is nobody's
   */
  async follow(token: string, isCounted: boolean, reader: string | null = null): Promise<ApplyTarget> {
    const route = isId(token) ? await findRoute(this.database, "APPLY", token, this.now()) : null;
    if (!route) throw notFound();
    const { tenantId, targetId: id } = route;
    return this.database.inTenant(tenantId, async (tx) => {
      const posting = await tx.manager.findOneBy(JobPosting, { tenantId, id });
      const integration = posting && (await tx.manager.findOneBy(Integration, { tenantId, id: posting.integrationId }));
      if (!integration) throw notFound();
      const job = fromStored(posting.job);
      const { title, company, applyUrl } = job;
      const location =
        takesNobody(posting) || applyUrl === null ? null : withSource(applyUrl, sourceOf(integration.provider, reader));
      if (location !== null && isCounted) {
        await tx.query("UPDATE job_posting SET apply_clicks = apply_clicks + 1, apply_clicked_at = $2 WHERE id = $1", [
          id,
          this.now(),
        ]);
      }
      return { title, company: company.name, location };
    });
  }
}

/** Whether candidates come from this board by a link of ours: where they cannot apply at the board itself, and not by mail. */
export function hasApplyLink({ applyMethod, applyUrl }: Job, { applications, fields }: JobBoardProvider): boolean {
  return applications === undefined && "sentAs" in fields.applyUrl && applyMethod !== "EMAIL" && applyUrl !== null;
}

/** The job as its board gets it. */
export function applyingByLink(job: Job, board: JobBoardProvider, url: string): Job {
  return hasApplyLink(job, board) ? { ...job, applyUrl: url } : job;
}

/** What people see of a posting's link; null where it has none. @param provider the posting's */
export function linkOf(
  { job, applyClicks: clicks, applyClickedAt: lastClickedAt }: JobPosting,
  provider: string,
  url: string,
): { readonly url: string; readonly clicks: number; readonly lastClickedAt: Date | null } | null {
  return hasApplyLink(fromStored(job), jobBoard(provider)) ? { url, clicks, lastClickedAt } : null;
}

/** The board's name, or that of the reader of its feeds. */
function sourceOf(provider: string, reader: string | null): string {
  const { id, feeds = {} } = jobBoard(provider);
  return reader !== null && Object.hasOwn(feeds, reader) ? reader : addressName(id);
}

/** With a source, unless the address has one of its own. */
function withSource(applyUrl: string, source: string): string {
  const url = new URL(applyUrl);
  if (!url.searchParams.has("utm_source")) url.searchParams.set("utm_source", source);
  return url.href;
}
