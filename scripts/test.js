import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.js";
import { countsLine, readTestReport, reportFile } from "./test-report.js";

// npm test                  the whole suite
// npm test -- test/schema   a part of it; further words go to vitest as they are
rmSync(join(root, reportFile), { force: true });
const { status } = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    ...[
      "run",
      "--coverage",
      "--reporter=default",
      "--reporter=./scripts/second-tries.js",
      "--reporter=json",
      `--outputFile.json=${reportFile}`,
    ],
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);

const results = readTestReport();
if (results) console.log(`\n${countsLine(results)}`);
process.exit(results ? (status ?? 1) : 1);
