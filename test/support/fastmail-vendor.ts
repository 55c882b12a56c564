import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { fastmail } from "../../src/providers/calendar/fastmail.ts";
import { asSignedIn } from "../../src/providers/sign-in.ts";
import type { TwinVendor } from "../contract/under-faults.ts";
import { connectAccount } from "./account.ts";
import { connectByConsent, connectWithCode } from "./connect-by-consent.ts";
import { asConsentProvider, openOAuthClient } from "./oauth-client.ts";
import { otherProgram } from "./other-program.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface FastmailVendor extends TwinVendor {
  readonly sandbox: Sandbox;
  readonly email: string;
  /** What a person enters who has an app password, and the address that the service adds. */
  readonly credentials: Readonly<Record<"serverUrl" | "username" | "password", string>>;
}

/** Fastmail as an app password opens it. */
export const fastmailWithPassword = asSignedIn(fastmail, { signIn: "credentials" });

/** Fastmail's twin with one account in it, that people sign in to at the consent page. */
export async function createFastmailVendor(): Promise<FastmailVendor> {
  const vendor = await createTwinVendor();
  const client = openOAuthClient(asConsentProvider(fastmail), vendor.sandbox);
  return {
    ...vendor,
    connect: () => connectByConsent(client, vendor.sandbox.fastmail, vendor.email),
    connectWrongly: () => connectWithCode(client, "made-up"),
  };
}

/** The same, with an app password. */
export async function createFastmailPasswordVendor(): Promise<FastmailVendor> {
  const vendor = await createTwinVendor();
  const { credentials } = vendor;
  return {
    ...vendor,
    connect: () => connectAccount(fastmailWithPassword, credentials),
    connectWrongly: () => connectAccount(fastmailWithPassword, { ...credentials, password: "the-account's-own" }),
  };
}

async function createTwinVendor(): Promise<Omit<FastmailVendor, "connect" | "connectWrongly">> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.fastmail;
  const email = "ana@example.test";
  twin.createAccount({ email });
  const serverUrl = sandbox.settings["FASTMAIL_BASE_URL"] ?? "";

  return {
    sandbox,
    email,
    credentials: { serverUrl, username: email, password: twin.createAppPassword(email, "dav") },
    secrets: () => twin.issuedSecrets(),
    // In the spelling that the service knows it by.
    createCalendar: async () => twin.createCalendar(email, { name: randomUUID() }).replace("@", "%40"),
    ...otherProgram(twin.client, email),
    ...troublesOf(twin),
    forgetCursors: () => twin.expireSyncTokens(),
    stop: () => sandbox.stop(),
  };
}
