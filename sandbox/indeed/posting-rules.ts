import { badInput } from "./errors.ts";
import { JobPosting } from "./job-posting.ts";
import { otherMarkupIn } from "./markup.ts";
import type { IndeedSwitches } from "./switches.ts";

type Rules = Pick<IndeedSwitches, "otherMarkup" | "remoteWords" | "moderatesTitles">;

/**
 * A job as it was sent.
 *
 * @throws {IndeedError} BAD_USER_INPUT, with the first thing that is wrong
 */
export function readJobPosting(given: unknown, rules: Rules): JobPosting {
  // GraphQL's objects have no prototype; what is stored is plain.
  const read = JobPosting.safeParse(structuredClone(given));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw badInput(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { body } = read.data;
  if (!body.location.cityRegionPostal?.trim() && !isRemote(read.data, rules)) {
    throw badInput("body.location.cityRegionPostal: must not be null unless the job is fully remote");
  }
  const markup = markupOf(read.data);
  if (markup !== null && rules.otherMarkup === "refused") throw badInput(`body.description: must not have ${markup}`);
  return read.data;
}

/** What Indeed's moderation has against a job that it took; null for nothing. */
export function moderationOf(job: JobPosting, rules: Rules): string | null {
  const { title } = job.body;
  if (title.includes("[spam]")) return "spam";
  if (rules.otherMarkup === "rejected" && markupOf(job) !== null) return "markup";
  return rules.moderatesTitles ? uncleanTitle(job) : null;
}

export function requiresSponsorship({ body }: JobPosting): boolean {
  return body.title.includes("[sponsor]");
}

function isRemote({ body }: JobPosting, { remoteWords }: Rules): boolean {
  const words = `${body.title} ${body.description}`.toLowerCase();
  return remoteWords.some((word) => words.includes(word.toLowerCase()));
}

function markupOf({ body }: JobPosting): string | null {
  return otherMarkupIn(body.description, body.descriptionFormatting === "RICH_FORMATTING");
}

/** A title is the bare title: no place, pay, company or shouting. */
function uncleanTitle({ body, metadata }: JobPosting): string | null {
  const { title } = body;
  const [city = ""] = body.location.cityRegionPostal?.split(",") ?? [];
  const has = (words: string) => words.trim() !== "" && title.toLowerCase().includes(words.trim().toLowerCase());
  if (has(city)) return "the title has the place in it";
  if (has(metadata.jobSource.companyName)) return "the title has the company in it";
  if (/[$€£¥]\s?\d|\b\d+\s?k\b/i.test(title)) return "the title has the pay in it";
  const isShouting = title === title.toUpperCase() && /\p{Lu}{5}/u.test(title);
  return isShouting || title.includes("!!") ? "the title shouts" : null;
}
