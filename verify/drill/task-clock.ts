import type { TaskName, TaskPayload } from "../../src/queue/task-definitions.ts";
import type { TaskRunner } from "../../src/tasks/runner.ts";
import type { AnyTask } from "../../src/tasks/task.ts";

/** The only worker of a queue, on a clock of its own: nobody waits, time passes until the next task is due. */
export class TaskClock {
  private aheadMs = 0;

  /** @param elapsed the time that passes by itself as well, while something is done; a moment for none */
  constructor(
    private readonly rows: Rows,
    private readonly elapsed: () => number = Date.now,
  ) {}

  readonly now = (): Date => new Date(this.elapsed() + this.aheadMs);

  /** Runs every task of these kinds that is due before `until`, one after the other. */
  async work(runner: TaskRunner, tasks: readonly AnyTask[], until: Date): Promise<void> {
    const names = tasks.map(({ name }) => name);
    for (;;) {
      const [job] = await this.rows.look<Job>(
        `SELECT id, name, data, start_after AS "startAfter" FROM pgboss.job
         WHERE state = 'created' AND name = ANY($1) AND start_after < $2 ORDER BY start_after LIMIT 1`,
        [names, until],
      );
      await this.pass((job?.startAfter ?? until).getTime() - this.now().getTime());
      if (!job) return;
      await this.rows.look("DELETE FROM pgboss.job WHERE id = $1", [job.id]);
      const task = tasks.find(({ name }) => name === job.name);
      if (task) await runner.attempt(task, { ...job.data, signal: new AbortController().signal });
    }
  }

  /** Time passes. What was to come by the database's own clock comes as much sooner. */
  async pass(ms: number): Promise<void> {
    if (ms <= 0) return;
    this.aheadMs += ms;
    const sooner = (column: string) => `${column} = ${column} - ${ms} * interval '1 ms'`;
    await this.rows.look(`UPDATE limits.budget SET ${["spent_until", "paused_until"].map(sooner).join(", ")}`);
    await this.rows.look(
      `UPDATE limits.server SET ${["counted_from", "down_since", "down_until"].map(sooner).join(", ")}`,
    );
  }
}

/** Reads and writes whatever the tenant. */
interface Rows {
  look<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

interface Job {
  readonly id: string;
  readonly name: TaskName;
  readonly data: { readonly payload: TaskPayload<TaskName>; readonly key: string; readonly attempt: number };
  readonly startAfter: Date;
}
