import type { Calendar } from "../entities/calendar.ts";
import type { CalendarEvent } from "../entities/calendar-event.ts";
import type { Integration } from "../entities/integration.ts";
import type { JobApplication } from "../entities/job-application.ts";
import type { JobPosting } from "../entities/job-posting.ts";
import type { SyncRun } from "../entities/sync-run.ts";
import type { EventData } from "../events/catalogue.ts";
import type { Cause } from "../events/event-log.ts";
import type { Viewer } from "./viewer.ts";

/** What events say of their subjects: the snapshot at that moment. */
export function integrationData({ provider, ownership, label, status }: Integration) {
  return { provider, ownership, label, status };
}

export function calendarData({ name, writable, selected }: Calendar) {
  return { name, writable, selected };
}

export function calendarEventData(event: CalendarEvent): EventData<"calendar_event.created"> {
  return {
    calendarId: event.calendarId,
    kind: event.kind,
    uid: event.uid,
    seriesId: event.seriesId,
    title: event.title,
    description: event.description,
    location: event.location,
    status: event.status,
    transparency: event.transparency,
    classification: event.classification,
    start: { ...event.start },
    end: { ...event.end },
    recurrence: [...event.recurrence],
    attendees: event.attendees.map((attendee) => ({ ...attendee })),
    version: event.version,
  };
}

export function jobPostingData(posting: JobPosting): EventData<"job_posting.live"> {
  const { jobId, reference, route, state, jobVersion, versionSent } = posting;
  const { boardState, boardPostingId, boardUrl, closeReason, problem } = posting;
  return {
    jobId,
    reference,
    route,
    state,
    jobVersion,
    versionSent,
    boardState,
    boardPostingId,
    boardUrl,
    closeReason,
    problem: problem && { code: problem.code, message: problem.message, remedy: problem.remedy },
  };
}

/** Nothing about the person: the log is read by many, and is not forgotten on request. */
export function jobApplicationData(application: JobApplication): EventData<"job_application.received"> {
  const { jobId, jobPostingId, boardApplicationId, status, statusChangedAt } = application;
  return { jobId, jobPostingId, boardApplicationId, status, statusChangedAt: statusChangedAt.toISOString() };
}

export function syncRunData({ trigger, full, attempts }: SyncRun) {
  return { trigger, full, attempts };
}

export function syncCountsData(run: SyncRun) {
  const { created, updated, deleted, skippedTotal: skipped } = run;
  return { ...syncRunData(run), created, updated, deleted, skipped };
}

/** Something a person did through this service. */
export function causedBy(viewer: Viewer, correlationId: string): Cause {
  return { actor: { kind: "USER", id: viewer.userId }, correlationId };
}

/**
 * Something that happened at the vendor and was noticed here.
 *
 * @param causationId the message or sync run that it was noticed by
 */
export function causedByProvider(provider: string, correlationId: string, causationId: string | null = null): Cause {
  return { actor: { kind: "PROVIDER", id: provider }, correlationId, causationId };
}
