import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { Problem } from "./problem.ts";

export type ApplicationFileKind = "RESUME" | "COVER_LETTER" | "ANSWER";

/** `PENDING` until it was fetched, `REFUSED` when it is too large or no document, `LOST` when the board no longer has it. */
export const applicationFileStates = ["STORED", "PENDING", "REFUSED", "LOST"] as const;
export type ApplicationFileState = (typeof applicationFileStates)[number];

/** A file of an application. */
@Entity("job_application_file")
@Index("job_application_file_of", ["tenantId", "jobApplicationId"])
@Index("job_application_file_pending", ["tenantId", "integrationId"], { where: "state = 'PENDING'" })
@Index("job_application_file_key", ["tenantId", "keyId"], { where: "key_id IS NOT NULL" })
export class JobApplicationFile {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "job_application_file_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "job_application_file_pkey" })
  id!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  @Column("uuid", { name: "job_application_id" })
  jobApplicationId!: string;

  @Column("text")
  kind!: ApplicationFileKind;

  @Column("text", { name: "question_key", nullable: true })
  questionKey!: string | null;

  @Column("text", { name: "file_name" })
  fileName!: string;

  /** What its bytes show, whatever the sender said; null as long as nobody has them. */
  @Column("text", { name: "content_type", nullable: true })
  contentType!: string | null;

  @Column("integer", { name: "size_bytes", nullable: true })
  sizeBytes!: number | null;

  @Column("text")
  state!: ApplicationFileState;

  @Column("jsonb", { nullable: true })
  problem!: Problem | null;

  /** Where the board has it; null where it came with the application. */
  @Column("text", { nullable: true })
  source!: string | null;

  @Column("bytea", { nullable: true, select: false })
  sealed!: Buffer | null;

  /** Which key of the ring sealed it. */
  @Column("text", { name: "key_id", nullable: true })
  keyId!: string | null;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}
