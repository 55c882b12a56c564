import type { ZohoSwitches } from "./switches.ts";

/** A refusal in Zoho's own words. */
export class ZohoError extends Error {
  constructor(
    readonly status: number,
    /** `EXTRA_KEY_FOUND_IN_JSON` and the like. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function errorBody({ code, message }: ZohoError, { errorShape }: Pick<ZohoSwitches, "errorShape">): object {
  switch (errorShape) {
    case "filter":
      return { response: "error", cause: code, localized_message: message };
    case "list":
      return { error: [{ code, message }] };
    case "object":
      return { error: { code, message } };
  }
}

export const invalidToken = () => new ZohoError(401, "INVALID_OAUTHTOKEN", "Invalid OAuth access token.");
export const scopeMissing = () => new ZohoError(401, "INVALID_OAUTHSCOPE", "Request was rejected because of scope.");
export const notPermitted = () => new ZohoError(403, "OPERATION_NOT_PERMITTED", "Operation not permitted.");
export const notFound = (what: string) => new ZohoError(404, "RESOURCE_NOT_FOUND", `${what} was not found.`);
export const noSuchUrl = () => new ZohoError(404, "URL_RULE_NOT_CONFIGURED", "The address is not known.");
export const missing = (name: string) => new ZohoError(400, "LESS_THAN_MIN_OCCURANCE", `${name} is missing.`);
export const etagMissing = () => new ZohoError(400, "ETAG_MISSING", "The etag is missing.");
export const badPattern = (name: string) =>
  new ZohoError(400, "PATTERN_NOT_MATCHED", `${name} is not as it should be.`);
export const invalidData = (message: string) => new ZohoError(400, "INVALID_DATA", message);
export const tooLong = (name: string) => new ZohoError(400, "MORE_THAN_MAX_LENGTH", `${name} is too long.`);
export const badJson = (name: string) => new ZohoError(400, "JSON_PARSE_ERROR", `${name} is no JSON.`);
export const extraKey = (status: number, name: string) =>
  new ZohoError(status, "EXTRA_KEY_FOUND_IN_JSON", `${name} is an extra key.`);
export const extraParameter = (status: number, name: string) =>
  new ZohoError(status, "EXTRA_PARAM_FOUND", `${name} is an extra parameter.`);
export const tooMany = (status: 400 | 429) =>
  new ZohoError(status, "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED", "Too many requests. Try again after some time.");
