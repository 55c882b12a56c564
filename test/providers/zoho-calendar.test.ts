import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultSwitches, type ZohoSwitches } from "../../sandbox/zoho-calendar/switches.ts";
import type { CalendarAccount, EventDraft, RemoteObject } from "../../src/providers/calendar/provider.ts";
import { zohoCalendar } from "../../src/providers/calendar/zoho-calendar.ts";
import type { EventTime } from "../../src/recurrence/event-time.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { describeUnderFaults } from "../contract/under-faults.ts";
import { loopbackFetchFor } from "../support/account.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";
import { createZohoVendor, type ZohoVendor } from "../support/zoho-vendor.ts";

describeCalendarProvider(zohoCalendar, createZohoVendor);
describeUnderFaults(zohoCalendar, createZohoVendor);

let vendor: ZohoVendor;
let account: CalendarAccount;
beforeAll(async () => {
  vendor = await createZohoVendor();
  account = (await vendor.connect()).account;
});
beforeEach(() => void Object.assign(vendor.twin.switches, defaultSwitches(), { latencyMs: 0 }));
afterAll(() => vendor.stop());

const weekly = ["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20261208T100000"];
const third = berlin("2026-12-15T10:00:00");
const day = (date: string): EventTime => ({ kind: "date", date });
const days = (from: string, to: string) => ({ start: day(from), end: day(to) });

/** An empty calendar, and what one does in it. */
async function inNewCalendar(switches: Partial<ZohoSwitches> = {}) {
  Object.assign(vendor.twin.switches, switches);
  const calendar = await vendor.createCalendar();
  const mirror = new CalendarMirror(zohoCalendar, account, calendar);
  const update = zohoCalendar.updateEvent.bind(null, account, calendar);
  return {
    calendar,
    mirror,
    update,
    create: (changes: Partial<EventDraft> = {}) => zohoCalendar.createEvent(account, calendar, aDraft(changes)),
    remove: zohoCalendar.deleteEvent.bind(null, account, calendar),
    read: ({ externalId }: RemoteObject) => zohoCalendar.readObject(account, calendar, externalId),
    /** The entries of what a write made, as Zoho shows them. */
    shown: ({ externalId }: RemoteObject) => vendor.twin.event(vendor.email, externalId) ?? [],
  };
}

function there(object: RemoteObject | null | undefined): RemoteObject {
  if (!object) throw new Error("Nothing is left");
  return object;
}

/** The requests of a kind that Zoho got while something was done. */
async function requestsOf(method: string, work: () => Promise<unknown>) {
  const { requests } = vendor.sandbox;
  // Only the latest are kept.
  const last = requests.at(-1);
  await work();
  const since = last ? requests.indexOf(last) + 1 : 0;
  return requests.slice(since).filter((request) => request.method === method);
}

