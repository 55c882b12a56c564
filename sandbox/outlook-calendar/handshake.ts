import { randomUUID } from "node:crypto";
import { GraphError } from "./errors.ts";

/**
 * Asks an address whether it expects notifications: it has to say the token back, as plain text.
 *
 * @throws {GraphError} ValidationError. https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks
 */
export async function shakeHands(address: string, patienceMs: number): Promise<void> {
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()}`;
  // Added as text: what the address has of its own stays as it was written.
  const reply = await fetch(
    `${address}${address.includes("?") ? "&" : "?"}validationToken=${encodeURIComponent(token)}`,
    {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "text/plain; charset=utf-8" },
      signal: AbortSignal.timeout(patienceMs),
    },
  ).catch(() => null);
  if (!reply) throw refused("Subscription validation request timed out.");
  const said = await reply.text();
  const isPlain = reply.headers.get("content-type")?.toLowerCase().startsWith("text/plain") === true;
  if (reply.status === 200 && isPlain && said === token) return;
  throw refused(
    `Subscription validation request failed. HTTP status code is '${reply.status}'. Notification endpoint must respond with 200 OK to validation request.`,
  );
}

const refused = (says: string) => new GraphError(400, "ValidationError", says);
