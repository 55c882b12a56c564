import { IntegrationError, isIntegrationError } from "../../errors.ts";
import type { AccountFetch } from "../account-fetch.ts";
import type { CredentialField } from "../provider.ts";
import { listCalendars } from "./caldav/calendars.ts";
import { readChanges } from "./caldav/changes.ts";
import { discover, wellKnownPlaces } from "./caldav/discovery.ts";
import { asItStands, createObject, deleteObject, findByUid, readObject, replaceObject } from "./caldav/objects.ts";
import { pathOf } from "./caldav/path.ts";
import { answerInvitation } from "./icalendar/answer.ts";
import { readEvents } from "./icalendar/read.ts";
import { endBefore, isFirst, patchAll, patchOccurrence, removeOccurrence, restFrom } from "./icalendar/series.ts";
import { formatDraft, type Writing } from "./icalendar/write.ts";
import type { CalendarAccount, CalendarProvider, EventPatch, EventTarget, WriteResult } from "./provider.ts";
import { uuidFrom } from "./uuid-from.ts";

/** What one vendor's CalDAV has of its own. */
export interface CalDavPreset {
  readonly id: string;
  readonly name: string;
  /** Where discovery begins. Without it people enter the address of their server. */
  readonly serverUrl?: string;
  /** Whether the vendor's server at `main` shares its accounts with this other host, which may then see the password. */
  readonly isOwnHost?: (host: string, main: string) => boolean;
  /** Where people find their user name and password. */
  readonly help: { readonly username: string; readonly password: string };
  /** Where people make and end passwords for programs. */
  readonly accountUrl?: string;
  /** What to do about a login that is refused, where there is something to know. */
  readonly loginRemedy?: string;
  readonly limits: CalendarProvider["limits"];
  readonly freshness: CalendarProvider["freshness"];
}

/**
 * Calendars over CalDAV (RFC 4791) at any server that speaks it, signed in with a user name and a password.
 *
 * Settings: `principalUrl`, and `homeUrls`, `calendarUrl`, `addresses`, which are lists with a space between their items.
 */
