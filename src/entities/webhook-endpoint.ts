import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

/**
 * - `ENABLED`: events are sent to it.
 * - `PAUSED`: somebody wants nothing to be sent for now.
 * - `DISABLED`: it failed for so long that sending was stopped. It is tried now and then, unless it said that it is gone.
 *
 * In the last two it stands still in the log, and goes on from there.
 */
export const webhookEndpointStates = ["ENABLED", "PAUSED", "DISABLED"] as const;
export type WebhookEndpointState = (typeof webhookEndpointStates)[number];

/** A customer's URL that events are sent to. It belongs to the tenant. */
@Entity("webhook_endpoint")
@Index("webhook_endpoint_following", ["tenantId", "position"], { where: "state = 'ENABLED'" })
@Index("webhook_endpoint_key", ["tenantId", "keyId"])
export class WebhookEndpoint {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "webhook_endpoint_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "webhook_endpoint_pkey" })
  id!: string;

  @Column("text")
  url!: string;

  @Column("text", { nullable: true })
  description!: string | null;

  /** Types and nouns (`calendar_event.*`) as they were given; null for all. */
  @Column("jsonb", { name: "event_types", nullable: true })
  eventTypes!: readonly string[] | null;

  /** Null for all of the tenant's. */
  @Column("jsonb", { name: "integration_ids", nullable: true })
  integrationIds!: readonly string[] | null;

  /** What events may be about: whoever chose the types had the scopes to read about these. */
  @Column("jsonb", { name: "subject_types" })
  subjectTypes!: readonly string[];

  /** Whether an event waits until the one before it has arrived, or was given up. */
  @Column("boolean")
  ordered!: boolean;

  /** Null for as many as it takes. */
  @Column("integer", { name: "max_per_second", nullable: true })
  maxPerSecond!: number | null;

  /** Whether it gets what is a user's own, with all details. */
  @Column("boolean", { name: "include_private" })
  includePrivate!: boolean;

  /** Signing secrets, and the values of custom headers. */
  @Column("bytea", { select: false })
  sealed!: Buffer;

  /** Which key of the ring sealed it. */
  @Column("text", { name: "key_id" })
  keyId!: string;

  @Column("jsonb", { name: "header_names" })
  headerNames!: readonly string[];

  /** Until when the secret before the newest one signs as well; null when there is none. */
  @Column("timestamptz", { name: "former_secret_until", nullable: true })
  formerSecretUntil!: Date | null;

  @Column("text")
  state!: WebhookEndpointState;

  /** Where it began in the log; a bigint, as text. */
  @Column("bigint", { name: "began_after" })
  beganAfter!: string;

  /** Of the last event of the log that was looked at for it; a bigint, as text. */
  @Column("bigint")
  position!: string;

  /** Nothing is sent before. */
  @Column("timestamptz", { name: "held_until", nullable: true })
  heldUntil!: Date | null;

  /** Since when no attempt has succeeded; null while they do. */
  @Column("timestamptz", { name: "failing_since", nullable: true })
  failingSince!: Date | null;

  /** How often, one time after the other, nothing of what was sent has arrived. */
  @Column("integer")
  failures!: number;

  /** Whether nobody answered there last, or who did was in trouble. What it refuses says nothing of that. */
  @Column("boolean")
  away!: boolean;

  /** Whether it took long to answer last. */
  @Column("boolean")
  slow!: boolean;

  /** Who sends to it right now, and until when nobody else does; null while nobody does. */
  @Column("uuid", { name: "turn_id", nullable: true })
  turnId!: string | null;

  @Column("timestamptz", { name: "turn_until", nullable: true })
  turnUntil!: Date | null;

  /** How many warnings were given since it fails. */
  @Column("integer")
  warnings!: number;

  /** Why the last attempt failed, or why it was disabled. */
  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  @Column("timestamptz", { name: "disabled_at", nullable: true })
  disabledAt!: Date | null;

  @Column("timestamptz", { name: "last_delivered_at", nullable: true })
  lastDeliveredAt!: Date | null;

  @Column("text", { name: "created_by" })
  createdBy!: string;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "updated_at" })
  updatedAt!: Date;
}
