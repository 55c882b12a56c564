import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { IntegrationError } from "../../src/errors.ts";
import {
  type AccountFetch,
  type AccountFetchOptions,
  createAccountFetch,
  type ObservedCall,
} from "../../src/providers/account-fetch.ts";
import type { CallGate, CallOutcome } from "../../src/providers/call-gate.ts";
import { readRetryAfter } from "../../src/providers/retry-after.ts";
import { createEgress, type EgressOptions } from "../../src/security/egress.ts";
import { createCertificate } from "../support/certificate.ts";
import { type Answer, serveOnLoopback } from "../support/loopback-server.ts";

const authorization = "Basic YW5uYTpzM2NyZXQ=";

interface AccountOptions extends Partial<AccountFetchOptions> {
  readonly inNobodysName?: boolean;
  readonly egress?: Partial<EgressOptions>;
}

function anAccountFetch(
  origins: readonly string[],
  { egress: rules, inNobodysName = false, ...options }: AccountOptions = {},
): AccountFetch {
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [], ...rules });
  onTestFinished(() => egress.close());
  const { fetch } = egress;
  return createAccountFetch(
    { provider: "CALDAV", fetch, userAgent: "product/1", ...options },
    { authorization: inNobodysName ? null : authorization, origins },
  );
}

const answer =
  (status: number, headers: Record<string, string> = {}, body = "canary-body"): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

