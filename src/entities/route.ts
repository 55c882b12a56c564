import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/**
 * - `OAUTH_LINK`: a link to a consent page; target: the flow.
 * - `OAUTH_STATE`: a browser that comes back from there; target: the flow.
 * - `PUSH`: where a vendor sends messages; target: the channel.
 * - `APPLICATIONS`: where a board sends an account's applications; target: the integration.
 * - `FEED`: where an account's feeds are read; target: the integration.
 * - `APPLY`: by which candidates come from a board; target: the posting.
 * - `POSTING`: a job posting as its board names it, for messages that come for all accounts; target: the posting.
 * - `BOARD_ACCOUNT`: an account as its board names it, for the same; target: the integration.
 * - `ACCOUNT`: who has a vendor's account connected; key: the integration, target: a hash of provider and account.
 */
export type RouteKind =
  | "OAUTH_LINK"
  | "OAUTH_STATE"
  | "PUSH"
  | "APPLICATIONS"
  | "FEED"
  | "APPLY"
  | "POSTING"
  | "BOARD_ACCOUNT"
  | "ACCOUNT";

/**
 * The way to a tenant for callers that bring no token of ours: an OAuth return, a webhook, a link.
 * Holds no secret: a caller's token is stored as its hash.
 */
@Entity("route")
@Index("route_tenant", ["tenantId", "kind", "targetId"])
@Index("route_account", ["targetId"], { where: "kind = 'ACCOUNT'" })
export class Route {
  /** SHA-256 of the token in hexadecimal, or `PROVIDER:reference`. */
  @PrimaryColumn("text", { name: "route_key", primaryKeyConstraintName: "route_pkey" })
  routeKey!: string;

  @Column("text", { name: "tenant_id" })
  tenantId!: string;

  @Column("text")
  kind!: RouteKind;

  @Column("text", { name: "target_id" })
  targetId!: string;

  @Column("timestamptz", { name: "expires_at", nullable: true })
  expiresAt!: Date | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}
