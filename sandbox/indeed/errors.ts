import { GraphQLError } from "graphql";

export type IndeedCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "BAD_USER_INPUT"
  | "GRAPHQL_PARSE_FAILED"
  | "GRAPHQL_VALIDATION_FAILED"
  | "NOT_FOUND"
  | "DOWNSTREAM_SERVICE_ERROR"
  | "INTERNAL_SERVER_ERROR";

const classifications: Readonly<Record<IndeedCode, string>> = {
  UNAUTHENTICATED: "UNAUTHENTICATED",
  FORBIDDEN: "PERMISSION_DENIED",
  BAD_USER_INPUT: "BAD_REQUEST",
  GRAPHQL_PARSE_FAILED: "InvalidSyntax",
  GRAPHQL_VALIDATION_FAILED: "ValidationError",
  NOT_FOUND: "NOT_FOUND",
  DOWNSTREAM_SERVICE_ERROR: "UNAVAILABLE",
  INTERNAL_SERVER_ERROR: "INTERNAL",
};

/** A refusal in Indeed's words. https://docs.indeed.com/job-sync-api/troubleshoot-job-sync-api-errors */
export class IndeedError extends GraphQLError {
  constructor(
    readonly code: IndeedCode,
    message: string,
  ) {
    super(message, { extensions: { code } });
  }
}

/** The one refusal that is not 200. */
export class TooManyRequests extends GraphQLError {
  constructor(readonly retryAfterSeconds: number) {
    super("Too many requests");
  }
}

export const unauthenticated = () => new IndeedError("UNAUTHENTICATED", "The access token is missing or expired");
export const forbidden = () => new IndeedError("FORBIDDEN", "client is not authorized");
export const badInput = (message: string) => new IndeedError("BAD_USER_INPUT", message);
export const notFound = (what: string) => new IndeedError("NOT_FOUND", `${what} was not found`);

/** An error as it stands in an answer. */
export function shownError(
  error: GraphQLError,
  code: IndeedCode,
  { withClassification }: { readonly withClassification: boolean },
): Readonly<Record<string, unknown>> {
  const { message, path, locations } = error;
  const extensions = { code, ...(withClassification && { classification: classifications[code] }) };
  return { message, ...(path && { path }), ...(locations && { locations }), extensions };
}
