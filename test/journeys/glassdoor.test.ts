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
afterEach(() => void Object.assign(sandbox.indeed.switches, defaultSwitches()));

const fiveMinutes = 5 * 60 * 1000;
const postingFields = `id route state operation jobVersion versionSent boardUrl boardPostingId closeReason content
  liveStatus { status checkedAt how } cost { unit } problem { code message } approval { state }`;
const errorFields = "userErrors { code field message remedy }";
const results = `results { integrationId jobPosting { ${postingFields} } ${errorFields} }`;

function aJob(changes: Record<string, unknown> = {}) {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: `<p>${"You talk with customers, and mend what they show you. ".repeat(4)}</p>`,
    location: { city: "Berlin", region: "Berlin", country: "DE" },
    company: { name: "Muster AG" },
    applyUrl: "https://careers.example.test/apply/1",
    contactEmail: "jobs@example.test",
    ...changes,
  };
}

/** A company that is at Indeed and at Glassdoor. */
async function aCompany() {
  const tenantId = `tenant-${randomUUID()}`;
  const journey = new Journey(await app.as({ tenantId }));
  const sourceName = `muster-${randomUUID().slice(0, 8)}`;
  const values = { sourceName, companyName: "Muster AG", employerId: "employer-1" };
  const connect = async (provider: string, entered: Record<string, string>, options: Record<string, unknown> = {}) => {
    const credentials = Object.entries(entered).map(([name, value]) => ({ name, value }));
    const selection = "integration { id status ownership accountName }";
    const input = { provider, ...(credentials.length > 0 && { credentials }), ...options };
    const { integration, userErrors } = await journey.mutate("connectIntegration", input, selection);
    if (!integration) throw new Error(JSON.stringify(userErrors));
    return integration;
  };
  const indeed = (options: Record<string, unknown> = {}) => connect("INDEED", values, options);
  const glassdoor = () => connect("GLASSDOOR", {});
  const post = async (jobId: string, job: Json, integrationIds: string[], options: Record<string, unknown> = {}) =>
    (await journey.mutate("postJob", { jobId, job, integrationIds, ...options }, results)).results;
  const posting = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id }))
      .jobPosting;
  /** Waits for the service, and lets time pass here and at Indeed whenever nothing happens any more. */
  const until = async (id: string, isThere: (posting: Json) => boolean): Promise<Json> => {
    for (let rounds = 0; rounds < 8; rounds += 1) {
      const there = eventually("a quiet posting", () => posting(id), isThere, { withinMs: 1500 });
      const seen = await there.catch(() => null);
      if (seen) return seen;
      await time.pass(fiveMinutes + 1000);
    }
    throw new Error(`It never came to that: ${JSON.stringify(await posting(id))}`);
  };
  const untilState = (id: string, state: string) => until(id, (one) => one.state === state && one.operation === null);
  const change = (name: string, input: Json) => journey.mutate(name, input, `${results} jobPosting { id }`);
  /** The same job at both. */
  const both = async (changes: Record<string, unknown> = {}) => {
    const ids = [(await glassdoor()).id, (await indeed()).id];
    const job = aJob(changes);
    const jobId = `job-${randomUUID()}`;
    const [copy, original] = await post(jobId, job, ids);
    if (!copy.jobPosting) throw new Error(JSON.stringify([copy, original]));
    return { job, jobId, ids, copy: copy.jobPosting, original: original.jobPosting };
  };
  const live = async () => {
    const posted = await both();
    await untilState(posted.copy.id, "LIVE");
    return posted;
  };
  return { journey, indeed, glassdoor, post, posting, until, untilState, change, both, live };
}

const atGlassdoor = (title: string) => sandbox.indeed.glassdoorJobs().filter((shown) => shown.title === title);

