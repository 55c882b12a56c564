import { Column, Entity, PrimaryColumn } from "typeorm";

/** One reader of one feed, by what it calls itself, and what it got last. */
@Entity("job_feed_fetch")
export class JobFeedFetch {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "job_feed_fetch_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { name: "integration_id", primaryKeyConstraintName: "job_feed_fetch_pkey" })
  integrationId!: string;

  /** As in the address: `indeed`. */
  @PrimaryColumn("text", { primaryKeyConstraintName: "job_feed_fetch_pkey" })
  dialect!: string;

  /** Empty for one that does not say. */
  @PrimaryColumn("text", { name: "user_agent", primaryKeyConstraintName: "job_feed_fetch_pkey" })
  userAgent!: string;

  /** Of the feed that it got, or had already. */
  @Column("text")
  etag!: string;

  /** How many jobs were in that. */
  @Column("integer")
  jobs!: number;

  /** How often it came. */
  @Column("integer")
  fetches!: number;

  @Column("timestamptz", { name: "first_fetched_at" })
  firstFetchedAt!: Date;

  @Column("timestamptz", { name: "last_fetched_at" })
  lastFetchedAt!: Date;
}
