import { readFileSync } from "node:fs";
import { join } from "node:path";
import { demands, findFaults, readPage } from "./acceptance-page.js";
import { root } from "./root.js";
import { readTestReport } from "./test-report.js";

// Holds docs/acceptance.md against the last run of the whole suite: nothing is done unless a test that passed says so.
const results = readTestReport();
if (!results) {
  console.error("There is no report of a test run. Run: npm test");
  process.exit(1);
}
const page = readPage(readFileSync(join(root, "docs/acceptance.md"), "utf8"));
const faults = findFaults(page, demands, new Map(results.map(({ name, status }) => [name, status])));
if (faults.length > 0) {
  console.error(`docs/acceptance.md is not true:\n${faults.map((fault) => `- ${fault}`).join("\n")}`);
  process.exit(1);
}
const rows = [...page.values()].flat();
const done = rows.filter(({ state }) => state === "done").length;
const open = rows.filter(({ state }) => state === "open").length;
console.log(`${done} done, ${open} open, ${rows.length - done - open} not applicable`);
