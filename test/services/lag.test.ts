import { describe, expect, it } from "vitest";
import { lagMs } from "../../src/services/lag.ts";

const now = new Date("2026-11-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const lastReadAt = ago(30);

describe("how late changes are stored at most", () => {
  it.each([
    { name: "since each was made", toldAt: null, lastReadAt, madeAt: [ago(5), ago(12), ago(1)], seconds: 12 },
    {
      name: "since the last reading where the vendor does not say",
      toldAt: null,
      lastReadAt,
      madeAt: [null],
      seconds: 30,
    },
    { name: "by the one that nobody knows of", toldAt: null, lastReadAt, madeAt: [ago(5), null], seconds: 30 },
    {
      name: "no longer than since the last reading (an old file that was moved here)",
      toldAt: null,
      lastReadAt,
      madeAt: [ago(9999)],
      seconds: 30,
    },
    {
      name: "never less than nothing (the vendor's clock is ahead)",
      toldAt: null,
      lastReadAt,
      madeAt: [ago(-8)],
      seconds: 0,
    },
    { name: "since the vendor's message", toldAt: ago(2), lastReadAt, madeAt: [ago(5), null], seconds: 2 },
    {
      name: "since the vendor's message, also at the first reading",
      toldAt: ago(2),
      lastReadAt: null,
      madeAt: [null],
      seconds: 2,
    },
    { name: "not at all at the first reading", toldAt: null, lastReadAt: null, madeAt: [ago(5)], seconds: null },
    { name: "not at all where nothing changed", toldAt: null, lastReadAt, madeAt: [], seconds: null },
  ])("is measured $name", ({ seconds, ...made }) => {
    expect(lagMs(made, now)).toBe(seconds === null ? null : seconds * 1000);
  });

  it("fits into its column", () => {
    const madeAt = Array.from({ length: 200_000 }, () => null);
    expect(lagMs({ toldAt: null, lastReadAt: new Date(0), madeAt }, now)).toBe(2 ** 31 - 1);
  });
});
