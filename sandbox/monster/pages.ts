import {
  type ApplyWay,
  donePage,
  jobListPage,
  jobPage,
  readForm,
  type ShownJob,
} from "../job-boards/candidate-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";
import type { Applications } from "./applications.ts";
import type { StoredJob } from "./state.ts";

const board = "Monster";

/** What candidates see at Monster. */
export class Pages {
  constructor(
    private readonly open: () => readonly StoredJob[],
    private readonly applications: Applications,
    private readonly origin: () => string,
  ) {}

  /** Null when the path is none of these. */
  async handle({ method, path, body }: TwinRequest): Promise<TwinReply | null> {
    const place = /^\/jobs(?:\/(\d+)(\/apply)?)?$/.exec(path);
    if (!place) return null;
    const [, postingId, apply] = place;
    if (postingId === undefined) return html(200, jobListPage(this.origin(), board, this.open().map(shown)));
    const stored = this.open().find((job) => job.postingId === postingId);
    if (!stored) return html(404, donePage(this.origin(), board, "Gone"));
    if (method !== "POST" || !apply) return this.page(stored, 200, null);
    try {
      const { delivery } = await this.applications.apply(stored, readForm(body));
      const isWaiting = delivery.outcome !== "delivered";
      return html(200, donePage(this.origin(), board, isWaiting ? "Sent; it is brought later" : "Sent"));
    } catch (error) {
      return this.page(stored, 422, error instanceof Error ? error.message : String(error));
    }
  }

  private page(stored: StoredJob, status: number, problem: string | null): TwinReply {
    return html(status, jobPage(this.origin(), board, shown(stored), wayToApply(stored, problem)));
  }
}

function wayToApply({ job: { apply } }: StoredJob, problem: string | null): ApplyWay {
  switch (apply.by) {
    case "form":
      return { by: "form", questions: [], problem };
    case "url":
      return { by: "link", url: apply.url };
    case "mail":
      return { by: "link", url: `mailto:${apply.email}` };
  }
}

function shown({ postingId, job }: StoredJob): ShownJob {
  return {
    path: `/jobs/${postingId}`,
    title: job.title,
    company: job.hidesCompany ? "A company" : job.company,
    place: [job.city, job.country].filter((part) => part !== "").join(", "),
    pay: null,
    notes: [],
    description: job.body,
    isHtml: true,
  };
}
