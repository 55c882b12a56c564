import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopes } from "../../src/services/viewer.ts";
import { type Answer, type CallerOptions, startTestApp, type TestApp, type TestAppOptions } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { type CallbackInbox, type CallbackRouter, startCallbackRouter } from "../support/callback-router.ts";
import { runOnServer } from "../support/database-server.ts";
import { Gate } from "../support/gate.ts";
import { saveRows } from "../support/rows.ts";

const tenantId = `tenant-${randomUUID()}`;
const shared = anIntegration({ tenantId, ownership: "TENANT" });
const bobs = anIntegration({ tenantId, ownerId: "bob", visibility: "PRIVATE" });
const usual = scopes.filter((scope) => scope !== "tenant:admin");
const follow = "subscription ($after: String) { integrationEvents(after: $after) { id cursor type data } }";

let router: CallbackRouter;
let app: TestApp;
beforeAll(async () => {
  router = await startCallbackRouter();
  app = await startCallingBack();
  await saveRows(app.databaseUrl, shared, bobs);
});
afterAll(async () => {
  await app.stop();
  await router.stop();
});

function startCallingBack(options: TestAppOptions = {}): Promise<TestApp> {
  return startTestApp({ ...options, env: { SUBSCRIPTION_CALLBACK_ORIGINS: router.origin, ...options.env } });
}

interface Asked extends CallerOptions {
  readonly query?: string;
  readonly variables?: object;
  readonly extensions: object;
  readonly of?: TestApp;
  readonly method?: string;
}

/** Asks to be called back, as routers do. */
async function subscribe({ query = follow, variables = {}, extensions, of = app, ...caller }: Asked) {
  const { token } = await of.as({ tenantId, userId: "ana", scopes: usual, ...caller });
  const response = await fetch(of.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json;callbackSpec=1.0",
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query, variables, extensions }),
  });
  return { headers: response.headers, answer: (await response.json()) as Answer };
}

async function rename({ id }: { id: string } = shared, userId = "ana"): Promise<string> {
  const label = `Renamed ${randomUUID()}`;
  const { data } = await (await app.as({ tenantId, userId })).query(
    "mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }",
    { input: { id, label } },
  );
  expect(data.updateIntegration.userErrors).toEqual([]);
  return label;
}

const labels = (inbox: CallbackInbox) =>
  inbox.of("next").map(({ payload }) => payload.data.integrationEvents.data.label);

/** Begins to follow the log from now on. */
async function begin(inbox: CallbackInbox, asked: Partial<Asked> = {}, changes: object = {}): Promise<void> {
  const { answer } = await subscribe({ extensions: inbox.asked(changes), ...asked });
  expect(answer).toEqual({ data: null });
}

/** Until a reader that began after all that was sent has been sent something, so that nothing is under way any more. */
async function settle(): Promise<void> {
  const other = router.inbox();
  await begin(other);
  await rename();
  await other.until("next");
}

