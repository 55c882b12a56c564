import {
  type ApplyWay,
  donePage,
  type FormQuestion,
  jobListPage,
  jobPage,
  readForm,
  type ShownJob,
} from "../job-boards/candidate-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";
import type { Applications } from "./applications.ts";
import type { Postings } from "./postings.ts";
import type { Question } from "./screener.ts";
import type { StoredPosting } from "./state.ts";

/** What candidates see at Indeed, and at Glassdoor, which shows the same. */
export class Pages {
  constructor(
    private readonly postings: Postings,
    private readonly applications: Applications,
    private readonly origin: () => string,
  ) {}

  /** Null when the path is none of these. */
  async handle({ method, path, body }: TwinRequest): Promise<TwinReply | null> {
    const place = /^(\/glassdoor)?\/jobs(?:\/([\da-f]+)(?:\/(apply|index))?)?$/.exec(path);
    if (!place) return null;
    const [, prefix, jobKey, action] = place;
    const board: Board = prefix === undefined ? "Indeed" : "Glassdoor";
    if (jobKey === undefined)
      return html(200, jobListPage(this.base(board), board, this.jobsAt(board).map(this.shown)));
    const posting = this.postings.byJobKey(jobKey);
    if (!posting || !this.jobsAt(board).includes(posting)) return html(404, donePage(this.base(board), board, "Gone"));
    if (method !== "POST") return this.page(posting, board, 200, null);
    if (action === "index") this.postings.indexNow(posting);
    return action === "apply" ? this.apply(posting, board, body) : this.page(posting, board, 200, null);
  }

  private async apply(posting: StoredPosting, board: Board, body: string): Promise<TwinReply> {
    const via = board === "Glassdoor" ? "glassdoor" : "indeed";
    try {
      const { delivery } = await this.applications.apply(posting, { ...readForm(body), via });
      const says = { delivered: "Sent", refused: "Refused", waiting: "Sent; it is brought later", "given-up": "Lost" };
      return html(200, donePage(this.base(board), board, says[delivery.outcome]));
    } catch (error) {
      return this.page(posting, board, 422, error instanceof Error ? error.message : String(error));
    }
  }

  private async page(posting: StoredPosting, board: Board, status: number, problem: string | null): Promise<TwinReply> {
    const way = await this.wayToApply(posting, problem);
    return html(status, jobPage(this.base(board), board, this.shown(posting), way));
  }

  private async wayToApply(posting: StoredPosting, problem: string | null): Promise<ApplyWay> {
    const { lifecycle, isIndeedApplyActive } = this.postings.statusOf(posting);
    if (lifecycle === "pending") return { by: "nothing", buttons: [{ action: "index", label: "Show it now" }] };
    if (lifecycle === "inactive") return { by: "nothing", buttons: [] };
    if (!isIndeedApplyActive) return { by: "link", url: posting.job.metadata.url };
    const asked = await this.applications.questionsOf(posting);
    return { by: "form", questions: asked.questions.flatMap(formQuestion), problem: problem ?? asked.problem };
  }

  private jobsAt(board: Board): readonly StoredPosting[] {
    const all = this.postings.all();
    return board === "Indeed" ? all : all.filter((posting) => this.postings.statusOf(posting).isAtGlassdoor);
  }

  private base(board: Board): string {
    return board === "Indeed" ? this.origin() : `${this.origin()}/glassdoor`;
  }

  private readonly shown = (posting: StoredPosting): ShownJob => {
    const { body, metadata } = posting.job;
    const status = this.postings.statusOf(posting);
    const lifecycles = { pending: "is being checked", active: "", inactive: "ended" };
    return {
      path: `/jobs/${posting.jobKey}`,
      title: body.title,
      company: metadata.jobSource.companyName,
      place: body.location.cityRegionPostal ?? `Remote, ${body.location.country}`,
      pay: payOf(posting),
      notes: [
        lifecycles[status.lifecycle],
        status.rejectedFor === null ? "" : `not shown: ${status.rejectedFor}`,
        status.isMissingRequiredSponsorship ? "not shown unless it is sponsored" : "",
        status.isAtGlassdoor ? "also at Glassdoor" : "",
      ],
      description: body.description,
      isHtml: body.descriptionFormatting === "RICH_FORMATTING",
    };
  };
}

type Board = "Indeed" | "Glassdoor";

function payOf({ job }: StoredPosting): string | null {
  const { salary } = job.body;
  if (salary == null) return null;
  const format = new Intl.NumberFormat("en", { style: "currency", currency: salary.currency });
  const shown = (minor: number) => format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  const range = salary.maximumMinor == null ? "" : ` to ${shown(salary.maximumMinor)}`;
  return `${shown(salary.minimumMinor)}${range} a ${salary.period.toLowerCase()}`;
}

const kinds = {
  text: "line",
  textarea: "text",
  select: "one",
  multiselect: "many",
  hierarchical: "line",
  date: "date",
} as const satisfies Partial<Record<Question["type"], FormQuestion["kind"]>>;

/** Files cannot be sent from the page; conditions are told in words. */
function formQuestion({
  id,
  type,
  question = "",
  required = false,
  options = [],
  condition,
}: Question): FormQuestion[] {
  if (type === "information" || type === "pagebreak" || type === "file") return [];
  const text = condition ? `${question} (if ${condition.id} is ${condition.value})` : question;
  return [{ id, text, kind: kinds[type], isRequired: required, options }];
}
