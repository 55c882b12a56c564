import { type Dispatcher, type Response as UndiciResponse, fetch as undiciFetch } from "undici";
import { IntegrationError } from "../../errors.ts";
import { startDeadline } from "./deadline.ts";
import { type FirstBytes, readFirst } from "./first-bytes.ts";
import { followRedirect, type Hop, redirectTarget } from "./redirect.ts";
import { readUrl } from "./url-rules.ts";
import { readWhole } from "./whole-reply.ts";

export interface EgressLimits {
  /** For the whole call, redirects and body included. */
  readonly timeoutMs: number;
  /** Counted after decompression. */
  readonly maxBodyBytes: number;
}

export interface EgressInit extends RequestInit, Partial<EgressLimits> {
  /**
   * The `Authorization` header for a URL, if any, asked before each hop, the first included; it may throw to stop there.
   * Without it a header among `headers` is sent, and dropped when a redirect leaves the origin.
   */
  readonly authorization?: (url: URL) => string | undefined;
  /**
   * The reply has arrived with its headers. Of its body only this much is waited for and kept; what is longer, slower, broken
   * or endless fails nothing.
   */
  readonly firstBytes?: FirstBytes;
}

/** `fetch`, for addresses that are not ours to trust. */
export type EgressFetch = (input: string | URL | Request, init?: EgressInit) => Promise<Response>;

const maxRedirects = 5;

/**
 * A `fetch` whose replies arrive whole and within limits. It differs from the built-in one in that redirects are judged
 * hop by hop, a body that breaks off fails the call, and failures are thrown as they are instead of as "fetch failed".
 *
 * The call rejects with
 * - {@link IntegrationError} EGRESS_REFUSED for an address that may not be called,
 * - {@link IntegrationError} INVALID_INPUT or CREDENTIALS_REJECTED for headers that cannot be sent,
 * - {@link IntegrationError} PROVIDER_REPLY_INVALID for what is not HTTP, too long, or redirected too often,
 * - a DOMException named TimeoutError when the time is over, and the signal's reason when that fires,
 * - otherwise the network's own error, with its `code` (ENOTFOUND, ECONNREFUSED, CERT_HAS_EXPIRED …).
 */
export function createEgressFetch(dispatcher: Dispatcher, limits: EgressLimits): EgressFetch {
  return async (input, init = {}) => {
    const { timeoutMs = limits.timeoutMs, maxBodyBytes = limits.maxBodyBytes } = init;
    const deadline = startDeadline(timeoutMs, init.signal ?? (input instanceof Request ? input.signal : null));
    try {
      let hop = await firstHop(input, init);
      for (let redirects = 0; ; redirects++) {
        authorize(hop, init);
        const reply = await send(hop, dispatcher, deadline.signal);

        const target = init.redirect === "manual" ? null : redirectTarget(reply);
        if (target === null) {
          return init.firstBytes ? await readFirst(reply, init.firstBytes) : await readWhole(reply, maxBodyBytes);
        }

        await reply.body?.cancel();
        if (init.redirect === "error" || redirects === maxRedirects) throw redirectedTooOften(hop.url);
        hop = followRedirect(hop, reply.status, target);
      }
    } catch (error) {
      deadline.signal.throwIfAborted();
      throw causeOf(error);
    } finally {
      deadline.clear();
    }
  };
}

async function firstHop(input: string | URL | Request, init: EgressInit): Promise<Hop> {
  const url = readUrl(input instanceof Request ? input.url : String(input));
  const request = readRequest(input, init);
  // Read at once, because a redirect may ask for it a second time.
  const body = request.body && (await request.arrayBuffer());
  return { url, method: request.method, headers: request.headers, body };
}

/** Normalises what was asked for. The built-in errors are not kept, because they quote the header they dislike. */
function readRequest(input: string | URL | Request, init: EgressInit): Request {
  try {
    return new Request(input, { ...init, signal: null });
  } catch {
    throw new IntegrationError("INVALID_INPUT", "The method or a header contains a character that cannot be sent");
  }
}

function authorize({ url, headers }: Hop, { authorization }: EgressInit): void {
  const value = authorization?.(url);
  if (value === undefined) return;
  try {
    headers.set("authorization", value);
  } catch {
    throw new IntegrationError("CREDENTIALS_REJECTED", "The credentials contain a character that cannot be sent", {
      remedy: "Enter them again, without line breaks.",
    });
  }
}

function send(
  { url, method, headers, body }: Hop,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<UndiciResponse> {
  return undiciFetch(url, { method, headers: [...headers], body, signal, dispatcher, redirect: "manual" });
}

function redirectedTooOften(url: URL): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `${url.host} redirects more often than is followed`);
}

/** `fetch` wraps whatever went wrong in a TypeError that says nothing. */
function causeOf(error: unknown): unknown {
  const cause = error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  // The parser's own error carries the bytes that it could not read.
  if (cause instanceof Error && cause.name === "HTTPParserError") {
    return new IntegrationError("PROVIDER_REPLY_INVALID", "The server did not answer in HTTP");
  }
  if (cause instanceof Error && cause.name === "HeadersOverflowError") {
    return new IntegrationError("PROVIDER_REPLY_INVALID", "The headers of the reply are longer than is read");
  }
  // https://fetch.spec.whatwg.org/#port-blocking; it has no code, and is not the network's.
  if (cause instanceof Error && cause.message === "bad port") {
    return new IntegrationError("EGRESS_REFUSED", "The address has a port that belongs to another protocol", {
      remedy: "Check the server's address; the port is usually left out.",
    });
  }
  return cause;
}
