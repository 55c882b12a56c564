/** A Vitest reporter that names, last of all, the tests that passed at a second try: each of them is a race to be mended. */
export default class SecondTries {
  /** @type {string[]} */
  names = [];

  /** @param {import("vitest/node").TestCase} test */
  onTestCaseResult(test) {
    const { flaky = false } = test.diagnostic() ?? {};
    if (flaky) this.names.push(`${test.module.relativeModuleId} › ${test.fullName.replaceAll(" > ", " › ")}`);
  }

  onTestRunEnd() {
    for (const name of this.names) console.log(`passed at the second try: ${name}`);
  }
}
