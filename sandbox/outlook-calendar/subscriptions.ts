import { randomUUID } from "node:crypto";
import { calendarById, defaultCalendar } from "./calendar-list.ts";
import { GraphError, invalidRequest, resourceNotFound } from "./errors.ts";
import type { ChangeType } from "./event-store.ts";
import type { GraphReply } from "./graph-request.ts";
import { noContent } from "./graph-request.ts";
import { shakeHands } from "./handshake.ts";
import { etagOf, idsOf } from "./item-ids.ts";
import type { Postman } from "./postman.ts";
import type { Mailbox, OutlookState, StoredEvent, StoredSubscription } from "./state.ts";
import type { OutlookSwitches } from "./switches.ts";

/** https://learn.microsoft.com/en-us/graph/api/resources/subscription */
const longestMs = 10_080 * 60_000;
const shortestMs = 45 * 60_000;
const maxClientState = 128;
const changeTypes: readonly string[] = ["created", "updated", "deleted"];

const lifecycleEvents = ["reauthorizationRequired", "subscriptionRemoved", "missed"] as const;
export type LifecycleEvent = (typeof lifecycleEvents)[number];

export interface SubscriptionOptions {
  readonly now: () => Date;
  readonly postman: Postman;
  /** Whether the app still has somebody's consent: without it nothing is delivered. */
  readonly isAllowed: (email: string) => boolean;
  readonly tenantOf: (email: string) => string;
}

export interface SubscriptionRequest {
  readonly method: string;
  readonly mailbox: Mailbox;
  readonly body: Readonly<Record<string, unknown>>;
  readonly wantsImmutableIds: boolean;
  readonly context: string;
}

/** Who is told when a calendar changes. https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks */
export class Subscriptions {
  constructor(
    private readonly state: OutlookState,
    private readonly switches: OutlookSwitches,
    private readonly options: SubscriptionOptions,
  ) {}

  /** @throws {GraphError} */
  async answer(request: SubscriptionRequest, [id, action]: readonly string[]): Promise<GraphReply> {
    const { method, mailbox, body, context } = request;
    if (id === undefined) {
      if (method === "POST") return this.create(request);
      if (method !== "GET") throw resourceNotFound();
      const value = this.live(mailbox.email).map((one) => ({ ...shown(one), clientState: null }));
      return { status: 200, body: { "@odata.context": context, value } };
    }
    const subscription = this.find(mailbox.email, id);
    const answered = (): GraphReply => ({
      status: 200,
      body: { "@odata.context": `${context}/$entity`, ...shown(subscription) },
    });
    switch (`${method} ${action ?? ""}`) {
      case "GET ":
        return answered();
      case "PATCH ":
        subscription.expiresAt = this.expiryOf(body["expirationDateTime"]);
        subscription.isPaused = false;
        return answered();
      case "POST reauthorize":
        subscription.isPaused = false;
        return noContent;
      case "DELETE ":
        this.state.subscriptions.delete(id);
        return noContent;
      default:
        throw resourceNotFound();
    }
  }

  live(email: string): readonly StoredSubscription[] {
    const now = this.options.now();
    return [...this.state.subscriptions.values()].filter((one) => one.email === email && one.expiresAt > now);
  }

  drop(id: string): void {
    this.state.subscriptions.delete(id);
  }

  /** Tells whoever subscribed to the calendar of that event; whose change it was makes no difference. */
  changed(mailbox: Mailbox, event: StoredEvent, type: ChangeType): void {
    if (!this.options.isAllowed(mailbox.email)) return;
    const told = this.live(mailbox.email).filter(
      (one) => !one.isPaused && one.calendarId === event.calendarId && one.changeType.split(",").includes(type),
    );
    for (const address of new Set(told.map(({ notificationUrl }) => notificationUrl))) {
      const items = told
        .filter(({ notificationUrl }) => notificationUrl === address)
        .flatMap((one) => Array.from({ length: this.switches.notificationsPerChange }, () => one))
        .map((one) => this.notification(one, mailbox, event, type));
      void this.options.postman.send({ address, value: items });
    }
  }

  /** Tells what became of a subscription itself. @returns the receiver's status; null when there is no address for it */
  async sendLifecycle(subscriptionId: string, lifecycleEvent: LifecycleEvent): Promise<number | null> {
    const subscription = this.state.subscriptions.get(subscriptionId);
    if (!subscription) throw new Error(`There is no subscription ${subscriptionId}`);
    if (!lifecycleEvents.includes(lifecycleEvent)) throw new Error(`lifecycleEvent is one of ${lifecycleEvents}`);
    if (lifecycleEvent === "subscriptionRemoved") this.state.subscriptions.delete(subscriptionId);
    if (lifecycleEvent === "reauthorizationRequired") subscription.isPaused = true;
    const { lifecycleNotificationUrl: address, clientState } = subscription;
    if (address === null) return null;
    const head = this.head(subscription);
    const item = { ...head, organizationId: head.tenantId, clientState, lifecycleEvent };
    return this.options.postman.send({ address, value: [item] });
  }

