import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { challengeResponse } from "../../sandbox/linkedin/signature.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/sandbox.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

async function aSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ port: 0, ...options });
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

const api = (sandbox: Sandbox, path = "google-calendar/calendar/v3/colors") => fetch(`${sandbox.origin}/${path}`);
const control = (sandbox: Sandbox, method: string, path: string, body?: unknown) =>
  fetch(`${sandbox.origin}/_control/${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });

describe("the stand-ins", () => {
  it("listen on this machine alone, and say what they are", async () => {
    const sandbox = await aSandbox();
    expect(sandbox.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(sandbox.origin)).text()).toContain("Stand-ins of vendors");
    expect((await fetch(`${sandbox.origin}/nobody`)).status).toBe(404);
  });

  it("are told where the service takes the messages for all accounts", async () => {
    const sandbox = await aSandbox();
    const secret = sandbox.settings["LINKEDIN_CLIENT_SECRET"] ?? "";
    const service = await serveOnLoopback(({ url }, response) => {
      const challengeCode = new URL(url, "http://service").searchParams.get("challengeCode") ?? "";
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ challengeCode, challengeResponse: challengeResponse(challengeCode, secret) }));
    });
    await sandbox.serviceListens(service.origin);
    const url = `${service.origin}/webhooks/linkedin/operator`;
    expect(sandbox.linkedin.registeredWebhooks).toMatchObject([
      { type: "RESYNC_JOBS", url },
      { type: "JOB_STATUS_CHANGE", url },
    ]);
    expect(sandbox.ziprecruiter.state.save()).toMatchObject({
      webhookUrl: `${service.origin}/webhooks/ziprecruiter/operator`,
    });
  });

  it("go on where the service does not answer yet", async () => {
    const sandbox = await aSandbox();
    expect(await sandbox.serviceListens("http://127.0.0.1:1")).toBeUndefined();
    expect(sandbox.linkedin.registeredWebhooks).toEqual([]);
  });

  it("say how the service is configured to use them", async () => {
    const { settings, origin } = await aSandbox();
    expect(settings).toMatchObject({ GOOGLE_CALENDAR_BASE_URL: `${origin}/google-calendar/` });
    expect(Object.values(settings).every((value) => value !== "")).toBe(true);
  });

  it("go on where they were when they are started again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    first.googleCalendar.createAccount({ email: "zoe@example.test" });
    await first.stop();
    const again = await aSandbox({ stateFile, seed: true });
    expect(again.googleCalendar.accounts()).toEqual(expect.arrayContaining(["ana@example.test", "zoe@example.test"]));
    expect(again.googleCalendar.api.events("ana@example.test").length).toBeGreaterThan(2);
  });
});

describe("the stand-ins that speak CalDAV", () => {
  it.each(["icloud", "fastmail", "nextcloud"] as const)("%s begins with a week, and keeps it", async (vendor) => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const objectsOf = ({ [vendor]: twin }: Sandbox) =>
      twin.client.calendarUrls("ana@example.test").flatMap((url) => twin.client.objects("ana@example.test", url));
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    const before = objectsOf(first);
    await first.stop();
    expect(before.length).toBeGreaterThan(2);
    expect(objectsOf(await aSandbox({ stateFile, seed: true }))).toEqual(before);
  });
});

describe("a fault", () => {
  it.each([
    { fault: "rate-limited", status: 429, retryAfter: null },
    { fault: "rate-limited-with-retry-after", status: 429, retryAfter: "7" },
    { fault: "quota", status: 403, retryAfter: null },
    { fault: "down", status: 503, retryAfter: null },
    { fault: "backend-error", status: 500, retryAfter: null },
    { fault: "unauthorized", status: 401, retryAfter: null },
    { fault: "html", status: 200, retryAfter: null },
  ] as const)("$fault is $status, as often as it was asked for", async ({ fault, status, retryAfter }) => {
    const sandbox = await aSandbox();
    sandbox.googleCalendar.fail(fault, { times: 1 });
    const reply = await api(sandbox);
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([status, retryAfter]);
    // Without a token the API itself says 401.
    expect((await api(sandbox)).status).toBe(401);
  });

  it("can close the connection, and cut an answer in two", async () => {
    const sandbox = await aSandbox();
    sandbox.googleCalendar.fail("hung-up", { times: 1 });
    await expect(api(sandbox)).rejects.toThrow();
    sandbox.googleCalendar.fail("truncated", { times: 1 });
    await expect((await api(sandbox)).json()).rejects.toThrow();
  });

  it("meets the same requests for the same seed", async () => {
    const met = async () => {
      const sandbox = await aSandbox();
      sandbox.googleCalendar.fail("down", { probability: 0.5, seed: 42 });
      const statuses: number[] = [];
      for (let n = 0; n < 12; n += 1) statuses.push((await api(sandbox)).status);
      return statuses;
    };
    const first = await met();
    expect(new Set(first)).toEqual(new Set([401, 503]));
    expect(await met()).toEqual(first);
  });

  it("meets requests of one method alone, where it is told so", async () => {
    const sandbox = await aSandbox();
    sandbox.googleCalendar.fail("down", { method: "POST" });
    expect((await api(sandbox)).status).toBe(401);
    const posted = await fetch(`${sandbox.origin}/google-calendar/calendar/v3/colors`, { method: "POST" });
    expect(posted.status).toBe(503);
  });

  it("spares as many requests as it was told, and ends when it is told to", async () => {
    const sandbox = await aSandbox();
    const end = sandbox.googleCalendar.fail("down", { after: 1 });
    expect([(await api(sandbox)).status, (await api(sandbox)).status]).toEqual([401, 503]);
    end();
    expect((await api(sandbox)).status).toBe(401);
  });
});

describe("the controls", () => {
  it("show accounts and requests, and forget requests", async () => {
    const sandbox = await aSandbox({ seed: true });
    await api(sandbox);
    expect(await (await control(sandbox, "GET", "state")).json()).toMatchObject({
      twins: expect.arrayContaining([
        expect.objectContaining({ name: "google-calendar", accounts: expect.arrayContaining(["ana@example.test"]) }),
      ]),
    });
    const { requests } = await (await control(sandbox, "GET", "requests")).json();
    expect(requests).toMatchObject([
      { twin: "google-calendar", method: "GET", path: "/calendar/v3/colors", status: 401 },
    ]);
    await control(sandbox, "DELETE", "requests");
    expect((await (await control(sandbox, "GET", "requests")).json()).requests).toEqual([]);
  });

  it("move the clock, arm faults, and tell a twin to do something", async () => {
    const sandbox = await aSandbox();
    const { now } = await (await control(sandbox, "POST", "clock", { advanceMs: 3_600_000 })).json();
    expect(Date.parse(now)).toBeGreaterThan(Date.now() + 3_500_000);
    await control(sandbox, "POST", "faults", { twin: "google-calendar", fault: "down", times: 1 });
    expect((await api(sandbox)).status).toBe(503);
    await control(sandbox, "POST", "google-calendar/create-account", { email: "new@example.test" });
    expect(sandbox.googleCalendar.accounts()).toContain("new@example.test");
  });

  it.each([
    ["POST", "clock", {}, "advanceMs"],
    ["POST", "faults", { twin: "nobody" }, "google-calendar"],
    ["POST", "faults", { twin: "google-calendar", fault: "sleepy" }, "truncated"],
    ["POST", "google-calendar/dance", {}, "create-account"],
    ["GET", "nothing", undefined, "GET /"],
  ])("say what there is when asked for %s %s", async (method, path, body, says) => {
    const reply = await control(await aSandbox(), method, path, body);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect((await reply.json()).error).toContain(says);
  });
});
