import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pdfOf } from "../../sandbox/job-boards/resume.ts";
import { defaultSwitches } from "../../sandbox/linkedin/switches.ts";
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
  sandbox.linkedin.faults.disarmAll();
  Object.assign(sandbox.linkedin.switches, defaultSwitches(), { latencyMs: 0 });
});

const fiveMinutes = 5 * 60 * 1000;
const postingFields = `id reference route state operation jobVersion versionSent boardState boardUrl closeReason
  liveStatus { status checkedAt } cost { money { amount currency } unit } problem { code message remedy }
  approval { state maxCost { amount currency } requestedBy { id } decidedBy { id } reason } job { id }
  integration { id }`;
const results = `results { integrationId jobPosting { ${postingFields} } userErrors { code field message remedy } }`;

function aJob(changes: Record<string, unknown> = {}) {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: `<p>${"You talk with customers, and mend what they show you. ".repeat(4)}</p>`,
    location: { city: "Berlin", country: "DE" },
    company: { name: "Muster AG" },
    applyUrl: "https://careers.example.test/apply/1",
    ...changes,
  };
}

/** A company with people of its own: one who posts, and one who approves. */
async function aCompany({ tenantId = `tenant-${randomUUID()}`, withContract = false } = {}) {
  const twin = sandbox.linkedin;
  const organization = twin.createOrganization({ name: "Muster AG", isOnboarded: true });
  const { contract } = twin.organization(organization);
  const as = async (userId: string) => new Journey(await app.as({ tenantId, userId }));
  const journey = await as("ana");
  const values = { organization, companyName: "Muster AG", ...(withContract && { contract }) };
  const credentials = Object.entries(values).map(([name, value]) => ({ name, value }));
  const connect = (options: Record<string, unknown> = {}): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      { provider: "LINKEDIN", credentials, ...options },
      "integration { id status ownership accountName }",
    );
  const post = async (job: Record<string, unknown>, integrationIds: string[], options: Record<string, unknown> = {}) =>
    journey.mutate("postJob", { jobId: `job-${randomUUID()}`, job, integrationIds, ...options }, results);
  const posting = async (id: string, who = journey): Promise<Json> =>
    dataOf(await who.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id })).jobPosting;
  /** Waits for the service, and lets time pass at LinkedIn and here whenever nothing happens any more. */
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
  const seen = (reference: string) =>
    twin.postedJobs.filter(
      ({ element }) => element.externalJobPostingId === reference && element.company === organization,
    );
  const live = async (changes: Record<string, unknown> = {}) => {
    const { integration } = await connect();
    const job = aJob(changes);
    const jobId = `job-${randomUUID()}`;
    const [{ jobPosting }] = (await post(job, [integration.id], { jobId })).results;
    return { integration, job, jobId, posting: await untilState(jobPosting.id, "LIVE") };
  };
  return { twin, organization, journey, as, connect, post, posting, until, untilState, seen, live };
}

describe("connecting LinkedIn", () => {
  it("asks for the company, belongs to the tenant, and keeps the child's secret to itself", async () => {
    const { connect, journey, twin } = await aCompany();
    const { integration, userErrors } = await connect();
    expect(userErrors).toEqual([]);
    expect(integration).toMatchObject({ status: "ACTIVE", ownership: "TENANT", accountName: "Muster AG" });
    const { providers } = dataOf(
      await journey.caller.query(
        "{ providers(kind: JOB_BOARD) { id availability capabilities jobFields { name sentAs rule } credentialFields { name required } } }",
      ),
    );
    expect(providers.find(({ id }: Json) => id === "LINKEDIN")).toMatchObject({
      availability: "READY",
      capabilities: [
        ...["POST_JOBS", "UPDATE_POSTINGS", "CLOSE_POSTINGS", "REOPEN_POSTINGS", "READ_POSTING_STATUS"],
        ...["RECEIVE_APPLICATIONS", "TELL_APPLICATION_STATUS"],
      ],
    });
    const told = JSON.stringify([app.logLines, await journey.log()]);
    expect(twin.issuedSecrets().filter((secret) => told.includes(secret))).toEqual([]);
  });

  it("with one key is one child, however often it is asked for", async () => {
    const { connect, twin } = await aCompany();
    const before = twin.accounts().length;
    const idempotencyKey = randomUUID();
    const first = await connect({ idempotencyKey });
    expect(await connect({ idempotencyKey })).toEqual(first);
    expect(twin.accounts().length).toBe(before);
  });

  it("can be tried out, and says when LinkedIn has ended the application", async () => {
    const { connect, journey, twin } = await aCompany();
    const { integration } = await connect();
    const test = () => journey.mutate("testIntegration", { id: integration.id }, "integration { status }");
    expect(await test()).toMatchObject({ integration: { status: "ACTIVE" }, userErrors: [] });
    twin.endApp(integration.id);
    expect(await test()).toMatchObject({
      integration: { status: "NEEDS_REAUTH" },
      userErrors: [{ code: "REAUTHORIZATION_REQUIRED" }],
    });
  });

  it("is refused as the partner's business where the operator has no application", async () => {
    const other = await startTestApp();
    const caller = await other.as();
    const { providers } = dataOf(
      await caller.query("{ providers(kind: JOB_BOARD) { id availability availabilityReason } }"),
    );
    expect(providers.find(({ id }: Json) => id === "LINKEDIN")).toMatchObject({
      availability: "PARTNER_APPROVAL_REQUIRED",
      availabilityReason: expect.stringContaining("LINKEDIN_CLIENT_ID"),
    });
    await other.stop();
  });
});

