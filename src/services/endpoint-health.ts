import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import type { EventData } from "../events/catalogue.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { AttemptOutcome } from "./delivery-call.ts";
import { holdMs, probeMs } from "./delivery-schedule.ts";

/** Who takes longer to answer is slow. */
export const slowMs = 2_000;
const hourMs = 60 * 60 * 1000;
/** After so long without an arrival people are warned. */
const warningsAfterMs: readonly number[] = [hourMs, 24 * hourMs, 72 * hourMs];
/** Then nothing is sent any more, provided that it was tried this often in vain. */
const disabledAfterMs = 120 * hourMs;
const disabledAfterFailures = 20;

/** Follows how an endpoint is doing, warns before it is disabled, and tells when it is well again. */
export class EndpointHealth {
  constructor(
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /** Notes what came of what was sent at once. The row is the caller's, locked, and is saved by the caller. */
  note(tx: TenantTransaction, endpoint: WebhookEndpoint, outcomes: readonly AttemptOutcome[], cause: Cause): void {
    const failed = outcomes.filter(({ problem }) => problem !== null);
    const worst = failed.find(({ isGone }) => isGone) ?? failed.at(-1);
    if (worst && (worst.isGone || failed.length === outcomes.length)) this.failed(tx, endpoint, worst, cause);
    else this.arrived(tx, endpoint, cause);
    endpoint.slow = outcomes.some(({ durationMs }) => durationMs > slowMs);
    // What was refused may be about what was sent; the next event may be welcome.
    endpoint.away = failed.length === outcomes.length && !failed.some(isRefused);
  }

  /** Somebody says that it is well again. */
  reset(endpoint: WebhookEndpoint): void {
    const well = {
      failures: 0,
      away: false,
      slow: false,
      warnings: 0,
      failingSince: null,
      heldUntil: null,
      problem: null,
      disabledAt: null,
    };
    Object.assign(endpoint, well);
  }

  private arrived(tx: TenantTransaction, endpoint: WebhookEndpoint, cause: Cause): void {
    const wasTold = endpoint.warnings > 0 || endpoint.state === "DISABLED";
    // Who paused it meanwhile still wants it paused.
    if (endpoint.state === "DISABLED") endpoint.state = "ENABLED";
    this.reset(endpoint);
    endpoint.lastDeliveredAt = this.now();
    if (wasTold) this.tell(tx, "webhook_endpoint.recovered", endpoint, cause);
  }

  private failed(tx: TenantTransaction, endpoint: WebhookEndpoint, outcome: AttemptOutcome, cause: Cause): void {
    const now = this.now();
    endpoint.failures += 1;
    endpoint.failingSince ??= now;
    endpoint.problem = outcome.problem;
    if (!isRefused(outcome)) endpoint.heldUntil = new Date(now.getTime() + holdMs(endpoint.failures, outcome.wishMs));
    if (endpoint.state === "DISABLED") endpoint.heldUntil = outcome.isGone ? null : new Date(now.getTime() + probeMs);
    // Who paused it meanwhile still wants it paused.
    if (endpoint.state !== "ENABLED") return;
    const failingMs = now.getTime() - endpoint.failingSince.getTime();
    if (outcome.isGone || (failingMs >= disabledAfterMs && endpoint.failures >= disabledAfterFailures)) {
      endpoint.state = "DISABLED";
      endpoint.disabledAt = now;
      endpoint.heldUntil = outcome.isGone ? null : new Date(now.getTime() + probeMs);
      this.tell(tx, "webhook_endpoint.disabled", endpoint, cause);
      return;
    }
    const due = warningsAfterMs.filter((afterMs) => failingMs >= afterMs).length;
    if (due <= endpoint.warnings) return;
    endpoint.warnings = due;
    this.tell(tx, "webhook_endpoint.failing", endpoint, cause);
  }

  private tell(
    tx: TenantTransaction,
    type: "webhook_endpoint.recovered" | "webhook_endpoint.failing" | "webhook_endpoint.disabled",
    endpoint: WebhookEndpoint,
    cause: Cause,
  ): void {
    const { code, message, remedy } = endpoint.problem ?? {};
    const problem = { code: code ?? "", message: message ?? "", remedy: remedy ?? null };
    const data =
      type === "webhook_endpoint.recovered" ? endpointData(endpoint) : { ...endpointData(endpoint), problem };
    this.log.record(tx, { type, integrationId: null, subjectId: endpoint.id, data, cause });
  }
}

/** It answered, and wants this not, or not so; it may take others. */
function isRefused({ status, isGone }: AttemptOutcome): boolean {
  const passing = [408, 425, 429];
  return status !== null && status >= 300 && status < 500 && !isGone && !passing.includes(status);
}

/** What events say of an endpoint. */
export function endpointData(endpoint: WebhookEndpoint): EventData<"webhook_endpoint.created"> {
  const { url, description, state, failingSince } = endpoint;
  return { host: new URL(url).host, description, state, failingSince: failingSince?.toISOString() ?? null };
}
