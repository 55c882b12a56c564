import { setTimeout } from "node:timers/promises";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { WebhookAttempt } from "../entities/webhook-attempt.ts";
import { WebhookDelivery } from "../entities/webhook-delivery.ts";
import { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import { IntegrationError } from "../errors.ts";
import type { Cause } from "../events/event-log.ts";
import { type LoggedEvent, loggedEventSql } from "../events/event-log.ts";
import type { Queue } from "../queue/queue.ts";
import type { Vault } from "../security/vault.ts";
import { endpointSight } from "./access-policy.ts";
import type { AttemptOutcome, CallEndpoint } from "./delivery-call.ts";
import { type DeliveryMessage, messageOf } from "./delivery-message.ts";
import { planDeliveries } from "./delivery-plan.ts";
import { probeMs, retryDelayMs } from "./delivery-schedule.ts";
import { type DeliveryLine, lineOf } from "./delivery-tasks.ts";
import { type EndpointHealth, slowMs } from "./endpoint-health.ts";
import { type EndpointSecrets, openSecrets } from "./endpoint-secrets.ts";
import { newId } from "./id.ts";
import { problemOf } from "./problem.ts";

/** So many are on their way to one endpoint at a time. */
const waveSize = 20;
/** After this long other endpoints have their turn. */
const turnMs = 10_000;
const aSecondMs = 1000;
/** Longer than a wave takes, as no call begins after the end of a turn: whoever is not done by then is dead. */
const claimMs = 40_000;

/** What is sent at once, and with what. */
interface Wave {
  readonly kind: "wave";
  /** Who sends it: nobody else does while it is on its way. */
  readonly turnId: string;
  readonly endpoint: WebhookEndpoint;
  readonly secrets: EndpointSecrets;
  readonly sends: readonly Send[];
}
interface Send {
  readonly delivery: WebhookDelivery;
  readonly message: DeliveryMessage | (Record<string, unknown> & { readonly id: string });
}

/** Nothing is to be sent before this; null for never, until somebody changes something. */
interface Rest {
  readonly kind: "rest";
  readonly until: Date | null;
}

/**
 * Sends events to webhook endpoints, out of the log: at least once, in order for those that want it, and again by the schedule
 * until they are taken. One turn of an endpoint runs at a time; what is slow or fails takes its turns in a line of its own.
 */
export class DeliveryTurns {
  /** What is still on its way to endpoints whose turns did not wait for it. */
  private readonly late = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly call: CallEndpoint,
    private readonly health: EndpointHealth,
    private readonly queue: Pick<Queue, "enqueueNoLater">,
    private readonly now: () => Date,
    private readonly pause: (ms: number, signal: AbortSignal) => Promise<void> = pauseFor,
  ) {}

  /** Sends what is due, for a while; then others have their turn, and this endpoint its next one when something is due. */
  async take(tenantId: string, endpointId: string, line: DeliveryLine, signal: AbortSignal): Promise<void> {
    const endsAt = performance.now() + turnMs;
    const turnId = newId(this.now());
    for (;;) {
      const isOver = signal.aborted || performance.now() > endsAt;
      const next = await this.next(tenantId, endpointId, turnId, isOver ? null : line);
      if (next === null) return;
      if (next.kind === "rest") await this.pause((next.until?.getTime() ?? 0) - this.now().getTime(), signal);
      else if (!(await this.sendWave(next, line, endsAt, signal))) return;
    }
  }

  /** Everything that turns did not wait for is over. */
  async settled(): Promise<void> {
    await Promise.all(this.late);
  }

  /**
   * Nobody in the line of those that work waits for one that does not answer: it is left to itself, and goes on in the other
   * line once it is over.
   *
   * @returns whether the turn goes on
   */
  private async sendWave(wave: Wave, line: DeliveryLine, endsAt: number, signal: AbortSignal): Promise<boolean> {
    let isLeft = false;
    const goesOn = () => !isLeft && !signal.aborted && performance.now() < endsAt;
    const sending = this.send(wave, goesOn, signal).then((outcomes) => this.settle(wave, outcomes));
    if (line === "retry-webhooks") {
      await sending;
      return true;
    }
    const stopWaiting = new AbortController();
    const patience = setTimeout(slowMs, false, { signal: stopWaiting.signal }).catch(() => false);
    const isDone = await Promise.race([sending.then(() => true), patience]);
    stopWaiting.abort();
    if (isDone) return true;
    isLeft = true;
    // What fails here is the database: once the claim is over, another turn sends it again.
    const late = sending.then(() => this.goOn(wave.endpoint)).catch(() => {});
    this.late.add(late);
    void late.finally(() => this.late.delete(late));
    await this.leave(wave.endpoint);
    return false;
  }

  /** What is on its way stays claimed until it is over. */
  private async leave({ tenantId, id }: WebhookEndpoint): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      const endpoint = await lockEndpoint(tx, id);
      if (!endpoint) return;
      endpoint.slow = true;
      await tx.query("UPDATE webhook_endpoint SET slow = true WHERE id = $1", [id]);
      await this.enqueue(tx, endpoint, endpoint.turnUntil ?? this.now());
    });
  }

  private async goOn({ tenantId, id }: WebhookEndpoint): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      const endpoint = await lockEndpoint(tx, id);
      if (endpoint) await this.enqueue(tx, endpoint, endpoint.heldUntil ?? this.now());
    });
  }

  private async enqueue(tx: TenantTransaction, endpoint: WebhookEndpoint, startAt: Date): Promise<void> {
    const payload = { tenantId: tx.tenantId, webhookEndpointId: endpoint.id };
    await this.queue.enqueueNoLater(tx, lineOf(endpoint), payload, { key: endpoint.id, startAt });
  }

  /**
   * The next wave, or the moment to wait for; null when there is none now, and its time is set then.
   *
   * @param line of the turn; null when it is over
   */
  private next(
    tenantId: string,
    endpointId: string,
    turnId: string,
    line: DeliveryLine | null,
  ): Promise<Wave | Rest | null> {
    return this.database.inTenant(tenantId, async (tx) => {
      const endpoint = await lockEndpoint(tx, endpointId);
      if (!endpoint || endpoint.state === "PAUSED") return null;
      const other = endpoint.turnId === turnId ? null : endpoint.turnUntil;
      const next = other && other > this.now() ? rest(other) : await this.waveOf(tx, endpoint, turnId);
      if (line === lineOf(endpoint) && next.kind === "wave") {
        const turnUntil = new Date(this.now().getTime() + claimMs);
        await tx.query("UPDATE webhook_endpoint SET turn_id = $2, turn_until = $3 WHERE id = $1", [
          ...[endpoint.id, turnId, turnUntil],
        ]);
        return next;
      }
      if (line === lineOf(endpoint) && next.kind === "rest" && this.isNear(next)) return next;
      const startAt = next.kind === "wave" ? this.now() : next.until;
      if (startAt) await this.enqueue(tx, endpoint, startAt);
      return null;
    });
  }

  private isNear({ until }: Rest): boolean {
    return until !== null && until.getTime() - this.now().getTime() <= aSecondMs;
  }

  private async waveOf(tx: TenantTransaction, endpoint: WebhookEndpoint, turnId: string): Promise<Wave | Rest> {
    const now = this.now();
    const isHeld = endpoint.heldUntil !== null && endpoint.heldUntil > now;
    // One that said it is gone has no time at which it is tried again.
    if (endpoint.state === "DISABLED" && (isHeld || endpoint.heldUntil === null)) return rest(endpoint.heldUntil);
    const before = endpoint.position;
    const hasMore = await planDeliveries(tx, endpoint, now);
    if (endpoint.position !== before) {
      await tx.query("UPDATE webhook_endpoint SET position = $2 WHERE id = $1", [endpoint.id, endpoint.position]);
      tx.beforeCommit(() => noteFollowed(tx));
    }
    if (isHeld) return rest(endpoint.heldUntil);
    const size = endpoint.away ? 1 : Math.min(waveSize, endpoint.maxPerSecond ?? waveSize);
    const sends: Send[] = [];
    while (sends.length === 0) {
      const due = await dueDeliveries(tx, endpoint, now, size);
      if (due.length === 0) {
        // What waits there may be for another day, and what comes next in the log is due at once.
        return rest(hasMore ? now : ((await nextDueAt(tx, endpoint)) ?? probeTime(endpoint, now)));
      }
      sends.push(...(await this.readMessages(tx, endpoint, due)));
    }
    const secrets = openSecrets(this.vault, endpoint, endpoint.sealed);
    return { kind: "wave", turnId, endpoint, secrets, sends };
  }

  /** What is to be sent. What may not be told any more, or is not there any more, is skipped. */
  private async readMessages(
    tx: TenantTransaction,
    endpoint: WebhookEndpoint,
    due: readonly WebhookDelivery[],
  ): Promise<readonly Send[]> {
    const events = await tx.query<LoggedEvent>(`${loggedEventSql} WHERE event.id = ANY($1)`, [
      due.map(({ eventId }) => eventId),
    ]);
    const byId = new Map(events.map((event) => [event.id, event]));
    const sends: Send[] = [];
    for (const delivery of due) {
      const event = byId.get(delivery.eventId);
      const sight = event ? endpointSight(endpoint, event) : "nothing";
      if (delivery.message) sends.push({ delivery, message: { ...delivery.message, id: delivery.eventId } });
      else if (event && sight !== "nothing") sends.push({ delivery, message: messageOf(event, sight) });
      else await this.skip(tx, delivery, event ? hidden() : expired());
    }
    return sends;
  }

  private async skip(tx: TenantTransaction, { tenantId, id }: WebhookDelivery, why: IntegrationError): Promise<void> {
    const problem = problemOf(why);
    await tx.manager.update(WebhookDelivery, { tenantId, id }, { state: "SKIPPED", dueAt: null, problem });
  }

  /** Where the order counts, the first that fails stops those behind it. */
  private async send(
    { endpoint, secrets, sends }: Wave,
    goesOn: () => boolean,
    signal: AbortSignal,
  ): Promise<readonly AttemptOutcome[]> {
    if (!endpoint.ordered) {
      return Promise.all(sends.map(({ message }) => this.call(endpoint, secrets, message, signal)));
    }
    const outcomes: AttemptOutcome[] = [];
    for (const { message } of sends) {
      const outcome = await this.call(endpoint, secrets, message, signal);
      outcomes.push(outcome);
      if (outcome.problem || !goesOn()) break;
    }
    return outcomes;
  }

  /** What the process itself broke off says nothing of the endpoint: it is sent again, and not counted. */
  private async settle(
    { endpoint: { tenantId, id }, turnId, sends }: Wave,
    outcomes: readonly AttemptOutcome[],
  ): Promise<void> {
    const counted = outcomes.flatMap((outcome, index) => {
      const delivery = sends[index]?.delivery;
      return delivery && !outcome.isBrokenOff ? [{ delivery, outcome }] : [];
    });
    await this.database.inTenant(tenantId, async (tx) => {
      const endpoint = await lockEndpoint(tx, id);
      if (!endpoint) return; // It was deleted, with everything of it.
      const wasState = endpoint.state;
      if (endpoint.turnId === turnId) Object.assign(endpoint, { turnId: null, turnUntil: null });
      for (const { delivery, outcome } of counted) await recordAttempt(tx, delivery, outcome, this.now());
      const made = counted.map(({ outcome }) => outcome);
      if (counted[0]) this.health.note(tx, endpoint, made, causedByDelivery(counted[0].delivery));
      this.keepPace(endpoint, counted.length);
      await tx.manager.save(WebhookEndpoint, endpoint);
      if (endpoint.state !== wasState) tx.beforeCommit(() => noteFollowed(tx));
    });
  }

  /** With a limit, what is sent in one second is sent at its beginning. */
  private keepPace(endpoint: WebhookEndpoint, sent: number): void {
    if (endpoint.maxPerSecond === null || endpoint.state !== "ENABLED") return;
    const nextAt = new Date(this.now().getTime() + (sent / endpoint.maxPerSecond) * aSecondMs);
    if (!endpoint.heldUntil || endpoint.heldUntil < nextAt) endpoint.heldUntil = nextAt;
  }
}

