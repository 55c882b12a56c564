import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Interval } from "../providers/calendar/provider.ts";
import { calendarProvider } from "../providers/registry.ts";
import { type Accounts, requireUsable } from "./accounts.ts";
import type { BusyCalendar } from "./busy-calendars.ts";
import { interactivePatienceMs } from "./call-gates.ts";
import { untilAborted } from "./until-aborted.ts";

/** What a vendor says about one calendar, or why it says nothing. */
export type VendorBusy =
  | { readonly kind: "told"; readonly busy: readonly Interval[]; readonly asOf: Date }
  | { readonly kind: "failed"; readonly error: IntegrationError };

/** A person waits; what has not answered by then is answered from the mirror. */
const waitMs = 5000;

/** Asks vendors themselves when calendars are busy. */
export class VendorBusyTimes {
  constructor(
    private readonly accounts: Pick<Accounts, "openCalendars">,
    private readonly now: () => Date,
  ) {}

  /** By calendar, every one of them. Takes no longer than 5 seconds, however many there are. */
  async ask(
    tenantId: string,
    calendars: readonly BusyCalendar[],
    within: Interval,
  ): Promise<ReadonlyMap<string, VendorBusy>> {
    const signal = AbortSignal.timeout(waitMs);
    const integrationIds = [...new Set(calendars.map(({ integrationId }) => integrationId))];
    const answers = integrationIds.map(async (integrationId): Promise<[string, VendorBusy][]> => {
      const own = calendars.filter((calendar) => calendar.integrationId === integrationId);
      const asOf = this.now();
      try {
        const busy = await untilAborted(this.askOne(tenantId, own, within, signal), signal);
        return own.map(({ id, externalId }) => [id, { kind: "told", busy: busy.get(externalId) ?? [], asOf }]);
      } catch (error) {
        const failure = signal.aborted ? tooSlow() : error;
        // A fault of ours is told as one.
        if (!isIntegrationError(failure)) throw failure;
        return own.map(({ id }) => [id, { kind: "failed", error: failure }]);
      }
    });
    return new Map((await Promise.all(answers)).flat());
  }

  /** By the vendor's name for the calendar; of one account. */
  private async askOne(
    tenantId: string,
    calendars: readonly BusyCalendar[],
    within: Interval,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly Interval[]>> {
    const [first] = calendars;
    if (!first) return new Map();
    requireUsable(first);
    const { name, freeBusy } = calendarProvider(first.provider);
    if (!freeBusy) throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} cannot be asked for busy times`);
    const { account } = await this.accounts.openCalendars(tenantId, first.integrationId, signal, interactivePatienceMs);
    const names = calendars.map(({ externalId }) => externalId);
    const answer = await freeBusy(account, names, within);
    const told = new Map(answer.map(({ calendar, busy }) => [calendar, busy]));
    if (names.every((externalId) => told.has(externalId))) return told;
    throw new IntegrationError("PROVIDER_REPLY_INVALID", `${name} did not answer for every calendar`);
  }
}

function tooSlow(): IntegrationError {
  return new IntegrationError("PROVIDER_UNAVAILABLE", "The provider did not answer in time");
}
