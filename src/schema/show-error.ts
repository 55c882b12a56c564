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

function unwrap(error: unknown): { formatted: GraphQLFormattedError; original: unknown } {
  if (error instanceof GraphQLError) {
    const original = error.originalError ?? undefined;
    // An error thrown by GraphQL itself, or by a scalar, is wrapped once more on its way out.
    if (original instanceof GraphQLError)
      return { ...unwrap(original), formatted: { ...unwrap(original).formatted, ...position(error) } };
    return { formatted: error.toJSON(), original };
  }
  return { formatted: { message: "Internal server error" }, original: error };
}

function position({ path, locations }: GraphQLError): Partial<GraphQLFormattedError> {
  return { ...(path && { path }), ...(locations && { locations }) };
}

/** What GraphQL found wrong before any resolver ran: a variable of the wrong type, a value no enum has. */
function isCallersMistake({ extensions, path }: GraphQLFormattedError, original: unknown): boolean {
  const code = extensions?.["code"];
  if (code === "BAD_USER_INPUT") return true;
  return original === undefined && path === undefined && (code === undefined || code === internal);
}
