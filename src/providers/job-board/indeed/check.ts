import type { AccountSettings } from "../../provider.ts";
import { isChangedFor } from "../description.ts";
import type { Job, Salary } from "../job.ts";
import type { JobFinding } from "../provider.ts";
import { findingsOfApplying } from "./check-applying.ts";
import { descriptionOf } from "./description.ts";
import { hasMinimum, minorUnits } from "./job-posting.ts";
import { countryOf, placeIn } from "./location.ts";
import { descriptionLimits, descriptionRules } from "./mapping.ts";

type Rule = readonly [isBroken: boolean, ...finding: Parameters<typeof finding>];

/** What Indeed would refuse, leave out or change. */
export function checkJob(job: Job, _settings: AccountSettings, now: Date): readonly JobFinding[] {
  const broken = [...refused(job, now), ...dropped(job), ...changed(job, now)].filter(([isBroken]) => isBroken);
  return [...broken.map(([, ...told]) => finding(...told)), ...findingsOfApplying(job)];
}

function refused(job: Job, now: Date): readonly Rule[] {
  const { salary } = job;
  const bytes = Buffer.byteLength(descriptionOf(job));
  const isPlaced = job.location !== null && placeIn(job.location) !== null;
  const unclean = uncleanTitle(job);
  return [
    [
      unclean !== null,
      "REFUSED",
      ["title"],
      `Indeed's check rejects titles with more in them than the title; this has ${unclean}.`,
      "Take it out of the title; it has a place of its own in the job.",
    ],
    [
      bytes > descriptionLimits.max,
      "REFUSED",
      ["description"],
      `A description has at most ${descriptionLimits.max} bytes, with everything in it; this has ${bytes}.`,
      "Shorten the description or the texts that follow it.",
    ],
    [
      countryOf(job) === null,
      "REFUSED",
      ["location"],
      "A job has a country, a remote one too.",
      "Give `location`, or `remoteCountries` for a remote job.",
    ],
    [
      countryOf(job) !== null && !isPlaced && job.workplaceType !== "REMOTE",
      "REFUSED",
      ["location"],
      "A job that is not remote has a city, a region or a postal code.",
      "Give `location` one of them, or make the job REMOTE.",
    ],
    [
      job.applyUrl === null,
      "REFUSED",
      ["applyUrl"],
      "A job has a page of its own on the career site.",
      "Give `applyUrl`.",
    ],
    [
      job.contactEmail === null,
      "REFUSED",
      ["contactEmail"],
      "A job has one contact whom Indeed can ask.",
      "Give `contactEmail`.",
    ],
    [
      job.expiresAt !== null && job.expiresAt <= now,
      "REFUSED",
      ["expiresAt"],
      "A job that has ended is not shown.",
      "Set `expiresAt` to a later time, or leave it out.",
    ],
    [
      salary?.visible === true && isUpsideDown(salary),
      "REFUSED",
      ["salary", "max"],
      "The most is not less than the least.",
      "Exchange `salary.min` and `salary.max`.",
    ],
  ];
}

function isUpsideDown(salary: Salary): boolean {
  const { max, currency } = salary;
  return hasMinimum(salary) && max !== null && minorUnits(max, currency) < minorUnits(salary.min, currency);
}

/** What a title has in it that Indeed's check rejects; null for a clean one. */
function uncleanTitle({ title, location, company }: Job): string | null {
  const has = (words: string | null | undefined) =>
    Boolean(words?.trim()) && new RegExp(`(?<![\\p{L}\\d])${escaped(words ?? "")}(?![\\p{L}\\d])`, "iu").test(title);
  if (has(location?.city)) return "the city";
  if (has(company.name)) return "the company";
  if (/[$€£¥]\s?\d|\b\d+\s?k\b/i.test(title)) return "the pay";
  const shouts = title === title.toUpperCase() && /\p{Lu}{5}/u.test(title);
  return shouts || title.includes("!!") ? "shouting" : null;
}

function escaped(words: string): string {
  return words.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function dropped(job: Job): readonly Rule[] {
  const { salary } = job;
  return [
    [
      job.alternateLocations.length > 0,
      "DROPPED",
      ["alternateLocations"],
      "Indeed has one posting for each place.",
      "Post the job once for each, with a reference of its own.",
    ],
    [
      salary?.visible === true && !hasMinimum(salary),
      "DROPPED",
      ["salary", "min"],
      "Pay has a minimum of more than 0.",
      "Give `salary.min`.",
    ],
    [
      job.contactPhone !== null,
      "DROPPED",
      ["contactPhone"],
      "Indeed documents no place for it.",
      "Put it into the description if candidates have to know it.",
    ],
    [
      job.company.logoUrl !== null,
      "DROPPED",
      ["company", "logoUrl"],
      "Indeed shows the logo of the company's page there.",
      "Put it there.",
    ],
    [
      job.company.description !== null,
      "DROPPED",
      ["company", "description"],
      "Indeed shows what the company's page there says.",
      "Put it there, or into the job's description.",
    ],
    [
      job.promotion !== null,
      "DROPPED",
      ["promotion"],
      "Jobs are sponsored in the company's account at Indeed.",
      "Sponsor the job there once it is live.",
    ],
  ];
}

function changed(job: Job, now: Date): readonly Rule[] {
  const parts = [job.description, job.responsibilities, job.requirements, job.niceToHave, job.benefitsText];
  return [
    [
      parts.some((part) => part !== null && isChangedFor(descriptionRules.tags, part)),
      "CHANGED",
      ["description"],
      `Only these tags are shown: ${descriptionRules.tags.join(", ")}.`,
      "Numbered lists become plain ones; of other tags the text stays.",
    ],
    [
      job.publishedAt !== null && job.publishedAt > now,
      "CHANGED",
      ["publishedAt"],
      "No job was published in the future: it is sent as published now.",
      "Post it when it is to be seen.",
    ],
    [
      job.company.isConfidential,
      "CHANGED",
      ["company", "isConfidential"],
      "Indeed shows the company's name.",
      "Give another name in `company.name`, or do not post it on Indeed.",
    ],
  ];
}

function finding(effect: JobFinding["effect"], field: JobFinding["field"], rule: string, fix: string): JobFinding {
  return { field, effect, rule, fix };
}
