import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pgbouncerIsInstalled, startPgbouncer } from "../../sandbox/real-servers/pgbouncer.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { EventFollower } from "../support/event-follower.ts";
import { eventually } from "../support/eventually.ts";
import { saveRows } from "../support/rows.ts";
import { startWebhookReceiver } from "../support/webhook-receiver.ts";

/** Less than readers look by themselves. */
const soonerThanAnyPoll = 4_000;

describe.skipIf(!pgbouncerIsInstalled)("behind PgBouncer in transaction mode (apt-get install pgbouncer)", () => {
  let database: TestDatabase;
  let bouncer: Awaited<ReturnType<typeof startPgbouncer>>;
  let one: TestApp;
  let two: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    bouncer = await startPgbouncer(database.url);
    const options = { beside: bouncer, env: { WAKE_BUS: database.url } };
    one = await startTestApp(options);
    two = await startTestApp(options);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), two.stop()]);
    await bouncer.stop();
    await database.drop();
  });

  it("what happens in one process is heard in the other at once, and reaches webhook endpoints", async () => {
    const tenantId = `tenant-${randomUUID()}`;
    const integration = anIntegration({ tenantId, ownership: "TENANT" });
    await saveRows(database.url, integration);
    const atOne = await one.as({ tenantId });
    const follower = new EventFollower(await two.as({ tenantId }));
    const receiver = await startWebhookReceiver();
    const rename = (label: string) =>
      atOne.query(
        "mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }",
        { input: { id: integration.id, label } },
      );
    await atOne.query(
      "mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { userErrors { code } } }",
      { input: { url: receiver.url, eventTypes: ["integration.*"] } },
    );
    await eventually(
      "the subscription",
      async () => {
        await rename(randomUUID());
        return follower.events;
      },
      (events) => events.length > 0,
    );
    for (const label of ["a", "b", "c"]) {
      await rename(label);
      await follower.until(label, (events) => events.at(-1)?.data.label === label, soonerThanAnyPoll);
    }
    expect(follower.events.slice(-3).map(({ data }) => data.label)).toEqual(["a", "b", "c"]);
    await eventually(
      "the webhook",
      async () => receiver.received.map(({ message }) => message.data.label),
      (labels) => labels.includes("c"),
    );
    await follower.stop();
    await receiver.stop();
  });

  it("tenants stay apart, although they share connections", async () => {
    const tenants = Array.from({ length: 20 }, () => `tenant-${randomUUID()}`);
    for (const tenantId of tenants) {
      await saveRows(database.url, anIntegration({ tenantId, ownership: "TENANT", label: tenantId }));
    }
    const callers = await Promise.all(tenants.flatMap((tenantId) => [one.as({ tenantId }), two.as({ tenantId })]));
    const answers = await Promise.all(callers.map((caller) => caller.query("{ integrations { nodes { label } } }")));
    const seen = answers.map(({ data }) => data.integrations.nodes);
    expect(seen).toEqual(tenants.flatMap((label) => [[{ label }], [{ label }]]));
  });
});
