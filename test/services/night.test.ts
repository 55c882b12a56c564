import { describe, expect, it } from "vitest";
import { type Night, nextTurn } from "../../src/services/night.ts";

const night = { fromHour: 0, toHour: 6 };
const hourOf = (at: Date) => at.getUTCHours() + at.getUTCMinutes() / 60;
const ids = Array.from({ length: 300 }, (_, index) => `integration-${index}`);
const evening = new Date("2026-11-01T20:00:00Z");

describe("a turn of the night", () => {
  it("is the same every night, and never now", () => {
    const first = nextTurn(night, "one", evening);
    const second = nextTurn(night, "one", first);
    expect(second.getTime() - first.getTime()).toBe(24 * 60 * 60 * 1000);
    expect(nextTurn(night, "one", new Date(first.getTime() - 1))).toEqual(first);
  });

  it.each<{ name: string; given: Night; isInside: (hour: number) => boolean }>([
    { name: "0-6", given: night, isInside: (hour) => hour < 6 },
    { name: "22-4", given: { fromHour: 22, toHour: 4 }, isInside: (hour) => hour >= 22 || hour < 4 },
    { name: "0-24", given: { fromHour: 0, toHour: 24 }, isInside: () => true },
    { name: "3-4", given: { fromHour: 3, toHour: 4 }, isInside: (hour) => hour >= 3 && hour < 4 },
  ])("is within the hours $name, and less than a day away", ({ given, isInside }) => {
    const turns = ids.map((id) => nextTurn(given, id, evening));
    expect(turns.filter((turn) => !isInside(hourOf(turn)))).toEqual([]);
    expect(turns.every((turn) => turn > evening && turn.getTime() - evening.getTime() <= 86_400_000)).toBe(true);
  });

  it("is spread over them", () => {
    const hours = ids.map((id) => Math.floor(hourOf(nextTurn(night, id, evening))));
    for (const hour of [0, 1, 2, 3, 4, 5]) expect(hours.filter((one) => one === hour).length).toBeGreaterThan(25);
  });
});
