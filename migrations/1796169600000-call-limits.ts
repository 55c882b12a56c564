import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What may still be called, and which servers are down. It belongs to no tenant: two of them may have the same account.
 * Unlogged, because a call must not wait for a disk, and what a crash of Postgres loses is learned again.
 */
export class CallLimits1796169600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE SCHEMA limits`);
    await queryRunner.query(`
      CREATE UNLOGGED TABLE limits.budget (
        key text NOT NULL,
        provider text NOT NULL,
        spent_until timestamptz NOT NULL,
        last_ticket bigint NOT NULL DEFAULT 0,
        line jsonb NOT NULL DEFAULT '{}',
        refusals integer NOT NULL DEFAULT 0,
        paused_until timestamptz,
        pause_code text,
        CONSTRAINT budget_pkey PRIMARY KEY (key)
      ) WITH (fillfactor = 50)
    `);
    await queryRunner.query(
      `CREATE INDEX budget_paused ON limits.budget (provider, paused_until) WHERE paused_until IS NOT NULL`,
    );
    await queryRunner.query(`
      CREATE UNLOGGED TABLE limits.server (
        key text NOT NULL,
        provider text NOT NULL,
        counted_from timestamptz NOT NULL,
        failing jsonb NOT NULL,
        failed integer NOT NULL,
        answered integer NOT NULL,
        down_since timestamptz,
        down_until timestamptz,
        openings integer NOT NULL DEFAULT 0,
        CONSTRAINT server_pkey PRIMARY KEY (key)
      ) WITH (fillfactor = 50)
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP SCHEMA limits CASCADE`);
  }
}
