import type { MigrationInterface, QueryRunner } from "typeorm";

/** When something happened in an integration last, by which it is decided how often it is read; and which syncs the log tells of. */
export class Polling1796346000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE integration ADD COLUMN active_at timestamptz`);
    await queryRunner.query(`ALTER TABLE sync_run ADD COLUMN announced boolean NOT NULL DEFAULT false`);
    await queryRunner.query(`UPDATE sync_run SET announced = true WHERE started_at IS NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE integration DROP COLUMN active_at`);
    await queryRunner.query(`ALTER TABLE sync_run DROP COLUMN announced`);
  }
}
