import { setTimeout as delay } from "node:timers/promises";
import type { CalendarEvent } from "../../src/entities/calendar-event.ts";
import { isIntegrationError } from "../../src/errors.ts";
import type { EventPatch, Span } from "../../src/providers/calendar/provider.ts";
import type { EventTime } from "../../src/recurrence/event-time.ts";
import { recurrenceKey } from "../../src/recurrence/instant.ts";
import { dayMs } from "../../src/recurrence/wall-clock.ts";
import { newId } from "../../src/services/id.ts";
import { pendingPrefix } from "../../src/services/mirror-sql.ts";
import { BrokenPromise } from "../drill/drill.ts";
import { Killed, type Mishaps, noMishaps } from "./chaos.ts";
import { dayOf } from "./days.ts";
import type { Random } from "./random.ts";
import type { Service } from "./service.ts";
import type { World } from "./world.ts";

/** What is known of everything that was made, by the tag that it carries where nobody edits: its location. */
export interface Tagged {
  readonly tag: string;
  readonly titles: Set<string>;
  /** The one that it must have in the end; null once nobody can say. */
  title: string | null;
  /** Into how many series it may have been split. */
  splits: number;
  mayBeGone: boolean;
  isRefused: boolean;
}

const mishaps: Mishaps = { lostCall: 0.03, lostAnswer: 0.03, killed: 0.03 };
const zone = "Europe/Berlin";

/** Random edits on both sides of one calendar. */
export class Story {
  readonly tagged = new Map<string, Tagged>();
  readonly decorated = new Set<string>();
  readonly told: string[] = [];
  conflicts = 0;
  kills = 0;
  private count = 0;

  constructor(
    private readonly world: World,
    private readonly service: Service,
    private readonly random: Random,
  ) {}

  async unfold(steps: number): Promise<void> {
    const ways: readonly [number, string, () => Promise<void>][] = [
      [3, "we create", () => this.weCreate()],
      [5, "we change", () => this.weChange()],
      [1, "we delete", () => this.weDelete()],
      [2, "they create", () => this.theyCreate()],
      [3, "they retitle", () => this.theyRetitle()],
      [1, "they remove", () => this.theyRemove()],
      [2, "they decorate", () => this.theyDecorate()],
      [4, "a sync", () => this.sync()],
      [1, "two syncs at once", async () => void (await Promise.all([this.sync(), this.sync()]))],
      [1, "a sync and a settling at once", async () => void (await Promise.all([this.sync(), this.settle()]))],
      [1, "a sync and a change of ours at once", async () => void (await Promise.all([this.sync(), this.weChange()]))],
      [2, "settling", () => this.settle()],
      [1, "a cursor is lost", () => this.world.loseCursor()],
    ];
    const lots = ways.flatMap(([weight, name, work]) => Array.from({ length: weight }, () => ({ name, work })));
    for (let step = 0; step < steps; step += 1) {
      const lot = this.random.pick(lots);
      if (!lot) throw new Error("There is no way on");
      this.told.push(lot.name);
      await lot.work();
    }
  }

  private async sync(): Promise<void> {
    const { writes } = await this.world.sync(mishaps);
    if (writes > 0) throw new BrokenPromise(`a sync wrote to the vendor ${writes} times`);
  }

  private settle(): Promise<void> {
    return this.world.settle(mishaps);
  }

  private async weCreate(): Promise<void> {
    const title = this.newTitle("ours");
    const known = this.newTag(title);
    const day = this.random.below(60);
    const isDay = this.random.next() < 0.2;
    const start: EventTime = isDay ? { kind: "date", date: dayOf(day) } : at(day, "10:00");
    const end: EventTime = isDay ? { kind: "date", date: dayOf(day + 1) } : at(day, "10:45");
    const recurrence = this.random.next() < 0.5 ? ["RRULE:FREQ=DAILY;COUNT=5"] : [];
    const fields = {
      ...{ title, description: null, location: known.tag, reminders: null, attendees: [] },
      ...({ status: "CONFIRMED", transparency: "OPAQUE", classification: "PUBLIC" } as const),
      ...{ start, end, recurrence },
    };
    const outcome = await this.weWrite(() =>
      this.service.calendarWrites.create(
        this.world.viewer,
        this.world.calendarId,
        fields,
        { conference: false, idempotencyKey: null },
        this.cause(),
      ),
    );
    if (outcome === "refused") known.isRefused = true;
  }

  private async weChange(): Promise<void> {
    const row = await this.someRow();
    const known = row && this.tagged.get(row.location ?? "");
    if (!row || !known) return;
    const isSeries = row.kind === "SERIES";
    const spans: readonly (Span | null)[] = isSeries ? ["THIS", "THIS_AND_FOLLOWING", null] : [null];
    const span = this.random.pick(spans) ?? null;
    const patch = this.somePatch(row, span);
    const id = span === null ? row.id : this.occurrenceId(row);
    if (span === "THIS_AND_FOLLOWING") known.splits += 1;
    // What is called so then need not be the first part of it.
    const isWhole = span === null;
    if (patch.title !== undefined) known.titles.add(patch.title);
    const before = known.title;
    if (patch.title !== undefined || !isWhole) known.title = null;
    const outcome = await this.weWrite(() =>
      this.service.calendarWrites.update(this.world.viewer, { id, expectedVersion: null, span }, patch, this.cause()),
    );
    if (outcome === "done" && isWhole && patch.title !== undefined) known.title = patch.title;
    if (outcome === "refused") known.title = before;
  }

