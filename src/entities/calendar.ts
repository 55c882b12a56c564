import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/** One calendar of an integration's account. */
@Entity("calendar")
@Index("calendar_external", ["tenantId", "integrationId", "externalId"], { unique: true })
export class Calendar {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "calendar_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "calendar_pkey" })
  id!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  @Column("text", { name: "external_id" })
  externalId!: string;

  @Column("text")
  name!: string;

  @Column("boolean")
  writable!: boolean;

  @Column("boolean")
  primary!: boolean;

  /** Only selected calendars are mirrored. */
  @Column("boolean")
  selected!: boolean;

  /** IANA; null when the vendor does not say. */
  @Column("text", { name: "time_zone", nullable: true })
  timeZone!: string | null;

  @Column("text", { nullable: true })
  color!: string | null;

  /** Where the next reading of changes continues; null reads everything. */
  @Column("text", { name: "sync_cursor", nullable: true })
  syncCursor!: string | null;

  /** When the reading began that `syncCursor` is of; by the database's clock. */
  @Column("timestamptz", { name: "cursor_read_at", nullable: true })
  cursorReadAt!: Date | null;

  /** When a reading began that has not come to its end; null while none is open, and none broke off. */
  @Column("timestamptz", { name: "reading_since", nullable: true })
  readingSince!: Date | null;

  /** Objects that the last reading was too old to speak of, by the vendor's name. */
  @Column("jsonb", { name: "left_out", default: [] })
  leftOut!: readonly string[];

  @Column("timestamptz", { name: "last_synced_at", nullable: true })
  lastSyncedAt!: Date | null;

  /** When the vendor no longer had it; null while it is there. */
  @Column("timestamptz", { name: "removed_at", nullable: true })
  removedAt!: Date | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "updated_at" })
  updatedAt!: Date;
}
