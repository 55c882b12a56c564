import { Column, Entity, PrimaryColumn } from "typeorm";

/** The latest mail to a board that takes all jobs of an account at once: the next one waits for a while after it. */
@Entity("job_batch")
export class JobBatch {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "job_batch_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { name: "integration_id", primaryKeyConstraintName: "job_batch_pkey" })
  integrationId!: string;

  /** Of the mail: whoever comes back with another one comes too late. */
  @Column("uuid", { name: "attempt_id" })
  attemptId!: string;

  /** Stored before it is sent; null once it is known that it did not go out. */
  @Column("timestamptz", { name: "begun_at", nullable: true })
  begunAt!: Date | null;
}
