import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { IntegrationError } from "../../errors.ts";
import { startDeadline } from "./deadline.ts";
import type { LookupFor } from "./pinned-lookup.ts";

export interface MailDestination {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Opens a connection to a mail server. Nothing of it is encrypted yet. Rejects with what the socket fails with, and EGRESS_REFUSED. */
export type MailConnect = (destination: MailDestination, signal: AbortSignal) => Promise<Socket>;

const timeoutMs = 10_000;

/** The policy for SMTP, where a library speaks over a socket that it is given. */
export function createMailConnect(lookupFor: LookupFor): MailConnect {
  return async ({ host, port }, outer) => {
    const lookup = lookupFor({ protocol: "smtp:", hostname: host, port });
    if (lookup instanceof IntegrationError) throw lookup;
    const { signal, clear } = startDeadline(timeoutMs, outer);
    const socket = connect({ host, port, lookup });
    try {
      await once(socket, "connect", { signal });
      return socket;
    } catch (error) {
      socket.destroy();
      signal.throwIfAborted();
      throw error;
    } finally {
      clear();
    }
  };
}
