import { broken, leftOut, nothingToDo, partsOf, type Rule } from "../check-rules.ts";
import { isChangedFor, renderDescription, textOf } from "../description.ts";
import type { Job, JobField } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";
import { salaryOf } from "./document.ts";
import { descriptionLimits, descriptionRules, fields, industryLimits, titleLimits } from "./mapping.ts";

const maxName = 255;
const maxEmail = 100;
const minPhone = 8;
const maxPhone = 50;

/** What Monster would refuse, leave out or change. */
export const checkJob: JobBoardProvider["check"] = (job, settings, now) => [
  ...broken("REFUSED", [...refused(job, now), ...badContacts(job)]),
  ...broken("DROPPED", dropped(job)),
  ...broken("CHANGED", changed(job, settings["duration"] ?? "30", now)),
];

function refused(job: Job, now: Date): readonly Rule[] {
  const { title, location, applyMethod, applyUrl, expiresAt } = job;
  const { length } = renderDescription(job, descriptionRules);
  const isEmpty =
    partsOf(job)
      .map((part) => textOf(part))
      .join("") === "";
  return [
    [title.trim() === "", ["title"], "A job has a title.", "Say what the job is."],
    [
      title.length > titleLimits.max,
      ["title"],
      `A title has at most ${titleLimits.max} characters.`,
      "Shorten the title.",
    ],
    [
      length < descriptionLimits.min || isEmpty,
      ["description"],
      `A description has at least ${descriptionLimits.min} characters; this has ${length}.`,
      "Say more about the job.",
    ],
    [
      location === null || (location.city === null && location.postalCode === null),
      ["location"],
      "A job has a city or a postal code, a remote one too.",
      "Give `location` one of them.",
    ],
    [
      applyUrl === null && applyMethod === "EXTERNAL_URL",
      ["applyUrl"],
      "A job says where candidates apply.",
      "Give `applyUrl`, or have candidates apply at Monster or by mail.",
    ],
    [
      expiresAt !== null && expiresAt <= now,
      ["expiresAt"],
      "A job that is over is not shown.",
      "Set `expiresAt` to a later time, or leave it out.",
    ],
  ];
}

function badContacts({ company, contactName, contactEmail, contactPhone }: Job): readonly Rule[] {
  const isLong = (text: string | null, most: number) => (text?.length ?? 0) > most;
  return [
    [company.name.trim() === "", ["company", "name"], "A job names its company.", "Give the company's name."],
    [isLong(company.name, maxName), ["company", "name"], `A name has at most ${maxName} characters.`, "Shorten it."],
    [isLong(contactName, maxName), ["contactName"], `A name has at most ${maxName} characters.`, "Shorten it."],
    [
      isLong(contactEmail, maxEmail),
      ["contactEmail"],
      `An address has at most ${maxEmail} characters.`,
      "Give another one.",
    ],
    [
      contactPhone !== null && (contactPhone.length < minPhone || contactPhone.length > maxPhone),
      ["contactPhone"],
      `A telephone number has ${minPhone} to ${maxPhone} characters.`,
      "Give it with its area code, or leave it out.",
    ],
  ];
}

function dropped(job: Job): readonly Rule[] {
  const { salary, boardCodes } = job;
  const left = (field: JobField, isThere: boolean, fix: string) => leftOut(fields, field, isThere, fix);
  const givesIds = boardCodes.functions.length > 0;
  return [
    [
      salary?.visible === true && salaryOf(salary) === null,
      ["salary", "currency"],
      "Monster's number for this currency is not known.",
      "Say in the description what the job pays.",
    ],
    left("alternateLocations", job.alternateLocations.length > 0, "Post the job once for each place."),
    left(
      "industries",
      job.industries.length > 0 && boardCodes.industries.length === 0,
      "Look its id up in Monster's lists.",
    ),
    left("functions", job.functions.length > 0 && !givesIds, "Look its id up in Monster's lists."),
    left("category", job.category !== null && !givesIds, "Look its id up in Monster's lists."),
    left("screeningQuestions", job.screeningQuestions.length > 0, "Ask them where candidates apply."),
    left("language", job.language !== null, nothingToDo),
    left("publishedAt", job.publishedAt !== null, "Post it when it is to be seen."),
    left("promotion", job.promotion !== null, "Buy it with the inventory."),
    [
      boardCodes.industries.length > industryLimits.max,
      ["boardCodes", "industries"],
      `A job has at most ${industryLimits.max} industries; the rest is left out.`,
      "Name the most important ones first.",
    ],
  ];
}

function changed(job: Job, days: string, now: Date): readonly Rule[] {
  const { employmentType, seniority, expiresAt } = job;
  const shownUntil = now.getTime() + Number(days) * 24 * 60 * 60 * 1000;
  return [
    [
      partsOf(job).some((part) => isChangedFor(descriptionRules.tags, part)),
      ["description"],
      `Only these tags are shown: ${descriptionRules.tags.join(", ")}.`,
      "Other headings become bold, tables lists; of other tags the text stays.",
    ],
    [employmentType === null, ["employmentType"], "It is shown as full time.", "Say how one is employed."],
    [seniority === null, ["seniority"], "It is shown as for experienced people.", "Say how experienced one has to be."],
    [
      expiresAt !== null && expiresAt.getTime() > shownUntil,
      ["expiresAt"],
      `A job is shown for ${days} days.`,
      "Open it again with reopenJobPosting afterwards; that takes another posting of the inventory.",
    ],
  ];
}
