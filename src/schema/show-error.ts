import { randomUUID } from "node:crypto";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import { isIntegrationError } from "../errors.ts";

/**
 * How an error is shown: ours with its code, a caller's mistake as INVALID_INPUT, and a fault of ours masked, with an id
 * that is in the log.
 */
export function createErrorView(log: Logger): (error: unknown) => GraphQLFormattedError {
  return (error) => {
    const { formatted, original } = unwrap(error);
    if (isIntegrationError(original)) {
      const { code, message, field, retryable, retryAfterMs, remedy, providerCode } = original;
      return { ...formatted, message, extensions: { code, field, retryable, retryAfterMs, remedy, providerCode } };
    }
    const code = formatted.extensions?.["code"];
    if (isCallersMistake(formatted, original)) {
      return { ...formatted, extensions: { ...formatted.extensions, code: "INVALID_INPUT" } };
    }
    if (original === undefined && typeof code === "string" && code !== internal) return formatted;
    const errorId = randomUUID();
    log.error({ err: original ?? error, errorId, path: formatted.path }, "a request failed through a fault of ours");
    const { message: _message, ...where } = formatted;
    return { ...where, message: "Internal server error", extensions: { code: internal, errorId } };
  };
}

const internal = "INTERNAL_SERVER_ERROR";
/** What Apollo Server calls the mistakes that it finds before anything is executed. */
const mistakes = [
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
];

function unwrap(error: unknown): { formatted: GraphQLFormattedError; original: unknown } {
  if (!(error instanceof GraphQLError)) return { formatted: { message: "Internal server error" }, original: error };
  let original: unknown = error.originalError ?? undefined;
  // An error of GraphQL itself, or of a scalar, is wrapped once more on its way out.
  while (original instanceof GraphQLError) original = original.originalError ?? undefined;
  return { formatted: error.toJSON(), original };
}

/** What GraphQL itself found wrong: with the document, with a variable, or with an argument once variables are known. */
function isCallersMistake({ extensions, path, message }: GraphQLFormattedError, original: unknown): boolean {
  const code = extensions?.["code"];
  if (typeof code === "string" && code !== internal) return mistakes.includes(code);
  return original === undefined && (path === undefined || message.startsWith('Argument "'));
}
