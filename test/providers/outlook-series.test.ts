import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { IntegrationError } from "../../src/errors.ts";
import { outlookCalendar } from "../../src/providers/calendar/outlook-calendar.ts";
import type { CalendarAccount, EventDraft, EventPatch, RemoteObject } from "../../src/providers/calendar/provider.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";
import { createOutlookVendor, type OutlookVendor } from "../support/outlook-vendor.ts";

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

const daily: Partial<EventDraft> = { title: "Course", recurrence: ["RRULE:FREQ=DAILY;COUNT=5"] };
const noon = { start: berlin("2026-12-01T12:00:00") };
const on = (day: number, time = "10:00:00") => berlin(`2026-12-0${day}T${time}`);

/** A calendar of its own, and what people do in it. */
async function aCalendar() {
  const calendar = await vendor.createCalendar();
  const create = (changes: Partial<EventDraft> = daily) =>
    outlookCalendar.createEvent(account, calendar, aDraft(changes));
  const object = async (externalId: string): Promise<RemoteObject> => {
    const found = await outlookCalendar.readObject(account, calendar, externalId);
    if (!found) throw new Error("It is gone");
    return found;
  };
  /** @param day of an occurrence that alone is changed */
  const update = async (series: RemoteObject, patch: EventPatch, day?: number): Promise<RemoteObject> => {
    const target = day === undefined ? targetOf(series) : targetOf(series, on(day), "THIS");
    return (await outlookCalendar.updateEvent(account, calendar, target, patch)).object ?? series;
  };
  /** As another program does it: past our code, in the occurrence of that day. */
  const decorate = (series: RemoteObject, day: number, patch: Record<string, unknown>) =>
    vendor.sandbox.outlookCalendar.patchEvent(vendor.email, exceptionOf(series, day).id, patch);
  return { calendar, create, object, update, decorate };
}

interface Exception {
  readonly id: string;
  readonly originalStart: string;
  readonly [name: string]: unknown;
}

function exceptionsOf({ raw }: RemoteObject): readonly Exception[] {
  return JSON.parse(raw).exceptions;
}

function exceptionOf(series: RemoteObject, day: number): Exception {
  const found = exceptionsOf(series).find(({ originalStart }) => originalStart.startsWith(`2026-12-0${day}`));
  if (!found) throw new Error("That occurrence is as its series");
  return found;
}

const shown = (object: RemoteObject | null | undefined) =>
  object?.events.map(({ title, recurrenceId, recurrence }) => [title, recurrenceId ?? recurrence]);

describe("deleting an occurrence", () => {
  it("that somebody took out already leaves the series where it is", async () => {
    const { calendar, create, update } = await aCalendar();
    const before = await update(await create(), { title: "Exam" }, 3);
    vendor.sandbox.outlookCalendar.deleteEvent(vendor.email, exceptionOf(before, 3).id);
    const { object } = await outlookCalendar.deleteEvent(account, calendar, targetOf(before, on(3), "THIS"));
    expect(shown(object)).toEqual([
      ["Course", ["RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20261203T100000"]],
    ]);
  });
});

