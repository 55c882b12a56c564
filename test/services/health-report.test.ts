import { describe, expect, it } from "vitest";
import type { Integration } from "../../src/entities/integration.ts";
import { IntegrationError } from "../../src/errors.ts";
import type { CalendarFacts, HealthFacts } from "../../src/services/health-facts.ts";
import { healthReport } from "../../src/services/health-report.ts";
import { Polling } from "../../src/services/polling.ts";
import { problemOf } from "../../src/services/problem.ts";
import { anIntegration } from "../support/builders.ts";

const now = new Date("2026-11-01T12:00:00Z");
const at = (time: string) => new Date(`2026-11-01T${time}:00Z`);
const iso = (time: string) => at(time).toISOString();

const read: CalendarFacts = { calendarId: "work", lastReadAt: iso("11:55"), channel: null };
const channel = { state: "LIVE", expiresAt: iso("18:00"), lastMessageAt: iso("11:00") } as const;

function report(integration: Partial<Integration> = {}, facts: Partial<HealthFacts> = {}) {
  const one = anIntegration({
    provider: "GOOGLE_CALENDAR",
    nextSyncAt: at("12:05"),
    lastSyncedAt: at("11:55"),
    ...integration,
  });
  const nothing = { lagP50Ms: null, lagP99Ms: null, pendingWrites: 0, failedWrites: 0 };
  const quiet = { integrationId: one.id, ...nothing, writeFailure: null, readingFailure: null, calendars: [read] };
  return healthReport(one, { ...quiet, ...facts }, new Polling(new Map()), now);
}

const outage = problemOf(new IntegrationError("PROVIDER_UNAVAILABLE", "Google Calendar does not answer"));
const unset = problemOf(
  new IntegrationError("NOT_CONFIGURED", "Google refuses the registration of this service", {
    remedy: "Whoever runs this service has to set GOOGLE_CALENDAR_CLIENT_SECRET.",
  }),
);
const gone = problemOf(new IntegrationError("REAUTHORIZATION_REQUIRED", "The grant is gone"));
const refusal = problemOf(new IntegrationError("PROVIDER_REFUSED", "The calendar is full"));
const problemSince = at("09:00");

