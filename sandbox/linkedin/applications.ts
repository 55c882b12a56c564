import type { Courier, StoredDelivery } from "../job-boards/courier.ts";
import type { PushAnswer } from "../push.ts";
import { bodyOf } from "./courier.ts";
import { complaintsAbout } from "./form-check.ts";
import { companyOf } from "./job-element.ts";
import type { Jobs } from "./jobs.ts";
import { questionResponses } from "./question-responses.ts";
import { isObject } from "./requests.ts";
import type { DeliveryAttempt, LinkedInState, StoredApplication, StoredJob } from "./state.ts";
import { type GivenFile, Submission } from "./submission.ts";
import type { LinkedInSwitches } from "./switches.ts";

/** What becomes of somebody who wants to apply. */
export type Applied =
  | { readonly outcome: "sent"; readonly jobApplicationId: string; readonly firstAttempt: DeliveryAttempt }
  /** To the company's own page. */
  | { readonly outcome: "redirected"; readonly url: string }
  | { readonly outcome: "incomplete"; readonly complaints: readonly string[] }
  | { readonly outcome: "not-listed" };

interface ApplicationsOptions {
  readonly now: () => Date;
  readonly jobs: Jobs;
  readonly courier: Courier;
  /** Where files are fetched, without a slash at the end. */
  readonly mediaHost: () => string;
}

/** Takes applications in, and delivers them to whoever posted the job. */
export class Applications {
  constructor(
    private readonly state: LinkedInState,
    private readonly switches: LinkedInSwitches,
    private readonly options: ApplicationsOptions,
  ) {}

  /** @param given a submission; what it lacks is complained about */
  async apply(job: StoredJob, given: unknown): Promise<Applied> {
    const { jobs } = this.options;
    const onsite = job.element.onsiteApplyConfiguration;
    if (job.listing !== "LISTED" || jobs.hasEnded(job)) return { outcome: "not-listed" };
    if (!onsite || jobs.applyStatus(job).status !== "ENABLED") {
      return { outcome: "redirected", url: job.element.companyApplyUrl };
    }
    const read = Submission.safeParse(given);
    if (!read.success)
      return { outcome: "incomplete", complaints: read.error.issues.map(({ path }) => path.join(".")) };
    const complaints = complaintsAbout(read.data, onsite.questions, this.switches);
    if (complaints.length > 0) return { outcome: "incomplete", complaints };
    const application = this.store(job, read.data);
    const body = bodyOf(this.payload(job, application.urn, read.data), this.switches);
    await this.options.courier.send({ id: application.urn, address: onsite.jobApplicationWebhookUrl, body });
    return { outcome: "sent", jobApplicationId: application.urn, firstAttempt: application.attempts[0] ?? taken };
  }

  /** As when LinkedIn is not sure that one has arrived. Null for one that there is not. */
  async deliverAgain(urn: string): Promise<DeliveryAttempt | null> {
    const application = this.state.applications.get(urn);
    if (!application) return null;
    await this.options.courier.replay(urn);
    return application.attempts.at(-1) ?? taken;
  }

  /** What a webhook says to an application; what it says to other messages means nothing here. */
  heard(answer: PushAnswer, { id, attempts }: StoredDelivery): void {
    const application = this.state.applications.get(id);
    const job = application && this.options.jobs.numbered(application.jobNumber);
    application?.attempts.push(attemptOf(answer));
    if (!job) return;
    const { resends, deliveryFailsAfter } = this.switches;
    const isLast = answer.status === 200 || attempts.length > resends;
    // Told by the title to go wrong, whatever the receiver said.
    const isTaken = answer.status === 200 && !job.element.title.includes("[offsite]");
    if (isTaken) job.hasDelivered = true;
    else if (!job.hasDelivered && (isLast || deliveryFailsAfter === "first-attempt")) {
      this.options.jobs.sendOffsite(job, "The first application could not be delivered.");
    }
  }

  private store({ clientId, number, element }: StoredJob, submission: Submission): StoredApplication {
    const { firstName, lastName, email } = submission;
    const application: StoredApplication = {
      urn: `urn:li:jobApplication:${this.number()}`,
      clientId,
      jobNumber: number,
      externalJobPostingId: element.externalJobPostingId,
      organization: companyOf(element),
      candidate: `${firstName} ${lastName} <${email}>`,
      attempts: [],
      actions: [],
    };
    this.state.applications.set(application.urn, application);
    return application;
  }

  /** https://learn.microsoft.com/en-us/linkedin/talent/apply-connect/receive-applications */
  private payload(job: StoredJob, urn: string, submission: Submission): object {
    const { externalJobPostingId, onsiteApplyConfiguration, skillsDescription = "" } = job.element;
    const { email, skills } = submission;
    return {
      type: "EXPORT_JOB_APPLICATION",
      jobApplicationId: urn,
      jobApplicant: `urn:li:person:${Buffer.from(email.toLowerCase()).toString("base64url").slice(0, 10)}`,
      appliedAt: this.options.now().getTime(),
      externalJobId: externalJobPostingId,
      questionResponses: questionResponses(submission, onsiteApplyConfiguration?.questions, (file) =>
        this.keep(job, file),
      ),
      applicantSkills: skills.map((skillName, index) => ({
        skillUrn: `urn:li:skill:${index + 1}`,
        skillName,
        jobMatched: skillsDescription.toLowerCase().includes(skillName.toLowerCase()),
        assessmentVerified: false,
      })),
    };
  }

  private keep({ clientId }: StoredJob, { fileName, contentType, bytes }: GivenFile) {
    const id = String(this.number());
    this.state.media.set(id, { clientId, fileName, contentType, bytes, uploadedAt: this.options.now().getTime() });
    return { mediaUrn: `urn:li:media:${id}`, mediaUrl: `${this.options.mediaHost()}/media/${id}` };
  }

  private number(): number {
    this.state.latest += 1;
    return this.state.latest;
  }
}

/** What LinkedIn believes of a message that was lost on its way, or is late. */
const taken: DeliveryAttempt = { status: 200, errorCode: null, additionalErrorDetails: null };

/** With what a receiver gives as the reason not to take a message. */
function attemptOf({ status, text }: PushAnswer): DeliveryAttempt {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = null;
  }
  const said = (name: string) => (isObject(body) && typeof body[name] === "string" ? body[name] : null);
  return { status, errorCode: said("errorCode"), additionalErrorDetails: said("additionalErrorDetails") };
}
