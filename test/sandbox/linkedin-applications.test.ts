import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { GivenSubmission } from "../../sandbox/linkedin/submission.ts";
import { Gate } from "../support/gate.ts";
import {
  aJob,
  aLinkedIn,
  anOnsiteJob,
  answerChallenge,
  aReceiver,
  type LinkedInWorld,
  type Receiver,
  zoe,
} from "../support/linkedin-client.ts";

const hourMs = 3_600_000;
const hmac = (text: string, secret: string) => createHmac("sha256", secret).update(text).digest("hex");

/** A listed job that is applied for at LinkedIn, where its receiver answers with these statuses. */
async function anOpenJob(world: LinkedInWorld, questions?: object, statuses?: readonly number[], changes = {}) {
  const receiver = await aReceiver(world.child.credentials.client_secret, statuses);
  await world.child.sendAndWait(anOnsiteJob(receiver.url, questions, changes));
  await world.twin.settled();
  world.twin.finishTasks();
  return receiver;
}

const apply = ({ twin }: LinkedInWorld, submission: GivenSubmission = zoe) =>
  twin.apply(twin.jobNamed("job-42"), submission);

/** What the latest message says. */
const latest = (receiver: Receiver) => JSON.parse(receiver.messages().at(-1)?.body ?? "null");

const applyStatus = async ({ child }: LinkedInWorld) => {
  const { linkedInApplyStatus, linkedInApplyStatusDetail } = await child.status("job-42");
  return [linkedInApplyStatus, linkedInApplyStatusDetail?.errorType ?? null];
};

