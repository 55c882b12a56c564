import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultICloudSwitches } from "../../sandbox/icloud/switches.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { dataOf, Journey } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let sandbox: Sandbox;
let app: TestApp;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  app = await startTestApp({ env: sandbox.settings });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

const at = (hour: number) => ({ dateTime: `2026-12-05T${hour}:00:00Z`, timeZone: "Europe/Berlin" });
const thatDay = { from: "2026-12-05T00:00:00Z", to: "2026-12-06T00:00:00Z" };

/** Somebody with an Apple Account of their own, in a tenant of their own. */
async function aPerson() {
  const twin = sandbox.icloud;
  Object.assign(twin.switches, defaultICloudSwitches());
  const email = `${randomUUID().slice(0, 8)}@example.test`;
  twin.createAccount({ email });
  const journey = new Journey(await app.as({ tenantId: `tenant-${randomUUID()}`, userId: "ana" }));
  const credentials = (password: string) => [
    { name: "username", value: email },
    { name: "password", value: password },
  ];
  const connect = (password = twin.createAppPassword(email)): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      { provider: "ICLOUD", credentials: credentials(password) },
      "integration { id accountName }",
    );
  const reconnect = (id: string): Promise<Json> =>
    journey.mutate(
      "reconnectIntegration",
      { id, credentials: credentials(twin.createAppPassword(email)) },
      "integration { id status }",
    );
  const connected = async (): Promise<Json> => {
    const { integration } = await connect();
    await journey.idle(integration.id);
    return journey.integration(integration.id);
  };
  const stored = () =>
    twin.client.calendarUrls(email).flatMap((calendar) => twin.client.objects(email, calendar).map(({ data }) => data));
  return { twin, email, journey, connect, reconnect, connected, stored };
}

describe("connecting iCloud", () => {
  it("asks for a name and an app-specific password, and for no address", async () => {
    const { journey } = await aPerson();
    const { providers } = dataOf(
      await journey.caller.query("{ providers { id availability credentialFields { name kind required help } } }"),
    );
    expect(providers.find(({ id }: { id: string }) => id === "ICLOUD")).toMatchObject({
      availability: "READY",
      credentialFields: [
        { name: "username", kind: "TEXT", required: true },
        { name: "password", kind: "SECRET", required: true, help: expect.stringContaining("mail, contacts") },
      ],
    });
  });

  it("goes both ways from there, from whichever host Apple keeps the account at", async () => {
    const { twin, email, journey, connected, stored } = await aPerson();
    const { id, defaultCalendar, calendars } = await connected();
    expect(calendars.map(({ name }: { name: string }) => name).toSorted()).toEqual(["Home", "Work"]);
    const draft = { title: "Interview", start: at(10), end: at(11) };
    const { calendarEvent: event } = await journey.create(defaultCalendar.id, draft);
    expect(stored()).toEqual([expect.stringContaining("SUMMARY:Interview")]);

    twin.switches.mainHostServes = false;
    twin.movePartition(email);
    await journey.update(event.id, { title: "Interview with Bo" });
    await journey.sync(id);
    expect(stored()).toEqual([expect.stringContaining("SUMMARY:Interview with Bo")]);
    expect(await journey.events({ ...thatDay, calendarIds: [defaultCalendar.id] })).toMatchObject([
      { id: event.id, title: "Interview with Bo", syncState: "SYNCED" },
    ]);
    // The calendars are those it had before, not new ones at another address.
    expect((await journey.integration(id)).calendars).toEqual(calendars);
  });

  it("says where a password is made when one is refused", async () => {
    const { connect } = await aPerson();
    expect(await connect("aaaa-bbbb-cccc-dddd")).toMatchObject({
      integration: null,
      userErrors: [
        {
          code: "CREDENTIALS_REJECTED",
          field: ["input", "credentials"],
          remedy: expect.stringContaining("account.apple.com"),
        },
      ],
    });
  });
});

describe("a changed password of the Apple Account", () => {
  it("ends every app-specific one, which is a state with a way back", async () => {
    const { twin, email, journey, connected, reconnect } = await aPerson();
    const { id, calendars } = await connected();
    twin.changePassword(email);
    await journey.sync(id);
    expect((await journey.integration(id)).status).toBe("NEEDS_REAUTH");
    expect((await reconnect(id)).integration.id).toBe(id);
    await journey.idle(id);
    expect(await journey.integration(id)).toMatchObject({ status: "ACTIVE", calendars });
  });
});

describe("disconnecting iCloud", () => {
  it("says that the password stays, and where it is revoked", async () => {
    const { journey, connected } = await aPerson();
    const { id } = await connected();
    const selection = "integration { status } revocation { revoked message accountUrl }";
    expect(await journey.mutate("disconnectIntegration", { id }, selection)).toMatchObject({
      integration: { status: "DISCONNECTED" },
      revocation: {
        revoked: false,
        message: expect.stringContaining("stays valid"),
        accountUrl: expect.stringContaining("https://account.apple.com/"),
      },
    });
  });
});
