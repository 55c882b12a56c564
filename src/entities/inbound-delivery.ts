import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/** `DONE` when a sync was asked for because of it, `IGNORED` when there was nothing to do. */
export type InboundDeliveryState = "DONE" | "IGNORED";

/** A message of a vendor as it arrived, stored together with what it asks for. */
@Entity("inbound_delivery")
@Index("inbound_delivery_received", ["tenantId", "receivedAt"])
export class InboundDelivery {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "inbound_delivery_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "inbound_delivery_pkey" })
  id!: string;

  @Column("text")
  provider!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  @Column("uuid", { name: "channel_id" })
  channelId!: string;

  /** Without those that hold a secret. */
  @Column("jsonb")
  headers!: Readonly<Record<string, string>>;

  @Column("text")
  body!: string;

  @Column("text")
  state!: InboundDeliveryState;

  /** The sync that was asked for because of it; several messages may share one. */
  @Column("uuid", { name: "sync_run_id", nullable: true })
  syncRunId!: string | null;

  @Column("timestamptz", { name: "received_at" })
  receivedAt!: Date;
}
