import http, { type ClientRequestArgs } from "node:http";
import https, { type RequestOptions } from "node:https";
import { type LookupFunction, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { IntegrationError } from "../../errors.ts";
import type { Destination } from "./address-policy.ts";
import type { LookupFor } from "./pinned-lookup.ts";
import type { Trust } from "./trust.ts";
import { embeddedCredentials } from "./url-rules.ts";

type Connected = (error: Error | null, stream: Duplex) => void;

// Neither agent keeps connections alive: each request opens its own, and so each request is judged.

/** The policy for libraries that call over `node:http`. */
export class GuardedHttpAgent extends http.Agent {
  constructor(private readonly lookupFor: LookupFor) {
    super();
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    const lookup = judge("http:", options, this.lookupFor);
    if (lookup instanceof IntegrationError) return refuse(lookup, connected);
    return super.createConnection({ ...options, lookup }, connected);
  }
}

/** The policy for libraries that call over `node:https`. */
export class GuardedHttpsAgent extends https.Agent {
  constructor(
    private readonly lookupFor: LookupFor,
    trust: Trust,
  ) {
    super(trust);
  }

  override createConnection(options: RequestOptions, connected?: Connected): Duplex | null | undefined {
    const lookup = judge("https:", options, this.lookupFor);
    if (lookup instanceof IntegrationError) return refuse(lookup, connected);
    return super.createConnection({ ...options, lookup }, connected);
  }
}

function judge(
  protocol: Destination["protocol"],
  { host, port, auth, socketPath }: ClientRequestArgs,
  lookupFor: LookupFor,
): LookupFunction | IntegrationError {
  if (socketPath || !host) return new IntegrationError("EGRESS_REFUSED", "Only addresses of the network are called");
  if (auth) return embeddedCredentials(host);
  return lookupFor({ protocol, hostname: host, port: Number(port) });
}

/** The agent makes the refusal the request's `error` event; beside an error it does not look at the stream. */
function refuse(refusal: IntegrationError, connected: Connected | undefined): undefined {
  connected?.(refusal, new Socket());
}
