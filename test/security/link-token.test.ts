import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createLinkTokens, type LinkTokens } from "../../src/security/link-token.ts";

const [old, fresh] = ["old", "new"].map((id) => `${id}:${randomBytes(32).toString("base64")}`);
const tokensOf = (...keys: (string | undefined)[]): LinkTokens => createLinkTokens(parseKeyRing(keys.join()));
const claims = { tenantId: "acme", integrationId: "0192", userId: "ana" };
const now = new Date("2026-11-01T09:00:00Z");
const inAWeek = new Date("2026-11-08T09:00:00Z");

describe("a link's token", () => {
  it("says what the link is about, and nothing to anybody else", async () => {
    const tokens = tokensOf(old);
    const token = await tokens.issue(claims, inAWeek);
    expect(await tokens.read(token, now)).toEqual(claims);
    const parts = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
    expect(parts.join()).not.toMatch(/acme|ana|0192/);
  });

  it("is over when its time is", async () => {
    const tokens = tokensOf(old);
    expect(await tokens.read(await tokens.issue(claims, inAWeek), new Date("2026-11-08T09:00:01Z"))).toBeNull();
  });

  it.each(["", "made-up", "a.b.c.d.e", `${"x".repeat(5000)}`])("that is made up is nobody's", async (token) => {
    expect(await tokensOf(old).read(token, now)).toBeNull();
  });

  it("that was changed, or is of another installation, is nobody's", async () => {
    const token = await tokensOf(old).issue(claims, inAWeek);
    expect(await tokensOf(old).read(`${token.slice(0, -2)}xx`, now)).toBeNull();
    expect(await tokensOf(fresh).read(token, now)).toBeNull();
  });

  it("lives through an exchange of keys", async () => {
    const token = await tokensOf(old).issue(claims, inAWeek);
    expect(await tokensOf(fresh, old).read(token, now)).toEqual(claims);
    const next = await tokensOf(fresh, old).issue(claims, inAWeek);
    expect(await tokensOf(old, fresh).read(next, now)).toEqual(claims);
  });
});
