import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Candidate } from "../../sandbox/ziprecruiter/applications.ts";
import { defaultSwitches, type ZipRecruiterSwitches } from "../../sandbox/ziprecruiter/switches.ts";
import type { BoardApplications, BoardMessage, MessageKeys } from "../../src/providers/job-board/applications.ts";
import type { Job } from "../../src/providers/job-board/job.ts";
import type { BoardAccount } from "../../src/providers/job-board/provider.ts";
import { ziprecruiter } from "../../src/providers/job-board/ziprecruiter.ts";
import { describeBoardApplications } from "../contract/board-applications.ts";
import { aJob, aPosting } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import { loopbackFetchFor } from "../support/account.ts";
import { connectByForm } from "../support/form-account.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";
import { createZipRecruiterVendor, type ZipRecruiterVendor } from "../support/ziprecruiter-vendor.ts";

describeBoardApplications(ziprecruiter, createZipRecruiterVendor);

// biome-ignore lint/suspicious/noExplicitAny: tests change what arrived as JSON.
type Json = any;

const applications: BoardApplications = ziprecruiter.applications ?? expect.fail("Nobody can apply at ZipRecruiter");
const { prove, read, parse, missing } = applications;
const now = new Date();

let vendor: ZipRecruiterVendor;
let account: BoardAccount;
let keys: MessageKeys;

beforeAll(async () => {
  vendor = await createZipRecruiterVendor();
  ({ account } = await vendor.connect());
  keys = await vendor.keys();
});
afterEach(() => void Object.assign(vendor.twin.switches, defaultSwitches()));
afterAll(() => vendor.stop());

const apply = { url: "https://integrations.example.test/webhooks/ziprecruiter/somebody", token: null };
const choices = [
  { value: "de", label: "German" },
  { value: "en", label: "English" },
];
const questions = [
  aQuestion("line", "TEXT"),
  aQuestion("text", "LONG_TEXT", { required: true }),
  aQuestion("years", "NUMBER", { min: 1, max: 40 }),
  aQuestion("from", "DATE"),
  aQuestion("drive", "BOOLEAN"),
  aQuestion("one", "SINGLE_CHOICE", { options: choices }),
  aQuestion("many", "MULTI_CHOICE", { options: choices }),
  aQuestion("paper", "FILE", { required: true, dependsOn: { key: "drive", value: "true" } }),
];

/** A job at which one applies, and what arrives of it. */
async function aLiveJob(changes: Partial<Job> = {}) {
  const arrived: BoardMessage[] = [];
  const door = await serveOnLoopback(({ headers, body }, response) => {
    arrived.push({ headers: headers as Record<string, string>, query: {}, body: Buffer.from(body) });
    response.writeHead(200).end();
  });
  await vendor.twin.registerWebhook(door.origin);
  const job = aJob({ applyMethod: "BOARD_NATIVE", ...changes });
  const posting = aPosting({ job, apply: { url: door.origin, token: null } });
  await ziprecruiter.post?.(account, posting);
  const jobId = applications.jobNameOf?.(posting) ?? "";
  const apply = async (candidate: Candidate = {}, switches: Partial<ZipRecruiterSwitches> = {}) => {
    Object.assign(vendor.twin.switches, switches);
    await vendor.twin.apply(jobId, candidate);
    return arrived.at(-1) ?? expect.fail("Nothing arrived");
  };
  return { posting, job, jobId, apply };
}

/** A message as ZipRecruiter signs it. */
function signed(body: string, timestamp: number | string, key = keys.signingKey ?? ""): BoardMessage {
  const signature = createHmac("sha256", key).update(`${timestamp}.${body}`).digest("base64");
  const headers = { "x-ziprecruiter-signature": signature, "x-ziprecruiter-signature-timestamp": String(timestamp) };
  return { headers, query: {}, body: Buffer.from(body) };
}

const refused = expect.objectContaining({ code: "FORBIDDEN" });

