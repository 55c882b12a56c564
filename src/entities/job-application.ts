import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/** Who applies, as the board said it. */
export interface StoredCandidate {
  readonly fullName: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly headline: string | null;
  readonly summary: string | null;
  readonly profileUrls: readonly string[];
}

export interface StoredAnswer {
  readonly questionKey: string;
  readonly question: string | null;
  readonly values: readonly string[];
}

export interface StoredCareerStep {
  readonly title: string | null;
  readonly organization: string | null;
  readonly description: string | null;
  readonly city: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

export interface StoredSource {
  readonly sponsored: boolean | null;
  readonly referrer: string | null;
  readonly campaign: string | null;
}

/** One person's application to one job posting. Its files and its answers about equal opportunity are elsewhere. */
@Entity("job_application")
@Index("job_application_board", ["tenantId", "integrationId", "boardApplicationId"], { unique: true })
@Index("job_application_of_posting", ["tenantId", "jobPostingId", "person"])
@Index("job_application_of_job", ["tenantId", "jobId", "id"])
export class JobApplication {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "job_application_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { primaryKeyConstraintName: "job_application_pkey" })
  id!: string;

  @Column("uuid", { name: "integration_id" })
  integrationId!: string;

  @Column("uuid", { name: "job_posting_id" })
  jobPostingId!: string;

  /** The platform's. */
  @Column("text", { name: "job_id" })
  jobId!: string;

  @Column("text", { name: "board_application_id" })
  boardApplicationId!: string;

  /** By what else the board knows it. */
  @Column("jsonb", { name: "board_references" })
  boardReferences!: Readonly<Record<string, string>>;

  /** Who it is, as far as that can be told: a mail address or a telephone number; null when neither is known. */
  @Column("text", { nullable: true })
  person!: string | null;

  @Column("jsonb")
  candidate!: StoredCandidate;

  @Column("text", { name: "cover_letter", nullable: true })
  coverLetter!: string | null;

  @Column("text", { name: "resume_text", nullable: true })
  resumeText!: string | null;

  @Column("jsonb")
  experience!: readonly StoredCareerStep[];

  @Column("jsonb")
  education!: readonly StoredCareerStep[];

  @Column("jsonb")
  skills!: readonly string[];

  @Column("jsonb")
  answers!: readonly StoredAnswer[];

  @Column("jsonb")
  source!: StoredSource;

  @Column("text")
  status!: string;

  @Column("timestamptz", { name: "status_changed_at" })
  statusChangedAt!: Date;

  /** Who filed it by hand; null when it came from the board. */
  @Column("text", { name: "recorded_by", nullable: true })
  recordedBy!: string | null;

  /** As the board says it. */
  @Column("timestamptz", { name: "applied_at", nullable: true })
  appliedAt!: Date | null;

  @Column("timestamptz", { name: "received_at" })
  receivedAt!: Date;
}
