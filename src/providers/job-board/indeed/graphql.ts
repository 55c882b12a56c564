import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount } from "../provider.ts";

export const longestMessage = 300;

// https://docs.indeed.com/job-sync-api/troubleshoot-job-sync-api-errors: nearly all of them come with HTTP 200
const ApiError = z.looseObject({
  message: z.string().default(""),
  extensions: z.looseObject({ code: z.string().optional() }).nullish(),
});
const Errors = z.looseObject({ errors: z.array(ApiError).min(1) });
type ApiError = z.output<typeof ApiError>;

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

interface Answer {
  readonly data: unknown;
  /** The first of them, where there is any. */
  readonly error: ApiError | null;
}

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID for what is no answer of GraphQL */
export async function call(
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

export function explain({ message, extensions }: ApiError): IntegrationError {
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

export function parse<T>(shape: z.ZodType<T>, reply: unknown): T {
  const read = shape.safeParse(reply);
  if (read.success) return read.data;
  throw unreadable(z.prettifyError(read.error).slice(0, longestMessage));
}

export function unreadable(what: string): IntegrationError {
  return new IntegrationError(
    "PROVIDER_REPLY_INVALID",
    `Indeed answered with something else than it documents: ${what}`,
  );
}
