import type { AccountSettings } from "../../provider.ts";
import { isChangedFor, renderDescription } from "../description.ts";
import type { Job } from "../job.ts";
import type { JobFinding, PostingCost } from "../provider.ts";
import { findingsOfApplying } from "./check-applying.ts";
import { dayMs, locationOf, maxFunctions, maxListingDays, maxSkillsLength, seatHoldersIn } from "./element.ts";
import { alternateLocationLimits, descriptionLimits, descriptionRules, titleLimits } from "./mapping.ts";

type Rule = readonly [isBroken: boolean, ...finding: Parameters<typeof finding>];

/** What LinkedIn would refuse, leave out or change. */
export function checkJob(job: Job, settings: AccountSettings, now: Date): readonly JobFinding[] {
  const findings = [...refused(job, settings, now), ...dropped(job, settings), ...changed(job, settings, now)]
    .filter(([isBroken]) => isBroken)
    .map(([, ...told]) => finding(...told));
  return [...findings, ...findingsOfApplying(job, settings)];
}

function refused(job: Job, settings: AccountSettings, now: Date): readonly Rule[] {
  const { length } = renderDescription(job, descriptionRules);
  const { promotion, expiresAt } = job;
  return [
    [
      job.title.length > titleLimits.max,
      "REFUSED",
      ["title"],
      `A title has at most ${titleLimits.max} characters.`,
      "Shorten the title.",
    ],
    [
      length < descriptionLimits.min,
      "REFUSED",
      ["description"],
      `A description has at least ${descriptionLimits.min} characters; this has ${length}.`,
      "Say more about the job.",
    ],
    [
      length > descriptionLimits.max,
      "REFUSED",
      ["description"],
      `A description has at most ${descriptionLimits.max} characters, with everything in it; this has ${length}.`,
      "Shorten the description or the texts that follow it.",
    ],
    [
      locationOf(job.location) === null,
      "REFUSED",
      ["location"],
      "A job has a city or a postal code, a remote one too.",
      "Give `location` a city, or a postal code.",
    ],
    [
      job.applyUrl === null,
      "REFUSED",
      ["applyUrl"],
      "A job has an address at which candidates apply.",
      "Give `applyUrl`.",
    ],
    [
      expiresAt !== null && expiresAt.getTime() <= now.getTime() + dayMs,
      "REFUSED",
      ["expiresAt"],
      "A job stays for at least one day.",
      "Set `expiresAt` to a later time, or leave it out.",
    ],
    [
      promotion !== null && promotion.type !== "BOOST" && settings["contract"] === undefined,
      "REFUSED",
      ["promotion"],
      "Promoting a job needs a Recruiter contract.",
      "Reconnect LinkedIn with the contract's URN, or leave `promotion` out.",
    ],
  ];
}

function dropped(job: Job, settings: AccountSettings): readonly Rule[] {
  const { length: skills } = [...job.skills.required, ...job.skills.preferred].join(", ");
  const isSeatHolder = seatHoldersIn(settings).includes(job.contactEmail?.toLowerCase() ?? "");
  const wordsForCodes = "LinkedIn takes codes of its own only.";
  return [
    [
      job.alternateLocations.length > alternateLocationLimits.max,
      "DROPPED",
      ["alternateLocations"],
      `A job has at most ${alternateLocationLimits.max} further locations; the rest is left out.`,
      "Leave the less important ones out, or post the job twice.",
    ],
    [
      job.alternateLocations.some((location) => locationOf(location) === null),
      "DROPPED",
      ["alternateLocations"],
      "A location has a city or a postal code; others are left out.",
      "Give each a city, or a postal code.",
    ],
    [
      job.boardCodes.functions.length > maxFunctions,
      "DROPPED",
      ["boardCodes", "functions"],
      `A job has at most ${maxFunctions} functions; the rest is left out.`,
      "Give the most important first.",
    ],
    [
      job.industries.length > 0 && job.boardCodes.industries.length === 0,
      "DROPPED",
      ["industries"],
      wordsForCodes,
      "Give `boardCodes.industries`.",
    ],
    [
      (job.functions.length > 0 || job.category !== null) && job.boardCodes.functions.length === 0,
      "DROPPED",
      [job.functions.length > 0 ? "functions" : "category"],
      wordsForCodes,
      "Give `boardCodes.functions`.",
    ],
    [
      skills > maxSkillsLength,
      "DROPPED",
      ["skills"],
      `Skills have at most ${maxSkillsLength} characters; the rest is left out.`,
      "Name fewer skills.",
    ],
    [
      job.contactEmail !== null && !isSeatHolder,
      "DROPPED",
      ["contactEmail"],
      "LinkedIn takes addresses of seat holders of the Recruiter contract only.",
      "Name the address in `posterEmails` of the integration, if it is one.",
    ],
    [
      job.contactName !== null || job.contactPhone !== null,
      "DROPPED",
      [job.contactName !== null ? "contactName" : "contactPhone"],
      "LinkedIn shows what its members say of themselves.",
      "Put it into the description if candidates have to know it.",
    ],
    [
      job.promotion?.type === "BOOST",
      "DROPPED",
      ["promotion"],
      "LinkedIn has no boost.",
      "Ask for PROMOTED, or leave it out.",
    ],
  ];
}

function changed(job: Job, _settings: AccountSettings, now: Date): readonly Rule[] {
  const parts = [job.description, job.responsibilities, job.requirements, job.niceToHave, job.benefitsText];
  return [
    [
      parts.some((part) => part !== null && isChangedFor(descriptionRules.tags, part)),
      "CHANGED",
      ["description"],
      `Only these tags are shown: ${descriptionRules.tags.join(", ")}.`,
      "Headings become bold, tables lists; of other tags the text stays.",
    ],
    [
      job.employmentType === "PER_DIEM",
      "CHANGED",
      ["employmentType"],
      "LinkedIn has no word for it; it is shown as temporary.",
      "Nothing has to be done.",
    ],
    [
      job.expiresAt !== null && job.expiresAt.getTime() > now.getTime() + maxListingDays * dayMs,
      "CHANGED",
      ["expiresAt"],
      `A job stays for at most ${maxListingDays} days, and is sent with that.`,
      "Post it again when it has expired.",
    ],
    [
      job.company.isConfidential,
      "CHANGED",
      ["company", "isConfidential"],
      "The job is shown with the company page that was connected.",
      "Post it from another company's integration, or not at LinkedIn.",
    ],
  ];
}

/** Basic jobs are free. A budget is spent by clicks; without one a promoted job takes a slot of the contract. */
export function costOf({ promotion }: Job): PostingCost | null {
  if (!promotion || promotion.type === "BOOST") return null;
  return promotion.budget
    ? { money: promotion.budget, unit: "budget, spent within 30 days" }
    : { money: null, unit: "job slot of the Recruiter contract" };
}

function finding(effect: JobFinding["effect"], field: JobFinding["field"], rule: string, fix: string): JobFinding {
  return { field, effect, rule, fix };
}
