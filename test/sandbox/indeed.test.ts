import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { aReceiver } from "../support/apply-receiver.ts";
import { aJob, aJobWithApply, anIndeed, createdIn, createQuery } from "../support/indeed-client.ts";

describe("a fault of Indeed's", () => {
  it.each([
    { fault: "rate-limited", status: 429, says: "Too many requests" },
    { fault: "quota", status: 429, says: "Too many requests" },
    { fault: "down", status: 200, says: "DOWNSTREAM_SERVICE_ERROR" },
    { fault: "backend-error", status: 200, says: "INTERNAL_SERVER_ERROR" },
    { fault: "unauthorized", status: 200, says: "UNAUTHENTICATED" },
  ] as const)("is worded as Indeed does: $fault", async ({ fault, status, says }) => {
    const { twin, create } = await anIndeed();
    twin.fail(fault, { times: 1 });
    const answer = await create(aJob());
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringContaining(says)]);
    expect(twin.postings()).toEqual([]);
    expect((await create(aJob())).body.errors).toBeUndefined();
  });

  it("can have a status of its own, where the whole of Indeed is down", async () => {
    const { twin, create } = await anIndeed();
    twin.switches.troubleStatus = 503;
    twin.fail("down", { times: 1 });
    expect((await create(aJob())).status).toBe(503);
  });

  it.each([
    { fault: "rate-limited", status: 429, says: "temporarily_unavailable" },
    { fault: "quota", status: 429, says: "temporarily_unavailable" },
    { fault: "down", status: 503, says: "Service Unavailable" },
    { fault: "backend-error", status: 500, says: "server_error" },
    { fault: "unauthorized", status: 401, says: "invalid_client" },
  ] as const)("at the token endpoint has a status: $fault", async ({ fault, status, says }) => {
    const { twin, sandbox } = await anIndeed();
    twin.fail(fault, { on: "token", times: 1 });
    const reply = await fetch(sandbox.settings["INDEED_TOKEN_URL"] ?? "", { method: "POST" });
    expect([reply.status, await reply.text()]).toEqual([status, expect.stringContaining(says)]);
  });

  it("says when to come back, where it is asked to", async () => {
    const { twin, create } = await anIndeed();
    twin.fail("rate-limited-with-retry-after", { times: 1 });
    const { status, headers } = await create(aJob());
    expect([status, headers.get("retry-after")]).toEqual([429, "7"]);
  });

  it("can cost the answer to a job that was taken", async () => {
    const { twin, origin, token } = await anIndeed();
    const { access_token: bearer } = (await token()).body;
    const post = () =>
      fetch(`${origin}/graphql`, {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}` },
        body: JSON.stringify({ query: createQuery, variables: { input: { jobPostings: [aJob()] } } }),
      });
    twin.fail("truncated", { times: 1 });
    await expect((await post()).json()).rejects.toThrow();
    twin.fail("html", { times: 1 });
    expect((await post()).headers.get("content-type")).toBe("text/html");
    twin.fail("hung-up", { times: 1 });
    await expect(post()).rejects.toThrow();
    expect(twin.postings()).toHaveLength(1);
  });

  it("does not meet a cursor, since there is none", async () => {
    const { twin, create } = await anIndeed();
    twin.fail("cursor-gone");
    expect((await create(aJob())).body.errors).toBeUndefined();
  });
});

describe("Indeed's pages", () => {
  const pageOf = async (url: string, form?: Readonly<Record<string, string>>) => {
    const reply = await fetch(url, form ? { method: "POST", body: new URLSearchParams(form) } : {});
    return { status: reply.status, text: await reply.text() };
  };

  it("are empty at first, and are named by the front page", async () => {
    const { sandbox, origin } = await anIndeed();
    expect((await pageOf(`${origin}/jobs`)).text).toContain("There are none yet");
    expect((await pageOf(sandbox.origin)).text).toContain(`${origin}/jobs`);
    expect((await pageOf(`${origin}/jobs/abc`)).status).toBe(404);
    expect((await pageOf(`${origin}/nothing`)).status).toBe(404);
  });

  it("show a job, make it live, and send an application with its answers", async () => {
    const { twin, origin, create } = await anIndeed();
    const receiver = await aReceiver();
    const options = [{ value: "n", label: "Night" }];
    const questions = [
      { id: "why", type: "textarea", question: "Why <us>?", required: true },
      { id: "shifts", type: "multiselect", question: "Which?", options },
    ];
    const details = { applyQuestionsDetails: { schemaVersion: "1.3", screenerQuestions: { questions } } };
    await create(aJobWithApply(`${receiver.origin}/apply`, details));
    const page = `${origin}/jobs/${twin.posting("JOB-1")?.jobKey}`;
    const list = (await pageOf(`${origin}/jobs`)).text;
    for (const part of [
      "Senior Engineer",
      "Austin, TX 78701",
      "is being checked",
      "$90,000.00 to $120,000.00 a year",
    ]) {
      expect(list).toContain(part);
    }
    expect((await pageOf(page)).text).toContain("Show it now");
    const live = (await pageOf(`${page}/index`, {})).text;
    expect(live).toContain("Why &#60;us&#62;?");
    const person = { firstName: "Bo", lastName: "Li", email: "bo@example.test", phone: "", resumeText: "I build." };
    const refused = await pageOf(`${page}/apply`, person);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining("why has to be answered")]);
    const sent = await pageOf(`${page}/apply`, { ...person, "answer:why": "Bridges", "answer:shifts[]": "n" });
    expect([sent.status, sent.text]).toEqual([200, expect.stringContaining("Sent")]);
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toMatchObject({
      applicant: { fullName: "Bo Li", email: "bo@example.test", resume: { text: "I build." } },
      screenerQuestionsAndAnswers: { questionsAndAnswers: [{ answer: "Bridges" }, { answer: ["n"] }] },
    });
  });

  it("show at Glassdoor what is live on Indeed, and send the same applications", async () => {
    const { twin, origin, create } = await anIndeed();
    const receiver = await aReceiver();
    const { sourcedPostingId } = createdIn(await create(aJobWithApply(`${receiver.origin}/apply`)));
    const page = `${origin}/glassdoor/jobs/${twin.posting("JOB-1")?.jobKey}`;
    expect((await pageOf(page)).status).toBe(404);
    twin.indexNow(sourcedPostingId);
    expect((await pageOf(`${origin}/glassdoor/jobs`)).text).toContain(page);
    await pageOf(`${page}/apply`, { firstName: "Bo", lastName: "Li", email: "bo@example.test" });
    expect(receiver.requests).toHaveLength(1);
  });

  it("lead to the career site where applications do not go through Indeed", async () => {
    const { twin, origin, create, expire } = await anIndeed();
    const { sourcedPostingId } = createdIn(await create(aJob()));
    twin.indexNow(sourcedPostingId);
    const page = `${origin}/jobs/${twin.posting("JOB-1")?.jobKey}`;
    expect((await pageOf(page)).text).toContain('href="https://muster.example/jobs/1"');
    await expire(sourcedPostingId);
    expect((await pageOf(page)).text).toContain("ended");
    expect((await pageOf(page)).text).not.toContain("muster.example/jobs/1");
  });
});

describe("Indeed's twin", () => {
  it("says how the service is configured to use it", async () => {
    const { sandbox, origin } = await anIndeed();
    expect(sandbox.settings).toMatchObject({
      INDEED_CLIENT_ID: "sandbox-client",
      INDEED_BASE_URL: `${origin}/`,
      INDEED_AUTH_URL: `${origin}/oauth/v2/authorize`,
      INDEED_TOKEN_URL: `${origin}/oauth/v2/tokens`,
      INDEED_APPLY_API_TOKEN: "sandbox-apply-token",
    });
  });

  it("goes on where it was when it is started again, with what it had not delivered", async () => {
    const folder = await mkdtemp(join(tmpdir(), "indeed-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const receiver = await aReceiver(503);
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    first.indeed.switches.retryAfterSeconds = [3600];
    const { settings } = first;
    const token = await fetch(settings["INDEED_TOKEN_URL"] ?? "", {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: settings["INDEED_CLIENT_ID"] ?? "",
        client_secret: settings["INDEED_CLIENT_SECRET"] ?? "",
        scope: "employer_access",
        employer: "employer-1",
      }),
    });
    await fetch(`${settings["INDEED_BASE_URL"]}graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${(await token.json()).access_token}` },
      body: JSON.stringify({
        query: createQuery,
        variables: { input: { jobPostings: [aJobWithApply(receiver.origin)] } },
      }),
    });
    const { sourcedPostingId = "" } = first.indeed.posting("JOB-1") ?? {};
    first.indeed.indexNow(sourcedPostingId);
    await first.indeed.apply(sourcedPostingId);
    await first.stop();

    const again = await startSandbox({ port: 0, stateFile, seed: true });
    onTestFinished(() => again.stop());
    await again.indeed.settled();
    expect(again.indeed.accounts()).toEqual(["ana@example.test"]);
    expect(again.indeed.deliveries()).toMatchObject([
      { outcome: "delivered", attempts: [{ status: 503 }, { status: 200 }] },
    ]);
    expect(again.indeed.posting("JOB-1")).toMatchObject({
      sourcedPostingId,
      job: { body: { title: "Senior Engineer" } },
    });
  });

  it("does what it is told by commands", async () => {
    const { sandbox, twin, create } = await anIndeed();
    const receiver = await aReceiver();
    const tell = async (command: string, words: object = {}) => {
      const url = `${sandbox.origin}/_control/indeed/${command}`;
      return (await (await fetch(url, { method: "POST", body: JSON.stringify(words) })).json()).result;
    };
    await tell("create-account", { email: "mia@example.test", employerId: "e-9" });
    expect(twin.accounts()).toEqual(["mia@example.test"]);
    const { sourcedPostingId } = createdIn(await create(aJobWithApply(receiver.origin)));
    await tell("index-now", { sourcedPostingId });
    await tell("sponsor", { sourcedPostingId });
    expect(await tell("jobs")).toMatchObject([
      { sourcedPostingId, isSponsored: true, status: { lifecycle: "active" } },
    ]);
    expect(await tell("glassdoor-jobs")).toEqual([{ sourcedPostingId, title: "Senior Engineer" }]);
    const { id } = await tell("apply", { sourcedPostingId, email: "bo@example.test" });
    await tell("replay-application", { applyId: id });
    expect(receiver.requests).toHaveLength(2);
    await tell("retry-deliveries");
    expect(await tell("deliveries")).toMatchObject([{ id, outcome: "delivered" }]);
    expect(await tell("dispositions")).toEqual([]);
    await tell("set-switches", { liveAfterCalls: 9 });
    await tell("set-oauth-switches", { accessTokenSeconds: 9 });
    expect([twin.switches.liveAfterCalls, twin.oauth.accessTokenSeconds]).toEqual([9, 9]);
    await tell("expire-access-tokens");
    expect((await create(aJob())).body.errors[0].extensions.code).toBe("UNAUTHENTICATED");
  });
});
