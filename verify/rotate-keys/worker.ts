import { setTimeout as delay } from "node:timers/promises";
import { isIntegrationError } from "../../src/errors.ts";
import { obey } from "../drill/obey.ts";
import { openService, type Service, type ServiceSetup } from "../drill/service.ts";
import { type CallsReport, repeatCall, type UsedAccount, useAccount } from "./calls.ts";

interface Work {
  readonly accounts: readonly UsedAccount[];
  readonly pauseMs: number;
}

export interface WorkerCommands {
  /** Uses one account after another until it is told to finish. */
  begin(input: Work): Promise<void>;
  /** Makes these keyed calls for the first time. @returns the answers, by key */
  callFirst(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Makes these again and again from now on; their answers have to be these. */
  callAgain(answers: ReadonlyMap<string, string>): Promise<void>;
  /** @returns how many credentials were sealed again */
  reseal(tenantIds: readonly string[]): Promise<number>;
  /** What was done since the last report. */
  report(input: null): Promise<CallsReport>;
  /** Ends what is begun, and nothing more. @returns the last report */
  finish(input: null): Promise<CallsReport>;
}

/** Calls at the same time. */
const lanes = 4;
/** One call of so many repeats a keyed one. */
const repeatsOneIn = 4;

class Caller {
  private counts = emptyReport();
  private answers: ReadonlyMap<string, string> = new Map();
  private running: Promise<unknown> = Promise.resolve();
  private isFinishing = false;

  constructor(private readonly service: Service) {}

  begin(work: Work): void {
    this.running = Promise.all(Array.from({ length: lanes }, () => this.goOn(work)));
  }

  callAgain(answers: ReadonlyMap<string, string>): void {
    this.answers = answers;
  }

  report(): CallsReport {
    const { counts } = this;
    this.counts = emptyReport();
    return counts;
  }

  async finish(): Promise<CallsReport> {
    this.isFinishing = true;
    await this.running;
    await this.service.close();
    return this.report();
  }

  private async goOn({ accounts, pauseMs }: Work): Promise<void> {
    for (; !this.isFinishing; await delay(pauseMs)) {
      const [key, answer] = Math.random() * repeatsOneIn < 1 ? (oneOf([...this.answers]) ?? []) : [];
      const account = oneOf(accounts);
      if (key !== undefined && answer !== undefined) await this.count("repeated", this.repeat(key, answer));
      else if (account) await this.count("used", useAccount(this.service, account));
    }
  }

  private async repeat(key: string, answer: string): Promise<void> {
    const given = await repeatCall(this.service, key);
    if (given !== answer) throw new Error("A repeated call was answered differently");
  }

  /** A call belongs to the report that is made after it has ended. */
  private async count(kind: "used" | "repeated", call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      const failure = isIntegrationError(error) ? `${error.code}: ${error.message}` : String(error);
      this.counts.failures.set(failure, (this.counts.failures.get(failure) ?? 0) + 1);
    }
    this.counts[kind] += 1;
  }
}

obey<ServiceSetup, WorkerCommands>(async (setup) => {
  const service = await openService(setup);
  const caller = new Caller(service);
  return {
    begin: async (work) => caller.begin(work),
    async callFirst(keys) {
      const answers = new Map<string, string>();
      for (const key of keys) answers.set(key, await repeatCall(service, key));
      return answers;
    },
    callAgain: async (answers) => caller.callAgain(answers),
    async reseal(tenantIds) {
      let resealed = 0;
      for (const tenantId of tenantIds) resealed += await service.keys.resealTenant(tenantId);
      return resealed;
    },
    report: async () => caller.report(),
    finish: () => caller.finish(),
  };
});

function emptyReport() {
  return { used: 0, repeated: 0, failures: new Map<string, number>() };
}

function oneOf<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
