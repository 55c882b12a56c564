import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { signatureOf } from "../../sandbox/linkedin/signature.ts";
import type { GivenSubmission } from "../../sandbox/linkedin/submission.ts";
import { defaultSwitches, type LinkedInSwitches } from "../../sandbox/linkedin/switches.ts";
import { isIntegrationError } from "../../src/errors.ts";
import type { BoardApplications, BoardMessage, MessageKeys } from "../../src/providers/job-board/applications.ts";
import type { Job } from "../../src/providers/job-board/job.ts";
import { linkedin } from "../../src/providers/job-board/linkedin.ts";
import type { BoardAccount } from "../../src/providers/job-board/provider.ts";
import { describeBoardApplications } from "../contract/board-applications.ts";
import { followed } from "../contract/job-board-provider.ts";
import { aJob, aPosting } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import { connectByClient } from "../support/client-account.ts";
import { createLinkedInVendor, type LinkedInVendor } from "../support/linkedin-vendor.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests change what arrived as JSON.
type Json = any;

describeBoardApplications(linkedin, createLinkedInVendor);

let vendor: LinkedInVendor;
let account: BoardAccount;
let keys: MessageKeys;

beforeAll(async () => {
  vendor = await createLinkedInVendor();
  ({ account } = await vendor.connect());
  keys = await vendor.keys();
});
afterEach(
  () => void Object.assign(vendor.sandbox.linkedin.switches, defaultSwitches(), { latencyMs: 0, resendDelayMs: 0 }),
);
afterAll(() => vendor.stop());

const applications: BoardApplications = linkedin.applications ?? expect.fail("Nobody can apply at LinkedIn");
const { accountNameOf, handshake, prove, read, parse, fetchFile } = applications;
const now = new Date();
const zoe = { firstName: "Zoë", lastName: "Müller-李", email: "zoe@example.test" };

/** Where messages are proved over the bytes that arrive. */
async function aDoor(by = keys) {
  const messages: BoardMessage[] = [];
  const door = await serveOnLoopback(({ method, url, headers, body }, response) => {
    const query = Object.fromEntries(new URL(url, "http://door").searchParams);
    const answer = (status: number, said: object) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
    if (method === "GET") return answer(200, handshake?.(query, by) ?? {});
    const message = { headers: headers as Record<string, string>, query, body: Buffer.from(body) };
    try {
      prove(message, by, now);
      messages.push(message);
      answer(200, {});
    } catch (error) {
      answer(isIntegrationError(error, "FORBIDDEN") ? 401 : 500, {});
    }
  });
  return { url: `${door.origin}/webhooks/linkedin/token`, messages };
}

/** A job that is live, and what candidates send to it. */
async function aLiveJob(changes: Partial<Job> = {}) {
  const { url, messages } = await aDoor();
  const job = aJob({ applyMethod: "BOARD_NATIVE", ...changes });
  const posting = aPosting({ job, apply: { url, token: null } });
  const first = (await linkedin.post?.(account, posting)) ?? expect.fail("LinkedIn takes no jobs");
  await followed(linkedin, vendor, account, posting, first);
  const twin = vendor.sandbox.linkedin;
  await twin.settled();
  twin.finishTasks();

  /** What a candidate sends, as it arrives. */
  const arrived = async (submission: Partial<GivenSubmission> = {}, switches: Partial<LinkedInSwitches> = {}) => {
    Object.assign(twin.switches, switches);
    const applied = await twin.apply(twin.jobNamed(job.externalReference), { ...zoe, ...submission });
    if (applied.outcome !== "sent") throw new Error(JSON.stringify(applied));
    expect(applied.firstAttempt.status).toBe(200);
    return { id: applied.jobApplicationId, message: messages.at(-1) ?? expect.fail("Nothing arrived") };
  };
  const received = async (submission: Partial<GivenSubmission> = {}) =>
    parse((await arrived(submission)).message.body, job);
  /** The same with something changed in it. */
  const receivedWith = async (submission: Partial<GivenSubmission>, change: (sent: Json) => void) => {
    const sent = JSON.parse((await arrived(submission)).message.body.toString());
    change(sent);
    return parse(Buffer.from(JSON.stringify(sent)), job);
  };
  return { job, arrived, received, receivedWith };
}

