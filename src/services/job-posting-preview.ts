import type { Database } from "../database/database.ts";
import { type IntegrationError, isIntegrationError } from "../errors.ts";
import type { JobFinding, PostingCost, PostingRoute } from "../providers/job-board/provider.ts";
import type { ApplyAddresses } from "./apply-addresses.ts";
import { type AskedBoard, findBoard, findingsOf, type KnownBoard } from "./asked-board.ts";
import type { BoardMail } from "./board-mail.ts";
import { findOriginal, hasOriginalBoard, isStanding } from "./original-posting.ts";
import { checkRequest, type PostRequest } from "./post-request.ts";
import { cannot, takes } from "./posting-capability.ts";
import { approvalFor } from "./posting-plan.ts";
import { noOriginal } from "./posting-refusals.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** What would become of it. */
export interface PostingPreview {
  readonly integrationId: string;
  readonly route: PostingRoute | null;
  readonly findings: readonly JobFinding[];
  readonly cost: PostingCost | null;
  readonly needsApproval: boolean;
  /** As it would be sent; null when there is no such board, or nothing is sent. */
  readonly description: string | null;
  readonly errors: readonly IntegrationError[];
}

/** What would become of a job at boards, before anything is stored or sent. */
export class JobPostingPreview {
  constructor(
    private readonly database: Database,
    private readonly addresses: Pick<ApplyAddresses, "missing">,
    private readonly mail: Pick<BoardMail, "refusalOf">,
    private readonly now: () => Date,
  ) {}

  /** What `postJob` would do, and what each board would refuse, leave out or change. @throws {IntegrationError} INVALID_INPUT */
  async preview(viewer: Viewer, request: PostRequest): Promise<readonly PostingPreview[]> {
    requireScope(viewer, "jobs:read");
    checkRequest(request);
    return Promise.all(
      request.integrationIds.map(async (integrationId) => {
        const nothing = {
          integrationId,
          route: null,
          findings: [],
          cost: null,
          needsApproval: false,
          description: null,
        };
        try {
          const board = await findBoard(this.database, this.addresses, viewer, integrationId, request);
          return previewOf(board, await this.whyNot(viewer, board, request), this.now());
        } catch (error) {
          if (!isIntegrationError(error)) throw error;
          return { ...nothing, errors: [error] };
        }
      }),
    );
  }

  /** Why it cannot be posted there at all; null when it can. */
  private whyNot(viewer: Viewer, board: AskedBoard, request: PostRequest): Promise<IntegrationError | null> {
    const { provider, integration } = board;
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      if (provider.mirrorOf === undefined)
        return takes(provider, "POST") ? this.mail.refusalOf(provider) : cannot(provider, "POST");
      const original = await findOriginal(tx, integration, request.jobId);
      const isThere = original !== null && isStanding(original);
      return isThere || (await hasOriginalBoard(tx, integration, request.integrationIds)) ? null : noOriginal(provider);
    });
  }
}

function previewOf(board: KnownBoard, whyNot: IntegrationError | null, now: Date): PostingPreview {
  const { integration, provider, job } = board;
  const { settings } = integration;
  const { cost, subject } = approvalFor(provider, job, settings);
  return {
    integrationId: integration.id,
    route: provider.route(settings),
    findings: findingsOf(board, now),
    cost,
    needsApproval: subject !== null,
    description: provider.mirrorOf === undefined ? provider.render(job) : null,
    errors: whyNot ? [whyNot] : [],
  };
}
