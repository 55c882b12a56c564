import { createHash, createHmac, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/indeed/switches.ts";
import { pdfOf } from "../../sandbox/job-boards/resume.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { scopes as allScopes, type Scope } from "../../src/services/viewer.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { whileStalled } from "../support/stalled-table.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

/** Microsoft and LinkedIn wait no longer. */
const vendorPatienceMs = 3_000;
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
  sandbox.indeed.faults.disarmAll();
  Object.assign(sandbox.indeed.switches, defaultSwitches(), { retryAfterSeconds: [] });
});

const fields = `id boardApplicationId status coverLetter resumeText appliedAt receivedAt job { id }
  candidate { fullName firstName lastName email phone city } answers { questionKey question values }
  source { sponsored referrer campaign } files { id kind fileName contentType sizeBytes state problem { code } downloadUrl }
  steps { status reason stage disposition boardStatus problem { code } changedBy { id } } jobPosting { id } integration { id }`;

/** A company whose job stands on Indeed, where candidates may apply. */
async function aPostedJob(changes: Record<string, unknown> = {}, connection: Record<string, unknown> = {}) {
  const tenantId = `tenant-${randomUUID()}`;
  const as = async (userId: string, scopes: readonly Scope[] = allScopes) =>
    new Journey(await app.as({ tenantId, userId, scopes }));
  const journey = await as("ana");
  const { integration } = await journey.mutate(
    "connectIntegration",
    {
      provider: "INDEED",
      credentials: [
        { name: "sourceName", value: "muster" },
        { name: "companyName", value: "Muster AG" },
      ],
      ...connection,
    },
    "integration { id }",
  );
  const jobId = `job-${randomUUID()}`;
  const job = aJob(changes);
  const input = { jobId, job, integrationIds: [integration.id] };
  const { results } = await journey.mutate("postJob", input, "results { jobPosting { id } userErrors { code field } }");
  const [{ jobPosting, userErrors }] = results;
  if (!jobPosting) throw new Error(JSON.stringify(userErrors));
  const sent = await atIndeed(job.externalReference);
  sandbox.indeed.indexNow(sent.sourcedPostingId);
  const apply = (candidate: Json = {}) => sandbox.indeed.apply(sent.sourcedPostingId, candidate);
  const applications = async (who = journey): Promise<Json[]> =>
    dataOf(
      await who.caller.query(
        `query ($ids: [ID!]) { jobApplications(filter: { jobIds: $ids }) { nodes { ${fields} } } }`,
        {
          ids: [jobId],
        },
      ),
    ).jobApplications.nodes;
  const received = (count = 1): Promise<Json[]> =>
    eventually(
      `${count} applications`,
      () => applications(),
      (all) => all.length === count,
    );
  const url: string = Object(sent.job.applyMethod?.indeedApply).postUrl;
  return {
    tenantId,
    as,
    journey,
    integration,
    jobId,
    job,
    posting: jobPosting,
    sent,
    apply,
    applications,
    received,
    url,
  };
}

function aJob(changes: Record<string, unknown> = {}) {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: `<p>${"You talk with customers, and mend what they show you. ".repeat(4)}</p>`,
    location: { city: "Austin", region: "TX", country: "US" },
    company: { name: "Muster AG" },
    applyUrl: "https://careers.example.test/apply/1",
    contactName: "Ana Muster",
    contactEmail: "ana@example.test",
    applyMethod: "BOARD_NATIVE",
    ...changes,
  };
}

async function atIndeed(reference: string) {
  const posting = await eventually(
    "a job at Indeed",
    async () => sandbox.indeed.posting(reference),
    (found) => found !== null,
  );
  if (!posting) throw new Error("Nothing was posted");
  return posting;
}

/** As Indeed signs. */
function signed(body: string): Record<string, string> {
  const secret = sandbox.settings["INDEED_APPLY_API_SECRET"] ?? "";
  return { "x-indeed-signature": createHmac("sha1", secret).update(body, "utf8").digest("base64") };
}

const send = (url: string, body: string, headers: Record<string, string> = signed(body)) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
    signal: AbortSignal.timeout(vendorPatienceMs),
  });

