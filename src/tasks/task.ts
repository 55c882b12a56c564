import type { ReceivedTask } from "../queue/queue.ts";
import type { TaskName, TaskPayload } from "../queue/task-definitions.ts";

/** One try at a task. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Whether a failure is final this time. */
  readonly isLast: boolean;
  /** Aborted when the process stops; the task is then seen again elsewhere. */
  readonly signal: AbortSignal;
}

/** A kind of background work: how often it is tried, how many run at once, what it calls. */
export interface Task<N extends TaskName = TaskName> {
  readonly name: N;
  readonly attempts: number;
  /** How many of them one process runs at a time. */
  readonly concurrency: number;
  /** How many of these may be one tenant's; all when it is left out. */
  readonly ofOneTenant?: number;
  run(payload: TaskPayload<N>, attempt: Attempt): Promise<void>;
}

/** Any task, as the runner keeps it: what it receives was parsed by the queue. */
export interface AnyTask {
  readonly name: TaskName;
  readonly attempts: number;
  readonly concurrency: number;
  readonly ofOneTenant?: number;
  receive(received: ReceivedTask<TaskName>, attempt: Attempt): Promise<void>;
}

export function defineTask<N extends TaskName>(task: Task<N>): AnyTask {
  return { ...task, receive: ({ payload }, attempt) => task.run(payload as TaskPayload<N>, attempt) };
}
