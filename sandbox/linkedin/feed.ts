import { childOf, readXml, XmlError } from "../xml-reader.ts";
import type { FeedJob, LinkedInState } from "./state.ts";

const maxIdLength = 40;
const sourceTags = ["lastBuildDate", "publisher", "publisherUrl", "expectedJobCount"];
const jobTags = ["partnerJobId", "company", "companyId", "title", "description", "applyUrl", "location"] as const;

/** What came of fetching a feed. */
export interface Crawl {
  readonly taken: readonly string[];
  /** Jobs that were in the feed before. */
  readonly removed: readonly string[];
  /** Of jobs that were left out; of the feed, when it was left as it was. */
  readonly problems: readonly string[];
}

/**
 * Fetches a feed of basic jobs. It has all of them every time: a job that is missing ends. A feed that cannot be read, or
 * has not as many jobs as it says, changes nothing.
 */
export async function crawlFeed({ feeds }: LinkedInState, url: string): Promise<Crawl> {
  const before = feeds.get(url) ?? [];
  const reply = await fetch(url).catch(() => null);
  if (reply?.status !== 200) return unchanged(`The feed was answered ${reply?.status ?? "by nobody"}`);
  const read = readFeed(await reply.text());
  if (typeof read === "string") return unchanged(read);
  feeds.set(url, read.jobs);
  const taken = read.jobs.map(({ partnerJobId }) => partnerJobId);
  const removed = before.map(({ partnerJobId }) => partnerJobId).filter((id) => !taken.includes(id));
  return { taken, removed, problems: read.problems };
}

const unchanged = (problem: string): Crawl => ({ taken: [], removed: [], problems: [problem] });

/** @returns what is wrong, when none of it can be taken */
function readFeed(text: string): { readonly jobs: readonly FeedJob[]; readonly problems: readonly string[] } | string {
  try {
    const source = readXml(text);
    if (source.name !== "source") return "The feed is no <source>";
    const missing = sourceTags.filter((tag) => !childOf(source, "", tag)?.text);
    if (missing.length > 0) return `The feed has no ${missing.join(", ")}`;
    const items = source.children.filter(({ name }) => name === "job");
    const expected = childOf(source, "", "expectedJobCount")?.text;
    if (Number(expected) !== items.length) return `The feed has ${items.length} jobs and not ${expected}`;
    const jobs = new Map<string, FeedJob>();
    const problems: string[] = [];
    for (const item of items) {
      const textOf = (tag: string) => childOf(item, "", tag)?.text ?? "";
      const id = textOf("partnerJobId");
      const lacks = jobTags.filter((tag) => textOf(tag) === "");
      if (lacks.length > 0) problems.push(`${id || "A job"} has no ${lacks.join(", ")}`);
      else if (id.length > maxIdLength) problems.push(`${id} is longer than ${maxIdLength} characters`);
      else if (jobs.has(id)) problems.push(`${id} is there twice`);
      else jobs.set(id, feedJob(textOf));
    }
    return { jobs: [...jobs.values()], problems };
  } catch (error) {
    if (error instanceof XmlError) return error.message;
    throw error;
  }
}

function feedJob(textOf: (tag: keyof FeedJob) => string): FeedJob {
  return {
    partnerJobId: textOf("partnerJobId"),
    company: textOf("company"),
    companyId: textOf("companyId"),
    title: textOf("title"),
    description: textOf("description"),
    applyUrl: textOf("applyUrl"),
    location: textOf("location"),
  };
}
