import * as z from "zod";

/** Which rows an event is about; decides the scope a reader needs. */
export const subjectTypes = [
  ...(["Integration", "Calendar", "CalendarEvent", "SyncRun"] as const),
  ...(["JobPosting", "JobApplication", "WebhookEndpoint"] as const),
] as const;
export type SubjectType = (typeof subjectTypes)[number];

interface EventKind {
  readonly description: string;
  readonly subject: SubjectType | null;
  readonly dataVersion: number;
  readonly data: z.ZodType<Record<string, unknown>>;
}

const problem = z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() });
const integration = z.object({
  provider: z.string(),
  ownership: z.string(),
  label: z.string().nullable(),
  status: z.string(),
});
const calendar = z.object({ name: z.string(), writable: z.boolean(), selected: z.boolean() });
const time = z.record(z.string(), z.unknown());
const calendarEvent = z.object({
  calendarId: z.string(),
  kind: z.string(),
  uid: z.string(),
  seriesId: z.string().nullable(),
  /** Null where the reader may know when it is, and not what. */
  title: z.string().nullable(),
  description: z.string().nullable(),
  location: z.string().nullable(),
  status: z.string(),
  transparency: z.string(),
  classification: z.string(),
  start: time,
  end: time,
  recurrence: z.array(z.string()),
  attendees: z.array(z.record(z.string(), z.unknown())),
  version: z.number(),
});
const jobPosting = z.object({
  jobId: z.string(),
  reference: z.string(),
  route: z.string(),
  state: z.string(),
  jobVersion: z.number(),
  versionSent: z.number().nullable(),
  boardState: z.string().nullable(),
  boardPostingId: z.string().nullable(),
  boardUrl: z.string().nullable(),
  closeReason: z.string().nullable(),
  problem: problem.nullable(),
});
const jobApplication = z.object({
  jobId: z.string(),
  jobPostingId: z.string(),
  boardApplicationId: z.string(),
  status: z.string(),
  statusChangedAt: z.string(),
});
const webhookEndpoint = z.object({
  /** Its address may hold a secret; the host does not. */
  host: z.string(),
  description: z.string().nullable(),
  state: z.string(),
  failingSince: z.string().nullable(),
});
const syncRun = z.object({ trigger: z.string(), full: z.boolean(), attempts: z.number() });
const syncCounts = syncRun.extend({
  created: z.number(),
  updated: z.number(),
  deleted: z.number(),
  skipped: z.number(),
});