describe("the challenge of a webhook", () => {
  it("is a GET with a code and the child's application, and enables applying when it is answered", async () => {
    const world = await aLinkedIn();
    const receiver = await anOpenJob(world);
    const [challenge] = receiver.server.requests;
    expect(challenge?.method).toBe("GET");
    const { searchParams } = new URL(challenge?.url ?? "", receiver.url);
    expect([...searchParams.keys()]).toEqual(["mine", "challengeCode", "applicationId"]);
    expect(searchParams.get("challengeCode")).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(world.child.key).toBe(`urn:li:developerApplication:${searchParams.get("applicationId")}`);
    expect(await applyStatus(world)).toEqual(["ENABLED", null]);
  });

  it.each([
    ["urn", ({ child }: LinkedInWorld) => child.key],
    ["client-id", ({ child }: LinkedInWorld) => child.credentials.client_id],
  ] as const)("may name the application by its %s", async (form, expected) => {
    const world = await aLinkedIn();
    world.twin.switches.applicationId = form;
    const receiver = await anOpenJob(world);
    const { searchParams } = new URL(receiver.server.requests[0]?.url ?? "", receiver.url);
    expect(searchParams.get("applicationId")).toBe(expected(world));
  });

  it.each([
    [
      "a signature by another secret",
      200,
      "application/json",
      (code: string) => ({ challengeCode: code, challengeResponse: hmac(code, "another") }),
    ],
    [
      "a signature in capitals",
      200,
      "application/json",
      (code: string, secret: string) => ({ challengeCode: code, challengeResponse: hmac(code, secret).toUpperCase() }),
    ],
    [
      "another code",
      200,
      "application/json",
      (code: string, secret: string) => ({ challengeCode: "x", challengeResponse: hmac(code, secret) }),
    ],
    [
      "status 202",
      202,
      "application/json",
      (code: string, secret: string) => ({ challengeCode: code, challengeResponse: hmac(code, secret) }),
    ],
    [
      "another content type",
      200,
      "text/plain",
      (code: string, secret: string) => ({ challengeCode: code, challengeResponse: hmac(code, secret) }),
    ],
  ])("is not passed by %s: candidates apply off-site", async (_, status, type, answer) => {
    const world = await aLinkedIn();
    const { client_secret } = world.child.credentials;
    const receiver = await aReceiver(client_secret, [200], ({ url }, response, secret) => {
      const code = new URL(url, "http://here").searchParams.get("challengeCode") ?? "";
      response.writeHead(status, { "content-type": type }).end(JSON.stringify(answer(code, secret)));
    });
    await world.child.sendAndWait(anOnsiteJob(receiver.url));
    await world.twin.settled();
    world.twin.finishTasks();
    expect(await applyStatus(world)).toEqual(["NOT_ENABLED", "PARTNER_ERROR"]);
    expect(await apply(world)).toEqual({ outcome: "redirected", url: "https://jobs.example.test/42/apply" });
  });

  it("has to be answered within 3 seconds", async () => {
    const world = await aLinkedIn();
    expect(world.twin.switches.challengeMs).toBe(3000);
    world.twin.switches.challengeMs = 50;
    const receiver = await aReceiver(world.child.credentials.client_secret, [200], () => {});
    await world.child.sendAndWait(anOnsiteJob(receiver.url));
    await world.twin.settled();
    world.twin.finishTasks();
    expect(await applyStatus(world)).toEqual(["NOT_ENABLED", "PARTNER_ERROR"]);
  });

  it("leaves the job in progress while it is not answered", async () => {
    const world = await aLinkedIn();
    const gate = new Gate();
    const receiver = await aReceiver(world.child.credentials.client_secret, [200], (request, response, secret) => {
      void gate.passed.then(() => answerChallenge(request, response, secret));
    });
    await world.child.sendAndWait(anOnsiteJob(receiver.url));
    expect((await applyStatus(world))[0]).toBe("IN_PROGRESS");
    gate.open();
    await world.twin.settled();
    world.twin.finishTasks();
    expect((await applyStatus(world))[0]).toBe("ENABLED");
  });

  it("comes again every 2 hours; the third failure in a row blocks the address", async () => {
    const world = await aLinkedIn();
    const { twin, advance } = world;
    let isUp = true;
    const receiver = await aReceiver(world.child.credentials.client_secret, [200], (request, response, secret) => {
      if (isUp) answerChallenge(request, response, secret);
      else response.writeHead(500).end();
    });
    await world.child.sendAndWait(anOnsiteJob(receiver.url));
    await twin.settled();
    twin.finishTasks();
    const recheck = async () => {
      advance(2 * hourMs);
      // Any request will do.
      await fetch(`${world.origin}/jobs`);
      await twin.settled();
      return twin.jobNamed("job-42").offsite;
    };
    isUp = false;
    expect([await recheck(), await recheck()]).toEqual([null, null]);
    isUp = true;
    expect(await recheck()).toBeNull();
    isUp = false;
    expect([await recheck(), await recheck()]).toEqual([null, null]);
    expect(await recheck()).toMatchObject({ errorType: "PARTNER_ERROR" });
    const asked = receiver.server.requests.length;
    await recheck();
    expect(receiver.server.requests.length).toBe(asked);
  });

  it("is not repeated for the next job with the same address", async () => {
    const world = await aLinkedIn();
    const receiver = await anOpenJob(world);
    await world.child.sendAndWait(anOnsiteJob(receiver.url, undefined, { externalJobPostingId: "b" }));
    await world.twin.settled();
    expect(receiver.server.requests.length).toBe(1);
  });

  it("of the partner's own webhooks is by the parent's secret, without an application", async () => {
    const { twin, parent } = await aLinkedIn();
    const receiver = await aReceiver(parent.credentials.client_secret);
    expect(await twin.registerWebhook("RESYNC_JOBS", receiver.url)).toBe(true);
    const { searchParams } = new URL(receiver.server.requests[0]?.url ?? "", receiver.url);
    expect(searchParams.has("applicationId")).toBe(false);
    expect(await twin.registerWebhook("RESYNC_JOBS", "https://abc.ngrok.io/hook")).toBe(false);
    const other = await aReceiver("another secret");
    expect(await twin.registerWebhook("JOB_STATUS_CHANGE", other.url)).toBe(false);
    expect(twin.registeredWebhooks.map(({ type }) => type)).toEqual(["RESYNC_JOBS"]);
  });

  it("leaves one address per type of event", async () => {
    const { twin, parent } = await aLinkedIn();
    const [first, second] = [
      await aReceiver(parent.credentials.client_secret),
      await aReceiver(parent.credentials.client_secret),
    ];
    await twin.registerWebhook("RESYNC_JOBS", first.url);
    await twin.registerWebhook("RESYNC_JOBS", second.url);
    expect(twin.registeredWebhooks.map(({ url }) => url)).toEqual([second.url]);
  });
});

