import type { MigrationInterface, QueryRunner } from "typeorm";

const tables = ["webhook_endpoint", "webhook_delivery", "webhook_attempt"] as const;

/** Customers' URLs that events are sent to, what is sent to them, and what they answered. */
export class WebhookEndpoints1797206400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE webhook_endpoint (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        url text NOT NULL,
        description text,
        event_types jsonb,
        integration_ids jsonb,
        subject_types jsonb NOT NULL,
        ordered boolean NOT NULL,
        max_per_second integer,
        include_private boolean NOT NULL,
        sealed bytea NOT NULL,
        key_id text NOT NULL,
        header_names jsonb NOT NULL,
        former_secret_until timestamptz,
        state text NOT NULL,
        began_after bigint NOT NULL,
        position bigint NOT NULL,
        held_until timestamptz,
        failing_since timestamptz,
        failures integer NOT NULL,
        away boolean NOT NULL,
        slow boolean NOT NULL,
        turn_id uuid,
        turn_until timestamptz,
        warnings integer NOT NULL,
        problem jsonb,
        disabled_at timestamptz,
        last_delivered_at timestamptz,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT webhook_endpoint_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(
      `CREATE INDEX webhook_endpoint_following ON webhook_endpoint (tenant_id, position) WHERE state = 'ENABLED'`,
    );
    await queryRunner.query(`CREATE INDEX webhook_endpoint_key ON webhook_endpoint (tenant_id, key_id)`);
    await queryRunner.query(`
      CREATE TABLE webhook_delivery (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        endpoint_id uuid NOT NULL,
        event_id uuid NOT NULL,
        event_type text NOT NULL,
        position bigint,
        correlation_id uuid NOT NULL,
        trigger text NOT NULL,
        replay_id uuid,
        message jsonb,
        state text NOT NULL,
        attempts integer NOT NULL,
        tried_since timestamptz,
        tries integer NOT NULL,
        due_at timestamptz,
        delivered_at timestamptz,
        problem jsonb,
        created_at timestamptz NOT NULL,
        CONSTRAINT webhook_delivery_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(
      `CREATE UNIQUE INDEX webhook_delivery_event ON webhook_delivery (tenant_id, event_id, endpoint_id)`,
    );
    await queryRunner.query(`CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (tenant_id, endpoint_id, id)`);
    await queryRunner.query(
      `CREATE INDEX webhook_delivery_due ON webhook_delivery (tenant_id, endpoint_id, due_at) WHERE state = 'PENDING'`,
    );
    await queryRunner.query(
      `CREATE INDEX webhook_delivery_order ON webhook_delivery (tenant_id, endpoint_id, position) WHERE state = 'PENDING'`,
    );
    await queryRunner.query(
      `CREATE INDEX webhook_delivery_correlation ON webhook_delivery (tenant_id, correlation_id)`,
    );
    await queryRunner.query(`CREATE INDEX webhook_delivery_position ON webhook_delivery (tenant_id, position)`);
    await queryRunner.query(`
      CREATE TABLE webhook_attempt (
        tenant_id text NOT NULL,
        delivery_id uuid NOT NULL,
        number integer NOT NULL,
        started_at timestamptz NOT NULL,
        duration_ms integer NOT NULL,
        status integer,
        answer text,
        problem jsonb,
        CONSTRAINT webhook_attempt_pkey PRIMARY KEY (tenant_id, delivery_id, number)
      )
    `);
    for (const table of tables) {
      await queryRunner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queryRunner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await queryRunner.query(`
        CREATE POLICY tenant ON ${table} TO integrations_tenant
        USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')))
      `);
      await queryRunner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO integrations_tenant`);
    }
    await queryRunner.query(`ALTER TABLE event_head ADD COLUMN followed_until bigint`);
    await queryRunner.query(
      `CREATE INDEX event_head_followed ON event_head (tenant_id) WHERE followed_until IS NOT NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX event_head_followed`);
    await queryRunner.query(`ALTER TABLE event_head DROP COLUMN followed_until`);
    for (const table of tables) await queryRunner.query(`DROP TABLE ${table}`);
  }
}
