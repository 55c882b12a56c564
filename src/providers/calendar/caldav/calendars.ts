import { IntegrationError } from "../../../errors.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import type { AccountFetch } from "../../account-fetch.ts";
import { parseCalendar, textIn } from "../icalendar/component.ts";
import type { RemoteCalendar } from "../provider.ts";
import { cursorAt, stateIn, stateNames } from "./cursor.ts";
import { pathOf, urlOf } from "./path.ts";
import {
  childrenOf,
  hrefsOf,
  type PropertyNames,
  propfind,
  type Resource,
  requireMultistatus,
  textOf,
} from "./webdav.ts";

/**
 * The calendars in these homes that can hold events. The same ones always come in the same order. The primary one is that for
 * invitations (RFC 6638 §9.2), else the one that an account came with, else the first that can be written to.
 */
export async function listCalendars(
  fetch: AccountFetch,
  homeUrls: readonly string[],
  calendarUrl: string | null,
): Promise<readonly RemoteCalendar[]> {
  const resources = new Map<string, Resource>();
  for (const home of homeUrls) {
    for (const one of await readCollection(fetch, home, "1")) resources.set(urlOf(one.path, home), one);
  }
  if (calendarUrl !== null) {
    for (const one of await readCollection(fetch, calendarUrl, "0")) resources.set(urlOf(one.path, calendarUrl), one);
  }
  const preferred = [...resources].flatMap(([url, { properties }]) =>
    hrefsOf(properties["scheduleDefaultCalendarURL"]).map((href) => pathOf(href, url)),
  );
  const calendars = [...resources]
    .filter(([, { properties }]) => holdsEvents(properties))
    .map(([url, resource]) => ({ ...calendarOf(url, resource), isPreferred: preferred.includes(resource.path) }))
    .sort((one, other) => (one.externalId < other.externalId ? -1 : 1));
  const writable = calendars.filter((calendar) => calendar.writable);
  const primary =
    calendars.find(({ isPreferred }) => isPreferred) ??
    writable.find(({ externalId }) => lastSegment(new URL(externalId).pathname) === firstCalendar) ??
    writable[0] ??
    calendars[0];
  return calendars.map(({ isPreferred: _, ...calendar }) => ({
    ...calendar,
    primary: calendar.externalId === primary?.externalId,
  }));
}

/** How Nextcloud and SOGo call the calendar that every account comes with, in addresses. */
const firstCalendar = "personal";

const calendarNames: PropertyNames = [
  ...stateNames,
  "d:resourcetype",
  "d:displayname",
  "d:current-user-privilege-set",
  "c:supported-calendar-component-set",
  "c:calendar-timezone",
  "c:schedule-default-calendar-URL",
  "ca:calendar-color",
];

async function readCollection(fetch: AccountFetch, url: string, depth: "0" | "1"): Promise<readonly Resource[]> {
  const { resources } = requireMultistatus(await propfind(fetch, url, depth, calendarNames));
  // Even an empty home lists itself (RFC 4918 §9.1).
  if (resources.length === 0)
    throw new IntegrationError("PROVIDER_REPLY_INVALID", "The calendar server listed nothing");
  return resources.filter(({ status }) => status < 300);
}

/** Not: scheduling in- and outbox, trash, feeds of others that the server itself reads, and lists of tasks. */
function holdsEvents(properties: Resource["properties"]): boolean {
  const types = childrenOf(properties["resourcetype"]);
  if (!types.includes("calendar") || types.some((type) => otherTypes.includes(type))) return false;
  const components = componentsOf(properties["supportedCalendarComponentSet"]);
  return components.length === 0 || components.includes("VEVENT");
}

const otherTypes = ["scheduleInbox", "scheduleOutbox", "trashBin", "deletedCalendar", "subscribed"];

function componentsOf(set: unknown): readonly string[] {
  const { comp } = (set ?? {}) as { comp?: unknown };
  return [comp].flat().flatMap((one) => {
    const { _attributes: attributes } = (one ?? {}) as { _attributes?: { name?: unknown } };
    return typeof attributes?.name === "string" ? [attributes.name.toUpperCase()] : [];
  });
}

function calendarOf(url: string, { path, properties }: Resource): Omit<RemoteCalendar, "primary"> {
  return {
    externalId: url,
    name: textOf(properties["displayname"]) ?? lastSegment(path) ?? path,
    writable: isWritable(properties["currentUserPrivilegeSet"]),
    timeZone: timeZoneIn(textOf(properties["calendarTimezone"])),
    // Apple writes #RRGGBBAA.
    color: /^#[0-9a-f]{6}/i.exec(textOf(properties["calendarColor"]) ?? "")?.[0].toLowerCase() ?? null,
    currentCursor: cursorAt(stateIn(properties)),
  };
}

function lastSegment(path: string): string | undefined {
  return path.split("/").findLast((segment) => segment !== "");
}

/** RFC 3744 §5.4. A server that does not say is asked by writing. */
function isWritable(privilegeSet: unknown): boolean {
  if (privilegeSet === undefined) return true;
  const { privilege } = (privilegeSet ?? {}) as { privilege?: unknown };
  const privileges = childrenOf(privilege);
  const has = (name: string) => privileges.includes(name);
  return has("all") || has("write") || (has("writeContent") && has("bind"));
}

function timeZoneIn(vtimezone: string | null): string | null {
  if (vtimezone === null) return null;
  try {
    const zone = parseCalendar(vtimezone).getFirstSubcomponent("vtimezone");
    const tzid = zone && textIn(zone, "tzid");
    const found = zone && tzid ? timeZoneOf(tzid, zone.toString()) : null;
    return found?.exact ? found.timeZone : null;
  } catch {
    return null;
  }
}
