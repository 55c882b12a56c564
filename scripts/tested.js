import { newestChange } from "./newest-change.js";
import { readTestReport, reportFile } from "./test-report.js";

// Stands in for running the tests a second time: their report must be whole, green and newer than what it is about.
const results = readTestReport() ?? [];
const failed = results.filter(({ status }) => status === "failed");
if (results.length === 0) fail("There is no report of a test run.");
if (failed.length > 0) fail(`These failed:\n${failed.map(({ name }) => `- ${name}`).join("\n")}`);
if (newestChange(["src", "migrations", "test", "scripts", "package.json"]) > newestChange([reportFile])) {
  fail("Something changed after the tests ran.");
}

/** @param {string} message */
function fail(message) {
  console.error(`${message}\nRun: npm test`);
  process.exit(1);
}
