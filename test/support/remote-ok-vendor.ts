import type { RemoteOkTwin } from "../../sandbox/remote-ok-twin.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { remoteOk } from "../../src/providers/job-board/remote-ok.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { type ConnectedByForm, connectByForm } from "./form-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface RemoteOkVendor extends BoardVendor {
  readonly sandbox: Sandbox;
  readonly twin: RemoteOkTwin;
  connectAs(values: Readonly<Record<string, string>>): Promise<ConnectedByForm>;
}

/** Remote OK's twin, and a company that posts there by hand. */
export async function createRemoteOkVendor(): Promise<RemoteOkVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { remoteOk: twin, settings } = sandbox;
  const connectAs = (values: Readonly<Record<string, string>>) => connectByForm(remoteOk, settings, values);
  return {
    sandbox,
    twin,
    connectAs,
    connect: () => connectAs({ company: "Muster AG", billingOwner: "Bo in accounting" }),
    connectWrongly: () => connectAs({ company: " " }),
    secrets: () => twin.issuedSecrets(),
    seen: () => [],
    finishReviews: () => {},
    loseAnswer: () => {},
    ...troublesOf(twin),
    stop: () => sandbox.stop(),
  };
}
