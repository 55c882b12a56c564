import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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
  const update = async (series: RemoteObject, patch: EventPatch, ...where: Parameters<typeof tail>) =>
    (await outlookCalendar.updateEvent(account, calendar, targetOf(series, ...tail(...where)), patch)).object ?? series;
  /** As another program does it: past our code, in the occurrence of that day. */
  const decorate = (series: RemoteObject, day: number, patch: Record<string, unknown>) =>
    vendor.sandbox.outlookCalendar.patchEvent(vendor.email, exceptionOf(series, day).id, patch);
  return { calendar, create, object, update, decorate };
}

const tail = (day?: number, span: "THIS" | "THIS_AND_FOLLOWING" = "THIS") =>
  day === undefined ? ([] as const) : ([on(day), span] as const);

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
