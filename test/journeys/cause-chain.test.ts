import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { consent } from "../support/consent.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let sandbox: Sandbox;
let app: TestApp;
let receiver: WebhookReceiver;
let journey: Journey;
let email: string;
let integrationId: string;
let channel: { address: string; id: string; token: string; resourceId: string };

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  // So that no turn of the schedule comes in between.
  app = await startTestApp({ env: { ...sandbox.settings, GOOGLE_CALENDAR_SYNC_SECONDS: "300-300" } });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});
beforeEach(async () => {
  receiver = await startWebhookReceiver();
  email = `${randomUUID().slice(0, 8)}@example.test`;
  sandbox.googleCalendar.createAccount({ email });
  journey = new Journey(await app.as({ tenantId: `tenant-${randomUUID()}` }));
  const { integration, authorizationUrl } = await journey.mutate(
    "connectIntegration",
    { provider: "GOOGLE_CALENDAR" },
    "integration { id } authorizationUrl",
  );
  integrationId = integration.id;
  await consent(sandbox.googleCalendar, authorizationUrl, { email });
  await journey.idle(integrationId);
  const [live] = await eventually(
    "a channel",
    async () => sandbox.googleCalendar.channels(email),
    (channels) => channels.length > 0,
  );
  channel = live as typeof channel;
  return () => receiver.stop();
});

async function ask(query: string, variables: object = {}): Promise<Json> {
  return dataOf(await journey.caller.query(query, { ...variables }));
}

const inboundFields = `id provider verified state receipts headers size problem { code } correlationId receivedAt
  integration { id } syncRun { id state }`;

async function inbound(filter: object = {}): Promise<Json[]> {
  const query = `query ($filter: InboundDeliveryFilter) { inboundDeliveries(filter: $filter) { nodes { ${inboundFields} } } }`;
  return (await ask(query, { filter })).inboundDeliveries.nodes;
}

const explain = async (id: string): Promise<Json> =>
  (
    await ask(
      `query ($id: ID!) { explain(id: $id) { kind summary fault remedy retryAt correlationId steps { at kind id says } } }`,
      { id },
    )
  ).explain;

const redrive = (id: string, dryRun: boolean): Promise<Json> =>
  journey.mutate("redriveInboundDelivery", { id, dryRun }, "inboundDelivery { id } effects");

/** Sends what Google would, or nearly. */
async function notice(changes: Record<string, string> = {}): Promise<number> {
  const headers = {
    "x-goog-channel-id": channel.id,
    "x-goog-channel-token": channel.token,
    "x-goog-resource-id": channel.resourceId,
    "x-goog-resource-state": "exists",
    "x-goog-message-number": "99",
    ...changes,
  };
  return (await fetch(channel.address, { method: "POST", headers })).status;
}

/** Somebody books in Google itself. */
function bookAtGoogle(summary: string): void {
  const start = { dateTime: "2026-12-05T09:00:00Z" };
  sandbox.googleCalendar.insertEvent(email, { summary, start, end: { dateTime: "2026-12-05T10:00:00Z" } });
}

describe("a change at the vendor", () => {
  it("is one story in one query: the notice, the sync, the change, the webhook and its receipt", async () => {
    await journey.mutate(
      "createWebhookEndpoint",
      { url: receiver.url, eventTypes: ["calendar_event.created"], includePrivate: true },
      "webhookEndpoint { id }",
    );
    bookAtGoogle("Interview with Bo");
    const [webhook] = await receiver.until("calendar_event.created");
    expect(webhook?.message.data.title).toBe("Interview with Bo");
    const { correlationId, id: eventId } = webhook?.message ?? {};

    const query = `query ($correlationId: ID!) {
      inboundDeliveries(filter: { correlationId: $correlationId }) { nodes { id verified syncRun { id correlationId causationId } } }
      integrationEvents(filter: { correlationId: $correlationId }) {
        nodes { id type causationId deliveries { id state attempts { statusCode } } }
      }
    }`;
    const story = await eventually(
      "the receipt",
      () => ask(query, { correlationId }),
      ({ integrationEvents }) =>
        integrationEvents.nodes.some(({ deliveries }: Json) => deliveries[0]?.state === "DELIVERED"),
    );
    const message = story.inboundDeliveries.nodes.at(-1);
    expect(message).toMatchObject({ verified: true, syncRun: { correlationId, causationId: message.id } });
    const types = story.integrationEvents.nodes.map(({ type }: Json) => type);
    expect(types.slice(0, 2)).toEqual(["sync.started", "calendar_event.created"]);
    const [started, created] = story.integrationEvents.nodes;
    expect(started.causationId).toBe(message.id);
    expect(created).toMatchObject({
      id: eventId,
      causationId: message.syncRun.id,
      deliveries: [{ state: "DELIVERED", attempts: [{ statusCode: 204 }] }],
    });

    const explained = await explain(eventId);
    expect(explained).toMatchObject({ kind: "IntegrationEvent", fault: null, remedy: null, correlationId });
    const kinds = explained.steps.map(({ kind }: Json) => kind);
    expect(kinds.filter((kind: string) => kind !== "InboundDelivery")[0]).toBe("SyncRun");
    expect(new Set(kinds)).toEqual(new Set(["InboundDelivery", "SyncRun", "IntegrationEvent", "WebhookDelivery"]));
    expect(explained.steps.map(({ says }: Json) => says).join("\n")).toMatch(
      /Google Calendar sent a message[\s\S]*the vendor told of a change[\s\S]*calendar_event.created for 127\.0\.0\.1:\d+\. It was taken/,
    );
  });

  it("is explained with whose fault it is, and what to do, where it does not arrive", async () => {
    receiver.answerStatus(500);
    const { webhookEndpoint } = await journey.mutate(
      "createWebhookEndpoint",
      { url: receiver.url, eventTypes: ["calendar_event.created"] },
      "webhookEndpoint { id }",
    );
    bookAtGoogle("Interview with Bo");
    await receiver.until("calendar_event.created");
    const [delivery] = await eventually(
      "the attempt",
      async () =>
        (await ask(`{ webhookDeliveries { nodes { id attempts { number } } } }`)).webhookDeliveries.nodes as Json[],
      ([first]) => first?.attempts.length > 0,
    );
    expect(await explain(delivery.id)).toMatchObject({
      kind: "WebhookDelivery",
      summary: expect.stringMatching(/was not taken in 1 attempt.*HTTP 500.*the other side to mend.*tried again at/),
      fault: "provider",
      remedy: expect.stringContaining("200 to 299"),
      retryAt: expect.any(String),
    });
    expect(await explain(webhookEndpoint.id)).toMatchObject({ kind: "WebhookEndpoint", fault: "provider" });
    expect(await explain(integrationId)).toMatchObject({
      kind: "Integration",
      summary: "The integration is ACTIVE.",
      fault: null,
    });
    expect(await explain(randomUUID())).toBeNull();
    expect(await explain("nonsense")).toBeNull();
    const stranger = new Journey(await app.as({}));
    const answer = await stranger.caller.query("query ($id: ID!) { explain(id: $id) { id } }", { id: delivery.id });
    expect(answer.data.explain).toBeNull();
  });
});

