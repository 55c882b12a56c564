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
import type { ScreenerQuestion } from "./questions.ts";
import type { StoredJob, ZipRecruiterState } from "./state.ts";

const board = "ZipRecruiter";

/** What candidates see at ZipRecruiter. */
export class Pages {
  constructor(
    private readonly state: ZipRecruiterState,
    private readonly applications: Applications,
    private readonly origin: () => string,
  ) {}

  /** Null when the path is none of these. */
  async handle({ method, path, body }: TwinRequest): Promise<TwinReply | null> {
    const place = /^\/jobs(?:\/([^/]+)(\/apply)?)?$/.exec(path);
    if (!place) return null;
    const [, encodedId, apply] = place;
    if (encodedId === undefined) return html(200, jobListPage(this.origin(), board, this.open().map(shown)));
    const stored = this.open().find(({ job }) => encodeURIComponent(job.job_id) === encodedId);
    if (!stored) return html(404, donePage(this.origin(), board, "Gone"));
    return method === "POST" && apply ? this.apply(stored, body) : this.page(stored, 200, null);
  }

  private async apply(stored: StoredJob, body: string): Promise<TwinReply> {
    try {
      const { delivery } = await this.applications.apply(stored, readForm(body));
      const isWaiting = delivery.outcome !== "delivered";
      return html(200, donePage(this.origin(), board, isWaiting ? "Sent; it is brought later" : "Sent"));
    } catch (error) {
      return this.page(stored, 422, error instanceof Error ? error.message : String(error));
    }
  }

  private page(stored: StoredJob, status: number, problem: string | null): TwinReply {
    const url = stored.job.apply_url;
    const way: ApplyWay = url
      ? { by: "link", url }
      : { by: "form", questions: stored.questions.flatMap(formQuestion), problem };
    return html(status, jobPage(this.origin(), board, shown(stored), way));
  }

  private open(): readonly StoredJob[] {
    return [...this.state.jobs.values()].filter(({ closedAt, isHidden }) => closedAt === null && !isHidden);
  }
}

function shown({ job }: StoredJob): ShownJob {
  const { compensation_min: min, compensation_max: max, compensation_currency: currency } = job;
  const pay = [min, max].filter((amount) => amount != null).join(" to ");
  const place =
    job.postal_code || [job.city, job.state].filter(Boolean).join(", ") || `${job.latitude}, ${job.longitude}`;
  return {
    path: `/jobs/${encodeURIComponent(job.job_id)}`,
    title: job.title,
    company: job.employer_name ?? job.employer_id,
    place: `${place}, ${job.country}`,
    pay: pay === "" ? null : `${pay} ${currency ?? ""}`.trim(),
    notes: [job.job_type.replaceAll("_", " ")],
    description: job.requirements ? `${job.description}\n${job.requirements}` : job.description,
    isHtml: true,
  };
}

/** Files cannot be sent from the page. */
function formQuestion(question: ScreenerQuestion): FormQuestion[] {
  if (question.type === "upload") return [];
  const { question_id: id, question: text, required = false } = question;
  const common = { id, text, isRequired: required };
  switch (question.type) {
    case "select":
      return [{ ...common, kind: "one", options: question.options }];
    case "multiselect":
      return [{ ...common, kind: "many", options: question.options }];
    default:
      return [{ ...common, kind: question.type === "date" ? "date" : "line", options: [] }];
  }
}
