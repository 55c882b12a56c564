import { broken, leftOut, nothingToDo, type Rule } from "../check-rules.ts";
import { isChangedFor, renderDescription } from "../description.ts";
import type { Job, JobField, JobLocation } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";
import { findingsOfApplying } from "./check-applying.ts";
import { placeOf } from "./document.ts";
import {
  countries,
  descriptionLimits,
  descriptionRules,
  fields,
  jobTypes,
  perhapsCountries,
  titleLimits,
} from "./mapping.ts";

/** What ZipRecruiter would refuse, leave out or change. */
export const checkJob: JobBoardProvider["check"] = (job, _settings, now) => [
  ...broken("REFUSED", refused(job, now)),
  ...broken("DROPPED", dropped(job)),
  ...broken("CHANGED", changed(job)),
  ...findingsOfApplying(job),
];

function refused(job: Job, now: Date): readonly Rule[] {
  const { length } = renderDescription(job, descriptionRules);
  const { location, salary } = job;
  const takenCountries = [...countries, ...perhapsCountries];
  return [
    [
      job.title.length < titleLimits.min,
      ["title"],
      `A title has at least ${titleLimits.min} characters.`,
      "Say what the job is.",
    ],
    [
      length < descriptionLimits.min,
      ["description"],
      `A description has at least ${descriptionLimits.min} characters; this has ${length}.`,
      "Say more about the job.",
    ],
    [
      location !== null && !takenCountries.includes(location.country),
      ["location", "country"],
      `Jobs are in ${countries.join(", ")}.`,
      "Post it on other boards.",
    ],
    [
      !hasPlace(location),
      ["location"],
      "A job has a city with its state, a postal code, or coordinates; a remote one too.",
      "Give `location` a city and a region, or a postal code.",
    ],
    [
      job.applyMethod !== "BOARD_NATIVE" && !job.applyUrl?.startsWith("https://"),
      ["applyUrl"],
      "A job has an HTTPS address at which candidates apply, unless they apply at ZipRecruiter.",
      "Give `applyUrl`, or let candidates apply at ZipRecruiter with BOARD_NATIVE.",
    ],
    [
      job.expiresAt !== null && job.expiresAt <= now,
      ["expiresAt"],
      "A job that is over is not shown.",
      "Set `expiresAt` to a later time, or leave it out.",
    ],
    [
      Number(salary?.max ?? Number.POSITIVE_INFINITY) < Number(salary?.min ?? 0),
      ["salary", "max"],
      "The most is not less than the least.",
      "Exchange `min` and `max`.",
    ],
  ];
}

function dropped(job: Job): readonly Rule[] {
  const { promotion, company } = job;
  const left = (field: JobField, isThere: boolean, fix: string) => leftOut(fields, field, isThere, fix);
  const inDescription = "Put it into the description if candidates have to know it.";
  return [
    left("alternateLocations", job.alternateLocations.length > 0, "Post the job once for each location."),
    left("seniority", job.seniority !== null, inDescription),
    left("industries", job.industries.length > 0, inDescription),
    left("functions", job.functions.length > 0, inDescription),
    left("category", job.category !== null, inDescription),
    left("contactEmail", job.contactEmail !== null, inDescription),
    left("contactName", job.contactName !== null, inDescription),
    left("contactPhone", job.contactPhone !== null, inDescription),
    left("language", job.language !== null, nothingToDo),
    left("publishedAt", job.publishedAt !== null, "Post it when it is to be seen."),
    [
      company.url !== null || company.logoUrl !== null || company.description !== null,
      ["company"],
      "Of a company only its name is sent.",
      "Keep the rest in the employer's profile at ZipRecruiter.",
    ],
    [
      promotion !== null && promotion.type !== "BOOST",
      ["promotion", "type"],
      "ZipRecruiter has boosts, and no other promotion.",
      "Ask for BOOST, or leave it out.",
    ],
    [
      promotion?.type === "BOOST" && (promotion.budget !== null || promotion.days !== null),
      ["promotion"],
      "A boost has neither a budget nor days.",
      "Leave both out.",
    ],
  ];
}

function changed(job: Job): readonly Rule[] {
  const { employmentType, salary } = job;
  const parts = [job.description, job.responsibilities, job.requirements, job.niceToHave, job.benefitsText];
  const amounts = salary?.visible ? [salary.min, salary.max] : [];
  return [
    [
      parts.some((part) => part !== null && isChangedFor(descriptionRules.tags, part)),
      ["description"],
      `Only these tags are sent: ${descriptionRules.tags.join(", ")}.`,
      "Headings become bold, tables lists; of other tags the text stays.",
    ],
    [
      employmentType === null || jobTypes[employmentType] === "other",
      ["employmentType"],
      "ZipRecruiter has no word for it; it is sent as `other`.",
      nothingToDo,
    ],
    [
      amounts.some((amount) => amount !== null && !Number.isInteger(Number(amount))),
      ["salary"],
      "Pay is in whole numbers: the least is rounded down, the most up. The description tells it exactly.",
      nothingToDo,
    ],
    [
      job.company.isConfidential,
      ["company", "isConfidential"],
      "No name is sent; ZipRecruiter may show the one that it knows of the employer.",
      "Ask ZipRecruiter, or post it from another employer's integration.",
    ],
  ];
}

function hasPlace(location: JobLocation | null): boolean {
  return Object.values(placeOf(location)).some((part) => part !== null);
}
