import { type Job, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import { type TaskName, type TaskPayload, taskDefinitions, taskNames } from "./task-definitions.ts";

/** What the queue needs of a transaction. */
interface EnqueuingTransaction {
  query(sql: string, parameters?: readonly unknown[]): Promise<unknown[]>;
  afterCommit(step: () => void): void;
}

export interface EnqueueOptions {
  /** Tasks of one name and key wait for or replace each other, as the task's policy says. */
  readonly key: string;
  /** At once when left out. */
  readonly startAt?: Date;
  /** Counted by the runner; 1 when left out. */
  readonly attempt?: number;
}

/** What is stored: the payload, its key, and how often it was begun already. */
interface StoredTask {
  readonly payload: unknown;
  readonly key: string;
  readonly attempt: number;
}

export interface ReceivedTask<N extends TaskName> {
  readonly payload: TaskPayload<N>;
  /** 1 for the first time. */
  readonly attempt: number;
  readonly key: string;
  /** Aborted when the process stops. */
  readonly signal: AbortSignal;
}

/** So often all kinds of tasks are looked through, in one query, for what has come due: more seldom, more of it begins at once. */
const defaultLookEveryMs = 250;
/** So often each worker looks by itself, in case that nobody wakes it. */
const pollingIntervalSeconds = 30;
/** A worker is believed dead after this long without a sign of life; another one then takes its task. */
const heartbeatSeconds = 20;
const oneHourInSeconds = 3600;

/** As pg-boss calls them. */
const policies = { "one-waiting": "short", "one-running": "singleton", "in-turn": "stately" } as const;

/** Background work on Postgres (pg-boss): enqueued with the change that asks for it, seen by every process. */
export class Queue {
  private readonly boss: PgBoss;
  private readonly working = new Set<TaskName>();
  private looking: NodeJS.Timeout | undefined;

  constructor(
    databaseUrl: string,
    private readonly log: Logger,
    /** Called after each commit that enqueued something which may start at once. */
    private readonly wakeOthers: (task: TaskName) => void = () => {},
    private readonly lookEveryMs = defaultLookEveryMs,
  ) {
    this.boss = new PgBoss({
      connectionString: databaseUrl,
      application_name: "integrations-queue",
      max: 4,
      migrate: false,
      createSchema: false,
      schedule: false,
      registerInstance: false,
      // A dead worker's task is looked for this often; with the heartbeat it is seen again within a minute.
      monitorIntervalSeconds: 15,
      superviseIntervalSeconds: 15,
    });
    this.boss.on("error", (error) => log.error({ err: error }, "the queue reports an error"));
  }

  /** Creates or updates the queue's own tables. @param adminUrl a login that may create a schema */
  static async install(adminUrl: string): Promise<void> {
    const boss = new PgBoss({ connectionString: adminUrl, schedule: false, supervise: false, registerInstance: false });
    await boss.start();
    try {
      for (const name of taskNames) {
        const options = {
          expireInSeconds: oneHourInSeconds,
          heartbeatSeconds,
          retryLimit: 1000,
          retryDelay: 1,
          deleteAfterSeconds: oneHourInSeconds,
          retentionSeconds: 90 * 24 * oneHourInSeconds,
        };
        const policy = policies[taskDefinitions[name].policy];
        if (await boss.getQueue(name)) await boss.updateQueue(name, options);
        else await boss.createQueue(name, { ...options, policy });
      }
    } finally {
      await boss.stop({ graceful: false });
    }
  }

  async start(): Promise<void> {
    await this.boss.start();
    this.lookLater();
  }

  /** Lets running tasks finish for `timeoutMs`; what is not done by then is seen again by another process. */
  async stop({ timeoutMs }: { timeoutMs: number }): Promise<void> {
    clearTimeout(this.looking);
    this.looking = undefined;
    await this.boss.stop({ graceful: true, timeout: timeoutMs });
  }

  async isReady(): Promise<boolean> {
    return this.boss.isInstalled().catch(() => false);
  }

  /** Enqueues in the caller's transaction: the task exists exactly when the change does. */
  async enqueue<N extends TaskName>(
    tx: EnqueuingTransaction,
    name: N,
    payload: TaskPayload<N>,
    { key, startAt, attempt = 1 }: EnqueueOptions,
  ): Promise<void> {
    const stored: StoredTask = { payload, key, attempt };
    await this.boss.send(name, stored, {
      db: within(tx),
      singletonKey: key,
      ...groupOf(payload),
      ...(startAt ? { startAfter: startAt } : {}),
    });
    if (!startAt) tx.afterCommit(() => this.wakeOthers(name));
  }

  /** Moves the waiting task of this key to another time, or to now; enqueues it when there is none. */
  async reschedule<N extends TaskName>(
    tx: EnqueuingTransaction,
    name: N,
    payload: TaskPayload<N>,
    { key, startAt }: { readonly key: string; readonly startAt?: Date },
  ): Promise<void> {
    const stored: StoredTask = { payload, key, attempt: 1 };
    await this.boss.upsert(name, stored, {
      db: within(tx),
      singletonKey: key,
      startAfter: startAt ?? 0,
      ...groupOf(payload),
    });
    if (!startAt) tx.afterCommit(() => this.wakeOthers(name));
  }

  /** Enqueues, or has the waiting task of this key come sooner. It never comes later than it would have. */
  async enqueueNoLater<N extends TaskName>(
    tx: EnqueuingTransaction,
    name: N,
    payload: TaskPayload<N>,
    { key, startAt }: { readonly key: string; readonly startAt: Date },
  ): Promise<void> {
    await this.enqueue(tx, name, payload, { key, startAt });
    await tx.query(
      "UPDATE pgboss.job SET start_after = $3 WHERE name = $1 AND singleton_key = $2 AND state = 'created' AND start_after > $3",
      [name, key, startAt],
    );
  }

  /** Enqueues by itself, for what belongs to no change. */
  async enqueueAlone<N extends TaskName>(
    name: N,
    payload: TaskPayload<N>,
    { key, startAt, attempt = 1 }: EnqueueOptions,
  ): Promise<void> {
    const stored: StoredTask = { payload, key, attempt };
    await this.boss.send(name, stored, {
      singletonKey: key,
      ...(startAt ? { startAfter: startAt } : {}),
      ...groupOf(payload),
    });
    if (!startAt) this.wakeOthers(name);
  }

  /** Has somebody look for waiting tasks of this name now. Who finds one has somebody else look for the next. */
  wake(name: TaskName): void {
    const workers = this.boss.getWipData().filter((worker) => worker.name === name);
    const idle = workers.find(({ count }) => count === 0);
    if (idle) this.boss.notifyWorker(idle.id);
    // Those look again as soon as they are done.
    for (const { id, count } of workers) if (count > 0) this.boss.notifyWorker(id);
  }

  /**
   * Hands every task of this name to `handle`, `concurrency` at a time. A task whose handler throws is seen again.
   *
   * @param ofOneTenant no more of them at a time are one tenant's, so that the others' do not wait behind all of those
   */
  async work<N extends TaskName>(
    name: N,
    { concurrency, ofOneTenant }: { readonly concurrency: number; readonly ofOneTenant?: number | undefined },
    handle: (task: ReceivedTask<N>) => Promise<void>,
  ): Promise<void> {
    const workers = {
      ...{ pollingIntervalSeconds, batchSize: 1, localConcurrency: concurrency },
      ...(ofOneTenant !== undefined && { localGroupConcurrency: ofOneTenant }),
    };
    await this.boss.work<StoredTask>(name, workers, async ([job]: Job<StoredTask>[]) => {
      if (!job) return;
      this.wake(name);
      await handle(receive(name, job));
    });
    this.working.add(name);
    this.log.debug({ task: name, concurrency }, "working");
  }

  private lookLater(): void {
    this.looking = setTimeout(() => {
      void this.wakeForDue()
        .catch((err: unknown) => this.log.debug({ err }, "what has come due could not be looked for"))
        .finally(() => this.looking && this.lookLater());
    }, this.lookEveryMs);
  }

  private async wakeForDue(): Promise<void> {
    const { rows } = await this.boss.getDb().executeSql(
      `SELECT name FROM unnest($1::text[]) AS worked (name) WHERE EXISTS (
         SELECT FROM pgboss.job
         WHERE job.name = worked.name AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
       )`,
      [[...this.working]],
    );
    for (const { name } of rows as { name: TaskName }[]) this.wake(name);
  }
}

/** Whose a task is, for `ofOneTenant`. */
function groupOf(payload: { readonly tenantId?: string }): { group?: { id: string } } {
  return payload.tenantId === undefined ? {} : { group: { id: payload.tenantId } };
}

/** pg-boss on somebody else's transaction. */
function within(tx: EnqueuingTransaction) {
  return { executeSql: async (sql: string, values?: unknown[]) => ({ rows: await tx.query(sql, values) }) };
}

function receive<N extends TaskName>(name: N, { data, signal }: Job<StoredTask>): ReceivedTask<N> {
  const payload = taskDefinitions[name].payload.parse(data.payload) as TaskPayload<N>;
  return { payload, attempt: data.attempt, key: data.key, signal };
}
