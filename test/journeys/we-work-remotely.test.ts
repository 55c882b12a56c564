import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { defaultSwitches } from "../../sandbox/we-work-remotely/switches.ts";
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
afterEach(() => {
  sandbox.weWorkRemotely.faults.disarmAll();
  Object.assign(sandbox.weWorkRemotely.switches, defaultSwitches());
});

const postingFields = `id state operation versionSent boardState liveStatus { status }
  cost { money { amount } unit } problem { code message remedy } approval { state }`;
const results = `results { jobPosting { ${postingFields} } userErrors { code field } }`;

function aJob(changes: Record<string, unknown> = {}) {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: "<p>You talk with customers, and mend what they show you.</p>",
    workplaceType: "REMOTE",
    company: { name: "Muster Bridges" },
    applyUrl: "https://careers.example.test/apply/1",
    ...changes,
  };
}

/** A company with a token, and with people of its own: Ana posts, and Bo approves. */
async function aCompany() {
  const tenantId = `tenant-${randomUUID()}`;
  const posterEmail = `${tenantId}@example.test`;
  const token = sandbox.weWorkRemotely.createAccount({ email: posterEmail });
  const as = async (userId: string) => new Journey(await app.as({ tenantId, userId }));
  const [journey, bo] = [await as("ana"), await as("bo")];
  const connect = (apiKey = token): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      {
        provider: "WE_WORK_REMOTELY",
        credentials: [
          { name: "posterEmail", value: posterEmail },
          { name: "apiKey", value: apiKey },
        ],
      },
      "integration { id status ownership accountName }",
    );
  const posting = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id }))
      .jobPosting;
  const until = (id: string, state: string): Promise<Json> =>
    eventually(
      `a posting that is ${state}`,
      () => posting(id),
      (one) => one.state === state && one.operation === null,
    );
  const post = async (job: Record<string, unknown>, integrationId: string, jobId = `job-${randomUUID()}`) =>
    (await journey.mutate("postJob", { jobId, job, integrationIds: [integrationId] }, results)).results[0] as Json;
  const approve = (id: string, by = bo): Promise<Json> =>
    by.mutate("approveJobPosting", { id }, "jobPosting { state }");
  const charges = () => sandbox.weWorkRemotely.charges().filter((charge) => charge.token === token);
  return { token, journey, connect, posting, until, post, approve, charges };
}

const shown = (reference: string) =>
  sandbox.weWorkRemotely
    .jobs()
    .filter(({ job }) => job.description.includes(`Reference: ${reference}.`))
    .map(({ job, status }) => ({ title: job.title, status }));

describe("connecting We Work Remotely", () => {
  it("asks for a token, which is proved, and shown nowhere", async () => {
    const { connect, journey, token, charges } = await aCompany();
    expect((await connect("wrong")).userErrors).toMatchObject([{ code: "CREDENTIALS_REJECTED" }]);
    const { integration, userErrors } = await connect();
    expect(userErrors).toEqual([]);
    expect(integration).toMatchObject({ status: "ACTIVE", ownership: "TENANT" });
    expect(await journey.mutate("testIntegration", { id: integration.id }, "integration { status }")).toMatchObject({
      integration: { status: "ACTIVE" },
      userErrors: [],
    });
    expect(JSON.stringify([app.logLines, await journey.log()])).not.toContain(token);
    expect(charges()).toEqual([]);
  });

  it("lets one post jobs, and says that no applications come from there", async () => {
    const query = "{ providers(kind: JOB_BOARD) { id availability capabilities } }";
    const { providers } = dataOf(await (await app.as()).query(query));
    expect(providers.find(({ id }: Json) => id === "WE_WORK_REMOTELY")).toMatchObject({
      availability: "READY",
      capabilities: ["POST_JOBS", "UPDATE_POSTINGS", "CLOSE_POSTINGS", "REOPEN_POSTINGS", "READ_POSTING_STATUS"],
    });
  });

  it("that comes to an end leaves jobs as they are, and can be undone", async () => {
    const { connect, journey, post, approve, until } = await aCompany();
    const { integration } = await connect();
    const job = aJob();
    const { jobPosting } = await post(job, integration.id);
    await approve(jobPosting.id);
    await until(jobPosting.id, "LIVE");
    await journey.mutate("disconnectIntegration", { id: integration.id }, "integration { status }");
    expect(shown(job.externalReference)).toMatchObject([{ status: "approved" }]);
    expect((await connect()).integration).toMatchObject({ id: integration.id, status: "ACTIVE" });
  });
});