export function caldavProvider(preset: CalDavPreset): CalendarProvider {
  const isOwnOrigin = ({ protocol, hostname }: URL, main: string) =>
    protocol === new URL(main).protocol && (preset.isOwnHost?.(hostname, new URL(main).hostname) ?? false);

  return {
    kind: "CALENDAR",
    id: preset.id,
    name: preset.name,
    auth: {
      kind: "credentials",
      fields: credentialFields(preset),
      ...(preset.serverUrl !== undefined && { serverUrl: preset.serverUrl }),

      async connect(values, open) {
        const secret = { username: required(values, "username").trim(), password: required(values, "password") };
        const serverUrl = readServerUrl(required(values, "serverUrl"));
        const fetch = open({
          authorization: basic(secret),
          origins: originsOf([serverUrl]),
          isOwnOrigin: (origin) => isOwnOrigin(origin, serverUrl),
        });
        // An account may be moved among its vendor's hosts: what is stored, calendars' ids too, names the one that stays.
        const atMainHost = (url: string) => {
          const { origin, pathname } = new URL(url);
          return isOwnOrigin(new URL(origin), serverUrl) ? new URL(pathname, serverUrl).href : url;
        };

        try {
          const found = await discover(fetch, startingPoints(preset, serverUrl));
          const settings = {
            principalUrl: atMainHost(found.principalUrl),
            homeUrls: [...new Set(found.homeUrls.map(atMainHost))].join(" "),
            calendarUrl: found.calendarUrl ?? "",
            addresses: found.addresses.join(" "),
          };
          const calendars = await calendarsOf({ fetch, settings, apiUrl: "" });
          return { externalId: settings.principalUrl, displayName: secret.username, settings, secret, calendars };
        } catch (error) {
          if (!isIntegrationError(error, "CREDENTIALS_REJECTED") || preset.loginRemedy === undefined) throw error;
          throw new IntegrationError(error.code, error.message, { remedy: preset.loginRemedy, cause: error });
        }
      },

      authorization: basic,
      origins: (settings) => originsOf(listIn(settings, ...urlSettings)),
      isOwnOrigin: (origin, { principalUrl = "" }) => isOwnOrigin(origin, principalUrl),
      revocation: {
        kind: "none",
        reason: "The password stays valid. Its owner can change or revoke it at the server.",
        ...(preset.accountUrl !== undefined && { accountUrl: preset.accountUrl }),
      },
    },
    renewal: { kind: "none", reason: "The password is valid until its owner changes or revokes it." },
    limits: preset.limits,
    freshness: preset.freshness,
    uidFrom: "draft",

    reminders: { max: 20 },

    listCalendars: calendarsOf,

    readChanges: ({ fetch }, calendar, request) => readChanges(fetch, calendar, request),

    readObject: ({ fetch }, calendar, externalId) => readObject(fetch, calendar, externalId),

    async findCreated({ fetch }, calendar, { creationId, uid }) {
      const path = `${pathOf(calendar, calendar)}${fileName(creationId)}`;
      return (await readObject(fetch, calendar, path)) ?? findByUid(fetch, calendar, uid);
    },

    createEvent(account, calendar, draft) {
      const raw = formatDraft(draft, writingFor(account));
      return createObject(account.fetch, calendar, { filename: fileName(draft.creationId), uid: draft.uid, raw });
    },

    async updateEvent(account, calendar, { object: known, recurrenceId, span, writeId }, patch) {
      const object = await asItStands(account.fetch, calendar, known);
      const writing = writingFor(account);
      if (recurrenceId === null || span === "ALL" || (span !== "THIS" && isFirst(object.raw, recurrenceId))) {
        return replaced(account.fetch, calendar, object, patchAll(object.raw, patch, writing));
      }
      if (span === "THIS") {
        return replaced(account.fetch, calendar, object, patchOccurrence(object.raw, recurrenceId, patch, writing));
      }
      return splitSeries(account, calendar, { object, recurrenceId, writeId }, patch);
    },

    async deleteEvent(account, calendar, target) {
      const isWhole = target.recurrenceId === null || target.span === "ALL";
      // What is gone already is deleted; a part of it can only be taken from what is there.
      const object = isWhole ? target.object : await asItStands(account.fetch, calendar, target.object);
      const left = remainder({ ...target, object }, writingFor(account));
      if (left !== null) return replaced(account.fetch, calendar, object, left).catch(asDeleted);
      await deleteObject(account.fetch, calendar, object);
      return { object: null };
    },

    async respond(account, calendar, { object: known, recurrenceId, span }, response) {
      const addresses = listIn(account.settings, "addresses");
      if (addresses.length === 0) {
        throw new IntegrationError("PREREQUISITE_MISSING", "The calendar server does not say this account's address", {
          remedy: "Answer the invitation in the calendar's own application.",
        });
      }
      if (span === "THIS_AND_FOLLOWING") {
        throw new IntegrationError("UNSUPPORTED_CAPABILITY", "CalDAV has no answer to a part of a series", {
          remedy: "Answer for one occurrence, or for all of them.",
        });
      }
      const object = await asItStands(account.fetch, calendar, known);
      const occurrence = span === "THIS" ? recurrenceId : null;
      const raw = answerInvitation(object.raw, occurrence, addresses, response, new Date());
      return replaced(account.fetch, calendar, object, raw);
    },
  };
}

/** Any server: Radicale, Xandikos, Baïkal, SOGo, mailbox.org and so on. */
export const caldav = caldavProvider({
  id: "CALDAV",
  name: "CalDAV",
  help: {
    username: "The user name of the calendar account, often its e-mail address.",
    password: "An app password, where the server offers one; otherwise the account's password.",
  },
  limits: {
    description: "None that servers would agree on; throttling (429 and 503) is obeyed.",
    concurrentCalls: 2,
    cost: "None.",
  },
  freshness: { floorSeconds: 30, defaultSeconds: 300 },
});

/** A vendor's own address needs no search: others at its host are there for other things. */
function startingPoints(preset: CalDavPreset, serverUrl: string): readonly string[] {
  return preset.serverUrl === undefined ? wellKnownPlaces(serverUrl) : [serverUrl];
}

const urlSettings = ["principalUrl", "homeUrls", "calendarUrl"] as const;

function credentialFields({ serverUrl, help }: CalDavPreset): readonly CredentialField[] {
  const address: CredentialField = {
    name: "serverUrl",
    label: "Server address",
    kind: "URL",
    required: true,
    options: [],
    help: "The CalDAV address from your calendar's settings, for example https://calendar.example.com.",
  };
  return [
    ...(serverUrl === undefined ? [address] : []),
    { name: "username", label: "User name", kind: "TEXT", required: true, options: [], help: help.username },
    { name: "password", label: "Password", kind: "SECRET", required: true, options: [], help: help.password },
  ];
}

