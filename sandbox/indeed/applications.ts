import { createHash, createHmac, randomUUID } from "node:crypto";
import { Courier, type CourierOptions, type StoredDelivery } from "../job-boards/courier.ts";
import { type ResumeFile, resumeOf } from "../job-boards/resume.ts";
import type { Postings } from "./postings.ts";
import {
  type Answered,
  answersTo,
  type Question,
  readInlineQuestions,
  readScreener,
  type Screener,
} from "./screener.ts";
import type { IndeedState, StoredApplication, StoredPosting } from "./state.ts";
import type { IndeedSwitches } from "./switches.ts";

const screenerCacheMs = 60 * 60_000;

/** What a candidate sends; what is left out is made up. */
export interface Candidate {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly city?: string;
  readonly coverLetter?: string;
  readonly resumeText?: string;
  /** Null for none; what is left out is made of the text. */
  readonly resume?: ResumeFile | null;
  /** How large the made up file is at least. */
  readonly resumeBytes?: number;
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly isSponsored?: boolean;
  readonly via?: "indeed" | "glassdoor";
}

/** The questions of one posting, as they are now. */
interface Asked {
  readonly screener: Screener;
  /** Where it was fetched, and when; null where it was sent with the job. */
  readonly url: string | null;
  readonly retrievedAt: Date;
}

export interface SentApplication {
  /** Indeed Apply's id. */
  readonly id: string;
  readonly delivery: StoredDelivery;
}

/** Indeed Apply: what candidates send, signed and brought to the partner. https://docs.indeed.com/indeed-apply/application-delivery */
export class Applications {
  private readonly courier: Courier;

  constructor(
    private readonly state: IndeedState,
    private readonly postings: Postings,
    private readonly switches: IndeedSwitches,
    private readonly options: Pick<CourierOptions, "faults" | "now"> & { readonly applySecret: string },
  ) {
    const { faults, now, applySecret } = options;
    this.courier = new Courier(() => state.deliveries, {
      faults,
      now,
      headersFor: ({ body }) => ({
        "x-indeed-signature": createHmac("sha1", applySecret).update(body, "utf8").digest("base64"),
      }),
      heard: ({ status }, delivery) => this.heard(status, delivery),
      retryAfterSeconds: () => switches.retryAfterSeconds,
    });
  }

  /** @throws Error when the candidate could not send it @returns the delivery after what was tried at once */
  async apply(posting: StoredPosting, candidate: Candidate): Promise<SentApplication> {
    const { lifecycle, isIndeedApplyActive } = this.postings.statusOf(posting);
    if (lifecycle !== "active") throw new Error(`Candidates do not see this job: it is ${lifecycle}`);
    const apply = posting.job.applyMethod?.indeedApply;
    if (!isIndeedApplyActive || apply == null) throw new Error("This job has no Indeed Apply");
    if ((apply.resumeRequired ?? "YES") === "YES" && candidate.resume === null) throw new Error("A résumé is required");
    if (apply.phoneRequired === "YES" && candidate.phone === "") throw new Error("A phone number is required");
    if (apply.coverLetterRequired === "YES" && !candidate.coverLetter) throw new Error("A cover letter is required");
    const questions = await this.answered(posting, candidate.answers ?? {});
    const id = createHash("sha256").update(randomUUID()).digest("hex");
    const email = candidate.email ?? "zoe@example.test";
    const application: StoredApplication = {
      id,
      ittk: randomUUID(),
      sourcedPostingId: posting.sourcedPostingId,
      jobSeekerKey: createHash("sha256").update(email.toLowerCase()).digest("hex").slice(0, 16),
      email: this.switches.relaysMail ? relayed(email) : email,
      appliedAt: this.options.now(),
    };
    this.state.applications.set(id, application);
    const body = JSON.stringify({
      ...applicationBody(posting, application, candidate, this.switches),
      ...questions,
    });
    return { id, delivery: await this.courier.send({ id, address: apply.postUrl, body }) };
  }

  replay(applyId: string): Promise<StoredDelivery> {
    return this.courier.replay(applyId);
  }

  retryNow(): Promise<void> {
    return this.courier.retryNow();
  }

  settled(): Promise<void> {
    return this.courier.settled();
  }

  /** What a candidate is asked, in order; a problem where the partner's questions cannot be had. */
  async questionsOf(
    posting: StoredPosting,
  ): Promise<{ readonly questions: readonly Question[]; problem: string | null }> {
    const asked = await this.asked(posting);
    if (typeof asked === "string") return { questions: [], problem: asked };
    if (asked === null) return { questions: [], problem: null };
    return { questions: [...screenerOf(asked), ...demographicsOf(asked, posting)], problem: null };
  }

  private async answered(posting: StoredPosting, answers: Readonly<Record<string, unknown>>): Promise<object> {
    const asked = await this.asked(posting);
    // Questions that cannot be had are not asked.
    if (asked === null || typeof asked === "string") return {};
    const { choiceAnswers, answersIn } = this.switches;
    const screener = answersTo(screenerOf(asked), answers, choiceAnswers);
    const demographic = answersTo(demographicsOf(asked, posting), answers, choiceAnswers);
    if (answersIn === "questionsAndAnswers")
      return { questionsAndAnswers: block(asked, [...screener, ...demographic]) };
    return {
      screenerQuestionsAndAnswers: block(asked, screener),
      ...(demographic.length > 0 && { demographicQuestionsAndAnswers: block(asked, demographic) }),
    };
  }

