import { describe, expect, it } from "vitest";
import type { Job } from "../../src/providers/job-board/job.ts";
import { wellfound } from "../../src/providers/job-board/wellfound.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aFullJob, aJob } from "../support/a-job.ts";
import { createWellfoundVendor } from "../support/wellfound-vendor.ts";

describeJobBoardProvider(wellfound, createWellfoundVendor);

const entriesOf = (job: Job): Readonly<Record<string, string>> =>
  Object.fromEntries((wellfound.manual?.entriesOf(job) ?? []).map(({ label, value }) => [label, value]));
const findings = (changes: Partial<Job>) =>
  wellfound.check(aJob(changes), {}, new Date()).map(({ field: [field], effect }) => `${effect} ${field}`);

describe("Wellfound's form", () => {
  it("is filled with everything that the job says", () => {
    const { "Job description": description, ...entries } = entriesOf(aFullJob());
    expect(entries).toEqual({
      "Job title": "Service engineer",
      "Primary role": "code-1",
      "Type of position": "Full time",
      "Years of experience": "5",
      Skills: "CAD, Climbing",
      Location: "Austin, TX, United States; Berlin, Berlin, Germany",
      "Remote policy": "Remote only",
      "Hires remotely in": "United States, Germany",
      "Annual salary": "52000 to 61000.50 USD a year",
      Equity: "0.1 % to 0.5 %",
    });
    for (const part of [
      "You talk with",
      "You answer",
      "You can weld",
      "You like",
      "a bicycle",
      "Benefits: Bicycle",
      "Senior",
      "B2",
      "40",
      "alike",
    ]) {
      expect(description).toContain(part);
    }
  });

  it.each([
    [{ boardCodes: { functions: [], industries: [] } }, "Service"],
    [{ boardCodes: { functions: [], industries: [] }, category: null }, "Engineering"],
  ])("has the role from the next best field: %o", (changes, role) => {
    expect(entriesOf(aFullJob(changes))["Primary role"]).toBe(role);
  });

  it.each([
    ["FULL_TIME", "Full time"],
    ["PART_TIME", undefined],
    ["CONTRACT", "Contract"],
    ["TEMPORARY", "Contract"],
    ["INTERNSHIP", "Internship"],
    ["VOLUNTEER", undefined],
    ["PER_DIEM", undefined],
  ] as const)("calls %s %s", (employmentType, word) => {
    expect(entriesOf(aJob({ employmentType }))["Type of position"]).toBe(word);
    expect(findings({ employmentType }).includes("DROPPED employmentType")).toBe(word === undefined);
  });

  it("tells nothing of pay that is not to be seen", () => {
    const salary = { min: "1", max: "2", currency: "USD", period: "YEAR", visible: false } as const;
    expect(JSON.stringify(entriesOf(aJob({ salary })))).not.toContain("USD");
  });
});

describe("what Wellfound makes of a job", () => {
  it("is told beforehand: without pay and equity it is shown to fewer", () => {
    expect(findings({})).toEqual(["CHANGED salary", "CHANGED equity", "CHANGED applyMethod"]);
  });

  it.each([
    [{ title: " " }, "title"],
    [{ description: "<p></p>" }, "description"],
    [{ workplaceType: "ON_SITE", location: null }, "location"],
    [{ expiresAt: new Date(0) }, "expiresAt"],
  ] as const)("is a refusal for %o", (changes, field) => {
    expect(findings(changes)).toContain(`REFUSED ${field}`);
  });

  it("takes a remote job without a place", () => {
    expect(findings({ workplaceType: "REMOTE", location: null })).not.toContain("REFUSED location");
  });
});
