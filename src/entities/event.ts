import { Column, Entity, Index, PrimaryColumn } from "typeorm";

export type ActorKind = "USER" | "SYSTEM" | "PROVIDER";

/** One line of a tenant's event log. Positions are dense and committed in order. */
@Entity("event")
@Index("event_id", ["tenantId", "id"], { unique: true })
@Index("event_occurred", ["tenantId", "occurredAt"])
@Index("event_subject", ["tenantId", "subjectId", "position"])
@Index("event_integration", ["tenantId", "integrationId", "position"])
export class Event {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "event_pkey" })
  tenantId!: string;

  /** A bigint, as text. */
  @PrimaryColumn("bigint", { primaryKeyConstraintName: "event_pkey" })
  position!: string;

  @Column("uuid")
  id!: string;

  @Column("text")
  type!: string;

  @Column("timestamptz", { name: "occurred_at" })
  occurredAt!: Date;

  @Column("text", { name: "actor_kind" })
  actorKind!: ActorKind;

  @Column("text", { name: "actor_id", nullable: true })
  actorId!: string | null;

  @Column("uuid", { name: "integration_id", nullable: true })
  integrationId!: string | null;

  @Column("text", { name: "subject_id", nullable: true })
  subjectId!: string | null;

  @Column("jsonb")
  data!: Record<string, unknown>;

  @Column("integer", { name: "data_version" })
  dataVersion!: number;

  @Column("uuid", { name: "correlation_id" })
  correlationId!: string;

  @Column("uuid", { name: "causation_id", nullable: true })
  causationId!: string | null;
}
