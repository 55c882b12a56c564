import type { MigrationInterface, QueryRunner } from "typeorm";

/** Logins at a vendor's own page that nobody's browser comes back from: they are asked for. */
export class LoginFlows1796343000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE oauth_flow ADD COLUMN login bytea`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE oauth_flow DROP COLUMN login`);
  }
}
