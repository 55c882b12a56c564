import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

/**
 * - `OPENING`: the vendor was asked, or is about to be; its first message may come before its answer.
 * - `LIVE`: the vendor tells us of changes.
 * - `REFUSED`: the vendor will not, as `problem` says; it is asked again after a day.
 * - `ENDED`: another one has taken its place, or nobody wants it any more. Late messages are still known.
 */
export type PushChannelState = "OPENING" | "LIVE" | "REFUSED" | "ENDED";

/** A vendor's promise to tell us when one calendar changes. */
@Entity("push_channel")
@Index("push_channel_integration", ["tenantId", "integrationId"])
@Index("push_channel_calendar", ["tenantId", "calendarId"])
export class PushChannel {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "push_channel_pkey" })
  tenantId!: string;

  /** Told to the vendor too. */
  @PrimaryColumn("uuid", { primaryKeyConstraintName: "push_channel_pkey" })
  id!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  @Column("uuid", { name: "calendar_id" })
  calendarId!: string;

  /** The vendor's own name for it; null until it has answered. */
  @Column("text", { name: "external_id", nullable: true })
  externalId!: string | null;

  /** Of what the vendor repeats with each message. */
  @Column("text", { name: "secret_hash" })
  secretHash!: string;

  @Column("text")
  state!: PushChannelState;

  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  @Column("timestamptz", { name: "expires_at", nullable: true })
  expiresAt!: Date | null;

  /** When the vendor last promised it; null until it has. */
  @Column("timestamptz", { name: "granted_at", nullable: true })
  grantedAt!: Date | null;

  @Column("timestamptz", { name: "last_message_at", nullable: true })
  lastMessageAt!: Date | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}
