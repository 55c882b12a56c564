import { Column, Entity, PrimaryColumn } from "typeorm";

/** A job as it was sent to a board, or is to be. */
@Entity("job_posting_version")
export class JobPostingVersion {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "job_posting_version_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { name: "job_posting_id", primaryKeyConstraintName: "job_posting_version_pkey" })
  jobPostingId!: string;

  @PrimaryColumn("integer", { primaryKeyConstraintName: "job_posting_version_pkey" })
  version!: number;

  @Column("jsonb")
  job!: Record<string, unknown>;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}