describe("what vendors send", () => {
  it("is listed with what became of it, without its secrets", async () => {
    bookAtGoogle("Interview with Bo");
    const [newest] = await eventually(
      "a notice",
      () => inbound({ states: ["DONE"] }),
      (found) => found.length > 0,
    );
    expect(newest).toMatchObject({
      provider: "GOOGLE_CALENDAR",
      verified: true,
      receipts: 1,
      integration: { id: integrationId },
      syncRun: { id: expect.any(String) },
      headers: { "x-goog-channel-id": channel.id },
    });
    expect(JSON.stringify(newest)).not.toContain(channel.token);
    expect(await inbound({ integrationIds: [integrationId], verified: true })).toContainEqual(
      expect.objectContaining({ id: newest.id }),
    );
    expect(await inbound({ providers: ["INDEED"] })).toEqual([]);
  });

  it("is refused and counted where it does not prove to be theirs, one line an hour", async () => {
    for (let time = 0; time < 5; time += 1) expect(await notice({ "x-goog-channel-token": "guessed" })).toBe(403);
    const unproved = await inbound({ verified: false });
    expect(unproved.reduce((sum, { receipts }) => sum + receipts, 0)).toBe(5);
    expect(unproved.length).toBeLessThanOrEqual(2);
    expect(unproved[0]).toMatchObject({ state: "REFUSED", problem: { code: "FORBIDDEN" }, syncRun: null });
    expect(JSON.stringify(unproved)).not.toContain("guessed");
    const { userErrors } = await redrive(unproved[0].id, false);
    expect(userErrors).toMatchObject([{ code: "PREREQUISITE_MISSING", remedy: expect.any(String) }]);
  });

  it("can be acted on again, after having been told what would be done", async () => {
    bookAtGoogle("Interview with Bo");
    const [delivery] = await eventually(
      "a notice",
      () => inbound({ states: ["DONE"] }),
      (found) => found.length > 0,
    );
    await journey.idle(integrationId);
    const before = (await journey.runs(integrationId)).length;
    const told = await redrive(delivery.id, true);
    expect(told).toMatchObject({
      inboundDelivery: { id: delivery.id },
      effects: [expect.stringMatching(/^The calendar ".*" is read, by a sync of its own\.$/)],
    });
    expect(await journey.runs(integrationId)).toHaveLength(before);
    const done = await redrive(delivery.id, false);
    expect(done.effects).toEqual(told.effects);
    await journey.idle(integrationId);
    const [run] = await journey.runs(integrationId);
    expect(run).toMatchObject({ trigger: "MANUAL", state: "SUCCEEDED" });
  });

  it("is nobody else's to see or to act on", async () => {
    const [delivery] = await eventually(
      "a notice",
      () => inbound(),
      (found) => found.length > 0,
    );
    const stranger = new Journey(await app.as({}));
    const seen = await stranger.caller.query("{ inboundDeliveries { nodes { id } } }");
    expect(seen.data.inboundDeliveries.nodes).toEqual([]);
    const refused = await stranger.mutate("redriveInboundDelivery", { id: delivery.id }, "effects");
    expect(refused).toMatchObject({ effects: [], userErrors: [{ code: "NOT_FOUND" }] });
  });
});
