import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Job, Requirement, ScreeningQuestion } from "../../src/providers/job-board/job.ts";
import { linkedin } from "../../src/providers/job-board/linkedin.ts";
import type { BoardAccount, BoardPosting } from "../../src/providers/job-board/provider.ts";
import { followed } from "../contract/job-board-provider.ts";
import { aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import { connectByClient } from "../support/client-account.ts";
import { aReceiver, zoe } from "../support/linkedin-client.ts";
import { createLinkedInVendor, type LinkedInVendor } from "../support/linkedin-vendor.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at what was sent as JSON.
type Json = any;

let vendor: LinkedInVendor;
let account: BoardAccount;
let door: string;

beforeAll(async () => {
  vendor = await createLinkedInVendor();
  ({ account } = await vendor.connect());
});
afterAll(() => vendor.stop());

const twin = () => vendor.sandbox.linkedin;
const options = [
  { value: "a", label: "Answer A" },
  { value: "b", label: "Answer B" },
];

/** A job at which candidates apply at LinkedIn, as LinkedIn was sent it and as it stands there. */
async function posted(changes: Partial<Job> = {}, at: Partial<BoardPosting> = {}, by = account) {
  const { secret } = await vendor.keys();
  door = (await aReceiver(secret?.["clientSecret"] ?? "")).url;
  const job = aJob({ applyMethod: "BOARD_NATIVE", ...changes });
  const posting = aPosting({ job, apply: { url: door, token: null }, ...at });
  const first = (await linkedin.post?.(by, posting)) ?? expect.fail("LinkedIn takes no jobs");
  await twin().settled();
  const report = await followed(linkedin, vendor, by, posting, first);
  const body = vendor.sandbox.requests.findLast(({ path }) => path === "/rest/simpleJobPostings")?.body ?? "{}";
  const element: Json = JSON.parse(body).elements[0];
  const status = twin().jobNamed(job.externalReference);
  return { posting, report, element, status, onsite: element.onsiteApplyConfiguration };
}

/** How one question is asked. */
async function asked(question: ScreeningQuestion, ...others: readonly ScreeningQuestion[]): Promise<Json> {
  const { onsite } = await posted({ screeningQuestions: [question, ...others] });
  const sets: Json[] = onsite.questions.additionalQuestions.customQuestionSets;
  return sets.flatMap(({ questions }) => questions).find((one) => one.partnerQuestionIdentifier === question.key);
}

describe("candidates who apply at LinkedIn", () => {
  it("come to the account's address, and else to the job's own page", async () => {
    const { onsite, element, report } = await posted();
    expect(onsite.jobApplicationWebhookUrl).toBe(door);
    expect(element.companyApplyUrl).toBe("https://careers.example.test/apply/1");
    expect(report).toMatchObject({ state: "LIVE", refusal: null });
  });

  it("are asked for what every form may ask, where the job says nothing", async () => {
    const { onsite } = await posted();
    expect(onsite.questions).toEqual({
      contactInformationQuestions: { cellphoneNumberQuestionRequirement: "OPTIONAL" },
      resumeQuestions: { resumeQuestionRequirement: "OPTIONAL" },
      coverLetterQuestions: {
        coverLetterQuestionRequirement: "OPTIONAL",
        textCoverLetterQuestionRequirement: "OPTIONAL",
      },
      workQuestions: { workExperienceQuestionSet: { minRequired: 0, repeatLimit: 10 } },
      educationQuestions: { educationExperienceQuestionSet: { minRequired: 0, repeatLimit: 3 } },
    });
  });

  it("may tell where they worked and studied, up to so many times, and need not", async () => {
    const { status } = await posted();
    const employmentDates = { startDate: { year: 2019, month: 4 } };
    const datesAttended = { startDate: { year: 2012 } };
    const tell = (works: number, studies: number) =>
      twin().apply(status, {
        ...zoe,
        work: Array(works).fill({ title: "Engineer", employmentDates }),
        education: Array(studies).fill({ school: "ETH", datesAttended }),
      });
    expect(await tell(0, 0)).toMatchObject({ outcome: "sent" });
    expect(await tell(10, 3)).toMatchObject({ outcome: "sent" });
    expect(await tell(11, 4)).toEqual({ outcome: "incomplete", complaints: ["work", "education"] });
  });

  it.each<[Requirement, object]>([
    [
      "REQUIRED",
      {
        contactInformationQuestions: { cellphoneNumberQuestionRequirement: "REQUIRED" },
        resumeQuestions: { resumeQuestionRequirement: "REQUIRED" },
        coverLetterQuestions: {
          coverLetterQuestionRequirement: "REQUIRED",
          textCoverLetterQuestionRequirement: "SKIP",
        },
        workQuestions: { workExperienceQuestionSet: { minRequired: 0, repeatLimit: 10 } },
        educationQuestions: { educationExperienceQuestionSet: { minRequired: 0, repeatLimit: 3 } },
      },
    ],
    ["HIDDEN", { contactInformationQuestions: { cellphoneNumberQuestionRequirement: "SKIP" } }],
  ])("are asked for a phone, a résumé and a letter that are %s", async (requirement, questions) => {
    const { onsite } = await posted({
      requirePhone: requirement,
      requireResume: requirement,
      requireCoverLetter: requirement,
    });
    expect(onsite.questions).toEqual(questions);
  });

  it("are asked about equal opportunity in the United States alone, and need not answer", async () => {
    const compliance = { eeoStatement: null, eeoQuestions: true };
    const { onsite } = await posted({ compliance });
    expect(Object.values(onsite.questions.voluntarySelfIdentificationQuestions)).toEqual(Array(4).fill("OPTIONAL"));
    expect((await posted({ compliance, location: berlinOffice })).onsite.questions).not.toHaveProperty(
      "voluntarySelfIdentificationQuestions",
    );
  });

  it("are none where the job is applied for elsewhere: the element is as it always was", async () => {
    const { element } = await posted({ screeningQuestions: [aQuestion("why", "TEXT")] }, { apply: null });
    expect(element).not.toHaveProperty("onsiteApplyConfiguration");
    expect(JSON.stringify(element)).not.toContain("About why?");
  });

  it.each([undefined, "false"])("are none where the company has not agreed: %s", async (applyConnect) => {
    const { applyConnect: _, ...rest } = account.settings;
    const settings = { ...rest, ...(applyConnect !== undefined && { applyConnect }) };
    const { element, report } = await posted({}, {}, { ...account, settings });
    expect(element).not.toHaveProperty("onsiteApplyConfiguration");
    expect(report).toMatchObject({ state: "LIVE", refusal: null });
  });

  it("stay where they are when the job is changed, prolonged and closed", async () => {
    const { posting } = await posted();
    for (const operation of ["update", "reopen", "close"] as const) {
      await linkedin[operation]?.(account, { ...posting, previousState: "EXPIRED" });
      const body = vendor.sandbox.requests.findLast(({ path }) => path === "/rest/simpleJobPostings")?.body ?? "{}";
      expect(JSON.parse(body).elements[0].onsiteApplyConfiguration.jobApplicationWebhookUrl).toBe(door);
    }
  });
});

describe("a question at LinkedIn", () => {
  it.each<[string, ScreeningQuestion, object]>([
    ["TEXT", aQuestion("q", "TEXT"), { textQuestionDetails: { preferredFormComponent: "TEXT" } }],
    [
      "TEXT of a length",
      aQuestion("q", "TEXT", { maxLength: 80 }),
      { textQuestionDetails: { preferredFormComponent: "TEXT", maxLength: 80 } },
    ],
    [
      "LONG_TEXT",
      aQuestion("q", "LONG_TEXT", { maxLength: 800 }),
      { textQuestionDetails: { preferredFormComponent: "MULTILINE_TEXT", maxLength: 800 } },
    ],
    ["NUMBER", aQuestion("q", "NUMBER"), { numericQuestionDetails: { decimalQuestionDetails: {} } }],
    [
      "NUMBER within limits",
      aQuestion("q", "NUMBER", { min: 0, max: 40.5 }),
      { numericQuestionDetails: { decimalQuestionDetails: { minValue: 0, maxValue: 40.5 } } },
    ],
    ["DATE", aQuestion("q", "DATE"), { textQuestionDetails: { preferredFormComponent: "TEXT" } }],
    [
      "BOOLEAN",
      aQuestion("q", "BOOLEAN"),
      {
        multipleChoiceQuestionDetails: {
          choices: [
            { symbolicName: "true", displayValue: "Yes" },
            { symbolicName: "false", displayValue: "No" },
          ],
          preferredFormComponent: "RADIO_BUTTONS",
        },
      },
    ],
    [
      "SINGLE_CHOICE",
      aQuestion("q", "SINGLE_CHOICE", { options }),
      {
        multipleChoiceQuestionDetails: {
          choices: [
            { symbolicName: "a", displayValue: "Answer A" },
            { symbolicName: "b", displayValue: "Answer B" },
          ],
          preferredFormComponent: "DROPDOWN",
        },
      },
    ],
    [
      "MULTI_CHOICE",
      aQuestion("q", "MULTI_CHOICE", { options, acceptableValues: ["b", "no option"] }),
      {
        multipleChoiceQuestionDetails: {
          choices: [
            { symbolicName: "a", displayValue: "Answer A" },
            { symbolicName: "b", displayValue: "Answer B" },
          ],
          preferredFormComponent: "CHECKBOXES",
          selectMultiple: true,
          favorableMultipleChoiceAnswer: { favorableSymbolicNames: ["b"] },
        },
      },
    ],
    [
      "FILE",
      aQuestion("q", "FILE"),
      {
        documentQuestionDetails: {
          maximumSize: 10_485_760,
          acceptableFileExtensions: ["pdf", "doc", "docx", "odt", "rtf", "txt", "png", "jpg", "jpeg"],
        },
      },
    ],
  ])("is asked in LinkedIn's words: %s", async (_name, question, questionDetails) => {
    const sent = await asked({ ...question, required: true });
    expect(sent).toMatchObject({ questionText: "About q?", required: true });
    expect(sent.questionDetails).toEqual(questionDetails);
  });

  it("may be anybody's to leave out, and is no HTML", async () => {
    expect(await asked(aQuestion("q", "TEXT", { text: "C & <b>C++</b>?" }))).toMatchObject({
      required: false,
      questionText: "C &amp; &lt;b&gt;C++&lt;/b&gt;?",
    });
  });

  it("about a day says how it is written", async () => {
    expect((await asked(aQuestion("q", "DATE"))).helpMessage).toBe("YYYY-MM-DD");
  });

  it("depends on a choice of one, which has radio buttons then", async () => {
    const parent = aQuestion("parent", "SINGLE_CHOICE", { options });
    const child = aQuestion("child", "TEXT", { required: true, dependsOn: { key: "parent", value: "a" } });
    expect((await asked(parent, child)).questionDetails.multipleChoiceQuestionDetails.preferredFormComponent).toBe(
      "RADIO_BUTTONS",
    );
    expect(await asked(child, parent)).toMatchObject({
      required: true,
      prerequisiteQuestionResponse: {
        prerequisiteQuestion: { partnerQuestionIdentifier: "parent" },
        prerequisiteResponse: { multipleChoiceAnswerValue: { symbolicNames: ["a"] } },
      },
    });
  });

  it("stands in a set with what depends on it, of which there is one in each", async () => {
    const dependsOn = (key: string, value: string) => ({ dependsOn: { key, value } });
    const { onsite, report } = await posted({
      screeningQuestions: [
        aQuestion("first", "TEXT"),
        aQuestion("second", "TEXT"),
        aQuestion("drives", "BOOLEAN"),
        aQuestion("car", "TEXT", dependsOn("drives", "true")),
        aQuestion("shift", "SINGLE_CHOICE", { options }),
        aQuestion("bike", "TEXT", dependsOn("drives", "false")),
        aQuestion("night", "TEXT", dependsOn("shift", "b")),
        aQuestion("last", "TEXT"),
      ],
    });
    const sets: Json[] = onsite.questions.additionalQuestions.customQuestionSets;
    expect(sets.map(({ questions }) => questions.map((one: Json) => one.partnerQuestionIdentifier))).toEqual([
      ["first", "second"],
      ["drives", "car", "bike"],
      ["shift", "night"],
      ["last"],
    ]);
    expect(report).toMatchObject({ state: "LIVE", refusal: null });
  });

  it.each<[string, readonly ScreeningQuestion[]]>([
    ["a question that there is not", []],
    ["a choice of several", [aQuestion("parent", "MULTI_CHOICE", { options })]],
    ["a text", [aQuestion("parent", "TEXT")]],
    ["an answer that there is not", [aQuestion("parent", "SINGLE_CHOICE", { options: options.slice(1) })]],
    [
      "a question that depends on another one",
      [
        aQuestion("root", "BOOLEAN"),
        aQuestion("parent", "SINGLE_CHOICE", { options, dependsOn: { key: "root", value: "true" } }),
      ],
    ],
  ])("that depends on %s is asked of everybody, and is nobody's duty", async (_name, others) => {
    const child = aQuestion("child", "TEXT", { required: true, dependsOn: { key: "parent", value: "a" } });
    const sent = await asked(child, ...others);
    expect(sent).toMatchObject({ required: false });
    expect(sent).not.toHaveProperty("prerequisiteQuestionResponse");
    const findings = linkedin.check(nativeJob([child, ...others]), account.settings, new Date());
    expect(findings).toContainEqual(
      expect.objectContaining({ field: ["screeningQuestions", "0", "dependsOn"], effect: "DROPPED" }),
    );
  });
});

const nativeJob = (screeningQuestions: readonly ScreeningQuestion[], changes: Partial<Job> = {}) =>
  aJob({ applyMethod: "BOARD_NATIVE", contactEmail: null, screeningQuestions, ...changes });

describe("what LinkedIn cannot ask", () => {
  const found = (job: Job, settings = account.settings) =>
    linkedin.check(job, settings, new Date()).map(({ effect, field }) => `${effect} ${field.join(".")}`);

  it("is nothing of a job that asks what it can", () => {
    const questions = [
      aQuestion("a", "TEXT", { maxLength: 5, required: true }),
      aQuestion("b", "LONG_TEXT"),
      aQuestion("c", "NUMBER", { min: 1, max: 2 }),
      aQuestion("d", "BOOLEAN"),
      aQuestion("e", "SINGLE_CHOICE", { options, dependsOn: { key: "d", value: "true" } }),
      aQuestion("f", "MULTI_CHOICE", { options }),
      aQuestion("g", "FILE"),
    ];
    const compliance = { eeoStatement: null, eeoQuestions: true };
    const required = { requireResume: "REQUIRED", requireCoverLetter: "HIDDEN", requirePhone: "REQUIRED" } as const;
    expect(found(nativeJob(questions, { compliance, ...required }))).toEqual([]);
  });

  it.each<[string, ScreeningQuestion, string]>([
    ["a day", aQuestion("q", "DATE"), "CHANGED screeningQuestions.0.type"],
    ["a least of a choice", aQuestion("q", "MULTI_CHOICE", { options, min: 1 }), "DROPPED screeningQuestions.0.min"],
    ["a most of a text", aQuestion("q", "TEXT", { max: 1 }), "DROPPED screeningQuestions.0.max"],
    ["a length of a number", aQuestion("q", "NUMBER", { maxLength: 1 }), "DROPPED screeningQuestions.0.maxLength"],
    [
      "acceptable choices",
      aQuestion("q", "BOOLEAN", { acceptableValues: ["true"] }),
      "CHANGED screeningQuestions.0.acceptableValues",
    ],
    [
      "acceptable numbers",
      aQuestion("q", "NUMBER", { acceptableValues: ["3"] }),
      "DROPPED screeningQuestions.0.acceptableValues",
    ],
  ])("is told beforehand: %s", (_name, question, finding) => {
    expect(found(nativeJob([question]))).toEqual([finding]);
  });

  const option = (value: string, label: string) => ({ value, label });

  it.each<[string, ScreeningQuestion, string]>([
    ["without words", aQuestion("q", "TEXT", { text: "" }), "text"],
    ["without a key", aQuestion("", "TEXT"), "key"],
    ["with no room for an answer", aQuestion("q", "TEXT", { maxLength: 0 }), "maxLength"],
    [
      "with an option twice",
      aQuestion("q", "SINGLE_CHOICE", { options: [option("a", "A"), option("a", "B")] }),
      "options",
    ],
    ["with an option without a label", aQuestion("q", "BOOLEAN", { options: [option("a", "")] }), "options"],
    [
      "with an option without a value",
      aQuestion("q", "MULTI_CHOICE", { options: [option("", "A"), option("b", "B")] }),
      "options",
    ],
    ["with no option", aQuestion("q", "SINGLE_CHOICE"), "options"],
  ])("is a question %s, for which LinkedIn refuses the job", async (_name, question, name) => {
    expect(found(nativeJob([question]))).toEqual([`REFUSED screeningQuestions.0.${name}`]);
    await expect(posted({ screeningQuestions: [question] })).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
  });

  it("is no question that is asked elsewhere", () => {
    const job = nativeJob([aQuestion("", "TEXT")], { applyMethod: "EXTERNAL_URL" });
    expect(found(job)).toEqual(["DROPPED screeningQuestions"]);
  });

  it("is equal opportunity outside the United States", () => {
    const compliance = { eeoStatement: null, eeoQuestions: true };
    expect(found(nativeJob([], { compliance, location: berlinOffice }))).toEqual(["DROPPED compliance.eeoQuestions"]);
  });

  it.each(["EXTERNAL_URL", "EMAIL", "BOARD_NATIVE"] as const)("is all that %s asks elsewhere", (applyMethod) => {
    const { applyConnect: _, ...settings } = account.settings;
    const job = nativeJob([aQuestion("q", "DATE")], {
      applyMethod,
      requireResume: "REQUIRED",
      requireCoverLetter: "HIDDEN",
      requirePhone: "REQUIRED",
      compliance: { eeoStatement: null, eeoQuestions: true },
    });
    expect(found(job, settings)).toEqual([
      "DROPPED screeningQuestions",
      "DROPPED compliance.eeoQuestions",
      "DROPPED requireResume",
      "DROPPED requireCoverLetter",
      "DROPPED requirePhone",
      ...(applyMethod === "EXTERNAL_URL" ? [] : ["CHANGED applyMethod"]),
    ]);
  });

  it("is nothing where the job goes elsewhere and asks for nothing", () => {
    expect(found(nativeJob([], { applyMethod: "EXTERNAL_URL" }))).toEqual([]);
  });

  it("says that a company without Apply Connect sends its candidates to `applyUrl`", () => {
    const settings = { ...account.settings, applyConnect: "false" };
    const [finding, ...others] = linkedin.check(nativeJob([]), settings, new Date());
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ field: ["applyMethod"], effect: "CHANGED" });
    expect([finding?.rule, finding?.fix].join(" ")).toMatch(/Apply Connect.*`applyUrl`.*reconnect/s);
    expect(found(nativeJob([], { applyUrl: null }))).toContain("REFUSED applyUrl");
  });
});

