import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pdfOf } from "../../sandbox/job-boards/resume.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let sandbox: Sandbox;
let app: TestApp;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  app = await startTestApp({
    env: sandbox.settings,
    standInOrigins: [sandbox.origin],
  });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

/** A company whose job stands at We Work Remotely, which brings no applications. */
async function aPostedJob(changes: Record<string, unknown> = {}) {
  const tenantId = `tenant-${randomUUID()}`;
  const token = sandbox.weWorkRemotely.createAccount({ email: `${tenantId}@example.test` });
  const journey = new Journey(await app.as({ tenantId, userId: "ana" }));
  const bo = new Journey(await app.as({ tenantId, userId: "bo" }));
  const credentials = [
    { name: "posterEmail", value: `${tenantId}@example.test` },
    { name: "apiKey", value: token },
  ];
  const { integration } = await journey.mutate(
    "connectIntegration",
    { provider: "WE_WORK_REMOTELY", credentials },
    "integration { id }",
  );
  const job = {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: "<p>You talk with customers, and mend what they show you.</p>",
    workplaceType: "REMOTE",
    company: { name: "Muster Bridges" },
    applyUrl: "https://careers.example.test/apply/1?lang=en",
    contactEmail: "jobs@example.test",
    ...changes,
  };
  const posted = await journey.mutate(
    "postJob",
    { jobId: `job-${randomUUID()}`, job, integrationIds: [integration.id] },
    "results { jobPosting { id } }",
  );
  const { id } = posted.results[0].jobPosting;
  await bo.mutate("approveJobPosting", { id }, "jobPosting { id }");
  const posting = async (): Promise<Json> =>
    dataOf(
      await journey.caller.query(
        "query ($id: ID!) { jobPosting(id: $id) { state applyLink { url clicks lastClickedAt } job { applications { nodes { id } } } } }",
        { id },
      ),
    ).jobPosting;
  const until = (state: string) => eventually(`a posting that is ${state}`, posting, (one) => one.state === state);
  await until("LIVE");
  const instructions = sandbox.weWorkRemotely.jobs().at(-1)?.job.instructions;
  return { tenantId, journey, integrationId: integration.id, id, job, posting, until, instructions };
}

const follow = (url: string, method = "GET") => fetch(url, { method, redirect: "manual" });

describe("the apply link of a posting", () => {
  it("is what its board shows, and leads to the job's own address with the board as the source", async () => {
    const { instructions, posting } = await aPostedJob();
    const { applyLink } = await posting();
    expect(instructions).toBe(applyLink.url);
    expect(applyLink).toMatchObject({ clicks: 0, lastClickedAt: null });
    const reply = await follow(applyLink.url);
    expect([reply.status, reply.headers.get("location")]).toEqual([
      302,
      "https://careers.example.test/apply/1?lang=en&utm_source=we-work-remotely",
    ]);
    await follow(applyLink.url);
    await follow(applyLink.url, "HEAD");
    expect((await posting()).applyLink).toMatchObject({ clicks: 2, lastClickedAt: expect.any(String) });
  });

  it("leaves a source alone that the address has already", async () => {
    const { posting } = await aPostedJob({ applyUrl: "https://careers.example.test/a?utm_source=partner" });
    const reply = await follow((await posting()).applyLink.url);
    expect(reply.headers.get("location")).toBe("https://careers.example.test/a?utm_source=partner");
  });

  it("leads to the new address once the job has one, and nowhere once it is closed", async () => {
    const { journey, id, job, posting, until } = await aPostedJob();
    const { applyLink } = await posting();
    const moved = { ...job, applyUrl: "https://careers.example.test/apply/2" };
    await journey.mutate("updateJobPosting", { id, job: moved }, "jobPosting { id }");
    expect((await follow(applyLink.url)).headers.get("location")).toContain("/apply/2?utm_source=");
    await journey.mutate("closeJobPosting", { id }, "jobPosting { id }");
    await until("CLOSED");
    const reply = await follow(applyLink.url);
    expect(reply.status).toBe(410);
    expect(await reply.text()).toContain("Nobody can apply for “Service engineer” at Muster Bridges any more.");
    expect((await posting()).applyLink.clicks).toBe(1);
  });

  it("is of no use to whoever guesses", async () => {
    for (const token of [randomUUID(), "0", "..%2f..%2fetc", "x".repeat(500)]) {
      const reply = await follow(`${app.url.replace(/\/graphql$/, "")}/apply/${token}`);
      expect([reply.status, reply.headers.get("location")]).toEqual([404, null]);
    }
  });

  it("is not there for a job to which one applies by mail", async () => {
    const { posting, instructions } = await aPostedJob({ applyMethod: "EMAIL" });
    expect((await posting()).applyLink).toBeNull();
    expect(instructions).toBe("jobs@example.test");
  });
});

const applicationFields = `id status boardApplicationId appliedAt recordedBy { id } candidate { fullName email }
  source { referrer } files { kind fileName contentType state } steps { status disposition changedBy { id } }`;
const zoe = { fullName: "Zoë Müller 王", email: "Zoe@example.test" };

