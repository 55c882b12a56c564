import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

export type IntegrationStatus = "CONNECTING" | "ACTIVE" | "DEGRADED" | "NEEDS_REAUTH" | "DISCONNECTED";
export type Ownership = "USER" | "TENANT";
/** Who besides the owner sees a USER integration: nobody, busy times only, or everything. */
export type Visibility = "PRIVATE" | "BUSY" | "SHARED";

/** What the last comparison of everything the provider has with what is stored came to. */
export interface Drift {
  /** ISO 8601. */
  readonly comparedAt: string;
  /** Calendar events that differed although no reading had told of them. */
  readonly differences: number;
  /** False when the comparison broke off after it had found some: there may be more. */
  readonly complete: boolean;
}

/** One connection of a tenant, or of one of its users, to one provider. */
@Entity("integration")
@Index("integration_user_account", ["tenantId", "provider", "ownerId", "accountId"], {
  unique: true,
  where: "ownership = 'USER'",
})
@Index("integration_tenant_account", ["tenantId", "provider", "accountId"], {
  unique: true,
  where: "ownership = 'TENANT'",
})
@Index("integration_owner", ["tenantId", "ownerId", "id"])
export class Integration {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "integration_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "integration_pkey" })
  id!: string;

  @Column("text")
  provider!: string;

  @Column("text")
  ownership!: Ownership;

  /** The user it belongs to; null when it is the tenant's. */
  @Column("text", { name: "owner_id", nullable: true })
  ownerId!: string | null;

  @Column("text")
  visibility!: Visibility;

  @Column("text", { nullable: true })
  label!: string | null;

  /** Who the account is at the vendor. */
  @Column("text", { name: "account_id" })
  accountId!: string;

  /** Whether the account is at a stand-in for the vendor. */
  @Column("boolean")
  simulated!: boolean;

  @Column("text", { name: "account_name" })
  accountName!: string;

  /** What the adapter needs at every call and nobody has to hide. */
  @Column("jsonb")
  settings!: Record<string, string>;

  @Column("text")
  status!: IntegrationStatus;

  /** Why it is not ACTIVE; null when it is. */
  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  /** When the problem was met first; null while there is none. */
  @Column("timestamptz", { name: "problem_since", nullable: true })
  problemSince!: Date | null;

  @Column("uuid", { name: "default_calendar_id", nullable: true })
  defaultCalendarId!: string | null;

  /** Null follows from what happens in it, between the provider's floor and its default. */
  @Column("integer", { name: "sync_interval_seconds", nullable: true })
  syncIntervalSeconds!: number | null;

  /**
   * When something happened in it last: a change on either side, or somebody who wanted it fresh. To the minute. Null when
   * nothing did since this is noted.
   */
  @Column("timestamptz", { name: "active_at", nullable: true })
  activeAt!: Date | null;

  @Column("integer", { name: "consecutive_failures" })
  consecutiveFailures!: number;

  @Column("timestamptz", { name: "last_synced_at", nullable: true })
  lastSyncedAt!: Date | null;

  /** When everything the provider has was last compared with what is stored, whatever the cursors say. */
  @Column("timestamptz", { name: "last_compared_at", nullable: true })
  lastComparedAt!: Date | null;

  /** Null until something was compared. */
  @Column("jsonb", { nullable: true })
  drift!: Drift | null;

  @Column("timestamptz", { name: "next_sync_at", nullable: true })
  nextSyncAt!: Date | null;

  @Column("timestamptz", { name: "disconnected_at", nullable: true })
  disconnectedAt!: Date | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "updated_at" })
  updatedAt!: Date;
}
