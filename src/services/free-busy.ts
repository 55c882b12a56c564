import type { Database } from "../database/database.ts";
import type { Problem } from "../entities/problem.ts";
import { IntegrationError } from "../errors.ts";
import type { Interval } from "../providers/calendar/provider.ts";
import { loginRefused } from "./accounts.ts";
import { type BusyCalendar, busyCalendarsOf, type Whose } from "./busy-calendars.ts";
import { type BusyTime, busyTimes } from "./intervals.ts";
import { type Blocking, blockingIn, readMirroredBusy } from "./mirrored-busy.ts";
import type { Occurrences } from "./occurrences.ts";
import { problemOf } from "./problem.ts";
import { guaranteedWindow } from "./stored-window.ts";
import type { Syncs } from "./syncs.ts";
import type { VendorBusy, VendorBusyTimes } from "./vendor-busy.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** When one calendar is busy; or of whom that was asked and cannot be told. */
export interface CalendarBusy {
  /** Null when it is about a user or an integration without a calendar to read. */
  readonly calendarId: string | null;
  readonly integrationId: string | null;
  /** Null when it is the tenant's, or not known. */
  readonly userId: string | null;
  /** Null when it cannot be told, which is not the same as free. */
  readonly busy: readonly BusyTime[] | null;
  readonly source: "PROVIDER" | "MIRROR" | null;
  /** When it was read at the vendor. */
  readonly asOf: Date | null;
  /** Why it cannot be told, may be incomplete, or is not as fresh as it could be. */
  readonly problem: Problem | null;
}

/** How busy times are read. */
export interface Reading {
  /** IANA, by user: for whole days and floating times of calendars that name no zone. */
  timeZoneOf(userId: string | null): string;
  /** Whether vendors are asked themselves. */
  readonly fresh: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;
const maxRangeDays = 62;
const maxNames = 100;

/** When people are busy, without saying with what. */
export class FreeBusy {
  constructor(
    private readonly database: Database,
    private readonly occurrences: Occurrences,
    private readonly vendors: VendorBusyTimes,
    private readonly syncs: Pick<Syncs, "noteActivity">,
    private readonly now: () => Date,
  ) {}

  /**
   * The busy times of every calendar that is meant; the viewer's own when nobody is named. Who was named and has no
   * calendar that the viewer may ask for is in it too, with a problem.
   *
   * @throws {IntegrationError} INVALID_INPUT when the range is empty or longer than 62 days, or too many are named
   */
  async list(viewer: Viewer, whose: Whose, within: Interval, reading: Reading): Promise<CalendarBusy[]> {
    requireScope(viewer, "calendar:read");
    checkRange(within);
    const named = namesIn(whose);
    if (named > maxNames) throw invalid(`At most ${maxNames} users, integrations and calendars can be asked for`);
    return this.read(viewer, named === 0 ? { ...whose, userIds: [viewer.userId] } : whose, within, reading);
  }

  /** The same, of a range that was checked. */
  async read(viewer: Viewer, whose: Whose, within: Interval, { timeZoneOf, fresh }: Reading): Promise<CalendarBusy[]> {
    const isStored = isWithin(within, guaranteedWindow(this.now()));
    const { calendars, mirrored } = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const calendars = await busyCalendarsOf(tx, viewer, whose);
      if (fresh) await this.syncs.noteActivity(tx, [...new Set(calendars.map(({ integrationId }) => integrationId))]);
      return { calendars, mirrored: await readMirroredBusy(tx, calendars, within, { isStored }) };
    });
    const zoned = calendars.map((calendar) => ({
      ...calendar,
      timeZone: calendar.timeZone ?? timeZoneOf(calendar.ownerId),
    }));
    const [blocking, told] = await Promise.all([
      blockingIn(mirrored, zoned, within, this.occurrences),
      fresh ? this.vendors.ask(viewer.tenantId, calendars, within) : new Map<string, VendorBusy>(),
    ]);
    const found = calendars.map((calendar) => {
      const own = blocking.filter(({ calendarId }) => calendarId === calendar.id);
      return busyOf(calendar, own, told.get(calendar.id), within);
    });
    return [...found, ...missing(whose, calendars)];
  }
}

