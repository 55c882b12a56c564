import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { Browser } from "../support/browser.ts";
import { consent } from "../support/consent.ts";
import { credentialsOf, dataOf, Journey } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

const returnUrl = "http://localhost:3000/settings";
let sandbox: Sandbox;
let app: TestApp;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  app = await startTestApp({ env: { ...sandbox.settings, ALLOWED_RETURN_ORIGINS: "http://localhost:3000" } });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

const integrationFields = `id status accountName reconnectUrl problem { code remedy }
  defaultCalendar { id } calendars { id externalId name selected }`;
const providersQuery =
  "{ providers { id auth signInMethods availability availabilityReason configured tokenRenewal { kind reason } credentialFields { name label required } } }";
const at = (hour: number) => ({ dateTime: `2026-12-05T${hour}:00:00Z`, timeZone: "Europe/Berlin" });
const thatDay = { from: "2026-12-05T00:00:00Z", to: "2026-12-06T00:00:00Z" };

/** Somebody with a Fastmail account of their own, in a tenant of their own. */
async function aPerson(service = app) {
  const twin = sandbox.fastmail;
  const email = `${randomUUID().slice(0, 8)}@example.test`;
  twin.createAccount({ email });
  const journey = new Journey(await service.as({ tenantId: `tenant-${randomUUID()}`, userId: "ana" }));
  const selection = `integration { ${integrationFields} } authorizationUrl`;
  const login = (username = email) => credentialsOf({ username, password: twin.createAppPassword(username, "dav") });

  const connect = (options: Json = {}): Promise<Json> =>
    journey.mutate("connectIntegration", { provider: "FASTMAIL", returnUrl, ...options }, selection);
  const reconnect = (id: string, options: Json = {}): Promise<Json> =>
    journey.mutate("reconnectIntegration", { id, returnUrl, ...options }, selection);
  const allow = async (authorizationUrl: string, who = email) => {
    const back = await consent(twin, authorizationUrl, { email: who });
    return Object.fromEntries(new URL(back.headers.get("location") ?? "about:blank").searchParams);
  };
  const integration = async (id: string): Promise<Json> =>
    dataOf(await journey.caller.query(`query ($id: ID!) { integration(id: $id) { ${integrationFields} } }`, { id }))
      .integration;
  const synced = async (id: string) => {
    await journey.idle(id);
    return integration(id);
  };

  return {
    twin,
    email,
    journey,
    login,
    connect,
    reconnect,
    allow,
    integration,
    synced,
    async connectedByConsent(): Promise<Json> {
      const { integration: pending, authorizationUrl } = await connect();
      expect(await allow(authorizationUrl)).toMatchObject({ outcome: "CONNECTED", integrationId: pending.id });
      return synced(pending.id);
    },
    async connectedByPassword(): Promise<Json> {
      const { integration: made, authorizationUrl, userErrors } = await connect({ credentials: login() });
      expect([authorizationUrl, userErrors]).toEqual([null, []]);
      return synced(made.id);
    },
    titles: () =>
      twin.client
        .calendarUrls(email)
        .flatMap((calendar) => twin.client.objects(email, calendar))
        .map(({ data }) => /SUMMARY:(.*)\r/.exec(data)?.[1]),
  };
}

type Person = Awaited<ReturnType<typeof aPerson>>;

/** Writes here, at Fastmail and here again; all of it is at both in the end. */
async function goesBothWays({ twin, email, journey, titles }: Person, { id, defaultCalendar }: Json): Promise<string> {
  const { calendarEvent: event } = await journey.create(defaultCalendar.id, {
    title: "Interview",
    start: at(10),
    end: at(11),
  });
  expect(titles()).toEqual(["Interview"]);
  const [calendar = ""] = twin.client.calendarUrls(email);
  const [object] = twin.client.objects(email, calendar);
  if (!object) throw new Error("Nothing was stored");
  twin.client.put(email, calendar, object.name, object.data.replace("Interview", "Moved by Ana"));
  await journey.sync(id);
  expect(await journey.events(thatDay)).toMatchObject([{ id: event.id, title: "Moved by Ana" }]);
  await journey.update(event.id, { title: "Interview with Bo" });
  expect(titles()).toEqual(["Interview with Bo"]);
  return event.id;
}

