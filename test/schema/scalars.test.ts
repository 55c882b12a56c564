import { type GraphQLScalarType, Kind } from "graphql";
import { describe, expect, it } from "vitest";
import { DateScalar, DateTimeScalar, JsonScalar, TimeZoneScalar, UrlScalar } from "../../src/schema/scalars.ts";

describe("DateTime", () => {
  it.each([
    { given: "2026-03-02T10:00:00+01:00", shown: "2026-03-02T09:00:00.000Z" },
    { given: "2026-03-02T09:00:00Z", shown: "2026-03-02T09:00:00.000Z" },
    { given: "2026-03-02t09:00:00z", shown: "2026-03-02T09:00:00.000Z" },
    { given: "2026-03-02T23:30:00-11:00", shown: "2026-03-03T10:30:00.000Z" },
    { given: "2026-03-02T14:45:00+05:45", shown: "2026-03-02T09:00:00.000Z" },
    { given: "2026-03-02T09:00:00.5Z", shown: "2026-03-02T09:00:00.500Z" },
    { given: "2026-03-02T09:00:00.123456789Z", shown: "2026-03-02T09:00:00.123Z" },
    { given: "2024-02-29T00:00:00Z", shown: "2024-02-29T00:00:00.000Z" },
  ])("takes $given and shows $shown", ({ given, shown }) => {
    expect(DateTimeScalar.serialize(DateTimeScalar.parseValue(given))).toBe(shown);
  });

  it.each([
    ["no offset", "2026-03-02T09:00:00"],
    ["a day alone", "2026-03-02"],
    ["a day that there is not", "2026-02-30T09:00:00Z"],
    ["an hour that there is not", "2026-03-02T24:00:00Z"],
    ["a month that there is not", "2026-13-02T09:00:00Z"],
    ["an offset that there is not", "2026-03-02T09:00:00+25:00"],
    ["words", "tomorrow"],
    ["nothing", ""],
    ["a number", 1_772_442_000_000],
    ["a list", ["2026-03-02T09:00:00Z"]],
  ])("refuses %s", (_, given) => {
    expect(refusal(DateTimeScalar, given)).toMatchObject({ extensions: { code: "INVALID_INPUT" } });
  });
});

describe("Date", () => {
  it.each(["2026-03-02", "2024-02-29"])("takes %s as it is", (given) => {
    expect(DateScalar.serialize(DateScalar.parseValue(given))).toBe(given);
  });

  it.each(["2026-02-29", "2026-3-2", "02.03.2026", "2026-03-02T00:00:00Z", "", 20260302, null])(
    "refuses %j",
    (given) => {
      expect(refusal(DateScalar, given)).toMatchObject({ extensions: { code: "INVALID_INPUT" } });
    },
  );
});

describe("TimeZone", () => {
  it.each([
    { given: "Europe/Berlin", shown: "Europe/Berlin" },
    { given: "europe/berlin", shown: "Europe/Berlin" },
    { given: "Asia/Kolkata", shown: "Asia/Kolkata" },
    { given: "Asia/Calcutta", shown: "Asia/Kolkata" },
    { given: "UTC", shown: "UTC" },
    { given: "America/Argentina/Buenos_Aires", shown: "America/Argentina/Buenos_Aires" },
  ])("takes $given and shows $shown", ({ given, shown }) => {
    expect(TimeZoneScalar.serialize(TimeZoneScalar.parseValue(given))).toBe(shown);
  });

  it.each(["Mars/Olympus", "+01:00", "W. Europe Standard Time", "", "Europe/Berlin\0", 1])("refuses %j", (given) => {
    expect(refusal(TimeZoneScalar, given)).toMatchObject({ extensions: { code: "INVALID_INPUT" } });
  });
});

describe("URL", () => {
  it.each(["https://example.com/a?b=c#d", "http://localhost:8080/"])("takes %s as it is", (given) => {
    expect(UrlScalar.serialize(UrlScalar.parseValue(given))).toBe(given);
  });

  it.each(["javascript:alert(1)", "ftp://example.com/", "/relative", "example.com", "", 1])("refuses %j", (given) => {
    expect(refusal(UrlScalar, given)).toMatchObject({ extensions: { code: "INVALID_INPUT" } });
  });
});

describe("a scalar in the text of a query", () => {
  it("is held to the same rules as one in a variable", () => {
    const text = (value: string) => ({ kind: Kind.STRING, value }) as const;
    expect(DateScalar.parseLiteral(text("2026-03-02"))).toBe("2026-03-02");
    expect(() => DateScalar.parseLiteral(text("2026-02-30"))).toThrow("Date must be");
    expect(() => DateTimeScalar.parseLiteral({ kind: Kind.INT, value: "5" })).toThrow("DateTime must be text");
  });
});

describe("JSON", () => {
  it("takes and shows any value", () => {
    const value = { a: [1, "two", null, { b: true }] };
    expect(JsonScalar.serialize(JsonScalar.parseValue(value))).toEqual(value);
  });
});

function refusal(scalar: GraphQLScalarType, given: unknown): unknown {
  try {
    return scalar.parseValue(given);
  } catch (error) {
    return error;
  }
}
