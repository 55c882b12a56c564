import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import { type SubjectType, subjectTypeOf, subjectTypes } from "../events/catalogue.ts";
import { type Cause, type EventLog, readHead } from "../events/event-log.ts";
import type { Queue } from "../queue/queue.ts";
import type { Vault } from "../security/vault.ts";
import { readableSubjects, readingScopeOf } from "./access-policy.ts";
import { deliverSoon } from "./delivery-tasks.ts";
import { lockEndpoint, noteFollowed } from "./delivery-turns.ts";
import { type EndpointHealth, endpointData } from "./endpoint-health.ts";
import { newSigningSecret, openSecrets, sealSecrets } from "./endpoint-secrets.ts";
import { readEventCursor, writeEventCursor } from "./event-cursor.ts";
import { matchedTypes } from "./event-patterns.ts";
import { notFound } from "./found-integration.ts";
import { isId, possibleIds } from "./id.ts";
import type { Idempotency } from "./idempotency.ts";
import { checkFirst, cursorsOf, lastIdIn, type Page, type PageRequest, pageOf } from "./page.ts";
import { plainText } from "./plain-text.ts";
import { problemOf } from "./problem.ts";
import { MissingScope, requireScope, type Viewer } from "./viewer.ts";

export type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";

/** What can be set, and changed later. Left out, it stays as it is. */
export interface EndpointSettings {
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  /** Types and nouns; null for all. */
  readonly eventTypes?: readonly string[] | null | undefined;
  /** Null for all. */
  readonly integrationIds?: readonly string[] | null | undefined;
  readonly ordered?: boolean | undefined;
  /** 1 to 1000; null for as many as it takes. */
  readonly maxPerSecond?: number | null | undefined;
  /** All of them: those that are not named are taken away. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[] | undefined;
  /** Needs `tenant:admin`. */
  readonly includePrivate?: boolean | undefined;
}

export interface NewEndpoint extends EndpointSettings {
  readonly url: string;
  /** It begins after this place in the log; with what happens from now on for null. */
  readonly after: string | null;
}

export interface EndpointChanges extends EndpointSettings {
  /** False pauses it, true lets it go on, also when it was disabled. */
  readonly enabled?: boolean | undefined;
  /** It goes on with what happens from now on, and what it missed meanwhile is not sent. */
  readonly skipMissed: boolean;
}

/** Of a tenant. Each costs work for every event. */
const mostEndpoints = 50;
const mostHeaders = 20;
const longestHeader = 2000;
const longestUrl = 2000;
const longestDescription = 500;
const longestOverlapHours = 7 * 24;
const hourMs = 60 * 60 * 1000;

/** Who sends says these; whoever receives relies on them. */
const ownHeaders = /^(webhook-.*|content-.*|host|connection|transfer-encoding|te|upgrade|expect|user-agent|trailer)$/;
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/;
const headerValue = /^[\t\x20-\x7e]*$/;

