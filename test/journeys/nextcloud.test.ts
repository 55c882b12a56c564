import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { defaultNextcloudSwitches } from "../../sandbox/nextcloud/switches.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { Browser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { credentialsOf, dataOf, Journey } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let sandbox: Sandbox;
let app: TestApp;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  app = await startTestApp({ env: sandbox.settings });
});
beforeEach(() => {
  Object.assign(sandbox.nextcloud.switches, defaultNextcloudSwitches());
  sandbox.nextcloud.faults.disarmAll();
  sandbox.nextcloud.bruteForce.reset();
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

const integrationFields = `id status accountName reconnectUrl problem { code message remedy providerCode }
  defaultCalendar { id } calendars { id externalId name selected writable primary }`;

const at = (hour: number) => ({ dateTime: `2026-12-05T${hour}:00:00Z`, timeZone: "Europe/Berlin" });
const thatDay = { from: "2026-12-05T00:00:00Z", to: "2026-12-06T00:00:00Z" };

/** Somebody with an account at the Nextcloud, in a tenant of their own. */
async function aPerson(on = app) {
  const twin = sandbox.nextcloud;
  const uid = `u${randomUUID().slice(0, 8)}`;
  const email = `${uid}@example.test`;
  twin.createAccount({ email, uid, loginName: `login of ${uid}` });
  const serverUrl = `${sandbox.origin}/nextcloud`;
  const journey = new Journey(await on.as({ tenantId: `tenant-${randomUUID()}`, userId: "ana" }));
  const connect = (values: Record<string, string> = { serverUrl }, options: Json = {}): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      { provider: "NEXTCLOUD", credentials: credentialsOf(values), ...options },
      `integration { ${integrationFields} } authorizationUrl`,
    );
  const reconnect = (id: string, values: Record<string, string> = {}): Promise<Json> =>
    journey.mutate(
      "reconnectIntegration",
      { id, credentials: credentialsOf(values) },
      `integration { ${integrationFields} } authorizationUrl`,
    );
  const integration = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { integration(id: $id) { ${integrationFields} } }`, { id }))
      .integration;
  const becomes = (id: string, isThere: (found: Json) => boolean): Promise<Json> =>
    eventually("the login to come to an end", () => integration(id), isThere, { withinMs: 30_000 });
  /** What the person does in the browser. */
  const grant = async (link: string, as = email, browser = new Browser()) => {
    const login = await browser.sentTo(link);
    const granted = await fetch(login, { method: "POST", body: new URLSearchParams({ account: as }) });
    expect(await granted.text()).toContain("Account connected");
    return login;
  };
  const connected = async (): Promise<Json> => {
    const { integration: pending, authorizationUrl } = await connect();
    await grant(authorizationUrl);
    await becomes(pending.id, ({ status }) => status === "ACTIVE");
    await journey.idle(pending.id);
    return integration(pending.id);
  };
  const failures = async () => journey.log(["integration.connection_failed"]);
  const passwords = () => twin.passwords.of(email);
  return {
    ...{ twin, uid, email, serverUrl, journey, connect, reconnect, integration, becomes, grant, connected, failures },
    passwords,
  };
}

/** The polls so far of everybody's logins, and those that were answered. */
const polls = () => sandbox.requests.filter(({ path }) => path.endsWith("/login/v2/poll"));
const answers = () => polls().filter(({ status }) => status === 200).length;

describe("connecting a Nextcloud", () => {
  it("needs nothing but its address, leads to its page, and goes both ways from there", async () => {
    const { twin, uid, email, journey, connect, becomes, grant, integration, passwords } = await aPerson();
    const { integration: pending, authorizationUrl, userErrors } = await connect();
    expect(userErrors).toEqual([]);
    expect(pending).toMatchObject({ status: "CONNECTING", accountName: "", reconnectUrl: expect.any(String) });
    expect(authorizationUrl).toMatch(/^http:\/\/localhost:\d+\/oauth\/start\/[\w-]{43}$/);
    const login = await grant(authorizationUrl);
    expect(login).toMatch(new RegExp(`^${sandbox.origin}/nextcloud/index.php/login/v2/flow/\\w{128}$`));

    const live = await becomes(pending.id, ({ status }) => status === "ACTIVE");
    expect(live).toMatchObject({ accountName: `login of ${uid}`, problem: null, reconnectUrl: null });
    await journey.idle(pending.id);
    expect(passwords()).toHaveLength(1);
    const types = (await journey.log()).map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(["integration.connected", "calendar.added"]);

    const { defaultCalendar, calendars } = await integration(pending.id);
    expect(calendars.find(({ selected }: Json) => selected)).toMatchObject({ name: "Personal", primary: true });
    const draft = { title: "Interview", start: at(10), end: at(11) };
    const { calendarEvent: event } = await journey.create(defaultCalendar.id, draft);
    const objects = () => twin.client.objects(email, "personal");
    expect(objects().map(({ data }) => data)).toEqual([expect.stringContaining("SUMMARY:Interview")]);
    const [stored] = objects();
    twin.client.put(email, "personal", stored?.name ?? "", stored?.data.replace("Interview", "Talk") ?? "");
    await journey.sync(pending.id);
    expect(await journey.events(thatDay)).toMatchObject([{ id: event.id, title: "Talk", syncState: "SYNCED" }]);
  });

  it("takes the operator's Nextcloud where nobody names one", async () => {
    const { email, journey, connect, becomes, grant } = await aPerson();
    const { providers } = dataOf(
      await journey.caller.query(
        "{ providers { id availability auth signInMethods credentialFields { name kind required help } } }",
      ),
    );
    expect(providers.find(({ id }: Json) => id === "NEXTCLOUD")).toMatchObject({
      availability: "READY",
      auth: "CREDENTIALS",
      signInMethods: ["CREDENTIALS", "LOGIN_FLOW"],
      credentialFields: [
        { name: "serverUrl", kind: "URL", required: false },
        { name: "username", kind: "TEXT", required: false, help: expect.stringContaining("Leave it out") },
        { name: "password", kind: "SECRET", required: false, help: expect.stringContaining("Devices & sessions") },
      ],
    });
    const { integration, authorizationUrl } = await connect({ serverUrl: "", username: "" });
    await grant(authorizationUrl, email);
    await becomes(integration.id, ({ status }) => status === "ACTIVE");
  });

  it("is done at once with a user name and an app password", async () => {
    const { twin, email, uid, serverUrl, connect } = await aPerson();
    const password = twin.createAppPassword(email);
    expect(await connect({ serverUrl, username: uid, password })).toMatchObject({
      integration: { status: "ACTIVE", accountName: uid },
      authorizationUrl: null,
    });
  });

  it("says in which field it is wrong, before anybody is sent anywhere", async () => {
    const { serverUrl, connect, journey } = await aPerson();
    const field = ["input", "credentials", "0", "value"];
    for (const other of ["", "/icloud"]) {
      expect(await connect({ serverUrl: `${sandbox.origin}${other}` })).toMatchObject({
        integration: null,
        userErrors: [{ code: "PROVIDER_REPLY_INVALID", field, remedy: expect.stringContaining("address bar") }],
      });
    }
    expect(await connect({ serverUrl: "http://cloud.example.test" })).toMatchObject({
      userErrors: [{ code: "INVALID_INPUT", field, remedy: expect.stringContaining("https://") }],
    });
    expect(await connect({ serverUrl: "https://10.1.2.3" })).toMatchObject({
      userErrors: [{ code: "EGRESS_REFUSED" }],
    });
    expect(await connect({ serverUrl, username: "ana" })).toMatchObject({ userErrors: [{ code: "INVALID_INPUT" }] });
    expect(dataOf(await journey.caller.query("{ integrations { nodes { id } } }")).integrations.nodes).toEqual([]);
  });

  it("is the same call when it is repeated with its key, and both of its links lead to the same end", async () => {
    const { connect, grant, becomes, integration, failures } = await aPerson();
    const first = await connect(undefined, { idempotencyKey: "once" });
    const again = await connect(undefined, { idempotencyKey: "once" });
    expect(again.integration.id).toBe(first.integration.id);
    await new Browser().sentTo(first.authorizationUrl);
    await grant(again.authorizationUrl);
    await becomes(first.integration.id, ({ status }) => status === "ACTIVE");
    expect(await integration(first.integration.id)).toMatchObject({ problem: null });
    expect(await failures()).toEqual([]);
  });

  it("begins at a link that is good once", async () => {
    const { connect } = await aPerson();
    const { authorizationUrl } = await connect();
    const browser = new Browser();
    const [one, other] = await Promise.all([browser.visit(authorizationUrl), browser.visit(authorizationUrl)]);
    expect([one.status, other.status].toSorted()).toEqual([303, 404]);
    expect((await browser.visit(authorizationUrl)).status).toBe(404);
  });

  it("tells whoever follows the link, the integration and the log that its administrator does not allow it", async () => {
    const { connect, integration, failures, grant, becomes } = await aPerson();
    sandbox.nextcloud.switches.allowedUserAgents = ["^Known"];
    const { integration: pending, authorizationUrl } = await connect();
    const page = await new Browser().visit(authorizationUrl);
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining("allowed_user_agents")]);
    const found = await integration(pending.id);
    expect(found).toMatchObject({ status: "CONNECTING", problem: { code: "PROVIDER_REFUSED" } });
    expect(await failures()).toMatchObject([
      { subjectId: pending.id, data: { problem: { code: "PROVIDER_REFUSED" } } },
    ]);

    sandbox.nextcloud.switches.allowedUserAgents = ["^integrations-subgraph/"];
    await grant(await new Browser().sentTo(found.reconnectUrl));
    expect(await becomes(pending.id, ({ status }) => status === "ACTIVE")).toMatchObject({ problem: null });
  });

  it("does not take the word of a server that calls itself another one, and leaves no password there", async () => {
    const { connect, grant, becomes, passwords } = await aPerson();
    sandbox.nextcloud.switches.serverSaid = "https://elsewhere.example.test";
    const { integration, authorizationUrl } = await connect();
    await grant(authorizationUrl);
    const { status, problem } = await becomes(integration.id, (found) => found.problem !== null);
    expect([status, problem]).toEqual([
      "CONNECTING",
      expect.objectContaining({
        code: "PROVIDER_REPLY_INVALID",
        message: expect.stringContaining("https://elsewhere.example.test"),
        remedy: expect.stringContaining("overwriteprotocol"),
      }),
    ]);
    expect(passwords()).toEqual([]);
  });

  it("connects an account once, and gives back the second password", async () => {
    const { connect, connected, grant, becomes, passwords } = await aPerson();
    await connected();
    const before = passwords();
    const { integration, authorizationUrl } = await connect();
    await grant(authorizationUrl);
    const { problem } = await becomes(integration.id, (found) => found.problem !== null);
    expect(problem.code).toBe("DUPLICATE");
    await expect.poll(passwords).toEqual(before);
  });
});

describe("a login that nobody finishes", () => {
  it("is told when its time is over, and can be begun again", async () => {
    let aheadMs = 0;
    const later = await startTestApp({ env: sandbox.settings, now: () => new Date(Date.now() + aheadMs) });
    onTestFinished(() => later.stop());
    const { connect, becomes, failures, integration } = await aPerson(later);
    const { integration: pending, authorizationUrl } = await connect();
    const before = polls().length;
    await new Browser().sentTo(authorizationUrl);
    await expect.poll(() => polls().length, { timeout: 20_000 }).toBeGreaterThan(before + 1);
    expect(await integration(pending.id)).toMatchObject({ status: "CONNECTING", problem: null });

    aheadMs = 1_200_000;
    const found = await becomes(pending.id, ({ problem }) => problem !== null);
    expect(found).toMatchObject({
      status: "CONNECTING",
      problem: { code: "PROVIDER_REFUSED", remedy: expect.stringContaining("Connect again") },
    });
    expect(await failures()).toHaveLength(1);
    expect(await new Browser().sentTo(found.reconnectUrl)).toMatch(/\/oauth\/start\//);
  });

  it("costs the one that was granted nothing", async () => {
    const { connect, reconnect, grant, becomes, failures } = await aPerson();
    const { integration, authorizationUrl } = await connect();
    await new Browser().sentTo(authorizationUrl);
    const again = await reconnect(integration.id);
    await grant(again.authorizationUrl);
    await becomes(integration.id, ({ status }) => status === "ACTIVE");
    await inDatabase("UPDATE oauth_flow SET expires_at = now() WHERE integration_id = $1", [integration.id]);
    const open = () =>
      inDatabase("SELECT id FROM oauth_flow WHERE integration_id = $1 AND state <> 'DONE'", [integration.id]);
    await expect.poll(open, { timeout: 20_000 }).toEqual([]);
    expect(await failures()).toEqual([]);
  });
});

describe("an answer that is given once", () => {
  it("is kept before anything is done with it: who dies then leaves the rest to another process", async () => {
    const api = await startTestApp({ env: { ...sandbox.settings, ROLES: "api" } });
    const dying = await startTestApp({ beside: api, env: { ...sandbox.settings, ROLES: "worker" } });
    onTestFinished(() => api.stop());
    const { connect, grant, becomes, passwords } = await aPerson(api);
    const { integration, authorizationUrl } = await connect();
    // Nothing can be proved with the password yet.
    const recover = sandbox.nextcloud.fail("down", { path: "/remote.php/" });
    await grant(authorizationUrl);
    const flow = () => inDatabase("SELECT state, login FROM oauth_flow", [], api);
    await eventually("the answer to be kept", flow, ([found]) => found?.state === "RETURNED", { withinMs: 20_000 });
    const answered = answers();
    await dying.stop();
    recover();

    const next = await startTestApp({ beside: api, env: { ...sandbox.settings, ROLES: "worker" } });
    onTestFinished(() => next.stop());
    await becomes(integration.id, ({ status }) => status === "ACTIVE");
    expect(answers()).toBe(answered);
    expect(passwords()).toHaveLength(1);
    expect(await flow()).toMatchObject([{ state: "DONE", login: null }]);
  });

  it("is lost with the connection that breaks off in it, and the login ends by itself", async () => {
    const { connect, grant, becomes } = await aPerson();
    const { integration, authorizationUrl } = await connect();
    const answered = answers();
    sandbox.nextcloud.fail("truncated", { on: "token", path: "/login/v2/poll" });
    await grant(authorizationUrl);
    await expect.poll(answers, { timeout: 20_000 }).toBeGreaterThan(answered);
    sandbox.nextcloud.faults.disarmAll();
    await inDatabase("UPDATE oauth_flow SET expires_at = now() WHERE integration_id = $1", [integration.id]);
    const { problem } = await becomes(integration.id, (found) => found.problem !== null);
    expect(problem.remedy).toContain("that answer got lost");
  });

  it("is given to one of two who ask at the same time, and comes to one end", async () => {
    const other = await startTestApp({ beside: app, env: { ...sandbox.settings, ROLES: "worker" } });
    onTestFinished(() => other.stop());
    const { connect, grant, becomes, passwords, journey, failures } = await aPerson();
    const { integration, authorizationUrl } = await connect();
    const answered = answers();
    await grant(authorizationUrl);
    const [{ id: flowId, tenant_id: tenantId }] = await inDatabase(
      "SELECT id, tenant_id FROM oauth_flow WHERE integration_id = $1",
      [integration.id],
    );
    // As if a worker had been taken for dead, and its task given to another one.
    for (let n = 0; n < 4; n += 1) {
      await inDatabase("INSERT INTO pgboss.job (name, data, singleton_key) VALUES ('poll-login', $1, $2)", [
        JSON.stringify({ payload: { tenantId, flowId }, key: `${flowId}-${n}`, attempt: 1 }),
        `${flowId}-${n}`,
      ]);
    }
    await becomes(integration.id, ({ status }) => status === "ACTIVE");
    await journey.idle(integration.id);
    expect(answers()).toBe(answered + 1);
    expect(passwords()).toHaveLength(1);
    expect(await journey.log(["integration.connected"])).toHaveLength(1);
    expect(await failures()).toEqual([]);
  });
});

describe("connecting a Nextcloud again", () => {
  it("keeps id and calendars after the app password was revoked, by the link or without credentials", async () => {
    const { twin, email, journey, connected, integration, reconnect, grant, becomes } = await aPerson();
    const { id, calendars } = await connected();
    for (const again of ["link", "mutation"]) {
      twin.passwords.revokeAll(email);
      await journey.sync(id);
      const broken = await integration(id);
      expect(broken).toMatchObject({ status: "NEEDS_REAUTH", problem: { code: "CREDENTIALS_REJECTED" } });
      const link =
        again === "link" ? await new Browser().sentTo(broken.reconnectUrl) : (await reconnect(id)).authorizationUrl;
      await grant(link);
      expect(await becomes(id, ({ status }) => status === "ACTIVE")).toMatchObject({ calendars, problem: null });
      await journey.idle(id);
    }
  });

  it("refuses another account, and leaves no password with it", async () => {
    const { twin, email, journey, connected, reconnect, grant, failures, integration } = await aPerson();
    const other = await aPerson();
    const { id } = await connected();
    twin.passwords.revokeAll(email);
    await journey.sync(id);
    const { authorizationUrl } = await reconnect(id);
    await grant(authorizationUrl, other.email);
    await expect.poll(failures, { timeout: 20_000 }).toMatchObject([
      {
        subjectId: id,
        data: { problem: { code: "INVALID_INPUT", message: expect.stringContaining("another account") } },
      },
    ]);
    await expect.poll(other.passwords).toEqual([]);
    expect((await integration(id)).status).toBe("NEEDS_REAUTH");
  });
});

describe("disconnecting a Nextcloud", () => {
  const selection = "integration { status } revocation { revoked message accountUrl }";

  it("deletes the app password there", async () => {
    const { journey, connected, passwords, serverUrl } = await aPerson();
    const { id } = await connected();
    expect(await journey.mutate("disconnectIntegration", { id }, selection)).toMatchObject({
      integration: { status: "DISCONNECTED" },
      revocation: { revoked: true, accountUrl: `${serverUrl}/index.php/settings/user/security` },
    });
    expect(passwords()).toEqual([]);
  });

  it("says that the account's own password stays", async () => {
    const { uid, serverUrl, journey, connect } = await aPerson();
    const { integration } = await connect({ serverUrl, username: uid, password: `password of ${uid}` });
    expect(await journey.mutate("disconnectIntegration", { id: integration.id }, selection)).toMatchObject({
      revocation: { revoked: false, message: expect.stringContaining("stays valid") },
    });
  });

  it("does not try a password once more that was refused before", async () => {
    const { twin, email, journey, connected } = await aPerson();
    const { id } = await connected();
    twin.passwords.revokeAll(email);
    await journey.sync(id);
    const before = sandbox.requests.length;
    expect(await journey.mutate("disconnectIntegration", { id }, selection)).toMatchObject({
      integration: { status: "DISCONNECTED" },
      revocation: { revoked: true, message: expect.stringContaining("refused the credentials before") },
    });
    expect(sandbox.requests.slice(before)).toEqual([]);
  });
});

describe("bad logins at a Nextcloud", () => {
  it("stop at the first, and what they cost others is waited out by everybody at that server", async () => {
    const [ana, bo] = [await aPerson(), await aPerson()];
    const { id } = await ana.connected();
    const other = await bo.connected();
    onTestFinished(() => inDatabase("DELETE FROM limits.server").then(() => {}));
    sandbox.nextcloud.fail("rate-limited-with-retry-after", { times: 1, retryAfterSeconds: 60 });
    await ana.journey.mutate("testIntegration", { id }, "integration { status }");
    const before = sandbox.requests.length;
    const tested = await bo.journey.mutate("testIntegration", { id: other.id }, "integration { status }");
    expect(tested).toMatchObject({
      userErrors: [{ code: "RATE_LIMITED", providerCode: "TooManyRequests", retryable: true }],
    });
    const tried = await bo.connect();
    expect(tried).toMatchObject({ integration: null, userErrors: [{ code: "RATE_LIMITED" }] });
    expect(sandbox.requests.slice(before)).toEqual([]);
    expect((await bo.integration(other.id)).status).toBe("ACTIVE");
  });
});

describe("every secret of a login", () => {
  it("stays out of the log, the events, the answers and the clear columns of the database", async () => {
    const { journey, connected, connect, grant, becomes, integration } = await aPerson();
    const { id } = await connected();
    const second = await connect();
    await grant(second.authorizationUrl);
    await becomes(second.integration.id, ({ problem }) => problem !== null);
    const answers = JSON.stringify([await journey.log(), await journey.runs(id), await integration(id)]);
    const rows = JSON.stringify(
      await inDatabase(`
        SELECT to_jsonb(x) FROM integration x UNION ALL SELECT to_jsonb(x) FROM event x
        UNION ALL SELECT to_jsonb(x) FROM oauth_flow x UNION ALL SELECT to_jsonb(x) FROM route x
        UNION ALL SELECT to_jsonb(x) FROM idempotency_key x UNION ALL SELECT data FROM pgboss.job`),
    );
    const told = [answers, rows, ...app.logLines].join("\n");
    const tokens = polls().map(({ body }) => new URLSearchParams(body).get("token") ?? "");
    const secrets = [...sandbox.nextcloud.issuedSecrets(), ...tokens];
    expect(secrets.length).toBeGreaterThan(10);
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
  });
});

/** Looks at the service's tables as their owner. */
async function inDatabase(sql: string, parameters: unknown[] = [], of = app): Promise<Json[]> {
  const client = new Client({ connectionString: of.databaseUrl });
  await client.connect();
  return client
    .query(sql, parameters)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}