const failureOf = (call: Promise<Response>): Promise<unknown> =>
  call.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("an account's fetch", () => {
  it("sends the account's authorization and the product's name", async () => {
    const { origin, requests } = await serveOnLoopback(answer(207));
    const reply = await anAccountFetch([origin])(`${origin}/cal/`, {
      method: "PROPFIND",
      headers: { depth: "1", authorization: "Basic b3RoZXI=" },
      body: "<propfind/>",
    });
    expect(reply.status).toBe(207);
    expect(requests).toMatchObject([
      {
        method: "PROPFIND",
        url: "/cal/",
        headers: { authorization, depth: "1", "user-agent": "product/1" },
        body: "<propfind/>",
      },
    ]);
  });

  it("sends none in nobody's name, and is led to no other origin all the same", async () => {
    const theirs = await serveOnLoopback(answer(200));
    const { origin, requests } = await serveOnLoopback(({ url }, response) =>
      response.writeHead(url === "/" ? 200 : 307, { location: theirs.origin }).end(),
    );
    const fetch = anAccountFetch([origin], { inNobodysName: true });
    await fetch(origin);
    await expect(fetch(`${origin}/away`)).rejects.toMatchObject({
      code: "EGRESS_REFUSED",
      message: `This leads on to 127.0.0.1:${theirs.port}`,
    });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    expect(theirs.requests).toEqual([]);
  });

  it("calls no origin but those of the account", async () => {
    const [ours, theirs] = [await serveOnLoopback(answer(200)), await serveOnLoopback(answer(200))];
    await expect(anAccountFetch([ours.origin])(theirs.origin)).rejects.toMatchObject({
      code: "EGRESS_REFUSED",
      message: expect.stringContaining(`127.0.0.1:${theirs.port}`),
      remedy: expect.stringContaining("connect again with that address"),
    });
    expect(theirs.requests).toEqual([]);
  });

  it("calls no private address although the account names it", async () => {
    const fetch = anAccountFetch(["https://10.0.0.1"]);
    await expect(fetch("https://10.0.0.1/")).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("keeps its authorization over a redirect on the same origin, and to another one of the account", async () => {
    const other = await serveOnLoopback(answer(207));
    const { origin, requests } = await serveOnLoopback(({ url }, response) =>
      response.writeHead(301, { location: url === "/old" ? "/new" : `${other.origin}/partition` }).end(),
    );
    const reply = await anAccountFetch([origin, other.origin])(`${origin}/old`, { method: "PROPFIND" });
    expect(reply.url).toBe(`${other.origin}/partition`);
    expect(requests[1]?.headers.authorization).toBe(authorization);
    expect(other.requests).toMatchObject([{ method: "PROPFIND", headers: { authorization } }]);
  });

  it("does not follow a redirect to a foreign origin, and names it", async () => {
    const foreign = await serveOnLoopback(answer(200));
    const { origin } = await serveOnLoopback(answer(302, { location: `${foreign.origin}/?token=canary` }));
    await expect(anAccountFetch([origin])(origin)).rejects.toMatchObject({
      code: "EGRESS_REFUSED",
      message: `The credentials of this account are not sent to 127.0.0.1:${foreign.port}`,
      remedy: expect.stringContaining("connect again with that address"),
    });
    expect(foreign.requests).toEqual([]);
  });

  it("hands a redirect to an adapter that asked for it", async () => {
    const { origin } = await serveOnLoopback(answer(301, { location: "https://elsewhere.test/dav/" }));
    const reply = await anAccountFetch([origin])(origin, { redirect: "manual" });
    expect(reply.headers.get("location")).toBe("https://elsewhere.test/dav/");
  });

  it.each([
    { status: 401, code: "CREDENTIALS_REJECTED" },
    { status: 429, code: "RATE_LIMITED" },
    { status: 500, code: "PROVIDER_UNAVAILABLE" },
    { status: 502, code: "PROVIDER_UNAVAILABLE" },
    { status: 503, code: "PROVIDER_UNAVAILABLE" },
    { status: 504, code: "PROVIDER_UNAVAILABLE" },
  ])("reports HTTP $status as $code, with the status for adapters that know better", async ({ status, code }) => {
    const { origin } = await serveOnLoopback(answer(status));
    await expect(anAccountFetch([origin])(origin)).rejects.toMatchObject({ code, providerCode: `HTTP ${status}` });
  });

  describe.each([401, 429, 503])("with HTTP %i, tells the vendor's own word for it", (status) => {
    const reasonIn = (body: unknown) => z.object({ reason: z.string() }).parse(body).reason;
    const codeFor = async (body: string, errorCodeIn = reasonIn) => {
      const { origin } = await serveOnLoopback((_, response) => response.writeHead(status).end(body));
      const error = await failureOf(anAccountFetch([origin], { errorCodeIn })(origin));
      expect(error).toMatchObject({ name: "IntegrationError" });
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain("canary");
      return (error as IntegrationError).providerCode;
    };

    it("where the provider can read it", async () => {
      expect(await codeFor(JSON.stringify({ reason: "rateLimitExceeded", message: "canary" }))).toBe(
        "rateLimitExceeded",
      );
    });

    it("in the text, where it is no JSON", async () => {
      const exceptionIn = (body: unknown) => /<s:exception>(\w+)</.exec(z.string().parse(body))?.[1] ?? "";
      expect(await codeFor("<s:exception>TooManyRequests</s:exception>canary", exceptionIn)).toBe("TooManyRequests");
    });

    it.each([
      { name: "the body is another one", body: JSON.stringify({ canary: 1 }) },
      { name: "the body is no JSON", body: "<h1>canary</h1>" },
      { name: "there is no body", body: "" },
      { name: "it is a sentence", body: JSON.stringify({ reason: "The canary is dead" }) },
      { name: "it is too long for a word", body: JSON.stringify({ reason: "canary".repeat(20) }) },
      {
        name: "the body is too long for an error",
        body: JSON.stringify({ reason: "tooLong", message: "canary".repeat(20_000) }),
      },
    ])("or else the status, when $name", async ({ body }) => {
      expect(await codeFor(body)).toBe(`HTTP ${status}`);
    });

    it("or else the status, when the provider finds none", async () => {
      expect(await codeFor("{}", () => undefined as unknown as string)).toBe(`HTTP ${status}`);
    });
  });

  it.each([200, 204, 207, 304, 400, 403, 404, 409, 410, 412, 423, 501, 507])(
    "leaves HTTP %i to the adapter",
    async (status) => {
      const { origin } = await serveOnLoopback(answer(status));
      expect((await anAccountFetch([origin])(origin)).status).toBe(status);
    },
  );

  it.each([429, 503])("says how long the server asks to wait with HTTP %i", async (status) => {
    const { origin } = await serveOnLoopback(answer(status, { "retry-after": "7" }));
    await expect(anAccountFetch([origin])(origin)).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });

  it("reports a body that is too long", async () => {
    const { origin } = await serveOnLoopback(answer(200));
    await expect(anAccountFetch([origin], { egress: { maxBodyBytes: 5 } })(origin)).rejects.toMatchObject({
      code: "PROVIDER_REPLY_INVALID",
    });
  });

  it("reports a body that is not compressed as it says", async () => {
    const { origin } = await serveOnLoopback(answer(200, { "content-encoding": "gzip" }));
    await expect(anAccountFetch([origin])(origin)).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
  });
});

describe("when the network fails, an account's fetch", () => {
  const unavailable = (says: string) => ({ code: "PROVIDER_UNAVAILABLE", message: expect.stringContaining(says) });

  it("says that the host was not found", async () => {
    const resolve = () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
    const fetch = anAccountFetch(["https://missing.test"], { egress: { resolve } });
    await expect(fetch("https://missing.test/")).rejects.toMatchObject({
      ...unavailable("missing.test was not found"),
      remedy: expect.stringContaining("spelling"),
    });
  });

  it("says that the connection was refused", async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));

    const origin = `http://127.0.0.1:${port}`;
    await expect(anAccountFetch([origin])(origin)).rejects.toMatchObject(unavailable("refused the connection"));
  });

  it("says that the connection was closed", async () => {
    const { origin } = await serveOnLoopback((_, response) => response.destroy());
    await expect(anAccountFetch([origin])(origin)).rejects.toMatchObject(unavailable("closed the connection"));
  });

  it("says that the certificate is not valid", async () => {
    const { origin } = await serveOnLoopback(answer(200), createCertificate("calendar.test"));
    await expect(anAccountFetch([origin])(origin)).rejects.toMatchObject({
      ...unavailable("has a TLS certificate that is not valid"),
      providerCode: "DEPTH_ZERO_SELF_SIGNED_CERT",
      remedy: expect.stringContaining("valid certificate"),
    });
  });

  it("says that the server does not speak TLS", async () => {
    const { port } = await serveOnLoopback(answer(200));
    const origin = `https://127.0.0.1:${port}`;
    await expect(anAccountFetch([origin])(origin)).rejects.toMatchObject(unavailable("does not answer over https"));
  });

  it("says that time ran out", async () => {
    const { origin } = await serveOnLoopback(() => undefined);
    const fetch = anAccountFetch([origin], { timeoutMs: 50 });
    await expect(fetch(origin)).rejects.toMatchObject(unavailable("did not answer in time"));
  });
});

