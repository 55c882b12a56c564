import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/** Where a tenant's event log ends, and where what is kept of it begins. */
@Entity("event_head")
@Index("event_head_followed", ["tenantId"], { where: "followed_until IS NOT NULL" })
export class EventHead {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "event_head_pkey" })
  tenantId!: string;

  /** Of the last event; a bigint, as text. */
  @Column("bigint")
  position!: string;

  /** Of the last event that retention removed; "0" when none was. */
  @Column("bigint", { name: "removed_until" })
  removedUntil!: string;

  /** Up to where every enabled webhook endpoint has looked at it; null when there is none. */
  @Column("bigint", { name: "followed_until", nullable: true })
  followedUntil!: string | null;
}