  private async create({ mailbox, body, wantsImmutableIds, context }: SubscriptionRequest): Promise<GraphReply> {
    const calendarId = calendarOf(mailbox, body["resource"]);
    const subscription: StoredSubscription = {
      id: randomUUID(),
      email: mailbox.email,
      calendarId,
      resource: String(body["resource"]),
      changeType: readChangeType(body["changeType"]),
      notificationUrl: readAddress(body["notificationUrl"]),
      lifecycleNotificationUrl:
        body["lifecycleNotificationUrl"] == null ? null : readAddress(body["lifecycleNotificationUrl"]),
      clientState: readClientState(body["clientState"]),
      wantsImmutableIds,
      latestSupportedTlsVersion: String(body["latestSupportedTlsVersion"] ?? "v1_2"),
      expiresAt: this.expiryOf(body["expirationDateTime"]),
      isPaused: false,
    };
    const { changeType, lifecycleNotificationUrl } = subscription;
    const same = this.live(mailbox.email).find((one) => one.calendarId === calendarId && one.changeType === changeType);
    if (same) {
      const says = `Subscription Id ${same.id} already exists for the requested combination`;
      throw new GraphError(409, "Conflict", says);
    }
    for (const address of new Set([subscription.notificationUrl, lifecycleNotificationUrl])) {
      if (address !== null) await shakeHands(address, this.switches.handshakeMs);
    }
    this.state.subscriptions.set(subscription.id, subscription);
    return { status: 201, body: { "@odata.context": `${context}/$entity`, ...shown(subscription) } };
  }

  private find(email: string, id: string): StoredSubscription {
    const found = this.live(email).find((one) => one.id === id);
    if (!found) throw new GraphError(404, "ResourceNotFound", "The object was not found.");
    return found;
  }

  /** Too long is refused, too short is made longer. */
  private expiryOf(given: unknown): Date {
    const now = this.options.now().getTime();
    const at = typeof given === "string" ? Date.parse(given) : Number.NaN;
    if (Number.isNaN(at)) throw invalidRequest("Subscription expirationDateTime is not valid.");
    if (at <= now) throw invalidRequest("Subscription expiration must be in the future.");
    if (at - now > longestMs) {
      throw invalidRequest("Subscription expiration can only be 10080 minutes in the future.");
    }
    return new Date(Math.max(at, now + shortestMs));
  }

  private head({ id, email, expiresAt }: StoredSubscription) {
    const tenantId = this.options.tenantOf(email);
    return { subscriptionId: id, subscriptionExpirationDateTime: expiresAt.toISOString(), tenantId };
  }

  private notification(
    subscription: StoredSubscription,
    mailbox: Mailbox,
    event: StoredEvent,
    changeType: ChangeType,
  ): unknown {
    const ids = idsOf(event, null);
    const id = subscription.wantsImmutableIds ? ids.immutableId : ids.id;
    const resource = `Users/${mailbox.userId}/Events/${id}`;
    const type = "#Microsoft.Graph.Event";
    return {
      id: randomUUID(),
      ...this.head(subscription),
      clientState: subscription.clientState,
      changeType,
      resource,
      resourceData: { "@odata.type": type, "@odata.id": resource, "@odata.etag": etagOf(event.version), id },
    };
  }
}

/** `me/events` is the default calendar; one calendar's events work too, though no page says so. https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/51 */
function calendarOf(mailbox: Mailbox, resource: unknown): string {
  const form = /^\/?(?:me|users\/([^/]+))\/(?:calendar\/events|events|calendars\/([^/]+)\/events)\/?$/i;
  const [whole, who, id] = form.exec(typeof resource === "string" ? resource : "") ?? [];
  const isOther = who !== undefined && ![mailbox.email, mailbox.userId].includes(decodeURIComponent(who));
  if (whole === undefined || isOther) throw invalidRequest(`Resource '${resource}' is not supported.`);
  return (id === undefined ? defaultCalendar(mailbox) : calendarById(mailbox, decodeURIComponent(id))).id;
}

function readChangeType(given: unknown): string {
  const types = typeof given === "string" ? given.split(",").map((type) => type.trim()) : [];
  if (types.length === 0 || types.some((type) => !changeTypes.includes(type))) {
    throw invalidRequest("Subscription changeType is not valid.");
  }
  return types.toSorted().join(",");
}

/** Graph insists on HTTPS; on this machine there is none. */
function readAddress(given: unknown): string {
  const url = typeof given === "string" && URL.canParse(given) ? new URL(given) : null;
  const isHere = url?.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname);
  if (!url || !(isHere || url.protocol === "https:")) throw invalidRequest("The notification URL must be HTTPS.");
  return url.href;
}

function readClientState(given: unknown): string | null {
  if (given == null) return null;
  if (typeof given === "string" && given.length <= maxClientState) return given;
  throw invalidRequest(`Subscription clientState can have ${maxClientState} characters.`);
}

function shown(subscription: StoredSubscription): Record<string, unknown> {
  const { id, resource, changeType, clientState, notificationUrl, lifecycleNotificationUrl } = subscription;
  return {
    id,
    resource,
    applicationId: "sandbox-client",
    changeType,
    clientState,
    notificationUrl,
    lifecycleNotificationUrl,
    notificationQueryOptions: null,
    expirationDateTime: subscription.expiresAt.toISOString(),
    creatorId: subscription.email,
    includeResourceData: false,
    latestSupportedTlsVersion: subscription.latestSupportedTlsVersion,
    encryptionCertificate: null,
  };
}
