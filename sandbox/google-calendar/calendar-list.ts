import { fullSyncRequired, invalid, notFound } from "./errors.ts";
import { contentOf, hashOf, type PageSwitches, pageOf, writtenToken } from "./listings.ts";
import type { AccessRole, GoogleCalendarState, StoredAccount, StoredCalendar } from "./state.ts";

const roles: readonly AccessRole[] = ["freeBusyReader", "reader", "writer", "owner"];
const withoutSyncToken = ["minAccessRole", "showOwnOrganizationOnly"];

/** `calendarList.list`: every calendar of an account, or those that came, changed or went since a sync token. */
export function listCalendars(
  state: GoogleCalendarState,
  email: string,
  query: URLSearchParams,
  switches: PageSwitches,
): Record<string, unknown> {
  const account = accountOf(state, email);
  const minRole = roles.indexOf((query.get("minAccessRole") ?? "freeBusyReader") as AccessRole);
  if (minRole === -1) throw invalid("Invalid value for minAccessRole.", "minAccessRole");
  const since = query.has("syncToken") ? changesSince(account, email, query) : null;
  const { ids, next } = pageOf(state.listings, {
    of: email,
    query,
    switches: { ...switches, emptyPageFirst: false },
    defaultSize: 100,
    maxSize: 250,
    begin: () => ({
      ids: [...account.listChangedAt]
        .filter(([id, at]) => (since === null ? isShown(account, id, query) : at > since))
        .map(([id]) => id)
        .filter((id) => roles.indexOf(account.calendars.get(id)?.accessRole ?? "owner") >= minRole),
      syncToken: withoutSyncToken.some((name) => query.has(name))
        ? null
        : writtenToken({ changes: account.listChanges, fixed: hashOf(email) }),
    }),
  });
  const items = ids.map((id) => entryOf(id, account.calendars.get(id)));
  return { kind: "calendar#calendarList", etag: `"p${account.listChanges}"`, items, ...next };
}

/** `calendarList.get`. @throws {ApiError} notFound */
export function calendarEntry(state: GoogleCalendarState, email: string, id: string): Record<string, unknown> {
  const calendarId = id === "primary" ? email : id;
  const calendar = accountOf(state, email).calendars.get(calendarId);
  if (!calendar) throw notFound();
  return entryOf(calendarId, calendar);
}

function accountOf(state: GoogleCalendarState, email: string): StoredAccount {
  const account = state.accounts.get(email);
  if (!account) throw notFound();
  return account;
}

function changesSince({ listExpiredUntil }: StoredAccount, email: string, query: URLSearchParams): number {
  const forbidden = withoutSyncToken.find((name) => query.has(name));
  if (forbidden) throw invalid(`Sync token cannot be used with ${forbidden}.`);
  const known = contentOf(query.get("syncToken") ?? "") as { changes?: unknown; fixed?: unknown } | null;
  if (typeof known?.changes !== "number" || known.changes < listExpiredUntil) throw fullSyncRequired();
  if (known.fixed !== hashOf(email)) throw invalid("The request does not match the sync token.", "syncToken");
  return known.changes;
}

function isShown({ calendars }: StoredAccount, id: string, query: URLSearchParams): boolean {
  return calendars.has(id) || query.get("showDeleted") === "true";
}

function entryOf(id: string, calendar: StoredCalendar | undefined): Record<string, unknown> {
  const kind = "calendar#calendarListEntry";
  if (!calendar) return { kind, etag: `"${hashOf([id])}"`, id, deleted: true };
  const { summary, timeZone, accessRole, primary } = calendar;
  return {
    kind,
    etag: `"${hashOf([id, summary, timeZone, accessRole])}"`,
    id,
    summary,
    timeZone,
    accessRole,
    selected: true,
    colorId: "14",
    backgroundColor: "#9fe1e7",
    foregroundColor: "#000000",
    defaultReminders: [{ method: "popup", minutes: 10 }],
    ...(primary && { primary: true }),
    conferenceProperties: { allowedConferenceSolutionTypes: ["hangoutsMeet"] },
  };
}
