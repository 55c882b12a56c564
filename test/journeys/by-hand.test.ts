import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/app.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { MovableTime } from "../support/movable-time.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

const dayMs = 86_400_000;
const postedAt = "https://wellfound.com/jobs/1-service-engineer";
const time = new MovableTime({ advance: () => {} });
let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ now: time.now });
  await time.follow(app);
});
afterAll(async () => {
  await time.stop();
  await app.stop();
});

const postingFields = `id simulated route state operation jobVersion versionSent boardUrl closedAt problem { code message }
  liveStatus { status how } manualTask { operation url checklist entries { label value html } prefilledText jobVersion dueAt }`;

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

async function aRecruiter(tenantId = `tenant-${randomUUID()}`) {
  const journey = new Journey(await app.as({ tenantId, userId: "ana" }));
  const credentials = [{ name: "company", value: "Muster Bridges" }];
  const connected = await journey.mutate(
    "connectIntegration",
    { provider: "WELLFOUND", credentials },
    "integration { id status accountName }",
  );
  const mutate = async (name: string, input: Record<string, unknown>): Promise<Json> =>
    journey.mutate(name, input, `jobPosting { ${postingFields} }`);
  const post = async (job: Record<string, unknown>, jobId = `job-${randomUUID()}`): Promise<Json> => {
    const input = { jobId, job, integrationIds: [connected.integration.id] };
    const { results } = await journey.mutate(
      "postJob",
      input,
      `results { jobPosting { ${postingFields} } userErrors { code } }`,
    );
    return results[0].jobPosting;
  };
  const posting = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id }))
      .jobPosting;
  const confirm = (id: string, words: Record<string, unknown> = {}) => mutate("confirmJobPosting", { id, ...words });
  const live = async (job = aJob()): Promise<Json> => {
    const { id } = await post(job);
    await confirm(id, { url: postedAt });
    return { id, job };
  };
  const eventsOf = async (id: string): Promise<string[]> =>
    (await journey.log()).filter((event: Json) => event.subjectId === id).map((event: Json) => event.type);
  return { journey, connected, mutate, post, posting, confirm, live, eventsOf };
}

