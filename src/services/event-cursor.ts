import { badCursor } from "./page.ts";

/** Where an event stands in its tenant's log; the same for lists, subscriptions and webhooks. */
export function writeEventCursor(position: bigint): string {
  return Buffer.from(`event:${position}`).toString("base64url");
}

/** @throws {IntegrationError} INVALID_INPUT */
export function readEventCursor(cursor: string): bigint {
  const [, position] = /^event:(\d{1,18})$/.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  if (position === undefined) throw badCursor("This is not a cursor");
  return BigInt(position);
}
