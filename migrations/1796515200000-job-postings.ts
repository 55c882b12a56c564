import type { MigrationInterface, QueryRunner } from "typeorm";

const tenantTables = ["job_posting", "job_posting_version"] as const;

/** Jobs on boards, and what was sent of them. */
export class JobPostings1796515200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE job_posting (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        integration_id uuid NOT NULL,
        job_id text NOT NULL,
        reference text NOT NULL,
        route text NOT NULL,
        state text NOT NULL,
        wanted text NOT NULL,
        job jsonb NOT NULL,
        job_version integer NOT NULL,
        version_sent integer,
        version_refused integer,
        operation text,
        operation_id uuid,
        operation_version integer,
        previous_state text,
        is_unsure boolean NOT NULL,
        board_state text,
        board_posting_id text,
        board_task_id text,
        board_url text,
        close_reason text,
        approval jsonb,
        cost jsonb,
        problem jsonb,
        requested_by text NOT NULL,
        correlation_id uuid NOT NULL,
        looks integer NOT NULL,
        next_look_at timestamptz,
        checked_at timestamptz,
        submitted_at timestamptz,
        expires_at timestamptz,
        closed_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT job_posting_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(`CREATE UNIQUE INDEX job_posting_job ON job_posting (tenant_id, integration_id, job_id)`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX job_posting_reference ON job_posting (tenant_id, integration_id, reference)`,
    );
    await queryRunner.query(`CREATE INDEX job_posting_of_job ON job_posting (tenant_id, job_id, id)`);
    await queryRunner.query(`
      CREATE TABLE job_posting_version (
        tenant_id text NOT NULL,
        job_posting_id uuid NOT NULL,
        version integer NOT NULL,
        job jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT job_posting_version_pkey PRIMARY KEY (tenant_id, job_posting_id, version)
      )
    `);

    for (const table of tenantTables) {
      await queryRunner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queryRunner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await queryRunner.query(`
        CREATE POLICY tenant ON ${table} TO integrations_tenant
        USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')))
      `);
      await queryRunner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO integrations_tenant`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of tenantTables) await queryRunner.query(`DROP TABLE ${table}`);
  }
}
