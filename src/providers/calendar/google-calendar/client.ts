import { calendar, type calendar_v3 } from "googleapis/build/src/apis/calendar/index.js";
import type * as z from "zod";
import { type ErrorCode, IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { CalendarAccount } from "../provider.ts";
import { ErrorBody } from "./shapes.ts";

export type GoogleClient = calendar_v3.Calendar;

export const googleApis = "https://www.googleapis.com/";

/**
 * Google's own client for one account. It has nothing to sign in with, tries nothing twice, and sends everything through
 * the account's HTTP.
 */
export function clientFor({ fetch, apiUrl }: Pick<CalendarAccount, "fetch" | "apiUrl">): GoogleClient {
  return calendar({
    version: "v3",
    retry: false,
    // The library's own setting keeps the host of another address, and drops its path.
    fetchImplementation: (url, init) =>
      fetch((url instanceof Request ? url.url : String(url)).replace(googleApis, apiUrl), init),
  });
}

/** A call's answer, read by its shape. @throws {IntegrationError} */
export async function ask<S extends z.ZodType>(call: Promise<{ data: unknown }>, shape: S): Promise<z.output<S>> {
  const read = shape.safeParse(await answerOf(call));
  if (read.success) return read.data;
  throw notGoogles();
}

/** A call whose answer says nothing; one that says something is somebody else's. @throws {IntegrationError} */
export async function tell(call: Promise<{ data: unknown }>): Promise<void> {
  if (await answerOf(call)) throw notGoogles();
}

async function answerOf(call: Promise<{ data: unknown }>): Promise<unknown> {
  const { data } = await call.catch((error: unknown) => {
    throw explain(error);
  });
  return data;
}

function notGoogles(providerCode?: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", "Google's answer is not what its documentation describes", {
    providerCode,
  });
}

interface Meaning {
  readonly code: ErrorCode;
  readonly says: string;
  readonly remedy?: string;
  readonly retryAfterMs?: number;
}

const askOwner = "Ask the organizer of the event, or the owner of the calendar.";
const hoursMs = 60 * 60 * 1000;

/** By Google's reason, whatever the status. https://developers.google.com/workspace/calendar/api/guides/errors */
const meanings: Readonly<Record<string, Meaning>> = {
  rateLimitExceeded: { code: "RATE_LIMITED", says: "Google asks for fewer calls" },
  userRateLimitExceeded: { code: "RATE_LIMITED", says: "Google asks for fewer calls for this account" },
  quotaExceeded: {
    code: "QUOTA_EXHAUSTED",
    says: "Google takes no more changes of this account for some hours",
    remedy: "Wait; too many events or invitations were made at once.",
    retryAfterMs: 3 * hoursMs,
  },
  dailyLimitExceeded: {
    code: "QUOTA_EXHAUSTED",
    says: "This service's daily quota at Google is spent",
    remedy: "The operator can ask Google for more.",
    retryAfterMs: 3 * hoursMs,
  },
  insufficientPermissions: {
    code: "REAUTHORIZATION_REQUIRED",
    says: "The consent does not cover this",
    remedy: "Connect the account again, and leave every box on the consent page ticked.",
  },
  accessNotConfigured: {
    code: "NOT_CONFIGURED",
    says: "The Google Calendar API is not enabled for this service",
    remedy: "The operator has to enable it in the Google Cloud console.",
  },
  notFound: { code: "NOT_FOUND", says: "Google has no such calendar or event" },
  deleted: { code: "NOT_FOUND", says: "The event is deleted" },
  duplicate: { code: "DUPLICATE", says: "The calendar has this event already" },
  conditionNotMet: { code: "CONFLICT", says: "The event was changed by somebody else meanwhile" },
  fullSyncRequired: { code: "CURSOR_EXPIRED", says: "Google no longer knows where the last sync ended" },
  updatedMinTooLongAgo: { code: "CURSOR_EXPIRED", says: "Google no longer knows where the last sync ended" },
  timeRangeEmpty: { code: "INVALID_INPUT", says: "The end must be after the start" },
  forbiddenForNonOrganizer: {
    code: "PROVIDER_REFUSED",
    says: "Only the organizer may change this",
    remedy: askOwner,
  },
  pushNotSupportedForRequestedResource: {
    code: "UNSUPPORTED_CAPABILITY",
    says: "Google does not tell of changes of this calendar",
  },
  "push.webhookUrlNotHttps": {
    code: "UNSUPPORTED_CAPABILITY",
    says: "Google sends messages over https only",
    remedy: "The operator has to set PUBLIC_URL to an https address.",
  },
  "push.webhookUrlUnauthorized": {
    code: "UNSUPPORTED_CAPABILITY",
    says: "Google does not send messages to this address",
    remedy: "The operator has to verify the domain in the Google Cloud console.",
  },
  channelIdNotUnique: { code: "UNSUPPORTED_CAPABILITY", says: "Google knows this channel already" },
};

/** Where Google gives no reason that is known. */
const byStatus: Readonly<Record<number, Meaning>> = {
  404: { code: "NOT_FOUND", says: "Google has no such calendar or event" },
  409: { code: "DUPLICATE", says: "The calendar has this event already" },
  410: { code: "NOT_FOUND", says: "The event is deleted" },
  412: { code: "CONFLICT", says: "The event was changed by somebody else meanwhile" },
};

/** Google's own word for a failure, in the body of its error. */
export function errorCodeIn(body: unknown): string | undefined {
  const read = ErrorBody.safeParse(body);
  return read.success ? reasonOf(read.data) : undefined;
}

function reasonOf({ error }: z.output<typeof ErrorBody>): string | undefined {
  return error.errors[0]?.reason || error.status;
}

/** Never keeps the library's own error: it holds the whole request. */
function explain(error: unknown): unknown {
  if (isIntegrationError(error) || !(error instanceof Error)) return error;
  if (isIntegrationError(error.cause)) return error.cause;
  const response =
    "response" in error ? (error.response as { status?: unknown; data?: unknown } | undefined) : undefined;
  // What ended the call is told as it is: it may be the caller's own signal.
  if (typeof response?.status !== "number") return error.cause ?? error;
  const body = ErrorBody.safeParse(response.data);
  // A proxy's 404 does not mean that an event is gone.
  if (!body.success) return notGoogles(`HTTP ${response.status}`);
  const reason = reasonOf(body.data);
  const refused: Meaning = {
    code: "PROVIDER_REFUSED",
    says: `Google refuses (HTTP ${response.status})`,
    remedy: askOwner,
  };
  const { code, says, remedy, retryAfterMs } = meanings[reason ?? ""] ?? byStatus[response.status] ?? refused;
  const providerCode = reason || `HTTP ${response.status}`;
  const field = reason === "timeRangeEmpty" ? { field: ["end"] } : {};
  return new IntegrationError(code, says, { remedy, retryAfterMs, providerCode, ...field });
}