describe("a subscription by callback", () => {
  it("is checked first, then answered without data, then fed in order, with the router's own verifier", async () => {
    const inbox = router.inbox();
    const { headers, answer } = await subscribe({ extensions: inbox.asked() });
    expect(answer).toEqual({ data: null });
    expect(headers.get("subscription-protocol")).toBe("callback/1.0");
    const { id, verifier } = inbox;
    expect(inbox.messages).toEqual([{ kind: "subscription", action: "check", id, verifier }]);
    expect(inbox.headers[0]).toMatchObject({
      "content-type": "application/json",
      "subscription-protocol": "callback/1.0",
    });

    const renamed = [await rename(), await rename(), await rename()];
    await inbox.until("next", 3);
    expect(labels(inbox)).toEqual(renamed);
    expect(inbox.of("next")[0]).toEqual({
      kind: "subscription",
      action: "next",
      id,
      verifier,
      payload: { data: { integrationEvents: expect.objectContaining({ type: "integration.updated" }) } },
    });
  });

  it("goes on after a cursor", async () => {
    const first = router.inbox();
    await begin(first);
    await rename();
    const [{ payload } = { payload: null }] = await first.until("next");
    const inbox = router.inbox();
    const label = await rename();
    await begin(inbox, { variables: { after: payload.data.integrationEvents.cursor } });
    await inbox.until("next");
    expect(labels(inbox)).toEqual([label]);
  });

  it("sends nothing before what it sent last was taken, however slow the router, and loses nothing", async () => {
    const gate = new Gate();
    const inbox = router.inbox(async ({ action }) => {
      if (action === "next") await gate.passed;
      return 204;
    });
    await begin(inbox, {}, { heartbeatIntervalMs: 200 });
    const renamed = [await rename(), await rename(), await rename(), await rename()];
    await inbox.until("next");
    gate.open();
    await inbox.until("next", 4);
    expect(labels(inbox)).toEqual(renamed);
    expect(inbox.overtaken).toBe(0);
  });

  it("is checked at the asked interval while nothing happens", async () => {
    const inbox = router.inbox();
    await begin(inbox, {}, { heartbeatIntervalMs: 200 });
    await inbox.until("check", 4);
    expect(inbox.of("next")).toEqual([]);
  });

  it("is never checked when the router asks for no heartbeat", async () => {
    const [without, besides] = [router.inbox(), router.inbox()];
    await begin(without);
    await begin(besides, {}, { heartbeatIntervalMs: 200 });
    await besides.until("check", 5);
    expect(without.of("check")).toHaveLength(1);
  });

  it("sends again what the router could not take, in its place", async () => {
    const answers = [500, 503, 429];
    const inbox = router.inbox(({ action }) => (action === "next" ? (answers.shift() ?? 204) : 204));
    await begin(inbox);
    const renamed = [await rename(), await rename()];
    await inbox.until("next", 5);
    expect(labels(inbox)).toEqual([renamed[0], renamed[0], renamed[0], ...renamed]);
  });

  it.each([
    { name: "no longer knows it", status: 404, attempts: 1 },
    { name: "refuses it", status: 400, attempts: 1 },
    { name: "sends it on to another address", status: 307, attempts: 1 },
    { name: "never takes it", status: 500, attempts: 6 },
  ])("ends when its router $name", async ({ status, attempts }) => {
    const inbox = router.inbox(({ action }) => (action === "next" ? status : 204));
    await begin(inbox);
    await rename();
    await inbox.until("next", attempts);
    await settle();
    expect(inbox.messages.map(({ action }) => action)).toEqual(["check", ...Array(attempts).fill("next")]);
  });

  it("ends when a heartbeat is told that nobody knows it", async () => {
    let checks = 0;
    const inbox = router.inbox(() => (++checks < 3 ? 204 : 404));
    await begin(inbox, {}, { heartbeatIntervalMs: 200 });
    await inbox.until("check", 3);
    await settle();
    expect(inbox.of("next")).toEqual([]);
  });

  it("ends with its token, and says so", async () => {
    const inbox = router.inbox();
    await begin(inbox, { expiresInSeconds: 2 });
    const [last] = await inbox.until("complete");
    expect(last?.errors).toMatchObject([
      { message: "The access token has expired", extensions: { code: "UNAUTHENTICATED" } },
    ]);
    await rename();
    expect(inbox.messages.at(-1)).toBe(last);
  });

  it("ends when the process stops, with an error that tells the client to come back", async () => {
    const stopping = await startCallingBack({ beside: app });
    const inbox = router.inbox();
    await begin(inbox, { of: stopping });
    await stopping.stop();
    expect(inbox.of("complete")).toMatchObject([
      { errors: [{ extensions: { code: "PROVIDER_UNAVAILABLE", retryable: true } }] },
    ]);
  });

  it("does not keep the process from stopping when its router does not answer", async () => {
    const stopping = await startCallingBack({ beside: app });
    const gate = new Gate();
    const inbox = router.inbox(async ({ action }) => {
      if (action !== "check") await gate.passed;
      return 204;
    });
    await begin(inbox, { of: stopping });
    await rename();
    await inbox.until("next");
    await stopping.stop();
    gate.open();
  });

  it("that its router has not confirmed yet does not keep the process from stopping, and is to come back", async () => {
    const stopping = await startCallingBack({ beside: app });
    const gate = new Gate();
    const inbox = router.inbox(async () => {
      await gate.passed;
      return 204;
    });
    const asked = subscribe({ of: stopping, extensions: inbox.asked() });
    await inbox.until("check");
    await Promise.all([stopping.stop(), asked]);
    gate.open();
    const { answer } = await asked;
    expect(answer.errors).toMatchObject([{ extensions: { code: "PROVIDER_UNAVAILABLE", retryable: true } }]);
    expect(inbox.of("check")).toHaveLength(1);
  });

  it("is one, when its router asks for it twice", async () => {
    const inbox = router.inbox();
    await begin(inbox);
    await begin(inbox);
    const [first, second] = [await rename(), await rename()];
    await inbox.until("next", 2);
    const third = await rename();
    await inbox.until("next", 3);
    expect(labels(inbox)).toEqual([first, second, third]);
  });

  it("shows faults of ours masked, and goes on", async () => {
    const [broken, mended] = [new Gate(), new Gate()];
    const waits = [broken.passed, mended.passed];
    const inbox = router.inbox(async ({ action }) => {
      if (action === "next") await waits.shift();
      return 204;
    });
    await begin(inbox, { query: "subscription { integrationEvents { data integration { calendars { id } } } }" });
    for (const _event of ["before", "broken", "mended"]) await rename();
    await inbox.until("next");
    await runOnServer(app.databaseUrl, "ALTER TABLE calendar RENAME TO the_secret_name_of_a_table");
    broken.open();
    await inbox.until("next", 2);
    await runOnServer(app.databaseUrl, "ALTER TABLE the_secret_name_of_a_table RENAME TO calendar");
    mended.open();
    await inbox.until("next", 3);
    expect(inbox.of("next").map(({ payload }) => payload.errors)).toMatchObject([
      undefined,
      [{ message: "Internal server error", extensions: { code: "INTERNAL_SERVER_ERROR" } }],
      undefined,
    ]);
  });

  it("shows what its caller may see, and nothing else", async () => {
    const [ana, bob] = [router.inbox(), router.inbox()];
    await begin(ana);
    await begin(bob, { userId: "bob" });
    const secret = await rename(bobs, "bob");
    const open = await rename();
    await bob.until("next", 2);
    await ana.until("next");
    expect(labels(bob)).toEqual([secret, open]);
    expect(labels(ana)).toEqual([open]);
  });
});

