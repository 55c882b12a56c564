import { donePage, jobListPage, jobPage, type ShownJob } from "../job-boards/candidate-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";
import type { StoredJob } from "./state.ts";

const board = "CareerBuilder";

/** What candidates see. Null when the path is none of these. */
export function answerPage({ path }: TwinRequest, open: readonly StoredJob[], origin: string): TwinReply | null {
  const place = /^\/jobs(?:\/(\w+))?$/.exec(path);
  if (!place) return null;
  const [, did] = place;
  if (did === undefined) return html(200, jobListPage(origin, board, open.map(shown)));
  const stored = open.find((job) => job.did === did);
  if (!stored) return html(404, donePage(origin, board, "Gone"));
  const { ApplicationURL: url, ApplyOnlineCopyEmail: email } = stored.job;
  return html(200, jobPage(origin, board, shown(stored), { by: "link", url: url || `mailto:${email}` }));
}

function shown({ did, job }: StoredJob): ShownJob {
  const { JobTitle = "", ContactCompany = "", City = "", Country = "", BasePayLow: pay, Description = "" } = job;
  return {
    path: `/jobs/${did}`,
    title: JobTitle,
    company: ContactCompany,
    place: [City, Country].filter((part) => part !== "").join(", "),
    pay: pay ? `${pay} to ${job["BasePayHigh"] ?? ""} ${job["CurrencyCode"] ?? ""}` : null,
    notes: [],
    description: Description,
    isHtml: true,
  };
}
