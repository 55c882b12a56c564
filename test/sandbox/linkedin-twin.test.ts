import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";
import {
  aJob,
  aLinkedIn,
  anOnsiteJob,
  aReceiver,
  type LinkedInWorld,
  tokenOf,
  zoe,
} from "../support/linkedin-client.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

const control = (sandbox: { origin: string }, command: string, words: object) =>
  fetch(`${sandbox.origin}/_control/linkedin/${command}`, { method: "POST", body: JSON.stringify(words) });

/** A listed job that is applied for at LinkedIn. @returns its page */
async function anOpenJob({ twin, child }: LinkedInWorld, questions?: object, changes = {}) {
  const receiver = await aReceiver(child.credentials.client_secret);
  await child.sendAndWait(anOnsiteJob(receiver.url, questions, changes));
  await twin.settled();
  twin.finishTasks();
  const { jobPostingUrl } = await child.status("job-42");
  return { receiver, page: String(jobPostingUrl) };
}

describe("what a candidate sees", () => {
  it("are the jobs that are listed, and their pages", async () => {
    const world = await aLinkedIn();
    const { page } = await anOpenJob(world, undefined, { title: "Engineer <b>", workplaceTypes: ["Remote"] });
    await world.child.sendAndWait(aJob({ externalJobPostingId: "b", title: "Waiting" }));
    const list = await (await fetch(`${world.origin}/jobs`)).text();
    expect(list).toContain(`href="${page}"`);
    expect(list).toContain("Engineer &#60;b&#62;");
    expect(list).toContain("In review");
    await world.child.sendAndWait(aJob({ externalJobPostingId: "c", title: "Internal", availability: "INTERNAL" }));
    world.twin.finishTasks();
    expect(await (await fetch(`${world.origin}/jobs`)).text()).not.toContain("Internal");
    const shown = await (await fetch(page)).text();
    for (const text of ["Muster AG", "Zurich, Switzerland", "Remote", "<form"]) expect(shown).toContain(text);
  });

  it("is the description with the tags that LinkedIn keeps, the others left out", async () => {
    const world = await aLinkedIn();
    const description = `<p onclick="x()">Good</p><h1>Bad</h1><script>alert(1)</script>${"text ".repeat(30)}`;
    const { page } = await anOpenJob(world, undefined, { description });
    const shown = await (await fetch(page)).text();
    expect(shown).toContain("<p>Good</p>Badalert(1)");
    world.twin.switches.descriptionTags = ["h1"];
    expect(await (await fetch(page)).text()).toContain("Good<h1>Bad</h1>");
  });

  it("is a form with the partner's questions, which delivers an application with a résumé", async () => {
    const world = await aLinkedIn();
    const choices = [
      { symbolicName: "yes", displayValue: "Yes, of course" },
      { symbolicName: "no", displayValue: "No" },
    ];
    const own = (id: string, questionText: string, questionDetails: object) => ({
      partnerQuestionIdentifier: id,
      questionText,
      required: true,
      questionDetails,
    });
    const { page, receiver } = await anOpenJob(world, {
      contactInformationQuestions: {},
      resumeQuestions: { resumeQuestionRequirement: "REQUIRED" },
      workQuestions: { workExperienceQuestionSet: { minRequired: 1 } },
      additionalQuestions: {
        customQuestionSets: [
          {
            questions: [
              own("visa", "May you <b>work</b> here?", { multipleChoiceQuestionDetails: { choices } }),
              own("years", "How many years?", { numericQuestionDetails: { integerQuestionDetails: {} } }),
              own("why", "Why?", { textQuestionDetails: { preferredFormComponent: "MULTILINE_TEXT" } }),
              own("when", "When?", { dateRangeQuestionDetails: {} }),
            ],
          },
        ],
      },
    });
    const shown = await (await fetch(page)).text();
    for (const text of ["May you work here?", "Yes, of course", 'name="answers.years"', 'name="work.title"']) {
      expect(shown).toContain(text);
    }
    const filled = new URLSearchParams({
      firstName: "Zoë",
      lastName: "Müller",
      email: "zoe@example.test",
      phone: "+41 44 123 45 67",
      resume: "yes",
      "work.title": "Engineer",
      "work.employmentDates.start": "2020-05",
      "answers.visa": "yes",
      "answers.years": "7",
      "answers.why": "Because",
      "answers.when.start": "2026-01",
      "answers.when.end": "2026-02",
    });
    const sent = await fetch(page, { method: "POST", body: filled });
    expect([sent.status, (await sent.text()).includes("urn:li:jobApplication:")]).toEqual([200, true]);
    const { questionResponses } = JSON.parse(receiver.messages()[0]?.body ?? "");
    expect(questionResponses.contactInformationQuestionResponses.cellphoneNumberQuestionAnswer).toEqual({
      countryCode: "41",
      nationalNumber: "441234567",
    });
    const [{ customQuestionResponses }] = questionResponses.additionalQuestionResponses.customQuestionSetResponses;
    expect(customQuestionResponses).toEqual([
      { questionIdentifier: "visa", answer: { multipleChoiceAnswerValue: { symbolicNames: ["yes"] } } },
      { questionIdentifier: "years", answer: { numericAnswerValue: { integerValue: 7 } } },
      { questionIdentifier: "why", answer: { textAnswerValue: { value: "Because" } } },
      {
        questionIdentifier: "when",
        answer: { dateAnswerValue: { startDate: { year: 2026, month: 1 }, endDate: { year: 2026, month: 2 } } },
      },
    ]);
    const { mediaUrl } = questionResponses.resumeQuestionResponses.resumeQuestionAnswer;
    const resume = await fetch(mediaUrl, { headers: { authorization: `Bearer ${world.child.token}` } });
    expect((await resume.text()).startsWith("%PDF-1.4")).toBe(true);
    filled.delete("answers.visa");
    const incomplete = await fetch(page, { method: "POST", body: filled });
    expect([incomplete.status, (await incomplete.text()).includes("visa")]).toEqual([422, true]);
    expect(await (await fetch(page)).text()).toContain("delivered");
  });

  it("is a form that can be sent without any work or school, though each of them needs its title and dates", async () => {
    const world = await aLinkedIn();
    const { page, receiver } = await anOpenJob(world, {
      workQuestions: { workExperienceQuestionSet: {} },
      educationQuestions: { educationExperienceQuestionSet: {} },
    });
    const fields = [...(await (await fetch(page)).text()).matchAll(/<input [^>]*name="([^"]+)"[^>]* required>/g)];
    expect(fields.map(([, name]) => name)).toEqual(["firstName", "lastName", "email"]);
    const filled = { firstName: "Zoë", lastName: "Müller", email: "zoe@example.test" };
    const send = (more: object) => fetch(page, { method: "POST", body: new URLSearchParams({ ...filled, ...more }) });
    expect((await send({ "work.title": "Engineer" })).status).toBe(422);
    expect((await send({})).status).toBe(200);
    expect(receiver.messages().length).toBe(1);
  });

  it("is a way to the company's own page where one cannot apply at LinkedIn", async () => {
    const world = await aLinkedIn();
    await world.child.sendAndWait(aJob());
    world.twin.finishTasks();
    const { jobPostingUrl } = await world.child.status("job-42");
    const shown = await (await fetch(jobPostingUrl)).text();
    expect(shown).toContain('href="https://jobs.example.test/42/apply"');
    const body = new URLSearchParams({ firstName: "Zoë" });
    const reply = await fetch(jobPostingUrl, { method: "POST", body, redirect: "manual" });
    expect([reply.status, reply.headers.get("location")]).toEqual([303, "https://jobs.example.test/42/apply"]);
  });

  it("is nothing once a job is closed", async () => {
    const world = await aLinkedIn();
    const { page } = await anOpenJob(world);
    await world.child.sendAndWait(aJob({ jobPostingOperationType: "CLOSE" }));
    expect((await fetch(page)).status).toBe(404);
  });
});

