import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";

const key = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const vaultOf = (ring: string) => createVault(parseKeyRing(ring));
const row = { tenantId: "acme", integrationId: "0198c0de-0000-7000-8000-000000000001" };
const secret = { username: "anna", password: "s3cret-ü" };

describe("the vault", () => {
  it("opens what it sealed", () => {
    const vault = vaultOf(`k1:${key(1)}`);
    expect(vault.open(vault.seal(secret, row), row)).toEqual(secret);
  });

  it("seals the same secret differently each time, and never readably", () => {
    const vault = vaultOf(`k1:${key(1)}`);
    const [one, other] = [vault.seal(secret, row), vault.seal(secret, row)];
    expect(one.equals(other)).toBe(false);
    expect(one.toString("latin1")).not.toContain("s3cret");
  });

  it.each([
    { what: "another tenant's row", bound: { ...row, tenantId: "globex" } },
    { what: "another integration's row", bound: { ...row, integrationId: "0198c0de-0000-7000-8000-000000000002" } },
    {
      what: "ids that only read the same when joined",
      bound: { tenantId: `acme","${row.integrationId}`, integrationId: "" },
    },
  ])("does not open in $what", ({ bound }) => {
    const vault = vaultOf(`k1:${key(1)}`);
    expect(() => vault.open(vault.seal(secret, row), bound)).toThrow("belongs to another integration");
  });

  it("does not open after any byte was changed", () => {
    const vault = vaultOf(`k1:${key(1)},k2:${key(1)}`);
    const sealed = vault.seal(secret, row);
    for (const index of sealed.keys()) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8((sealed[index] ?? 0) ^ 3, index);
      expect(() => vault.open(changed, row)).toThrow(Error);
    }
  });

  it("does not open what was cut short", () => {
    const vault = vaultOf(`k1:${key(1)}`);
    const sealed = vault.seal(secret, row);
    for (const length of sealed.keys()) expect(() => vault.open(sealed.subarray(0, length), row)).toThrow(Error);
  });

  it("seals with the newest key of a rotated ring and still opens what the old one sealed", () => {
    const before = vaultOf(`k1:${key(1)}`);
    const after = vaultOf(`k2:${key(2)},k1:${key(1)}`);
    const old = before.seal(secret, row);

    expect(after.open(old, row)).toEqual(secret);
    expect(after.keyIdOf(old)).toBe("k1");
    expect(after.keyIdOf(after.seal(secret, row))).toBe("k2");
  });

  it("names the key that is missing from the ring", () => {
    const sealed = vaultOf(`k1:${key(1)}`).seal(secret, row);
    expect(() => vaultOf(`k2:${key(2)}`).open(sealed, row)).toThrow("k1");
  });

  it("shows no secret in an error", () => {
    const vault = vaultOf(`k1:${key(1)}`);
    const errors = [`k2:${key(2)}`, `k1:${key(3)}`].map((ring) => {
      try {
        return vaultOf(ring).open(vault.seal(secret, row), row);
      } catch (error) {
        return error;
      }
    });
    expect(errors).toEqual([expect.any(Error), expect.any(Error)]);
    expect(inspect(errors, { depth: null })).not.toMatch(new RegExp(`s3cret|${key(1)}|${key(3)}`));
  });
});

describe("a key ring", () => {
  it("accepts spaces around its commas", () => {
    expect([...parseKeyRing(`k2:${key(2)} , k1:${key(1)}`).keys()]).toEqual(["k2", "k1"]);
  });

  it("does not show its keys when it is printed", () => {
    expect(inspect(parseKeyRing(`k1:${key(1)}`), { depth: null, showHidden: true })).not.toContain(key(1));
  });

  it.each([
    { text: "", says: "Encryption key 1 is not written as id:base64" },
    { text: key(1), says: "Encryption key 1 is not written as id:base64" },
    { text: `k1:${key(1)}:x`, says: "Encryption key 1 is not written as id:base64" },
    { text: `k1:${key(1)},k 2:${key(2)}`, says: "Encryption key 2 is not written as id:base64" },
    { text: `k1:${key(1)},k1:${key(2)}`, says: "Encryption key 2 has the same id as an earlier one: k1" },
    { text: "k1:c2hvcnQ=", says: "Encryption key 1 (k1) is not 32 bytes in base64" },
    { text: `k1:${key(1).replace("A", "!")}`, says: "Encryption key 1 (k1) is not 32 bytes in base64" },
  ])("says what is wrong with it: $says", ({ text, says }) => {
    expect(() => parseKeyRing(text)).toThrow(new Error(says));
  });
});

describe("a fingerprint", () => {
  it("is the same for the same text, and another one under another key", () => {
    const [one, other] = [vaultOf(`k1:${key(1)}`), vaultOf(`k2:${key(2)}`)];
    expect(one.fingerprints("a text")).toEqual(one.fingerprints("a text"));
    expect(one.fingerprints("a text")).not.toEqual(one.fingerprints("A text"));
    expect(one.fingerprints("a text")).not.toEqual(other.fingerprints("a text"));
  });

  it("is known again while keys are exchanged, whichever is the newest", () => {
    const [before, between, after] = [`k1:${key(1)}`, `k1:${key(1)},k2:${key(2)}`, `k2:${key(2)},k1:${key(1)}`].map(
      (ring) => vaultOf(ring).fingerprints("a text"),
    );
    expect(between).toContain(before?.[0]);
    expect(after).toContain(before?.[0]);
    expect(between).toContain(after?.[0]);
  });
});
