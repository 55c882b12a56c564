import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { indeed } from "../../src/providers/job-board/indeed.ts";
import type { Job, Requirement, ScreeningQuestion } from "../../src/providers/job-board/job.ts";
import type { BoardAccount, BoardPosting } from "../../src/providers/job-board/provider.ts";
import { aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import { createIndeedVendor, type IndeedVendor } from "../support/indeed-vendor.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at what was sent as JSON.
type Json = any;

let vendor: IndeedVendor;
let account: BoardAccount;

beforeAll(async () => {
  vendor = await createIndeedVendor();
  ({ account } = await vendor.connect());
});
afterAll(() => vendor.stop());

const address = { url: "https://muster.example.test/webhooks/indeed/1", token: "sandbox-apply-token" };

/** A posting of a job to which candidates apply at Indeed. */
function aNative(changes: Partial<Job> = {}, apply: BoardPosting["apply"] = address): BoardPosting {
  return aPosting({ job: aJob({ applyMethod: "BOARD_NATIVE", ...changes }), apply });
}

function lastSent(): Json {
  const sent = vendor.sandbox.requests.findLast(({ body }) => body.includes("createSourcedJobPostings"));
  return JSON.parse(sent?.body ?? "null").variables.input.jobPostings[0];
}

/** How candidates apply, as Indeed was sent it. */
async function sentFor(changes: Partial<Job>): Promise<Json> {
  await indeed.post?.(account, aNative(changes));
  return lastSent().applyMethod.indeedApply;
}

const found = (changes: Partial<Job>) =>
  indeed
    .check(aJob({ applyMethod: "BOARD_NATIVE", requireResume: "REQUIRED", ...changes }), account.settings, new Date())
    .map(({ effect, field }) => `${effect} ${field.join(".")}`);

const shifts = [
  { value: "d", label: "Day" },
  { value: "n", label: "Night" },
];
const aboutShift = aQuestion("shift", "SINGLE_CHOICE", { options: shifts });
const eeo = { eeoStatement: null, eeoQuestions: true };

describe("a job to which candidates apply at Indeed", () => {
  it("says where to, by whose token, for which job, and has its page all the same", async () => {
    const posting = aNative();
    await indeed.post?.(account, posting);
    expect(lastSent().applyMethod.indeedApply).toEqual({
      apiToken: "sandbox-apply-token",
      postUrl: "https://muster.example.test/webhooks/indeed/1",
      jobMeta: posting.job.externalReference,
      phoneRequired: "OPTIONAL",
      coverLetterRequired: "OPTIONAL",
      resumeRequired: "YES",
    });
    expect(lastSent().metadata.url).toBe(posting.job.applyUrl);
  });

  it("is open for applications once it is live, after a change, and once it is opened again", async () => {
    const posting = aNative();
    const posted = await indeed.post?.(account, posting);
    const isOpen = () => {
      vendor.finishReviews();
      const twin = vendor.sandbox.indeed;
      const seen = twin.posting(posting.job.externalReference);
      return seen && twin.statusOf(seen).isIndeedApplyActive;
    };
    const next = (operation: BoardPosting["operation"]) => ({
      ...posting,
      operation,
      boardPostingId: posted?.boardPostingId ?? null,
    });
    expect(isOpen()).toBe(true);
    await indeed.update?.(account, next("UPDATE"));
    expect(isOpen()).toBe(true);
    await indeed.close?.(account, next("CLOSE"));
    expect(isOpen()).toBe(false);
    await indeed.reopen?.(account, next("REOPEN"));
    expect(isOpen()).toBe(true);
  });

  it.each(["BOARD_NATIVE", "EXTERNAL_URL", "EMAIL"] as const)(
    "is applied to at its page where there is no address for applications: %s",
    async (applyMethod) => {
      const screeningQuestions = [aQuestion("why", "TEXT")];
      await indeed.post?.(account, aNative({ applyMethod, screeningQuestions, compliance: eeo }, null));
      expect(lastSent()).not.toHaveProperty("applyMethod");
      expect(JSON.stringify(lastSent())).not.toContain("About why?");
    },
  );

  it("waits for the operator's token, and is closed without one", async () => {
    const posting = aNative({}, { url: address.url, token: null });
    await expect(indeed.post?.(account, posting)).rejects.toMatchObject({
      code: "NOT_CONFIGURED",
      remedy: expect.stringContaining("INDEED_APPLY_API_TOKEN"),
    });
    const report = await indeed.close?.(account, { ...posting, operation: "CLOSE", previousState: "LIVE" });
    expect(report).toMatchObject({ state: "CLOSED" });
  });
});

describe("what candidates have to send to Indeed", () => {
  const words = [
    ["REQUIRED", "YES"],
    ["OPTIONAL", "OPTIONAL"],
    ["HIDDEN", "NO"],
  ] as const satisfies readonly (readonly [Requirement, string])[];

  it.each(words)("%s is %s", async (requirement, word) => {
    const sent = await sentFor({
      requirePhone: requirement,
      requireCoverLetter: requirement,
      requireResume: requirement,
      screeningQuestions: [aQuestion("why", "TEXT")],
    });
    expect(sent).toMatchObject({ phoneRequired: word, coverLetterRequired: word, resumeRequired: word });
  });

  it.each(words)("is always a résumé where nothing is asked: %s", async (requireResume) => {
    for (const compliance of [aJob().compliance, eeo]) {
      expect(await sentFor({ requireResume, compliance })).toMatchObject({ resumeRequired: "YES" });
      const findings = requireResume === "REQUIRED" ? [] : ["CHANGED requireResume"];
      expect(found({ requireResume, compliance })).toEqual(findings);
    }
  });
});

describe("the questions of a job at Indeed", () => {
  const question = { question: "About key?", id: "key", required: false };

  it.each<[ScreeningQuestion, object]>([
    [aQuestion("key", "TEXT"), { ...question, type: "text" }],
    [
      aQuestion("key", "TEXT", { required: true, maxLength: 20 }),
      { ...question, type: "text", required: true, limit: 20 },
    ],
    [aQuestion("key", "LONG_TEXT", { maxLength: 2000 }), { ...question, type: "textarea", limit: 2000 }],
    [
      aQuestion("key", "NUMBER", { min: 0, max: 12.5 }),
      { ...question, type: "text", format: "decimal", min: 0, max: 12.5 },
    ],
    [aQuestion("key", "DATE"), { ...question, type: "date", format: "dd/MM/yyyy" }],
    [
      aQuestion("key", "BOOLEAN"),
      {
        ...question,
        type: "select",
        options: [
          { value: "true", label: "Yes" },
          { value: "false", label: "No" },
        ],
      },
    ],
    [aQuestion("key", "BOOLEAN", { options: shifts }), { ...question, type: "select", options: shifts }],
    [aQuestion("key", "SINGLE_CHOICE", { options: shifts }), { ...question, type: "select", options: shifts }],
    [aQuestion("key", "MULTI_CHOICE", { options: shifts }), { ...question, type: "multiselect", options: shifts }],
    [aQuestion("key", "FILE"), { ...question, type: "file" }],
  ])("are asked as what they are: $type", async (asked, expected) => {
    const { applyQuestionsDetails } = await sentFor({ screeningQuestions: [asked] });
    expect(applyQuestionsDetails).toEqual({ schemaVersion: "1.3", screenerQuestions: { questions: [expected] } });
    expect(found({ screeningQuestions: [asked] })).toEqual([]);
  });

  it.each<[string, ScreeningQuestion, string]>([
    ["a choice", aboutShift, "n"],
    ["several choices", { ...aboutShift, type: "MULTI_CHOICE" }, "d"],
    ["yes or no", aQuestion("shift", "BOOLEAN"), "true"],
  ])("depend on an earlier one: %s", async (_name, before, value) => {
    const dependsOn = { key: "shift", value };
    const screeningQuestions = [before, aQuestion("why", "TEXT", { required: true, dependsOn })];
    const { applyQuestionsDetails } = await sentFor({ screeningQuestions });
    expect(applyQuestionsDetails.screenerQuestions.questions[1]).toMatchObject({
      required: true,
      condition: { id: "shift", value },
    });
    expect(found({ screeningQuestions })).toEqual([]);
  });

  it.each<[string, readonly ScreeningQuestion[], { key: string; value: string }]>([
    ["that there is not", [aboutShift], { key: "other", value: "n" }],
    ["that has no such option", [aboutShift], { key: "shift", value: "x" }],
    ["that is no choice", [aQuestion("shift", "TEXT")], { key: "shift", value: "n" }],
    ["that comes later", [], { key: "shift", value: "n" }],
  ])("are asked of everybody, who need not answer, where they depend on one %s", async (_name, before, dependsOn) => {
    const screeningQuestions = [...before, aQuestion("why", "TEXT", { required: true, dependsOn })];
    if (before.length === 0) screeningQuestions.push(aboutShift);
    const { applyQuestionsDetails } = await sentFor({ screeningQuestions });
    const { questions } = applyQuestionsDetails.screenerQuestions;
    const sent = questions.find(({ id }: { id: string }) => id === "why");
    expect(sent).toEqual({ id: "why", question: "About why?", type: "text", required: false });
    expect(found({ screeningQuestions })).toEqual([`DROPPED screeningQuestions.${before.length}.dependsOn`]);
  });

  it.each<[string, ScreeningQuestion, string]>([
    ["the most options", aQuestion("key", "MULTI_CHOICE", { options: shifts, max: 1 }), "max"],
    ["the fewest options", aQuestion("key", "MULTI_CHOICE", { options: shifts, min: 1, max: 2 }), "min"],
    ["the length of a number", aQuestion("key", "NUMBER", { maxLength: 2 }), "maxLength"],
    ["answers that rule somebody out", aQuestion("key", "BOOLEAN", { acceptableValues: ["true"] }), "acceptableValues"],
  ])("leave out what Indeed cannot ask, and say so: %s", async (_name, asked, name) => {
    expect(found({ screeningQuestions: [asked] })).toEqual([`DROPPED screeningQuestions.0.${name}`]);
    const { applyQuestionsDetails } = await sentFor({ screeningQuestions: [asked] });
    const [sent] = applyQuestionsDetails.screenerQuestions.questions;
    for (const left of ["min", "max", "limit", "qualification"]) expect(sent).not.toHaveProperty(left);
  });

  it("are five hundred at most, with those about equal opportunity", async () => {
    const many = Array.from({ length: 501 }, (_, index) => aQuestion(`q${index}`, "TEXT"));
    const some = { screeningQuestions: many.slice(0, 500) };
    expect(found(some)).toEqual([]);
    expect(await indeed.post?.(account, aNative(some))).toMatchObject({ state: "SUBMITTED" });
    for (const tooMany of [{ screeningQuestions: many }, { ...some, compliance: eeo }]) {
      expect(found(tooMany)).toEqual(["REFUSED screeningQuestions"]);
      await expect(indeed.post?.(account, aNative(tooMany))).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
    }
  });

  it("are not told to be left out, as they are where candidates apply elsewhere", () => {
    const screeningQuestions = [aQuestion("why", "TEXT")];
    expect(found({ screeningQuestions })).toEqual([]);
    expect(found({ screeningQuestions, requireResume: "OPTIONAL", applyMethod: "EXTERNAL_URL" })).toEqual([
      "DROPPED screeningQuestions",
    ]);
  });

  it("each finding has its rule and what to do about it", () => {
    const screeningQuestions = [
      aQuestion("a", "MULTI_CHOICE", { max: 1, maxLength: 1, acceptableValues: ["d"], options: shifts }),
      aQuestion("b", "TEXT", { dependsOn: { key: "a", value: "x" } }),
    ];
    const job = aJob({ applyMethod: "BOARD_NATIVE", screeningQuestions, location: berlinOffice, compliance: eeo });
    const findings = indeed.check(job, account.settings, new Date());
    expect(findings).toHaveLength(5);
    for (const { rule, fix } of findings) expect([rule, fix]).not.toContain("");
  });
});

describe("questions about equal opportunity at Indeed", () => {
  const asked = ["eeo-gender", "eeo-ethnicity", "eeo-veteran", "eeo-disability"];
  const idsIn = (screener: Json): string[] =>
    screener?.demographicQuestions?.questions.map(({ id }: { id: string }) => id) ?? [];

  it("are asked apart, in the United States, and nobody has to answer", async () => {
    const { applyQuestionsDetails } = await sentFor({ compliance: eeo });
    expect(applyQuestionsDetails).not.toHaveProperty("screenerQuestions");
    expect(idsIn(applyQuestionsDetails)).toEqual(asked);
    for (const question of applyQuestionsDetails.demographicQuestions.questions) {
      expect(question).toMatchObject({ required: false, type: "select" });
      expect(question.options.at(-1)).toMatchObject({ value: "DECLINED" });
    }
  });

  it.each<[string, Partial<Job>, string[]]>([
    ["nobody wants it", {}, []],
    ["the job is elsewhere", { compliance: eeo, location: berlinOffice }, ["DROPPED compliance.eeoQuestions"]],
    [
      "it is remote elsewhere",
      { compliance: eeo, location: null, workplaceType: "REMOTE", remoteCountries: ["CA", "US"] },
      ["DROPPED compliance.eeoQuestions"],
    ],
  ])("are not asked where %s", async (_name, changes, findings) => {
    expect(await sentFor(changes)).not.toHaveProperty("applyQuestionsDetails");
    expect(found(changes)).toEqual(findings);
  });

  it("leave a name to the job's own question that has it", async () => {
    const screeningQuestions = [aQuestion("eeo-gender", "TEXT")];
    const { applyQuestionsDetails } = await sentFor({ compliance: eeo, screeningQuestions });
    expect(idsIn(applyQuestionsDetails)).toEqual(asked.slice(1));
  });
});
