import { randomUUID } from "node:crypto";
import { Calendar } from "../../src/entities/calendar.ts";
import { CalendarEvent, type StoredTime } from "../../src/entities/calendar-event.ts";
import { CalendarOccurrence } from "../../src/entities/calendar-occurrence.ts";
import { InboundDelivery } from "../../src/entities/inbound-delivery.ts";
import { Integration } from "../../src/entities/integration.ts";
import { SyncRun } from "../../src/entities/sync-run.ts";
import { WebhookDelivery } from "../../src/entities/webhook-delivery.ts";
import { WebhookEndpoint } from "../../src/entities/webhook-endpoint.ts";
import { subjectTypes } from "../../src/events/catalogue.ts";
import type { Cause, EventDraft } from "../../src/events/event-log.ts";
import type { Vault } from "../../src/security/vault.ts";
import { newSigningSecret, sealSecrets } from "../../src/services/endpoint-secrets.ts";
import { newId } from "../../src/services/id.ts";
import { scopes, type Viewer } from "../../src/services/viewer.ts";

const someTime = new Date("2026-11-01T09:00:00Z");

/** Somebody with every scope but the administrator's. */
export function aViewer(changes: Partial<Omit<Viewer, "scopes">> & { scopes?: readonly string[] } = {}): Viewer {
  const usual = scopes.filter((scope) => scope !== "tenant:admin");
  return { tenantId: "acme", userId: "ada", ...changes, scopes: new Set(changes.scopes ?? usual) };
}

/** A calendar account of Ada's at Acme, live; its owner is null when it is the tenant's. */
export function anIntegration(changes: Partial<Integration> = {}): Integration {
  return Object.assign(new Integration(), {
    tenantId: "acme",
    id: newId(new Date()),
    provider: "CALDAV",
    ownership: "USER",
    ownerId: changes.ownership === "TENANT" ? null : "ada",
    visibility: "BUSY",
    label: null,
    accountId: randomUUID(),
    accountName: "ada@example.com",
    simulated: false,
    settings: {},
    status: "ACTIVE",
    problem: null,
    problemSince: null,
    defaultCalendarId: null,
    syncIntervalSeconds: null,
    activeAt: null,
    consecutiveFailures: 0,
    lastSyncedAt: null,
    lastComparedAt: null,
    drift: null,
    nextSyncAt: null,
    disconnectedAt: null,
    createdAt: someTime,
    updatedAt: someTime,
    ...changes,
  });
}

export function aCalendar({ tenantId, id: integrationId }: Integration, changes: Partial<Calendar> = {}): Calendar {
  return Object.assign(new Calendar(), {
    tenantId,
    id: newId(new Date()),
    integrationId,
    externalId: `/calendars/${randomUUID()}/`,
    name: "Work",
    writable: true,
    primary: true,
    selected: true,
    timeZone: "Europe/Berlin",
    color: null,
    syncCursor: null,
    lastSyncedAt: null,
    removedAt: null,
    createdAt: someTime,
    updatedAt: someTime,
    ...changes,
  });
}

/** An interview on 1 December 2026 from ten to a quarter to eleven in Berlin. */
export function aCalendarEvent(
  { tenantId, integrationId, id: calendarId }: Calendar,
  changes: Partial<CalendarEvent> = {},
): CalendarEvent {
  return Object.assign(new CalendarEvent(), {
    tenantId,
    id: newId(new Date()),
    integrationId,
    calendarId,
    externalId: `${randomUUID()}.ics`,
    uid: randomUUID(),
    kind: "SINGLE",
    seriesId: null,
    recurrenceKey: "",
    etag: '"1"',
    raw: null,
    title: "Interview",
    description: null,
    location: null,
    conferenceUrl: null,
    reminders: null,
    status: "CONFIRMED",
    transparency: "OPAQUE",
    classification: "PUBLIC",
    organizer: null,
    attendees: [],
    start: inBerlin("2026-12-01T10:00:00"),
    end: inBerlin("2026-12-01T10:45:00"),
    recurrence: [],
    sequence: 0,
    version: 1,
    syncState: "SYNCED",
    intent: null,
    writtenAt: null,
    problem: null,
    deletedAt: null,
    createdAt: someTime,
    updatedAt: someTime,
    ...changes,
  });
}

/** When an event happens that happens once. */
export function anOccurrence(
  { tenantId, id, calendarId, start, end }: CalendarEvent,
  changes: Partial<CalendarOccurrence> = {},
): CalendarOccurrence {
  return Object.assign(new CalendarOccurrence(), {
    tenantId,
    eventId: id,
    recurrenceKey: "",
    detailId: id,
    calendarId,
    startAt: new Date("2026-12-01T09:00:00Z"),
    endAt: new Date("2026-12-01T09:45:00Z"),
    long: false,
    start,
    end,
    ...changes,
  });
}

