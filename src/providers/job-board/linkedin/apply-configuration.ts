import type { AccountSettings } from "../../provider.ts";
import type { Job, Requirement } from "../job.ts";
import type { BoardPosting } from "../provider.ts";
import { questionSetsOf } from "./questions.ts";

const requirements: Readonly<Record<Requirement, string>> = {
  REQUIRED: "REQUIRED",
  OPTIONAL: "OPTIONAL",
  HIDDEN: "SKIP",
};

/** Whether LinkedIn brings the company's applications here, as connecting has shown. */
export function takesApplications({ applyConnect }: AccountSettings): boolean {
  return applyConnect === "true";
}

/**
 * How candidates apply at LinkedIn itself; null where they apply at the company's page.
 *
 * https://learn.microsoft.com/en-us/linkedin/talent/apply-connect/onsite-apply-config-schema
 */
export function onsiteApplyConfigurationOf(
  { job, apply }: Pick<BoardPosting, "job" | "apply">,
  settings: AccountSettings,
): object | null {
  if (apply === null || !takesApplications(settings)) return null;
  return { jobApplicationWebhookUrl: apply.url, questions: questionsOf(job) };
}

/** In the United States alone. */
export function asksAboutOpportunity({ compliance, location }: Job): boolean {
  return compliance.eeoQuestions && location?.country === "US";
}

/** A section that is left out is not asked for. */
function questionsOf(job: Job): object {
  const { requirePhone, requireResume, requireCoverLetter } = job;
  const customQuestionSets = questionSetsOf(job);
  return {
    contactInformationQuestions: { cellphoneNumberQuestionRequirement: requirements[requirePhone] },
    ...(requireResume !== "HIDDEN" && {
      resumeQuestions: { resumeQuestionRequirement: requirements[requireResume] },
      ...career,
    }),
    ...(requireCoverLetter !== "HIDDEN" && { coverLetterQuestions: coverLetterQuestions(requireCoverLetter) }),
    ...(asksAboutOpportunity(job) && { voluntarySelfIdentificationQuestions: selfIdentification }),
    ...(customQuestionSets.length > 0 && { additionalQuestions: { customQuestionSets } }),
  };
}

/** What a résumé says, in fields: as many stations as LinkedIn takes, and none is fine. */
const career = {
  workQuestions: { workExperienceQuestionSet: { minRequired: 0, repeatLimit: 10 } },
  educationQuestions: { educationExperienceQuestionSet: { minRequired: 0, repeatLimit: 3 } },
};

/** As a file, which alone can be made a duty, or as text too where it is none. */
function coverLetterQuestions(requirement: Requirement): object {
  return {
    coverLetterQuestionRequirement: requirements[requirement],
    textCoverLetterQuestionRequirement: requirement === "OPTIONAL" ? "OPTIONAL" : "SKIP",
  };
}

/** Nobody has to answer, where LinkedIn left to itself asks everybody. */
const selfIdentification = {
  disabilityQuestionRequirement: "OPTIONAL",
  genderQuestionRequirement: "OPTIONAL",
  raceQuestionRequirement: "OPTIONAL",
  veteranStatusQuestionRequirement: "OPTIONAL",
};
