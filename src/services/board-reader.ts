import type { Database } from "../database/database.ts";
import type { BoardReading } from "../entities/sync-run.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import type { Queue } from "../queue/queue.ts";
import { resumeApplications } from "./application-tasks.ts";
import { askAboutPostings } from "./posting-tasks.ts";

/** Reads a job board as far as one can: how postings stand, and what has come from there and was left lying. */
export class BoardReader {
  constructor(
    private readonly database: Database,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly now: () => Date,
  ) {}

  /** Asks for everything that can be asked for; tasks do it. Harmless twice. */
  read(tenantId: string, integrationId: string, { applications, status }: JobBoardProvider): Promise<BoardReading> {
    return this.database.inTenant(tenantId, async (tx) => ({
      applications: applications ? "PUSH_ONLY" : "NONE",
      postings: status ? await askAboutPostings(this.queue, tx, integrationId, this.now()) : 0,
      ...(await resumeApplications(this.queue, tx, integrationId)),
    }));
  }
}
