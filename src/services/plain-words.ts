import type { InboundDelivery } from "../entities/inbound-delivery.ts";
import type { Problem } from "../entities/problem.ts";
import type { SyncRun } from "../entities/sync-run.ts";
import type { WebhookDelivery } from "../entities/webhook-delivery.ts";
import type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import { eventCatalogue, isEventType } from "../events/catalogue.ts";
import { providerWith } from "../providers/registry.ts";
import type { FeedEvent } from "./event-feed.ts";

/** One step of a story, in a plain sentence. */
export interface Told {
  readonly at: Date;
  /** The type of what it is about. */
  readonly kind: string;
  readonly id: string;
  readonly says: string;
}

export function sayEvent({ id, type, occurredAt: at }: FeedEvent): Told {
  const says = isEventType(type) ? `${type}: ${eventCatalogue[type].description}` : type;
  return { at, kind: "IntegrationEvent", id, says };
}

export function sayInbound(delivery: InboundDelivery): Told {
  const { id, provider, state, verified, receipts, says, receivedAt: at, syncRunId, jobApplicationId } = delivery;
  const times = receipts > 1 ? `, ${receipts} times` : "";
  const who = providerWith(provider).name;
  if (!verified) return told(`Somebody sent what did not prove to be ${who}'s${times}. It was refused.`);
  const ofJobs = says === "resend" ? "jobs being sent again" : says === "look" ? "a look at jobs" : null;
  const became = jobApplicationId ? "an application" : syncRunId ? "a sync" : ofJobs;
  const outcomes: Record<InboundDelivery["state"], string> = {
    RECEIVED: "It is still to be acted on.",
    DONE: became ? `It led to ${became}.` : "It was acted on.",
    IGNORED: "There was nothing to do about it.",
    REPEATED: "It repeats an application that is there already.",
    REFUSED: "Its sender was told why it is not taken.",
    FAILED: "It could not be acted on.",
  };
  return told(`${who} sent a message${times}. ${outcomes[state]}`);

  function told(says: string): Told {
    return { at, kind: "InboundDelivery", id, says };
  }
}

export function saySyncRun(run: SyncRun): Told {
  const { id, trigger, state, created, updated, deleted, attempts, queuedAt: at } = run;
  const reasons: Record<SyncRun["trigger"], string> = {
    MANUAL: "somebody asked for it",
    SCHEDULE: "its time had come",
    CONNECT: "the account was connected",
    PUSH: "the vendor told of a change",
    RECONCILE: "it is compared every night",
  };
  const found = `${created} new, ${updated} changed, ${deleted} gone`;
  const outcomes: Record<SyncRun["state"], string> = {
    QUEUED: "It waits for its turn.",
    RUNNING: `It runs: ${found} so far.`,
    SUCCEEDED: `It found ${found}.`,
    FAILED: `It failed after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}; what it had stored stays.`,
    CANCELLED: "Somebody stopped it.",
  };
  return { at, kind: "SyncRun", id, says: `The integration is read, since ${reasons[trigger]}. ${outcomes[state]}` };
}

/** @param endpoints by id; one that is deleted is called so */
export function sayDelivery(
  { id, endpointId, eventType, state, attempts, createdAt: at, dueAt }: WebhookDelivery,
  endpoints: ReadonlyMap<string, Pick<WebhookEndpoint, "url">>,
): Told {
  const url = endpoints.get(endpointId)?.url;
  const where = url ? new URL(url).host : "an endpoint that is deleted";
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  const outcomes: Record<WebhookDelivery["state"], string> = {
    PENDING: attempts === 0 ? "It is still to be sent." : `It was not taken in ${tries}.`,
    DELIVERED: `It was taken, at the ${ordinal(attempts)} attempt.`,
    FAILED: `It was given up after ${tries}.`,
    SKIPPED: "It was not sent.",
  };
  const next = state === "PENDING" && attempts > 0 && dueAt ? ` The next is at ${dueAt.toISOString()}.` : "";
  return { at, kind: "WebhookDelivery", id, says: `${eventType} for ${where}. ${outcomes[state]}${next}` };
}

/** @param noun as people say it */
export function sayThing(noun: string, state: string): string {
  return `The ${noun} is ${state}.`;
}

const faults: Readonly<Record<string, string>> = {
  caller: "whoever asked for it",
  account: "the account, or whoever owns it",
  operator: "the operator of this service",
  provider: "the other side",
  us: "this service",
};

/** What is wrong, and whose doing it is. */
export function saysWhat({ message, fault }: Problem): string {
  return `What is wrong: ${message.replace(/\.$/, "")}. It is for ${faults[fault] ?? fault} to mend.`;
}

/** Whether it passes by itself; null where nothing is wrong. */
export function whatBecomesOf(problem: Problem | null, retryAt: Date | null): string | null {
  if (!problem) return null;
  if (retryAt) return `It is tried again at ${retryAt.toISOString()}.`;
  return problem.retryable ? "It is tried again by itself." : "It is not tried again by itself.";
}

function ordinal(count: number): string {
  const names = ["", "first", "second", "third"];
  return names[count] ?? `${count}th`;
}
