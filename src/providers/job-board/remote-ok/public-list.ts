import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount, BoardPosting } from "../provider.ts";

/** One post as Remote OK's public list shows it, https://remoteok.com/api */
const Item = z.object({
  id: z.coerce.string(),
  url: z.string().nullish(),
  apply_url: z.string().nullish(),
  company: z.string().nullish(),
  position: z.string().nullish(),
});
export type ListedPost = z.infer<typeof Item>;

/** The first element is a notice about the terms of use. */
const List = z.array(z.unknown()).transform((elements) =>
  elements.flatMap((element) => {
    const read = Item.safeParse(element);
    return read.success ? [read.data] : [];
  }),
);

/** Remote OK asks for no more than that. */
const keptMs = 60 * 60 * 1000;

interface Kept {
  readonly readAt: Date;
  readonly posts: Promise<readonly ListedPost[]>;
}

/** The newest posts, the same for everybody: read once an hour, however many postings are looked for. */
const kept = new Map<string, Kept>();

/** @throws as every call; PROVIDER_REPLY_INVALID when it is no list */
export async function readPublicList(
  { fetch, settings: { serverUrl = "" } }: BoardAccount,
  now: Date,
): Promise<readonly ListedPost[]> {
  const known = kept.get(serverUrl);
  if (known && Math.abs(now.getTime() - known.readAt.getTime()) < keptMs) return known.posts;
  const posts = fetch(`${serverUrl}api`).then(listIn);
  kept.set(serverUrl, { readAt: now, posts });
  try {
    return await posts;
  } catch (error) {
    kept.delete(serverUrl);
    throw error;
  }
}

async function listIn(reply: Response): Promise<readonly ListedPost[]> {
  if (!reply.ok) throw unreadable(`Remote OK answered ${reply.status}`);
  try {
    return List.parse(await reply.json());
  } catch (error) {
    throw unreadable("Remote OK's list of jobs cannot be read", error);
  }
}

/** The post that a posting is: by its own address, by where one applies, else by company and title. */
export function findPost(posts: readonly ListedPost[], { url, job }: BoardPosting): ListedPost | null {
  const same = (one: string | null | undefined, other: string | null) =>
    one != null && other !== null && plain(one) === plain(other);
  return (
    posts.find((post) => same(post.url, url)) ??
    posts.find((post) => job.applyMethod !== "EMAIL" && same(post.apply_url, job.applyUrl)) ??
    posts.find((post) => same(post.company, job.company.name) && same(post.position, job.title)) ??
    null
  );
}

function plain(text: string): string {
  return text.trim().toLowerCase().replace(/\/$/, "");
}

function unreadable(message: string, cause?: unknown): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", message, { cause });
}
