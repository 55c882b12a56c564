import type { Database } from "../database/database.ts";
import { databaseTime } from "../database/database-time.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { CalendarEvent, type WriteIntent } from "../entities/calendar-event.ts";
import { Integration } from "../entities/integration.ts";
import { IntegrationError, isHeldBack, isIntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { EventDraft, EventPatch, EventTarget, RemoteObject, WriteResult } from "../providers/calendar/provider.ts";
import { calendarProvider } from "../providers/registry.ts";
import { recurrenceKey } from "../recurrence/instant.ts";
import { type Accounts, type OpenCalendarAccount, requireUsable } from "./accounts.ts";
import { publicIdOf } from "./calendar-event-view.ts";
import { backgroundPatienceMs, interactivePatienceMs } from "./call-gates.ts";
import { lockIntegration } from "./found-integration.ts";
import { calendarEventData } from "./integration-events.ts";
import type { IntegrationHealth } from "./integration-health.ts";
import type { Mirror } from "./mirror.ts";
import { pendingPrefix, rowsOfObjects } from "./mirror-sql.ts";
import { type Occurrences, replaceOccurrences } from "./occurrences.ts";
import { problemOf } from "./problem.ts";
import { VersionConflict } from "./version-conflict.ts";
import { hasWanted, overlaps } from "./write-overlap.ts";

/** A person waits for the first attempt. */
const callMs = 10_000;
/** Somebody else may keep changing the same event; after this many times it is told as a conflict. */
const maxMerges = 3;

/** A written intent, with the rows it is about. */
interface Pending {
  /** The first row of the object; the intent stands on it. */
  readonly row: CalendarEvent;
  /** What the intent changes, as we know it: the occurrence's own row, else the first. */
  readonly meant: CalendarEvent;
  readonly intent: WriteIntent;
  readonly calendar: Calendar;
  readonly integration: Integration;
}

/** What became of a first attempt. */
export interface Attempted {
  /** False when the outcome is unknown; a task has to settle it. */
  readonly isSettled: boolean;
  /** The event that the rest of a split series became. */
  readonly restId: string | null;
}

/** A version of the vendor's object that a change can be based on. */
interface Base {
  readonly etag: string | null;
  readonly raw: string | null;
}

/** Brings a stored intent to the vendor, and the outcome back. Used by the mutation at once, and by a task afterwards. */
export class VendorWrites {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly mirror: Mirror,
    private readonly occurrences: Occurrences,
    private readonly health: IntegrationHealth,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /**
   * The first attempt, while somebody waits for it.
   *
   * @throws {VersionConflict} and every definitive refusal, once it is stored that nothing happened
   */
  async attempt(tenantId: string, rowId: string): Promise<Attempted> {
    const pending = await this.load(tenantId, rowId);
    if (!pending) return { isSettled: true, restId: null };
    const signal = AbortSignal.timeout(callMs);
    try {
      const restId = await this.write(pending, signal, { isRepeated: false });
      return { isSettled: true, restId };
    } catch (error) {
      if (error === signal.reason) return { isSettled: false, restId: null };
      // A fault of ours is told as one; the intent stays, and the task tries again.
      if (!isIntegrationError(error)) throw error;
      if (error.retryable) return { isSettled: false, restId: null };
      await this.withdraw(pending, error);
      throw error;
    }
  }

  /**
   * Finishes a write whose outcome is unknown: looks what the vendor has before it repeats anything. Harmless twice.
   *
   * @throws what it failed with, when it should be tried again
   */
  async settle(tenantId: string, rowId: string, isLastAttempt: boolean, signal: AbortSignal): Promise<void> {
    const pending = await this.load(tenantId, rowId);
    if (!pending) return;
    try {
      await this.write(pending, signal, { isRepeated: true });
    } catch (error) {
      const isFinal = (isLastAttempt && !isHeldBack(error)) || (isIntegrationError(error) && !error.retryable);
      if (!isFinal || signal.aborted) throw error;
      await this.giveUp(pending, error);
    }
  }

  /** @returns the event that the rest of a split series became */
  private async write(
    pending: Pending,
    signal: AbortSignal,
    { isRepeated }: { isRepeated: boolean },
  ): Promise<string | null> {
    const { row, intent } = pending;
    const patienceMs = isRepeated ? backgroundPatienceMs : interactivePatienceMs;
    const opened = await this.accounts.openCalendars(row.tenantId, row.integrationId, signal, patienceMs);
    requireUsable(opened.integration);
    if (intent.operation === "CREATE") {
      return this.store(pending, { object: await this.create(opened, pending, isRepeated) });
    }
    if (row.externalId.startsWith(pendingPrefix)) return this.store(pending, neverArrived(intent));
    if (!isRepeated) return this.store(pending, await this.change(opened, pending, row));
    const found = await this.lookUp(opened, pending);
    if (found === null) return this.store(pending, { object: null });
    if (await this.isDone(pending, found)) return this.store(pending, await this.finished(opened, pending, found));
    const base = found.etag === row.etag ? row : await this.rebased(pending, found);
    return this.store(pending, await this.change(opened, pending, base));
  }

  private async create(
    { provider, account }: OpenCalendarAccount,
    { intent, calendar }: Pending,
    isRepeated: boolean,
  ): Promise<RemoteObject> {
    const draft = intent.body as unknown as EventDraft;
    const find = () => provider.findCreated(account, calendar.externalId, draft);
    // A creation that is several calls may have been made in part.
    const whole = async (made: RemoteObject) =>
      (await provider.finishCreate?.(account, calendar.externalId, draft, made)) ?? made;
    const earlier = isRepeated ? await find() : null;
    if (earlier) return whole(earlier);
    try {
      return await provider.createEvent(account, calendar.externalId, draft);
    } catch (error) {
      // An attempt whose answer never arrived got through after all.
      const made = isIntegrationError(error, "DUPLICATE") ? await find() : null;
      if (made) return whole(made);
      throw error;
    }
  }

  /** Changes the vendor's object. When it moved on meanwhile, what does not touch the same fields is merged. */
  private async change(opened: OpenCalendarAccount, pending: Pending, first: Base): Promise<WriteResult> {
    let base = first;
    for (let merges = 0; ; merges += 1) {
      try {
        return await this.send(opened, pending, base);
      } catch (error) {
        // One that passes by itself is not about versions.
        if (!isIntegrationError(error, "CONFLICT", "NOT_FOUND") || error.retryable) throw error;
        const found = await this.lookUp(opened, pending);
        if (found === null) return this.gone(pending);
        // The task that settles an earlier write may have been quicker.
        if (await this.isDone(pending, found)) return this.finished(opened, pending, found);
        if (merges === maxMerges) throw await this.conflict(pending, found);
        base = await this.rebased(pending, found);
      }
    }
  }

  /** An earlier attempt got through; when it was several calls, what is missing of it is done now. */
  private async finished(
    { provider, account }: OpenCalendarAccount,
    { intent, calendar, row }: Pending,
    found: RemoteObject,
  ): Promise<WriteResult> {
    if (intent.operation !== "UPDATE" || !provider.finishUpdate) return { object: found };
    const target = targetOf(row, row, intent);
    return provider.finishUpdate(account, calendar.externalId, target, intent.body as EventPatch, found);
  }

  private send(
    { provider, account }: OpenCalendarAccount,
    { intent, calendar, row }: Pending,
    base: Base,
  ): Promise<WriteResult> {
    const target = targetOf(row, base, intent);
    if (intent.operation === "DELETE") return provider.deleteEvent(account, calendar.externalId, target);
    if (intent.operation === "UPDATE") {
      return provider.updateEvent(account, calendar.externalId, target, intent.body as EventPatch);
    }
    if (!provider.respond) {
      throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${provider.name} lets no program answer an invitation`, {
        remedy: `Answer it in ${provider.name} itself; the answer is shown here after the next sync.`,
      });
    }
    const { response } = intent.body as { response: "ACCEPTED" | "DECLINED" | "TENTATIVE" };
    return provider.respond(account, calendar.externalId, target, response);
  }

  private lookUp({ provider, account }: OpenCalendarAccount, { calendar, row }: Pending): Promise<RemoteObject | null> {
    return provider.readObject(account, calendar.externalId, row.externalId);
  }

  /** Whether the vendor has what the intent wanted already: an earlier attempt got through. */
  private async isDone({ intent, calendar, integration }: Pending, found: RemoteObject): Promise<boolean> {
    if (hasWanted(intent, found, calendarProvider(integration.provider))) return true;
    const { operation, span, recurrenceId } = intent;
    const takesAway = operation === "DELETE" || (operation === "UPDATE" && span === "THIS_AND_FOLLOWING");
    return (
      takesAway && recurrenceId !== null && !(await this.occurrences.isPartOf(found, recurrenceId, calendar.timeZone))
    );
  }

  /** @throws {VersionConflict} when both sides changed the same field */
  private async rebased(pending: Pending, found: RemoteObject): Promise<Base> {
    if (overlaps(pending.intent, pending.meant, found)) throw await this.conflict(pending, found);
    return found;
  }

  private async conflict(pending: Pending, found: RemoteObject): Promise<VersionConflict> {
    await this.store(pending, { object: found }, "PROVIDER");
    return new VersionConflict(publicIdOf(pending.meant), pending.intent.body);
  }

  /** The vendor no longer has it: for a deletion that is success. */
  private async gone(pending: Pending): Promise<WriteResult> {
    if (pending.intent.operation === "DELETE") return { object: null };
    await this.store(pending, { object: null }, "PROVIDER");
    throw new IntegrationError("NOT_FOUND", "The provider no longer has this calendar event");
  }

  /**
   * The intent is fulfilled or overtaken: what the vendor has is what we show.
   *
   * @returns the event that the rest of a split series became
   */
  private async store(
    pending: Pending,
    { object, created }: WriteResult,
    actor: "USER" | "PROVIDER" = "USER",
  ): Promise<string | null> {
    const { row, calendar } = pending;
    const upserts = [object, created].flatMap((found) => (found ? [{ kind: "upserted" as const, object: found }] : []));
    const removals = object ? [] : [{ kind: "removed" as const, externalId: row.externalId }];
    const prepared = await this.mirror.prepare(calendar, [...upserts, ...removals]);
    return this.database.inTenant(row.tenantId, async (tx) => {
      const source = { kind: "WRITE", endedAt: await databaseTime(tx) } as const;
      await this.mirror.apply(tx, calendar, prepared, source, causeOf(pending, actor));
      const [head] = created ? await rowsOfObjects(tx, calendar.id, [created.externalId], []) : [];
      return head?.seriesId ?? head?.id ?? null;
    });
  }

  /** Refused while somebody waits: they are told, and everything is as it was. */
  private async withdraw(pending: Pending, error: IntegrationError): Promise<void> {
    const { row, intent } = pending;
    await this.database.inTenant(row.tenantId, async (tx) => {
      await this.believe(tx, pending, error);
      if (intent.operation === "CREATE") {
        await tx.query("DELETE FROM calendar_event WHERE id = $1 AND version = 0", [row.id]);
        await replaceOccurrences(tx, row.calendarId, [row.id], []);
      } else {
        await clearIntent(tx, row.id);
      }
    });
  }

  /** Refused when nobody waits any more: the event shows it, and the log tells it. */
  private async giveUp(pending: Pending, error: unknown): Promise<void> {
    const { row, meant, intent } = pending;
    const { code, message, remedy, ...problem } = problemOf(error);
    const syncState = isIntegrationError(error, "CONFLICT") ? "CONFLICT" : "FAILED";
    await this.database.inTenant(row.tenantId, async (tx) => {
      await this.believe(tx, pending, error);
      await tx.query(
        "UPDATE calendar_event SET intent = NULL, sync_state = $2, problem = $3, updated_at = $4 WHERE id = $1",
        [row.id, syncState, JSON.stringify({ code, message, remedy, ...problem }), this.now()],
      );
      const data = { ...calendarEventData({ ...meant, ...draftIn(intent) }), problem: { code, message, remedy } };
      const cause = causeOf(pending, "USER");
      const { integrationId } = row;
      this.log.record(tx, {
        type: "calendar_event.write_failed",
        integrationId,
        subjectId: publicIdOf(meant),
        data,
        cause,
      });
    });
  }

  /** A refused login concerns the whole integration. */
  private async believe(tx: TenantTransaction, pending: Pending, error: unknown): Promise<void> {
    if (!isIntegrationError(error, "CREDENTIALS_REJECTED", "REAUTHORIZATION_REQUIRED")) return;
    const integration = await lockIntegration(tx, pending.integration.id);
    if (integration) await this.health.failed(tx, integration, error, causeOf(pending, "PROVIDER"));
  }

  /** Null when there is nothing to bring: it was settled already, or the event is gone. */
  private load(tenantId: string, id: string): Promise<Pending | null> {
    return this.database.inTenant(tenantId, async (tx) => {
      const row = await tx.manager
        .createQueryBuilder(CalendarEvent, "event")
        .addSelect("event.raw")
        .where("event.tenantId = :tenantId AND event.id = :id AND event.deletedAt IS NULL", { tenantId, id })
        .getOne();
      if (!row?.intent) return null;
      const calendar = await tx.manager.findOneBy(Calendar, { tenantId, id: row.calendarId });
      const integration = await tx.manager.findOneBy(Integration, { tenantId, id: row.integrationId });
      if (!calendar || !integration) return null;
      const { recurrenceId } = row.intent;
      const meant = recurrenceId
        ? await tx.manager.findOneBy(CalendarEvent, {
            tenantId,
            seriesId: row.id,
            recurrenceKey: recurrenceKey(recurrenceId),
          })
        : null;
      return { row, meant: meant ?? row, intent: row.intent, calendar, integration };
    });
  }
}

function targetOf({ externalId }: CalendarEvent, { etag, raw }: Base, intent: WriteIntent): EventTarget {
  const { id: writeId, recurrenceId, span } = intent;
  return { object: { externalId, etag, raw: raw ?? "" }, recurrenceId, span, writeId };
}

async function clearIntent(tx: TenantTransaction, id: string): Promise<void> {
  await tx.query("UPDATE calendar_event SET intent = NULL, sync_state = 'SYNCED', problem = NULL WHERE id = $1", [id]);
}

function causeOf({ intent, integration }: Pending, actor: "USER" | "PROVIDER"): Cause {
  const { actorId, correlationId } = intent;
  return { actor: { kind: actor, id: actor === "USER" ? actorId : integration.provider }, correlationId };
}

/** An event whose creation failed: it can be thrown away, and nothing else. */
function neverArrived({ operation }: WriteIntent): WriteResult {
  if (operation === "DELETE") return { object: null };
  throw new IntegrationError("PREREQUISITE_MISSING", "The provider never got this calendar event", {
    remedy: "Delete it, and create it again.",
  });
}

/** What a failed write wanted the event to be. */
function draftIn({ operation, body }: WriteIntent): Partial<CalendarEvent> {
  return operation === "CREATE" || operation === "UPDATE" ? (body as Partial<CalendarEvent>) : {};
}