describe("Fastmail in the list of providers", () => {
  it("has both ways to sign in, and nobody has to enter a password", async () => {
    const { journey } = await aPerson();
    const { providers } = dataOf(await journey.caller.query(providersQuery));
    expect(providers).toContainEqual({
      id: "FASTMAIL",
      auth: "OAUTH2",
      signInMethods: ["OAUTH2", "CREDENTIALS"],
      availability: "READY",
      availabilityReason: null,
      configured: true,
      tokenRenewal: { kind: "refreshToken", reason: expect.stringMatching(/consent is renewed.* password is valid/) },
      credentialFields: [
        { name: "username", label: "User name", required: false },
        { name: "password", label: "App password", required: false },
      ],
    });
  });

  it("stays ready where the operator has registered nothing: app passwords work, and consent says what is missing", async () => {
    const { FASTMAIL_BASE_URL = "" } = sandbox.settings;
    const bare = await startTestApp({ env: { FASTMAIL_BASE_URL, ALLOWED_RETURN_ORIGINS: "http://localhost:3000" } });
    const person = await aPerson(bare);
    const { providers } = dataOf(await person.journey.caller.query(providersQuery));
    expect(providers.find(({ id }: Json) => id === "FASTMAIL")).toMatchObject({
      availability: "READY",
      availabilityReason: expect.stringContaining("FASTMAIL_CLIENT_ID"),
      configured: false,
    });
    expect(await person.connect()).toMatchObject({
      integration: null,
      userErrors: [{ code: "NOT_CONFIGURED", remedy: expect.stringMatching(/FASTMAIL_CLIENT_ID.*App password/) }],
    });
    const integration = await person.connectedByPassword();
    expect(await person.reconnect(integration.id)).toMatchObject({ userErrors: [{ code: "NOT_CONFIGURED" }] });
    await goesBothWays(person, integration);
    await bare.stop();
  });
});

describe("connecting Fastmail", () => {
  it("without credentials leads to the consent page, and goes both ways from there", async () => {
    const person = await aPerson();
    const integration = await person.connectedByConsent();
    expect(integration).toMatchObject({
      status: "ACTIVE",
      accountName: person.email,
      calendars: [{ name: "Calendar" }],
    });
    await goesBothWays(person, integration);
  });

  it("asks for the scopes that the operator's registration has, where those are others", async () => {
    const scope = "urn:ietf:params:oauth:scope:calendars offline_access";
    const other = await startTestApp({
      env: { ...sandbox.settings, FASTMAIL_SCOPES: scope, ALLOWED_RETURN_ORIGINS: "http://localhost:3000" },
    });
    const { connect, allow, synced } = await aPerson(other);
    const { integration: pending, authorizationUrl } = await connect();
    expect(await allow(authorizationUrl)).toMatchObject({ outcome: "CONNECTED" });
    expect(await synced(pending.id)).toMatchObject({ status: "ACTIVE" });
    expect(sandbox.fastmail.grantsOfAll.of((await synced(pending.id)).accountName)[0]?.scopes).toEqual(
      scope.split(" "),
    );
    await other.stop();
  });

  it("with an app password is done at once, and goes both ways from there", async () => {
    const person = await aPerson();
    const integration = await person.connectedByPassword();
    expect(integration).toMatchObject({
      status: "ACTIVE",
      accountName: person.email,
      calendars: [{ name: "Calendar" }],
    });
    await goesBothWays(person, integration);
    expect(person.twin.tokenRequests(person.email)).toEqual([]);
  });

  it("takes credentials whole, and says where an app password is made when it is refused", async () => {
    const { connect, email } = await aPerson();
    const half = await connect({ credentials: credentialsOf({ username: email }) });
    expect(half.userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "credentials"] }]);
    const refused = await connect({ credentials: [...credentialsOf({ username: email, password: "my own" })] });
    expect(refused.userErrors).toMatchObject([
      { code: "CREDENTIALS_REJECTED", remedy: expect.stringContaining("Privacy & Security") },
    ]);
  });

  it("is the same account by either way, and connected once", async () => {
    const { connect, allow, login, connectedByPassword } = await aPerson();
    await connectedByPassword();
    const { authorizationUrl } = await connect();
    expect(await allow(authorizationUrl)).toMatchObject({ outcome: "FAILED", code: "DUPLICATE" });
    expect((await connect({ credentials: login() })).userErrors).toMatchObject([{ code: "DUPLICATE" }]);
  });

  it("can be finished with a password while the consent is waited for, with the calendars that were asked for", async () => {
    const { twin, email, connect, reconnect, login, synced } = await aPerson();
    const team = twin.createCalendar(email, { name: "team", displayName: "Team" }).replace("@", "%40");
    const { integration: pending } = await connect({ calendarIds: [team] });
    const { integration, userErrors } = await reconnect(pending.id, { credentials: login() });
    expect([integration?.id, userErrors]).toEqual([pending.id, []]);
    const { status, calendars } = await synced(pending.id);
    expect(status).toBe("ACTIVE");
    expect(calendars.filter(({ selected }: Json) => selected)).toMatchObject([{ externalId: team }]);
  });
});

