import { createHmac } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { aReceiver } from "../support/apply-receiver.ts";
import { aJobWithApply, anIndeed, createdIn, type IndeedWorld } from "../support/indeed-client.ts";
import { type LoopbackServer, serveOnLoopback } from "../support/loopback-server.ts";

/** A live job whose applications go to this receiver. */
async function aLiveJob(world: IndeedWorld, receiver: LoopbackServer, more: object = {}) {
  const created = createdIn(await world.create(aJobWithApply(`${receiver.origin}/apply`, more)));
  world.twin.indexNow(created.sourcedPostingId);
  return created;
}

/** What arrived last, as JSON. */
const arrived = ({ requests }: LoopbackServer) => JSON.parse(requests.at(-1)?.body ?? "null");

const text = { id: "why", type: "textarea", question: "Why us?", required: true };
const choice = {
  id: "shift",
  type: "select",
  question: "Which shift?",
  options: [
    { value: "d", label: "Day" },
    { value: "n", label: "Night" },
  ],
};

describe("an application by Indeed Apply", () => {
  it("arrives with everything that is documented", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    const { id, delivery } = await world.twin.apply(sourcedPostingId, { email: "zoe@example.test", coverLetter: "Hi" });
    expect(delivery).toMatchObject({ outcome: "delivered", attempts: [{ status: 200 }] });
    expect(arrived(receiver)).toMatchObject({
      id,
      appliedOnMillis: Date.parse("2026-12-01T10:00:00Z"),
      locale: "en_US",
      job: {
        jobId: "JOB-1",
        jobKey: expect.stringMatching(/^[\da-f]{16}$/),
        jobUrl: "https://muster.example/jobs/1",
        jobMeta: "meta",
        jobTitle: "Senior Engineer",
        jobCompany: "Muster Bridges",
        jobLocation: "Austin, TX 78701",
      },
      applicant: {
        fullName: "Zoë Müller",
        firstName: "Zoë",
        lastName: "Müller",
        email: "zoe@example.test",
        phoneNumber: "+1 555 0100",
        coverletter: "Hi",
        verified: true,
        resume: {
          file: { contentType: "application/pdf", fileName: "Zoë Müller.pdf", data: expect.any(String) },
          json: { firstName: "Zoë", location: { city: "Austin" }, positions: { _total: 0, values: [] } },
        },
      },
      analytics: { ip: "127.0.0.1", referer: expect.any(String), userAgent: expect.any(String), sponsored: false },
    });
    const file = Buffer.from(arrived(receiver).applicant.resume.file.data, "base64").toString("latin1");
    expect([file.slice(0, 5), file.endsWith("%%EOF\n")]).toEqual(["%PDF-", true]);
  });

  it("is signed over the bytes that arrive, by HMAC-SHA1 in base64", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    await world.twin.apply(sourcedPostingId);
    const [request] = receiver.requests;
    const { headers, body, method } = request ?? expect.fail("Nothing arrived");
    const secret = world.sandbox.settings["INDEED_APPLY_API_SECRET"] ?? "";
    expect(headers["x-indeed-signature"]).toBe(createHmac("sha1", secret).update(body).digest("base64"));
    expect([method, headers["content-type"]]).toEqual(["POST", "application/json; charset=utf-8"]);
  });

  it("leaves out what the candidate did not send", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver, {
      resumeRequired: "OPTIONAL",
      applyQuestionsDetails: { schemaVersion: "1.3" },
    });
    await world.twin.apply(sourcedPostingId, { resume: null });
    expect(arrived(receiver).applicant).toEqual({
      fullName: "Zoë Müller",
      firstName: "Zoë",
      lastName: "Müller",
      email: "zoe@example.test",
      phoneNumber: "+1 555 0100",
      verified: true,
    });
  });

  it("can have a résumé of twelve megabytes, or one that was given", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    await world.twin.apply(sourcedPostingId, { resumeBytes: 12_000_000 });
    expect(Buffer.byteLength(arrived(receiver).applicant.resume.file.data, "base64")).toBeGreaterThanOrEqual(
      12_000_000,
    );
    const resume = { fileName: "cv.txt", contentType: "text/plain", data: "aGk=" };
    await world.twin.apply(sourcedPostingId, { resume });
    expect(arrived(receiver).applicant.resume.file).toEqual(resume);
  });

  it.each([
    { more: {}, candidate: { resume: null }, says: "résumé" },
    { more: { phoneRequired: "YES" }, candidate: { phone: "" }, says: "phone" },
    { more: { coverLetterRequired: "YES" }, candidate: {}, says: "cover letter" },
  ])("cannot be sent without what is required: $says", async ({ more, candidate, says }) => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver, more);
    await expect(world.twin.apply(sourcedPostingId, candidate)).rejects.toThrow(says);
    expect(receiver.requests).toEqual([]);
  });

  it("cannot be sent before the job is live, nor after its end", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const job = aJobWithApply(`${receiver.origin}/apply`);
    const { sourcedPostingId } = createdIn(await world.create(job));
    await expect(world.twin.apply(sourcedPostingId)).rejects.toThrow("pending");
    await world.expire(sourcedPostingId);
    await expect(world.twin.apply(sourcedPostingId)).rejects.toThrow("inactive");
  });

  it("tells that it comes from Glassdoor, and a relay's address, only where it is told to", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    await world.twin.apply(sourcedPostingId, { via: "glassdoor" });
    expect(arrived(receiver).analytics.referer).toContain("www.indeed.com");
    Object.assign(world.twin.switches, { tellsGlassdoor: true, relaysMail: true });
    await world.twin.apply(sourcedPostingId, { via: "glassdoor", isSponsored: true });
    expect(arrived(receiver)).toMatchObject({
      analytics: { referer: expect.stringContaining("www.glassdoor.com"), sponsored: true },
      applicant: { email: expect.stringMatching(/@indeedemail\.test$/) },
    });
  });
});

