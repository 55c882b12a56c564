import { DavError } from "../caldav/dav-error.ts";
import type { NextcloudSwitches } from "./switches.ts";

const hourMs = 60 * 60_000;

/** How many calendars somebody may make in an hour. */
export class CalendarRate {
  private readonly made: { readonly id: string; readonly at: number }[] = [];

  constructor(
    private readonly switches: Pick<NextcloudSwitches, "newCalendarsPerHour">,
    private readonly now: () => Date,
  ) {}

  /** @throws {DavError} too-fast */
  count(id: string): void {
    const { newCalendarsPerHour: most } = this.switches;
    const at = this.now().getTime();
    const latest = this.made.filter((made) => made.id === id && made.at > at - hourMs);
    if (most !== null && latest.length >= most) throw new DavError("too-fast");
    this.made.push({ id, at });
  }
}
