import { IntegrationError } from "../../../errors.ts";
import type { OAuthEndpoints } from "../../oauth.ts";
import type { AccountSettings } from "../../provider.ts";

/** Where Zoho keeps accounts apart, by what it calls each place. https://www.zoho.com/accounts/protocol/oauth/multi-dc.html */
const domains: Readonly<Record<string, string>> = {
  us: "zoho.com",
  eu: "zoho.eu",
  in: "zoho.in",
  au: "zoho.com.au",
  jp: "zoho.jp",
  cn: "zoho.com.cn",
  sa: "zoho.sa",
  uk: "zoho.uk",
  ca: "zohocloud.ca",
};

export const dataCenters: readonly string[] = Object.keys(domains);
/** Everybody's consent begins there, wherever their account is. */
export const firstDataCenter = "us";

/** One of Zoho's hosts: in an address of Zoho's own, or as a part of the path where a stand-in has them all. */
const anyDomain = Object.values(domains).join("|").replaceAll(".", "\\.");
const host = new RegExp(`(?<=/)(accounts|calendar)\\.(?:${anyDomain})(?=/|$)`);

/** The same address in the account's data centre; as it is while nobody knows which one that is. */
export function relocate(address: string, { dataCenter }: AccountSettings): string {
  const domain = dataCenter === undefined ? undefined : domains[dataCenter];
  return domain === undefined ? address : address.replace(host, `$1.${domain}`);
}

/**
 * Which data centre the way back from the consent page names. Nothing is ever sent to the address that it brings: it is only
 * looked up among those that are known.
 *
 * @throws {IntegrationError} EGRESS_REFUSED when it is none of them
 */
export function settingsIn(
  { location, "accounts-server": server }: Readonly<Record<string, string>>,
  { tokenUrl }: Pick<OAuthEndpoints, "tokenUrl">,
): AccountSettings {
  if (server === undefined && location === undefined) return {};
  const dataCenter = dataCenters.find((name) =>
    server === undefined ? name === location : accountsServers(name, tokenUrl).includes(server.replace(/\/$/, "")),
  );
  if (dataCenter !== undefined) return { dataCenter };
  throw new IntegrationError("EGRESS_REFUSED", "The consent leads to a server that is not one of Zoho's", {
    remedy:
      "Begin connecting again. If it stays like this, Zoho has a data centre that this service does not know yet.",
  });
}

/** Zoho's own, and the one that the operator has put in its place. */
function accountsServers(dataCenter: string, tokenUrl: string): readonly string[] {
  const own = `https://accounts.${domains[dataCenter]}`;
  return [own, relocate(tokenUrl, { dataCenter }).replace(/\/oauth\/v2\/token$/, "")];
}
