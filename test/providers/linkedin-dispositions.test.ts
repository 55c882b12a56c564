import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/linkedin/switches.ts";
import {
  applicationStatuses,
  type BoardDispositions,
  type StatusChange,
} from "../../src/providers/job-board/applications.ts";
import { linkedin } from "../../src/providers/job-board/linkedin.ts";
import type { BoardAccount } from "../../src/providers/job-board/provider.ts";
import { followed } from "../contract/job-board-provider.ts";
import { aJob, aPosting } from "../support/a-job.ts";
import { connectByClient } from "../support/client-account.ts";
import { aReceiver } from "../support/linkedin-client.ts";
import { createLinkedInVendor, type LinkedInVendor } from "../support/linkedin-vendor.ts";

let vendor: LinkedInVendor;
let account: BoardAccount;

beforeAll(async () => {
  vendor = await createLinkedInVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => {
  vendor.sandbox.linkedin.faults.disarmAll();
  Object.assign(vendor.sandbox.linkedin.switches, defaultSwitches(), { latencyMs: 0 });
});
afterAll(() => vendor.stop());

const { batchSize, words, send }: BoardDispositions = linkedin.dispositions ?? expect.fail("LinkedIn hears nothing");
const zoe = { firstName: "Zoë", lastName: "Müller", email: "zoe@example.test" };
const changedAt = new Date(Date.now() - 24 * 60 * 60_000);
const calls = () => vendor.sandbox.requests.filter(({ path }) => path === "/v2/jobApplicationLifecycleActions");

/** An application to a job that is live. */
async function anApplication(): Promise<string> {
  const { secret } = await vendor.keys();
  const { url } = await aReceiver(secret?.["clientSecret"] ?? "");
  const posting = aPosting({ job: aJob({ applyMethod: "BOARD_NATIVE" }), apply: { url, token: null } });
  const first = (await linkedin.post?.(account, posting)) ?? expect.fail("LinkedIn takes no jobs");
  await followed(linkedin, vendor, account, posting, first);
  return vendor.apply(posting.job.externalReference, zoe);
}

function change(boardApplicationId: string, changes: Partial<StatusChange> = {}): StatusChange {
  const none = { boardReferences: {}, reason: null, stage: null, details: null };
  return { boardApplicationId, status: "VIEWED", ...none, changedAt, ...changes };
}

describe("what became of applications, told to LinkedIn,", () => {
  it.each([
    ["NEW", null],
    ["VIEWED", "APPLICATION_VIEWED"],
    ["RESUME_DOWNLOADED", "RESUME_DOWNLOADED"],
    ["IN_REVIEW", null],
    ["SHORTLISTED", null],
    ["CONTACTED", null],
    ["SCREENING", "APPLICATION_SCREENED"],
    ["ASSESSMENT", "APPLICATION_SCREENED"],
    ["INTERVIEWING", "APPLICATION_INTERVIEWED"],
    ["BACKGROUND_CHECK", null],
    ["BACKGROUND_CHECK_FAILED", "APPLICATION_REJECTED"],
    ["OFFER_EXTENDED", null],
    ["OFFER_DECLINED", null],
    ["HIRED", "APPLICATION_HIRED"],
    ["REJECTED", "APPLICATION_REJECTED"],
    ["WITHDRAWN", null],
    ["ON_HOLD", null],
    ["JOB_CLOSED", "APPLICATION_REJECTED"],
  ] as const)("is in LinkedIn's words: %s is %s", (status, word) => {
    expect(words[status]).toBe(word);
  });

  it("is every status that LinkedIn has a word for, one in a call", async () => {
    expect(batchSize).toBe(1);
    for (const status of applicationStatuses.filter((one) => words[one] !== null)) {
      const id = await anApplication();
      const before = calls().length;
      expect(await send(account, [change(id, { status })])).toEqual([null]);
      expect(vendor.heard(id)).toEqual([words[status]]);
      expect(calls()).toHaveLength(before + 1);
    }
  });

  it("says when, and whose application it is, and nothing of the platform's words", async () => {
    const id = await anApplication();
    await send(account, [change(id, { status: "REJECTED", reason: "UNQUALIFIED", stage: "Nein", details: "Zu weit" })]);
    const { method, headers, body } = calls().at(-1) ?? expect.fail("Nothing was told");
    expect(method).toBe("POST");
    expect(headers).toMatchObject({ "x-restli-method": "create", "x-restli-protocol-version": "2.0.0" });
    expect(JSON.parse(body)).toEqual({
      jobApplicationId: id,
      action: "APPLICATION_REJECTED",
      performedAt: changedAt.getTime(),
      integrationContext: account.settings["organization"],
    });
  });

  it("is harmless twice", async () => {
    const id = await anApplication();
    expect(await send(account, [change(id)])).toEqual([null]);
    expect(await send(account, [change(id)])).toEqual([null]);
    expect(await send(account, [change(id, { status: "REJECTED" })])).toEqual([null]);
    expect(vendor.heard(id)).toEqual(["APPLICATION_VIEWED", "APPLICATION_VIEWED", "APPLICATION_REJECTED"]);
  });

  it("is refused, change by change, where LinkedIn spells it otherwise", async () => {
    vendor.sandbox.linkedin.switches.takesNewerActions = false;
    const id = await anApplication();
    for (const status of ["SCREENING", "ASSESSMENT", "INTERVIEWING", "HIRED"] as const) {
      const [refusal] = await send(account, [change(id, { status })]);
      expect(refusal).toMatchObject({ code: "PROVIDER_REFUSED", retryable: false, remedy: expect.any(String) });
      expect(refusal?.message).toContain("action");
    }
    expect(await send(account, [change(id, { status: "REJECTED" })])).toEqual([null]);
    expect(vendor.heard(id)).toEqual(["APPLICATION_REJECTED"]);
  });

  it("is refused for an application that LinkedIn does not know, and for no other", async () => {
    const id = await anApplication();
    const [refusal, taken] = await send(account, [change("urn:li:jobApplication:1"), change(id)]);
    expect(refusal).toMatchObject({ code: "PROVIDER_REFUSED", retryable: false });
    expect(taken).toBeNull();
    expect(vendor.heard(id)).toEqual(["APPLICATION_VIEWED"]);
  });

  it("is refused for another company's", async () => {
    const id = await anApplication();
    const organization = vendor.sandbox.linkedin.createOrganization({ isOnboarded: true });
    const values = { organization, companyName: "Another AG" };
    const { account: other } = await connectByClient(linkedin, { settings: vendor.sandbox.settings, values });
    expect(await send(other, [change(id)])).toMatchObject([{ code: "PROVIDER_REFUSED" }]);
    const foreign = { ...account, settings: { ...account.settings, organization } };
    expect(await send(foreign, [change(id)])).toMatchObject([{ code: "PROVIDER_REFUSED" }]);
    expect(vendor.heard(id)).toEqual([]);
  });

  it.each([
    ["rate-limited", "RATE_LIMITED"],
    ["down", "PROVIDER_UNAVAILABLE"],
    ["hung-up", "PROVIDER_UNAVAILABLE"],
    ["web-page", "PROVIDER_REPLY_INVALID"],
  ] as const)("is told again later when it cannot be told now, and shows no secret: %s", async (trouble, code) => {
    const id = await anApplication();
    vendor.failNext(trouble);
    const error: unknown = await send(account, [change(id)]).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code, retryable: true });
    expect(vendor.secrets().filter((secret) => inspect(error, { depth: 10 }).includes(secret))).toEqual([]);
    expect(await send(account, [change(id)])).toEqual([null]);
  });
});
