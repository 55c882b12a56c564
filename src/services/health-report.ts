import type { Drift, Integration } from "../entities/integration.ts";
import type { Problem } from "../entities/problem.ts";
import { calendarPushOf, providerWith } from "../providers/registry.ts";
import type { CalendarFacts, HealthFacts } from "./health-facts.ts";
import type { Polling, PollingReason } from "./polling.ts";
import { isSynced } from "./syncs.ts";

/**
 * - `OK`: nothing is wrong.
 * - `TROUBLED`: something failed, and either it is tried again by itself or only single writes are concerned.
 * - `BROKEN`: it does not work until a person does what `problem` says.
 * - `INACTIVE`: not connected yet, or no longer.
 */
export type HealthLevel = "OK" | "TROUBLED" | "BROKEN" | "INACTIVE";
/** Whether the vendor tells of changes: it does, it promised to and was not heard yet, it will not, it cannot or was not asked. */
export type PushLiveness = "LIVE" | "UNPROVEN" | "REFUSED" | "NONE";

/** Why it is read as often as it is; `PUSH` when the vendor tells of every mirrored calendar. */
export type FreshnessReason = PollingReason | "PUSH";

export interface CalendarFreshness {
  readonly calendarId: string;
  readonly lastReadAt: Date | null;
  readonly push: PushLiveness;
  readonly pushUntil: Date | null;
}

export interface IntegrationFreshness {
  readonly intervalSeconds: number;
  readonly reason: FreshnessReason;
  /** How often it is read while something happens in it, and when nothing does. */
  readonly floorSeconds: number;
  readonly defaultSeconds: number;
  readonly activeAt: Date | null;
  readonly calendars: readonly CalendarFreshness[];
}

export interface HealthProblem extends Omit<Problem, "remedy"> {
  readonly remedy: string;
  readonly since: Date;
  readonly retriedAt: Date | null;
}

/** How an integration is, for people and for dashboards. */
export interface HealthReport {
  readonly level: HealthLevel;
  readonly summary: string;
  readonly lastSuccessAt: Date | null;
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
  readonly nextSyncAt: Date | null;
  readonly freshness: IntegrationFreshness;
  readonly drift: (Omit<Drift, "comparedAt"> & { readonly comparedAt: Date }) | null;
  readonly writes: { readonly pending: number; readonly failed: number };
  readonly problem: HealthProblem | null;
}

/** A reading that is this late says that nobody does it. */
const lateMs = 60 * 60 * 1000;

/** Puts together what is known of an integration. */
export function healthReport(
  integration: Integration,
  facts: HealthFacts,
  polling: Pick<Polling, "freshnessOf" | "intervalOf">,
  now: Date,
): HealthReport {
  const isLive = integration.status === "ACTIVE" || integration.status === "DEGRADED";
  const nextSyncAt = isLive ? integration.nextSyncAt : null;
  const calendars = facts.calendars.map((calendar) => freshnessOf(calendar, now));
  const freshness = {
    ...intervalOf(integration, calendars, polling, now),
    ...polling.freshnessOf(integration.provider),
    activeAt: integration.activeAt,
    calendars,
  };
  const lastSuccessAt = latest([integration.lastSyncedAt, ...calendars.map(({ lastReadAt }) => lastReadAt)]);
  const { lagP50Ms, lagP99Ms, pendingWrites: pending, failedWrites: failed } = facts;
  const { drift } = integration;
  const dueAt = new Date((lastSuccessAt ?? integration.createdAt).getTime() + freshness.intervalSeconds * 1000);
  const isLate = isLive && isSynced(integration) && now.getTime() - dueAt.getTime() > lateMs;
  const reading = readingProblem(integration, facts, nextSyncAt) ?? (isLate ? overdue(dueAt, nextSyncAt) : null);
  return {
    level: levelOf(integration, { reading, failedWrites: failed }),
    summary: summaryOf(integration, { problem: reading, lastSuccessAt, pending, failed }),
    lastSuccessAt,
    lagP50Ms,
    lagP99Ms,
    nextSyncAt,
    freshness,
    drift: drift && { ...drift, comparedAt: new Date(drift.comparedAt) },
    writes: { pending, failed },
    problem: reading ?? writeProblem(facts),
  };
}

function freshnessOf({ calendarId, lastReadAt, channel }: CalendarFacts, now: Date): CalendarFreshness {
  const expiresAt = dateOf(channel?.expiresAt ?? null);
  const base = { calendarId, lastReadAt: dateOf(lastReadAt), pushUntil: null };
  if (!channel) return { ...base, push: "NONE" };
  if (channel.state === "REFUSED") return { ...base, push: "REFUSED" };
  if (channel.state === "OPENING") return { ...base, push: "UNPROVEN" };
  if (expiresAt === null || expiresAt <= now) return { ...base, push: "NONE" };
  return { ...base, push: channel.lastMessageAt === null ? "UNPROVEN" : "LIVE", pushUntil: expiresAt };
}