describe("an application at the board", () => {
  it("is an application here, with its answers and its résumé", async () => {
    const question = { key: "drive", text: "Do you drive?", type: "BOOLEAN", required: true };
    const { apply, received, jobId, posting, integration } = await aPostedJob({ screeningQuestions: [question] });
    const options = { firstName: "Zoë", lastName: "Müller-日本", email: "Zoe@Example.test", coverLetter: "Hello" };
    const { delivery } = await apply({ ...options, answers: { drive: "true" }, resumeText: "I mend bridges." });
    expect(delivery.outcome).toBe("delivered");
    const [application] = await received();
    expect(application).toMatchObject({
      status: "NEW",
      candidate: { fullName: "Zoë Müller-日本", firstName: "Zoë", lastName: "Müller-日本", email: "Zoe@Example.test" },
      coverLetter: "Hello",
      resumeText: "I mend bridges.",
      answers: [{ questionKey: "drive", question: "Do you drive?", values: ["true"] }],
      files: [{ kind: "RESUME", fileName: "Zoë Müller-日本.pdf", contentType: "application/pdf", state: "STORED" }],
      job: { id: jobId },
      jobPosting: { id: posting.id },
      integration: { id: integration.id },
    });
  });

  it("is told in the log without a word about the person", async () => {
    const { apply, received, journey } = await aPostedJob();
    await apply({ firstName: "Zoë", lastName: "Müller", email: "zoe@example.test" });
    const [application] = await received();
    const [event] = await journey.log(["job_application.received"]);
    expect(event).toMatchObject({ subjectId: application.id, actor: { kind: "PROVIDER", id: "INDEED" } });
    expect(JSON.stringify(event)).not.toMatch(/Müller|zoe@/);
  });

  it("comes in once, however often it is sent", async () => {
    const { apply, received, applications } = await aPostedJob();
    const { id } = await apply();
    await received();
    await Promise.all([sandbox.indeed.replay(id), sandbox.indeed.replay(id), sandbox.indeed.replay(id)]);
    await apply({ email: "somebody.else@example.test" });
    await received(2);
    expect((await applications()).filter(({ boardApplicationId }) => boardApplicationId === id)).toHaveLength(1);
  });

  it("of the same person to the same job is answered 409, and is none", async () => {
    const { apply, received, applications } = await aPostedJob();
    await apply({ email: "zoe@example.test" });
    await received();
    const { delivery } = await apply({ email: "ZOE@example.test" });
    expect(delivery.attempts.map(({ status }) => status)).toEqual([409]);
    expect(await applications()).toHaveLength(1);
  });

  it("to a job that is closed here is answered 410", async () => {
    const { apply, journey, posting, url, received } = await aPostedJob();
    const { delivery } = await apply({ email: "first@example.test" });
    await received();
    await journey.mutate("closeJobPosting", { id: posting.id }, "results { jobPosting { id } }");
    const late = delivery.body
      .replace("first@example.test", "late@example.test")
      .replace(/"id":"[^"]+"/, '"id":"late"');
    expect((await send(url, late)).status).toBe(410);
  });

  it("to a job that nobody posted is answered 404", async () => {
    const { apply, url, job } = await aPostedJob();
    const { delivery } = await apply();
    const strange = delivery.body.replaceAll(job.externalReference, "REF-strange").replace(/"id":"[^"]+"/, '"id":"s"');
    expect((await send(url, strange)).status).toBe(404);
  });

  it("is refused when a byte was changed, nobody signed it, or somebody else did", async () => {
    const { apply, url, journey } = await aPostedJob();
    const { delivery } = await apply();
    const altered = delivery.body.replace("Austin", "Bustin");
    expect((await send(url, altered, signed(delivery.body))).status).toBe(401);
    expect((await send(url, delivery.body, {})).status).toBe(401);
    const wrong = createHmac("sha1", "no-secret-of-ours").update(delivery.body).digest("base64");
    expect((await send(url, delivery.body, { "x-indeed-signature": wrong })).status).toBe(401);
    const query =
      "{ inboundDeliveries(filter: { verified: false }) { nodes { state receipts size headers problem { code } jobApplication { id } } } }";
    expect(dataOf(await journey.caller.query(query)).inboundDeliveries.nodes).toEqual([
      {
        state: "REFUSED",
        receipts: 3,
        size: null,
        headers: expect.not.objectContaining({ "x-indeed-signature": expect.anything() }),
        problem: { code: "FORBIDDEN" },
        jobApplication: null,
      },
    ]);
  });

  it("is answered in time while the database hangs, and is one application when it is sent again", async () => {
    const { apply, url, received, journey } = await aPostedJob();
    const { delivery } = await apply({ email: "first@example.test" });
    await received();
    const body = delivery.body
      .replace("first@example.test", "second@example.test")
      .replace(/"id":"[^"]+"/, '"id":"2nd"');
    const refused = await whileStalled(app.databaseUrl, "inbound_delivery", () => send(url, body));
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect((await send(url, body)).status).toBe(200);
    expect((await received(2)).map(({ candidate }) => candidate.email).sort()).toEqual([
      "first@example.test",
      "second@example.test",
    ]);
    // What was late is stored too: it is the same message.
    const query = "{ inboundDeliveries { nodes { state receipts } } }";
    await eventually(
      "the late one",
      async () => dataOf(await journey.caller.query(query)).inboundDeliveries.nodes,
      (nodes: Json[]) => nodes.length === 2 && nodes[0].receipts === 2 && nodes[0].state === "DONE",
    );
  });

  it("at an address that is nobody's finds nobody", async () => {
    const { apply, url } = await aPostedJob();
    const { delivery } = await apply();
    expect((await send(`${url}x`, delivery.body)).status).toBe(404);
  });

  it("that cannot be read is taken all the same, and is still there", async () => {
    const { url, journey, integration, applications } = await aPostedJob();
    expect((await send(url, "{}")).status).toBe(200);
    expect((await send(url, "no JSON")).status).toBe(200);
    const run = await journey.mutate(
      "syncIntegration",
      { integrationId: integration.id, full: true },
      "syncRun { id }",
    );
    const query = `query ($id: ID!) { syncRun(id: $id) { state applications deliveriesRetried postingsAsked filesAsked } }`;
    const over: Json = await eventually(
      "the end of the sync",
      async () => dataOf(await journey.caller.query(query, { id: run.syncRun.id })).syncRun,
      ({ state }: Json) => state === "SUCCEEDED",
    );
    // Nothing was read yet, and nothing compared.
    const about = "query ($id: ID!) { integration(id: $id) { lastSyncedAt health { drift { differences } } } }";
    const told = dataOf(await journey.caller.query(about, { id: integration.id })).integration;
    expect(told).toEqual({ lastSyncedAt: null, health: { drift: null } });
    expect(over).toMatchObject({ applications: "PUSH_ONLY", deliveriesRetried: 2, postingsAsked: 1, filesAsked: 0 });
    expect(await applications()).toEqual([]);
  });

  it("with a résumé of 12 MB is kept without it, and says so", async () => {
    const { apply, received } = await aPostedJob();
    const { delivery } = await apply({ resumeBytes: 12 * 1024 * 1024 });
    expect(delivery.outcome).toBe("delivered");
    const [{ files }] = await received();
    expect(files).toMatchObject([
      { kind: "RESUME", state: "REFUSED", downloadUrl: null, problem: { code: "INVALID_INPUT" } },
    ]);
  });

  it("with a program for a résumé is kept without it", async () => {
    const { apply, received } = await aPostedJob();
    const data = Buffer.concat([Buffer.from("MZ"), Buffer.alloc(400)]).toString("base64");
    await apply({ resume: { fileName: "resume.pdf", contentType: "application/pdf", data } });
    const [{ files }] = await received();
    expect(files).toMatchObject([{ fileName: "resume.file", state: "REFUSED" }]);
  });

  it("is nobody's in another tenant", async () => {
    const { apply, received } = await aPostedJob();
    await apply();
    const [application] = await received();
    const stranger = new Journey(await app.as());
    const query = "query ($id: ID!) { jobApplication(id: $id) { id } }";
    expect(dataOf(await stranger.caller.query(query, { id: application.id })).jobApplication).toBeNull();
    const status = { id: application.id, status: "HIRED" };
    const { userErrors } = await stranger.mutate("updateJobApplicationStatus", status, "jobApplication { id }");
    expect(userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  });

  it("by a board that is one user's is that user's alone, in lists and in the log", async () => {
    const { apply, received, applications, as } = await aPostedJob({}, { ownership: "USER" });
    await apply();
    await received();
    const colleague = await as("bo");
    expect(await applications(colleague)).toEqual([]);
    expect(await colleague.log(["job_application.received"])).toEqual([]);
  });

  it("is not read in the log without the scope for applications", async () => {
    const { apply, received, as } = await aPostedJob();
    await apply();
    await received();
    const reader = await as("rae", ["events:read", "jobs:read", "integrations:read"]);
    expect(await reader.log(["job_application.received"])).toEqual([]);
  });

  it("is found by its job, through federation", async () => {
    const { apply, received, jobId, journey } = await aPostedJob();
    await apply();
    const [application] = await received();
    const query = `query ($job: _Any!) { _entities(representations: [$job]) { ... on Job { applications { nodes { id } } } } }`;
    const { _entities } = dataOf(await journey.caller.query(query, { job: { __typename: "Job", id: jobId } }));
    expect(_entities).toEqual([{ applications: { nodes: [{ id: application.id }] } }]);
  });

  it("is not stored in readable form as it came", async () => {
    const { apply, received } = await aPostedJob();
    await apply({ lastName: "Unmistakable" });
    await received();
    expect(app.logLines.join("\n")).not.toContain("Unmistakable");
  });
});

describe("answers about equal opportunity", () => {
  const query =
    "query ($id: ID!) { jobApplication(id: $id) { answers { questionKey } eeoAnswers { questionKey values } } }";

  it("are for those with a scope of their own, and apart from the others", async () => {
    const { apply, received, as, sent } = await aPostedJob({ compliance: { eeoQuestions: true } });
    const [question] = await sandbox.indeed.questionsOf(sent.sourcedPostingId);
    if (!question) throw new Error("Nothing is asked");
    const value = question.options?.[0]?.value;
    await apply({ answers: { [question.id]: value } });
    const [application] = await received();
    const eeo = await as("eve");
    const told = dataOf(await eeo.caller.query(query, { id: application.id })).jobApplication;
    expect(told.answers).toEqual([]);
    expect(told.eeoAnswers).toContainEqual({ questionKey: question.id, values: [value] });
    const decider = await as(
      "dan",
      allScopes.filter((scope) => scope !== "applications:read-eeo"),
    );
    const { errors } = await decider.caller.query(query, { id: application.id });
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});

describe("a résumé", () => {
  it("is downloaded by a link as an attachment, which is an event", async () => {
    const { apply, received, journey } = await aPostedJob();
    const content = pdfOf(["Zoë Müller"]);
    await apply({
      resume: { fileName: "../../Zoë <b>.exe", contentType: "text/html", data: content.toString("base64") },
    });
    const [application] = await received();
    const [file] = application.files;
    expect(file).toMatchObject({ fileName: "Zoë b.pdf", sizeBytes: content.length });
    const reply = await fetch(file.downloadUrl);
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("application/pdf");
    expect(reply.headers.get("content-disposition")).toContain(
      "attachment; filename=\"Zo_ b.pdf\"; filename*=UTF-8''Zo%C3%AB%20b.pdf",
    );
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    expect(hash(Buffer.from(await reply.arrayBuffer()))).toBe(hash(content));
    const [event] = await journey.log(["job_application.file_downloaded"]);
    expect(event).toMatchObject({
      subjectId: application.id,
      actor: { kind: "USER", id: "ana" },
      data: { fileId: file.id, kind: "RESUME" },
    });
  });

  it("has no link that somebody made up, or for those who may not read applications", async () => {
    const { apply, received, as } = await aPostedJob();
    await apply();
    const [application] = await received();
    const [{ downloadUrl }] = application.files;
    expect((await fetch(`${downloadUrl.slice(0, -4)}AAAA`)).status).toBe(404);
    const other = await as("otto", ["jobs:read"]);
    const query = "query ($id: ID!) { jobApplication(id: $id) { files { downloadUrl } } }";
    expect((await other.caller.query(query, { id: application.id })).errors).toMatchObject([
      { extensions: { code: "FORBIDDEN" } },
    ]);
  });
});

describe("what becomes of an application", () => {
  const update = (journey: Journey, input: Record<string, unknown>): Promise<Json> =>
    journey.mutate("updateJobApplicationStatus", input, "jobApplication { id status steps { status } }");
  const told = (applyId: string) =>
    sandbox.indeed.dispositions(applyId).map(({ status, rawStatus }: Json) => [status, rawStatus]);

  it("is told to its board, in order, the first step too", async () => {
    const { apply, received, applications, journey } = await aPostedJob();
    const { id: applyId } = await apply();
    const [{ id }] = await received();
    for (const status of ["VIEWED", "INTERVIEWING", "OFFER_EXTENDED", "HIRED"]) {
      const { jobApplication } = await update(journey, { id, status, stage: `Stage ${status}` });
      expect(jobApplication).toMatchObject({ status });
    }
    const [application] = await eventually(
      "a board that has heard everything",
      () => applications(),
      ([one]) => one.steps.every(({ disposition }: Json) => disposition === "TOLD"),
    );
    expect(application.steps).toHaveLength(5);
    expect(application.steps[1]).toMatchObject({ status: "VIEWED", boardStatus: "REVIEW", changedBy: { id: "ana" } });
    expect(told(applyId).map(([status]) => status)).toEqual(["NEW", "REVIEW", "INTERVIEW", "OFFER_MADE", "HIRED"]);
  });

  it("is told once, however often it is said", async () => {
    const { apply, received, journey } = await aPostedJob();
    const { id: applyId } = await apply();
    const [{ id }] = await received();
    const input = { id, status: "REJECTED", reason: "UNQUALIFIED", idempotencyKey: randomUUID() };
    await Promise.all([update(journey, input), update(journey, input)]);
    const { jobApplication } = await update(journey, { id, status: "REJECTED", reason: "UNQUALIFIED" });
    expect(jobApplication.steps).toHaveLength(2);
    await eventually(
      "what Indeed heard",
      async () => told(applyId).length,
      (count) => count === 2,
    );
  });

  it("does not go back in time, and has a reason only when it is rejected", async () => {
    const { apply, received, journey } = await aPostedJob();
    await apply();
    const [{ id }] = await received();
    await update(journey, { id, status: "VIEWED" });
    const before = await update(journey, { id, status: "HIRED", changedAt: "2020-01-01T00:00:00Z" });
    expect(before.userErrors).toMatchObject([{ code: "CONFLICT", field: ["input", "changedAt"] }]);
    const ahead = await update(journey, { id, status: "HIRED", changedAt: "2999-01-01T00:00:00Z" });
    expect(ahead.userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "changedAt"] }]);
    const reason = await update(journey, { id, status: "HIRED", reason: "OTHER" });
    expect(reason.userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "reason"] }]);
  });

  it("waits while the board is down, and is told afterwards in order", async () => {
    const { apply, received, journey } = await aPostedJob();
    const { id: applyId } = await apply();
    const [{ id }] = await received();
    await eventually(
      "what Indeed heard",
      async () => told(applyId).length,
      (count) => count === 1,
    );
    const recover = sandbox.indeed.fail("down", { path: "graphql" });
    await update(journey, { id, status: "VIEWED" });
    await update(journey, { id, status: "REJECTED", reason: "OTHER" });
    recover();
    await eventually(
      "all that Indeed is to hear",
      async () => told(applyId).map(([status]) => status),
      (all) => all.length === 3,
      {
        withinMs: 30_000,
      },
    );
    expect(told(applyId).map(([status]) => status)).toEqual(["NEW", "REVIEW", "NOT_SELECTED"]);
  });

  it("that the board refuses is told to people, and holds up nothing", async () => {
    const { apply, received, journey, applications } = await aPostedJob();
    const { id: applyId } = await apply();
    const [{ id }] = await received();
    await eventually(
      "what Indeed heard",
      async () => told(applyId).length,
      (count) => count === 1,
    );
    sandbox.indeed.forgetApplication(applyId);
    await update(journey, { id, status: "VIEWED" });
    const [application] = await eventually(
      "a refusal",
      () => applications(),
      ([one]) => one.steps[1].disposition !== "PENDING",
    );
    expect(application.steps[1]).toMatchObject({ disposition: "REFUSED", problem: { code: "PROVIDER_REFUSED" } });
    const [event] = await journey.log(["job_application.status_refused"]);
    expect(event).toMatchObject({ subjectId: id, data: { problem: { code: "PROVIDER_REFUSED" } } });
  });
});

