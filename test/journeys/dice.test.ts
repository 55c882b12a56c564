import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/dice/switches.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { originOfSmtp, readSmtpUrl } from "../../src/mail/smtp-url.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { MovableTime } from "../support/movable-time.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let sandbox: Sandbox;
let app: TestApp;
let beside: TestApp;
let time: MovableTime;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  time = new MovableTime(sandbox.clock);
  const standInOrigins = [originOfSmtp(readSmtpUrl(sandbox.settings["SMTP_URL"] ?? ""))];
  const options = { env: sandbox.settings, now: time.now, standInOrigins };
  app = await startTestApp(options);
  beside = await startTestApp({ ...options, beside: app });
  await time.follow(app);
});
afterAll(async () => {
  await time.stop();
  await beside.stop();
  await app.stop();
  await sandbox.stop();
});
afterEach(() => {
  sandbox.mailServer.recover();
  Object.assign(sandbox.dice.switches, defaultSwitches());
});

const minute = 60_000;
const postingFields = `id state route operation jobVersion versionSent boardState liveStatus { status how } nextLookAt closeReason
  simulated cost { money { amount } unit } problem { code message remedy retryable } approval { state }`;
const results = `results { jobPosting { ${postingFields} } userErrors { code field remedy } }`;

function aJob(changes: Record<string, unknown> = {}) {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: "<p>You talk with customers, and mend what they show you.</p>",
    employmentType: "FULL_TIME",
    location: { city: "Austin", region: "Texas", country: "US" },
    company: { name: "Muster Bridges" },
    applyUrl: "https://careers.example.test/apply/1",
    ...changes,
  };
}

/** A company that may send batches, and its people: Ana posts, and Bo approves. */
async function aCompany(by = app) {
  const tenantId = `tenant-${randomUUID()}`;
  const account = sandbox.dice.createAccount({ diceId: tenantId });
  const as = async (userId: string) => new Journey(await by.as({ tenantId, userId }));
  const [journey, bo] = [await as("ana"), await as("bo")];
  const connect = (changes: Record<string, string> = {}): Promise<Json> => {
    const values = { ...account, contactEmail: "ana@example.test", ...changes };
    const credentials = Object.entries(values).map(([name, value]) => ({ name, value }));
    const selection = "integration { id status ownership accountName simulated problem { code } }";
    return journey.mutate("connectIntegration", { provider: "DICE", credentials }, selection);
  };
  const posting = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id }))
      .jobPosting;
  const until = (id: string, state: string, version: number | null = 1): Promise<Json> =>
    eventually(
      `a posting that is ${state}`,
      () => posting(id),
      (one) => one.state === state && one.operation === null && one.versionSent === version,
    );
  /** Until the next mail is to bring something of it. */
  const waits = (id: string): Promise<Json> =>
    eventually(
      "a mail that waits",
      () => posting(id),
      (one) => one.nextLookAt !== null,
    );
  const post = async (job: Json, integrationId: string, jobId = `job-${randomUUID()}`): Promise<Json> =>
    (await journey.mutate("postJob", { jobId, job, integrationIds: [integrationId] }, results)).results[0];
  const approve = (id: string): Promise<Json> => bo.mutate("approveJobPosting", { id }, "jobPosting { state }");
  const change = (name: string, id: string, input: Json = {}): Promise<Json> =>
    journey.mutate(name, { id, ...input }, `jobPosting { ${postingFields} }`);
  /** Posts a job, which is approved, and sent when it is time. */
  const approved = async (integrationId: string, job: Json = aJob()): Promise<string> => {
    const { jobPosting } = await post(job, integrationId);
    await approve(jobPosting.id);
    return jobPosting.id;
  };
  const mails = () => sandbox.dice.mails().filter(({ diceId }) => diceId === tenantId);
  const shown = () =>
    Object.fromEntries(
      sandbox.dice
        .jobs()
        .filter(({ diceId }) => diceId === tenantId)
        .map(({ doc }) => [doc["positionid"], doc["jobtitle"]]),
    );
  return {
    tenantId,
    account,
    as,
    journey,
    connect,
    posting,
    until,
    waits,
    post,
    approve,
    approved,
    change,
    mails,
    shown,
  };
}

const connected = async (company: Awaited<ReturnType<typeof aCompany>>): Promise<string> =>
  (await company.connect()).integration.id;

