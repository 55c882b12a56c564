import type * as z from "zod";
import { type ErrorCode, IntegrationError } from "../../../errors.ts";
import { readRetryAfter } from "../../retry-after.ts";
import type { CalendarAccount } from "../provider.ts";
import { BatchReply, ErrorBody } from "./shapes.ts";

/** Microsoft Graph for one account: paths are below `v1.0/`, without a slash in front. */
export interface GraphClient {
  /** @throws {IntegrationError} */
  get<S extends z.ZodType>(pathOrLink: string, shape: S, prefer?: string): Promise<z.output<S>>;
  /** @param method whose answer is read */
  send<S extends z.ZodType>(
    method: "POST" | "PATCH",
    path: string,
    body: object,
    shape: S,
    etag?: string,
  ): Promise<z.output<S>>;
  /** A call whose answer says nothing. */
  tell(
    method: "POST" | "DELETE",
    path: string,
    options?: { readonly body?: object; readonly etag?: string },
  ): Promise<void>;
  /** Several readings in as few calls as they fit in; null stands for what is not there. */
  getAll<S extends z.ZodType>(paths: readonly string[], shape: S): Promise<readonly (z.output<S> | null)[]>;
}

/** An id keeps when an event moves to another calendar; bodies come as plain text, where nothing else is asked for. */
const ids = 'IdType="ImmutableId"';
const plainText = 'outlook.body-content-type="text"';
const batchSize = 20;

export function clientFor({ fetch, apiUrl }: Pick<CalendarAccount, "fetch" | "apiUrl">): GraphClient {
  async function call(method: string, url: string, headers: Record<string, string>, body?: object): Promise<unknown> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const reply = await fetch(url, { method, ...json, headers: { accept: "application/json", ...type, ...headers } });
    const text = await reply.text();
    if (reply.ok) return parsed(text);
    const failure = explain(reply.status, parsedOrNothing(text), reply.headers.get("retry-after"));
    throw failure.code === "CONFLICT" && !("if-match" in headers) ? busy(failure) : failure;
  }
  const prefer = (further = "") => {
    const text = further.includes("body-content-type") ? [] : [plainText];
    return { prefer: [ids, ...text, ...(further === "" ? [] : [further])].join(", ") };
  };
  const version = (etag?: string) => (etag === undefined ? {} : { "if-match": etag });

  return {
    async get(pathOrLink, shape, further) {
      return fitted(await call("GET", addressOf(pathOrLink, apiUrl), prefer(further)), shape);
    },

    async send(method, path, body, shape, etag) {
      return fitted(await call(method, apiUrl + path, { ...prefer(), ...version(etag) }, body), shape);
    },

    async tell(method, path, { body, etag } = {}) {
      const answer = await call(method, apiUrl + path, { ...prefer(), ...version(etag) }, body);
      if (answer !== undefined) throw notGraphs();
    },

    async getAll(paths, shape) {
      const found: (z.output<typeof shape> | null)[] = [];
      for (let first = 0; first < paths.length; first += batchSize) {
        const part = paths.slice(first, first + batchSize);
        const requests = part.map((path, id) => ({
          id: String(id),
          method: "GET",
          url: `/${path}`,
          headers: prefer(),
        }));
        const { responses } = fitted(await call("POST", `${apiUrl}$batch`, {}, { requests }), BatchReply);
        for (const index of part.keys()) {
          const reply = responses.find(({ id }) => id === String(index));
          if (!reply) throw notGraphs();
          found.push(reply.status === 404 ? gone(reply.body) : inBatch(reply, shape));
        }
      }
      return found;
    },
  };
}

/** Links to further pages are whole addresses; the operator may have moved the API since. */
function addressOf(pathOrLink: string, apiUrl: string): string {
  const [, below] = /^https?:\/\/[^?]*?\/v1\.0\/(.*)$/s.exec(pathOrLink) ?? [];
  return apiUrl + (below ?? pathOrLink);
}

/** Undefined for an empty answer. @throws {IntegrationError} PROVIDER_REPLY_INVALID */
function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw notGraphs();
  }
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fitted<S extends z.ZodType>(answer: unknown, shape: S): z.output<S> {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  throw notGraphs();
}

type Batched = z.infer<typeof BatchReply>["responses"][number];

function inBatch<S extends z.ZodType>({ status, headers, body }: Batched, shape: S): z.output<S> {
  if (status < 300) return fitted(body, shape);
  const retryAfter = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === "retry-after")?.[1];
  throw explain(status, body, retryAfter ?? null);
}