describe("an application", () => {
  it("is enabled by Apply Connect alone, and without a question asked twice", async () => {
    const world = await aLinkedIn();
    const q1 = { partnerQuestionIdentifier: "q1", questionText: "Why?", questionDetails: { textQuestionDetails: {} } };
    const twice = { additionalQuestions: { customQuestionSets: [{ questions: [q1, q1] }] } };
    await anOpenJob(world, twice);
    expect(await applyStatus(world)).toEqual(["NOT_ENABLED", "PARTNER_ERROR"]);
    const company = world.twin.createOrganization({ isOnboarded: true });
    await anOpenJob(world, undefined, [200], { company, externalJobPostingId: "b" });
    const { linkedInApplyStatus, linkedInApplyStatusDetail } = await world.child.status("b");
    expect([linkedInApplyStatus, linkedInApplyStatusDetail.errorType]).toEqual(["NOT_ENABLED", "CUSTOMER_ERROR"]);
  });

  it("has name, e-mail and phone when nothing is asked", async () => {
    const world = await aLinkedIn();
    const receiver = await anOpenJob(world);
    const before = Date.now();
    const phone = { countryCode: "41", nationalNumber: "441234567" };
    const applied = await apply(world, { ...zoe, phone, skills: ["TypeScript"] });
    expect(applied).toMatchObject({ outcome: "sent", firstAttempt: { status: 200 } });
    const message = latest(receiver);
    expect(message).toEqual({
      type: "EXPORT_JOB_APPLICATION",
      jobApplicationId: expect.stringMatching(/^urn:li:jobApplication:\d+$/),
      jobApplicant: expect.stringMatching(/^urn:li:person:.+$/),
      appliedAt: expect.any(Number),
      externalJobId: "job-42",
      questionResponses: {
        contactInformationQuestionResponses: {
          firstNameAnswer: { value: "Zoë" },
          lastNameAnswer: { value: "Müller" },
          emailAnswer: { value: "zoe@example.test" },
          cellphoneNumberQuestionAnswer: phone,
        },
      },
      applicantSkills: [
        { skillUrn: expect.any(String), skillName: "TypeScript", jobMatched: false, assessmentVerified: false },
      ],
    });
    expect(message.appliedAt).toBeGreaterThanOrEqual(before);
  });

  it("has what was asked, in its sections, and nothing that was not", async () => {
    const world = await aLinkedIn();
    const own = (id: string, questionDetails: object) => ({
      partnerQuestionIdentifier: id,
      questionText: id,
      questionDetails,
    });
    const choices = [
      { symbolicName: "yes", displayValue: "Yes" },
      { symbolicName: "no", displayValue: "No" },
    ];
    const receiver = await anOpenJob(world, {
      contactInformationQuestions: {
        cellphoneNumberQuestionRequirement: "SKIP",
        locationQuestionRequirement: "OPTIONAL",
      },
      coverLetterQuestions: { textCoverLetterQuestionRequirement: "OPTIONAL" },
      workQuestions: { workExperienceQuestionSet: {} },
      educationQuestions: { educationExperienceQuestionSet: {} },
      voluntarySelfIdentificationQuestions: {
        genderQuestionRequirement: "OPTIONAL",
        raceQuestionRequirement: "SKIP",
        disabilityQuestionRequirement: "SKIP",
        veteranStatusQuestionRequirement: "SKIP",
      },
      additionalQuestions: {
        customQuestionSets: [
          {
            questions: [
              own("text", { textQuestionDetails: {} }),
              own("one", { multipleChoiceQuestionDetails: { choices } }),
              own("integer", { numericQuestionDetails: { integerQuestionDetails: {} } }),
              own("decimal", { numericQuestionDetails: { decimalQuestionDetails: {} } }),
              own("when", { dateRangeQuestionDetails: {} }),
              own("file", { documentQuestionDetails: {} }),
            ],
          },
        ],
      },
    });
    const dates = { startDate: { year: 2020, month: 5 }, endDate: { year: 2022 } };
    await apply(world, {
      ...zoe,
      phone: { nationalNumber: "1" },
      location: "Bern",
      coverLetter: "Dear all",
      resume: { fileName: "not-asked-for.pdf", text: "x" },
      work: [{ title: "Engineer", company: "Ohne AG", employmentDates: dates }],
      education: [{ school: "ETH", datesAttended: dates }],
      selfIdentification: { gender: "FEMALE", race: "not asked for" },
      answers: {
        text: "Because",
        one: "yes",
        integer: 5,
        decimal: 1.5,
        when: dates,
        file: { fileName: "work.pdf", text: "portfolio" },
      },
    });
    const { questionResponses } = latest(receiver);
    expect(questionResponses).toEqual({
      contactInformationQuestionResponses: {
        firstNameAnswer: { value: "Zoë" },
        lastNameAnswer: { value: "Müller" },
        emailAnswer: { value: "zoe@example.test" },
        locationAnswer: { value: "Bern" },
      },
      coverLetterQuestionResponses: { textCoverLetterQuestionAnswer: { value: "Dear all" } },
      workQuestionResponses: {
        workExperienceQuestionSetResponses: [
          { titleAnswer: { value: "Engineer" }, companyAnswer: { value: "Ohne AG" }, employmentDatesAnswer: dates },
        ],
      },
      educationQuestionResponses: {
        educationExperienceQuestionSetResponses: [{ schoolAnswer: { value: "ETH" }, datesAttendedAnswer: dates }],
      },
      voluntarySelfIdentificationQuestionResponses: { genderAnswer: { value: "FEMALE" } },
      additionalQuestionResponses: {
        customQuestionSetResponses: [
          {
            customQuestionResponses: [
              { questionIdentifier: "text", answer: { textAnswerValue: { value: "Because" } } },
              { questionIdentifier: "one", answer: { multipleChoiceAnswerValue: { symbolicNames: ["yes"] } } },
              { questionIdentifier: "integer", answer: { numericAnswerValue: { integerValue: 5 } } },
              { questionIdentifier: "decimal", answer: { numericAnswerValue: { decimalValue: 1.5 } } },
              { questionIdentifier: "when", answer: { dateAnswerValue: dates } },
              {
                questionIdentifier: "file",
                answer: { documentAnswerValue: { mediaUrn: expect.any(String), mediaUrl: expect.any(String) } },
              },
            ],
          },
        ],
      },
    });
  });

  it("is not sent before everything that is required is there, as it has to be", async () => {
    const world = await aLinkedIn();
    const choices = [
      { symbolicName: "yes", displayValue: "Yes" },
      { symbolicName: "no", displayValue: "No" },
    ];
    const receiver = await anOpenJob(world, {
      contactInformationQuestions: { cellphoneNumberQuestionRequirement: "REQUIRED" },
      resumeQuestions: { resumeQuestionRequirement: "REQUIRED" },
      workQuestions: { workExperienceQuestionSet: { minRequired: 1 } },
      additionalQuestions: {
        customQuestionSets: [
          {
            questions: [
              {
                partnerQuestionIdentifier: "p",
                questionText: "Sure?",
                required: true,
                questionDetails: {
                  multipleChoiceQuestionDetails: { choices, preferredFormComponent: "RADIO_BUTTONS" },
                },
              },
              {
                partnerQuestionIdentifier: "d",
                questionText: "How sure?",
                required: true,
                questionDetails: { numericQuestionDetails: { integerQuestionDetails: { minValue: 1, maxValue: 10 } } },
                prerequisiteQuestionResponse: {
                  prerequisiteQuestion: { partnerQuestionIdentifier: "p" },
                  prerequisiteResponse: { multipleChoiceAnswerValue: { symbolicNames: ["yes"] } },
                },
              },
            ],
          },
        ],
      },
    });
    const complaints = async (more: Partial<GivenSubmission>) => {
      const applied = await apply(world, { ...zoe, ...more });
      return applied.outcome === "incomplete" ? applied.complaints : [];
    };
    expect(await complaints({})).toEqual(["cellphoneNumber", "resume", "work", "p"]);
    const rest = {
      phone: { nationalNumber: "1" },
      resume: { fileName: "cv.pdf", text: "cv" },
      work: [{ title: "Engineer", employmentDates: { startDate: { year: 2020 } } }],
    };
    expect(await complaints({ ...rest, answers: { p: "yes" } })).toEqual(["d"]);
    expect(await complaints({ ...rest, answers: { p: "yes", d: 11 } })).toEqual(["d"]);
    expect(await complaints({ ...rest, work: [{ title: "Engineer" }], answers: { p: "no" } })).toEqual([
      "employmentDates",
    ]);
    expect(await complaints({ ...rest, resume: { fileName: "cv.exe", text: "cv" }, answers: { p: "no" } })).toEqual([
      "resume",
    ]);
    const large = { fileName: "cv.pdf", text: "x".repeat(2 * 1024 * 1024 + 1) };
    expect(await complaints({ ...rest, resume: large, answers: { p: "no" } })).toEqual(["resume"]);
    expect(receiver.messages()).toEqual([]);
    expect(await apply(world, { ...zoe, ...rest, answers: { p: "no" } })).toMatchObject({ outcome: "sent" });
  });

  it("is not taken for a job that is not listed", async () => {
    const world = await aLinkedIn();
    await anOpenJob(world);
    await world.child.sendAndWait(aJob({ jobPostingOperationType: "CLOSE" }));
    expect(await apply(world)).toEqual({ outcome: "not-listed" });
  });

  it("has its files where the child's token fetches them, for 30 days", async () => {
    const world = await aLinkedIn();
    world.twin.switches.maxResumeBytes = 20 * 1024 * 1024;
    const receiver = await anOpenJob(world, { resumeQuestions: {} });
    const bytes = Buffer.alloc(12 * 1024 * 1024, 0xfe);
    const resume = { fileName: "Lebenslauf Zoë.pdf", contentType: "application/pdf", base64: bytes.toString("base64") };
    await apply(world, { ...zoe, resume });
    const { mediaUrn, mediaUrl } = latest(receiver).questionResponses.resumeQuestionResponses.resumeQuestionAnswer;
    expect([mediaUrn.startsWith("urn:li:"), mediaUrl.startsWith(world.origin)]).toEqual([true, true]);
    const fetched = async (token: string) => fetch(mediaUrl, { headers: { authorization: `Bearer ${token}` } });
    const reply = await fetched(world.child.token);
    expect(reply.headers.get("content-type")).toBe("application/pdf");
    expect(Buffer.from(await reply.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await fetch(mediaUrl)).status).toBe(401);
    expect((await fetched((await world.provision("tenant-2")).token)).status).toBe(403);
    world.advance(30 * 24 * hourMs);
    expect((await fetched((await world.child.withNewToken()).token)).status).toBe(404);
  });
});

