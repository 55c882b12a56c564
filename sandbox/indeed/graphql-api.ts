import { execute, GraphQLError, parse, validate } from "graphql";
import { json, type TwinReply, type TwinRequest } from "../twin.ts";
import type { Dispositions, SentDisposition } from "./dispositions.ts";
import {
  badInput,
  forbidden,
  type IndeedCode,
  IndeedError,
  notFound,
  shownError,
  TooManyRequests,
  unauthenticated,
} from "./errors.ts";
import type { JobPosting } from "./job-posting.ts";
import { readJobPosting } from "./posting-rules.ts";
import type { Caller, Postings } from "./postings.ts";
import { Quota } from "./quota.ts";
import { indeedSchema } from "./schema.ts";
import type { StoredPosting } from "./state.ts";
import type { IndeedSwitches } from "./switches.ts";

/** Who asks, and with which scopes. */
export interface IndeedCaller extends Caller {
  readonly scopes: readonly string[];
}

interface GraphQLBody {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
}

/** Indeed's one endpoint. https://docs.indeed.com/job-sync-api/job-sync-api-guide */
export class GraphqlApi {
  private readonly quota: Quota;

  constructor(
    private readonly postings: Postings,
    private readonly dispositions: Dispositions,
    private readonly switches: IndeedSwitches,
    now: () => Date,
  ) {
    this.quota = new Quota(switches, now);
  }

  async handle({ method, body }: TwinRequest, caller: IndeedCaller | null): Promise<TwinReply> {
    if (method !== "POST") return { status: 405, headers: { allow: "POST" } };
    if (!caller) return this.refused(unauthenticated());
    if (!this.switches.isApproved || !caller.scopes.includes("employer_access")) return this.refused(forbidden());
    const given = readBody(body);
    if (given === null || typeof given.query !== "string") return this.refused(badInput("The body has no query"), 400);
    return this.run(given.query, given, caller);
  }

  refused(error: IndeedError, status = this.statusOf(error.code)): TwinReply {
    return json(status, { errors: [shownError(error, error.code, this.switches)], data: null });
  }

  tooMany({ retryAfterSeconds }: TooManyRequests): TwinReply {
    const headers = this.switches.tellsRetryAfter ? { "retry-after": String(retryAfterSeconds) } : {};
    return json(429, { errors: [{ message: "Too many requests" }] }, headers);
  }

  private async run(query: string, { operationName, variables }: GraphQLBody, caller: IndeedCaller) {
    const schema = indeedSchema(this.switches);
    const document = parsed(query);
    if (document instanceof Error) return this.answer(null, [document], "GRAPHQL_PARSE_FAILED");
    const mistakes = validate(schema, document);
    if (mistakes.length > 0) return this.answer(null, mistakes, this.switches.unknownFieldCode);
    const isGiven = typeof variables === "object" && variables !== null;
    const { data, errors = [] } = await execute({
      schema,
      document,
      rootValue: this.root(caller),
      ...(isGiven && { variableValues: { ...variables } }),
      operationName: typeof operationName === "string" ? operationName : null,
    });
    return this.answer(data ?? null, errors, "BAD_USER_INPUT");
  }

  /** @param code of errors that have none of their own */
  private answer(data: unknown, errors: readonly GraphQLError[], code: IndeedCode): TwinReply {
    for (const { originalError } of errors) {
      if (originalError instanceof TooManyRequests) return this.tooMany(originalError);
      // A mistake of the stand-in itself.
      if (originalError && !(originalError instanceof GraphQLError)) throw originalError;
    }
    const shown = errors.map((error) => {
      const own = error.originalError instanceof IndeedError ? error.originalError.code : code;
      return this.withPath(shownError(error, own, this.switches));
    });
    return json(200, { ...(shown.length > 0 && { errors: shown }), data });
  }

  private withPath({ path, ...error }: Readonly<Record<string, unknown>>): object {
    const { errorPath } = this.switches;
    if (!Array.isArray(path) || errorPath === "none") return error;
    return { ...error, path: errorPath === "mutation" ? path.slice(0, 2) : path };
  }

  private statusOf(code: IndeedCode): number {
    const { unauthenticatedStatus, troubleStatus } = this.switches;
    if (code === "UNAUTHENTICATED") return unauthenticatedStatus;
    return code === "DOWNSTREAM_SERVICE_ERROR" || code === "INTERNAL_SERVER_ERROR" ? troubleStatus : 200;
  }

