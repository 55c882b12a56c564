import { answerAppPasswordPage } from "./caldav/app-password-page.ts";
import { type AppPasswordState, AppPasswords, basicCredentials, randomText } from "./caldav/app-passwords.ts";
import { CalDavServer, continuesSync } from "./caldav/caldav-server.ts";
import { DavError } from "./caldav/dav-error.ts";
import { OtherClient } from "./caldav/other-client.ts";
import { seedCalendar } from "./caldav/seed.ts";
import { type CalDavState, emptyCalDavState, type StoredHome } from "./caldav/state.ts";
import { CalDavStore, type NewCalendar } from "./caldav/store.ts";
import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
import { icloudDialect } from "./icloud/dialect.ts";
import { defaultICloudSwitches, type ICloudSwitches } from "./icloud/switches.ts";
import { Throttle } from "./icloud/throttle.ts";
import type { Refusal, Twin, TwinDoor, TwinOptions, TwinReply, TwinRequest } from "./twin.ts";

const pagePath = "/account/app-passwords";
const maxPasswords = 25;

export interface ICloudOptions extends TwinOptions {
  /** Where each of the hosts is reached that homes live at, as `pNN-caldav.icloud.com`; without a slash at the end. */
  readonly partitions: () => readonly string[];
}

/** iCloud's calendars: one host to begin at, partitions for the homes, and app-specific passwords. */
export class ICloudTwin implements Twin {
  readonly name = "icloud";
  readonly title = "iCloud Calendar";
  readonly pages = { [pagePath]: "Make a password for an app" };
  readonly faults = new Faults(this);
  readonly switches: ICloudSwitches = defaultICloudSwitches();
  readonly commands: Twin["commands"];
  /** What people do with other programs. */
  readonly client: OtherClient;
  readonly passwords: AppPasswords;
  private readonly calDavState: CalDavState = emptyCalDavState();
  private readonly passwordState: AppPasswordState = new Map();
  /** The partition of each account, by DSID. */
  private readonly partitionState = new Map<string, number>();
  private readonly store: CalDavStore;
  private readonly server: CalDavServer;
  private readonly throttle: Throttle;