describe("the signature of a message", () => {
  it.each([
    ["escaped", "lower"],
    ["escaped", "upper"],
    ["utf-8", "lower"],
    ["utf-8", "upper"],
  ] as const)("is over its escaped form, however it is sent: %s, %s", async (sentAs, escapeDigits) => {
    const world = await aLinkedIn();
    Object.assign(world.twin.switches, { sentAs, escapeDigits });
    const receiver = await anOpenJob(world);
    await apply(world);
    const [message] = receiver.messages();
    const body = message?.body ?? "";
    expect(body.includes("Zoë")).toBe(sentAs === "utf-8");
    const escaped = body
      .replace("ë", escapeDigits === "lower" ? "\\u00eb" : "\\u00EB")
      .replace("ü", escapeDigits === "lower" ? "\\u00fc" : "\\u00FC");
    const signature = hmac(`hmacsha256=${escaped}`, world.child.credentials.client_secret);
    expect(message?.headers["x-li-signature"]).toBe(signature);
    expect(message?.headers["content-type"]).toContain("application/json");
  });

  it("may stand in its header with its prefix", async () => {
    const world = await aLinkedIn();
    world.twin.switches.signaturePrefix = true;
    const receiver = await anOpenJob(world);
    await apply(world);
    const [message] = receiver.messages();
    const signature = hmac(`hmacsha256=${message?.body}`, world.child.credentials.client_secret);
    expect(message?.headers["x-li-signature"]).toBe(`hmacsha256=${signature}`);
  });
});

