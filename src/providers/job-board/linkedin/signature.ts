import { createHmac, timingSafeEqual } from "node:crypto";
import { IntegrationError } from "../../../errors.ts";
import type { BoardMessage, MessageKeys } from "../applications.ts";

/** A UUID, says the guide. Whoever could have any text signed here could sign messages of LinkedIn's. */
const challengeForm = /^[\w-]{1,100}$/;

/**
 * The answer to LinkedIn, which asks every two hours whether an address knows its application's secret.
 *
 * https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation
 */
export function handshake(
  { challengeCode }: BoardMessage["query"],
  keys: MessageKeys,
): Readonly<Record<string, string>> | null {
  const secret = secretIn(keys);
  if (!challengeCode || !challengeForm.test(challengeCode) || !secret) return null;
  return { challengeCode, challengeResponse: createHmac("sha256", secret).update(challengeCode).digest("hex") };
}

/**
 * LinkedIn signs the JSON in its escaped form, `\u00e9` for what is no ASCII; whether it sends it so, and with which hexadecimal
 * digits, its guide does not say.
 */
export function prove({ headers, body }: BoardMessage, keys: MessageKeys): void {
  const secret = secretIn(keys);
  const given = Buffer.from((headers["x-li-signature"] ?? "").replace(/^hmacsha256=/i, ""), "hex");
  if (secret && signedForms(body).some((form) => isSignatureOf(form, given, secret))) return;
  throw new IntegrationError("FORBIDDEN", "The signature is not LinkedIn's of this message");
}

/** The account's own application signs for it; at the operator's address, the parent does. */
function secretIn({ secret, clientSecret }: MessageKeys): string | null {
  return secret === null ? clientSecret : (secret["clientSecret"] ?? null);
}

function signedForms(body: Buffer): readonly (Buffer | string)[] {
  const json = body.toString("utf8");
  return [body, escaped(json, (digits) => digits), escaped(json, (digits) => digits.toUpperCase())];
}

function escaped(json: string, written: (digits: string) => string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => {
    return `\\u${written(unit.charCodeAt(0).toString(16).padStart(4, "0"))}`;
  });
}

function isSignatureOf(form: Buffer | string, given: Buffer, secret: string): boolean {
  const expected = createHmac("sha256", secret).update("hmacsha256=").update(form).digest();
  return expected.length === given.length && timingSafeEqual(expected, given);
}