describe("a job at LinkedIn", () => {
  it("is looked at beforehand, without anything being sent", async () => {
    const { connect, journey, seen } = await aCompany();
    const { integration } = await connect();
    const job = aJob({ location: null, contactName: "Ana" });
    const query = `query ($input: PostJobInput!) { previewJobPosting(input: $input) {
      integrationId route findings { field effect rule fix } cost { unit } needsApproval renderedDescription userErrors { code }
    } }`;
    const input = { jobId: "job-1", job, integrationIds: [integration.id] };
    const [preview] = dataOf(await journey.caller.query(query, { input })).previewJobPosting;
    expect(preview).toMatchObject({ route: "API", cost: null, needsApproval: false, userErrors: [] });
    expect(preview.findings).toEqual([
      expect.objectContaining({ field: ["location"], effect: "REFUSED" }),
      expect.objectContaining({ field: ["contactName"], effect: "DROPPED" }),
    ]);
    expect(seen(job.externalReference)).toEqual([]);
  });

  it("is posted, reviewed, shown, changed, closed and opened again", async () => {
    const { connect, post, posting, untilState, until, seen, journey } = await aCompany();
    const { integration } = await connect();
    const job = aJob();
    const { results: posted, userErrors } = await post(job, [integration.id]);
    expect(userErrors).toEqual([]);
    expect(posted).toMatchObject([
      { jobPosting: { state: "QUEUED", route: "API", versionSent: null }, userErrors: [] },
    ]);
    const { id } = posted[0].jobPosting;

    await eventually(
      "LinkedIn's word",
      () => posting(id),
      ({ state }) => state === "SUBMITTED",
    );
    const live = await untilState(id, "LIVE");
    expect(live).toMatchObject({ versionSent: 1, liveStatus: { status: "LIVE" }, problem: null });
    expect(live.boardUrl).toContain("/jobs/view/");
    expect(seen(job.externalReference)).toHaveLength(1);

    const changed = { ...job, title: "Senior service engineer" };
    const update = await journey.mutate("updateJobPosting", { id, job: changed }, `jobPosting { ${postingFields} }`);
    expect(update).toMatchObject({ jobPosting: { jobVersion: 2, versionSent: 1 }, userErrors: [] });
    await until(id, ({ versionSent }) => versionSent === 2);
    expect(seen(job.externalReference)[0]?.element.title).toBe("Senior service engineer");

    await journey.mutate("closeJobPosting", { id, reason: "Filled." }, `jobPosting { ${postingFields} }`);
    expect(await untilState(id, "CLOSED")).toMatchObject({ closeReason: "Filled.", liveStatus: { status: "GONE" } });
    expect(seen(job.externalReference)[0]?.listing).toBe("NOT_LISTED");

    await journey.mutate("reopenJobPosting", { id }, `jobPosting { ${postingFields} }`);
    expect(await untilState(id, "LIVE")).toMatchObject({ closeReason: null });

    const log = await journey.log(["job_posting.*"]);
    expect(log.map(({ type }) => type.replace("job_posting.", ""))).toEqual([
      ...["queued", "submitted", "in_review", "live", "updated", "closed", "queued", "submitted", "in_review", "live"],
    ]);
  });

  it("is one posting, with one key or without, and another text of it is a duplicate", async () => {
    const { live, post, seen } = await aCompany();
    const { integration, job, jobId, posting: first } = await live();
    const again = await post(job, [integration.id], { jobId });
    expect(again.results).toMatchObject([{ jobPosting: { id: first.id, jobVersion: 1 }, userErrors: [] }]);
    const other = await post({ ...job, title: "Another title" }, [integration.id], { jobId });
    expect(other.results).toMatchObject([{ jobPosting: { id: first.id }, userErrors: [{ code: "DUPLICATE" }] }]);
    const stranger = await post(job, [integration.id]);
    expect(stranger.results).toMatchObject([
      { jobPosting: null, userErrors: [{ code: "DUPLICATE", field: ["input", "job", "externalReference"] }] },
    ]);
    expect(seen(job.externalReference)).toHaveLength(1);
  });

  it("answers the same key alike, also after it was closed, and refuses another input", async () => {
    const { connect, post, journey, untilState } = await aCompany();
    const { integration } = await connect();
    const job = aJob();
    const options = { jobId: "job-7", idempotencyKey: randomUUID() };
    const [{ jobPosting }] = (await post(job, [integration.id], options)).results;
    await untilState(jobPosting.id, "LIVE");
    await journey.mutate("closeJobPosting", { id: jobPosting.id }, "jobPosting { id }");
    await untilState(jobPosting.id, "CLOSED");
    const again = await post(job, [integration.id], options);
    expect(again.results).toMatchObject([{ jobPosting: { id: jobPosting.id, state: "CLOSED" }, userErrors: [] }]);
    expect((await post(aJob(), [integration.id], options)).userErrors).toMatchObject([
      { code: "IDEMPOTENCY_KEY_REUSED" },
    ]);
  });

  it("is refused by one board without stopping the others", async () => {
    const { connect, post, untilState } = await aCompany();
    const { integration } = await connect();
    const { results: all } = await post(aJob(), [integration.id, randomUUID()]);
    expect(all).toMatchObject([
      { jobPosting: { state: "QUEUED" }, userErrors: [] },
      { jobPosting: null, userErrors: [{ code: "NOT_FOUND", field: ["input", "integrationIds", "1"] }] },
    ]);
    await untilState(all[0].jobPosting.id, "LIVE");
  });

  it.each([
    ["a salary upside down", { salary: { min: "9", max: "8", currency: "EUR", period: "HOUR" } }, ["salary", "max"]],
    ["an unknown country", { location: { city: "Berlin", country: "ZZ" } }, ["location", "country"]],
    ["a description that no board takes", { description: "x".repeat(100_001) }, ["description"]],
    ["a job of the company's own", { internalOnly: true }, ["internalOnly"]],
    ["no title", { title: " " }, ["title"]],
  ])("is refused at once, with its field: %s", async (_name, changes, field) => {
    const { connect, post } = await aCompany();
    const { integration } = await connect();
    const { results: none, userErrors } = await post(aJob(changes), [integration.id]);
    expect(none).toEqual([]);
    expect(userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "job", ...field] }]);
  });

  it("is refused at the door, typed as everything is, when its description has 2 MB", async () => {
    const { journey } = await aCompany();
    const input = { jobId: "job-1", job: aJob({ description: "x".repeat(2_000_000) }), integrationIds: [randomUUID()] };
    const mutation = "mutation ($input: PostJobInput!) { postJob(input: $input) { userErrors { code } } }";
    const { errors } = await journey.caller.query(mutation, { input });
    expect(errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
  });

  it("tells what LinkedIn would refuse before anything is sent, each rule at its field", async () => {
    const { connect, post } = await aCompany();
    const { integration } = await connect();
    const { results: refused } = await post(aJob({ description: "Short.", location: null }), [integration.id]);
    expect(refused).toMatchObject([
      {
        jobPosting: null,
        userErrors: [
          { code: "INVALID_INPUT", field: ["input", "job", "description"], remedy: expect.any(String) },
          { code: "INVALID_INPUT", field: ["input", "job", "location"] },
        ],
      },
    ]);
  });

  it("is REJECTED with LinkedIn's words, and posted anew once it is changed", async () => {
    const { connect, post, untilState, journey } = await aCompany();
    const { integration } = await connect();
    const job = aJob({ title: "Engineer [fail]" });
    const [{ jobPosting }] = (await post(job, [integration.id])).results;
    const rejected = await untilState(jobPosting.id, "REJECTED");
    expect(rejected.problem).toMatchObject({
      code: "PROVIDER_REFUSED",
      message: expect.stringContaining("Rejected fields"),
    });
    const changed = { ...job, title: "Engineer" };
    await journey.mutate("updateJobPosting", { id: jobPosting.id, job: changed }, "jobPosting { state }");
    await untilState(jobPosting.id, "LIVE");
  });

  it("that members report is found to be gone, without anybody asking", async () => {
    const { twin, live, until } = await aCompany();
    const { posting: first, job } = await live();
    twin.commands["close-by-members"]?.({ job: job.externalReference });
    await time.pass(7 * 60 * 60 * 1000);
    expect(await until(first.id, ({ state }) => state === "REJECTED")).toMatchObject({
      liveStatus: { status: "GONE" },
      problem: { code: "PROVIDER_REFUSED" },
    });
  });
});

