import { describe, expect, it } from "vitest";
import { Polling, pollingInterval } from "../../src/services/polling.ts";
import { anIntegration } from "../support/builders.ts";

const minuteMs = 60_000;
const now = new Date("2026-11-02T15:00:00Z");
const ago = (minutes: number) => new Date(now.getTime() - minutes * minuteMs);

const caldav = { floorSeconds: 30, defaultSeconds: 300 };
const icloud = { floorSeconds: 90, defaultSeconds: 300 };
const level = { floorSeconds: 300, defaultSeconds: 300 };

describe("how often an account is read", () => {
  it.each([
    { name: "nothing has ever happened in", of: caldav, activeAt: null, seconds: 300, reason: "QUIET" },
    { name: "something happened in just now", of: caldav, activeAt: now, seconds: 30, reason: "ACTIVE" },
    { name: "something is to happen in (clocks differ)", of: caldav, activeAt: ago(-5), seconds: 30, reason: "ACTIVE" },
    {
      name: "something happened in almost two hours ago",
      of: caldav,
      activeAt: ago(119),
      seconds: 30,
      reason: "ACTIVE",
    },
    { name: "nothing happened in for two hours", of: caldav, activeAt: ago(120), seconds: 60, reason: "SLOWING" },
    { name: "nothing happened in for four hours", of: caldav, activeAt: ago(240), seconds: 120, reason: "SLOWING" },
    { name: "nothing happened in for six hours", of: caldav, activeAt: ago(360), seconds: 240, reason: "SLOWING" },
    { name: "nothing happened in for eight hours", of: caldav, activeAt: ago(480), seconds: 300, reason: "QUIET" },
    { name: "nothing happened in for years", of: caldav, activeAt: new Date(0), seconds: 300, reason: "QUIET" },
    { name: "with another floor", of: icloud, activeAt: ago(1), seconds: 90, reason: "ACTIVE" },
    { name: "with another floor, slowing", of: icloud, activeAt: ago(121), seconds: 180, reason: "SLOWING" },
    { name: "with another floor, after four hours", of: icloud, activeAt: ago(240), seconds: 300, reason: "QUIET" },
    { name: "whose floor is its default", of: level, activeAt: ago(1), seconds: 300, reason: "ACTIVE" },
    {
      name: "whose floor is its default, in quiet times",
      of: level,
      activeAt: ago(121),
      seconds: 300,
      reason: "QUIET",
    },
  ])("that $name", ({ of, activeAt, seconds, reason }) => {
    expect(pollingInterval({ ...of, chosenSeconds: null, activeAt }, now)).toEqual({ seconds, reason });
  });

  it.each([
    { chosenSeconds: 600, activeAt: now, seconds: 600 },
    { chosenSeconds: 60, activeAt: null, seconds: 60 },
    { chosenSeconds: 10, activeAt: now, seconds: 30 },
  ])("is what somebody chose, but for the floor: $chosenSeconds", ({ chosenSeconds, activeAt, seconds }) => {
    expect(pollingInterval({ ...caldav, chosenSeconds, activeAt }, now)).toEqual({ seconds, reason: "CHOSEN" });
  });

  it("goes by what the operator has set for a provider, else by what the provider declares", () => {
    const polling = new Polling(new Map([["CALDAV", { freshness: { floorSeconds: 10, defaultSeconds: 60 } }]]));
    expect(polling.intervalOf(anIntegration({ provider: "CALDAV", activeAt: now }), now).seconds).toBe(10);
    expect(polling.intervalOf(anIntegration({ provider: "CALDAV" }), now).seconds).toBe(60);
    expect(polling.intervalOf(anIntegration({ provider: "ICLOUD", activeAt: now }), now).seconds).toBe(90);
    expect(new Polling(new Map()).freshnessOf("CALDAV")).toEqual(caldav);
  });
});