describe("a delivery", () => {
  it.each([201, 202, 204, 302, 400, 401, 500])("is made by 200 only, not by %i: it is sent again", async (status) => {
    const world = await aLinkedIn();
    const receiver = await anOpenJob(world, undefined, [status, 200]);
    await apply(world);
    await world.twin.settled();
    expect(receiver.messages().length).toBe(2);
    const [first, second] = receiver.messages();
    expect(second?.body).toBe(first?.body);
  });

  it("is sent again 6 times at most, and the receiver's reason is kept", async () => {
    const world = await aLinkedIn();
    const receiver = await anOpenJob(world, undefined, [500]);
    await apply(world);
    await world.twin.settled();
    expect(receiver.messages().length).toBe(7);
    expect(world.twin.sentApplications[0]?.attempts[0]).toEqual({
      status: 500,
      errorCode: "INTERNAL_ERROR",
      additionalErrorDetails: "Try again",
    });
  });

  it("that fails as the job's first turns it to off-site apply, and the partner is told", async () => {
    const world = await aLinkedIn();
    const { twin, parent } = world;
    const hints = await aReceiver(parent.credentials.client_secret);
    const receiver = await anOpenJob(world, undefined, [500, 200]);
    await twin.registerWebhook("JOB_STATUS_CHANGE", hints.url);
    await apply(world);
    await twin.settled();
    expect(receiver.messages().length).toBe(2);
    expect(await applyStatus(world)).toEqual(["NOT_ENABLED", "PARTNER_ERROR"]);
    expect((await world.child.status("job-42")).listingStatus).toBe("LISTED");
    expect(await apply(world)).toEqual({ outcome: "redirected", url: "https://jobs.example.test/42/apply" });
    expect(hints.messages().length).toBe(1);
    await world.child.sendAndWait(anOnsiteJob(receiver.url, undefined, { jobPostingOperationType: "UPDATE" }));
    expect(await applyStatus(world)).toEqual(["ENABLED", null]);
  });

  it("that fails later turns nothing", async () => {
    const world = await aLinkedIn();
    await anOpenJob(world, undefined, [200, 500, 200]);
    await apply(world);
    await apply(world, { ...zoe, email: "bo@example.test" });
    await world.twin.settled();
    expect(await applyStatus(world)).toEqual(["ENABLED", null]);
  });

  it("may be said to have failed only after all attempts", async () => {
    const world = await aLinkedIn();
    world.twin.switches.deliveryFailsAfter = "all-attempts";
    await anOpenJob(world, undefined, [500, 200]);
    await apply(world);
    await world.twin.settled();
    expect(await applyStatus(world)).toEqual(["ENABLED", null]);
  });

  it("of a job with [offsite] in its title counts as failed", async () => {
    const world = await aLinkedIn();
    const receiver = await anOpenJob(world, undefined, [200], { title: "Engineer [offsite]" });
    expect(await applyStatus(world)).toEqual(["ENABLED", null]);
    await apply(world);
    await world.twin.settled();
    expect(receiver.messages().length).toBe(1);
    expect(await applyStatus(world)).toEqual(["NOT_ENABLED", "PARTNER_ERROR"]);
  });

  it("is repeated as it was on request, for a job too that was closed meanwhile", async () => {
    const world = await aLinkedIn();
    const receiver = await anOpenJob(world);
    const applied = await apply(world);
    if (applied.outcome !== "sent") throw new Error(applied.outcome);
    await world.child.sendAndWait(anOnsiteJob(receiver.url, undefined, { jobPostingOperationType: "CLOSE" }));
    expect(await world.twin.deliverAgain(applied.jobApplicationId)).toMatchObject({ status: 200 });
    const [first, again] = receiver.messages();
    expect([again?.body, again?.headers["x-li-signature"]]).toEqual([first?.body, first?.headers["x-li-signature"]]);
    expect(await world.twin.deliverAgain("urn:li:jobApplication:1")).toBeNull();
  });

  it("comes twice, late or never when it is told to", async () => {
    const world = await aLinkedIn();
    const { twin } = world;
    const receiver = await anOpenJob(world);
    const applicants = () => receiver.messages().map(({ body }) => JSON.parse(body).jobApplicationId);
    const end = twin.failPush("duplicated");
    await apply(world);
    end();
    const [first, again] = applicants();
    expect([receiver.messages().length, again]).toEqual([2, first]);
    const order = twin.failPush("reordered");
    await apply(world, { ...zoe, email: "b@example.test" });
    await apply(world, { ...zoe, email: "c@example.test" });
    order();
    const [, , third, fourth] = applicants();
    expect(Number(third.split(":").at(-1))).toBeGreaterThan(Number(fourth.split(":").at(-1)));
    const lost = twin.failPush("lost");
    await apply(world, { ...zoe, email: "d@example.test" });
    lost();
    expect(receiver.messages().length).toBe(4);
  });
});

