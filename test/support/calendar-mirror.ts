import type {
  CalendarAccount,
  CalendarProvider,
  Change,
  Interval,
  ReadOutcome,
  RemoteObject,
} from "../../src/providers/calendar/provider.ts";

/** What one reading brought. */
export interface Reading extends ReadOutcome {
  readonly changes: readonly Change[];
}

/** Keeps a calendar as the service does: changes as they come, the cursor once a reading is complete. */
export class CalendarMirror {
  readonly objects = new Map<string, RemoteObject>();
  cursor: string | null = null;

  constructor(
    private readonly provider: CalendarProvider,
    private readonly account: CalendarAccount,
    readonly calendar: string,
    private readonly window: Interval = { from: new Date("2026-01-01"), to: new Date("2028-01-01") },
  ) {}

  async read(): Promise<Reading> {
    const changes: Change[] = [];
    const reading = this.provider.readChanges(this.account, this.calendar, {
      cursor: this.cursor,
      window: this.window,
      known: async (scope) => {
        const etags = [...this.objects].map(([id, { etag }]) => [id, etag] as const);
        return new Map(typeof scope === "string" ? etags : etags.filter(([id]) => scope.includes(id)));
      },
    });
    for (let step = await reading.next(); ; step = await reading.next()) {
      if (step.done) {
        this.cursor = step.value.cursor;
        return { ...step.value, changes };
      }
      for (const change of step.value) this.apply(change);
      changes.push(...step.value);
    }
  }

  /** The titles of what there is, in alphabetical order. */
  titles(): readonly string[] {
    return [...this.objects.values()].flatMap(({ events }) => events.map(({ title }) => title)).sort();
  }

  private apply(change: Change): void {
    if (change.kind === "upserted") this.objects.set(change.object.externalId, change.object);
    if (change.kind === "removed") this.objects.delete(change.externalId);
  }
}
