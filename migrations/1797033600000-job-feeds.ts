import type { MigrationInterface, QueryRunner } from "typeorm";

/** Who has fetched which feed when, and quick ways to what stands in a feed and to when it changed. */
export class JobFeeds1797033600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE job_feed_fetch (
        tenant_id text NOT NULL,
        integration_id uuid NOT NULL,
        dialect text NOT NULL,
        user_agent text NOT NULL,
        etag text NOT NULL,
        jobs integer NOT NULL,
        fetches integer NOT NULL,
        first_fetched_at timestamptz NOT NULL,
        last_fetched_at timestamptz NOT NULL,
        CONSTRAINT job_feed_fetch_pkey PRIMARY KEY (tenant_id, integration_id, dialect, user_agent)
      )
    `);
    await queryRunner.query(`ALTER TABLE job_feed_fetch ENABLE ROW LEVEL SECURITY`);
    await queryRunner.query(`ALTER TABLE job_feed_fetch FORCE ROW LEVEL SECURITY`);
    await queryRunner.query(`
      CREATE POLICY tenant ON job_feed_fetch TO integrations_tenant
      USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')))
    `);
    await queryRunner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON job_feed_fetch TO integrations_tenant`);
    await queryRunner.query(`
      CREATE INDEX job_posting_in_feed ON job_posting (tenant_id, integration_id, id)
      WHERE route = 'FEED' AND state IN ('SUBMITTED', 'IN_REVIEW', 'LIVE', 'LIMITED')
    `);
    await queryRunner.query(`
      CREATE INDEX job_posting_feed_change ON job_posting (tenant_id, integration_id, updated_at) WHERE route = 'FEED'
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX job_posting_feed_change`);
    await queryRunner.query(`DROP INDEX job_posting_in_feed`);
    await queryRunner.query(`DROP TABLE job_feed_fetch`);
  }
}
