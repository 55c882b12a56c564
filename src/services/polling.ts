import type { Integration } from "../entities/integration.ts";
import type { Freshness } from "../providers/provider.ts";
import { providerWith } from "../providers/registry.ts";

/**
 * Why an account is read as often as it is.
 *
 * - `CHOSEN`: somebody said how often.
 * - `ACTIVE`: something happened in it lately, so it is read as often as its vendor bears.
 * - `SLOWING`: nothing has happened for a while, so it is read less and less often.
 * - `QUIET`: nothing has happened for long.
 */
export type PollingReason = "CHOSEN" | "ACTIVE" | "SLOWING" | "QUIET";

export interface PollingInterval {
  readonly seconds: number;
  readonly reason: PollingReason;
}

/** What the interval follows from. */
export interface PollingFacts extends Freshness {
  /** `syncIntervalSeconds`, where somebody has set it. */
  readonly chosenSeconds: number | null;
  /** When something happened last: a change on either side, or somebody who wanted it fresh. Null when nothing ever did. */
  readonly activeAt: Date | null;
}

/** What the operator has set for one provider; null where the provider's own is right. */
export interface PollingSettings {
  readonly freshness: Freshness | null;
}

/** For so long after something happened it is read at the floor; then half as often for each further such time. */
const stepMs = 2 * 60 * 60 * 1000;

/** How often an account is read: at the floor while it is in use, and then twice as seldom every two hours, up to the default. */
export function pollingInterval(
  { floorSeconds, defaultSeconds, chosenSeconds, activeAt }: PollingFacts,
  now: Date,
): PollingInterval {
  if (chosenSeconds !== null) return { seconds: Math.max(floorSeconds, chosenSeconds), reason: "CHOSEN" };
  const quietMs = activeAt === null ? Number.POSITIVE_INFINITY : Math.max(0, now.getTime() - activeAt.getTime());
  const quietSteps = Math.floor(quietMs / stepMs);
  if (quietSteps === 0) return { seconds: floorSeconds, reason: "ACTIVE" };
  const slowedSeconds = floorSeconds * 2 ** quietSteps;
  return slowedSeconds < defaultSeconds
    ? { seconds: slowedSeconds, reason: "SLOWING" }
    : { seconds: defaultSeconds, reason: "QUIET" };
}

/** How often accounts are read while their vendor tells us of nothing. */
export class Polling {
  constructor(private readonly settings: ReadonlyMap<string, PollingSettings>) {}

  /** What the operator has set, else what the provider declares. */
  freshnessOf(providerId: string): Freshness {
    return this.settings.get(providerId)?.freshness ?? providerWith(providerId).freshness;
  }

  intervalOf(
    { provider, syncIntervalSeconds, activeAt }: Pick<Integration, "provider" | "syncIntervalSeconds" | "activeAt">,
    now: Date,
  ): PollingInterval {
    return pollingInterval({ ...this.freshnessOf(provider), chosenSeconds: syncIntervalSeconds, activeAt }, now);
  }
}
