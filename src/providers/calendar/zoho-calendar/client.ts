import type * as z from "zod";
import { type ErrorCode, IntegrationError } from "../../../errors.ts";
import { readRetryAfter } from "../../retry-after.ts";
import type { CalendarAccount } from "../provider.ts";
import { ErrorBody, EventList, type ShownEvent, Written } from "./shapes.ts";

/** What Zoho is sent for an event. https://www.zoho.com/calendar/help/api/post-create-event.html */
export type EventData = Readonly<Record<string, unknown>>;

/** Zoho Calendar for one account: paths are below `api/v1/`, without a slash in front. */
export interface ZohoClient {
  /** @throws {IntegrationError} */
  get<S extends z.ZodType>(path: string, query: Query, shape: S, accept?: string): Promise<z.output<S>>;
  /** @returns what was written */
  send(method: "POST" | "PUT" | "PATCH", path: string, data: EventData): Promise<Pick<ShownEvent, "uid">>;
  /** @param data with the etag, which Zoho's pages want in a header and other programs send here */
  remove(path: string, data: EventData & { readonly etag: ShownEvent["etag"] }): Promise<void>;
}

type Query = Readonly<Record<string, string>>;

/** Writes travel in the address, up to this many characters; longer ones in a form. How long Zoho lets it be is not known. */
const maxAddress = 6000;

export function clientFor({ fetch, apiUrl }: Pick<CalendarAccount, "fetch" | "apiUrl">): ZohoClient {
  const addressOf = (path: string, query: Query) => `${apiUrl}${path}?${new URLSearchParams(query)}`;

  async function call(url: string, init: RequestInit): Promise<unknown> {
    const reply = await fetch(url, { ...init, headers: { accept: "application/json", ...init.headers } });
    const text = await reply.text();
    const answer = parsed(text);
    const failure = ErrorBody.safeParse(answer);
    if (reply.ok && !failure.success) {
      if (answer === undefined) throw notZohos();
      return answer;
    }
    throw explain(reply.status, failure.success ? failure.data : null, reply.headers.get("retry-after"));
  }

  async function write(method: string, path: string, data: EventData): Promise<unknown> {
    const eventdata = JSON.stringify(data);
    const address = addressOf(path, { eventdata });
    if (address.length <= maxAddress) {
      try {
        return await call(address, { method });
      } catch (error) {
        if (!(error instanceof AddressTooLong)) throw error;
      }
    }
    const body = new URLSearchParams({ eventdata });
    try {
      return await call(`${apiUrl}${path}`, { method, body });
    } catch (error) {
      if (error instanceof IntegrationError && formRefused.has(error.providerCode)) throw new AddressTooLong();
      throw error;
    }
  }

  return {
    async get(path, query, shape, accept = "application/json") {
      return fitted(await call(addressOf(path, query), { headers: { accept } }), shape);
    },

    async send(method, path, data) {
      const [event] = fitted(await write(method, path, data), EventList).events;
      return fitted(event, Written);
    },

    async remove(path, data) {
      const address = addressOf(path, { eventdata: JSON.stringify(data) });
      await call(address, { method: "DELETE", headers: { etag: String(data.etag) } });
    },
  };
}

/** An event that does not fit into an address, where Zoho takes no form. */
class AddressTooLong extends IntegrationError {
  constructor() {
    super("UNSUPPORTED_CAPABILITY", "The event is longer than Zoho's API takes", {
      field: ["description"],
      remedy: "Shorten the description.",
      providerCode: "HTTP 414",
    });
  }
}

/** What Zoho says when it looks for the event in the address alone. */
const formRefused: ReadonlySet<string | undefined> = new Set(["LESS_THAN_MIN_OCCURANCE"]);

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function fitted<S extends z.ZodType>(answer: unknown, shape: S): z.output<S> {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  throw notZohos();
}

function notZohos(providerCode?: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", "Zoho's answer is not what its documentation describes", {
    providerCode,
  });
}

/** Zoho's own word for a failure, however it is put. */
export function errorCodeIn(body: unknown): string | undefined {
  const read = ErrorBody.safeParse(body);
  return read.success ? read.data.code : undefined;
}

/** Too many calls, as 400 or 429. */
export const throttled = "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED";

interface Meaning {
  readonly code: ErrorCode;
  readonly says: string;
  readonly remedy?: string;
}

const missing: Meaning = { code: "NOT_FOUND", says: "Zoho has no such calendar or event" };
const changed: Meaning = { code: "CONFLICT", says: "The event was changed by somebody else meanwhile" };
const tooMany: Meaning = { code: "RATE_LIMITED", says: "Zoho asks for fewer calls for this account" };

/** By Zoho's word, whatever the status. Not all of them are published. */
const meanings: Readonly<Record<string, Meaning>> = {
  [throttled]: tooMany,
  RESOURCE_NOT_FOUND: missing,
  ETAG_MISMATCH: changed,
  OPERATION_NOT_PERMITTED: {
    code: "PROVIDER_REFUSED",
    says: "This account may not do that here",
    remedy: "Ask the organizer of the event, or the owner of the calendar.",
  },
  // Where the status is 401, the access was renewed and tried again before this.
  INVALID_OAUTHTOKEN: { code: "PROVIDER_UNAVAILABLE", says: "Zoho does not know the access that it gave" },
};
/** These say that we asked for something that is not there, with a status that elsewhere means an event. */
const ourMistake = ["EXTRA_KEY_FOUND_IN_JSON", "EXTRA_PARAM_FOUND", "URL_RULE_NOT_CONFIGURED"];
const byStatus: Readonly<Record<number, Meaning>> = { 404: missing, 409: changed, 412: changed };

/** What a refusal means; its message stays behind, because it may tell of the event. */
function explain(
  status: number,
  failure: z.output<typeof ErrorBody> | null,
  retryAfter: string | null,
): IntegrationError {
  if (status === 414) return new AddressTooLong();
  if (failure === null) return notZohos(`HTTP ${status}`);
  const { code: providerCode, message } = failure;
  const refused: Meaning = { code: "PROVIDER_REFUSED", says: `Zoho refuses (HTTP ${status}, ${providerCode})` };
  const known = meanings[providerCode] ?? (/too many requests/i.test(message ?? "") ? tooMany : undefined);
  const { code, says, remedy } = known ?? (ourMistake.includes(providerCode) ? refused : (byStatus[status] ?? refused));
  return new IntegrationError(code, says, {
    remedy,
    providerCode,
    retryAfterMs: readRetryAfter(retryAfter, new Date()),
  });
}
