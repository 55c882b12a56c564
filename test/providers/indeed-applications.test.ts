import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Candidate } from "../../sandbox/indeed/applications.ts";
import { defaultSwitches, type IndeedSwitches } from "../../sandbox/indeed/switches.ts";
import { isIntegrationError } from "../../src/errors.ts";
import type { BoardApplications, BoardMessage, MessageKeys } from "../../src/providers/job-board/applications.ts";
import { indeed } from "../../src/providers/job-board/indeed.ts";
import type { Job } from "../../src/providers/job-board/job.ts";
import type { BoardAccount } from "../../src/providers/job-board/provider.ts";
import { describeBoardApplications } from "../contract/board-applications.ts";
import { aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import { createIndeedVendor, type IndeedVendor } from "../support/indeed-vendor.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

describeBoardApplications(indeed, createIndeedVendor);

// biome-ignore lint/suspicious/noExplicitAny: tests change what arrived as JSON.
type Json = any;

let vendor: IndeedVendor;
let account: BoardAccount;
let keys: MessageKeys;

beforeAll(async () => {
  vendor = await createIndeedVendor();
  ({ account } = await vendor.connect());
  const { settings } = vendor.sandbox;
  keys = {
    secret: account.settings,
    clientSecret: settings["INDEED_CLIENT_SECRET"] ?? null,
    signingKey: settings["INDEED_APPLY_API_SECRET"] ?? null,
    applyToken: settings["INDEED_APPLY_API_TOKEN"] ?? null,
  };
});
afterEach(() => void Object.assign(vendor.sandbox.indeed.switches, defaultSwitches()));
afterAll(() => vendor.stop());

const applications: BoardApplications = indeed.applications ?? expect.fail("Nobody can apply at Indeed");
const { prove, read, parse, missing } = applications;
const now = new Date();

/** A job that is live, and a door at which its applications are proved over the bytes that arrive. */
async function aLiveJob(changes: Partial<Job> = {}) {
  const messages: BoardMessage[] = [];
  const door = await serveOnLoopback(({ headers, body }, response) => {
    const message = { headers: headers as Record<string, string>, query: {}, body: Buffer.from(body) };
    try {
      prove(message, keys, now);
      messages.push(message);
      response.writeHead(200).end();
    } catch (error) {
      response.writeHead(isIntegrationError(error, "FORBIDDEN") ? 401 : 500).end();
    }
  });
  const job = aJob({ applyMethod: "BOARD_NATIVE", ...changes });
  await indeed.post?.(account, aPosting({ job, apply: { url: `${door.origin}/webhooks`, token: keys.applyToken } }));
  vendor.finishReviews();
  const twin = vendor.sandbox.indeed;
  const { sourcedPostingId } = twin.posting(job.externalReference) ?? expect.fail("It is not at Indeed");

  /** What a candidate sends, as it arrives. */
  const arrived = async (candidate: Candidate = {}, switches: Partial<IndeedSwitches> = {}) => {
    Object.assign(twin.switches, switches);
    const { id, delivery } = await twin.apply(sourcedPostingId, candidate);
    expect(delivery.outcome).toBe("delivered");
    return { id, message: messages.at(-1) ?? expect.fail("Nothing arrived") };
  };
  const received = async (candidate: Candidate = {}, switches: Partial<IndeedSwitches> = {}) =>
    parse((await arrived(candidate, switches)).message.body, job);
  /** The same with something changed in it. */
  const receivedWith = async (change: (sent: Json) => void) => {
    const { message } = await arrived();
    const sent = JSON.parse(message.body.toString());
    change(sent);
    return parse(Buffer.from(JSON.stringify(sent)), job);
  };
  return { job, arrived, received, receivedWith, sourcedPostingId };
}

describe("what the operator has to set", () => {
  it.each([
    [{ applyToken: "token", signingKey: "secret" }, null],
    [{ applyToken: null, signingKey: "secret" }, "INDEED_APPLY_API_TOKEN"],
    [{ applyToken: "token", signingKey: null }, "INDEED_APPLY_API_SECRET"],
    [{ applyToken: "", signingKey: "" }, "INDEED_APPLY_API_TOKEN and INDEED_APPLY_API_SECRET"],
  ])("is told by its name: %j", (given, names) => {
    const told = missing?.({ secret: null, clientSecret: null, ...given }) ?? null;
    if (names === null) expect(told).toBeNull();
    else expect(told).toContain(names);
  });
});

describe("a message from Indeed", () => {
  it("is proved by its signature, whoever writes it in which letters", async () => {
    const { arrived } = await aLiveJob();
    const { message } = await arrived({ firstName: "Żółć", lastName: "Müller-李", coverLetter: "Grüße 👋" });
    expect(prove(message, keys, now)).toBeUndefined();
  });

  it("is not Indeed's when one byte of it is another one", async () => {
    const { arrived } = await aLiveJob();
    const { message } = await arrived();
    for (const at of [0, Math.floor(message.body.length / 2), message.body.length - 1]) {
      const body = Buffer.from(message.body);
      body.writeUInt8((body[at] ?? 0) ^ 1, at);
      expect(() => prove({ ...message, body }, keys, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    }
  });

  it.each([
    ["with another secret", { signingKey: "another-secret" }, {}],
    ["while the operator has set none", { signingKey: null }, {}],
    ["without a signature", {}, { "x-indeed-signature": "" }],
    ["with a shorter signature", {}, { "x-indeed-signature": "aGk=" }],
  ])("is not Indeed's %s", async (_name, otherKeys, headers) => {
    const { arrived } = await aLiveJob();
    const { message } = await arrived();
    const other = { ...message, headers: { ...message.headers, ...headers } };
    expect(() => prove(other, { ...keys, ...otherKeys }, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
  });

  it("is nobody's who signs with nothing, where nothing is set", async () => {
    const { arrived } = await aLiveJob();
    const { message } = await arrived();
    const signature = createHmac("sha1", "").update(message.body).digest("base64");
    const signed = { ...message, headers: { "x-indeed-signature": signature } };
    for (const signingKey of ["", null]) {
      expect(() => prove(signed, { ...keys, signingKey }, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    }
  });

  it("is not Indeed's without the header", async () => {
    const { arrived } = await aLiveJob();
    const { message } = await arrived();
    expect(() => prove({ ...message, headers: {} }, keys, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
  });

  it("says which job it is about, and who applies", async () => {
    const { job, arrived } = await aLiveJob();
    const { id, message } = await arrived({ email: "zoe@example.test" });
    expect(read(message)).toEqual({
      kind: "application",
      jobName: job.externalReference,
      boardApplicationId: id,
      email: "zoe@example.test",
    });
  });

  it("names the job by what was sent with it where its id is missing", async () => {
    const { job, arrived } = await aLiveJob();
    const { message } = await arrived();
    const sent = JSON.parse(message.body.toString());
    sent.job.jobId = undefined;
    const named = (body: object) => read({ ...message, body: Buffer.from(JSON.stringify(body)) });
    expect(named(sent)).toMatchObject({ jobName: job.externalReference });
    sent.job.jobMeta = "";
    expect(() => named(sent)).toThrow(expect.objectContaining({ code: "PROVIDER_REPLY_INVALID" }));
  });

  it.each(["", "[]", "no JSON of zoe@example.test", '{"id":"","job":{},"applicant":{"email":"zoe@example.test"}}'])(
    "that cannot be read is an expected failure, which repeats nothing of it: %j",
    (text) => {
      const body = Buffer.from(text);
      const message = { headers: {}, query: {}, body };
      for (const attempt of [() => read(message), () => parse(body, aJob())]) {
        expect(attempt).toThrow(expect.objectContaining({ code: "PROVIDER_REPLY_INVALID", retryable: false }));
        expect(attempt).not.toThrow(/zoe/);
      }
    },
  );
});

describe("the answer to a message", () => {
  it("lets Indeed hear why an application is not taken, for as long as it counts it as the same", () => {
    expect(applications.refusals).toEqual({ unknownJob: 404, closedJob: 410, repeated: 409 });
    expect(applications.repeatDays).toBe(120);
  });

  it("is asked for no file later, and for no name that is not in the message", () => {
    expect(applications).not.toHaveProperty("fetchFile");
    expect(applications).not.toHaveProperty("jobNameOf");
    expect(applications).not.toHaveProperty("handshake");
  });
});

describe("an application", () => {
  it("is read whole", async () => {
    const { received } = await aLiveJob();
    const before = Date.now();
    const application = await received({
      firstName: "Zoë",
      lastName: "Müller",
      email: "zoe@example.test",
      phone: "+1 512 555 0100",
      city: "Austin",
      coverLetter: "I like bridges.",
      resumeText: "Ten years of bridges.",
      isSponsored: true,
    });
    expect(application).toMatchObject({
      boardApplicationId: expect.stringMatching(/^[\da-f]{64}$/),
      candidate: {
        fullName: "Zoë Müller",
        firstName: "Zoë",
        lastName: "Müller",
        email: "zoe@example.test",
        phone: "+1 512 555 0100",
        city: "Austin",
        region: null,
        postalCode: null,
        country: null,
        headline: null,
        summary: "Ten years of bridges.",
        profileUrls: [],
      },
      coverLetter: "I like bridges.",
      resumeText: "Ten years of bridges.",
      experience: [],
      education: [],
      skills: [],
      answers: [],
      eeoAnswers: [],
      source: { sponsored: true, referrer: expect.stringContaining("www.indeed.com"), campaign: null },
    });
    expect(application.appliedAt?.getTime()).toBeGreaterThanOrEqual(before - 1000);
  });

  it.each([0, 12_000_000])("has the very bytes of the résumé, however large it is: %d", async (size) => {
    const { received } = await aLiveJob();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const content = size === 0 ? bytes : Buffer.alloc(size, bytes);
    const resume = { fileName: "Lebenslauf Zoë.pdf", contentType: "application/pdf", data: content.toString("base64") };
    const { files } = await received({ resume });
    const [file] = files;
    expect(files).toHaveLength(1);
    expect(file).toMatchObject({
      kind: "RESUME",
      questionKey: null,
      fileName: "Lebenslauf Zoë.pdf",
      contentType: "application/pdf",
    });
    expect(file && "content" in file && file.content.equals(content)).toBe(true);
  });

  it("without anything but what has to be there is one all the same", () => {
    const body = Buffer.from(JSON.stringify({ id: "a", job: { jobId: "REF-1" }, applicant: {} }));
    expect(parse(body, aJob())).toEqual({
      boardApplicationId: "a",
      boardReferences: {},
      appliedAt: null,
      candidate: {
        fullName: "",
        firstName: null,
        lastName: null,
        email: null,
        phone: null,
        city: null,
        region: null,
        postalCode: null,
        country: null,
        headline: null,
        summary: null,
        profileUrls: [],
      },
      coverLetter: null,
      resumeText: null,
      experience: [],
      education: [],
      skills: [],
      answers: [],
      eeoAnswers: [],
      files: [],
      source: { sponsored: null, referrer: null, campaign: null },
    });
  });

  it("loses nothing else to a part that is not what it should be", async () => {
    const { receivedWith } = await aLiveJob();
    const application = await receivedWith((sent) => {
      sent.appliedOnMillis = "yesterday";
      sent.applicant.phoneNumber = 15125550100;
      sent.applicant.coverletter = { text: "?" };
      sent.applicant.resume.file = null;
      sent.applicant.resume.json.positions = "none";
      sent.analytics = "none";
      sent.screenerQuestionsAndAnswers = {
        questionsAndAnswers: [null, { question: { id: "why" }, answer: "Bridges" }],
      };
    });
    expect(application).toMatchObject({
      appliedAt: null,
      candidate: { fullName: "Zoë Müller", phone: "15125550100" },
      coverLetter: null,
      files: [],
      answers: [{ questionKey: "why", values: ["Bridges"] }],
    });
  });

  it.each([
    [{ fullName: "Ana María de la Cruz" }, { firstName: "Ana María de la", lastName: "Cruz" }],
    [{ fullName: "李小龙" }, { fullName: "李小龙", firstName: "李小龙", lastName: null }],
    [
      { firstName: "Zoë", lastName: "Müller" },
      { fullName: "Zoë Müller", firstName: "Zoë", lastName: "Müller" },
    ],
    [
      { fullName: "Zoë M.", lastName: "Müller" },
      { fullName: "Zoë M.", firstName: null, lastName: "Müller" },
    ],
    [{ email: "zoe@example.test" }, { fullName: "zoe@example.test", firstName: null, lastName: null }],
  ])("names who applies, as far as it is said: %j", (applicant, names) => {
    const body = Buffer.from(JSON.stringify({ id: "a", job: { jobId: "REF-1" }, applicant }));
    expect(parse(body, aJob()).candidate).toMatchObject(names);
  });

  it("has what Indeed knows of a résumé", async () => {
    const { receivedWith } = await aLiveJob();
    const application = await receivedWith(({ applicant }) => {
      Object.assign(applicant.resume.json, {
        headline: "Bridge builder",
        publicProfileUrl: "https://profile.example.test/zoe",
        skills: "Welding, Statics,,Welding",
        positions: {
          _total: 2,
          values: [
            {
              title: "Engineer",
              company: "Muster Bridges",
              description: "Bridges.",
              location: "Austin, TX",
              startDateYear: "2019",
              startDateMonth: "4",
              endDateYear: "-1",
              endDateMonth: "-1",
              endCurrent: true,
            },
            { company: "Muster Tunnels", startDateYear: "2017", endDateYear: "2019", endDateMonth: "03" },
          ],
        },
        educations: {
          _total: 1,
          values: [{ degree: "M.Sc.", field: "Statics", school: "TU Wien", startDateYear: "2012", endDateYear: 2017 }],
        },
        links: {
          _total: 2,
          values: [{ url: "https://zoe.example.test" }, { url: "https://profile.example.test/zoe" }],
        },
      });
    });
    const nothing = { title: null, description: null, city: null };
    expect(application).toMatchObject({
      candidate: {
        headline: "Bridge builder",
        profileUrls: ["https://profile.example.test/zoe", "https://zoe.example.test"],
      },
      skills: ["Welding", "Statics"],
      experience: [
        {
          title: "Engineer",
          organization: "Muster Bridges",
          description: "Bridges.",
          city: "Austin, TX",
          from: "2019-04",
          to: null,
        },
        { ...nothing, organization: "Muster Tunnels", from: "2017", to: "2019-03" },
      ],
      education: [{ ...nothing, title: "M.Sc., Statics", organization: "TU Wien", from: "2012", to: "2017" }],
    });
  });

  it.each([
    [false, null],
    [true, "GLASSDOOR"],
  ])("is from Glassdoor only where Indeed says so: %s", async (tellsGlassdoor, campaign) => {
    const { received } = await aLiveJob();
    const { source } = await received({ via: "glassdoor" }, { tellsGlassdoor });
    expect(source).toMatchObject({ sponsored: false, campaign });
  });

  it.each([
    ["https://de.glassdoor.ch/Job", "GLASSDOOR"],
    ["https://notglassdoor.com/", null],
    ["glassdoor.com", null],
  ])("tells where somebody came from: %s", (referer, campaign) => {
    const application = { id: "a", job: { jobId: "REF-1" }, applicant: {}, analytics: { referer } };
    const { source } = parse(Buffer.from(JSON.stringify(application)), aJob());
    expect(source).toEqual({ sponsored: null, referrer: referer, campaign });
  });

  it("has the address that Indeed tells, a relay's too", async () => {
    const { received } = await aLiveJob();
    const { candidate } = await received({ email: "zoe@example.test" }, { relaysMail: true });
    expect(candidate.email).toMatch(/@indeedemail\.test$/);
  });
});

describe("questions of a job", () => {
  const shifts = [
    { value: "d", label: "Day" },
    { value: "n", label: "Night" },
  ];
  const questions = [
    aQuestion("text", "TEXT"),
    aQuestion("long", "LONG_TEXT"),
    aQuestion("number", "NUMBER"),
    aQuestion("date", "DATE"),
    aQuestion("drives", "BOOLEAN"),
    aQuestion("shift", "SINGLE_CHOICE", { options: shifts }),
    aQuestion("days", "MULTI_CHOICE", { options: shifts }),
    aQuestion("portfolio", "FILE"),
    aQuestion("left-out", "TEXT"),
  ];
  const portfolio = {
    fileName: "Brücke.png",
    contentType: "image/png",
    data: Buffer.from([0, 255, 13]).toString("base64"),
  };
  const answers = {
    text: "Ja, gern",
    long: "Weil …\nDarum.",
    number: "2.5",
    date: "31/12/2026",
    drives: "true",
    shift: "n",
    days: ["d", "n"],
    portfolio,
  };
  const expected = [
    { questionKey: "text", question: "About text?", values: ["Ja, gern"] },
    { questionKey: "long", question: "About long?", values: ["Weil …\nDarum."] },
    { questionKey: "number", question: "About number?", values: ["2.5"] },
    { questionKey: "date", question: "About date?", values: ["2026-12-31"] },
    { questionKey: "drives", question: "About drives?", values: ["true"] },
    { questionKey: "shift", question: "About shift?", values: ["n"] },
    { questionKey: "days", question: "About days?", values: ["d", "n"] },
    { questionKey: "portfolio", question: "About portfolio?", values: ["Brücke.png"] },
    { questionKey: "left-out", question: "About left-out?", values: [] },
  ];
  const ways = (["value", "option"] as const).flatMap((choiceAnswers) =>
    (["screenerQuestionsAndAnswers", "questionsAndAnswers"] as const).map((answersIn) => ({
      choiceAnswers,
      answersIn,
    })),
  );

  it.each(ways)("come back with what was answered, whatever it is: %j", async (switches) => {
    const { received } = await aLiveJob({ screeningQuestions: questions });
    const application = await received({ answers }, switches);
    expect(application.answers).toEqual(expected);
    expect(application.eeoAnswers).toEqual([]);
    expect(application.files).toMatchObject([
      { kind: "RESUME" },
      {
        kind: "ANSWER",
        questionKey: "portfolio",
        fileName: "Brücke.png",
        contentType: "image/png",
        content: Buffer.from([0, 255, 13]),
      },
    ]);
  });

  it.each(ways)("about equal opportunity come apart, wherever Indeed puts them: %j", async (switches) => {
    const { received } = await aLiveJob({
      screeningQuestions: [aQuestion("text", "TEXT")],
      compliance: { eeoStatement: null, eeoQuestions: true },
    });
    const application = await received({ answers: { text: "Yes", "eeo-veteran": "PROTECTED_VETERAN" } }, switches);
    expect(application.answers).toEqual([{ questionKey: "text", question: "About text?", values: ["Yes"] }]);
    expect(application.eeoAnswers).toEqual([
      { questionKey: "eeo-gender", question: expect.any(String), values: [] },
      { questionKey: "eeo-ethnicity", question: expect.any(String), values: [] },
      { questionKey: "eeo-veteran", question: expect.any(String), values: ["PROTECTED_VETERAN"] },
      { questionKey: "eeo-disability", question: expect.any(String), values: [] },
    ]);
  });

  it("about equal opportunity are asked in the United States alone", async () => {
    const { received } = await aLiveJob({
      location: berlinOffice,
      screeningQuestions: [aQuestion("text", "TEXT")],
      compliance: { eeoStatement: null, eeoQuestions: true },
    });
    expect((await received()).eeoAnswers).toEqual([]);
  });

  it("are no longer known to the job, and are answered all the same", async () => {
    const { receivedWith } = await aLiveJob();
    const application = await receivedWith((sent) => {
      sent.screenerQuestionsAndAnswers = [
        { question: { id: "old", question: "Still?" }, answer: ["a", { value: 2 }, null, {}] },
        { question: { question: "Nameless?" }, answer: false },
      ];
    });
    expect(application.answers).toEqual([
      { questionKey: "old", question: "Still?", values: ["a", "2"] },
      { questionKey: "Nameless?", question: "Nameless?", values: ["false"] },
    ]);
  });
});
