import { defaultCalendar } from "./calendar-list.ts";
import { accessDenied, GraphError, invalidParameter } from "./errors.ts";
import type { Preferences } from "./prefer.ts";
import { fieldsOf, itemsBetween } from "./series.ts";
import type { EventFields, Mailbox, OutlookState } from "./state.ts";
import type { OutlookSwitches } from "./switches.ts";
import { momentOf, shownTime, wallTime } from "./times.ts";

const digits: Readonly<Record<string, string>> = { free: "0", tentative: "1", busy: "2", oof: "3" };
const maxEntries = 1000;
const dayMs = 86_400_000;

/** What is seen of a calendar's entry from outside. */
type Entry = EventFields & { readonly from: number; readonly to: number };

/** When people are busy. https://learn.microsoft.com/en-us/graph/api/calendar-getschedule */
export class Schedules {
  constructor(
    private readonly state: OutlookState,
    private readonly switches: OutlookSwitches,
  ) {}

  /** @throws {GraphError} */
  answer(caller: Mailbox, body: Readonly<Record<string, unknown>>, prefer: Preferences): readonly unknown[] {
    if (caller.isPersonal) throw accessDenied();
    const { schedules, availabilityViewInterval: minutes = 30 } = body;
    if (!Array.isArray(schedules) || schedules.length === 0) throw invalidParameter("Schedules is required.");
    if (schedules.length > this.switches.maxSchedules) throw invalidParameter("There are too many schedules.");
    const { from, to } = this.rangeOf(body);
    if (!Number.isInteger(minutes) || Number(minutes) < 5 || Number(minutes) > 1440) {
      throw invalidParameter("The availabilityViewInterval has to be between 5 and 1440 minutes.");
    }
    return schedules.map((address) => {
      const mailbox = this.state.mailboxes.get(String(address).toLowerCase());
      if (!mailbox?.hasMailbox) return failed(address, "5009", "The recipient was not found in the directory.");
      const entries = this.entriesOf(mailbox, from, to);
      if (entries.length > maxEntries) return failed(address, "5006", "The result set contains too many entries.");
      return {
        scheduleId: address,
        availabilityView: viewOf(entries, from, to, Number(minutes) * 60_000),
        scheduleItems: entries.map((entry) => shownEntry(entry, prefer, mailbox === caller)),
        workingHours: {
          daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"],
          startTime: "08:00:00.0000000",
          endTime: "17:00:00.0000000",
          timeZone: { name: mailbox.timeZone },
        },
      };
    });
  }

  /** Times at which everybody is free; none is an answer too. https://learn.microsoft.com/en-us/graph/api/user-findmeetingtimes */
  meetingTimes(caller: Mailbox, body: Readonly<Record<string, unknown>>, prefer: Preferences): unknown {
    if (caller.isPersonal) throw accessDenied();
    const { attendees = [], timeConstraint, meetingDuration = "PT30M", maxCandidates = 5 } = body;
    const [, hours = "0", minutes = "0"] = /^PT(?:(\d+)H)?(?:(\d+)M)?$/.exec(String(meetingDuration)) ?? [];
    const lengthMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
    const [slot] = ((timeConstraint ?? {}) as { timeSlots?: readonly unknown[] }).timeSlots ?? [];
    if (lengthMs === 0 || slot === undefined) throw invalidParameter("A time slot and a duration are required.");
    const { start, end } = slot as { start: unknown; end: unknown };
    const { from, to } = this.rangeOf({ startTime: start, endTime: end });
    const addresses = (attendees as readonly { emailAddress?: { address?: string } }[]).map(
      ({ emailAddress }) => emailAddress?.address?.toLowerCase() ?? "",
    );
    const busy = [caller.email, ...addresses].flatMap((address) => {
      const mailbox = this.state.mailboxes.get(address);
      return mailbox ? this.entriesOf(mailbox, from, to).filter(({ showAs }) => digits[showAs] !== "0") : [];
    });
    const starts: number[] = [];
    for (let at = from; at + lengthMs <= to && starts.length < Number(maxCandidates); at += lengthMs) {
      if (!busy.some((entry) => entry.from < at + lengthMs && entry.to > at)) starts.push(at);
    }
    const shown = (at: number) =>
      shownTime({ dateTime: new Date(at).toISOString().slice(0, 19), timeZone: "UTC" }, false, prefer.timeZone);
    return {
      emptySuggestionsReason: starts.length === 0 ? "AttendeesUnavailable" : "",
      meetingTimeSuggestions: starts.map((at, order) => ({
        confidence: 100,
        order: order + 1,
        organizerAvailability: "free",
        attendeeAvailability: addresses.map((address) => ({
          availability: "free",
          attendee: { type: "required", emailAddress: { address } },
        })),
        meetingTimeSlot: { start: shown(at), end: shown(at + lengthMs) },
        locations: [],
      })),
    };
  }

  private rangeOf({ startTime, endTime }: Readonly<Record<string, unknown>>): { from: number; to: number } {
    const [from, to] = [momentOf(wallTime(startTime)).toMillis(), momentOf(wallTime(endTime)).toMillis()];
    if (to <= from) throw invalidParameter("The end time has to be later than the start time.");
    if (to - from > this.switches.maxScheduleDays * dayMs) {
      throw new GraphError(400, "ErrorTimeIntervalTooBig", "The requested time duration specified is too long.");
    }
    return { from, to };
  }

  private entriesOf(mailbox: Mailbox, from: number, to: number): readonly Entry[] {
    const { id } = defaultCalendar(mailbox);
    const events = [...mailbox.events.values()].filter(({ calendarId }) => calendarId === id);
    return events
      .flatMap((event) => itemsBetween(event, from, to, this.switches.shortMonths))
      .map(fieldsOf)
      .filter(({ isCancelled }) => !isCancelled)
      .map((fields) => ({
        ...fields,
        from: momentOf(fields.start).toMillis(),
        to: momentOf(fields.end).toMillis(),
      }))
      .sort((one, other) => one.from - other.from);
  }
}

/** The busiest of each interval counts; working elsewhere is free. */
function viewOf(entries: readonly Entry[], from: number, to: number, intervalMs: number): string {
  let view = "";
  for (let at = from; at < to; at += intervalMs) {
    const here = entries.filter((entry) => entry.from < Math.min(at + intervalMs, to) && entry.to > at);
    view += here.map(({ showAs }) => digits[showAs] ?? "0").reduce((one, other) => (one > other ? one : other), "0");
  }
  return view;
}

/** Of what is private, others see that it is there. */
function shownEntry(entry: Entry, { timeZone }: Preferences, isOwn: boolean): unknown {
  const { showAs: status, start, end, isAllDay, sensitivity, subject, location } = entry;
  const isPrivate = sensitivity === "private" || sensitivity === "confidential";
  return {
    isPrivate,
    status,
    start: shownTime(start, isAllDay, timeZone),
    end: shownTime(end, isAllDay, timeZone),
    ...(!isPrivate || isOwn ? { subject, location: location["displayName"] } : {}),
  };
}

function failed(scheduleId: unknown, responseCode: string, message: string): unknown {
  return { scheduleId, error: { message, responseCode } };
}
