import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/ziprecruiter/switches.ts";
import {
  applicationStatuses,
  type BoardDispositions,
  rejectionReasons,
  type StatusChange,
} from "../../src/providers/job-board/applications.ts";
import type { BoardAccount } from "../../src/providers/job-board/provider.ts";
import { ziprecruiter } from "../../src/providers/job-board/ziprecruiter.ts";
import { aJob, aPosting } from "../support/a-job.ts";
import { connectByForm } from "../support/form-account.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";
import { createZipRecruiterVendor, type ZipRecruiterVendor } from "../support/ziprecruiter-vendor.ts";

let vendor: ZipRecruiterVendor;
let account: BoardAccount;
let jobId: string;

const { batchSize, words, send }: BoardDispositions = ziprecruiter.dispositions ?? expect.fail("It hears nothing");

beforeAll(async () => {
  vendor = await createZipRecruiterVendor();
  ({ account } = await vendor.connect());
  const apply = { url: "https://integrations.example.test/webhooks/ziprecruiter/operator", token: null };
  const report = await ziprecruiter.post?.(account, aPosting({ job: aJob({ applyMethod: "BOARD_NATIVE" }), apply }));
  jobId = report?.boardPostingId ?? expect.fail("It is not at ZipRecruiter");
});
afterEach(() => {
  vendor.twin.faults.disarmAll();
  Object.assign(vendor.twin.switches, defaultSwitches());
});
afterAll(() => vendor.stop());

/** Somebody who has applied, and a change of what became of it. */
async function anApplication() {
  const { responseId, zrApplicationId } = await vendor.twin.apply(jobId);
  const id = zrApplicationId ?? expect.fail("It has no id");
  const change = (changes: Partial<StatusChange> = {}): StatusChange => ({
    boardApplicationId: responseId,
    boardReferences: { zrApplicationId: id },
    status: "NEW",
    reason: null,
    stage: null,
    details: null,
    changedAt: new Date("2026-11-20T10:00:00.250Z"),
    ...changes,
  });
  const heard = () => vendor.twin.signals(id).map(({ event, reason }) => (reason ? `${event}: ${reason}` : event));
  return { id, change, heard };
}

const calls = () => vendor.sandbox.requests.filter(({ path }) => path.endsWith("/hiring-signal/v0/event"));
const lastSent = () => JSON.parse(calls().at(-1)?.body ?? "null");

describe("what became of applications, told to ZipRecruiter,", () => {
  it.each([
    ["NEW", "received"],
    ["VIEWED", "viewed"],
    ["RESUME_DOWNLOADED", "viewed"],
    ["IN_REVIEW", "viewed"],
    ["SHORTLISTED", "viewed"],
    ["CONTACTED", "contacted"],
    ["SCREENING", "assessment"],
    ["ASSESSMENT", "assessment"],
    ["INTERVIEWING", "interviewed"],
    ["BACKGROUND_CHECK", "prehire"],
    ["BACKGROUND_CHECK_FAILED", "rejected: failed_checks"],
    ["OFFER_EXTENDED", "offered"],
    ["OFFER_DECLINED", "unable_to_map"],
    ["HIRED", "hired"],
    ["REJECTED", "rejected: other"],
    ["WITHDRAWN", "rejected: other"],
    ["ON_HOLD", "unable_to_map"],
    ["JOB_CLOSED", "rejected: closed"],
  ] as const)("is in ZipRecruiter's words: %s is %s", async (status, told) => {
    const { change, heard } = await anApplication();
    expect(await send(account, [change({ status })])).toEqual([null]);
    expect(heard()).toEqual([told]);
    expect(words[status]).toBe(told.split(":")[0]);
  });

  it("is every status", () => {
    expect(Object.keys(words)).toEqual([...applicationStatuses]);
  });

  it.each(rejectionReasons)("says why somebody was rejected: %s", async (reason) => {
    const { change, heard } = await anApplication();
    expect(await send(account, [change({ status: "REJECTED", reason })])).toEqual([null]);
    expect(heard()).toEqual([`rejected: ${reason.toLowerCase()}`]);
  });

  it("goes with the platform's own words, and the time", async () => {
    const { id, change } = await anApplication();
    await send(account, [change({ status: "INTERVIEWING", stage: "Zweites Gespräch", details: "On site" })]);
    expect(lastSent()).toEqual({
      zr_application_id: id,
      event: "interviewed",
      event_timestamp: "2026-11-20T10:00:00.250Z",
      status_name: "Zweites Gespräch",
      additional_data: { details: "On site" },
    });
    expect(calls().at(-1)).toMatchObject({ method: "POST" });
  });

  it.each([null, "", "  "])("goes with our own word where the platform has none: %j", async (stage) => {
    const { id, change } = await anApplication();
    expect(await send(account, [change({ status: "ON_HOLD", stage })])).toEqual([null]);
    expect(lastSent()).toEqual({
      zr_application_id: id,
      event: "unable_to_map",
      event_timestamp: "2026-11-20T10:00:00.250Z",
      status_name: "ON_HOLD",
    });
  });

  it("is one change a call, in order", async () => {
    const { change, heard } = await anApplication();
    const before = calls().length;
    const changes = (["NEW", "VIEWED", "HIRED"] as const).map((status) => change({ status }));
    expect(await send(account, changes)).toEqual([null, null, null]);
    expect([batchSize, calls().length]).toEqual([1, before + 3]);
    expect(heard()).toEqual(["received", "viewed", "hired"]);
  });
});

