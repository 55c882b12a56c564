import { IsNull } from "typeorm";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Calendar } from "../entities/calendar.ts";
import { CalendarEvent, type StoredTime, type WriteIntent } from "../entities/calendar-event.ts";
import { Integration } from "../entities/integration.ts";
import { toJsonb } from "../entities/jsonb.ts";
import { IntegrationError } from "../errors.ts";
import type { Cause } from "../events/event-log.ts";
import type { CalendarProvider, EventDraft, EventPatch, Span } from "../providers/calendar/provider.ts";
import { calendarProvider } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import { recurrenceKey } from "../recurrence/instant.ts";
import { requireUsable } from "./accounts.ts";
import { type CalendarEventView, parsePublicId } from "./calendar-event-view.ts";
import { type CalendarEvents, visibleEvents } from "./calendar-events.ts";
import { visibleCalendars } from "./calendars.ts";
import { checkCapabilities, checkFields, inInput, type WritableFields } from "./event-input.ts";
import { notFound, requireChangeable } from "./found-integration.ts";
import { isId, newId } from "./id.ts";
import type { Idempotency } from "./idempotency.ts";
import { pendingPrefix, saveRows } from "./mirror-sql.ts";
import { type Occurrences, replaceOccurrences } from "./occurrences.ts";
import type { Syncs } from "./syncs.ts";
import type { VendorWrites } from "./vendor-writes.ts";
import { VersionConflict } from "./version-conflict.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** Which event is meant, and how much of its series. */
export interface EventReference {
  readonly id: string;
  /** What the caller based the change on; null takes whatever is there. */
  readonly expectedVersion: number | null;
  /** Null means THIS for an occurrence, ALL for everything else. */
  readonly span: Span | null;
}

type Intention = Pick<WriteIntent, "operation" | "body">;

/** A crash between the vendor's answer and ours is found by a task after this long. */
const settleAfterMs = 60 * 1000;
/** When the vendor did not answer, it is looked at again this soon. */
const settleSoonMs = 5 * 1000;

/**
 * Writing calendar events: first the intent is stored, then the vendor is asked, then the outcome is stored.
 * Whatever happens in between, the intent is there and a task finishes it.
 */
export class CalendarWrites {
  constructor(
    private readonly database: Database,
    private readonly vendor: VendorWrites,
    private readonly events: CalendarEvents,
    private readonly occurrences: Occurrences,
    private readonly queue: Queue,
    private readonly idempotency: Idempotency,
    private readonly syncs: Pick<Syncs, "noteActivity">,
    private readonly now: () => Date,
  ) {}

  /**
   * Creates an event at the vendor. When the vendor does not answer in time it is PENDING, and a task finishes it.
   *
   * @throws {IntegrationError} NOT_FOUND, FORBIDDEN, INVALID_INPUT, PROVIDER_REFUSED …
   */
  async create(
    viewer: Viewer,
    calendarId: string,
    fields: WritableFields,
    { conference, idempotencyKey }: { conference: boolean; idempotencyKey: string | null },
    cause: Cause,
  ): Promise<CalendarEventView> {
    requireScope(viewer, "calendar:write");
    checkFields(fields);
    const call = { mutation: "createCalendarEvent", key: idempotencyKey, input: { calendarId, fields, conference } };
    const id = await this.idempotency.once(viewer, call, async (rowId) => {
      const { calendar, provider } = await this.database.inTenant(viewer.tenantId, (tx) =>
        writableCalendar(tx, viewer, calendarId),
      );
      checkCapabilities(provider, { ...fields, conference });
      const draft = { ...fields, conference, uid: rowId, creationId: rowId };
      const row = this.pendingRow(viewer, calendar, draft, cause);
      const happenings = await this.occurrences.ofSeriesOrSingle(row, calendar.timeZone);
      await this.database.inTenant(viewer.tenantId, async (tx) => {
        // Stored by this very call before it crashed.
        if (await tx.manager.existsBy(CalendarEvent, { tenantId: viewer.tenantId, id: rowId })) return;
        await saveRows(tx, [row]);
        await replaceOccurrences(tx, calendar.id, [rowId], happenings);
        await this.settleLater(tx, rowId, settleAfterMs);
        await this.syncs.noteActivity(tx, [calendar.integrationId]);
      });
      await this.bring(viewer, rowId);
      return rowId;
    });
    return this.read(viewer, id);
  }

