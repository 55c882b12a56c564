import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { type ErrorCode, type ErrorDetails, IntegrationError } from "../errors.ts";
import type { CallGate, CallOutcome, Passage } from "../providers/call-gate.ts";
import { type CallWindow, concurrentCallsOf, type ProviderLimits } from "../providers/provider.ts";
import { providerWith } from "../providers/registry.ts";
import { type BudgetOf, type CallBudgets, lookMs, type Standing, signOfLifeMs } from "./call-budgets.ts";
import { FairLine } from "./fair-line.ts";
import { longestDownMs, type Outages, type ServerOf } from "./outages.ts";
import { accountTarget } from "./routes.ts";

/** Whose account is called, and how long somebody waits for it. */
export interface CalledAccount {
  readonly tenantId: string;
  readonly provider: string;
  /** Who it is at the vendor. */
  readonly accountId: string;
  readonly patienceMs: number;
}

/** Background work waits in place for so long, and then comes again. */
export const backgroundPatienceMs = 30_000;
/** Somebody waits for the answer, for ten seconds altogether. */
export const interactivePatienceMs = 5_000;
/** Of what all accounts have together, a process takes no more than so many calls at a time. */
const mostTaken = 50;
/** Who waited in vain comes again after this long, so that those before are served. */
const comeAgainMs = 10_000;

export interface GateObserver {
  /** A call was let through, or kept back for this reason. */
  waited(call: { provider: string; outcome: "went" | ErrorCode | "unfinished"; durationMs: number }): void;
  /** The vendor asked us to leave an account, or a server, alone. */
  paused(pause: { provider: string; code: string }): void;
}

/**
 * Where every call in the name of an account waits until it may be made. First in this process: as many calls of an
 * account as may run at all, and turns among tenants for what all accounts share. Then, by one short statement, in the
 * line of the account that all processes have in common. Nothing is held while the vendor thinks but a row's word for it.
 */
export class CallGates {
  private readonly lanes = new Map<string, Lane>();
  private readonly shares = new Map<string, AppShare>();

  constructor(
    private readonly budgets: CallBudgets,
    private readonly outages: Outages,
    private readonly log: Logger,
    private readonly observe: GateObserver,
    private readonly limitsOf: (provider: string) => ProviderLimits = (id) => providerWith(id).limits,
  ) {}

  of({ tenantId, provider, accountId, patienceMs }: CalledAccount): CallGate {
    const limits = this.limitsOf(provider);
    const budget = { key: `${provider} ${accountTarget(provider, accountId)}`, provider, limits };
    return {
      quotaWords: limits.quotaWords,
      enter: async (server, signal) => {
        const startedAt = performance.now();
        const caller = { tenantId, until: startedAt + patienceMs, signal };
        const tell = (outcome: "went" | ErrorCode | "unfinished") =>
          this.observe.waited({ provider, outcome, durationMs: performance.now() - startedAt });
        try {
          const passage = await this.enter(budget, server, caller);
          tell("went");
          return passage;
        } catch (error) {
          tell(error instanceof IntegrationError ? error.code : "unfinished");
          throw error;
        }
      },
    };
  }

  /**
   * For calls while nobody knows whose account it is: they keep to what the server asks of everybody. Undefined where vendors
   * ask nothing of the kind.
   */
  ofTrial(provider: string): CallGate | undefined {
    if (this.limitsOf(provider).pauses !== "server") return undefined;
    const noted = (error: unknown) => this.log.error({ err: error }, "how a call ended could not be noted");
    return {
      quotaWords: undefined,
      enter: async (server) => {
        const at = { provider, server };
        const pause = await this.budgets.serverPause(at);
        if (pause.serverPausedMs > 0) throw isShut(pause);
        return {
          leave: async (outcome) => {
            if (outcome.kind === "refused") await this.pauseServer(at, outcome.code, outcome.forMs).catch(noted);
          },
        };
      },
    };
  }

