import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/**
 * The way to a tenant for callers that bring no token of ours: an OAuth return, a webhook, a link.
 * Holds no secret: a caller's token is stored as its hash.
 */
@Entity("route")
@Index("route_tenant", ["tenantId", "kind", "targetId"])
export class Route {
  /** SHA-256 of the token in hexadecimal, or `PROVIDER:reference`. */
  @PrimaryColumn("text", { name: "route_key", primaryKeyConstraintName: "route_pkey" })
  routeKey!: string;

  @Column("text", { name: "tenant_id" })
  tenantId!: string;

  @Column("text")
  kind!: string;

  @Column("text", { name: "target_id" })
  targetId!: string;

  @Column("timestamptz", { name: "expires_at", nullable: true })
  expiresAt!: Date | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}
