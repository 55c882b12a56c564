import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountFetch } from "../../account-fetch.ts";
import { answerInvitation } from "../icalendar/answer.ts";
import { readEvents } from "../icalendar/read.ts";
import { endBefore, isFirst, patchAll, patchOccurrence, removeOccurrence, restFrom } from "../icalendar/series.ts";
import { formatDraft, type Writing } from "../icalendar/write.ts";
import type {
  CalendarAccount,
  CalendarProvider,
  EventPatch,
  EventTarget,
  RemoteObject,
  WriteResult,
} from "../provider.ts";
import { uuidFrom } from "../uuid-from.ts";
import { listedIn } from "./account.ts";
import { listCalendars } from "./calendars.ts";
import { readChanges } from "./changes.ts";
import { asItStands, createObject, deleteObject, findByUid, readObject, replaceObject } from "./objects.ts";
import { pathOf } from "./path.ts";

/** What CalDAV does with calendars, however people sign in. */
export const calendarOperations = {
  uidFrom: "draft",

  reminders: { max: 20 },

  listCalendars: ({ fetch, settings }) =>
    listCalendars(fetch, listedIn(settings, "homeUrls"), listedIn(settings, "calendarUrl")[0] ?? null),

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
    const addresses = listedIn(account.settings, "addresses");
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
} satisfies Omit<CalendarProvider, "kind" | "id" | "name" | "auth" | "renewal" | "limits" | "freshness">;

function writingFor({ settings }: CalendarAccount): Writing {
  return { now: new Date(), organizer: listedIn(settings, "addresses")[0] ?? null };
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
  const created = await createRest(account.fetch, calendar, writeId, (id) =>
    restFrom(object.raw, recurrenceId, id, patch, writing),
  );
  // restFrom has made sure that there is a series, and its first occurrence stays.
  const head = endBefore(object.raw, recurrenceId, writing) ?? object.raw;
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

/**
 * The rest that an earlier attempt made, or a new one. What an attempt took back may lie in a trash bin, which keeps its UID
 * and its name: then the rest gets others, which are found again in the same order.
 */
async function createRest(
  fetch: AccountFetch,
  calendar: string,
  writeId: string,
  rawFor: (uid: string) => string,
): Promise<RemoteObject> {
  for (let turn = 0; ; turn += 1) {
    const uid = uuidFrom(turn === 0 ? `rest ${writeId}` : `rest ${writeId} ${turn}`);
    const filename = fileName(uid);
    // It has been an object of its own since: people may have changed it, and so may we.
    const earlier = await readObject(fetch, calendar, `${pathOf(calendar, calendar)}${filename}`);
    if (earlier) return earlier;
    try {
      return await createObject(fetch, calendar, { filename, uid, raw: rawFor(uid) });
    } catch (error) {
      if (turn === maxTurns || !isIntegrationError(error, "DUPLICATE")) throw error;
      // The server may have given it another name.
      const renamed = await findByUid(fetch, calendar, uid);
      if (renamed) return renamed;
    }
  }
}

/** A write is merged with others' changes no more often than this. */
const maxTurns = 4;

type EventTargetIn = Pick<EventTarget, "object" | "writeId"> & {
  readonly recurrenceId: NonNullable<EventTarget["recurrenceId"]>;
};

/** Whether the series was ended by an earlier attempt, whose answer got lost. */
function hasSameRecurrence(one: string, other: string): boolean {
  const [first, second] = [one, other].map((raw) => JSON.stringify(readEvents(raw)[0]?.recurrence));
  return first === second;
}
