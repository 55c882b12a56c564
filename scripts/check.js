import { spawnSync } from "node:child_process";
import { root } from "./root.js";
import { countsLine, readTestReport } from "./test-report.js";

// npm run check              everything that must hold before a commit, cheapest first; stops at the first failure
// npm run check -- --tested  the same for a suite that has just run (npm test): reads its report instead of running it
const bin = "node_modules/.bin";
/** @type {readonly { name: string, command: readonly [string, ...string[]], shown?: boolean }[]} */
const steps = [
  { name: "format and lint", command: [`${bin}/biome`, "check", "--error-on-warnings"] },
  { name: "types", command: [`${bin}/tsc`, "--noEmit", "-p", "tsconfig.json"] },
  process.argv.includes("--tested")
    ? { name: "tests, as they have just run", command: ["node", "scripts/tested.js"] }
    : { name: "tests", command: ["node", "scripts/test.js"], shown: true },
  { name: "schema drift", command: ["node", "scripts/schema.js", "--check"] },
  { name: "acceptance", command: ["node", "scripts/acceptance.js"] },
  { name: "unused code and dependencies", command: [`${bin}/knip`] },
];

for (const { name, command, shown } of steps) {
  const [file, ...words] = command;
  const began = performance.now();
  const { status, stdout, stderr, error } = spawnSync(file, words, {
    cwd: root,
    encoding: "utf8",
    stdio: shown ? "inherit" : "pipe",
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`);
    console.error(`✗ ${name} (${seconds} s): ${command.join(" ")}`);
    process.exit(1);
  }
  console.log(`✓ ${name} (${seconds} s)`);
}
console.log(`\n${countsLine(readTestReport() ?? [])}`);
