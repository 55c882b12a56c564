import { onTestFinished } from "vitest";
import type { IndeedTwin } from "../../sandbox/indeed-twin.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";

/** A test reads what it expects, and fails where it is not there. */
type Body = Awaited<ReturnType<Response["json"]>>;

export interface IndeedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface IndeedWorld {
  readonly sandbox: Sandbox;
  readonly twin: IndeedTwin;
  readonly origin: string;
  /** Moves the clock, which stands still otherwise; the partner's token is another one then. */
  wait(seconds: number): void;
  /** Calls the token endpoint. */
  token(form?: Readonly<Record<string, string>>): Promise<IndeedAnswer>;
  /** Calls the API as the partner, unless another token is given. */
  call(query: string, variables?: object, token?: string | null): Promise<IndeedAnswer>;
  create(...jobs: readonly object[]): Promise<IndeedAnswer>;
  expire(sourcedPostingId: string): Promise<IndeedAnswer>;
  /** `status` of the job post, and the errors beside it. */
  status(employerJobId: string): Promise<Body>;
}

export const createQuery = `mutation Create($input: CreateSourcedJobPostingsInput!) {
  jobsIngest { createSourcedJobPostings(input: $input) { results { jobPosting { sourcedPostingId employerJobId } } } } }`;
export const expireQuery = `mutation Expire($input: ExpireSourcedJobsBySourcedPostingIdInput!) {
  jobsIngest { expireSourcedJobsBySourcedPostingId(input: $input) { results { trackingKey
    inputData { ... on ExpireSourcedJobBySourcedPostingIdInfo { sourcedPostingId } } } } } }`;
const statusFields = `... on EmployerJob { id seats { jobPost { id status {
  globalStatus { lifecycleStatus isIndeedApplyActive }
  surfaceStatuses { isRejected isSponsorshipRequired isMissingRequiredSponsorship } } } } }`;
export const statusQuery = `query Status($id: ID!) { node(id: $id) { ${statusFields} } }`;
export const statusesQuery = `query Statuses($ids: [ID!]!) { nodes(ids: $ids) { ${statusFields} } }`;

/** The twin at ten o'clock, with a partner that has a token; it ends with the test. */
export async function anIndeed(): Promise<IndeedWorld> {
  const start = new Date("2026-12-01T10:00:00Z");
  const sandbox = await startSandbox({ port: 0, now: () => start });
  onTestFinished(() => sandbox.stop());
  const { settings, indeed: twin } = sandbox;
  twin.switches.retryAfterSeconds = [0, 0];

  const token = async (form: Readonly<Record<string, string>> = {}): Promise<IndeedAnswer> => {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: settings["INDEED_CLIENT_ID"] ?? "",
      client_secret: settings["INDEED_CLIENT_SECRET"] ?? "",
      ...(form["grant_type"] === undefined && { scope: "employer_access" }),
      ...form,
    });
    return answerOf(await fetch(settings["INDEED_TOKEN_URL"] ?? "", { method: "POST", body }));
  };
  let own: string | null = null;
  const call = async (query: string, variables: object = {}, given?: string | null): Promise<IndeedAnswer> => {
    if (given === undefined) own ??= (await token()).body.access_token as string;
    const bearer = given === undefined ? own : given;
    const headers = { "content-type": "application/json", ...(bearer && { authorization: `Bearer ${bearer}` }) };
    const body = JSON.stringify({ query, variables });
    return answerOf(await fetch(`${settings["INDEED_BASE_URL"]}graphql`, { method: "POST", headers, body }));
  };
  return {
    sandbox,
    twin,
    origin: `${sandbox.origin}/indeed`,
    wait(seconds) {
      sandbox.clock.advance(seconds * 1000);
      own = null;
    },
    token,
    call,
    create: (...jobPostings) => call(createQuery, { input: { jobPostings } }),
    expire: (sourcedPostingId) => call(expireQuery, { input: { jobs: [{ sourcedPostingId }] } }),
    async status(employerJobId) {
      const { body } = await call(statusQuery, { id: employerJobId });
      return body.data.node?.seats[0].jobPost.status ?? body.errors[0];
    },
  };
}

export const createdIn = ({ body }: IndeedAnswer): { sourcedPostingId: string; employerJobId: string } =>
  body.data.jobsIngest.createSourcedJobPostings.results[0].jobPosting;

async function answerOf(reply: Response): Promise<IndeedAnswer> {
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text === "" ? null : JSON.parse(text) };
}

/** Everything that Indeed takes. */
export function aJob(jobPostingId = "JOB-1") {
  return {
    body: {
      title: "Senior Engineer",
      description: "<p>We build <strong>bridges</strong>.</p>",
      descriptionFormatting: "RICH_FORMATTING",
      location: { country: "US", cityRegionPostal: "Austin, TX 78701", streetAddress: "1 Main Street" },
      salary: { currency: "USD", minimumMinor: 9_000_000, maximumMinor: 12_000_000, period: "YEAR" },
      benefits: ["Health insurance"],
      hasProbationaryPeriod: "UNKNOWN",
    },
    metadata: {
      jobPostingId,
      jobRequisitionId: "REQ-1",
      jobSource: {
        companyName: "Muster Bridges",
        sourceName: "muster-bridges",
        sourceType: "Employer",
        companyWebsite: "https://muster.example",
        isPlacement: false,
      },
      taxonomyClassification: { jobTypes: ["Full-time"], categories: ["Engineering"] },
      contacts: [
        { contactType: ["contact"], contactInfo: { contactName: "Ana Muster", contactEmail: "ana@muster.example" } },
      ],
      datePublished: "2026-12-01T09:00:00Z",
      url: "https://muster.example/jobs/1",
    },
  };
}

/** The same with one thing changed. @param path `body.title`; `undefined` takes it away */
export function aJobWith(path: string, value: unknown): object {
  const job: Body = aJob();
  const names = path.split(".");
  const last = names.pop() ?? "";
  const place = names.reduce((part, name) => part[name], job);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return job;
}

export function aJobWithApply(postUrl: string, more: object = {}, jobPostingId = "JOB-1") {
  const indeedApply = { apiToken: "sandbox-apply-token", postUrl, jobMeta: "meta", ...more };
  return { ...aJob(jobPostingId), applyMethod: { indeedApply } };
}
