import { Client } from "pg";

/** Work while nobody gets at a table: whoever comes waits, as for a database that hangs. */
export async function whileStalled<T>(databaseUrl: string, table: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return await work();
  } finally {
    await client.end();
  }
}
