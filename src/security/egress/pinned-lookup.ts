import type { LookupAddress } from "node:dns";
import { lookup as dnsLookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { IntegrationError } from "../../errors.ts";
import { type AddressPolicy, type Destination, isAddress } from "./address-policy.ts";

/** All addresses of a name. Rejects like `dns.lookup` when there is none. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/** What a socket to this destination must be opened with, or why it must not be opened. */
export type LookupFor = (destination: Destination) => LookupFunction | IntegrationError;

export const resolveName: ResolveName = (hostname) => dnsLookup(hostname, { all: true });

/**
 * Brings the policy to where sockets are opened. A literal address is judged at once, because sockets look up names
 * only. A name is judged when the socket looks it up; the socket connects to the very addresses returned, so an answer
 * that changes afterwards (DNS rebinding) changes nothing.
 */
export function createPinnedLookup(policy: AddressPolicy, resolve: ResolveName): LookupFor {
  return (destination) => {
    if (isAddress(destination.hostname)) {
      const judged = policy.admit(destination, [{ address: destination.hostname }]);
      if (judged instanceof IntegrationError) return judged;
    }

    return (hostname, { all }, callback) => {
      const answer = (addresses: readonly LookupAddress[]) => {
        const admitted = policy.admit(destination, addresses);
        if (admitted instanceof IntegrationError) return callback(admitted, []);
        const [first] = admitted;
        if (all || !first) return callback(null, [...admitted]);
        return callback(null, first.address, first.family);
      };
      resolve(hostname).then(answer, (error: NodeJS.ErrnoException) => callback(error, []));
    };
  };
}
