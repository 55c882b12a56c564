import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outlookCalendar } from "../../src/providers/calendar/outlook-calendar.ts";
import type { CalendarAccount, EventDraft, Interval, RemoteObject } from "../../src/providers/calendar/provider.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { describeUnderFaults } from "../contract/under-faults.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";
import { createOutlookVendor, type OutlookVendor } from "../support/outlook-vendor.ts";

describeCalendarProvider(outlookCalendar, createOutlookVendor);
describeUnderFaults(outlookCalendar, createOutlookVendor);

let vendor: OutlookVendor;
let account: CalendarAccount;
let usual: OutlookVendor["sandbox"]["outlookCalendar"]["switches"];
beforeAll(async () => {
  vendor = await createOutlookVendor();
  account = (await vendor.connect()).account;
  usual = { ...vendor.sandbox.outlookCalendar.switches };
});
afterEach(() => void Object.assign(vendor.sandbox.outlookCalendar.switches, usual));
afterAll(() => vendor.stop());

const inNewCalendar = async (window?: Interval) => {
  const calendar = await vendor.createCalendar();
  const mirror = new CalendarMirror(outlookCalendar, account, calendar, window);
  const create = (changes?: Partial<EventDraft>) => outlookCalendar.createEvent(account, calendar, aDraft(changes));
  return { calendar, mirror, create };
};

/** Somebody else with an account. */
function aColleague(options: { personal?: boolean } = {}): string {
  const email = `${randomUUID().slice(0, 8)}@example.test`;
  vendor.sandbox.outlookCalendar.createAccount({ email, ...options });
  return email;
}

const primary = () => vendor.sandbox.outlookCalendar.mailboxes.defaultCalendarId(vendor.email);

/** What an invitation by somebody else looks like here. */
async function invited(mirror: CalendarMirror, title: string): Promise<RemoteObject> {
  await mirror.read();
  const found = [...mirror.objects.values()].find(({ events }) => events[0]?.title === title);
  if (!found) throw new Error("There is no invitation");
  return found;
}

const hour = (local: string) => ({ dateTime: local, timeZone: "W. Europe Standard Time" });

