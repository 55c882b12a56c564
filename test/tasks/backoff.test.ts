import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/tasks/backoff.ts";

describe("waiting before the next attempt", () => {
  it.each([
    { name: "begins with five seconds", attempt: 1, retryAfterMs: undefined, waits: 5_000 },
    { name: "doubles each time", attempt: 4, retryAfterMs: undefined, waits: 40_000 },
    { name: "is an hour at most", attempt: 30, retryAfterMs: undefined, waits: 3_600_000 },
    { name: "is what the provider asks for when that is longer", attempt: 1, retryAfterMs: 90_000, waits: 90_000 },
    { name: "is not shortened by the provider", attempt: 4, retryAfterMs: 1_000, waits: 40_000 },
  ])("$name", ({ attempt, retryAfterMs, waits }) => {
    expect(backoffMs(attempt, retryAfterMs, 0)).toBe(waits);
  });

  it("adds up to a quarter at random, so that those who failed together come back apart", () => {
    expect(backoffMs(1, undefined, 0.999)).toBeGreaterThan(6_200);
    expect(backoffMs(1, undefined, 0.999)).toBeLessThan(6_250);
  });
});
