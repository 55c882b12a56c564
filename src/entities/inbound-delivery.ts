import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

/**
 * - `RECEIVED`: it is stored, and what it asks for is still to be done.
 * - `DONE`: what it asked for was done, or somebody else was asked to.
 * - `IGNORED`: there was nothing to do.
 * - `REPEATED`: it says what another one said before.
 * - `REFUSED`: the sender was told why it is not taken.
 * - `FAILED`: it could not be read, or what it asks for could not be done. It is tried again, by hand or by the house's keeper.
 */
export const inboundDeliveryStates = ["RECEIVED", "DONE", "IGNORED", "REPEATED", "REFUSED", "FAILED"] as const;
export type InboundDeliveryState = (typeof inboundDeliveryStates)[number];

/**
 * A message of a vendor as it arrived, stored before it is read. Of messages that nobody proved nothing is kept but that they
 * came: one row an hour for each integration, however many there are.
 */
@Entity("inbound_delivery")
@Index("inbound_delivery_received", ["tenantId", "receivedAt"])
@Index("inbound_delivery_correlation", ["tenantId", "correlationId"])
@Index("inbound_delivery_integration", ["tenantId", "integrationId", "id"])
@Index("inbound_delivery_unproved", ["tenantId", "integrationId", "unprovedHour"], {
  unique: true,
  where: "unproved_hour IS NOT NULL",
})
@Index("inbound_delivery_external", ["tenantId", "integrationId", "externalId"], {
  unique: true,
  where: "external_id IS NOT NULL",
})
@Index("inbound_delivery_key", ["tenantId", "keyId"], { where: "key_id IS NOT NULL" })
export class InboundDelivery {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "inbound_delivery_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "inbound_delivery_pkey" })
  id!: string;

  @Column("text")
  provider!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  /** By which it came; null for what comes to an address of the account. */
  @Column("uuid", { name: "channel_id", nullable: true })
  channelId!: string | null;

  /** What a message about a calendar or about jobs says, as its provider read it; null for others. */
  @Column("text", { nullable: true })
  says!: string | null;

  /** What the sender calls what it brings, where it says so: the same one is stored once. */
  @Column("text", { name: "external_id", nullable: true })
  externalId!: string | null;

  /** Without those that hold a secret. */
  @Column("jsonb")
  headers!: Readonly<Record<string, string>>;

  /** Whether it was proved to be the vendor's. */
  @Column("boolean")
  verified!: boolean;

  /** In which hour it came, of one that was not. */
  @Column("timestamptz", { name: "unproved_hour", nullable: true })
  unprovedHour!: Date | null;

  /** The body: it is about a person, or holds a secret. Null where it was empty, or not kept. */
  @Column("bytea", { nullable: true, select: false })
  sealed!: Buffer | null;

  /** Of the body, in bytes; null where it was not kept. */
  @Column("integer", { nullable: true })
  size!: number | null;

  /** Which key of the ring sealed it. */
  @Column("text", { name: "key_id", nullable: true })
  keyId!: string | null;

  @Column("text")
  state!: InboundDeliveryState;

  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  /** The sync that was asked for because of it; several messages may share one. */
  @Column("uuid", { name: "sync_run_id", nullable: true })
  syncRunId!: string | null;

  /** What it is about. */
  @Column("uuid", { name: "job_posting_id", nullable: true })
  jobPostingId!: string | null;

  /** What it became, or what it repeats. */
  @Column("uuid", { name: "job_application_id", nullable: true })
  jobApplicationId!: string | null;

  /** The same for everything that it brings about. Where it asks for a sync that waits already, that sync's. */
  @Column("uuid", { name: "correlation_id" })
  correlationId!: string;

  /** How often it came. */
  @Column("integer")
  receipts!: number;

  @Column("timestamptz", { name: "received_at" })
  receivedAt!: Date;
}
