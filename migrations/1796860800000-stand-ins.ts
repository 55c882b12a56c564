import type { MigrationInterface, QueryRunner } from "typeorm";

/** Which accounts are at a stand-in for their vendor. Those connected before this count as real ones. */
export class StandIns1796860800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE integration ADD COLUMN simulated boolean NOT NULL DEFAULT false`);
    await queryRunner.query(`ALTER TABLE integration ALTER COLUMN simulated DROP DEFAULT`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE integration DROP COLUMN simulated`);
  }
}
