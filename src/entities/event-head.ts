import { Column, Entity, PrimaryColumn } from "typeorm";

/** Where a tenant's event log ends, and where what is kept of it begins. */
@Entity("event_head")
export class EventHead {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "event_head_pkey" })
  tenantId!: string;

  /** Of the last event; a bigint, as text. */
  @Column("bigint")
  position!: string;

  /** Of the last event that retention removed; "0" when none was. */
  @Column("bigint", { name: "removed_until" })
  removedUntil!: string;
}
