import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { aRemoteJob, aWeWorkRemotely } from "../support/we-work-remotely-client.ts";

describe("a fault of We Work Remotely's", () => {
  it.each([
    { fault: "rate-limited", status: 429, says: "API rate limit exceeded" },
    { fault: "quota", status: 402, says: "no posts are left" },
    { fault: "down", status: 503, says: "Service Temporarily Unavailable" },
    { fault: "backend-error", status: 500, says: "Internal Server Error" },
    { fault: "unauthorized", status: 401, says: "Access denied" },
  ] as const)("has a status of its own: $fault", async ({ fault, status, says }) => {
    const { twin, call } = await aWeWorkRemotely();
    twin.fail(fault, { times: 1 });
    const answer = await call("POST", "/remote-jobs", aRemoteJob());
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringContaining(says)]);
    expect(twin.jobs()).toEqual([]);
    expect((await call("POST", "/remote-jobs", aRemoteJob())).status).toBe(201);
  });

  it("can cost the answer to a job that was made, which the listing tells", async () => {
    const { twin, call } = await aWeWorkRemotely();
    twin.fail("truncated", { times: 1 });
    await expect(call("POST", "/remote-jobs", aRemoteJob())).rejects.toThrow();
    expect((await call("GET", "/remote-jobs")).body).toMatchObject([{ title: "Senior Engineer" }]);
    twin.fail("hung-up", { times: 1 });
    await expect(call("GET", "/remote-jobs")).rejects.toThrow();
    twin.fail("html", { times: 1 });
    expect((await call("GET", "/remote-jobs")).body).toContain("<title>");
  });

  it("does not meet a cursor, since there is none", async () => {
    const { twin, call } = await aWeWorkRemotely();
    twin.fail("cursor-gone");
    expect((await call("POST", "/remote-jobs", aRemoteJob())).status).toBe(201);
  });
});

describe("We Work Remotely's pages", () => {
  const pageOf = async (url: string) => {
    const reply = await fetch(url);
    return { status: reply.status, text: await reply.text() };
  };

  it("show the open jobs, and lead to the company's own page or mailbox", async () => {
    const { sandbox, origin, call } = await aWeWorkRemotely();
    expect((await pageOf(sandbox.origin)).text).toContain(`${origin}/jobs`);
    expect((await pageOf(`${origin}/jobs`)).text).toContain("There are none yet");
    await call("POST", "/remote-jobs", aRemoteJob());
    await call("POST", "/remote-jobs", { ...aRemoteJob(), instructions: "jobs@muster.example" });
    const list = (await pageOf(`${origin}/jobs`)).text;
    const parts = ["Senior Engineer", "Muster Bridges", "Anywhere in the World", "Full-Time", "JavaScript", "Austin"];
    for (const part of parts) expect(list).toContain(part);
    const page = (await pageOf(`${origin}/jobs/100001`)).text;
    expect(page).toContain('href="https://muster.example/apply"');
    expect(page).toContain("Bridges since 1901.");
    expect((await pageOf(`${origin}/jobs/100002`)).text).toContain('href="mailto:jobs@muster.example"');
  });

  it("do not show what was canceled, or waits for a review", async () => {
    const { twin, origin, call } = await aWeWorkRemotely();
    await call("POST", "/remote-jobs", aRemoteJob());
    twin.cancel(100_001);
    twin.switches.reviews = true;
    await call("POST", "/remote-jobs", aRemoteJob());
    expect((await pageOf(`${origin}/jobs/100001`)).status).toBe(404);
    expect((await pageOf(`${origin}/jobs/100002`)).status).toBe(404);
    expect((await pageOf(`${origin}/nowhere`)).status).toBe(404);
  });
});

describe("We Work Remotely's twin", () => {
  it("says how the service is configured to use it", async () => {
    const { sandbox, origin } = await aWeWorkRemotely();
    expect(sandbox.settings).toMatchObject({ WE_WORK_REMOTELY_BASE_URL: `${origin}/` });
  });

  it("goes on where it was when it is started again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "we-work-remotely-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    const [token = ""] = first.weWorkRemotely.issuedSecrets();
    await fetch(`${first.settings["WE_WORK_REMOTELY_BASE_URL"]}api/v1/remote-jobs`, {
      method: "POST",
      headers: { authorization: `Token token=${token}` },
      body: JSON.stringify(aRemoteJob()),
    });
    await first.stop();
    const again = await startSandbox({ port: 0, stateFile, seed: true });
    onTestFinished(() => again.stop());
    expect(again.weWorkRemotely.accounts()).toEqual(["ana@example.test"]);
    expect(again.weWorkRemotely.jobs()).toMatchObject([{ id: 100_001, token }]);
    expect(again.weWorkRemotely.charges()).toHaveLength(1);
  });

  it("does what it is told by commands", async () => {
    const { sandbox, twin, call } = await aWeWorkRemotely();
    const tell = async (command: string, words: object = {}) => {
      const url = `${sandbox.origin}/_control/we-work-remotely/${command}`;
      return (await (await fetch(url, { method: "POST", body: JSON.stringify(words) })).json()).result;
    };
    const token = await tell("create-account", { email: "bo@example.test" });
    await call("POST", "/remote-jobs", aRemoteJob(), { authorization: `Token token=${token}` });
    expect(await tell("jobs")).toMatchObject([{ id: 100_001, job: { title: "Senior Engineer" } }]);
    expect(await tell("charges")).toMatchObject([{ amount: 299 }]);
    await tell("review", { jobId: 100_001, isApproved: false });
    expect(twin.jobs()).toMatchObject([{ status: "rejected" }]);
    await tell("review", { jobId: 100_001 });
    expect(twin.jobs()).toMatchObject([{ status: "approved" }]);
    await tell("cancel", { jobId: 100_001 });
    await tell("set-switches", { reviews: true });
    expect([twin.jobs()[0]?.status, twin.switches.reviews]).toEqual(["canceled", true]);
    await tell("revoke-token", { token });
    expect(twin.accounts()).toEqual(["ana@example.test"]);
  });
});