describe("ending an account's fetch", () => {
  it.each([
    { who: "the account", withSignal: (signal: AbortSignal) => ({ account: { signal }, call: {} }) },
    { who: "the call", withSignal: (signal: AbortSignal) => ({ account: {}, call: { signal } }) },
    {
      who: "the call, when the account has one too",
      withSignal: (signal: AbortSignal) => ({ account: { signal: new AbortController().signal }, call: { signal } }),
    },
  ])("is done by the signal of $who, for its reason", async ({ withSignal }) => {
    const controller = new AbortController();
    const { origin } = await serveOnLoopback(() => controller.abort(new Error("shutting down")));
    const { account, call } = withSignal(controller.signal);
    await expect(anAccountFetch([origin], account)(origin, call)).rejects.toThrow("shutting down");
  });
});

describe("a failure that is told with 200", () => {
  const statusIn = (body: unknown) => z.object({ told: z.number() }).safeParse(body).data?.told;
  const errorCodeIn = () => "TOLD";
  const telling = (told: number | null, headers: Record<string, string> = {}) =>
    answer(200, headers, told === null ? "canary-body" : JSON.stringify({ told }));

  it.each([
    { told: 401, code: "CREDENTIALS_REJECTED" },
    { told: 429, code: "RATE_LIMITED" },
    { told: 503, code: "PROVIDER_UNAVAILABLE" },
  ])("is the failure of that status: $told", async ({ told, code }) => {
    const { origin } = await serveOnLoopback(telling(told, { "retry-after": "7" }));
    const failure = await failureOf(anAccountFetch([origin], { statusIn, errorCodeIn })(origin));
    expect(failure).toMatchObject({ code, providerCode: "TOLD", ...(told !== 401 && { retryAfterMs: 7000 }) });
  });

  it("has that status where the adapter reads it", async () => {
    const { origin } = await serveOnLoopback(telling(403));
    const reply = await anAccountFetch([origin], { statusIn })(origin);
    expect([reply.status, await reply.text()]).toEqual([403, '{"told":403}']);
  });

  it("leaves all other replies as they are", async () => {
    const { origin } = await serveOnLoopback(telling(null));
    const reply = await anAccountFetch([origin], { statusIn })(origin);
    expect([reply.status, await reply.text()]).toEqual([200, "canary-body"]);
    const elsewhere = await serveOnLoopback(answer(404, {}, '{"told":401}'));
    expect((await anAccountFetch([elsewhere.origin], { statusIn })(elsewhere.origin)).status).toBe(404);
  });

  it("renews the access as a 401 does", async () => {
    const { origin } = await serveOnLoopback(({ headers }, response) =>
      response.end(headers.authorization === "Bearer new" ? "canary-body" : '{"told":401}'),
    );
    const { fetch } = createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [] });
    const authorization = { current: async () => "Bearer old", renewed: async () => "Bearer new" };
    const account = createAccountFetch(
      { provider: "INDEED", fetch, userAgent: "product/1", statusIn },
      { authorization, origins: [origin] },
    );
    expect((await account(origin)).status).toBe(200);
  });
});

