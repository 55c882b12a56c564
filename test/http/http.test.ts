import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { saveRows } from "../support/rows.ts";

const tenantId = `tenant-${randomUUID()}`;
const integration = anIntegration({ tenantId, ownerId: "ana" });

let app: TestApp;
let ana: TestCaller;
beforeAll(async () => {
  app = await startTestApp({ env: { CORS_ORIGINS: "https://app.example.com" } });
  await saveRows(app.databaseUrl, integration);
  ana = await app.as({ tenantId, userId: "ana" });
});
afterAll(() => app.stop());

function send(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, app.url), init);
}

function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return send("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${ana.token}`, ...headers },
    body,
  });
}

describe("a request", () => {
  it("has an id of its own, whatever the caller calls it", async () => {
    const headers = { "x-request-id": "mine" };
    const ids = await Promise.all([send("/healthz", { headers }), send("/healthz", { headers })].map(idOf));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  });

  it("has an id that the events it brings about carry, and its line in the log", async () => {
    const query = `mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }`;
    const id = await idOf(post(JSON.stringify({ query, variables: { input: { id: integration.id, label: "x" } } })));
    const { data } = await ana.query(
      "query ($id: ID) { integrationEvents(filter: { correlationId: $id }) { nodes { type correlationId } } }",
      { id },
    );
    expect(data.integrationEvents.nodes).toEqual([{ type: "integration.updated", correlationId: id }]);
    expect(app.logLines.find((line) => line.includes(id))).toContain('"route":"/graphql"');
  });

  async function idOf(response: Promise<Response>): Promise<string> {
    return (await response).headers.get("x-request-id") ?? "";
  }
});

describe("what nobody understands", () => {
  it.each([
    { name: "a body that is not JSON", body: "{", status: 400, code: "INVALID_INPUT" },
    { name: "a body without a query", body: "{}", status: 400, code: "INVALID_INPUT" },
    { name: "a query that is none", body: '{"query":"{"}', status: 400, code: "INVALID_INPUT" },
    {
      name: "a query that is too big",
      body: JSON.stringify({ query: " ".repeat(1024 * 1024) }),
      status: 413,
      code: "INVALID_INPUT",
    },
    { name: "a batch", body: '[{"query":"{__typename}"}]', status: 400, code: "INVALID_INPUT" },
    {
      name: "a subscription",
      body: '{"query":"subscription { integrationEvents { id } }"}',
      status: 400,
      code: "INVALID_INPUT",
    },
  ])("is told so: $name", async ({ body, status, code }) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ message: expect.any(String), extensions: { code } }] });
  });

  it("is a route there is not", async () => {
    const response = await send("/nothing/here?token=secret");
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      errors: [{ message: "There is nothing here", extensions: { code: "NOT_FOUND" } }],
    });
  });

  it("is a form that a foreign page could send", async () => {
    const response = await post("query=%7B__typename%7D", { "content-type": "application/x-www-form-urlencoded" });
    expect(response.status).toBe(415);
    const plain = await post('{"query":"{__typename}"}', { "content-type": "text/plain" });
    expect(plain.status).toBe(400);
  });
});

describe("a caller without a token", () => {
  it.each([
    { headers: {} },
    { headers: { authorization: "Bearer nonsense" } },
    { headers: { authorization: "Basic YTpi" } },
  ])("is UNAUTHENTICATED with $headers, and may read the schema all the same", async ({ headers }) => {
    const ask = async (query: string) => {
      const body = JSON.stringify({ query });
      const response = await send("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
      });
      return response.json();
    };
    expect(await ask("{ providers { id } }")).toMatchObject({
      data: null,
      errors: [{ extensions: { code: "UNAUTHENTICATED", remedy: expect.any(String) } }],
    });
    expect(await ask("{ __schema { queryType { name } } }")).toEqual({
      data: { __schema: { queryType: { name: "Query" } } },
    });
  });
});

describe("pages of other origins", () => {
  const preflight = (origin: string) =>
    send("/graphql", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });

  it("may call when they are listed, and read the request's id", async () => {
    const asked = await preflight("https://app.example.com");
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(asked.headers.get("access-control-allow-headers")).toBe("authorization,content-type");
    const answer = await post('{"query":"{__typename}"}', { origin: "https://app.example.com" });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(answer.headers.get("access-control-expose-headers")).toBe("x-request-id");
  });

  it.each(["https://evil.example.com", "https://app.example.com.evil.com", "http://app.example.com", "null"])(
    "may not when they are not: %s",
    async (origin) => {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
    },
  );
});

describe("a browser that opens /graphql", () => {
  it("gets no page outside of development", async () => {
    const response = await send("/graphql", { headers: { accept: "text/html" } });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("<html");
  });
});
