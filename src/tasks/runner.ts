import type { Logger } from "pino";
import { isHeldBack, isIntegrationError } from "../errors.ts";
import type { Queue, ReceivedTask } from "../queue/queue.ts";
import type { TaskName } from "../queue/task-definitions.ts";
import { backoffMs } from "./backoff.ts";
import type { AnyTask } from "./task.ts";

/** Told when an attempt is over, for whoever counts. */
export type TaskObserver = (attempt: { task: string; outcome: string; durationMs: number }) => void;

/**
 * Runs tasks from the queue. A failure that may pass is tried again after a while; the provider's wish is obeyed.
 * A worker that dies says nothing: the queue notices and hands its task to another one.
 */
export class TaskRunner {
  constructor(
    private readonly queue: Queue,
    private readonly tasks: readonly AnyTask[],
    private readonly now: () => Date,
    private readonly log: Logger,
    private readonly observe: TaskObserver,
  ) {}

  async start(): Promise<void> {
    for (const task of this.tasks) {
      const { name, concurrency, ofOneTenant } = task;
      await this.queue.work(name, { concurrency, ofOneTenant }, (received) => this.attempt(task, received));
    }
  }

  /** Runs a task once. What it fails with is kept for later, or logged when there is no later. */
  async attempt(task: AnyTask, received: ReceivedTask<TaskName>): Promise<void> {
    const { payload, attempt: number, signal } = received;
    const startedAt = performance.now();
    let outcome = "done";
    try {
      await task.receive(received, { number, isLast: number >= task.attempts, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      outcome = isIntegrationError(error) ? error.code : "fault";
      await this.failed(task, received, error);
    } finally {
      this.observe({ task: task.name, outcome, durationMs: performance.now() - startedAt });
      this.log.debug({ task: task.name, payload, attempt: number, outcome }, "task");
    }
  }

  private async failed(
    task: AnyTask,
    { payload, key, attempt }: ReceivedTask<TaskName>,
    error: unknown,
  ): Promise<void> {
    const mayPass = !isIntegrationError(error) || error.retryable;
    const about = { err: error, task: task.name, payload, attempt };
    // What was kept back was not tried, however often.
    const next = isHeldBack(error) ? attempt : attempt + 1;
    if (!mayPass || next > task.attempts) {
      this.log.error(about, "a task failed for good");
      return;
    }
    const delayMs = backoffMs(attempt, isIntegrationError(error) ? error.retryAfterMs : undefined, Math.random());
    const startAt = new Date(this.now().getTime() + delayMs);
    await this.queue.enqueueAlone(task.name, payload, { key, startAt, attempt: next });
    const level = isHeldBack(error) ? "debug" : "warn";
    this.log[level]({ ...about, delayMs }, "a task failed and is tried again");
  }
}