describe("connecting Glassdoor", () => {
  it("needs nothing, and says beforehand whose jobs it shows", async () => {
    const { journey, glassdoor } = await aCompany();
    const query = `{ providers(kind: JOB_BOARD) { id availability configured capabilities mirrorOf cost
      credentialFields { name } jobFields { sentAs rule } } }`;
    const { providers } = dataOf(await journey.caller.query(query));
    const provider = providers.find(({ id }: Json) => id === "GLASSDOOR");
    expect(provider).toMatchObject({
      availability: "READY",
      configured: true,
      capabilities: [],
      mirrorOf: "INDEED",
      credentialFields: [],
    });
    expect(provider.jobFields.every(({ sentAs, rule }: Json) => sentAs === null && rule !== "")).toBe(true);
    expect(providers.find(({ id }: Json) => id === "INDEED").mirrorOf).toBeNull();
    const { id, ...integration } = await glassdoor();
    expect(integration).toEqual({ status: "ACTIVE", ownership: "TENANT", accountName: "Glassdoor" });
    expect(await journey.mutate("testIntegration", { id }, "integration { status }")).toMatchObject({
      integration: { status: "ACTIVE" },
      userErrors: [],
    });
  });
});

describe("a job at Glassdoor", () => {
  it("stands as at Indeed: posted to both, changed and closed there", async () => {
    const { journey, both, posting, until, untilState, change } = await aCompany();
    const title = `Engineer ${randomUUID()}`;
    const { job, jobId, copy, original } = await both({ title });
    expect(copy).toMatchObject({ route: "MIRROR", state: "QUEUED", cost: null, approval: null });

    const shown = await untilState(copy.id, "LIVE");
    expect(shown).toMatchObject({
      boardUrl: null,
      boardPostingId: null,
      versionSent: 1,
      liveStatus: { status: "LIVE", how: "The board whose jobs this one shows was asked for its status." },
    });
    expect(shown.liveStatus.checkedAt).toBe((await posting(original.id)).liveStatus.checkedAt);
    expect(atGlassdoor(title)).toHaveLength(1);

    const changed = { ...job, title: `Senior ${title}` };
    await change("updateJobPosting", { jobId, job: changed });
    expect((await until(copy.id, ({ versionSent }) => versionSent === 2)).content.title).toBe(changed.title);
    expect(atGlassdoor(changed.title)).toHaveLength(1);

    await change("closeJobPosting", { id: original.id, reason: "Filled." });
    expect(await untilState(copy.id, "CLOSED")).toMatchObject({
      closeReason: "Filled.",
      liveStatus: { status: "GONE" },
    });
    expect(atGlassdoor(changed.title)).toEqual([]);

    await change("reopenJobPosting", { jobId });
    await untilState(copy.id, "LIVE");
    const types = ["job_posting.live", "job_posting.updated", "job_posting.closed"];
    const told = (await journey.log(types)).filter(({ subjectId }) => subjectId === copy.id);
    expect(told.map(({ type, actor }) => [type, actor])).toEqual(
      ["live", "updated", "closed", "live"].map((end) => [`job_posting.${end}`, { kind: "PROVIDER", id: "GLASSDOOR" }]),
    );
  });

  it("is posted when it stands at Indeed already, and is closed with all others of its job", async () => {
    const { glassdoor, indeed, post, untilState, change } = await aCompany();
    const jobId = `job-${randomUUID()}`;
    const job = aJob();
    const [original] = await post(jobId, job, [(await indeed()).id]);
    await untilState(original.jobPosting.id, "LIVE");
    const { id } = await glassdoor();
    const [copy] = await post(jobId, aJob({ title: "Whatever is sent to Glassdoor" }), [id]);
    expect(copy).toMatchObject({ jobPosting: { content: { title: job.title } }, userErrors: [] });
    await untilState(copy.jobPosting.id, "LIVE");
    const { results: closed } = await change("closeJobPosting", { jobId });
    expect(closed.flatMap(({ userErrors }: Json) => userErrors)).toEqual([]);
    await untilState(copy.jobPosting.id, "CLOSED");
    expect((await post(jobId, job, [id]))[0]).toMatchObject({ userErrors: [{ code: "PREREQUISITE_MISSING" }] });
  });

  it("is REJECTED when Indeed's check keeps the job from candidates", async () => {
    const { both, untilState } = await aCompany();
    const { copy } = await both({ title: "Engineer [spam]" });
    expect(await untilState(copy.id, "REJECTED")).toMatchObject({ problem: { code: "PROVIDER_REFUSED" } });
  });
});