/** Customers' URLs that events are sent to. They are the tenant's: whoever manages one manages all. */
export class WebhookEndpoints {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    /** Why an address may not be called; null when it may. */
    private readonly examine: (url: string) => Promise<IntegrationError | null>,
    private readonly health: EndpointHealth,
    private readonly queue: Pick<Queue, "reschedule">,
    private readonly idempotency: Idempotency,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, WebhookEndpoint>> {
    requireScope(viewer, "webhooks:manage");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      ofTenant(tx)
        .andWhere("endpoint.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Oldest first. @throws {IntegrationError} INVALID_INPUT */
  async list(viewer: Viewer, { first, after }: PageRequest): Promise<Page<WebhookEndpoint>> {
    requireScope(viewer, "webhooks:manage");
    checkFirst(first);
    const cursors = cursorsOf("webhookEndpoints", null);
    const lastId = lastIdIn(cursors.read(after));
    const rows = await this.database.inTenant(viewer.tenantId, (tx) => {
      const query = ofTenant(tx)
        .orderBy("endpoint.id")
        .take(first + 1);
      if (lastId) query.andWhere("endpoint.id > :lastId", { lastId });
      return query.getMany();
    });
    return pageOf(rows, first, ({ id }) => cursors.write([id]));
  }

  /**
   * @returns the endpoint's id. With a key the same call makes it once.
   * @throws {IntegrationError} INVALID_INPUT, EGRESS_REFUSED, FORBIDDEN
   */
  async create(viewer: Viewer, given: NewEndpoint, key: string | null, cause: Cause): Promise<WebhookEndpoint> {
    requireManager(viewer);
    await this.check(viewer, given);
    const call = { mutation: "createWebhookEndpoint", key, input: given };
    const id = await this.idempotency.once(viewer, call, async (freshId) => {
      await this.insert(viewer, freshId, given, cause);
      return freshId;
    });
    return this.database.inTenant(viewer.tenantId, async (tx) => required(await lockEndpoint(tx, id)));
  }

  /** @throws {IntegrationError} NOT_FOUND, INVALID_INPUT, EGRESS_REFUSED, FORBIDDEN */
  async update(viewer: Viewer, id: string, changes: EndpointChanges, cause: Cause): Promise<WebhookEndpoint> {
    requireManager(viewer);
    await this.check(viewer, changes);
    return this.change(viewer, id, async (tx, endpoint) => {
      if (changes.url !== undefined || changes.headers !== undefined) requireSameSight(viewer, endpoint);
      await this.apply(tx, viewer, endpoint, changes);
      if (changes.enabled === false) endpoint.state = "PAUSED";
      if (changes.enabled === true) {
        endpoint.state = "ENABLED";
        this.health.reset(endpoint);
      }
      if (changes.skipMissed) {
        endpoint.position = (await readHead(tx)).position.toString();
        await tx.query(
          `UPDATE webhook_delivery SET state = 'SKIPPED', due_at = NULL, problem = $2
           WHERE endpoint_id = $1 AND state = 'PENDING'`,
          [endpoint.id, JSON.stringify(problemOf(passedOver()))],
        );
      }
      await this.save(tx, endpoint, "webhook_endpoint.updated", cause);
    });
  }

  /**
   * Gives it a new secret. For the hours of the overlap both sign, so that the receiver can change over at its leisure.
   *
   * @param overlapHours 0 to 168; 0 when the old one is known to strangers
   * @throws {IntegrationError} NOT_FOUND, INVALID_INPUT
   */
  async rotateSecret(viewer: Viewer, id: string, overlapHours: number, cause: Cause): Promise<WebhookEndpoint> {
    requireManager(viewer);
    if (overlapHours < 0 || overlapHours > longestOverlapHours) {
      throw invalid(`The overlap must be 0 to ${longestOverlapHours} hours`, "overlapHours");
    }
    return this.change(viewer, id, async (tx, endpoint) => {
      const until = new Date(this.now().getTime() + overlapHours * hourMs);
      const { signing, headers } = openSecrets(this.vault, endpoint, endpoint.sealed);
      const former = signing
        .map((one) => ({ ...one, until: one.until ?? until.toISOString() }))
        .filter((one) => new Date(one.until) > this.now());
      const secrets = { signing: [{ secret: newSigningSecret(), until: null }, ...former.slice(0, 2)], headers };
      Object.assign(endpoint, sealSecrets(this.vault, endpoint, secrets));
      endpoint.formerSecretUntil = overlapHours === 0 ? null : until;
      await this.save(tx, endpoint, "webhook_endpoint.secret_rotated", cause);
    });
  }

  /** With everything that was still to be sent. @throws {IntegrationError} NOT_FOUND */
  async delete(viewer: Viewer, id: string, cause: Cause): Promise<WebhookEndpoint> {
    requireManager(viewer);
    return this.change(viewer, id, async (tx, endpoint) => {
      await tx.query(
        "DELETE FROM webhook_attempt USING webhook_delivery delivery WHERE delivery.id = delivery_id AND endpoint_id = $1",
        [endpoint.id],
      );
      await tx.query("DELETE FROM webhook_delivery WHERE endpoint_id = $1", [endpoint.id]);
      await tx.query("DELETE FROM webhook_endpoint WHERE id = $1", [endpoint.id]);
      this.record(tx, "webhook_endpoint.deleted", endpoint, cause);
      tx.beforeCommit(() => noteFollowed(tx));
    });
  }

  /** The newest signing secret, for whoever has just had it made: shown then, and never again. */
  secretOf(endpoint: WebhookEndpoint): string | null {
    return openSecrets(this.vault, endpoint, endpoint.sealed).signing[0]?.secret ?? null;
  }

  /** The same for whoever has made the endpoint, by a call that may be a repeated one: null once it was changed since. */
  firstSecretOf(endpoint: WebhookEndpoint): string | null {
    return endpoint.updatedAt.getTime() === endpoint.createdAt.getTime() ? this.secretOf(endpoint) : null;
  }

  /** The cursor at a place in the log; null before its beginning. */
  cursorAt(position: string): string | null {
    return position === "0" ? null : writeEventCursor(BigInt(position));
  }

  private async insert(viewer: Viewer, id: string, given: NewEndpoint, cause: Cause): Promise<void> {
    const now = this.now();
    await this.database.inTenant(viewer.tenantId, async (tx) => {
      // After a crash the same call comes with the same id.
      if (await lockEndpoint(tx, id)) return;
      if ((await ofTenant(tx).getCount()) >= mostEndpoints) {
        throw new IntegrationError("QUOTA_EXHAUSTED", `A tenant has at most ${mostEndpoints} webhook endpoints`, {
          remedy: "Delete one that is not needed any more.",
          retryable: false,
        });
      }
      const place = (await placeOf(tx, given.after)).toString();
      const endpoint = Object.assign(new WebhookEndpoint(), {
        ...{ tenantId: viewer.tenantId, id, description: null, eventTypes: null, integrationIds: null },
        ...{ ordered: false, maxPerSecond: null, includePrivate: false, headerNames: [], formerSecretUntil: null },
        ...{ state: "ENABLED", failures: 0, away: false, slow: false, warnings: 0, failingSince: null },
        ...{ heldUntil: null, turnId: null, turnUntil: null, problem: null, disabledAt: null, lastDeliveredAt: null },
        ...{ createdBy: viewer.userId, createdAt: now },
        ...{ subjectTypes: readableBy(viewer), beganAfter: place, position: place },
      });
      const secrets = { signing: [{ secret: newSigningSecret(), until: null }], headers: {} };
      Object.assign(endpoint, sealSecrets(this.vault, endpoint, secrets));
      await this.apply(tx, viewer, endpoint, given);
      await this.save(tx, endpoint, "webhook_endpoint.created", cause, now);
    });
  }

  private change(
    viewer: Viewer,
    id: string,
    work: (tx: TenantTransaction, endpoint: WebhookEndpoint) => Promise<void>,
  ): Promise<WebhookEndpoint> {
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const endpoint = required(isId(id) ? await lockEndpoint(tx, id) : null);
      await work(tx, endpoint);
      return endpoint;
    });
  }