describe("reading a calendar", () => {
  it("follows pages, an empty one among them, and tells nothing twice", async () => {
    const { mirror, create } = await inNewCalendar();
    for (const title of ["A", "B", "C", "D", "E"]) await create({ title });
    vendor.sandbox.outlookCalendar.switches.emptyPageFirst = true;
    const small: CalendarAccount = {
      ...account,
      fetch: (url, init) => {
        const headers = new Headers(init?.headers);
        headers.set("prefer", (headers.get("prefer") ?? "").replace("maxpagesize=100", "maxpagesize=2"));
        return account.fetch(url, { ...init, headers });
      },
    };
    const paged = new CalendarMirror(outlookCalendar, small, mirror.calendar);
    expect((await paged.read()).changes).toHaveLength(5);
    expect(paged.titles()).toEqual(["A", "B", "C", "D", "E"]);
    expect(await paged.read()).toMatchObject({ mode: "INCREMENTAL", changes: [] });
  });

  it.each([400, 404, 410] as const)(
    "begins anew when a delta is over, though Graph says it with %s",
    async (status) => {
      const { mirror, create } = await inNewCalendar();
      await create();
      await mirror.read();
      vendor.sandbox.outlookCalendar.switches.expiredTokenStatus = status;
      vendor.forgetCursors();
      expect(await mirror.read()).toMatchObject({ mode: "FULL", changes: [] });
    },
  );

  it("looks up what left the days it looks at, and keeps it", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    const { externalId } = await create();
    await mirror.read();
    vendor.sandbox.outlookCalendar.patchEvent(vendor.email, externalId, {
      start: hour("2035-05-01T10:00:00"),
      end: hour("2035-05-01T11:00:00"),
    });
    expect(await mirror.read()).toMatchObject({ mode: "INCREMENTAL", changes: [{ kind: "upserted" }] });
    expect(mirror.objects.get(externalId)?.events[0]?.start).toEqual(berlin("2035-05-01T10:00:00"));
    await vendor.asAnotherClient.remove(calendar, externalId);
    // Nothing tells of what is outside; whoever asks for it learns that it is gone.
    expect(await outlookCalendar.readObject(account, calendar, externalId)).toBeNull();
  });

  it("moves its days on once a week, and announces only what is new in them", async () => {
    const days = (from: string, to: string) => ({ from: new Date(from), to: new Date(to) });
    const { calendar, mirror, create } = await inNewCalendar(days("2026-01-01", "2027-01-01"));
    await create({ title: "Near" });
    await create({ title: "Far", start: berlin("2027-01-05T10:00:00"), end: berlin("2027-01-05T11:00:00") });
    await create({ title: "Weekly", recurrence: ["RRULE:FREQ=WEEKLY"] });
    await mirror.read();
    expect(mirror.titles()).toEqual(["Near", "Weekly"]);
    const at = async (window: Interval) => {
      const later = new CalendarMirror(outlookCalendar, account, calendar, window);
      for (const [id, object] of mirror.objects) later.objects.set(id, object);
      later.cursor = mirror.cursor;
      return later.read();
    };
    expect(await at(days("2026-01-07", "2027-01-07"))).toMatchObject({ mode: "INCREMENTAL", changes: [] });
    const { mode, changes } = await at(days("2026-01-15", "2027-01-15"));
    expect(mode).toBe("FULL");
    const titles = changes.map((change) => change.kind === "upserted" && change.object.events[0]?.title);
    expect(titles).toEqual(["Far"]);
  });

  it("sees that an occurrence was taken out, though nothing names it", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    const series = await create({ recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
    await mirror.read();
    const second = targetOf(series, berlin("2026-12-02T10:00:00"), "THIS");
    await outlookCalendar.deleteEvent(account, calendar, second);
    await mirror.read();
    expect(mirror.objects.get(series.externalId)?.events[0]?.recurrence).toEqual([
      ...["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20261202T100000"],
    ]);
  });

  it.each(["master", "occurrences", "all"] as const)(
    "sees that a series is gone, though Graph only names its %s",
    async (removedSeries) => {
      const { calendar, mirror, create } = await inNewCalendar();
      const series = await create({ title: "Course", recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
      await create({ title: "Kept", recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
      await mirror.read();
      vendor.sandbox.outlookCalendar.switches.removedSeries = removedSeries;
      await vendor.asAnotherClient.remove(calendar, series.externalId);
      expect((await mirror.read()).changes).toContainEqual({ kind: "removed", externalId: series.externalId });
      expect(mirror.titles()).toEqual(["Kept"]);
    },
  );

  it("tells of a move to another calendar as gone here and there anew, under the same id", async () => {
    const [here, there] = [await inNewCalendar(), await inNewCalendar()];
    const { externalId } = await here.create();
    await here.mirror.read();
    await there.mirror.read();
    vendor.sandbox.outlookCalendar.mailboxes.moveEvent(vendor.email, externalId, there.calendar);
    expect((await here.mirror.read()).changes).toEqual([{ kind: "removed", externalId }]);
    await there.mirror.read();
    expect([...there.mirror.objects.keys()]).toEqual([externalId]);
  });

  it("needs as many calls for one change among hundreds of events as among a few", async () => {
    const callsFor = async (count: number) => {
      const { calendar, mirror } = await inNewCalendar();
      for (let index = 0; index < count; index += 1) await vendor.asAnotherClient.create(calendar, aDraft());
      await mirror.read();
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "New" }));
      const before = vendor.sandbox.requests.length;
      expect((await mirror.read()).changes).toHaveLength(1);
      return vendor.sandbox.requests.length - before;
    };
    expect(await callsFor(200)).toBe(await callsFor(2));
  });
});

describe("what Outlook has words of its own for", () => {
  it.each([
    { showAs: "oof", transparency: "OPAQUE" },
    { showAs: "workingElsewhere", transparency: "TRANSPARENT" },
  ] as const)("keeps '$showAs' while ours say the same", async ({ showAs, transparency }) => {
    const { calendar, create } = await inNewCalendar();
    const { externalId } = await create();
    vendor.sandbox.outlookCalendar.patchEvent(vendor.email, externalId, { showAs });
    const before = await outlookCalendar.readObject(account, calendar, externalId);
    if (!before) throw new Error("It is gone");
    const patch = { title: "Away", status: "CONFIRMED", transparency } as const;
    expect(before.events[0]?.transparency).toBe(transparency);
    await outlookCalendar.updateEvent(account, calendar, targetOf(before), patch);
    expect(vendor.sandbox.outlookCalendar.mailboxes.event(vendor.email, externalId)?.["showAs"]).toBe(showAs);
  });

  it("cannot write a time without a zone, nor cancel without deleting, and says so", async () => {
    const { calendar, create } = await inNewCalendar();
    const floating = { kind: "floating", local: "2026-12-01T10:00:00" } as const;
    const refused = (field: string) => ({ code: "UNSUPPORTED_CAPABILITY", field: [field] });
    await expect(create({ start: floating, end: floating })).rejects.toMatchObject(refused("start"));
    const made = await create();
    const cancelled = outlookCalendar.updateEvent(account, calendar, targetOf(made), { status: "CANCELLED" });
    await expect(cancelled).rejects.toMatchObject(refused("status"));
  });

  it("does not say a rule nearly", async () => {
    const { mirror, create } = await inNewCalendar();
    const refused = create({ recurrence: ["RRULE:FREQ=MONTHLY;BYDAY=5TU"] });
    await expect(refused).rejects.toMatchObject({ code: "UNSUPPORTED_CAPABILITY", field: ["recurrence"] });
    await mirror.read();
    expect(mirror.titles()).toEqual([]);
  });

  it("says rules back in its own words, which are asked for before they are compared", async () => {
    const { create } = await inNewCalendar();
    const recurrence = ["RRULE:FREQ=WEEKLY;BYDAY=TU;WKST=SU;UNTIL=20261220T120000Z"];
    const made = await create({ recurrence });
    expect(outlookCalendar.saidBack?.(recurrence, berlin("2026-12-01T10:00:00"))).toEqual(made.events[0]?.recurrence);
  });

  it("takes a zone that Outlook has no name of its own for by the same clocks", async () => {
    const { create } = await inNewCalendar();
    const vienna = (local: string) => ({ kind: "zoned", local, timeZone: "Europe/Vienna" }) as const;
    const [event] = (await create({ start: vienna("2026-12-01T10:00:00"), end: vienna("2026-12-01T11:00:00") })).events;
    expect(event?.start).toMatchObject({ local: "2026-12-01T10:00:00" });
  });

  it("tells an hour that became a whole day as a day at both ends", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create();
    const day = { start: { kind: "date", date: "2026-12-01" }, end: { kind: "date", date: "2026-12-02" } } as const;
    const { object } = await outlookCalendar.updateEvent(account, calendar, targetOf(made), day);
    expect(object?.events[0]).toMatchObject(day);
  });
});

