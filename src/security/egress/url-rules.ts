import { IntegrationError } from "../../errors.ts";

/**
 * Reads the address of a request before anything is looked up.
 *
 * @throws {IntegrationError} EGRESS_REFUSED, without the text: it may hold a password
 */
export function readUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) {
    throw new IntegrationError("EGRESS_REFUSED", "The address is not a complete URL", {
      remedy: "Give the whole address, beginning with https://.",
    });
  }
  const url = new URL(text, base?.href);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new IntegrationError("EGRESS_REFUSED", `Addresses that begin with ${url.protocol} are not called`, {
      remedy: "Use an address that begins with https://.",
    });
  }
  if (url.username || url.password) throw embeddedCredentials(url.host);
  return url;
}

export function embeddedCredentials(host: string): IntegrationError {
  return new IntegrationError("EGRESS_REFUSED", `The address of ${host} contains a user name or password`, {
    remedy: "Leave them out of the address: they have fields of their own.",
  });
}
