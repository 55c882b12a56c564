import type { DataCenter } from "./data-centers.ts";
import { badPattern, missing } from "./errors.ts";
import type { EventStore } from "./event-store.ts";
import { accountOf } from "./guests.ts";
import { occurrencesBetween, spanOf } from "./occurrences.ts";
import { rangeOf } from "./range.ts";
import type { ZohoSwitches } from "./switches.ts";
import { utcOf } from "./times.ts";

/** When somebody is busy; whoever shares it with nobody is answered for with 200 too. https://www.zoho.com/calendar/help/api/get-user-free-busy.html */
export function freeBusy(
  store: EventStore,
  parameters: URLSearchParams,
  { switches, dataCenter }: { readonly switches: ZohoSwitches; readonly dataCenter: DataCenter },
): object {
  const { state } = store;
  const email = parameters.get("uemail");
  if (email === null) throw missing("uemail");
  if ((parameters.get("ftype") ?? "eventbased") !== "eventbased") throw badPattern("ftype");
  const { from, to } = rangeOf({ start: parameters.get("sdate"), end: parameters.get("edate"), zone: "UTC" });
  const account = accountOf(state, email);
  if (!account?.sharesFreeBusy || account.dataCenter !== dataCenter) return { fb_not_enabled: true };
  const calendars = [...state.calendars.values()].filter(
    ({ owner, includeInFreeBusy }) => includeInFreeBusy && owner === account.email,
  );
  const spans = calendars
    .flatMap((calendar) => store.of(calendar))
    .flatMap((event) => occurrencesBetween(event, from, to, switches))
    .filter(({ fields }) => fields.transparency !== switches.transparent)
    .map(({ fields }) => spanOf(fields, switches))
    .sort((one, other) => one.from - other.from);
  if (spans.length === 0) return { NODATA: true };
  return {
    freebusy: spans.map((span) => ({ fbtype: "busy", startTime: utcOf(span.from), endTime: utcOf(span.to) })),
  };
}
