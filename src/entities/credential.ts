import { Column, Entity, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

/** The sealed secret of one integration. Nothing but the vault can read it. */
@Entity("credential")
export class Credential {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "credential_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { name: "integration_id", primaryKeyConstraintName: "credential_pkey" })
  integrationId!: string;

  @Column("bytea", { select: false })
  sealed!: Buffer;

  /** Which key of the ring sealed it. */
  @Column("text", { name: "key_id" })
  keyId!: string;

  @Column("timestamptz", { name: "updated_at" })
  updatedAt!: Date;

  /** When the access token in it ends, by the database's clock; null when nothing in it ends by itself. */
  @Column("timestamptz", { name: "expires_at", nullable: true })
  expiresAt!: Date | null;

  /** When the vendor gave what is in it. */
  @Column("timestamptz", { name: "renewed_at" })
  renewedAt!: Date;

  /** Counts the leases that were given out; a renewal is stored only by the newest. A bigint, as text. */
  @Column("bigint", { name: "lease_fence", default: 0 })
  leaseFence!: string;

  /** Until then one process renews, and all others wait or use what there is. */
  @Column("timestamptz", { name: "lease_until", nullable: true })
  leaseUntil!: Date | null;

  /** Since when a renewal is under way whose outcome is not known. Still there after a crash. */
  @Column("timestamptz", { name: "renewal_begun_at", nullable: true })
  renewalBegunAt!: Date | null;

  /** A failed renewal is not tried again before. */
  @Column("timestamptz", { name: "renewal_not_before", nullable: true })
  renewalNotBefore!: Date | null;

  /** In a row. */
  @Column("integer", { name: "renewal_failures", default: 0 })
  renewalFailures!: number;

  /** Why the last renewal failed; null when it did not. */
  @Column("jsonb", { name: "renewal_problem", nullable: true })
  renewalProblem!: Problem | null;
}
