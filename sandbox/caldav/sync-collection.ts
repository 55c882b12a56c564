import { DavError } from "./dav-error.ts";
import type { Dialect } from "./dialect.ts";
import type { Change, StoredCalendar } from "./state.ts";
import type { CalDavStore } from "./store.ts";

/** What a window of a calendar's log says (RFC 6578 §3.2). */
export interface SyncWindow {
  /** Names of objects that are there, and of those that are gone; in the order in which they changed. */
  readonly rows: readonly { readonly name: string; readonly isGone: boolean }[];
  /** The revision to go on from. */
  readonly until: number;
  /** There is more. */
  readonly isTruncated: boolean;
}

/** @throws {DavError} stale-token, limit */
export function windowSince(
  { dialect, store }: { readonly dialect: Dialect; readonly store: CalDavStore },
  calendar: StoredCalendar,
  token: string,
  limit: number | null,
): SyncWindow {
  const since = token === "" ? "everything" : dialect.tokens.read(calendar, token);
  if (since === "stale") throw new DavError("stale-token");
  const shown = store.shownRevision(calendar);
  const all = since === "everything" ? everything(store, calendar, shown) : changed(dialect, calendar, since, shown);
  const asked = dialect.sync.limit === "ignored" ? null : limit;
  if (asked !== null && dialect.sync.limit === "drops") {
    // sabre/dav cannot page: what does not fit is either an error or lost.
    if (since === "everything" && all.length > asked) throw new DavError("limit");
    return { rows: all.slice(0, asked), until: shown, isTruncated: false };
  }
  const size = asked ?? dialect.sync.pageSize;
  if (size === null || all.length <= size) return { rows: all, until: shown, isTruncated: false };
  const rows = all.slice(0, size);
  return { rows, until: rows.at(-1)?.revision ?? shown, isTruncated: true };
}

type Row = SyncWindow["rows"][number] & { readonly revision: number };

function everything(store: CalDavStore, calendar: StoredCalendar, shown: number): readonly Row[] {
  const latest = latestOf(calendar.changes.filter(({ revision }) => revision <= shown));
  // An object whose change was pruned is as old as can be.
  const rows = store.shownObjects(calendar).map(({ name }) => ({
    name,
    isGone: false,
    revision: latest.get(name)?.revision ?? 0,
  }));
  return rows.sort((one, other) => one.revision - other.revision);
}

function changed(dialect: Dialect, calendar: StoredCalendar, since: number, shown: number): readonly Row[] {
  const changes = calendar.changes.filter(({ revision }) => revision > since && revision <= shown);
  const rows = [...latestOf(changes)].map(([name, { revision }]) => {
    const wasDeleted = changes.some((change) => change.name === name && change.operation === "deleted");
    const isGone = dialect.sync.tells === "strongest" ? wasDeleted : !calendar.objects.has(name);
    return { name, isGone, revision };
  });
  return rows.sort((one, other) => one.revision - other.revision);
}

function latestOf(changes: readonly Change[]): Map<string, Change> {
  return new Map(changes.map((change) => [change.name, change]));
}