describe("an online meeting", () => {
  it("gets a Teams link, and keeps it when what people wrote changes", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create({ conference: true, description: "Bring a pen" });
    const [before] = made.events;
    expect(before).toMatchObject({ conferenceUrl: expect.stringContaining("teams"), description: "Bring a pen" });
    const patch = { description: "Bring <two> pens\n& paper" };
    const { object } = await outlookCalendar.updateEvent(account, calendar, targetOf(made), patch);
    expect(object?.events[0]).toMatchObject({ ...patch, conferenceUrl: before?.conferenceUrl });
    const cleared = await outlookCalendar.updateEvent(account, calendar, targetOf(object ?? made), {
      description: null,
    });
    expect(cleared.object?.events[0]).toMatchObject({ description: null, conferenceUrl: before?.conferenceUrl });
  });

  it("is refused for an account that has no Teams, before anything is made", async () => {
    const { outlookCalendar: twin } = vendor.sandbox;
    const email = aColleague({ personal: true });
    const personal = await vendor.connectAs(email);
    const calendar = twin.mailboxes.defaultCalendarId(email);
    const refused = outlookCalendar.createEvent(personal.account, calendar, aDraft({ conference: true }));
    await expect(refused).rejects.toMatchObject({ code: "UNSUPPORTED_CAPABILITY", field: ["conference"] });
    expect(twin.mailboxes.events(email)).toEqual([]);
  });
});

