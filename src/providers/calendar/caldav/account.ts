import type { AccountFetch } from "../../account-fetch.ts";
import type { AccountSettings } from "../../provider.ts";
import type { ProvenAccount } from "../provider.ts";
import { listCalendars } from "./calendars.ts";
import { discover } from "./discovery.ts";
import { pathOf, urlOf } from "./path.ts";

/** What discovery tells of an account. The rest of a {@link ProvenAccount}, a name for people, is the login's. */
export type FoundAccount = Omit<ProvenAccount, "displayName">;

/** Settings that are addresses of the account's own server. */
export const urlSettings = ["principalUrl", "homeUrls", "calendarUrl"] as const;

/**
 * Finds an account and its calendars. It is known by its principal, in one spelling: `ana%40example.com`.
 *
 * Settings: `principalUrl`, and `homeUrls`, `calendarUrl`, `addresses`, which are lists with a space between their items.
 *
 * @param settled where the address of a principal or of a home is kept, when its vendor moves accounts among hosts
 * @throws {IntegrationError} as {@link discover}
 */
export async function findAccount(
  fetch: AccountFetch,
  startingPoints: readonly string[],
  settled: (url: string) => string = (url) => url,
): Promise<FoundAccount> {
  const found = await discover(fetch, startingPoints);
  const principalUrl = settled(urlOf(pathOf(found.principalUrl, found.principalUrl), found.principalUrl));
  const homeUrls = [...new Set(found.homeUrls.map(settled))];
  const settings = {
    principalUrl,
    homeUrls: homeUrls.join(" "),
    calendarUrl: found.calendarUrl ?? "",
    addresses: found.addresses.join(" "),
  };
  return { externalId: principalUrl, settings, calendars: await listCalendars(fetch, homeUrls, found.calendarUrl) };
}

/** The items of settings that are lists. */
export function listedIn(settings: AccountSettings, ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => (settings[name] ?? "").split(" ").filter((item) => item !== ""));
}