describe("a subscription by callback that cannot be", () => {
  const callingBack = (changes: object) => router.inbox().asked(changes);

  it.each([
    {
      name: "to an origin that the operator does not name",
      url: "http://127.0.0.1:1/callback",
      code: "EGRESS_REFUSED",
    },
    { name: "to no address", url: "nonsense", code: "INVALID_INPUT" },
    { name: "to a file", url: "file:///etc/passwd", code: "INVALID_INPUT" },
  ])("is refused before anybody is called: $name", async ({ url, code }) => {
    const { answer } = await subscribe({ extensions: callingBack({ callbackUrl: url }) });
    expect(answer).toMatchObject({
      errors: [{ extensions: { code, field: ["extensions", "subscription", "callbackUrl"] } }],
    });
    expect(answer.data).toBeUndefined();
  });

  it("is told what the operator has to set when no router is named", async () => {
    const bare = await startTestApp({ beside: app });
    const inbox = router.inbox();
    const { answer } = await subscribe({ of: bare, extensions: inbox.asked() });
    await bare.stop();
    expect(answer.errors).toMatchObject([
      { extensions: { code: "NOT_CONFIGURED", remedy: expect.stringContaining("SUBSCRIPTION_CALLBACK_ORIGINS") } },
    ]);
    expect(inbox.messages).toEqual([]);
  });

  it.each([
    { name: "without a token", query: follow, expiresInSeconds: -60, code: "UNAUTHENTICATED" },
    { name: "without the scope", query: follow, scopes: ["integrations:read"], code: "FORBIDDEN" },
    { name: "a document that is none", query: "subscription {", code: "INVALID_INPUT" },
    {
      name: "a field that is not there",
      query: "subscription { integrationEvents { nothing } }",
      code: "INVALID_INPUT",
    },
    {
      name: "a document too deep",
      query: `subscription { integrationEvents ${"{ integration { owner { integrations { nodes ".repeat(5)} { id } ${"} } } }".repeat(5)} }`,
      code: "INVALID_INPUT",
    },
    {
      name: "a document too long",
      query: `subscription { integrationEvents { ${"id ".repeat(10_001)} } }`,
      code: "INVALID_INPUT",
    },
    {
      name: "a cursor that is none",
      query: 'subscription { integrationEvents(after: "nonsense") { id } }',
      code: "INVALID_INPUT",
    },
    {
      name: "a variable of the wrong type",
      query: "subscription ($after: Int) { integrationEvents(after: $after) { id } }",
      code: "INVALID_INPUT",
    },
  ])("is refused at once, and no router is called: $name", async ({ code, name: _name, ...asked }) => {
    const inbox = router.inbox();
    const { answer } = await subscribe({ extensions: inbox.asked(), ...asked });
    expect(answer.errors?.[0]).toMatchObject({ extensions: { code } });
    expect(inbox.messages).toEqual([]);
  });

  it.each([{ status: 404 }, { status: 400 }, { status: 500 }])(
    "is refused when its router does not confirm it, but answers $status",
    async ({ status }) => {
      const inbox = router.inbox(() => status);
      const { answer } = await subscribe({ extensions: inbox.asked() });
      expect(answer.errors).toMatchObject([
        { message: expect.stringContaining(`${status}`), extensions: { code: "PROVIDER_UNAVAILABLE" } },
      ]);
      expect(inbox.of("next")).toEqual([]);
    },
  );

  it("is the hundred and first of one user, until one of them is over; others have their own", async () => {
    const of = await startCallingBack({ beside: app });
    const owner = { of, userId: "cleo" };
    const gone = router.inbox(({ action }) => (action === "next" ? 404 : 204));
    await begin(gone, owner);
    const others = Array.from({ length: 99 }, () => router.inbox());
    for (const inbox of others) await begin(inbox, owner);
    const { answer } = await subscribe({ ...owner, extensions: router.inbox().asked() });
    expect(answer.errors).toMatchObject([{ extensions: { code: "RATE_LIMITED", retryable: true } }]);
    await begin(router.inbox(), { of, userId: "dan" });

    await rename();
    await gone.until("next");
    await expect
      .poll(async () => (await subscribe({ ...owner, extensions: router.inbox().asked() })).answer)
      .toEqual({ data: null });
    await of.stop();
  });

  it("is one asked for by GET", async () => {
    const { token } = await app.as({ tenantId, userId: "ana" });
    const url = new URL(app.url);
    const inbox = router.inbox();
    url.searchParams.set("query", "subscription { integrationEvents { id } }");
    url.searchParams.set("extensions", JSON.stringify(inbox.asked()));
    const headers = { authorization: `Bearer ${token}`, "apollo-require-preflight": "yes" };
    expect((await fetch(url, { headers })).status).toBe(405);
    expect(inbox.messages).toEqual([]);
  });
});
