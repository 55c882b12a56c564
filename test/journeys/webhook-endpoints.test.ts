import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { scopes } from "../../src/services/viewer.ts";
import { startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import { saveRows } from "../support/rows.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";
import { webhookVerifiers } from "../support/webhook-verifiers.ts";

let app: TestApp;
let receiver: WebhookReceiver;
let caller: TestCaller;
let integrationId: string;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(async () => {
  receiver = await startWebhookReceiver();
  const tenantId = `tenant-${randomUUID()}`;
  const integration = anIntegration({ tenantId, ownership: "TENANT" });
  integrationId = integration.id;
  await saveRows(app.databaseUrl, integration);
  caller = await app.as({ tenantId });
  return () => receiver.stop();
});

const endpointFields = "id state failingSince problem { code message } headerNames cursor";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
async function mutate(name: string, input: object, payload: string): Promise<any> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { data, errors } = await caller.query(
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${payload} userErrors { code message field remedy } } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  return data[name];
}

async function create(input: object = {}): Promise<{ id: string; secret: string }> {
  const made = await mutate(
    "createWebhookEndpoint",
    { url: receiver.url, eventTypes: ["integration.*"], ...input },
    `webhookEndpoint { ${endpointFields} } secret`,
  );
  expect(made.userErrors).toEqual([]);
  return { id: made.webhookEndpoint.id, secret: made.secret };
}

/** Something happens. */
const rename = (label: string) => mutate("updateIntegration", { id: integrationId, label }, "integration { id }");

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
async function deliveries(filter: object): Promise<readonly any[]> {
  const { data, errors } = await caller.query(
    `query ($filter: WebhookDeliveryFilter) { webhookDeliveries(filter: $filter) { nodes {
      id state trigger eventType eventId nextAttemptAt problem { code message }
      event { id type } endpoint { id } attempts { number statusCode responseBody durationMs problem { code providerCode } }
    } } }`,
    { filter },
  );
  expect(errors).toBeUndefined();
  return data.webhookDeliveries.nodes;
}

