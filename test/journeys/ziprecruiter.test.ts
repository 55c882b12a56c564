import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
  app = await startTestApp({ env: sandbox.settings });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

const postingFields = `id state operation versionSent boardState liveStatus { status } cost { unit }
  problem { code message } approval { state }`;
const results = `results { jobPosting { ${postingFields} } userErrors { code field } }`;

function aJob(changes: Record<string, unknown> = {}) {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: "<p>You talk with customers, and mend what they show you.</p>",
    location: { city: "Austin", region: "TX", country: "US" },
    company: { name: "Muster Bridges" },
    applyUrl: "https://careers.example.test/apply/1",
    ...changes,
  };
}

/** A company with people of its own: Ana posts, and Bo approves. */
async function aCompany(at = app) {
  const tenantId = `tenant-${randomUUID()}`;
  const as = async (userId: string) => new Journey(await at.as({ tenantId, userId }));
  const journey = await as("ana");
  const connect = (values: Record<string, string> = { employerId: "muster" }): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      { provider: "ZIPRECRUITER", credentials: Object.entries(values).map(([name, value]) => ({ name, value })) },
      "integration { id status ownership accountName }",
    );
  const posting = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id }))
      .jobPosting;
  const until = (id: string, state: string, version = 1): Promise<Json> =>
    eventually(
      `a posting that is ${state}`,
      () => posting(id),
      (one) => one.state === state && one.operation === null && one.versionSent === version,
    );
  const post = async (job: Record<string, unknown>, integrationId: string): Promise<Json> => {
    const input = { jobId: `job-${randomUUID()}`, job, integrationIds: [integrationId] };
    return (await journey.mutate("postJob", input, results)).results[0];
  };
  return { as, journey, connect, posting, until, post };
}

const shown = (reference: string) =>
  sandbox.ziprecruiter
    .jobs()
    .filter(({ job }) => job.partner_attributes?.["reference"] === reference)
    .map(({ job, closedAt }) => ({ employer: job.employer_id, title: job.title, isOpen: closedAt === null }));

async function fieldsAt(at: TestApp): Promise<Json> {
  const query = "{ providers(kind: JOB_BOARD) { id availability credentialFields { name required } } }";
  const { providers } = dataOf(await (await at.as()).query(query));
  return providers.find(({ id }: Json) => id === "ZIPRECRUITER");
}

describe("connecting ZipRecruiter", () => {
  it("asks for the employer alone where the operator has a key, which is shown and stored nowhere", async () => {
    const { connect, journey } = await aCompany();
    expect(await fieldsAt(app)).toMatchObject({
      availability: "READY",
      credentialFields: [
        { name: "employerId", required: true },
        { name: "apiKey", required: false },
        { name: "webhookKey", required: false },
        { name: "boost", required: false },
      ],
    });
    const { integration, userErrors } = await connect();
    expect(userErrors).toEqual([]);
    expect(integration).toMatchObject({ status: "ACTIVE", ownership: "TENANT", accountName: "muster" });
    expect(await journey.mutate("testIntegration", { id: integration.id }, "integration { status }")).toMatchObject({
      integration: { status: "ACTIVE" },
      userErrors: [],
    });
    const told = JSON.stringify([app.logLines, await journey.log()]);
    expect(sandbox.ziprecruiter.issuedSecrets().filter((secret) => told.includes(secret))).toEqual([]);
  });

  it("asks for a key of one's own where the operator has none", async () => {
    const { ZIPRECRUITER_API_KEY: apiKey = "", ...settings } = sandbox.settings;
    const other = await startTestApp({ env: settings });
    const { connect } = await aCompany(other);
    expect((await fieldsAt(other)).credentialFields).toContainEqual({ name: "apiKey", required: true });
    expect((await connect()).userErrors).toMatchObject([{ code: "INVALID_INPUT" }]);
    expect((await connect({ employerId: "muster", apiKey: "wrong" })).userErrors).toMatchObject([
      { code: "CREDENTIALS_REJECTED" },
    ]);
    expect(await connect({ employerId: "muster", apiKey })).toMatchObject({ integration: { status: "ACTIVE" } });
    await other.stop();
  });

  it("that comes to an end leaves jobs as they are, and can be undone", async () => {
    const { connect, journey, post, until } = await aCompany();
    const { integration } = await connect();
    const job = aJob();
    const { jobPosting } = await post(job, integration.id);
    await until(jobPosting.id, "LIVE");
    await journey.mutate("disconnectIntegration", { id: integration.id }, "integration { status }");
    expect(shown(job.externalReference)).toMatchObject([{ isOpen: true }]);
    expect((await connect()).integration).toMatchObject({ id: integration.id, status: "ACTIVE" });
  });
});

