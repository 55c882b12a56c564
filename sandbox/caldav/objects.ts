import type { TwinReply, TwinRequest } from "../twin.ts";
import { lacksEnd, readableObject, readCalendarObject, refolded } from "./calendar-object.ts";
import { checkConditions } from "./conditions.ts";
import { DavError } from "./dav-error.ts";
import type { ReportTools } from "./reports.ts";
import type { Resource } from "./resources.ts";
import { checkMeeting, hasOrganizer, scheduledDelete, scheduledWrite } from "./scheduling.ts";
import type { StoredCalendar, StoredObject } from "./state.ts";

type ObjectResource = Resource & { readonly kind: "object" };

/** @throws {DavError} not-found */
export function getObject({ dialect }: ReportTools, { object }: ObjectResource, { headers }: TwinRequest): TwinReply {
  if (!object) throw new DavError("not-found");
  const isWeak = dialect.weakEtagWithGzip && /\bgzip\b/.test(headers["accept-encoding"] ?? "");
  const tags = {
    etag: isWeak ? `W/${object.etag}` : object.etag,
    ...(object.scheduleTag !== null && { "schedule-tag": object.scheduleTag }),
  };
  if (headers["if-none-match"]?.replace(/^W\//, "") === object.etag) return { status: 304, headers: tags };
  const type = { "content-type": "text/calendar; charset=utf-8", "last-modified": object.modifiedAt.toUTCString() };
  return { status: 200, headers: { ...type, ...tags }, body: object.data };
}

/** RFC 4791 §5.3.2. @throws {DavError} */
export function putObject(tools: ReportTools, resource: ObjectResource, { headers, body }: TwinRequest): TwinReply {
  const { dialect, store, resources } = tools;
  const { calendar, name, object: before } = resource;
  const mayWrite = calendar.access === "owner" || calendar.access === "write";
  if (!mayWrite || calendar.isSubscribed) throw new DavError("privileges");
  checkConditions(headers, before);
  const object = checkedObject(tools, calendar, name, headers, body);
  const { writes } = dialect;
  const earlier = before && readableObject(before.data) ? before.data : null;
  if (earlier !== null && writes.guardsMeetings) checkMeeting(dialect, resources.home, { data: body, before: earlier });
  const scheduled = scheduledWrite(dialect, resources.home, { data: body, before: earlier });
  store.state.sent.push(...scheduled.messages);
  const stored = store.put(
    calendar,
    {
      name,
      uid: object.uid,
      component: object.component,
      data: writes.refolds ? refolded(scheduled.data) : scheduled.data,
      scheduleTag: writes.scheduleTags && object.hasOrganizer ? `"${store.next()}"` : null,
    },
    writes.shownAfterMs,
  );
  const isToldEtag = writes.etagAfter({
    hasOrganizer: object.hasOrganizer,
    isScheduled: scheduled.data !== body,
  });
  return { status: before ? 204 : 201, headers: tagsOf(stored, isToldEtag) };
}

/** @throws {DavError} not-found, condition, privileges */
export function deleteObject(tools: ReportTools, resource: ObjectResource, { headers }: TwinRequest): TwinReply {
  const { dialect, store, resources } = tools;
  const { calendar, name, object } = resource;
  if (!object) {
    const isCondition = headers["if-match"] !== undefined && dialect.writes.missingIsCondition;
    throw new DavError(isCondition ? "condition" : "not-found");
  }
  if (calendar.access !== "owner" && calendar.access !== "write") throw new DavError("privileges");
  checkConditions(headers, object);
  const isNameTaken = resources.home.trash.some(
    (trashed) => trashed.calendarName === calendar.name && trashed.object.name === name,
  );
  if (isNameTaken && dialect.trashKeepsName) throw new DavError("trashed-name");
  const isSilent = headers["schedule-reply"] === "F";
  if (readableObject(object.data)) {
    store.state.sent.push(...scheduledDelete(dialect, resources.home, object.data, isSilent));
  }
  if (dialect.trash) store.trash(resources.home, calendar, object);
  store.remove(calendar, name, dialect.writes.shownAfterMs);
  return { status: 204 };
}

function checkedObject(
  { dialect, resources }: ReportTools,
  calendar: StoredCalendar,
  name: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): { readonly uid: string; readonly component: string; readonly hasOrganizer: boolean } {
  const { writes } = dialect;
  const type = headers["content-type"];
  if (type !== undefined && !/^text\/(calendar|plain)\b/i.test(type)) throw new DavError("media-type");
  if (Buffer.byteLength(body) > writes.maxBytes) throw new DavError("too-large");
  const { uid, component, calendar: content } = readCalendarObject(body);
  if (calendar.components.length > 0 && !calendar.components.includes(component)) throw new DavError("component");
  if (writes.needsEnd && lacksEnd(content)) throw new DavError("invalid-data");
  const withOrganizer = hasOrganizer(content);
  const searched = writes.uidScope === "home" ? [...resources.home.calendars.values()] : [calendar];
  for (const place of searched) {
    for (const other of place.objects.values()) {
      const isOther = place !== calendar || other.name !== name;
      const isTaken = isOther ? other.uid === uid : other.uid !== uid && writes.keepsUid;
      if (!isTaken) continue;
      const href = resources.href(resources.objectPath(place, other.name));
      throw new DavError(withOrganizer ? "uid-conflict-scheduling" : "uid-conflict", href);
    }
  }
  const lies = resources.home.trash.some(
    ({ calendarName, object }) => calendarName === calendar.name && object.uid === uid,
  );
  if (lies && dialect.trashKeepsUid) throw new DavError("trashed-uid");
  return { uid, component, hasOrganizer: withOrganizer };
}

function tagsOf({ etag, scheduleTag }: StoredObject, isToldEtag: boolean): Record<string, string> {
  return { ...(isToldEtag && { etag }), ...(scheduleTag !== null && { "schedule-tag": scheduleTag }) };
}