describe("an answer that gets lost", () => {
  it("while posting ends in one posting all the same", async () => {
    const { twin, connect, post, untilState, seen } = await aCompany();
    const { integration } = await connect();
    twin.fail("truncated", { times: 2, path: "simpleJobPostings" });
    const job = aJob();
    const [{ jobPosting }] = (await post(job, [integration.id])).results;
    expect(await untilState(jobPosting.id, "LIVE")).toMatchObject({ problem: null });
    expect(seen(job.externalReference)).toHaveLength(1);
  });

  it("while closing is chased until LinkedIn confirms", async () => {
    const { twin, live, journey, untilState, seen } = await aCompany();
    const { posting: first, job } = await live();
    const recover = twin.fail("down");
    await journey.mutate("closeJobPosting", { id: first.id }, "jobPosting { state }");
    await time.pass(60_000);
    recover();
    await untilState(first.id, "CLOSED");
    expect(seen(job.externalReference)[0]?.listing).toBe("NOT_LISTED");
  });
});

describe("closing a job", () => {
  it("closes it at every board by its id, and a queued one without a call", async () => {
    const company = await aCompany();
    const { integration, job, jobId, posting: first } = await company.live();
    const other = await company.journey.mutate("closeJobPosting", { jobId, reason: "Filled." }, results);
    expect(other.results).toMatchObject([{ integrationId: integration.id, userErrors: [] }]);
    await company.untilState(first.id, "CLOSED");
    expect(company.seen(job.externalReference)[0]?.listing).toBe("NOT_LISTED");
  });

  it("that is closed or unknown says so", async () => {
    const { journey } = await aCompany();
    for (const reference of [{ id: randomUUID() }, { jobId: "nobody's" }]) {
      expect((await journey.mutate("closeJobPosting", reference, "jobPosting { id }")).userErrors).toMatchObject([
        { code: "NOT_FOUND" },
      ]);
    }
    expect((await journey.mutate("closeJobPosting", {}, "jobPosting { id }")).userErrors).toMatchObject([
      { code: "INVALID_INPUT" },
    ]);
  });
});

