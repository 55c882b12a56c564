import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

/** How far a board has heard of a step. `NOT_TOLD` where the board has no word for it, `REFUSED` when the board did not take it. */
export const dispositionStates = ["PENDING", "TOLD", "NOT_TOLD", "REFUSED"] as const;
export type DispositionState = (typeof dispositionStates)[number];

/** One step of an application, and whether its board has heard of it. */
@Entity("job_application_step")
@Index("job_application_step_pending", ["tenantId", "integrationId", "recordedAt", "position"], {
  where: "disposition = 'PENDING'",
})
export class JobApplicationStep {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "job_application_step_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { name: "job_application_id", primaryKeyConstraintName: "job_application_step_pkey" })
  jobApplicationId!: string;

  /** 1 for the first step of an application. */
  @PrimaryColumn("integer", { primaryKeyConstraintName: "job_application_step_pkey" })
  position!: number;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  @Column("text")
  status!: string;

  /** Why it was REJECTED. */
  @Column("text", { nullable: true })
  reason!: string | null;

  /** What the platform calls it. */
  @Column("text", { nullable: true })
  stage!: string | null;

  @Column("text", { nullable: true })
  details!: string | null;

  @Column("timestamptz", { name: "changed_at" })
  changedAt!: Date;

  /** Who changed it; null for what happened by itself. */
  @Column("text", { name: "changed_by", nullable: true })
  changedBy!: string | null;

  @Column("text")
  disposition!: DispositionState;

  /** What the board calls it; null where it is not told. */
  @Column("text", { name: "board_status", nullable: true })
  boardStatus!: string | null;

  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  /** Never before the step before it: boards are told in this order. */
  @Column("timestamptz", { name: "recorded_at" })
  recordedAt!: Date;

  @Column("timestamptz", { name: "told_at", nullable: true })
  toldAt!: Date | null;
}
