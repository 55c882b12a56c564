import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/** What a mutation answered to a key, so that asking again answers the same. */
@Entity("idempotency_key")
@Index("idempotency_key_expiry", ["tenantId", "expiresAt"])
export class IdempotencyKey {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "idempotency_key_pkey" })
  tenantId!: string;

  @PrimaryColumn("text", { name: "user_id", primaryKeyConstraintName: "idempotency_key_pkey" })
  userId!: string;

  @PrimaryColumn("text", { primaryKeyConstraintName: "idempotency_key_pkey" })
  mutation!: string;

  @PrimaryColumn("text", { primaryKeyConstraintName: "idempotency_key_pkey" })
  key!: string;

  /** A keyed fingerprint of the input. */
  @Column("text", { name: "input_hash" })
  inputHash!: string;

  /** The id of what the call makes, chosen before it is made: a call that is repeated after a crash makes the same. */
  @Column("uuid", { name: "subject_id" })
  subjectId!: string;

  /** Null while the first call still runs. */
  @Column("jsonb", { nullable: true })
  answer!: Record<string, unknown> | null;

  /** A call that has not answered by then is taken for dead, and its key for free. */
  @Column("timestamptz", { name: "running_until" })
  runningUntil!: Date;

  @Column("timestamptz", { name: "expires_at" })
  expiresAt!: Date;
}
