import type { Problem } from "../entities/problem.ts";
import { faultOf } from "../errors.ts";
import type { CalendarEvents } from "./calendar-events.ts";
import type { EventFeed, FeedEvent } from "./event-feed.ts";
import type { InboundDeliveries } from "./inbound-deliveries.ts";
import type { Integrations } from "./integrations.ts";
import type { JobApplications } from "./job-applications.ts";
import type { JobPostings } from "./job-postings.ts";
import {
  sayDelivery,
  sayEvent,
  sayInbound,
  saySyncRun,
  saysWhat,
  sayThing,
  type Told,
  whatBecomesOf,
} from "./plain-words.ts";
import type { Syncs } from "./syncs.ts";
import type { Scope, Viewer } from "./viewer.ts";
import type { WebhookDeliveries } from "./webhook-deliveries.ts";
import type { WebhookEndpoints } from "./webhook-endpoints.ts";

/** What happened, why, whose fault it is and what to do, in plain words. */
export interface Explanation {
  readonly id: string;
  /** The type of what it is about. */
  readonly kind: string;
  readonly summary: string;
  /** Whose doing a failure is; null where nothing is wrong. */
  readonly fault: string | null;
  readonly remedy: string | null;
  /** When it is tried again by itself; null where it is not, or nobody has said when. */
  readonly retryAt: Date | null;
  /** Null where nothing is known of how it came about. */
  readonly correlationId: string | null;
  /** How one thing led to the next, oldest first. */
  readonly steps: readonly Told[];
}

/** What was found under an id. */
interface Found {
  readonly kind: string;
  readonly says: string;
  readonly problem: Problem | null;
  readonly retryAt: Date | null;
  /** Null where the log has to tell. */
  readonly correlationId: string | null;
}

interface Sources {
  readonly eventFeed: Pick<EventFeed, "byIds" | "list">;
  readonly inbound: Pick<InboundDeliveries, "list" | "byIds">;
  readonly syncs: Pick<Syncs, "byIds" | "list">;
  readonly deliveries: Pick<WebhookDeliveries, "byIds" | "list">;
  readonly endpoints: Pick<WebhookEndpoints, "byIds">;
  readonly integrations: Pick<Integrations, "byIds">;
  readonly calendarEvents: Pick<CalendarEvents, "byIds">;
  readonly jobPostings: Pick<JobPostings, "byIds">;
  readonly jobApplications: Pick<JobApplications, "byIds">;
}

const mostSteps = 200;
const page = { first: mostSteps, after: null };

/** Follows one thing to what caused it and to what it led to, as far as the viewer may see. */
export class Explanations {
  constructor(private readonly sources: Sources) {}

  /** Null for an id that is nothing the viewer may see. */
  async explain(viewer: Viewer, id: string): Promise<Explanation | null> {
    const found = await this.find(viewer, id);
    if (!found) return null;
    const correlationId = found.correlationId ?? (await this.latestMatter(viewer, id));
    const steps = correlationId === null ? [] : await this.chain(viewer, correlationId);
    const { kind, problem, retryAt } = found;
    return {
      ...{ id, kind, correlationId, steps },
      summary: [found.says, problem && saysWhat(problem), whatBecomesOf(problem, retryAt)].filter(Boolean).join(" "),
      fault: problem?.fault ?? null,
      remedy: problem?.remedy ?? null,
      retryAt,
    };
  }

  /** One after the other: an id is in one place, and the log is where it mostly is. */
  private async find(viewer: Viewer, id: string): Promise<Found | null> {
    const places = [
      () => this.event(viewer, id),
      () => this.syncRun(viewer, id),
      () => this.inboundDelivery(viewer, id),
      () => this.webhookDelivery(viewer, id),
      () => this.thing(viewer, id),
    ];
    for (const place of places) {
      const found = await place();
      if (found) return found;
    }
    return null;
  }

  private async event(viewer: Viewer, id: string): Promise<Found | null> {
    const event = await one(viewer, "events:read", id, () => this.sources.eventFeed.byIds(viewer, [id]));
    if (!event) return null;
    const { correlationId } = event;
    return {
      kind: "IntegrationEvent",
      says: sayEvent(event).says,
      problem: problemIn(event),
      retryAt: null,
      correlationId,
    };
  }

  private async syncRun(viewer: Viewer, id: string): Promise<Found | null> {
    const run = await one(viewer, "integrations:read", id, () => this.sources.syncs.byIds(viewer, [id]));
    if (!run) return null;
    const { problem, correlationId } = run;
    return { kind: "SyncRun", says: saySyncRun(run).says, problem, retryAt: null, correlationId };
  }

  private async inboundDelivery(viewer: Viewer, id: string): Promise<Found | null> {
    const delivery = await one(viewer, "integrations:read", id, () => this.sources.inbound.byIds(viewer, [id]));
    if (!delivery) return null;
    const { problem, correlationId } = delivery;
    return { kind: "InboundDelivery", says: sayInbound(delivery).says, problem, retryAt: null, correlationId };
  }

