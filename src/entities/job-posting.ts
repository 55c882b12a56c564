import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

export const jobPostingStates = [
  "PENDING_APPROVAL",
  "PENDING_MANUAL",
  "QUEUED",
  "SUBMITTED",
  "IN_REVIEW",
  "LIVE",
  "LIMITED",
  "REJECTED",
  "EXPIRED",
  "CLOSED",
  "FAILED",
] as const;
export type JobPostingState = (typeof jobPostingStates)[number];

/** What is being done to a posting at its board. */
export type StoredOperation = "POST" | "UPDATE" | "CLOSE" | "REOPEN";

/** How somebody decides on what costs money, or on whatever the tenant wants to be asked about. */
export interface Approval {
  readonly state: "PENDING" | "APPROVED" | "REJECTED";
  readonly requestedBy: string;
  /** ISO 8601. */
  readonly requestedAt: string;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  /** No more than this may be spent. */
  readonly maxCost: StoredMoney | null;
  readonly reason: string | null;
  /** What was decided on: anything else is a new decision. */
  readonly subject: string;
}

export interface StoredMoney {
  readonly amount: string;
  readonly currency: string;
}

export interface StoredCost {
  /** Null where the board publishes no price. */
  readonly money: StoredMoney | null;
  readonly unit: string;
}

/** One job on one board. What is wanted stands beside what the board has; a task brings the one to the other. */
@Entity("job_posting")
@Index("job_posting_job", ["tenantId", "integrationId", "jobId"], { unique: true })
@Index("job_posting_reference", ["tenantId", "integrationId", "reference"], { unique: true })
@Index("job_posting_of_job", ["tenantId", "jobId", "id"])
@Index("job_posting_in_feed", ["tenantId", "integrationId", "id"], {
  where: "route = 'FEED' AND state IN ('SUBMITTED', 'IN_REVIEW', 'LIVE', 'LIMITED')",
})
@Index("job_posting_feed_change", ["tenantId", "integrationId", "updatedAt"], { where: "route = 'FEED'" })
export class JobPosting {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "job_posting_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "job_posting_pkey" })
  id!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  /** The platform's. */
  @Column("text", { name: "job_id" })
  jobId!: string;

  /** By which the board knows the job; never changes. */
  @Column("text")
  reference!: string;

  @Column("text")
  route!: string;

  @Column("text")
  state!: JobPostingState;

  @Column("text")
  wanted!: "OPEN" | "CLOSED";

  /** The job as it is wanted at the board. */
  @Column("jsonb")
  job!: Record<string, unknown>;

  @Column("integer", { name: "job_version" })
  jobVersion!: number;

  /** The version that the board has; null before it has any. */
  @Column("integer", { name: "version_sent", nullable: true })
  versionSent!: number | null;

  /** The version that the board, or an approver, did not take. */
  @Column("integer", { name: "version_refused", nullable: true })
  versionRefused!: number | null;

  /** What is under way; null when nothing is. */
  @Column("text", { nullable: true })
  operation!: StoredOperation | null;

  /** Of what is under way: whoever comes back with another one comes too late. */
  @Column("uuid", { name: "operation_id", nullable: true })
  operationId!: string | null;

  /** The version that the operation brings. */
  @Column("integer", { name: "operation_version", nullable: true })
  operationVersion!: number | null;

  /** How the board had it before the operation; null before it had anything. */
  @Column("text", { name: "previous_state", nullable: true })
  previousState!: JobPostingState | null;

  /** An earlier attempt to post it may have got through: the board is asked first. */
  @Column("boolean", { name: "is_unsure" })
  isUnsure!: boolean;

  @Column("text", { name: "board_state", nullable: true })
  boardState!: string | null;

  @Column("text", { name: "board_posting_id", nullable: true })
  boardPostingId!: string | null;

  @Column("text", { name: "board_task_id", nullable: true })
  boardTaskId!: string | null;

  @Column("text", { name: "board_url", nullable: true })
  boardUrl!: string | null;

  @Column("text", { name: "close_reason", nullable: true })
  closeReason!: string | null;

  @Column("jsonb", { nullable: true })
  approval!: Approval | null;

  /** What posting it costs; null for nothing. */
  @Column("jsonb", { nullable: true })
  cost!: StoredCost | null;

  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  /** Who asked for the latest change, and with which request. */
  @Column("text", { name: "requested_by" })
  requestedBy!: string;

  @Column("uuid", { name: "correlation_id" })
  correlationId!: string;

  /** How often the board was asked since the latest change, without an end. */
  @Column("integer")
  looks!: number;

  @Column("timestamptz", { name: "next_look_at", nullable: true })
  nextLookAt!: Date | null;

  /** By when somebody should have acted at a board that takes no calls; null when nobody has to. */
  @Column("timestamptz", { name: "due_at", nullable: true })
  dueAt!: Date | null;

  /** When the board prolongs it next by itself, and charges for it; null where it does not. */
  @Column("timestamptz", { name: "renews_at", nullable: true })
  renewsAt!: Date | null;

  /** When somebody was last told of a renewal. */
  @Column("timestamptz", { name: "renewal_told_at", nullable: true })
  renewalToldAt!: Date | null;

  /** How often candidates have followed its apply link. */
  @Column("integer", { name: "apply_clicks", default: 0 })
  applyClicks!: number;

  @Column("timestamptz", { name: "apply_clicked_at", nullable: true })
  applyClickedAt!: Date | null;

  /** When the board, or whoever confirmed it, last said how it stands. */
  @Column("timestamptz", { name: "checked_at", nullable: true })
  checkedAt!: Date | null;

  @Column("timestamptz", { name: "submitted_at", nullable: true })
  submittedAt!: Date | null;

  @Column("timestamptz", { name: "expires_at", nullable: true })
  expiresAt!: Date | null;

  @Column("timestamptz", { name: "closed_at", nullable: true })
  closedAt!: Date | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "updated_at" })
  updatedAt!: Date;
}
