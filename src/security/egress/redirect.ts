import { IntegrationError } from "../../errors.ts";
import { readUrl } from "./url-rules.ts";

/** One request of a chain of redirects. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: ArrayBuffer | null;
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const credentialHeaders = ["authorization", "cookie", "proxy-authorization"];
const bodyHeaders = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];

/** Where a reply sends us; null when it is not a redirect. */
export function redirectTarget(reply: {
  status: number;
  headers: { get(name: string): string | null };
}): string | null {
  return redirectStatuses.has(reply.status) ? reply.headers.get("location") : null;
}

/**
 * The request that follows a redirect, as `fetch` would send it: PROPFIND, REPORT, PUT and DELETE keep their method
 * and body over 301 and 302.
 *
 * @throws {IntegrationError} EGRESS_REFUSED for an address that may not be called, or one that gives up encryption
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function followRedirect(hop: Hop, status: number, location: string): Hop {
  const url = readUrl(location, hop.url);
  if (hop.url.protocol === "https:" && url.protocol === "http:") {
    throw new IntegrationError("EGRESS_REFUSED", `${hop.url.host} redirects to an address without encryption`, {
      remedy: "Use the final address of the service, beginning with https://.",
    });
  }

  const headers = new Headers(hop.headers);
  if (url.origin !== hop.url.origin) for (const name of credentialHeaders) headers.delete(name);

  const becomesGet =
    (status === 303 && hop.method !== "GET" && hop.method !== "HEAD") || (status < 303 && hop.method === "POST");
  if (!becomesGet) return { ...hop, url, headers };

  for (const name of bodyHeaders) headers.delete(name);
  return { url, method: "GET", headers, body: null };
}
