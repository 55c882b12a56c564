import { CommandedProcess } from "../drill/child-process.ts";
import type { ServiceSetup } from "../drill/service.ts";
import type { WorkerCommands } from "./worker.ts";

/** A process takes longer to start than to be killed. */
const howManySpares = 2;

export type Worker = CommandedProcess<WorkerCommands>;

/** As many processes of the service as there are to be, whatever happens to them: others stand ready to take their place. */
export class Processes {
  private readonly started: Worker[] = [];
  private names = 0;
  private members: readonly Worker[] = [];
  private readonly spares: Promise<Worker>[] = [];
  private isClosed = false;

  private constructor(private readonly setup: Omit<ServiceSetup, "name">) {}

  static async start(howMany: number, setup: Omit<ServiceSetup, "name">): Promise<Processes> {
    const processes = new Processes(setup);
    processes.members = await Promise.all(Array.from({ length: howMany }, () => processes.start()));
    for (let spare = 0; spare < howManySpares; spare += 1) processes.prepareSpare();
    return processes;
  }

  get all(): readonly Worker[] {
    return this.members;
  }

  /** @returns the first one that is no more */
  firstToEnd(): Promise<Worker> {
    return Promise.race(this.members.map((worker) => worker.ended.then(() => worker)));
  }

  byName(name: string): Worker {
    const worker = this.members.find((member) => member.name === name);
    if (!worker) throw new Error(`No process is called ${name}`);
    return worker;
  }

  /** @returns the one that takes its place */
  async replace(dead: Worker): Promise<Worker> {
    const worker = await this.spares.shift();
    if (!worker) throw new Error("No process stands ready");
    this.members = this.members.map((member) => (member === dead ? worker : member));
    this.prepareSpare();
    return worker;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.spares);
    await Promise.all(this.started.map((worker) => worker.kill()));
  }

  private prepareSpare(): void {
    const spare = this.start();
    // Whether it has started is asked when it is needed.
    spare.catch(() => {});
    this.spares.push(spare);
  }

  private async start(): Promise<Worker> {
    const name = `process-${++this.names}`;
    const module = new URL("./worker.js", import.meta.url);
    const worker = await CommandedProcess.start<WorkerCommands>(module, name, { ...this.setup, name });
    if (this.isClosed) await worker.kill();
    this.started.push(worker);
    return worker;
  }
}