describe("changed occurrences of a series that changes as a whole", () => {
  it("stay online meetings", async () => {
    const { create, update } = await aCalendar();
    const meeting = await create({ ...daily, conference: true, description: "Bring a pen" });
    const before = await update(meeting, { title: "Exam" }, 3);
    const after = await update(before, noon);
    expect(after.events[1]).toMatchObject({ title: "Exam", description: "Bring a pen", start: on(3, "12:00:00") });
    expect(exceptionOf(after, 3)).toMatchObject({ isOnlineMeeting: true });
    expect(after.events[1]?.conferenceUrl).toBe(before.events[1]?.conferenceUrl);
  });

  it("keep each what is its own, on both sides of a split", async () => {
    const { calendar, create, update, object, decorate } = await aCalendar();
    const { externalId } = await create();
    for (const day of [2, 4]) await update(await object(externalId), { title: `Exam ${day}` }, day);
    for (const day of [2, 4]) decorate(await object(externalId), day, { categories: [`Category ${day}`] });
    const target = targetOf(await object(externalId), on(3), "THIS_AND_FOLLOWING");
    const split = await outlookCalendar.updateEvent(account, calendar, target, { start: on(3, "12:00:00") });
    if (!split.object || !split.created) throw new Error("It is not split");
    expect(shown(split.object)?.slice(1)).toEqual([["Exam 2", on(2)]]);
    expect(exceptionOf(split.object, 2)["categories"]).toEqual(["Category 2"]);
    expect(shown(split.created)?.slice(1)).toEqual([["Exam 4", on(4, "12:00:00")]]);
    expect(exceptionOf(split.created, 4)["categories"]).toEqual(["Category 4"]);
  });

  it("are left alone where the series only ends, with what other programs know of them", async () => {
    const { calendar, create, object, update, decorate } = await aCalendar();
    const twin = vendor.sandbox.outlookCalendar;
    const { externalId } = await create();
    // Outlook begins weeks with Sunday where we would say nothing.
    const pattern = { type: "weekly", interval: 1, daysOfWeek: ["tuesday", "thursday"], firstDayOfWeek: "sunday" };
    twin.patchEvent(vendor.email, externalId, {
      recurrence: { pattern, range: { type: "numbered", startDate: "2026-12-01", numberOfOccurrences: 6 } },
    });
    await update(await object(externalId), { title: "Exam" }, 3);
    const foreign = [{ id: "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name somebodyElses", value: "kept" }];
    decorate(await object(externalId), 3, { singleValueExtendedProperties: foreign });
    const fifteenth = targetOf(await object(externalId), berlin("2026-12-15T10:00:00"), "THIS_AND_FOLLOWING");
    const ended = await outlookCalendar.deleteEvent(account, calendar, fifteenth);
    if (!ended.object) throw new Error("It is gone");
    expect(shown(ended.object)?.[1]).toEqual(["Exam", on(3)]);
    const exception = twin.mailboxes.event(vendor.email, exceptionOf(ended.object, 3).id);
    expect(exception?.["singleValueExtendedProperties"]).toEqual(expect.arrayContaining(foreign));
  });
});

