import type { MigrationInterface, QueryRunner } from "typeorm";

/** Since when a cursor knows everything: what was written here later may have been undone before anybody else saw it. */
export class CursorAge1796086800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE calendar ADD COLUMN cursor_read_at timestamptz`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE calendar DROP COLUMN cursor_read_at`);
  }
}