  /** Stores it, and sees to it that it gets what it is to get. */
  private async save(
    tx: TenantTransaction,
    endpoint: WebhookEndpoint,
    type: "webhook_endpoint.created" | "webhook_endpoint.updated" | "webhook_endpoint.secret_rotated",
    cause: Cause,
    updatedAt = this.now(),
  ): Promise<void> {
    endpoint.updatedAt = updatedAt;
    await tx.manager.save(WebhookEndpoint, endpoint);
    this.record(tx, type, endpoint, cause);
    if (endpoint.state !== "PAUSED") await deliverSoon(this.queue, tx, endpoint);
    tx.beforeCommit(() => noteFollowed(tx));
  }

  private record(
    tx: TenantTransaction,
    type:
      | "webhook_endpoint.created"
      | "webhook_endpoint.updated"
      | "webhook_endpoint.secret_rotated"
      | "webhook_endpoint.deleted",
    endpoint: WebhookEndpoint,
    cause: Cause,
  ): void {
    const { id: subjectId } = endpoint;
    this.log.record(tx, { type, integrationId: null, subjectId, data: endpointData(endpoint), cause });
  }

  /** Everything that can be told without looking at what is stored. */
  private async check(viewer: Viewer, settings: EndpointSettings): Promise<void> {
    const { url, description, eventTypes, maxPerSecond, headers, includePrivate } = settings;
    if ((description?.length ?? 0) > longestDescription) {
      throw invalid(`A description has at most ${longestDescription} characters`, "description");
    }
    if (eventTypes) checkTypes(viewer, eventTypes);
    if (maxPerSecond != null && (maxPerSecond < 1 || maxPerSecond > 1000)) {
      throw invalid("The limit must be 1 to 1000 events per second", "maxPerSecond");
    }
    checkHeaders(headers ?? []);
    if (includePrivate && !viewer.scopes.has("tenant:admin")) {
      throw new IntegrationError("FORBIDDEN", "Only an administrator may have private calendar events sent", {
        field: ["input", "includePrivate"],
        remedy: "Ask for a token with the scope tenant:admin.",
      });
    }
    if (url === undefined) return;
    if (url.length > longestUrl) throw invalid(`A url has at most ${longestUrl} characters`, "url");
    const refusal = await this.examine(url);
    if (!refusal) return;
    const { code, message, remedy } = refusal;
    throw new IntegrationError(code, message, { field: ["input", "url"], remedy });
  }