describe("an observer of an account's fetch", () => {
  const observe = () => {
    const calls: ObservedCall[] = [];
    return { calls, observe: (call: ObservedCall) => void calls.push(call) };
  };

  it("sees each call once: how it went, and how long it took", async () => {
    const { calls, ...options } = observe();
    const { origin } = await serveOnLoopback(({ method }, response) =>
      response.writeHead(method === "GET" ? 404 : 429).end(),
    );
    const fetch = anAccountFetch([origin], options);
    await fetch(origin);
    await failureOf(fetch(origin, { method: "REPORT" }));
    await failureOf(fetch("https://elsewhere.test/"));
    expect(calls).toEqual([
      { provider: "CALDAV", method: "GET", outcome: "ok", durationMs: expect.any(Number) },
      { provider: "CALDAV", method: "REPORT", outcome: "RATE_LIMITED", durationMs: expect.any(Number) },
      { provider: "CALDAV", method: "GET", outcome: "EGRESS_REFUSED", durationMs: expect.any(Number) },
    ]);
  });

  it("sees a call that was cancelled as unfinished", async () => {
    const { calls, ...options } = observe();
    const fetch = anAccountFetch(["http://127.0.0.1:9"], { ...options, signal: AbortSignal.abort() });
    await failureOf(fetch("http://127.0.0.1:9/"));
    expect(calls).toMatchObject([{ outcome: "unfinished" }]);
  });
});

describe("an error of an account's fetch", () => {
  it("holds no secret, no query and no body, down to its last cause", async () => {
    const answers = new Map<string, Answer>([
      ["/unauthorized", answer(401)],
      ["/limited", answer(429)],
      ["/broken", answer(500)],
      ["/foreign", answer(302, { location: "https://elsewhere.test/?token=canary" })],
      ["/password", answer(302, { location: "https://canary:canary@elsewhere.test/" })],
      ["/nonsense", answer(302, { location: "http://[canary" })],
      ["/packed", answer(200, { "content-encoding": "gzip" })],
      ["/hung-up", (_, response) => response.destroy()],
      [
        "/cut",
        (_, response) =>
          void response.writeHead(200, { "content-length": "99" }).write("canary", () => response.destroy()),
      ],
      ["/garbage", (_, response) => void response.socket?.end("HTTP/1.1 canary\r\n\r\n")],
      ["/silent", () => undefined],
    ]);
    const { origin } = await serveOnLoopback((request, response) =>
      answers.get(request.url.replace(/\?.*/, ""))?.(request, response),
    );
    const fetch = anAccountFetch([origin], { timeoutMs: 300 });

    for (const path of answers.keys()) {
      const init = { method: "PUT", body: "canary", headers: { "x-key": "canary" } };
      const error = await failureOf(fetch(`${origin}${path}?secret=canary`, init));
      expect(error, path).toHaveProperty("name", "IntegrationError");
      expect(inspect(error, { depth: null, showHidden: true }), path).not.toMatch(/canary|YW5uYTpzM2NyZXQ|s3cret/);
    }
  });
});

