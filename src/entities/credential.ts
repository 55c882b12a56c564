import { Column, Entity, PrimaryColumn } from "typeorm";

/** The sealed secret of one integration. Nothing but the vault can read it. */
@Entity("credential")
export class Credential {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "credential_pkey" })
  tenantId!: string;

  @PrimaryColumn("uuid", { name: "integration_id", primaryKeyConstraintName: "credential_pkey" })
  integrationId!: string;

  @Column("bytea", { select: false })
  sealed!: Buffer;

  /** Which key of the ring sealed it. */
  @Column("text", { name: "key_id" })
  keyId!: string;

  @Column("timestamptz", { name: "updated_at" })
  updatedAt!: Date;
}
