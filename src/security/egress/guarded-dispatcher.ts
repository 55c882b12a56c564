import { Agent, buildConnector } from "undici";
import { IntegrationError } from "../../errors.ts";
import type { LookupFor } from "./pinned-lookup.ts";
import type { Trust } from "./trust.ts";

/** The policy for undici, and so for everything that calls `fetch`. */
export function createGuardedDispatcher(lookupFor: LookupFor, trust: Trust, silenceTimeoutMs: number): Agent {
  return new Agent({
    headersTimeout: silenceTimeoutMs,
    bodyTimeout: silenceTimeoutMs,
    connect: (options, callback) => {
      const protocol = options.protocol === "https:" ? "https:" : "http:";
      const port = Number(options.port || (protocol === "https:" ? 443 : 80));
      const lookup = lookupFor({ protocol, hostname: options.hostname, port });
      if (lookup instanceof IntegrationError) return callback(lookup, null);
      return buildConnector({ ...trust, lookup })(options, callback);
    },
  });
}
