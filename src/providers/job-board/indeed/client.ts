import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount } from "../provider.ts";
import type { SourcedPosting } from "./posting-name.ts";

const longestMessage = 300;

// https://docs.indeed.com/job-sync-api/troubleshoot-job-sync-api-errors: nearly all of them come with HTTP 200
const ApiError = z.looseObject({
  message: z.string().default(""),
  extensions: z.looseObject({ code: z.string().optional() }).nullish(),
});
const Errors = z.looseObject({ errors: z.array(ApiError).min(1) });
type ApiError = z.output<typeof ApiError>;

const Created = z.looseObject({
  jobsIngest: z.looseObject({
    createSourcedJobPostings: z.looseObject({
      results: z.array(
        z
          .looseObject({
            jobPosting: z
              .looseObject({ sourcedPostingId: z.string().min(1), employerJobId: z.string().min(1).nullish() })
              .nullish(),
          })
          .nullish(),
      ),
    }),
  }),
});

const SurfaceStatus = z.looseObject({
  isRejected: z.boolean().nullish(),
  isSponsorshipRequired: z.boolean().nullish(),
  isMissingRequiredSponsorship: z.boolean().nullish(),
});
export type SurfaceStatus = z.output<typeof SurfaceStatus>;

const JobPostStatus = z.looseObject({
  globalStatus: z.looseObject({ lifecycleStatus: z.string().nullish() }).nullish(),
  // Written like a list, and read like an object.
  surfaceStatuses: z.union([z.array(SurfaceStatus), SurfaceStatus.transform((one) => [one])]).nullish(),
});
export type JobPostStatus = z.output<typeof JobPostStatus>;

const Found = z.looseObject({
  node: z
    .looseObject({
      seats: z
        .array(z.looseObject({ jobPost: z.looseObject({ status: JobPostStatus.nullish() }).nullish() }))
        .nullish(),
    })
    .nullish(),
});

// https://docs.indeed.com/job-sync-api/job-sync-api-guide
const createMutation = `mutation CreateJob($input: CreateSourcedJobPostingsInput!) {
  jobsIngest { createSourcedJobPostings(input: $input) { results { jobPosting { sourcedPostingId employerJobId } } } }
}`;
const expireMutation = `mutation ExpireJob($input: ExpireSourcedJobsBySourcedPostingIdInput!) {
  jobsIngest { expireSourcedJobsBySourcedPostingId(input: $input) { results { trackingKey } } }
}`;
const statusQuery = `query JobStatus($id: ID!) {
  node(id: $id) { ... on EmployerJob { id seats { jobPost { id status {
    globalStatus { lifecycleStatus }
    surfaceStatuses { isRejected isSponsorshipRequired isMissingRequiredSponsorship }
  } } } } }
}`;

/** Indeed's own word for a failure: `BAD_USER_INPUT`. */
export function errorCodeIn(body: unknown): string | undefined {
  return firstError(body)?.extensions?.code;
}

/** Of the failures that are nobody's job's. */
export function statusIn(body: unknown): number | undefined {
  const code = errorCodeIn(body);
  return code === undefined ? undefined : statuses[code];
}

const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  DOWNSTREAM_SERVICE_ERROR: 503,
  INTERNAL_SERVER_ERROR: 500,
};

/**
 * Creates, changes, or brings back a job: which it is, Indeed tells by `metadata.jobPostingId`, `jobSource.sourceName` and the
 * client. One job a call, which has the widest quota, and costs no other job anything when it is refused.
 *
 * @throws {IntegrationError} PROVIDER_REFUSED for a job that is not taken
 */
export async function upsertJob(account: BoardAccount, job: object): Promise<SourcedPosting> {
  const { data, error } = await call(account, createMutation, { input: { jobPostings: [job] } });
  if (error) throw explain(error);
  const [result] = parse(Created, data).jobsIngest.createSourcedJobPostings.results;
  if (!result?.jobPosting) throw unreadable("neither a job nor an error");
  const { sourcedPostingId, employerJobId } = result.jobPosting;
  return { sourcedPostingId, employerJobId: employerJobId ?? null };
}

/** What Indeed does not know is gone already. */
export async function expireJob(account: BoardAccount, sourcedPostingId: string): Promise<void> {
  const { error } = await call(account, expireMutation, { input: { jobs: [{ sourcedPostingId }] } });
  if (error && error.extensions?.code !== "NOT_FOUND") throw explain(error);
}

/** Null when Indeed knows of no such job. */
export async function readJobStatus(account: BoardAccount, employerJobId: string): Promise<JobPostStatus | null> {
  const { data, error } = await call(account, statusQuery, { id: employerJobId });
  if (error?.extensions?.code === "NOT_FOUND") return null;
  if (error) throw explain(error);
  const { node } = parse(Found, data);
  if (!node) return null;
  // Taken, and nothing more is known of it yet.
  return node.seats?.[0]?.jobPost?.status ?? {};
}

interface Answer {
  readonly data: unknown;
  /** The first of them, where there is any. */
  readonly error: ApiError | null;
}

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID for what is no answer of GraphQL */
async function call(
  { fetch, apiUrl }: Pick<BoardAccount, "fetch" | "apiUrl">,
  query: string,
  variables: object,
): Promise<Answer> {
  const reply = await fetch(new URL("graphql", apiUrl), {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const body = readJson(await reply.text());
  const error = firstError(body) ?? null;
  if (error === null && !reply.ok) throw unreadable(`HTTP ${reply.status}`);
  const { data } = parse(z.looseObject({ data: z.unknown() }), body);
  return { data, error };
}

function firstError(body: unknown): ApiError | undefined {
  return Errors.safeParse(body).data?.errors[0];
}

function explain({ message, extensions }: ApiError): IntegrationError {
  const providerCode = extensions?.code;
  const details = { ...(providerCode !== undefined && { providerCode }) };
  if (providerCode === "FORBIDDEN") {
    return new IntegrationError("PARTNER_APPROVAL_REQUIRED", "Indeed has not allowed this to our client", {
      ...details,
      remedy: "The operator asks Indeed's partner support which of its APIs the client may use.",
    });
  }
  if (providerCode?.startsWith("GRAPHQL_")) {
    return new IntegrationError("PROVIDER_REPLY_INVALID", "Indeed does not understand what its guide documents", {
      ...details,
      retryable: false,
      remedy: "Indeed's API has changed: look for a newer version of this service.",
    });
  }
  return new IntegrationError("PROVIDER_REFUSED", `Indeed does not take this: ${message.slice(0, longestMessage)}`, {
    ...details,
    remedy: "Change what Indeed names, and send it again.",
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable("no JSON");
  }
}

function parse<T>(shape: z.ZodType<T>, reply: unknown): T {
  const read = shape.safeParse(reply);
  if (read.success) return read.data;
  throw unreadable(z.prettifyError(read.error).slice(0, longestMessage));
}

function unreadable(what: string): IntegrationError {
  return new IntegrationError(
    "PROVIDER_REPLY_INVALID",
    `Indeed answered with something else than it documents: ${what}`,
  );
}
