import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { faults, startFaultProxy } from "../../sandbox/real-servers/fault-proxy.ts";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import type { ServerProcess } from "../../sandbox/real-servers/server-process.ts";
import { startXandikos, xandikosIsInstalled } from "../../sandbox/real-servers/xandikos.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { type CalDavClient, caldavClient, ics, vevent } from "../support/caldav-client.ts";
import { EventFollower } from "../support/event-follower.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { thousandEvents } from "../support/thousand-events.ts";

const { alice: password } = radicalePasswords;

/** A week from today, at noon UTC: near enough to be stored, and the same for a whole test. */
const day = DateTime.utc().startOf("day").plus({ days: 7 });
const iso = (days: number, time: string) => `${day.plus({ days }).toISODate()}T${time}:00.000Z`;
const basic = (days: number, time: string) => `${day.plus({ days }).toFormat("yyyyMMdd")}T${time.replace(":", "")}00Z`;
const at = (days: number, time: string) => ({ dateTime: iso(days, time) });
const range = { from: day.minus({ days: 3 }).toISO(), to: day.plus({ days: 60 }).toISO() };
const unfolded = (text: string | null) => (text ?? "").replaceAll(/\r?\n[ \t]/g, "");
const single = (uid: string, title: string, ...more: string[]) =>
  ics(vevent(uid, `SUMMARY:${title}`, `DTSTART:${basic(0, "10:00")}`, `DTEND:${basic(0, "11:00")}`, ...more));
/** Five days in a row, at ten. */
const series = (uid: string, title: string, ...more: string[]) =>
  single(uid, title, "RRULE:FREQ=DAILY;COUNT=5", ...more);

