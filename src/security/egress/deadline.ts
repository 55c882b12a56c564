/** A signal that gives up in time. `clear` must be called once the work is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  clear(): void;
}

/**
 * Fires after `timeoutMs` with a TimeoutError, or together with `outer` and for its reason.
 *
 * `AbortSignal.any` says the same, but on Node 20 it leaves something behind on a long-lived `outer` each time.
 */
export function startDeadline(timeoutMs: number, outer?: AbortSignal | null): Deadline {
  const controller = new AbortController();
  const giveUp = () => controller.abort(new DOMException(`Not finished after ${timeoutMs} ms`, "TimeoutError"));
  const follow = () => controller.abort(outer?.reason);

  const timer = setTimeout(giveUp, timeoutMs);
  outer?.addEventListener("abort", follow, { once: true });
  if (outer?.aborted) follow();

  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", follow);
    },
  };
}
