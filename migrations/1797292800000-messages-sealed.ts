import type { MigrationInterface, QueryRunner } from "typeorm";

/** What vendors say is sealed, or not kept: in Microsoft's messages stands the secret of their subscription. */
export class MessagesSealed1797292800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE inbound_delivery DROP COLUMN body`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE inbound_delivery ADD COLUMN body text`);
  }
}
