import { createHmac, randomBytes } from "node:crypto";
import * as z from "zod";
import type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import type { Vault } from "../security/vault.ts";

/** A signing secret as people see it: `whsec_` and base64. */
const prefix = "whsec_";
const secretBytes = 32;

/** What an endpoint is sent with, and nobody else may know. */
export interface EndpointSecrets {
  /** The newest first; one that is over may still be here. */
  readonly signing: readonly SigningSecret[];
  /** Custom headers. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SigningSecret {
  readonly secret: string;
  /** When it stops signing, in ISO 8601; null for the newest. */
  readonly until: string | null;
}

const Stored = z.object({
  signing: z.array(z.object({ secret: z.string(), until: z.string().nullable() })),
  headers: z.record(z.string(), z.string()),
});

/** A secret that nobody can guess, in the form of Standard Webhooks. */
export function newSigningSecret(): string {
  return prefix + randomBytes(secretBytes).toString("base64");
}

type Sealed = Pick<WebhookEndpoint, "tenantId" | "id">;

export function sealSecrets(
  vault: Vault,
  { tenantId, id: integrationId }: Sealed,
  secrets: EndpointSecrets,
): { readonly sealed: Buffer; readonly keyId: string } {
  const sealed = vault.sealBytes(Buffer.from(JSON.stringify(secrets)), { tenantId, integrationId });
  return { sealed, keyId: vault.newestKeyId };
}

export function openSecrets(vault: Vault, { tenantId, id: integrationId }: Sealed, sealed: Buffer): EndpointSecrets {
  return Stored.parse(JSON.parse(vault.openBytes(sealed, { tenantId, integrationId }).toString("utf8")));
}

/** The newest secret, and before it those whose time is not over. */
export function signingNow({ signing }: EndpointSecrets, now: Date): readonly string[] {
  return signing.filter(({ until }) => until === null || new Date(until) > now).map(({ secret }) => secret);
}

/**
 * The header `webhook-signature`: one signature for each secret, so that a receiver may know the new one or still the old.
 *
 * @param id of the message, as in `webhook-id`
 * @param seconds since 1970, as in `webhook-timestamp`
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatures(secrets: readonly string[], id: string, seconds: number, body: string): string {
  const signed = `${id}.${seconds}.${body}`;
  const signature = (secret: string): string => {
    const key = Buffer.from(secret.slice(prefix.length), "base64");
    return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  };
  return secrets.map(signature).join(" ");
}
