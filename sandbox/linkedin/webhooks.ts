import { randomUUID } from "node:crypto";
import { type Apps, parentApp, urnOfApp } from "./apps.ts";
import { isTunnel } from "./job-element.ts";
import { isObject } from "./requests.ts";
import { challengeResponse } from "./signature.ts";
import type { EventType, LinkedInState, StoredApp, StoredWebhook } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";

export const eventTypes: readonly EventType[] = ["RESYNC_JOBS", "JOB_STATUS_CHANGE"];

interface WebhooksOptions {
  readonly now: () => Date;
  readonly apps: Apps;
  /** Told when an address takes no applications any longer. */
  readonly onBlocked: (webhook: StoredWebhook) => void;
}

/** Addresses that messages go to, once they have shown that they know the secret of their application. */
export class Webhooks {
  private readonly asking = new Map<string, Promise<void>>();

  constructor(
    private readonly state: LinkedInState,
    private readonly switches: LinkedInSwitches,
    private readonly options: WebhooksOptions,
  ) {}

  /** Where applications to a child's jobs go. It is asked at once, unless it has passed, or is blocked. */
  forApplications(app: StoredApp, url: string): void {
    const webhook = this.find(app.clientId, url) ?? this.add(app, url, "EXPORT_JOB_APPLICATION");
    if (webhook.isVerified !== true && !webhook.isBlocked) void this.ask(webhook);
  }

  /** As in the "Webhooks" tab of the developer portal. One per type. @returns whether it passed */
  async register(type: EventType, url: string): Promise<boolean> {
    if (isTunnel(url)) return false;
    for (const [key, webhook] of this.state.webhooks) if (webhook.type === type) this.state.webhooks.delete(key);
    const webhook = this.add(parentApp, url, type);
    await this.ask(webhook);
    if (webhook.isVerified !== true) this.state.webhooks.delete(keyOf(webhook));
    return webhook.isVerified === true;
  }

  find(clientId: string, url: string): StoredWebhook | undefined {
    return this.state.webhooks.get(keyOf({ clientId, url, type: "EXPORT_JOB_APPLICATION" }));
  }

  /** The one for an event, while it may be sent to. */
  for(type: EventType): StoredWebhook | undefined {
    return [...this.state.webhooks.values()].find((webhook) => webhook.type === type && !webhook.isBlocked);
  }

  /** Asks those again that were asked two hours ago. */
  recheck(): void {
    const due = this.options.now().getTime() - this.switches.recheckMinutes * 60_000;
    for (const webhook of this.state.webhooks.values()) {
      if (webhook.checkedAt <= due && !webhook.isBlocked) void this.ask(webhook);
    }
  }

  unblock(url: string): void {
    for (const webhook of this.state.webhooks.values()) {
      if (webhook.url === url) Object.assign(webhook, { isBlocked: false, failedInARow: 0 });
    }
  }

  /** Resolves when every challenge that was begun by now is over. */
  async settled(): Promise<void> {
    while (this.asking.size > 0) await Promise.all(this.asking.values());
  }

  private add(app: StoredApp, url: string, type: StoredWebhook["type"]): StoredWebhook {
    const webhook: StoredWebhook = {
      url,
      clientId: app.clientId,
      type,
      isVerified: null,
      failedInARow: 0,
      isBlocked: false,
      checkedAt: this.options.now().getTime(),
    };
    this.state.webhooks.set(keyOf(webhook), webhook);
    return webhook;
  }

  /** Once at a time. */
  private ask(webhook: StoredWebhook): Promise<void> {
    const key = keyOf(webhook);
    const asking = this.asking.get(key) ?? this.challenge(webhook).finally(() => this.asking.delete(key));
    this.asking.set(key, asking);
    return asking;
  }

  private async challenge(webhook: StoredWebhook): Promise<void> {
    webhook.checkedAt = this.options.now().getTime();
    const hasPassed = await this.passes(webhook);
    webhook.failedInARow = hasPassed ? 0 : webhook.failedInARow + 1;
    // One that was good stays so until it is blocked.
    if (hasPassed || webhook.isVerified === null) webhook.isVerified = hasPassed;
    if (webhook.failedInARow < this.switches.maxFailedChallenges) return;
    webhook.isBlocked = true;
    webhook.isVerified = false;
    this.options.onBlocked(webhook);
  }

  private async passes(webhook: StoredWebhook): Promise<boolean> {
    const app = this.options.apps.withClientId(webhook.clientId);
    if (!app) return false;
    const challengeCode = randomUUID();
    const url = new URL(webhook.url);
    url.searchParams.set("challengeCode", challengeCode);
    if (app !== parentApp) url.searchParams.set("applicationId", this.applicationId(app));
    const signal = AbortSignal.timeout(this.switches.challengeMs);
    const reply = await fetch(url, { redirect: "manual", signal }).catch(() => null);
    const isJson = (reply?.headers.get("content-type") ?? "").includes("application/json");
    const body: unknown = await reply?.json().catch(() => null);
    if (reply?.status !== 200 || !isJson || !isObject(body)) return false;
    return (
      body["challengeCode"] === challengeCode &&
      body["challengeResponse"] === challengeResponse(challengeCode, app.clientSecret)
    );
  }

  private applicationId(app: StoredApp): string {
    const forms = { number: String(app.id), urn: urnOfApp(app), "client-id": app.clientId };
    return forms[this.switches.applicationId];
  }
}

const keyOf = ({ clientId, url, type }: Pick<StoredWebhook, "clientId" | "url" | "type">): string =>
  `${clientId} ${type} ${url}`;