describe("invitations", () => {
  it.each([true, false])("are answered in the own name, and both sides see it (among guests: %s)", async (among) => {
    const { outlookCalendar: twin } = vendor.sandbox;
    twin.switches.ownAnswerAmongGuests = among;
    const organizer = aColleague();
    const id = twin.insertEvent(organizer, {
      subject: "Panel",
      start: hour("2026-12-01T10:00:00"),
      end: hour("2026-12-01T11:00:00"),
      attendees: [{ type: "required", emailAddress: { address: vendor.email } }],
    });
    const mirror = new CalendarMirror(outlookCalendar, account, primary());
    const invitation = await invited(mirror, "Panel");
    const answered = await outlookCalendar.respond?.(account, primary(), targetOf(invitation), "TENTATIVE");
    expect(answered?.object?.events[0]?.attendees).toMatchObject([{ email: vendor.email, response: "TENTATIVE" }]);
    const attendees = twin.mailboxes.event(organizer, id)?.["attendees"];
    expect(attendees).toMatchObject([{ status: { response: "tentativelyAccepted" } }]);

    // Outlook puts away what is declined.
    const again = await invited(mirror, "Panel");
    const declined = await outlookCalendar.respond?.(account, primary(), targetOf(again), "DECLINED");
    expect(declined?.object).toBeNull();
    const own = outlookCalendar.respond?.(account, primary(), targetOf(await ownEvent()), "ACCEPTED");
    await expect(own).rejects.toMatchObject({ code: "PREREQUISITE_MISSING" });
  });

  const ownEvent = () => outlookCalendar.createEvent(account, primary(), aDraft({ title: "Mine" }));

  it("to a series are not split by a guest, who would invite everybody in the own name", async () => {
    const organizer = aColleague();
    vendor.sandbox.outlookCalendar.insertEvent(organizer, {
      subject: "Round table",
      start: hour("2026-12-01T10:00:00"),
      end: hour("2026-12-01T11:00:00"),
      attendees: [{ type: "required", emailAddress: { address: vendor.email } }],
      recurrence: {
        pattern: { type: "daily", interval: 1 },
        range: { type: "numbered", startDate: "2026-12-01", numberOfOccurrences: 3 },
      },
    });
    const invitation = await invited(new CalendarMirror(outlookCalendar, account, primary()), "Round table");
    const second = targetOf(invitation, berlin("2026-12-02T10:00:00"), "THIS_AND_FOLLOWING");
    const split = outlookCalendar.updateEvent(account, primary(), second, { title: "Mine" });
    await expect(split).rejects.toMatchObject({ code: "UNSUPPORTED_CAPABILITY" });
  });

  it("keep what guests answered, and rooms, when the guests change", async () => {
    const { outlookCalendar: twin } = vendor.sandbox;
    const { calendar, create } = await inNewCalendar();
    const guest = (email: string) => ({ email, name: null, optional: false, response: "NEEDS_ACTION" as const });
    const bo = aColleague();
    const { externalId } = await create({ attendees: [guest(bo)] });
    const room = { type: "resource", emailAddress: { address: "room@example.test", name: "Room 7" } };
    const known = twin.mailboxes.event(vendor.email, externalId)?.["attendees"] as object[];
    twin.patchEvent(vendor.email, externalId, { attendees: [...known, room] });
    const before = await outlookCalendar.readObject(account, calendar, externalId);
    if (!before) throw new Error("It is gone");
    expect(before.events[0]?.attendees.map(({ email }) => email)).toEqual([bo]);
    const attendees = [guest(bo), guest("di@example.test")];
    await outlookCalendar.updateEvent(account, calendar, targetOf(before), { attendees });
    expect(twin.mailboxes.event(vendor.email, externalId)?.["attendees"]).toMatchObject([
      { emailAddress: { address: bo } },
      { emailAddress: { address: "di@example.test" } },
      { emailAddress: { address: "room@example.test" } },
    ]);
  });
});

describe("a series that takes several calls", () => {
  const drafted = {
    title: "Course",
    recurrence: ["RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20261202T100000"],
  };
  const noon = { start: berlin("2026-12-01T12:00:00") };
  const shown = (object: RemoteObject | null | undefined) =>
    object?.events.map(({ title, recurrenceId, recurrence }) => [title, recurrenceId ?? recurrence]);

  it("is finished where its creation broke off, and nothing happens the second time", async () => {
    const { calendar } = await inNewCalendar();
    const draft = aDraft(drafted);
    vendor.sandbox.outlookCalendar.fail("hung-up", { path: "/instances", times: 1 });
    const broken = outlookCalendar.createEvent(account, calendar, draft);
    await expect(broken).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    const found = await outlookCalendar.findCreated(account, calendar, draft);
    if (!found) throw new Error("It was not made");
    const finished = await outlookCalendar.finishCreate?.(account, calendar, draft, found);
    expect(finished?.events[0]?.recurrence).toEqual(drafted.recurrence);
    expect(await outlookCalendar.finishCreate?.(account, calendar, draft, finished ?? found)).toEqual(finished);
  });

  it.each([true, false])("is finished where its move broke off (Outlook drops exceptions: %s)", async (drops) => {
    vendor.sandbox.outlookCalendar.switches.patternChangeDropsExceptions = drops;
    const { calendar, create } = await inNewCalendar();
    const series = await create(drafted);
    const third = targetOf(series, berlin("2026-12-03T10:00:00"), "THIS");
    const changed = await outlookCalendar.updateEvent(account, calendar, third, { title: "Exam" });
    const before = changed.object;
    if (!before) throw new Error("It is gone");
    const recover = vendor.sandbox.outlookCalendar.fail("hung-up", { path: "/instances" });
    await outlookCalendar.updateEvent(account, calendar, targetOf(before), noon).catch(() => {});
    recover();

    const finish = async () => {
      const found = await outlookCalendar.readObject(account, calendar, before.externalId);
      if (!found) throw new Error("It is gone");
      return (await outlookCalendar.finishUpdate?.(account, calendar, targetOf(before), noon, found))?.object;
    };
    const finished = await finish();
    expect(shown(finished)).toEqual([
      ["Course", ["RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20261202T120000"]],
      ["Exam", berlin("2026-12-03T12:00:00")],
    ]);
    expect((await finish())?.etag).toBe(finished?.etag);
  });

  it("keeps what an occurrence has of its own when it moves", async () => {
    const { outlookCalendar: twin } = vendor.sandbox;
    const { calendar, create } = await inNewCalendar();
    const series = await create(drafted);
    const third = targetOf(series, berlin("2026-12-03T10:00:00"), "THIS");
    await outlookCalendar.updateEvent(account, calendar, third, { title: "Exam" });
    const exceptionsOf = async () => {
      const object = await outlookCalendar.readObject(account, calendar, series.externalId);
      return { object, exceptions: JSON.parse(object?.raw ?? "{}").exceptions as { id: string }[] };
    };
    const [exception] = (await exceptionsOf()).exceptions;
    const own = {
      categories: ["Red category"],
      importance: "high",
      reminderMinutesBeforeStart: 45,
      isReminderOn: true,
    };
    twin.patchEvent(vendor.email, exception?.id ?? "", own);
    const { object } = await exceptionsOf();
    if (!object) throw new Error("It is gone");
    await outlookCalendar.updateEvent(account, calendar, targetOf(object), noon);
    expect((await exceptionsOf()).exceptions).toMatchObject([own]);
  });
});