describe("a job at We Work Remotely", () => {
  it("waits for somebody else's approval, because it costs, and is paid for once", async () => {
    const { connect, journey, post, approve, until, charges } = await aCompany();
    const { integration } = await connect();
    const job = aJob();
    const { jobPosting } = await post(job, integration.id);
    expect(jobPosting).toMatchObject({
      state: "PENDING_APPROVAL",
      cost: { money: null, unit: "post of 30 days" },
      approval: { state: "PENDING" },
    });
    expect((await approve(jobPosting.id, journey)).userErrors).toMatchObject([{ code: "FORBIDDEN" }]);
    expect([shown(job.externalReference), charges()]).toEqual([[], []]);
    expect((await approve(jobPosting.id)).userErrors).toEqual([]);
    expect(await until(jobPosting.id, "LIVE")).toMatchObject({ liveStatus: { status: "LIVE" }, problem: null });
    expect(shown(job.externalReference)).toEqual([{ title: "Service engineer", status: "approved" }]);
    expect(charges()).toHaveLength(1);
    const confirmed = await journey.mutate("confirmJobPosting", { id: jobPosting.id }, "jobPosting { id }");
    expect(confirmed.userErrors).toMatchObject([{ code: "UNSUPPORTED_CAPABILITY" }]);
  });

  it("is changed and closed for nothing, and opened again for another approval and another post", async () => {
    const { connect, journey, post, posting, approve, until, charges } = await aCompany();
    const { integration } = await connect();
    const job = aJob();
    const { jobPosting } = await post(job, integration.id);
    const { id } = jobPosting;
    await approve(id);
    await until(id, "LIVE");
    await journey.mutate("updateJobPosting", { id, job: { ...job, title: "Senior engineer" } }, "jobPosting { id }");
    await eventually(
      "the change is sent",
      () => posting(id),
      (one) => one.versionSent === 2,
    );
    expect(shown(job.externalReference)).toEqual([{ title: "Senior engineer", status: "approved" }]);
    await journey.mutate("closeJobPosting", { id, reason: "Filled." }, "jobPosting { id }");
    expect(await until(id, "CLOSED")).toMatchObject({ liveStatus: { status: "GONE" } });
    expect(charges()).toHaveLength(1);

    const reopened = await journey.mutate("reopenJobPosting", { id }, `jobPosting { ${postingFields} }`);
    expect(reopened.jobPosting).toMatchObject({ state: "PENDING_APPROVAL", approval: { state: "PENDING" } });
    expect(charges()).toHaveLength(1);
    await approve(id);
    await until(id, "LIVE");
    expect(shown(job.externalReference).map(({ status }) => status)).toEqual(["canceled", "approved"]);
    expect(charges()).toHaveLength(2);
  });

  it("is posted once when the answer gets lost on its way", async () => {
    const { connect, post, approve, until, charges } = await aCompany();
    const { integration } = await connect();
    sandbox.weWorkRemotely.fail("truncated", { times: 1, method: "POST" });
    const job = aJob();
    const { jobPosting } = await post(job, integration.id);
    await approve(jobPosting.id);
    expect(await until(jobPosting.id, "LIVE")).toMatchObject({ problem: null });
    expect(shown(job.externalReference)).toHaveLength(1);
    expect(charges()).toHaveLength(1);
  });

  it("is left to a person where nobody can tell whether it got through, and costs no second time before that", async () => {
    const { connect, post, approve, until, charges } = await aCompany();
    const { integration } = await connect();
    sandbox.weWorkRemotely.switches.listing = "none";
    sandbox.weWorkRemotely.fail("truncated", { times: 1, method: "POST" });
    const [job, jobId] = [aJob(), `job-${randomUUID()}`];
    const { jobPosting } = await post(job, integration.id, jobId);
    await approve(jobPosting.id);
    expect(await until(jobPosting.id, "FAILED")).toMatchObject({
      problem: { code: "MANUAL_ACTION_REQUIRED", remedy: expect.stringContaining("postJob") },
    });
    const again = await post(job, integration.id, jobId);
    expect(again.jobPosting).toMatchObject({ id: jobPosting.id, state: "PENDING_APPROVAL" });
    expect(charges()).toHaveLength(1);
    await approve(jobPosting.id);
    await until(jobPosting.id, "LIVE");
    expect(charges()).toHaveLength(2);
  });

  it.each(["ON_SITE", "HYBRID"])(
    "is refused before anything is sent unless it is remote: %s",
    async (workplaceType) => {
      const { connect, post } = await aCompany();
      const { integration } = await connect();
      const job = aJob({ workplaceType });
      expect(await post(job, integration.id)).toMatchObject({
        jobPosting: null,
        userErrors: [{ code: "INVALID_INPUT", field: ["input", "job", "workplaceType"] }],
      });
      expect(shown(job.externalReference)).toEqual([]);
    },
  );
});
