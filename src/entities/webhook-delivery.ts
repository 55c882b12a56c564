import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

/**
 * - `PENDING`: it is still to be sent, or sent again.
 * - `DELIVERED`: the endpoint has taken it.
 * - `FAILED`: it was given up after the last attempt of the schedule.
 * - `SKIPPED`: it was not sent, since the endpoint may not see the event any more, or the event is past its retention.
 */
export const webhookDeliveryStates = ["PENDING", "DELIVERED", "FAILED", "SKIPPED"] as const;
export type WebhookDeliveryState = (typeof webhookDeliveryStates)[number];

/** `LOG` as it happened, `REPLAY` because somebody asked for it, `TEST` with a made-up event, `GAP` to tell of lost ones. */
export const webhookDeliveryTriggers = ["LOG", "REPLAY", "TEST", "GAP"] as const;
export type WebhookDeliveryTrigger = (typeof webhookDeliveryTriggers)[number];

/** One event for one endpoint. */
@Entity("webhook_delivery")
@Index("webhook_delivery_event", ["tenantId", "eventId", "endpointId"], { unique: true })
@Index("webhook_delivery_endpoint", ["tenantId", "endpointId", "id"])
@Index("webhook_delivery_due", ["tenantId", "endpointId", "dueAt"], { where: "state = 'PENDING'" })
@Index("webhook_delivery_order", ["tenantId", "endpointId", "position"], { where: "state = 'PENDING'" })
@Index("webhook_delivery_correlation", ["tenantId", "correlationId"])
@Index("webhook_delivery_position", ["tenantId", "position"])
export class WebhookDelivery {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "webhook_delivery_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "webhook_delivery_pkey" })
  id!: string;

  @Column("uuid", { name: "endpoint_id" })
  endpointId!: string;

  /** The event's, and what receivers know the message by (`webhook-id`), however often it comes. */
  @Column("uuid", { name: "event_id" })
  eventId!: string;

  @Column("text", { name: "event_type" })
  eventType!: string;

  /** Of the event in the log; a bigint, as text. Null for a made-up one. */
  @Column("bigint", { nullable: true })
  position!: string | null;

  @Column("uuid", { name: "correlation_id" })
  correlationId!: string;

  @Column("text")
  trigger!: WebhookDeliveryTrigger;

  /** The replay that had it sent again last. */
  @Column("uuid", { name: "replay_id", nullable: true })
  replayId!: string | null;

  /** What is sent, where it is not in the log. */
  @Column("jsonb", { nullable: true })
  message!: Record<string, unknown> | null;

  @Column("text")
  state!: WebhookDeliveryState;

  /** How often it was sent. */
  @Column("integer")
  attempts!: number;

  /** When the schedule began: at the first attempt, or the first after a replay. */
  @Column("timestamptz", { name: "tried_since", nullable: true })
  triedSince!: Date | null;

  /** How many attempts of the schedule were made. */
  @Column("integer")
  tries!: number;

  /** When it is sent next; null when it is not. */
  @Column("timestamptz", { name: "due_at", nullable: true })
  dueAt!: Date | null;

  @Column("timestamptz", { name: "delivered_at", nullable: true })
  deliveredAt!: Date | null;

  /** Why the last attempt failed, or why it was skipped. */
  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}