describe("a feed of basic jobs", () => {
  const job = (id: string, changes: Readonly<Record<string, string>> = {}) => {
    const tags = {
      partnerJobId: id,
      company: "Muster AG",
      companyId: "1001",
      title: `Job ${id}`,
      description: "<![CDATA[<p>Good work</p>]]>",
      applyUrl: `https://jobs.example.test/${id}`,
      location: "Zurich, Switzerland",
      ...changes,
    };
    return `<job>${Object.entries(tags)
      .map(([name, text]) => (text === "" ? "" : `<${name}>${text}</${name}>`))
      .join("")}</job>`;
  };
  const feed = (jobs: readonly string[], count = jobs.length) =>
    `<?xml version="1.0" encoding="UTF-8"?><source><lastBuildDate>Tue, 01 Dec 2026 10:00:00 GMT</lastBuildDate><publisher>Ours</publisher><publisherUrl>https://ours.example.test</publisherUrl><expectedJobCount>${count}</expectedJobCount>${jobs.join("")}</source>`;

  async function aFeed() {
    const world = await aLinkedIn();
    let text = "";
    const server = await serveOnLoopback((_, response) => void response.writeHead(text === "" ? 500 : 200).end(text));
    const crawl = (said: string) => {
      text = said;
      return world.twin.crawlFeed(`${server.origin}/feed.xml`);
    };
    return { ...world, crawl, list: async () => (await fetch(`${world.origin}/jobs`)).text() };
  }

  it("has all jobs every time: what is missing ends", async () => {
    const { crawl, list } = await aFeed();
    expect(await crawl(feed([job("a"), job("b")]))).toEqual({ taken: ["a", "b"], removed: [], problems: [] });
    expect(await list()).toContain('href="https://jobs.example.test/a"');
    expect(await crawl(feed([job("b")]))).toMatchObject({ taken: ["b"], removed: ["a"] });
    expect(await list()).not.toContain("https://jobs.example.test/a");
  });

  it.each(["company", "companyId", "title", "description", "applyUrl", "location"])(
    "needs %s in each job",
    async (tag) => {
      const { crawl } = await aFeed();
      const { taken, problems } = await crawl(feed([job("a"), job("b", { [tag]: "" })]));
      expect([taken, problems]).toEqual([["a"], [`b has no ${tag}`]]);
    },
  );

  it("has ids of 40 characters at most, each once", async () => {
    const { crawl } = await aFeed();
    const { taken, problems } = await crawl(feed([job("x".repeat(40)), job("y".repeat(41)), job("a"), job("a")]));
    expect([taken, problems.length]).toEqual([["x".repeat(40), "a"], 2]);
  });

  it.each([
    ["cannot be had", ""],
    ["is not well-formed", "<source>"],
    ["has fewer jobs than it says", feed([job("a")], 2)],
    ["has no publisher", feed([job("a")]).replace("<publisher>Ours</publisher>", "")],
  ])("that %s changes nothing", async (_, text) => {
    const { crawl, list } = await aFeed();
    await crawl(feed([job("kept")]));
    expect((await crawl(text)).problems.length).toBe(1);
    expect(await list()).toContain("Job kept");
  });

  it("does not show again what came by the API, under the same id or requisition", async () => {
    const { twin, child, crawl, list } = await aFeed();
    await child.sendAndWait(aJob({ externalJobPostingId: "a", companyJobCode: "R-1" }));
    twin.finishTasks();
    await crawl(feed([job("a"), job("R-1"), job("b")]));
    const shown = await list();
    expect([shown.includes("Job a"), shown.includes("Job R-1"), shown.includes("Job b")]).toEqual([false, false, true]);
  });
});

