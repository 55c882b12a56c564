import type { TenantTransaction } from "./tenant-transaction.ts";

/** What the database's clock says: the one clock that all processes share. */
export async function databaseTime(tx: TenantTransaction): Promise<Date> {
  const [row] = await tx.query<{ time: Date }>("SELECT clock_timestamp() AS time");
  if (!row) throw new Error("The database told no time");
  return row.time;
}
