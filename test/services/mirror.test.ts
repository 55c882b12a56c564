import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Calendar } from "../../src/entities/calendar.ts";
import { EventLog } from "../../src/events/event-log.ts";
import type { Change, RemoteEvent, RemoteObject } from "../../src/providers/calendar/provider.ts";
import { createExpander, type Expander } from "../../src/recurrence/expand.ts";
import { type ChangeSource, Mirror } from "../../src/services/mirror.ts";
import { Occurrences } from "../../src/services/occurrences.ts";
import { aCalendar, aCause, anIntegration } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

let opened: OpenedDatabase;
let expander: Expander;
let now = new Date("2026-11-01T10:00:00Z");
let mirror: Mirror;
let calendar: Calendar;

beforeAll(async () => {
  opened = await openTestDatabase();
  expander = createExpander();
});
afterAll(async () => {
  await expander.close();
  await opened.close();
});
beforeEach(async () => {
  now = new Date("2026-11-01T10:00:00Z");
  mirror = new Mirror(
    new EventLog(
      () => now,
      () => {},
    ),
    new Occurrences(expander, () => now),
    () => now,
  );
  const integration = anIntegration();
  calendar = aCalendar(integration);
  await opened.save(integration, calendar);
});
afterEach(() => opened.look("TRUNCATE calendar_event, calendar_occurrence, event, event_head"));

function at(time: string): Date {
  return new Date(`2026-11-01T${time}:00Z`);
}

function anObject(changes: Partial<RemoteEvent> = {}, etag = '"1"'): RemoteObject {
  const zoned = (local: string) => ({ kind: "zoned" as const, local, timeZone: "Europe/Berlin" });
  const event: RemoteEvent = {
    uid: "talk",
    recurrenceId: null,
    sequence: 0,
    title: "Talk",
    description: null,
    location: null,
    conferenceUrl: null,
    reminders: null,
    status: "CONFIRMED",
    transparency: "OPAQUE",
    classification: "PUBLIC",
    organizer: null,
    attendees: [],
    start: zoned("2026-12-01T10:00:00"),
    end: zoned("2026-12-01T11:00:00"),
    recurrence: [],
    ...changes,
  };
  return { externalId: "/talk.ics", etag, raw: `BEGIN ${etag}`, events: [event] };
}

const upserted = (object: RemoteObject): Change => ({ kind: "upserted", object });
const removed: Change = { kind: "removed", externalId: "/talk.ics" };
const reading = (beganAt: Date): ChangeSource => ({ kind: "READING", beganAt });
const write: ChangeSource = { kind: "WRITE", endedAt: at("10:00") };

async function apply(change: Change, source: ChangeSource) {
  const prepared = await mirror.prepare(calendar, [change]);
  return opened.database.inTenant(calendar.tenantId, (tx) => mirror.apply(tx, calendar, prepared, source, aCause()));
}

const titles = async () =>
  (await opened.look<{ title: string }>("SELECT title FROM calendar_event WHERE deleted_at IS NULL")).map(
    ({ title }) => title,
  );
const events = async () =>
  (await opened.look<{ type: string }>("SELECT type FROM event ORDER BY position")).map(({ type }) => type);