describe("a change that ZipRecruiter does not take", () => {
  it.each([404, 400] as const)("is one of an application that it does not know: %s", async (status) => {
    vendor.twin.switches.unknownApplicationStatus = status;
    const { change, heard } = await anApplication();
    const unknown = change({ boardReferences: { zrApplicationId: "nobody" } });
    expect(await send(account, [unknown, change()])).toMatchObject([
      { code: "PROVIDER_REFUSED", providerCode: `HTTP ${status}`, retryable: false, remedy: expect.any(String) },
      null,
    ]);
    expect(heard()).toEqual(["received"]);
  });

  it("is one of somebody who was found in the résumé database, of whom it is not asked", async () => {
    const { change, heard } = await anApplication();
    const before = calls().length;
    expect(await send(account, [change({ boardReferences: {} }), change()])).toMatchObject([
      { code: "UNSUPPORTED_CAPABILITY", retryable: false },
      null,
    ]);
    expect([calls().length, heard()]).toEqual([before + 1, ["received"]]);
  });
});

describe("a change that ZipRecruiter has heard before", () => {
  it("is as good as told", async () => {
    const door = await serveOnLoopback(({ method }, response) => {
      response.writeHead(method === "POST" ? 409 : 404).end();
    });
    const settings = { ZIPRECRUITER_BASE_URL: `${door.origin}/`, ZIPRECRUITER_API_KEY: "key" };
    const { account: there } = await connectByForm(ziprecruiter, settings, { employerId: "muster" });
    const { change } = await anApplication();
    expect(await send(there, [change()])).toEqual([null]);
    expect(door.requests.at(-1)?.url).toBe("/hiring-signal/v0/event");
  });
});

describe("telling ZipRecruiter while it is not well", () => {
  it.each([
    ["down", "PROVIDER_UNAVAILABLE", true],
    ["backend-error", "PROVIDER_UNAVAILABLE", true],
    ["rate-limited", "RATE_LIMITED", true],
    ["quota", "QUOTA_EXHAUSTED", true],
    // The key is the operator's.
    ["unauthorized", "NOT_CONFIGURED", true],
  ] as const)("fails whole, and can be done again: %s", async (fault, code, retryable) => {
    const { change, heard } = await anApplication();
    vendor.twin.fail(fault, { times: 1, path: "/hiring-signal" });
    await expect(send(account, [change()])).rejects.toMatchObject({ code, retryable });
    expect(await send(account, [change()])).toEqual([null]);
    expect(heard()).toEqual(["received"]);
  });
});