describe("an event", () => {
  it("arrives at the endpoint, signed so that others' libraries believe it, and its receipt is kept", async () => {
    const { id, secret } = await create();
    await rename("Sales");
    const [came] = await receiver.until("integration.updated");
    expect(came?.message).toMatchObject({
      type: "integration.updated",
      integrationId,
      subjectId: integrationId,
      subjectType: "Integration",
      actor: { kind: "USER", id: "ana" },
      data: { label: "Sales" },
    });
    expect(came?.headers["webhook-id"]).toBe(came?.message.id);
    for (const { name, verify } of webhookVerifiers) {
      const { headers, body } = came ?? { headers: {}, body: "" };
      await expect(verify(secret, headers, body), name).resolves.toBeUndefined();
      await expect(verify(secret, headers, `${body} `), name).rejects.toThrow();
    }
    const [delivery] = await eventually(
      "the receipt",
      () => deliveries({ endpointIds: [id], states: ["DELIVERED"] }),
      (found) => found.length > 0,
    );
    expect(delivery).toMatchObject({
      trigger: "LOG",
      event: { id: came?.message.id, type: "integration.updated" },
      endpoint: { id },
      attempts: [{ number: 1, statusCode: 204, problem: null }],
    });
  });

  it("is the same in the log, on the subscription and at the endpoint", async () => {
    await create();
    const stream = caller.subscribe("subscription { integrationEvents { id cursor type data correlationId } }", {});
    const first = stream.next();
    await eventually(
      "the subscription",
      async () => {
        await rename(randomUUID());
        return Promise.race([first.then(() => true), new Promise((resolve) => setTimeout(resolve, 50, false))]);
      },
      (isThere) => isThere === true,
    );
    const { value } = await first;
    await stream.return?.();
    const live = value.data.integrationEvents;
    const webhook = await eventually(
      "the webhook",
      async () => receiver.received.find(({ message }) => message.id === live.id)?.message,
      (message) => message !== undefined,
    );
    expect(webhook).toMatchObject(live);
    const { data } = await caller.query(
      `{ integrationEvents(filter: { types: ["integration.updated"] }) {
        nodes { id cursor type data correlationId deliveries { trigger endpoint { url } } } } }`,
    );
    const logged = data.integrationEvents.nodes.find((event: { id: string }) => event.id === live.id);
    expect(logged).toEqual({ ...live, deliveries: [{ trigger: "LOG", endpoint: { url: receiver.url } }] });
  });

  it("goes with custom headers, whose values nobody sees again", async () => {
    const { id } = await create({ headers: [{ name: "Authorization", value: "Bearer of-the-customer" }] });
    receiver.answerWith(({ headers }, response) => response.writeHead(500).end(`got ${JSON.stringify(headers)}`));
    await rename("Sales");
    const [came] = await receiver.until("integration.updated");
    expect(came?.headers["authorization"]).toBe("Bearer of-the-customer");
    const [delivery] = await eventually(
      "the attempt",
      () => deliveries({ endpointIds: [id] }),
      ([found]) => found?.attempts.length > 0,
    );
    expect(delivery.attempts[0].responseBody).toContain("got {");
    expect(JSON.stringify(delivery)).not.toContain("of-the-customer");
    const { data } = await caller.query("{ webhookEndpoints { nodes { headerNames } } }");
    expect(data.webhookEndpoints.nodes).toEqual([{ headerNames: ["authorization"] }]);
  });

  it("is sent again when the endpoint failed, with the same id", async () => {
    const { id } = await create();
    receiver.answerStatus(503, { "retry-after": "1" });
    await rename("Sales");
    await receiver.until("integration.updated");
    receiver.answerStatus(204);
    const [first, second] = await receiver.until("integration.updated", 2);
    expect(second?.message).toEqual(first?.message);
    const [delivery] = await eventually(
      "the delivery",
      () => deliveries({ endpointIds: [id], eventTypes: ["integration.updated"] }),
      ([found]) => found?.state === "DELIVERED",
    );
    expect(delivery.attempts).toMatchObject([
      { number: 1, statusCode: 503, problem: { code: "PROVIDER_UNAVAILABLE", providerCode: "HTTP 503" } },
      { number: 2, statusCode: 204, problem: null },
    ]);
  });

  it("is not sent after 410, and the endpoint goes on from there once it is enabled again", async () => {
    const { id } = await create({ ordered: true });
    receiver.answerStatus(410);
    await rename("Sales");
    const disabled = await eventually(
      "the end",
      async () =>
        (await caller.query(`query ($id: ID!) { webhookEndpoint(id: $id) { ${endpointFields} } }`, { id })).data
          .webhookEndpoint,
      ({ state }) => state === "DISABLED",
    );
    expect(disabled.problem).toMatchObject({ code: "PROVIDER_REFUSED" });
    receiver.answerStatus(204);
    await rename("Support");
    const { webhookEndpoint } = await mutate(
      "updateWebhookEndpoint",
      { id, enabled: true },
      `webhookEndpoint { ${endpointFields} }`,
    );
    expect(webhookEndpoint).toMatchObject({ state: "ENABLED", problem: null, failingSince: null });
    const came = await receiver.until("integration.updated", 3);
    expect(came.map(({ message }) => message.data.label)).toEqual(["Sales", "Sales", "Support"]);
    const { data } = await caller.query(
      `{ integrationEvents(filter: { types: ["webhook_endpoint.*"] }) { nodes { type data subject { __typename } } } }`,
    );
    expect(data.integrationEvents.nodes).toMatchObject([
      { type: "webhook_endpoint.created", data: { host: new URL(receiver.url).host } },
      { type: "webhook_endpoint.disabled", subject: { __typename: "WebhookEndpoint" } },
      { type: "webhook_endpoint.updated" },
    ]);
  });

  it("reaches an endpoint that works, however many others do not answer", async () => {
    const silent = await startWebhookReceiver();
    silent.answerWith(() => {});
    for (let number = 0; number < 5; number += 1) await create({ url: silent.url });
    await create();
    await rename("Sales");
    const [came] = await receiver.until("integration.updated");
    expect(came?.message.data.label).toBe("Sales");
    await silent.until("integration.updated", 5);
    await silent.stop();
  });

  it("does not follow a redirect", async () => {
    const { id } = await create();
    receiver.answerStatus(307, { location: receiver.url });
    const tested = await mutate(
      "testWebhookEndpoint",
      { id },
      "webhookDelivery { state attempts { statusCode problem { code message } } }",
    );
    expect(tested.webhookDelivery).toMatchObject({
      state: "FAILED",
      attempts: [{ statusCode: 307, problem: { code: "PROVIDER_REFUSED" } }],
    });
    expect(receiver.received).toHaveLength(1);
  });
});

