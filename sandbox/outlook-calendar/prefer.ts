import { zoneOf } from "./times.ts";

/** What a caller prefers; the reply says which of it was done. https://learn.microsoft.com/en-us/graph/api/user-list-calendarview */
export interface Preferences {
  /** As it was asked for, since it comes back that way. */
  readonly timeZone: string;
  readonly wantsText: boolean;
  readonly wantsImmutableIds: boolean;
  readonly maxPageSize: number | null;
  /** The header of the reply; null for none. */
  readonly applied: string | null;
}

/** @throws {GraphError} TimeZoneNotSupportedException */
export function readPrefer(header: string | undefined): Preferences {
  const given = new Map<string, string>();
  const known = ["outlook.timezone", "outlook.body-content-type", "idtype", "odata.maxpagesize"];
  const applied: string[] = [];
  for (const [whole, name = "", quoted, bare] of (header ?? "").matchAll(/([\w.-]+)\s*=\s*(?:"([^"]*)"|([^,;\s]*))/g)) {
    if (!known.includes(name.toLowerCase())) continue;
    given.set(name.toLowerCase(), quoted ?? bare ?? "");
    applied.push(whole);
  }
  const timeZone = given.get("outlook.timezone") ?? "UTC";
  zoneOf(timeZone);
  const maxPageSize = Number(given.get("odata.maxpagesize"));
  return {
    timeZone,
    wantsText: given.get("outlook.body-content-type")?.toLowerCase() === "text",
    wantsImmutableIds: given.get("idtype")?.toLowerCase() === "immutableid",
    maxPageSize: Number.isInteger(maxPageSize) && maxPageSize > 0 ? maxPageSize : null,
    applied: applied.length === 0 ? null : applied.join(", "),
  };
}