describe("a job at ZipRecruiter", () => {
  it("is posted, changed, closed and opened again", async () => {
    const { connect, journey, post, until } = await aCompany();
    const { integration } = await connect();
    const job = aJob();
    const { jobPosting, userErrors } = await post(job, integration.id);
    expect({ state: jobPosting.state, userErrors }).toEqual({ state: "QUEUED", userErrors: [] });
    const { id } = jobPosting;
    expect(await until(id, "LIVE")).toMatchObject({ liveStatus: { status: "LIVE" }, problem: null });

    await journey.mutate("updateJobPosting", { id, job: { ...job, title: "Senior engineer" } }, "jobPosting { id }");
    await until(id, "LIVE", 2);
    expect(shown(job.externalReference)).toEqual([{ employer: "muster", title: "Senior engineer", isOpen: true }]);

    await journey.mutate("closeJobPosting", { id, reason: "Filled." }, "jobPosting { id }");
    expect(await until(id, "CLOSED", 2)).toMatchObject({ liveStatus: { status: "GONE" } });
    await journey.mutate("reopenJobPosting", { id }, "jobPosting { id }");
    await until(id, "LIVE", 2);
    expect(shown(job.externalReference)).toMatchObject([{ isOpen: true }]);
  });

  it("is another one than another tenant's of the same reference, under the same key", async () => {
    const job = aJob();
    const ids = await Promise.all(
      ["muster", "other"].map(async (employerId) => {
        const { connect, post, until } = await aCompany();
        const { integration } = await connect({ employerId });
        const { jobPosting } = await post(job, integration.id);
        await until(jobPosting.id, "LIVE");
        return jobPosting.id;
      }),
    );
    expect(new Set(ids).size).toBe(2);
    expect(
      shown(job.externalReference)
        .map(({ employer }) => employer)
        .toSorted(),
    ).toEqual(["muster", "other"]);
  });

  it("is refused before anything is sent when ZipRecruiter has no jobs in that country", async () => {
    const { connect, post } = await aCompany();
    const { integration } = await connect();
    const job = aJob({ location: { city: "Berlin", region: "Berlin", country: "DE" } });
    expect(await post(job, integration.id)).toMatchObject({
      jobPosting: null,
      userErrors: [{ code: "INVALID_INPUT", field: ["input", "job", "location", "country"] }],
    });
    expect(shown(job.externalReference)).toEqual([]);
  });

  it("with a boost waits for somebody's approval, and is boosted once", async () => {
    const { as, connect, post, posting, until } = await aCompany();
    const { integration } = await connect({ employerId: "muster", boost: "double" });
    const job = aJob({ promotion: { type: "BOOST" } });
    const { jobPosting } = await post(job, integration.id);
    expect(jobPosting).toMatchObject({
      state: "PENDING_APPROVAL",
      cost: { unit: "TrafficBoost double, once for a job" },
      approval: { state: "PENDING" },
    });
    expect(shown(job.externalReference)).toEqual([]);
    await (await as("bo")).mutate("approveJobPosting", { id: jobPosting.id }, "jobPosting { id }");
    await until(jobPosting.id, "LIVE");
    expect((await posting(jobPosting.id)).problem).toBeNull();
    const boosts = sandbox.ziprecruiter.boosts().filter(({ jobId }) => jobId.startsWith(`${job.externalReference}.`));
    expect(boosts).toMatchObject([{ level: "double" }]);
  });

  it("is one job all the same when an answer gets lost on its way", async () => {
    const { connect, post, until } = await aCompany();
    const { integration } = await connect();
    sandbox.ziprecruiter.fail("truncated", { times: 1, path: "partner/v0/job" });
    const job = aJob();
    const { jobPosting } = await post(job, integration.id);
    await until(jobPosting.id, "LIVE");
    expect(shown(job.externalReference)).toHaveLength(1);
  });
});