describe("an application that is filed by hand", () => {
  const record = (journey: Journey, input: Record<string, unknown>): Promise<Json> =>
    journey.mutate("recordJobApplication", input, `jobApplication { ${applicationFields} }`);

  it("stands with its posting like one that a board brings, with its résumé and who filed it", async () => {
    const { journey, id, posting } = await aPostedJob();
    const content = pdfOf(["Zoë Müller"]).toString("base64");
    const { jobApplication, userErrors } = await record(journey, {
      jobPostingId: id,
      candidate: zoe,
      appliedAt: "2026-11-20T08:00:00Z",
      resume: { fileName: "../cv.exe", content },
      referrer: "A mail of 20 November",
    });
    expect(userErrors).toEqual([]);
    expect(jobApplication).toMatchObject({
      status: "NEW",
      appliedAt: "2026-11-20T08:00:00.000Z",
      recordedBy: { id: "ana" },
      candidate: zoe,
      source: { referrer: "A mail of 20 November" },
      files: [
        {
          kind: "RESUME",
          fileName: expect.stringMatching(/^[^/]*\.pdf$/),
          contentType: "application/pdf",
          state: "STORED",
        },
      ],
      steps: [{ status: "NEW", disposition: "NOT_TOLD", changedBy: { id: "ana" } }],
    });
    expect((await posting()).job.applications.nodes).toEqual([{ id: jobApplication.id }]);
    const received = (await journey.log()).filter(({ type }: Json) => type === "job_application.received");
    expect(received).toMatchObject([{ subjectId: jobApplication.id }]);
  });

  it("is filed once, with the same key and for the same person", async () => {
    const { journey, id } = await aPostedJob();
    const input = { jobPostingId: id, candidate: zoe, idempotencyKey: randomUUID() };
    const first = await record(journey, input);
    const again = await record(journey, input);
    const samePerson = await record(journey, {
      jobPostingId: id,
      candidate: { fullName: "Zoe", email: "zoe@example.test" },
    });
    const ids = [first, again, samePerson].map(({ jobApplication }) => jobApplication.id);
    expect(new Set(ids).size).toBe(1);
  });

  it("is filed once though two do it at the same time", async () => {
    const { journey, id, posting } = await aPostedJob();
    const both = await Promise.all([1, 2].map(() => record(journey, { jobPostingId: id, candidate: zoe })));
    expect(both[0].jobApplication.id).toBe(both[1].jobApplication.id);
    expect((await posting()).job.applications.nodes).toHaveLength(1);
  });

  it("goes on in the platform alone: its board hears nothing", async () => {
    const { journey, id } = await aPostedJob();
    const { jobApplication } = await record(journey, { jobPostingId: id, candidate: zoe });
    const step = { id: jobApplication.id, status: "REJECTED" };
    const { userErrors } = await journey.mutate("updateJobApplicationStatus", step, "jobApplication { id }");
    expect(userErrors).toMatchObject([{ code: "UNSUPPORTED_CAPABILITY" }]);
  });

  it.each([
    [{ candidate: { fullName: " " } }, ["candidate", "fullName"]],
    [{ candidate: { fullName: "A".repeat(501) } }, ["candidate", "fullName"]],
    [{ appliedAt: "2999-01-01T00:00:00Z" }, ["appliedAt"]],
    [{ resume: { fileName: "cv.pdf", content: "no base64!" } }, ["resume", "content"]],
  ])("is refused where it cannot be right: %o", async (changes, field) => {
    const { journey, id } = await aPostedJob();
    const { jobApplication, userErrors } = await record(journey, { jobPostingId: id, candidate: zoe, ...changes });
    expect(jobApplication).toBeNull();
    expect(userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", ...field] }]);
  });

  it("is nobody else's to file", async () => {
    const [ours, theirs] = [await aPostedJob(), await aPostedJob()];
    const { userErrors } = await record(theirs.journey, { jobPostingId: ours.id, candidate: zoe });
    expect(userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  });
});

describe("what is at a stand-in for a board", () => {
  it("says so everywhere, also to who may see postings or applications alone", async () => {
    const { tenantId, journey, integrationId, id } = await aPostedJob();
    expect(
      await journey.mutate("updateIntegration", { id: integrationId, label: "x" }, "integration { simulated }"),
    ).toMatchObject({
      integration: { simulated: true },
    });
    const { jobApplication } = await journey.mutate(
      "recordJobApplication",
      { jobPostingId: id, candidate: zoe },
      "jobApplication { id }",
    );
    const ask = async (scopes: readonly string[], query: string): Promise<Json> =>
      dataOf(await (await app.as({ tenantId, userId: "cy", scopes })).query(query));
    const posting = await ask(
      ["jobs:read"],
      `{ jobPosting(id: "${id}") { simulated applyLink { clicks } manualTask { url } } }`,
    );
    expect(posting).toEqual({ jobPosting: { simulated: true, applyLink: { clicks: 0 }, manualTask: null } });
    const application = await ask(
      ["applications:read"],
      `{ jobApplication(id: "${jobApplication.id}") { simulated } }`,
    );
    expect(application).toEqual({ jobApplication: { simulated: true } });
  });
});