describe("a posting that costs money", () => {
  const promoted = { promotion: { type: "PROMOTED" } };

  it("waits for somebody else's approval, and goes out then", async () => {
    const { connect, post, as, posting, untilState, seen } = await aCompany({ withContract: true });
    const { integration } = await connect();
    const job = aJob(promoted);
    const [{ jobPosting }] = (await post(job, [integration.id])).results;
    expect(jobPosting).toMatchObject({
      state: "PENDING_APPROVAL",
      cost: { money: null, unit: "job slot of the Recruiter contract" },
      approval: { state: "PENDING", requestedBy: { id: "ana" } },
    });
    const approve = async (who: string) =>
      (await as(who)).mutate("approveJobPosting", { id: jobPosting.id }, `jobPosting { ${postingFields} }`);
    expect((await approve("ana")).userErrors).toMatchObject([{ code: "FORBIDDEN" }]);
    expect(seen(job.externalReference)).toEqual([]);
    expect(await approve("bo")).toMatchObject({
      jobPosting: { state: "QUEUED", approval: { state: "APPROVED", decidedBy: { id: "bo" } } },
      userErrors: [],
    });
    await untilState(jobPosting.id, "LIVE");
    expect((await approve("bo")).userErrors).toMatchObject([{ code: "CONFLICT" }]);
    expect((await posting(jobPosting.id)).approval.state).toBe("APPROVED");
  });

  it("is approved for so much and no more, and again once that changes", async () => {
    const { connect, post, as, journey, twin, organization, untilState, until } = await aCompany({
      withContract: true,
    });
    twin.setOrganization(organization, { hasPayForPerformance: true });
    const { integration } = await connect();
    const budget = (amount: string) => ({ promotion: { type: "SPONSORED", budget: { amount, currency: "EUR" } } });
    const job = aJob(budget("300"));
    const [{ jobPosting }] = (await post(job, [integration.id])).results;
    const bo = await as("bo");
    const approve = (amount: string) =>
      bo.mutate(
        "approveJobPosting",
        { id: jobPosting.id, maxCost: { amount, currency: "EUR" } },
        `jobPosting { ${postingFields} }`,
      );
    expect((await approve("299")).userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "maxCost"] }]);
    expect((await approve("300")).jobPosting.approval.maxCost).toEqual({ amount: "300", currency: "EUR" });
    await untilState(jobPosting.id, "LIVE");

    const update = (changes: Record<string, unknown>) =>
      journey.mutate(
        "updateJobPosting",
        { id: jobPosting.id, job: { ...job, ...changes } },
        `jobPosting { ${postingFields} }`,
      );
    expect((await update({ title: "Another title" })).jobPosting.approval.state).toBe("APPROVED");
    await until(jobPosting.id, ({ versionSent }) => versionSent === 2);
    expect((await update(budget("900"))).jobPosting).toMatchObject({ state: "LIVE", approval: { state: "PENDING" } });
    await time.pass(fiveMinutes);
    expect(
      (
        await bo.mutate(
          "rejectJobPosting",
          { id: jobPosting.id, reason: "Too much." },
          `jobPosting { ${postingFields} }`,
        )
      ).jobPosting,
    ).toMatchObject({
      state: "LIVE",
      versionSent: 2,
      approval: { state: "REJECTED", reason: "Too much." },
      problem: { code: "APPROVAL_REQUIRED" },
    });
  });

  it("or does not, waits all the same where the tenant wants to be asked about each", async () => {
    const { connect, post, journey } = await aCompany();
    const { integration } = await connect();
    const asked = { id: integration.id, postingApproval: "ALWAYS" };
    expect((await journey.mutate("updateIntegration", asked, "integration { id }")).userErrors).toEqual([]);
    const [{ jobPosting }] = (await post(aJob(), [integration.id])).results;
    expect(jobPosting).toMatchObject({ state: "PENDING_APPROVAL", cost: null, approval: { state: "PENDING" } });
    const closed = await journey.mutate("closeJobPosting", { id: jobPosting.id }, `jobPosting { ${postingFields} }`);
    expect(closed.jobPosting).toMatchObject({ state: "CLOSED", approval: null });
  });

  it("that nobody approved never leaves, and is not approved without the scope", async () => {
    const tenantId = `tenant-${randomUUID()}`;
    const { connect, post, as, seen } = await aCompany({ withContract: true, tenantId });
    const { integration } = await connect();
    const job = aJob(promoted);
    const [{ jobPosting }] = (await post(job, [integration.id])).results;
    const without = await app.as({ tenantId, userId: "cy", scopes: ["jobs:read", "jobs:write"] });
    const refused = await without.query(
      "mutation ($input: ApproveJobPostingInput!) { approveJobPosting(input: $input) { jobPosting { id } } }",
      { input: { id: jobPosting.id } },
    );
    expect(refused.errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    const rejected = await (await as("bo")).mutate(
      "rejectJobPosting",
      { id: jobPosting.id },
      `jobPosting { ${postingFields} }`,
    );
    expect(rejected.jobPosting).toMatchObject({ state: "REJECTED", problem: { code: "APPROVAL_REQUIRED" } });
    await time.pass(fiveMinutes);
    expect(seen(job.externalReference)).toEqual([]);
  });
});