describe("connecting a company", () => {
  const connect = (changes: object, known: { id: string; secret: string } | null = null) => {
    const organization = twin().createOrganization({ name: "Neu GmbH", ...changes });
    const values = { organization, companyName: "Neu GmbH" };
    return connectByClient(linkedin, { settings: vendor.sandbox.settings, values, known });
  };

  it("switches Apply Connect on, with the operator's own application", async () => {
    const { account: opened } = await connect({ isOnboarded: true });
    expect(opened.settings["applyConnect"]).toBe("true");
    const request = vendor.sandbox.requests.findLast(({ path }) => path === "/v2/atsIntegrations");
    expect(request?.headers["x-restli-method"]).toBe("batch_partial_update");
    const [entity] = Object.entries<Json>(JSON.parse(request?.body ?? "{}").entities);
    expect(entity?.[0]).toContain("APPLY_CONNECT");
    expect(entity?.[1]).toEqual({ patch: { $set: { integrationName: "APPLY_CONNECT" } } });
  });

  it("that has not agreed lets it post jobs all the same", async () => {
    const { account: opened } = await connect({ isOnboarded: false });
    expect(opened.settings["applyConnect"]).toBe("false");
    const { report, element } = await posted({}, {}, opened);
    expect(element).not.toHaveProperty("onsiteApplyConfiguration");
    expect(report.state).toBe("LIVE");
  });

  it("is tried again where LinkedIn does not answer, rather than half done", async () => {
    twin().fail("down", { times: 1, path: "atsIntegrations" });
    await expect(connect({ isOnboarded: true })).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
  });
});