const rest = (until: Date | null): Rest => ({ kind: "rest", until });

/** A disabled endpoint that nothing waits for is looked at again, too: something may have happened by then. */
function probeTime({ state }: WebhookEndpoint, now: Date): Date | null {
  return state === "DISABLED" ? new Date(now.getTime() + probeMs) : null;
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(Math.max(0, ms), undefined, { signal }).catch(() => {});
}

/** With its secrets. Whoever changes an endpoint or what is sent to it locks it first. */
export function lockEndpoint(tx: TenantTransaction, id: string): Promise<WebhookEndpoint | null> {
  return tx.manager
    .createQueryBuilder(WebhookEndpoint, "endpoint")
    .addSelect("endpoint.sealed")
    .where("endpoint.tenantId = :tenantId AND endpoint.id = :id", { tenantId: tx.tenantId, id })
    .setLock("pessimistic_write")
    .getOne();
}

/** Notes at the log's head up to where all who follow it have come; what lags behind is looked for there. */
export async function noteFollowed(tx: TenantTransaction): Promise<void> {
  // Locked first, so that what follows sees everything that others have noted.
  await tx.query(
    "INSERT INTO event_head (tenant_id, position, removed_until) VALUES ($1, 0, 0) ON CONFLICT (tenant_id) DO NOTHING",
    [tx.tenantId],
  );
  await tx.query("SELECT FROM event_head FOR UPDATE");
  await tx.query(
    `UPDATE event_head SET followed_until = (SELECT min(position) FROM webhook_endpoint WHERE state = 'ENABLED')
     WHERE followed_until IS DISTINCT FROM (SELECT min(position) FROM webhook_endpoint WHERE state = 'ENABLED')`,
  );
}