  private async enter(budget: BudgetOf, server: string, caller: Caller): Promise<Passage> {
    const lane = this.laneOf(budget);
    await lane.enter(caller);
    try {
      await this.shareOf(budget)?.take(caller);
      const { ticket, isProbe } = await this.stand(budget, server, caller);
      const noted = (error: unknown) => this.log.error({ err: error }, "a call could not give a sign of life");
      const alive = setInterval(() => void this.budgets.keep(budget, ticket).catch(noted), signOfLifeMs).unref();
      return {
        leave: (outcome) => {
          clearInterval(alive);
          return this.leave(budget, server, { lane, ticket, isProbe }, outcome);
        },
      };
    } catch (error) {
      lane.leave();
      throw error;
    }
  }

  /** Stands in the line of the account until it is this call's turn. */
  private async stand(budget: BudgetOf, server: string, { until, signal }: Caller): Promise<Place> {
    let ticket: string | null = null;
    let isProbe = false;
    try {
      for (;;) {
        const standing: Standing = await this.budgets.stand(budget, server, ticket, isProbe);
        ticket = standing.ticket;
        if (standing.goes) return { ticket, isProbe };
        const { pausedMs, serverPausedMs, fullMs, downMs } = standing;
        if (!isProbe && downMs !== null) {
          isProbe = downMs <= 0 && (await this.outages.mayProbe(server));
          if (!isProbe) throw isDown(standing);
          continue;
        }
        const waitMs = Math.max(lookMs, pausedMs, serverPausedMs, fullMs);
        // A worker has better things to do than to sit out a long pause.
        if (waitMs > interactivePatienceMs || performance.now() + waitMs > until) throw keptBack(standing);
        await delay(waitMs, undefined, signal ? { signal } : {});
      }
    } catch (error) {
      if (ticket !== null) await this.budgets.leave(budget, ticket, unfinished);
      throw signal?.aborted ? signal.reason : error;
    }
  }

  private async leave(
    budget: BudgetOf,
    server: string,
    { lane, ticket, isProbe }: Place & { readonly lane: Lane },
    outcome: CallOutcome,
  ): Promise<void> {
    // Whoever called does not wait for this; the next call of the account does.
    const left = this.budgets.leave(budget, ticket, outcome);
    const told = this.learn(budget, server, isProbe, outcome);
    const done = Promise.all([left, told])
      .catch((error: unknown) => this.log.error({ err: error }, "how a call ended could not be noted"))
      .finally(() => lane.leave());
    if (outcome.kind !== "answered" || isProbe) await done;
  }

  private async learn(budget: BudgetOf, server: string, isProbe: boolean, outcome: CallOutcome): Promise<void> {
    const { provider, key } = budget;
    if (outcome.kind === "unavailable") await this.outages.failed({ provider, server }, key, isProbe);
    // A refusal is an answer too.
    else if (outcome.kind !== "unfinished") await this.outages.answered({ provider, server }, isProbe);
    if (outcome.kind === "refused") {
      if (budget.limits.pauses === "server") await this.pauseServer({ provider, server }, outcome.code, outcome.forMs);
      else await this.pause(budget, outcome.code, outcome.forMs);
    }
    if (outcome.kind === "unavailable" && outcome.forMs)
      await this.pause(budget, "PROVIDER_UNAVAILABLE", outcome.forMs);
  }

  private async pause(budget: BudgetOf, code: string, wantedMs: number | undefined): Promise<void> {
    const forMs = await this.budgets.pause(budget, code, wantedMs);
    if (forMs === null) return;
    this.observe.paused({ provider: budget.provider, code });
    this.log.warn({ account: budget.key, code, forMs: Math.round(forMs) }, "an account is left alone for a while");
  }

  private async pauseServer(at: ServerOf, code: string, wantedMs: number | undefined): Promise<void> {
    const forMs = await this.budgets.pauseServer(at, code, wantedMs);
    if (forMs === null) return;
    this.observe.paused({ provider: at.provider, code });
    this.log.warn({ ...at, code, forMs: Math.round(forMs) }, "a server is left alone for a while");
  }

  private laneOf({ key, limits }: BudgetOf): Lane {
    const lane = this.lanes.get(key) ?? new Lane(concurrentCallsOf(limits), () => this.lanes.delete(key));
    this.lanes.set(key, lane);
    return lane;
  }

  private shareOf({ provider, limits: { perApp } }: BudgetOf): AppShare | undefined {
    if (!perApp) return undefined;
    const share = this.shares.get(provider) ?? new AppShare(provider, perApp, this.budgets);
    this.shares.set(provider, share);
    return share;
  }
}