const messageOf = (body: object, headers = {}): BoardMessage => ({
  headers,
  query: {},
  body: Buffer.from(JSON.stringify(body)),
});

describe("LinkedIn's challenge", () => {
  it("is passed by the account's own secret, and then candidates can apply", async () => {
    const { arrived } = await aLiveJob();
    expect((await arrived()).id).toMatch(/^urn:li:jobApplication:\d+$/);
  });

  it("is passed at the operator's address by the operator's secret", async () => {
    const { url } = await aDoor({ ...keys, secret: null });
    expect(await vendor.sandbox.linkedin.registerWebhook("RESYNC_JOBS", url)).toBe(true);
    const { url: other } = await aDoor();
    expect(await vendor.sandbox.linkedin.registerWebhook("RESYNC_JOBS", other)).toBe(false);
  });

  it("is answered with the code, and its HMAC in lower case", () => {
    const own = { ...keys, secret: { clientSecret: "its-secret" } };
    const challengeResponse = createHmac("sha256", "its-secret").update("a-code").digest("hex");
    const answer = { challengeCode: "a-code", challengeResponse };
    expect(handshake?.({ challengeCode: "a-code", applicationId: "7" }, own)).toEqual(answer);
  });

  it("is none without a code, and is not answered without a secret", () => {
    expect(handshake?.({ applicationId: "7" }, keys)).toBeNull();
    expect(handshake?.({ challengeCode: "" }, keys)).toBeNull();
    expect(handshake?.({ challengeCode: "a-code" }, { ...keys, secret: {} })).toBeNull();
    expect(handshake?.({ challengeCode: "a-code" }, { ...keys, secret: null, clientSecret: null })).toBeNull();
  });
});

describe("whoever knows the address", () => {
  it("has no message signed by asking for it as a challenge", () => {
    const message = '{"type":"RESYNC_JOBS","developerApplicationUrn":"urn:li:developerApplication:7"}';
    for (const challengeCode of [`hmacsha256=${message}`, "hmacsha256=", "hmacsha256=1", "a b", "é", "a".repeat(101)]) {
      expect(handshake?.({ challengeCode }, keys)).toBeNull();
      expect(handshake?.({ challengeCode }, { ...keys, secret: null })).toBeNull();
    }
  });
});

