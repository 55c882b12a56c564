import { createHash } from "node:crypto";

/** Hours of the day in UTC. One that ends before it begins goes past midnight. */
export interface Night {
  readonly fromHour: number;
  /** Exclusive; 24 is midnight. */
  readonly toHour: number;
}

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** When it is somebody's turn next: each has a moment of the night of its own, and the same one every night. */
export function nextTurn({ fromHour, toHour }: Night, id: string, now: Date): Date {
  const lengthMs = ((toHour - fromHour + 23) % 24) * hourMs + hourMs;
  const share = createHash("sha256").update(id).digest().readUInt32BE(0) / 2 ** 32;
  const turnMs = fromHour * hourMs + Math.floor(share * lengthMs);
  const daysGone = Math.floor((now.getTime() - turnMs) / dayMs);
  return new Date((daysGone + 1) * dayMs + turnMs);
}