describe("a job at a board that takes no calls", () => {
  it("is a task for a person at once: where, what to do, and what to enter", async () => {
    const { post, connected } = await aRecruiter();
    expect(connected).toMatchObject({
      integration: { status: "ACTIVE", accountName: "Muster Bridges" },
      userErrors: [],
    });
    const posting = await post(aJob({ skills: { required: ["CAD"] } }));
    expect(posting).toMatchObject({
      simulated: false,
      route: "MANUAL",
      state: "PENDING_MANUAL",
      operation: "POST",
      versionSent: null,
      liveStatus: { status: "UNKNOWN" },
      manualTask: {
        operation: "POST",
        url: "https://wellfound.com/recruit/jobs/new",
        jobVersion: 1,
        entries: expect.arrayContaining([
          { label: "Job title", value: "Service engineer", html: null },
          { label: "Skills", value: "CAD", html: null },
          { label: "Remote policy", value: "Remote only", html: null },
          {
            label: "Job description",
            value: "You talk with customers, and mend what they show you.",
            html: "<p>You talk with customers, and mend what they show you.</p>",
          },
        ]),
      },
    });
    expect(posting.manualTask.prefilledText).toContain("Job title: Service engineer\n\n");
    expect(posting.manualTask.checklist.length).toBeGreaterThan(2);
    expect(new Date(posting.manualTask.dueAt).getTime()).toBeGreaterThan(time.now().getTime() + 2 * dayMs);
  });

  it("is LIVE once somebody has said where it is, and by nobody else's word", async () => {
    const { post, confirm, eventsOf } = await aRecruiter();
    const { id } = await post(aJob());
    expect((await confirm(id)).userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "url"] }]);
    for (const url of ["https://wellfound.com/", "https://jobs.example.test/1", "http://wellfound.com/jobs/1"]) {
      expect((await confirm(id, { url })).userErrors).toMatchObject([{ code: "INVALID_INPUT" }]);
    }
    const { jobPosting, userErrors } = await confirm(id, { url: postedAt });
    expect(userErrors).toEqual([]);
    expect(jobPosting).toMatchObject({
      state: "LIVE",
      operation: null,
      boardUrl: postedAt,
      versionSent: 1,
      manualTask: null,
      liveStatus: { status: "LIVE", how: "Somebody confirmed it." },
    });
    expect((await confirm(id, { url: postedAt })).jobPosting).toMatchObject({ state: "LIVE" });
    expect(await eventsOf(id)).toEqual([
      "job_posting.queued",
      "job_posting.manual_action_required",
      "job_posting.live",
    ]);
  });

  it("is SUBMITTED while the board looks at it, and REJECTED when it does not take it", async () => {
    const { post, confirm } = await aRecruiter();
    const [first, second] = [await post(aJob()), await post(aJob())];
    expect((await confirm(first.id, { outcome: "SENT" })).jobPosting).toMatchObject({
      state: "SUBMITTED",
      manualTask: null,
      liveStatus: { status: "UNKNOWN" },
    });
    expect((await confirm(first.id, { url: postedAt })).jobPosting).toMatchObject({
      state: "LIVE",
      boardUrl: postedAt,
    });
    const refused = await confirm(second.id, { outcome: "REFUSED", reason: "Too little about the pay." });
    expect(refused.jobPosting).toMatchObject({
      state: "REJECTED",
      manualTask: null,
      problem: { code: "PROVIDER_REFUSED", message: "Too little about the pay." },
    });
  });

  it("is changed and closed by a person too, and stands as before until they have said so", async () => {
    const { live, mutate, confirm, posting, eventsOf } = await aRecruiter();
    const { id, job } = await live();
    const changed = await mutate("updateJobPosting", { id, job: { ...job, title: "Senior engineer" } });
    expect(changed.jobPosting).toMatchObject({
      state: "PENDING_MANUAL",
      operation: "UPDATE",
      versionSent: 1,
      liveStatus: { status: "LIVE" },
      manualTask: { operation: "UPDATE", url: postedAt, jobVersion: 2 },
    });
    expect((await confirm(id)).jobPosting).toMatchObject({ state: "LIVE", versionSent: 2, boardUrl: postedAt });
    const closing = await mutate("closeJobPosting", { id, reason: "Filled." });
    expect(closing.jobPosting).toMatchObject({
      state: "PENDING_MANUAL",
      operation: "CLOSE",
      liveStatus: { status: "LIVE" },
      manualTask: { operation: "CLOSE", entries: [] },
    });
    expect((await confirm(id, { outcome: "REFUSED" })).userErrors).toMatchObject([{ code: "INVALID_INPUT" }]);
    expect((await confirm(id)).jobPosting).toMatchObject({ state: "CLOSED", liveStatus: { status: "GONE" } });
    expect((await posting(id)).closedAt).not.toBeNull();
    expect(await eventsOf(id)).toEqual([
      "job_posting.queued",
      "job_posting.manual_action_required",
      "job_posting.live",
      "job_posting.manual_action_required",
      "job_posting.updated",
      "job_posting.manual_action_required",
      "job_posting.closed",
    ]);
  });

  it("that was changed while somebody entered it has the change still to come", async () => {
    const { post, mutate, confirm } = await aRecruiter();
    const job = aJob();
    const { id } = await post(job);
    await mutate("updateJobPosting", { id, job: { ...job, title: "Senior engineer" } });
    const confirmed = await confirm(id, { url: postedAt, jobVersion: 1 });
    expect(confirmed.jobPosting).toMatchObject({
      state: "PENDING_MANUAL",
      versionSent: 1,
      liveStatus: { status: "LIVE" },
      manualTask: { operation: "UPDATE", jobVersion: 2 },
    });
    expect((await confirm(id, { jobVersion: 3 })).userErrors).toMatchObject([{ field: ["input", "jobVersion"] }]);
  });

  it("that nobody has posted yet is closed at once; if somebody has all the same, it is to be taken off", async () => {
    const { post, mutate, confirm } = await aRecruiter();
    const { id } = await post(aJob());
    expect((await mutate("closeJobPosting", { id })).jobPosting).toMatchObject({ state: "CLOSED", manualTask: null });
    expect((await confirm(id)).jobPosting).toMatchObject({ state: "CLOSED" });
    const late = await confirm(id, { url: postedAt });
    expect(late.jobPosting).toMatchObject({
      state: "PENDING_MANUAL",
      manualTask: { operation: "CLOSE", url: postedAt },
      liveStatus: { status: "LIVE" },
    });
  });

  it("whose closing is taken back before it was done stands as it was", async () => {
    const { live, mutate } = await aRecruiter();
    const { id } = await live();
    await mutate("closeJobPosting", { id });
    expect((await mutate("reopenJobPosting", { id })).jobPosting).toMatchObject({ state: "LIVE", manualTask: null });
  });

  it("that was closed is opened again by a person, who says where", async () => {
    const { live, mutate, confirm } = await aRecruiter();
    const { id } = await live();
    await mutate("closeJobPosting", { id });
    await confirm(id);
    expect((await mutate("reopenJobPosting", { id })).jobPosting).toMatchObject({
      manualTask: { operation: "REOPEN" },
    });
    expect((await confirm(id)).userErrors).toMatchObject([{ field: ["input", "url"] }]);
    expect((await confirm(id, { url: `${postedAt}-2` })).jobPosting).toMatchObject({
      state: "LIVE",
      boardUrl: `${postedAt}-2`,
    });
  });

  it("is to be closed when its time is over, without anybody asking", async () => {
    const { live, posting, confirm } = await aRecruiter();
    const { id } = await live(aJob({ expiresAt: new Date(time.now().getTime() + 3 * dayMs).toISOString() }));
    await time.pass(4 * dayMs);
    await expect
      .poll(async () => (await posting(id)).manualTask, { timeout: 20_000 })
      .toMatchObject({ operation: "CLOSE" });
    expect((await confirm(id)).jobPosting).toMatchObject({ state: "EXPIRED", liveStatus: { status: "GONE" } });
  });

  it("is nobody else's to see or to confirm", async () => {
    const { live } = await aRecruiter();
    const { id } = await live();
    const other = await aRecruiter();
    expect((await other.confirm(id)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
    expect((await other.confirm("none")).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  });
});

describe("a board to which a person posts", () => {
  it("says so, and shows what becomes of each field in its form", async () => {
    const { journey } = await aRecruiter();
    const query = "{ providers(kind: JOB_BOARD) { id capabilities availability jobFields { name sentAs } } }";
    const { providers } = dataOf(await journey.caller.query(query));
    expect(providers.find(({ id }: Json) => id === "WELLFOUND")).toMatchObject({
      availability: "READY",
      capabilities: ["POST_BY_HAND"],
      jobFields: expect.arrayContaining([{ name: "title", sentAs: "Job title" }]),
    });
  });
});