describe("a message from ZipRecruiter", () => {
  it("counts seconds or milliseconds, and calls its version as it likes", async () => {
    const { apply } = await aLiveJob();
    for (const switches of [{ timestampUnit: "milliseconds" }, { signatureVersion: "2" }] as const) {
      expect(prove(await apply({}, switches), keys, new Date())).toBeUndefined();
    }
  });

  it.each([
    ["five minutes ago", -300_000, true],
    ["a little more than that", -301_000, false],
    ["in five minutes", 300_000, true],
    ["later than that", 302_000, false],
  ])("is good for a while: signed %s", (_name, ms, isGood) => {
    const message = signed("{}", Math.floor((now.getTime() + ms) / 1000));
    if (isGood) expect(prove(message, keys, new Date(Math.floor(now.getTime() / 1000) * 1000))).toBeUndefined();
    else expect(() => prove(message, keys, now)).toThrow(refused);
  });

  it("is not ZipRecruiter's when its time was exchanged", () => {
    const message = signed("{}", Math.floor(now.getTime() / 1000) - 600);
    const headers = {
      ...message.headers,
      "x-ziprecruiter-signature-timestamp": String(Math.floor(now.getTime() / 1000)),
    };
    expect(() => prove({ ...message, headers }, keys, now)).toThrow(refused);
    expect(() => prove(signed("{}", "soon"), keys, now)).toThrow(refused);
  });

  it("is refused unsigned where the operator's key is used, and where nobody has set one", async () => {
    const { apply } = await aLiveJob();
    const unsigned = await apply({}, { signs: false });
    expect(() => prove(unsigned, keys, now)).toThrow(refused);
    expect(() => prove(unsigned, { ...keys, secret: null, signingKey: null }, now)).toThrow(refused);
  });

  it("is proved by the company's own key, and by the address alone where it has an API key and no other", async () => {
    const own = { ...keys, secret: { apiKey: "own", webhookKey: "own-signing-key" } };
    const at = Math.floor(now.getTime() / 1000);
    expect(prove(signed("{}", at, "own-signing-key"), own, now)).toBeUndefined();
    expect(() => prove(signed("{}", at), own, now)).toThrow(refused);
    expect(
      prove({ headers: {}, query: {}, body: Buffer.from("{}") }, { ...keys, secret: { apiKey: "own" } }, now),
    ).toBeUndefined();
  });

  it("needs a key of the operator's where the company has none of its own", () => {
    expect(missing?.(keys)).toBeNull();
    expect(missing?.({ ...keys, signingKey: null })).toContain("ZIPRECRUITER_WEBHOOK_SIGNING_KEY");
    expect(missing?.({ ...keys, signingKey: null, secret: { apiKey: "own" } })).toBeNull();
  });
});

