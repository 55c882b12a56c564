import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
let database: Client;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  time = new MovableTime(sandbox.clock);
  app = await startTestApp({ env: sandbox.settings, now: time.now });
  await time.follow(app);
  database = new Client({ connectionString: app.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await time.stop();
  await app.stop();
  await sandbox.stop();
});

const hour = 60 * 60 * 1000;
const postingFields = `id state operation versionSent expiresAt nextLookAt liveStatus { status } approval { state }`;
const results = `results { jobPosting { ${postingFields} } userErrors { code field remedy } }`;

const inHours = (hours: number) => new Date(time.now().getTime() + hours * hour).toISOString();

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

/** A company at one board. */
async function aCompany(provider: "ZIPRECRUITER" | "INDEED" = "ZIPRECRUITER") {
  const tenantId = `tenant-${randomUUID()}`;
  const as = async (userId: string) => new Journey(await app.as({ tenantId, userId }));
  const journey = await as("ana");
  const values = {
    ZIPRECRUITER: { employerId: "muster" },
    INDEED: { sourceName: `muster-${randomUUID().slice(0, 8)}`, companyName: "Muster Bridges" },
  };
  const credentials = Object.entries(values[provider]).map(([name, value]) => ({ name, value }));
  const { integration } = await journey.mutate("connectIntegration", { provider, credentials }, "integration { id }");
  const post = async (job: Json, jobId = `job-${randomUUID()}`): Promise<Json> => {
    const input = { jobId, job, integrationIds: [integration.id] };
    return { jobId, ...(await journey.mutate("postJob", input, results)).results[0] };
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
  const update = (id: string, job: Json) => journey.mutate("updateJobPosting", { id, job }, "jobPosting { id }");
  const live = async (changes: Record<string, unknown>) => {
    const job = aJob(changes);
    const { jobPosting, jobId } = await post(job);
    return { job, jobId, posting: await until(jobPosting.id, "LIVE") };
  };
  return { as, journey, post, posting, until, update, live };
}

const isOpenAtZipRecruiter = (reference: string) =>
  sandbox.ziprecruiter
    .jobs()
    .filter(({ job }) => job.partner_attributes?.["reference"] === reference)
    .map(({ closedAt }) => closedAt === null);

/** Until nothing is left that is due by now. */
async function quiet(): Promise<void> {
  const due = `SELECT FROM pgboss.job WHERE name = 'bring-job-posting'
    AND (state IN ('active', 'retry') OR (state = 'created' AND start_after <= now()))`;
  await eventually(
    "no task that is due",
    async () => (await database.query(due)).rowCount,
    (count) => count === 0,
  );
}

describe("the end of a job at a board that shows it until it is closed", () => {
  it("comes when it is time, and not before", async () => {
    const { live, posting, until, journey } = await aCompany();
    const expiresAt = inHours(2);
    const { job, posting: shown } = await live({ expiresAt });
    expect(shown).toMatchObject({ expiresAt, nextLookAt: expiresAt });
    await time.pass(2 * hour - 60_000);
    await quiet();
    expect((await posting(shown.id)).state).toBe("LIVE");
    await time.pass(60_000);
    expect(await until(shown.id, "EXPIRED")).toMatchObject({ liveStatus: { status: "GONE" }, nextLookAt: null });
    expect(isOpenAtZipRecruiter(job.externalReference)).toEqual([false]);
    const told = await journey.log(["job_posting.expired", "job_posting.closed"]);
    expect(told).toMatchObject([
      { type: "job_posting.expired", subjectId: shown.id, actor: { kind: "SYSTEM", id: null } },
    ]);
  });

  it("is put off by an update before, and brought forward", async () => {
    const { live, posting, until, update } = await aCompany();
    const { job, posting: shown } = await live({ expiresAt: inHours(2) });
    await update(shown.id, { ...job, expiresAt: inHours(4) });
    await until(shown.id, "LIVE", 2);
    await time.pass(2.5 * hour);
    await quiet();
    expect((await posting(shown.id)).state).toBe("LIVE");
    const soon = inHours(0.5);
    await update(shown.id, { ...job, expiresAt: soon });
    expect(await until(shown.id, "LIVE", 3)).toMatchObject({ expiresAt: soon });
    await time.pass(0.5 * hour);
    await until(shown.id, "EXPIRED", 3);
  });

  it("is none when it is closed before", async () => {
    const { live, until, journey, posting } = await aCompany();
    const { posting: shown } = await live({ expiresAt: inHours(1) });
    await journey.mutate("closeJobPosting", { id: shown.id }, "jobPosting { id }");
    await until(shown.id, "CLOSED");
    await time.pass(hour);
    await quiet();
    expect((await posting(shown.id)).state).toBe("CLOSED");
  });

  it("is no way to open it again, and a later one is", async () => {
    const { live, until, journey, post } = await aCompany();
    const { job, jobId, posting: shown } = await live({ expiresAt: inHours(1) });
    await time.pass(hour);
    await until(shown.id, "EXPIRED");
    expect(await journey.mutate("reopenJobPosting", { id: shown.id }, "jobPosting { id }")).toMatchObject({
      userErrors: [{ code: "PREREQUISITE_MISSING" }],
    });
    expect(await post(job, jobId)).toMatchObject({
      userErrors: [{ code: "INVALID_INPUT", field: ["input", "job", "expiresAt"] }],
    });
    await post({ ...job, expiresAt: inHours(1) }, jobId);
    await until(shown.id, "LIVE", 2);
    expect(isOpenAtZipRecruiter(job.externalReference)).toEqual([true]);
  });

  it("that comes before somebody has approved the job keeps it from the board", async () => {
    const { as, post, until } = await aCompany();
    const job = aJob({ expiresAt: inHours(1), promotion: { type: "BOOST" } });
    const { jobPosting } = await post(job);
    await time.pass(hour);
    await (await as("bo")).mutate("approveJobPosting", { id: jobPosting.id }, "jobPosting { id }");
    await until(jobPosting.id, "EXPIRED", null);
    expect(isOpenAtZipRecruiter(job.externalReference)).toEqual([]);
  });

  it("is seen to at Indeed too, which is sent it and may not keep it", async () => {
    sandbox.indeed.switches.expiresAtExpirationDate = false;
    const { post, until } = await aCompany("INDEED");
    const job = aJob({ expiresAt: inHours(1) });
    const { jobPosting } = await post(job);
    await until(jobPosting.id, "SUBMITTED");
    await time.pass(hour);
    await until(jobPosting.id, "EXPIRED");
    expect(sandbox.indeed.posting(job.externalReference)?.endedBy).toBe("request");
  });
});