  /**
   * Changes what the patch names, at the vendor and here.
   *
   * @throws {VersionConflict} and NOT_FOUND, FORBIDDEN, INVALID_INPUT, UNSUPPORTED_CAPABILITY, PROVIDER_REFUSED …
   */
  async update(viewer: Viewer, reference: EventReference, patch: EventPatch, cause: Cause): Promise<CalendarEventView> {
    const { before, restId } = await this.change(viewer, reference, { operation: "UPDATE", body: { ...patch } }, cause);
    // A series that was split or moved has another occurrence in the place of the one that was meant.
    const same = restId === null ? await this.find(viewer, before.id) : undefined;
    return same ?? this.firstOf(viewer, restId ?? before.seriesId ?? before.id);
  }

  /** Deletes it, at the vendor and here. @returns the event as it was */
  async delete(viewer: Viewer, reference: EventReference, cause: Cause): Promise<CalendarEventView> {
    return (await this.change(viewer, reference, { operation: "DELETE", body: {} }, cause)).before;
  }

  /** Answers an invitation. @throws {IntegrationError} UNSUPPORTED_CAPABILITY, PREREQUISITE_MISSING … */
  async respond(
    viewer: Viewer,
    reference: EventReference,
    response: "ACCEPTED" | "DECLINED" | "TENTATIVE",
    cause: Cause,
  ): Promise<CalendarEventView> {
    await this.change(viewer, reference, { operation: "RESPOND", body: { response } }, cause);
    return this.read(viewer, reference.id);
  }

  /** @returns the event as it was before, and what the rest of its series became when that was split */
  private async change(
    viewer: Viewer,
    reference: EventReference,
    intention: Intention,
    cause: Cause,
  ): Promise<{ before: CalendarEventView; restId: string | null }> {
    requireScope(viewer, "calendar:write");
    const before = (await this.events.byIds(viewer, [reference.id])).get(reference.id);
    if (!before) throw notFound();
    if (reference.expectedVersion !== null && reference.expectedVersion !== before.version) {
      throw new VersionConflict(before.id, intention.body);
    }
    const { recurrenceId, span } = meantBy(before, reference.span);
    if (intention.operation === "UPDATE") checkPatch(before, span, intention.body);
    const rowId = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const { row, provider } = await this.headRow(tx, viewer, before);
      if (intention.operation === "UPDATE") checkCapabilities(provider, intention.body);
      if (reference.expectedVersion !== null && reference.expectedVersion !== (await versionOf(tx, row, before))) {
        throw new VersionConflict(before.id, intention.body);
      }
      const about = { recurrenceId, span, actorId: viewer.userId, correlationId: cause.correlationId };
      const intent: WriteIntent = { id: newId(this.now()), ...intention, ...about };
      await tx.query("UPDATE calendar_event SET intent = $2, sync_state = 'PENDING', problem = NULL WHERE id = $1", [
        row.id,
        toJsonb(intent),
      ]);
      await this.settleLater(tx, row.id, settleAfterMs);
      await this.syncs.noteActivity(tx, [row.integrationId]);
      return row.id;
    });
    return { before, restId: await this.bring(viewer, rowId) };
  }

  /** The first row of the event's object, locked: one write at a time. */
  private async headRow(
    tx: TenantTransaction,
    viewer: Viewer,
    { seriesId, ...event }: CalendarEventView,
  ): Promise<{ row: CalendarEvent; provider: CalendarProvider }> {
    const rowId = seriesId ?? event.id;
    const row = await visibleEvents(tx, viewer)
      .andWhere("event.id = :rowId", { rowId })
      .setLock("pessimistic_write", undefined, ["event"])
      .getOne();
    if (!row) throw notFound();
    const { provider } = await writableCalendar(tx, viewer, row.calendarId);
    if (row.intent) {
      throw new IntegrationError("CONFLICT", "Another change of this event is still on its way to the provider", {
        retryable: true,
        retryAfterMs: settleSoonMs,
        remedy: "Try again in a moment.",
      });
    }
    return { row, provider };
  }

  /** Asks the vendor now; when it does not answer, a task asks soon. */
  private async bring(viewer: Viewer, rowId: string): Promise<string | null> {
    const { isSettled, restId } = await this.vendor.attempt(viewer.tenantId, rowId).catch((error: unknown) => {
      throw inInput(error);
    });
    if (!isSettled) {
      await this.database.inTenant(viewer.tenantId, (tx) => this.settleLater(tx, rowId, settleSoonMs));
    }
    return restId;
  }

  private settleLater(tx: TenantTransaction, calendarEventId: string, delayMs: number): Promise<void> {
    const startAt = new Date(this.now().getTime() + delayMs);
    const payload = { tenantId: tx.tenantId, calendarEventId };
    return this.queue.enqueue(tx, "settle-calendar-write", payload, { key: calendarEventId, startAt });
  }

  private async read(viewer: Viewer, id: string): Promise<CalendarEventView> {
    const view = await this.find(viewer, id);
    if (!view) throw notFound();
    return view;
  }

  private async find(viewer: Viewer, id: string): Promise<CalendarEventView | undefined> {
    const reader = { ...viewer, scopes: new Set([...viewer.scopes, "calendar:read"]) };
    return (await this.events.byIds(reader, [id])).get(id);
  }

  /** The first occurrence of a series, or the event itself when it is none. */
  private async firstOf(viewer: Viewer, id: string): Promise<CalendarEventView> {
    const view = await this.read(viewer, id);
    return (view.kind === "SERIES" && (await this.find(viewer, `${id}_${recurrenceKey(view.start)}`))) || view;
  }

  private pendingRow(viewer: Viewer, calendar: Calendar, draft: EventDraft, cause: Cause): CalendarEvent {
    const now = this.now();
    const { creationId, conference: _, ...fields } = draft;
    const intent: WriteIntent = {
      id: creationId,
      operation: "CREATE",
      body: { ...draft },
      recurrenceId: null,
      span: "ALL",
      actorId: viewer.userId,
      correlationId: cause.correlationId,
    };
    return Object.assign(new CalendarEvent(), {
      ...fields,
      tenantId: viewer.tenantId,
      id: creationId,
      integrationId: calendar.integrationId,
      calendarId: calendar.id,
      externalId: `${pendingPrefix}${creationId}`,
      kind: draft.recurrence.length > 0 ? ("SERIES" as const) : ("SINGLE" as const),
      seriesId: null,
      recurrenceKey: "",
      etag: null,
      raw: null,
      conferenceUrl: null,
      organizer: null,
      sequence: 0,
      version: 0,
      syncState: "PENDING" as const,
      intent,
      writtenAt: null,
      problem: null,
      deletedAt: null,
      createdAt: now,
      updatedAt: now,
    });
  }
}