describe("busy times", () => {
  it("are those that events block, private ones too, merged and sorted", async () => {
    const { calendar, create } = await inNewCalendar();
    const at = (start: string, end: string, changes: Partial<EventDraft> = {}) =>
      create({ start: berlin(`2026-12-01T${start}:00`), end: berlin(`2026-12-01T${end}:00`), ...changes });
    await at("10:00", "11:00", { classification: "PRIVATE" });
    await at("10:30", "12:00", { recurrence: ["RRULE:FREQ=DAILY;COUNT=2"] });
    await at("14:00", "15:00", { transparency: "TRANSPARENT" });
    const within = { from: new Date("2026-12-01T00:00:00Z"), to: new Date("2026-12-03T00:00:00Z") };
    expect(await outlookCalendar.freeBusy?.(account, [calendar], within)).toEqual([
      {
        calendar,
        busy: [
          { from: new Date("2026-12-01T09:00:00Z"), to: new Date("2026-12-01T11:00:00Z") },
          { from: new Date("2026-12-02T09:30:00Z"), to: new Date("2026-12-02T11:00:00Z") },
        ],
      },
    ]);
    await expect(outlookCalendar.freeBusy?.(account, ["nobody"], within)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("what Graph refuses", () => {
  it("is a conflict when Exchange is busy with an earlier write, and passes when it is tried again", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create();
    vendor.sandbox.outlookCalendar.switches.conflictEvery = 1;
    const update = () => outlookCalendar.updateEvent(account, calendar, targetOf(made), { title: "Changed" });
    await expect(update()).rejects.toMatchObject({ code: "CONFLICT", providerCode: "ErrorIrresolvableConflict" });
    vendor.sandbox.outlookCalendar.switches.conflictEvery = null;
    expect((await update()).object?.events[0]?.title).toBe("Changed");
  });

  it("is told with Graph's own word, and asks for patience where the mailbox is busy", async () => {
    vendor.sandbox.outlookCalendar.fail("rate-limited-with-retry-after", { times: 1, retryAfterSeconds: 9 });
    await expect(outlookCalendar.listCalendars(account)).rejects.toMatchObject({
      ...{ code: "RATE_LIMITED", retryAfterMs: 9000, providerCode: "ApplicationThrottled" },
    });
  });

  it("is not believed when it is a stranger's", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create();
    const behindProxy = { ...account, fetch: async () => new Response("Not here", { status: 404 }) };
    for (const ask of [
      () => outlookCalendar.readObject(behindProxy, calendar, made.externalId),
      () => outlookCalendar.deleteEvent(behindProxy, calendar, targetOf(made)),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
    }
  });

  it("says at once that an account has no mailbox", async () => {
    const email = `${randomUUID().slice(0, 8)}@example.test`;
    vendor.sandbox.outlookCalendar.createAccount({ email, hasMailbox: false });
    await expect(vendor.connectAs(email)).rejects.toMatchObject({ code: "PREREQUISITE_MISSING" });
  });
});
