import type { MigrationInterface, QueryRunner } from "typeorm";

const tenantTables = [
  "calendar",
  "calendar_event",
  "calendar_occurrence",
  "credential",
  "event",
  "event_head",
  "idempotency_key",
  "integration",
  "route",
  "sync_run",
  "tenant",
] as const;

/** What work across tenants may read; it may write nothing. */
const systemTables = ["event_head", "route", "tenant"] as const;

/** The tables, and the two roles that work with them: neither owns a table nor bypasses row-level security. */
export class FirstTables1795305600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createRole(queryRunner, "integrations_tenant");
    await createRole(queryRunner, "integrations_system");
    await queryRunner.query(`GRANT USAGE ON SCHEMA public TO integrations_tenant, integrations_system`);

    await queryRunner.query(`
      CREATE TABLE calendar (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        integration_id uuid NOT NULL,
        external_id text NOT NULL,
        name text NOT NULL,
        writable boolean NOT NULL,
        "primary" boolean NOT NULL,
        selected boolean NOT NULL,
        time_zone text,
        color text,
        sync_cursor text,
        last_synced_at timestamptz,
        removed_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT calendar_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(
      `CREATE UNIQUE INDEX calendar_external ON calendar (tenant_id, integration_id, external_id)`,
    );
    await queryRunner.query(`
      CREATE TABLE calendar_event (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        integration_id uuid NOT NULL,
        calendar_id uuid NOT NULL,
        external_id text NOT NULL,
        uid text NOT NULL,
        kind text NOT NULL,
        series_id uuid,
        recurrence_key text NOT NULL,
        etag text,
        raw text,
        title text NOT NULL,
        description text,
        location text,
        conference_url text,
        status text NOT NULL,
        transparency text NOT NULL,
        classification text NOT NULL,
        organizer jsonb,
        attendees jsonb NOT NULL,
        start jsonb NOT NULL,
        "end" jsonb NOT NULL,
        recurrence jsonb NOT NULL,
        sequence integer NOT NULL,
        version integer NOT NULL,
        sync_state text NOT NULL,
        intent jsonb,
        written_at timestamptz,
        problem jsonb,
        deleted_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT calendar_event_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(
      `CREATE INDEX calendar_event_deleted ON calendar_event (tenant_id, deleted_at) WHERE deleted_at is not null`,
    );
    await queryRunner.query(
      `CREATE INDEX calendar_event_series ON calendar_event (tenant_id, series_id) WHERE series_id is not null`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX calendar_event_external ON calendar_event (tenant_id, calendar_id, external_id, recurrence_key) WHERE deleted_at is null`,
    );
    await queryRunner.query(`
      CREATE TABLE calendar_occurrence (
        tenant_id text NOT NULL,
        event_id uuid NOT NULL,
        recurrence_key text NOT NULL,
        detail_id uuid NOT NULL,
        calendar_id uuid NOT NULL,
        start_at timestamptz NOT NULL,
        end_at timestamptz NOT NULL,
        long boolean NOT NULL,
        start jsonb NOT NULL,
        "end" jsonb NOT NULL,
        CONSTRAINT calendar_occurrence_pkey PRIMARY KEY (tenant_id, event_id, recurrence_key)
      )
    `);
    await queryRunner.query(`CREATE INDEX calendar_occurrence_detail ON calendar_occurrence (tenant_id, detail_id)`);
    await queryRunner.query(
      `CREATE INDEX calendar_occurrence_long ON calendar_occurrence (tenant_id, calendar_id, end_at) WHERE long`,
    );
    await queryRunner.query(
      `CREATE INDEX calendar_occurrence_start ON calendar_occurrence (tenant_id, calendar_id, start_at)`,
    );
    await queryRunner.query(`
      CREATE TABLE credential (
        tenant_id text NOT NULL,
        integration_id uuid NOT NULL,
        sealed bytea NOT NULL,
        key_id text NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT credential_pkey PRIMARY KEY (tenant_id, integration_id)
      )
    `);
    await queryRunner.query(`
      CREATE TABLE event (
        tenant_id text NOT NULL,
        position bigint NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        occurred_at timestamptz NOT NULL,
        actor_kind text NOT NULL,
        actor_id text,
        integration_id uuid,
        subject_id text,
        data jsonb NOT NULL,
        data_version integer NOT NULL,
        correlation_id uuid NOT NULL,
        causation_id uuid,
        CONSTRAINT event_pkey PRIMARY KEY (tenant_id, position)
      )
    `);
    await queryRunner.query(`CREATE INDEX event_integration ON event (tenant_id, integration_id, position)`);
    await queryRunner.query(`CREATE INDEX event_subject ON event (tenant_id, subject_id, position)`);
    await queryRunner.query(`CREATE INDEX event_occurred ON event (tenant_id, occurred_at)`);
    await queryRunner.query(`CREATE UNIQUE INDEX event_id ON event (tenant_id, id)`);
    await queryRunner.query(`
      CREATE TABLE event_head (
        tenant_id text NOT NULL,
        position bigint NOT NULL,
        removed_until bigint NOT NULL,
        CONSTRAINT event_head_pkey PRIMARY KEY (tenant_id)
      )
    `);
    await queryRunner.query(`
      CREATE TABLE idempotency_key (
        tenant_id text NOT NULL,
        user_id text NOT NULL,
        mutation text NOT NULL,
        key text NOT NULL,
        input_hash text NOT NULL,
        subject_id uuid NOT NULL,
        answer jsonb,
        running_until timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT idempotency_key_pkey PRIMARY KEY (tenant_id, user_id, mutation, key)
      )
    `);
    await queryRunner.query(`CREATE INDEX idempotency_key_expiry ON idempotency_key (tenant_id, expires_at)`);
    await queryRunner.query(`
      CREATE TABLE integration (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        provider text NOT NULL,
        ownership text NOT NULL,
        owner_id text,
        visibility text NOT NULL,
        label text,
        account_id text NOT NULL,
        account_name text NOT NULL,
        settings jsonb NOT NULL,
        status text NOT NULL,
        problem jsonb,
        default_calendar_id uuid,
        sync_interval_seconds integer,
        consecutive_failures integer NOT NULL,
        last_synced_at timestamptz,
        last_compared_at timestamptz,
        next_sync_at timestamptz,
        disconnected_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT integration_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(`CREATE INDEX integration_owner ON integration (tenant_id, owner_id, id)`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX integration_tenant_account ON integration (tenant_id, provider, account_id) WHERE ownership = 'TENANT'`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX integration_user_account ON integration (tenant_id, provider, owner_id, account_id) WHERE ownership = 'USER'`,
    );
    await queryRunner.query(`
      CREATE TABLE route (
        route_key text NOT NULL,
        tenant_id text NOT NULL,
        kind text NOT NULL,
        target_id text NOT NULL,
        expires_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT route_pkey PRIMARY KEY (route_key)
      )
    `);
    await queryRunner.query(`CREATE INDEX route_tenant ON route (tenant_id, kind, target_id)`);
    await queryRunner.query(`
      CREATE TABLE sync_run (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        integration_id uuid NOT NULL,
        trigger text NOT NULL,
        requested_by text,
        "full" boolean NOT NULL,
        state text NOT NULL,
        cancel_requested boolean NOT NULL,
        attempts integer NOT NULL,
        calendars_total integer NOT NULL,
        calendars_done integer NOT NULL,
        created integer NOT NULL,
        updated integer NOT NULL,
        deleted integer NOT NULL,
        skipped jsonb NOT NULL,
        skipped_total integer NOT NULL,
        problem jsonb,
        correlation_id uuid NOT NULL,
        queued_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        CONSTRAINT sync_run_pkey PRIMARY KEY (tenant_id, id)
      )
    `);
    await queryRunner.query(
      `CREATE UNIQUE INDEX sync_run_open ON sync_run (tenant_id, integration_id) WHERE state = 'QUEUED'`,
    );
    await queryRunner.query(`CREATE INDEX sync_run_integration ON sync_run (tenant_id, integration_id, id)`);
    await queryRunner.query(`
      CREATE TABLE tenant (
        tenant_id text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT tenant_pkey PRIMARY KEY (tenant_id)
      )
    `);

    for (const table of tenantTables) {
      await queryRunner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queryRunner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      // The sub-select is evaluated once per query, not once per row. An unset tenant is '' after the first
      // transaction of a connection and must not match anything.
      await queryRunner.query(`
        CREATE POLICY tenant ON ${table} TO integrations_tenant
        USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')))
      `);
      await queryRunner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO integrations_tenant`);
    }
    for (const table of systemTables) {
      await queryRunner.query(`CREATE POLICY system ON ${table} FOR SELECT TO integrations_system USING (true)`);
      await queryRunner.query(`GRANT SELECT ON ${table} TO integrations_system`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of tenantTables) await queryRunner.query(`DROP TABLE ${table}`);
  }
}

/** Roles belong to the whole server, so another database of it may have made them already, even a moment ago. */
async function createRole(queryRunner: QueryRunner, role: string): Promise<void> {
  await queryRunner.query(`
    DO $$ BEGIN
      CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
  `);
}
