import type { Database } from "../database/database.ts";
import { JobApplication } from "../entities/job-application.ts";
import { JobApplicationFile } from "../entities/job-application-file.ts";
import type { EventLog } from "../events/event-log.ts";
import type { FileClaims, LinkTokens } from "../security/link-token.ts";
import type { Vault } from "../security/vault.ts";
import { notFound } from "./found-integration.ts";
import { newId } from "./id.ts";
import { jobApplicationData } from "./integration-events.ts";
import { requireScope, type Viewer } from "./viewer.ts";

const linkMs = 5 * 60 * 1000;

export interface Download {
  readonly fileName: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** Links to files of applications: of one user, for five minutes. Each download is an event. */
export class FileDownloads {
  constructor(
    private readonly database: Database,
    private readonly links: LinkTokens<FileClaims>,
    private readonly vault: Vault,
    private readonly log: EventLog,
    private readonly now: () => Date,
    private readonly publicUrl: string,
  ) {}

  /** Null as long as nobody has the file. @param file of an application that the viewer may see */
  async urlOf(viewer: Viewer, { id: fileId, state }: JobApplicationFile): Promise<string | null> {
    requireScope(viewer, "applications:read");
    if (state !== "STORED") return null;
    const claims = { tenantId: viewer.tenantId, fileId, userId: viewer.userId };
    const token = await this.links.issue(claims, new Date(this.now().getTime() + linkMs));
    return `${this.publicUrl}/files/${token}`;
  }

  /** @throws {IntegrationError} NOT_FOUND for a link that is over, and for a file that is gone */
  async open(token: string): Promise<Download> {
    const claims = await this.links.read(token, this.now());
    if (!claims) throw notFound();
    const { tenantId, fileId: id, userId } = claims;
    const { file, sealed } = await this.database.inTenant(tenantId, async (tx) => {
      const { entities, raw } = await tx.manager
        .createQueryBuilder(JobApplicationFile, "file")
        .addSelect("file.sealed", "sealed")
        .where("file.tenantId = :tenantId AND file.id = :id", { tenantId, id })
        .getRawAndEntities<{ sealed: Buffer | null }>();
      const [found] = entities;
      const content = raw[0]?.sealed;
      const application =
        found && (await tx.manager.findOneBy(JobApplication, { tenantId, id: found.jobApplicationId }));
      if (!found || !content || !application) throw notFound();
      this.log.record(tx, {
        type: "job_application.file_downloaded",
        integrationId: application.integrationId,
        subjectId: application.id,
        data: { ...jobApplicationData(application), fileId: id, kind: found.kind },
        cause: { actor: { kind: "USER", id: userId }, correlationId: newId(this.now()) },
      });
      return { file: found, sealed: content };
    });
    const { integrationId, fileName, contentType } = file;
    const content = this.vault.openBytes(sealed, { tenantId, integrationId });
    return { fileName, contentType: contentType ?? "application/octet-stream", content };
  }
}
