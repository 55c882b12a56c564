import type { ProviderLimits } from "./provider.ts";

/** How a call ended, as far as it tells of the vendor's limits and health. */
export type CallOutcome =
  | { readonly kind: "answered" }
  /** The vendor wants to be left alone by this account, and says for how long or does not. */
  | { readonly kind: "refused"; readonly code: string; readonly forMs: number | undefined }
  /** 5xx, or the network. */
  | { readonly kind: "unavailable"; readonly forMs: number | undefined }
  /** It says nothing: our own side ended it. */
  | { readonly kind: "unfinished" };

/** Lets the calls of one account through, as many as its vendor can take. */
export interface CallGate {
  readonly quotaWords: ProviderLimits["quotaWords"];
  /**
   * Waits until a call may be made.
   *
   * @param server the origin that is called
   * @throws {IntegrationError} RATE_LIMITED or PROVIDER_UNAVAILABLE, `heldBack`, when that would take too long
   * @throws the reason of the signal
   */
  enter(server: string, signal: AbortSignal | null): Promise<Passage>;
}

export interface Passage {
  /** Tells how the call ended, and lets the next one in. Never throws. */
  leave(outcome: CallOutcome): Promise<void>;
}
