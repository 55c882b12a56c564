import { Column, Entity, PrimaryColumn } from "typeorm";
import type { StoredAnswer } from "./job-application.ts";

/** What somebody answered about equal opportunity. Whoever decides on an application does not see it. */
@Entity("job_application_eeo")
export class JobApplicationEeo {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "job_application_eeo_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { name: "job_application_id", primaryKeyConstraintName: "job_application_eeo_pkey" })
  jobApplicationId!: string;

  @Column("jsonb")
  answers!: readonly StoredAnswer[];
}
