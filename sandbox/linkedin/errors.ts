import { json, type TwinReply } from "../twin.ts";

/** A refusal of a whole call, in LinkedIn's own words. */
export class LinkedInError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** LinkedIn's number, where it has one, and in newer answers a name. */
    readonly codes: { readonly serviceErrorCode?: number; readonly code?: string } = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export function errorReply({ status, message, codes, headers }: LinkedInError): TwinReply {
  return json(status, { ...codes, message, status }, headers);
}

export const invalidToken = () => new LinkedInError(401, "Invalid access token", { serviceErrorCode: 65600 });
export const expiredToken = () =>
  new LinkedInError(401, "The token used in the request has expired", { serviceErrorCode: 65602 });
export const notEntitled = (what: string) =>
  new LinkedInError(403, `Not enough permissions to access: ${what}`, { serviceErrorCode: 100 });
export const notFound = (what: string) => new LinkedInError(404, `${what} does not exist`, { serviceErrorCode: 0 });
export const badRequest = (message: string) => new LinkedInError(400, message);
export const conflict = (message: string) => new LinkedInError(409, message);
export const tooLong = () => new LinkedInError(414, "Request-URI Too Long");
export const notJson = () => new LinkedInError(415, "Content-Type has to be application/json");
export const unprocessable = (message: string) => new LinkedInError(422, message);
export const versionMissing = () =>
  new LinkedInError(400, "A version must be present. Please specify a version by adding the LinkedIn-Version header.", {
    code: "VERSION_MISSING",
  });
export const versionUnknown = (version: string) =>
  new LinkedInError(426, `Requested version ${version} is not active`, { code: "NONEXISTENT_VERSION" });

/** @param limit `APPLICATION DAY` for what is counted per day */
export function throttled(limit: string, retryAfterSeconds: number | null = null): LinkedInError {
  return new LinkedInError(
    429,
    `Resource level throttle ${limit} limit for calls to this resource is reached.`,
    { serviceErrorCode: 101 },
    retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) },
  );
}
