import type { StoredAccount } from "../../sandbox/monster/state.ts";
import type { MonsterTwin } from "../../sandbox/monster-twin.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { monster } from "../../src/providers/job-board/monster.ts";
import type { ApplyingVendor } from "../contract/board-applications.ts";
import { type ConnectedByForm, connectByForm } from "./form-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface MonsterVendor extends ApplyingVendor {
  readonly sandbox: Sandbox;
  readonly twin: MonsterTwin;
  readonly login: StoredAccount;
  connectAs(values: Readonly<Record<string, string>>): Promise<ConnectedByForm>;
}

/** Monster's twin, and a customer with a contract and a key of Easy Apply. */
export async function createMonsterVendor(): Promise<MonsterVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { monster: twin, settings } = sandbox;
  const login = twin.createAccount("xmuster");
  const { userName, password, recruiter } = login;
  const connectAs = (values: Readonly<Record<string, string>>) =>
    connectByForm(monster, settings, { userName, password, recruiter, easyApplyKey: "easy-apply-key", ...values });
  const postingIdOf = (reference: string) =>
    twin.jobs().findLast(({ jobRefCode }) => jobRefCode === reference)?.postingId ?? "";
  return {
    sandbox,
    twin,
    login,
    connectAs,
    connect: () => connectAs({}),
    connectWrongly: () => connectAs({ password: "wrong" }),
    secrets: () => [...twin.issuedSecrets(), "easy-apply-key"],
    seen: (_account, reference) =>
      twin
        .jobs()
        .filter(({ jobRefCode }) => jobRefCode === reference)
        .map((job) => ({ title: job.job.title, isOpen: twin.isOpen(job) })),
    finishReviews: () => {},
    loseAnswer: () => void twin.fail("truncated", { times: 1 }),
    ...troublesOf(twin),
    keys: async () => ({
      secret: { easyApplyKey: "easy-apply-key" },
      clientSecret: null,
      signingKey: null,
      applyToken: null,
      proofs: ["proof-of-now", "proof-of-before"],
    }),
    apply: async (reference, applicant) => (await twin.apply(postingIdOf(reference), applicant)).id,
    again: (id) => twin.replay(id),
    heard: () => [],
    stop: () => sandbox.stop(),
  };
}
