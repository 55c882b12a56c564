import { EncryptJWT, errors, jwtDecrypt } from "jose";
import * as z from "zod";
import type { KeyRing } from "./key-ring.ts";

/** Whom a link lets do what: connect this integration again, in this user's name. */
const ConnectClaims = z.object({ tenantId: z.string(), integrationId: z.string(), userId: z.string() });
export type LinkClaims = Readonly<z.infer<typeof ConnectClaims>>;

/** Whom a link lets download which file. */
const FileClaims = z.object({ tenantId: z.string(), fileId: z.string(), userId: z.string() });
export type FileClaims = Readonly<z.infer<typeof FileClaims>>;

/** Tokens for links that carry what they are about, so that nothing has to be stored for a link that nobody follows. */
export interface LinkTokens<Claims = LinkClaims> {
  issue(claims: Claims, expiresAt: Date): Promise<string>;
  /** Null when it is not one of ours, was changed, or is too old. */
  read(token: string, now: Date): Promise<Claims | null>;
}

/** For links back to a consent page. */
export function createLinkTokens(ring: KeyRing): LinkTokens {
  return createTokens(ring, "link", ConnectClaims);
}

/** For links to files. */
export function createFileTokens(ring: KeyRing): LinkTokens<FileClaims> {
  return createTokens(ring, "file", FileClaims);
}

/** Encrypted with the newest key (RFC 7516, A256GCM); read with every key of the ring. */
function createTokens<Claims extends Readonly<Record<string, string>>>(
  ring: KeyRing,
  audience: string,
  Claims: z.ZodType<Claims>,
): LinkTokens<Claims> {
  const [newest] = ring;
  if (!newest) throw new Error("The key ring is empty");
  const [kid, key] = newest;

  return {
    issue: (claims, expiresAt) =>
      new EncryptJWT({ ...claims })
        .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid })
        .setAudience(audience)
        .setExpirationTime(expiresAt)
        .encrypt(key),

    async read(token, now) {
      const keyOf = ({ kid: id = "" }: { kid?: string }) => ring.get(id) ?? key;
      try {
        const { payload } = await jwtDecrypt(token, keyOf, {
          audience,
          currentDate: now,
          keyManagementAlgorithms: ["dir"],
          contentEncryptionAlgorithms: ["A256GCM"],
        });
        return Claims.parse(payload);
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