describe.skipIf(!radicaleIsInstalled)("a calendar account at a real CalDAV server", () => {
  let radicale: ServerProcess;
  let app: TestApp;
  let other: CalDavClient;

  beforeAll(async () => {
    [radicale, app] = await Promise.all([startRadicale(), startTestApp()]);
    other = caldavClient(radicale.url, "alice", password);
  });
  afterAll(async () => {
    await app.stop();
    await radicale.stop();
  });

  const account = (serverUrl = radicale.url) => ({ serverUrl, username: "alice", password });

  /** Somebody of a tenant of their own, with one calendar connected; the objects are in it before that. */
  async function begin(objects: Record<string, string> = {}, { of = app, serverUrl = radicale.url } = {}) {
    const path = await other.createCalendar();
    for (const [name, text] of Object.entries(objects)) await other.put(`${path}${name}`, text);
    const journey = new Journey(await of.as());
    const integration = await journey.connected(account(serverUrl), { calendarIds: [new URL(path, serverUrl).href] });
    const calendarId: string = integration.calendars.find(({ selected }: { selected: boolean }) => selected).id;
    const events = () => journey.events({ ...range, calendarIds: [calendarId] });
    const titles = async () => (await events()).map(({ title }) => title);
    const only = async () => {
      const [event, ...more] = await events();
      expect(more).toEqual([]);
      return event;
    };
    return { journey, integration, id: integration.id as string, calendarId, path, events, titles, only };
  }

  /** The one object in a calendar, as the server has it. */
  async function onlyObject(path: string): Promise<string> {
    const names = await other.list(path);
    expect(names).toHaveLength(1);
    return unfolded(await other.get(`${path}${names[0]}`));
  }

  describe("reading", () => {
    it("brings a thousand events of every kind exactly, page by page and in order", { timeout: 60_000 }, async () => {
      const path = await other.createCalendar();
      const calendar = thousandEvents(DateTime.utc().startOf("month").plus({ months: 1 }));
      await other.put(path, calendar.ics);
      const journey = new Journey(await app.as());

      const integration = await journey.connected(account(), { calendarIds: [new URL(path, radicale.url).href] });
      const [run] = await journey.runs(integration.id);
      const events = await journey.events({ from: calendar.from, to: calendar.to });

      expect(calendar.objects).toBe(1000);
      expect(run).toMatchObject({ state: "SUCCEEDED", trigger: "CONNECT", created: calendar.rows, skippedTotal: 0 });
      const shown = events.map(({ title, start, end }) => `${title}, ${shownTime(start)}, ${shownTime(end)}`);
      expect(shown.toSorted()).toEqual(calendar.happens);
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      const starts = events.map(({ start }) => start.date ?? start.dateTime);
      expect(starts.map((text) => Date.parse(text))).toEqual(
        starts.map((text) => Date.parse(text)).toSorted((a, b) => a - b),
      );
      expect(events.map(({ kind }) => kind)).not.toContain("SERIES");

      const again = await journey.sync(integration.id, { full: true });
      expect(again).toMatchObject({ state: "SUCCEEDED", created: 0, updated: 0, deleted: 0 });
    });

    it("sees what another client created, changed and removed, once it is asked to", async () => {
      const { journey, id, path, titles } = await begin({
        "a.ics": single("a", "Stays"),
        "b.ics": single("b", "Goes"),
      });
      expect(await titles()).toEqual(expect.arrayContaining(["Stays", "Goes"]));

      await other.edit(`${path}a.ics`, "Stays", "Changed");
      await other.remove(`${path}b.ics`);
      await other.put(`${path}c.ics`, single("c", "Came"));
      const run = await journey.sync(id);

      expect(run).toMatchObject({ state: "SUCCEEDED", trigger: "MANUAL", created: 1, updated: 1, deleted: 1 });
      expect((await titles()).toSorted()).toEqual(["Came", "Changed"]);
      expect((await journey.log(["calendar_event.*"])).map(({ type, data }) => [type, data.title])).toEqual(
        expect.arrayContaining([
          ["calendar_event.created", "Came"],
          ["calendar_event.updated", "Changed"],
          ["calendar_event.deleted", "Goes"],
        ]),
      );
    });

    it("sees it by schedule too, as often as its owner wants", async () => {
      // By this clock half a minute is over after a second.
      const early = await startTestApp({ now: () => new Date(Date.now() - 29_000) });
      onTestFinished(() => early.stop());
      const { journey, id, path, only } = await begin({ "a.ics": single("a", "Before") }, { of: early });

      const { integration } = await journey.updateIntegration(id, { syncIntervalSeconds: 30 });
      const untilNextMs = Date.parse(integration.nextSyncAt) - (Date.now() - 29_000);
      expect(untilNextMs).toBeLessThanOrEqual(30_000);
      await other.edit(`${path}a.ics`, "Before", "After");

      await eventually("the change", only, ({ title }) => title === "After");
      const [scheduled] = (await journey.idle(id)).filter(({ updated }) => updated > 0);
      expect(scheduled).toMatchObject({ state: "SUCCEEDED", trigger: "SCHEDULE", updated: 1 });
    });

    it("pages through what overlaps the range and nothing else", async () => {
      const from = day.plus({ days: 10 });
      const to = day.plus({ days: 11 });
      const allDay = (uid: string, days: number, length: number) =>
        ics(
          vevent(
            uid,
            `SUMMARY:${uid}`,
            `DTSTART;VALUE=DATE:${day.plus({ days }).toFormat("yyyyMMdd")}`,
            `DTEND;VALUE=DATE:${day.plus({ days: days + length }).toFormat("yyyyMMdd")}`,
          ),
        );
      const timed = (uid: string, [start, end]: [string, string], ...more: string[]) =>
        ics(vevent(uid, `SUMMARY:${uid}`, `DTSTART:${start}`, `DTEND:${end}`, ...more));
      const { journey } = await begin({
        "1.ics": timed("ends as it begins", [basic(9, "23:00"), basic(10, "00:00")]),
        "2.ics": timed("lasts into it", [basic(9, "23:00"), basic(10, "00:01")]),
        "3.ics": timed("without length", [basic(10, "00:00"), basic(10, "00:00")]),
        "4.ics": timed("begins as it ends", [basic(11, "00:00"), basic(11, "01:00")]),
        "5.ics": timed("every hour", [basic(9, "12:00"), basic(9, "12:30")], "RRULE:FREQ=HOURLY;COUNT=48"),
        "6.ics": allDay("that day", 10, 1),
        "7.ics": allDay("the day before", 9, 1),
        "8.ics": allDay("around it for two months", -20, 60),
      });

      const filter = { from: from.toISO(), to: to.toISO() };
      const expected = [
        "around it for two months",
        "lasts into it",
        ...["that day", "without length", ...Array.from({ length: 24 }, () => "every hour")].toSorted(),
      ];
      for (const first of [1, 7, 200]) {
        const events = await journey.events(filter, first);
        expect(events.map(({ title }) => title).toSorted()).toEqual(expected.toSorted());
        const starts = events.map(({ start }) => Date.parse(start.date ?? start.dateTime));
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        expect(new Set(events.map(({ id }) => id)).size).toBe(expected.length);
      }
    });

    it("expands what lies beyond the stored window on request, in the same pages", async () => {
      const { journey } = await begin({
        "a.ics": single("a", "Every week", "RRULE:FREQ=WEEKLY"),
        "b.ics": single("b", "Every day for ever", "RRULE:FREQ=DAILY"),
      });
      const from = day.plus({ years: 5 });
      const filter = { from: from.toISO(), to: from.plus({ days: 28 }).toISO() };

      const events = await journey.events(filter, 5);

      expect(events.filter(({ title }) => title === "Every week")).toHaveLength(4);
      expect(events.filter(({ title }) => title === "Every day for ever")).toHaveLength(28);
      expect(new Set(events.map(({ id }) => id)).size).toBe(32);
      for (const event of [events[0], events.at(-1)]) expect(await journey.event(event.id)).toEqual(event);
    });

    it("finds series and occurrences by their ids, and nothing by the id of one that does not happen", async () => {
      const { journey, events } = await begin({ "a.ics": series("a", "Daily") });
      const happens = await events();
      const [first] = happens;
      const byIds = await Promise.all(happens.map(({ id }) => journey.event(id)));

      expect(byIds).toEqual(happens);
      expect(first).toMatchObject({ kind: "OCCURRENCE", recurrenceId: at(0, "10:00"), recurrence: [] });
      expect(await journey.event(first.series.id)).toMatchObject({
        kind: "SERIES",
        recurrenceId: null,
        series: null,
        recurrence: ["RRULE:FREQ=DAILY;COUNT=5"],
      });
      expect(await journey.event(`${first.series.id}_${basic(5, "10:00")}`)).toBeNull();
      expect(await journey.event(`${first.series.id}_${basic(1, "10:01")}`)).toBeNull();
    });

    it("follows the calendars that are wanted, and forgets the others without deleting anything there", async () => {
      const { journey, id, integration, path, calendarId, titles } = await begin({ "a.ics": single("a", "First") });
      const secondPath = await other.createCalendar();
      await other.put(`${secondPath}b.ics`, single("b", "Second"));
      await journey.sync(id);
      const { calendars } = await journey.integration(id);
      const second = calendars.find(({ externalId }: { externalId: string }) => externalId.endsWith(secondPath));
      expect(second).toMatchObject({ selected: false });

      await journey.updateIntegration(id, { calendarIds: [second.id], defaultCalendarId: second.id });
      await journey.idle(id);

      expect(await titles()).toEqual([]);
      const shown = await journey.events({ ...range, integrationIds: [id] });
      expect(shown.map(({ title, calendar }) => [title, calendar.id])).toEqual([["Second", second.id]]);
      expect(await other.list(path)).toEqual(["a.ics"]);
      expect((await journey.log(["calendar_event.deleted"])).length).toBe(0);
      expect((await journey.integration(id)).defaultCalendar).toEqual({ id: second.id });

      await journey.updateIntegration(id, { calendarIds: [calendarId, second.id] });
      await journey.idle(id);
      expect(
        (await journey.events({ ...range, integrationIds: [integration.id] })).map(({ title }) => title).toSorted(),
      ).toEqual(["First", "Second"]);
    });

    it("loses nothing that another client changes while a sync runs", async () => {
      const proxy = await startFaultProxy(radicale.url);
      onTestFinished(() => proxy.close());
      const { journey, id, path, only } = await begin({ "a.ics": single("a", "Plan") }, { serverUrl: proxy.url });
      const { id: eventId } = await only();

      // While the sync waits to hear what changed, we write, and another client writes after us.
      let meanwhile: Promise<unknown> = Promise.resolve();
      await other.edit(`${path}a.ics`, "END:VEVENT", "LOCATION:Room 1\r\nEND:VEVENT");
      const restore = proxy.failAlways(
        faults.on("sync-collection", async (_, forward) => {
          restore();
          meanwhile = journey.update(eventId, { description: "Bring the plan" });
          expect(await meanwhile).toMatchObject({ userErrors: [] });
          await other.edit(`${path}a.ics`, "SUMMARY:Plan", "SUMMARY:New plan");
          return forward();
        }),
      );
      await journey.sync(id);
      await meanwhile;
      expect(await journey.sync(id)).toMatchObject({ updated: 1 });

      expect(await only()).toMatchObject({ title: "New plan", location: "Room 1", description: "Bring the plan" });
    });
  });

  describe("writing", () => {
    it("creates, moves and deletes what another client then reads, and the stream tells each step", async () => {
      const { journey, calendarId, path, only, events } = await begin();
      const known = await journey.log();
      const follower = new EventFollower(journey.caller, { after: known.at(-1).cursor });
      onTestFinished(() => follower.stop());

      const { calendarEvent: created, userErrors } = await journey.create(calendarId, {
        title: "Interview; first, round",
        description: "Line one\nLine two",
        location: "Room 7",
        start: at(1, "10:00"),
        end: at(1, "11:00"),
        attendees: [{ email: "Bob@Example.com", name: "Bob" }],
      });
      expect(userErrors).toEqual([]);
      expect(created).toMatchObject({ kind: "SINGLE", syncState: "SYNCED", version: 1, start: at(1, "10:00") });
      const first = await onlyObject(path);
      expect(first).toContain("SUMMARY:Interview\\; first\\, round");
      expect(first).toContain(`DTSTART:${basic(1, "10:00")}`);
      expect(first).toMatch(/ATTENDEE[^\r\n]*:mailto:bob@example\.com/i);
      expect(first).toContain(`UID:${created.uid}`);

      const moved = await journey.update(created.id, { start: at(2, "14:30"), end: at(2, "15:00") });
      expect(moved.calendarEvent).toMatchObject({
        id: created.id,
        uid: created.uid,
        version: 2,
        start: at(2, "14:30"),
      });
      const second = await onlyObject(path);
      expect(second).toContain(`DTSTART:${basic(2, "14:30")}`);
      expect(second).toContain(`UID:${created.uid}`);
      expect(await only()).toEqual(moved.calendarEvent);

      const deleted = await journey.delete(created.id, { expectedVersion: 2 });
      expect(deleted).toMatchObject({ calendarEvent: { id: created.id }, userErrors: [] });
      expect(await other.list(path)).toEqual([]);
      expect(await events()).toEqual([]);
      expect(await journey.event(created.id)).toBeNull();

      await follower.until("the three steps", (came) => came.length >= 3);
      expect(follower.events.map(({ type, subjectId, data }) => [type, subjectId, data.version])).toEqual([
        ["calendar_event.created", created.id, 1],
        ["calendar_event.updated", created.id, 2],
        ["calendar_event.deleted", created.id, expect.any(Number)],
      ]);
    });

    it("is told in order from the connection on", async () => {
      const path = await other.createCalendar();
      await other.put(`${path}a.ics`, single("a", "There already"));
      const journey = new Journey(await app.as());
      // An account connected before gives the stream a place to begin at.
      const bob = { serverUrl: radicale.url, username: "bob", password: radicalePasswords.bob };
      await journey.connected(bob);
      const [{ cursor }] = (await journey.log()).slice(-1);
      const follower = new EventFollower(journey.caller, { after: cursor });
      onTestFinished(() => follower.stop());

      const { integration } = await journey.connect(account(), { calendarIds: [new URL(path, radicale.url).href] });

      await follower.untilType("sync.finished");
      const types = follower.types.filter((type) => type !== "calendar.added");
      expect(types).toEqual(["integration.connected", "sync.started", "calendar_event.created", "sync.finished"]);
      expect(follower.events[0]).toMatchObject({
        subjectId: integration.id,
        data: { status: "ACTIVE", provider: "CALDAV" },
      });
      const logged = await journey.log();
      expect(logged.slice(-follower.events.length).map(({ id }) => id)).toEqual(follower.events.map(({ id }) => id));
    });

    it("does not take its own writes for changes of somebody else", async () => {
      const { journey, id, calendarId } = await begin();
      await journey.create(calendarId, { title: "Ours", start: at(0, "08:00"), end: at(0, "09:00") });

      expect(await journey.sync(id)).toMatchObject({ state: "SUCCEEDED", created: 0, updated: 0, deleted: 0 });
      expect(await journey.sync(id, { full: true })).toMatchObject({ created: 0, updated: 0, deleted: 0 });
    });

    it("takes every form of a time, and gives it back", async () => {
      const { journey, calendarId, events, path } = await begin();
      const date = day.toISODate();
      const make = (title: string, start: object, end: object) => journey.create(calendarId, { title, start, end });
      await make("all day", { date }, { date: day.plus({ days: 2 }).toISODate() });
      await make(
        "in a zone",
        { localDateTime: `${date}T09:30:00`, timeZone: "America/New_York" },
        { localDateTime: `${date}T10:30:00`, timeZone: "America/New_York" },
      );
      await make("an instant", { dateTime: `${date}T12:00:00+02:00` }, { dateTime: `${date}T13:00:00+02:00` });

      const shown = await events();
      const byTitle = (title: string) => shown.find((event) => event.title === title);
      expect(byTitle("all day")).toMatchObject({ start: { date, dateTime: null, floating: false } });
      expect(byTitle("in a zone")).toMatchObject({
        start: { localDateTime: `${date}T09:30:00`, timeZone: "America/New_York" },
      });
      expect(byTitle("an instant")).toMatchObject({ start: { dateTime: `${date}T10:00:00.000Z` } });
      const raws = await Promise.all((await other.list(path)).map((name) => other.get(`${path}${name}`)));
      expect(raws.some((raw) => raw?.includes(`DTSTART;VALUE=DATE:${day.toFormat("yyyyMMdd")}`))).toBe(true);
    });

    it("keeps what it has no word for: other properties and alarms survive an update", async () => {
      const alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Soon", "TRIGGER:-PT15M", "END:VALARM"];
      const { journey, path, only } = await begin({
        "a.ics": single("a", "Decorated", "X-SOMEBODY-ELSES;X-PARAM=kept:value", "CATEGORIES:Red,Blue", ...alarm),
      });

      const { id } = await only();
      expect((await journey.update(id, { title: "Still decorated", start: at(3, "10:00") })).userErrors).toEqual([]);

      const raw = await onlyObject(path);
      for (const line of ["SUMMARY:Still decorated", "CATEGORIES:Red,Blue", ...alarm]) expect(raw).toContain(line);
      expect(raw).toMatch(/X-SOMEBODY-ELSES;X-PARAM="?kept"?:value/);
      expect(raw).toContain(`DTEND:${basic(3, "11:00")}`);
    });

    it("takes text that a database or a calendar could choke on", async () => {
      const { journey, calendarId, path } = await begin();
      const title = 'Ünïcode 日本 🎉 "quoted" \\ back; comma, BEGIN:VEVENT';

      const { calendarEvent, userErrors } = await journey.create(calendarId, {
        title,
        start: at(0, "08:00"),
        end: at(0, "09:00"),
        description: "a\r\nEND:VEVENT\r\nb",
      });
      expect(userErrors).toEqual([]);
      expect(calendarEvent).toMatchObject({ title, syncState: "SYNCED" });
      expect((await onlyObject(path)).match(/^BEGIN:VEVENT/gm)).toHaveLength(1);

      const changed = await journey.update(calendarEvent.id, {
        title: "nul \0 inside",
        location: "half \ud800 a character",
      });
      expect(changed).toMatchObject({
        userErrors: [],
        calendarEvent: { title: "nul  inside", location: "half \ufffd a character" },
      });
    });

    it("changes one occurrence, or all of them, or this and the following", async () => {
      const { journey, events, path } = await begin({ "a.ics": series("a", "Daily") });
      const [, second, third, fourth] = await events();

      const one = await journey.update(second.id, {
        title: "Special",
        start: at(1, "12:00"),
        end: at(1, "13:00"),
        span: "THIS",
      });
      expect(one).toMatchObject({
        userErrors: [],
        calendarEvent: { id: second.id, title: "Special", recurrenceId: at(1, "10:00") },
      });
      expect((await events()).map(({ title }) => title)).toEqual(["Daily", "Special", "Daily", "Daily", "Daily"]);

      const all = await journey.update(third.id, { location: "Room 1", span: "ALL" });
      expect(all.userErrors).toEqual([]);
      expect((await events()).map(({ location }) => location)).toEqual([
        "Room 1",
        "Room 1",
        "Room 1",
        "Room 1",
        "Room 1",
      ]);

      const rest = await journey.update(fourth.id, { title: "From now on", span: "THIS_AND_FOLLOWING" });
      expect(rest.userErrors).toEqual([]);
      expect(rest.calendarEvent).toMatchObject({ title: "From now on", start: at(3, "10:00") });
      const happens = await events();
      expect(happens.map(({ title, start }) => [title, start.dateTime])).toEqual([
        ["Daily", iso(0, "10:00")],
        ["Special", iso(1, "12:00")],
        ["Daily", iso(2, "10:00")],
        ["From now on", iso(3, "10:00")],
        ["From now on", iso(4, "10:00")],
      ]);
      expect(await other.list(path)).toHaveLength(2);
      expect(happens[3].id).toBe(rest.calendarEvent.id);

      const moved = await journey.update(happens[0].series.id, { start: at(0, "16:00"), end: at(0, "17:00") });
      expect(moved.userErrors).toEqual([]);
      expect((await events()).map(({ start }) => start.dateTime)).toEqual([
        iso(0, "16:00"),
        iso(1, "12:00"),
        iso(2, "16:00"),
        iso(3, "10:00"),
        iso(4, "10:00"),
      ]);
    });

    it("deletes one occurrence, this and the following, or all of them", async () => {
      const { journey, id, events, path } = await begin({ "a.ics": series("a", "Daily") });
      const [first, second, , fourth] = await events();
      const starts = async () => (await events()).map(({ start }) => start.dateTime);

      expect((await journey.delete(second.id)).userErrors).toEqual([]);
      expect(await starts()).toEqual([iso(0, "10:00"), iso(2, "10:00"), iso(3, "10:00"), iso(4, "10:00")]);
      expect(await journey.event(second.id)).toBeNull();
      expect((await journey.delete(fourth.id, { span: "THIS_AND_FOLLOWING" })).userErrors).toEqual([]);
      expect(await starts()).toEqual([iso(0, "10:00"), iso(2, "10:00")]);
      expect(await journey.sync(id, { full: true })).toMatchObject({ created: 0, updated: 0, deleted: 0 });
      expect((await journey.delete(first.id, { span: "ALL" })).userErrors).toEqual([]);
      expect(await starts()).toEqual([]);
      expect(await other.list(path)).toEqual([]);
    });

    it("merges with another client's change of another field", async () => {
      const { journey, path, only } = await begin({ "a.ics": single("a", "Plan") });
      const { id } = await only();
      await other.edit(`${path}a.ics`, "END:VEVENT", "LOCATION:Room 9\r\nEND:VEVENT");

      const { calendarEvent, userErrors } = await journey.update(id, { title: "New plan" });

      expect(userErrors).toEqual([]);
      expect(calendarEvent).toMatchObject({ title: "New plan", location: "Room 9", syncState: "SYNCED" });
      const raw = await onlyObject(path);
      expect(raw).toContain("SUMMARY:New plan");
      expect(raw).toContain("LOCATION:Room 9");
    });

    it("tells both versions when another client changed the same field", async () => {
      const { journey, path, only } = await begin({ "a.ics": single("a", "Plan") });
      const { id, version } = await only();
      await other.edit(`${path}a.ics`, "SUMMARY:Plan", "SUMMARY:Theirs");

      const refused = await journey.update(id, { title: "Ours", expectedVersion: version });

      expect(refused).toMatchObject({
        calendarEvent: null,
        current: { id, title: "Theirs", version: version + 1, syncState: "SYNCED" },
        attempted: { title: "Ours" },
        userErrors: [{ code: "CONFLICT", retryable: false, remedy: expect.any(String) }],
      });
      expect(await onlyObject(path)).toContain("SUMMARY:Theirs");
      const repeated = await journey.update(id, { title: "Ours", expectedVersion: version + 1 });
      expect(repeated).toMatchObject({ calendarEvent: { title: "Ours" }, userErrors: [] });
    });

    it("does not delete what another client changed meanwhile, and has deleted what is gone already", async () => {
      const { journey, path, events } = await begin({ "a.ics": single("a", "Changed"), "b.ics": single("b", "Gone") });
      const shown = await events();
      const [changed, gone] = ["Changed", "Gone"].map((title) => shown.find((event) => event.title === title));
      await other.edit(`${path}a.ics`, "SUMMARY:Changed", "SUMMARY:Changed since");
      await other.remove(`${path}b.ics`);

      expect(await journey.delete(changed.id)).toMatchObject({
        calendarEvent: null,
        current: { title: "Changed since" },
        userErrors: [{ code: "CONFLICT" }],
      });
      expect(await journey.delete(gone.id)).toMatchObject({ calendarEvent: { title: "Gone" }, userErrors: [] });
      expect(await journey.update(gone.id, { title: "Back?" })).toMatchObject({ userErrors: [{ code: "NOT_FOUND" }] });
      expect(await other.list(path)).toEqual(["a.ics"]);
    });

    it("is not done on another version than the one expected", async () => {
      const { journey, path, only } = await begin({ "a.ics": single("a", "Plan") });
      const { id, version } = await only();

      const refused = await journey.update(id, { title: "Ours", expectedVersion: version + 1 });

      expect(refused).toMatchObject({
        calendarEvent: null,
        current: { title: "Plan", version },
        attempted: { title: "Ours" },
        userErrors: [{ code: "CONFLICT" }],
      });
      expect(await onlyObject(path)).toContain("SUMMARY:Plan");
    });

    it("lets one of two callers through who base their change on the same version", async () => {
      const { journey, path, only } = await begin({ "a.ics": single("a", "Plan") });
      const { id, version } = await only();

      const answers = await Promise.all(
        ["One", "Two", "Three"].map((title) => journey.update(id, { title, expectedVersion: version })),
      );

      const written = answers.filter(({ userErrors }) => userErrors.length === 0);
      expect(written).toHaveLength(1);
      expect(answers.flatMap(({ userErrors }) => userErrors).map(({ code }) => code)).toEqual(["CONFLICT", "CONFLICT"]);
      expect(await onlyObject(path)).toContain(`SUMMARY:${written[0].calendarEvent.title}`);
      expect(await only()).toMatchObject({
        title: written[0].calendarEvent.title,
        version: version + 1,
        syncState: "SYNCED",
      });
    });

    it("is done once for one idempotency key", async () => {
      const { journey, calendarId, path } = await begin();
      const event = { title: "Once", start: at(0, "08:00"), end: at(0, "09:00"), idempotencyKey: "one" };

      const [first, second] = [await journey.create(calendarId, event), await journey.create(calendarId, event)];

      expect(second.calendarEvent).toEqual(first.calendarEvent);
      expect(await other.list(path)).toHaveLength(1);
      expect(await journey.create(calendarId, { ...event, title: "Twice" })).toMatchObject({
        calendarEvent: null,
        userErrors: [{ code: "IDEMPOTENCY_KEY_REUSED", field: ["input", "idempotencyKey"] }],
      });
    });

    it("is refused by what the input says, with the field", async () => {
      const { journey, calendarId, events } = await begin({ "a.ics": series("a", "Daily") });
      const noon = at(0, "12:00");
      const good = { title: "x", start: noon, end: at(0, "13:00") };
      const refusals: [Record<string, unknown>, string[]][] = [
        [{ ...good, end: { localDateTime: "2027-02-30T10:00:00", timeZone: "Europe/Berlin" } }, ["input", "end"]],
        [{ ...good, recurrence: ["RRULE:FREQ=DAILY\r\nATTENDEE:mailto:eve@example.com"] }, ["input", "recurrence"]],
        [{ ...good, end: at(0, "11:00") }, ["input", "end"]],
        [{ ...good, start: {} }, ["input", "start"]],
        [{ ...good, start: { ...noon, date: day.toISODate() } }, ["input", "start"]],
        [{ ...good, end: { date: day.toISODate() } }, ["input", "end"]],
        [{ ...good, title: "x".repeat(1001) }, ["input", "title"]],
        [{ ...good, attendees: [{ email: "nobody" }] }, ["input", "attendees", "0", "email"]],
        [{ ...good, recurrence: ["RRULE:FREQ=SOMETIMES"] }, ["input", "recurrence"]],
        [{ ...good, start: { localDateTime: "2027-01-01T25:00:00", timeZone: "Europe/Berlin" } }, ["input", "start"]],
      ];
      for (const [input, field] of refusals) {
        const { calendarEvent, userErrors } = await journey.create(calendarId, input);
        expect({ input, calendarEvent, userErrors }).toMatchObject({
          calendarEvent: null,
          userErrors: [{ code: "INVALID_INPUT", field }],
        });
      }
      const [occurrence] = await events();
      for (const change of [{}, { span: "THIS", recurrence: ["RRULE:FREQ=DAILY"] }, { span: "ALL", start: noon }]) {
        expect(await journey.update(occurrence.id, change)).toMatchObject({ userErrors: [{ code: "INVALID_INPUT" }] });
      }
      expect(await journey.update(occurrence.series.id, { title: "x", span: "THIS" })).toMatchObject({
        userErrors: [{ code: "INVALID_INPUT", field: ["input", "span"] }],
      });
    });

    it("is refused in a calendar that is read-only", async () => {
      const proxy = await startFaultProxy(radicale.url);
      onTestFinished(() => proxy.close());
      proxy.failAlways(
        faults.on(
          "current-user-privilege-set",
          faults.rewriting((body) =>
            body.replaceAll(
              /<(\w+:)?current-user-privilege-set>.*?<\/\1current-user-privilege-set>/gs,
              "<current-user-privilege-set><privilege><read/></privilege></current-user-privilege-set>",
            ),
          ),
        ),
      );
      const { journey, calendarId, only, path } = await begin(
        { "a.ics": single("a", "Read only") },
        { serverUrl: proxy.url },
      );
      const { id } = await only();
      const refused = { userErrors: [{ code: "FORBIDDEN", remedy: expect.any(String) }] };

      expect(
        await journey.create(calendarId, { title: "x", start: at(0, "08:00"), end: at(0, "09:00") }),
      ).toMatchObject(refused);
      expect(await journey.update(id, { title: "x" })).toMatchObject(refused);
      expect(await journey.delete(id)).toMatchObject(refused);
      expect(await other.list(path)).toEqual(["a.ics"]);
    });

    it("answers an invitation in the owner's name, where the server says who that is", async () => {
      const proxy = await startFaultProxy(radicale.url);
      onTestFinished(() => proxy.close());
      proxy.failAlways(
        faults.on(
          "calendar-user-address-set",
          faults.rewriting((body) =>
            body.replace(
              /(<(?:\w+:)?calendar-user-address-set>)/,
              `$1<href xmlns="DAV:">mailto:alice@example.com</href>`,
            ),
          ),
        ),
      );
      const invitation = [
        "ORGANIZER:mailto:boss@example.com",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:alice@example.com",
      ];
      const { journey, only, path } = await begin(
        { "a.ics": single("a", "Invited", ...invitation) },
        { serverUrl: proxy.url },
      );
      const { id } = await only();

      const { calendarEvent, userErrors } = await journey.respond(id, "ACCEPTED");

      expect(userErrors).toEqual([]);
      expect(calendarEvent.attendees).toEqual([{ email: "alice@example.com", response: "ACCEPTED" }]);
      expect(await onlyObject(path)).toMatch(/ATTENDEE[^\r\n]*PARTSTAT=ACCEPTED/);

      const plain = await begin({ "a.ics": single("a", "Invited", ...invitation) });
      const refused = await plain.journey.respond((await plain.only()).id, "ACCEPTED");
      expect(refused).toMatchObject({
        calendarEvent: null,
        userErrors: [{ code: "PREREQUISITE_MISSING", remedy: expect.any(String) }],
      });
      expect(await plain.only()).toMatchObject({ syncState: "SYNCED" });
    });

    it("stays PENDING when the server does not answer, and is finished by itself", { timeout: 40_000 }, async () => {
      const proxy = await startFaultProxy(radicale.url);
      onTestFinished(() => proxy.close());
      // By this clock what is to happen in some seconds is due.
      const early = await startTestApp({ now: () => new Date(Date.now() - 20_000) });
      onTestFinished(() => early.stop());
      const { journey, calendarId, path } = await begin({}, { serverUrl: proxy.url, of: early });

      // The event is stored, and the answer is lost.
      const restore = proxy.failAlways(
        faults.on("PUT", async (_, forward) => {
          await forward();
          return { status: 503, headers: {}, body: "" };
        }),
      );
      const { calendarEvent } = await journey.create(calendarId, {
        title: "Slow",
        start: at(0, "08:00"),
        end: at(0, "09:00"),
      });
      expect(calendarEvent).toMatchObject({ syncState: "PENDING", version: 0 });
      restore();

      const settled = await eventually(
        "the write",
        () => journey.event(calendarEvent.id),
        ({ syncState }) => syncState !== "PENDING",
      );
      expect(settled).toMatchObject({ id: calendarEvent.id, syncState: "SYNCED", version: 1 });
      expect(await other.list(path)).toHaveLength(1);
      expect((await journey.log(["calendar_event.*"])).map(({ type }) => type)).toEqual(["calendar_event.created"]);
    });
  });

  it("shows the same to GraphQL requests by alias, list and entity", async () => {
    const { journey, only } = await begin({ "a.ics": single("a", "Same") });
    const { id } = await only();
    const answer = await journey.caller.query(
      `query ($id: ID!, $any: [_Any!]!) { a: calendarEvent(id: $id) { title } _entities(representations: $any) { ... on CalendarEvent { title integration { calendars { selected } } } } }`,
      { id, any: [{ __typename: "CalendarEvent", id }] },
    );
    expect(dataOf(answer)).toMatchObject({ a: { title: "Same" }, _entities: [{ title: "Same" }] });
  });
});