describe("connecting Dice", () => {
  it("asks for a login, which nothing proves beforehand, and which is shown nowhere", async () => {
    const { connect, journey, account } = await aCompany();
    expect((await connect({ contactEmail: "ana" })).userErrors).toMatchObject([{ code: "INVALID_INPUT" }]);
    const { integration, userErrors } = await connect();
    expect(userErrors).toEqual([]);
    expect(integration).toMatchObject({ status: "ACTIVE", ownership: "TENANT", simulated: true });
    const tested = await journey.mutate("testIntegration", { id: integration.id }, "integration { status }");
    expect(tested.userErrors).toMatchObject([
      { code: "UNSUPPORTED_CAPABILITY", remedy: expect.stringContaining("look") },
    ]);
    expect(await journey.integration(integration.id)).toMatchObject({ status: "ACTIVE", problem: null });
    expect(JSON.stringify([app.logLines, await journey.log()])).not.toContain(account.password);
  });

  it("is done once for a Dice ID: with each mail, a second one would take off what the first one has posted", async () => {
    const { connect, as, account, journey } = await aCompany();
    const { integration } = await connect();
    const connectAs = async (userId: string): Promise<Json> => {
      const values = { ...account, diceId: account.diceId.toUpperCase(), contactEmail: "bo@example.test" };
      const credentials = Object.entries(values).map(([name, value]) => ({ name, value }));
      const input = { provider: "DICE", ownership: "USER", credentials };
      return (await as(userId)).mutate("connectIntegration", input, "integration { id }");
    };
    expect(await connectAs("bo")).toMatchObject({ integration: null, userErrors: [{ code: "DUPLICATE" }] });
    await journey.mutate("disconnectIntegration", { id: integration.id }, "integration { status }");
    expect((await connectAs("bo")).userErrors).toEqual([]);
    expect((await connect()).userErrors).toMatchObject([
      { code: "DUPLICATE", remedy: expect.stringContaining("replaces") },
    ]);
  });

  it("lets one post jobs, and says that nothing comes back", async () => {
    const query = "{ providers(kind: JOB_BOARD) { id availability configured capabilities rateLimits } }";
    const { providers } = dataOf(await (await app.as()).query(query));
    expect(providers.find(({ id }: Json) => id === "DICE")).toMatchObject({
      availability: "READY",
      configured: true,
      capabilities: ["POST_JOBS", "UPDATE_POSTINGS", "CLOSE_POSTINGS", "REOPEN_POSTINGS"],
      rateLimits: expect.stringContaining("30 minutes"),
    });
  });

  it("that comes to an end leaves jobs as they are, and can be undone", async () => {
    const company = await aCompany();
    const { connect, journey, approved, until, shown, mails } = company;
    const id = await connected(company);
    const postingId = await approved(id);
    await until(postingId, "SUBMITTED");
    await journey.mutate("disconnectIntegration", { id }, "integration { status }");
    await time.pass(31 * minute);
    expect(Object.keys(shown())).toHaveLength(1);
    expect((await connect()).integration).toMatchObject({ id, status: "ACTIVE" });
    expect(mails()).toHaveLength(1);
  });
});

