import type { StoredAccount } from "../../sandbox/careerbuilder/state.ts";
import type { CareerBuilderTwin } from "../../sandbox/careerbuilder-twin.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { careerbuilder } from "../../src/providers/job-board/careerbuilder.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { type ConnectedByForm, connectByForm } from "./form-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface CareerBuilderVendor extends BoardVendor {
  readonly sandbox: Sandbox;
  readonly twin: CareerBuilderTwin;
  readonly login: StoredAccount;
  connectAs(values: Readonly<Record<string, string>>): Promise<ConnectedByForm>;
}

/** CareerBuilder's twin, and a customer with a contract. */
export async function createCareerBuilderVendor(): Promise<CareerBuilderVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { careerbuilder: twin, settings } = sandbox;
  const login = twin.createAccount("MUSTER");
  const { vendorId, userName, password, code: accountCode } = login;
  const connectAs = (values: Readonly<Record<string, string>>) =>
    connectByForm(careerbuilder, settings, { vendorId, userName, password, accountCode, ...values });
  return {
    sandbox,
    twin,
    login,
    connectAs,
    connect: () => connectAs({}),
    connectWrongly: () => connectAs({ password: "wrong" }),
    secrets: () => twin.issuedSecrets(),
    seen: (_account, reference) =>
      twin
        .jobs()
        .filter(({ jobId }) => jobId === reference)
        .map((job) => ({ title: job.job["JobTitle"] ?? "", isOpen: twin.isOpen(job) })),
    finishReviews: () => twin.finishQueue(),
    loseAnswer: () => void twin.fail("truncated", { times: 1 }),
    ...troublesOf(twin),
    stop: () => sandbox.stop(),
  };
}
