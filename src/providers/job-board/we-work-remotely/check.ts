import type { AccountSettings } from "../../provider.ts";
import { broken, leftOut, nothingToDo, partsOf, type Rule } from "../check-rules.ts";
import { isChangedFor, textOf } from "../description.ts";
import type { Job, JobField } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";
import { categoryNamed, categoryOf } from "./categories.ts";
import { instructionsOf } from "./document.ts";
import { descriptionRules, fields, listingTypes, shownMs } from "./mapping.ts";
import { regionOf } from "./regions.ts";

/** What We Work Remotely would refuse, leave out or change. */
export const checkJob: JobBoardProvider["check"] = (job, settings, now) => [
  ...broken("REFUSED", refused(job, now)),
  ...broken("DROPPED", dropped(job)),
  ...broken("CHANGED", changed(job, settings, now)),
];

function refused(job: Job, now: Date): readonly Rule[] {
  const { workplaceType, title, company } = job;
  const parts = partsOf(job).map((part) => textOf(part));
  return [
    [
      workplaceType !== "REMOTE",
      ["workplaceType"],
      "Every job there is done remotely, from anywhere in a region.",
      "Post it on other boards, or say REMOTE if it is.",
    ],
    [title.trim() === "", ["title"], "A job has a title.", "Say what the job is."],
    [parts.join("") === "", ["description"], "A job has a description.", "Say what the job is about."],
    [company.name.trim() === "", ["company", "name"], "A job names its company.", "Give the company's name."],
    [
      company.isConfidential,
      ["company", "isConfidential"],
      "A job names its company, and candidates see it.",
      "Post it on other boards, or have the company named.",
    ],
    [
      instructionsOf(job) === null,
      ["applyUrl"],
      "A job says where candidates apply: nobody applies at We Work Remotely itself.",
      "Give `applyUrl`, or `contactEmail` with the method EMAIL.",
    ],
    [
      job.expiresAt !== null && job.expiresAt <= now,
      ["expiresAt"],
      "A job that is over is not shown.",
      "Set `expiresAt` to a later time, or leave it out.",
    ],
  ];
}

function dropped(job: Job): readonly Rule[] {
  const { employmentType, company, promotion } = job;
  const left = (field: JobField, isThere: boolean, fix: string) => leftOut(fields, field, isThere, fix);
  const inDescription = "Put it into the description if candidates have to know it.";
  return [
    [
      employmentType !== null && listingTypes[employmentType] === null,
      ["employmentType"],
      "We Work Remotely has no word for it.",
      inDescription,
    ],
    left("alternateLocations", job.alternateLocations.length > 0, inDescription),
    left("industries", job.industries.length > 0, inDescription),
    left("contactName", job.contactName !== null, inDescription),
    left("contactPhone", job.contactPhone !== null, inDescription),
    left("screeningQuestions", job.screeningQuestions.length > 0, "Ask them where candidates apply."),
    left("language", job.language !== null, nothingToDo),
    left("publishedAt", job.publishedAt !== null, "Post it when it is to be seen."),
    left("promotion", promotion !== null, "Buy the upgrade there, or leave it out."),
    [company.logoUrl !== null, ["company", "logoUrl"], "No logo is sent.", "Add it at We Work Remotely."],
  ];
}

function changed(job: Job, settings: AccountSettings, now: Date): readonly Rule[] {
  const { applyMethod, applyUrl, category, functions, remoteCountries } = job;
  const region = regionOf(remoteCountries);
  const isElsewhere = categoryNamed(job) === null && (category !== null || functions.length > 0);
  return [
    [
      partsOf(job).some((part) => isChangedFor(descriptionRules.tags, part)),
      ["description"],
      `Only these tags are shown: ${descriptionRules.tags.join(", ")}.`,
      "Other headings become bold, tables lists; of other tags the text stays.",
    ],
    [
      job.employmentType === "TEMPORARY",
      ["employmentType"],
      "We Work Remotely calls it `Contract`.",
      "Say in the description that it is temporary.",
    ],
    [
      isElsewhere || (categoryNamed(job) === null && settings["category"] === undefined),
      ["category"],
      `It is listed under ${categoryOf(job, settings).name}.`,
      "Give the name or the id of a category of We Work Remotely's as `category`, or choose one when you connect.",
    ],
    [
      !region.isExact,
      ["remoteCountries"],
      region.name === null
        ? "No region of We Work Remotely's has all of these countries, so that none is sent."
        : `It is shown as ${region.name}, which are more countries.`,
      "Nothing has to be done: the description names the countries.",
    ],
    [
      job.expiresAt !== null && job.expiresAt.getTime() > now.getTime() + shownMs,
      ["expiresAt"],
      "A job is shown for 30 days.",
      "Open it again with reopenJobPosting afterwards; that costs another post.",
    ],
    [
      applyMethod === "BOARD_NATIVE" && applyUrl !== null,
      ["applyMethod"],
      "Nobody applies at We Work Remotely itself: candidates are sent to `applyUrl`.",
      nothingToDo,
    ],
  ];
}