  private async webhookDelivery(viewer: Viewer, id: string): Promise<Found | null> {
    const delivery = await one(viewer, "webhooks:manage", id, () => this.sources.deliveries.byIds(viewer, [id]));
    if (!delivery) return null;
    const endpoints = await this.sources.endpoints.byIds(viewer, [delivery.endpointId]);
    const { problem, dueAt: retryAt, correlationId } = delivery;
    return { kind: "WebhookDelivery", says: sayDelivery(delivery, endpoints).says, problem, retryAt, correlationId };
  }

  /** What has a state of its own, and whose story is in the log. */
  private async thing(viewer: Viewer, id: string): Promise<Found | null> {
    const { integrations, calendarEvents, jobPostings, jobApplications, endpoints } = this.sources;
    const integration = await one(viewer, "integrations:read", id, () => integrations.byIds(viewer, [id]));
    if (integration) {
      const { status, problem, nextSyncAt } = integration;
      const retryAt = problem?.retryable ? nextSyncAt : null;
      return { kind: "Integration", says: sayThing("integration", status), problem, retryAt, correlationId: null };
    }
    const calendarEvent = await one(viewer, "calendar:read", id, () => calendarEvents.byIds(viewer, [id]));
    if (calendarEvent) {
      const { syncState, problem } = calendarEvent;
      const says = sayThing("calendar event", syncState);
      return { kind: "CalendarEvent", says, problem, retryAt: null, correlationId: null };
    }
    const posting = await one(viewer, "jobs:read", id, () => jobPostings.byIds(viewer, [id]));
    if (posting) {
      const { state, problem, nextLookAt, correlationId } = posting;
      const retryAt = problem?.retryable ? nextLookAt : null;
      return { kind: "JobPosting", says: sayThing("job posting", state), problem, retryAt, correlationId };
    }
    const application = await one(viewer, "applications:read", id, () => jobApplications.byIds(viewer, [id]));
    if (application) {
      const says = sayThing("application", application.status);
      return { kind: "JobApplication", says, problem: null, retryAt: null, correlationId: null };
    }
    const endpoint = await one(viewer, "webhooks:manage", id, () => endpoints.byIds(viewer, [id]));
    if (!endpoint) return null;
    const { state, problem, heldUntil } = endpoint;
    const says = sayThing("webhook endpoint", state);
    return { kind: "WebhookEndpoint", says, problem, retryAt: problem && heldUntil, correlationId: null };
  }

  private async latestMatter(viewer: Viewer, subjectId: string): Promise<string | null> {
    if (!viewer.scopes.has("events:read")) return null;
    const newest = { first: 1, after: null };
    const { edges } = await this.sources.eventFeed.list(viewer, { subjectIds: [subjectId] }, "NEWEST_FIRST", newest);
    return edges[0]?.node.correlationId ?? null;
  }

  private async chain(viewer: Viewer, correlationId: string): Promise<readonly Told[]> {
    const { eventFeed, inbound, syncs, deliveries, endpoints } = this.sources;
    const filter = { correlationId };
    const inboundToo = await many(viewer, "integrations:read", () => inbound.list(viewer, filter, page));
    const runs = await many(viewer, "integrations:read", () => syncs.list(viewer, filter, page));
    const events = await many(viewer, "events:read", () => eventFeed.list(viewer, filter, "OLDEST_FIRST", page));
    const sent = await many(viewer, "webhooks:manage", () => deliveries.list(viewer, filter, page));
    const urls =
      sent.length > 0
        ? await endpoints.byIds(
            viewer,
            sent.map(({ endpointId }) => endpointId),
          )
        : new Map();
    const told = [
      ...inboundToo.map(sayInbound),
      ...runs.map(saySyncRun),
      ...events.map(sayEvent),
      ...sent.map((delivery) => sayDelivery(delivery, urls)),
    ];
    return told.sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1)).slice(0, mostSteps);
  }
}

/** What a token has no scope for is as if it were not there. */
async function one<T>(
  viewer: Viewer,
  scope: Scope,
  id: string,
  read: () => Promise<ReadonlyMap<string, T>>,
): Promise<T | null> {
  return viewer.scopes.has(scope) ? ((await read()).get(id) ?? null) : null;
}

async function many<T>(
  viewer: Viewer,
  scope: Scope,
  read: () => Promise<{ readonly edges: readonly { readonly node: T }[] }>,
): Promise<readonly T[]> {
  return viewer.scopes.has(scope) ? (await read()).edges.map(({ node }) => node) : [];
}

/** The snapshot of a failure that an event carries; whose fault it was is no part of it. */
function problemIn({ data }: FeedEvent): Problem | null {
  const problem = data["problem"];
  if (typeof problem !== "object" || problem === null) return null;
  const text = (name: string) => {
    const value: unknown = Object.entries(problem).find(([key]) => key === name)?.[1];
    return typeof value === "string" ? value : null;
  };
  const code = text("code") ?? "INTERNAL";
  return {
    ...{ code, message: text("message") ?? "", remedy: text("remedy"), providerCode: null },
    ...{ fault: faultOf(code), retryable: false },
  };
}
