import { type ApplyWay, donePage, jobListPage, jobPage, type ShownJob } from "../job-boards/candidate-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";
import { skillNames } from "./remote-job.ts";
import type { StoredJob } from "./state.ts";
import { categories } from "./vocabulary.ts";

const board = "We Work Remotely";

/** What candidates see at We Work Remotely. Null when the path is none of these. */
export function answerPage(
  { path }: TwinRequest,
  { open, origin }: { readonly open: readonly StoredJob[]; readonly origin: string },
): TwinReply | null {
  const place = /^\/jobs(?:\/([^/]+))?$/.exec(path);
  if (!place) return null;
  const [, id] = place;
  if (id === undefined) return html(200, jobListPage(origin, board, open.map(shown)));
  const stored = open.find((job) => String(job.id) === id);
  if (!stored) return html(404, donePage(origin, board, "Gone"));
  return html(200, jobPage(origin, board, shown(stored), wayToApply(stored)));
}

/** Nobody applies here: candidates are led to the company's own page, or write to it. */
function wayToApply({ job: { instructions } }: StoredJob): ApplyWay {
  return { by: "link", url: URL.canParse(instructions) ? instructions : `mailto:${instructions}` };
}

function shown({ id, job }: StoredJob): ShownJob {
  const { title, company, region, location, job_listing_type: type, category_id: category } = job;
  return {
    path: `/jobs/${id}`,
    title,
    company,
    place: region ?? "Anywhere in the World",
    pay: null,
    notes: [
      type ?? "",
      categories.get(category) ?? "",
      location ? `headquarters: ${location}` : "",
      ...skillNames(job),
    ],
    description: job.company_bio ? `${job.description}\n<p>${job.company_bio}</p>` : job.description,
    isHtml: true,
  };
}