describe("a status sent back", () => {
  async function aSentApplication() {
    const world = await aLinkedIn();
    await anOpenJob(world);
    const applied = await apply(world);
    if (applied.outcome !== "sent") throw new Error(applied.outcome);
    const action = {
      jobApplicationId: applied.jobApplicationId,
      action: "APPLICATION_VIEWED",
      performedAt: Date.now(),
      integrationContext: world.organization,
    };
    const told = () => world.twin.sentApplications[0]?.actions.map(({ action, isTold }) => [action, isTold]);
    return { ...world, action, told };
  }

  it.each(["APPLICATION_VIEWED", "RESUME_DOWNLOADED", "APPLICATION_REJECTED"])("may be %s", async (action) => {
    const { child, action: viewed, told } = await aSentApplication();
    expect((await child.act({ ...viewed, action })).status).toBe(201);
    expect(told()).toEqual([[action, true]]);
  });

  it.each(["SCREENED", "INTERVIEWED", "HIRED"])("may be APPLICATION_%s, or is no action at all", async (newer) => {
    const { twin, child, action } = await aSentApplication();
    const sent = { ...action, action: `APPLICATION_${newer}` };
    expect((await child.act(sent)).status).toBe(201);
    twin.switches.takesNewerActions = false;
    expect((await child.act(sent)).status).toBe(422);
  });

  it("is told to the member once, and only if the customer wants it", async () => {
    const { twin, child, organization, action, told } = await aSentApplication();
    expect([(await child.act(action)).status, (await child.act(action)).status]).toEqual([201, 201]);
    twin.setOrganization(organization, { notifiesApplicants: false });
    await child.act({ ...action, action: "APPLICATION_REJECTED" });
    expect(told()).toEqual([
      ["APPLICATION_VIEWED", true],
      ["APPLICATION_VIEWED", false],
      ["APPLICATION_REJECTED", false],
    ]);
  });

  it.each([
    ["another action", { action: "HIRED" }, 422],
    ["no time", { performedAt: undefined }, 422],
    ["a time in words", { performedAt: "2026-12-01" }, 422],
    ["no company", { integrationContext: undefined }, 422],
    ["another company", { integrationContext: "urn:li:organization:9" }, 403],
    ["an application that there is not", { jobApplicationId: "urn:li:jobApplication:1" }, 404],
    ["a field that there is not", { note: "x" }, 422],
  ])("with %s is refused", async (_, changes, status) => {
    const { child, action } = await aSentApplication();
    expect((await child.act({ ...action, ...changes })).status).toBe(status);
  });

  it("needs its headers, and is another application's business for no one else", async () => {
    const { child, action, provision, parent } = await aSentApplication();
    expect((await child.act(action, { "x-restli-method": "batch_create" })).status).toBe(400);
    expect((await child.act(action, { "x-restli-protocol-version": "1.0.0" })).status).toBe(400);
    expect((await (await provision("tenant-2")).act(action)).status).toBe(404);
    expect((await parent.act(action)).status).toBe(403);
  });
});

