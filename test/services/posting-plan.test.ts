import { describe, expect, it } from "vitest";
import type { Approval } from "../../src/entities/job-posting.ts";
import { linkedin } from "../../src/providers/job-board/linkedin.ts";
import { approvalAfter, approvalFor, nextOperation } from "../../src/services/posting-plan.ts";
import { aJob } from "../support/a-job.ts";

type Standing = Parameters<typeof nextOperation>[0];

const pending: Approval = {
  state: "PENDING",
  requestedBy: "ana",
  requestedAt: "2026-12-01T09:00:00.000Z",
  decidedBy: null,
  decidedAt: null,
  maxCost: null,
  reason: null,
  subject: "a budget",
};
const standing = (changes: Partial<Standing>): Standing => ({
  state: "LIVE",
  wanted: "OPEN",
  jobVersion: 1,
  versionSent: 1,
  versionRefused: null,
  previousState: null,
  isUnsure: false,
  boardPostingId: "7",
  approval: null,
  ...changes,
});

describe("what a posting needs next", () => {
  it.each<[string, Partial<Standing>, ReturnType<typeof nextOperation>]>([
    ["nothing while the board has what is wanted", {}, null],
    ["to be posted when it is new", { state: "QUEUED", versionSent: null }, "POST"],
    ["to be opened again after it was closed", { state: "QUEUED", previousState: "CLOSED" }, "REOPEN"],
    ["to be opened again after it has expired", { state: "QUEUED", previousState: "EXPIRED" }, "REOPEN"],
    ["to be changed when a newer version is wanted", { jobVersion: 2 }, "UPDATE"],
    ["to be changed while it is reviewed, too", { state: "IN_REVIEW", jobVersion: 2 }, "UPDATE"],
    ["nothing when the board has refused that version", { jobVersion: 2, versionRefused: 2 }, null],
    ["to be changed by the version after the refused one", { jobVersion: 3, versionRefused: 2 }, "UPDATE"],
    ["to be closed when that is wanted, whatever else is", { wanted: "CLOSED", jobVersion: 2 }, "CLOSE"],
    ["to be closed although somebody has yet to approve a change", { wanted: "CLOSED", approval: pending }, "CLOSE"],
    [
      "to be closed when nobody knows whether it was posted",
      { wanted: "CLOSED", state: "FAILED", isUnsure: true },
      "CLOSE",
    ],
    ["nothing when it was never posted", { wanted: "CLOSED", state: "QUEUED", versionSent: null }, null],
    ["nothing when it is closed", { wanted: "CLOSED", state: "CLOSED" }, null],
    ["nothing when it is closed and changed", { state: "CLOSED", jobVersion: 2 }, null],
    ["nothing until somebody has approved it", { state: "QUEUED", approval: pending }, null],
    ["nothing new until somebody has approved a change", { jobVersion: 2, approval: pending }, null],
  ])("is %s", (_name, changes, operation) => {
    expect(nextOperation(standing(changes), false)).toBe(operation);
  });
});

describe("what a posting needs whose time is over", () => {
  it.each<[string, Partial<Standing>, ReturnType<typeof nextOperation>]>([
    ["to be closed", {}, "CLOSE"],
    ["to be closed, and not to be changed", { jobVersion: 2 }, "CLOSE"],
    ["to be closed although somebody has yet to approve a change", { approval: pending }, "CLOSE"],
    ["nothing when it is not there yet", { state: "QUEUED", versionSent: null }, null],
    ["nothing when it has EXPIRED", { state: "EXPIRED" }, null],
  ])("is %s", (_name, changes, operation) => {
    expect(nextOperation(standing(changes), true)).toBe(operation);
  });
});

describe("whether somebody has to approve", () => {
  const now = new Date("2026-12-02T09:00:00Z");

  it("nobody, for what is free", () => {
    expect(approvalFor(linkedin, aJob(), {})).toEqual({ cost: null, subject: null });
    expect(approvalAfter(pending, null, "ana", now)).toBeNull();
  });

  it("somebody, for what costs money, and for everything where the tenant wants it so", () => {
    const promotion = { type: "PROMOTED", budget: null, days: null } as const;
    expect(approvalFor(linkedin, aJob({ promotion }), {}).subject).not.toBeNull();
    expect(approvalFor(linkedin, aJob(), { postingApproval: "ALWAYS" }).subject).not.toBeNull();
  });

  it("once for the same, and again for something else", () => {
    const approved: Approval = { ...pending, state: "APPROVED", decidedBy: "bo" };
    expect(approvalAfter(approved, "a budget", "ana", now)).toBe(approved);
    expect(approvalAfter(approved, "another budget", "cy", now)).toMatchObject({ state: "PENDING", requestedBy: "cy" });
    expect(approvalAfter({ ...pending, state: "REJECTED" }, "a budget", "cy", now)).toMatchObject({ state: "PENDING" });
  });

  it("again when a budget changes, and not when a title does", () => {
    const withBudget = (amount: string, title = "Engineer") =>
      approvalFor(
        linkedin,
        aJob({ title, promotion: { type: "SPONSORED", budget: { amount, currency: "EUR" }, days: null } }),
        {},
      );
    expect(withBudget("300").subject).toBe(withBudget("300", "Senior engineer").subject);
    expect(withBudget("300").subject).not.toBe(withBudget("301").subject);
  });
});
