import type { MigrationInterface, QueryRunner } from "typeorm";

/** From a vendor's message to all that it brings about; and that messages came which nobody proved. */
export class InboundChain1797120000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE inbound_delivery
        ADD COLUMN correlation_id uuid NOT NULL DEFAULT gen_random_uuid(),
        ADD COLUMN verified boolean NOT NULL DEFAULT true,
        ADD COLUMN unproved_hour timestamptz,
        ADD COLUMN size integer,
        ADD COLUMN says text
    `);
    await queryRunner.query(`
      ALTER TABLE inbound_delivery ALTER COLUMN correlation_id DROP DEFAULT, ALTER COLUMN verified DROP DEFAULT
    `);
    await queryRunner.query(`
      CREATE UNIQUE INDEX inbound_delivery_unproved ON inbound_delivery (tenant_id, integration_id, unproved_hour)
      WHERE unproved_hour IS NOT NULL
    `);
    await queryRunner.query(`
      CREATE INDEX inbound_delivery_integration ON inbound_delivery (tenant_id, integration_id, id)
    `);
    await queryRunner.query(
      `CREATE INDEX inbound_delivery_correlation ON inbound_delivery (tenant_id, correlation_id)`,
    );
    await queryRunner.query(`ALTER TABLE sync_run ADD COLUMN causation_id uuid`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE sync_run DROP COLUMN causation_id`);
    await queryRunner.query(`DROP INDEX inbound_delivery_correlation`);
    await queryRunner.query(`DROP INDEX inbound_delivery_integration`);
    await queryRunner.query(`DELETE FROM inbound_delivery WHERE NOT verified`);
    await queryRunner.query(`
      ALTER TABLE inbound_delivery
        DROP COLUMN correlation_id, DROP COLUMN verified, DROP COLUMN unproved_hour, DROP COLUMN size,
        DROP COLUMN says
    `);
  }
}