describe("where the operator has not set what Indeed Apply needs", () => {
  it("candidates go to the job's address, which the preview says beforehand", async () => {
    const { INDEED_APPLY_API_TOKEN: _, ...settings } = sandbox.settings;
    const other = await startTestApp({ env: settings });
    try {
      const { preview, sent } = await aJobAt(other);
      expect(preview.findings).toContainEqual({
        field: ["applyMethod"],
        effect: "CHANGED",
        rule: expect.stringContaining("INDEED_APPLY_API_TOKEN"),
      });
      expect(sent.job.applyMethod ?? null).toBeNull();
      expect(sent.job.metadata.url).toBe("https://careers.example.test/apply/1");
    } finally {
      await other.stop();
    }
  });
});

async function aJobAt(at: TestApp) {
  const journey = new Journey(await at.as());
  const credentials = Object.entries({ sourceName: "muster", companyName: "Muster AG" });
  const { integration } = await journey.mutate(
    "connectIntegration",
    { provider: "INDEED", credentials: credentials.map(([name, value]) => ({ name, value })) },
    "integration { id }",
  );
  const input = { jobId: "42", job: aJob(), integrationIds: [integration.id] };
  const query = "query ($input: PostJobInput!) { previewJobPosting(input: $input) { findings { field effect rule } } }";
  const [preview] = dataOf(await journey.caller.query(query, { input })).previewJobPosting;
  await journey.mutate("postJob", input, "results { jobPosting { id } }");
  return { preview, sent: await atIndeed(input.job.externalReference) };
}
