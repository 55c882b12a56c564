import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/indeed/switches.ts";
import {
  applicationStatuses,
  type BoardDispositions,
  rejectionReasons,
  type StatusChange,
} from "../../src/providers/job-board/applications.ts";
import { indeed } from "../../src/providers/job-board/indeed.ts";
import type { BoardAccount } from "../../src/providers/job-board/provider.ts";
import { aJob, aPosting } from "../support/a-job.ts";
import { aReceiver } from "../support/apply-receiver.ts";
import { connectByClient } from "../support/client-account.ts";
import { createIndeedVendor, type IndeedVendor } from "../support/indeed-vendor.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

let vendor: IndeedVendor;
let account: BoardAccount;

beforeAll(async () => {
  vendor = await createIndeedVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => {
  vendor.sandbox.indeed.faults.disarmAll();
  Object.assign(vendor.sandbox.indeed.switches, defaultSwitches());
});
afterAll(() => vendor.stop());

const { batchSize, words, send }: BoardDispositions = indeed.dispositions ?? expect.fail("Indeed hears nothing");
const twin = () => vendor.sandbox.indeed;

/** A job at which people have applied, and changes of their applications, a minute apart. */
async function aLiveJob() {
  const door = await aReceiver();
  const token = vendor.sandbox.settings["INDEED_APPLY_API_TOKEN"] ?? "";
  const job = aJob({ applyMethod: "BOARD_NATIVE" });
  await indeed.post?.(account, aPosting({ job, apply: { url: `${door.origin}/apply`, token } }));
  vendor.finishReviews();
  const { sourcedPostingId } = twin().posting(job.externalReference) ?? expect.fail("It is not at Indeed");
  const apply = async () => (await twin().apply(sourcedPostingId)).id;
  const start = Date.now() - 24 * 60 * 60_000;
  let minute = 0;
  const change = (boardApplicationId: string, changes: Partial<StatusChange> = {}): StatusChange => {
    minute += 1;
    const changedAt = new Date(start + minute * 60_000);
    const none = { boardReferences: {}, reason: null, stage: null, details: null };
    return { boardApplicationId, status: "NEW", ...none, changedAt, ...changes };
  };
  return { apply, change };
}

const unknown = "0".repeat(64);
const calls = () => vendor.sandbox.requests.filter(({ body }) => body.includes("partnerDisposition"));
const lastSent = () => JSON.parse(calls().at(-1)?.body ?? "null").variables.input.dispositions;

describe("what became of applications, told to Indeed,", () => {
  it("is every status, also that one is new", async () => {
    const { apply, change } = await aLiveJob();
    const told = { ...words };
    expect(Object.keys(told)).toEqual([...applicationStatuses]);
    expect(told.NEW).toBe("NEW");
    for (const status of applicationStatuses) {
      const id = await apply();
      expect(await send(account, [change(id, { status })])).toEqual([null]);
      expect(twin().dispositions(id)).toMatchObject([{ status: words[status], rawStatus: status, rawDetails: null }]);
    }
  });

  it.each([
    ["VIEWED", "REVIEW"],
    ["RESUME_DOWNLOADED", "REVIEW"],
    ["IN_REVIEW", "LIKED"],
    ["SHORTLISTED", "POSITIVELY_SCREENED"],
    ["CONTACTED", "CONTACTED"],
    ["SCREENING", "SCREEN"],
    ["ASSESSMENT", "ASSESS_QUALIFICATIONS"],
    ["INTERVIEWING", "INTERVIEW"],
    ["BACKGROUND_CHECK", "BACKGROUND_CHECK"],
    ["BACKGROUND_CHECK_FAILED", "NOT_SELECTED"],
    ["OFFER_EXTENDED", "OFFER_MADE"],
    ["OFFER_DECLINED", "OFFER_DECLINED"],
    ["HIRED", "HIRED"],
    ["REJECTED", "NOT_SELECTED"],
    ["WITHDRAWN", "WITHDRAWN"],
    ["ON_HOLD", "UNABLE_TO_MAP"],
    ["JOB_CLOSED", "JOB_CLOSED"],
  ] as const)("is in Indeed's words: %s is %s", (status, word) => {
    expect(words[status]).toBe(word);
  });

  it("goes with the platform's own words, the time, and who tells it", async () => {
    const { apply, change } = await aLiveJob();
    const id = await apply();
    const told = change(id, { status: "INTERVIEWING", stage: "Zweites Gespräch", details: "On site" });
    await send(account, [told]);
    expect(lastSent()).toEqual([
      {
        dispositionStatus: "INTERVIEW",
        rawDispositionStatus: "Zweites Gespräch",
        rawDispositionDetails: "On site",
        atsName: "integrations-subgraph",
        statusChangeDateTime: told.changedAt.toISOString(),
        identifiedBy: { indeedApplyID: id },
      },
    ]);
    expect(twin().dispositions(id)).toMatchObject([{ changedAt: told.changedAt }]);
  });

  it.each(rejectionReasons)("says why somebody was rejected, where nothing else is said: %s", async (reason) => {
    const { apply, change } = await aLiveJob();
    const id = await apply();
    await send(account, [change(id, { status: "REJECTED", reason, stage: " " })]);
    expect(twin().dispositions(id)).toMatchObject([{ rawStatus: "REJECTED", rawDetails: reason }]);
  });

  it("is told in one call, in order", async () => {
    const { apply, change } = await aLiveJob();
    const ids = [await apply(), await apply(), await apply()];
    const before = calls().length;
    expect(
      await send(
        account,
        ids.map((id) => change(id)),
      ),
    ).toEqual([null, null, null]);
    expect(calls()).toHaveLength(before + 1);
    expect(
      lastSent().map((one: { identifiedBy: { indeedApplyID: string } }) => one.identifiedBy.indeedApplyID),
    ).toEqual(ids);
  });

  it("is at most twenty-five changes", async () => {
    const { apply, change } = await aLiveJob();
    const ids: string[] = [];
    for (let count = 0; count < batchSize; count += 1) ids.push(await apply());
    expect(
      await send(
        account,
        ids.map((id) => change(id)),
      ),
    ).toEqual(ids.map(() => null));
    expect(batchSize).toBe(25);
    const tooMany = [...ids, await apply()].map((id) => change(id));
    await expect(send(account, tooMany)).rejects.toMatchObject({
      code: "PROVIDER_REFUSED",
      providerCode: "BAD_USER_INPUT",
    });
  });

  it("is nothing where nothing is told", async () => {
    const before = calls().length;
    expect(await send(account, [])).toEqual([]);
    expect(calls()).toHaveLength(before);
  });

  it("is harmless twice", async () => {
    const { apply, change } = await aLiveJob();
    const id = await apply();
    const changes = [change(id), change(id, { status: "VIEWED" })];
    expect(await send(account, changes)).toEqual([null, null]);
    expect(await send(account, changes)).toEqual([null, null]);
    expect(twin().dispositions(id)).toHaveLength(2);
  });
});

describe("a change that Indeed does not take", () => {
  it("is a refusal with Indeed's words, and costs no other change anything", async () => {
    const { apply, change } = await aLiveJob();
    const [first, last] = [await apply(), await apply()];
    const refusals = await send(account, [change(first), change(unknown), change(last)]);
    expect(refusals).toMatchObject([
      null,
      {
        code: "PROVIDER_REFUSED",
        message: expect.stringContaining("no application was found"),
        retryable: false,
        remedy: expect.any(String),
      },
      null,
    ]);
    expect([twin().dispositions(first), twin().dispositions(last)]).toMatchObject([[{}], [{}]]);
  });

  it("is one that is older than what Indeed was told before", async () => {
    const { apply, change } = await aLiveJob();
    const id = await apply();
    const [earlier, later] = [change(id), change(id, { status: "VIEWED" })];
    await send(account, [later]);
    expect(await send(account, [earlier])).toMatchObject([
      { code: "PROVIDER_REFUSED", message: expect.stringContaining("a later disposition was received before") },
    ]);
    twin().switches.refusesOutOfOrder = false;
    expect(await send(account, [earlier])).toEqual([null]);
  });

  it("is told apart from others of the same application", async () => {
    const { apply, change } = await aLiveJob();
    const [id, other] = [await apply(), await apply()];
    const [early, first, second, third] = [
      change(id),
      change(id, { status: "VIEWED" }),
      change(other),
      change(id, { status: "HIRED" }),
    ];
    const before = calls().length;
    const refusals = await send(account, [first, second, early, third]);
    expect(refusals).toMatchObject([null, null, { code: "PROVIDER_REFUSED" }, null]);
    expect(calls()).toHaveLength(before + 3);
    expect(twin().dispositions(id)).toMatchObject([{ status: "REVIEW" }, { status: "HIRED" }]);
  });
});

describe("telling Indeed while it is not well", () => {
  it.each([
    [[{ identifiedBy: null, rationale: "?" }], "nobody's change"],
    [[{ identifiedBy: { indeedApplyID: "another" } }], "nobody's change"],
    ["none", "failedDispositions"],
  ])("takes no answer for good that cannot be matched: %j", async (failedDispositions, words) => {
    const { change } = await aLiveJob();
    const answer = { data: { node: null, partnerDisposition: { send: { failedDispositions } } } };
    const server = await serveOnLoopback((_, response) => response.end(JSON.stringify(answer)));
    const settings = { ...vendor.sandbox.settings, INDEED_BASE_URL: `${server.origin}/` };
    const { account: elsewhere } = await connectByClient(indeed, { settings, values: vendor.values });
    await expect(send(elsewhere, [change(unknown)])).rejects.toMatchObject({
      code: "PROVIDER_REPLY_INVALID",
      message: expect.stringContaining(words),
    });
  });

  it.each([
    ["down", "PROVIDER_UNAVAILABLE", true],
    ["backend-error", "PROVIDER_UNAVAILABLE", true],
    ["rate-limited", "RATE_LIMITED", true],
    ["truncated", "PROVIDER_REPLY_INVALID", true],
    ["html", "PROVIDER_REPLY_INVALID", true],
  ] as const)("fails whole, and can be done again: %s", async (fault, code, retryable) => {
    const { apply, change } = await aLiveJob();
    const id = await apply();
    const changes = [change(id)];
    twin().fail(fault, { times: 1, path: "/graphql" });
    await expect(send(account, changes)).rejects.toMatchObject({ code, retryable });
    expect(await send(account, changes)).toEqual([null]);
    expect(twin().dispositions(id)).toHaveLength(1);
  });

  it("is the operator's business where the client may not use it", async () => {
    const { apply, change } = await aLiveJob();
    const id = await apply();
    twin().switches.isApproved = false;
    await expect(send(account, [change(id)])).rejects.toMatchObject({
      code: "PARTNER_APPROVAL_REQUIRED",
      providerCode: "FORBIDDEN",
    });
  });

  it("renews a token that has died", async () => {
    const { apply, change } = await aLiveJob();
    const id = await apply();
    twin().expireAccessTokens();
    expect(await send(account, [change(id)])).toEqual([null]);
  });
});