describe("what Zoho's pages do not say, and is found out", () => {
  const readings: readonly (readonly [string, Partial<ZohoSwitches>])[] = [
    ["as the stand-in has it by itself", {}],
    ["with the last day as the end of whole days", { allDayEnd: "inclusive" }],
    ["with times on the clocks of the event's zone", { timeShape: "floating" }],
    ["with times in UTC", { timeShape: "utc" }],
    ["with days that end in Z", { dayShape: "20261201Z" }],
    ["with days as names of occurrences", { dayRecurrenceId: "20261201" }],
    [
      "with deleted occurrences in listings, and in front",
      { listsDeletedOccurrences: true, deletedOccurrencesFirst: true },
    ],
    ["with something left of what is deleted", { deletedEvent: "estatus" }],
    ["with exceptions that stay when a series moves", { planChangeDropsExceptions: false }],
    ["with a message instead of an empty list", { emptyList: "message" }],
    ["with errors in a list", { errorShape: "list", staleEtag: { status: 400, code: "INVALID_DATA" } }],
    ["with errors in an object", { errorShape: "object", staleEtag: { status: 409, code: "CONFLICT" } }],
    ["with 404 for what it does not know", { strayStatus: 404 }],
    ["without a form", { takesFormBody: false }],
    ["with short addresses", { maxUrlLength: 600 }],
  ];
  it.each(readings)("%s, what is written is read back as it was meant", async (_, switches) => {
    const { create, update, remove, read, mirror } = await inNewCalendar(switches);
    const before = await create({ recurrence: weekly });
    const changed = await update(targetOf(before, third, "THIS"), { title: "With Bo" });
    const start = berlin("2026-12-02T11:30:00");
    const { object: series } = await update(targetOf(there(changed.object)), { start });
    expect(series?.events).toMatchObject([
      {
        start,
        end: berlin("2026-12-02T12:15:00"),
        recurrence: [weekly[0], "EXDATE;TZID=Europe/Berlin:20261209T113000"],
      },
      { title: "With Bo", start: berlin("2026-12-16T11:30:00"), recurrenceId: berlin("2026-12-16T11:30:00") },
    ]);

    const trip = await create({ title: "Trip", ...days("2026-12-24", "2026-12-27") });
    expect(trip.events[0]).toMatchObject(days("2026-12-24", "2026-12-27"));
    const longer = await update(targetOf(trip), { end: day("2026-12-29") });
    expect(longer.object?.events[0]).toMatchObject(days("2026-12-24", "2026-12-29"));

    const duty = await create({
      title: "Duty",
      ...days("2026-12-01", "2026-12-02"),
      recurrence: ["RRULE:FREQ=DAILY;COUNT=3"],
    });
    const without = await remove(targetOf(duty, day("2026-12-02"), "THIS"));
    expect(without.object?.events[0]?.recurrence).toEqual(["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261202"]);
    const other = await update(targetOf(there(without.object), day("2026-12-03"), "THIS"), { title: "Mine" });
    expect(other.object?.events[1]).toMatchObject({ title: "Mine", ...days("2026-12-03", "2026-12-04") });

    const single = await create({ title: "Single" });
    const patched = await update(targetOf(single), { title: "Twice" });
    await expect(update(targetOf(single), { title: "Late" })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(remove(targetOf(single))).rejects.toMatchObject({ code: "CONFLICT" });
    await mirror.read();
    expect(mirror.titles()).toEqual(["Duty", "Interview", "Mine", "Trip", "Twice", "With Bo"]);
    for (const known of mirror.objects.values()) expect(await read(known)).toEqual(known);
    expect((await mirror.read()).changes).toEqual([]);

    await remove(targetOf(there(patched.object)));
    expect(await read(single)).toBeNull();
    const { changes } = await mirror.read();
    expect(changes).toEqual([{ kind: "removed", externalId: single.externalId }]);
  });
});

describe("reading a calendar", () => {
  const rangesIn = (requests: readonly { readonly query: string }[]) =>
    requests.flatMap(({ query }) => {
      const range = new URLSearchParams(query).get("range");
      return range === null ? [] : [JSON.parse(range) as { start: string; end: string }];
    });
  const instant = (text: string) => Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));

  it("asks for all of the window, in ranges of at most 31 days that touch", async () => {
    const { mirror } = await inNewCalendar();
    const ranges = rangesIn(await requestsOf("GET", () => mirror.read()));
    expect(ranges[0]?.start).toBe("20260101T000000Z");
    expect(ranges.at(-1)?.end).toBe("20280101T000000Z");
    for (const [index, { start, end }] of ranges.entries()) {
      expect(start).toBe(ranges[index - 1]?.end ?? start);
      expect(instant(end) - instant(start)).toBeLessThan(31 * 24 * 60 * 60 * 1000);
    }
  });

  it("asks four at a time, which is less than Zoho bears", async () => {
    const { mirror } = await inNewCalendar({ parallelRequests: 4, latencyMs: 20 });
    const requests = await requestsOf("GET", () => mirror.read());
    expect(requests.every(({ status }) => status === 200)).toBe(true);
  });

  it("asks again for a range whose answer got lost, and for none when nothing is answered", async () => {
    const { mirror, create } = await inNewCalendar();
    await create();
    vendor.twin.fail("hung-up", { after: 6, times: 1 });
    await mirror.read();
    expect(mirror.titles()).toEqual(["Interview"]);
    const recover = vendor.twin.fail("down");
    const requests = await requestsOf("GET", () => mirror.read().catch(() => {}));
    recover();
    expect(requests).toHaveLength(1);
  });

  it("keeps what was moved out of the window, since it is asked for by name", async () => {
    const { mirror, create } = await inNewCalendar();
    const { externalId } = await create();
    await mirror.read();
    const dateandtime = { start: "20310301T090000Z", end: "20310301T100000Z", timezone: "Europe/Berlin" };
    vendor.twin.patchEvent(vendor.email, externalId, { dateandtime });
    expect((await mirror.read()).changes).toMatchObject([
      { kind: "upserted", object: { externalId, events: [{ start: berlin("2031-03-01T10:00:00") }] } },
    ]);
  });

  it("reads a series whole when one of its occurrences changed", async () => {
    const { mirror, create } = await inNewCalendar();
    const { externalId } = await create({ recurrence: weekly });
    await mirror.read();
    const only = { recurrenceid: "20261229T090000Z", recurrence_edittype: "only" };
    vendor.twin.patchEvent(vendor.email, externalId, { ...only, title: "Last" });
    vendor.twin.deleteEvent(vendor.email, externalId, { ...only, recurrenceid: "20261222T090000Z" });
    const { changes } = await mirror.read();
    expect(changes).toMatchObject([
      {
        object: {
          externalId,
          events: [{ recurrence: [...weekly, "EXDATE;TZID=Europe/Berlin:20261222T100000"] }, { title: "Last" }],
        },
      },
    ]);
  });

  it("does not know again what was moved to another calendar: it is gone here, and new there", async () => {
    const [here, elsewhere] = [await inNewCalendar(), await inNewCalendar()];
    const { externalId } = await here.create();
    await here.mirror.read();
    vendor.twin.people.moveEvent(vendor.email, externalId, elsewhere.calendar);
    expect((await here.mirror.read()).changes).toEqual([{ kind: "removed", externalId }]);
    expect((await elsewhere.mirror.read()).changes).toMatchObject([{ kind: "upserted", object: { externalId } }]);
  });

  it("lets the rest arrive when one event cannot be read, by its uid where it has one", async () => {
    const good = {
      uid: "good",
      etag: 1,
      title: "Good",
      description: "",
      dateandtime: { start: "20261201", end: "20261201" },
      isallday: true,
    };
    const bad = { ...good, uid: "bad", dateandtime: { start: "soon", end: "later" } };
    const place = await aServer(() => ({ events: [bad, { title: "nobody's" }, good] }));
    const mirror = new CalendarMirror(zohoCalendar, place, "any", {
      from: new Date("2026-12-01"),
      to: new Date("2026-12-02"),
    });
    const { changes } = await mirror.read();
    expect(changes.map(({ kind }) => kind).toSorted()).toEqual(["unreadable", "unreadable", "upserted"]);
    expect(changes).toContainEqual(expect.objectContaining({ kind: "unreadable", externalId: "bad" }));
  });

  it.each([
    { body: { response: "error", cause: "INTERNAL", localized_message: "Too many requests" }, code: "RATE_LIMITED" },
    { body: { error: [{ code: "INVALID_OAUTHTOKEN", message: "Invalid" }] }, code: "PROVIDER_UNAVAILABLE" },
    { body: { error: { code: "OPERATION_NOT_PERMITTED" } }, code: "PROVIDER_REFUSED" },
    { body: [{ code: "RESOURCE_NOT_FOUND", message: "Gone" }], code: "NOT_FOUND" },
    { body: { hello: "world" }, code: "PROVIDER_REPLY_INVALID" },
  ])("takes $code that comes with HTTP 200 for what it is, and not for an empty calendar", async ({ body, code }) => {
    const mirror = new CalendarMirror(zohoCalendar, await aServer(() => body), "any");
    await expect(mirror.read()).rejects.toMatchObject({ code });
  });

  it.each([
    ["20261201T100000+0100", "20261201T104500+01:00"],
    ["20261201T090000Z", "20261201T094500Z"],
    ["20261201T100000", "20261201T104500"],
  ])("reads times as %s", async (start, end) => {
    const event = { uid: "one", etag: "1", description: "", dateandtime: { start, end, timezone: "Europe/Berlin" } };
    const place = await aServer(() => ({ events: [event] }));
    const object = await zohoCalendar.readObject(place, "any", "one");
    expect(object?.events[0]).toMatchObject({
      start: berlin("2026-12-01T10:00:00"),
      end: berlin("2026-12-01T10:45:00"),
    });
  });

  it("reads a rule in parts, and its end on the clocks of the series, as RFC 5545 has it", async () => {
    const repeat = [{ freq: "weekly", interval: "1", byday: "MO,TU", until: "20261231T100000" }];
    const dateandtime = { start: "20261201T100000", end: "20261201T104500", timezone: "Europe/Berlin" };
    const place = await aServer(() => ({ events: [{ uid: "one", etag: 1, dateandtime, repeat }] }));
    const object = await zohoCalendar.readObject(place, "any", "one");
    expect(object?.events[0]?.recurrence).toEqual(["RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU;UNTIL=20261231T090000Z"]);
  });

  it("reads occurrences that the account was invited to without their series", async () => {
    const at = (hour: string) => ({
      start: `20261201T${hour}0000Z`,
      end: `20261201T${hour}3000Z`,
      timezone: "Europe/Berlin",
    });
    const alone = [
      { uid: "one", etag: 1, recurrenceid: "20261201T090000Z", title: "First", dateandtime: at("09") },
      { uid: "one", etag: 1, recurrenceid: "20261202T090000Z", title: "Second", dateandtime: at("10") },
    ];
    const object = await zohoCalendar.readObject(await aServer(() => ({ events: alone })), "any", "one");
    expect(object?.events).toMatchObject([
      { title: "First", recurrenceId: berlin("2026-12-01T10:00:00"), recurrence: [] },
      { title: "Second", recurrenceId: berlin("2026-12-02T10:00:00") },
    ]);
  });
});

