import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultName, faultNames } from "../../sandbox/faults.ts";
import { isIntegrationError } from "../../src/errors.ts";
import type { CalendarAccount, CalendarProvider } from "../../src/providers/calendar/provider.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, targetOf } from "../support/event-draft.ts";
import type { TwinTroubles } from "../support/twin-troubles.ts";
import type { CalendarVendor } from "./calendar-provider.ts";

/** A vendor that is a twin: it fails in every manner, and says what it has stored. */
export interface TwinVendor extends CalendarVendor, TwinTroubles {
  titles(calendar: string): readonly string[];
}

/**
 * Whatever a vendor's servers do, mirror and vendor are the same in the end.
 *
 * @param lasting faults that no second attempt gets past, as this vendor words them; its sync waits for the next time
 */
export function describeUnderFaults(
  provider: CalendarProvider,
  createVendor: () => Promise<TwinVendor>,
  lasting: readonly FaultName[] = [],
): void {
  describe("under every pack of faults", () => {
    let vendor: TwinVendor;
    let account: CalendarAccount;
    beforeAll(async () => {
      vendor = await createVendor();
      account = (await vendor.connect()).account;
    });
    afterAll(() => vendor.stop());

    const passing = faultNames.filter((name) => !lasting.includes(name));
    it.each(passing)(`mirror and ${provider.name} agree in the end, and nothing is there twice: %s`, async (fault) => {
      const calendar = await vendor.createCalendar();
      const mirror = new CalendarMirror(provider, account, calendar);
      const recover = vendor.failOften(fault);
      for (let round = 0; round < 6; round += 1) {
        const draft = aDraft({ title: `Ours ${round}` });
        const made = await patiently(async () => {
          const earlier = await provider.findCreated(account, calendar, draft);
          return earlier ?? (await provider.createEvent(account, calendar, draft));
        });
        await vendor.asAnotherClient.create(calendar, aDraft({ title: `Theirs ${round}` }));
        if (round % 2 === 0) await patiently(() => provider.deleteEvent(account, calendar, targetOf(made)));
        await patiently(() => mirror.read());
      }
      recover();
      await mirror.read();
      expect(mirror.titles()).toEqual(vendor.titles(calendar).toSorted());
      expect(mirror.titles()).toEqual([
        ...["Ours 1", "Ours 3", "Ours 5", "Theirs 0", "Theirs 1", "Theirs 2", "Theirs 3", "Theirs 4", "Theirs 5"],
      ]);
    });
  });
}

/** Tries again as the task runner does, while a failure may pass. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const mayPass = isIntegrationError(error) && (error.retryable || error.code === "CREDENTIALS_REJECTED");
      if (!mayPass || attempt === 40) throw error;
    }
  }
}
