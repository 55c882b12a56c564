import type { MigrationInterface, QueryRunner } from "typeorm";

/** What came in and what it brought about belong together; messages that nobody could prove are known of, too. */
export class InboundChain1797292800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE inbound_delivery
      ADD COLUMN correlation_id uuid,
      ADD COLUMN verified boolean NOT NULL DEFAULT true,
      ADD COLUMN size integer`);
    // Each of those that are there was a matter of its own.
    await queryRunner.query(`UPDATE inbound_delivery SET correlation_id = id`);
    await queryRunner.query(`ALTER TABLE inbound_delivery
      ALTER COLUMN correlation_id SET NOT NULL,
      ALTER COLUMN verified DROP DEFAULT`);
    await queryRunner.query(
      `CREATE INDEX inbound_delivery_correlation ON inbound_delivery (tenant_id, correlation_id)`,
    );
    await queryRunner.query(
      `CREATE INDEX inbound_delivery_integration ON inbound_delivery (tenant_id, integration_id, id)`,
    );
    await queryRunner.query(`ALTER TABLE sync_run ADD COLUMN causation_id uuid`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE sync_run DROP COLUMN causation_id`);
    await queryRunner.query(`DROP INDEX inbound_delivery_integration`);
    await queryRunner.query(`ALTER TABLE inbound_delivery
      DROP COLUMN size, DROP COLUMN verified, DROP COLUMN correlation_id`);
  }
}