/** An account at a server that says what no stand-in would. */
async function aServer(answer: () => unknown): Promise<CalendarAccount> {
  const { origin } = await serveOnLoopback((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer())),
  );
  return anAccountAt(origin);
}

function anAccountAt(origin: string): CalendarAccount {
  const fetch = loopbackFetchFor(zohoCalendar)({ authorization: "Zoho-oauthtoken t", origins: [origin] });
  return { fetch, settings: {}, apiUrl: `${origin}/api/v1/` };
}

describe("writing an event", () => {
  const withBo = {
    attendees: [{ email: "bo@example.test", name: null, response: "NEEDS_ACTION", optional: false }],
  } as const;

  it("mails guests once, however many calls it takes", async () => {
    const { create, update } = await inNewCalendar();
    const mails = () => vendor.twin.mails.map(({ to, about }) => `${to} ${about}`);
    const before = mails().length;
    const series = await create({ ...withBo, recurrence: weekly });
    expect(mails().slice(before)).toEqual(["bo@example.test invited"]);
    const changed = await update(targetOf(series, third, "THIS"), { title: "With Bo" });
    await update(targetOf(there(changed.object)), { start: berlin("2026-12-02T11:30:00") });
    expect(mails().slice(before + 1)).toEqual(["bo@example.test updated", "bo@example.test updated"]);
  });

  it("keeps what guests may do and have answered, though others come", async () => {
    const { create, update, shown } = await inNewCalendar();
    const before = await create(withBo);
    const attendees = [{ email: "bo@example.test", status: "ACCEPTED", permission: 3, attendance: 0 }];
    vendor.twin.patchEvent(vendor.email, before.externalId, { attendees });
    const current = there(
      await zohoCalendar.readObject(account, String(shown(before)[0]?.["caluid"]), before.externalId),
    );
    const cy = { email: "cy@example.test", name: null, response: "NEEDS_ACTION", optional: true } as const;
    const known = current.events[0]?.attendees ?? [];
    const { object } = await update(targetOf(current), { attendees: [...known, cy] });
    expect(shown(before)[0]?.["attendees"]).toMatchObject([attendees[0], { email: cy.email, attendance: 2 }]);
    expect(object?.events[0]?.attendees).toMatchObject([{ response: "ACCEPTED", optional: false }, { optional: true }]);
  });

  it("keeps the kind of reminders that stay", async () => {
    const { create, update, read, shown } = await inNewCalendar();
    const before = await create();
    const reminders = [
      { action: "email", minutes: -30 },
      { action: "popup", minutes: -15 },
    ];
    vendor.twin.patchEvent(vendor.email, before.externalId, { reminders });
    await update(targetOf(there(await read(before))), { reminders: [30, 5] });
    expect(shown(before)[0]?.["reminders"]).toEqual([
      { action: "email", minutes: "-30" },
      { action: "popup", minutes: "-5" },
    ]);
  });

  it("keeps a meeting of Zoho's without a right over meetings", async () => {
    const { create, update, read, shown } = await inNewCalendar();
    const before = await create();
    vendor.twin.patchEvent(vendor.email, before.externalId, { conference: "zmeeting" });
    const current = there(await read(before));
    expect(current.events[0]?.conferenceUrl).toMatch(/^https:/);
    const { object } = await update(targetOf(current), { title: "Second interview" });
    expect(object?.events[0]).toMatchObject({
      title: "Second interview",
      conferenceUrl: current.events[0]?.conferenceUrl,
    });
    expect(shown(before)[0]).toMatchObject({ title: "Second interview", conference: "zmeeting" });
  });

  it("does not leave formatted text in the place of a description that changed", async () => {
    const { create, update, read, shown } = await inNewCalendar();
    const before = await create();
    vendor.twin.patchEvent(vendor.email, before.externalId, { richtext_description: "<b>Old</b>", description: "Old" });
    const { object } = await update(targetOf(there(await read(before))), { title: "Other" });
    expect(shown(before)[0]?.["richtext_description"]).toBe("<b>Old</b>");
    await update(targetOf(there(object)), { description: "New" });
    expect(shown(before)[0]).toMatchObject({ description: "New", richtext_description: "" });
  });

  it.each([
    { name: "floats", changes: { start: { kind: "floating", local: "2026-12-01T10:00:00" } }, field: "start" },
    { name: "is confidential", changes: { classification: "CONFIDENTIAL" }, field: "classification" },
    { name: "has two rules", changes: { recurrence: ["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"] }, field: "recurrence" },
    {
      name: "has dates of its own",
      changes: { recurrence: ["RRULE:FREQ=DAILY", "RDATE:20261205T090000Z"] },
      field: "recurrence",
    },
    { name: "recurs by the hour", changes: { recurrence: ["RRULE:FREQ=HOURLY;COUNT=3"] }, field: "recurrence" },
  ] as const)("says at once that an event which $name cannot be said to Zoho", async ({ changes, field }) => {
    const { create, calendar } = await inNewCalendar();
    const refused = { code: "UNSUPPORTED_CAPABILITY", field: [field], remedy: expect.any(String) };
    await expect(create(changes as Partial<EventDraft>)).rejects.toMatchObject(refused);
    expect(vendor.titles(calendar)).toEqual([]);
  });

  it("sends in a form what is too long for an address, and says so where Zoho takes none", async () => {
    const { create, update } = await inNewCalendar();
    const description = "x".repeat(9000);
    const before = await create({ description });
    expect(before.events[0]?.description).toBe(description);
    Object.assign(vendor.twin.switches, { takesFormBody: false });
    await expect(update(targetOf(before), { title: "Other" })).rejects.toMatchObject({
      code: "UNSUPPORTED_CAPABILITY",
      field: ["description"],
    });
  });

  it("says that too many calls were made, whichever status Zoho chooses", async () => {
    for (const tooManyStatus of [400, 429] as const) {
      const { create } = await inNewCalendar({ tooManyStatus, requestsPerMinute: 0 });
      await expect(create()).rejects.toMatchObject({
        code: "RATE_LIMITED",
        providerCode: "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED",
      });
    }
  });

  it("names the etag in a header and in the data when it deletes: Zoho's pages and other programs differ", async () => {
    const { origin, requests } = await serveOnLoopback((_, response) =>
      response
        .writeHead(200, { "content-type": "application/json" })
        .end('{"events":[{"uid":"one","estatus":"deleted"}]}'),
    );
    const single = {
      uid: "one",
      etag: 1796111999000,
      title: "One",
      dateandtime: { start: "20261201", end: "20261201" },
      isallday: true,
    };
    const raw = JSON.stringify({ event: single, changed: [], deleted: [], daysEnd: "exclusive" });
    const target = targetOf({ externalId: "one", etag: String(single.etag), raw, events: [] });
    await zohoCalendar.deleteEvent(anAccountAt(origin), "any", target);
    expect(requests[0]?.headers["etag"]).toBe("1796111999000");
    const eventdata = new URL(`${origin}${requests[0]?.url}`).searchParams.get("eventdata") ?? "";
    expect(JSON.parse(eventdata)).toMatchObject({ uid: "one", etag: 1796111999000 });
  });
});

