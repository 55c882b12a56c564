import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { nextcloud } from "../../src/providers/calendar/nextcloud.ts";
import type { TwinVendor } from "../contract/under-faults.ts";
import { connectAccount } from "./account.ts";
import { otherProgram } from "./other-program.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface NextcloudVendor extends TwinVendor {
  readonly sandbox: Sandbox;
  readonly email: string;
  /** What a person enters. */
  readonly credentials: Readonly<Record<"serverUrl" | "username" | "password", string>>;
}

/** Nextcloud's twin with one account in it, whose user id is neither its login name nor its mail address. */
export async function createNextcloudVendor(): Promise<NextcloudVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.nextcloud;
  const email = "ana@example.test";
  const loginName = "ana.muster";
  twin.createAccount({ email, uid: "user 7", loginName });
  const serverUrl = sandbox.settings["NEXTCLOUD_BASE_URL"] ?? "";
  const credentials = { serverUrl, username: loginName, password: twin.createAppPassword(email) };

  return {
    sandbox,
    email,
    credentials,
    connect: () => connectAccount(nextcloud, credentials),
    connectWrongly: () => connectAccount(nextcloud, { ...credentials, password: "wrong" }),
    secrets: () => twin.issuedSecrets(),
    createCalendar: async () => twin.createCalendar(email, { name: randomUUID() }),
    ...otherProgram(twin.client, email),
    ...troublesOf(twin),
    forgetCursors: () => twin.expireSyncTokens(),
    stop: () => sandbox.stop(),
  };
}