  constructor(private readonly options: ICloudOptions) {
    const { now, origin } = options;
    this.store = new CalDavStore(this.calDavState, now);
    const dialect = icloudDialect(this.switches, (home) => this.homeUrl(home));
    this.server = new CalDavServer(this.store, dialect, () => new URL(origin()).pathname);
    this.throttle = new Throttle(this.switches, now);
    this.passwords = new AppPasswords(this.passwordState, writtenPassword);
    this.client = new OtherClient(
      this.store,
      (email, { name }) =>
        `${this.partitionOf(this.store.home(email))}${this.homePath(email)}${encodeURIComponent(name)}/`,
    );
    this.commands = {
      "create-account": ({ email, name }) => this.createAccount({ email: String(email), name: String(name ?? email) }),
      "create-app-password": ({ email }) => this.createAppPassword(String(email)),
      "change-password": ({ email }) => this.changePassword(String(email)),
      "create-calendar": ({ email, ...calendar }) => this.client.createCalendar(String(email), calendar),
      "drop-calendar": ({ email, calendar }) => this.client.dropCalendar(String(email), String(calendar)),
      "put-object": ({ email, calendar, object, data }) =>
        this.client.put(String(email), String(calendar), String(object), String(data)).etag,
      "remove-object": ({ email, calendar, object }) =>
        this.client.remove(String(email), String(calendar), String(object)),
      "move-partition": ({ email, partition }) =>
        this.movePartition(String(email), partition === undefined ? undefined : Number(partition)),
      "set-switches": (words) => Object.assign(this.switches, words),
      "expire-sync-tokens": ({ email }) => this.expireSyncTokens(email === undefined ? undefined : String(email)),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return { ICLOUD_BASE_URL: `${origin}/` };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    return path === pagePath ? "page" : "api";
  }

  continuesFromCursor(request: TwinRequest): boolean {
    return continuesSync(request);
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const { path } = request;
    if (path === pagePath) {
      const accounts = this.accounts();
      return answerAppPasswordPage(request, this.title, accounts, (email) => this.createAppPassword(email));
    }
    const home = this.signedIn(request);
    if (!home) return this.refuse("unauthorized");
    const throttled = this.throttle.meets(home.email);
    if (throttled !== null) return this.server.refused({ status: throttled });
    if (path === "/.well-known/caldav") return this.redirected(`${this.options.origin()}/`);
    if (/^\/\d+\//.test(path) && !path.startsWith(`/${home.id}/`)) return this.server.refused({ status: 403 });
    const { leadsAway } = this.switches;
    if (leadsAway?.at === placeOf(path, home)) return this.redirected(leadsAway.to);
    return this.elsewhere(request, home) ?? this.server.handle(request, home);
  }

  refuse(refusal: Refusal): TwinReply {
    switch (refusal) {
      case "unauthorized": {
        // Clients that take the first challenge fail (home-assistant/core#91711).
        const challenge = 'X-MobileMe-AuthToken realm="MMCalDav", Basic realm="MMCalDav"';
        return this.server.refused({ status: 401 }, null, { "www-authenticate": challenge });
      }
      case "rate-limited":
        return this.server.refused({ status: 429 });
      case "quota":
        return this.server.refused({ status: 403 });
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
      const { calDav, passwords, partitions } = kept as Kept;
      Object.assign(this.calDavState, calDav);
      for (const [password, of] of passwords) this.passwordState.set(password, of);
      for (const [id, partition] of partitions) this.partitionState.set(id, partition);
    },
    save: (): Kept => ({ calDav: this.calDavState, passwords: this.passwordState, partitions: this.partitionState }),
  };

  readonly accounts = (): readonly string[] => [...this.calDavState.homes.values()].map(({ email }) => email);

  /** Accounts and events to look at, for whoever develops a front end. */
  seed(): void {
    for (const [email, name] of [
      ["ana@example.test", "Ana Muster"],
      ["bo@example.test", "Bo Beispiel"],
    ] as const) {
      this.createAccount({ email, name });
      seedCalendar(this.client, email, "work", this.options.now());
    }
  }

  /** With the calendars that a new account has: two for events, and one for reminders. */
  createAccount({ email, name = email }: { readonly email: string; readonly name?: string }): void {
    if (this.accounts().includes(email)) return;
    const id = String(8_000_000_000 + this.store.next());
    const home = this.store.createHome({ id, email, name });
    this.partitionState.set(id, this.calDavState.homes.size - 1);
    this.store.createCalendar(home, { name: "home", displayName: "Home", color: "#1BADF8FF" });
    this.store.createCalendar(home, { name: "work", displayName: "Work", color: "#CC73E1FF" });
    const reminders = { displayName: "Reminders", color: "#FF9500FF", components: ["VTODO"] };
    this.store.createCalendar(home, { name: "tasks", ...reminders });
  }

  /** As at the account page. @throws when there are 25 already */
  createAppPassword(email: string): string {
    this.store.home(email);
    if (this.passwords.of(email).length >= maxPasswords) throw new Error(`There are ${maxPasswords} passwords already`);
    return this.passwords.create(email);
  }

  /** The password of the Apple Account: all app-specific ones end with the old one. */
  changePassword(email: string): void {
    this.passwords.revokeAll(email);
  }

  /** @returns its address */
  createCalendar(email: string, calendar: NewCalendar = {}): string {
    return this.client.createCalendar(email, calendar);
  }

  /** Apple moves an account to another host; the next one when left out. */
  movePartition(email: string, partition?: number): void {
    const { id } = this.store.home(email);
    this.partitionState.set(id, partition ?? (this.partitionState.get(id) ?? 0) + 1);
  }

  /** Where the account's home is. */
  homeUrl(home: StoredHome): string {
    const { leadsAway } = this.switches;
    return leadsAway?.at === "home" ? leadsAway.to : `${this.partitionOf(home)}${this.homePath(home.email)}`;
  }

  principalUrl(email: string): string {
    return `${this.options.origin()}/${this.store.home(email).id}/principal/`;
  }

  /** Of one account, or of all. */
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

  private signedIn({ headers }: TwinRequest): StoredHome | null {
    const shown = basicCredentials(headers);
    const known = shown && this.passwords.find(shown.password);
    return known && known.email === shown.username.toLowerCase() ? this.store.home(known.email) : null;
  }

  /** What a host does that is not the account's; null where it answers itself. */
  private elsewhere({ headers, path }: TwinRequest, home: StoredHome): TwinReply | null {
    const own = this.partitionOf(home);
    const { host } = new URL(own);
    const isMain = headers["host"] === new URL(this.options.origin()).host;
    const place = placeOf(path, home);
    const { otherHosts, mainHostServes, redirectsPrincipal } = this.switches;
    if (headers["host"] === host || place === "root") return null;
    if (isMain && (place === "principal" ? !redirectsPrincipal : mainHostServes)) return null;
    if (otherHosts === "serve" && !isMain) return null;
    return otherHosts === "refuse" && !isMain ? this.server.refused({ status: 403 }) : this.redirected(`${own}${path}`);
  }

  private redirected(location: string): TwinReply {
    return { status: this.switches.redirectStatus, headers: { location } };
  }

  private partitionOf({ id }: StoredHome): string {
    const partitions = this.options.partitions();
    return partitions[(this.partitionState.get(id) ?? 0) % partitions.length] ?? this.options.origin();
  }

  private homePath(email: string): string {
    return `/${this.store.home(email).id}/calendars/`;
  }
}

interface Kept {
  readonly calDav: CalDavState;
  readonly passwords: AppPasswordState;
  readonly partitions: Map<string, number>;
}

function placeOf(path: string, { id }: StoredHome): "root" | "principal" | "home" {
  if (path === `/${id}/principal/` || path === `/${id}/principal`) return "principal";
  return path === "/" || path === "/principals/" ? "root" : "home";
}

/** Sixteen letters, four by four. */
function writtenPassword(): string {
  return Array.from({ length: 4 }, () => randomText(4, "abcdefghijklmnopqrstuvwxyz")).join("-");
}