describe("an invitation", () => {
  /** Ana's event in the calendar of Bo, who is invited. */
  async function invited() {
    const { create } = await inNewCalendar();
    const email = `${randomUUID().slice(0, 8)}@example.test`;
    vendor.twin.createAccount({ email });
    const guest = { email, name: null, response: "NEEDS_ACTION", optional: false } as const;
    const { externalId } = await create({ attendees: [guest] });
    const { account: bo, connected } = await vendor.connectAs(email);
    const calendar = connected.calendars.find(({ primary }) => primary)?.externalId ?? "";
    const read = async () => there(await zohoCalendar.readObject(bo, calendar, externalId));
    return { email, externalId, bo, calendar, read };
  }

  it("cannot be answered, nor changed, by the guest: the provider says so", async () => {
    const { bo, calendar, read } = await invited();
    expect(zohoCalendar.respond).toBeUndefined();
    const update = zohoCalendar.updateEvent(bo, calendar, targetOf(await read()), { title: "Mine" });
    await expect(update).rejects.toMatchObject({ code: "UNSUPPORTED_CAPABILITY", remedy: "Ask the organizer." });
  });

  it("that was answered in Zoho's own page is shown as answered", async () => {
    const { email, externalId, read } = await invited();
    vendor.twin.answer(email, externalId, "ACCEPTED");
    expect((await read()).events[0]).toMatchObject({
      organizer: { email: vendor.email },
      attendees: [{ email, response: "ACCEPTED" }],
    });
  });

  it("can be deleted from the guest's own calendar, and the organizer keeps the event", async () => {
    const { externalId, bo, calendar, read } = await invited();
    await zohoCalendar.deleteEvent(bo, calendar, targetOf(await read()));
    expect(await zohoCalendar.readObject(bo, calendar, externalId)).toBeNull();
    expect(vendor.twin.event(vendor.email, externalId)).not.toBeNull();
  });
});

