import type { MigrationInterface, QueryRunner } from "typeorm";

/** Channels that a vendor prolongs live on: what counts is when it last did. */
export class PushRenewal1796083200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE push_channel ADD COLUMN granted_at timestamptz`);
    await queryRunner.query(`UPDATE push_channel SET granted_at = created_at WHERE state <> 'OPENING'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE push_channel DROP COLUMN granted_at`);
  }
}
