import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
import { AuthorizationServer, type ConsentAnswer, type TokenRequest } from "./oauth/authorization-server.ts";
import { emptyOAuthState, type Grant, Grants } from "./oauth/grants.ts";
import {
  defaultZohoOAuthSwitches,
  refuseZohoToken,
  secretIn,
  type ZohoOAuthSwitches,
  zohoCaller,
  zohoPersonality,
} from "./oauth/zoho.ts";
import {
  html,
  json,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";
import { answerAccounts } from "./zoho-calendar/accounts-server.ts";
import { CalendarApi } from "./zoho-calendar/calendar-api.ts";
import { type DataCenter, dataCenters, placeOf } from "./zoho-calendar/data-centers.ts";
import { errorBody, invalidData, invalidToken, noSuchUrl, tooMany, ZohoError } from "./zoho-calendar/errors.ts";
import type { EventData } from "./zoho-calendar/event-fields.ts";
import type { ShownEvent } from "./zoho-calendar/event-view.ts";
import { type NewAccount, type NewCalendar, People } from "./zoho-calendar/people.ts";
import { seedZohoCalendar } from "./zoho-calendar/seed.ts";
import { emptyZohoState, type Privilege, type StoredMail } from "./zoho-calendar/state.ts";
import { defaultSwitches, type ZohoSwitches } from "./zoho-calendar/switches.ts";

const base = "/api/v1";

/** Zoho, in all its data centres: accounts servers with their consent page, and Zoho Calendar's REST API v1. */
export class ZohoCalendarTwin implements Twin {
  readonly name = "zoho-calendar";
  readonly title = "Zoho Calendar";
  readonly faults = new Faults(this);
  readonly oauth: ZohoOAuthSwitches = defaultZohoOAuthSwitches();
  readonly switches: ZohoSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  /** What people and other clients do, without a token. */
  readonly people: People;
  readonly grantsOfAll: Grants;
  private readonly oauthState = emptyOAuthState();
  private readonly calendarState = emptyZohoState();
  private readonly server: AuthorizationServer;
  private readonly api: CalendarApi;

  constructor(private readonly options: TwinOptions) {
    const { now, origin } = options;
    this.grantsOfAll = new Grants(this.oauthState, now);
    this.people = new People(this.calendarState, { now, switches: this.switches });
    const dataCenterOf = (email: string) => this.people.dataCenterOf(email);
    const personality = zohoPersonality({ now, switches: this.oauth, dataCenterOf, origin });
    this.server = new AuthorizationServer(personality, this.grantsOfAll, now, origin);
    this.api = new CalendarApi(this.people.store, this.switches, now);
    this.commands = {
      "create-account": ({ email, ...account }) => this.createAccount({ ...account, email: String(email) }),
      "create-calendar": ({ email, ...calendar }) => this.createCalendar(String(email), calendar),
      "share-calendar": ({ calendarUid, email, privilege }) =>
        this.shareCalendar(String(calendarUid), String(email), privilege as Privilege),
      "drop-calendar": ({ calendarUid }) => this.people.dropCalendar(String(calendarUid)),
      "rename-calendar": ({ calendarUid, name }) => this.people.renameCalendar(String(calendarUid), String(name)),
      "insert-event": ({ email, event, calendarUid }) =>
        this.insertEvent(String(email), event as EventData, calendarUid as string | undefined),
      "patch-event": ({ email, uid, patch }) => this.patchEvent(String(email), String(uid), patch as EventData),
      "delete-event": ({ email, uid, ...which }) => this.deleteEvent(String(email), String(uid), which),
      "move-event": ({ email, uid, calendarUid }) =>
        this.people.moveEvent(String(email), String(uid), String(calendarUid)),
      answer: ({ email, uid, status }) => this.answer(String(email), String(uid), String(status)),
      "set-switches": (words) => Object.assign(this.switches, words),
      "set-oauth-switches": (words) => Object.assign(this.oauth, words),
      revoke: ({ email }) => this.revoke(String(email)),
      "expire-access-tokens": ({ email }) => this.expireAccessTokens(String(email)),
    };
  }

  /** Of the United States, where everybody's consent begins. */
  settings(origin: string): Readonly<Record<string, string>> {
    const { accounts, calendar } = dataCenters.us;
    return {
      ZOHO_CALENDAR_CLIENT_ID: "sandbox-client",
      ZOHO_CALENDAR_CLIENT_SECRET: this.clientSecret("us"),
      ZOHO_CALENDAR_BASE_URL: `${origin}/${calendar}${base}/`,
      ZOHO_CALENDAR_AUTH_URL: `${origin}/${accounts}/oauth/v2/auth`,
      ZOHO_CALENDAR_TOKEN_URL: `${origin}/${accounts}/oauth/v2/token`,
      ZOHO_CALENDAR_REVOKE_URL: `${origin}/${accounts}/oauth/v2/token/revoke`,
    };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    if (/\/oauth\/v2\/token(\/revoke)?$/.test(path)) return "token";
    return placeOf(path)?.service === "calendar" || path.endsWith("/oauth/user/info") ? "api" : "page";
  }

  /** There is no cursor: who wants to know what changed reads everything again. */
  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const place = placeOf(request.path);
    if (!place) return this.refused(noSuchUrl());
    const { dataCenter, service } = place;
    const holder = this.holder(request, dataCenter);
    if (service === "accounts") {
      const account = holder && this.people.account(holder.email);
      const asked = { account, scopes: holder?.scopes ?? [], origin: this.options.origin() };
      return answerAccounts(request, asked) ?? (await this.server.handle(request)) ?? this.refused(noSuchUrl());
    }
    const { method, query, headers, body } = request;
    const path = request.path.slice(dataCenters[dataCenter].calendar.length + 1);
    if (!path.startsWith(`${base}/`)) return this.refused(noSuchUrl());
    if (path.length + query.toString().length > this.switches.maxUrlLength) {
      return html(414, "<html><head><title>414 Request-URI Too Large</title></head></html>");
    }
    if (!holder) return this.refused(invalidToken());
    const caller = { email: holder.email.toLowerCase(), scopes: holder.scopes };
    const reply = await this.api.handle({ method, path: path.slice(base.length), query, headers, body, caller });
    return json(reply.status, reply.body);
  }

  private holder({ headers }: TwinRequest, dataCenter: DataCenter) {
    const isHome = (email: string) => this.people.dataCenterOf(email) === dataCenter;
    return zohoCaller(this.grantsOfAll, headers["authorization"], { isHome, takesBearer: this.switches.takesBearer });
  }

  /** Errors of the token endpoint come with 200, and are told by their bodies alone. */
  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (refusal === "down") return html(503, "<html><head><title>503 Service Unavailable</title></head></html>");
    if (refusal === "backend-error") {
      if (door === "token") return json(500, { error: "general_error" });
      return this.refused(new ZohoError(500, "INTERNAL_ERROR", "Internal Error"));
    }
    if (door === "token") {
      return refuseZohoToken(refusal === "rate-limited" ? "too_many_requests" : "refresh_token_gone", this.oauth);
    }
    switch (refusal) {
      case "rate-limited":
        return this.refused(tooMany(429));
      case "quota":
        return this.refused(tooMany(400));
      case "unauthorized":
        return this.refused(invalidToken());
      case "cursor-gone":
        return this.refused(invalidData("There is no cursor."));
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
    this.createAccount({ email: ana, name: "Ana Muster", dataCenter: "eu" });
    this.createAccount({ email: bo, name: "Bo Beispiel", dataCenter: "eu" });
    seedZohoCalendar(this.people, [ana, bo], this.options.now());
  }

  createAccount(account: NewAccount): void {
    const { email, name = email } = account;
    this.grantsOfAll.addAccount(email, name);
    this.people.create(account, Number(this.grantsOfAll.account(email)?.sub.slice(0, 10)));
  }

  /** @returns its uid */
  createCalendar(email: string, calendar: NewCalendar = {}): string {
    return this.people.createCalendar(email, calendar);
  }

  shareCalendar(calendarUid: string, email: string, privilege: Privilege): void {
    this.people.shareCalendar(calendarUid, email, privilege);
  }

  /** @param event as in `eventdata` @returns its uid */
  insertEvent(email: string, event: EventData, calendarUid?: string): string {
    return this.people.insertEvent(email, event, calendarUid);
  }

  /** @param patch as in `eventdata`, with `recurrenceid` and `recurrence_edittype` for some of a series */
  patchEvent(email: string, uid: string, patch: EventData): string {
    return this.people.patchEvent(email, uid, patch);
  }

  deleteEvent(email: string, uid: string, which: EventData = {}): void {
    this.people.deleteEvent(email, uid, which);
  }

  /** As a guest does in Zoho's own page. */
  answer(email: string, uid: string, status: string): void {
    this.people.answer(email, uid, status);
  }

  event(email: string, uid: string): readonly ShownEvent[] | null {
    return this.people.event(email, uid);
  }

  events(email: string, calendarUid?: string): readonly (readonly ShownEvent[])[] {
    return this.people.events(email, calendarUid);
  }

  /** What guests were mailed. */
  get mails(): readonly StoredMail[] {
    return this.calendarState.mails;
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

  clientSecret(dataCenter: DataCenter): string {
    return secretIn(dataCenter, this.oauth);
  }

  issuedSecrets(): readonly string[] {
    return [...this.grantsOfAll.issued];
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  private refused(error: ZohoError): TwinReply {
    return json(error.status, errorBody(error, this.switches));
  }
}