describe("a job at Dice", () => {
  it("waits for somebody's approval, is mailed, and is live once somebody has seen it there", async () => {
    const company = await aCompany();
    const { post, approve, posting, until, change, mails, shown, journey } = company;
    const integrationId = await connected(company);
    const job = aJob();
    const { jobPosting } = await post(job, integrationId);
    expect(jobPosting).toMatchObject({
      ...{ state: "PENDING_APPROVAL", route: "EMAIL", simulated: true },
      cost: { money: null, unit: "job slot" },
    });
    expect(mails()).toEqual([]);
    const { id } = jobPosting;
    await approve(id);
    expect(await until(id, "SUBMITTED")).toMatchObject({ liveStatus: { status: "UNKNOWN" }, boardState: null });
    expect(shown()).toEqual({ [job.externalReference]: "Service engineer" });
    expect(mails()).toMatchObject([{ notes: [], fileName: "jobs.txt" }]);
    await time.pass(24 * 60 * minute);
    expect(await posting(id)).toMatchObject({ state: "SUBMITTED" });
    await change("confirmJobPosting", id);
    expect(await posting(id)).toMatchObject({ state: "LIVE", liveStatus: { status: "LIVE" } });
    const told = (await journey.log()).filter(({ subjectId }: Json) => subjectId === id).map(({ type }: Json) => type);
    expect(told).toEqual([
      "job_posting.approval_requested",
      "job_posting.approved",
      "job_posting.submitted",
      "job_posting.live",
    ]);
  });

  it("is changed and closed with the mails after that, and live until it is gone", async () => {
    const company = await aCompany();
    const { approved, posting, until, waits, change, mails, shown } = company;
    const integrationId = await connected(company);
    const job = aJob();
    const id = await approved(integrationId, job);
    await until(id, "SUBMITTED");
    await change("confirmJobPosting", id);
    await change("updateJobPosting", id, { job: { ...job, title: "Senior engineer" } });
    expect(await waits(id)).toMatchObject({ state: "LIVE", versionSent: 1, jobVersion: 2 });
    expect(shown()).toEqual({ [job.externalReference]: "Service engineer" });
    await time.pass(31 * minute);
    expect(await until(id, "LIVE", 2)).toMatchObject({ liveStatus: { status: "LIVE" } });
    expect(shown()).toEqual({ [job.externalReference]: "Senior engineer" });

    await change("closeJobPosting", id, { reason: "Filled." });
    await waits(id);
    expect(await posting(id)).toMatchObject({ state: "LIVE", closeReason: "Filled." });
    await time.pass(31 * minute);
    // Nobody has seen that it is gone.
    expect(await until(id, "CLOSED", 2)).toMatchObject({ liveStatus: { status: "UNKNOWN" } });
    expect(shown()).toEqual({});
    expect(mails().map(({ notes }) => notes)).toEqual([[], [], []]);

    const reopened = await change("reopenJobPosting", id);
    expect(reopened.jobPosting).toMatchObject({ state: "PENDING_APPROVAL" });
    await company.approve(id);
    await waits(id);
    await time.pass(31 * minute);
    await until(id, "SUBMITTED", 2);
    expect(shown()).toEqual({ [job.externalReference]: "Senior engineer" });
  });

  it("goes together with all others that are wanted by then: one mail in half an hour, whoever asks, of two processes", async () => {
    const company = await aCompany();
    const { approved, until, waits, change, mails, shown, tenantId } = company;
    const integrationId = await connected(company);
    const first = aJob();
    const firstId = await approved(integrationId, first);
    await until(firstId, "SUBMITTED");
    const jobs = Array.from({ length: 6 }, (_, index) => aJob({ title: `Warden ${index}` }));
    const elsewhere = new Journey(await beside.as({ tenantId, userId: "ana" }));
    const ids = await Promise.all(jobs.map((job) => approved(integrationId, job)));
    for (const id of ids) await waits(id);
    await Promise.all([
      change("updateJobPosting", firstId, { job: { ...first, title: "Chief" } }),
      elsewhere.mutate("closeJobPosting", { id: ids[5] }, "jobPosting { id }"),
    ]);
    await time.pass(20 * minute);
    expect(mails()).toHaveLength(1);
    await time.pass(11 * minute);
    await until(firstId, "SUBMITTED", 2);
    for (const id of ids.slice(0, 5)) await until(id, "SUBMITTED");
    expect(mails()).toHaveLength(2);
    const standing = jobs.slice(0, 5).map((job) => [job.externalReference, job.title]);
    expect(shown()).toEqual(Object.fromEntries([[first.externalReference, "Chief"], ...standing]));
    await until(ids[5] ?? "", "CLOSED", null);
  });

  it("is another tenant's, although it has the same reference", async () => {
    const [mine, theirs] = [await aCompany(), await aCompany()];
    const job = aJob();
    const integrationId = await connected(mine);
    await mine.until(await mine.approved(integrationId, job), "SUBMITTED");
    await theirs.until(await theirs.approved(await connected(theirs), job), "SUBMITTED");
    for (const { shown } of [mine, theirs]) expect(shown()).toEqual({ [job.externalReference]: "Service engineer" });
    const id = await mine.approved(integrationId);
    await mine.waits(id);
    await time.pass(31 * minute);
    await mine.until(id, "SUBMITTED");
    expect([Object.keys(mine.shown()).length, Object.keys(theirs.shown()).length]).toEqual([2, 1]);
    expect(theirs.mails()).toHaveLength(1);
  });

  it("that Dice does not know the login of is met with silence: nothing here says that it is there", async () => {
    const company = await aCompany();
    const { connect, approved, until, shown } = company;
    const { integration } = await connect({ password: "wrong" });
    const id = await approved(integration.id);
    expect(await until(id, "SUBMITTED")).toMatchObject({ liveStatus: { status: "UNKNOWN" }, problem: null });
    expect(shown()).toEqual({});
    expect(sandbox.dice.mails().at(-1)?.notes).toEqual(["There is no such login"]);
  });

  it("is refused before anything is sent where Dice would drop it without a word", async () => {
    const company = await aCompany();
    const integrationId = await connected(company);
    expect(await company.post(aJob({ employmentType: "VOLUNTEER" }), integrationId)).toMatchObject({
      jobPosting: null,
      userErrors: [{ code: "INVALID_INPUT", field: ["input", "job", "employmentType"] }],
    });
    expect(company.mails()).toEqual([]);
  });
});