describe("what a rule takes out", () => {
  const withoutSecond = ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20261202T100000"];

  it("is taken out of an event that becomes a series too, also after a crash in between", async () => {
    const { calendar, create, object, update } = await aCalendar();
    const single = await create({});
    expect((await update(single, { recurrence: withoutSecond })).events[0]?.recurrence).toEqual(withoutSecond);

    const other = await create({});
    const recover = vendor.sandbox.outlookCalendar.fail("hung-up", { path: "/instances" });
    await expect(update(other, { recurrence: withoutSecond })).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    recover();
    const patch = { recurrence: withoutSecond };
    const found = await object(other.externalId);
    const finished = await outlookCalendar.finishUpdate?.(account, calendar, targetOf(other), patch, found);
    expect(finished?.object?.events[0]?.recurrence).toEqual(withoutSecond);
  });

  it("is told as something that is not done yet while Exchange is busy with the series", async () => {
    const { calendar, create } = await aCalendar();
    const draft = { ...daily, recurrence: withoutSecond, uid: "u", creationId: "6f6bd1a7-6f1e-4c31-9b31-7e1f8c9a0b1c" };
    vendor.sandbox.outlookCalendar.switches.conflictEvery = 1;
    await expect(create(draft)).rejects.toMatchObject({ code: "CONFLICT", retryable: true });
    vendor.sandbox.outlookCalendar.switches.conflictEvery = null;
    const found = await outlookCalendar.findCreated(account, calendar, aDraft(draft));
    if (!found) throw new Error("It was not made");
    const finished = await outlookCalendar.finishCreate?.(account, calendar, aDraft(draft), found);
    expect(finished?.events[0]?.recurrence).toEqual(withoutSecond);
  });

  it("may be a whole day, or a moment in another zone", async () => {
    const { create } = await aCalendar();
    const recurrence = ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE;VALUE=DATE:20261202", "EXDATE:20261203T090000Z"];
    const made = await create({ ...daily, recurrence });
    const lines = [2, 3].map((day) => `EXDATE;TZID=Europe/Berlin:2026120${day}T100000`);
    expect(made.events[0]?.recurrence).toEqual(["RRULE:FREQ=DAILY;COUNT=4", ...lines]);
    expect(outlookCalendar.saidBack?.(recurrence, on(1))).toEqual(made.events[0]?.recurrence);
  });

  it("cannot come back while the rule stays, and that is said before anything changes", async () => {
    const { create, object, update } = await aCalendar();
    const series = await create({ ...daily, recurrence: withoutSecond });
    const back = update(series, { title: "All of them", recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
    await expect(back).rejects.toMatchObject({ code: "UNSUPPORTED_CAPABILITY", field: ["recurrence"] });
    expect((await object(series.externalId)).etag).toBe(series.etag);
    const longer = [...withoutSecond.slice(1), "RRULE:FREQ=DAILY;COUNT=5"];
    expect((await update(series, { recurrence: longer })).events[0]?.recurrence).toHaveLength(2);
    const weekly = await update(await object(series.externalId), { recurrence: ["RRULE:FREQ=WEEKLY;COUNT=3"] });
    expect(weekly.events[0]?.recurrence).toEqual(["RRULE:FREQ=WEEKLY;COUNT=3"]);
  });
});

describe("whole days that somebody made elsewhere", () => {
  const midnight = (day: number, timeZone: string) => ({ dateTime: `2026-12-0${day}T00:00:00`, timeZone });
  const date = (day: number) => ({ kind: "date", date: `2026-12-0${day}` }) as const;

  it.each(["W. Europe Standard Time", "Pacific Standard Time", "Tonga Standard Time"])(
    "are edited, taken out and prolonged on the day that people see: %s",
    async (timeZone) => {
      const { calendar, object } = await aCalendar();
      const externalId = vendor.sandbox.outlookCalendar.insertEvent(
        vendor.email,
        {
          subject: "Fair",
          isAllDay: true,
          start: midnight(1, timeZone),
          end: midnight(2, timeZone),
          recurrence: {
            pattern: { type: "daily", interval: 2 },
            range: { type: "numbered", startDate: "2026-12-01", numberOfOccurrences: 4 },
          },
        },
        calendar,
      );
      const at = async (day: number) => targetOf(await object(externalId), date(day), "THIS");
      await outlookCalendar.updateEvent(account, calendar, await at(3), { title: "Opening", end: date(5) });
      const { object: after } = await outlookCalendar.deleteEvent(account, calendar, await at(5));
      expect(shown(after)).toEqual([
        ["Fair", ["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=4", "EXDATE;VALUE=DATE:20261205"]],
        ["Opening", date(3)],
      ]);
      expect(after?.events[1]).toMatchObject({ start: date(3), end: date(5) });
      if (!after) throw new Error("It is gone");
      const patch = { start: date(2), end: date(3) };
      const moved = await outlookCalendar.updateEvent(account, calendar, targetOf(after), patch);
      expect(shown(moved.object)).toEqual([
        ["Fair", ["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=4", "EXDATE;VALUE=DATE:20261206"]],
        ["Opening", date(4)],
      ]);
    },
  );
});

describe("a split", () => {
  const titles = (calendar: string) =>
    vendor.sandbox.outlookCalendar.mailboxes.events(vendor.email, calendar).map((event) => String(event["subject"]));
  const rest = { title: "Part two" };

  it("that broke off before somebody changed the series is finished with one rest", async () => {
    const { calendar, create, object } = await aCalendar();
    const { externalId } = await create();
    const before = targetOf(await object(externalId), on(3), "THIS_AND_FOLLOWING");
    const cutOff = {
      ...account,
      fetch: async (url: string | URL, init?: RequestInit) => {
        if (init?.method === "PATCH") throw new IntegrationError("PROVIDER_UNAVAILABLE", "No answer");
        return account.fetch(url, init);
      },
    };
    const broken = outlookCalendar.updateEvent(cutOff, calendar, before, rest);
    await expect(broken).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    // As when a guest answers.
    vendor.sandbox.outlookCalendar.patchEvent(vendor.email, externalId, { importance: "high" });
    const again = { ...before, object: await object(externalId) };
    const done = await outlookCalendar.updateEvent(account, calendar, again, rest);
    expect(titles(calendar).toSorted()).toEqual(["Course", "Part two"]);
    expect(shown(done.created)).toEqual([["Part two", ["RRULE:FREQ=DAILY;COUNT=3"]]]);
  });

  it("is finished once when only its answer got lost, and tells of the rest", async () => {
    const { calendar, create, object } = await aCalendar();
    const before = targetOf(await create(), on(3), "THIS_AND_FOLLOWING");
    const done = await outlookCalendar.updateEvent(account, calendar, before, rest);
    const found = await object(before.object.externalId);
    expect(await outlookCalendar.finishUpdate?.(account, calendar, before, rest, found)).toEqual(done);
  });

  it("leaves nothing behind when Outlook refuses what comes after the rest", async () => {
    const { calendar, create, object, update } = await aCalendar();
    const { externalId } = await create();
    await update(await object(externalId), { title: "Exam" }, 4);
    const refusing = {
      ...account,
      fetch: async (url: string | URL, init?: RequestInit) => {
        const isOfRest = init?.method === "PATCH" && !String(url).includes(encodeURIComponent(externalId));
        if (!isOfRest) return account.fetch(url, init);
        return Response.json({ error: { code: "ErrorPropertyValidationFailure", message: "No." } }, { status: 400 });
      },
    };
    const target = targetOf(await object(externalId), on(3), "THIS_AND_FOLLOWING");
    const refused = outlookCalendar.updateEvent(refusing, calendar, target, rest);
    await expect(refused).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
    expect(titles(calendar)).toEqual(["Course"]);
    expect((await object(externalId)).etag).toBe(target.object.etag);
  });
});

describe("an occurrence that was moved to another day", () => {
  it("follows its series where it would be past its neighbour, with what else it has", async () => {
    const { create, object, update } = await aCalendar();
    const { externalId } = await create();
    await update(await object(externalId), { title: "Exam", start: on(3, "23:30:00"), end: on(4, "00:15:00") }, 3);
    const later = await update(await object(externalId), { start: on(2), end: on(2, "10:45:00") });
    expect(shown(later)?.slice(1)).toEqual([["Exam", on(4)]]);
    expect(later.events[1]?.start).toEqual(on(4));
  });
});

describe("an occurrence whose series somebody does not see", () => {
  it("is an event that can be changed and deleted", async () => {
    const { calendar, create, object, update } = await aCalendar();
    const { id } = exceptionOf(await update(await create(), { title: "Exam" }, 3), 3);
    const target = async () => targetOf(await object(id), on(3), "THIS");
    const { object: changed } = await outlookCalendar.updateEvent(account, calendar, await target(), { title: "Test" });
    expect(shown(changed)).toEqual([["Test", on(3)]]);
    expect(await outlookCalendar.deleteEvent(account, calendar, await target())).toEqual({ object: null });
  });
});

describe("a zone that only one program knows", () => {
  it("takes out the occurrence that was taken out, also around midnight", async () => {
    const { calendar, create, object } = await aCalendar();
    const late = { start: berlin("2026-12-01T00:30:00"), end: berlin("2026-12-01T01:00:00") };
    const { externalId } = await create({ ...daily, ...late });
    const third = targetOf(await object(externalId), berlin("2026-12-03T00:30:00"), "THIS");
    await outlookCalendar.deleteEvent(account, calendar, third);
    vendor.sandbox.outlookCalendar.mailboxes.nameZone(vendor.email, externalId, "tzone://Microsoft/Custom");
    expect((await object(externalId)).events[0]).toMatchObject({
      start: { local: "2026-11-30T23:30:00", timeZone: "UTC" },
      recurrence: ["RRULE:FREQ=DAILY;COUNT=5", "EXDATE:20261202T233000Z"],
    });
  });
});