describe("the mirror", () => {
  it("announces what is new, what changed and what is gone, once each", async () => {
    await apply(upserted(anObject()), reading(now));
    await apply(upserted(anObject({ title: "Longer talk" }, '"2"')), reading(now));
    await apply(removed, reading(now));
    expect(await events()).toEqual(["calendar_event.created", "calendar_event.updated", "calendar_event.deleted"]);
  });

  it("changes nothing when the same comes again, even under another version", async () => {
    await apply(upserted(anObject()), reading(now));
    const counts = await apply(upserted(anObject({ sequence: 7 }, '"2"')), reading(now));
    expect(counts).toMatchObject({ created: 0, updated: 0, deleted: 0 });
    expect(await events()).toEqual(["calendar_event.created"]);
  });

  it("announces once what two readings of the same moment bring", async () => {
    const twice = (change: Change) => Promise.all([apply(change, reading(now)), apply(change, reading(now))]);
    await twice(upserted(anObject()));
    await twice(upserted(anObject({ title: "Longer talk" }, '"2"')));
    await twice(removed);
    expect(await events()).toEqual(["calendar_event.created", "calendar_event.updated", "calendar_event.deleted"]);
  });

  it("keeps the id over an update, and gives a new one to what comes back after a deletion", async () => {
    const ids = async () =>
      (await opened.look<{ id: string }>("SELECT id FROM calendar_event WHERE deleted_at IS NULL")).map(({ id }) => id);
    await apply(upserted(anObject()), reading(at("10:00")));
    const [first] = await ids();
    await apply(upserted(anObject({ title: "Other" }, '"2"')), reading(at("10:00")));
    expect(await ids()).toEqual([first]);
    await apply(removed, reading(at("10:00")));
    now = at("10:05");
    await apply(upserted(anObject({}, '"3"')), reading(at("10:05")));
    expect(await ids()).not.toEqual([first]);
    expect(await titles()).toEqual(["Talk"]);
  });

  it("gives a series its occurrences, and a changed occurrence its own place", async () => {
    const series = anObject({ recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
    const [master] = series.events as [RemoteEvent];
    const zoned = (local: string) => ({ kind: "zoned" as const, local, timeZone: "Europe/Berlin" });
    const moved: RemoteEvent = {
      ...master,
      title: "Talk, later",
      recurrence: [],
      recurrenceId: zoned("2026-12-02T10:00:00"),
      start: zoned("2026-12-02T15:00:00"),
      end: zoned("2026-12-02T16:00:00"),
    };
    await apply(upserted({ ...series, events: [master, moved] }), reading(now));
    const rows = await opened.look(
      `SELECT to_char(start_at, 'MM-DD HH24:MI') AS start, title FROM calendar_occurrence
       JOIN calendar_event ON calendar_event.id = detail_id ORDER BY start_at`,
    );
    expect(rows).toEqual([
      { start: "12-01 09:00", title: "Talk" },
      { start: "12-02 14:00", title: "Talk, later" },
      { start: "12-03 09:00", title: "Talk" },
    ]);
  });

  it("shows a series whose rule cannot be followed once, and says what is wrong", async () => {
    await apply(upserted(anObject({ recurrence: ["RRULE:FREQ=SECONDLY"] })), reading(now));
    expect(await opened.look("SELECT FROM calendar_occurrence")).toHaveLength(1);
    const [row] = await opened.look<{ code: string }>("SELECT problem->>'code' AS code FROM calendar_event");
    expect(row?.code).toBe("PROVIDER_REPLY_INVALID");
  });
});

describe("a reading that began before a write of ours", () => {
  it("does not bring the old version back, and has to be read again", async () => {
    await apply(upserted(anObject()), reading(at("09:00")));
    await apply(upserted(anObject({ title: "Ours" }, '"2"')), write);
    const counts = await apply(upserted(anObject()), reading(at("09:59")));
    expect(counts.leftOut).toEqual(["/talk.ics"]);
    expect(await titles()).toEqual(["Ours"]);
    expect(await events()).toEqual(["calendar_event.created", "calendar_event.updated"]);
  });

  it("does not bring back what we deleted", async () => {
    await apply(upserted(anObject()), reading(at("09:00")));
    await apply(removed, write);
    const counts = await apply(upserted(anObject()), reading(at("09:59")));
    expect(counts.leftOut).toEqual(["/talk.ics"]);
    expect(await titles()).toEqual([]);
  });

  it("does not delete what we created", async () => {
    await apply(upserted(anObject()), write);
    expect((await apply(removed, reading(at("09:59")))).leftOut).toEqual(["/talk.ics"]);
    expect(await titles()).toEqual(["Talk"]);
  });

  it("says nothing about a write that is still on its way", async () => {
    await apply(upserted(anObject()), reading(at("09:00")));
    await opened.look(`UPDATE calendar_event SET intent = '{"operation":"UPDATE"}', sync_state = 'PENDING'`);
    expect((await apply(upserted(anObject({ title: "Theirs" }, '"2"')), reading(at("10:01")))).leftOut).toEqual([
      "/talk.ics",
    ]);
    expect(await titles()).toEqual(["Talk"]);
  });

  it("is believed again when it began afterwards", async () => {
    await apply(upserted(anObject({ title: "Ours" })), write);
    const counts = await apply(upserted(anObject({ title: "Theirs" }, '"3"')), reading(at("10:01")));
    expect(counts).toMatchObject({ updated: 1, leftOut: [] });
    expect(await titles()).toEqual(["Theirs"]);
  });
});
