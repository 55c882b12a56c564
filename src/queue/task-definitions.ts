import * as z from "zod";

const tenantId = z.string();
const id = z.uuid();

/**
 * Every kind of background work: what its payload looks like, and how many of one key may wait or run.
 *
 * - `one-running`: any number may wait, one of a key runs at a time.
 * - `one-waiting`: one of a key waits; a further one is dropped, since it would do the same.
 * - `in-turn`: both: one of a key waits, and one runs.
 *
 * A payload holds ids, not data: a task reads what is true when it runs.
 */
export const taskDefinitions = {
  /** Asks for the next scheduled sync of an integration, and for itself again. Key: integration. */
  "schedule-sync": { payload: z.object({ tenantId, integrationId: id }), policy: "one-waiting" },
  /** Reads an integration. Key: integration. */
  "run-sync": { payload: z.object({ tenantId, integrationId: id, syncRunId: id }), policy: "one-running" },
  /** Asks for the nightly comparison of an integration, and for itself again. Key: integration. */
  reconcile: { payload: z.object({ tenantId, integrationId: id }), policy: "one-waiting" },
  /** Finishes a write whose outcome is unknown. Key: calendar event. */
  "settle-calendar-write": { payload: z.object({ tenantId, calendarEventId: id }), policy: "one-running" },
  /** Brings a job posting to where it is wanted, and looks how it stands. Key: job posting. */
  "bring-job-posting": { payload: z.object({ tenantId, jobPostingId: id }), policy: "one-running" },
  /** Mails all open jobs of an account to a board that takes them so. Key: integration. */
  "send-job-batch": { payload: z.object({ tenantId, integrationId: id }), policy: "in-turn" },
  /** Makes an application of a stored message. Key: inbound delivery. */
  "take-application": { payload: z.object({ tenantId, inboundDeliveryId: id }), policy: "one-waiting" },
  /** Fetches a file of an application that is still at its board. Key: file. */
  "fetch-application-file": { payload: z.object({ tenantId, applicationFileId: id }), policy: "one-waiting" },
  /** Tells a board what became of its applications, in order. Key: integration. */
  "tell-board": { payload: z.object({ tenantId, integrationId: id }), policy: "in-turn" },
  /** Sees to it that webhook endpoints of a tenant get what has been added to its log. Key: tenant. */
  "follow-log": { payload: z.object({ tenantId }), policy: "in-turn" },
  /** Looks for tenants whose webhook endpoints lag behind their log, and asks for itself again. */
  "follow-logs": { payload: z.object({}), policy: "one-waiting" },
  /** Sends events to a webhook endpoint. Key: webhook endpoint. */
  "deliver-webhooks": { payload: z.object({ tenantId, webhookEndpointId: id }), policy: "in-turn" },
  /** The same for one that is slow, or where nothing arrives. Key: webhook endpoint. */
  "retry-webhooks": { payload: z.object({ tenantId, webhookEndpointId: id }), policy: "in-turn" },
  /** Goes on with a replay of events to a webhook endpoint. Key: replay. */
  "replay-webhooks": {
    payload: z.object({
      ...{ tenantId, webhookEndpointId: id, replayId: id },
      /** Positions in the log, as text: after the one, up to and with the other. */
      ...{ after: z.string(), until: z.string() },
      /** From the one time on, before the other. */
      ...{ occurredFrom: z.string().nullable(), occurredTo: z.string().nullable() },
      missedOnly: z.boolean(),
    }),
    policy: "one-waiting",
  },
  /** Moves the stored window of an integration's series forward. Key: integration. */
  "extend-occurrences": { payload: z.object({ tenantId, integrationId: id }), policy: "one-waiting" },
  /** Tells the vendor that an integration was disconnected, when whoever did it died. Key: integration. */
  "finish-disconnect": { payload: z.object({ tenantId, integrationId: id }), policy: "one-waiting" },
  /** Asks a vendor once whether a person has let us in, and for itself again. Key: flow. */
  "poll-login": { payload: z.object({ tenantId, flowId: id }), policy: "one-waiting" },
  /** Opens, replaces and ends the channels by which a vendor tells of changes. Key: integration. */
  "keep-push-channels": { payload: z.object({ tenantId, integrationId: id }), policy: "one-waiting" },
  /** Renews a grant that nobody has used for days. Key: integration. */
  "keep-grant-alive": { payload: z.object({ tenantId, integrationId: id }), policy: "one-waiting" },
  /** Removes the mirrored data of a disconnected integration. Key: integration. */
  "purge-integration": { payload: z.object({ tenantId, integrationId: id }), policy: "one-waiting" },
  /** Removes what is past its retention in one tenant, and restarts schedules that were lost. Key: tenant. */
  "keep-house": { payload: z.object({ tenantId }), policy: "one-waiting" },
  /** Starts `keep-house` for every tenant, once a day. */
  "keep-houses": { payload: z.object({}), policy: "one-waiting" },
} as const satisfies Record<string, { payload: z.ZodType; policy: "one-waiting" | "one-running" | "in-turn" }>;

export type TaskName = keyof typeof taskDefinitions;
export type TaskPayload<N extends TaskName> = z.infer<(typeof taskDefinitions)[N]["payload"]>;
export const taskNames = Object.keys(taskDefinitions) as TaskName[];
