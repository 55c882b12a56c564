import type { Database } from "../database/database.ts";
import type { JobApplication } from "../entities/job-application.ts";
import { IntegrationError } from "../errors.ts";
import type { Cause } from "../events/event-log.ts";
import type { Candidate, ReceivedApplication, ReceivedFile } from "../providers/job-board/applications.ts";
import type { ApplicationFiles } from "./application-files.ts";
import type { ApplicationFiling } from "./application-filing.ts";
import { lockPosting } from "./board-writes.ts";
import { lockVisible, notFound, requireChangeable } from "./found-integration.ts";
import { isId } from "./id.ts";
import type { Idempotency } from "./idempotency.ts";
import { visibleApplications } from "./job-applications.ts";
import { visiblePostings } from "./job-postings.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** An application that came in a mail, or that somebody read at the board. */
export interface RecordedApplication {
  readonly jobPostingId: string;
  readonly candidate: Candidate;
  /** Null when nobody knows. */
  readonly appliedAt: Date | null;
  readonly coverLetter: string | null;
  readonly resumeText: string | null;
  /** `content` is base64. */
  readonly resume: { readonly fileName: string; readonly content: string } | null;
  readonly referrer: string | null;
}

/** For so long the same person is not filed a second time, as with those that boards bring. */
const repeatDays = 120;
const maxTextLength = 100_000;
const maxWordsLength = 500;

/** Applications that people file by hand, for boards that bring none. */
export class RecordedApplications {
  constructor(
    private readonly database: Database,
    private readonly files: Pick<ApplicationFiles, "prepared">,
    private readonly filing: Pick<ApplicationFiling, "file">,
    private readonly idempotency: Idempotency,
    private readonly now: () => Date,
  ) {}

  /**
   * Files an application with the posting by which it came. Whoever is there already is not filed again.
   *
   * @returns it, or the one that is there already
   * @throws {IntegrationError} NOT_FOUND, INVALID_INPUT, FORBIDDEN
   */
  async record(
    viewer: Viewer,
    recorded: RecordedApplication,
    key: string | null,
    cause: Cause,
  ): Promise<JobApplication> {
    requireScope(viewer, "applications:write");
    check(recorded, this.now());
    const call = { mutation: "recordJobApplication", key, input: recorded };
    const id = await this.idempotency.once(viewer, call, (newId) => this.recordOnce(viewer, newId, recorded, cause));
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const found = await visibleApplications(tx, viewer).andWhere("application.id = :id", { id }).getOne();
      if (!found) throw notFound();
      return found;
    });
  }

  private async recordOnce(viewer: Viewer, id: string, recorded: RecordedApplication, cause: Cause): Promise<string> {
    const { tenantId, userId: recordedBy } = viewer;
    const { jobPostingId } = recorded;
    return this.database.inTenant(tenantId, async (tx) => {
      const found = isId(jobPostingId)
        ? await visiblePostings(tx, viewer).andWhere("posting.id = :id", { id: jobPostingId }).getOne()
        : null;
      if (!found) throw notFound();
      const { integrationId } = found;
      requireChangeable(viewer, await lockVisible(tx, viewer, integrationId));
      const posting = await lockPosting(tx, jobPostingId);
      if (!posting) throw notFound();
      const received = receivedAs(id, recorded);
      const bound = { tenantId, integrationId };
      const files = await Promise.all(received.files.map((file) => this.files.prepared(bound, file)));
      const arrival = { id, recordedBy, receivedAt: this.now(), repeatDays, cause };
      return (await this.filing.file(tx, posting, { received, files }, arrival)).application.id;
    });
  }
}

/** As if a board had brought it; it goes by our own id. */
function receivedAs(id: string, recorded: RecordedApplication): ReceivedApplication {
  const { appliedAt, candidate, coverLetter, resumeText, resume, referrer } = recorded;
  const files: ReceivedFile[] = resume
    ? [
        {
          kind: "RESUME",
          questionKey: null,
          fileName: resume.fileName,
          contentType: null,
          content: Buffer.from(resume.content, "base64"),
        },
      ]
    : [];
  return {
    boardApplicationId: id,
    boardReferences: {},
    appliedAt,
    candidate,
    coverLetter,
    resumeText,
    experience: [],
    education: [],
    skills: [],
    answers: [],
    eeoAnswers: [],
    files,
    source: { sponsored: null, referrer, campaign: null },
  };
}

/** @throws {IntegrationError} INVALID_INPUT */
function check(
  { candidate, appliedAt, coverLetter, resumeText, resume, referrer }: RecordedApplication,
  now: Date,
): void {
  const wrong = (field: readonly string[], message: string) =>
    new IntegrationError("INVALID_INPUT", message, { field: ["input", ...field] });
  if (candidate.fullName.trim() === "") throw wrong(["candidate", "fullName"], "An applicant has a name");
  for (const [name, value] of Object.entries({ ...candidate, referrer })) {
    const texts: readonly (string | null)[] = Array.isArray(value) ? value : [value];
    const field = name === "referrer" ? [name] : ["candidate", name];
    if (texts.some((text) => (text?.length ?? 0) > maxWordsLength) || texts.length > 20) {
      throw wrong(field, `This is longer than ${maxWordsLength} characters, or more than 20`);
    }
  }
  for (const [name, text] of Object.entries({ coverLetter, resumeText })) {
    if ((text?.length ?? 0) > maxTextLength) throw wrong([name], `A text has at most ${maxTextLength} characters`);
  }
  if (appliedAt !== null && appliedAt > now) throw wrong(["appliedAt"], "Nobody has applied in the future");
  if (resume && Buffer.from(resume.content, "base64").toString("base64") !== resume.content) {
    throw wrong(["resume", "content"], "A file is base64, as RFC 4648 has it, without line breaks");
  }
}
