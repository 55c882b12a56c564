import { IntegrationError } from "../errors.ts";
import * as calendarProviders from "./calendar/index.ts";
import type { CalendarProvider, CalendarPush } from "./calendar/provider.ts";
import * as jobBoardProviders from "./job-board/index.ts";
import type { JobBoardProvider } from "./job-board/provider.ts";
import type { AccountSettings } from "./provider.ts";
import { asSignedIn } from "./sign-in.ts";

export type Provider = CalendarProvider | JobBoardProvider;

const boards: readonly JobBoardProvider[] = Object.values(jobBoardProviders);

/** Every provider there is, sorted by id. */
export const providers: readonly Provider[] = [...Object.values(calendarProviders), ...boards].sort((one, other) =>
  one.id < other.id ? -1 : 1,
);

/** Of the boards that show other boards' jobs. */
export const mirrorIds: readonly string[] = boards.flatMap(({ id, mirrorOf }) => (mirrorOf === undefined ? [] : [id]));

/** How feeds are wanted, by the last part of their addresses. */
export const feedDialects: readonly string[] = [
  ...new Set(boards.flatMap(({ feeds = {} }) => Object.keys(feeds))),
].sort();

export const providerIds: readonly string[] = providers.map(({ id }) => id);

const byId = new Map(providers.map((provider) => [provider.id, provider]));

/** @throws {IntegrationError} INVALID_INPUT when there is no provider of this id */
export function providerWith(id: string): Provider {
  const provider = byId.get(id);
  if (!provider) throw new IntegrationError("INVALID_INPUT", `There is no provider "${id}"`);
  return provider;
}

/** @throws {IntegrationError} INVALID_INPUT when there is no calendar provider of this id */
export function calendarProvider(id: string): CalendarProvider {
  const provider = byId.get(id);
  if (provider?.kind !== "CALENDAR") throw new IntegrationError("INVALID_INPUT", `"${id}" is not a calendar provider`);
  return provider;
}

/** @throws {IntegrationError} UNSUPPORTED_CAPABILITY when it is no job board */
export function jobBoard(id: string): JobBoardProvider {
  const provider = providerWith(id);
  if (provider.kind === "JOB_BOARD") return provider;
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${provider.name} is not a job board`);
}

/** How the vendor tells of changes in calendars; undefined where it has none, or does not tell. */
export function calendarPushOf(id: string): CalendarPush | undefined {
  const provider = providerWith(id);
  return provider.kind === "CALENDAR" ? provider.push : undefined;
}

/** The provider of one integration, with `auth` and `renewal` of the way that it was connected by. */
export function providerOf(integration: { readonly provider: string; readonly settings: AccountSettings }): Provider {
  return asSignedIn(providerWith(integration.provider), integration.settings);
}
