import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from "node:crypto";
import * as z from "zod";
import type { KeyRing } from "./key-ring.ts";

/** What a sealed secret belongs to. It opens for nothing else. */
export interface BoundTo {
  readonly tenantId: string;
  readonly integrationId: string;
}

export interface Vault {
  /** Seals with the newest key. */
  seal(secret: Readonly<Record<string, string>>, bound: BoundTo): Buffer;
  /** @throws {Error} when it was sealed for another row, was changed, or its key is not in the ring */
  open(sealed: Buffer, bound: BoundTo): Record<string, string>;
  /** The same for what is no secret of ours and still nobody's to read: messages, files. */
  sealBytes(content: Buffer, bound: BoundTo): Buffer;
  openBytes(sealed: Buffer, bound: BoundTo): Buffer;
  /**
   * Tells whether two texts are the same, without keeping them: nobody without a key can try guesses on it. One for each
   * key, the newest first: that one is kept, and any of them is the same text, also while keys are exchanged.
   */
  fingerprints(text: string): readonly [string, ...string[]];
  /** The key something was sealed with; what has an old one is sealed again. */
  keyIdOf(sealed: Buffer): string;
  readonly newestKeyId: string;
}

const Secret = z.record(z.string(), z.string());

const version = 1;
const algorithm = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

/**
 * Keeps credentials unreadable at rest: AES-256-GCM with a random IV (NIST SP 800-38D §8.2.2), bound to their row, so
 * that a sealed value copied to another tenant's row does not open there.
 *
 * Sealed form: version (1 byte), length of the key id (1), key id, IV (12), tag (16), ciphertext.
 */
export function createVault(ring: KeyRing): Vault {
  const [newest] = ring;
  if (!newest) throw new Error("The vault has no key");
  const [newestId, newestKey] = newest;

  const sealBytes = (content: Buffer, bound: BoundTo): Buffer => {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, newestKey, iv).setAAD(boundBytes(newestId, bound));
    const ciphertext = [cipher.update(content), cipher.final()];
    const id = Buffer.from(newestId);
    return Buffer.concat([Buffer.of(version, id.length), id, iv, cipher.getAuthTag(), ...ciphertext]);
  };

  const openBytes = (sealed: Buffer, bound: BoundTo): Buffer => {
    const { keyId, iv, tag, ciphertext } = readSealed(sealed);
    const key = ring.get(keyId);
    if (!key) throw new Error(`The key ${keyId}, with which this was sealed, is not in the key ring`);

    const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
    decipher.setAAD(boundBytes(keyId, bound)).setAuthTag(tag);
    return decrypt(decipher, ciphertext);
  };

  return {
    seal: (secret, bound) => sealBytes(Buffer.from(JSON.stringify(secret)), bound),
    open: (sealed, bound) => Secret.parse(JSON.parse(openBytes(sealed, bound).toString("utf8"))),
    sealBytes,
    openBytes,

    fingerprints(text) {
      const [, ...older] = ring.values();
      const of = (key: KeyObject) => createHmac("sha256", key).update(text).digest("base64url");
      return [of(newestKey), ...older.map(of)];
    },

    keyIdOf: (sealed) => readSealed(sealed).keyId,

    newestKeyId: newestId,
  };
}

function decrypt(decipher: ReturnType<typeof createDecipheriv>, ciphertext: Buffer): Buffer {
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch (cause) {
    throw new Error("What was sealed was changed, or belongs to another integration", { cause });
  }
}

/** JSON, so that no two rows give the same bytes, whatever characters their ids contain. */
function boundBytes(keyId: string, { tenantId, integrationId }: BoundTo): Buffer {
  return Buffer.from(JSON.stringify([version, keyId, tenantId, integrationId]));
}

function readSealed(sealed: Buffer) {
  const idEnd = 2 + (sealed[1] ?? 0);
  const ivEnd = idEnd + ivBytes;
  const tagEnd = ivEnd + tagBytes;
  if (sealed[0] !== version || sealed.length < tagEnd) throw new Error("This was not sealed here");
  return {
    keyId: sealed.toString("utf8", 2, idEnd),
    iv: sealed.subarray(idEnd, ivEnd),
    tag: sealed.subarray(ivEnd, tagEnd),
    ciphertext: sealed.subarray(tagEnd),
  };
}
