import { countryName, payInWords, renderDescription } from "../description.ts";
import type { Job, JobLocation } from "../job.ts";
import { entriesIn, isPageOf, type ManualPosting, type ManualStep } from "../manual-posting.ts";
import { descriptionRules, jobTypes, remotePolicies } from "./mapping.ts";

/** Wellfound's pages for recruiters, on which a person posts. Wellfound looks at each job before candidates see it. */
export const form: ManualPosting = {
  pageFor: ({ operation, settings: { serverUrl = "" }, postingUrl }) =>
    operation === "POST" ? `${serverUrl}recruit/jobs/new` : (postingUrl ?? `${serverUrl}recruit/jobs`),
  entriesOf,
  checklistFor,
  daysToAct: 3,
  isPostingUrl: (url, { serverUrl = "" }) => isPageOf(serverUrl, url),
};

function entriesOf(job: Job) {
  const { employmentType, workplaceType, equity, salary, skills, yearsOfExperience } = job;
  return entriesIn({
    "Job title": job.title,
    "Primary role": roleOf(job),
    "Type of position": employmentType && jobTypes[employmentType],
    "Years of experience": yearsOfExperience === null ? null : String(yearsOfExperience),
    Skills: [...skills.required, ...skills.preferred].join(", "),
    Location: placesOf(job).map(placeIn).join("; "),
    "Remote policy": workplaceType && remotePolicies[workplaceType],
    "Hires remotely in": job.remoteCountries.map(countryName).join(", "),
    "Annual salary": salary && payInWords(salary),
    Equity: equity?.offered ? (equity.range ?? "offered") : null,
    "Job description": { html: renderDescription(job, descriptionRules) },
  });
}

function roleOf({ boardCodes, category, functions }: Job): string | null {
  return boardCodes.functions[0] ?? category ?? functions[0] ?? null;
}

function placesOf({ location, alternateLocations }: Job): readonly JobLocation[] {
  return [...(location ? [location] : []), ...alternateLocations];
}

function placeIn({ city, region, country }: JobLocation): string {
  return [city, region, countryName(country)].filter((part) => part !== null).join(", ");
}

function checklistFor({ operation, settings: { company = "the company" } }: ManualStep): readonly string[] {
  const signedIn = `Sign in at Wellfound as a recruiter of ${company}.`;
  switch (operation) {
    case "POST":
      return [
        signedIn,
        "Open the form and enter what is below.",
        "Publish the job. Wellfound may look at it first: confirm it as SENT until candidates see it.",
        "Confirm with the address at which candidates see it.",
      ];
    case "UPDATE":
      return [signedIn, "Open the job and change what differs from what is below.", "Confirm that it is done."];
    case "CLOSE":
      return [signedIn, "Open the job and close it.", "Confirm that it is done."];
    case "REOPEN":
      return [
        signedIn,
        "Open the closed job, publish it again, and change what differs from what is below.",
        "Confirm with the address at which candidates see it.",
      ];
  }
}
