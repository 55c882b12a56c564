import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/indeed/switches.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { MovableTime } from "../support/movable-time.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let sandbox: Sandbox;
let app: TestApp;
let time: MovableTime;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  time = new MovableTime(sandbox.clock);
  app = await startTestApp({ env: sandbox.settings, now: time.now });
  await time.follow(app);
});
afterAll(async () => {
  await time.stop();
  await app.stop();
  await sandbox.stop();
});
afterEach(() => {
  sandbox.indeed.faults.disarmAll();
  Object.assign(sandbox.indeed.switches, defaultSwitches());
});

const fiveMinutes = 5 * 60 * 1000;
const day = 24 * 60 * 60 * 1000;
const postingFields = `id reference route state operation jobVersion versionSent boardState boardUrl closeReason
  liveStatus { status } cost { unit } problem { code message remedy } approval { state } integration { id }`;
const results = `results { integrationId jobPosting { ${postingFields} } userErrors { code field message remedy } }`;

function aJob(changes: Record<string, unknown> = {}) {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: "<p>You talk with customers, and mend what they show you.</p>",
    location: { city: "Austin", region: "TX", country: "US" },
    company: { name: "Muster Bridges" },
    applyUrl: "https://careers.example.test/apply/1",
    contactEmail: "jobs@example.test",
    ...changes,
  };
}

/** A company with people of its own: Ana posts, and Bo approves. */
async function aCompany(at = app) {
  const tenantId = `tenant-${randomUUID()}`;
  const as = async (userId: string) => new Journey(await at.as({ tenantId, userId }));
  const journey = await as("ana");
  const connect = (values: Record<string, string> = {}): Promise<Json> => {
    const entered = { sourceName: "muster-ag", companyName: "Muster AG", ...values };
    const credentials = Object.entries(entered).map(([name, value]) => ({ name, value }));
    const integration = "integration { id status ownership accountName }";
    return journey.mutate("connectIntegration", { provider: "INDEED", credentials }, integration);
  };
  const post = (job: Record<string, unknown>, integrationIds: string[]): Promise<Json> =>
    journey.mutate("postJob", { jobId: `job-${randomUUID()}`, job, integrationIds }, results);
  const posting = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id }))
      .jobPosting;
  /** Waits for the service, and lets time pass at Indeed and here whenever nothing happens any more. */
  const until = async (id: string, isThere: (posting: Json) => boolean): Promise<Json> => {
    for (let rounds = 0; rounds < 12; rounds += 1) {
      const seen = await eventually("a quiet posting", () => posting(id), isThere, { withinMs: 1200 }).catch(
        () => null,
      );
      if (seen) return seen;
      await time.pass(fiveMinutes + 1000);
    }
    throw new Error(`It never came to that: ${JSON.stringify(await posting(id))}`);
  };
  const untilState = (id: string, state: string) => until(id, (one) => one.state === state && one.operation === null);
  const change = (mutation: string, input: Record<string, unknown>): Promise<Json> =>
    journey.mutate(mutation, input, `jobPosting { ${postingFields} }`);
  const posted = async (changes: Record<string, unknown> = {}) => {
    const { integration } = await connect();
    const job = aJob(changes);
    const [{ jobPosting }] = (await post(job, [integration.id])).results;
    return { integration, job, id: jobPosting.id as string };
  };
  return { as, journey, connect, post, posting, until, untilState, change, posted };
}

/** What Indeed has of a job, whoever sent it. */
const seen = (reference: string) =>
  sandbox.indeed
    .postings()
    .filter(({ job }) => job.metadata.jobPostingId === reference)
    .map(({ job, endedAt, sourcedPostingId }) => ({
      id: sourcedPostingId,
      title: job.body.title,
      source: job.metadata.jobSource.sourceName,
      isOpen: endedAt === null,
    }));

async function indeedAt(at: TestApp): Promise<Json> {
  const query = `{ providers(kind: JOB_BOARD) { id availability availabilityReason capabilities
    credentialFields { name required } jobFields { name sentAs rule } } }`;
  const { providers } = dataOf(await (await at.as()).query(query));
  return providers.find(({ id }: Json) => id === "INDEED");
}