describe("connecting Fastmail again", () => {
  it("changes from consent to an app password and back; id, calendars and history stay", async () => {
    const person = await aPerson();
    const { twin, email, journey, reconnect, login, allow, synced } = person;
    const first = await person.connectedByConsent();
    const { id, calendars } = first;
    const eventId = await goesBothWays(person, first);

    expect((await reconnect(id, { credentials: login() })).integration).toMatchObject({ id, status: "ACTIVE" });
    expect(await synced(id)).toMatchObject({ id, calendars });
    // Nothing of the grant is used any more.
    twin.revoke(email);
    const renewals = twin.tokenRequests(email).length;
    expect(await journey.sync(id)).toMatchObject({ state: "SUCCEEDED", updated: 0, created: 0, deleted: 0 });
    expect((await journey.update(eventId, { title: "By password" })).calendarEvent).toMatchObject({
      syncState: "SYNCED",
    });
    expect(twin.tokenRequests(email)).toHaveLength(renewals);

    const { authorizationUrl } = await reconnect(id);
    expect(await allow(authorizationUrl)).toMatchObject({ outcome: "CONNECTED", integrationId: id });
    await synced(id);
    // Nothing of the password is used any more.
    twin.passwords.revokeAll(email);
    twin.expireAccessTokens(email);
    expect((await journey.update(eventId, { title: "By consent" })).calendarEvent).toMatchObject({
      syncState: "SYNCED",
    });
    expect(person.titles()).toEqual(["By consent"]);
    expect(await person.integration(id)).toMatchObject({ id, status: "ACTIVE", calendars });
  });

  it("is refused for another account, whichever way it comes by", async () => {
    const { connectedByConsent, reconnect, allow, login, integration } = await aPerson();
    const other = await aPerson();
    const { id } = await connectedByConsent();
    const withPassword = await reconnect(id, { credentials: login(other.email) });
    expect(withPassword.userErrors).toMatchObject([{ code: "INVALID_INPUT", field: ["input", "credentials"] }]);
    const { authorizationUrl } = await reconnect(id);
    expect(await allow(authorizationUrl, other.email)).toMatchObject({ outcome: "FAILED", code: "INVALID_INPUT" });
    expect(await integration(id)).toMatchObject({ status: "ACTIVE" });
  });

  it("mends a grant that is gone with an app password; the link to the consent page ends with that", async () => {
    const { twin, email, journey, connectedByConsent, reconnect, login, integration } = await aPerson();
    const { id } = await connectedByConsent();
    twin.revoke(email);
    await journey.sync(id);
    const broken = await integration(id);
    expect(broken).toMatchObject({ status: "NEEDS_REAUTH", reconnectUrl: expect.any(String) });
    await reconnect(id, { credentials: login() });
    await journey.idle(id);
    twin.passwords.revokeAll(email);
    await journey.sync(id);
    // Whoever has entered a password enters another one.
    expect(await integration(id)).toMatchObject({ status: "NEEDS_REAUTH", reconnectUrl: null });
    expect((await new Browser().visit(broken.reconnectUrl)).status).toBe(404);
  });
});

describe("access to Fastmail", () => {
  it("is renewed while nobody notices, with each refresh token once", async () => {
    const { twin, email, journey, connectedByConsent } = await aPerson();
    const { id } = await connectedByConsent();
    for (const _ of [1, 2]) {
      twin.expireAccessTokens(email);
      expect(await journey.sync(id)).toMatchObject({ state: "SUCCEEDED", problem: null });
    }
    expect(twin.tokenRequests(email).map(({ grantType }) => grantType)).toEqual([
      "authorization_code",
      "refresh_token",
      "refresh_token",
    ]);
    expect(twin.grants(email)).toHaveLength(1);
  });
});

describe("disconnecting Fastmail", () => {
  const selection = "integration { status } revocation { revoked message accountUrl }";
  const page = expect.stringMatching(/^https:\/\/app\.fastmail\.com\//);

  it("ends a consent there", async () => {
    const { twin, email, journey, connectedByConsent } = await aPerson();
    const { id } = await connectedByConsent();
    expect(await journey.mutate("disconnectIntegration", { id }, selection)).toMatchObject({
      integration: { status: "DISCONNECTED" },
      revocation: { revoked: true, accountUrl: page },
    });
    expect(twin.grants(email)).toEqual([]);
  });

  it("says that an app password stays, and where it is revoked; a consent brings the account back with its id", async () => {
    const { journey, connect, connectedByPassword, allow, synced } = await aPerson();
    const { id } = await connectedByPassword();
    expect(await journey.mutate("disconnectIntegration", { id }, selection)).toMatchObject({
      revocation: { revoked: false, message: expect.stringContaining("stays valid"), accountUrl: page },
    });
    const { authorizationUrl } = await connect();
    expect(await allow(authorizationUrl)).toMatchObject({ outcome: "CONNECTED", integrationId: id });
    expect(await synced(id)).toMatchObject({ id, status: "ACTIVE" });
  });
});