describe("a job at which candidates cannot apply at LinkedIn after all", () => {
  const seen = ({ posting }: { readonly posting: BoardPosting }) =>
    linkedin.status?.(account, { ...posting, operation: null, previousState: "LIVE" });

  it("is LIMITED, and says why, until LinkedIn takes it back", async () => {
    const job = await posted();
    await twin().commands["send-offsite"]?.({ job: job.posting.job.externalReference });
    expect(await seen(job)).toMatchObject({
      state: "LIMITED",
      boardState: "LISTED",
      refusal: { code: "PROVIDER_REFUSED", message: expect.stringContaining("could not be delivered") },
    });
    const changing = { ...job.posting, operation: "UPDATE" as const, previousState: "LIMITED" as const };
    const first = (await linkedin.update?.(account, changing)) ?? expect.fail("LinkedIn takes no updates");
    expect(await followed(linkedin, vendor, account, changing, first)).toMatchObject({ state: "LIVE", refusal: null });
  });

  it("is LIMITED where the address does not pass LinkedIn's challenge", async () => {
    const job = await posted({}, { apply: { url: "http://127.0.0.1:9/webhooks/linkedin/token", token: null } });
    expect(job.report).toMatchObject({ state: "LIMITED", refusal: { providerCode: "WEBHOOK_NOT_VALIDATED" } });
  });

  it("is live where it was to be applied for elsewhere", async () => {
    const job = await posted({ applyMethod: "EXTERNAL_URL" }, { apply: null });
    expect(await seen(job)).toMatchObject({ state: "LIVE", refusal: null });
  });

  it("is posted, whoever tries to post it again", async () => {
    twin().switches.secondCreate = "refused";
    const address = { apply: { url: "http://127.0.0.1:9/webhooks/linkedin/another", token: null } };
    const { posting } = await posted({}, address);
    const first = (await linkedin.post?.(account, posting)) ?? expect.fail("LinkedIn takes no jobs");
    const report = await followed(linkedin, vendor, account, posting, first);
    twin().switches.secondCreate = "same-job";
    expect(report).toMatchObject({ state: "LIMITED", refusal: { message: expect.stringContaining("webhook") } });
  });
});
