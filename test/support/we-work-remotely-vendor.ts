import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import type { WeWorkRemotelyTwin } from "../../sandbox/we-work-remotely-twin.ts";
import { weWorkRemotely } from "../../src/providers/job-board/we-work-remotely.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { type ConnectedByForm, connectByForm } from "./form-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface WeWorkRemotelyVendor extends BoardVendor {
  readonly sandbox: Sandbox;
  readonly twin: WeWorkRemotelyTwin;
  readonly token: string;
  /** Connects with what a person enters; with the token where they enter none. */
  connectAs(values: Readonly<Record<string, string>>): Promise<ConnectedByForm>;
}

/** We Work Remotely's twin, and a company with a token. */
export async function createWeWorkRemotelyVendor(): Promise<WeWorkRemotelyVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { weWorkRemotely: twin, settings } = sandbox;
  twin.switches.requestsPerDay = null;
  const token = twin.createAccount({ email: "ana@example.test" });
  const connectAs = (values: Readonly<Record<string, string>>) =>
    connectByForm(weWorkRemotely, settings, { posterEmail: "ana@example.test", apiKey: token, ...values });
  return {
    sandbox,
    twin,
    token,
    connectAs,
    connect: () => connectAs({}),
    connectWrongly: () => connectAs({ apiKey: "no-token-of-theirs" }),
    secrets: () => twin.issuedSecrets(),
    seen: (_account, reference) =>
      twin
        .jobs()
        .filter(({ job }) => job.description.includes(`Reference: ${reference}.`))
        .map(({ job, status }) => ({ title: job.title, isOpen: status !== "canceled" })),
    finishReviews: () => {},
    loseAnswer: () => void twin.fail("truncated", { times: 1, method: "POST" }),
    ...troublesOf(twin),
    stop: () => sandbox.stop(),
  };
}
