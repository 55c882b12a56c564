import { afterEach, describe, expect, it } from "vitest";
import { createExpander, type Expander, type ExpanderOptions } from "../../src/recurrence/expand.ts";
import { aSeries } from "./series.ts";

const march = { from: new Date("2026-03-01T00:00:00Z"), to: new Date("2026-04-01T00:00:00Z") };
const seconds = Array.from({ length: 60 }, (_, second) => second).join();
/** Has billions of occurrences before the window, and counts them all. */
const endless = aSeries({
  id: "endless",
  start: { kind: "zoned", local: "1900-01-01T00:00:00", timeZone: "UTC" },
  end: { kind: "zoned", local: "1900-01-01T00:00:00", timeZone: "UTC" },
  recurrence: [`RRULE:FREQ=HOURLY;COUNT=1000000000;BYMINUTE=${seconds};BYSECOND=${seconds}`],
});
/** Wants half a billion times of a single year in memory. */
const greedy = aSeries({
  id: "greedy",
  recurrence: [
    `RRULE:FREQ=YEARLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYHOUR=0,1,2,3,4,5,6,7,8,9;BYMINUTE=${seconds};BYSECOND=${seconds};BYSETPOS=1`,
  ],
});
const weekly = (id: string) => aSeries({ id });

let expander: Expander;
const anExpander = (options?: ExpanderOptions): Expander => {
  expander = createExpander(options);
  return expander;
};
afterEach(() => expander.close());

describe("expanding series in a worker", () => {
  it("gives each series its occurrences, in order", async () => {
    const expansions = await anExpander().expand([weekly("a"), aSeries({ id: "b", recurrence: [] })], march);
    expect(expansions).toMatchObject([
      { id: "a", kind: "expanded", truncated: false, occurrences: Array(5).fill({ startAt: expect.any(Date) }) },
      { id: "b", kind: "expanded", truncated: false, occurrences: [{ key: "20260303T090000Z" }] },
    ]);
  });

  it("says that there are more than it gives", async () => {
    const expansions = await anExpander({ maxOccurrences: 2 }).expand([weekly("a")], march);
    expect(expansions).toMatchObject([{ truncated: true, occurrences: [{}, {}] }]);
  });

  it("says why a series cannot be read, and reads the others", async () => {
    const unreadable = aSeries({ id: "b", recurrence: ["RRULE:FREQ=SECONDLY"] });
    const expansions = await anExpander().expand([weekly("a"), unreadable, weekly("c")], march);
    expect(expansions).toMatchObject([
      { id: "a", kind: "expanded" },
      { id: "b", kind: "failed", reason: "FREQ=SECONDLY is not supported" },
      { id: "c", kind: "expanded" },
    ]);
  });

  it("ends what takes too long, and expands the others", async () => {
    const expansions = await anExpander({ timeoutMs: 300 }).expand([weekly("a"), endless, weekly("c"), endless], march);
    expect(expansions).toMatchObject([
      { id: "a", kind: "expanded" },
      { id: "endless", kind: "failed", reason: "It took longer than 300 ms to expand" },
      { id: "c", kind: "expanded" },
      { id: "endless", kind: "failed" },
    ]);
  });

  it("ends what takes too much memory, and expands the others", async () => {
    const expansions = await anExpander({ timeoutMs: 20_000 }).expand([greedy, weekly("b")], march);
    expect(expansions).toMatchObject([
      { id: "greedy", kind: "failed", reason: expect.stringContaining("memory") },
      { id: "b", kind: "expanded" },
    ]);
  });

  it("does not blame a series for a pause of this thread", async () => {
    const busy = anExpander({ timeoutMs: 200 });
    await busy.expand([weekly("warm")], march);
    const expansions = busy.expand([weekly("a")], march);
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    expect(await expansions).toMatchObject([{ id: "a", kind: "expanded" }]);
  });

  it("lets calls wait for one another", async () => {
    const one = anExpander({ timeoutMs: 300 });
    const answers = await Promise.all([
      one.expand([endless], march),
      one.expand([weekly("a")], march),
      one.expand([], march),
    ]);
    expect(answers).toMatchObject([[{ kind: "failed" }], [{ id: "a", kind: "expanded" }], []]);
  });

  it("rejects what is unfinished when it is closed, and what comes later", async () => {
    const closing = anExpander();
    const unfinished = expect(closing.expand([weekly("a"), endless], march)).rejects.toThrow("closed");
    const waiting = expect(closing.expand([weekly("b")], march)).rejects.toThrow("closed");
    await closing.close();
    await Promise.all([unfinished, waiting]);
    await expect(closing.expand([weekly("c")], march)).rejects.toThrow("closed");
  });
});
