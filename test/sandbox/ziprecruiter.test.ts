import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { aReceiver } from "../support/apply-receiver.ts";
import { aJob, aZipRecruiter } from "../support/ziprecruiter-client.ts";

describe("a fault of ZipRecruiter's", () => {
  it.each([
    { fault: "rate-limited", status: 429, says: "Too many requests" },
    { fault: "quota", status: 402, says: "No job slots are left" },
    { fault: "down", status: 503, says: "Service Temporarily Unavailable" },
    { fault: "backend-error", status: 500, says: "Internal server error" },
    { fault: "unauthorized", status: 401, says: "The API key is not valid" },
  ] as const)("has a status of its own: $fault", async ({ fault, status, says }) => {
    const { twin, call } = await aZipRecruiter();
    twin.fail(fault, { times: 1 });
    const answer = await call("POST", "/job", aJob());
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringContaining(says)]);
    expect(twin.jobs()).toEqual([]);
    expect((await call("POST", "/job", aJob())).status).toBe(200);
  });

  it("says when to come back, where it is asked to", async () => {
    const { twin, call } = await aZipRecruiter();
    twin.fail("rate-limited-with-retry-after", { times: 1 });
    const { status, headers } = await call("POST", "/job", aJob());
    expect([status, headers.get("retry-after")]).toEqual([429, "7"]);
  });

  it("can cost the answer to a job that was made, which a second POST tells", async () => {
    const { twin, call } = await aZipRecruiter();
    twin.fail("truncated", { times: 1 });
    await expect(call("POST", "/job", aJob())).rejects.toThrow();
    expect((await call("POST", "/job", aJob())).status).toBe(409);
    twin.fail("hung-up", { times: 1 });
    await expect(call("GET", "/job/JOB-1")).rejects.toThrow();
    twin.fail("html", { times: 1 });
    expect((await call("GET", "/job/JOB-1")).body).toContain("<title>");
  });

  it("does not meet a cursor, since there is none", async () => {
    const { twin, call } = await aZipRecruiter();
    twin.fail("cursor-gone");
    expect((await call("POST", "/job", aJob())).status).toBe(200);
  });
});

describe("ZipRecruiter's pages", () => {
  const pageOf = async (url: string, form?: Readonly<Record<string, string>>) => {
    const reply = await fetch(url, form ? { method: "POST", body: new URLSearchParams(form) } : {});
    return { status: reply.status, text: await reply.text() };
  };

  it("show the open jobs, and send an application with its answers", async () => {
    const { sandbox, twin, origin, call } = await aZipRecruiter();
    const receiver = await aReceiver();
    await twin.registerWebhook(receiver.origin);
    expect((await pageOf(sandbox.origin)).text).toContain(`${origin}/jobs`);
    expect((await pageOf(`${origin}/jobs`)).text).toContain("There are none yet");
    await call("POST", "/job", aJob("a/b"));
    await call("POST", "/job/a%2Fb/questions", [
      { question_id: "why", question: "Why?", required: true, type: "text" },
    ]);
    const list = (await pageOf(`${origin}/jobs`)).text;
    for (const part of ["Senior Engineer", "Muster Bridges", "Austin, TX, US", "90000 to 120000 USD"]) {
      expect(list).toContain(part);
    }
    const page = `${origin}/jobs/a%2Fb`;
    expect((await pageOf(page)).text).toContain("Why?");
    const person = { firstName: "Bo", lastName: "Li", email: "bo@example.test" };
    expect((await pageOf(`${page}/apply`, person)).status).toBe(422);
    expect((await pageOf(`${page}/apply`, { ...person, "answer:why": "Bridges" })).text).toContain("Sent");
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toMatchObject({
      job_id: "a/b",
      name: "Bo Li",
      answers: [{ question_id: "why", answer: "Bridges" }],
    });
    await call("DELETE", "/job/a%2Fb");
    expect((await pageOf(page)).status).toBe(404);
  });

  it("lead to the partner's own page where applications go there", async () => {
    const { origin, call } = await aZipRecruiter();
    await call("POST", "/job", { ...aJob(), apply_url: "https://muster.example/apply" });
    expect((await pageOf(`${origin}/jobs/JOB-1`)).text).toContain('href="https://muster.example/apply"');
  });
});

describe("ZipRecruiter's twin", () => {
  it("says how the service is configured to use it", async () => {
    const { sandbox, origin } = await aZipRecruiter();
    expect(sandbox.settings).toMatchObject({
      ZIPRECRUITER_BASE_URL: `${origin}/`,
      ZIPRECRUITER_API_KEY: expect.any(String),
      ZIPRECRUITER_WEBHOOK_SIGNING_KEY: expect.any(String),
    });
  });

  it("goes on where it was when it is started again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ziprecruiter-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    const headers = { authorization: `Basic ${first.settings["ZIPRECRUITER_API_KEY"]}` };
    await fetch(`${first.settings["ZIPRECRUITER_BASE_URL"]}partner/v0/job`, {
      method: "POST",
      headers,
      body: JSON.stringify(aJob()),
    });
    await first.ziprecruiter.apply("JOB-1");
    await first.stop();
    const again = await startSandbox({ port: 0, stateFile, seed: true });
    onTestFinished(() => again.stop());
    expect(again.ziprecruiter.accounts()).toEqual(["muster"]);
    const receiver = await aReceiver();
    await again.ziprecruiter.registerWebhook(receiver.origin);
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toMatchObject({ job_id: "JOB-1" });
  });

  it("does what it is told by commands", async () => {
    const { sandbox, twin, call } = await aZipRecruiter();
    const receiver = await aReceiver();
    const tell = async (command: string, words: object = {}) => {
      const url = `${sandbox.origin}/_control/ziprecruiter/${command}`;
      return (await (await fetch(url, { method: "POST", body: JSON.stringify(words) })).json()).result;
    };
    await call("POST", "/job", aJob());
    await tell("register-webhook", { url: receiver.origin });
    const { responseId, zrApplicationId } = await tell("apply", { jobId: "JOB-1", email: "bo@example.test" });
    expect(zrApplicationId).toEqual(expect.any(String));
    await tell("replay-application", { responseId });
    await tell("send-resume-database-candidate", { jobId: "JOB-1" });
    await tell("retry-deliveries");
    expect(receiver.requests).toHaveLength(3);
    expect(await tell("deliveries")).toMatchObject([{ id: responseId }, {}]);
    expect(await tell("signals")).toEqual([]);
    expect(await tell("boosts")).toEqual([]);
    expect(await tell("jobs")).toMatchObject([{ job: { job_id: "JOB-1" } }]);
    await tell("hide", { jobId: "JOB-1" });
    await tell("set-switches", { signs: false });
    expect([twin.job("JOB-1")?.isHidden, twin.switches.signs]).toEqual([true, false]);
  });
});
