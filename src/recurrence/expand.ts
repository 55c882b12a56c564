import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { ExpandRequest, Expansion } from "./expand-worker.ts";
import type { Series, Window } from "./occurrences.ts";

export type { Expansion } from "./expand-worker.ts";
export type { Series, Window } from "./occurrences.ts";

export interface Expander {
  /**
   * The occurrences of each series that overlap the window, one expansion a series and in their order. A series that
   * cannot be read or takes too long is `failed` and leaves the others alone. Calls wait for one another.
   */
  expand(series: readonly Series[], window: Window): Promise<readonly Expansion[]>;
  /** Stops the worker; what is being expanded, or waits for it, is rejected. */
  close(): Promise<void>;
}

export interface ExpanderOptions {
  /** How long one series may take. */
  readonly timeoutMs?: number;
  /** How many occurrences one series may have in the window; what happens three times a day fits in three years. */
  readonly maxOccurrences?: number;
}

/**
 * Expands series in one worker thread, so that no rule from outside can hold up the process: what takes too long or too
 * much memory is ended with its worker, and the rest goes on in another. The worker is started with the first call and
 * does not keep the process alive.
 */
export function createExpander({ timeoutMs = 2000, maxOccurrences = 4000 }: ExpanderOptions = {}): Expander {
  let worker: Promise<Worker> | undefined;
  let closed = false;
  let previous: Promise<unknown> = Promise.resolve();

  async function expandAll(series: readonly Series[], window: Window): Promise<readonly Expansion[]> {
    const expansions: Expansion[] = [];
    while (expansions.length < series.length) {
      const running = await startedWorker();
      const request = { series: series.slice(expansions.length), window, maxOccurrences };
      const failure = await ask(running, request, timeoutMs, (expansion) => expansions.push(expansion));
      if (failure === undefined) continue;
      worker = undefined;
      // The worker takes them in order: the first without an answer is the one that stopped it.
      const culprit = series[expansions.length];
      if (culprit && !closed) expansions.push({ id: culprit.id, kind: "failed", reason: failure });
    }
    return expansions;
  }

  async function startedWorker(): Promise<Worker> {
    if (!closed) worker ??= startWorker();
    const started = await worker?.catch((error: unknown) => {
      worker = undefined;
      throw error;
    });
    if (closed || !started) throw new Error("The expander is closed");
    return started;
  }

  return {
    expand(series, window) {
      const expansions = previous.then(() => expandAll(series, window));
      previous = expansions.catch(() => undefined);
      return expansions;
    },
    async close() {
      closed = true;
      await worker?.then((started) => started.terminate()).catch(() => undefined);
      await previous;
    },
  };
}

/** The worker's file is the neighbour of this one, be they TypeScript or compiled. */
const workerFile = new URL(`./expand-worker${extname(import.meta.url)}`, import.meta.url);
const maxHeapMb = 128;

/** Waits until it is ready, so that its start does not count against the first series. */
async function startWorker(): Promise<Worker> {
  const worker = new Worker(workerFile, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } });
  await once(worker, "message");
  worker.unref();
  return worker;
}

/** Resolves to undefined when every series has its expansion, else to why there is no worker any more. */
function ask(
  worker: Worker,
  request: ExpandRequest,
  timeoutMs: number,
  onExpansion: (expansion: Expansion) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let missing = request.series.length;
    const onMessage = (expansion: Expansion): void => {
      onExpansion(expansion);
      timer.refresh();
      missing--;
      if (missing === 0) end(undefined);
    };
    const onError = ({ message }: Error): void => end(`It could not be expanded: ${message}`);
    const onExit = (): void => end("The worker was stopped");
    const onTimeout = (): void => {
      // After a pause of this thread, answers may lie there unread: they are read first.
      const missingBefore = missing;
      setImmediate(() => missing === missingBefore && end(`It took longer than ${timeoutMs} ms to expand`));
    };
    const end = (failure: string | undefined): void => {
      clearTimeout(timer);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit).unref();
      if (failure === undefined) resolve(undefined);
      else void worker.terminate().then(() => resolve(failure));
    };
    const timer = setTimeout(onTimeout, timeoutMs);
    worker.on("message", onMessage).on("error", onError).on("exit", onExit).ref();
    worker.postMessage(request);
  });
}