/**
 * Notes an attempt, and what it means for the delivery. One that is gone meanwhile, or that somebody else has sent as well, is
 * left as it is; one that was asked for again meanwhile is still to be sent again, unless it has arrived.
 */
export async function recordAttempt(
  tx: TenantTransaction,
  { tenantId, id, attempts, tries: triesBefore }: WebhookDelivery,
  { startedAt, durationMs, status, answer, problem, wishMs, isGone }: AttemptOutcome,
  now: Date,
): Promise<void> {
  const key = { tenantId, id };
  const delivery = await tx.manager.findOne(WebhookDelivery, { where: key, lock: { mode: "pessimistic_write" } });
  if (!delivery || delivery.attempts !== attempts) return;
  const number = attempts + 1;
  await tx.manager.insert(WebhookAttempt, {
    ...{ tenantId, deliveryId: id, number, startedAt, durationMs, status, answer, problem },
  });
  const triedSince = delivery.triedSince ?? startedAt;
  if (problem === null) {
    const done = { state: "DELIVERED" as const, deliveredAt: now, dueAt: null, problem };
    await tx.manager.update(WebhookDelivery, key, { ...done, attempts: number, tries: delivery.tries + 1, triedSince });
    return;
  }
  if (delivery.tries !== triesBefore || delivery.state !== "PENDING") {
    await tx.manager.update(WebhookDelivery, key, { attempts: number, problem });
    return;
  }
  const tries = delivery.tries + 1;
  // What is gone may come back, and gets then what waited for it.
  const retryMs = isGone ? 0 : retryDelayMs(tries, wishMs, Math.random());
  const delayMs = delivery.trigger === "TEST" ? null : retryMs;
  await tx.manager.update(WebhookDelivery, key, {
    ...{ attempts: number, tries, triedSince, problem },
    state: delayMs === null ? "FAILED" : "PENDING",
    dueAt: delayMs === null ? null : new Date(now.getTime() + delayMs),
  });
}