interface Caller {
  readonly tenantId: string;
  /** By `performance.now()`. */
  readonly until: number;
  readonly signal: AbortSignal | null;
}

interface Place {
  readonly ticket: string;
  readonly isProbe: boolean;
}

const unfinished: CallOutcome = { kind: "unfinished" };

/** The calls of one account in this process: no more of them stand in the common line than may run at all. */
class Lane {
  private readonly line = new FairLine();
  private running = 0;

  constructor(
    private readonly width: number,
    private readonly empty: () => void,
  ) {}

  async enter({ tenantId, until, signal }: Caller): Promise<void> {
    if (this.running < this.width) this.running += 1;
    else await this.line.wait(tenantId, until, signal, tooMany);
  }

  leave(): void {
    if (this.line.admit()) return;
    this.running -= 1;
    if (this.running === 0) this.empty();
  }
}

/** What this process has of the calls that all accounts of a provider share. */
class AppShare {
  private readonly line = new FairLine();
  private isTaking = false;

  constructor(
    private readonly provider: string,
    private readonly window: CallWindow,
    private readonly budgets: CallBudgets,
  ) {}

  take({ tenantId, until, signal }: Caller): Promise<void> {
    const admitted = this.line.wait(tenantId, until, signal, tooMany);
    if (!this.isTaking) void this.hand().catch((error: unknown) => this.line.stop(error));
    return admitted;
  }

  /** Takes as many as wait, and hands them out, tenant by tenant, until nobody waits. */
  private async hand(): Promise<void> {
    this.isTaking = true;
    try {
      while (this.line.size > 0) {
        const { granted, fullMs } = await this.budgets.take(
          this.provider,
          this.window,
          Math.min(this.line.size, mostTaken),
        );
        for (let left = granted; left > 0; left -= 1) this.line.admit();
        if (this.line.size > 0) await delay(fullMs);
      }
    } finally {
      this.isTaking = false;
    }
  }
}

function tooMany(): IntegrationError {
  const retryAfterMs = comeAgainMs * (0.5 + Math.random());
  return heldBack("RATE_LIMITED", "Other calls to the provider come first", { retryAfterMs });
}

function isDown({ downMs, downForMs }: Standing): IntegrationError {
  // After a long outage everybody comes back over a while, after a short one at once.
  const spreadMs = Math.random() * Math.min(longestDownMs, downForMs);
  return heldBack("PROVIDER_UNAVAILABLE", "The provider fails for everybody, and is not called for now", {
    retryAfterMs: Math.max(downMs ?? 0, 0) + spreadMs,
    remedy: "Nothing has to be done; everything goes on when the provider is back.",
  });
}

/** Why a call is not made for so long that nobody waits for it. */
function keptBack(standing: Standing): IntegrationError {
  const { pausedMs, pauseCode, serverPausedMs, fullMs } = standing;
  if (serverPausedMs > pausedMs) return isShut(standing);
  if (pausedMs > 0) {
    return heldBack("RATE_LIMITED", "The provider has asked for a pause of this account", {
      retryAfterMs: pausedMs,
      providerCode: pauseCode ?? undefined,
    });
  }
  if (fullMs === 0) return tooMany();
  return heldBack("RATE_LIMITED", "This account has had all the calls that the provider allows", {
    retryAfterMs: fullMs,
  });
}

function isShut({
  serverPausedMs,
  serverPauseCode,
}: Pick<Standing, "serverPausedMs" | "serverPauseCode">): IntegrationError {
  return heldBack("RATE_LIMITED", "The server refuses all calls of this service for now, whoever they are about", {
    retryAfterMs: serverPausedMs,
    providerCode: serverPauseCode ?? undefined,
    remedy: "Nothing has to be done; everything goes on when the server answers again.",
  });
}

function heldBack(
  code: "RATE_LIMITED" | "PROVIDER_UNAVAILABLE",
  message: string,
  { retryAfterMs, ...details }: ErrorDetails & { readonly retryAfterMs: number },
): IntegrationError {
  return new IntegrationError(code, message, { ...details, retryAfterMs: Math.ceil(retryAfterMs), heldBack: true });
}
