import { randomUUID } from "node:crypto";

/** A refusal in Graph's own words. https://learn.microsoft.com/en-us/graph/errors */
export class GraphError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** @param clientRequestId the caller's own name for the request, which comes back */
export function errorBody(
  { code, message }: { readonly code: string; readonly message: string },
  now: Date,
  requestId: string = randomUUID(),
  clientRequestId: string = requestId,
): unknown {
  const date = now.toISOString().slice(0, 19);
  const innerError = { date, "request-id": requestId, "client-request-id": clientRequestId };
  return { error: { code, message, innerError } };
}

export const itemNotFound = () =>
  new GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.");
export const resourceNotFound = () => new GraphError(404, "ResourceNotFound", "Resource could not be discovered.");
export const mailboxNotEnabled = () =>
  new GraphError(
    404,
    "MailboxNotEnabledForRESTAPI",
    "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
  );
export const accessDenied = () =>
  new GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
export const invalidProperty = (says = "At least one property failed validation.") =>
  new GraphError(400, "ErrorPropertyValidationFailure", says);
export const invalidRequest = (says: string) => new GraphError(400, "ErrorInvalidRequest", says);
export const invalidParameter = (says: string) => new GraphError(400, "ErrorInvalidParameter", says);
export const badQuery = (says: string) => new GraphError(400, "BadRequest", says);
export const unreadableBody = () =>
  new GraphError(400, "BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set.");
export const unknownZone = (name: string) =>
  new GraphError(
    400,
    "TimeZoneNotSupportedException",
    `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${name}'.`,
  );
export const crossingBoundary = () =>
  new GraphError(
    400,
    "ErrorOccurrenceCrossingBoundary",
    "Modified occurrence is crossing or overlapping adjacent occurrence.",
  );
export const conflict = () =>
  new GraphError(
    412,
    "ErrorIrresolvableConflict",
    "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
  );
export const throttled = (retryAfterSeconds: number, says: string) =>
  new GraphError(429, "ApplicationThrottled", says, { "retry-after": String(retryAfterSeconds) });
