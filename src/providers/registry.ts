import { IntegrationError } from "../errors.ts";
import * as calendarProviders from "./calendar/index.ts";
import type { CalendarProvider } from "./calendar/provider.ts";
import type { AccountSettings } from "./provider.ts";
import { asSignedIn } from "./sign-in.ts";

/** Every provider there is, sorted by id. */
export const providers: readonly CalendarProvider[] = Object.values(calendarProviders).sort((one, other) =>
  one.id < other.id ? -1 : 1,
);

export const providerIds: readonly string[] = providers.map(({ id }) => id);

const byId = new Map(providers.map((provider) => [provider.id, provider]));

/** @throws {IntegrationError} INVALID_INPUT when there is no calendar provider of this id */
export function calendarProvider(id: string): CalendarProvider {
  const provider = byId.get(id);
  if (provider?.kind !== "CALENDAR") throw new IntegrationError("INVALID_INPUT", `"${id}" is not a calendar provider`);
  return provider;
}

/** The provider of one integration, with `auth` and `renewal` of the way that it was connected by. */
export function providerOf(integration: {
  readonly provider: string;
  readonly settings: AccountSettings;
}): CalendarProvider {
  return asSignedIn(calendarProvider(integration.provider), integration.settings);
}
