import { describe, expect, it } from "vitest";
import type { JobPosting } from "../../src/entities/job-posting.ts";
import type { PostingReport } from "../../src/providers/job-board/provider.ts";
import { missPosting, takeReport } from "../../src/services/reported-posting.ts";
import { toStored } from "../../src/services/stored-job.ts";
import { aJob } from "../support/a-job.ts";
import { aJobPosting } from "../support/a-job-posting.ts";
import { anIntegration } from "../support/builders.ts";

const now = new Date("2026-12-01T09:00:00Z");
const past = new Date(now.getTime() - 1);
const later = new Date(now.getTime() + 1);
const service = { expires: "SERVICE" } as const;
const report: PostingReport = {
  state: "CLOSED",
  boardState: "closed",
  boardPostingId: "7",
  boardTaskId: null,
  url: null,
  expiresAt: null,
  isPending: false,
  isTaken: true,
  refusal: null,
};

function aLivePosting(expiresAt: Date | null, changes: Partial<JobPosting> = {}): JobPosting {
  const job = toStored(aJob({ expiresAt }));
  const sent = { state: "LIVE", jobVersion: 2, versionSent: 2, boardPostingId: "7" } as const;
  return aJobPosting(anIntegration(), { ...sent, operation: "CLOSE", operationVersion: 2, job, ...changes });
}

describe("what closing at the board ends in", () => {
  it("is EXPIRED when the time of the job is over, also when the board had it no more", () => {
    const taken = aLivePosting(past);
    takeReport(taken, report, service, now);
    expect(taken).toMatchObject({ state: "EXPIRED", operation: null, expiresAt: past, versionSent: 2 });
    const missed = aLivePosting(past);
    missPosting(missed, service, now);
    expect(missed).toMatchObject({ state: "EXPIRED", operation: null });
  });

  it("is CLOSED when somebody wanted that, even after its time", () => {
    const posting = aLivePosting(past, { wanted: "CLOSED" });
    takeReport(posting, report, service, now);
    expect(posting.state).toBe("CLOSED");
  });

  it.each([later, null])("is to be opened again when the end was put off meanwhile: %s", (expiresAt) => {
    const posting = aLivePosting(expiresAt, { versionSent: 1, versionRefused: 2 });
    takeReport(posting, report, service, now);
    expect(posting).toMatchObject({ state: "QUEUED", previousState: "EXPIRED", versionRefused: null, expiresAt });
  });

  it("is EXPIRED all the same where opening it again would cost anew", () => {
    const posting = aLivePosting(later, { cost: { money: null, unit: "post of 30 days" } });
    takeReport(posting, report, service, now);
    expect(posting.state).toBe("EXPIRED");
  });

  it("is not known while the board thinks about it", () => {
    const posting = aLivePosting(past);
    takeReport(posting, { ...report, state: "LIVE", isPending: true, boardTaskId: "t" }, service, now);
    expect(posting).toMatchObject({ state: "LIVE", operation: "CLOSE", boardTaskId: "t" });
  });
});

describe("a posting's end", () => {
  it("is the job's where we see to it, and goes with it", () => {
    const posting = aLivePosting(null, { operation: "UPDATE", expiresAt: later });
    takeReport(posting, { ...report, state: "LIVE" }, service, now);
    expect(posting.expiresAt).toBeNull();
  });

  it("is the board's own where that is sooner", () => {
    const posting = aLivePosting(later, { operation: "UPDATE" });
    takeReport(posting, { ...report, state: "LIVE", expiresAt: now }, service, now);
    expect(posting.expiresAt).toEqual(now);
  });

  it("is what the board says where the board sees to it", () => {
    const posting = aLivePosting(past, { operation: "UPDATE" });
    takeReport(posting, { ...report, state: "LIVE", expiresAt: later }, { expires: "BOARD" }, now);
    expect(posting.expiresAt).toEqual(later);
  });
});

describe("what somebody confirmed of a board that says nothing", () => {
  const silent = { ...report, boardState: null, state: "SUBMITTED" } as const;
  const confirmed = () => aLivePosting(null, { checkedAt: past, operation: "UPDATE" });

  it("holds while the posting stands as it did, and no longer", () => {
    const posting = confirmed();
    takeReport(posting, { ...silent, state: "LIVE" }, { ...service, feeds: {} }, now);
    expect(posting).toMatchObject({ state: "LIVE", checkedAt: past });
    takeReport(posting, silent, { ...service, feeds: {} }, now);
    expect(posting).toMatchObject({ state: "SUBMITTED", checkedAt: null });
  });

  it("is left alone where the board itself is asked", () => {
    const posting = confirmed();
    takeReport(posting, silent, service, now);
    expect(posting.checkedAt).toEqual(past);
  });
});
