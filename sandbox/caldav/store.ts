import { createHash, randomUUID } from "node:crypto";
import type { Access, CalDavState, Operation, StoredCalendar, StoredHome, StoredObject } from "./state.ts";

export interface NewCalendar {
  readonly name?: string;
  readonly displayName?: string;
  readonly color?: string;
  readonly components?: readonly string[];
  readonly access?: Access;
  readonly isSubscribed?: boolean;
}

/** Homes, calendars, objects, and a log of what changed. Knows neither HTTP nor any vendor. */
export class CalDavStore {
  constructor(
    readonly state: CalDavState,
    private readonly now: () => Date,
  ) {}

  createHome({ id, email, name }: Pick<StoredHome, "id" | "email" | "name">): StoredHome {
    const home: StoredHome = { id, email, name, calendars: new Map(), trash: [] };
    this.state.homes.set(id, home);
    return home;
  }

  /** By mail address. */
  home(email: string): StoredHome {
    const home = [...this.state.homes.values()].find((known) => known.email === email);
    if (!home) throw new Error(`${email} has no account`);
    return home;
  }

  createCalendar(home: StoredHome, calendar: NewCalendar = {}): StoredCalendar {
    const name = calendar.name ?? randomUUID();
    const stored: StoredCalendar = {
      id: String(this.next()),
      name,
      displayName: calendar.displayName ?? name,
      color: calendar.color ?? "#0082C9FF",
      components: calendar.components ?? ["VEVENT"],
      access: calendar.access ?? "owner",
      isSubscribed: calendar.isSubscribed ?? false,
      properties: new Map(),
      objects: new Map(),
      changes: [],
      revision: 0,
      expiredUntil: 0,
      trashedAt: null,
    };
    home.calendars.set(name, stored);
    return stored;
  }

  calendar(home: StoredHome, name: string): StoredCalendar {
    const calendar = home.calendars.get(name);
    if (!calendar) throw new Error(`${home.email} has no calendar ${name}`);
    return calendar;
  }

  /** @param shownAfterMs how long listings do not know */
  put(calendar: StoredCalendar, object: Omit<StoredObject, "etag" | "modifiedAt">, shownAfterMs = 0): StoredObject {
    const operation = calendar.objects.has(object.name) ? "modified" : "added";
    const etag = createHash("sha1").update(`${this.next()}:${object.data}`).digest("hex").slice(0, 32);
    const stored = { ...object, etag: `"${etag}"`, modifiedAt: this.now() };
    calendar.objects.set(object.name, stored);
    this.log(calendar, object.name, operation, shownAfterMs);
    return stored;
  }

  remove(calendar: StoredCalendar, name: string, shownAfterMs = 0): void {
    if (calendar.objects.delete(name)) this.log(calendar, name, "deleted", shownAfterMs);
  }

  /** Keeps what is about to be removed. */
  trash(home: StoredHome, calendar: StoredCalendar, object: StoredObject): void {
    home.trash.push({ calendarName: calendar.name, object, deletedAt: this.now() });
  }

  trashCalendar(calendar: StoredCalendar): void {
    calendar.trashedAt = this.now();
  }

  /** What was thrown away before then is gone for good. */
  emptyTrash(home: StoredHome, before: Date): void {
    const kept = home.trash.filter(({ deletedAt }) => deletedAt > before);
    home.trash.splice(0, home.trash.length, ...kept);
    for (const { name, trashedAt } of [...home.calendars.values()]) {
      if (trashedAt !== null && trashedAt <= before) home.calendars.delete(name);
    }
  }

  /** Forgets what changed, and tells nobody: deletions are known no longer. */
  pruneChanges(home: StoredHome): void {
    for (const { changes } of home.calendars.values()) changes.splice(0);
  }

  /** What listings may tell by now: a change that is not shown yet hides all later ones. */
  shownRevision(calendar: StoredCalendar): number {
    const hidden = calendar.changes.find(({ shownAt }) => shownAt > this.now());
    return hidden ? hidden.revision - 1 : calendar.revision;
  }

  /** The objects that listings tell of. */
  shownObjects(calendar: StoredCalendar): readonly StoredObject[] {
    const shown = this.shownRevision(calendar);
    const hidden = new Set(
      calendar.changes
        .filter(({ revision, operation }) => revision > shown && operation === "added")
        .map(({ name }) => name),
    );
    return [...calendar.objects.values()].filter(({ name }) => !hidden.has(name));
  }

  /** Sync tokens of one account, or of all, are forgotten. */
  expireSyncTokens(email?: string): void {
    for (const home of email === undefined ? this.state.homes.values() : [this.home(email)]) {
      for (const calendar of home.calendars.values()) {
        // One that was given before nothing changed is older as well.
        calendar.revision += 1;
        calendar.expiredUntil = calendar.revision;
      }
    }
  }

  /** A number that nobody had. */
  next(): number {
    this.state.counter += 1;
    return this.state.counter;
  }

  private log(calendar: StoredCalendar, name: string, operation: Operation, shownAfterMs: number): void {
    calendar.revision += 1;
    const shownAt = new Date(this.now().getTime() + shownAfterMs);
    calendar.changes.push({ name, operation, revision: calendar.revision, shownAt });
  }
}
