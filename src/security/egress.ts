import type http from "node:http";
import type https from "node:https";
import type { IntegrationError } from "../errors.ts";
import { createAddressPolicy, type EgressRules } from "./egress/address-policy.ts";
import { createEgressFetch, type EgressFetch, type EgressLimits } from "./egress/egress-fetch.ts";
import { examineAddress } from "./egress/examine-address.ts";
import { GuardedHttpAgent, GuardedHttpsAgent } from "./egress/guarded-agents.ts";
import { createGuardedDispatcher } from "./egress/guarded-dispatcher.ts";
import { createMailConnect, type MailConnect } from "./egress/mail-connect.ts";
import { createPinnedLookup, type ResolveName, resolveName } from "./egress/pinned-lookup.ts";
import { type Trust, trusting } from "./egress/trust.ts";

export interface EgressOptions extends EgressRules, Partial<EgressLimits> {
  /** How long a server may be silent: before its headers, and between two pieces of a body. */
  readonly silenceTimeoutMs?: number;
  /** PEM certificates to trust beside those that Node brings. */
  readonly trustedCertificates?: readonly string[];
  readonly resolve?: ResolveName;
}

/** Every way out of this process to an address that somebody else chose, and to the operator's mail server. One policy, three fittings. */
export interface Egress {
  readonly fetch: EgressFetch;
  /** Why an address would not be called, without calling it; null when it would be. A name that nobody has is such a reason. */
  examine(address: string): Promise<IntegrationError | null>;
  /** For libraries with an HTTP client of their own. They follow redirects themselves; each hop is judged all the same. */
  readonly agents: { readonly http: http.Agent; readonly https: https.Agent };
  /** For mail: a connection that is not encrypted yet, and whom to trust once it is to be. */
  readonly mail: { readonly connect: MailConnect; readonly trust: Trust };
  /** Lets running calls end. */
  close(): Promise<void>;
}

/** @throws {Error} when a rule cannot be read */
export function createEgress({
  timeoutMs = 30_000,
  maxBodyBytes = 20_000_000,
  silenceTimeoutMs = 20_000,
  trustedCertificates = [],
  resolve = resolveName,
  ...rules
}: EgressOptions): Egress {
  const lookupFor = createPinnedLookup(createAddressPolicy(rules), resolve);
  const trust = trusting(trustedCertificates);
  const dispatcher = createGuardedDispatcher(lookupFor, trust, silenceTimeoutMs);
  const agents = { http: new GuardedHttpAgent(lookupFor), https: new GuardedHttpsAgent(lookupFor, trust) };

  return {
    fetch: createEgressFetch(dispatcher, { timeoutMs, maxBodyBytes }),
    examine: (address) => examineAddress(address, lookupFor),
    agents,
    mail: { connect: createMailConnect(lookupFor), trust },
    async close() {
      agents.http.destroy();
      agents.https.destroy();
      await dispatcher.close();
    },
  };
}
