import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

export type CalendarEventKind = "SINGLE" | "SERIES" | "OCCURRENCE";
export type SyncState = "SYNCED" | "PENDING" | "CONFLICT" | "FAILED";

/** As in `recurrence/event-time.ts`, in JSON. */
export type StoredTime =
  | { readonly kind: "date"; readonly date: string }
  | { readonly kind: "zoned"; readonly local: string; readonly timeZone: string }
  | { readonly kind: "floating"; readonly local: string };

export interface StoredParticipant {
  readonly email: string;
  readonly name: string | null;
}

export interface StoredAttendee extends StoredParticipant {
  readonly response: "NEEDS_ACTION" | "ACCEPTED" | "DECLINED" | "TENTATIVE" | "DELEGATED";
  readonly optional: boolean;
}

/**
 * A write that is on its way to the vendor, kept so that it can be looked up and finished by anybody. It stands on the
 * first row of the object that is written, whichever of its occurrences is meant.
 */
export interface WriteIntent {
  /** The same however often it is tried; a UUID. */
  readonly id: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "RESPOND";
  /** What to write: a draft, a patch or a response, as the operation says. */
  readonly body: Record<string, unknown>;
  /** The original start of the occurrence that is meant; null for the whole object. */
  readonly recurrenceId: StoredTime | null;
  readonly span: "THIS" | "THIS_AND_FOLLOWING" | "ALL";
  readonly actorId: string;
  readonly correlationId: string;
}

/** A single, the master of a series, or one changed occurrence of it. */
@Entity("calendar_event")
@Index("calendar_event_external", ["tenantId", "calendarId", "externalId", "recurrenceKey"], {
  unique: true,
  where: "deleted_at is null",
})
@Index("calendar_event_series", ["tenantId", "seriesId"], { where: "series_id is not null" })
@Index("calendar_event_written", ["tenantId", "calendarId", "writtenAt"], { where: "written_at is not null" })
@Index("calendar_event_unfollowed", ["tenantId", "calendarId"], { where: "kind = 'SERIES' AND problem IS NOT NULL" })
@Index("calendar_event_unsettled", ["tenantId", "integrationId"], { where: "sync_state <> 'SYNCED'" })
@Index("calendar_event_deleted", ["tenantId", "deletedAt"], { where: "deleted_at is not null" })
export class CalendarEvent {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "calendar_event_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "calendar_event_pkey" })
  id!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  @Column("uuid", { name: "calendar_id" })
  calendarId!: string;

  /** The vendor's object it is part of; a master and its changed occurrences may share one. */
  @Column("text", { name: "external_id" })
  externalId!: string;

  @Column("text")
  uid!: string;

  @Column("text")
  kind!: CalendarEventKind;

  /** The master, for an OCCURRENCE whose master is known. */
  @Column("uuid", { name: "series_id", nullable: true })
  seriesId!: string | null;

  /** Original start of an OCCURRENCE, `yyyymmddThhmmssZ` or `yyyymmdd`; empty otherwise. */
  @Column("text", { name: "recurrence_key" })
  recurrenceKey!: string;

  @Column("text", { nullable: true })
  etag!: string | null;

  /** The vendor's original, on the first row of an object; null on its other rows. */
  @Column("text", { nullable: true, select: false })
  raw!: string | null;

  @Column("text")
  title!: string;

  @Column("text", { nullable: true })
  description!: string | null;

  @Column("text", { nullable: true })
  location!: string | null;

  @Column("text", { name: "conference_url", nullable: true })
  conferenceUrl!: string | null;

  /** Minutes before the start; null for as the calendar does by itself. */
  @Column("jsonb", { nullable: true })
  reminders!: readonly number[] | null;

  @Column("text")
  status!: "CONFIRMED" | "TENTATIVE" | "CANCELLED";

  @Column("text")
  transparency!: "OPAQUE" | "TRANSPARENT";

  @Column("text")
  classification!: "PUBLIC" | "PRIVATE" | "CONFIDENTIAL";

  @Column("jsonb", { nullable: true })
  organizer!: StoredParticipant | null;

  @Column("jsonb")
  attendees!: readonly StoredAttendee[];

  @Column("jsonb")
  start!: StoredTime;

  @Column("jsonb")
  end!: StoredTime;

  /** RRULE, RDATE and EXDATE lines. */
  @Column("jsonb")
  recurrence!: readonly string[];

  @Column("integer")
  sequence!: number;

  /** Ours; counts every change of this row. */
  @Column("integer")
  version!: number;

  @Column("text", { name: "sync_state" })
  syncState!: SyncState;

  @Column("jsonb", { nullable: true })
  intent!: WriteIntent | null;

  /** When a write of ours was stored last: a reading that began before says nothing about it. */
  @Column("timestamptz", { name: "written_at", nullable: true })
  writtenAt!: Date | null;

  /** Why `syncState` is FAILED, or why a series could not be expanded; null when nothing is wrong. */
  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  @Column("timestamptz", { name: "deleted_at", nullable: true })
  deletedAt!: Date | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "updated_at" })
  updatedAt!: Date;
}
