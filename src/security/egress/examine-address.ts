import { IntegrationError, isIntegrationError } from "../../errors.ts";
import type { LookupFor } from "./pinned-lookup.ts";
import { readUrl } from "./url-rules.ts";

/** Why a call to this address would be refused; null when it would be made. Names are looked up, nobody is called. */
export async function examineAddress(address: string, lookupFor: LookupFor): Promise<IntegrationError | null> {
  try {
    const url = readUrl(address);
    const protocol = url.protocol === "https:" ? "https:" : "http:";
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    const port = Number(url.port || (protocol === "https:" ? 443 : 80));
    const lookup = lookupFor({ protocol, hostname, port });
    if (lookup instanceof IntegrationError) return lookup;
    await new Promise<void>((resolve, reject) => {
      lookup(hostname, { all: true }, (error) => (error ? reject(error) : resolve()));
    });
    return null;
  } catch (error) {
    if (isIntegrationError(error)) return error;
    return new IntegrationError("EGRESS_REFUSED", "The name in this address was not found", {
      remedy: "Check the spelling of the address.",
    });
  }
}