/** A message of a vendor that was proved, and asked for nothing. */
export function anInboundDelivery(
  { tenantId, id: integrationId, provider }: Integration,
  changes: Partial<InboundDelivery> = {},
): InboundDelivery {
  return Object.assign(new InboundDelivery(), {
    tenantId,
    id: newId(changes.receivedAt ?? someTime),
    provider,
    integrationId,
    channelId: null,
    says: null,
    externalId: null,
    headers: { "user-agent": "Vendor/1" },
    verified: true,
    unprovedHour: null,
    sealed: null,
    size: 2,
    keyId: null,
    state: "IGNORED",
    problem: null,
    syncRunId: null,
    jobPostingId: null,
    jobApplicationId: null,
    correlationId: randomUUID(),
    receipts: 1,
    receivedAt: someTime,
    ...changes,
  });
}

export function aSyncRun({ tenantId, id: integrationId }: Integration, changes: Partial<SyncRun> = {}): SyncRun {
  return Object.assign(new SyncRun(), {
    tenantId,
    id: newId(new Date()),
    integrationId,
    calendarId: null,
    trigger: "MANUAL",
    requestedBy: null,
    full: false,
    state: "SUCCEEDED",
    cancelRequested: false,
    announced: true,
    attempts: 1,
    calendarsTotal: 1,
    calendarsDone: 1,
    created: 0,
    updated: 0,
    deleted: 0,
    skipped: [],
    skippedTotal: 0,
    drift: null,
    lagMs: null,
    problem: null,
    correlationId: randomUUID(),
    causationId: null,
    queuedAt: someTime,
    startedAt: someTime,
    finishedAt: someTime,
    ...changes,
  });
}

export function aCause(changes: Partial<Cause> = {}): Cause {
  return { actor: { kind: "USER", id: "ada" }, correlationId: randomUUID(), ...changes };
}

/** That an integration's label or calendars changed; the least there is to say of one. */
export function anUpdate(
  { id, provider, ownership, label, status }: Integration,
  changes: Partial<EventDraft<"integration.updated">> = {},
): EventDraft<"integration.updated"> {
  return {
    type: "integration.updated",
    integrationId: id,
    subjectId: id,
    data: { provider, ownership, label, status },
    cause: aCause(),
    ...changes,
  };
}

/** A wall clock in Berlin. */
export function inBerlin(local: string): StoredTime {
  return { kind: "zoned", local, timeZone: "Europe/Berlin" };
}

/** A customer's URL that nothing has been sent to, which gets everything. */
export function aWebhookEndpoint(
  tenantId: string,
  vault: Vault,
  changes: Partial<WebhookEndpoint> = {},
): WebhookEndpoint {
  const endpoint = Object.assign(new WebhookEndpoint(), {
    ...{ tenantId, id: newId(new Date()), url: "https://receiver.example/hooks", description: null },
    ...{ eventTypes: null, integrationIds: null, subjectTypes, ordered: false, maxPerSecond: null },
    ...{ includePrivate: false, headerNames: [], formerSecretUntil: null, state: "ENABLED", position: "0" },
    ...{
      beganAfter: "0",
      away: false,
      turnId: null,
      turnUntil: null,
      failures: 0,
      slow: false,
      warnings: 0,
      failingSince: null,
      heldUntil: null,
      problem: null,
    },
    ...{ disabledAt: null, lastDeliveredAt: null, createdBy: "ana", createdAt: someTime, updatedAt: someTime },
    ...changes,
  });
  const secrets = { signing: [{ secret: newSigningSecret(), until: null }], headers: {} };
  return Object.assign(endpoint, sealSecrets(vault, endpoint, secrets));
}

/** An event that has arrived there. */
export function aWebhookDelivery(
  { tenantId, id: endpointId }: WebhookEndpoint,
  changes: Partial<WebhookDelivery> = {},
): WebhookDelivery {
  return Object.assign(new WebhookDelivery(), {
    ...{ tenantId, id: newId(new Date()), endpointId, eventId: newId(new Date()), eventType: "integration.updated" },
    ...{
      position: "1",
      correlationId: newId(new Date()),
      trigger: "LOG",
      replayId: null,
      message: null,
      state: "DELIVERED",
    },
    ...{ attempts: 1, tries: 1, triedSince: someTime, dueAt: null, deliveredAt: someTime, problem: null },
    createdAt: someTime,
    ...changes,
  });
}