describe("an application", () => {
  it("has everything that ZipRecruiter says of a person", async () => {
    const { apply, job } = await aLiveJob();
    const message = await apply({ city: "Ås", state: "TX", postalCode: "78701", resumeText: "I mend bridges." });
    expect(parse(message.body, job)).toMatchObject({
      candidate: { fullName: "Zoë Müller", phone: "+1 555 0100", city: "Ås", region: "TX", postalCode: "78701" },
      resumeText: "I mend bridges.",
      boardReferences: { zrApplicationId: expect.any(String) },
    });
  });

  it("has the very bytes of the résumé", async () => {
    const { apply, job } = await aLiveJob();
    const message = await apply();
    const sent = JSON.parse(message.body.toString());
    const [file] = parse(message.body, job).files;
    expect(file).toMatchObject({ kind: "RESUME", questionKey: null, content: Buffer.from(sent.resume, "base64") });
    expect(file && "content" in file && file.content.subarray(0, 5).toString()).toBe("%PDF-");
    expect(parse((await apply({ resume: null })).body, job).files).toEqual([]);
  });

  it.each(["answer", "value"])("has the answers to every kind of question, called %s", async (answerField) => {
    const { apply, job } = await aLiveJob({ screeningQuestions: questions });
    const paper = {
      file_name: "paper.pdf",
      content_type: "application/pdf",
      data: Buffer.from("%PDF-1.4").toString("base64"),
    };
    const answers = {
      line: "Ja",
      text: "Gern",
      years: "3",
      from: "2027-01-31",
      drive: "true",
      one: "de",
      many: ["de", "en"],
      paper,
    };
    const received = parse((await apply({ answers }, { answerField } as never)).body, job);
    expect(received.answers.map(({ questionKey, values }) => [questionKey, values])).toEqual([
      ["line", ["Ja"]],
      ["text", ["Gern"]],
      ["years", ["3"]],
      ["from", ["2027-01-31"]],
      ["drive", ["true"]],
      ["one", ["de"]],
      ["many", ["de", "en"]],
      ["paper", ["paper.pdf"]],
    ]);
    expect(received.files).toContainEqual(
      expect.objectContaining({ kind: "ANSWER", questionKey: "paper", content: Buffer.from("%PDF-1.4") }),
    );
  });

  it("has a file that answers a question, also where ZipRecruiter sends its bytes alone", async () => {
    const { apply, job } = await aLiveJob({
      screeningQuestions: [aQuestion("paper", "FILE"), aQuestion("line", "TEXT")],
    });
    const sent: Json = JSON.parse((await apply({ answers: { line: "Ja" } })).body.toString());
    const received = (answer: unknown) => {
      const answers = [{ question_id: "paper", answer }, ...sent.answers];
      return parse(Buffer.from(JSON.stringify({ ...sent, resume: null, answers })), job);
    };
    const content = Buffer.from(`%PDF-1.4${" paper".repeat(20)}`);
    expect(received(content.toString("base64"))).toMatchObject({
      answers: [
        { questionKey: "paper", values: [] },
        { questionKey: "line", values: ["Ja"] },
      ],
      files: [{ kind: "ANSWER", questionKey: "paper", fileName: null, contentType: null, content }],
    });
    const long = "x".repeat(100);
    sent.answers[0].answer = long;
    expect(received("none")).toMatchObject({ answers: [{}, { values: [long] }], files: [] });
    for (const words of ["https://files.example.test/paper", "paper.pdf", "none", "I will bring it along"]) {
      expect(received(words)).toMatchObject({ answers: [{ values: [words] }, {}], files: [] });
    }
  });

  it("reads the records of a profile", async () => {
    const { apply, job } = await aLiveJob();
    const sent: Json = JSON.parse((await apply()).body.toString());
    sent.profile.job_records = [{ title: "Welder", company_name: "Muster", start_date: "2019-04", end_date: null }, 7];
    sent.profile.education_records = [{ degree: "BSc", major: "Steel", school: "TU" }];
    sent.profile.license_certification_records = [{ name: "CWI" }];
    expect(parse(Buffer.from(JSON.stringify(sent)), job)).toMatchObject({
      experience: [{ title: "Welder", organization: "Muster", from: "2019-04", to: null }],
      education: [{ title: "BSc, Steel", organization: "TU" }],
      skills: ["CWI"],
    });
  });

  it("is one all the same where everything is missing that may", () => {
    const body = Buffer.from(JSON.stringify({ response_id: "r", job_id: "j", profile: "none", answers: "none" }));
    expect(parse(body, aJob())).toMatchObject({ boardApplicationId: "r", answers: [], files: [], experience: [] });
    expect(read({ headers: {}, query: {}, body })).toMatchObject({ kind: "application", jobName: "j", email: null });
  });

  it("of the résumé database says where it is from", async () => {
    const { jobId, job, apply } = await aLiveJob();
    await vendor.twin.sendResumeDatabaseCandidate(jobId, {});
    const delivery = vendor.twin.deliveries().at(-1);
    expect(parse(Buffer.from(delivery?.body ?? ""), job)).toMatchObject({
      boardReferences: {},
      source: { campaign: "RESUME_DATABASE" },
    });
    await apply();
  });
});

