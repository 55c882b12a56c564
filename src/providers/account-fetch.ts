import { type ErrorCode, IntegrationError, isIntegrationError } from "../errors.ts";
import type { CallGate, CallOutcome } from "./call-gate.ts";
import { explainNetworkFailure } from "./network-failure.ts";
import { explainStatus, withStatusTold } from "./reply-status.ts";
import { type ErrorCodeIn, readVendorCode, type StatusIn } from "./vendor-code.ts";

/** `fetch` in the name of one account: authorised, guarded, bounded, speaking our errors. */
export type AccountFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Opens an {@link AccountFetch} that sends `authorization` to these origins and refuses every other one. */
export type AccountFetchFor = (grant: AccountGrant) => AccountFetch;

export interface AccountGrant {
  /** The whole `Authorization` header, or where to get it; null for calls in nobody's name. */
  readonly authorization: string | RenewableAuthorization | null;
  readonly origins: readonly string[];
  /** Further origins of the same vendor, which nobody can list: an account may be moved among its hosts. */
  readonly isOwnOrigin?: (origin: URL) => boolean;
  /** Writes the login into a message, for vendors that want it there: it goes where `authorization` goes. */
  readonly fillIn?: ((message: string) => string) | undefined;
}

/** A header that does not last. */
export interface RenewableAuthorization {
  current(): Promise<string>;
  /** A newer one than the one the vendor answered 401 to. @throws {IntegrationError} when there is none */
  renewed(rejected: string): Promise<string>;
}

/**
 * The `fetch` underneath: it refuses addresses that may not be called, returns replies whole, and asks
 * `authorization` for the header of each hop, the first one and every redirect.
 */
export type GuardedFetch = (
  url: string | URL,
  init: RequestInit & { timeoutMs: number; authorization: (url: URL) => string | undefined },
) => Promise<Response>;

/** One call, as metrics see it. */
export interface ObservedCall {
  readonly provider: string;
  readonly method: string;
  /** "unfinished" when our own side ended it: it was cancelled, or there is a fault of ours. */
  readonly outcome: "ok" | "unfinished" | ErrorCode;
  readonly durationMs: number;
}

export interface AccountFetchOptions {
  readonly provider: string;
  /** Where the vendor has words of its own for failures. */
  readonly errorCodeIn?: ErrorCodeIn | undefined;
  /** Where the vendor answers failures with 200. */
  readonly statusIn?: StatusIn | undefined;
  readonly fetch: GuardedFetch;
  /** Names the product, for example "integrations-subgraph/1.4.0". */
  readonly userAgent: string;
  /** For a whole call, redirects and body included. */
  readonly timeoutMs?: number | undefined;
  readonly observe?: ((call: ObservedCall) => void) | undefined;
  /** Ends every call made with it. */
  readonly signal?: AbortSignal | undefined;
  /** Where each call waits until it may be made; absent while nobody knows whose account it is. */
  readonly gate?: CallGate | undefined;
}

/**
 * A call that meets 401 is made once more when the authorization can be renewed. Then it either returns a reply that the
 * adapter has to read, or throws
 * - {@link IntegrationError} CREDENTIALS_REJECTED, RATE_LIMITED or PROVIDER_UNAVAILABLE for HTTP 401, 429 and 500,
 *   502, 503, 504, with the vendor's own word as `providerCode`, or the status,
 * - PROVIDER_UNAVAILABLE when the network failed, saying how,
 * - PROVIDER_REPLY_INVALID for a reply that is no HTTP or too long,
 * - EGRESS_REFUSED for an address that may not be called or is not of this account,
 * - RATE_LIMITED or PROVIDER_UNAVAILABLE, `heldBack`, when the gate did not let it through,
 * - the reason of the signal that ended it.
 */
