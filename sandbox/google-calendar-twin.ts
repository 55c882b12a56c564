import { type FaultName, type FaultOptions, Faults, type PushFaultName } from "./faults.ts";
import { answerBatch } from "./google-calendar/batch.ts";
import {
  emptyGoogleCalendarState,
  GoogleCalendarApi,
  type PushMessage,
  seedGoogleCalendar,
} from "./google-calendar/calendar-api.ts";
import { authError, fullSyncRequired } from "./google-calendar/errors.ts";
import { AuthorizationServer, type ConsentAnswer, type TokenRequest } from "./oauth/authorization-server.ts";
import { ageGoogleGrants, type GoogleOAuthSwitches, googlePersonality } from "./oauth/google.ts";
import { answerIdentity } from "./oauth/google-identity.ts";
import { emptyOAuthState, type Grant, Grants } from "./oauth/grants.ts";
import { sendPush } from "./push.ts";
import {
  json,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";

const base = "/calendar/v3";
const batchPath = "/batch/calendar/v3";

/** Google: its consent page and token endpoint, and the Calendar API. */
export class GoogleCalendarTwin implements Twin {
  readonly name = "google-calendar";
  readonly title = "Google Calendar";
  readonly faults = new Faults(this);
  readonly oauth: GoogleOAuthSwitches = { testing: false, errorSubtype: null, accessTokenSeconds: 3599 };
  readonly commands: Twin["commands"];
  private readonly oauthState = emptyOAuthState();
  private readonly calendarState = emptyGoogleCalendarState();
  private readonly waiting: PushMessage[] = [];

  static async create(options: TwinOptions): Promise<GoogleCalendarTwin> {
    const twin = new GoogleCalendarTwin(options);
    const personality = await googlePersonality(twin.grantsOfAll, options.now, twin.oauth);
    twin.jwks = personality.jwks;
    twin.server = new AuthorizationServer(personality, twin.grantsOfAll, options.now, options.origin);
    return twin;
  }

  readonly api: GoogleCalendarApi;
  readonly grantsOfAll: Grants;
  private server!: AuthorizationServer;
  private jwks: unknown;

  private constructor(private readonly options: TwinOptions) {
    const { now } = options;
    this.grantsOfAll = new Grants(this.oauthState, now);
    this.api = new GoogleCalendarApi(this.calendarState, { now, push: (message) => this.push(message) });
    this.commands = {
      "create-account": ({ email, name }) => this.createAccount({ email: String(email), name: String(name ?? email) }),
      "create-calendar": ({ email, ...calendar }) => this.createCalendar(String(email), calendar),
      "insert-event": ({ email, event, calendarId }) =>
        this.insertEvent(String(email), event as Record<string, unknown>, calendarId as string | undefined),
      "delete-event": ({ email, eventId }) => this.api.deleteEvent(String(email), String(eventId)),
      revoke: ({ email }) => this.revoke(String(email)),
      "expire-access-tokens": ({ email }) => this.expireAccessTokens(String(email)),
      "expire-sync-tokens": () => this.api.expireSyncTokens(),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return {
      GOOGLE_CALENDAR_CLIENT_ID: "sandbox-client",
      GOOGLE_CALENDAR_CLIENT_SECRET: "sandbox-client-password",
      GOOGLE_CALENDAR_BASE_URL: `${origin}/`,
      GOOGLE_CALENDAR_AUTH_URL: `${origin}/o/oauth2/v2/auth`,
      GOOGLE_CALENDAR_TOKEN_URL: `${origin}/token`,
      GOOGLE_CALENDAR_REVOKE_URL: `${origin}/revoke`,
    };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    if (path.startsWith(base) || path.startsWith("/batch")) return "api";
    return path === "/token" || path === "/revoke" ? "token" : "page";
  }

  continuesFromCursor({ query }: TwinRequest): boolean {
    return query.has("syncToken");
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    ageGoogleGrants(this.grantsOfAll, this.options.now(), this.oauth);
    const identity = { grants: this.grantsOfAll, origin: this.options.origin(), jwks: this.jwks };
    const answered = answerIdentity(request, identity) ?? (await this.server.handle(request));
    if (answered) return answered;
    if (request.path === batchPath && request.method === "POST") {
      return answerBatch(request, this.api.switches, (call) => this.call(call));
    }
    return this.call(request);
  }

  private async call(request: TwinRequest): Promise<TwinReply> {
    if (!request.path.startsWith(`${base}/`)) return json(404, errorBody(404, "global", "notFound", "Not Found"));
    const [, token = ""] = /^Bearer (.+)$/i.exec(request.headers["authorization"] ?? "") ?? [];
    const holder = this.grantsOfAll.holder(token);
    if (!holder) return this.refuse("unauthorized");
    const body = request.body === "" ? undefined : parsed(request.body);
    if (body === unreadable) return json(400, errorBody(400, "global", "parseError", "Parse Error"));
    const { method, path, query, headers } = request;
    const caller = { email: holder.email, scopes: holder.scopes };
    const reply = await this.api.handle({ method, path: path.slice(base.length), query, headers, body, caller });
    return json(reply.status, reply.body, reply.headers);
  }

  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door === "token" && refusal !== "down" && refusal !== "backend-error") {
      return json(refusal === "rate-limited" ? 429 : 400, {
        error: refusal === "rate-limited" ? "slow_down" : "invalid_grant",
      });
    }
    switch (refusal) {
      case "rate-limited":
        return json(429, errorBody(429, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"));
      case "quota":
        return json(403, errorBody(403, "usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded"));
      case "down":
        return json(503, errorBody(503, "global", "backendError", "The service is currently unavailable."));
      case "backend-error":
        return json(500, errorBody(500, "global", "backendError", "Backend Error"));
      case "cursor-gone":
        return json(410, fullSyncRequired().body);
      case "unauthorized": {
        const { error } = authError().body;
        return json(401, { error: { ...error, status: "UNAUTHENTICATED" } }, { "www-authenticate": "Bearer" });
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
    seedGoogleCalendar(this.api, this.options.now());
    for (const email of this.api.accounts()) this.grantsOfAll.addAccount(email, email.split("@")[0] ?? email);
  }

  createAccount({ email, name = email }: { readonly email: string; readonly name?: string }): void {
    this.grantsOfAll.addAccount(email, name);
    this.api.createAccount({ email, name });
  }

  createCalendar(email: string, calendar: Parameters<GoogleCalendarApi["createCalendar"]>[1] = {}): string {
    return this.api.createCalendar(email, calendar);
  }

  insertEvent(email: string, event: Record<string, unknown>, calendarId?: string): string {
    return this.api.insertEvent(email, event, calendarId);
  }

  /** What a person does at the consent page, without a browser. @returns where their browser is sent back to */
  authorize(authorizationUrl: string, answer: ConsentAnswer): string {
    return this.server.consent(authorizationUrl, answer);
  }

  /** As when a person removes the app at their account page. */
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

  channels(email: string): ReturnType<GoogleCalendarApi["channels"]> {
    return this.api.channels(email);
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

  private async push(message: PushMessage): Promise<number> {
    if (this.faults.meets("lost")) return 200;
    if (this.faults.meets("reordered") && this.waiting.length === 0) {
      this.waiting.push(message);
      return 200;
    }
    const { status } = await sendPush(message);
    if (this.faults.meets("duplicated")) await sendPush(message);
    for (const late of this.waiting.splice(0)) await sendPush(late);
    return status;
  }
}

const unreadable = Symbol("unreadable");

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
}

/** https://developers.google.com/workspace/calendar/api/guides/errors */
function errorBody(code: number, domain: string, reason: string, message: string) {
  return { error: { code, message, errors: [{ domain, reason, message }] } };
}
