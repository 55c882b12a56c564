import { IANAZone } from "luxon";
import { findIana } from "windows-iana";
import type { Mailbox } from "./state.ts";
import { windowsZones } from "./times.ts";

/** https://learn.microsoft.com/en-us/graph/api/outlookuser-supportedtimezones */
export function supportedTimeZones(wantsIana: boolean): readonly unknown[] {
  const names = wantsIana ? [...new Set(windowsZones.flatMap((name) => findIana(name)))] : windowsZones;
  return names
    .filter((name) => !wantsIana || IANAZone.isValidZone(name))
    .map((alias) => ({ alias, displayName: alias }));
}

/** https://learn.microsoft.com/en-us/graph/api/user-get-mailboxsettings */
export function mailboxSettings({ timeZone }: Mailbox): Record<string, unknown> {
  return {
    timeZone,
    dateFormat: "dd.MM.yyyy",
    timeFormat: "HH:mm",
    language: { locale: "en-US", displayName: "English (United States)" },
    workingHours: {
      daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"],
      startTime: "08:00:00.0000000",
      endTime: "17:00:00.0000000",
      timeZone: { name: timeZone },
    },
  };
}