function required(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined || value.trim() === "") {
    throw new IntegrationError("INVALID_INPUT", "This field is needed", { field: [name] });
  }
  return value;
}

/** What people type: often without a scheme, sometimes with blanks around it. */
function readServerUrl(entered: string): string {
  const text = entered.trim();
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new IntegrationError("INVALID_INPUT", "This is not the address of a server", {
      field: ["serverUrl"],
      remedy: "Enter an address such as https://calendar.example.com, without a user name or password in it.",
    });
  }
  url.hash = "";
  return url.href;
}

/** RFC 7617 with UTF-8, which is what servers expect. */
function basic({ username = "", password = "" }: Readonly<Record<string, string>>): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function listIn(settings: Readonly<Record<string, string>>, ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => (settings[name] ?? "").split(" ").filter((item) => item !== ""));
}

function originsOf(urls: readonly string[]): readonly string[] {
  return [...new Set(urls.map((url) => new URL(url).origin))];
}

function calendarsOf({ fetch, settings }: CalendarAccount): ReturnType<typeof listCalendars> {
  return listCalendars(fetch, listIn(settings, "homeUrls"), listIn(settings, "calendarUrl")[0] ?? null);
}

function writingFor({ settings }: CalendarAccount): Writing {
  return { now: new Date(), organizer: listIn(settings, "addresses")[0] ?? null };
}

function fileName(creationId: string): string {
  return `${creationId}.ics`;
}

async function replaced(
  fetch: AccountFetch,
  calendar: string,
  object: EventTarget["object"],
  raw: string,
): Promise<WriteResult> {
  return { object: await replaceObject(fetch, calendar, object, raw) };
}

/** What a deletion leaves of an object; null when it is nothing. */
function remainder({ object, recurrenceId, span }: EventTarget, writing: Writing): string | null {
  if (recurrenceId === null || span === "ALL") return null;
  if (span === "THIS") return removeOccurrence(object.raw, recurrenceId, writing);
  return isFirst(object.raw, recurrenceId) ? null : endBefore(object.raw, recurrenceId, writing);
}

function asDeleted(error: unknown): WriteResult {
  if (isIntegrationError(error, "NOT_FOUND")) return { object: null };
  throw error;
}

/**
 * The rest of the series becomes an object of its own before the old one ends, so that a crash between the two leaves
 * occurrences twice rather than not at all. Repeating the write finds the rest by its UID, which follows from the write.
 */
async function splitSeries(
  account: CalendarAccount,
  calendar: string,
  { object, recurrenceId, writeId }: EventTargetIn,
  patch: EventPatch,
): Promise<WriteResult> {
  const writing = writingFor(account);
  const id = uuidFrom(`rest ${writeId}`);
  const rest = { filename: fileName(id), uid: id, raw: restFrom(object.raw, recurrenceId, id, patch, writing) };
  // restFrom has made sure that there is a series, and its first occurrence stays.
  const head = endBefore(object.raw, recurrenceId, writing) ?? object.raw;

  // An earlier attempt's rest has been an object of its own since: people may have changed it, and so may we.
  const earlier = await readObject(account.fetch, calendar, `${pathOf(calendar, calendar)}${rest.filename}`);
  const created = earlier ?? (await createObject(account.fetch, calendar, rest));
  try {
    return { object: await replaceObject(account.fetch, calendar, object, head), created };
  } catch (error) {
    if (!isIntegrationError(error, "CONFLICT", "NOT_FOUND", "PROVIDER_REFUSED")) throw error;
    const current = await readObject(account.fetch, calendar, object.externalId);
    if (current && hasSameRecurrence(current.raw, head)) return { object: current, created };
    // The series was definitely not ended, so its rest would happen twice.
    await deleteObject(account.fetch, calendar, created);
    throw error;
  }
}

type EventTargetIn = Pick<EventTarget, "object" | "writeId"> & {
  readonly recurrenceId: NonNullable<EventTarget["recurrenceId"]>;
};

/** Whether the series was ended by an earlier attempt, whose answer got lost. */
function hasSameRecurrence(one: string, other: string): boolean {
  const [first, second] = [one, other].map((raw) => JSON.stringify(readEvents(raw)[0]?.recurrence));
  return first === second;
}
