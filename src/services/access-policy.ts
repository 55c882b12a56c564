import type { Ownership, Visibility } from "../entities/integration.ts";
import { type SubjectType, subjectTypeOf } from "../events/catalogue.ts";
import type { LoggedEvent } from "../events/event-log.ts";
import type { Scope, Viewer } from "./viewer.ts";

/**
 * Who sees what inside a tenant. Queries, entities, the stream and every other door ask here.
 *
 * What is the tenant's is everybody's in it. What is a user's is that user's alone, unless it is shared. An
 * administrator sees that an integration exists and how it is doing, never what is in its calendars.
 */
export type Sight = "details" | "existence" | "nothing";

interface Owned {
  readonly ownership: Ownership | string | null;
  readonly ownerId: string | null;
  readonly visibility: Visibility | string | null;
}

export function sightOf(viewer: Viewer, { ownership, ownerId, visibility }: Owned): Sight {
  if (ownership === "TENANT") return "details";
  if (ownership !== "USER") return "nothing"; // There is no such integration any more.
  if (ownerId === viewer.userId || visibility === "SHARED") return "details";
  return viewer.scopes.has("tenant:admin") ? "existence" : "nothing";
}

/** The same rule for a query over the table `integration`. The conditions take the viewer's user id as `:viewerId`. */
export function visibleSql(viewer: Viewer, needed: Exclude<Sight, "nothing">): string {
  if (needed === "existence" && viewer.scopes.has("tenant:admin")) return "integration.ownership IS NOT NULL";
  return sharedSql(["SHARED"]);
}

/** Whose busy times the viewer may have, though not what they are busy with; being an administrator adds nothing. */
export function busySql(): string {
  return sharedSql(["BUSY", "SHARED"]);
}

function sharedSql(visibilities: readonly Visibility[]): string {
  const list = visibilities.map((visibility) => `'${visibility}'`).join(", ");
  return `(integration.ownership = 'TENANT' OR (integration.ownership = 'USER' AND (integration.owner_id = :viewerId OR integration.visibility IN (${list}))))`;
}

/** Whether the viewer may change an integration: its owner, or for the tenant's anybody with the scope. */
export function mayChange(viewer: Viewer, { ownership, ownerId }: Owned): boolean {
  return ownership === "TENANT" || ownerId === viewer.userId;
}

const readingScope: Record<SubjectType, Scope> = {
  Integration: "integrations:read",
  SyncRun: "integrations:read",
  Calendar: "calendar:read",
  CalendarEvent: "calendar:read",
  JobPosting: "jobs:read",
  JobApplication: "applications:read",
  WebhookEndpoint: "webhooks:manage",
};

/** What one has to see of the integration to read an event about one of these. */
const neededSight: Record<SubjectType, Exclude<Sight, "nothing">> = {
  Integration: "existence",
  SyncRun: "existence",
  Calendar: "details",
  CalendarEvent: "details",
  JobPosting: "details",
  JobApplication: "details",
  WebhookEndpoint: "details",
};

/** What a token needs to have for events about this. */
export function readingScopeOf(subject: SubjectType): Scope {
  return readingScope[subject];
}

/** Types of events about these subjects may be read with these scopes and this much sight. */
export function readableSubjects(viewer: Viewer, sight: Sight): readonly SubjectType[] {
  return (Object.keys(readingScope) as SubjectType[]).filter(
    (subject) =>
      viewer.scopes.has(readingScope[subject]) &&
      (sight === "details" || (sight === "existence" && neededSight[subject] === "existence")),
  );
}

/** An event of the log needs the scope and the sight of its subject. */
export function mayReadEvent(viewer: Viewer, event: LoggedEvent): boolean {
  const subject = subjectTypeOf(event.type);
  return subject !== null && readableSubjects(viewer, sightOf(viewer, event)).includes(subject);
}

/** What an endpoint gets of an event: all of it, a calendar event without what it is about, or nothing. */
export type EndpointSight = "details" | "busy" | "nothing";

/**
 * A webhook endpoint belongs to the tenant, and sees what is the tenant's or shared. Of what is a user's own it hears that it
 * exists and how it is doing, and when its owner is busy, as everybody in the tenant does; with `includePrivate` everything.
 * What events are about was limited to what its maker may read.
 */
export function endpointSight(
  endpoint: { readonly subjectTypes: readonly string[]; readonly includePrivate: boolean },
  { type, ownership, visibility }: LoggedEvent,
): EndpointSight {
  const subject = subjectTypeOf(type);
  if (subject === null || !endpoint.subjectTypes.includes(subject)) return "nothing";
  if (ownership === "TENANT") return "details";
  if (ownership !== "USER") return "nothing"; // There is no such integration any more.
  if (visibility === "SHARED" || endpoint.includePrivate || neededSight[subject] === "existence") return "details";
  return subject === "CalendarEvent" && visibility === "BUSY" ? "busy" : "nothing";
}