describe("what Indeed makes of the answer to an application", () => {
  it.each([
    { statuses: [409], attempts: [409], outcome: "refused" },
    { statuses: [410], attempts: [410], outcome: "refused" },
    { statuses: [503, 500], attempts: [503, 500, 200], outcome: "delivered" },
    { statuses: [500, 500, 500], attempts: [500, 500, 500], outcome: "given-up" },
    { statuses: [401], attempts: [401, 200], outcome: "delivered" },
    { statuses: [404, 422, 413], attempts: [404, 422, 413], outcome: "given-up" },
    { statuses: [302], attempts: [302, 200], outcome: "delivered" },
    { statuses: [202], attempts: [202, 200], outcome: "delivered" },
  ])("$statuses: $outcome after $attempts", async ({ statuses, attempts, outcome }) => {
    const world = await anIndeed();
    const receiver = await aReceiver(...statuses);
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    const { delivery } = await world.twin.apply(sourcedPostingId);
    expect([delivery.outcome, delivery.attempts.map(({ status }) => status)]).toEqual([outcome, attempts]);
    // The same bytes each time.
    expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
    expect(receiver.requests.every(({ url }) => url === "/apply")).toBe(true);
  });

  it("can be that only failures of the server are tried again", async () => {
    const world = await anIndeed();
    Object.assign(world.twin.switches, { retries: "server-errors", takesAny2xx: true });
    const receiver = await aReceiver(401, 500, 202);
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    const [first, second] = [await world.twin.apply(sourcedPostingId), await world.twin.apply(sourcedPostingId)];
    expect([first.delivery.outcome, second.delivery.outcome]).toEqual(["refused", "delivered"]);
  });

  it("410 ends the posting; sent again it is live again, or stays ended", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver(410, 410);
    const job = aJobWithApply(`${receiver.origin}/apply`);
    const { sourcedPostingId, employerJobId } = await aLiveJob(world, receiver);
    const lifecycle = async () => (await world.status(employerJobId)).globalStatus.lifecycleStatus;
    await world.twin.apply(sourcedPostingId);
    expect([await lifecycle(), world.twin.posting("JOB-1")?.endedBy]).toEqual(["INACTIVE", "gone"]);
    await world.create(job);
    world.twin.indexNow(sourcedPostingId);
    expect(await lifecycle()).toBe("ACTIVE");
    world.twin.switches.ignoresRepostAfterGone = true;
    await world.twin.apply(sourcedPostingId);
    expect(createdIn(await world.create(job)).sourcedPostingId).toBe(sourcedPostingId);
    expect(await lifecycle()).toBe("INACTIVE");
  });

  it("nobody there is a failure, until somebody is: then it is brought at once when that is asked for", async () => {
    const world = await anIndeed();
    world.twin.switches.retryAfterSeconds = [3600];
    let isUp = false;
    const receiver = await serveOnLoopback((_, response) => {
      if (isUp) response.writeHead(200).end();
      else response.destroy();
    });
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    const { delivery } = await world.twin.apply(sourcedPostingId);
    expect(delivery).toMatchObject({ outcome: "waiting", attempts: [{ status: 599 }] });
    isUp = true;
    await world.twin.retryDeliveries();
    expect(world.twin.deliveries()).toMatchObject([
      { outcome: "delivered", attempts: [{ status: 599 }, { status: 200 }] },
    ]);
  });

  it("is waited for by itself, and asked for by one at a time", async () => {
    const world = await anIndeed();
    world.twin.switches.retryAfterSeconds = [0.01, 3600];
    const receiver = await aReceiver(503, 503);
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    const { delivery } = await world.twin.apply(sourcedPostingId);
    expect(delivery.outcome).toBe("waiting");
    await vi.waitFor(() => expect(delivery.attempts).toHaveLength(2));
    await Promise.all([world.twin.retryDeliveries(), world.twin.retryDeliveries()]);
    expect(delivery).toMatchObject({ outcome: "delivered", attempts: [{}, {}, { status: 200 }] });
  });

  it("can be heard twice for one application", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver(200, 409);
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    const { id } = await world.twin.apply(sourcedPostingId);
    await world.twin.replay(id);
    expect(receiver.requests.map(({ body }) => JSON.parse(body).id)).toEqual([id, id]);
    await expect(world.twin.replay("nobody")).rejects.toThrow("nobody");
  });
});