/** Where the vendor tells of every mirrored calendar it is read less often, unless somebody said how often. */
function intervalOf(
  integration: Integration,
  calendars: readonly CalendarFreshness[],
  polling: Pick<Polling, "intervalOf">,
  now: Date,
): Pick<IntegrationFreshness, "intervalSeconds" | "reason"> {
  const { seconds: intervalSeconds, reason } = polling.intervalOf(integration, now);
  const push = calendarPushOf(integration.provider);
  const isWatched = calendars.length > 0 && calendars.every((calendar) => calendar.push === "LIVE");
  if (!push || !isWatched || integration.syncIntervalSeconds !== null) return { intervalSeconds, reason };
  return { intervalSeconds: Math.max(intervalSeconds, push.backstopSeconds), reason: "PUSH" };
}

/** Why the integration cannot be read; else why the reading that is tried again right now failed. */
function readingProblem(
  { problem, problemSince, updatedAt }: Integration,
  { readingFailure }: HealthFacts,
  nextSyncAt: Date | null,
): HealthProblem | null {
  if (problem) return shown(problem, problemSince ?? updatedAt, nextSyncAt);
  return readingFailure && shown(readingFailure.problem, new Date(readingFailure.since), nextSyncAt);
}

/** Nothing failed, and nothing was done either. */
function overdue(since: Date, retriedAt: Date | null): HealthProblem {
  return {
    code: "INTERNAL",
    message: "It should have been read long ago",
    fault: "us",
    retryable: true,
    remedy: "Whoever runs this service has to see whether its workers run, and keep up.",
    providerCode: null,
    since,
    retriedAt,
  };
}

/** Why the last write that failed did. It was tried often enough before it was given up. */
function writeProblem({ writeFailure }: HealthFacts): HealthProblem | null {
  return writeFailure && shown({ ...writeFailure.problem, retryable: false }, new Date(writeFailure.since), null);
}

function shown(problem: Problem, since: Date, retriedAt: Date | null): HealthProblem {
  return { ...problem, remedy: problem.remedy ?? usualRemedy(problem), since, retriedAt };
}

/** What a person can do about a failure that does not say it itself. */
function usualRemedy({ retryable, fault }: Problem): string {
  if (retryable && fault !== "operator") return "Nothing has to be done: it is tried again by itself.";
  switch (fault) {
    case "account":
      return "Its owner has to connect the account again.";
    case "operator":
      return "Whoever runs this service has to mend its settings.";
    case "provider":
      return "Ask the provider why it refuses.";
    case "us":
      return "Tell whoever runs this service; its log says more.";
    default:
      return "Change what was asked for, and try again.";
  }
}

interface Trouble {
  readonly reading: HealthProblem | null;
  readonly failedWrites: number;
}

function levelOf({ status }: Integration, trouble: Trouble): HealthLevel {
  if (status === "CONNECTING" || status === "DISCONNECTED") return "INACTIVE";
  if (status === "NEEDS_REAUTH" || (trouble.reading && waitsForSomebody(trouble.reading))) return "BROKEN";
  return trouble.reading || trouble.failedWrites > 0 ? "TROUBLED" : "OK";
}

/** What the operator has to mend is tried again too, but it does not pass by waiting. */
function waitsForSomebody({ retryable, fault }: HealthProblem): boolean {
  return !retryable || fault === "operator";
}

interface Told {
  /** Of reading. */
  readonly problem: HealthProblem | null;
  readonly lastSuccessAt: Date | null;
  readonly pending: number;
  readonly failed: number;
}

/** One or two sentences. */
function summaryOf(integration: Integration, { problem, lastSuccessAt, pending, failed }: Told): string {
  const { status } = integration;
  const { name } = providerWith(integration.provider);
  if (status === "DISCONNECTED") return "Disconnected. Nothing is read or written any more.";
  if (status === "CONNECTING" && problem) return `Not connected: ${sentence(problem.message)} ${problem.remedy}`;
  if (status === "CONNECTING") return `Waits for a person to sign in at ${name}.`;
  if (status === "NEEDS_REAUTH") return `${name} does not let us in any more. Its owner has to connect it again.`;
  if (problem) return `${name} cannot be read: ${sentence(problem.message)} ${problem.remedy}`;
  if (failed > 0) return `${counted(failed, "change")} could not be brought to ${name}. Reading it works.`;
  if (lastSuccessAt === null && isSynced(integration)) return `Connected. ${name} is being read for the first time.`;
  if (pending > 0)
    return `All is well. ${counted(pending, "change")} ${pending === 1 ? "is" : "are"} on the way to ${name}.`;
  return "All is well.";
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

function latest(times: readonly (Date | null)[]): Date | null {
  const known = times.flatMap((time) => (time === null ? [] : [time.getTime()]));
  return known.length === 0 ? null : new Date(Math.max(...known));
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
