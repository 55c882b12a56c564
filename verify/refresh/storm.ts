import { BrokenPromise, mustHold } from "../drill/drill.ts";
import { inTime } from "../drill/in-time.ts";
import type { AccountKey } from "../drill/stored-accounts.ts";
import type { Worker } from "./processes.ts";
import type { Account, Stage } from "./stage.ts";
import type { Answers } from "./worker.ts";

export const callersPerProcess = 50;
const patienceMs = 20_000;

/** All callers of these processes at once; those of a process that is killed meanwhile answer nothing. */
export async function callFrom(workers: readonly Worker[], account: AccountKey): Promise<Answers> {
  const calls = workers.map((worker) => worker.ask("call", { account: keyOf(account), callers: callersPerProcess }));
  return sum(await Promise.all(calls));
}

/** @throws {BrokenPromise} when callers wait for ever */
export function patiently<T>(answers: Promise<T>): Promise<T> {
  return inTime(answers, patienceMs, () => new BrokenPromise(`callers still waited after ${patienceMs / 1000} s`));
}

/** Lets an access token end under all callers at once. @returns how many were answered */
export async function expiryStorm(stage: Stage, account: Account): Promise<number> {
  await stage.expire(account);
  const before = account.peer.arrived;
  const answers = await patiently(callFrom(stage.processes.all, account));
  const calls = account.peer.arrived - before;
  mustHold(calls === 1, `${calls} calls for one expiry at "${account.peer.vendor.name}"`);
  await mustBeServed(stage, account, answers);
  return total(answers.tokens);
}

/** Every caller got the one token that the vendor gave last, and what is stored is the vendor's newest. */
export async function mustBeServed(stage: Stage, account: Account, answers: Answers): Promise<void> {
  const vendor = account.peer.vendor.name;
  const atVendor = await stage.atVendor(account);
  const stored = await stage.stored(account);
  mustHold(answers.refusals.size === 0, `callers were refused at "${vendor}": ${[...answers.refusals.keys()]}`);
  mustHold(answers.tokens.size === 1, `callers got ${answers.tokens.size} different tokens of "${vendor}"`);
  const [token] = answers.tokens.keys();
  mustHold(token === atVendor.accessToken, `callers got a token that is not the newest of "${vendor}"`);
  mustHold(stored.refreshToken === atVendor.refreshToken, `the newest refresh token of "${vendor}" is not stored`);
  mustHold(stored.status === "ACTIVE", `the integration is ${stored.status} with a living grant at "${vendor}"`);
  mustHold(stored.leaseUntil === null && stored.renewalBegunAt === null, "a renewal that has ended is still open");
  mustHold(stored.reauthorizations.length === 0, `the log asks for consent that "${vendor}" still has`);
}

export function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, number) => sum + number, 0);
}

export function sum(all: readonly Answers[]): Answers {
  return {
    tokens: merged(all.map(({ tokens }) => tokens)),
    refusals: merged(all.map(({ refusals }) => refusals)),
  };
}

function merged(all: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [key, number] of all.flatMap((one) => [...one])) counts.set(key, (counts.get(key) ?? 0) + number);
  return counts;
}

function keyOf({ tenantId, integrationId }: AccountKey): AccountKey {
  return { tenantId, integrationId };
}