describe("somebody who applies at ZipRecruiter", () => {
  const fields = `id status candidate { fullName } files { kind state } steps { status disposition boardStatus }`;
  const applicationsOf = async (journey: Journey): Promise<Json[]> =>
    dataOf(await journey.caller.query(`{ jobApplications { nodes { ${fields} } } }`)).jobApplications.nodes;
  const received = (journey: Journey): Promise<Json[]> =>
    eventually(
      "an application",
      () => applicationsOf(journey),
      (all) => all.length === 1,
    );
  const jobAt = (reference: string) => {
    const stored = sandbox.ziprecruiter.jobs().find(({ job }) => job.partner_attributes?.["reference"] === reference);
    return stored?.job.job_id ?? expect.fail("It is not at ZipRecruiter");
  };

  it("comes in once through the operator's address, and ZipRecruiter hears what becomes of it", async () => {
    await sandbox.serviceListens(new URL(app.url).origin);
    const { journey, connect, post, until } = await aCompany();
    const { integration } = await connect();
    const job = aJob({ applyMethod: "BOARD_NATIVE", applyUrl: null });
    const { jobPosting } = await post(job, integration.id);
    await until(jobPosting.id, "LIVE");
    const { responseId, zrApplicationId } = await sandbox.ziprecruiter.apply(jobAt(job.externalReference));
    const [application] = await received(journey);
    expect(application).toMatchObject({
      candidate: { fullName: "Zoë Müller" },
      files: [{ kind: "RESUME", state: "STORED" }],
    });
    await sandbox.ziprecruiter.replay(responseId);
    const input = { id: application.id, status: "REJECTED", reason: "UNQUALIFIED" };
    await journey.mutate("updateJobApplicationStatus", input, "jobApplication { id }");
    const heard = () => sandbox.ziprecruiter.signals(zrApplicationId ?? "").map(({ event, reason }) => [event, reason]);
    await eventually(
      "what ZipRecruiter hears",
      async () => heard().length,
      (count) => count === 2,
    );
    expect(heard()).toEqual([
      ["received", null],
      ["rejected", "unqualified"],
    ]);
    expect(await applicationsOf(journey)).toHaveLength(1);
  });

  it("comes in through the company's own address where it has a key of its own", async () => {
    const { journey, connect, post, until } = await aCompany();
    const { integration } = await connect({
      employerId: "own",
      apiKey: sandbox.settings["ZIPRECRUITER_API_KEY"] ?? "",
    });
    const query = "query ($id: ID!) { integration(id: $id) { applicationsUrl } }";
    const { applicationsUrl } = dataOf(await journey.caller.query(query, { id: integration.id })).integration;
    expect(applicationsUrl).toMatch(/\/webhooks\/ziprecruiter\/[\w-]{40,}$/);
    await sandbox.ziprecruiter.registerWebhook(applicationsUrl);
    const job = aJob({ applyMethod: "BOARD_NATIVE", applyUrl: null });
    const { jobPosting } = await post(job, integration.id);
    await until(jobPosting.id, "LIVE");
    await sandbox.ziprecruiter.apply(jobAt(job.externalReference));
    await received(journey);
  });

  it("is asked what the job asks, also where ZipRecruiter took the job and was down for its questions", async () => {
    const { connect, post, until } = await aCompany();
    const { integration } = await connect();
    sandbox.ziprecruiter.fail("down", { times: 1, path: "/questions" });
    const question = { key: "why", text: "Why?", type: "TEXT", required: true };
    const job = aJob({ applyMethod: "BOARD_NATIVE", applyUrl: null, screeningQuestions: [question] });
    const { jobPosting } = await post(job, integration.id);
    expect(await until(jobPosting.id, "LIVE")).toMatchObject({ problem: null });
    expect(sandbox.ziprecruiter.job(jobAt(job.externalReference))?.questions).toEqual([
      { question_id: "why", question: "Why?", required: true, type: "text" },
    ]);
  });

  it("at an address of somebody else's is nobody's there", async () => {
    await sandbox.serviceListens(new URL(app.url).origin);
    const one = await aCompany();
    const { integration } = await one.connect();
    const job = aJob({ applyMethod: "BOARD_NATIVE", applyUrl: null });
    const { jobPosting } = await one.post(job, integration.id);
    await one.until(jobPosting.id, "LIVE");
    const stranger = await aCompany();
    const own = await stranger.connect({ employerId: "own", apiKey: sandbox.settings["ZIPRECRUITER_API_KEY"] ?? "" });
    const query = "query ($id: ID!) { integration(id: $id) { applicationsUrl } }";
    const shown = dataOf(await stranger.journey.caller.query(query, { id: own.integration.id })).integration;
    const body = JSON.stringify({ response_id: "forged", job_id: jobAt(job.externalReference), name: "Nobody" });
    const reply = await fetch(shown.applicationsUrl, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    expect(reply.status).toBe(200);
    expect(await applicationsOf(one.journey)).toEqual([]);
    expect(await applicationsOf(stranger.journey)).toEqual([]);
  });
});
