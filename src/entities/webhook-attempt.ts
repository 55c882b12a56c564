import { Column, Entity, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

/** One sending of a delivery, and what was answered. */
@Entity("webhook_attempt")
export class WebhookAttempt {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "webhook_attempt_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { name: "delivery_id", primaryKeyConstraintName: "webhook_attempt_pkey" })
  deliveryId!: string;

  /** 1 for the first. */
  @PrimaryColumn("integer", { primaryKeyConstraintName: "webhook_attempt_pkey" })
  number!: number;

  @Column("timestamptz", { name: "started_at" })
  startedAt!: Date;

  @Column("integer", { name: "duration_ms" })
  durationMs!: number;

  /** Of HTTP; null when nobody answered. */
  @Column("integer", { nullable: true })
  status!: number | null;

  /** The first kilobyte of what was answered, without secrets of ours. */
  @Column("text", { nullable: true })
  answer!: string | null;

  /** Null when it succeeded. */
  @Column("jsonb", { nullable: true })
  problem!: Problem | null;
}
