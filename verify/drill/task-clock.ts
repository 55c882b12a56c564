import type { TaskName, TaskPayload } from "../../src/queue/task-definitions.ts";
import type { TaskRunner } from "../../src/tasks/runner.ts";
import type { AnyTask } from "../../src/tasks/task.ts";

const atOnce = 200;

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
    const byName = new Map<string, AnyTask>(tasks.map((task) => [task.name, task]));
    for (;;) {
      const jobs = await this.next([...byName.keys()], until);
      await this.pass((jobs[0]?.startAfter ?? until).getTime() - this.now().getTime());
      if (jobs.length === 0) return;
      for (const { id, name, data } of jobs) {
        // It may have been put off, or done away with, by one before it.
        const taken = await this.rows.look("DELETE FROM pgboss.job WHERE id = $1 AND start_after <= $2 RETURNING id", [
          id,
          this.now(),
        ]);
        const task = byName.get(name);
        if (task && taken.length > 0) await runner.attempt(task, { ...data, signal: new AbortController().signal });
      }
    }
  }

  /** Those that are due already, as many as a look is worth; else the one that time has to pass for. */
  private async next(names: readonly string[], until: Date): Promise<Job[]> {
    const jobs = await this.rows.look<Job>(
      `SELECT id, name, data, start_after AS "startAfter" FROM pgboss.job
       WHERE state = 'created' AND name = ANY($1) AND start_after < $2 ORDER BY start_after LIMIT $3`,
      [names, until, atOnce],
    );
    const due = jobs.filter(({ startAfter }) => startAfter <= this.now());
    return due.length > 0 ? due : jobs.slice(0, 1);
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
