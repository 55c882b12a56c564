import { describe, expect, it } from "vitest";
import { anOutlook, hour } from "../support/graph-client.ts";

const json = { "content-type": "application/json" };

describe("a mailbox", () => {
  it("answers four requests of an app at a time, and the fifth with 429", async () => {
    const { twin, ana, signIn } = await anOutlook();
    twin.createAccount({ email: "bo@example.test" });
    const bo = await signIn("bo@example.test");
    twin.switches.latencyMs = 300;
    const replies = await Promise.all([...Array(5).fill(ana), bo].map((one) => one.get("/me/calendar")));
    const statuses = replies.map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 200, 429]);
    expect(statuses[5]).toBe(200);
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.body.error.code).toBe("ApplicationThrottled");
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await ana.get("/me/calendar")).status).toBe(200);
  });

  it("answers so many requests in ten minutes, and then again after Retry-After", async () => {
    const { sandbox, twin, ana } = await anOutlook();
    twin.switches.requestsPerTenMinutes = 2;
    expect((await ana.get("/me")).status + (await ana.get("/me")).status).toBe(400);
    const refused = await ana.get("/me");
    const seconds = Number(refused.headers.get("retry-after"));
    expect([refused.status, seconds > 590]).toEqual([429, true]);
    sandbox.clock.advance(seconds * 1000);
    expect((await ana.get("/me")).status).toBe(200);
  });
});

describe("a failure", () => {
  it.each([
    { fault: "rate-limited", status: 429, code: "ApplicationThrottled" },
    { fault: "quota", status: 429, code: "activityLimitReached" },
    { fault: "down", status: 503, code: "serviceNotAvailable" },
    { fault: "backend-error", status: 500, code: "ErrorInternalServerError" },
    { fault: "unauthorized", status: 401, code: "InvalidAuthenticationToken" },
  ] as const)("$fault is worded as Graph words it: $status $code", async ({ fault, status, code }) => {
    const { twin, ana } = await anOutlook();
    twin.fail(fault, { times: 1 });
    const reply = await ana.get("/me");
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
    expect(reply.headers.get("request-id")).toBe(reply.body.error.innerError["request-id"]);
    expect((await ana.get("/me")).status).toBe(200);
  });
});

describe("a batch", () => {
  it("answers each of its requests by id, at most four at a time", async () => {
    const { twin, ana } = await anOutlook();
    twin.switches.latencyMs = 20;
    const requests = Array.from({ length: 20 }, (_, n) => ({
      id: String(n),
      method: "POST",
      url: "/me/events",
      headers: json,
      body: { subject: `Event ${n}`, ...hour(2) },
    }));
    const { status, body } = await ana.post("/$batch", { requests });
    expect(status).toBe(200);
    expect(body.responses.map((one: { status: number }) => one.status)).toEqual(Array(20).fill(201));
    const seventh = body.responses.find(({ id }: { id: string }) => id === "7");
    expect(seventh.body.subject).toBe("Event 7");
    expect((await ana.post("/$batch", { requests: [...requests, { ...requests[0], id: "20" }] })).status).toBe(400);
  });

  it("leaves out with 424 what depends on something that failed", async () => {
    const { ana } = await anOutlook();
    const { body } = await ana.post("/$batch", {
      requests: [
        { id: "last", method: "GET", url: "/me", dependsOn: ["second"] },
        { id: "second", method: "GET", url: "/me/calendar", dependsOn: ["first"] },
        { id: "first", method: "GET", url: "/me/events/nothing" },
      ],
    });
    const statuses = body.responses.map(({ id, status }: { id: string; status: number }) => [id, status]);
    expect(Object.fromEntries(statuses)).toEqual({ first: 404, second: 424, last: 424 });
  });

  it("refuses a body whose kind is not said, and counts each request as one", async () => {
    const { twin, ana } = await anOutlook();
    const event = { subject: "One", ...hour(2) };
    const post = { id: "1", method: "POST", url: "/me/events", body: event };
    const { body } = await ana.post("/$batch", { requests: [post] });
    expect(body.responses[0].status).toBe(400);
    twin.switches.requestsPerTenMinutes = 2;
    const requests = ["2", "3"].map((id) => ({ ...post, id, headers: json }));
    const limited = await ana.post("/$batch", { requests });
    const refused = limited.body.responses.find(({ status }: { status: number }) => status === 429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  });
});
