import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobApplicationFile } from "../entities/job-application-file.ts";
import { IntegrationError, isHeldBack, isIntegrationError } from "../errors.ts";
import type { FetchedFile, ReceivedFile } from "../providers/job-board/applications.ts";
import type { Queue } from "../queue/queue.ts";
import type { BoundTo, Vault } from "../security/vault.ts";
import { type Accounts, requireUsable } from "./accounts.ts";
import { fetchSoon } from "./application-tasks.ts";
import { documentTypeOf, safeFileName } from "./document-type.ts";
import { newId } from "./id.ts";
import { problemOf } from "./problem.ts";

/** A file on its way into its row. */
export type NewFile = Omit<JobApplicationFile, "jobApplicationId">;

const fallbackNames = { RESUME: "resume", COVER_LETTER: "cover letter", ANSWER: "answer" } as const;

/** The files of applications: looked at, sealed, and fetched where a board only says where they are. */
export class ApplicationFiles {
  constructor(
    private readonly database: Database,
    private readonly accounts: Pick<Accounts, "openBoard">,
    private readonly vault: Vault,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly now: () => Date,
  ) {}

  /** What is to be stored of a file that came, or is to be fetched. A file that nobody may keep is told as REFUSED. */
  async prepared(bound: BoundTo, file: ReceivedFile): Promise<NewFile> {
    const { kind, questionKey } = file;
    const row = {
      tenantId: bound.tenantId,
      integrationId: bound.integrationId,
      id: newId(this.now()),
      kind,
      questionKey,
      createdAt: this.now(),
    };
    if ("content" in file) return { ...row, ...(await this.kept(bound, kind, file)), source: null };
    const fileName = safeFileName(file.fileName, fallbackNames[kind], "file");
    return { ...row, ...withoutContent(fileName), state: "PENDING", problem: null, source: file.source };
  }

  /** Stores prepared files, and has those fetched that are still at the board. */
  async store(tx: TenantTransaction, jobApplicationId: string, files: readonly NewFile[]): Promise<void> {
    const rows = files.map((file) => ({ ...file, jobApplicationId }));
    await tx.manager.insert(JobApplicationFile, rows);
    for (const { id, state } of rows) if (state === "PENDING") await fetchSoon(this.queue, tx, id);
  }

  /**
   * Fetches one. Harmless twice.
   *
   * @throws what it failed with, when it should be tried again
   */
  async fetch(tenantId: string, id: string, isLastAttempt: boolean, signal: AbortSignal): Promise<void> {
    const file = await this.database.inTenant(tenantId, (tx) =>
      tx.manager.findOneBy(JobApplicationFile, { tenantId, id }),
    );
    if (file?.state !== "PENDING" || file.source === null) return;
    const bound = { tenantId, integrationId: file.integrationId };
    try {
      const opened = await this.accounts.openBoard(tenantId, file.integrationId, signal);
      requireUsable(opened.integration);
      const fetchFile = opened.provider.applications?.fetchFile;
      if (!fetchFile) throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${opened.provider.name} gives no files`);
      const fetched = await fetchFile(opened.account, file.source);
      const fileName = fetched.fileName ?? file.fileName.replace(/\.file$/, "");
      await this.change(file, await this.kept(bound, file.kind, { ...fetched, fileName }));
    } catch (error) {
      const mayPass = !isIntegrationError(error) || error.retryable;
      if (signal.aborted || isHeldBack(error) || (mayPass && !isLastAttempt)) throw error;
      const state = isIntegrationError(error, "NOT_FOUND") ? "LOST" : file.state;
      await this.change(file, { state, problem: problemOf(error) });
    }
  }

  private async kept(
    bound: BoundTo,
    kind: NewFile["kind"],
    { content, fileName }: Pick<FetchedFile, "content" | "fileName">,
  ): Promise<Omit<NewFile, "tenantId" | "integrationId" | "id" | "kind" | "questionKey" | "createdAt" | "source">> {
    try {
      const { contentType, extension } = await documentTypeOf(content);
      return {
        fileName: safeFileName(fileName, fallbackNames[kind], extension),
        contentType,
        sizeBytes: content.length,
        state: "STORED",
        problem: null,
        sealed: this.vault.sealBytes(content, bound),
        keyId: this.vault.newestKeyId,
      };
    } catch (error) {
      if (!isIntegrationError(error, "INVALID_INPUT")) throw error;
      const empty = withoutContent(safeFileName(fileName, fallbackNames[kind], "file"));
      return { ...empty, sizeBytes: content.length, state: "REFUSED", problem: problemOf(error) };
    }
  }

  private async change({ tenantId, id }: JobApplicationFile, changes: Partial<JobApplicationFile>): Promise<void> {
    await this.database.inTenant(tenantId, (tx) =>
      tx.manager.update(JobApplicationFile, { tenantId, id, state: "PENDING" }, changes),
    );
  }
}

function withoutContent(fileName: string) {
  return { fileName, contentType: null, sizeBytes: null, sealed: null, keyId: null };
}
