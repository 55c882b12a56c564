import { IntegrationError } from "../../../errors.ts";
import type { ApplyAddress } from "../applications.ts";
import type { Job, Requirement } from "../job.ts";
import { screenerOf } from "./screener.ts";

const requirements: Readonly<Record<Requirement, string>> = { REQUIRED: "YES", OPTIONAL: "OPTIONAL", HIDDEN: "NO" };

/**
 * How candidates apply at Indeed itself. https://docs.indeed.com/job-sync-api/job-sync-api-guide
 *
 * @throws {IntegrationError} NOT_CONFIGURED when the operator's token is missing
 */
export function indeedApplyOf(job: Job, { url, token }: ApplyAddress): object {
  if (token === null) {
    throw new IntegrationError("NOT_CONFIGURED", "Candidates cannot apply at Indeed without Indeed Apply's token", {
      remedy: "The operator sets INDEED_APPLY_API_TOKEN.",
    });
  }
  const screener = screenerOf(job);
  return {
    apiToken: token,
    postUrl: url,
    jobMeta: job.externalReference,
    phoneRequired: requirements[job.requirePhone],
    coverLetterRequired: requirements[job.requireCoverLetter],
    resumeRequired: requirements[needsResume(job) ? "REQUIRED" : job.requireResume],
    ...(screener && { applyQuestionsDetails: screener }),
  };
}

/** Candidates send a résumé or answer questions, or both. */
export function needsResume({ screeningQuestions }: Job): boolean {
  return screeningQuestions.length === 0;
}
