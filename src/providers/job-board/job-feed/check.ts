import type { AccountSettings } from "../../provider.ts";
import { broken, leftOut, nothingToDo, partsOf, type Rule } from "../check-rules.ts";
import { isChangedFor } from "../description.ts";
import type { FeedDialect } from "../feed-dialect.ts";
import type { Job, JobLocation } from "../job.ts";
import type { FieldLimits, JobBoardProvider } from "../provider.ts";
import { dialects } from "./dialects.ts";
import { fields, titleLimits } from "./mapping.ts";

/** What some reader of a feed would refuse, leave out or change. A job stands in every feed, so that it has to fit all of them. */
export const checkJob: JobBoardProvider["check"] = (job, settings, now) => [
  ...broken("REFUSED", [
    ...refused(job, now),
    ...refusedPlaces(job),
    ...refusedLengths(job),
    withoutPoster(job, settings),
  ]),
  ...broken("DROPPED", dropped(job)),
  ...broken("CHANGED", changed(job)),
];

function refused(job: Job, now: Date): readonly Rule[] {
  const { title, company, applyUrl, expiresAt } = job;
  return [
    [
      !isWithin(titleLimits, title.trim()),
      ["title"],
      `A title has ${titleLimits.min} to ${titleLimits.max} characters.`,
      "Say what the job is, and no more.",
    ],
    [company.name.trim() === "", ["company", "name"], "A job names its company.", "Give the company's name."],
    [
      company.isConfidential,
      ["company", "isConfidential"],
      "A feed names the company of every job, and candidates see it.",
      "Post it on other boards, or have the company named.",
    ],
    [applyUrl === null, ["applyUrl"], "A job has a page on which one applies.", "Give `applyUrl`."],
    [
      expiresAt !== null && expiresAt <= now,
      ["expiresAt"],
      "A job that is over is not listed.",
      "Set `expiresAt` to a later time, or leave it out.",
    ],
  ];
}

function refusedPlaces({ workplaceType, location, alternateLocations, remoteCountries }: Job): readonly Rule[] {
  if (workplaceType === "REMOTE") {
    const isNowhere = location === null && alternateLocations.length === 0 && remoteCountries.length === 0;
    const fix = "Give `location`, or `remoteCountries`.";
    return [[isNowhere, ["location"], "A remote job has a country, too.", fix]];
  }
  const rule = "A place has a city, a region and a country, unless the job is remote.";
  const fix = "Give all three; for a city without a region, its own name again.";
  return [
    [location === null || !isWhole(location), ["location"], rule, fix],
    ...alternateLocations.map(
      (place, index): Rule => [!isWhole(place), ["alternateLocations", String(index)], rule, fix],
    ),
  ];
}

function isWhole({ city, region }: JobLocation): boolean {
  return Boolean(city?.trim() && region?.trim());
}

/** Measured as each reader gets it. */
function refusedLengths(job: Job): readonly Rule[] {
  return Object.values<FeedDialect>(dialects).flatMap(({ reader, describe, descriptionLimits: limits }) =>
    limits ? [ruleOfLength(reader, limits, describe(job))] : [],
  );
}

function ruleOfLength(reader: string, limits: FieldLimits, text: string): Rule {
  const { unit, min = 0, max } = limits;
  const range = max === undefined ? `at least ${min}` : `${min} to ${max}`;
  return [
    !isWithin(limits, text),
    ["description"],
    `A description has ${range} ${unit.toLowerCase()} as ${reader} gets it, with everything in it; this has ${lengthOf(unit, text)}.`,
    "Make the description, or the texts that follow it, longer or shorter.",
  ];
}

function isWithin({ unit, min = 0, max = Number.POSITIVE_INFINITY }: FieldLimits, text: string): boolean {
  const length = lengthOf(unit, text);
  return length >= min && length <= max;
}

function lengthOf(unit: FieldLimits["unit"], text: string): number {
  return unit === "BYTES" ? Buffer.byteLength(text) : text.length;
}

/** Since June 2025, say LinkedIn's release notes; it is asked for where there is a feed for LinkedIn. */
function withoutPoster({ contactEmail }: Job, { linkedInCompanyId = "" }: AccountSettings): Rule {
  return [
    contactEmail === null && linkedInCompanyId !== "",
    ["contactEmail"],
    "LinkedIn wants the e-mail address of whoever posts a job.",
    "Give `contactEmail`.",
  ];
}

function dropped(job: Job): readonly Rule[] {
  return [
    leftOut(fields, "screeningQuestions", job.screeningQuestions.length > 0, "Ask them where candidates apply."),
    leftOut(fields, "promotion", job.promotion !== null, "Buy it from the reader, or leave it out."),
  ];
}

function changed(job: Job): readonly Rule[] {
  const tags = ["b", "strong", "p", "br", "ul", "li"];
  return [
    [
      partsOf(job).some((part) => isChangedFor(tags, part)),
      ["description"],
      `All readers show ${tags.join(", ")}; some show more.`,
      "Where other tags are not shown headings become bold, tables lists; of the rest the text stays.",
    ],
    [
      job.applyMethod !== "EXTERNAL_URL" && job.applyUrl !== null,
      ["applyMethod"],
      "Nobody applies in a feed: candidates are sent to `applyUrl`.",
      nothingToDo,
    ],
  ];
}