describe("Glassdoor alone", () => {
  it("is no place to post to: the job has to be at Indeed", async () => {
    const { journey, indeed, glassdoor, post } = await aCompany();
    const [{ id: atIndeed }, { id }] = [await indeed(), await glassdoor()];
    const jobId = `job-${randomUUID()}`;
    const job = aJob();
    const missing = {
      code: "PREREQUISITE_MISSING",
      field: ["input", "integrationIds", "0"],
      message: expect.stringContaining("Indeed"),
      remedy: "Post this job to Indeed first, or to both at once.",
    };
    const idempotencyKey = randomUUID();
    const refused = [{ integrationId: id, jobPosting: null, userErrors: [missing] }];
    expect(await post(jobId, job, [id], { idempotencyKey })).toEqual(refused);
    expect(await post(jobId, job, [id], { idempotencyKey })).toEqual(refused);

    const preview = async (integrationIds: string[]) =>
      dataOf(
        await journey.caller.query(
          `query ($input: PostJobInput!) { previewJobPosting(input: $input) {
            route findings { rule } needsApproval renderedDescription userErrors { code } } }`,
          { input: { jobId, job, integrationIds } },
        ),
      ).previewJobPosting;
    const shown = { route: "MIRROR", findings: [], needsApproval: false, renderedDescription: null };
    expect(await preview([id])).toEqual([{ ...shown, userErrors: [{ code: "PREREQUISITE_MISSING" }] }]);
    expect((await preview([id, atIndeed]))[0]).toEqual({ ...shown, userErrors: [] });
  });

  it("does not show what another tenant has at Indeed, nor what a colleague keeps to himself", async () => {
    const job = aJob();
    const jobId = `job-${randomUUID()}`;
    const other = await aCompany();
    const [theirs] = await other.post(jobId, job, [(await other.indeed()).id]);
    expect(theirs.jobPosting).not.toBeNull();
    const { indeed, glassdoor, post } = await aCompany();
    const { id } = await glassdoor();
    expect((await post(jobId, job, [id]))[0]).toMatchObject({ userErrors: [{ code: "PREREQUISITE_MISSING" }] });
    const [own] = await post(jobId, job, [(await indeed({ ownership: "USER" })).id]);
    expect(own.jobPosting).not.toBeNull();
    expect((await post(jobId, job, [id]))[0]).toMatchObject({ userErrors: [{ code: "PREREQUISITE_MISSING" }] });
  });

  it("cannot be told to change, close or reopen a job, unless Indeed was told so", async () => {
    const { live, change, posting, untilState } = await aCompany();
    const { job, copy, original } = await live();
    const { id } = copy;
    const refusal = (remedy: string) => ({ userErrors: [{ code: "UNSUPPORTED_CAPABILITY", remedy }] });
    expect(await change("updateJobPosting", { id, job: { ...job, title: "Only here" } })).toMatchObject(
      refusal("Change the posting on Indeed: this one follows."),
    );
    expect(await change("updateJobPosting", { id, job })).toMatchObject({ userErrors: [] });
    expect(await change("closeJobPosting", { id })).toMatchObject(
      refusal("Close the posting on Indeed: this one follows."),
    );
    expect((await posting(id)).state).toBe("LIVE");
    await change("closeJobPosting", { id: original.id });
    expect(await change("closeJobPosting", { id })).toMatchObject({ userErrors: [] });
    await untilState(id, "CLOSED");
    expect(await change("reopenJobPosting", { id })).toMatchObject(
      refusal("Reopen the posting on Indeed: this one follows."),
    );
  });

  it("waits for nobody's approval", async () => {
    const { journey, indeed, glassdoor, post, untilState } = await aCompany();
    const ids = [(await indeed()).id, (await glassdoor()).id];
    await journey.mutate("updateIntegration", { id: ids[1], postingApproval: "ALWAYS" }, "integration { id }");
    const [, copy] = await post(`job-${randomUUID()}`, aJob(), ids);
    expect(copy.jobPosting).toMatchObject({ state: "QUEUED", approval: null });
    await untilState(copy.jobPosting.id, "LIVE");
  });
});