describe("a private event in a calendar that somebody shares", () => {
  it("is read without its details, and not emptied by a change", async () => {
    const email = "cy@example.test";
    vendor.twin.createAccount({ email });
    const calendar = vendor.twin.createCalendar(email);
    vendor.twin.shareCalendar(calendar, vendor.email, "edit");
    const dateandtime = { start: "20261201T090000Z", end: "20261201T100000Z" };
    const uid = vendor.twin.insertEvent(email, { title: "Doctor", isprivate: true, dateandtime }, calendar);
    const hidden = there(await zohoCalendar.readObject(account, calendar, uid));
    expect(hidden.events[0]).toMatchObject({ title: "", classification: "PRIVATE" });
    const update = zohoCalendar.updateEvent(account, calendar, targetOf(hidden), { transparency: "TRANSPARENT" });
    await expect(update).rejects.toMatchObject({ code: "UNSUPPORTED_CAPABILITY", remedy: expect.any(String) });
    expect(vendor.twin.event(email, uid)?.[0]).toMatchObject({ title: "Doctor" });
  });
});

describe("a series that takes several calls", () => {
  /** A weekly series with its third occurrence changed and its second taken out. */
  async function changed(switches: Partial<ZohoSwitches> = {}) {
    const world = await inNewCalendar(switches);
    const series = await world.create({ recurrence: weekly });
    const { object } = await world.update(targetOf(series, third, "THIS"), { title: "With Bo", location: "Room 7" });
    return { ...world, before: there(object) };
  }
  const moved = { start: berlin("2026-12-02T11:30:00") };
  const second = berlin("2026-12-08T10:00:00");

  it("is finished where a move broke off, and nothing happens the second time", async () => {
    for (let depth = 1; ; depth += 1) {
      const { update, read, before, calendar } = await changed();
      const target = targetOf(before);
      const recover = vendor.failFrom(depth);
      const isWhole = await update(target, moved).then(Boolean, () => false);
      recover();
      if (isWhole) break;
      const found = there(await read(before));
      await zohoCalendar.finishUpdate?.(account, calendar, target, moved, found);
      const once = there(await read(before));
      expect(once.events).toMatchObject([
        { ...moved, recurrence: [weekly[0], "EXDATE;TZID=Europe/Berlin:20261209T113000"] },
        { title: "With Bo", location: "Room 7", recurrenceId: berlin("2026-12-16T11:30:00") },
      ]);
      await zohoCalendar.finishUpdate?.(account, calendar, target, moved, once);
      expect(await read(before)).toEqual(once);
    }
  });

  it("keeps what somebody else made of an occurrence before the move was finished", async () => {
    const { update, read, before, calendar } = await changed({ planChangeDropsExceptions: false });
    const target = targetOf(before);
    const recover = vendor.failFrom(1);
    await update(target, { title: "Other" }).catch(() => {});
    recover();
    const only = { recurrenceid: "20261215T090000Z", recurrence_edittype: "only" };
    vendor.twin.patchEvent(vendor.email, before.externalId, { ...only, title: "Theirs" });
    await zohoCalendar.finishUpdate?.(account, calendar, target, { title: "Other" }, there(await read(before)));
    expect((await read(before))?.events.map(({ title }) => title)).toEqual(["Other", "Theirs"]);
  });

  it("does not bring back an occurrence that somebody took out meanwhile", async () => {
    const { update, read, before, calendar } = await changed({ planChangeDropsExceptions: false });
    const target = targetOf(before);
    const recover = vendor.failFrom(1);
    await update(target, { location: "Room 9" }).catch(() => {});
    recover();
    const only = { recurrenceid: "20261215T090000Z", recurrence_edittype: "only" };
    vendor.twin.deleteEvent(vendor.email, before.externalId, only);
    await zohoCalendar.finishUpdate?.(account, calendar, target, { location: "Room 9" }, there(await read(before)));
    expect((await read(before))?.events).toHaveLength(1);
  });

  it("is cut by Zoho in one call, and what follows keeps its own exceptions", async () => {
    const { update, before, mirror } = await changed();
    const writes = await requestsOf("PUT", async () => {
      const { object, created } = await update(targetOf(before, second, "THIS_AND_FOLLOWING"), { title: "Later" });
      expect(object?.events).toMatchObject([
        { title: "Interview", recurrence: ["RRULE:FREQ=WEEKLY;UNTIL=20261208T085959Z"] },
      ]);
      expect(created?.events).toMatchObject([
        { title: "Later", start: second, recurrence: ["RRULE:FREQ=WEEKLY;COUNT=4", weekly[1]] },
        { title: "With Bo", location: "Room 7", recurrenceId: third },
      ]);
    });
    expect(writes).toHaveLength(2);
    await mirror.read();
    expect(mirror.titles()).toEqual(["Interview", "Later", "With Bo"]);
  });

  it("is cut once, and finished where that broke off", async () => {
    for (let depth = 2; ; depth += 1) {
      const { update, read, before, calendar, mirror } = await changed();
      const target = targetOf(before, second, "THIS_AND_FOLLOWING");
      const recover = vendor.failFrom(depth);
      const isWhole = await update(target, { title: "Later" }).then(Boolean, () => false);
      recover();
      if (isWhole) break;
      const found = there(await read(before));
      for (const _ of ["once", "again"]) {
        const { created } =
          (await zohoCalendar.finishUpdate?.(account, calendar, target, { title: "Later" }, found)) ?? {};
        expect(created?.events).toMatchObject([
          { title: "Later", recurrence: ["RRULE:FREQ=WEEKLY;COUNT=4", weekly[1]] },
          { title: "With Bo" },
        ]);
      }
      await mirror.read();
      expect(mirror.titles()).toEqual(["Interview", "Later", "With Bo"]);
    }
  });

  it("leaves the rest of an earlier attempt as it is", async () => {
    const { update, read, before, shown } = await changed();
    const target = targetOf(before, second, "THIS_AND_FOLLOWING");
    const { created } = await update(target, { title: "Later" });
    const rest = there(created);
    vendor.twin.patchEvent(vendor.email, rest.externalId, { title: "Theirs", color: "#8CBF40" });
    // As if the series had never been ended.
    vendor.twin.patchEvent(vendor.email, before.externalId, { rrule: "FREQ=WEEKLY;COUNT=5" });
    const again = await update({ ...target, object: there(await read(before)) }, { title: "Later" });
    expect(again.created).toMatchObject({
      externalId: rest.externalId,
      events: [{ title: "Theirs" }, { title: "With Bo" }],
    });
    expect(again.object?.events).toMatchObject([{ recurrence: ["RRULE:FREQ=WEEKLY;UNTIL=20261208T085959Z"] }]);
    expect(shown(rest)[0]).toMatchObject({ color: "#8CBF40" });
  });

  it("keeps the address that people gave an event, in both parts", async () => {
    const { create, update, read, shown } = await inNewCalendar();
    const { externalId } = await create({ recurrence: ["RRULE:FREQ=WEEKLY;COUNT=5"] });
    vendor.twin.patchEvent(vendor.email, externalId, { url: "https://jobs.example.com/42#team" });
    const before = there(
      await zohoCalendar.readObject(
        account,
        String(vendor.twin.event(vendor.email, externalId)?.[0]?.["caluid"]),
        externalId,
      ),
    );
    const { object, created } = await update(targetOf(before, third, "THIS_AND_FOLLOWING"), { title: "Later" });
    expect(shown(there(object))[0]?.["url"]).toBe("https://jobs.example.com/42#team");
    expect(shown(there(created))[0]?.["url"]).toMatch(
      /^https:\/\/jobs\.example\.com\/42#team&integrations=[0-9a-f-]{36}$/,
    );
    expect(await read(there(created))).toMatchObject({ creationId: expect.any(String) });
  });

  it("takes guests and reminders along to the occurrences that shared them", async () => {
    const { create, update } = await inNewCalendar();
    const bo = { email: "bo@example.test", name: null, response: "NEEDS_ACTION", optional: false } as const;
    const series = await create({ recurrence: weekly, reminders: [10] });
    const { object } = await update(targetOf(series, third, "THIS"), { title: "With Bo" });
    const after = await update(targetOf(there(object)), { attendees: [bo], reminders: [30] });
    expect(after.object?.events).toMatchObject([
      { title: "Interview", attendees: [bo], reminders: [30] },
      { title: "With Bo", attendees: [bo], reminders: [30] },
    ]);
  });

  it("is refused when an occurrence would have to come back", async () => {
    const { update, before } = await changed();
    await expect(update(targetOf(before), { recurrence: ["RRULE:FREQ=WEEKLY;COUNT=5"] })).rejects.toMatchObject({
      code: "UNSUPPORTED_CAPABILITY",
      field: ["recurrence"],
    });
  });

  it("becomes a single event, and a single one a series", async () => {
    const { update, before } = await changed();
    const { object } = await update(targetOf(before), { recurrence: [] });
    expect(object?.events).toMatchObject([{ title: "Interview", recurrence: [] }]);
    const again = await update(targetOf(there(object)), { recurrence: weekly });
    expect(again.object?.events).toMatchObject([{ recurrence: weekly }]);
  });

  it("is what a single event becomes, without what it leaves out, also where that broke off", async () => {
    const { create, update, read, calendar } = await inNewCalendar();
    const before = await create();
    const target = targetOf(before);
    const recover = vendor.failFrom(1);
    await expect(update(target, { recurrence: weekly })).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    recover();
    const found = there(await read(before));
    expect(found.events[0]?.recurrence).toEqual(weekly.slice(0, 1));
    await zohoCalendar.finishUpdate?.(account, calendar, target, { recurrence: weekly }, found);
    expect((await read(before))?.events[0]?.recurrence).toEqual(weekly);
  });

  it("has no occurrence that was taken out, or never was", async () => {
    const { update, before, remove } = await changed();
    for (const time of [second, berlin("2026-12-09T10:00:00")]) {
      await expect(update(targetOf(before, time, "THIS"), { title: "X" })).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect((await remove(targetOf(before, time, "THIS"))).object?.events).toHaveLength(2);
    }
  });
});