describe.skipIf(!xandikosIsInstalled)("a calendar account at another real CalDAV server", () => {
  it("is connected, read, written and followed all the same", async () => {
    const [xandikos, app] = await Promise.all([startXandikos(), startTestApp()]);
    onTestFinished(async () => {
      await app.stop();
      await xandikos.stop();
    });
    const other = caldavClient(xandikos.url, "user", "any", "/user/calendars/");
    const path = "/user/calendars/calendar/";
    await other.put(`${path}a.ics`, series("a", "Daily"));
    const journey = new Journey(await app.as());
    const integration = await journey.connected({ serverUrl: xandikos.url, username: "user", password: "any" });
    const titles = async () => (await journey.events(range)).map(({ title }) => title);
    expect(await titles()).toEqual(["Daily", "Daily", "Daily", "Daily", "Daily"]);

    const { calendarEvent } = await journey.create(integration.defaultCalendar.id, {
      title: "Ours",
      start: at(9, "08:00"),
      end: at(9, "09:00"),
    });
    expect(calendarEvent).toMatchObject({ syncState: "SYNCED" });
    await other.edit(`${path}a.ics`, "COUNT=5", "COUNT=2");
    expect(await journey.sync(integration.id)).toMatchObject({ state: "SUCCEEDED", created: 0, updated: 1 });
    expect(await titles()).toEqual(["Daily", "Daily", "Ours"]);
    expect((await journey.delete(calendarEvent.id)).userErrors).toEqual([]);
    expect(await other.list(path)).toEqual(["a.ics"]);
  });
});

function shownTime({
  date,
  floating,
  localDateTime,
  dateTime,
}: Record<string, string | null>): string | null | undefined {
  return date ?? (floating ? localDateTime : dateTime);
}