describe("connecting Indeed", () => {
  it("asks for the company, belongs to the tenant, and keeps the operator's client to itself", async () => {
    const { connect, journey } = await aCompany();
    expect(await indeedAt(app)).toMatchObject({
      availability: "READY",
      capabilities: expect.arrayContaining([
        ...["POST_JOBS", "UPDATE_POSTINGS", "CLOSE_POSTINGS", "REOPEN_POSTINGS", "READ_POSTING_STATUS"],
        ...["RECEIVE_APPLICATIONS", "TELL_APPLICATION_STATUS"],
      ]),
      credentialFields: [
        { name: "sourceName", required: true },
        { name: "companyName", required: true },
        { name: "employerId", required: false },
      ],
    });
    const { integration, userErrors } = await connect();
    expect(userErrors).toEqual([]);
    expect(integration).toMatchObject({ status: "ACTIVE", ownership: "TENANT", accountName: "Muster AG" });
    expect(await journey.mutate("testIntegration", { id: integration.id }, "integration { status }")).toMatchObject({
      integration: { status: "ACTIVE" },
      userErrors: [],
    });
    const told = JSON.stringify([app.logLines, await journey.log()]);
    const secrets = [...sandbox.indeed.issuedSecrets(), sandbox.settings["INDEED_CLIENT_SECRET"] ?? ""];
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
  });

  it("is the partner's business where the operator has no client", async () => {
    const other = await startTestApp();
    expect(await indeedAt(other)).toMatchObject({
      availability: "PARTNER_APPROVAL_REQUIRED",
      availabilityReason: expect.stringContaining("INDEED_CLIENT_ID"),
    });
    const { connect } = await aCompany(other);
    expect(await connect()).toMatchObject({ integration: null, userErrors: [{ code: "NOT_CONFIGURED" }] });
    await other.stop();
  });

  it("refuses what can be no source name, at its field", async () => {
    const { connect } = await aCompany();
    expect(await connect({ sourceName: "Muster AG" })).toMatchObject({
      integration: null,
      userErrors: [{ code: "INVALID_INPUT", field: expect.arrayContaining(["credentials"]) }],
    });
  });

  it("says that the operator's client is wrong, and not the company's entry", async () => {
    const other = await startTestApp({ env: { ...sandbox.settings, INDEED_CLIENT_SECRET: "wrong" } });
    const { connect } = await aCompany(other);
    expect(await connect()).toMatchObject({ integration: null, userErrors: [{ code: "NOT_CONFIGURED" }] });
    await other.stop();
  });

  it("waits for Indeed's approval of the operator's client", async () => {
    sandbox.indeed.switches.isApproved = false;
    const { connect } = await aCompany();
    expect(await connect()).toMatchObject({
      integration: null,
      userErrors: [{ code: "PARTNER_APPROVAL_REQUIRED", remedy: expect.stringContaining("operator") }],
    });
  });
});

