import { createSecretKey, type KeyObject } from "node:crypto";

/** Keys by id, newest first: the first one seals, every one opens. */
export type KeyRing = ReadonlyMap<string, KeyObject>;

const keyBytes = 32;
const idPattern = /^[\w-]{1,32}$/;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads `id:base64(32 bytes)`, comma separated, newest first.
 *
 * @throws {Error} which names the place of what is wrong, and never the key
 */
export function parseKeyRing(text: string): KeyRing {
  const ring = new Map<string, KeyObject>();
  for (const [index, entry] of text.split(",").entries()) {
    const [id = "", key = "", ...rest] = entry.trim().split(":");
    const place = `Encryption key ${index + 1}`;
    if (!idPattern.test(id) || rest.length > 0) throw new Error(`${place} is not written as id:base64`);
    if (ring.has(id)) throw new Error(`${place} has the same id as an earlier one: ${id}`);

    const bytes = Buffer.from(base64Pattern.test(key) ? key : "", "base64");
    if (bytes.length !== keyBytes) throw new Error(`${place} (${id}) is not ${keyBytes} bytes in base64`);
    ring.set(id, createSecretKey(bytes));
  }
  return ring;
}
