import type { MigrationInterface, QueryRunner } from "typeorm";

const tenantTables = ["inbound_delivery", "oauth_flow", "push_channel"] as const;

/** Consent at a vendor, tokens that are renewed, and messages from vendors. */
export class OauthAndPush1795633200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE credential
        ADD COLUMN expires_at timestamptz,
        ADD COLUMN renewed_at timestamptz,
        ADD COLUMN lease_fence bigint NOT NULL DEFAULT 0,
        ADD COLUMN lease_until timestamptz,
        ADD COLUMN renewal_begun_at timestamptz,
        ADD COLUMN renewal_not_before timestamptz,
        ADD COLUMN renewal_failures integer NOT NULL DEFAULT 0,
        ADD COLUMN renewal_problem jsonb
    `);
    await queryRunner.query(`UPDATE credential SET renewed_at = updated_at`);
    await queryRunner.query(`ALTER TABLE credential ALTER COLUMN renewed_at SET NOT NULL`);

    await queryRunner.query(`ALTER TABLE calendar_event ADD COLUMN reminders jsonb`);

    await queryRunner.query(`ALTER TABLE sync_run ADD COLUMN calendar_id uuid`);
    await queryRunner.query(`DROP INDEX sync_run_open`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX sync_run_open ON sync_run (tenant_id, integration_id) WHERE state = 'QUEUED' AND calendar_id IS NULL`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX sync_run_open_calendar ON sync_run (tenant_id, calendar_id) WHERE state = 'QUEUED' AND calendar_id IS NOT NULL`,
    );

    await queryRunner.query(`
      CREATE TABLE oauth_flow (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        integration_id uuid NOT NULL,
        provider text NOT NULL,
        user_id text NOT NULL,
        calendar_ids jsonb,
        return_url text,
        state text NOT NULL,
        browser_hash text,
        code_verifier bytea,
        outcome jsonb,
        correlation_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT oauth_flow_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(`CREATE INDEX oauth_flow_expiry ON oauth_flow (tenant_id, expires_at)`);
    await queryRunner.query(`
      CREATE TABLE push_channel (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        integration_id uuid NOT NULL,
        calendar_id uuid NOT NULL,
        external_id text,
        secret_hash text NOT NULL,
        state text NOT NULL,
        problem jsonb,
        expires_at timestamptz,
        last_message_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT push_channel_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(`CREATE INDEX push_channel_integration ON push_channel (tenant_id, integration_id)`);
    await queryRunner.query(`CREATE INDEX push_channel_calendar ON push_channel (tenant_id, calendar_id)`);
    await queryRunner.query(`
      CREATE TABLE inbound_delivery (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        provider text NOT NULL,
        integration_id uuid NOT NULL,
        channel_id uuid NOT NULL,
        headers jsonb NOT NULL,
        body text NOT NULL,
        state text NOT NULL,
        sync_run_id uuid,
        received_at timestamptz NOT NULL,
        CONSTRAINT inbound_delivery_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(`CREATE INDEX inbound_delivery_received ON inbound_delivery (tenant_id, received_at)`);

    // Whether anybody else has the same account connected, in whichever tenant.
    await queryRunner.query(`CREATE INDEX route_account ON route (target_id) WHERE kind = 'ACCOUNT'`);

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
    await queryRunner.query(`DROP INDEX route_account`);
    await queryRunner.query(`DROP INDEX sync_run_open_calendar`);
    await queryRunner.query(`DROP INDEX sync_run_open`);
    await queryRunner.query(`ALTER TABLE sync_run DROP COLUMN calendar_id`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX sync_run_open ON sync_run (tenant_id, integration_id) WHERE state = 'QUEUED'`,
    );
    await queryRunner.query(`ALTER TABLE calendar_event DROP COLUMN reminders`);
    await queryRunner.query(`
      ALTER TABLE credential
        DROP COLUMN expires_at, DROP COLUMN renewed_at, DROP COLUMN lease_fence, DROP COLUMN lease_until,
        DROP COLUMN renewal_begun_at, DROP COLUMN renewal_not_before, DROP COLUMN renewal_failures,
        DROP COLUMN renewal_problem
    `);
  }
}