/**
 * Where the order counts, those that wait first of all, up to one whose time has not come. Otherwise what was not tried yet
 * comes first: nothing stands behind what is refused again and again.
 */
async function dueDeliveries(
  tx: TenantTransaction,
  { tenantId, id, ordered }: WebhookEndpoint,
  now: Date,
  size: number,
): Promise<WebhookDelivery[]> {
  const waiting = tx.manager
    .createQueryBuilder(WebhookDelivery, "delivery")
    .where("delivery.tenantId = :tenantId AND delivery.endpointId = :id", { tenantId, id })
    .andWhere("delivery.state = 'PENDING'")
    .limit(size);
  if (!ordered) {
    waiting.andWhere("delivery.dueAt <= :now", { now }).orderBy("delivery.tries").addOrderBy("delivery.position");
    return waiting.getMany();
  }
  const first = await waiting.orderBy("delivery.position").getMany();
  const notDue = first.findIndex(({ dueAt }) => dueAt === null || dueAt > now);
  return notDue < 0 ? first : first.slice(0, notDue);
}

async function nextDueAt(tx: TenantTransaction, { id, ordered }: WebhookEndpoint): Promise<Date | null> {
  const [row] = await tx.query<{ dueAt: Date | null }>(
    `SELECT due_at AS "dueAt" FROM webhook_delivery WHERE endpoint_id = $1 AND state = 'PENDING'
     ORDER BY ${ordered ? "position" : "due_at"} LIMIT 1`,
    [id],
  );
  return row?.dueAt ?? null;
}

function causedByDelivery({ id, correlationId }: WebhookDelivery): Cause {
  return { actor: { kind: "SYSTEM", id: null }, correlationId, causationId: id };
}

const hidden = () =>
  new IntegrationError("FORBIDDEN", "The endpoint may not see this event any more", {
    remedy: "Have its owner share the integration, or have an administrator set includePrivate.",
  });
const expired = () => new IntegrationError("CURSOR_EXPIRED", "The event is past its retention");
