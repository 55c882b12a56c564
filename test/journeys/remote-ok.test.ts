import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { MovableTime } from "../support/movable-time.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

const dayMs = 86_400_000;
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

const postingFields = `id state operation boardState boardUrl renewsAt nextLookAt approval { state } cost { unit }
  liveStatus { status how } manualTask { operation url entries { label value } } applyLink { url }`;

/** Ana posts, Bo approves, and somebody enters it at Remote OK. */
async function aPostedJob() {
  const tenantId = `tenant-${randomUUID()}`;
  const as = async (userId: string) => new Journey(await app.as({ tenantId, userId }));
  const [journey, bo] = [await as("ana"), await as("bo")];
  const { integration } = await journey.mutate(
    "connectIntegration",
    { provider: "REMOTE_OK", credentials: [{ name: "company", value: `Muster ${tenantId}` }] },
    "integration { id status }",
  );
  const job = {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: "<p>You mend bridges.</p>",
    workplaceType: "REMOTE",
    company: { name: `Muster ${tenantId}` },
    applyUrl: "https://careers.example.test/apply/1",
  };
  const posted = await journey.mutate(
    "postJob",
    { jobId: `job-${randomUUID()}`, job, integrationIds: [integration.id] },
    `results { jobPosting { ${postingFields} } }`,
  );
  const waiting: Json = posted.results[0].jobPosting;
  const { id } = waiting;
  const posting = async (): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id }))
      .jobPosting;
  await bo.mutate("approveJobPosting", { id }, "jobPosting { state }");
  const { manualTask, applyLink } = await posting();
  const entered = Object.fromEntries(manualTask.entries.map(({ label, value }: Json) => [label, value]));
  const enter = (isRenewed = true) =>
    sandbox.remoteOk.post(
      {
        company: entered["Company name"],
        position: entered["Position"],
        description: entered["Job description"],
        applyUrl: entered["Apply URL"],
      },
      isRenewed,
    );
  const confirm = (words: Record<string, unknown> = {}): Promise<Json> =>
    journey.mutate("confirmJobPosting", { id, ...words }, `jobPosting { ${postingFields} }`);
  const reminders = async () =>
    (await journey.log()).filter((event: Json) => event.type === "job_posting.renewal_due" && event.subjectId === id);
  return { journey, bo, id, job, waiting, manualTask, applyLink, posting, enter, confirm, reminders };
}

describe("a job at Remote OK", () => {
  it("waits for approval, because it is paid for, and is then somebody's task", async () => {
    const { waiting, manualTask, applyLink } = await aPostedJob();
    expect(waiting).toMatchObject({
      state: "PENDING_APPROVAL",
      approval: { state: "PENDING" },
      cost: { unit: "post of 30 days, renewed until it is ended" },
      manualTask: null,
    });
    expect(manualTask).toMatchObject({ operation: "POST", url: `${sandbox.origin}/remote-ok/hire-remotely` });
    expect(manualTask.entries).toContainEqual({ label: "Apply URL", value: applyLink.url });
  });

  it("is seen on the public list after somebody has sent it, without a word from them", async () => {
    const { enter, confirm, posting } = await aPostedJob();
    const { url } = enter();
    expect((await confirm({ outcome: "SENT" })).jobPosting).toMatchObject({ state: "SUBMITTED" });
    await time.pass(2 * 60 * 60 * 1000);
    const seen = await eventually("the list is read", posting, ({ state }) => state === "LIVE");
    expect(seen).toMatchObject({
      boardUrl: url,
      boardState: "listed",
      liveStatus: { status: "LIVE", how: "The board was asked for its status." },
    });
    expect(seen.renewsAt).not.toBeNull();
  });

  it("that somebody confirmed stays LIVE though the list does not have it any more", async () => {
    const { enter, confirm, posting } = await aPostedJob();
    const { url } = enter();
    await confirm({ url });
    sandbox.remoteOk.switches.listLength = 0;
    await time.pass(13 * 60 * 60 * 1000);
    const looked = async () => (await posting()).nextLookAt;
    const before = await looked();
    await eventually("the list is read", looked, (at) => at !== before);
    expect(await posting()).toMatchObject({ state: "LIVE", liveStatus: { status: "LIVE" } });
    sandbox.remoteOk.switches.listLength = 100;
  });

  it("has whoever posted it reminded once, a week before each renewal, until it is closed", async () => {
    const { enter, confirm, posting, reminders, journey, id } = await aPostedJob();
    const { url } = enter();
    const { jobPosting } = await confirm({ url });
    const renewsAt = new Date(jobPosting.renewsAt).getTime();
    expect(renewsAt - time.now().getTime()).toBeGreaterThan(29 * dayMs);
    await time.pass(22 * dayMs);
    expect(await reminders()).toHaveLength(0);
    await time.pass(1.5 * dayMs);
    await eventually("the reminder", reminders, ({ length }) => length === 1);
    await time.pass(3 * dayMs);
    await time.pass(5 * dayMs);
    const next = async () => new Date((await posting()).renewsAt).getTime();
    await eventually("the renewal is over", next, (at) => at === renewsAt + 30 * dayMs);
    expect(await reminders()).toHaveLength(1);
    await time.pass(22.5 * dayMs);
    await eventually("the second reminder", reminders, ({ length }) => length === 2);
    await journey.mutate("closeJobPosting", { id }, "jobPosting { id }");
    expect((await confirm()).jobPosting).toMatchObject({ state: "CLOSED", renewsAt: null });
    await time.pass(40 * dayMs);
    expect(await reminders()).toHaveLength(2);
  });

  it("costs anew when it is opened again, and is approved anew", async () => {
    const { enter, confirm, journey, bo, id, posting } = await aPostedJob();
    await confirm({ url: enter().url });
    await journey.mutate("closeJobPosting", { id }, "jobPosting { id }");
    await confirm();
    await journey.mutate("reopenJobPosting", { id }, "jobPosting { id }");
    expect(await posting()).toMatchObject({ state: "PENDING_APPROVAL", manualTask: null });
    await bo.mutate("approveJobPosting", { id }, "jobPosting { id }");
    expect(await posting()).toMatchObject({ state: "PENDING_MANUAL", manualTask: { operation: "REOPEN" } });
  });
});
