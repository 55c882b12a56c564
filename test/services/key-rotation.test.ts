import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Credential } from "../../src/entities/credential.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { newId } from "../../src/services/id.ts";
import { KeyRotation } from "../../src/services/key-rotation.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const [old, fresh] = ["old", "new"].map((id) => `${id}:${randomBytes(32).toString("base64")}`);
const vaultOf = (...keys: (string | undefined)[]) => createVault(parseKeyRing(keys.join()));
let opened: OpenedDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

/** A tenant with so many credentials under the old key. */
async function aTenant(count: number): Promise<string> {
  const tenantId = `tenant-${randomUUID()}`;
  const now = new Date();
  const rows = Array.from({ length: count }, () => {
    const bound = { tenantId, integrationId: newId(now) };
    const sealed = vaultOf(old).seal({ password: bound.integrationId }, bound);
    return Object.assign(new Credential(), { ...bound, sealed, keyId: "old", renewedAt: now, updatedAt: now });
  });
  await opened.save(...rows);
  return tenantId;
}

const stored = (tenantId: string) =>
  opened.look<{ integrationId: string; sealed: Buffer; keyId: string }>(
    `SELECT integration_id AS "integrationId", sealed, key_id AS "keyId" FROM credential WHERE tenant_id = $1`,
    [tenantId],
  );

describe("exchanging the key", () => {
  it("seals every credential of the tenant again, and of no other", async () => {
    const [tenantId, otherId] = [await aTenant(250), await aTenant(1)];
    const rotation = new KeyRotation(opened.database, vaultOf(fresh, old));
    expect(await rotation.resealTenant(tenantId)).toBe(250);
    const rows = await stored(tenantId);
    expect(new Set(rows.map(({ keyId }) => keyId))).toEqual(new Set(["new"]));
    for (const { integrationId, sealed } of rows) {
      expect(vaultOf(fresh).open(sealed, { tenantId, integrationId })).toEqual({ password: integrationId });
    }
    expect((await stored(otherId)).map(({ keyId }) => keyId)).toEqual(["old"]);
    expect(await rotation.resealTenant(tenantId)).toBe(0);
  });

  it("does nothing while the old key is still the one that seals", async () => {
    const tenantId = await aTenant(3);
    expect(await new KeyRotation(opened.database, vaultOf(old, fresh)).resealTenant(tenantId)).toBe(0);
  });
});