describe("candidates who apply at LinkedIn", () => {
  const fields = `id boardApplicationId status coverLetter jobPosting { id } candidate { fullName email phone }
    answers { questionKey question values } files { kind fileName contentType sizeBytes state downloadUrl }
    steps { status disposition boardStatus problem { code } }`;
  const zoe = { firstName: "Zoë", lastName: "Müller-李", email: "zoe@example.test" };
  const onsite = { applyMethod: "BOARD_NATIVE", location: { city: "Austin", region: "TX", country: "US" } };

  /** A company whose job is live, and is applied for at LinkedIn. */
  async function anOpenJob(changes: Record<string, unknown> = {}) {
    const company = await aCompany();
    const { twin, journey } = company;
    const open = await company.live({ ...onsite, ...changes });
    const reference = open.job.externalReference;
    const address = () => twin.jobNamed(reference).element.onsiteApplyConfiguration?.jobApplicationWebhookUrl ?? "";
    const apply = async (submission: Record<string, unknown> = {}) => {
      const applied = await twin.apply(twin.jobNamed(reference), { ...zoe, ...submission });
      if (applied.outcome !== "sent") throw new Error(JSON.stringify(applied));
      return applied;
    };
    const applications = async (): Promise<Json[]> => {
      const query = `query ($ids: [ID!]) { jobApplications(filter: { jobIds: $ids }) { nodes { ${fields} } } }`;
      return dataOf(await journey.caller.query(query, { ids: [open.jobId] })).jobApplications.nodes;
    };
    const received = async (isThere: (application: Json) => boolean = () => true): Promise<Json> => {
      const all = await eventually("an application", applications, ([one]) => one !== undefined && isThere(one));
      expect(all).toHaveLength(1);
      return all[0];
    };
    /** Where LinkedIn tells the operator of jobs. */
    const listen = async (type: "RESYNC_JOBS" | "JOB_STATUS_CHANGE") =>
      expect(await twin.registerWebhook(type, address().replace(/[^/]+$/, "operator"))).toBe(true);
    return { ...company, ...open, reference, address, apply, applications, received, listen };
  }

  it("may do so, since the address of the account passes LinkedIn's challenge", async () => {
    const { twin, address } = await anOpenJob();
    expect(twin.switches.challengeMs).toBe(3000);
    const webhook = () => twin.registeredWebhooks.find(({ url }) => url === address());
    const first = webhook();
    expect(first).toMatchObject({ type: "EXPORT_JOB_APPLICATION", isVerified: true, failedInARow: 0 });
    const checkedAt = first?.checkedAt ?? 0;
    await time.pass(2 * 60 * 60 * 1000);
    // Any request makes LinkedIn look what time has brought.
    await fetch(`${sandbox.settings["LINKEDIN_BASE_URL"]}jobs`);
    await twin.settled();
    expect(webhook()).toMatchObject({ isVerified: true, failedInARow: 0 });
    expect(webhook()?.checkedAt).toBeGreaterThan(checkedAt);
  });

  it("are applications here, with their answers, and with files that are fetched and can be downloaded", async () => {
    const { apply, received, posting } = await anOpenJob({
      screeningQuestions: [{ key: "drives", text: "Do you drive?", type: "BOOLEAN", required: true }],
    });
    const content = pdfOf(["Zoë Müller-李"]);
    const resume = { fileName: "Lebenslauf Zoë.pdf", contentType: "text/html", base64: content.toString("base64") };
    const { jobApplicationId } = await apply({
      resume,
      coverLetter: "I like bridges.",
      phone: { countryCode: "41", nationalNumber: "441234567" },
      answers: { drives: "true" },
    });
    const application = await received(({ files }) => files.length > 0 && files[0].state === "STORED");
    expect(application).toMatchObject({
      boardApplicationId: jobApplicationId,
      jobPosting: { id: posting.id },
      candidate: { fullName: "Zoë Müller-李", email: "zoe@example.test", phone: "+41 441234567" },
      coverLetter: "I like bridges.",
      answers: [{ questionKey: "drives", question: "Do you drive?", values: ["true"] }],
      files: [
        {
          kind: "RESUME",
          fileName: "Lebenslauf Zoë.pdf",
          contentType: "application/pdf",
          sizeBytes: content.length,
        },
      ],
    });
    const reply = await fetch(application.files[0].downloadUrl);
    expect(reply.headers.get("content-disposition")).toContain("attachment");
    expect(Buffer.from(await reply.arrayBuffer()).equals(content)).toBe(true);
  });

  it("are one application, however often LinkedIn brings it", async () => {
    const { twin, apply, applications, journey } = await anOpenJob();
    const end = twin.failPush("duplicated");
    const { jobApplicationId } = await apply();
    end();
    for (let times = 0; times < 3; times += 1) await twin.deliverAgain(jobApplicationId);
    await twin.settled();
    await eventually("an application", applications, ({ length }) => length > 0);
    await time.pass(fiveMinutes);
    expect(await applications()).toHaveLength(1);
    expect(await journey.log(["job_application.received"])).toHaveLength(1);
  });

  it("whose messages were changed, or are signed by somebody else, are nobody", async () => {
    const { address, apply, applications } = await anOpenJob();
    const other = await anOpenJob();
    await apply();
    await eventually("an application", applications, ({ length }) => length > 0);
    const message = { type: "EXPORT_JOB_APPLICATION", jobApplicationId: "urn:li:jobApplication:9", externalJobId: "x" };
    const send = (url: string, headers: Record<string, string>) =>
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(message),
      });
    expect((await send(address(), {})).status).toBe(401);
    expect((await send(address(), { "x-li-signature": "0".repeat(64) })).status).toBe(401);
    expect((await send(other.address(), { "x-li-signature": "hmacsha256=" })).status).toBe(401);
    expect(await applications()).toHaveLength(1);
  });

  it("hear at LinkedIn what becomes of them, and a step that it has no word for holds up nothing", async () => {
    const { twin, apply, received, journey } = await anOpenJob();
    const { jobApplicationId } = await apply();
    const { id } = await received();
    for (const status of ["VIEWED", "SHORTLISTED", "INTERVIEWING", "REJECTED"]) {
      await journey.mutate("updateJobApplicationStatus", { id, status }, "jobApplication { id }");
    }
    const { steps } = await received((one) => one.steps.length === 5 && one.steps[4].disposition === "TOLD");
    expect(steps.map(({ status, disposition }: Json) => [status, disposition])).toEqual([
      ["NEW", "NOT_TOLD"],
      ["VIEWED", "TOLD"],
      ["SHORTLISTED", "NOT_TOLD"],
      ["INTERVIEWING", "TOLD"],
      ["REJECTED", "TOLD"],
    ]);
    expect(twin.sentApplications.find(({ urn }) => urn === jobApplicationId)?.actions).toMatchObject([
      { action: "APPLICATION_VIEWED" },
      { action: "APPLICATION_INTERVIEWED" },
      { action: "APPLICATION_REJECTED" },
    ]);
  });

  it("whose step LinkedIn spells otherwise are told the others", async () => {
    const { twin, apply, received, journey } = await anOpenJob();
    twin.switches.takesNewerActions = false;
    await apply();
    const { id } = await received();
    for (const status of ["SCREENING", "REJECTED"]) {
      await journey.mutate("updateJobApplicationStatus", { id, status }, "jobApplication { id }");
    }
    const { steps } = await received((one) => one.steps.length === 3 && one.steps[2].disposition === "TOLD");
    expect(steps[1]).toMatchObject({ disposition: "REFUSED", problem: { code: "PROVIDER_REFUSED" } });
  });

  async function theMessage(journey: Journey, integrationId: string): Promise<Json> {
    const fields = "state verified receipts correlationId jobPosting { id }";
    const query = `query ($of: [ID!]) { inboundDeliveries(filter: { integrationIds: $of }) { nodes { ${fields} } } }`;
    const { nodes } = dataOf(await journey.caller.query(query, { of: [integrationId] })).inboundDeliveries;
    expect(nodes).toHaveLength(1);
    return nodes[0];
  }
  async function eventsOf(journey: Journey, matter: string): Promise<Json[]> {
    const query = "query ($of: ID) { integrationEvents(filter: { correlationId: $of }) { nodes { type subjectId } } }";
    return dataOf(await journey.caller.query(query, { of: matter })).integrationEvents.nodes;
  }

  it.each(["some", "all"])("have their jobs sent again when LinkedIn asks for %s", async (which) => {
    const { journey, twin, listen, integration, reference, posting, until } = await anOpenJob();
    await listen("RESYNC_JOBS");
    expect(await twin.askForResync(integration.id, which === "some" ? [reference] : [])).toBe(200);
    expect(twin.overdueResyncs).toEqual([reference]);
    await until(posting.id, () => twin.overdueResyncs.length === 0);
    await time.pass(30 * 60 * 1000);
    expect(twin.overdueResyncs).toEqual([]);
    expect(await until(posting.id, ({ state, operation }) => state === "LIVE" && operation === null)).toMatchObject({
      versionSent: 1,
      problem: null,
    });
    const message = await theMessage(journey, integration.id);
    expect(message).toMatchObject({ state: "DONE", verified: true, receipts: 1, jobPosting: { id: posting.id } });
    expect(await eventsOf(journey, message.correlationId)).toContainEqual({
      type: "job_posting.updated",
      subjectId: posting.id,
    });
  });

  it("are sent to the company's page when a first one could not be delivered: the posting is LIMITED", async () => {
    const { twin, listen, apply, posting, untilState, reference } = await anOpenJob({ title: "Engineer [offsite]" });
    await listen("JOB_STATUS_CHANGE");
    await apply();
    const limited = await untilState(posting.id, "LIMITED");
    expect(limited.problem).toMatchObject({ code: "PROVIDER_REFUSED", message: expect.stringContaining("delivered") });
    expect(await twin.apply(twin.jobNamed(reference), zoe)).toMatchObject({ outcome: "redirected" });
  });

  it("go to the company's page where it has not agreed to more, and the job is live", async () => {
    const company = await aCompany();
    company.twin.setOrganization(company.organization, { isOnboarded: false });
    const { integration } = await company.connect();
    const job = aJob(onsite);
    const query = `query ($input: PostJobInput!) { previewJobPosting(input: $input) { findings { field effect fix } } }`;
    const input = { jobId: "job-1", job, integrationIds: [integration.id] };
    const [{ findings }] = dataOf(await company.journey.caller.query(query, { input })).previewJobPosting;
    expect(findings).toMatchObject([{ field: ["applyMethod"], effect: "CHANGED" }]);
    const [{ jobPosting }] = (await company.post(job, [integration.id])).results;
    await company.untilState(jobPosting.id, "LIVE");
    expect(company.seen(job.externalReference)[0]?.element).not.toHaveProperty("onsiteApplyConfiguration");
  });
});

