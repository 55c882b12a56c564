import { IntegrationError } from "../../../errors.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import type { RemoteCalendar } from "../provider.ts";
import { fitted, type ZohoClient } from "./client.ts";
import { CalendarList, ZohoCalendar } from "./shapes.ts";

/** Privileges that let one write. */
const writing = ["owner", "delegate", "edit"];

/** Every calendar of the account, those that others share with it included. Of events alone are these made. */
export async function listCalendars(client: ZohoClient): Promise<readonly RemoteCalendar[]> {
  const { calendars } = await client.get("calendars", { category: "all" }, CalendarList);
  const all = calendars.map((calendar) => fitted(calendar, ZohoCalendar));
  const primary = all.find((one) => one.isdefault === true && isOwn(one)) ?? all.find(isOwn);
  if (!primary) throw new IntegrationError("PROVIDER_REPLY_INVALID", "Zoho names no calendar of this account's own");
  return all.map(({ uid, name, color, timezone, privilege }) => ({
    externalId: uid,
    name: name || uid,
    writable: writing.includes(privilege ?? ""),
    primary: uid === primary.uid,
    timeZone: knownZone(timezone),
    color: color || null,
  }));
}

function isOwn({ privilege, category }: ZohoCalendar): boolean {
  return privilege === "owner" && (category ?? "own") === "own";
}

function knownZone(name: string | null | undefined): string | null {
  const zone = timeZoneOf(name ?? "");
  return zone.exact ? zone.timeZone : null;
}
