import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CommandsOf, Order, Report } from "./obey.ts";

/** A command could not be answered: its process is no more. */
export class ProcessEnded extends Error {
  override readonly name = "ProcessEnded";
}

/** A process of the service that does what it is told, and may be killed. */
export class CommandedProcess<C extends CommandsOf<C>> {
  /** Resolved once it is no more, however it ended. */
  readonly ended: Promise<void>;
  private readonly waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  private orders = 0;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.on("message", (report) => this.receive(report as Report));
    // A process that is killed while something is written to it.
    child.on("error", () => {});
    this.ended = new Promise((resolve) => {
      child.once("exit", () => {
        for (const { reject } of this.waiting.values()) reject(new ProcessEnded(`${name} has ended`));
        this.waiting.clear();
        resolve();
      });
    });
  }

  /** @param module a compiled module that calls `obey` */
  static async start<C extends CommandsOf<C>>(module: URL, name: string, setup: unknown): Promise<CommandedProcess<C>> {
    const child = fork(fileURLToPath(module), {
      // Carries maps and dates as they are.
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // Without source maps, which take a while to read, and which nobody looks at.
      execArgv: [],
    });
    const started = new CommandedProcess<C>(name, child);
    await started.order(null, setup);
    return started;
  }

  /** @throws {ProcessEnded} when it ends before it has answered */
  ask<N extends keyof C & string>(command: N, input: Parameters<C[N]>[0]): ReturnType<C[N]> {
    return this.order(command, input) as ReturnType<C[N]>;
  }

  /** Without any warning. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  private order(command: string | null, input: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.orders;
      if (!this.child.connected) return reject(new ProcessEnded(`${this.name} has ended`));
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, command, input } satisfies Order);
    });
  }

  private receive({ id, answer, failure }: Report): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (failure === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(`${this.name}: ${failure}`));
  }
}
