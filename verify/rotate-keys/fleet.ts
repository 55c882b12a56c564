import { setTimeout as delay } from "node:timers/promises";
import { CommandedProcess } from "../drill/child-process.ts";
import type { ServiceSetup } from "../drill/service.ts";
import type { CallsReport, UsedAccount } from "./calls.ts";
import type { WorkerCommands } from "./worker.ts";

/** How long some processes have the new keys and others do not, each time. */
const mixedMs = 200;

type Worker = CommandedProcess<WorkerCommands>;

export interface FleetOptions extends Omit<ServiceSetup, "name" | "encryptionKeys"> {
  readonly howMany: number;
  /** What ENCRYPTION_KEYS is, one after the other. */
  readonly rings: readonly string[];
  /** What its processes use, all the time. */
  readonly accounts: readonly UsedAccount[];
  /** Between two calls, so that a process that starts gets its turn. */
  readonly pauseMs: number;
}

/** Processes of the service that are at work all the time, and are restarted one after the other. */
export class Fleet {
  private readonly started: Worker[] = [];
  private workers: Worker[] = [];
  private reports: CallsReport[] = [];
  private answers: ReadonlyMap<string, string> = new Map();

  private readonly rings: string[];
  private next: Promise<readonly Worker[]> = Promise.resolve([]);

  constructor(private readonly options: FleetOptions) {
    this.rings = [...options.rings];
    this.prepareNext();
  }

  /**
   * Puts a process with the next keys in each one's place; the old one finishes what it has begun.
   *
   * @param onMixed called while the first process has the new keys, and the others do not
   */
  async roll(onMixed: () => Promise<void>): Promise<void> {
    const { accounts, pauseMs } = this.options;
    const prepared = await this.nextAreReady();
    this.prepareNext();
    for (const [place, worker] of prepared.entries()) {
      const old = this.workers[place];
      this.workers[place] = worker;
      await worker.ask("callAgain", this.answers);
      await worker.ask("begin", { accounts, pauseMs });
      if (old) await this.retire(old);
      if (place === 0) await onMixed();
      await delay(mixedMs);
    }
  }

  /** Those that take over next stand ready, so that taking over takes no time. */
  nextAreReady(): Promise<readonly Worker[]> {
    return this.next;
  }

  /** Makes keyed calls in the process that was restarted first; from then on all processes repeat these. */
  async callFirst(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const [worker] = this.workers;
    if (!worker) throw new Error("No process has started");
    return worker.ask("callFirst", keys);
  }

  async callAgain(answers: ReadonlyMap<string, string>): Promise<void> {
    this.answers = answers;
    await Promise.all(this.workers.map((worker) => worker.ask("callAgain", answers)));
  }

  /** Each process takes some of the tenants. @returns how many credentials were sealed again */
  async reseal(tenantIds: readonly string[]): Promise<number> {
    const shares = this.workers.map((worker, place) =>
      worker.ask(
        "reseal",
        tenantIds.filter((_, index) => index % this.workers.length === place),
      ),
    );
    return (await Promise.all(shares)).reduce((sum, resealed) => sum + resealed, 0);
  }

  /** What all processes did since the last report, those included that have ended. */
  async report(): Promise<CallsReport> {
    const reports = [...this.reports, ...(await Promise.all(this.workers.map((worker) => worker.ask("report", null))))];
    this.reports = [];
    const failures = new Map<string, number>();
    for (const [failure, times] of reports.flatMap((report) => [...report.failures])) {
      failures.set(failure, (failures.get(failure) ?? 0) + times);
    }
    return {
      used: reports.reduce((sum, { used }) => sum + used, 0),
      repeated: reports.reduce((sum, { repeated }) => sum + repeated, 0),
      failures,
    };
  }

  /** Lets every process finish what it has begun. */
  async finish(): Promise<void> {
    for (const worker of this.workers) await this.retire(worker);
    this.workers = [];
  }

  async close(): Promise<void> {
    await this.next.catch(() => {});
    await Promise.all(this.started.map((worker) => worker.kill()));
  }

  private prepareNext(): void {
    const encryptionKeys = this.rings.shift();
    if (encryptionKeys === undefined) {
      this.next = Promise.resolve([]);
      return;
    }
    this.next = Promise.all(Array.from({ length: this.options.howMany }, () => this.start(encryptionKeys)));
    // Whether they have started is asked when they are needed.
    this.next.catch(() => {});
  }

  private async start(encryptionKeys: string): Promise<Worker> {
    const { databaseUrl, vendors } = this.options;
    const setup: ServiceSetup = { name: "drill", databaseUrl, encryptionKeys, vendors };
    const module = new URL("./worker.js", import.meta.url);
    const worker = await CommandedProcess.start<WorkerCommands>(module, `process-${this.started.length + 1}`, setup);
    this.started.push(worker);
    return worker;
  }

  private async retire(worker: Worker): Promise<void> {
    this.reports.push(await worker.ask("finish", null));
    await worker.kill();
  }
}
