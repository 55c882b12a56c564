import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { startTestApp, type TestApp } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import { saveRows } from "../support/rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

/** A socket that has said hello with these parameters. */
async function open(connectionParams: unknown, of = app): Promise<WebSocket> {
  const socket = new WebSocket(of.wsUrl, "graphql-transport-ws");
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init", payload: connectionParams }));
  return socket;
}

async function closing(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = await once(socket, "close");
  return { code, reason: String(reason) };
}

async function nextMessage(socket: WebSocket): Promise<{ type: string; id?: string; payload?: unknown }> {
  const [data] = await once(socket, "message");
  return JSON.parse(String(data));
}

describe("a socket", () => {
  it.each([
    { name: "no parameters", params: undefined, reason: "There is no access token" },
    { name: "no token", params: {}, reason: "There is no access token" },
    {
      name: "a token that is none",
      params: { authorization: "Bearer x" },
      reason: "The access token is not a signed JWT",
    },
    { name: "an object for a token", params: { authorization: { toString: "x" } }, reason: "There is no access token" },
  ])("is closed with 4401 when it comes with $name", async ({ params, reason }) => {
    expect(await closing(await open(params))).toEqual({ code: 4401, reason });
  });

  it.each(["authorization", "Authorization"])("is let in with a token in %s", async (name) => {
    const { token } = await app.as();
    expect(await nextMessage(await open({ [name]: `Bearer ${token}` }))).toEqual({ type: "connection_ack" });
  });

  it("is closed with 4401 when its token expires, in the middle of a subscription", async () => {
    const { token } = await app.as({ expiresInSeconds: 2 });
    const socket = await open({ authorization: `Bearer ${token}` });
    await nextMessage(socket);
    socket.send(
      JSON.stringify({ type: "subscribe", id: "1", payload: { query: "subscription { integrationEvents { id } }" } }),
    );
    expect(await closing(socket)).toEqual({ code: 4401, reason: "The access token has expired" });
  });

  it("carries a hundred operations at a time, and refuses one more without ending the others", async () => {
    const { token } = await app.as();
    const socket = await open({ authorization: `Bearer ${token}` });
    await nextMessage(socket);
    const subscribe = (id: number) =>
      socket.send(
        JSON.stringify({
          type: "subscribe",
          id: `${id}`,
          payload: { query: "subscription { integrationEvents { id } }" },
        }),
      );
    for (let id = 1; id <= 101; id += 1) subscribe(id);
    expect(await nextMessage(socket)).toMatchObject({
      type: "error",
      id: "101",
      payload: [{ extensions: { code: "RATE_LIMITED" } }],
    });
    socket.send(JSON.stringify({ type: "complete", id: "1" }));
    socket.send(JSON.stringify({ type: "subscribe", id: "102", payload: { query: "{ __typename }" } }));
    expect(await nextMessage(socket)).toMatchObject({
      type: "next",
      id: "102",
      payload: { data: { __typename: "Query" } },
    });
  });

  it("leaves no reader of the log behind when its client ends a subscription", async () => {
    const statements: string[] = [];
    const of = await startTestApp({ env: { ROLES: "api" }, onStatement: (sql) => statements.push(sql) });
    onTestFinished(() => of.stop());
    const tenantId = `tenant-${randomUUID()}`;
    const integration = anIntegration({ tenantId, ownership: "TENANT" });
    await saveRows(of.databaseUrl, integration);
    const ana = await of.as({ tenantId });
    const rename = async () => {
      await ana.query(
        "mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }",
        { input: { id: integration.id, label: randomUUID() } },
      );
    };
    const isReading = () => statements.some((sql) => sql.includes("event.position > $1"));
    const socket = await open({ authorization: `Bearer ${ana.token}` }, of);
    await nextMessage(socket);
    const subscribe = (id: string) =>
      socket.send(
        JSON.stringify({ type: "subscribe", id, payload: { query: "subscription { integrationEvents { id } }" } }),
      );
    subscribe("1");
    await eventually("a reader", async () => isReading(), Boolean);
    socket.send(JSON.stringify({ type: "complete", id: "1" }));
    socket.send(JSON.stringify({ type: "subscribe", id: "2", payload: { query: "{ __typename }" } }));
    await nextMessage(socket);
    statements.length = 0;
    await rename();
    await rename();
    expect(isReading()).toBe(false);
  });

  it("is closed when it sends more than a megabyte at once", async () => {
    const { token } = await app.as();
    const socket = await open({ authorization: `Bearer ${token}` });
    await nextMessage(socket);
    socket.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query: " ".repeat(1024 * 1024) } }));
    expect(await closing(socket)).toMatchObject({ code: 1009 });
  });

  it("is closed with 1001 when the service stops, at once", async () => {
    const stopping = await startTestApp();
    const { token } = await stopping.as();
    const socket = await open({ authorization: `Bearer ${token}` }, stopping);
    await nextMessage(socket);
    socket.send(
      JSON.stringify({ type: "subscribe", id: "1", payload: { query: "subscription { integrationEvents { id } }" } }),
    );
    const closed = closing(socket);
    const began = performance.now();
    await stopping.stop();
    expect((await closed).code).toBe(1001);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe("a client that no longer answers", () => {
  it("does not keep the service from stopping", async () => {
    const stopping = await startTestApp();
    const { token } = await stopping.as();
    const socket = await open({ authorization: `Bearer ${token}` }, stopping);
    await nextMessage(socket);
    socket.pause();
    const began = performance.now();
    await stopping.stop();
    expect(performance.now() - began).toBeLessThan(8000);
  });
});

describe("a subscription that cannot be", () => {
  it.each([
    { name: "a cursor that is none", arguments: 'after: "nonsense"', field: ["after"] },
    {
      name: "a type that no event has",
      arguments: 'filter: { types: ["nothing.happened"] }',
      field: ["filter", "types"],
    },
  ])("is refused alone, for $name", async ({ arguments: given, field }) => {
    const { token } = await app.as();
    const socket = await open({ authorization: `Bearer ${token}` });
    await nextMessage(socket);
    const query = `subscription { integrationEvents(${given}) { id } }`;
    socket.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query } }));
    expect(await nextMessage(socket)).toMatchObject({
      type: "error",
      id: "1",
      payload: [{ extensions: { code: "INVALID_INPUT", field } }],
    });
    socket.send(JSON.stringify({ type: "subscribe", id: "2", payload: { query: "{ __typename }" } }));
    expect(await nextMessage(socket)).toMatchObject({ type: "next", id: "2" });
  });

  it("is one without the scope for events", async () => {
    const caller = await app.as({ scopes: ["integrations:read"] });
    await expect(caller.subscribe("subscription { integrationEvents { id } }").next()).rejects.toMatchObject([
      { extensions: { code: "FORBIDDEN" } },
    ]);
  });
});
