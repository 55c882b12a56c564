import ipaddr, { type IPv4, type IPv6 } from "ipaddr.js";
import { IntegrationError } from "../../errors.ts";

/** Where a connection is about to go. `hostname` is a name, or an address without brackets. */
export interface Destination {
  /** `smtp:` for mail, encrypted or not: it goes to the operator's own server alone. */
  readonly protocol: "http:" | "https:" | "smtp:";
  readonly hostname: string;
  readonly port: number;
}

export interface EgressRules {
  /** Networks that may be called although they are not public, for example "10.20.0.0/16". */
  readonly allowCidrs: readonly string[];
  /** Origins that the operator configured, for example "http://127.0.0.1:4100" or "smtp://mail.internal:587"; they may be anywhere. */
  readonly allowedOrigins: readonly string[];
}

export interface AddressPolicy {
  /** The addresses of `destination` that may be connected to: at least one, or the refusal. */
  admit<A extends { readonly address: string }>(
    destination: Destination,
    addresses: readonly A[],
  ): readonly A[] | IntegrationError;
}

/**
 * Decides which addresses this service connects to: public ones over https, the operator's networks over http too,
 * and the operator's origins.
 *
 * @throws {Error} when a rule cannot be read
 */
export function createAddressPolicy({ allowCidrs, allowedOrigins }: EgressRules): AddressPolicy {
  const networks = allowCidrs.map(readNetwork);
  const origins = new Set(allowedOrigins.map((origin) => writtenOut(new URL(origin))));

  return {
    admit(destination, addresses) {
      if (origins.has(originOf(destination))) return addresses;

      const isAllowed = ({ address }: { address: string }) => networks.some((network) => contains(network, address));
      const isPublicOne = ({ address }: { address: string }) => isPublic(address);
      const overTls = destination.protocol === "https:";

      const admitted = addresses.filter((one) => isAllowed(one) || (overTls && isPublicOne(one)));
      if (admitted.length > 0) return admitted;
      if (destination.protocol === "smtp:") return notOurs(destination);
      return addresses.some(isPublicOne) ? plainHttp(destination) : notPublic(destination);
    },
  };
}

/** Whether the text is an address rather than a name, in the old forms (2130706433, 0x7f.1, 0177.0.0.1) as well. */
export function isAddress(hostname: string): boolean {
  return ipaddr.isValid(hostname);
}

type Network = [IPv4 | IPv6, number];

const nat64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

// Azure's host agent, which hands out the machine's secrets, has an address from a public range.
// https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
const hostAgents: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** 6to4 and Teredo are never public here: they lead to the IPv4 address inside them, and nobody needs them. */
function isPublic(text: string): boolean {
  const address = parse(text);
  if (address?.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv6) return address.match(globalUnicast);
  return !hostAgents.has(address.toString());
}

function contains([network, prefixLength]: Network, text: string): boolean {
  const address = parse(text);
  return address?.kind() === network.kind() && address.match(network, prefixLength);
}

/**
 * The address that packets to `text` end up at: for IPv4-mapped (RFC 4291 §2.5.5.2) and NAT64 (RFC 6052 §2.1) ones the
 * IPv4 address inside. A network with NAT64 reaches all of IPv4 that way, so it is judged, not refused.
 */
function parse(text: string): IPv4 | IPv6 | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv6 && address.match(nat64))
    return ipaddr.fromByteArray(address.toByteArray().slice(12));
  return address;
}

function readNetwork(cidr: string): Network {
  if (!ipaddr.isValidCIDR(cidr)) throw new Error(`"${cidr}" is not a network such as 10.20.0.0/16`);
  return ipaddr.parseCIDR(cidr);
}

function originOf({ protocol, hostname, port }: Destination): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return writtenOut(new URL(`${protocol}//${host}:${port}`));
}

/** An origin as text. Of schemes that the web does not know, URLs have none, and leave names as they are written. */
function writtenOut({ protocol, host, origin }: URL): string {
  return protocol === "smtp:" ? `${protocol}//${host.toLowerCase()}` : origin;
}

// Neither message says which address a name has: that would let anyone read the operator's internal DNS.

function notPublic({ hostname }: Destination): IntegrationError {
  return new IntegrationError("EGRESS_REFUSED", `${hostname} is not a public address`, {
    remedy: "Use an address that can be reached from the internet, or ask the operator to allow its network.",
  });
}

function notOurs({ hostname }: Destination): IntegrationError {
  return new IntegrationError("EGRESS_REFUSED", `${hostname} is not the mail server of this installation`, {
    remedy: "The operator has to set SMTP_URL.",
  });
}

function plainHttp({ hostname }: Destination): IntegrationError {
  return new IntegrationError("EGRESS_REFUSED", `${hostname} would be called without encryption`, {
    remedy: "Use the address that begins with https://.",
  });
}