/** @throws {IntegrationError} NOT_FOUND, FORBIDDEN, REAUTHORIZATION_REQUIRED */
async function writableCalendar(
  tx: TenantTransaction,
  viewer: Viewer,
  id: string,
): Promise<{ calendar: Calendar; provider: CalendarProvider }> {
  const calendar = isId(id) ? await visibleCalendars(tx, viewer).andWhere("calendar.id = :id", { id }).getOne() : null;
  if (!calendar) throw notFound();
  const integration = await tx.manager.findOneByOrFail(Integration, {
    tenantId: viewer.tenantId,
    id: calendar.integrationId,
  });
  requireChangeable(viewer, integration);
  if (integration.status === "DISCONNECTED") throw notFound();
  requireUsable(integration);
  if (!calendar.writable) {
    throw new IntegrationError("FORBIDDEN", `The calendar ${calendar.name} is read-only`, {
      remedy: "Choose a calendar whose `writable` is true.",
    });
  }
  return { calendar, provider: calendarProvider(integration.provider) };
}

/** Which occurrence a change means, and how much of the series. */
function meantBy(event: CalendarEventView, span: Span | null): { recurrenceId: StoredTime | null; span: Span } {
  if (event.kind !== "OCCURRENCE") {
    if (span === null || span === "ALL" || event.kind === "SINGLE") return { recurrenceId: null, span: "ALL" };
    throw invalidSpan(`${span} needs the id of an occurrence, not of the series`);
  }
  return span === "ALL" && event.seriesId !== null
    ? { recurrenceId: null, span: "ALL" }
    : { recurrenceId: event.recurrenceId, span: span ?? "THIS" };
}

function checkPatch(before: CalendarEventView, span: Span, patch: EventPatch): void {
  if (Object.keys(patch).length === 0) {
    throw new IntegrationError("INVALID_INPUT", "There is nothing to change", { field: ["input"] });
  }
  if (before.kind === "OCCURRENCE" && span === "ALL" && (patch.start || patch.end || patch.recurrence)) {
    throw invalidSpan("To move a whole series or change its rule, use the id of the series");
  }
  if (before.kind === "OCCURRENCE" && span === "THIS" && patch.recurrence) {
    throw invalidSpan("One occurrence has no rule of its own");
  }
  // A start that moves alone takes the end along.
  const start = patch.start ?? before.start;
  checkFields({ ...patch, ...(patch.end || patch.recurrence ? { start } : {}) });
}

/** Of what the change is about: the occurrence's own row, else the first one of its object. */
async function versionOf(tx: TenantTransaction, head: CalendarEvent, { id }: CalendarEventView): Promise<number> {
  const key = parsePublicId(id)?.recurrenceKey ?? "";
  const own = { tenantId: tx.tenantId, seriesId: head.id, recurrenceKey: key, deletedAt: IsNull() };
  return (key === "" ? null : await tx.manager.findOneBy(CalendarEvent, own))?.version ?? head.version;
}

function invalidSpan(message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message, { field: ["input", "span"] });
}
