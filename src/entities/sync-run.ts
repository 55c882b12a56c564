import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

export type SyncRunState = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
export type SyncTrigger = "MANUAL" | "SCHEDULE" | "CONNECT" | "PUSH" | "RECONCILE";

/** `PUSH_ONLY` where the board alone decides when they come, `NONE` where they do not come from there. */
export const applicationsReadings = ["PUSH_ONLY", "NONE"] as const;
export type ApplicationsReading = (typeof applicationsReadings)[number];

/** What a reading of a job board asked for. */
export interface BoardReading {
  readonly applications: ApplicationsReading;
  /** Postings whose state is asked for. */
  readonly postings: number;
  /** Messages that had not become applications. */
  readonly deliveries: number;
  /** Files that are still at the board. */
  readonly files: number;
}

/** Something the vendor has and we could not read. */
export interface SkippedObject {
  readonly calendarId: string;
  readonly externalId: string;
  readonly reason: string;
}

/** One reading of an integration, from the request to its outcome. */
@Entity("sync_run")
@Index("sync_run_integration", ["tenantId", "integrationId", "id"])
@Index("sync_run_lag", ["tenantId", "integrationId", "finishedAt"], { where: "lag_ms IS NOT NULL" })
@Index("sync_run_running", ["tenantId", "integrationId"], { where: "state = 'RUNNING'" })
@Index("sync_run_open", ["tenantId", "integrationId"], {
  unique: true,
  where: "state = 'QUEUED' AND calendar_id IS NULL",
})
@Index("sync_run_open_calendar", ["tenantId", "calendarId"], {
  unique: true,
  where: "state = 'QUEUED' AND calendar_id IS NOT NULL",
})
export class SyncRun {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "sync_run_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "sync_run_pkey" })
  id!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  /** Reads this calendar alone; null for all that are selected. */
  @Column("uuid", { name: "calendar_id", nullable: true })
  calendarId!: string | null;

  @Column("text")
  trigger!: SyncTrigger;

  /** The user who asked for it; null when the schedule did. */
  @Column("text", { name: "requested_by", nullable: true })
  requestedBy!: string | null;

  /** Reads everything, whatever the cursors say, and compares it with what is stored. */
  @Column("boolean")
  full!: boolean;

  @Column("text")
  state!: SyncRunState;

  /** What was asked for at a job board; null for calendars, and until it is known. */
  @Column("jsonb", { nullable: true })
  board!: BoardReading | null;

  @Column("boolean", { name: "cancel_requested" })
  cancelRequested!: boolean;

  /** Whether the log tells of it: one of the schedule that had nothing to read is not told. */
  @Column("boolean", { default: false })
  announced!: boolean;

  /** How often it was begun; more than 1 after a crash or a failure that was tried again. */
  @Column("integer")
  attempts!: number;

  @Column("integer", { name: "calendars_total" })
  calendarsTotal!: number;

  @Column("integer", { name: "calendars_done" })
  calendarsDone!: number;

  @Column("integer")
  created!: number;

  @Column("integer")
  updated!: number;

  @Column("integer")
  deleted!: number;

  /** The first 100 objects that could not be read. */
  @Column("jsonb")
  skipped!: readonly SkippedObject[];

  @Column("integer", { name: "skipped_total" })
  skippedTotal!: number;

  /** Calendar events that differed although no reading had told of them; null when nothing is compared. */
  @Column("integer", { nullable: true })
  drift!: number | null;

  /** How late the latest of what it stored was at most; null when it stored nothing, or read a calendar for the first time. */
  @Column("integer", { name: "lag_ms", nullable: true })
  lagMs!: number | null;

  /** Why it failed, or why its last attempt did. */
  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  @Column("uuid", { name: "correlation_id" })
  correlationId!: string;

  /** The vendor's message that asked for it; null when it was somebody else. */
  @Column("uuid", { name: "causation_id", nullable: true })
  causationId!: string | null;

  @Column("timestamptz", { name: "queued_at" })
  queuedAt!: Date;

  @Column("timestamptz", { name: "started_at", nullable: true })
  startedAt!: Date | null;

  @Column("timestamptz", { name: "finished_at", nullable: true })
  finishedAt!: Date | null;
}