/** Every event this service records. Noun first, past tense; never renamed once released. */
export const eventCatalogue = {
  "integration.connected": kind("Integration", "An account was connected, or connected again.", integration),
  "integration.connection_failed": kind(
    "Integration",
    "A person came back from the consent page, and the account could not be connected.",
    integration.extend({ problem }),
  ),
  "integration.updated": kind("Integration", "Its label, visibility, schedule or calendars were changed.", integration),
  "integration.degraded": kind(
    "Integration",
    "Syncs keep failing; it is tried again by itself.",
    integration.extend({ problem }),
  ),
  "integration.recovered": kind("Integration", "Syncs succeed again.", integration),
  "integration.reauthorization_required": kind(
    "Integration",
    "The provider refuses the credentials; a person has to connect again.",
    integration.extend({ problem }),
  ),
  "integration.disconnected": kind("Integration", "Its credentials were destroyed and its tasks stopped.", integration),
  "calendar.added": kind("Calendar", "The account has a calendar that was not there before.", calendar),
  "calendar.updated": kind("Calendar", "A calendar's name, rights or zone changed.", calendar),
  "calendar.removed": kind("Calendar", "The account no longer has this calendar.", calendar),
  "calendar_event.created": kind("CalendarEvent", "A calendar event appeared, made here or there.", calendarEvent),
  "calendar_event.updated": kind("CalendarEvent", "A calendar event changed, here or there.", calendarEvent),
  "calendar_event.deleted": kind("CalendarEvent", "A calendar event is gone, here or there.", calendarEvent),
  "calendar_event.write_failed": kind(
    "CalendarEvent",
    "A write that was accepted here could not be brought to the provider.",
    calendarEvent.extend({ problem }),
  ),
  "sync.started": kind(
    "SyncRun",
    "Reading an integration began. Nothing is said of a turn of the schedule that finds nothing to read.",
    syncRun,
  ),
  "sync.finished": kind(
    "SyncRun",
    "Everything the provider has is stored; of a job board, everything that can be asked for was.",
    syncCounts,
  ),
  "sync.drift_found": kind(
    "SyncRun",
    "Comparing everything found calendar events that differed although no reading had told of them. They are put right.",
    syncCounts.extend({ differences: z.number() }),
  ),
  "sync.failed": kind(
    "SyncRun",
    "Reading an integration failed; what was stored until then stays.",
    syncCounts.extend({ problem }),
  ),
  "sync.cancelled": kind("SyncRun", "Reading an integration was stopped on request.", syncCounts),
  "job_posting.approval_requested": kind("JobPosting", "Somebody has to approve it before it is sent.", jobPosting),
  "job_posting.approved": kind("JobPosting", "Somebody approved what it costs.", jobPosting),
  "job_posting.approval_refused": kind(
    "JobPosting",
    "Somebody did not approve it. What the board has stays.",
    jobPosting,
  ),
  "job_posting.queued": kind("JobPosting", "It is to be posted, and is on its way to the board.", jobPosting),
  "job_posting.manual_action_required": kind(
    "JobPosting",
    "Somebody has to act at the board, and to confirm it: what to do is its `manualTask`.",
    jobPosting,
  ),
  "job_posting.renewal_due": kind(
    "JobPosting",
    "The board is going to prolong it by itself, and to charge for it, unless somebody closes it before.",
    jobPosting,
  ),
  "job_posting.submitted": kind("JobPosting", "The board has it, and has not said yet what becomes of it.", jobPosting),
  "job_posting.in_review": kind("JobPosting", "The board looks at it before candidates see it.", jobPosting),
  "job_posting.live": kind("JobPosting", "Candidates see it.", jobPosting),
  "job_posting.limited": kind("JobPosting", "Candidates see it, with restrictions of the board.", jobPosting),
  "job_posting.updated": kind("JobPosting", "The board has taken a change of the job.", jobPosting),
  "job_posting.update_refused": kind("JobPosting", "The board did not take a change; it stays as it was.", jobPosting),
  "job_posting.rejected": kind("JobPosting", "The board refused it, or took it off again.", jobPosting),
  "job_posting.expired": kind("JobPosting", "Its time at the board has run out.", jobPosting),
  "job_posting.closed": kind("JobPosting", "It is off the board.", jobPosting),
  "job_posting.failed": kind("JobPosting", "It could not be brought to the board, after many attempts.", jobPosting),
  "job_application.received": kind("JobApplication", "Somebody applied at the board.", jobApplication),
  "job_application.status_changed": kind(
    "JobApplication",
    "It went a step further; its board is told, where the board has a word for it.",
    jobApplication,
  ),
  "job_application.status_refused": kind(
    "JobApplication",
    "The board did not take what it was told of it.",
    jobApplication.extend({ problem }),
  ),
  "job_application.file_downloaded": kind(
    "JobApplication",
    "Somebody downloaded a file of it.",
    jobApplication.extend({ fileId: z.string(), kind: z.string() }),
  ),
  "webhook_endpoint.created": kind("WebhookEndpoint", "Events are sent to a further URL from now on.", webhookEndpoint),
  "webhook_endpoint.updated": kind("WebhookEndpoint", "What is sent to it, or how, was changed.", webhookEndpoint),
  "webhook_endpoint.secret_rotated": kind(
    "WebhookEndpoint",
    "It has a new signing secret; for a while the one before signs as well.",
    webhookEndpoint,
  ),
  "webhook_endpoint.failing": kind(
    "WebhookEndpoint",
    "A warning: nothing has arrived there for an hour, a day, or three days. After five days nothing is sent any more.",
    webhookEndpoint.extend({ problem }),
  ),
  "webhook_endpoint.recovered": kind("WebhookEndpoint", "What is sent arrives again.", webhookEndpoint),
  "webhook_endpoint.disabled": kind(
    "WebhookEndpoint",
    "Nothing is sent there any more: it has failed for five days, or said that it is gone.",
    webhookEndpoint.extend({ problem }),
  ),
  "webhook_endpoint.deleted": kind(
    "WebhookEndpoint",
    "It is gone, with everything that was still to be sent.",
    webhookEndpoint,
  ),
  "stream.gap": kind(
    null,
    "Never stored: tells a reader that events before `resumeAfter` are past their retention.",
    z.object({ lostFrom: z.string(), resumeAfter: z.string() }),
  ),
} as const satisfies Record<string, EventKind>;

export type EventType = keyof typeof eventCatalogue;
export type RecordedEventType = Exclude<EventType, "stream.gap">;
export type EventData<T extends EventType> = z.infer<(typeof eventCatalogue)[T]["data"]>;
export const eventTypes = Object.keys(eventCatalogue) as EventType[];

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(eventCatalogue, text);
}

/** What an event's type says it is about; null for a type this version no longer knows. */
export function subjectTypeOf(type: string): SubjectType | null {
  return isEventType(type) ? eventCatalogue[type].subject : null;
}

function kind<S extends SubjectType | null, D extends z.ZodType<Record<string, unknown>>>(
  subject: S,
  description: string,
  data: D,
): { subject: S; description: string; data: D; dataVersion: number } {
  return { subject, description, data, dataVersion: 1 };
}
