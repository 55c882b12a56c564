import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/monster/switches.ts";
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

const postingFields = `id state operation expiresAt nextLookAt versionSent problem { code } liveStatus { status }
  job { applications { nodes { id boardApplicationId candidate { fullName email } files { fileName state problem { code } } steps { disposition } } } }`;

async function aCompany(values: Record<string, string> = { easyApplyKey: "easy-apply-key" }) {
  const tenantId = `tenant-${randomUUID()}`;
  const recruiter = `x${tenantId.slice(7, 15)}`;
  const { userName, password } = sandbox.monster.createAccount(recruiter);
  const as = async (userId: string) => new Journey(await app.as({ tenantId, userId }));
  const [journey, bo] = [await as("ana"), await as("bo")];
  const credentials = Object.entries({ userName, password, recruiter, ...values }).map(([name, value]) => ({
    name,
    value,
  }));
  const connected = await journey.mutate(
    "connectIntegration",
    { provider: "MONSTER", credentials },
    "integration { id status accountName applicationsUrl }",
  );
  const job = {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: "<p>You talk with customers, and mend what they show you.</p>",
    location: { city: "Austin", region: "TX", country: "US" },
    company: { name: "Muster Bridges" },
    applyUrl: "https://careers.example.test/apply/1",
    applyMethod: "BOARD_NATIVE",
  };
  const posting = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { jobPosting(id: $id) { ${postingFields} } }`, { id }))
      .jobPosting;
  const until = (id: string, state: string): Promise<Json> =>
    eventually(
      `a posting that is ${state}`,
      () => posting(id),
      (one) => one.state === state && one.operation === null,
    );
  const post = async (): Promise<string> => {
    const input = { jobId: `job-${randomUUID()}`, job, integrationIds: [connected.integration.id] };
    const { results } = await journey.mutate(
      "postJob",
      input,
      "results { jobPosting { id state } userErrors { code } }",
    );
    expect(results[0].jobPosting.state).toBe("PENDING_APPROVAL");
    await bo.mutate("approveJobPosting", { id: results[0].jobPosting.id }, "jobPosting { id }");
    return results[0].jobPosting.id;
  };
  const stored = () => {
    const found = sandbox.monster.jobs().findLast(({ jobRefCode }) => jobRefCode === job.externalReference);
    if (!found) throw new Error("Monster has no such job");
    return found;
  };
  const applicationsOf = async (id: string): Promise<Json[]> => (await posting(id)).job.applications.nodes;
  const received = (id: string, count: number) =>
    eventually(
      `${count} applications`,
      () => applicationsOf(id),
      ({ length }) => length === count,
    );
  return { journey, bo, connected, password, job, post, posting, until, stored, applicationsOf, received };
}

describe("a job at Monster", () => {
  it("waits for approval, because it takes inventory, is live by Monster's answer, and can be changed and taken off", async () => {
    const { journey, connected, password, job, post, posting, until, stored } = await aCompany();
    expect(connected).toMatchObject({ integration: { status: "ACTIVE" }, userErrors: [] });
    const id = await post();
    expect(await until(id, "LIVE")).toMatchObject({ liveStatus: { status: "LIVE" }, problem: null });
    await journey.mutate("updateJobPosting", { id, job: { ...job, title: "Welder" } }, "jobPosting { id }");
    await eventually(
      "the change is sent",
      () => posting(id),
      ({ versionSent }) => versionSent === 2,
    );
    expect(stored().job.title).toBe("Welder");
    await journey.mutate("closeJobPosting", { id }, "jobPosting { id }");
    await until(id, "CLOSED");
    expect(sandbox.monster.isOpen(stored())).toBe(false);
    expect(JSON.stringify([app.logLines, await journey.log()])).not.toContain(password);
  });

  it("is over when its days are, though nobody can ask Monster", async () => {
    const { journey, connected, post, posting, until } = await aCompany();
    const id = await post();
    const { expiresAt } = await until(id, "LIVE");
    const { syncRun } = await journey.mutate(
      "syncIntegration",
      { integrationId: connected.integration.id },
      "syncRun { id }",
    );
    const asked = () => journey.caller.query(`{ syncRun(id: "${syncRun.id}") { state postingsAsked applications } }`);
    const run = await eventually(
      "the sync",
      async () => dataOf(await asked()).syncRun,
      ({ state }) => state === "SUCCEEDED",
    );
    expect(run).toMatchObject({ postingsAsked: 0, applications: "PUSH_ONLY" });
    expect((await posting(id)).nextLookAt).toBe(expiresAt);
    await time.pass(31 * dayMs);
    expect(await until(id, "EXPIRED")).toMatchObject({ liveStatus: { status: "GONE" }, nextLookAt: null });
  });

  it("waits for more inventory, and is posted once there is", async () => {
    const { post, posting, until, connected } = await aCompany();
    const recruiter = connected.integration.accountName;
    sandbox.monster.setInventory(recruiter, 0);
    const id = await post();
    await eventually(
      "the first attempt",
      async () => sandbox.requests.some(({ body }) => body.includes(recruiter) && body.includes("<Job ")),
      Boolean,
    );
    expect((await posting(id)).operation).toBe("POST");
    sandbox.monster.setInventory(recruiter, 1);
    await time.pass(6 * 60 * 60 * 1000);
    await until(id, "LIVE");
  });
});

describe("an application at Monster", () => {
  it.each(["v1-json", "v1-xml", "v2-json"] as const)(
    "comes in once, with its résumé, and nobody hears of it: %s",
    async (easyApply) => {
      sandbox.monster.switches.easyApply = easyApply;
      const { journey, post, until, stored, received, applicationsOf } = await aCompany();
      const id = await post();
      await until(id, "LIVE");
      const sent = await sandbox.monster.apply(stored().postingId, {
        firstName: "Żółć",
        lastName: "李",
        email: "z@example.test",
      });
      expect(sent.delivery.outcome).toBe("delivered");
      const [application] = await received(id, 1);
      expect(application).toMatchObject({
        candidate: { fullName: "Żółć 李", email: "z@example.test" },
        files: [{ fileName: expect.stringMatching(/\.pdf$/), state: "STORED" }],
        steps: [{ disposition: "NOT_TOLD" }],
      });
      await sandbox.monster.replay(sent.id);
      await sandbox.monster.apply(stored().postingId, { email: "Z@example.test" });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await applicationsOf(id)).toHaveLength(1);
      const step = { id: application.id, status: "REJECTED" };
      expect(
        (await journey.mutate("updateJobApplicationStatus", step, "jobApplication { id }")).userErrors,
      ).toMatchObject([{ code: "UNSUPPORTED_CAPABILITY" }]);
      Object.assign(sandbox.monster.switches, defaultSwitches());
    },
  );

  it("is refused unless it brings back what Monster was given, at whichever address", async () => {
    const { post, until, stored, applicationsOf } = await aCompany();
    const id = await post();
    await until(id, "LIVE");
    const { apply } = stored().job;
    if (apply.by !== "form") throw new Error("Nobody can apply");
    const send = (body: string, url = apply.postUrl) =>
      fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const application = { integratedApplyID: randomUUID(), jobRefCode: stored().jobRefCode, applicant: {} };
    expect((await send(JSON.stringify({ ...application, vendorText: "guessed" }))).status).toBe(401);
    expect((await send("no JSON")).status).toBe(401);
    const right = JSON.stringify({ ...application, vendorText: apply.vendorText });
    expect((await send(right, `${apply.postUrl}x`)).status).toBe(404);
    expect(
      (await send(JSON.stringify({ ...application, jobRefCode: "REF-none", vendorText: apply.vendorText }))).status,
    ).toBe(200);
    expect(await applicationsOf(id)).toEqual([]);
  });

  it("to a job that is closed comes in like any other, and one with a file of 12 MB without it", async () => {
    const { journey, post, until, stored, received } = await aCompany();
    const id = await post();
    await until(id, "LIVE");
    const { postingId } = stored();
    await sandbox.monster.apply(postingId, { email: "big@example.test", resumeBytes: 12 * 1024 * 1024 });
    const [application] = await received(id, 1);
    expect(application.files).toMatchObject([{ state: "REFUSED", problem: { code: "INVALID_INPUT" } }]);
    const { apply, ...rest } = stored().job;
    await journey.mutate("closeJobPosting", { id }, "jobPosting { id }");
    await until(id, "CLOSED");
    if (apply.by !== "form") throw new Error(`Nobody can apply to ${rest.title}`);
    const body = JSON.stringify({
      integratedApplyID: randomUUID(),
      jobRefCode: stored().jobRefCode,
      vendorText: apply.vendorText,
      applicant: { firstName: "Late", emailAddress: "late@example.test" },
    });
    expect(
      (await fetch(apply.postUrl, { method: "POST", headers: { "content-type": "application/json" }, body })).status,
    ).toBe(200);
    await received(id, 2);
  });

  it("is not made at Monster without a key of Easy Apply: candidates are sent to the job's address", async () => {
    const { post, until, stored } = await aCompany({});
    await until(await post(), "LIVE");
    expect(stored().job.apply).toEqual({ by: "url", url: "https://careers.example.test/apply/1" });
  });
});
