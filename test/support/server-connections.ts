import type { OpenedDatabase } from "./opened-database.ts";

/** Ends the connections of this name as a failing network or server would, and says how many there were. */
export async function breakConnections({ look }: OpenedDatabase, applicationName: string): Promise<number> {
  const ended = await look(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()",
    [applicationName],
  );
  return ended.length;
}

export async function countConnections({ look }: OpenedDatabase, applicationName: string): Promise<number> {
  const open = await look("SELECT FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()", [
    applicationName,
  ]);
  return open.length;
}
