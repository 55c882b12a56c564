import type { CallerToken } from "../security/caller-token.ts";

/** A timer holds at most this; a token that lives longer is looked at again then. */
const maxTimerMs = 2 ** 31 - 1;

/** Calls `act` when the token expires. @returns how to have it not called */
export function atExpiry({ expiresAt }: CallerToken, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    if (expiresAt === null) return;
    const leftMs = expiresAt.getTime() - Date.now();
    if (leftMs <= 0) act();
    else timer = setTimeout(look, Math.min(leftMs, maxTimerMs)).unref();
  };
  timer = setTimeout(look, 0).unref();
  return () => clearTimeout(timer);
}
