import { parseArgs } from "node:util";
import { inTime } from "./in-time.ts";

/** What a drill found to be untrue. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

/** @throws {BrokenPromise} saying what was found instead */
export function mustHold(holds: boolean, found: string): asserts holds {
  if (!holds) throw new BrokenPromise(found);
}

/** Somebody wants it to stop. */
class Interruption extends Error {
  override readonly name = "Interruption";
}

export interface Drill {
  readonly isSmall: boolean;
  /** What was given beside `--small`, by name. */
  readonly words: Readonly<Record<string, string | undefined>>;
  /** Which of the further switches were given. */
  readonly switches: ReadonlySet<string>;
  /** Says what begins, for whoever watches, and for the message when it never ends. */
  step(what: string): void;
  /** Done when the drill is over, however it ends; what was asked for last comes first. */
  atEnd(undo: () => Promise<unknown>): void;
}

export interface DrillOptions {
  /** As a reader of the design knows it. */
  readonly promise: string;
  /** After this long it has failed. */
  readonly limitSeconds: { readonly small: number; readonly full: number };
  /** Names of further words, each with a value. */
  readonly words?: readonly string[];
  /** Names of further words without a value. */
  readonly switches?: readonly string[];
}

const undoMs = 30_000;

/** Runs a drill to its end and ends the process: with 0 and its figure, or with 1 and the promise that was broken. */
export async function runDrill(
  name: string,
  { promise, limitSeconds, ...known }: DrillOptions,
  work: (drill: Drill) => Promise<string>,
): Promise<never> {
  const given = readWords(name, known);
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
  const undoing: (() => Promise<unknown>)[] = [];
  let current = "its start";
  const drill: Drill = {
    ...given,
    step(what) {
      current = what;
      console.log(`${seconds().padStart(6)} s  ${what}`);
    },
    atEnd: (undo) => void undoing.push(undo),
  };

  const limit = given.isSmall ? limitSeconds.small : limitSeconds.full;
  const tooLate = () => new BrokenPromise(`it did not end within ${limit} s; it was at: ${current}`);
  let lastLine: string;
  let code = 0;
  try {
    const figure = await Promise.race([inTime(work(drill), limit * 1000, tooLate), interruption()]);
    lastLine = `${name}: ${figure} (${seconds()} s)`;
  } catch (error) {
    code = 1;
    lastLine = `${name}: ${explain(error, promise)}`;
  }
  for (const undo of undoing.reverse()) {
    await inTime(undo(), undoMs, () => new Error("Cleaning up took too long")).catch((error: unknown) => {
      code = 1;
      console.error(error);
    });
  }
  (code === 0 ? console.log : console.error)(`\n${lastLine}`);
  process.exit(code);
}

function readWords(
  name: string,
  { words = [], switches = [] }: Pick<DrillOptions, "words" | "switches">,
): Pick<Drill, "isSmall" | "words" | "switches"> {
  const flag = { type: "boolean" } as const;
  const option = { type: "string" } as const;
  const options = {
    small: flag,
    ...Object.fromEntries(switches.map((word) => [word, flag])),
    ...Object.fromEntries(words.map((word) => [word, option])),
  };
  try {
    const given = Object.entries(parseArgs({ options }).values);
    return {
      isSmall: given.some(([word]) => word === "small"),
      words: Object.fromEntries(given.flatMap(([word, value]) => (typeof value === "string" ? [[word, value]] : []))),
      switches: new Set(given.flatMap(([word, value]) => (value === true ? [word] : []))),
    };
  } catch {
    const further = [...switches.map((word) => ` [--${word}]`), ...words.map((word) => ` [--${word} VALUE]`)];
    console.error(`Usage: npm run verify -- ${name} [--small]${further.join("")}`);
    process.exit(2);
  }
}

function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => reject(new Interruption(`it was ended by ${signal}`)));
    }
  });
}

/** Of what is neither a broken promise nor an interruption nothing is known but that the drill itself went wrong. */
function explain(error: unknown, promise: string): string {
  if (error instanceof BrokenPromise) return `broken is promise ${promise}: ${error.message}`;
  if (error instanceof Interruption) return error.message;
  return `the drill failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
