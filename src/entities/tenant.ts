import { Column, Entity, PrimaryColumn } from "typeorm";

/** A tenant that has used this service. */
@Entity("tenant")
export class Tenant {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "tenant_pkey" })
  tenantId!: string;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}