  private async asked({ job }: StoredPosting): Promise<Asked | string | null> {
    const apply = job.applyMethod?.indeedApply;
    if (apply?.applyQuestionsDetails != null) {
      const screener = readInlineQuestions(apply.applyQuestionsDetails);
      return typeof screener === "string" ? screener : { screener, url: null, retrievedAt: this.options.now() };
    }
    if (apply?.applyQuestions == null) return null;
    const { at, screener } = await this.fetchScreener(apply.applyQuestions);
    return typeof screener === "string" ? screener : { screener, url: apply.applyQuestions, retrievedAt: at };
  }

  /** Kept for about an hour. */
  private async fetchScreener(url: string): Promise<{ readonly at: Date; readonly screener: Screener | string }> {
    const now = this.options.now();
    const kept = this.state.screeners.get(url);
    if (kept && now.getTime() - kept.at.getTime() < screenerCacheMs) return kept;
    const text = await fetch(url, { signal: AbortSignal.timeout(5000) })
      .then((reply) => (reply.ok ? reply.json() : null))
      .catch(() => null);
    const fetched = { at: now, screener: text === null ? `There are no questions at ${url}` : readScreener(text) };
    this.state.screeners.set(url, fetched);
    return fetched;
  }

  private heard(status: number, { id }: StoredDelivery): "waiting" | "delivered" | "refused" {
    const { takesAny2xx, retries } = this.switches;
    if (status === 200 || (takesAny2xx && status > 200 && status < 300)) return "delivered";
    if (status === 410) {
      const posting = this.postings.byPostingId(this.state.applications.get(id)?.sourcedPostingId ?? "");
      if (posting) this.postings.end(posting, "gone");
    }
    if (status === 409 || status === 410) return "refused";
    return retries === "others" || status >= 500 ? "waiting" : "refused";
  }
}

function applicationBody(
  { job, jobKey, isSponsored }: StoredPosting,
  { id, email, appliedAt }: StoredApplication,
  candidate: Candidate,
  { tellsGlassdoor }: IndeedSwitches,
): object {
  const { firstName = "Zoë", lastName = "Müller", phone = "+1 555 0100", city = "Austin", coverLetter } = candidate;
  const fullName = `${firstName} ${lastName}`;
  const text = candidate.resumeText || `${fullName} is looking for a job.`;
  const file = candidate.resume === undefined ? resumeOf(fullName, text, candidate.resumeBytes) : candidate.resume;
  const { jobPostingId, jobSource, url } = job.metadata;
  const { cityRegionPostal, country } = job.body.location;
  const cameFrom = candidate.via === "glassdoor" && tellsGlassdoor ? "www.glassdoor.com" : "www.indeed.com";
  const empty = { _total: 0, values: [] };
  return {
    id,
    appliedOnMillis: appliedAt.getTime(),
    locale: "en_US",
    job: {
      jobId: jobPostingId,
      jobKey,
      jobUrl: url,
      jobMeta: job.applyMethod?.indeedApply?.jobMeta ?? "",
      jobTitle: job.body.title,
      jobCompany: jobSource.companyName,
      jobLocation: cityRegionPostal ?? country,
    },
    applicant: {
      fullName,
      firstName,
      lastName,
      email,
      phoneNumber: phone,
      ...(coverLetter && { coverletter: coverLetter }),
      verified: true,
      ...(file && {
        resume: {
          file: { contentType: file.contentType, data: file.data, fileName: file.fileName },
          text,
          html: `<p>${fullName}</p>`,
          json: {
            firstName,
            lastName,
            headline: "",
            summary: text,
            publicProfileUrl: "",
            additionalInfo: "",
            phoneNumber: phone,
            location: { city },
            skills: "",
            positions: empty,
            educations: empty,
            links: empty,
            awards: empty,
            certifications: empty,
            associations: empty,
            patents: empty,
            publications: empty,
            militaryServices: empty,
          },
        },
      }),
    },
    analytics: {
      ip: "127.0.0.1",
      referer: `https://${cameFrom}/viewjob?jk=${jobKey}`,
      userAgent: "sandbox",
      device: "desktop",
      sponsored: candidate.isSponsored ?? isSponsored,
    },
  };
}

const screenerOf = ({ screener }: Asked): readonly Question[] => screener.screenerQuestions?.questions ?? [];

/** In the United States only. */
function demographicsOf({ screener }: Asked, { job }: StoredPosting): readonly Question[] {
  return job.body.location.country === "US" ? (screener.demographicQuestions?.questions ?? []) : [];
}

function block({ screener, url, retrievedAt }: Asked, questionsAndAnswers: readonly Answered[]): object {
  const { schemaVersion } = screener;
  return { ...(url !== null && { url }), retrievedOnMillis: retrievedAt.getTime(), schemaVersion, questionsAndAnswers };
}

function relayed(email: string): string {
  const alias = createHash("sha256").update(email.toLowerCase()).digest("hex").slice(0, 12);
  return `${alias}@indeedemail.test`;
}
