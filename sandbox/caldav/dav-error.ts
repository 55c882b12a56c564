import { caldav, dav } from "./namespaces.ts";

/** What a request can do wrong, whatever the vendor calls it. */
export type Violation =
  | "bad-request"
  | "not-found"
  | "no-parent"
  | "not-allowed"
  | "exists"
  | "condition"
  | "privileges"
  | "uid-conflict"
  | "uid-conflict-scheduling"
  | "invalid-data"
  | "has-method"
  | "component"
  | "media-type"
  | "too-large"
  | "filter"
  | "stale-token"
  | "limit"
  | "unknown-report"
  | "attendee-change"
  | "organizer-change"
  | "trashed-uid"
  | "trashed-name"
  | "too-many-calendars"
  | "too-fast";

export interface Refused {
  readonly status: number;
  /** The precondition, as `[namespace, name]` (RFC 4918 §16). */
  readonly condition?: readonly [ns: string, name: string];
  /** sabre/dav's class of exception. */
  readonly exception?: string;
  readonly message?: string;
}

/** A request is refused. `href` names the resource in its way. */
export class DavError extends Error {
  constructor(
    readonly violation: Violation,
    readonly href: string | null = null,
  ) {
    super(violation);
  }
}

/** As the RFCs would have it. */
export const refusedByTheBook: Readonly<Record<Violation, Refused>> = {
  "bad-request": { status: 400 },
  "not-found": { status: 404 },
  "no-parent": { status: 409 },
  "not-allowed": { status: 405 },
  exists: { status: 405, condition: [dav, "resource-must-be-null"] },
  condition: { status: 412 },
  privileges: { status: 403, condition: [dav, "need-privileges"] },
  "uid-conflict": { status: 403, condition: [caldav, "no-uid-conflict"] },
  "uid-conflict-scheduling": { status: 403, condition: [caldav, "unique-scheduling-object-resource"] },
  "invalid-data": { status: 403, condition: [caldav, "valid-calendar-data"] },
  "has-method": { status: 403, condition: [caldav, "valid-calendar-object-resource"] },
  component: { status: 403, condition: [caldav, "supported-calendar-component"] },
  "media-type": { status: 403, condition: [caldav, "supported-calendar-data"] },
  "too-large": { status: 403, condition: [caldav, "max-resource-size"] },
  filter: { status: 403, condition: [caldav, "valid-filter"] },
  "stale-token": { status: 403, condition: [dav, "valid-sync-token"] },
  limit: { status: 507, condition: [dav, "number-of-matches-within-limits"] },
  "unknown-report": { status: 403, condition: [dav, "supported-report"] },
  "attendee-change": { status: 403, condition: [caldav, "allowed-attendee-scheduling-object-change"] },
  "organizer-change": { status: 403, condition: [caldav, "allowed-organizer-scheduling-object-change"] },
  "trashed-uid": { status: 500 },
  "trashed-name": { status: 403 },
  "too-many-calendars": { status: 403 },
  "too-fast": { status: 429 },
};
