import { IntegrationError } from "../errors.ts";
import { readRetryAfter } from "./retry-after.ts";
import { type ErrorCodeIn, readBody, readVendorCode, type StatusIn } from "./vendor-code.ts";

/** Those that mean the same at every vendor. */
const explained: ReadonlySet<number> = new Set([401, 429, 500, 502, 503, 504]);

/** SOAP tells every failure with 500, GraphQL with 200. */
const silent: ReadonlySet<number> = new Set([200, 500]);

/** The reply with the status that it stands for. */
export async function withStatusTold(reply: Response, statusIn: StatusIn): Promise<Response> {
  if (!silent.has(reply.status)) return reply;
  const body = await reply.clone().text();
  const status = statusIn(readBody(body));
  return status === undefined ? reply : new Response(body, { status, headers: reply.headers });
}

/**
 * Our error for a status that means the same at every vendor; undefined for those that an adapter has to read itself.
 * `providerCode` is the vendor's own word, else "HTTP 503" and the like, for adapters whose vendor means something else by it.
 */
export async function explainStatus(
  reply: Response,
  host: string,
  errorCodeIn?: ErrorCodeIn,
): Promise<IntegrationError | undefined> {
  if (!explained.has(reply.status)) return undefined;
  const word = errorCodeIn && (await readVendorCode(reply, errorCodeIn));
  const providerCode = word ?? `HTTP ${reply.status}`;
  const retryAfterMs = readRetryAfter(reply.headers.get("retry-after"), new Date());

  switch (reply.status) {
    case 401:
      return new IntegrationError("CREDENTIALS_REJECTED", `${host} does not accept the credentials`, {
        remedy: "Check them and connect again.",
        providerCode,
      });
    case 429:
      return new IntegrationError("RATE_LIMITED", `${host} asks for fewer calls`, { retryAfterMs, providerCode });
    default:
      return new IntegrationError("PROVIDER_UNAVAILABLE", `${host} cannot answer (HTTP ${reply.status})`, {
        retryAfterMs,
        providerCode,
      });
  }
}
