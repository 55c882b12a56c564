import * as z from "zod";
import type { BoardAccount } from "../provider.ts";
import { call, explain, parse, unreadable } from "./graphql.ts";
import type { SourcedPosting } from "./posting-name.ts";

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
