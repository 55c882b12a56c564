import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What a cursor knows nothing of: objects that were written here since, or that a reading brought which broke off. When they
 * are gone again before the next reading, many vendors do not say so.
 */
export class UnsureObjects1796086800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE calendar
        ADD COLUMN cursor_read_at timestamptz,
        ADD COLUMN reading_since timestamptz,
        ADD COLUMN left_out jsonb NOT NULL DEFAULT '[]'
    `);
    await queryRunner.query(`
      CREATE INDEX calendar_event_written ON calendar_event (tenant_id, calendar_id, written_at) WHERE written_at IS NOT NULL
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX calendar_event_written`);
    await queryRunner.query(`
      ALTER TABLE calendar DROP COLUMN cursor_read_at, DROP COLUMN reading_since, DROP COLUMN left_out
    `);
  }
}
