import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../src/events/event-log.ts";
import { LogTail } from "../../src/events/log-tail.ts";
import { Gate } from "../support/gate.ts";

/** A log that counts how often it is read, and lets a test hold up a reading. */
class CountedLog {
  readonly events: LoggedEvent[] = [];
  readonly readings: { after: bigint; limit: number }[] = [];
  private readonly gates: Gate[] = [];
  failure: Error | null = null;

  write(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.events.push({ position: String(this.events.length + 1) } as LoggedEvent);
    }
  }

  /** Holds up the next reading until the gate is opened; it answers what was there when it began. */
  holdNext(): Gate {
    const gate = new Gate();
    this.gates.push(gate);
    return gate;
  }

  readonly page = async (_tenantId: string, after: bigint, limit: number): Promise<readonly LoggedEvent[]> => {
    this.readings.push({ after, limit });
    if (this.failure) throw this.failure;
    const page = this.events.filter(({ position }) => BigInt(position) > after).slice(0, limit);
    await this.gates.shift()?.passed;
    return page;
  };
}

function aLog({ written = 0 } = {}): CountedLog {
  const log = new CountedLog();
  log.write(written);
  return log;
}

const positions = (events: readonly LoggedEvent[]) => events.map(({ position }) => Number(position));
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Everything a reader gets from a position on, until there is nothing. */
async function readAll(tail: LogTail, after: bigint): Promise<number[]> {
  const seen: number[] = [];
  for (;;) {
    const page = positions(await tail.after(BigInt(seen.at(-1) ?? after)));
    if (page.length === 0) return seen;
    seen.push(...page);
  }
}

describe("the tail of a log", () => {
  it("has nothing for who is at the end", async () => {
    const log = aLog({ written: 5 });
    expect(await new LogTail("acme", log.page, 5n).after(5n)).toEqual([]);
  });

  it("gives what was written since, and only that", async () => {
    const log = aLog({ written: 5 });
    const tail = new LogTail("acme", log.page, 5n);
    log.write(2);
    expect(positions(await tail.after(5n))).toEqual([6, 7]);
    expect(positions(await tail.after(6n))).toEqual([7]);
    expect(await tail.after(7n)).toEqual([]);
  });

  it("reads twice at most for all who wait at the same moment", async () => {
    const log = aLog();
    const tail = new LogTail("acme", log.page, 0n);
    log.write(3);
    const pages = await Promise.all(Array.from({ length: 100 }, () => tail.after(0n)));
    expect(new Set(pages.map((page) => positions(page).join()))).toEqual(new Set(["1,2,3"]));
    expect(log.readings.length).toBeLessThanOrEqual(2);
  });

  it("does not read again what it has", async () => {
    const log = aLog();
    const tail = new LogTail("acme", log.page, 0n);
    log.write(3);
    await tail.after(0n);
    const before = log.readings.length;
    for (let reader = 0; reader < 100; reader += 1) await tail.after(1n);
    expect(log.readings.length).toBe(before);
  });

  it("reads once more for who comes while a reading is under way, since that one may have begun too early", async () => {
    const log = aLog();
    const tail = new LogTail("acme", log.page, 0n);
    const gate = log.holdNext();
    const early = tail.after(0n);
    log.write(1);
    const late = tail.after(0n);
    gate.open();
    expect(positions(await late)).toEqual([1]);
    expect(await early).toEqual([]);
  });

  it("feeds who is far behind from the log, and hands them over without a hole or a repetition", async () => {
    const log = aLog({ written: 2600 });
    const tail = new LogTail("acme", log.page, 2600n);
    log.write(700);
    await tail.after(2600n);
    expect(await readAll(tail, 0n)).toEqual(span(1, 3300));
  });

  it("takes who is further on than it is to what comes next", async () => {
    const log = aLog();
    const tail = new LogTail("acme", log.page, 0n);
    log.write(1800);
    log.write(2);
    expect(positions(await tail.after(1800n))).toEqual([1801, 1802]);
    expect(await readAll(tail, 0n)).toEqual(span(1, 1802));
  });

  it("keeps no more than its newest thousand", async () => {
    const log = aLog();
    const tail = new LogTail("acme", log.page, 0n);
    log.write(5000);
    await readAll(tail, 0n);
    const before = log.readings.length;
    await tail.after(4000n);
    expect(log.readings.length).toBe(before);
    await tail.after(3999n);
    expect(log.readings.at(-1)?.after).toBe(3999n);
    expect((tail as unknown as { kept: unknown[] }).kept).toHaveLength(1000);
  });

  it("asks for pages, never for everything", async () => {
    const log = aLog({ written: 3000 });
    await readAll(new LogTail("acme", log.page, 0n), 0n);
    expect(log.readings.every(({ limit }) => limit <= 500)).toBe(true);
  });

  it("gives what is kept when retention removed what lay between", async () => {
    const log = aLog({ written: 30 });
    const tail = new LogTail("acme", log.page, 3n);
    log.events.splice(0, 20);
    expect(await readAll(tail, 3n)).toEqual(span(21, 30));
    expect(await readAll(tail, 25n)).toEqual(span(26, 30));
    log.write(0);
    log.events.push({ position: "31" } as LoggedEvent);
    expect(await readAll(tail, 30n)).toEqual([31]);
  });

  it("fails for who waited when the log cannot be read, and works again afterwards", async () => {
    const log = aLog();
    const tail = new LogTail("acme", log.page, 0n);
    log.write(1);
    log.failure = new Error("no database");
    const waiting = [tail.after(0n), tail.after(0n)];
    for (const one of waiting) await expect(one).rejects.toThrow("no database");
    log.failure = null;
    expect(positions(await tail.after(0n))).toEqual([1]);
  });
});