describe("the way of an application goes wrong", () => {
  it.each([
    { fault: "duplicated", ids: (first: string, second: string) => [first, first, second, second] },
    { fault: "lost", ids: () => [] },
    { fault: "reordered", ids: (first: string, second: string) => [second, first] },
  ] as const)("when it is $fault", async ({ fault, ids }) => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver);
    const end = world.twin.failPush(fault);
    const first = await world.twin.apply(sourcedPostingId);
    if (fault === "reordered") expect(receiver.requests).toEqual([]);
    const second = await world.twin.apply(sourcedPostingId);
    end();
    await world.twin.settled();
    expect(receiver.requests.map(({ body }) => JSON.parse(body).id)).toEqual(ids(first.id, second.id));
    expect(world.twin.deliveries().map(({ outcome }) => outcome)).toEqual(["delivered", "delivered"]);
  });
});

describe("screener questions at Indeed", () => {
  const inline = (questions: readonly object[], demographic: readonly object[] = []) => ({
    applyQuestionsDetails: {
      schemaVersion: "1.3",
      screenerQuestions: { questions },
      ...(demographic.length > 0 && { demographicQuestions: { questions: demographic } }),
    },
  });

  it("come back with their answers, and with nothing where an optional one was left out", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver, inline([text, choice]));
    await world.twin.apply(sourcedPostingId, { answers: { why: "Bridges" } });
    expect(arrived(receiver).screenerQuestionsAndAnswers).toEqual({
      retrievedOnMillis: expect.any(Number),
      schemaVersion: "1.3",
      questionsAndAnswers: [
        { question: text, answer: "Bridges" },
        { question: choice, answer: "" },
      ],
    });
    expect(arrived(receiver).questionsAndAnswers).toBeUndefined();
  });

  it("are answered by a value, or by an option with its label", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const many = { ...choice, id: "days", type: "multiselect", limit: 1 };
    const { sourcedPostingId } = await aLiveJob(world, receiver, inline([choice, many]));
    const answers = { shift: "n", days: ["d"] };
    const said = () =>
      arrived(receiver).screenerQuestionsAndAnswers.questionsAndAnswers.map((one: { answer: unknown }) => one.answer);
    await world.twin.apply(sourcedPostingId, { answers });
    expect(said()).toEqual(["n", ["d"]]);
    world.twin.switches.choiceAnswers = "option";
    await world.twin.apply(sourcedPostingId, { answers });
    expect(said()).toEqual([{ value: "n", label: "Night" }, [{ value: "d", label: "Day" }]]);
  });

  it("can come back as they used to, in one list", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    world.twin.switches.answersIn = "questionsAndAnswers";
    const { sourcedPostingId } = await aLiveJob(world, receiver, inline([choice]));
    await world.twin.apply(sourcedPostingId, { answers: { shift: "d" } });
    expect(arrived(receiver).questionsAndAnswers).toMatchObject({ questionsAndAnswers: [{ answer: "d" }] });
    expect(arrived(receiver).screenerQuestionsAndAnswers).toBeUndefined();
  });

  it.each([
    { country: "US", place: "Austin, TX", isAsked: true },
    { country: "CA", place: "Toronto, ON", isAsked: false },
  ])("about who one is come apart, and in the United States alone: $country", async ({ country, place, isAsked }) => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const eeo = { id: "veteran", type: "select", question: "Veteran?", options: [{ value: "1", label: "Yes" }] };
    const job = aJobWithApply(`${receiver.origin}/apply`, inline([], [eeo]));
    const body = { ...job.body, location: { ...job.body.location, country, cityRegionPostal: place } };
    const { sourcedPostingId } = createdIn(await world.create({ ...job, body }));
    world.twin.indexNow(sourcedPostingId);
    await world.twin.apply(sourcedPostingId, { answers: { veteran: "1" } });
    const asked = { questionsAndAnswers: [{ question: eeo, answer: "1" }] };
    if (isAsked) expect(arrived(receiver).demographicQuestionsAndAnswers).toMatchObject(asked);
    else expect(arrived(receiver).demographicQuestionsAndAnswers).toBeUndefined();
    expect(arrived(receiver).screenerQuestionsAndAnswers.questionsAndAnswers).toEqual([]);
  });

  it("are asked only where their condition holds", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const follow = { ...text, condition: { id: "shift", value: "n" } };
    const { sourcedPostingId } = await aLiveJob(world, receiver, inline([choice, follow]));
    await world.twin.apply(sourcedPostingId, { answers: { shift: "d" } });
    expect(arrived(receiver).screenerQuestionsAndAnswers.questionsAndAnswers).toHaveLength(1);
    await expect(world.twin.apply(sourcedPostingId, { answers: { shift: "n" } })).rejects.toThrow("why");
  });

  it.each([
    { question: text, answer: "" },
    { question: choice, answer: "x" },
    { question: { ...choice, type: "multiselect" }, answer: ["d", "x"] },
    { question: { ...choice, type: "multiselect", limit: 1 }, answer: ["d", "n"] },
    { question: { ...text, type: "date" }, answer: "2026-12-01" },
    { question: { ...text, limit: 3 }, answer: "long" },
    { question: { ...text, type: "text", format: "integer" }, answer: "1.5" },
    { question: { ...text, type: "text", format: "decimal" }, answer: "x" },
    { question: { ...text, type: "text", format: "integer", min: 2, max: 3 }, answer: "4" },
    { question: { ...text, type: "file" }, answer: "x" },
    {
      question: { ...text, type: "file" },
      answer: { fileName: "a", contentType: "b", data: Buffer.alloc(1_000_001).toString("base64") },
    },
  ])("cannot be answered so: $question.type $question.format", async ({ question, answer }) => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver, inline([question]));
    await expect(world.twin.apply(sourcedPostingId, { answers: { [question.id]: answer } })).rejects.toThrow(
      question.id,
    );
  });

  it.each([
    { question: { ...text, type: "date" }, answer: "31/12/2026" },
    { question: { ...text, type: "text", format: "integer", min: 2, max: 3 }, answer: "3" },
    { question: { ...text, type: "text", format: "decimal" }, answer: "1.5" },
    { question: { ...text, type: "file" }, answer: { fileName: "a", contentType: "b", data: "aGk=" } },
  ])("can be answered so: $answer", async ({ question, answer }) => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = await aLiveJob(world, receiver, inline([question]));
    await world.twin.apply(sourcedPostingId, { answers: { [question.id]: answer } });
    expect(arrived(receiver).screenerQuestionsAndAnswers.questionsAndAnswers[0].answer).toEqual(answer);
  });

  it("can be at an address, are fetched about hourly, and are left out when they cannot be had", async () => {
    const world = await anIndeed();
    const receiver = await aReceiver();
    let answer = JSON.stringify({ schemaVersion: "1.3", screenerQuestions: { questions: [text] } });
    const host = await serveOnLoopback((_, response) => response.end(answer));
    const { sourcedPostingId } = await aLiveJob(world, receiver, { applyQuestions: `${host.origin}/q.json` });
    for (const _ of [1, 2]) await world.twin.apply(sourcedPostingId, { answers: { why: "x" } });
    expect(host.requests).toHaveLength(1);
    expect(arrived(receiver).screenerQuestionsAndAnswers).toMatchObject({
      url: `${host.origin}/q.json`,
      questionsAndAnswers: [{ answer: "x" }],
    });
    answer = "no JSON";
    world.wait(3600);
    await world.twin.apply(sourcedPostingId);
    expect(host.requests).toHaveLength(2);
    expect(arrived(receiver).screenerQuestionsAndAnswers).toBeUndefined();
  });
});
