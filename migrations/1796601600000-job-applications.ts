import type { MigrationInterface, QueryRunner } from "typeorm";

const tenantTables = [
  "job_application",
  "job_application_eeo",
  "job_application_file",
  "job_application_status",
] as const;

/** Applications, and the messages that they come in. */
export class JobApplications1796601600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE inbound_delivery
        ALTER COLUMN channel_id DROP NOT NULL,
        ALTER COLUMN body DROP NOT NULL,
        ADD external_id text,
        ADD sealed bytea,
        ADD key_id text,
        ADD problem jsonb,
        ADD job_posting_id uuid,
        ADD job_application_id uuid,
        ADD receipts integer NOT NULL DEFAULT 1
    `);
    await queryRunner.query(`ALTER TABLE inbound_delivery ALTER COLUMN receipts DROP DEFAULT`);
    await queryRunner.query(`
      CREATE UNIQUE INDEX inbound_delivery_external ON inbound_delivery (tenant_id, integration_id, external_id)
      WHERE external_id IS NOT NULL
    `);
    await queryRunner.query(
      `CREATE INDEX inbound_delivery_key ON inbound_delivery (tenant_id, key_id) WHERE key_id IS NOT NULL`,
    );
    await queryRunner.query(`
      CREATE TABLE job_application (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        integration_id uuid NOT NULL,
        job_posting_id uuid NOT NULL,
        job_id text NOT NULL,
        board_application_id text NOT NULL,
        board_references jsonb NOT NULL,
        person text,
        candidate jsonb NOT NULL,
        cover_letter text,
        resume_text text,
        experience jsonb NOT NULL,
        education jsonb NOT NULL,
        skills jsonb NOT NULL,
        answers jsonb NOT NULL,
        source jsonb NOT NULL,
        status text NOT NULL,
        status_changed_at timestamptz NOT NULL,
        applied_at timestamptz,
        received_at timestamptz NOT NULL,
        CONSTRAINT job_application_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(`
      CREATE UNIQUE INDEX job_application_board ON job_application (tenant_id, integration_id, board_application_id)
    `);
    await queryRunner.query(
      `CREATE INDEX job_application_of_posting ON job_application (tenant_id, job_posting_id, person)`,
    );
    await queryRunner.query(`CREATE INDEX job_application_of_job ON job_application (tenant_id, job_id, id)`);
    await queryRunner.query(`
      CREATE TABLE job_application_eeo (
        tenant_id text NOT NULL,
        job_application_id uuid NOT NULL,
        answers jsonb NOT NULL,
        CONSTRAINT job_application_eeo_pkey PRIMARY KEY (tenant_id, job_application_id)
      )
    `);
    await queryRunner.query(`
      CREATE TABLE job_application_file (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        integration_id uuid NOT NULL,
        job_application_id uuid NOT NULL,
        kind text NOT NULL,
        question_key text,
        file_name text NOT NULL,
        content_type text,
        size_bytes integer,
        state text NOT NULL,
        problem jsonb,
        source text,
        sealed bytea,
        key_id text,
        created_at timestamptz NOT NULL,
        CONSTRAINT job_application_file_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(
      `CREATE INDEX job_application_file_of ON job_application_file (tenant_id, job_application_id)`,
    );
    await queryRunner.query(`
      CREATE INDEX job_application_file_pending ON job_application_file (tenant_id, integration_id)
      WHERE state = 'PENDING'
    `);
    await queryRunner.query(
      `CREATE INDEX job_application_file_key ON job_application_file (tenant_id, key_id) WHERE key_id IS NOT NULL`,
    );
    await queryRunner.query(`
      CREATE TABLE job_application_status (
        tenant_id text NOT NULL,
        job_application_id uuid NOT NULL,
        position integer NOT NULL,
        integration_id uuid NOT NULL,
        status text NOT NULL,
        reason text,
        stage text,
        details text,
        changed_at timestamptz NOT NULL,
        changed_by text,
        delivery text NOT NULL,
        board_status text,
        problem jsonb,
        recorded_at timestamptz NOT NULL,
        told_at timestamptz,
        CONSTRAINT job_application_status_pkey PRIMARY KEY (tenant_id, job_application_id, position)
      )
    `);
    await queryRunner.query(`
      CREATE INDEX job_application_status_pending ON job_application_status (tenant_id, integration_id, recorded_at, position)
      WHERE delivery = 'PENDING'
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
    await queryRunner.query(`ALTER TABLE sync_run ADD board jsonb`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE sync_run DROP board`);
    for (const table of tenantTables) await queryRunner.query(`DROP TABLE ${table}`);
    await queryRunner.query(`DELETE FROM inbound_delivery WHERE channel_id IS NULL`);
    await queryRunner.query(`DROP INDEX inbound_delivery_external`);
    await queryRunner.query(`
      ALTER TABLE inbound_delivery
        ALTER COLUMN channel_id SET NOT NULL,
        ALTER COLUMN body SET NOT NULL,
        DROP external_id,
        DROP sealed,
        DROP key_id,
        DROP problem,
        DROP job_posting_id,
        DROP job_application_id,
        DROP receipts
    `);
  }
}