/** A 404 that is not Graph's own says nothing about an event. */
function gone(body: unknown): null {
  if (ErrorBody.safeParse(body).success) return null;
  throw notGraphs("HTTP 404");
}

function notGraphs(providerCode?: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", "Microsoft's answer is not what its documentation describes", {
    providerCode,
  });
}

/** Graph's own word for a failure, whatever its status. */
export function errorCodeIn(body: unknown): string | undefined {
  const read = ErrorBody.safeParse(body);
  return read.success ? read.data.error.code : undefined;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly says: string;
  readonly remedy?: string;
}

const lostCursor: Meaning = { code: "CURSOR_EXPIRED", says: "Microsoft no longer knows where the last sync ended" };
const missing: Meaning = { code: "NOT_FOUND", says: "Microsoft has no such calendar or event" };
const changed: Meaning = { code: "CONFLICT", says: "The event was changed by somebody else meanwhile" };
const noMailbox: Meaning = {
  code: "PREREQUISITE_MISSING",
  says: "This account has no mailbox in Microsoft's cloud",
  remedy: "Connect an account that has Outlook on the web, or ask the organization's administrator for one.",
};

/** By Graph's code in lower case, since Graph is not of one mind about it. https://learn.microsoft.com/en-us/graph/errors */
const meanings: Readonly<Record<string, Meaning>> = {
  erroritemnotfound: missing,
  resourcenotfound: missing,
  mailboxnotenabledforrestapi: noMailbox,
  mailboxnotsupportedforrestapi: noMailbox,
  erroraccessdenied: {
    code: "PROVIDER_REFUSED",
    says: "This account may not do that here",
    remedy: "Ask the owner of the calendar, or connect again and consent to everything.",
  },
  authorization_requestdenied: {
    code: "REAUTHORIZATION_REQUIRED",
    says: "The consent does not cover this",
    remedy: "Connect the account again, and consent to everything.",
  },
  errorirresolvableconflict: changed,
  syncstatenotfound: lostCursor,
  syncstateinvalid: lostCursor,
  resyncrequired: lostCursor,
  erroroccurrencecrossingboundary: {
    code: "INVALID_INPUT",
    says: "Outlook does not move an occurrence past the one before or after it",
  },
  timezonenotsupportedexception: { code: "INVALID_INPUT", says: "Outlook does not know this time zone" },
  applicationthrottled: { code: "RATE_LIMITED", says: "Microsoft asks for fewer calls for this mailbox" },
};

const unavailable: Meaning = { code: "PROVIDER_UNAVAILABLE", says: "Microsoft cannot answer at the moment" };

/** Where the code says nothing that is known. Those that `account.fetch` explains come from parts of a batch. */
const byStatus: Readonly<Record<number, Meaning>> = {
  // The batch itself was let in: the next one renews the token.
  401: unavailable,
  404: missing,
  409: { code: "DUPLICATE", says: "Microsoft has this already" },
  410: lostCursor,
  412: changed,
  429: { code: "RATE_LIMITED", says: "Microsoft asks for fewer calls" },
  500: unavailable,
  502: unavailable,
  503: unavailable,
  504: unavailable,
  509: { code: "RATE_LIMITED", says: "Microsoft asks for less traffic" },
};

/** Without a version of ours there is none to disagree with: Exchange still works on an earlier write. */
function busy({ providerCode }: IntegrationError): IntegrationError {
  const says = "Outlook is still busy with an earlier change of this event";
  return new IntegrationError("CONFLICT", says, { providerCode, retryable: true });
}

/** What a refusal means; its message stays behind, because it may tell of the event. */
function explain(status: number, answer: unknown, retryAfter: string | null): IntegrationError {
  const body = ErrorBody.safeParse(answer);
  if (!body.success) return notGraphs(`HTTP ${status}`);
  const { code: providerCode } = body.data.error;
  const refused: Meaning = { code: "PROVIDER_REFUSED", says: `Microsoft refuses (HTTP ${status}, ${providerCode})` };
  const { code, says, remedy } = meanings[providerCode.toLowerCase()] ?? byStatus[status] ?? refused;
  return new IntegrationError(code, says, {
    remedy,
    providerCode,
    retryAfterMs: readRetryAfter(retryAfter, new Date()),
  });
}