describe("LinkedIn's stand-in", () => {
  it("says how the service is configured to use it", async () => {
    const { origin, sandbox } = await aLinkedIn();
    const own = Object.entries(sandbox.settings).filter(([name]) => name.startsWith("LINKEDIN_"));
    expect(Object.fromEntries(own)).toEqual({
      LINKEDIN_CLIENT_ID: "sandbox-client",
      LINKEDIN_CLIENT_SECRET: "sandbox-client-password",
      LINKEDIN_BASE_URL: `${origin}/`,
      LINKEDIN_TOKEN_URL: `${origin}/oauth/v2/accessToken`,
    });
  });

  it("is on the front page, with what people may open", async () => {
    const { sandbox, origin } = await aLinkedIn();
    const front = await (await fetch(sandbox.origin)).text();
    for (const text of [`${origin}/jobs`, `${origin}/onboarding`, "Muster AG", "_control/linkedin/apply"]) {
      expect(front).toContain(text);
    }
  });

  it("sends applications by the control API, and shows what it has", async () => {
    const world = await aLinkedIn();
    const { receiver } = await anOpenJob(world, { resumeQuestions: {} });
    const applied = await control(world.sandbox, "apply", {
      job: "job-42",
      app: "tenant-1",
      firstName: "Zoë",
      lastName: "Müller",
      email: "zoe@example.test",
      resume: { fileName: "cv.pdf", text: "cv" },
    });
    expect((await applied.json()).result).toMatchObject({ outcome: "sent", firstAttempt: { status: 200 } });
    expect(receiver.messages().length).toBe(1);
    const { result: jobs } = await (await control(world.sandbox, "show-jobs", {})).json();
    expect(jobs).toMatchObject([{ listing: "LISTED", element: { externalJobPostingId: "job-42" } }]);
    const { result: applications } = await (await control(world.sandbox, "show-applications", {})).json();
    expect(applications).toMatchObject([{ externalJobPostingId: "job-42", attempts: [{ status: 200 }] }]);
  });

  it("keeps what was asked, field by field and with its headers, but for tokens", async () => {
    const { sandbox, child } = await aLinkedIn();
    await child.send(aJob());
    const request = sandbox.requests.at(-1);
    expect(request).toMatchObject({ method: "POST", path: "/rest/simpleJobPostings" });
    expect(request?.headers).toMatchObject({ "linkedin-version": "202504", "x-restli-method": "batch_create" });
    expect(request?.headers).not.toHaveProperty("authorization");
    expect(JSON.parse(request?.body ?? "").elements).toMatchObject([{ title: "Backend engineer" }]);
  });

  it.each([
    { fault: "rate-limited", status: 429, body: { serviceErrorCode: 101, status: 429 } },
    { fault: "rate-limited-with-retry-after", status: 429, body: { serviceErrorCode: 101, status: 429 } },
    { fault: "quota", status: 429, body: { message: expect.stringContaining("APPLICATION DAY") } },
    { fault: "backend-error", status: 500, body: { message: "Internal Server Error", status: 500 } },
    { fault: "unauthorized", status: 401, body: { serviceErrorCode: 65602, status: 401 } },
  ] as const)("fails in LinkedIn's own words: $fault", async ({ fault, status, body }) => {
    const { twin, child } = await aLinkedIn();
    twin.fail(fault, { times: 1 });
    const answer = await child.post([aJob()]);
    expect([answer.status, answer.body]).toEqual([status, expect.objectContaining(body)]);
    expect(answer.headers.get("retry-after")).toBe(fault === "rate-limited-with-retry-after" ? "7" : null);
    expect((await child.post([aJob()])).status).toBe(200);
  });

  it("is down, and fails in the ways that anybody does", async () => {
    const { twin, child } = await aLinkedIn();
    twin.fail("down", { times: 1 });
    expect((await child.post([aJob()])).status).toBe(503);
    twin.fail("truncated", { times: 1 });
    await expect(child.post([aJob()])).rejects.toThrow();
    twin.fail("hung-up", { times: 1 });
    await expect(child.post([aJob()])).rejects.toThrow();
    twin.fail("html", { times: 1 });
    expect((await child.post([aJob()])).body).toContain("<!doctype html>");
    // Nothing is read on from anywhere: no request meets it.
    twin.fail("cursor-gone", { times: 1 });
    expect((await child.post([aJob()])).status).toBe(200);
  });

  it.each([
    { fault: "rate-limited", status: 429, error: "temporarily_unavailable" },
    { fault: "quota", status: 429, error: "temporarily_unavailable" },
    { fault: "unauthorized", status: 401, error: "invalid_client" },
    { fault: "backend-error", status: 500, error: "server_error" },
  ] as const)("fails at its token endpoint too: $fault", async ({ fault, status, error }) => {
    const { twin, sandbox, child } = await aLinkedIn();
    twin.fail(fault, { on: "token", times: 1 });
    const answer = await tokenOf(sandbox, child.credentials);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });

  it("begins with companies that are ready, and goes on where it was when it is started again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    const before = first.linkedin.accounts();
    expect(before).toEqual(["Muster AG (urn:li:organization:1001)", "Beispiel GmbH (urn:li:organization:1002)"]);
    first.linkedin.createOrganization({ name: "Neu AG" });
    await first.stop();
    const again = await startSandbox({ port: 0, stateFile, seed: true });
    onTestFinished(() => again.stop());
    expect(again.linkedin.accounts()).toEqual([...before, expect.stringContaining("Neu AG")]);
    expect(again.linkedin.organization("urn:li:organization:1001").isOnboarded).toBe(true);
  });

  it("keeps jobs, applications, files and tokens when it is started again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const world = await aLinkedIn({ stateFile });
    const { receiver } = await anOpenJob(world, { resumeQuestions: {} });
    await world.twin.apply(world.twin.jobNamed("job-42"), { ...zoe, resume: { fileName: "cv.pdf", text: "Zoë" } });
    await world.sandbox.stop();
    const again = await startSandbox({ port: 0, stateFile });
    onTestFinished(() => again.stop());
    expect(again.linkedin.jobNamed("job-42")).toEqual(world.twin.jobNamed("job-42"));
    expect(again.linkedin.sentApplications).toEqual(world.twin.sentApplications);
    const { mediaUrl } = JSON.parse(receiver.messages()[0]?.body ?? "").questionResponses.resumeQuestionResponses
      .resumeQuestionAnswer;
    const reply = await fetch(mediaUrl.replace(world.sandbox.origin, again.origin), {
      headers: { authorization: `Bearer ${world.child.token}` },
    });
    expect([reply.status, await reply.text()]).toEqual([200, "Zoë"]);
  });

  it("gives out secrets that can be looked for", async () => {
    const { twin, child } = await aLinkedIn();
    expect(twin.issuedSecrets()).toEqual(expect.arrayContaining([child.token, child.credentials.client_secret]));
  });
});
