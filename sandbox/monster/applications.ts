import { randomUUID } from "node:crypto";
import { Courier, type CourierOptions, type StoredDelivery } from "../job-boards/courier.ts";
import { resumeOf } from "../job-boards/resume.ts";
import { escapeXml } from "../soap/envelope.ts";
import type { MonsterState, StoredJob } from "./state.ts";
import type { MonsterSwitches } from "./switches.ts";

/** What a candidate sends; what is left out is made up. */
export interface Candidate {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly resumeText?: string;
  readonly coverLetter?: string;
  /** Base64; null for none; what is left out is made of the text. */
  readonly resume?: string | null;
  readonly fileExt?: string;
  /** How large the made up file is at least. */
  readonly resumeBytes?: number;
}

export interface SentApplication {
  readonly id: string;
  readonly delivery: StoredDelivery;
}

/** Easy Apply: what a candidate enters at Monster is sent to the address in the job, unsigned. */
export class Applications {
  private readonly courier: Courier;

  constructor(
    state: MonsterState,
    private readonly switches: MonsterSwitches,
    options: Pick<CourierOptions, "faults" | "now">,
  ) {
    this.courier = new Courier(() => state.deliveries, {
      ...options,
      headersFor: ({ body }) => (body.startsWith("<") ? { "content-type": "text/xml; charset=utf-8" } : {}),
      heard: ({ status }) => (status >= 200 && status < 300 ? "delivered" : "waiting"),
      retryAfterSeconds: () => switches.retryAfterSeconds,
    });
  }

  /** @throws Error when candidates do not apply at Monster itself */
  async apply(stored: StoredJob, candidate: Candidate): Promise<SentApplication> {
    const { apply } = stored.job;
    if (apply.by !== "form") throw new Error("Candidates do not apply at Monster");
    const id = randomUUID();
    const body = this.bodyOf(id, stored, candidate, apply.vendorText);
    return { id, delivery: await this.courier.send({ id, address: apply.postUrl, body }) };
  }

  replay(id: string): Promise<StoredDelivery> {
    return this.courier.replay(id);
  }

  retryNow(): Promise<void> {
    return this.courier.retryNow();
  }

  settled(): Promise<void> {
    return this.courier.settled();
  }

  private bodyOf(id: string, { jobRefCode }: StoredJob, candidate: Candidate, vendorText: string): string {
    const { firstName = "Zoë", lastName = "Müller", email = "zoe@example.test", phone = "+1 555 0100" } = candidate;
    const { coverLetter = "", fileExt = "pdf" } = candidate;
    const name = `${firstName} ${lastName}`;
    const text = candidate.resumeText || `${name} is looking for a job.`;
    const file = candidate.resume === undefined ? resumeOf(name, text, candidate.resumeBytes).data : candidate.resume;
    if (this.switches.easyApply === "v2-json") {
      return JSON.stringify({
        integratedApplyID: id,
        sourceAttribution: "Monster",
        applicant: {
          firstName,
          lastName,
          emailAddress: email,
          phoneNumber: phone,
          city: "Austin",
          region: "TX",
          postalCode: "78701",
          countryCode: "US",
          workAuthorization: "Authorized",
          ...(file !== null && { resume: { fileName: `${name}.${fileExt}`, data: file } }),
        },
        jobRefCode,
        vendorText,
        questions: [],
      });
    }
    const first = {
      City: "Austin",
      CountryCode: "US",
      CoverLetter: coverLetter,
      EmailAddress: email,
      FileExt: file === null ? "" : fileExt,
      FirstName: firstName,
      LastName: lastName,
      JobRefID: jobRefCode,
      PhoneNumber: phone,
      ResumeValue: text,
      State: "TX",
      VendorField: vendorText,
      WorkAuthorization: "Authorized",
      ZipCode: "78701",
    };
    if (this.switches.easyApply === "v1-json") {
      return JSON.stringify({ ...first, FileContents: file === null ? null : [...Buffer.from(file, "base64")] });
    }
    const elements = Object.entries({ ...first, FileContents: file ?? "" }).map(
      ([element, value]) => `<${element}>${escapeXml(value)}</${element}>`,
    );
    return `<?xml version="1.0" encoding="utf-8"?><Application>${elements.join("")}</Application>`;
  }
}
