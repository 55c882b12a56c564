import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./root.js";

/** Vitest's JSON report of the last run of the whole suite or of a part of it. */
export const reportFile = "coverage/tests.json";

/**
 * @typedef {object} TestResult
 * @property {string} name the file and the names of the suites and the test: `test/x.test.ts › suite › test`
 * @property {string} status passed, failed, or a way of being skipped
 */

/**
 * The outcome of every test; undefined when there is no report. A file that could not be loaded is one failed test, so
 * that its tests do not silently disappear from the count.
 *
 * @returns {TestResult[] | undefined}
 */
export function readTestReport() {
  const path = join(root, reportFile);
  if (!existsSync(path)) return undefined;

  /** @type {{ testResults: { name: string, status: string, assertionResults: { ancestorTitles: string[], title: string, status: string }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(path, "utf8"));
  return testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(root, name);
    const tests = assertionResults.map((test) => ({
      name: [file, ...test.ancestorTitles, test.title].join(" › "),
      status: test.status,
    }));
    const unexplained = status === "failed" && !tests.some((test) => test.status === "failed");
    return unexplained ? [...tests, { name: file, status: "failed" }] : tests;
  });
}

/**
 * One plain line for people and for machines.
 *
 * @param {readonly TestResult[]} results
 */
export function countsLine(results) {
  const passed = results.filter(({ status }) => status === "passed").length;
  const failed = results.filter(({ status }) => status === "failed").length;
  return `${passed} passed, ${failed} failed, ${results.length - passed - failed} skipped`;
}
