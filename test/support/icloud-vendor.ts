import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { icloud } from "../../src/providers/calendar/icloud.ts";
import type { TwinVendor } from "../contract/under-faults.ts";
import { connectAccount } from "./account.ts";
import { otherProgram } from "./other-program.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface ICloudVendor extends TwinVendor {
  readonly sandbox: Sandbox;
  readonly email: string;
  /** What a person enters, and the address that the service adds. */
  readonly credentials: Readonly<Record<"serverUrl" | "username" | "password", string>>;
}

/** iCloud's twin with one account in it. */
export async function createICloudVendor(): Promise<ICloudVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.icloud;
  const email = "ana@example.test";
  twin.createAccount({ email });
  const serverUrl = sandbox.settings["ICLOUD_BASE_URL"] ?? "";
  const credentials = { serverUrl, username: email, password: twin.createAppPassword(email) };

  return {
    sandbox,
    email,
    credentials,
    connect: () => connectAccount(icloud, credentials),
    connectWrongly: () => connectAccount(icloud, { ...credentials, password: "aaaa-bbbb-cccc-dddd" }),
    secrets: () => twin.issuedSecrets(),
    // By its address at the host that stays, as the service knows it.
    createCalendar: async () =>
      new URL(new URL(twin.createCalendar(email, { name: randomUUID() })).pathname, serverUrl).href,
    ...otherProgram(twin.client, email),
    ...troublesOf(twin),
    forgetCursors: () => twin.expireSyncTokens(),
    stop: () => sandbox.stop(),
  };
}
