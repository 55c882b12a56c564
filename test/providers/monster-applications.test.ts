import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Candidate } from "../../sandbox/monster/applications.ts";
import { defaultSwitches, type MonsterSwitches } from "../../sandbox/monster/switches.ts";
import type { BoardApplications, BoardMessage, MessageKeys } from "../../src/providers/job-board/applications.ts";
import { monster } from "../../src/providers/job-board/monster.ts";
import type { BoardAccount } from "../../src/providers/job-board/provider.ts";
import { describeBoardApplications } from "../contract/board-applications.ts";
import { aJob, aPosting } from "../support/a-job.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";
import { createMonsterVendor, type MonsterVendor } from "../support/monster-vendor.ts";

describeBoardApplications(monster, createMonsterVendor);

const applications: BoardApplications = monster.applications ?? expect.fail("Nobody can apply at Monster");
const { prove, read, parse, missing } = applications;
const now = new Date();
const forms = ["v1-json", "v1-xml", "v2-json"] as const;

let vendor: MonsterVendor;
let account: BoardAccount;
let keys: MessageKeys;

beforeAll(async () => {
  vendor = await createMonsterVendor();
  ({ account } = await vendor.connect());
  keys = await vendor.keys();
});
afterEach(() => void Object.assign(vendor.twin.switches, defaultSwitches()));
afterAll(() => vendor.stop());

/** A job at which one applies, and what arrives of it. */
async function applied(
  easyApply: MonsterSwitches["easyApply"],
  candidate: Candidate = {},
  proof = keys.proofs?.[0] ?? "",
) {
  vendor.twin.switches.easyApply = easyApply;
  const arrived: BoardMessage[] = [];
  const door = await serveOnLoopback(({ headers, body }, response) => {
    arrived.push({ headers: headers as Record<string, string>, query: {}, body: Buffer.from(body) });
    response.writeHead(200).end();
  });
  const job = aJob({ applyMethod: "BOARD_NATIVE" });
  const posting = aPosting({ job, apply: { url: door.origin, token: null, proof } });
  const report = await monster.post?.(account, posting);
  const { id } = await vendor.twin.apply(report?.boardPostingId ?? "", candidate);
  return { id, job, message: arrived.at(-1) ?? expect.fail("Nothing arrived") };
}

describe("an application from Monster", () => {
  it.each(forms)("is proved by what was given with the job, now or with an older key: %s", async (form) => {
    expect(prove((await applied(form)).message, keys, now)).toBeUndefined();
    expect(prove((await applied(form, {}, "proof-of-before")).message, keys, now)).toBeUndefined();
    const { message } = await applied(form, {}, "somebody's");
    expect(() => prove(message, keys, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
  });

  it.each(["", "null", "{}", "<a/>", "<a", "[]"])("is nobody's when it brings nothing back: %j", (text) => {
    const message = { headers: {}, query: {}, body: Buffer.from(text) };
    expect(() => prove(message, keys, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
  });

  it.each(forms)("is read whole in each form, in whichever letters: %s", async (form) => {
    const candidate = {
      firstName: "Żółć",
      lastName: "李 & <Söhne>",
      email: "a&b@example.test",
      coverLetter: "Dear all",
    };
    const { message, job } = await applied(form, candidate);
    const received = parse(message.body, job);
    expect(received.candidate).toMatchObject({
      fullName: "Żółć 李 & <Söhne>",
      email: "a&b@example.test",
      phone: "+1 555 0100",
      city: "Austin",
      region: "TX",
      postalCode: "78701",
      country: "US",
    });
    expect(received.answers).toEqual([
      { questionKey: "workAuthorization", question: "Work authorization", values: ["Authorized"] },
    ]);
    const [file] = received.files;
    expect(file && "content" in file && file.content.subarray(0, 5).toString()).toBe("%PDF-");
    expect(file?.fileName).toMatch(/\.pdf$/);
    if (form !== "v2-json") expect(received.coverLetter).toBe("Dear all");
  });

  it.each(forms)("without a file, or with a large one, is one all the same: %s", async (form) => {
    const { message, job } = await applied(form, { resume: null });
    expect(parse(message.body, job).files).toEqual([]);
    const large = await applied(form, { resumeBytes: 300_000 });
    const [file] = parse(large.message.body, large.job).files;
    expect(file && "content" in file && file.content.length).toBeGreaterThan(300_000);
  });

  it("has Monster's name for it, or in the older form the same one for the same bytes", async () => {
    const newer = await applied("v2-json");
    expect(read(newer.message)).toMatchObject({ boardApplicationId: newer.id });
    const older = await applied("v1-json");
    const [first, again] = [read(older.message), read(older.message)];
    expect(first).toEqual(again);
    expect(first).toMatchObject({
      kind: "application",
      jobName: older.job.externalReference,
      email: "zoe@example.test",
    });
    const other = read((await applied("v1-json", { email: "bo@example.test" })).message);
    expect(other).not.toMatchObject({
      boardApplicationId: (first as { boardApplicationId: string }).boardApplicationId,
    });
  });

  it("that lacks whatever is not needed is one all the same", () => {
    const body = Buffer.from(JSON.stringify({ JobRefID: 7, VendorField: "x", FileContents: "%%%", FirstName: 5 }));
    expect(parse(body, aJob())).toMatchObject({ candidate: { fullName: "5", email: null }, coverLetter: null });
  });
});

describe("applying at Monster", () => {
  const none = { secret: null, clientSecret: null, signingKey: null, applyToken: null };

  it.each([
    [{ ...none, secret: { easyApplyKey: "key" } }, null],
    [{ ...none, secret: {}, applyToken: "operators" }, null],
    [{ ...none, secret: { easyApplyKey: "" } }, "platformpartners@monster.com"],
  ])("needs a key of the account's or of the operator's: %o", (given, says) => {
    const said = missing?.(given) ?? null;
    if (says === null) expect(said).toBeNull();
    else expect(said).toContain(says);
  });

  it("tells nobody what becomes of it: Monster has no way to hear", () => {
    expect(monster.dispositions).toBeUndefined();
  });
});