  private async weDelete(): Promise<void> {
    const row = await this.someRow();
    const known = row && this.tagged.get(row.location ?? "");
    if (!row || !known) return;
    const span: Span | null =
      row.kind === "SERIES" ? (this.random.pick(["THIS", "THIS_AND_FOLLOWING"] as const) ?? null) : null;
    const id = span === null ? row.id : this.occurrenceId(row);
    known.mayBeGone = true;
    await this.weWrite(() =>
      this.service.calendarWrites.delete(this.world.viewer, { id, expectedVersion: null, span }, this.cause()),
    );
  }

  private async theyCreate(): Promise<void> {
    const title = this.newTitle("theirs");
    const { tag } = this.newTag(title);
    await this.world.theirs.others.create({ title, location: tag, day: this.random.below(60) });
  }

  private async theyRetitle(): Promise<void> {
    const row = await this.someRow();
    const known = row && this.tagged.get(row.location ?? "");
    if (!row || !known) return;
    const title = this.newTitle("theirs");
    known.titles.add(title);
    await this.theyWrite(() => this.world.theirs.others.retitle(row.externalId, title));
    // A change of ours that is on its way may come after it, and the other part of a split has another title.
    known.title = row.intent === null && known.splits === 0 && !known.mayBeGone ? title : null;
  }

  private async theyRemove(): Promise<void> {
    const row = await this.someRow();
    const known = row && this.tagged.get(row.location ?? "");
    if (!row || !known) return;
    known.mayBeGone = true;
    await this.theyWrite(() => this.world.theirs.others.remove(row.externalId));
  }

  private async theyDecorate(): Promise<void> {
    const row = await this.someRow();
    if (!row) return;
    await this.theyWrite(() => this.world.theirs.others.decorate(row.externalId));
    if (await this.world.theirs.others.isDecorated(row.externalId).catch(() => false)) {
      this.decorated.add(row.externalId);
    }
  }

  /** What is gone meanwhile is no longer theirs to change. */
  private async theyWrite(work: () => Promise<void>): Promise<void> {
    await work().catch(() => {});
  }

  /** @returns how it ended, as far as whoever asked can know */
  private async weWrite(work: () => Promise<{ syncState: string }>): Promise<"done" | "open" | "refused"> {
    try {
      const view = await this.world.process(mishaps, work);
      if (view === null) this.kills += 1;
      return view?.syncState === "SYNCED" ? "done" : "open";
    } catch (error) {
      if (error instanceof Killed || !isIntegrationError(error)) throw error;
      if (error.code === "CONFLICT") this.conflicts += 1;
      return error.retryable ? "open" : "refused";
    }
  }

  private somePatch(row: CalendarEvent, span: Span | null): EventPatch {
    const day = this.random.below(60);
    const kinds: readonly (() => EventPatch)[] = [
      () => ({ title: this.newTitle("ours") }),
      () => ({ description: `Words ${this.count}` }),
      () => ({ transparency: row.transparency === "OPAQUE" ? "TRANSPARENT" : "OPAQUE" }),
      () =>
        row.start.kind === "date" || span !== null ? { title: this.newTitle("ours") } : { start: at(day, "15:00") },
    ];
    return (this.random.pick(kinds) ?? kinds[0])?.() ?? {};
  }

  /** One of the first occurrences of a series, whether or not it is still there. */
  private occurrenceId({ id, start }: CalendarEvent): string {
    const days = 1 + this.random.below(3);
    const local = start.kind === "date" ? start.date : start.local;
    const later = new Date(Date.parse(`${local.slice(0, 10)}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
    const original: EventTime =
      start.kind === "date" ? { kind: "date", date: later } : { ...start, local: `${later}${local.slice(10)}` };
    return `${id}_${recurrenceKey(original)}`;
  }

  private async someRow(): Promise<CalendarEvent | undefined> {
    const rows = await this.world.rows();
    return this.random.pick(
      rows.filter(({ kind, externalId }) => kind !== "OCCURRENCE" && !externalId.startsWith(pendingPrefix)),
    );
  }

  private newTag(title: string): Tagged {
    const tag = `Room ${this.tagged.size + 1}`;
    const known = { tag, titles: new Set([title]), title, splits: 0, mayBeGone: false, isRefused: false };
    this.tagged.set(tag, known);
    return known;
  }

  private newTitle(whose: string): string {
    this.count += 1;
    return `${whose} ${this.count}`;
  }

  private cause() {
    return { actor: { kind: "USER" as const, id: this.world.viewer.userId }, correlationId: newId(new Date()) };
  }
}

/** After which nothing is on its way any more, or the promise is broken. */
const maxRounds = 6;

/** Lets everything come to rest: no more mishaps, no more edits. */
export async function comeToRest(world: World): Promise<void> {
  for (let round = 0; round < maxRounds; round += 1) {
    await world.settle(noMishaps);
    await delay(world.vendor.shownAfterMs ?? 0);
    const { isComplete, changes, writes } = await world.sync(noMishaps);
    if (writes > 0) throw new BrokenPromise(`a sync wrote to the vendor ${writes} times`);
    const [open] = await world.query("SELECT FROM calendar_event WHERE intent IS NOT NULL");
    if (isComplete && changes === 0 && !open) return;
  }
  throw new BrokenPromise(`it did not come to rest in ${maxRounds} rounds`);
}

function at(day: number, time: string): EventTime {
  return { kind: "zoned", local: `${dayOf(day)}T${time}:00`, timeZone: zone };
}
