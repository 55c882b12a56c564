import type { DataSource } from "typeorm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDataSource } from "../../src/database/data-source.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource(database.url).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** One text a row, in the order of the text. The queue's tables are its own affair. */
async function lines(sql: string): Promise<string> {
  const rows: { line: string }[] = await dataSource.query(
    `SELECT line FROM (${sql}) AS listing(line) ORDER BY line COLLATE "C"`,
  );
  return rows.map(({ line }) => line.replace(/\s+/g, " ")).join("\n");
}

describe("a migrated database", () => {
  it("has the tables, columns, indexes and checks that the entities declare", async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  /** What TypeORM does not see. After a wanted change: npx vitest run test/database/drift.test.ts --update */
  it("guards its rows as migrations/catalogue.txt lists it", async () => {
    const listings = {
      "row-level security": `
        SELECT format('%s enabled=%s forced=%s', relname, relrowsecurity, relforcerowsecurity) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
      policies: `
        SELECT format('%s.%s %s for %s to %s using %s check %s', tablename, policyname, permissive, cmd, roles, qual, with_check)
        FROM pg_policies WHERE schemaname = 'public'`,
      "grants of the working roles": `
        SELECT format('%s %s on %s', grantee, string_agg(privilege_type, ', ' ORDER BY privilege_type), table_name)
        FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND grantee LIKE 'integrations_%' GROUP BY grantee, table_name`,
      "working roles": `
        SELECT format('%s super=%s bypass=%s login=%s', rolname, rolsuper, rolbypassrls, rolcanlogin) FROM pg_roles
        WHERE rolname LIKE 'integrations_%'`,
      triggers: `
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
        WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal`,
      functions: `
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')`,
      "expression indexes": `
        SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indrelid
        WHERE relnamespace = 'public'::regnamespace AND indexprs IS NOT NULL`,
      "views and sequences": `
        SELECT format('%s %s', relkind, relname) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'S')`,
      extensions: `SELECT extname FROM pg_extension`,
    };
    let catalogue = "";
    for (const [title, sql] of Object.entries(listings)) catalogue += `# ${title}\n${await lines(sql)}\n\n`;
    await expect(catalogue).toMatchFileSnapshot("../../migrations/catalogue.txt");
  });
});
