import { payInWords, seniorityNames } from "../description.ts";
import type { FeedFacts, FeedPosting } from "../feed-dialect.ts";
import type { Job } from "../job.ts";
import { type JobPlace, placesOf } from "./places.ts";
import { declaration, type XmlElement, xmlOf } from "./xml.ts";

// The form that Indeed has made usual: <source>, and in it one <job> for each job and place.

export function sourceHead({ settings: { publisher = "", publisherUrl = "" }, changedAt }: FeedFacts): string {
  const publication: XmlElement[] = [
    ["publisher", publisher],
    ["publisherurl", publisherUrl],
    ["lastBuildDate", changedAt.toUTCString()],
  ];
  return `${declaration}<source>\n${xmlOf(publication)}`;
}

export const sourceTail = "</source>\n";

/** What one kind of reader makes of that form. */
interface SourceForm {
  readonly description: string;
  readonly mostReferenceCharacters: number;
  /** What this reader alone knows. */
  more(place: JobPlace): readonly XmlElement[];
}

export function sourceJobs(posting: FeedPosting, form: SourceForm): readonly string[] {
  return placesOf(posting.job, form.mostReferenceCharacters).map((place) =>
    xmlOf([["job", [...required(posting, place, form), ...form.more(place), ...optional(posting.job, place)]]]),
  );
}

/** What every reader requires; a remote job may be in a country without more. */
function required(
  { job, link, listedAt }: FeedPosting,
  { reference, location }: JobPlace,
  { description }: SourceForm,
): readonly XmlElement[] {
  return [
    ["title", job.title.trim()],
    ["date", (job.publishedAt ?? listedAt).toISOString()],
    ["referencenumber", reference],
    ["url", link ?? job.applyUrl ?? ""],
    ["company", job.company.name],
    ["city", location.city ?? ""],
    ["state", location.region ?? ""],
    ["country", location.country],
    ["description", description],
  ];
}

/** What most of them know, as texts. */
function optional(job: Job, { location }: JobPlace): readonly XmlElement[] {
  return [
    ["postalcode", location.postalCode],
    ["education", job.education],
    ["category", categoriesOf(job)],
    ["experience", job.seniority && seniorityNames[job.seniority]],
    ["expirationdate", job.expiresAt?.toISOString() ?? null],
  ];
}

export function salaryOf({ salary }: Job): XmlElement {
  return ["salary", salary && payInWords(salary)];
}

/** The caller's own words, each once. */
function categoriesOf({ category, functions, industries }: Job): string | null {
  const words = [...(category === null ? [] : [category]), ...functions, ...industries];
  return words.length > 0 ? [...new Set(words)].join(", ") : null;
}
