import { describe, expect, it } from "vitest";
import { workingTimes } from "../../src/recurrence/working-hours.ts";
import { freeSlots, openTimes } from "../../src/services/free-slots.ts";

const at = (time: string) => new Date(`2026-03-02T${time}:00Z`);
const interval = (from: string, to: string) => ({ from: at(from), to: at(to) });
const day = { from: at("00:00"), to: new Date("2026-03-03T00:00:00Z") };
const office = [interval("09:00", "17:00")];
const noBuffers = { beforeMs: 0, afterMs: 0 };

const search = {
  within: day,
  optional: [],
  durationMs: 3_600_000,
  granularityMinutes: 60,
  timeZone: "UTC",
  maxSlots: 200,
};
const starts = (slots: readonly { readonly start: Date }[]) =>
  slots.map(({ start }) => start.toISOString().slice(11, 16));

describe("where a meeting can be", () => {
  it.each([
    { name: "between meetings", busy: [interval("10:00", "16:00")], open: ["09:00-10:00", "16:00-17:00"] },
    { name: "nowhere on a full day", busy: [interval("08:00", "18:00")], open: [] },
    { name: "all day without meetings", busy: [], open: ["09:00-17:00"] },
    {
      name: "not in what overlaps, in no order",
      busy: [interval("12:00", "13:00"), interval("11:00", "12:30"), interval("11:15", "11:30")],
      open: ["09:00-11:00", "13:00-17:00"],
    },
  ])("is $name", ({ busy, open }) => {
    const shown = openTimes(office, busy, noBuffers).map(
      ({ from, to }) => `${from.toISOString().slice(11, 16)}-${to.toISOString().slice(11, 16)}`,
    );
    expect(shown).toEqual(open);
  });

  it("keeps its buffers before and after it free, and may have them outside of the working hours", () => {
    const open = openTimes(office, [interval("12:00", "13:00")], { beforeMs: 10 * 60_000, afterMs: 30 * 60_000 });
    expect(open).toEqual([interval("09:00", "11:30"), interval("13:10", "17:00")]);
  });

  it("reaches over working hours that touch", () => {
    const required = [
      { userId: "ada", open: openTimes([interval("13:00", "14:00"), interval("12:00", "13:00")], [], noBuffers) },
    ];
    expect(starts(freeSlots({ ...search, required, durationMs: 2 * 3_600_000 }))).toEqual(["12:00"]);
  });
});

describe("slots", () => {
  const ada = { userId: "ada", open: [interval("09:00", "12:00")] };
  const bob = { userId: "bob", open: [interval("10:00", "11:00"), interval("11:30", "13:00")] };
  const cy = { userId: "cy", open: [interval("10:30", "17:00")] };

  it("are where everybody who is required can, and name who of the others can too", () => {
    expect(freeSlots({ ...search, required: [ada], optional: [bob, cy] })).toEqual([
      { start: at("09:00"), end: at("10:00"), freeUserIds: [] },
      { start: at("10:00"), end: at("11:00"), freeUserIds: ["bob"] },
      { start: at("11:00"), end: at("12:00"), freeUserIds: ["cy"] },
    ]);
    expect(starts(freeSlots({ ...search, required: [ada, bob], granularityMinutes: 30 }))).toEqual(["10:00"]);
  });

  it("are the first ones, no more than wanted", () => {
    expect(starts(freeSlots({ ...search, required: [ada], granularityMinutes: 15, maxSlots: 3 }))).toEqual([
      "09:00",
      "09:15",
      "09:30",
    ]);
  });

  it("stay within the range", () => {
    const within = interval("09:20", "11:50");
    expect(starts(freeSlots({ ...search, within, required: [ada], granularityMinutes: 20 }))).toEqual([
      "09:20",
      "09:40",
      "10:00",
      "10:20",
      "10:40",
    ]);
  });

  it.each([
    { timeZone: "Asia/Kathmandu", granularityMinutes: 60, found: ["09:15", "10:15"] },
    { timeZone: "Asia/Kolkata", granularityMinutes: 30, found: ["09:00", "09:30", "10:00", "10:30", "11:00"] },
    { timeZone: "Europe/Berlin", granularityMinutes: 7, found: ["09:02", "09:09"] },
  ])(
    "start every $granularityMinutes minutes since midnight in $timeZone",
    ({ timeZone, granularityMinutes, found }) => {
      const slots = starts(freeSlots({ ...search, timeZone, granularityMinutes, required: [ada] }));
      expect(slots.slice(0, found.length)).toEqual(found);
    },
  );
});

describe("working hours", () => {
  const hours = (startMinute: number, endMinute: number, weekdays = [0, 1, 2, 3, 4, 5, 6]) => [
    { weekdays, startMinute, endMinute },
  ];
  const shown = (times: readonly { from: Date; to: Date }[]) =>
    times.map(({ from, to }) => `${from.toISOString().slice(0, 16)} ${to.toISOString().slice(0, 16)}`);

  it.each([
    {
      name: "are an hour earlier in UTC once the clocks are moved forward",
      given: hours(9 * 60, 17 * 60, [6, 1]),
      within: { from: new Date("2026-03-28T00:00:00Z"), to: new Date("2026-03-31T00:00:00Z") },
      times: ["2026-03-28T08:00 2026-03-28T16:00", "2026-03-30T07:00 2026-03-30T15:00"],
    },
    {
      name: "of a night are an hour shorter when clocks are moved forward in it",
      given: hours(22 * 60, 30 * 60, [6]),
      within: { from: new Date("2026-03-29T00:00:00Z"), to: new Date("2026-03-30T00:00:00Z") },
      times: ["2026-03-28T21:00 2026-03-29T04:00"],
    },
    {
      name: "of a night are an hour longer when clocks are moved back in it",
      given: hours(22 * 60, 30 * 60, [6]),
      within: { from: new Date("2026-10-25T00:00:00Z"), to: new Date("2026-10-26T00:00:00Z") },
      times: ["2026-10-24T20:00 2026-10-25T05:00"],
    },
    {
      name: "that the clocks skip are an hour later",
      given: hours(2 * 60 + 15, 2 * 60 + 45, [0]),
      within: { from: new Date("2026-03-29T00:00:00Z"), to: new Date("2026-03-30T00:00:00Z") },
      times: ["2026-03-29T01:15 2026-03-29T01:45"],
    },
    {
      name: "that the clocks repeat are those of the first time",
      given: hours(2 * 60 + 15, 2 * 60 + 45, [0]),
      within: { from: new Date("2026-10-25T00:00:00Z"), to: new Date("2026-10-26T00:00:00Z") },
      times: ["2026-10-25T00:15 2026-10-25T00:45"],
    },
  ])("$name", ({ given, within, times }) => {
    expect(shown(workingTimes(given, "Europe/Berlin", within))).toEqual(times);
  });
});