  private root(caller: IndeedCaller): object {
    return {
      node: ({ id }: { id: string }) => this.node(id),
      nodes: ({ ids }: { ids: readonly string[] }) => ids.map((id) => this.nodeOrError(id)),
      jobsIngest: {
        createSourcedJobPostings: ({ input }: { input?: { jobPostings: readonly unknown[] } | null }) =>
          this.create(input?.jobPostings ?? [], caller),
        expireSourcedJobsBySourcedPostingId: ({ input }: { input: { jobs: readonly ExpiredJob[] } }) => ({
          results: input.jobs.map((job) => this.expire(job, caller)),
        }),
      },
      partnerDisposition: {
        send: ({ input }: { input: { dispositions: readonly SentDisposition[] } }) =>
          this.dispositions.send(input.dispositions),
      },
    };
  }

  private create(given: readonly unknown[], caller: Caller): { readonly results: readonly unknown[] } {
    this.quota.count(caller.clientId, given.length);
    const taken = new Set<string>();
    return { results: given.map((one) => this.createOne(one, caller, taken)) };
  }

  /** A refused job costs the others nothing. */
  private createOne(given: unknown, caller: Caller, taken: Set<string>): unknown {
    try {
      const job = readJobPosting(given, this.switches);
      const key = keyOf(job);
      if (taken.has(key)) throw badInput("metadata.jobPostingId: is there twice");
      taken.add(key);
      const { sourcedPostingId, employerJobId } = this.postings.upsert(job, caller);
      return { jobPosting: { sourcedPostingId, employerJobId } };
    } catch (error) {
      if (!(error instanceof IndeedError)) throw error;
      return this.switches.refusedJob === "null-result" ? error : { jobPosting: error };
    }
  }

  private expire({ sourcedPostingId }: ExpiredJob, { clientId }: Caller): unknown {
    const posting = this.postings.byPostingId(sourcedPostingId);
    const isKnown = posting?.clientId === clientId;
    if (!isKnown && this.switches.expiryOfUnknown === "not-found") return notFound(`The job ${sourcedPostingId}`);
    if (posting && isKnown) this.postings.end(posting, "request");
    const inputData = { __typename: "ExpireSourcedJobBySourcedPostingIdInfo", sourcedPostingId };
    return { trackingKey: `expire-${sourcedPostingId}`, inputData };
  }

  private node(id: string): object | null {
    const posting = this.postings.byEmployerJobId(id);
    if (posting) return this.shown(posting);
    if (this.switches.unknownNode === "null") return null;
    throw notFound(`The node ${id}`);
  }

  private nodeOrError(id: string): unknown {
    try {
      return this.node(id);
    } catch (error) {
      return error;
    }
  }

  /** Whoever asks moves the posting on: indexing takes as many calls as the switch says. */
  private shown(posting: StoredPosting): object {
    posting.statusCalls += 1;
    const status = this.postings.statusOf(posting);
    const surface = {
      isRejected: status.rejectedFor !== null,
      isSponsorshipRequired: status.isSponsorshipRequired,
      isMissingRequiredSponsorship: status.isMissingRequiredSponsorship,
    };
    const isSeen = status.lifecycle !== "pending";
    const surfaces = this.switches.surfaceStatuses === "list" ? (isSeen ? [surface] : []) : isSeen ? surface : null;
    const globalStatus = {
      lifecycleStatus: this.switches.lifecycle[status.lifecycle],
      isIndeedApplyActive: status.isIndeedApplyActive,
    };
    const jobPost = { id: posting.jobPostId, status: { globalStatus, surfaceStatuses: surfaces } };
    return { __typename: "EmployerJob", id: posting.employerJobId, seats: [{ jobPost }] };
  }
}

interface ExpiredJob {
  readonly sourcedPostingId: string;
}

function keyOf({ metadata }: JobPosting): string {
  return JSON.stringify([metadata.jobSource.sourceName, metadata.jobPostingId]);
}

function readBody(body: string): GraphQLBody | null {
  try {
    const read: unknown = JSON.parse(body);
    return typeof read === "object" && read !== null ? read : null;
  } catch {
    return null;
  }
}

function parsed(query: string) {
  try {
    return parse(query);
  } catch (error) {
    if (error instanceof Error) return error as GraphQLError;
    throw error;
  }
}
