import { FirstTables1795305600000 } from "./1795305600000-first-tables.ts";

/** Every change of the tables, oldest first. */
export const migrations = [FirstTables1795305600000] as const;