describe("a mail server", () => {
  it("that is down for hours costs nothing but time, and says so meanwhile", async () => {
    const company = await aCompany();
    const { approved, posting, mails, journey, account } = company;
    const integrationId = await connected(company);
    sandbox.mailServer.fail("down");
    const id = await approved(integrationId);
    const troubled = (code: string) =>
      eventually(
        "a problem",
        () => posting(id),
        (one) => one.problem?.code === code,
      );
    expect((await troubled("PROVIDER_UNAVAILABLE")).problem).toMatchObject({
      retryable: true,
      remedy: expect.stringContaining("tried again"),
    });
    for (const _ of Array.from({ length: 3 })) await time.pass(60 * minute);
    await eventually(
      "an integration that says so",
      async () => {
        await time.pass(60 * minute);
        return journey.integration(integrationId);
      },
      (one) => one.status === "DEGRADED",
    );
    expect(mails()).toEqual([]);
    sandbox.mailServer.recover();
    await eventually(
      "the mail",
      async () => {
        await time.pass(60 * minute);
        return posting(id);
      },
      (one) => one.state === "SUBMITTED",
    );
    expect(await posting(id)).toMatchObject({ problem: null });
    expect(mails()).toHaveLength(1);
    expect(await journey.integration(integrationId)).toMatchObject({ status: "ACTIVE", problem: null });
    const everything = JSON.stringify([app.logLines, beside.logLines, await journey.log()]);
    expect(everything).not.toContain(account.password);
    expect(everything).not.toContain("sandbox-mail");
  });

  it("that refuses the login is the operator's to mend", async () => {
    const company = await aCompany();
    const integrationId = await connected(company);
    sandbox.mailServer.fail("unauthorized");
    const id = await company.approved(integrationId);
    const troubled = await eventually(
      "a problem",
      () => company.posting(id),
      (one) => one.problem !== null,
    );
    expect(troubled).toMatchObject({
      state: "QUEUED",
      problem: { code: "NOT_CONFIGURED", remedy: expect.stringContaining("SMTP_URL") },
    });
    expect(await company.journey.integration(integrationId)).toMatchObject({ status: "DEGRADED" });
    sandbox.mailServer.recover();
    await time.pass(61 * minute);
    await company.until(id, "SUBMITTED");
  });

  it("that falls silent has the mail sent again, half an hour later, and it changes nothing", async () => {
    const company = await aCompany();
    const integrationId = await connected(company);
    sandbox.mailServer.fail("answer-lost", { times: 1 });
    const id = await company.approved(integrationId);
    await eventually(
      "the first mail",
      async () => company.mails(),
      (mails) => mails.length === 1,
    );
    await eventually(
      "a problem",
      () => company.posting(id),
      (one) => one.problem !== null,
    );
    await time.pass(31 * minute);
    expect(await company.until(id, "SUBMITTED")).toMatchObject({ problem: null });
    // The two processes of this test have addresses of their own.
    const files = company.mails().map(({ file }) => file?.replaceAll(/localhost:\d+/g, "localhost"));
    expect(files).toEqual([files[0], files[0]]);
    expect(Object.keys(company.shown())).toHaveLength(1);
  });

  it("that is not there leaves Dice not configured, and nothing else", async () => {
    const { SMTP_URL: _, ...env } = sandbox.settings;
    const without = await startTestApp({ env });
    try {
      const company = await aCompany(without);
      const query = "{ providers(kind: JOB_BOARD) { id availability availabilityReason configured } }";
      const { providers } = dataOf(await company.journey.caller.query(query));
      expect(providers.find(({ id }: Json) => id === "DICE")).toMatchObject({
        availability: "NOT_CONFIGURED",
        availabilityReason: expect.stringContaining("SMTP_URL"),
        configured: false,
      });
      expect(providers.find(({ id }: Json) => id === "WE_WORK_REMOTELY")).toMatchObject({ availability: "READY" });
      const { integration } = await company.connect();
      expect(integration).toMatchObject({ status: "ACTIVE", simulated: false });
      expect(await company.post(aJob(), integration.id)).toMatchObject({
        jobPosting: null,
        userErrors: [{ code: "NOT_CONFIGURED", remedy: expect.stringContaining("SMTP_URL") }],
      });
      const input = { jobId: "job-1", job: aJob(), integrationIds: [integration.id] };
      const preview = await company.journey.caller.query(
        `query ($input: PostJobInput!) { previewJobPosting(input: $input) { route userErrors { code } } }`,
        { input },
      );
      expect(dataOf(preview).previewJobPosting).toMatchObject([
        { route: "EMAIL", userErrors: [{ code: "NOT_CONFIGURED" }] },
      ]);
    } finally {
      await without.stop();
    }
  });
});
