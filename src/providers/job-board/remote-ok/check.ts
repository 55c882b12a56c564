import { broken, leftOut, nothingToDo, partsOf, type Rule } from "../check-rules.ts";
import { isChangedFor, textOf } from "../description.ts";
import type { Job, JobField } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";
import { descriptionRules, fields } from "./mapping.ts";

/** What Remote OK would not take, leave out or change. */
export const checkJob: JobBoardProvider["check"] = (job, _settings, now) => [
  ...broken("REFUSED", refused(job, now)),
  ...broken("DROPPED", dropped(job)),
  ...broken("CHANGED", changed(job)),
];

function refused(job: Job, now: Date): readonly Rule[] {
  const { workplaceType, title, company, applyMethod, applyUrl, expiresAt } = job;
  const text = partsOf(job).map((part) => textOf(part));
  return [
    [
      workplaceType !== "REMOTE",
      ["workplaceType"],
      "Every job there is done remotely.",
      "Post it on other boards, or say REMOTE if it is.",
    ],
    [title.trim() === "", ["title"], "A job has a title.", "Say what the job is."],
    [text.join("") === "", ["description"], "A job has a description.", "Say what the job is about."],
    [company.name.trim() === "", ["company", "name"], "A job names its company.", "Give the company's name."],
    [
      company.isConfidential,
      ["company", "isConfidential"],
      "A job names its company, and candidates see it.",
      "Post it on other boards, or have the company named.",
    ],
    [
      applyUrl === null && applyMethod !== "EMAIL",
      ["applyUrl"],
      "A job says where candidates apply: nobody applies at Remote OK itself.",
      "Give `applyUrl`, or `contactEmail` with the method EMAIL.",
    ],
    [
      expiresAt !== null && expiresAt <= now,
      ["expiresAt"],
      "A job that is over is not posted.",
      "Set `expiresAt` to a later time, or leave it out.",
    ],
  ];
}

function dropped(job: Job): readonly Rule[] {
  const left = (field: JobField, isThere: boolean, fix: string) => leftOut(fields, field, isThere, fix);
  const inDescription = "Put it into the description if candidates have to know it.";
  return [
    left(
      "location",
      job.location !== null && job.remoteCountries.length === 0,
      "Say in `remoteCountries` from where one may work.",
    ),
    left("alternateLocations", job.alternateLocations.length > 0, inDescription),
    left("industries", job.industries.length > 0, inDescription),
    left("contactName", job.contactName !== null, inDescription),
    left("contactPhone", job.contactPhone !== null, inDescription),
    left("screeningQuestions", job.screeningQuestions.length > 0, "Ask them where candidates apply."),
    left("language", job.language !== null, nothingToDo),
    left("publishedAt", job.publishedAt !== null, "Post it when it is to be seen."),
    left("promotion", job.promotion !== null, "Buy the upgrade in the form, or leave it out."),
  ];
}

function changed(job: Job): readonly Rule[] {
  const { applyMethod, applyUrl, salary } = job;
  return [
    [
      partsOf(job).some((part) => isChangedFor(descriptionRules.tags, part)),
      ["description"],
      `Only these tags are shown: ${descriptionRules.tags.join(", ")}.`,
      "Other headings become bold, tables lists; of other tags the text stays.",
    ],
    [
      salary?.visible === true && salary.period !== "YEAR",
      ["salary", "period"],
      "Remote OK shows pay for a year.",
      "Give the pay for a year, or choose the nearest range in the form.",
    ],
    [
      applyMethod === "BOARD_NATIVE" && applyUrl !== null,
      ["applyMethod"],
      "Nobody applies at Remote OK itself: candidates are sent to `applyUrl`.",
      nothingToDo,
    ],
  ];
}
