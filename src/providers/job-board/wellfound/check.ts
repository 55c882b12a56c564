import { broken, leftOut, nothingToDo, partsOf, type Rule } from "../check-rules.ts";
import { isChangedFor, textOf } from "../description.ts";
import type { Job, JobField } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";
import { descriptionRules, fields, jobTypes } from "./mapping.ts";

/** What Wellfound would not take, leave out or change. */
export const checkJob: JobBoardProvider["check"] = (job, _settings, now) => [
  ...broken("REFUSED", refused(job, now)),
  ...broken("DROPPED", dropped(job)),
  ...broken("CHANGED", changed(job)),
];

function refused(job: Job, now: Date): readonly Rule[] {
  const { title, workplaceType, location, expiresAt } = job;
  const text = partsOf(job).map((part) => textOf(part));
  return [
    [title.trim() === "", ["title"], "A job has a title.", "Say what the job is."],
    [text.join("") === "", ["description"], "A job has a description.", "Say what the job is about."],
    [
      workplaceType !== "REMOTE" && location === null,
      ["location"],
      "A job has a place, or is remote.",
      "Give the city and the country, or say REMOTE.",
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
  const { employmentType } = job;
  const left = (field: JobField, isThere: boolean, fix: string) => leftOut(fields, field, isThere, fix);
  const inDescription = "Put it into the description if candidates have to know it.";
  return [
    [
      employmentType !== null && jobTypes[employmentType] === null,
      ["employmentType"],
      "Wellfound has no word for it.",
      inDescription,
    ],
    left("industries", job.industries.length > 0, nothingToDo),
    left("contactName", job.contactName !== null, inDescription),
    left("contactPhone", job.contactPhone !== null, inDescription),
    left("screeningQuestions", job.screeningQuestions.length > 0, "Enter them at Wellfound."),
    left("language", job.language !== null, nothingToDo),
    left("publishedAt", job.publishedAt !== null, "Post it when it is to be seen."),
    left("promotion", job.promotion !== null, "Buy the ad at Wellfound, or leave it out."),
  ];
}

function changed(job: Job): readonly Rule[] {
  const { employmentType, salary, equity, applyMethod } = job;
  return [
    [
      partsOf(job).some((part) => isChangedFor(descriptionRules.tags, part)),
      ["description"],
      `Only these tags are shown: ${descriptionRules.tags.join(", ")}.`,
      "Other headings become bold, tables lists; of other tags the text stays.",
    ],
    [
      employmentType === "TEMPORARY",
      ["employmentType"],
      "Wellfound calls it `Contract`.",
      "Say in the description that it is temporary.",
    ],
    [
      salary?.visible !== true,
      ["salary"],
      "A job without pay is shown to fewer candidates.",
      "Give the pay for a year, and `visible: true`.",
    ],
    [
      equity === null,
      ["equity"],
      "A job that does not say whether there is equity is shown to fewer candidates.",
      "Say `offered: true` with the range, or `offered: false`.",
    ],
    [
      applyMethod !== "BOARD_NATIVE",
      ["applyMethod"],
      "Candidates apply at Wellfound itself, and are not sent elsewhere.",
      "Read the applications at Wellfound, and file those that matter with recordJobApplication.",
    ],
  ];
}