describe("a message from LinkedIn", () => {
  it.each([
    { sentAs: "escaped", escapeDigits: "lower", signaturePrefix: false },
    { sentAs: "escaped", escapeDigits: "upper", signaturePrefix: true },
    { sentAs: "utf-8", escapeDigits: "lower", signaturePrefix: true },
    { sentAs: "utf-8", escapeDigits: "upper", signaturePrefix: false },
  ] as const)("is proved however it is written: %j", async (switches) => {
    const { arrived, job } = await aLiveJob();
    const { message } = await arrived({ firstName: "Żółć 👋", lastName: "O'Brien-李" }, switches);
    expect(prove(message, keys, now)).toBeUndefined();
    expect(parse(message.body, job).candidate.fullName).toBe("Żółć 👋 O'Brien-李");
  });

  it("is proved when the signature is over the bytes as they are", () => {
    const body = Buffer.from('{"firstName":"Zoë"}');
    const signature = signatureOf(body.toString(), keys.secret?.["clientSecret"] ?? "");
    expect(prove({ headers: { "x-li-signature": signature }, query: {}, body }, keys, now)).toBeUndefined();
  });

  it.each(["escaped", "utf-8"] as const)("is not LinkedIn's when one byte is another one: %s", async (sentAs) => {
    const { arrived } = await aLiveJob();
    const { message } = await arrived({}, { sentAs });
    for (const at of [0, message.body.indexOf("M") + 2, message.body.length - 1]) {
      const body = Buffer.from(message.body);
      body.writeUInt8((body[at] ?? 0) ^ 1, at);
      expect(() => prove({ ...message, body }, keys, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    }
  });

  it.each([
    ["with another account's secret", { secret: { clientSecret: "another" } }, {}],
    ["by the operator's secret, at an account's address", { secret: {} }, {}],
    ["at the operator's address, by an account's secret", { secret: null }, {}],
    ["without a signature", {}, { "x-li-signature": "" }],
    ["with the prefix alone", {}, { "x-li-signature": "hmacsha256=" }],
    ["with a shorter signature", {}, { "x-li-signature": "abcd" }],
    ["with what is no signature", {}, { "x-li-signature": "Żółć" }],
  ])("is not LinkedIn's %s", async (_name, otherKeys, headers) => {
    const { arrived } = await aLiveJob();
    const { message } = await arrived();
    const other = { ...message, headers: { ...message.headers, ...headers } };
    expect(() => prove(other, { ...keys, ...otherKeys }, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
  });

  it("is nobody's who signs with nothing, where nothing is set", () => {
    const body = Buffer.from("{}");
    const signed = { headers: { "x-li-signature": signatureOf("{}", "") }, query: {}, body };
    for (const none of [
      { secret: null, clientSecret: null },
      { secret: null, clientSecret: "" },
      { secret: {} },
      { secret: { clientSecret: "" } },
    ]) {
      expect(() => prove(signed, { ...keys, ...none }, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    }
  });

  it("says which job it is about, and who applies", async () => {
    const { job, arrived } = await aLiveJob();
    const { id, message } = await arrived();
    const application = { kind: "application", jobName: job.externalReference, boardApplicationId: id };
    expect(read(message)).toEqual({ ...application, email: zoe.email });
  });

  it("may name the job by a number", async () => {
    const { arrived } = await aLiveJob();
    const { message } = await arrived();
    const sent = { ...JSON.parse(message.body.toString()), externalJobId: 4711, questionResponses: null };
    expect(read(messageOf(sent))).toMatchObject({ jobName: "4711", email: null });
  });

  it.each([
    ["RESYNC_JOBS", "resend"],
    ["JOB_STATUS_CHANGE", "look"],
  ])("is about some jobs of an account: %s", (type, kind) => {
    const developerApplicationUrn = "urn:li:developerApplication:7";
    const named = (jobs: object) => read(messageOf({ type, developerApplicationUrn, ...jobs }));
    const about = (references: readonly string[] | null) => ({
      kind,
      accountName: developerApplicationUrn,
      references,
    });
    expect(named({ externalJobPostingIds: ["a", 7] })).toEqual(about(["a", "7"]));
    expect(named({ externalJobPostingId: "a" })).toEqual(about(["a"]));
    expect(named({ externalJobPostingId: 7 })).toEqual(about(["7"]));
    expect(named({ externalJobPostingIds: [], syncAllOpenJobs: true })).toEqual(about(null));
    expect(named({ externalJobPostingIds: ["a"], syncAllOpenJobs: false })).toEqual(about(["a"]));
  });

  it.each([
    ["no job", { type: "JOB_STATUS_CHANGE" }],
    ["no list", { type: "JOB_STATUS_CHANGE", externalJobPostingIds: "a, b" }],
    ["a list of none", { type: "JOB_STATUS_CHANGE", externalJobPostingIds: [] }],
    ["another word for it", { type: "JOB_POSTING_STATUS_CHANGED" }],
  ])("is a hint to look, though LinkedIn's pages do not show it: %s", (_, said) => {
    const developerApplicationUrn = "urn:li:developerApplication:7";
    const look = { kind: "look", accountName: developerApplicationUrn, references: null };
    expect(read(messageOf({ ...said, developerApplicationUrn }))).toEqual(look);
    const named = { ...said, developerApplicationUrn, externalJobPostingId: "a" };
    expect(read(messageOf(named))).toEqual({ ...look, references: ["a"] });
  });

  it("asks for nothing again when it names no job to send", () => {
    const developerApplicationUrn = "urn:li:developerApplication:7";
    const asked = (jobs: object) => read(messageOf({ type: "RESYNC_JOBS", developerApplicationUrn, ...jobs }));
    expect(asked({ externalJobPostingIds: [], syncAllOpenJobs: false })).toMatchObject({ references: [] });
    expect(() => asked({})).toThrow(expect.objectContaining({ code: "PROVIDER_REPLY_INVALID" }));
  });

  it.each(["list", "single"] as const)("arrives when a job changes, with its names as a %s", async (changedJobs) => {
    const twin = vendor.sandbox.linkedin;
    const { job } = await aLiveJob();
    const { url, messages } = await aDoor({ ...keys, secret: null });
    await twin.registerWebhook("JOB_STATUS_CHANGE", url);
    twin.switches.changedJobs = changedJobs;
    await twin.commands["close-by-members"]?.({ job: job.externalReference });
    await twin.settled();
    expect(messages.map((message) => read(message))).toEqual([
      {
        kind: "look",
        accountName: expect.stringMatching(/^urn:li:developerApplication:\d+$/),
        references: [job.externalReference],
      },
    ]);
  });

  it("of which nobody knows anything asks for nothing", () => {
    expect(read(messageOf({ type: "SOMETHING_NEW" }))).toEqual({ kind: "nothing" });
  });

  it.each(['{"type":"EXPORT_JOB_APPLICATION","email":"zoe@example.test"}', "no JSON of zoe@example.test"])(
    "that cannot be read is an expected failure, which repeats nothing of it: %j",
    (text) => {
      const body = Buffer.from(text);
      for (const attempt of [() => read({ headers: {}, query: {}, body }), () => parse(body, aJob())]) {
        expect(attempt).toThrow(expect.objectContaining({ code: "PROVIDER_REPLY_INVALID", retryable: false }));
        expect(attempt).not.toThrow(/zoe/);
      }
    },
  );
});

describe("how LinkedIn brings applications", () => {
  it("is the same person's for 120 days, and hears no refusals", () => {
    expect(applications.repeatDays).toBe(120);
    expect(applications).not.toHaveProperty("refusals");
    expect(applications).not.toHaveProperty("jobNameOf");
  });

  it("is to an account that is named after its application", async () => {
    const { settings } = account;
    expect(accountNameOf?.(settings)).toMatch(/^urn:li:developerApplication:\d+$/);
    expect(accountNameOf?.({})).toBeNull();
  });
});

describe("an application", () => {
  it("is read whole", async () => {
    const { received } = await aLiveJob();
    const before = Date.now();
    const application = await received({
      phone: { countryCode: "41", nationalNumber: "441234567", extension: "9" },
      coverLetter: "I like bridges.",
      skills: ["Welding", "Statics", "Welding"],
    });
    expect(application).toEqual({
      boardApplicationId: expect.stringMatching(/^urn:li:jobApplication:\d+$/),
      boardReferences: {},
      appliedAt: expect.any(Date),
      candidate: {
        fullName: "Zoë Müller-李",
        firstName: "Zoë",
        lastName: "Müller-李",
        email: "zoe@example.test",
        phone: "+41 441234567 ext. 9",
        city: null,
        region: null,
        postalCode: null,
        country: null,
        headline: null,
        summary: null,
        profileUrls: [],
      },
      coverLetter: "I like bridges.",
      resumeText: null,
      experience: [],
      education: [],
      skills: ["Welding", "Statics"],
      answers: [],
      eeoAnswers: [],
      files: [],
      source: { sponsored: null, referrer: "LinkedIn apply", campaign: null },
    });
    expect(application.appliedAt?.getTime()).toBeGreaterThanOrEqual(before);
  });

  it("without anything but what has to be there is one all the same", () => {
    const body = Buffer.from(JSON.stringify({ jobApplicationId: "urn:li:jobApplication:1", externalJobId: "REF-1" }));
    expect(parse(body, aJob())).toMatchObject({
      boardApplicationId: "urn:li:jobApplication:1",
      appliedAt: null,
      candidate: { fullName: "", firstName: null, lastName: null, email: null, phone: null, city: null },
      coverLetter: null,
      experience: [],
      education: [],
      skills: [],
      answers: [],
      eeoAnswers: [],
      files: [],
    });
  });

  it("loses nothing else to a part that is not what it should be", async () => {
    const { receivedWith } = await aLiveJob();
    const application = await receivedWith({ coverLetter: "Dear all" }, (sent) => {
      sent.appliedAt = "yesterday";
      sent.applicantSkills = [null, { skillName: "Welding" }, "Statics"];
      const responses = sent.questionResponses;
      responses.contactInformationQuestionResponses.cellphoneNumberQuestionAnswer = "+1 512 555 0100";
      responses.resumeQuestionResponses = { resumeQuestionAnswer: { mediaUrn: "urn:li:media:1" } };
      responses.workQuestionResponses = "none";
      responses.additionalQuestionResponses = { customQuestionSetResponses: [null, { customQuestionResponses: {} }] };
    });
    expect(application).toMatchObject({
      appliedAt: null,
      candidate: { fullName: "Zoë Müller-李", phone: null },
      coverLetter: "Dear all",
      skills: ["Welding"],
      experience: [],
      answers: [],
      files: [],
    });
  });

  it.each([
    [{ countryCode: "1", nationalNumber: "5125550100" }, "+1 5125550100"],
    [{ countryCode: "+49", nationalNumber: "301234" }, "+49 301234"],
    [{ countryCode: "US", nationalNumber: "(512) 555-0100" }, "(512) 555-0100"],
    [{ nationalNumber: 5125550100 }, "5125550100"],
    [{ countryCode: "1" }, null],
  ])("has a phone number as far as it is told: %j", async (phone, written) => {
    const { receivedWith } = await aLiveJob();
    const { candidate } = await receivedWith({}, (sent) => {
      sent.questionResponses.contactInformationQuestionResponses.cellphoneNumberQuestionAnswer = phone;
    });
    expect(candidate.phone).toBe(written);
  });

  it("has work and study where LinkedIn tells of them", async () => {
    const { receivedWith } = await aLiveJob();
    const value = (text: string) => ({ value: text });
    const { candidate, experience, education } = await receivedWith({}, ({ questionResponses }) => {
      Object.assign(questionResponses.contactInformationQuestionResponses, {
        middleNameAnswer: value("Ada"),
        locationAnswer: value("Zurich, Switzerland"),
      });
      questionResponses.workQuestionResponses = {
        workExperienceQuestionSetResponses: [
          {
            titleAnswer: value("Engineer"),
            companyAnswer: value("Muster Bridges"),
            cityAnswer: value("Bern"),
            descriptionAnswer: value("Bridges."),
            employmentDatesAnswer: { startDate: { year: 2019, month: 4 }, endDate: { year: 2021 } },
          },
          {
            titleAnswer: value("Welder"),
            employmentDatesAnswer: { startDate: { year: 2020, month: 13 }, endDate: { year: 0 } },
          },
        ],
      };
      questionResponses.educationQuestionResponses = {
        educationExperienceQuestionSetResponses: [
          {
            schoolAnswer: value("ETH"),
            degreeAnswer: value("M.Sc."),
            fieldOfStudyAnswer: value("Statics"),
            datesAttendedAnswer: { startDate: { year: 2012 }, endDate: { year: 2017, month: 10 } },
          },
        ],
      };
    });
    const nothing = { title: null, organization: null, description: null, city: null, from: null, to: null };
    expect(candidate).toMatchObject({ fullName: "Zoë Ada Müller-李", city: "Zurich, Switzerland" });
    expect(experience).toEqual([
      {
        title: "Engineer",
        organization: "Muster Bridges",
        description: "Bridges.",
        city: "Bern",
        from: "2019-04",
        to: "2021",
      },
      { ...nothing, title: "Welder", from: "2020" },
    ]);
    expect(education).toEqual([
      { ...nothing, title: "M.Sc., Statics", organization: "ETH", from: "2012", to: "2017-10" },
    ]);
  });

  it("has the work and the study that candidates tell in LinkedIn's form", async () => {
    const { received } = await aLiveJob();
    const { experience, education } = await received({
      work: [
        { title: "Engineer", company: "Muster Bridges", employmentDates: { startDate: { year: 2019, month: 4 } } },
      ],
      education: [{ school: "ETH", degree: "M.Sc.", datesAttended: { startDate: { year: 2012 } } }],
    });
    expect(experience).toMatchObject([
      { title: "Engineer", organization: "Muster Bridges", from: "2019-04", to: null },
    ]);
    expect(education).toMatchObject([{ title: "M.Sc.", organization: "ETH", from: "2012", to: null }]);
  });

  it("has an answer to each question, by its key", async () => {
    const shifts = [
      { value: "early", label: "Early" },
      { value: "late", label: "Late" },
    ];
    const { received, job } = await aLiveJob({
      screeningQuestions: [
        aQuestion("drives", "BOOLEAN"),
        aQuestion("car", "TEXT", { dependsOn: { key: "drives", value: "true" } }),
        aQuestion("why", "LONG_TEXT"),
        aQuestion("years", "NUMBER"),
        aQuestion("start", "DATE"),
        aQuestion("shift", "SINGLE_CHOICE", { options: shifts }),
        aQuestion("shifts", "MULTI_CHOICE", { options: shifts }),
        aQuestion("license", "FILE"),
        aQuestion("unanswered", "TEXT"),
      ],
    });
    const license = { fileName: "Führerschein.pdf", contentType: "application/pdf", text: "%PDF-1.7 a license" };
    const { answers, eeoAnswers, files } = await received({
      answers: {
        drives: "true",
        car: "A van",
        why: "Brücken 李",
        years: 7.5,
        start: "2027-01-15",
        shift: "late",
        shifts: ["early", "late"],
        license,
      },
    });
    const said = Object.fromEntries(answers.map(({ questionKey, values }) => [questionKey, values]));
    expect(said).toEqual({
      drives: ["true"],
      car: ["A van"],
      why: ["Brücken 李"],
      years: ["7.5"],
      start: ["2027-01-15"],
      shift: ["late"],
      shifts: ["early", "late"],
      license: [],
    });
    for (const { questionKey, question } of answers) {
      expect(question).toBe(job.screeningQuestions.find(({ key }) => key === questionKey)?.text);
    }
    expect(eeoAnswers).toEqual([]);
    const source = expect.stringMatching(/\/media\/\d+$/);
    expect(files).toEqual([{ kind: "ANSWER", questionKey: "license", fileName: null, contentType: null, source }]);
  });

  it("has answers of every kind that LinkedIn knows, wherever they stand", async () => {
    const { receivedWith } = await aLiveJob();
    const answer = (questionIdentifier: string, given: object) => ({ questionIdentifier, answer: given });
    const { answers } = await receivedWith({}, ({ questionResponses }) => {
      questionResponses.contactInformationQuestionResponses.customQuestionResponses = [
        answer("whole", { numericAnswerValue: { integerValue: 0 } }),
      ];
      questionResponses.workQuestionResponses = {
        customQuestionResponses: [
          answer("when", { dateAnswerValue: { startDate: { year: 2020, month: 5 }, endDate: { year: 2022 } } }),
        ],
      };
      questionResponses.additionalQuestionResponses = {
        customQuestionSetResponses: [
          {
            customQuestionResponses: [
              answer("call", { phoneNumberAnswerValue: { countryCode: "41", nationalNumber: "44" } }),
            ],
          },
          { customQuestionResponses: [answer("new", { somethingNew: 1 }), { questionIdentifier: "empty" }] },
        ],
      };
    });
    expect(answers).toEqual([
      { questionKey: "whole", question: null, values: ["0"] },
      { questionKey: "when", question: null, values: ["2020-05", "2022"] },
      { questionKey: "call", question: null, values: ["+41 44"] },
      { questionKey: "new", question: null, values: [] },
      { questionKey: "empty", question: null, values: [] },
    ]);
  });

  it("has what is for equal opportunity apart, in whatever form", async () => {
    const { receivedWith } = await aLiveJob({
      compliance: { eeoStatement: null, eeoQuestions: true },
      screeningQuestions: [aQuestion("why", "TEXT")],
    });
    const selfIdentification = { gender: "FEMALE", race: "WHITE", disability: "NO" };
    const { answers, eeoAnswers } = await receivedWith(
      { selfIdentification, answers: { why: "Bridges" } },
      ({ questionResponses: { voluntarySelfIdentificationQuestionResponses: voluntary } }) => {
        voluntary.raceAnswer = { symbolicNames: ["ASIAN", "WHITE"] };
        voluntary.veteranStatusQuestionAnswer = { value: "" };
        voluntary.customQuestionResponses = [
          { questionIdentifier: "pronouns", answer: { textAnswerValue: { value: "she" } } },
        ];
      },
    );
    expect(answers.map(({ questionKey }) => questionKey)).toEqual(["why"]);
    expect(Object.fromEntries(eeoAnswers.map(({ questionKey, values }) => [questionKey, values]))).toEqual({
      disability: ["NO"],
      gender: ["FEMALE"],
      race: ["ASIAN", "WHITE"],
      veteranStatus: [],
      pronouns: ["she"],
    });
  });
});

describe("the files of an application", () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const resume = { fileName: "Lebenslauf Zoë.pdf", contentType: "application/pdf", base64: bytes.toString("base64") };
  const coverLetterFile = { fileName: "letter.docx", text: "Dear all" };
  const sourceOf = async (submission: Partial<GivenSubmission> = { resume }) => {
    const { received } = await aLiveJob();
    const [file] = (await received(submission)).files;
    return file && "source" in file ? file.source : expect.fail("There is no file");
  };

  it("are named by where they are", async () => {
    const { received } = await aLiveJob();
    const { files } = await received({ resume, coverLetterFile });
    const at = { questionKey: null, fileName: null, contentType: null, source: expect.stringContaining("/media/") };
    expect(files).toEqual([
      { kind: "RESUME", ...at },
      { kind: "COVER_LETTER", ...at },
    ]);
  });

  it("are fetched with the account's token, as they were sent", async () => {
    const fetched = await fetchFile?.(account, await sourceOf());
    expect(fetched).toMatchObject({ fileName: "Lebenslauf Zoë.pdf", contentType: "application/pdf" });
    expect(fetched?.content.equals(bytes)).toBe(true);
  });

  it("that are gone are told as such", async () => {
    const source = await sourceOf();
    await expect(fetchFile?.(account, `${source}0`)).rejects.toMatchObject({ code: "NOT_FOUND", retryable: false });
  });

  it("of another company are refused", async () => {
    const organization = vendor.sandbox.linkedin.createOrganization({ isOnboarded: true });
    const { settings } = vendor.sandbox;
    const { account: other } = await connectByClient(linkedin, {
      settings,
      values: { organization, companyName: "Another AG" },
    });
    await expect(fetchFile?.(other, await sourceOf())).rejects.toMatchObject({ code: "FORBIDDEN", retryable: false });
  });

  it("elsewhere are refused, and no token goes there", async () => {
    const elsewhere = await serveOnLoopback((_, response) => response.writeHead(200).end("a file"));
    await expect(fetchFile?.(account, `${elsewhere.origin}/media/1`)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    expect(elsewhere.requests).toEqual([]);
  });

  it.each(["", "urn:li:media:1", "not an address", "data:text/plain,hi", "file:///etc/passwd"])(
    "without an address are an expected failure: %j",
    async (source) => {
      const error: unknown = await fetchFile?.(account, source).catch((failure: unknown) => failure);
      expect(isIntegrationError(error, "PROVIDER_REPLY_INVALID", "EGRESS_REFUSED")).toBe(true);
    },
  );

  it.each([
    ["rate-limited", "RATE_LIMITED"],
    ["down", "PROVIDER_UNAVAILABLE"],
    ["hung-up", "PROVIDER_UNAVAILABLE"],
  ] as const)("that cannot be fetched now are fetched later: %s", async (trouble, code) => {
    const source = await sourceOf();
    vendor.failNext(trouble);
    await expect(fetchFile?.(account, source)).rejects.toMatchObject({ code, retryable: true });
  });
});
