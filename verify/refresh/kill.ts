import { ProcessEnded } from "../drill/child-process.ts";
import { BrokenPromise, mustHold } from "../drill/drill.ts";
import { inTime } from "../drill/in-time.ts";
import type { GrantState } from "../drill/issuer.ts";
import type { DeathMoment } from "./fate.ts";
import type { HoldMoment, Peer } from "./peer.ts";
import type { Worker } from "./processes.ts";
import type { Account, Stage } from "./stage.ts";
import { callersPerProcess, callFrom, mustBeServed, patiently, sum, total } from "./storm.ts";
import type { Answers } from "./worker.ts";

/** A step of a renewal at which the process that does it is killed. */
export interface KillPoint {
  readonly name: string;
  readonly at: { readonly process: DeathMoment } | { readonly peer: HoldMoment };
  /** Calls that the dead process made, and those that are needed after it. */
  readonly calls: { readonly before: number; readonly after: number };
  /** The vendor has given out tokens that nobody has stored. */
  readonly isForgotten: boolean;
}

export const killPoints: readonly KillPoint[] = [
  {
    name: "lease stored, call not sent",
    at: { process: "lease-stored" },
    calls: { before: 0, after: 1 },
    isForgotten: false,
  },
  {
    name: "request at the vendor, not processed",
    at: { peer: "unprocessed" },
    calls: { before: 1, after: 1 },
    isForgotten: false,
  },
  {
    name: "vendor has rotated, answer not sent",
    at: { peer: "unanswered" },
    calls: { before: 1, after: 1 },
    isForgotten: true,
  },
  {
    name: "answer arrived, not committed",
    at: { process: "answer-arrived" },
    calls: { before: 1, after: 1 },
    isForgotten: true,
  },
  { name: "committed", at: { process: "answer-stored" }, calls: { before: 1, after: 0 }, isForgotten: false },
];

export interface KillOutcome {
  readonly account: Account;
  readonly grant: "kept" | "ended visibly";
  readonly calls: number;
  readonly answered: number;
}

const deathMs = 15_000;

/**
 * All callers want a token that has ended, and the process that renews it is killed at the point. The callers of the
 * others go on waiting; once the dead one's lease is over they are answered, and so are those of its replacement.
 */
export async function killAt(stage: Stage, point: KillPoint, peer: Peer): Promise<KillOutcome> {
  const account = await stage.connect(peer);
  const { processes } = stage;
  const arrivedBefore = peer.arrived;
  const calls = () => peer.arrived - arrivedBefore;

  const deadly = arrange(stage, point, peer);
  await deadly.arranged;
  const storms = processes.all.map((worker) => survived(callFrom([worker], account)));
  const dead = await inTime(deadly.death(), deathMs, () => new BrokenPromise(`nobody came to "${point.name}"`));
  await spareTheLiving(processes.all.filter((worker) => worker !== dead));
  const replacement = await processes.replace(dead);
  mustHold(calls() === point.calls.before, `somebody called "${peer.vendor.name}" while another held the lease`);

  await stage.letLeaseEnd(account);
  const answers = await patiently(
    Promise.all([...storms, callFrom([replacement], account)]).then((all) => sum(all.flatMap((one) => one ?? []))),
  );
  const answered = total(answers.tokens) + total(answers.refusals);
  const living = processes.all.length * callersPerProcess;
  mustHold(answered === living, `${answered} callers of ${living} were answered after "${point.name}"`);
  const expected = point.calls.before + point.calls.after;
  mustHold(calls() === expected, `${calls()} calls, not ${expected}, at "${peer.vendor.name}" after "${point.name}"`);
  const grant = await judge(stage, point, account, answers);
  return { account, grant, calls: calls(), answered };
}

/** Prepares the death of whoever renews next. */
function arrange(
  { processes }: Stage,
  { at }: KillPoint,
  peer: Peer,
): { arranged: Promise<unknown>; death(): Promise<Worker> } {
  if ("process" in at) {
    const arranged = Promise.all(processes.all.map((worker) => worker.ask("dieAt", at.process)));
    return { arranged, death: () => processes.firstToEnd() };
  }
  const held = peer.holdNext(at.peer);
  return {
    arranged: Promise.resolve(),
    async death() {
      const holder = processes.byName(await held);
      await holder.kill();
      return holder;
    },
  };
}

async function spareTheLiving(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.ask("dieAt", null)));
}

/** Null when the process died before it could answer. */
function survived(answers: Promise<Answers>): Promise<Answers | null> {
  return answers.catch((error: unknown) => {
    if (error instanceof ProcessEnded) return null;
    throw error;
  });
}

/** A grant is kept, or its vendor has ended it for a reason of its own and everybody can see it. */
async function judge(
  stage: Stage,
  point: KillPoint,
  account: Account,
  answers: Answers,
): Promise<KillOutcome["grant"]> {
  const { vendor } = account.peer;
  const atVendor = await stage.atVendor(account);
  const where = `at "${vendor.name}", killed at "${point.name}"`;
  mustHaveBeenAsked(point, vendor.reuse, atVendor, where);
  if (atVendor.isAlive) {
    await mustBeServed(stage, account, answers);
    return "kept";
  }
  mustHold(point.isForgotten && vendor.reuse === "ends-the-grant", `a grant was lost ${where}`);
  const { status, reauthorizations } = await stage.stored(account);
  mustHold(status === "NEEDS_REAUTH", `a grant has ended and the integration is ${status} ${where}`);
  mustHold(
    reauthorizations.length === 1,
    `the log tells ${reauthorizations.length} times of a grant that ended ${where}`,
  );
  mustHold(/interrupted/.test(reauthorizations[0] ?? ""), `the log does not say why a grant has ended ${where}`);
  const told = [...answers.refusals.keys()];
  mustHold(
    answers.tokens.size === 0 && told.length === 1 && told[0] === "REAUTHORIZATION_REQUIRED",
    `callers were told ${told.join(", ") || "nothing"} of a grant that has ended ${where}`,
  );
  return "ended visibly";
}

/** What the vendor gave and refused is what this point explains, and no more. */
function mustHaveBeenAsked(
  { isForgotten }: KillPoint,
  reuse: string,
  { given, refused }: GrantState,
  where: string,
): void {
  const again = isForgotten && reuse === "accepted";
  const ended = isForgotten && reuse === "ends-the-grant";
  const expected = { given: again ? 2 : 1, refused: ended ? 1 : 0 };
  mustHold(
    given === expected.given && refused === expected.refused,
    `tokens were given ${given} times and refused ${refused} times ${where}`,
  );
}