describe("the health of an integration", () => {
  it.each<{ name: string; integration?: Partial<Integration>; facts?: Partial<HealthFacts>; shown: object }>([
    {
      name: "that is well",
      shown: {
        level: "OK",
        summary: "All is well.",
        problem: null,
        lastSuccessAt: at("11:55"),
        nextSyncAt: at("12:05"),
      },
    },
    {
      name: "with changes on their way",
      facts: { pendingWrites: 2 },
      shown: {
        level: "OK",
        summary: "All is well. 2 changes are on the way to Google Calendar.",
        writes: { pending: 2, failed: 0 },
      },
    },
    {
      name: "that was not read yet",
      integration: { lastSyncedAt: null, createdAt: at("11:59") },
      facts: { calendars: [{ ...read, lastReadAt: null }] },
      shown: {
        level: "OK",
        summary: "Connected. Google Calendar is being read for the first time.",
        lastSuccessAt: null,
        drift: null,
      },
    },
    {
      name: "whose reading failed a moment ago",
      facts: { readingFailure: { problem: outage, since: iso("11:58") } },
      shown: {
        level: "TROUBLED",
        problem: { code: "PROVIDER_UNAVAILABLE", fault: "provider", since: at("11:58"), retriedAt: at("12:05") },
      },
    },
    {
      name: "whose vendor is down",
      integration: { status: "DEGRADED", problem: outage, problemSince },
      shown: {
        level: "TROUBLED",
        summary:
          "Google Calendar cannot be read: Google Calendar does not answer. Nothing has to be done: it is tried again by itself.",
        problem: { fault: "provider", retryable: true, since: problemSince, retriedAt: at("12:05") },
        lastSuccessAt: at("11:55"),
      },
    },
    {
      name: "that we have not set up",
      integration: { status: "DEGRADED", problem: unset, problemSince },
      shown: {
        level: "BROKEN",
        summary: expect.stringContaining("Whoever runs this service has to set GOOGLE_CALENDAR_CLIENT_SECRET."),
        problem: { code: "NOT_CONFIGURED", fault: "operator", retryable: false, since: problemSince },
      },
    },
    {
      name: "whose registration at the vendor is tried again, and waits for us",
      facts: { readingFailure: { problem: { ...unset, retryable: true }, since: iso("11:58") } },
      shown: { level: "BROKEN", problem: { fault: "operator", retriedAt: at("12:05") } },
    },
    {
      name: "that its owner has to connect again",
      integration: { status: "NEEDS_REAUTH", problem: gone, problemSince },
      shown: {
        level: "BROKEN",
        summary: "Google Calendar does not let us in any more. Its owner has to connect it again.",
        problem: { fault: "account", remedy: "Its owner has to connect the account again.", retriedAt: null },
        nextSyncAt: null,
      },
    },
    {
      name: "with a fault of ours",
      integration: { status: "DEGRADED", problem: problemOf(new Error("secret")), problemSince },
      shown: { level: "TROUBLED", problem: { code: "INTERNAL", fault: "us", remedy: expect.any(String) } },
    },
    {
      name: "that nobody reads although it is time",
      integration: { lastSyncedAt: at("10:54") },
      facts: { calendars: [{ ...read, lastReadAt: iso("10:54") }] },
      shown: {
        level: "TROUBLED",
        problem: { code: "INTERNAL", fault: "us", remedy: expect.stringContaining("workers"), since: at("10:59") },
      },
    },
    {
      name: "that is read a little late",
      integration: { lastSyncedAt: at("10:56") },
      facts: { calendars: [{ ...read, lastReadAt: iso("10:56") }] },
      shown: { level: "OK", problem: null },
    },
    {
      name: "that is read seldom because its vendor tells of changes",
      integration: { lastSyncedAt: at("09:00") },
      facts: { calendars: [{ ...read, lastReadAt: iso("09:00"), channel }] },
      shown: { level: "OK", problem: null },
    },
    {
      name: "with a write that failed",
      facts: { failedWrites: 1, writeFailure: { problem: refusal, since: iso("10:00") } },
      shown: {
        level: "TROUBLED",
        summary: "1 change could not be brought to Google Calendar. Reading it works.",
        problem: { code: "PROVIDER_REFUSED", retryable: false, since: at("10:00"), retriedAt: null },
        writes: { pending: 0, failed: 1 },
      },
    },
    {
      name: "with a write that was given up after many tries",
      facts: { failedWrites: 1, writeFailure: { problem: outage, since: iso("10:00") } },
      shown: { problem: { code: "PROVIDER_UNAVAILABLE", retryable: false, retriedAt: null } },
    },
    {
      name: "that waits for consent",
      integration: { status: "CONNECTING", lastSyncedAt: null, nextSyncAt: null },
      facts: { calendars: [] },
      shown: { level: "INACTIVE", summary: "Waits for a person to sign in at Google Calendar.", problem: null },
    },
    {
      name: "that was refused consent",
      integration: { status: "CONNECTING", problem: refusal, problemSince, lastSyncedAt: null },
      facts: { calendars: [] },
      shown: { level: "INACTIVE", summary: "Not connected: The calendar is full. Ask the provider why it refuses." },
    },
    {
      name: "that is over",
      integration: { status: "DISCONNECTED" },
      shown: { level: "INACTIVE", summary: "Disconnected. Nothing is read or written any more.", nextSyncAt: null },
    },
  ])("$name", ({ integration, facts, shown }) => {
    expect(report(integration, facts)).toMatchObject(shown);
  });

  it("tells what the last comparison found", () => {
    const drift = { comparedAt: iso("02:00"), differences: 3, complete: true };
    expect(report({ drift }).drift).toEqual({ comparedAt: at("02:00"), differences: 3, complete: true });
  });
});

describe("how fresh a calendar is", () => {
  it.each<{ name: string; channel: CalendarFacts["channel"]; push: string; pushUntil: Date | null }>([
    { name: "its vendor tells of changes", channel, push: "LIVE", pushUntil: at("18:00") },
    {
      name: "nothing was heard yet",
      channel: { ...channel, lastMessageAt: null },
      push: "UNPROVEN",
      pushUntil: at("18:00"),
    },
    {
      name: "its vendor was asked",
      channel: { ...channel, state: "OPENING", expiresAt: null },
      push: "UNPROVEN",
      pushUntil: null,
    },
    {
      name: "its vendor will not",
      channel: { ...channel, state: "REFUSED", expiresAt: null },
      push: "REFUSED",
      pushUntil: null,
    },
    { name: "the promise is over", channel: { ...channel, expiresAt: iso("12:00") }, push: "NONE", pushUntil: null },
    { name: "nobody was asked", channel: null, push: "NONE", pushUntil: null },
  ])("when $name", ({ channel, push, pushUntil }) => {
    const { freshness } = report({}, { calendars: [{ ...read, channel }] });
    expect(freshness.calendars).toEqual([{ calendarId: "work", lastReadAt: at("11:55"), push, pushUntil }]);
  });

  it.each<{ name: string; integration?: Partial<Integration>; calendars: CalendarFacts[]; seconds: number }>([
    { name: "by default", calendars: [read], seconds: 300 },
    { name: "as somebody wished", integration: { syncIntervalSeconds: 600 }, calendars: [read], seconds: 600 },
    { name: "seldom where every calendar is told of", calendars: [{ ...read, channel }], seconds: 10_800 },
    { name: "by default where one is not", calendars: [{ ...read, channel }, read], seconds: 300 },
    {
      name: "as somebody wished, even then",
      integration: { syncIntervalSeconds: 600 },
      calendars: [{ ...read, channel }],
      seconds: 600,
    },
  ])("is read $name", ({ integration, calendars, seconds }) => {
    expect(report(integration, { calendars }).freshness.intervalSeconds).toBe(seconds);
  });
});
