import { type AppPasswordState, AppPasswords, randomText } from "./caldav/app-passwords.ts";
import { CalDavServer, continuesSync } from "./caldav/caldav-server.ts";
import { DavError } from "./caldav/dav-error.ts";
import { OtherClient } from "./caldav/other-client.ts";
import { seedCalendar } from "./caldav/seed.ts";
import { type CalDavState, emptyCalDavState } from "./caldav/state.ts";
import { CalDavStore, type NewCalendar } from "./caldav/store.ts";
import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
import { type BadLogin, BruteForce } from "./nextcloud/brute-force.ts";
import { CalendarRate } from "./nextcloud/calendar-rate.ts";
import { nextcloudDialect } from "./nextcloud/dialect.ts";
import { alphanumeric, LoginFlow, type LoginFlowState } from "./nextcloud/login-flow.ts";
import { answerOcs } from "./nextcloud/ocs.ts";
import { type Account, SignIn } from "./nextcloud/sign-in.ts";
import { defaultNextcloudSwitches, type NextcloudSwitches } from "./nextcloud/switches.ts";
import {
  json,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";

const trashMs = 30 * 24 * 60 * 60_000;
const ocsPrefix = "/ocs/v2.php/";
const apppassword = `${ocsPrefix}core/apppassword`;

export interface NewNextcloudAccount {
  readonly email: string;
  readonly name?: string;
  /** In addresses; the part before the @ when left out. */
  readonly uid?: string;
  /** What one signs in with; the uid when left out. */
  readonly loginName?: string;
  readonly password?: string;
}

/** A Nextcloud in a folder of its host: Login Flow v2, app passwords, and calendars of sabre/dav with a trash bin. */
export class NextcloudTwin implements Twin {
  readonly name = "nextcloud";
  readonly title = "Nextcloud";
  readonly faults = new Faults(this);
  readonly switches: NextcloudSwitches = defaultNextcloudSwitches();
  readonly commands: Twin["commands"];
  /** What people do with other programs. */
  readonly client: OtherClient;
  readonly passwords: AppPasswords;
  readonly bruteForce: BruteForce;
  private readonly calDavState: CalDavState = emptyCalDavState();
  private readonly passwordState: AppPasswordState = new Map();
  private readonly loginState: LoginFlowState = new Map();
  /** By user id. */
  private readonly accountState = new Map<string, Account>();
  private readonly badLogins: BadLogin[] = [];
  private readonly store: CalDavStore;
  private readonly server: CalDavServer;
  private readonly logins: LoginFlow;
  private readonly signIn: SignIn;

  constructor(private readonly options: TwinOptions) {
    const { now, origin } = options;
    const mount = () => new URL(origin()).pathname;
    this.store = new CalDavStore(this.calDavState, now);
    const rate = new CalendarRate(this.switches, now);
    const dialect = nextcloudDialect(this.switches, mount, ({ id }) => rate.count(id));
    this.server = new CalDavServer(this.store, dialect, mount);
    this.bruteForce = new BruteForce(this.badLogins, now);
    this.passwords = new AppPasswords(this.passwordState, () => randomText(72, alphanumeric));
    this.signIn = new SignIn(this.accountState, this.calDavState, this.passwords, this.bruteForce, this.switches);
    this.logins = new LoginFlow(this.loginState, this.switches, {
      now,
      origin,
      accounts: this.accounts,
      createPassword: (email, label) => ({
        loginName: this.account(email).loginName,
        appPassword: this.passwords.create(email, { label }),
      }),
    });
    this.client = new OtherClient(this.store, (email, { name }) => {
      return `${origin()}${dialect.paths.home(this.store.home(email))}${dialect.paths.encode(name)}/`;
    });
    this.commands = {
      "create-account": ({ email, ...account }) => this.createAccount({ ...account, email: String(email) }),
      "create-app-password": ({ email }) => this.createAppPassword(String(email)),
      "revoke-app-passwords": ({ email }) => this.passwords.revokeAll(String(email)),
      "grant-login": ({ login, email }) => this.grantLogin(String(login), String(email)),
      "create-calendar": ({ email, ...calendar }) => this.createCalendar(String(email), calendar),
      "drop-calendar": ({ email, calendar }) => this.client.dropCalendar(String(email), String(calendar)),
      "put-object": ({ email, calendar, object, data }) =>
        this.client.put(String(email), String(calendar), String(object), String(data)).etag,
      "remove-object": ({ email, calendar, object }) =>
        this.client.remove(String(email), String(calendar), String(object)),
      "empty-trash-bin": ({ email }) => this.emptyTrash(String(email)),
      "prune-changes": ({ email }) => this.pruneChanges(String(email)),
      "reset-brute-force": () => this.bruteForce.reset(),
      "set-switches": (words) => Object.assign(this.switches, words),
      "expire-sync-tokens": ({ email }) => this.expireSyncTokens(email === undefined ? undefined : String(email)),
    };
  }

  /** Where somebody's Nextcloud is; people enter it themselves. */
  settings(origin: string): Readonly<Record<string, string>> {
    return { NEXTCLOUD_BASE_URL: `${origin}/` };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    if (path === apppassword || /\/login\/v2(\/poll)?$/.test(path)) return "token";
    return path.startsWith("/remote.php/") || path.startsWith(ocsPrefix) ? "api" : "page";
  }

  continuesFromCursor(request: TwinRequest): boolean {
    return continuesSync(request);
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const { path } = request;
    if (path === "/status.php") return json(200, { installed: true, maintenance: false, versionstring: "32.0.1" });
    if (path === "/.well-known/caldav") {
      return { status: 301, headers: { location: `${this.options.origin()}/remote.php/dav/` } };
    }
    const inFlow = this.logins.handle(request);
    if (inFlow) return inFlow;
    const caller = await this.signIn.of(request.headers);
    if (caller === "shut") return this.refuse("rate-limited", path.startsWith(ocsPrefix) ? "token" : "api");
    const ocsCaller = caller && { ...caller.home, uid: caller.home.id, appPassword: caller.appPassword };
    const answered = answerOcs(request, ocsCaller, {
      revoke: (password) => void this.passwords.revoke(password),
      createPassword: (email) => this.createAppPassword(email),
      delayMs: () => this.bruteForce.delayMs,
    });
    if (answered) return answered;
    if (!path.startsWith("/remote.php/")) return { status: 404, headers: { "content-type": "text/html" }, body: "" };
    if (!caller) return this.refuse("unauthorized");
    this.store.emptyTrash(caller.home, new Date(this.options.now().getTime() - trashMs));
    return this.server.handle(request, caller.home);
  }

  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door === "token") return refusedLogin(refusal);
    switch (refusal) {
      case "unauthorized":
        return this.server.refused(
          {
            status: 401,
            exception: "Sabre\\DAV\\Exception\\NotAuthenticated",
            message: "Username or password was incorrect",
          },
          null,
          { "www-authenticate": 'Basic realm="Nextcloud", charset="UTF-8"' },
        );
      case "rate-limited":
        return this.server.refused({ status: 429, exception: tooManyRequests });
      case "quota":
        return this.server.refused({ status: 507, exception: "Sabre\\DAV\\Exception\\InsufficientStorage" });
      case "down": {
        const exception = "Sabre\\DAV\\Exception\\ServiceUnavailable";
        const headers = { "x-nextcloud-maintenance-mode": "1" };
        return this.server.refused(
          { status: 503, exception, message: "System is in maintenance mode." },
          null,
          headers,
        );
      }
      case "backend-error":
        return this.server.refused({ status: 500, exception: "Error", message: "Internal Server Error" });
      case "cursor-gone":
        return this.server.refuse(new DavError("stale-token"));
    }
  }

  readonly state = {
    load: (kept: unknown): void => {
      const { calDav, passwords, logins, accounts, badLogins } = kept as Kept;
      Object.assign(this.calDavState, calDav);
      for (const [password, of] of passwords) this.passwordState.set(password, of);
      for (const [token, login] of logins) this.loginState.set(token, login);
      for (const [uid, account] of accounts) this.accountState.set(uid, account);
      this.badLogins.splice(0, this.badLogins.length, ...badLogins);
    },
    save: (): Kept => ({
      calDav: this.calDavState,
      passwords: this.passwordState,
      logins: this.loginState,
      accounts: this.accountState,
      badLogins: this.badLogins,
    }),
  };

  readonly accounts = (): readonly string[] => [...this.calDavState.homes.values()].map(({ email }) => email);

  /** Accounts and events to look at, for whoever develops a front end. */
  seed(): void {
    for (const [email, name] of [
      ["ana@example.test", "Ana Muster"],
      ["bo@example.test", "Bo Beispiel"],
    ] as const) {
      this.createAccount({ email, name });
      seedCalendar(this.client, email, "personal", this.options.now());
    }
  }

  /** With the two calendars that a new account has, of which one cannot be written to. */
  createAccount(account: NewNextcloudAccount): void {
    const { email, name = email, uid = email.split("@")[0] ?? email } = account;
    if (this.accounts().includes(email)) return;
    const home = this.store.createHome({ id: uid, email, name });
    this.accountState.set(uid, {
      loginName: account.loginName ?? uid,
      password: account.password ?? `password of ${uid}`,
    });
    this.store.createCalendar(home, { name: "personal", displayName: "Personal", color: "#0082C9" });
    const birthdays = { displayName: "Contact birthdays", color: "#E9D859", access: "write-properties" } as const;
    this.store.createCalendar(home, { name: "contact_birthdays", ...birthdays });
  }

  createAppPassword(email: string): string {
    this.store.home(email);
    return this.passwords.create(email);
  }

  loginName(email: string): string {
    return this.account(email).loginName;
  }

  /** What a person does in the browser at the end of Login Flow v2. @param login the address the client was given */
  grantLogin(login: string, email: string): void {
    this.logins.grant(login, email);
  }

  /** @returns its address */
  createCalendar(email: string, calendar: NewCalendar = {}): string {
    return this.client.createCalendar(email, calendar);
  }

  principalUrl(email: string): string {
    return `${this.options.origin()}${this.server.dialect.paths.principal(this.store.home(email))}`;
  }

  emptyTrash(email: string): void {
    this.store.emptyTrash(this.store.home(email), this.options.now());
  }

  /** The log of changes loses what it had: old tokens are taken, and answered with too little. */
  pruneChanges(email: string): void {
    this.store.pruneChanges(this.store.home(email));
  }

  /** Of one account, or of all. A Nextcloud refuses only what is no number; this is for whoever needs a refusal. */
  expireSyncTokens(email?: string): void {
    this.store.expireSyncTokens(email);
  }

  /** What the server sent to guests and organizers. */
  sentMessages(): CalDavState["sent"] {
    return this.calDavState.sent;
  }

  issuedSecrets(): readonly string[] {
    return [...this.passwords.issued];
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  private account(email: string): Account {
    const account = this.accountState.get(this.store.home(email).id);
    if (!account) throw new Error(`${email} has no account`);
    return account;
  }
}

interface Kept {
  readonly calDav: CalDavState;
  readonly passwords: AppPasswordState;
  readonly logins: LoginFlowState;
  readonly accounts: Map<string, Account>;
  readonly badLogins: BadLogin[];
}

const tooManyRequests = "OCA\\DAV\\Connector\\Sabre\\Exception\\TooManyRequests";

/** At the login flow and the OCS API, which speak JSON. */
function refusedLogin(refusal: Refusal): TwinReply {
  const status = {
    "rate-limited": 429,
    quota: 507,
    down: 503,
    "backend-error": 500,
    unauthorized: 401,
    "cursor-gone": 404,
  };
  return json(status[refusal], { message: "" });
}
