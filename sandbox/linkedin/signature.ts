import { createHmac } from "node:crypto";

const hmac = (text: string, secret: string): string => createHmac("sha256", secret).update(text).digest("hex");

/** What a webhook has to say to a challenge. https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation */
export const challengeResponse = (challengeCode: string, secret: string): string => hmac(challengeCode, secret);

/** Of a message in its escaped form. */
export const signatureOf = (escapedBody: string, secret: string): string => hmac(`hmacsha256=${escapedBody}`, secret);

/** JSON with everything that is not ASCII as `\u00e9`. */
export function escapeUnicode(json: string, digits: "lower" | "upper"): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${digits === "upper" ? hex.toUpperCase() : hex}`;
  });
}