describe("a request to send jobs again", () => {
  async function anAskedPartner() {
    const world = await aLinkedIn();
    const receiver = await aReceiver(world.parent.credentials.client_secret);
    await world.twin.registerWebhook("RESYNC_JOBS", receiver.url);
    for (const id of ["a", "b"]) await world.child.sendAndWait(aJob({ externalJobPostingId: id }));
    return { ...world, receiver };
  }

  it("is signed by the parent's secret, and names the child and its jobs", async () => {
    const { twin, parent, child, receiver } = await anAskedPartner();
    expect(await twin.askForResync("tenant-1", ["a"])).toBe(200);
    const [message] = receiver.messages();
    expect(JSON.parse(message?.body ?? "")).toEqual({
      type: "RESYNC_JOBS",
      developerApplicationUrn: child.key,
      externalJobPostingIds: ["a"],
      syncAllOpenJobs: false,
    });
    const signature = hmac(`hmacsha256=${message?.body}`, parent.credentials.client_secret);
    expect(message?.headers["x-li-signature"]).toBe(signature);
  });

  it("is answered by UPDATEs within half an hour", async () => {
    const { twin, child, advance } = await anAskedPartner();
    await twin.askForResync("tenant-1", ["a", "b"]);
    await child.send(aJob({ externalJobPostingId: "a", jobPostingOperationType: "UPDATE" }));
    expect(twin.overdueResyncs).toEqual(["b"]);
    advance(31 * 60_000);
    const later = await child.withNewToken();
    await later.send(aJob({ externalJobPostingId: "b", jobPostingOperationType: "UPDATE" }));
    expect(twin.overdueResyncs).toEqual(["b"]);
  });

  it("may be for all open jobs", async () => {
    const { twin, child, receiver } = await anAskedPartner();
    await child.sendAndWait(aJob({ externalJobPostingId: "a", jobPostingOperationType: "CLOSE" }));
    await twin.askForResync("tenant-1");
    expect(latest(receiver)).toMatchObject({ externalJobPostingIds: [], syncAllOpenJobs: true });
    expect(twin.overdueResyncs).toEqual(["b"]);
  });
});
