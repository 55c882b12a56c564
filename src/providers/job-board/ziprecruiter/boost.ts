import { type IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountSettings } from "../../provider.ts";
import type { Job } from "../job.ts";
import type { BoardAccount, BoardPosting } from "../provider.ts";
import { addFeature, readFeatures } from "./client.ts";
import { jobIdOf } from "./document.ts";

export const boostLevels = ["single", "double", "triple"] as const;
export type BoostLevel = (typeof boostLevels)[number];

/** Which TrafficBoost a job is to have; null for none. */
export function boostAskedFor({ promotion }: Job, { boost }: AccountSettings): BoostLevel | null {
  if (promotion?.type !== "BOOST") return null;
  return boostLevels.find((level) => level === boost) ?? "single";
}

/**
 * Buys the boost that a job asks for, unless it has one: a boost is not taken back, and neither is a second one.
 *
 * @returns why ZipRecruiter does not sell it; null when all is well
 * @throws {IntegrationError} when that may pass
 */
export async function buyBoost(account: BoardAccount, posting: BoardPosting): Promise<IntegrationError | null> {
  const level = boostAskedFor(posting.job, account.settings);
  if (level === null || (await hasBoost(account, posting))) return null;
  try {
    await addFeature(account, jobIdOf(posting), { TrafficBoost: level });
    return null;
  } catch (error) {
    if (isIntegrationError(error, "QUOTA_EXHAUSTED") || (isIntegrationError(error) && !error.retryable)) return error;
    throw error;
  }
}

export async function hasBoost(account: BoardAccount, posting: BoardPosting): Promise<boolean> {
  return namesLevel(await readFeatures(account, jobIdOf(posting)));
}

/** In which form features are told is not written; their levels are. */
function namesLevel(told: unknown): boolean {
  if (typeof told === "object" && told !== null) return Object.values(told).some(namesLevel);
  return boostLevels.some((level) => level === told);
}
