import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/**
 * - `OFFERED`: a link was given out, nobody has followed it.
 * - `STARTED`: a browser was sent to the vendor's page.
 * - `RETURNED`: it came back, and the code is being exchanged; or the vendor was asked, and what it granted is being tried.
 * - `DONE`: there is an outcome.
 */
export type OAuthFlowState = "OFFERED" | "STARTED" | "RETURNED" | "DONE";

/** How connecting ended, as the browser and whoever asks later are told. */
export interface OAuthOutcome {
  readonly outcome: "CONNECTED" | "REFUSED" | "FAILED";
  /** The integration that is live, which may be an older one of the same account. */
  readonly integrationId: string;
  /** An ErrorCode, or INTERNAL; null when it is connected. */
  readonly code: string | null;
  readonly message: string;
  readonly remedy: string | null;
  readonly providerCode: string | null;
}

/** One way of a person through a vendor's page, from the link to the outcome. */
@Entity("oauth_flow")
@Index("oauth_flow_expiry", ["tenantId", "expiresAt"])
export class OAuthFlow {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "oauth_flow_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "oauth_flow_pkey" })
  id!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  @Column("text")
  provider!: string;

  /** Who asked for it. */
  @Column("text", { name: "user_id" })
  userId!: string;

  /** The vendor's ids of the calendars to mirror; null takes the primary one alone. */
  @Column("jsonb", { name: "calendar_ids", nullable: true })
  calendarIds!: readonly string[] | null;

  @Column("text", { name: "return_url", nullable: true })
  returnUrl!: string | null;

  @Column("text")
  state!: OAuthFlowState;

  /** Of the cookie of the browser that followed the link; no other one may come back with the code. */
  @Column("text", { name: "browser_hash", nullable: true })
  browserHash!: string | null;

  /** Sealed (RFC 7636). */
  @Column("bytea", { name: "code_verifier", nullable: true, select: false })
  codeVerifier!: Buffer | null;

  /** Sealed: what a vendor is asked with whether the person has let us in; from then on, what it granted. */
  @Column("bytea", { nullable: true, select: false })
  login!: Buffer | null;

  @Column("jsonb", { nullable: true })
  outcome!: OAuthOutcome | null;

  @Column("uuid", { name: "correlation_id" })
  correlationId!: string;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "expires_at" })
  expiresAt!: Date;
}
