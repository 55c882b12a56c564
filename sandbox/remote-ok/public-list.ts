import { slugOf } from "./posts.ts";
import type { StoredPost } from "./state.ts";
import type { RemoteOkSwitches } from "./switches.ts";

const notice = {
  legal:
    "A stand-in. Whoever uses the real list links back to Remote OK, names it as the source, and does not use its logo without asking.",
};

/** The public list, newest first; its first element is about the terms of use. */
export function publicList(
  posts: readonly StoredPost[],
  switches: RemoteOkSwitches,
  origin: string,
): readonly object[] {
  return [notice, ...posts.slice(0, switches.listLength).map((post) => itemOf(post, switches, origin))];
}

function itemOf(post: StoredPost, { applyUrls, urls, ids }: RemoteOkSwitches, origin: string): object {
  const { id, entered, postedAt } = post;
  const slug = slugOf(post);
  const base = urls === "absolute" ? origin : new URL(origin).pathname;
  const [salaryMin = 0, salaryMax = salaryMin] = (entered.salary.match(/\d[\d,.]*/g) ?? []).map((text) =>
    Number.parseInt(text.replaceAll(",", ""), 10),
  );
  return {
    slug,
    id: ids === "texts" ? String(id) : id,
    epoch: Math.floor(postedAt.getTime() / 1000),
    date: postedAt.toISOString(),
    company: entered.company,
    company_logo: entered.companyLogo,
    position: entered.position,
    tags: entered.tags.split(",").flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim().toLowerCase()])),
    description: entered.description,
    location: entered.location,
    salary_min: salaryMin,
    salary_max: salaryMax,
    apply_url: applyUrls === "own" && entered.applyUrl !== "" ? entered.applyUrl : `${base}/l/${id}`,
    url: `${base}/remote-jobs/${slug}`,
  };
}
