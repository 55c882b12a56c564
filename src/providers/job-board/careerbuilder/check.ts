import { broken, leftOut, nothingToDo, partsOf, type Rule } from "../check-rules.ts";
import { isChangedFor, textOf } from "../description.ts";
import type { Job, JobField } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";
import { descriptionRules, fields, titleLimits } from "./mapping.ts";

/** What CareerBuilder would refuse, leave out or change, as far as guides to its interface say. */
export const checkJob: JobBoardProvider["check"] = (job, _settings, now) => [
  ...broken("REFUSED", refused(job, now)),
  ...broken("DROPPED", dropped(job)),
  ...broken("CHANGED", changed(job)),
];

function refused(job: Job, now: Date): readonly Rule[] {
  const { title, location, applyMethod, applyUrl, expiresAt } = job;
  const text = partsOf(job).map((part) => textOf(part));
  return [
    [title.trim() === "", ["title"], "A job has a title.", "Say what the job is."],
    [
      title.length > titleLimits.max,
      ["title"],
      `A title has at most ${titleLimits.max} characters.`,
      "Shorten the title.",
    ],
    [text.join("") === "", ["description"], "A job has a description.", "Say what the job is about."],
    [
      location === null || (location.city === null && location.postalCode === null),
      ["location"],
      "A job has a city or a postal code, a remote one too.",
      "Give `location` one of them.",
    ],
    [
      applyUrl === null && applyMethod !== "EMAIL",
      ["applyUrl"],
      "A job says where candidates apply.",
      "Give `applyUrl`, or `contactEmail` with the method EMAIL.",
    ],
    [
      expiresAt !== null && expiresAt <= now,
      ["expiresAt"],
      "A job that is over is not shown.",
      "Set `expiresAt` to a later time, or leave it out.",
    ],
  ];
}

function dropped(job: Job): readonly Rule[] {
  const { boardCodes } = job;
  const left = (field: JobField, isThere: boolean, fix: string) => leftOut(fields, field, isThere, fix);
  return [
    left(
      "industries",
      job.industries.length > 0 && boardCodes.industries.length === 0,
      "Ask CareerBuilder for its codes.",
    ),
    left(
      "functions",
      job.functions.length > 0 && boardCodes.functions.length === 0,
      "Ask CareerBuilder for its codes.",
    ),
    left("category", job.category !== null, "Put it into the description if candidates have to know it."),
    left("screeningQuestions", job.screeningQuestions.length > 0, "Ask them where candidates apply."),
    left("language", job.language !== null, nothingToDo),
    left("promotion", job.promotion !== null, "Agree on it with CareerBuilder."),
  ];
}

function changed(job: Job): readonly Rule[] {
  return [
    [
      partsOf(job).some((part) => isChangedFor(descriptionRules.tags, part)),
      ["description"],
      `Only these tags are shown: ${descriptionRules.tags.join(", ")}.`,
      "Other headings become bold, tables lists; of other tags the text stays.",
    ],
    [
      job.applyMethod === "BOARD_NATIVE" && job.applyUrl !== null,
      ["applyMethod"],
      "Applications do not come back from CareerBuilder: candidates are sent to `applyUrl`.",
      nothingToDo,
    ],
  ];
}
