import { EncryptJWT, errors, jwtDecrypt } from "jose";
import * as z from "zod";
import type { KeyRing } from "./key-ring.ts";

/** Whom a link lets do what: connect this integration again, in this user's name. */
const Claims = z.object({ tenantId: z.string(), integrationId: z.string(), userId: z.string() });

export type LinkClaims = Readonly<z.infer<typeof Claims>>;

/** Tokens for links that carry what they are about, so that nothing has to be stored for a link that nobody follows. */
export interface LinkTokens {
  issue(claims: LinkClaims, expiresAt: Date): Promise<string>;
  /** Null when it is not one of ours, was changed, or is too old. */
  read(token: string, now: Date): Promise<LinkClaims | null>;
}

const audience = "link";

/** Encrypted with the newest key (RFC 7516, A256GCM); read with every key of the ring. */
export function createLinkTokens(ring: KeyRing): LinkTokens {
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