describe("the gate in front of an account's fetch", () => {
  const quotaWords = { quotaExceeded: 3600, rateLimitExceeded: null };
  const says = (reason: string) => JSON.stringify({ reason });
  const forbidden = (reason: string) => answer(403, {}, says(reason));

  it.each<{ name: string; reply: Answer; outcome: CallOutcome }>([
    { name: "a reply", reply: answer(200), outcome: { kind: "answered" } },
    { name: "a refused login", reply: answer(401), outcome: { kind: "answered" } },
    {
      name: "429 with Retry-After",
      reply: answer(429, { "retry-after": "7" }),
      outcome: { kind: "refused", code: "HTTP 429", forMs: 7000 },
    },
    { name: "429", reply: answer(429), outcome: { kind: "refused", code: "HTTP 429", forMs: undefined } },
    {
      name: "403 for a quota that is spent for hours",
      reply: forbidden("quotaExceeded"),
      outcome: { kind: "refused", code: "quotaExceeded", forMs: 3_600_000 },
    },
    {
      name: "403 for a quota",
      reply: forbidden("rateLimitExceeded"),
      outcome: { kind: "refused", code: "rateLimitExceeded", forMs: undefined },
    },
    {
      name: "400 for too many calls",
      reply: answer(400, {}, says("rateLimitExceeded")),
      outcome: { kind: "refused", code: "rateLimitExceeded", forMs: undefined },
    },
    { name: "403 for another reason", reply: forbidden("forbidden"), outcome: { kind: "answered" } },
    {
      name: "503 with Retry-After",
      reply: answer(503, { "retry-after": "7" }),
      outcome: { kind: "unavailable", forMs: 7000 },
    },
    {
      name: "a connection that is closed",
      reply: (_, response) => response.destroy(),
      outcome: { kind: "unavailable", forMs: undefined },
    },
  ])("hears of $name", async ({ reply, outcome }) => {
    const { origin } = await serveOnLoopback(reply);
    const entered: string[] = [];
    const outcomes: CallOutcome[] = [];
    const gate: CallGate = {
      quotaWords,
      enter: async (server) => {
        entered.push(server);
        return { leave: async (told) => void outcomes.push(told) };
      },
    };
    const errorCodeIn = (body: unknown) => (body as { reason?: string }).reason;
    const fetch = anAccountFetch([origin], { gate, errorCodeIn });
    await fetch(`${origin}/path`).catch(() => {});
    expect({ entered, outcomes }).toEqual({ entered: [origin], outcomes: [outcome] });
  });

  it("leaves the body of a 403 to the adapter", async () => {
    const { origin } = await serveOnLoopback(forbidden("quotaExceeded"));
    const gate: CallGate = { quotaWords, enter: async () => ({ leave: async () => {} }) };
    const reply = await anAccountFetch([origin], { gate, errorCodeIn: () => "quotaExceeded" })(origin);
    expect(await reply.text()).toBe(says("quotaExceeded"));
  });

  it("comes before the access is renewed, and hears of a token endpoint that is down", async () => {
    const { origin, requests } = await serveOnLoopback(answer(200));
    const steps: string[] = [];
    const gate: CallGate = {
      quotaWords,
      enter: async () => {
        steps.push("entered");
        return { leave: async ({ kind }) => void steps.push(kind) };
      },
    };
    const current = async () => {
      steps.push("asked for a token");
      throw new IntegrationError("PROVIDER_UNAVAILABLE", "The token endpoint is down");
    };
    const account = { authorization: { current, renewed: current }, origins: [origin] };
    const options = {
      provider: "CALDAV",
      fetch: () => Promise.reject(new Error("called")),
      userAgent: "product/1",
      gate,
    };
    await failureOf(createAccountFetch(options, account)(origin));
    expect(steps).toEqual(["entered", "asked for a token", "unavailable"]);
    expect(requests).toEqual([]);
  });

  it("keeps a call back without the vendor hearing of it", async () => {
    let calls = 0;
    const { origin } = await serveOnLoopback((_, response) => {
      calls += 1;
      response.end();
    });
    const late = new IntegrationError("RATE_LIMITED", "Later", { heldBack: true });
    const gate: CallGate = { quotaWords, enter: () => Promise.reject(late) };
    await expect(anAccountFetch([origin], { gate })(origin)).rejects.toBe(late);
    expect(calls).toBe(0);
  });
});

describe("Retry-After", () => {
  const now = new Date("2026-03-02T09:00:00Z");
  it.each([
    { header: null, ms: undefined },
    { header: "soon", ms: undefined },
    { header: "0", ms: 0 },
    { header: " 120 ", ms: 120_000 },
    { header: "Mon, 02 Mar 2026 09:00:30 GMT", ms: 30_000 },
    { header: "Mon, 02 Mar 2026 08:00:00 GMT", ms: 0 },
    { header: "99999999999", ms: 86_400_000 },
  ])("of $header means $ms ms", ({ header, ms }) => {
    expect(readRetryAfter(header, now)).toBe(ms);
  });
});
