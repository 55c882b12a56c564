import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { IntegrationError } from "../src/errors.ts";
import { createLog } from "../src/log.ts";

/** What one call to the log writes, parsed and as it is. */
function logged(write: (log: ReturnType<typeof createLog>) => void) {
  const lines: string[] = [];
  write(createLog("debug", { write: (line) => void lines.push(line) }));
  expect(lines).toHaveLength(1);
  const [text = ""] = lines;
  return { text, fields: JSON.parse(text) };
}

describe("a log line", () => {
  it("is one JSON object with its time and what it is about", () => {
    const { text, fields } = logged((log) => log.info({ taskId: "7", count: 3, at: new Date(0) }, "done"));
    expect(text.endsWith("}\n")).toBe(true);
    expect(fields).toMatchObject({
      service: "integrations",
      msg: "done",
      taskId: "7",
      count: 3,
      at: "1970-01-01T00:00:00.000Z",
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
    });
  });

  it("is not written below its level", () => {
    const lines: string[] = [];
    createLog("warn", { write: (line) => void lines.push(line) }).info("quiet");
    expect(lines).toEqual([]);
  });
});

describe("a secret", () => {
  const canary = `canary-${randomUUID()}`;

  it.each([
    { name: "a header", fields: { authorization: canary } },
    { name: "a header in capitals", fields: { headers: { Authorization: canary, "Set-Cookie": canary } } },
    { name: "a password", fields: { password: canary } },
    { name: "a token, whatever kind", fields: { accessToken: canary, refresh_token: canary, idToken: canary } },
    { name: "a client secret", fields: { client_secret: canary, clientSecret: canary } },
    { name: "an API key", fields: { apiKey: canary, api_key: canary, headers: { "x-api-key": canary } } },
    { name: "credentials", fields: { credentials: [{ name: "password", value: canary }] } },
    { name: "a vendor's original", fields: { raw: canary, sealed: canary } },
    { name: "something deep inside", fields: { a: { b: { c: { d: { e: [{ password: canary }] } } } } } },
    {
      name: "something deeper than anybody looks",
      fields: { a: { b: { c: { d: { e: { f: { g: { h: { i: canary } } } } } } } } },
    },
    { name: "a bearer token in a text", fields: { note: `sent Bearer ${canary} to it` } },
    { name: "a token in a text, by a vendor's own scheme", fields: { note: `sent Zoho-oauthtoken ${canary} to it` } },
    { name: "a basic login in a text", fields: { note: `sent "Basic ${canary}" to it` } },
    { name: "the login in an address", fields: { url: `postgres://user:${canary}@127.0.0.1/db` } },
  ])("is left out: $name", ({ fields }) => {
    const { text } = logged((log) => log.info({ kept: "this", ...fields }, "sent"));
    expect(text).not.toContain(canary);
    expect(text).toContain('"kept":"this"');
  });

  it.each([
    {
      name: "a property of an error",
      error: Object.assign(new Error("no"), { config: { headers: { authorization: canary } } }),
    },
    {
      name: "a property of an error's cause",
      error: new Error("no", { cause: Object.assign(new Error("inner"), { request: canary, body: canary }) }),
    },
    {
      name: "a header that fetch repeats",
      error: new TypeError(`Headers.append: "Bearer ${canary}\n" is an invalid header value.`),
    },
    {
      name: "a header that the cause repeats",
      error: new IntegrationError("PROVIDER_UNAVAILABLE", "down", { cause: new Error(`sent Basic ${canary}`) }),
    },
    { name: "an address that an error repeats", error: new Error(`cannot reach https://ana:${canary}@example.com/`) },
    {
      name: "something in several errors at once",
      error: new AggregateError([Object.assign(new Error("one"), { token: canary })], "all failed"),
    },
  ])("is left out of an error: $name", ({ error }) => {
    const { text, fields } = logged((log) => log.error({ err: error }, "failed"));
    expect(text).not.toContain(canary);
    expect(fields.err.type).toBe(error.name);
    expect(fields.err.stack).toContain("log.test.ts");
  });

  it("is left out of an error that is logged by itself, or under another name", () => {
    const error = Object.assign(new Error(`Bearer ${canary}`), { headers: { authorization: canary } });
    expect(logged((log) => log.error(error)).text).not.toContain(canary);
    expect(logged((log) => log.error({ reason: error }, "failed")).text).not.toContain(canary);
    expect(
      logged((log) => log.child({ part: "sync" }).error({ reason: error }, `failed with Bearer ${canary}`)).text,
    ).not.toContain(canary);
  });

  it("really fails in fetch as these tests say it does", async () => {
    const sent = fetch("http://127.0.0.1:9/", { headers: { authorization: `Bearer ${canary}\n\u0000` } });
    const error = await sent.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(String(error)).toContain(canary);
    expect(logged((log) => log.error({ err: error }, "failed")).text).not.toContain(canary);
  });
});

describe("an error", () => {
  it("is told with its causes and codes, down to the first one", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const error = new IntegrationError("PROVIDER_UNAVAILABLE", "down", {
      cause: new TypeError("fetch failed", { cause: refused }),
    });
    const { fields } = logged((log) => log.error({ err: error }, "failed"));
    expect(fields.err).toMatchObject({
      type: "IntegrationError",
      code: "PROVIDER_UNAVAILABLE",
      message: "down",
      cause: {
        type: "TypeError",
        message: "fetch failed",
        cause: { code: "ECONNREFUSED", message: "connect ECONNREFUSED" },
      },
    });
  });

  it("that is its own cause does not keep the log from ending", () => {
    const error = new Error("round");
    error.cause = error;
    expect(logged((log) => log.error({ err: error }, "failed")).fields.err.message).toBe("round");
  });
});
