import type { MigrationInterface, QueryRunner } from "typeorm";

/** Postings that people make at a board, links by which candidates come from one, and applications that people file. */
export class PostingsByHand1796774400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE job_posting
        ADD COLUMN due_at timestamptz,
        ADD COLUMN renews_at timestamptz,
        ADD COLUMN renewal_told_at timestamptz,
        ADD COLUMN apply_clicks integer NOT NULL DEFAULT 0,
        ADD COLUMN apply_clicked_at timestamptz
    `);
    await queryRunner.query(`ALTER TABLE job_application ADD COLUMN recorded_by text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE job_application DROP COLUMN recorded_by`);
    await queryRunner.query(`
      ALTER TABLE job_posting
        DROP COLUMN due_at, DROP COLUMN renews_at, DROP COLUMN renewal_told_at,
        DROP COLUMN apply_clicks, DROP COLUMN apply_clicked_at
    `);
  }
}
