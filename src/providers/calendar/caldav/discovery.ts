import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountFetch } from "../../account-fetch.ts";
import { childrenOf, hrefsOf, type PropertyNames, propfind, type Resource, requireMultistatus } from "./webdav.ts";

/** Where an account's calendars are, as its server says. */
export interface CalDavAccount {
  /** Who it is there: the principal's URL, or that of the calendar when the server has no principals. */
  readonly principalUrl: string;
  /** The collections that hold calendars; a principal may have several. */
  readonly homeUrls: readonly string[];
  /** A calendar given by its own address, on a server that does not say where the others are. */
  readonly calendarUrl: string | null;
  /** The mail addresses the account's owner is invited under; lower case. */
  readonly addresses: readonly string[];
}

/**
 * Finds an account from an address of its server, where the earlier ones lead nowhere from the next. The first answer
 * decides about the password; a server that refused it is not asked again.
 *
 * @throws {IntegrationError} CREDENTIALS_REJECTED, EGRESS_REFUSED when the server points to another host,
 *   PROVIDER_REPLY_INVALID when there is no CalDAV at this address
 */
export async function discover(fetch: AccountFetch, startingPoints: readonly string[]): Promise<CalDavAccount> {
  for (const url of startingPoints) {
    const resource = await look(fetch, url);
    if (resource === null) continue;
    const [principal] = hrefsOf(resource.properties["currentUserPrincipal"]);
    if (principal !== undefined) return readPrincipal(fetch, new URL(principal, url).href);
    if (hrefsOf(resource.properties["calendarHomeSet"]).length > 0) return accountOf(resource, url);
    if (childrenOf(resource.properties["resourcetype"]).includes("calendar")) {
      return { principalUrl: resource.url, homeUrls: [], calendarUrl: resource.url, addresses: [] };
    }
  }
  throw notCalDav(startingPoints[0] ?? "");
}

const accountNames: PropertyNames = [
  "d:current-user-principal",
  "d:resourcetype",
  "c:calendar-home-set",
  "c:calendar-user-address-set",
];

/**
 * Where CalDAV may be at a server of which any address is known: the host alone, a principal, or one calendar (RFC 6764
 * §6). A path that somebody took the trouble to enter comes first.
 */
export function wellKnownPlaces(serverUrl: string): readonly string[] {
  const entered = new URL(serverUrl);
  const wellKnown = new URL("/.well-known/caldav", entered).href;
  const root = new URL("/", entered).href;
  return entered.pathname === "/" ? [wellKnown, root] : [entered.href, wellKnown, root];
}

/** What is at this address; null when it is no WebDAV. */
async function look(fetch: AccountFetch, url: string): Promise<Resource | null> {
  const reply = await propfind(fetch, url, "0", accountNames).catch((error: unknown) => {
    // A web page too large, a reply in another format: there may still be CalDAV at the next address.
    if (isIntegrationError(error, "PROVIDER_REPLY_INVALID", "PROVIDER_REFUSED", "NOT_FOUND")) return null;
    throw error;
  });
  const resource = reply?.kind === "multistatus" ? reply.resources[0] : undefined;
  if (resource === undefined || resource.status === 404) return null;
  // Cyrus answers 207 to a request that it takes for anonymous.
  if (childrenOf(resource.properties["currentUserPrincipal"]).includes("unauthenticated")) {
    throw new IntegrationError("CREDENTIALS_REJECTED", "The calendar server did not accept the user name and password");
  }
  return resource;
}

async function readPrincipal(fetch: AccountFetch, url: string): Promise<CalDavAccount> {
  const { resources } = requireMultistatus(await propfind(fetch, url, "0", accountNames));
  const [principal] = resources;
  if (principal === undefined) throw notCalDav(url);
  return accountOf(principal, url);
}

function accountOf({ properties }: Resource, url: string): CalDavAccount {
  const homeUrls = hrefsOf(properties["calendarHomeSet"]).map((href) => new URL(href, url).href);
  if (homeUrls.length === 0) {
    throw new IntegrationError("PROVIDER_REPLY_INVALID", `${new URL(url).host} has no calendars for this account`, {
      field: ["serverUrl"],
      remedy: "Check that calendars are switched on for this account.",
    });
  }
  const addresses = hrefsOf(properties["calendarUserAddressSet"])
    .filter((href) => /^mailto:/i.test(href))
    .map((href) => href.slice("mailto:".length).toLowerCase());
  return { principalUrl: url, homeUrls: [...new Set(homeUrls)], calendarUrl: null, addresses: [...new Set(addresses)] };
}

function notCalDav(url: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `There is no CalDAV server at ${new URL(url).host}`, {
    field: ["serverUrl"],
    remedy: "Enter the CalDAV address that your calendar's own settings or help pages name.",
  });
}