describe("an endpoint", () => {
  it("signs with both secrets while they overlap, and with the new one alone afterwards", async () => {
    const { id, secret } = await create();
    const rotated = await mutate(
      "rotateWebhookSecret",
      { id, overlapHours: 1 },
      "webhookEndpoint { formerSecretUntil } secret",
    );
    expect(rotated.secret).toMatch(/^whsec_/);
    expect(rotated.secret).not.toBe(secret);
    await rename("Sales");
    const [both] = await receiver.until("integration.updated");
    for (const { name, verify } of webhookVerifiers) {
      await expect(verify(secret, both?.headers ?? {}, both?.body ?? ""), name).resolves.toBeUndefined();
      await expect(verify(rotated.secret, both?.headers ?? {}, both?.body ?? ""), name).resolves.toBeUndefined();
    }
    const again = await mutate("rotateWebhookSecret", { id, overlapHours: 0 }, "secret");
    await mutate("testWebhookEndpoint", { id, type: "sync.finished" }, "webhookDelivery { state }");
    const [newest] = await receiver.until("sync.finished");
    for (const { name, verify } of webhookVerifiers) {
      await expect(verify(again.secret, newest?.headers ?? {}, newest?.body ?? ""), name).resolves.toBeUndefined();
      await expect(verify(rotated.secret, newest?.headers ?? {}, newest?.body ?? ""), name).rejects.toThrow();
    }
  });

  it("can be tried out with a made-up event of every type", async () => {
    const { id } = await create();
    const { data } = await caller.query("{ eventTypes { type dataSchema } }");
    for (const { type, dataSchema } of data.eventTypes) {
      const { webhookDelivery, userErrors } = await mutate(
        "testWebhookEndpoint",
        { id, type },
        "webhookDelivery { state trigger event { id } }",
      );
      expect({ type, userErrors }).toEqual({ type, userErrors: [] });
      expect(webhookDelivery).toEqual({ state: "DELIVERED", trigger: "TEST", event: null });
      const message = receiver.received.at(-1)?.message;
      expect(message).toMatchObject({ type, test: true });
      expect(Object.keys(message.data).sort()).toEqual(Object.keys(dataSchema.properties).sort());
    }
    const wrong = await mutate("testWebhookEndpoint", { id, type: "no.such_thing" }, "webhookDelivery { id }");
    expect(wrong).toMatchObject({
      webhookDelivery: null,
      userErrors: [{ code: "INVALID_INPUT", field: ["input", "type"] }],
    });
  });

  it("gets nothing while it is paused, and all of it afterwards, or only what is new", async () => {
    const { id } = await create();
    await mutate("updateWebhookEndpoint", { id, enabled: false }, "webhookEndpoint { state }");
    await rename("first");
    await mutate("updateWebhookEndpoint", { id, enabled: true }, "webhookEndpoint { state }");
    const [came] = await receiver.until("integration.updated");
    expect(came?.message.data.label).toBe("first");
    await mutate("updateWebhookEndpoint", { id, enabled: false }, "webhookEndpoint { state }");
    await rename("second");
    await mutate("updateWebhookEndpoint", { id, enabled: true, skipMissed: true }, "webhookEndpoint { state }");
    await rename("third");
    const all = await receiver.until("integration.updated", 2);
    expect(all.map(({ message }) => message.data.label)).toEqual(["first", "third"]);
  });

  it("gets events again: one, a range, or what was missed", async () => {
    const { id } = await create({ eventTypes: ["integration.updated"] });
    for (const label of ["a", "b", "c"]) await rename(label);
    const came = await receiver.until("integration.updated", 3);
    const labels = () => receiver.received.map(({ message }) => message.data.label);
    const all = await eventually(
      "the receipts",
      () => deliveries({ endpointIds: [id], states: ["DELIVERED"] }),
      (found) => found.length === 3,
    );
    const replay = (input: object) =>
      mutate("replayWebhookDeliveries", { endpointId: id, ...input }, "webhookEndpoint { id }");

    expect((await replay({ deliveryIds: [all[0].id] })).userErrors).toEqual([]);
    await receiver.until("integration.updated", 4);
    expect(labels()).toEqual(["a", "b", "c", "c"]);
    expect((await replay({ after: came[0]?.message.cursor })).userErrors).toEqual([]);
    await receiver.until("integration.updated", 6);
    expect(labels().slice(4).sort()).toEqual(["b", "c"]);
    expect(receiver.received[4]?.headers["webhook-id"]).toBe(
      receiver.received.find(({ message }) => message.data.label === labels()[4])?.message.id,
    );

    await mutate("updateWebhookEndpoint", { id, enabled: false }, "webhookEndpoint { state }");
    await rename("d");
    await mutate("updateWebhookEndpoint", { id, enabled: true, skipMissed: true }, "webhookEndpoint { state }");
    expect((await replay({ missedOnly: true })).userErrors).toEqual([]);
    await receiver.until("integration.updated", 7);
    expect(labels().slice(6)).toEqual(["d"]);
    expect((await replay({})).userErrors).toMatchObject([{ code: "INVALID_INPUT" }]);
    expect((await replay({ deliveryIds: [randomUUID()] })).userErrors).toMatchObject([{ code: "INVALID_INPUT" }]);
  });

  it("is refused where nobody could be reached, or nobody may be", async () => {
    const refusals = [
      { url: "http://169.254.169.254/latest/meta-data" },
      { url: "https://10.0.0.1/hooks" },
      { url: "https://user:password@example.com/hooks" },
      { url: "https://no-such-host.invalid/hooks" },
      { url: receiver.url, eventTypes: ["no.such_type"] },
      { url: receiver.url, eventTypes: [] },
      { url: receiver.url, maxPerSecond: 0 },
      { url: receiver.url, headers: [{ name: "webhook-id", value: "mine" }] },
      { url: receiver.url, headers: [{ name: "x-one", value: "two\r\nlines" }] },
      { url: receiver.url, integrationIds: [randomUUID()] },
      { url: receiver.url, after: "nonsense" },
    ];
    for (const input of refusals) {
      const { webhookEndpoint, secret, userErrors } = await mutate(
        "createWebhookEndpoint",
        input,
        "webhookEndpoint { id } secret",
      );
      expect({ input, webhookEndpoint, secret }).toEqual({ input, webhookEndpoint: null, secret: null });
      expect(userErrors[0].code).toMatch(/EGRESS_REFUSED|INVALID_INPUT/);
      expect(userErrors[0].field[0]).toBe("input");
    }
  });

  it("is made once, however often it is asked for with one key", async () => {
    const input = { idempotencyKey: randomUUID() };
    const first = await create(input);
    expect(await create(input)).toEqual(first);
    const { data } = await caller.query("{ webhookEndpoints { nodes { id } } }");
    expect(data.webhookEndpoints.nodes).toEqual([{ id: first.id }]);
  });

  it("does not take its headers along to another server, and shows its first secret only while nothing was changed", async () => {
    const other = await startWebhookReceiver();
    const input = { idempotencyKey: randomUUID(), headers: [{ name: "x-key", value: "of-the-first-server" }] };
    const { id } = await create(input);
    await mutate("updateWebhookEndpoint", { id, url: other.url }, "webhookEndpoint { id }");
    await rename("Sales");
    const [came] = await other.until("integration.updated");
    expect(came?.headers["x-key"]).toBeUndefined();
    const repeated = await mutate(
      "createWebhookEndpoint",
      { url: receiver.url, eventTypes: ["integration.*"], ...input },
      "webhookEndpoint { id headerNames } secret",
    );
    expect(repeated).toMatchObject({ webhookEndpoint: { id, headerNames: [] }, secret: null });
    await other.stop();
  });

  it("is gone when it is deleted, and with it what was to be sent", async () => {
    const { id } = await create();
    receiver.answerStatus(500);
    await rename("Sales");
    await receiver.until("integration.updated");
    await mutate("deleteWebhookEndpoint", { id }, "webhookEndpoint { id }");
    expect(await deliveries({ endpointIds: [id] })).toEqual([]);
    const gone = await caller.query("query ($id: ID!) { webhookEndpoint(id: $id) { id } }", { id });
    expect(gone.data.webhookEndpoint).toBeNull();
    const again = await mutate("deleteWebhookEndpoint", { id }, "webhookEndpoint { id }");
    expect(again.userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  });

  it("cannot be turned to somewhere else by who may not read what it gets", async () => {
    const tenantId = `tenant-${randomUUID()}`;
    caller = await app.as({ tenantId });
    const wide = await create({ eventTypes: ["job_application.*"] });
    const hidden = await create({ includePrivate: true });
    const usual = scopes.filter((scope) => scope !== "tenant:admin" && scope !== "applications:read");
    caller = await app.as({ tenantId, userId: "bob", scopes: usual });
    const turn = (id: string) =>
      mutate("updateWebhookEndpoint", { id, url: `${receiver.url}/elsewhere` }, "webhookEndpoint { id }");
    expect((await turn(wide.id)).userErrors).toMatchObject([
      { code: "FORBIDDEN", remedy: expect.stringContaining("applications:read") },
    ]);
    expect((await turn(hidden.id)).userErrors).toMatchObject([
      { code: "FORBIDDEN", remedy: expect.stringContaining("tenant:admin") },
    ]);
    const own = await mutate("createWebhookEndpoint", { url: receiver.url }, "webhookEndpoint { id }");
    expect((await turn(own.webhookEndpoint.id)).userErrors).toEqual([]);
    const asked = { url: receiver.url, eventTypes: ["job_application.*"] };
    const refused = await mutate("createWebhookEndpoint", asked, "webhookEndpoint { id }");
    expect(refused.userErrors).toMatchObject([{ code: "FORBIDDEN", field: ["input", "eventTypes"] }]);
  });

  it("is nobody's in another tenant, and needs the scope", async () => {
    const { id } = await create();
    const stranger = await app.as({});
    const seen = await stranger.query(
      "query ($id: ID!) { webhookEndpoint(id: $id) { id } webhookEndpoints { nodes { id } } }",
      { id },
    );
    expect(seen.data).toEqual({ webhookEndpoint: null, webhookEndpoints: { nodes: [] } });
    const unscoped = await app.as({ scopes: ["integrations:read", "events:read"] });
    const { errors } = await unscoped.query("{ webhookEndpoints { nodes { id } } }");
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});
