import type { MigrationInterface, QueryRunner } from "typeorm";

/** Series whose recurrence cannot be followed are few, and looked for whenever somebody asks when a calendar is busy. */
export class UnfollowedSeries1795719600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX calendar_event_unfollowed ON calendar_event (tenant_id, calendar_id)
      WHERE kind = 'SERIES' AND problem IS NOT NULL
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX calendar_event_unfollowed`);
  }
}