describe("two tenants", () => {
  it("have the same reference, each at their own company, and see nothing of each other", async () => {
    const one = await aCompany();
    const two = await aCompany();
    const first = await one.live({ externalReference: "SAME-1" });
    const second = await two.live({ externalReference: "SAME-1" });
    expect(one.seen("SAME-1")).toHaveLength(1);
    expect(two.seen("SAME-1")).toHaveLength(1);
    expect(await one.posting(second.posting.id)).toBeNull();
    const theirs = await two.post(aJob(), [first.integration.id]);
    expect(theirs.results).toMatchObject([{ jobPosting: null, userErrors: [{ code: "NOT_FOUND" }] }]);
    const closing = await two.journey.mutate("closeJobPosting", { id: first.posting.id }, "jobPosting { id }");
    expect(closing.userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
    expect((await one.posting(first.posting.id)).state).toBe("LIVE");
  });
});

describe("job postings in the graph", () => {
  it("are listed by job, state and board, page by page, and through the platform's job", async () => {
    const { live, post, journey } = await aCompany();
    const { integration, jobId, posting: first } = await live();
    await post(aJob(), [integration.id]);
    const list = async (filter: Record<string, unknown>, after: string | null = null): Promise<Json> =>
      dataOf(
        await journey.caller.query(
          `query ($filter: JobPostingFilter, $after: String) { jobPostings(filter: $filter, first: 1, after: $after) {
            nodes { id } pageInfo { hasNextPage endCursor } } }`,
          { filter, after },
        ),
      ).jobPostings;
    expect((await list({ jobIds: [jobId] })).nodes).toEqual([{ id: first.id }]);
    expect((await list({ states: ["LIVE"] })).nodes).toEqual([{ id: first.id }]);
    expect((await list({ providers: ["FASTMAIL"] })).nodes).toEqual([]);
    const page = await list({ integrationIds: [integration.id] });
    expect(page.pageInfo.hasNextPage).toBe(true);
    expect((await list({ integrationIds: [integration.id] }, page.pageInfo.endCursor)).nodes).toEqual([
      { id: first.id },
    ]);

    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Job { id postings { nodes { id state job { id } } } } ... on JobPosting { reference } } }`;
    const representations = [
      { __typename: "Job", id: jobId },
      { __typename: "JobPosting", id: first.id },
    ];
    expect(dataOf(await journey.caller.query(query, { representations }))._entities).toEqual([
      { id: jobId, postings: { nodes: [{ id: first.id, state: "LIVE", job: { id: jobId } }] } },
      { reference: first.reference },
    ]);
  });
});
