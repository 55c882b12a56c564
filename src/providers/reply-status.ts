import { IntegrationError } from "../errors.ts";
import { readRetryAfter } from "./retry-after.ts";

/**
 * Our error for a status that means the same at every vendor; undefined for those that an adapter has to read itself.
 * `providerCode` is "HTTP 503" and the like, for adapters whose vendor means something else by it.
 */
export function explainStatus(reply: Response, host: string): IntegrationError | undefined {
  const providerCode = `HTTP ${reply.status}`;
  const retryAfterMs = readRetryAfter(reply.headers.get("retry-after"), new Date());

  switch (reply.status) {
    case 401:
      return new IntegrationError("CREDENTIALS_REJECTED", `${host} does not accept the credentials`, {
        remedy: "Check them and connect again.",
        providerCode,
      });
    case 429:
      return new IntegrationError("RATE_LIMITED", `${host} asks for fewer calls`, { retryAfterMs, providerCode });
    case 500:
    case 502:
    case 503:
    case 504:
      return new IntegrationError("PROVIDER_UNAVAILABLE", `${host} cannot answer (HTTP ${reply.status})`, {
        retryAfterMs,
        providerCode,
      });
    default:
      return undefined;
  }
}
