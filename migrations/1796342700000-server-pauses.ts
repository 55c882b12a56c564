import type { MigrationInterface, QueryRunner } from "typeorm";

/** A pause that is about everybody at a server, beside those of single accounts. */
export class ServerPauses1796342700000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE limits.server
        ADD COLUMN refusals integer NOT NULL DEFAULT 0,
        ADD COLUMN paused_until timestamptz,
        ADD COLUMN pause_code text
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE limits.server DROP COLUMN refusals, DROP COLUMN paused_until, DROP COLUMN pause_code`,
    );
  }
}