  private async apply(
    tx: TenantTransaction,
    viewer: Viewer,
    endpoint: WebhookEndpoint,
    settings: EndpointSettings,
  ): Promise<void> {
    const { url, description, eventTypes, integrationIds, ordered, maxPerSecond, headers, includePrivate } = settings;
    if (url !== undefined) {
      // What was meant for one server is not sent to another.
      if (endpoint.url !== undefined && new URL(endpoint.url).origin !== new URL(url).origin)
        this.setHeaders(endpoint, []);
      endpoint.url = new URL(url).href;
    }
    if (description !== undefined) endpoint.description = plainText(description);
    if (eventTypes !== undefined) {
      endpoint.eventTypes = eventTypes;
      endpoint.subjectTypes = readableBy(viewer);
    }
    if (integrationIds !== undefined) {
      endpoint.integrationIds = integrationIds;
      if (integrationIds) await requireIntegrations(tx, integrationIds);
    }
    if (ordered !== undefined) endpoint.ordered = ordered;
    if (maxPerSecond !== undefined) endpoint.maxPerSecond = maxPerSecond;
    if (includePrivate !== undefined) endpoint.includePrivate = includePrivate;
    if (headers) this.setHeaders(endpoint, headers);
  }

  private setHeaders(endpoint: WebhookEndpoint, headers: NonNullable<EndpointSettings["headers"]>): void {
    const { signing } = openSecrets(this.vault, endpoint, endpoint.sealed);
    const named = headers.map(({ name, value }) => [name.toLowerCase(), value] as const);
    endpoint.headerNames = named.map(([name]) => name);
    Object.assign(endpoint, sealSecrets(this.vault, endpoint, { signing, headers: Object.fromEntries(named) }));
  }
}

function ofTenant(tx: TenantTransaction) {
  return tx.manager
    .createQueryBuilder(WebhookEndpoint, "endpoint")
    .where("endpoint.tenantId = :tenantId", { tenantId: tx.tenantId });
}

function required(found: WebhookEndpoint | null): WebhookEndpoint {
  if (!found) throw notFound();
  return found;
}

/** Events go where whoever asks for it may read them. */
function requireManager(viewer: Viewer): void {
  requireScope(viewer, "webhooks:manage");
  requireScope(viewer, "events:read");
}

