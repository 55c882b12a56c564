import type { MigrationInterface, QueryRunner } from "typeorm";

/** When a board that takes all jobs of an account at once was mailed last. */
export class JobBatches1796947200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE job_batch (
        tenant_id text NOT NULL,
        integration_id uuid NOT NULL,
        attempt_id uuid NOT NULL,
        begun_at timestamptz,
        CONSTRAINT job_batch_pkey PRIMARY KEY (tenant_id, integration_id)
      )
    `);
    await queryRunner.query(`ALTER TABLE job_batch ENABLE ROW LEVEL SECURITY`);
    await queryRunner.query(`ALTER TABLE job_batch FORCE ROW LEVEL SECURITY`);
    await queryRunner.query(`
      CREATE POLICY tenant ON job_batch TO integrations_tenant
      USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')))
    `);
    await queryRunner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON job_batch TO integrations_tenant`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE job_batch`);
  }
}
