import type { MigrationInterface, QueryRunner } from "typeorm";

/** A step of an application is called a step, and what its board has heard of it a disposition. */
export class ApplicationSteps1796688000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await rename(queryRunner, "job_application_status", "job_application_step");
    await queryRunner.query(`ALTER TABLE job_application_step RENAME COLUMN delivery TO disposition`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE job_application_step RENAME COLUMN disposition TO delivery`);
    await rename(queryRunner, "job_application_step", "job_application_status");
  }
}

async function rename(queryRunner: QueryRunner, from: string, to: string): Promise<void> {
  await queryRunner.query(`ALTER TABLE ${from} RENAME TO ${to}`);
  await queryRunner.query(`ALTER TABLE ${to} RENAME CONSTRAINT ${from}_pkey TO ${to}_pkey`);
  await queryRunner.query(`ALTER INDEX ${from}_pending RENAME TO ${to}_pending`);
}
