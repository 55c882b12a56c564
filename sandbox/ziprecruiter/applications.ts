import { createHmac, randomUUID } from "node:crypto";
import { Courier, type CourierOptions, type StoredDelivery } from "../job-boards/courier.ts";
import { resumeOf } from "../job-boards/resume.ts";
import { answersTo } from "./questions.ts";
import type { StoredApplication, StoredJob, ZipRecruiterState } from "./state.ts";
import type { ZipRecruiterSwitches } from "./switches.ts";

/** What a candidate sends; what is left out is made up. */
export interface Candidate {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly city?: string;
  readonly state?: string;
  readonly postalCode?: string;
  readonly resumeText?: string;
  /** Base64 of a PDF; null for none; what is left out is made of the text. */
  readonly resume?: string | null;
  /** How large the made up file is at least. */
  readonly resumeBytes?: number;
  readonly answers?: Readonly<Record<string, unknown>>;
}

export interface SentApplication {
  readonly responseId: string;
  /** What hiring signals name; null for a candidate of the résumé database. */
  readonly zrApplicationId: string | null;
  readonly delivery: StoredDelivery;
}

/** The apply webhook: one address a partner, to which all applications go. https://www.ziprecruiter.com/partner/documentation/#apply-webhook */
export class Applications {
  private readonly courier: Courier;

  constructor(
    private readonly state: ZipRecruiterState,
    private readonly switches: ZipRecruiterSwitches,
    private readonly options: Pick<CourierOptions, "faults" | "now"> & { readonly signingKey: string },
  ) {
    const { faults, now } = options;
    this.courier = new Courier(() => state.deliveries, {
      faults,
      now,
      headersFor: ({ body }, at) => this.signature(body, at),
      heard: ({ status }) => (status >= 200 && status < 300 ? "delivered" : "waiting"),
      retryAfterSeconds: () => switches.retryAfterSeconds,
    });
  }

  /** What waits for an address is brought there. */
  async registerWebhook(url: string): Promise<void> {
    this.state.webhookUrl = url;
    for (const delivery of this.state.deliveries.values()) {
      if (delivery.outcome === "waiting") delivery.address = url;
    }
    await this.courier.retryNow();
  }

  /** @throws Error when the candidate could not send it @returns the delivery after what was tried at once */
  async apply(stored: StoredJob, candidate: Candidate): Promise<SentApplication> {
    if (stored.closedAt !== null || stored.isHidden) throw new Error("Candidates do not see this job");
    if (stored.job.apply_url) throw new Error(`Candidates apply at ${stored.job.apply_url}`);
    const answers = answersTo(stored.questions, candidate.answers ?? {}, this.switches.answerField);
    return this.send(stored, candidate, { zrApplicationId: randomUUID(), answers });
  }

  /** A candidate whom a recruiter found in the résumé database; nobody applied. */
  sendResumeDatabaseCandidate(stored: StoredJob, candidate: Candidate): Promise<SentApplication> {
    return this.send(stored, candidate, { zrApplicationId: null, answers: [] });
  }

  replay(responseId: string): Promise<StoredDelivery> {
    return this.courier.replay(responseId);
  }

  retryNow(): Promise<void> {
    return this.courier.retryNow();
  }

  settled(): Promise<void> {
    return this.courier.settled();
  }

  private async send(
    { job }: StoredJob,
    candidate: Candidate,
    { zrApplicationId, answers }: { readonly zrApplicationId: string | null; readonly answers: readonly unknown[] },
  ): Promise<SentApplication> {
    const { firstName = "Zoë", lastName = "Müller", email = "zoe@example.test", phone = "+1 555 0100" } = candidate;
    const name = `${firstName} ${lastName}`;
    const text = candidate.resumeText || `${name} is looking for a job.`;
    const made = () => resumeOf(name, text, candidate.resumeBytes).data;
    const resume = candidate.resume === undefined ? made() : candidate.resume;
    const application: StoredApplication = {
      responseId: randomUUID(),
      zrApplicationId,
      jobId: job.job_id,
      email,
      at: this.options.now(),
    };
    const { responseId } = application;
    this.state.applications.set(responseId, application);
    const body = JSON.stringify({
      response_id: responseId,
      ...(zrApplicationId !== null && { zr_application_id: zrApplicationId }),
      job_id: job.job_id,
      name,
      first_name: firstName,
      last_name: lastName,
      email,
      phone,
      ...(resume !== null && { resume }),
      attributes: job.partner_attributes ?? {},
      answers,
      profile: {
        mobile: phone,
        executive_summary: "",
        objective: "",
        text_resume: text,
        city: candidate.city ?? "Austin",
        state: candidate.state ?? "TX",
        postal_code: candidate.postalCode ?? "78701",
        job_records: [],
        education_records: [],
        achievement_records: [],
        license_certification_records: [],
        association_records: [],
      },
    });
    const delivery = await this.courier.send({ id: responseId, address: this.state.webhookUrl, body });
    return { responseId, zrApplicationId, delivery };
  }

  private signature(body: string, at: Date): Readonly<Record<string, string>> {
    const { signs, timestampUnit, timestampAgeSeconds, signatureVersion } = this.switches;
    if (!signs) return {};
    const ms = at.getTime() - timestampAgeSeconds * 1000;
    const timestamp = String(timestampUnit === "seconds" ? Math.floor(ms / 1000) : ms);
    const hmac = createHmac("sha256", this.options.signingKey).update(`${timestamp}.${body}`, "utf8");
    return {
      "x-ziprecruiter-signature": hmac.digest("base64"),
      "x-ziprecruiter-signature-timestamp": timestamp,
      "x-ziprecruiter-signature-version": signatureVersion,
    };
  }
}
