import { randomUUID } from "node:crypto";
import { type FaultName, type FaultOptions, Faults, type PushFaultName } from "./faults.ts";
import { AuthorizationServer, type ConsentAnswer, type TokenRequest } from "./oauth/authorization-server.ts";
import { emptyOAuthState, type Grant, Grants } from "./oauth/grants.ts";
import { type MicrosoftOAuthSwitches, microsoftPersonality, tenants } from "./oauth/microsoft.ts";
import { syncStateGone } from "./outlook-calendar/delta.ts";
import { errorBody, type GraphError, throttled } from "./outlook-calendar/errors.ts";
import type { OnChange } from "./outlook-calendar/event-store.ts";
import { GraphApi } from "./outlook-calendar/graph-api.ts";
import { Mailboxes, type NewAccount, type NewCalendar } from "./outlook-calendar/mailboxes.ts";
import { Postman } from "./outlook-calendar/postman.ts";
import { seedOutlookCalendar } from "./outlook-calendar/seed.ts";
import { emptyOutlookState, type StoredSubscription } from "./outlook-calendar/state.ts";
import { type LifecycleEvent, Subscriptions } from "./outlook-calendar/subscriptions.ts";
import { defaultSwitches, type OutlookSwitches } from "./outlook-calendar/switches.ts";
import {
  json,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";

const base = "/v1.0";

/** Microsoft: its consent page and token endpoint, and the calendars of Graph v1.0. */
export class OutlookCalendarTwin implements Twin {
  readonly name = "outlook-calendar";
  readonly title = "Outlook";
  readonly faults = new Faults(this);
  readonly oauth: MicrosoftOAuthSwitches = { reuse: "accept", refuseWith: null };
  readonly switches: OutlookSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  /** What people and other clients do, without a token. */
  readonly mailboxes: Mailboxes;
  private readonly oauthState = emptyOAuthState();
  private readonly calendarState = emptyOutlookState();
  readonly grantsOfAll: Grants;
  private readonly server: AuthorizationServer;
  private readonly postman = new Postman(this.faults);
  private readonly pushes: Subscriptions;
  private readonly api: GraphApi;

  constructor(private readonly options: TwinOptions) {
    const { now, origin } = options;
    this.grantsOfAll = new Grants(this.oauthState, now);
    const tenantOf = (email: string) => tenants[this.mailboxes.isPersonal(email) ? "personal" : "work"];
    const personality = microsoftPersonality(this.grantsOfAll, now, this.oauth, tenantOf);
    this.server = new AuthorizationServer(personality, this.grantsOfAll, now, origin);
    this.pushes = new Subscriptions(this.calendarState, this.switches, {
      now,
      postman: this.postman,
      isAllowed: (email) => this.grantsOfAll.of(email).length > 0,
      tenantOf,
    });
    const onChange: OnChange = (mailbox, event, type) => {
      if (this.switches.losesChanges) this.api.delta.overlook(mailbox, event);
      else this.pushes.changed(mailbox, event, type);
    };
    this.mailboxes = new Mailboxes(this.calendarState, { now, switches: this.switches, onChange });
    this.api = new GraphApi(this.calendarState, this.switches, {
      now,
      base: () => `${origin()}${base}`,
      onChange,
      subscriptions: this.pushes,
    });
    this.commands = {
      "create-account": ({ email, name, ...account }) =>
        this.createAccount({ ...account, email: String(email), name: String(name ?? email) }),
      "create-calendar": ({ email, ...calendar }) => this.createCalendar(String(email), calendar),
      "drop-calendar": ({ email, calendarId }) => this.mailboxes.dropCalendar(String(email), String(calendarId)),
      "insert-event": ({ email, event, calendarId }) =>
        this.insertEvent(String(email), event as Record<string, unknown>, calendarId as string | undefined),
      "patch-event": ({ email, eventId, patch }) =>
        this.patchEvent(String(email), String(eventId), patch as Record<string, unknown>),
      "delete-event": ({ email, eventId }) => this.deleteEvent(String(email), String(eventId)),
      "move-event": ({ email, eventId, calendarId }) =>
        this.mailboxes.moveEvent(String(email), String(eventId), String(calendarId)),
      "send-lifecycle": ({ subscriptionId, lifecycleEvent }) =>
        this.sendLifecycle(String(subscriptionId), lifecycleEvent as LifecycleEvent),
      "set-switches": (words) => Object.assign(this.switches, words),
      revoke: ({ email }) => this.revoke(String(email)),
      "expire-access-tokens": ({ email }) => this.expireAccessTokens(String(email)),
      "expire-sync-tokens": ({ email }) => this.expireSyncTokens(email === undefined ? undefined : String(email)),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return {
      OUTLOOK_CALENDAR_CLIENT_ID: "sandbox-client",
      OUTLOOK_CALENDAR_CLIENT_SECRET: "sandbox-client-password",
      OUTLOOK_CALENDAR_BASE_URL: `${origin}${base}/`,
      OUTLOOK_CALENDAR_AUTH_URL: `${origin}/common/oauth2/v2.0/authorize`,
      OUTLOOK_CALENDAR_TOKEN_URL: `${origin}/common/oauth2/v2.0/token`,
    };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    if (path.endsWith("/token")) return "token";
    return path.startsWith(base) ? "api" : "page";
  }

  /** https://learn.microsoft.com/en-us/graph/delta-query-overview */
  continuesFromCursor({ query }: TwinRequest): boolean {
    // An empty one begins anew.
    return Boolean(query.get("$deltatoken") || query.get("$skiptoken"));
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const answered = await this.server.handle(request);
    if (answered) return answered;
    const { method, path, query, headers, body } = request;
    if (!path.startsWith(`${base}/`)) {
      return this.refused(404, "ResourceNotFound", "Resource could not be discovered.");
    }
    const [, token = ""] = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "") ?? [];
    const holder = this.grantsOfAll.holder(token);
    if (!holder) return this.refuse("unauthorized");
    if (this.switches.claimsChallenge !== null) return this.challenged(this.switches.claimsChallenge);
    const caller = { email: holder.email.toLowerCase(), scopes: holder.scopes };
    const reply = await this.api.handle({ method, path: path.slice(base.length), query, headers, body, caller });
    return json(reply.status, reply.body, reply.headers);
  }

  /** https://learn.microsoft.com/en-us/graph/errors */
  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door === "token" && refusal !== "down" && refusal !== "backend-error") {
      const error = refusal === "rate-limited" ? "temporarily_unavailable" : "invalid_grant";
      return json(refusal === "rate-limited" ? 429 : 400, { error });
    }
    switch (refusal) {
      case "rate-limited": {
        const { code, message } = throttled(0, "Application is over its MailboxConcurrency limit.");
        return this.refused(429, code, message);
      }
      case "quota":
        return this.refused(429, "activityLimitReached", "The caller has been throttled because of too many requests.");
      case "down":
        return this.refused(503, "serviceNotAvailable", "The service is temporarily unavailable.");
      case "backend-error":
        return this.refused(500, "ErrorInternalServerError", "An internal server error occurred.");
      case "cursor-gone":
        return this.refusedWith(syncStateGone(410, false, null));
      case "unauthorized": {
        const says = "Lifetime validation failed, the token is expired.";
        return this.refused(401, "InvalidAuthenticationToken", says, { "www-authenticate": 'Bearer realm=""' });
      }
    }
  }

  readonly state = {
    load: (kept: unknown): void => {
      const { oauth, calendar } = kept as { oauth: object; calendar: object };
      Object.assign(this.oauthState, oauth);
      Object.assign(this.calendarState, calendar);
    },
    save: (): unknown => ({ oauth: this.oauthState, calendar: this.calendarState }),
  };

  readonly accounts = (): readonly string[] => this.grantsOfAll.accounts;

  /** Accounts and events to look at, for whoever develops a front end. */
  seed(): void {
    const [ana, bo] = ["ana@example.test", "bo@example.test"] as const;
    this.createAccount({ email: ana, name: "Ana Muster" });
    this.createAccount({ email: bo, name: "Bo Beispiel" });
    seedOutlookCalendar(this.mailboxes, [ana, bo], this.options.now());
  }

  createAccount(account: NewAccount): void {
    const { email, name = email } = account;
    this.grantsOfAll.addAccount(email, name);
    this.mailboxes.create(account, this.grantsOfAll.account(email)?.sub ?? "");
  }

  /** @returns its id, which never changes */
  createCalendar(email: string, calendar: NewCalendar = {}): string {
    return this.mailboxes.createCalendar(email, calendar);
  }

  insertEvent(email: string, event: Readonly<Record<string, unknown>>, calendarId?: string): string {
    return this.mailboxes.insertEvent(email, event, calendarId);
  }

  patchEvent(email: string, eventId: string, patch: Readonly<Record<string, unknown>>): void {
    this.mailboxes.patchEvent(email, eventId, patch);
  }

  deleteEvent(email: string, eventId: string): void {
    this.mailboxes.deleteEvent(email, eventId);
  }

  /** Outlook forgets them when it needs the room. */
  expireSyncTokens(email?: string): void {
    this.api.delta.expire(email ?? null);
  }

  /** What a person does at the consent page, without a browser. @returns where their browser is sent back to */
  authorize(authorizationUrl: string, answer: ConsentAnswer): string {
    return this.server.consent(authorizationUrl, answer);
  }

  /** As when an administrator ends the sessions of an account. */
  revoke(email: string): void {
    this.server.endAll(email, "revoked");
  }

  expireAccessTokens(email: string): void {
    this.grantsOfAll.expireAccessTokens(email);
  }

  grants(email: string): readonly Grant[] {
    return this.grantsOfAll.of(email);
  }

  tokenRequests(email: string): readonly TokenRequest[] {
    return this.server.requests.filter((request) => request.email === email);
  }

  insteadOfTokens(answer: (() => TwinReply) | null): void {
    this.server.insteadOfTokens = answer;
  }

  /** Those that have not ended. */
  subscriptions(email: string): readonly StoredSubscription[] {
    return this.pushes.live(email.toLowerCase());
  }

  /** Ends a subscription without telling anybody. */
  dropSubscription(id: string): void {
    this.pushes.drop(id);
  }

  /** Resolves when every notification that was to be sent by now was sent. */
  settled(): Promise<void> {
    return this.postman.settled();
  }

  /** @returns the receiver's status; null when the subscription has no address for it */
  sendLifecycle(subscriptionId: string, lifecycleEvent: LifecycleEvent): Promise<number | null> {
    return this.pushes.sendLifecycle(subscriptionId, lifecycleEvent);
  }

  issuedSecrets(): readonly string[] {
    return [...this.grantsOfAll.issued];
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  failPush(fault: PushFaultName, options?: { probability?: number; seed?: number }): () => void {
    return this.faults.armPush(fault, options);
  }

  /** https://learn.microsoft.com/en-us/entra/identity-platform/claims-challenge */
  private challenged(claims: string): TwinReply {
    const coded = Buffer.from(claims).toString("base64");
    return this.refused(401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge.", {
      "www-authenticate": `Bearer realm="", error="insufficient_claims", claims="${coded}"`,
    });
  }

  private refusedWith({ status, code, message, headers }: GraphError): TwinReply {
    return this.refused(status, code, message, headers);
  }

  private refused(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ): TwinReply {
    const requestId = randomUUID();
    const ids = { "request-id": requestId, "client-request-id": requestId };
    return json(status, errorBody({ code, message }, this.options.now(), requestId), { ...ids, ...headers });
  }
}