export function createAccountFetch(
  { provider, errorCodeIn, statusIn, fetch, userAgent, timeoutMs = 30_000, observe, signal, gate }: AccountFetchOptions,
  { authorization, origins, isOwnOrigin, fillIn }: AccountGrant,
): AccountFetch {
  const granted = new Set(origins.map((origin) => new URL(origin).origin));

  async function send(url: string | URL, init: RequestInit, header: string | undefined): Promise<Response> {
    let host = "The address";
    const authorize = (hop: URL) => {
      host = hop.host;
      if (!granted.has(hop.origin) && !isOwnOrigin?.(new URL(hop.origin))) throw foreignOrigin(hop, header);
      return header;
    };

    const headers = new Headers(init.headers);
    headers.set("user-agent", userAgent);
    const ends = endOf(signal, init.signal);
    const message = fillIn && typeof init.body === "string" ? { body: fillIn(init.body) } : {};
    const request = { ...init, ...message, headers, timeoutMs, authorization: authorize, signal: ends };
    try {
      const answered = await fetch(url, request);
      const reply = statusIn ? await withStatusTold(answered, statusIn) : answered;
      const failure = await explainStatus(reply, host, errorCodeIn);
      if (failure) throw failure;
      return reply;
    } catch (error) {
      throw explainNetworkFailure(error, host) ?? error;
    }
  }

  async function call(url: string | URL, init: RequestInit): Promise<Response> {
    if (authorization === null) return send(url, init, undefined);
    if (typeof authorization === "string") return send(url, init, authorization);
    const current = await authorization.current();
    try {
      return await send(url, init, current);
    } catch (error) {
      if (!isIntegrationError(error, "CREDENTIALS_REJECTED")) throw error;
      return send(url, init, await authorization.renewed(current));
    }
  }

  /** Renewing the access belongs to it: while a vendor is down, its token endpoint is not asked either. */
  async function callAtGate(url: string | URL, init: RequestInit): Promise<Response> {
    const passage = await gate?.enter(new URL(url).origin, endOf(signal, init.signal));
    let outcome: CallOutcome = { kind: "unfinished" };
    try {
      const reply = await call(url, init);
      outcome = (await spentQuota(reply)) ?? { kind: "answered" };
      return reply;
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      await passage?.leave(outcome);
    }
  }

  /** The adapter reads the reply after us. */
  async function spentQuota(reply: Response): Promise<CallOutcome | undefined> {
    if (![400, 403].includes(reply.status) || !gate?.quotaWords || !errorCodeIn) return undefined;
    const code = await readVendorCode(reply.clone(), errorCodeIn);
    const seconds = code === undefined ? undefined : gate.quotaWords[code];
    if (code === undefined || seconds === undefined) return undefined;
    return { kind: "refused", code, forMs: seconds === null ? undefined : seconds * 1000 };
  }

  return async (url, init = {}) => {
    const startedAt = performance.now();
    const tell = (outcome: ObservedCall["outcome"]) =>
      observe?.({ provider, method: init.method ?? "GET", outcome, durationMs: performance.now() - startedAt });
    try {
      const reply = await callAtGate(url, init);
      tell("ok");
      return reply;
    } catch (error) {
      tell(isIntegrationError(error) ? error.code : "unfinished");
      throw error;
    }
  };
}

function outcomeOf(error: unknown): CallOutcome {
  if (!isIntegrationError(error)) return { kind: "unfinished" };
  const { code, providerCode, retryAfterMs: forMs } = error;
  switch (code) {
    case "RATE_LIMITED":
      return { kind: "refused", code: providerCode ?? code, forMs };
    case "PROVIDER_UNAVAILABLE":
      return { kind: "unavailable", forMs };
    case "EGRESS_REFUSED":
      return { kind: "unfinished" };
    default:
      return { kind: "answered" };
  }
}

function endOf(ofAccount: AbortSignal | undefined, ofCall: AbortSignal | null | undefined): AbortSignal | null {
  if (ofAccount && ofCall) return AbortSignal.any([ofAccount, ofCall]);
  return ofAccount ?? ofCall ?? null;
}

function foreignOrigin({ host }: URL, header: string | undefined): IntegrationError {
  const message =
    header === undefined ? `This leads on to ${host}` : `The credentials of this account are not sent to ${host}`;
  return new IntegrationError("EGRESS_REFUSED", message, {
    remedy: "If the service has moved there, connect again with that address.",
  });
}