/** @throws {IntegrationError} INVALID_INPUT */
export function checkRange({ from, to }: Interval): void {
  const days = (to.getTime() - from.getTime()) / dayMs;
  if (!(days > 0 && days <= maxRangeDays)) throw invalid(`from must be before to, by at most ${maxRangeDays} days`);
}

function busyOf(
  calendar: BusyCalendar,
  blocking: readonly Blocking[],
  told: VendorBusy | undefined,
  within: Interval,
): CalendarBusy {
  const { id: calendarId, integrationId, ownerId: userId, lastSyncedAt } = calendar;
  const of = { calendarId, integrationId, userId };
  if (told?.kind === "told") {
    // The vendor does not have yet what we are about to write.
    const pending = blocking.filter(({ isPending }) => isPending);
    const firm = told.busy.map((interval) => ({ ...interval, tentative: false }));
    const busy = busyTimes([...firm, ...pending], within);
    return { ...of, busy, source: "PROVIDER", asOf: told.asOf, problem: null };
  }
  const problem = shortcoming(calendar, told?.error);
  if (lastSyncedAt === null) {
    return { ...of, busy: null, source: null, asOf: null, problem: problem ?? neverRead() };
  }
  return { ...of, busy: busyTimes(blocking, within), source: "MIRROR", asOf: lastSyncedAt, problem };
}

/** Who was named and is not there: nobody knows whether they have no calendar or keep it to themselves. */
function missing({ userIds, integrationIds, calendarIds }: Whose, found: readonly BusyCalendar[]): CalendarBusy[] {
  const problem = problemOf(
    new IntegrationError("NOT_FOUND", "There is no calendar whose busy times could be read", {
      remedy:
        "Its owner can connect a calendar with connectIntegration, and let others see when it is busy with updateIntegration.",
    }),
  );
  const nothing = { calendarId: null, integrationId: null, userId: null, busy: null, source: null, asOf: null };
  const lacking = (
    name: "userId" | "integrationId" | "calendarId",
    asked: readonly string[],
    known: (calendar: BusyCalendar) => string | null,
  ): CalendarBusy[] => {
    const there = new Set(found.map(known));
    const gone = [...new Set(asked)].filter((id) => !there.has(id));
    return gone.map((id) => ({ ...nothing, problem, [name]: id }));
  };
  return [
    ...lacking("userId", userIds, ({ ownerId }) => ownerId),
    ...lacking("integrationId", integrationIds, ({ integrationId }) => integrationId),
    ...lacking("calendarId", calendarIds, ({ id }) => id),
  ];
}

/** Why the mirror is not as good as it could be. */
function shortcoming({ status, hasUnfollowed }: BusyCalendar, failure: IntegrationError | undefined): Problem | null {
  if (failure) return notAsked(failure);
  if (status === "NEEDS_REAUTH") return problemOf(loginRefused());
  return hasUnfollowed ? unfollowed() : null;
}

/** In words of our own: those of a vendor may name things that only the calendar's owner may know. */
function notAsked(error: IntegrationError): Problem {
  return { ...problemOf(error), message: "The provider could not be asked for busy times" };
}

function unfollowed(): Problem {
  const message = "A series in this calendar cannot be followed, so that some of its busy times may be missing";
  return problemOf(
    new IntegrationError("PROVIDER_REPLY_INVALID", message, {
      retryable: false,
      remedy: "Its owner can change how the series recurs in the calendar it comes from.",
    }),
  );
}

function neverRead(): Problem {
  const error = new IntegrationError("PREREQUISITE_MISSING", "This calendar has not been read to the end yet", {
    retryable: true,
    remedy: "Wait until its first sync is over.",
  });
  return problemOf(error);
}

function namesIn({ userIds, integrationIds, calendarIds }: Whose): number {
  return userIds.length + integrationIds.length + calendarIds.length;
}

function isWithin(inner: Interval, outer: Interval): boolean {
  return inner.from >= outer.from && inner.to <= outer.to;
}

function invalid(message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message, { field: ["input"] });
}
