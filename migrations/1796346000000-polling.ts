import type { MigrationInterface, QueryRunner } from "typeorm";

/** When something happened in an integration last, by which it is decided how often it is read. */
export class Polling1796346000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE integration ADD COLUMN active_at timestamptz`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE integration DROP COLUMN active_at`);
  }
}
