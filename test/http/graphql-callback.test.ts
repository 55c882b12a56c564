import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { type CallbackRouter, startCallbackRouter } from "../support/callback-router.ts";
import { eventually } from "../support/eventually.ts";
import { saveRows } from "../support/rows.ts";

const query = "subscription ($after: String) { integrationEvents(after: $after) { id type data } }";
const begin = Buffer.from("event:0").toString("base64url");

let router: CallbackRouter;
let app: TestApp;
let tenantId: string;
let integrationId: string;
let ana: TestCaller;

beforeAll(async () => {
  router = await startCallbackRouter();
  app = await startTestApp({ env: { SUBSCRIPTION_CALLBACK_ORIGINS: router.origin } });
});
afterAll(() => Promise.all([app.stop(), router.stop()]));
beforeEach(async () => {
  router.answerWith(() => 204);
  (router.messages as unknown[]).length = 0;
  tenantId = `tenant-${randomUUID()}`;
  const integration = anIntegration({ tenantId, ownership: "TENANT" });
  integrationId = integration.id;
  await saveRows(app.databaseUrl, integration);
  ana = await app.as({ tenantId });
});

async function subscribe(
  subscription: object = {},
  { caller = ana, of = app, variables = { after: begin }, text = query } = {},
) {
  const response = await fetch(of.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${caller.token}` },
    body: JSON.stringify({
      query: text,
      variables,
      extensions: {
        subscription: { callbackUrl: router.url, subscriptionId: randomUUID(), verifier: "v", ...subscription },
      },
    }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

const rename = (label: string) =>
  ana.query("mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }", {
    input: { id: integrationId, label },
  });

const labels = () =>
  router.messages.flatMap(({ action, payload }) =>
    action === "next" ? [payload.data.integrationEvents.data.label] : [],
  );

describe("a subscription by callback", () => {
  it("asks the router first, and brings it each event in order", async () => {
    const { status, body, headers } = await subscribe({ subscriptionId: "one", verifier: "proof" });
    expect({ status, body }).toEqual({ status: 200, body: { data: null } });
    expect(headers.get("subscription-protocol")).toBe("callback/1.0");
    expect(router.messages[0]).toEqual({ kind: "subscription", action: "check", id: "one", verifier: "proof" });
    for (const label of ["a", "b", "c"]) await rename(label);
    await router.until("next", 3);
    expect(labels()).toEqual(["a", "b", "c"]);
    expect(router.messages.at(-1)).toMatchObject({ kind: "subscription", id: "one", verifier: "proof" });
  });

  it("waits for a slow router, and loses nothing of what it could not take", async () => {
    let failures = 2;
    router.answerWith(({ action }) => (action === "next" && failures-- > 0 ? 503 : 204));
    await subscribe();
    for (const label of ["a", "b"]) await rename(label);
    await eventually(
      "both",
      async () => labels(),
      (found) => found.at(-1) === "b",
    );
    expect(labels()).toEqual(["a", "a", "a", "b"]);
  });

  it("ends when the router knows it no more", async () => {
    router.answerWith(({ action }) => (action === "next" ? 404 : 204));
    await subscribe();
    await rename("a");
    await router.until("next");
    await rename("b");
    await router.until("complete");
    expect(labels()).toEqual(["a"]);
  });

  it("is kept alive by heartbeats, and ends when they are not wanted", async () => {
    await subscribe({ heartbeatIntervalMs: 1000 });
    await router.until("check", 2);
    router.answerWith(() => 404);
    await router.until("check", 3);
    router.answerWith(() => 204);
    await rename("late");
    await rename("later");
    expect(labels()).toEqual([]);
  });

  it("lasts no longer than the caller's token, and says so", async () => {
    const shortly = await app.as({ tenantId, expiresInSeconds: 2 });
    await subscribe({}, { caller: shortly });
    const [complete] = await router.until("complete");
    expect(complete?.errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it("is told when the service ends, so that the client comes back elsewhere", async () => {
    const other = await startTestApp({ beside: app, env: { SUBSCRIPTION_CALLBACK_ORIGINS: router.origin } });
    await subscribe({}, { of: other });
    await other.stop();
    const [complete] = await router.until("complete");
    expect(complete?.errors).toMatchObject([{ message: expect.stringContaining("last cursor") }]);
  });

  it("goes to routers that the operator named, and nowhere else", async () => {
    const before = router.messages.length;
    for (const callbackUrl of ["http://169.254.169.254/latest", "http://127.0.0.1:1/callback", "file:///etc/passwd"]) {
      const { status, body } = await subscribe({ callbackUrl });
      expect({ callbackUrl, status }).toEqual({ callbackUrl, status: 400 });
      expect(body.errors[0].extensions.code).toMatch(/EGRESS_REFUSED|INVALID_INPUT/);
    }
    expect((await subscribe({ callbackUrl: undefined })).body.errors[0].extensions.code).toBe("INVALID_INPUT");
    expect(router.messages).toHaveLength(before);
  });

  it("is refused like any other where the caller may not, or the router does not answer", async () => {
    const unscoped = await app.as({ tenantId, scopes: ["integrations:read"] });
    await subscribe({}, { caller: unscoped });
    await subscribe({}, { variables: { after: "nonsense" } });
    const told = (await router.until("complete", 2)).flatMap(({ errors = [] }) => errors);
    expect(told.map(({ extensions }) => extensions.code).sort()).toEqual(["FORBIDDEN", "INVALID_INPUT"]);
    router.answerWith(() => 404);
    expect((await subscribe()).body.errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
  });
});
