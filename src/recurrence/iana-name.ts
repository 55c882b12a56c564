import { tzlib_get_ical_block, tzlib_get_timezones } from "timezones-ical-library";
import { WINDOWS_TO_IANA_MAP } from "windows-iana";

/**
 * The IANA name of a zone, in any case, under its present name: `asia/calcutta` is `Asia/Kolkata`.
 * A zone that merely keeps the same time as another (`Europe/Stockholm`, `Europe/Berlin`) stays itself.
 * Everything that is UTC for ever is `UTC`. Undefined for what is no zone.
 */
export function ianaName(text: string): string | undefined {
  const listed = listedNames.get(text.toLowerCase());
  return listed === undefined ? undefined : presentName(listed);
}

/** The zone of a Windows name such as `W. Europe Standard Time`, as CLDR has it for the territory "001". */
export function ianaNameOfWindows(text: string): string | undefined {
  const name = windowsNames.get(text.toLowerCase());
  return name === undefined ? undefined : ianaName(name);
}

/** The VTIMEZONE block of a zone, TZID and X-LIC-LOCATION being the zone that keeps its time. */
export function listedBlock(name: string): string {
  const [block = ""] = tzlib_get_ical_block(name);
  return block;
}

/** Every zone there is, those that stand for a Windows zone first: they are the ones people know. */
export function ianaNames(): ReadonlySet<string> {
  return new Set([...windowsNames.values(), ...listedNames.values()].flatMap((name) => ianaName(name) ?? []));
}

const listedNames = new Map([...tzlib_get_timezones()].map((name): [string, string] => [name.toLowerCase(), name]));

const windowsNames = new Map(
  WINDOWS_TO_IANA_MAP.filter(({ territory }) => territory === "001").map(({ windowsName, iana }): [string, string] => [
    windowsName.toLowerCase(),
    iana[0],
  ]),
);

/** By listed name; there are some six hundred, and asking Intl is slow. */
const presentNames = new Map<string, string | undefined>();

function presentName(listed: string): string | undefined {
  if (!presentNames.has(listed)) presentNames.set(listed, followLink(listed));
  return presentNames.get(listed);
}

/**
 * tzdata links both a former name to its successor and a zone to another one that has kept the same time since 1970.
 * CLDR, behind Intl, only does the former, but answers with the oldest name: two names for which it gives the same
 * answer are one zone.
 */
function followLink(listed: string): string | undefined {
  const oldest = intlName(listed);
  if (oldest === "UTC" || oldest === undefined) return oldest;
  const target = /^TZID:(.+)$/m.exec(listedBlock(listed))?.[1]?.trimEnd();
  return target !== undefined && intlName(target) === oldest ? target : listed;
}

/** Undefined for `ET` and its like, which the list has and IANA has not. */
function intlName(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
