/** A refusal in the API's own words. https://developers.google.com/workspace/calendar/api/guides/errors */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    private readonly options: {
      readonly domain?: string;
      readonly location?: string;
      readonly locationType?: string;
    } = {},
  ) {
    super(message);
  }

  get body(): { readonly error: object } {
    const { domain = "global", location, locationType } = this.options;
    const place = location === undefined ? {} : { locationType: locationType ?? "parameter", location };
    const errors = [{ domain, reason: this.reason, message: this.message, ...place }];
    return { error: { code: this.status, message: this.message, errors } };
  }
}

export const notFound = () => new ApiError(404, "notFound", "Not Found");
export const deleted = () => new ApiError(410, "deleted", "Resource has been deleted");
export const duplicate = () => new ApiError(409, "duplicate", "The requested identifier already exists.");
export const invalid = (message: string, location?: string) =>
  new ApiError(400, "invalid", message, location === undefined ? {} : { location });
export const required = (message: string) => new ApiError(400, "required", message);
export const timeRangeEmpty = () =>
  new ApiError(400, "timeRangeEmpty", "The specified time range is empty.", { domain: "calendar" });
export const conditionNotMet = () =>
  new ApiError(412, "conditionNotMet", "Precondition Failed", { locationType: "header", location: "If-Match" });
export const authError = () =>
  new ApiError(401, "authError", "Invalid Credentials", { locationType: "header", location: "Authorization" });
export const insufficientPermissions = () =>
  new ApiError(403, "insufficientPermissions", "Request had insufficient authentication scopes.");
export const requiredAccessLevel = () =>
  new ApiError(403, "requiredAccessLevel", "You need to have writer access to this calendar.", { domain: "calendar" });
export const forbiddenForNonOrganizer = () =>
  new ApiError(
    403,
    "forbiddenForNonOrganizer",
    "Shared properties can only be changed by the organizer of the event.",
    {
      domain: "calendar",
    },
  );
export const fullSyncRequired = () =>
  new ApiError(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.", {
    domain: "calendar",
    location: "syncToken",
  });
export const updatedMinTooLongAgo = () =>
  new ApiError(410, "updatedMinTooLongAgo", "The requested minimum modification time lies too far in the past.", {
    domain: "calendar",
    location: "updatedMin",
  });
export const usageLimit = (status: 403 | 429, reason: string, message: string) =>
  new ApiError(status, reason, message, { domain: "usageLimits" });
