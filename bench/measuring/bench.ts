import type { Drill } from "../../verify/drill/drill.ts";

export type Bench = Pick<Drill, "atEnd" | "step">;

/** Runs a measurement and ends the process. What it has opened is closed, however it ends. */
export async function runBench(name: string, work: (bench: Bench) => Promise<void>): Promise<never> {
  const undoing: (() => Promise<unknown>)[] = [];
  let code = 0;
  try {
    await work({
      atEnd: (undo) => void undoing.push(undo),
      step: (what) => console.log(`${name}: ${what}`),
    });
  } catch (error) {
    code = 1;
    console.error(error);
  }
  for (const undo of undoing.reverse()) await undo().catch((error: unknown) => console.error(error));
  process.exit(code);
}
