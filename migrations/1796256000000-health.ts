import type { MigrationInterface, QueryRunner } from "typeorm";

/** What a nightly comparison found, how late changes were stored, and since when something is wrong. */
export class Health1796256000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE integration ADD COLUMN problem_since timestamptz, ADD COLUMN drift jsonb`);
    await queryRunner.query(`UPDATE integration SET problem_since = updated_at WHERE problem IS NOT NULL`);
    await queryRunner.query(`ALTER TABLE sync_run ADD COLUMN drift integer, ADD COLUMN lag_ms integer`);
    await queryRunner.query(
      `CREATE INDEX sync_run_lag ON sync_run (tenant_id, integration_id, finished_at) WHERE lag_ms IS NOT NULL`,
    );
    await queryRunner.query(
      `CREATE INDEX sync_run_running ON sync_run (tenant_id, integration_id) WHERE state = 'RUNNING'`,
    );
    await queryRunner.query(
      `CREATE INDEX calendar_event_unsettled ON calendar_event (tenant_id, integration_id) WHERE sync_state <> 'SYNCED'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX calendar_event_unsettled`);
    await queryRunner.query(`DROP INDEX sync_run_running`);
    await queryRunner.query(`DROP INDEX sync_run_lag`);
    await queryRunner.query(`ALTER TABLE sync_run DROP COLUMN drift, DROP COLUMN lag_ms`);
    await queryRunner.query(`ALTER TABLE integration DROP COLUMN problem_since, DROP COLUMN drift`);
  }
}
