import { broken, leftOut, nothingToDo, partsOf, type Rule } from "../check-rules.ts";
import { isChangedFor, textOf } from "../description.ts";
import type { Job, JobField } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";
import { descriptionRules, fields, taxTerms } from "./mapping.ts";
import { stateCodeOf } from "./states.ts";

/** What Dice would not take, leave out or change, without ever saying so. */
export const checkJob: JobBoardProvider["check"] = (job, _settings, now) => [
  ...broken("REFUSED", refused(job, now)),
  ...broken("DROPPED", dropped(job)),
  ...broken("CHANGED", changed(job)),
];

function refused(job: Job, now: Date): readonly Rule[] {
  const { title, company, location, alternateLocations, employmentType, expiresAt } = job;
  const text = partsOf(job).map((part) => textOf(part));
  const places = [...(location ? [location] : []), ...alternateLocations];
  return [
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
      location === null || places.some(({ city }) => (city ?? "").trim() === ""),
      ["location"],
      "A job is listed in a city, remote ones too.",
      "Give the city and the country that it belongs to.",
    ],
    [
      places.some(({ country, region }) => country === "US" && stateCodeOf(region ?? "") === null),
      ["location", "region"],
      "In the United States a job is listed in a state.",
      "Give the state, by its name or its two letters.",
    ],
    [
      employmentType === "VOLUNTEER",
      ["employmentType"],
      "Dice lists paid jobs.",
      "Post it on other boards, or say what it is paid as.",
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
  const { employmentType, contactPhone } = job;
  const left = (field: JobField, isThere: boolean, fix: string) => leftOut(fields, field, isThere, fix);
  const inDescription = "Put it into the description if candidates have to know it.";
  return [
    [
      employmentType !== null && employmentType !== "VOLUNTEER" && taxTerms[employmentType] === null,
      ["employmentType"],
      "Dice has no word for it.",
      inDescription,
    ],
    [
      contactPhone !== null && !/^\+?1/.test(contactPhone.replaceAll(/[^\d+]/g, "")),
      ["contactPhone"],
      "Dice has a place for the area code of North American numbers alone.",
      inDescription,
    ],
    left("requisitionId", job.requisitionId !== null, nothingToDo),
    left("industries", job.industries.length > 0, inDescription),
    left("functions", job.functions.length > 0, inDescription),
    left("category", job.category !== null, inDescription),
    left("screeningQuestions", job.screeningQuestions.length > 0, "Ask them where candidates apply."),
    left("language", job.language !== null, nothingToDo),
    left("publishedAt", job.publishedAt !== null, "Post it when it is to be seen."),
    left("promotion", job.promotion !== null, "Leave it out."),
    [
      job.company.url !== null || job.company.logoUrl !== null || job.company.description !== null,
      ["company"],
      "Of the company its name alone is sent.",
      "Keep the company's profile at Dice.",
    ],
  ];
}

function changed(job: Job): readonly Rule[] {
  const { employmentType, alternateLocations, applyMethod, applyUrl, location } = job;
  return [
    [
      partsOf(job).some((part) => isChangedFor(descriptionRules.tags, part)),
      ["description"],
      `Only these tags are sent: ${descriptionRules.tags.join(", ")}.`,
      "Headings become bold, tables lists; of other tags the text stays.",
    ],
    [
      employmentType === "TEMPORARY",
      ["employmentType"],
      "Dice calls it a contract.",
      "Say in the description that it is temporary.",
    ],
    [
      alternateLocations.length > 0,
      ["alternateLocations"],
      "It is listed once for each place, and each takes a job slot.",
      "Name one place, if one is enough.",
    ],
    [
      location !== null && location.country !== "US",
      ["location"],
      "Dice is for jobs in the United States: fewer candidates look for others there.",
      nothingToDo,
    ],
    [
      applyMethod === "BOARD_NATIVE",
      ["applyMethod"],
      "Nobody applies at Dice itself: candidates are sent to `applyUrl`, or write to the recruiter.",
      nothingToDo,
    ],
    [
      applyMethod !== "EMAIL" && applyUrl === null,
      ["applyUrl"],
      "Without it candidates write to the recruiter.",
      "Give `applyUrl`, if there is a page on which they apply.",
    ],
  ];
}