describe("a job at which candidates apply", () => {
  it("has no address, and asks its questions", async () => {
    const { jobId } = await aLiveJob({ screeningQuestions: questions });
    const stored = vendor.twin.job(jobId);
    expect(stored?.job.apply_url ?? null).toBeNull();
    expect(stored?.questions).toEqual([
      { question_id: "line", question: "About line?", required: false, type: "text" },
      { question_id: "text", question: "About text?", required: true, type: "text" },
      {
        question_id: "years",
        question: "About years?",
        required: false,
        type: "text",
        format: "decimal",
        min: 1,
        max: 40,
      },
      { question_id: "from", question: "About from?", required: false, type: "date", format: "YYYY-MM-DD" },
      {
        ...{ question_id: "drive", question: "About drive?", required: false, type: "select" },
        options: [
          { value: "true", label: "Yes" },
          { value: "false", label: "No" },
        ],
      },
      { question_id: "one", question: "About one?", required: false, type: "select", options: choices },
      { question_id: "many", question: "About many?", required: false, type: "multiselect", options: choices },
      { question_id: "paper", question: "About paper?", required: false, type: "upload" },
    ]);
  });

  it("asks others after an update, and none where candidates go elsewhere again", async () => {
    const { posting, jobId } = await aLiveJob({ screeningQuestions: questions });
    const change = (changes: Partial<Job>, apply = posting.apply) =>
      ziprecruiter.update?.(account, {
        ...posting,
        operation: "UPDATE",
        previousState: "LIVE",
        apply,
        job: { ...posting.job, ...changes },
      });
    await change({ screeningQuestions: questions.slice(0, 1) });
    expect(vendor.twin.job(jobId)?.questions).toHaveLength(1);
    await change({ applyMethod: "EXTERNAL_URL" }, null);
    expect(vendor.twin.job(jobId)).toMatchObject({ questions: [], job: { apply_url: posting.job.applyUrl } });
  });

  it("is there without its questions where ZipRecruiter does not take them, and says so", async () => {
    const twice = [questions[0], questions[0]] as Job["screeningQuestions"];
    const job = aJob({ applyMethod: "BOARD_NATIVE", screeningQuestions: twice });
    const report = await ziprecruiter.post?.(
      account,
      aPosting({ job, apply: { url: "http://localhost/x", token: null } }),
    );
    expect(report).toMatchObject({ state: "LIMITED", refusal: { code: "PROVIDER_REFUSED" } });
    expect(report?.refusal?.message).toContain("without its screening questions");
  });

  it("is not there while ZipRecruiter asks nothing yet, so that it is sent once more", async () => {
    const job = aJob({ applyMethod: "BOARD_NATIVE", screeningQuestions: questions });
    const posting = aPosting({ job, apply });
    vendor.twin.fail("down", { times: 1, path: "/questions" });
    await expect(ziprecruiter.post?.(account, posting)).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    expect(await ziprecruiter.status?.(account, posting)).toBeNull();
    const reopened = { ...posting, operation: "REOPEN", previousState: "CLOSED" } as const;
    expect(await ziprecruiter.status?.(account, reopened)).toBeNull();
    expect(await ziprecruiter.post?.(account, posting)).toMatchObject({ state: "LIVE", refusal: null });
    expect(await ziprecruiter.status?.(account, posting)).toMatchObject({ state: "LIVE", refusal: null });
  });

  it("says at every look that it asks nothing of what it is to ask", async () => {
    const { posting, jobId } = await aLiveJob({ screeningQuestions: questions });
    const looked = () => ziprecruiter.status?.(account, { ...posting, operation: null, previousState: "LIVE" });
    expect(await looked()).toMatchObject({ state: "LIVE", refusal: null });
    const stored = vendor.twin.job(jobId) ?? expect.fail("It is not there");
    stored.questions = stored.questions.slice(1);
    expect(await looked()).toMatchObject({
      state: "LIMITED",
      isTaken: true,
      refusal: { code: "PROVIDER_REFUSED", remedy: expect.any(String) },
    });
  });

  it.each(['{"questions":[]}', '"none"', "[7]"])(
    "is believed to ask what it was sent where nobody understands the answer: %s",
    async (told) => {
      const { origin } = await serveOnLoopback(({ url }, response) =>
        response.end(url.endsWith("/questions") ? told : "{}"),
      );
      const fetch = loopbackFetchFor(ziprecruiter)({ authorization: null, origins: [origin] });
      const elsewhere = { ...account, fetch, settings: { ...account.settings, serverUrl: origin } };
      const job = aJob({ applyMethod: "BOARD_NATIVE", screeningQuestions: questions });
      expect(await ziprecruiter.status?.(elsewhere, aPosting({ job, apply, operation: null }))).toMatchObject({
        state: "LIVE",
        refusal: null,
      });
    },
  );

  it("is not sent where it would have no address though applications do not come here", async () => {
    const posting = aPosting({ job: aJob({ applyUrl: null }) });
    const update = { ...posting, operation: "UPDATE", previousState: "LIVE" } as const;
    const refusal = { code: "NOT_CONFIGURED", retryable: false, remedy: expect.any(String) };
    await expect(ziprecruiter.post?.(account, posting)).rejects.toMatchObject(refusal);
    await expect(ziprecruiter.update?.(account, update)).rejects.toMatchObject(refusal);
    expect(vendor.twin.job(applications.jobNameOf?.(posting) ?? "")).toBeNull();
  });

  it("asks yes or no in the job's own words", async () => {
    const { jobId, job, apply } = await aLiveJob({
      screeningQuestions: [aQuestion("drive", "BOOLEAN", { options: choices })],
    });
    expect(vendor.twin.job(jobId)?.questions).toMatchObject([{ type: "select", options: choices }]);
    expect(parse((await apply({ answers: { drive: "de" } })).body, job).answers).toMatchObject([{ values: ["de"] }]);
  });

  it.each(["BOARD_NATIVE", "EXTERNAL_URL"] as const)(
    "tells beforehand what candidates are not asked, wherever they apply: %s",
    (applyMethod) => {
      const job = aJob({
        applyMethod,
        compliance: { eeoStatement: null, eeoQuestions: true },
        requireResume: "REQUIRED",
        requireCoverLetter: "HIDDEN",
        requirePhone: "REQUIRED",
      });
      const dropped = ziprecruiter
        .check(job, account.settings, now)
        .flatMap(({ effect, field }) => (effect === "DROPPED" ? [field.join(".")] : []));
      expect(dropped).toEqual(
        expect.arrayContaining(["compliance.eeoQuestions", "requireResume", "requireCoverLetter", "requirePhone"]),
      );
      const plain = aJob({ applyMethod });
      expect(ziprecruiter.check(plain, account.settings, now).map(({ field: [name] }) => name)).not.toContain(
        "compliance",
      );
    },
  );

  it("asks its first questions too where ZipRecruiter replaces only what there is", async () => {
    vendor.twin.switches.questionsPutCreates = false;
    const { jobId } = await aLiveJob({ screeningQuestions: questions });
    expect(vendor.twin.job(jobId)?.questions).toHaveLength(questions.length);
  });

  it("is taken for whole when ZipRecruiter tells its questions in words of its own, though not while it is posted", async () => {
    const door = await serveOnLoopback(({ url }, response) => {
      response.writeHead(200).end(JSON.stringify(url.endsWith("/questions") ? { questionnaire: 7 } : {}));
    });
    const { account: there } = await connectByForm(
      ziprecruiter,
      { ZIPRECRUITER_BASE_URL: `${door.origin}/`, ZIPRECRUITER_API_KEY: "key" },
      { employerId: "muster" },
    );
    const job = aJob({ applyMethod: "BOARD_NATIVE", screeningQuestions: questions });
    const posting = aPosting({ job, operation: null, apply: { url: door.origin, token: null } });
    expect(await ziprecruiter.status?.(there, posting)).toMatchObject({ state: "LIVE", refusal: null });
    expect(await ziprecruiter.status?.(there, { ...posting, operation: "POST" })).toBeNull();
  });

  it("is sent once more when it was opened again, since its questions may be those of an earlier text", async () => {
    const { posting } = await aLiveJob({ screeningQuestions: questions });
    expect(await ziprecruiter.status?.(account, { ...posting, operation: "REOPEN" })).toBeNull();
    expect(await ziprecruiter.status?.(account, { ...posting, operation: "POST" })).toMatchObject({ state: "LIVE" });
  });

  it("costs no further call where nothing is asked", async () => {
    const before = vendor.sandbox.requests.length;
    const { posting } = await aLiveJob();
    await ziprecruiter.status?.(account, { ...posting, operation: null, previousState: "LIVE" });
    const paths = vendor.sandbox.requests.slice(before).map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith("/questions"))).toEqual([]);
  });

  it("needs no address, and tells beforehand what ZipRecruiter cannot ask", () => {
    const job = aJob({
      applyMethod: "BOARD_NATIVE",
      applyUrl: null,
      requireCoverLetter: "REQUIRED",
      screeningQuestions: [
        aQuestion("a", "TEXT", { maxLength: 10, min: 1, acceptableValues: ["x"], dependsOn: { key: "b", value: "c" } }),
      ],
    });
    const found = ziprecruiter
      .check(job, account.settings, now)
      .map(({ effect, field }) => `${effect} ${field.join(".")}`);
    expect(found).toEqual(
      expect.arrayContaining([
        "DROPPED requireCoverLetter",
        "CHANGED screeningQuestions.0.dependsOn",
        "DROPPED screeningQuestions.0.min",
        "DROPPED screeningQuestions.0.maxLength",
        "DROPPED screeningQuestions.0.acceptableValues",
      ]),
    );
    expect(found.filter((finding) => finding.startsWith("REFUSED"))).toEqual([]);
  });
});