/** Whoever has it sent elsewhere must be allowed to read everything that goes there. @throws {IntegrationError} FORBIDDEN */
function requireSameSight(viewer: Viewer, { includePrivate, subjectTypes: seen }: WebhookEndpoint): void {
  const readable: readonly string[] = readableBy(viewer);
  const hidden = subjectTypes.find((subject) => seen.includes(subject) && !readable.includes(subject));
  const missing =
    includePrivate && !viewer.scopes.has("tenant:admin") ? "tenant:admin" : hidden && readingScopeOf(hidden);
  if (!missing) return;
  throw new IntegrationError("FORBIDDEN", `This endpoint gets what only the scope ${missing} lets one read`, {
    field: ["input", "url"],
    remedy: `Ask for a token with the scope ${missing}, or make an endpoint of your own.`,
  });
}

function readableBy(viewer: Viewer): readonly SubjectType[] {
  const readable = readableSubjects(viewer, "details");
  return subjectTypes.filter((subject) => readable.includes(subject));
}

/** @throws {IntegrationError} INVALID_INPUT for a type there is not, FORBIDDEN for one that the viewer may not read */
function checkTypes(viewer: Viewer, patterns: readonly string[]): void {
  const readable = readableBy(viewer);
  if (patterns.length === 0) throw invalid("Name at least one type of event, or leave them out for all", "eventTypes");
  for (const pattern of patterns) {
    const subjects = matchedTypes([pattern], ["input", "eventTypes"]).flatMap((type) => subjectTypeOf(type) ?? []);
    const hidden = subjects.find((subject) => !readable.includes(subject));
    if (!hidden) continue;
    const { message, remedy } = new MissingScope(readingScopeOf(hidden));
    throw new IntegrationError("FORBIDDEN", message, { field: ["input", "eventTypes"], remedy });
  }
}

function checkHeaders(headers: NonNullable<EndpointSettings["headers"]>): void {
  if (headers.length > mostHeaders) throw invalid(`At most ${mostHeaders} headers are sent`, "headers");
  const names = headers.map(({ name }) => name.toLowerCase());
  for (const [index, { value }] of headers.entries()) {
    const name = names[index] ?? "";
    const field = ["headers", String(index), "name"];
    if (!headerName.test(name)) throw invalid("This is not the name of a header", ...field);
    if (ownHeaders.test(name)) throw invalid(`The header ${name} is set by this service`, ...field);
    if (names.indexOf(name) !== index) throw invalid(`The header ${name} is there twice`, ...field);
    if (!headerValue.test(value) || value.length > longestHeader) {
      throw invalid(
        `A header's value has at most ${longestHeader} characters of ASCII`,
        "headers",
        String(index),
        "value",
      );
    }
  }
}

/** @throws {IntegrationError} INVALID_INPUT for one that is not this tenant's */
async function requireIntegrations(tx: TenantTransaction, ids: readonly string[]): Promise<void> {
  const possible = possibleIds(ids);
  const [row] = await tx.query<{ count: string }>("SELECT count(*) FROM integration WHERE id = ANY($1)", [possible]);
  if (ids.length > 0 && Number(row?.count) === new Set(ids).size) return;
  throw invalid("Name integrations of this tenant, or leave them out for all", "integrationIds");
}

const passedOver = () =>
  new IntegrationError("CONFLICT", "Somebody had the endpoint go on with what was new", {
    remedy: "replayWebhookDeliveries with missedOnly sends it all the same.",
  });

/** Where a new endpoint begins in the log. */
async function placeOf(tx: TenantTransaction, after: string | null): Promise<bigint> {
  const { position, removedUntil } = await readHead(tx);
  if (after === null) return position;
  const asked = cursorIn(after);
  if (asked > position) throw invalid("This cursor lies ahead of the log", "after");
  return asked < removedUntil ? removedUntil : asked;
}

function cursorIn(after: string): bigint {
  try {
    return readEventCursor(after);
  } catch (error) {
    if (!isIntegrationError(error)) throw error;
    throw invalid("This is not the cursor of an event", "after");
  }
}

function invalid(message: string, ...field: readonly string[]): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message, { field: ["input", ...field] });
}
