import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { AccountFetch } from "../../account-fetch.ts";
import type { BoardAccount } from "../provider.ts";

/** `yyyymm`, of what is called below `rest/`. */
const apiVersion = "202504";
const longestMessage = 300;

const ErrorBody = z.looseObject({
  message: z.string().optional(),
  code: z.string().optional(),
  serviceErrorCode: z.number().optional(),
});

/** LinkedIn's own word for a failure. */
export function errorCodeIn(body: unknown): string | undefined {
  const read = ErrorBody.safeParse(body);
  return read.success ? (read.data.code ?? read.data.serviceErrorCode?.toString()) : undefined;
}

// https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/create-jobs: newer answers name the job
const Element = z.looseObject({
  id: z.string().optional(),
  status: z.number(),
  entity: z.looseObject({ externalJobPostingId: z.coerce.string() }).optional(),
  error: ErrorBody.extend({
    errorDetails: z.looseObject({ externalJobPostingId: z.coerce.string().nullish() }).nullish(),
  }).optional(),
});
const Batch = z.looseObject({ elements: z.array(Element) });

// https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/check-job-operation-task-status
const Task = z.looseObject({
  status: z.string(),
  jobPosting: z.string().optional(),
  errorMessage: z.string().optional(),
});
export type Task = z.output<typeof Task>;

const Detail = z.looseObject({
  errorCode: z.string().nullish(),
  errorType: z.string().nullish(),
  statusMessage: z.string().nullish(),
});

// https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/check-job-posting-status
const Listing = z.looseObject({
  listingStatus: z.string(),
  listingStatusDetail: Detail.nullish(),
  linkedInApplyStatus: z.string().nullish(),
  linkedInApplyStatusDetail: Detail.nullish(),
  promotionStatus: z.string().nullish(),
  promotionStatusDetail: Detail.nullish(),
  jobPostingUrl: z.url().nullish(),
  jobPostingInfo: z.looseObject({ expireAt: z.number().nullish() }).nullish(),
});
export type Listing = z.output<typeof Listing>;

const found = <Shape extends z.ZodType>(shape: Shape) =>
  z.looseObject({ results: z.record(z.string(), shape), errors: z.record(z.string(), z.unknown()).optional() });

/**
 * Sends one job. A batch of one: LinkedIn takes one batch at a time, and a job that fails must not hold up others.
 *
 * @returns the URN of the task that tells what becomes of it
 * @throws {IntegrationError} PROVIDER_REFUSED for a job that is not taken
 */
export async function sendElement(
  account: BoardAccount,
  element: { readonly externalJobPostingId?: unknown },
): Promise<string> {
  const reply = await call(account.fetch, new URL("rest/simpleJobPostings", account.apiUrl), {
    method: "POST",
    headers: { "content-type": "application/json", "x-restli-method": "batch_create", ...versioned },
    body: JSON.stringify({ elements: [element] }),
  });
  const { elements } = parse(Batch, reply);
  const named = elements.find(({ entity, error }) => {
    const id = entity?.externalJobPostingId ?? error?.errorDetails?.externalJobPostingId;
    return id === element.externalJobPostingId;
  });
  const answered = named ?? elements[0];
  if (answered?.error) throw refusedBy(answered.error);
  if (answered?.id === undefined) throw unreadable("a batch without its element");
  return answered.id;
}

/** Null for a task that LinkedIn has forgotten: it knows them for 30 days, or for one. */
export async function readTask(account: BoardAccount, urn: string): Promise<Task | null> {
  const url = new URL("rest/simpleJobPostingTasks", account.apiUrl);
  url.searchParams.append("ids", urn);
  const { results } = parse(found(Task), await call(account.fetch, url, { headers: versioned }));
  return results[urn] ?? null;
}

/** How a job is listed; null when LinkedIn knows of none with this id. */
export async function readListing(
  { fetch, apiUrl }: Pick<BoardAccount, "fetch" | "apiUrl">,
  externalId: string,
): Promise<Listing | null> {
  const url = new URL("v2/jobPostingStatus", apiUrl);
  url.searchParams.append("ids", externalId);
  const { results } = parse(found(Listing), await call(fetch, url));
  return results[externalId] ?? null;
}

const versioned = { "linkedin-version": apiVersion };

/** @returns the JSON that was answered @throws {IntegrationError} for every status that is no success */
export async function call(fetch: AccountFetch, url: URL, init: RequestInit = {}): Promise<unknown> {
  const reply = await fetch(url, init);
  const text = await reply.text();
  if (!reply.ok) throw explain(reply.status, text);
  return text === "" ? null : parseJson(text);
}

function explain(status: number, text: string): IntegrationError {
  const body = errorBodyIn(text);
  const providerCode = errorCodeIn(body) ?? `HTTP ${status}`;
  if (status === 403) {
    return new IntegrationError("PARTNER_APPROVAL_REQUIRED", "LinkedIn has not allowed this for the company", {
      providerCode,
      remedy:
        "Promoted jobs need the company's own Recruiter contract, and its consent at LinkedIn; pay for performance needs a further contract.",
    });
  }
  if (status === 409) return new IntegrationError("DUPLICATE", "LinkedIn has this already", { providerCode });
  return refusedBy({ ...body, code: providerCode });
}

/** @param error as LinkedIn worded it: `ERROR :: /title :: field is required` */
export function refusedBy({ message = "", code, serviceErrorCode }: z.output<typeof ErrorBody>): IntegrationError {
  const words = message.replaceAll(/ERROR :: (\S+) :: /g, "$1 ").replaceAll("\n", "; ");
  const providerCode = code ?? serviceErrorCode?.toString();
  return new IntegrationError("PROVIDER_REFUSED", `LinkedIn does not take this: ${words.slice(0, longestMessage)}`, {
    remedy: "Change what LinkedIn names, and send it again.",
    ...(providerCode !== undefined && { providerCode }),
  });
}

function errorBodyIn(text: string): z.output<typeof ErrorBody> {
  try {
    return ErrorBody.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable("no JSON");
  }
}

export function parse<T>(shape: z.ZodType<T>, reply: unknown): T {
  const read = shape.safeParse(reply);
  if (read.success) return read.data;
  throw unreadable(z.prettifyError(read.error).slice(0, longestMessage));
}

function unreadable(what: string): IntegrationError {
  return new IntegrationError(
    "PROVIDER_REPLY_INVALID",
    `LinkedIn answered with something else than it documents: ${what}`,
  );
}
