import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { createTestDatabase } from "./database.ts";

describe("a test database", () => {
  it("is migrated, and nobody else's", async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(one.url).not.toBe(other.url);

    const client = new Client({ connectionString: one.url });
    await client.connect();
    expect((await client.query("SELECT FROM migration")).rowCount).toBeGreaterThan(0);
    await client.end();
    await Promise.all([one.drop(), other.drop()]);
  });

  it("is gone once it is dropped, even when a connection was left open", async () => {
    const database = await createTestDatabase();
    const forgotten = new Client({ connectionString: database.url });
    forgotten.on("error", () => undefined);
    await forgotten.connect();
    await database.drop();

    const client = new Client({ connectionString: database.url });
    await expect(client.connect()).rejects.toMatchObject({ code: "3D000" });
  });
});