describe("busy times", () => {
  it("are those of the calendar alone: what blocks time, moved occurrences and whole days among it", async () => {
    for (const allDayEnd of ["exclusive", "inclusive"] as const) {
      const { calendar, create, update } = await inNewCalendar({ allDayEnd });
      const other = await inNewCalendar({ allDayEnd });
      await other.create({ title: "Elsewhere" });
      const series = await create({ recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
      await update(targetOf(series, berlin("2026-12-02T10:00:00"), "THIS"), { start: berlin("2026-12-02T16:00:00") });
      await create({
        title: "Free",
        transparency: "TRANSPARENT",
        start: berlin("2026-12-01T18:00:00"),
        end: berlin("2026-12-01T19:00:00"),
      });
      await create({ title: "Trip", ...days("2026-12-10", "2026-12-12") });
      const within = { from: new Date("2026-12-01T09:15:00Z"), to: new Date("2027-02-01") };
      const [busy] = (await zohoCalendar.freeBusy?.(account, [calendar], within)) ?? [];
      expect(busy?.busy.map(({ from, to }) => `${from.toISOString()} ${to.toISOString()}`)).toEqual([
        "2026-12-01T09:15:00.000Z 2026-12-01T09:45:00.000Z",
        "2026-12-02T15:00:00.000Z 2026-12-02T15:45:00.000Z",
        "2026-12-03T09:00:00.000Z 2026-12-03T09:45:00.000Z",
        "2026-12-09T23:00:00.000Z 2026-12-11T23:00:00.000Z",
      ]);
    }
  });

  it("are not those of an invitation that was declined", async () => {
    const email = "declining@example.test";
    vendor.twin.createAccount({ email });
    const { create } = await inNewCalendar();
    const guest = { email, name: null, response: "NEEDS_ACTION", optional: false } as const;
    const { externalId } = await create({ attendees: [guest] });
    const { account: theirs, connected } = await vendor.connectAs(email);
    const calendar = connected.calendars[0]?.externalId ?? "";
    const within = { from: new Date("2026-12-01"), to: new Date("2026-12-02") };
    const ask = async () => (await zohoCalendar.freeBusy?.(theirs, [calendar], within))?.[0]?.busy;
    expect(await ask()).toHaveLength(1);
    vendor.twin.answer(email, externalId, "DECLINED");
    expect(await ask()).toEqual([]);
  });
});
