import { describe, expect, it } from "vitest";
import { demands, findFaults, readPage } from "../../scripts/acceptance-page.js";

const demanded = new Map([["CALDAV", ["create", "sync"]]]);
const results = new Map([
  ["test/a.test.ts › CalDAV › creates", "passed"],
  ["test/a.test.ts › CalDAV › reads a | b", "passed"],
  ["test/a.test.ts › CalDAV › waits", "pending"],
  ["test/a.test.ts › CalDAV › breaks", "failed"],
]);

/** A page for CALDAV on which only the row of `create` varies. */
function pageWith(row: string): string {
  return `# Acceptance\n\n## CALDAV\n\n| Criterion | State | Tests |\n|---|---|---|\n${row}\n| sync | open | |\n`;
}

describe("the acceptance page", () => {
  it.each([
    { name: "an open row", row: "| create | open | |", faults: [] },
    {
      name: "a done row with a passed test",
      row: "| create | done | `test/a.test.ts › CalDAV › creates` |",
      faults: [],
    },
    {
      name: "several passed tests, one with a bar in its name",
      row: "| create | done | test/a.test.ts › CalDAV › creates<br>`test/a.test.ts › CalDAV › reads a \\| b` |",
      faults: [],
    },
    { name: "a reason for what does not apply", row: "| create | not applicable: it only reads | |", faults: [] },
    { name: "done without a test", row: "| create | done | |", faults: ["CALDAV: create: done, but no test is named"] },
    {
      name: "a test that does not exist",
      row: "| create | done | test/a.test.ts › CalDAV › dreams |",
      faults: ["CALDAV: create: test/a.test.ts › CalDAV › dreams is missing"],
    },
    {
      name: "a skipped test",
      row: "| create | done | test/a.test.ts › CalDAV › waits |",
      faults: ["CALDAV: create: test/a.test.ts › CalDAV › waits is pending"],
    },
    {
      name: "a failed test beside a passed one",
      row: "| create | done | test/a.test.ts › CalDAV › creates<br>test/a.test.ts › CalDAV › breaks |",
      faults: ["CALDAV: create: test/a.test.ts › CalDAV › breaks is failed"],
    },
    { name: "no reason", row: "| create | not applicable: | |", faults: ["CALDAV: create: not applicable, but why?"] },
    {
      name: "another state",
      row: "| create | almost | |",
      faults: ['CALDAV: create: "almost" is no state; it is done, open or not applicable: REASON'],
    },
    { name: "a criterion too few", row: "", faults: ["CALDAV: create is missing"] },
    {
      name: "a criterion too many",
      row: "| create | open | |\n| smile | open | |",
      faults: ["CALDAV: smile is no criterion"],
    },
    {
      name: "a criterion twice",
      row: "| create | open | |\n| create | open | |",
      faults: ["CALDAV: create is there twice"],
    },
  ])("with $name has the faults $faults", ({ row, faults }) => {
    expect(findFaults(readPage(pageWith(row)), demanded, results)).toEqual(faults);
  });

  it("must have every provider, and no other", () => {
    const page = readPage("## CALDAVE\n\n| Criterion | State | Tests |\n|---|---|---|\n");
    expect(findFaults(page, demanded, results)).toEqual(["CALDAVE is no provider", "CALDAV is missing"]);
  });

  it("answers for seven calendars and eleven ways to post a job", () => {
    const criteria = [...demands.values()];
    expect(criteria.filter((of) => of.includes("sync"))).toHaveLength(7);
    expect(criteria.filter((of) => of.includes("application sync"))).toHaveLength(11);
  });
});
