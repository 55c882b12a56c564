import type { Apps } from "./apps.ts";
import type { Courier } from "./courier.ts";
import { complaintsAbout } from "./form-check.ts";
import { companyOf } from "./job-element.ts";
import type { Jobs } from "./jobs.ts";
import { questionResponses } from "./question-responses.ts";
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
  readonly apps: Apps;
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
    const firstAttempt = await this.deliver(job, application, onsite.jobApplicationWebhookUrl);
    return { outcome: "sent", jobApplicationId: application.urn, firstAttempt };
  }

  /** As when LinkedIn is not sure that one has arrived. Null for one that there is not. */
  async deliverAgain(urn: string): Promise<DeliveryAttempt | null> {
    const application = this.state.applications.get(urn);
    const job = application && this.options.jobs.numbered(application.jobNumber);
    const url = job?.element.onsiteApplyConfiguration?.jobApplicationWebhookUrl;
    return job && url !== undefined ? this.deliver(job, application, url) : null;
  }

  /** @returns the first attempt; the others go on */
  private deliver(job: StoredJob, application: StoredApplication, url: string): Promise<DeliveryAttempt> {
    const { apps, courier } = this.options;
    const secret = apps.withClientId(job.clientId)?.clientSecret ?? "";
    return courier.send({ url, secret, payload: application.payload }, (attempt, isLast) => {
      application.attempts.push(attempt);
      // Told by the title to go wrong, whatever the receiver said.
      const isTaken = attempt.status === 200 && !job.element.title.includes("[offsite]");
      if (isTaken) job.hasDelivered = true;
      else if (!job.hasDelivered && (isLast || this.switches.deliveryFailsAfter === "first-attempt")) {
        this.options.jobs.sendOffsite(job, "The first application could not be delivered.");
      }
    });
  }

  private store(job: StoredJob, submission: Submission): StoredApplication {
    const { firstName, lastName, email, skills } = submission;
    const urn = `urn:li:jobApplication:${this.number()}`;
    const { externalJobPostingId } = job.element;
    const application: StoredApplication = {
      urn,
      clientId: job.clientId,
      jobNumber: job.number,
      externalJobPostingId,
      organization: companyOf(job.element),
      candidate: `${firstName} ${lastName} <${email}>`,
      payload: {
        type: "EXPORT_JOB_APPLICATION",
        jobApplicationId: urn,
        jobApplicant: `urn:li:person:${Buffer.from(email.toLowerCase()).toString("base64url").slice(0, 10)}`,
        appliedAt: this.options.now().getTime(),
        externalJobId: externalJobPostingId,
        questionResponses: questionResponses(submission, job.element.onsiteApplyConfiguration?.questions, (file) =>
          this.keep(job, file),
        ),
        applicantSkills: skills.map((skillName, index) => ({
          skillUrn: `urn:li:skill:${index + 1}`,
          skillName,
          jobMatched: (job.element.skillsDescription ?? "").toLowerCase().includes(skillName.toLowerCase()),
          assessmentVerified: false,
        })),
      },
      attempts: [],
      actions: [],
    };
    this.state.applications.set(urn, application);
    return application;
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
