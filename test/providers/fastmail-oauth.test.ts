import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { fastmail } from "../../src/providers/calendar/fastmail.ts";
import { describeOAuthProvider } from "../contract/oauth-provider.ts";
import { connectByConsent } from "../support/connect-by-consent.ts";
import { createFastmailOAuthVendor } from "../support/fastmail-oauth-vendor.ts";
import { asConsentProvider, type OAuthClient, openOAuthClient } from "../support/oauth-client.ts";

const provider = asConsentProvider(fastmail);
const { auth } = provider;
const newerScope = "urn:ietf:params:oauth:scope:calendars";

describeOAuthProvider(asConsentProvider(fastmail), createFastmailOAuthVendor);

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

const email = "ana@example.test";

/** This service, asking for these scopes. */
function asking(...scopes: readonly string[]): OAuthClient {
  sandbox.fastmail.createAccount({ email });
  return openOAuthClient({ ...provider, auth: { ...auth, scopes } }, sandbox);
}

describe("a consent at Fastmail", () => {
  it("is good with either of the scopes for calendars: which one a new client gets, nobody could see", async () => {
    expect(auth.missingScopes([newerScope])).toEqual([]);
    const { connected } = await connectByConsent(asking(newerScope), sandbox.fastmail, email);
    expect(connected.calendars.map(({ name }) => name)).toEqual(["Calendar"]);
  });

  it("brings lasting access, also where that has to be asked for", async () => {
    sandbox.fastmail.oauth.needsOfflineAccess = true;
    const client = asking(...auth.scopes);
    const request = client.begin();
    const back = new URL(sandbox.fastmail.authorize(client.consentUrl(request), { email }));
    const granted = await client.exchange(back.searchParams.get("code") ?? "", request);
    sandbox.fastmail.oauth.needsOfflineAccess = false;
    expect(granted.refreshToken).not.toBeNull();
  });

  it("tells the account's address by its principal", async () => {
    const { connected } = await connectByConsent(asking(...auth.scopes), sandbox.fastmail, email);
    expect(connected.displayName).toBe(email);
    expect(connected.settings["addresses"]).toBe(email);
  });

  it("that opens no calendars says what may be the matter", async () => {
    const withMailAlone = asking("https://www.fastmail.com/dev/protocol-imap");
    await expect(connectByConsent(withMailAlone, sandbox.fastmail, email)).rejects.toMatchObject({
      code: "PREREQUISITE_MISSING",
      remedy: expect.stringContaining("registration"),
    });
  });
});
