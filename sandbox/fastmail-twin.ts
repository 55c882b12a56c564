import { answerAppPasswordPage } from "./caldav/app-password-page.ts";
import { type AppPasswordState, AppPasswords, basicCredentials, randomText } from "./caldav/app-passwords.ts";
import { CalDavServer, continuesSync } from "./caldav/caldav-server.ts";
import { DavError } from "./caldav/dav-error.ts";
import { dav } from "./caldav/namespaces.ts";
import { OtherClient } from "./caldav/other-client.ts";
import { seedCalendar } from "./caldav/seed.ts";
import { type CalDavState, emptyCalDavState, type StoredHome } from "./caldav/state.ts";
import { CalDavStore, type NewCalendar } from "./caldav/store.ts";
import { fastmailDialect } from "./fastmail/dialect.ts";
import { defaultFastmailSwitches, type FastmailSwitches } from "./fastmail/switches.ts";
import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
import { AuthorizationServer, type ConsentAnswer, type TokenRequest } from "./oauth/authorization-server.ts";
import {
  answerFastmailOAuth,
  type FastmailOAuthSwitches,
  fastmailPersonality,
  opensCalendars,
} from "./oauth/fastmail.ts";
import { emptyOAuthState, type Grant, Grants, type OAuthState } from "./oauth/grants.ts";
import {
  json,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";

const pagePath = "/settings/security/integrations";
const tokenPaths = ["/oauth/refresh", "/oauth/revoke"];

/** Fastmail: its consent page and token endpoint, and CalDAV with tokens or app passwords. */
export class FastmailTwin implements Twin {
  readonly name = "fastmail";
  readonly title = "Fastmail";
  readonly pages = { [pagePath]: "Make a password for an app" };
  readonly faults = new Faults(this);
  readonly oauth: FastmailOAuthSwitches = { reuse: "revoke", needsOfflineAccess: false, accessTokenSeconds: 3600 };
  readonly switches: FastmailSwitches = defaultFastmailSwitches();
  readonly commands: Twin["commands"];
  /** What people do with other programs. */
  readonly client: OtherClient;
  readonly passwords: AppPasswords;
  readonly grantsOfAll: Grants;
  private readonly calDavState: CalDavState = emptyCalDavState();
  private readonly passwordState: AppPasswordState = new Map();
  private readonly oauthState: OAuthState = emptyOAuthState();
  private readonly store: CalDavStore;
  private readonly server: CalDavServer;
  private readonly authorization: AuthorizationServer;

  constructor(private readonly options: TwinOptions) {
    const { now, origin } = options;
    const mount = () => new URL(origin()).pathname;
    this.store = new CalDavStore(this.calDavState, now);
    const dialect = fastmailDialect(this.switches, mount);
    this.server = new CalDavServer(this.store, dialect, mount);
    this.grantsOfAll = new Grants(this.oauthState, now);
    this.authorization = new AuthorizationServer(fastmailPersonality(this.oauth), this.grantsOfAll, now, origin);
    this.passwords = new AppPasswords(this.passwordState, () => randomText(16, "abcdefghijklmnopqrstuvwxyz0123456789"));
    this.client = new OtherClient(this.store, (email, { name }) => {
      return `${origin()}${dialect.paths.home(this.store.home(email))}${dialect.paths.encode(name)}/`;
    });
    this.commands = {
      "create-account": ({ email, name }) => this.createAccount({ email: String(email), name: String(name ?? email) }),
      "create-app-password": ({ email, scope }) =>
        this.createAppPassword(String(email), scope === undefined ? null : String(scope)),
      "revoke-app-passwords": ({ email }) => this.passwords.revokeAll(String(email)),
      "create-calendar": ({ email, ...calendar }) => this.createCalendar(String(email), calendar),
      "drop-calendar": ({ email, calendar }) => this.client.dropCalendar(String(email), String(calendar)),
      "put-object": ({ email, calendar, object, data }) =>
        this.client.put(String(email), String(calendar), String(object), String(data)).etag,
      "remove-object": ({ email, calendar, object }) =>
        this.client.remove(String(email), String(calendar), String(object)),
      "set-switches": (words) => Object.assign(this.switches, words),
      revoke: ({ email }) => this.revoke(String(email)),
      "expire-access-tokens": ({ email }) => this.expireAccessTokens(String(email)),
      "expire-sync-tokens": ({ email }) => this.expireSyncTokens(email === undefined ? undefined : String(email)),
    };
  }

  /** A public client has no secret. */
  settings(origin: string): Readonly<Record<string, string>> {
    return {
      FASTMAIL_CLIENT_ID: "sandbox-client",
      FASTMAIL_BASE_URL: `${origin}/`,
      FASTMAIL_AUTH_URL: `${origin}/oauth/authorize`,
      FASTMAIL_TOKEN_URL: `${origin}/oauth/refresh`,
      FASTMAIL_REVOKE_URL: `${origin}/oauth/revoke`,
    };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    if (tokenPaths.includes(path)) return "token";
    return path === pagePath || path.startsWith("/oauth/") ? "page" : "api";
  }

  continuesFromCursor(request: TwinRequest): boolean {
    return continuesSync(request);
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const { path } = request;
    if (path === pagePath) {
      const accounts = this.accounts();
      return answerAppPasswordPage(request, this.title, accounts, (email) => this.createAppPassword(email, "dav"));
    }
    const answered =
      answerFastmailOAuth(request, this.grantsOfAll, this.options.origin()) ??
      (await this.authorization.handle(request));
    if (answered) return answered;
    const { leadsAway } = this.switches;
    if (leadsAway && leadsAway.at === placeOf(path)) return movedTo(leadsAway.to);
    if (path === "/.well-known/caldav") return movedTo(`${this.options.origin()}/dav/calendars`);
    const home = this.signedIn(request);
    if (home === "insufficient") return this.insufficient();
    if (home !== null) return this.server.handle(request, home);
    const isStranger = request.headers["authorization"] === undefined && request.method === "PROPFIND";
    return isStranger && this.switches.answersStrangers && /^\/dav\/?$/.test(path)
      ? this.server.unauthenticated(path)
      : this.refuse("unauthorized");
  }

  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door === "token" && refusal !== "down" && refusal !== "backend-error") {
      const isRate = refusal === "rate-limited" || refusal === "quota";
      return isRate ? json(429, { error: "slow_down" }) : json(400, { error: "invalid_grant" });
    }
    switch (refusal) {
      case "unauthorized": {
        const challenge = 'Bearer realm="caldav.fastmail.com", Basic realm="caldav.fastmail.com"';
        return this.server.refused({ status: 401 }, null, { "www-authenticate": challenge });
      }
      case "rate-limited":
        return this.server.refused({ status: 429 });
      case "quota":
        return this.server.refused({ status: 507, condition: [dav, "quota-not-exceeded"] });
      case "down":
        return this.server.refused({ status: 503 });
      case "backend-error":
        return this.server.refused({ status: 500 });
      case "cursor-gone":
        return this.server.refuse(new DavError("stale-token"));
    }
  }

  readonly state = {
    load: (kept: unknown): void => {
      const { calDav, passwords, oauth } = kept as Kept;
      Object.assign(this.calDavState, calDav);
      Object.assign(this.oauthState, oauth);
      for (const [password, of] of passwords) this.passwordState.set(password, of);
    },
    save: (): Kept => ({ calDav: this.calDavState, passwords: this.passwordState, oauth: this.oauthState }),
  };

  readonly accounts = (): readonly string[] => this.grantsOfAll.accounts;

  /** Accounts and events to look at, for whoever develops a front end. */
  seed(): void {
    for (const [email, name] of [
      ["ana@example.test", "Ana Muster"],
      ["bo@example.test", "Bo Beispiel"],
    ] as const) {
      this.createAccount({ email, name });
      seedCalendar(this.client, email, "Default", this.options.now());
    }
  }

  createAccount({ email, name = email }: { readonly email: string; readonly name?: string }): void {
    if (this.accounts().includes(email)) return;
    this.grantsOfAll.addAccount(email, name);
    const home = this.store.createHome({ id: email, email, name });
    this.store.createCalendar(home, { name: "Default", displayName: "Calendar", color: "#0067B9" });
  }

  /** @param scope `dav` or `mail`, as a person chose; null opens everything */
  createAppPassword(email: string, scope: string | null = null): string {
    this.store.home(email);
    return this.passwords.create(email, { scope });
  }

  /** @returns its address */
  createCalendar(email: string, calendar: NewCalendar = {}): string {
    return this.client.createCalendar(email, calendar);
  }

  principalUrl(email: string): string {
    return `${this.options.origin()}${this.server.dialect.paths.principal(this.store.home(email))}`;
  }

  /** Of one account, or of all. */
  expireSyncTokens(email?: string): void {
    this.store.expireSyncTokens(email);
  }

  /** What the server sent to guests and organizers. */
  sentMessages(): CalDavState["sent"] {
    return this.calDavState.sent;
  }

  /** What a person does at the consent page, without a browser. @returns where their browser is sent back to */
  authorize(authorizationUrl: string, answer: ConsentAnswer): string {
    return this.authorization.consent(authorizationUrl, answer);
  }

  /** As when a person removes the app at their account page. */
  revoke(email: string): void {
    this.authorization.endAll(email, "revoked");
  }

  expireAccessTokens(email: string): void {
    this.grantsOfAll.expireAccessTokens(email);
  }

  grants(email: string): readonly Grant[] {
    return this.grantsOfAll.of(email);
  }

  tokenRequests(email: string): readonly TokenRequest[] {
    return this.authorization.requests.filter((request) => request.email === email);
  }

  insteadOfTokens(answer: (() => TwinReply) | null): void {
    this.authorization.insteadOfTokens = answer;
  }

  issuedSecrets(): readonly string[] {
    return [...this.grantsOfAll.issued, ...this.passwords.issued];
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  private signedIn({ headers }: TwinRequest): StoredHome | "insufficient" | null {
    const [, token] = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "") ?? [];
    if (token !== undefined) {
      const holder = this.grantsOfAll.holder(token);
      if (!holder) return null;
      return opensCalendars(holder.scopes) ? this.store.home(holder.email) : "insufficient";
    }
    const shown = basicCredentials(headers);
    const known = shown && this.passwords.find(shown.password);
    // The user name is the whole address.
    if (!known || known.email !== shown.username.toLowerCase() || known.scope === "mail") return null;
    return this.store.home(known.email);
  }

  /** RFC 6750 §3.1. */
  private insufficient(): TwinReply {
    const challenge = 'Bearer realm="caldav.fastmail.com", error="insufficient_scope"';
    return this.server.refused({ status: 403 }, null, { "www-authenticate": challenge });
  }
}

function placeOf(path: string): "well-known" | "principal" | null {
  if (path === "/.well-known/caldav") return "well-known";
  return path.startsWith("/dav/principals/user/") ? "principal" : null;
}

function movedTo(location: string): TwinReply {
  return { status: 301, headers: { location } };
}

interface Kept {
  readonly calDav: CalDavState;
  readonly passwords: AppPasswordState;
  readonly oauth: OAuthState;
}
