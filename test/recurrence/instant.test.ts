import { describe, expect, it } from "vitest";
import {
  addDuration,
  durationBetween,
  parseRecurrenceKey,
  recurrenceKey,
  toInstant,
  toLocal,
} from "../../src/recurrence/instant.ts";
import { date, floating, zoned } from "./series.ts";

const hourMs = 3_600_000;

describe("the instant of a time", () => {
  it.each([
    { name: "in winter", time: zoned("2026-01-15T10:00"), at: "2026-01-15T09:00:00Z" },
    { name: "in summer", time: zoned("2026-07-15T10:00"), at: "2026-07-15T08:00:00Z" },
    { name: "in UTC", time: zoned("2026-07-15T10:00", "UTC"), at: "2026-07-15T10:00:00Z" },
    { name: "45 minutes off the hour", time: zoned("2026-07-15T10:00", "Asia/Kathmandu"), at: "2026-07-15T04:15:00Z" },
    { name: "of a date: its midnight in the fallback zone", time: date("2026-07-15"), at: "2026-07-15T04:00:00Z" },
    {
      name: "of a floating time: in the fallback zone",
      time: floating("2026-07-15T10:00"),
      at: "2026-07-15T14:00:00Z",
    },
    { name: "that Berlin skips", time: zoned("2026-03-29T02:30"), at: "2026-03-29T01:30:00Z" },
    // The example of RFC 5545 §3.3.5.
    { name: "that New York skips", time: zoned("2007-03-11T02:30", "America/New_York"), at: "2007-03-11T07:30:00Z" },
    { name: "that New York repeats", time: zoned("2007-11-04T01:30", "America/New_York"), at: "2007-11-04T05:30:00Z" },
    {
      name: "that Lord Howe skips",
      time: zoned("2026-10-04T02:15", "Australia/Lord_Howe"),
      at: "2026-10-03T15:45:00Z",
    },
    {
      name: "that Lord Howe repeats",
      time: zoned("2026-04-05T01:45", "Australia/Lord_Howe"),
      at: "2026-04-04T14:45:00Z",
    },
    {
      name: "of a midnight that is skipped",
      time: zoned("2018-11-04T00:00", "America/Sao_Paulo"),
      at: "2018-11-04T03:00:00Z",
    },
    { name: "of a day that is skipped", time: zoned("2011-12-30T10:00", "Pacific/Apia"), at: "2011-12-30T20:00:00Z" },
    { name: "before 1970", time: zoned("1950-06-01T10:00", "America/New_York"), at: "1950-06-01T14:00:00Z" },
  ])("$name", ({ time, at }) => {
    expect(toInstant(time, "America/New_York")).toEqual(new Date(at));
  });

  it.each([
    zoned("2026-02-30T10:00"),
    zoned("2026-13-01T10:00"),
    date("2026-00-10"),
    floating("2026-01-01T24:00"),
    zoned("2026-01-01T10:00", "Nowhere"),
    date("0001-01-01"),
  ])("is not there for $local$date $timeZone", (time) => {
    expect(() => toInstant(time, "UTC")).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });

  it("is read off the clocks of a zone", () => {
    expect(toLocal(new Date("2026-07-15T08:00:00Z"), "Asia/Kathmandu")).toBe("2026-07-15T13:45:00");
  });
});

describe("the key of an occurrence", () => {
  it.each([
    { name: "is its original start in UTC", time: zoned("2026-12-01T10:00"), key: "20261201T090000Z" },
    { name: "is the day for a date", time: date("2026-12-01"), key: "20261201" },
    { name: "is the wall clock for a floating time", time: floating("2026-12-01T10:00"), key: "20261201T100000Z" },
  ])("$name, and leads back to it", ({ time, key }) => {
    expect(recurrenceKey(time)).toBe(key);
    expect(parseRecurrenceKey(key, time)).toEqual(time);
  });

  it("says in UTC what the wall clock cannot: the second pass of an hour that is repeated", () => {
    const time = parseRecurrenceKey("20261025T013000Z", zoned("2026-01-01T10:00"));
    expect(time).toEqual(zoned("2026-10-25T01:30", "UTC"));
  });

  it.each(["", "20261301", "20260230", "20261201T100000", "20261201T250000Z", "2026-12-01", "20261201'--"])(
    "is not '%s'",
    (key) => {
      expect(parseRecurrenceKey(key, date("2026-01-01"))).toBeUndefined();
      expect(parseRecurrenceKey(key, zoned("2026-01-01T10:00"))).toBeUndefined();
    },
  );

  it("is of the kind of its series", () => {
    expect(parseRecurrenceKey("20261201", zoned("2026-01-01T10:00"))).toBeUndefined();
    expect(parseRecurrenceKey("20261201T090000Z", date("2026-01-01"))).toBeUndefined();
  });
});

describe("a duration", () => {
  it.each([
    { name: "of days", start: date("2026-03-28"), end: date("2026-03-31"), hours: 72 },
    {
      name: "over a clock change is what passes",
      start: zoned("2026-03-28T22:00"),
      end: zoned("2026-03-29T06:00"),
      hours: 7,
    },
    {
      name: "between zones",
      start: zoned("2026-03-02T10:00"),
      end: zoned("2026-03-02T10:00", "America/New_York"),
      hours: 6,
    },
    {
      name: "of floating times is what the clock shows",
      start: floating("2026-03-28T22:00"),
      end: floating("2026-03-29T06:00"),
      hours: 8,
    },
  ])("$name, and leads from the start to the end", ({ start, end, hours }) => {
    expect(durationBetween(start, end)).toBe(hours * hourMs);
    expect(toInstant(addDuration(start, hours * hourMs), "UTC")).toEqual(toInstant(end, "UTC"));
  });

  it("needs a start and an end of one kind", () => {
    expect(() => durationBetween(date("2026-03-28"), zoned("2026-03-28T10:00"))).toThrow("A date start");
  });

  it("that ends in the second pass of a repeated hour ends in UTC", () => {
    expect(addDuration(zoned("2026-10-25T02:30"), hourMs)).toEqual(zoned("2026-10-25T01:30", "UTC"));
  });
});
