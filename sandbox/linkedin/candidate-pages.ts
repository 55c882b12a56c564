import { asText, page, standInNote } from "../html-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";
import { applicationForm, readApplicationForm } from "./application-form.ts";
import type { Applications, Applied } from "./applications.ts";
import { companyOf, type JobElement } from "./job-element.ts";
import type { Jobs } from "./jobs.ts";
import type { FeedJob, LinkedInState, StoredApplication, StoredJob } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";

const note = standInNote("LinkedIn");

interface CandidatePagesOptions {
  readonly state: LinkedInState;
  readonly switches: LinkedInSwitches;
  readonly jobs: Jobs;
  readonly applications: Applications;
  /** Where the pages are, without a slash at the end. */
  readonly site: () => string;
}

/** What somebody sees who looks for a job. */
export class CandidatePages {
  constructor(private readonly options: CandidatePagesOptions) {}

  /** Null for other paths. */
  async handle({ method, path, body }: TwinRequest): Promise<TwinReply | null> {
    if (path === "/jobs") return html(200, this.list());
    const [, number] = /^\/jobs\/view\/(\d+)$/.exec(path) ?? [];
    if (number === undefined) return null;
    const job = this.options.jobs.numbered(Number(number));
    if (job?.listing !== "LISTED") return html(404, page("LinkedIn: jobs", `${note}<h1>This job is not here</h1>`));
    if (method === "GET") return html(200, this.view(job));
    const questions = job.element.onsiteApplyConfiguration?.questions;
    const applied = await this.options.applications.apply(
      job,
      readApplicationForm(new URLSearchParams(body), questions),
    );
    if (applied.outcome === "redirected") return { status: 303, headers: { location: applied.url } };
    const title = `LinkedIn: ${job.element.title}`;
    return html(applied.outcome === "sent" ? 200 : 422, page(title, `${note}${outcome(applied)}${this.back()}`));
  }

  private list(): string {
    const { jobs } = this.options;
    const listed = jobs
      .all()
      .filter(({ listing, element }) => listing === "LISTED" && element.availability === "PUBLIC");
    const waiting = jobs.all().filter(({ listing }) => listing === "IN_PROGRESS");
    const items = listed.map(
      (job) =>
        `<li><a href="${this.options.site()}/jobs/view/${job.number}">${asText(job.element.title)}</a><br><small>${asText(this.companyOf(job))}, ${asText(job.element.location)}</small></li>`,
    );
    const fromFeeds = this.fromFeeds(listed).map(
      ({ applyUrl, title, company, location }) =>
        `<li><a href="${asText(applyUrl)}">${asText(title)}</a><br><small>${asText(company)}, ${asText(location)}</small></li>`,
    );
    const inReview = waiting.map(({ element }) => `<li>${asText(element.title)}</li>`);
    return page(
      "LinkedIn: jobs",
      `${note}<h1>Jobs</h1><ul>${[...items, ...fromFeeds].join("\n") || "<li>There is none yet.</li>"}</ul>
${inReview.length > 0 ? `<h2>In review, and not shown to anybody yet</h2><ul>${inReview.join("\n")}</ul>` : ""}`,
    );
  }

  /** What came by the API already is not shown again. */
  private fromFeeds(listed: readonly StoredJob[]): readonly FeedJob[] {
    const known = new Set(listed.flatMap(({ element }) => [element.externalJobPostingId, element.companyJobCode]));
    return [...this.options.state.feeds.values()].flat().filter(({ partnerJobId }) => !known.has(partnerJobId));
  }

  private view(job: StoredJob): string {
    const { element } = job;
    const isOnsite = this.options.jobs.applyStatus(job).status === "ENABLED";
    const facts = [this.companyOf(job), element.location, ...factsOf(element)].map(
      (fact) => `<li>${asText(fact)}</li>`,
    );
    const apply = isOnsite
      ? `<h2>Apply</h2>${applicationForm(element.onsiteApplyConfiguration?.questions)}`
      : `<p class="buttons"><a id="apply" href="${asText(element.companyApplyUrl)}">Apply on the company's own page</a></p>`;
    const sent = [...this.options.state.applications.values()].filter(({ jobNumber }) => jobNumber === job.number);
    return page(
      `LinkedIn: ${element.title}`,
      `${note}<h1>${asText(element.title)}</h1><ul>${facts.join("\n")}</ul>
<div>${withTags(element.description, this.options.switches.descriptionTags)}</div>
${apply}
${sent.length > 0 ? `<h2>Sent</h2><ul>${sent.map((application) => this.sentItem(application)).join("\n")}</ul>` : ""}${this.back()}`,
    );
  }

  /** What became of it, as its candidate is told. */
  private sentItem({ urn, candidate, actions }: StoredApplication): string {
    const isDelivered = this.options.state.deliveries.get(urn)?.outcome === "delivered";
    const told = actions.filter(({ isTold }) => isTold).map(({ action }) => action);
    const news = [isDelivered ? "delivered" : "not delivered", ...told].join(", ");
    return `<li>${asText(candidate)}: ${asText(news)}</li>`;
  }

  private companyOf({ element }: StoredJob): string {
    return this.options.state.organizations.get(companyOf(element) ?? "")?.name ?? element.companyName ?? "";
  }

  private back(): string {
    return `<p><a href="${this.options.site()}/jobs">All jobs</a></p>`;
  }
}

function factsOf({ workplaceTypes = [], employmentStatus, compensation }: JobElement): readonly string[] {
  const pay = (compensation?.compensations ?? []).map(({ type, period, value, amount }) => {
    const money = value ? `${value.start.amount}–${value.end.amount} ${value.end.currencyCode}` : "";
    return `${type} ${money || `${amount?.amount} ${amount?.currencyCode}`} ${period}`;
  });
  return [...workplaceTypes, employmentStatus, ...pay];
}

function outcome(applied: Exclude<Applied, { outcome: "redirected" }>): string {
  switch (applied.outcome) {
    case "sent":
      return applied.firstAttempt.status === 200
        ? `<h1>Your application was sent</h1><p><code id="application">${asText(applied.jobApplicationId)}</code></p>`
        : `<h1>Your application could not be delivered</h1><p>The receiver said ${applied.firstAttempt.status}.</p>`;
    case "incomplete":
      return `<h1>Something is missing</h1><ul>${applied.complaints.map((name) => `<li>${asText(name)}</li>`).join("")}</ul>`;
    case "not-listed":
      return "<h1>This job takes no applications any longer</h1>";
  }
}

/** The text with those tags that are allowed, bare of attributes. */
function withTags(description: string, allowed: readonly string[]): string {
  return description
    .split(/(<[^>]*>)/)
    .map((part) => {
      const [, slash = "", name = ""] = /^<(\/?)\s*([a-z0-9]+)[^>]*>$/i.exec(part) ?? [];
      if (name === "") return part.replace(/[<>"']/g, (character) => `&#${character.codePointAt(0)};`);
      return allowed.includes(name.toLowerCase()) ? `<${slash}${name.toLowerCase()}>` : "";
    })
    .join("");
}