describe("a job at Indeed", () => {
  it("is looked at beforehand, without anything being sent", async () => {
    const { connect, journey } = await aCompany();
    const { integration } = await connect();
    const job = aJob({ location: null, contactPhone: "+1 512 555 0100" });
    const query = `query ($input: PostJobInput!) { previewJobPosting(input: $input) {
      route findings { field effect rule fix } cost { unit } needsApproval renderedDescription userErrors { code } } }`;
    const input = { jobId: "job-1", job, integrationIds: [integration.id] };
    const [preview] = dataOf(await journey.caller.query(query, { input })).previewJobPosting;
    expect(preview).toMatchObject({ route: "API", cost: null, needsApproval: false, userErrors: [] });
    expect(preview.renderedDescription).toContain("mend what they show you");
    expect(preview.findings).toEqual([
      expect.objectContaining({ field: ["location"], effect: "REFUSED" }),
      expect.objectContaining({ field: ["contactPhone"], effect: "DROPPED" }),
    ]);
    expect(seen(job.externalReference)).toEqual([]);
  });

  it("is posted, checked, shown, changed, closed and opened again", async () => {
    const { connect, post, posting, until, untilState, change, journey } = await aCompany();
    const { integration } = await connect();
    const job = aJob();
    const { results: queued, userErrors } = await post(job, [integration.id]);
    expect(userErrors).toEqual([]);
    expect(queued).toMatchObject([{ jobPosting: { state: "QUEUED", route: "API", cost: null }, userErrors: [] }]);
    const { id } = queued[0].jobPosting;
    await eventually(
      "Indeed's word",
      () => posting(id),
      ({ state }) => state === "SUBMITTED",
    );
    expect(await untilState(id, "LIVE")).toMatchObject({
      versionSent: 1,
      boardState: "ACTIVE",
      liveStatus: { status: "LIVE" },
      problem: null,
    });
    expect(seen(job.externalReference)).toMatchObject([{ isOpen: true }]);

    const changed = { ...job, title: "Senior service engineer" };
    expect(await change("updateJobPosting", { id, job: changed })).toMatchObject({ userErrors: [] });
    expect(await until(id, ({ versionSent }) => versionSent === 2)).toMatchObject({ state: "LIVE" });
    expect(seen(job.externalReference)).toMatchObject([{ title: "Senior service engineer", isOpen: true }]);

    await change("closeJobPosting", { id, reason: "Filled." });
    expect(await untilState(id, "CLOSED")).toMatchObject({ closeReason: "Filled.", liveStatus: { status: "GONE" } });
    expect(seen(job.externalReference)).toMatchObject([{ isOpen: false }]);

    await change("reopenJobPosting", { id });
    expect(await untilState(id, "LIVE")).toMatchObject({ closeReason: null });
    expect(seen(job.externalReference)).toMatchObject([{ isOpen: true }]);

    const log = await journey.log(["job_posting.*"]);
    expect(log.map(({ type }) => type.replace("job_posting.", ""))).toEqual([
      ...["queued", "submitted", "in_review", "live", "updated", "closed", "queued", "submitted", "in_review", "live"],
    ]);
  });

  it("is another posting where it is opened again more than thirty days after its end", async () => {
    const { posted, untilState, change } = await aCompany();
    const { id, job } = await posted();
    await untilState(id, "LIVE");
    await change("closeJobPosting", { id });
    await untilState(id, "CLOSED");
    await time.pass(31 * day);
    await change("reopenJobPosting", { id });
    await untilState(id, "LIVE");
    expect(seen(job.externalReference).map(({ isOpen }) => isOpen)).toEqual([false, true]);
    await change("closeJobPosting", { id });
    await untilState(id, "CLOSED");
    expect(seen(job.externalReference).map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  it("is refused beforehand where Indeed would refuse it, each rule at its field", async () => {
    const { connect, post } = await aCompany();
    const { integration } = await connect();
    const job = aJob({ title: "Cook in Austin", contactEmail: null });
    expect((await post(job, [integration.id])).results).toMatchObject([
      {
        jobPosting: null,
        userErrors: [
          { code: "INVALID_INPUT", field: ["input", "job", "title"], remedy: expect.any(String) },
          { code: "INVALID_INPUT", field: ["input", "job", "contactEmail"] },
        ],
      },
    ]);
    expect(seen(job.externalReference)).toEqual([]);
  });

  it("that its check rejects is REJECTED, and live once it is changed", async () => {
    const { posted, untilState, change } = await aCompany();
    const { id, job } = await posted({ title: "Engineer [spam]" });
    expect(await untilState(id, "REJECTED")).toMatchObject({
      problem: { code: "PROVIDER_REFUSED", remedy: expect.any(String) },
    });
    await change("updateJobPosting", { id, job: { ...job, title: "Engineer" } });
    expect(await untilState(id, "LIVE")).toMatchObject({ problem: null });
    expect(seen(job.externalReference)).toHaveLength(1);
  });

  it("that has to be sponsored is LIMITED, until somebody gives it a budget at Indeed", async () => {
    const { posted, until, untilState } = await aCompany();
    const { id, job } = await posted({ title: "Engineer [sponsor]" });
    expect(await untilState(id, "LIMITED")).toMatchObject({
      problem: { code: "PROVIDER_REFUSED", remedy: expect.stringContaining("budget") },
      liveStatus: { status: "LIVE" },
    });
    sandbox.indeed.sponsor(seen(job.externalReference)[0]?.id ?? "");
    await time.pass(7 * 60 * 60 * 1000);
    expect(await until(id, ({ state }) => state === "LIVE")).toMatchObject({ problem: null });
  });

  it("is one posting though an answer got lost, and is closed though Indeed was down", async () => {
    const { connect, post, untilState, change } = await aCompany();
    const { integration } = await connect();
    sandbox.indeed.fail("truncated", { times: 2, path: "/graphql" });
    const job = aJob();
    const [{ jobPosting }] = (await post(job, [integration.id])).results;
    expect(await untilState(jobPosting.id, "LIVE")).toMatchObject({ problem: null });
    expect(seen(job.externalReference)).toHaveLength(1);
    const recover = sandbox.indeed.fail("down");
    await change("closeJobPosting", { id: jobPosting.id });
    await time.pass(60_000);
    recover();
    await untilState(jobPosting.id, "CLOSED");
    expect(seen(job.externalReference)).toMatchObject([{ isOpen: false }]);
  });

  it("waits where Indeed takes its approval of the client back, and says whose business it is", async () => {
    const { connect, post, until } = await aCompany();
    const { integration } = await connect();
    sandbox.indeed.switches.isApproved = false;
    const [{ jobPosting }] = (await post(aJob(), [integration.id])).results;
    expect(await until(jobPosting.id, ({ problem }) => problem !== null)).toMatchObject({
      problem: { code: "PARTNER_APPROVAL_REQUIRED", remedy: expect.stringContaining("operator") },
      versionSent: null,
    });
  });
});

describe("a job at Indeed that the company wants to be asked about", () => {
  it("costs nothing, and waits for somebody else's approval all the same", async () => {
    const { as, connect, post, untilState, change, journey } = await aCompany();
    const { integration } = await connect();
    const asked = { id: integration.id, postingApproval: "ALWAYS" };
    expect((await journey.mutate("updateIntegration", asked, "integration { id }")).userErrors).toEqual([]);
    const job = aJob();
    const [{ jobPosting }] = (await post(job, [integration.id])).results;
    expect(jobPosting).toMatchObject({ state: "PENDING_APPROVAL", cost: null, approval: { state: "PENDING" } });
    expect((await change("approveJobPosting", { id: jobPosting.id })).userErrors).toMatchObject([
      { code: "FORBIDDEN" },
    ]);
    expect(seen(job.externalReference)).toEqual([]);
    const approved = await (await as("bo")).mutate("approveJobPosting", { id: jobPosting.id }, "jobPosting { state }");
    expect(approved).toMatchObject({ jobPosting: { state: "QUEUED" }, userErrors: [] });
    await untilState(jobPosting.id, "LIVE");
    expect(seen(job.externalReference)).toMatchObject([{ isOpen: true }]);
  });
});

describe("two tenants at Indeed", () => {
  it("enter the same source and the same reference, have jobs of their own, and see nothing of each other", async () => {
    const [one, two] = [await aCompany(), await aCompany()];
    const reference = `SAME-${randomUUID().slice(0, 8)}`;
    const first = await one.posted({ externalReference: reference });
    const second = await two.posted({ externalReference: reference });
    await one.untilState(first.id, "LIVE");
    await two.untilState(second.id, "LIVE");
    expect(new Set(seen(reference).map(({ source }) => source)).size).toBe(2);
    expect(await one.posting(second.id)).toBeNull();
    const theirs = await two.post(aJob(), [first.integration.id]);
    expect(theirs.results).toMatchObject([{ jobPosting: null, userErrors: [{ code: "NOT_FOUND" }] }]);
    for (const mutation of ["closeJobPosting", "reopenJobPosting"]) {
      expect((await two.change(mutation, { id: first.id })).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
    }
    await two.change("closeJobPosting", { id: second.id });
    await two.untilState(second.id, "CLOSED");
    expect(await one.posting(first.id)).toMatchObject({ state: "LIVE" });
    expect(seen(reference).map(({ isOpen }) => isOpen)).toEqual([true, false]);
  });
});
