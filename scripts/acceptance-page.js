/**
 * docs/acceptance.md: one table per provider, one row per criterion. This reads the page and says what is wrong with it.
 *
 * @typedef {object} Row
 * @property {string} criterion
 * @property {string} state `done`, `open` or `not applicable: REASON`
 * @property {readonly string[]} tests the names as `test/x.test.ts › suite › test`
 *
 * @typedef {ReadonlyMap<string, readonly Row[]>} Page rows by provider
 * @typedef {ReadonlyMap<string, readonly string[]>} Demands the criteria of each provider
 */

const everywhereFirst = ["API researched", "authentication configured", "authorization flow"];
const everywhereLast = [
  "provider enum",
  "rate limits and costs",
  "errors",
  "tests",
  "documentation page",
  "token refresh",
];
const calendarCriteria = [...everywhereFirst, "create", "update", "delete", "sync", ...everywhereLast];
const boardCriteria = [
  ...everywhereFirst,
  ...["post", "update", "close", "application sync", "approval", "field mapping"],
  ...everywhereLast,
];

const calendars = "GOOGLE_CALENDAR OUTLOOK_CALENDAR ICLOUD FASTMAIL NEXTCLOUD CALDAV ZOHO_CALENDAR".split(" ");
const boards =
  "LINKEDIN INDEED GLASSDOOR ZIPRECRUITER MONSTER CAREERBUILDER DICE WELLFOUND REMOTE_OK WE_WORK_REMOTELY JOB_FEED".split(
    " ",
  );

/** @type {Demands} What the page must answer. */
export const demands = new Map([
  ...calendars.map((provider) => /** @type {const} */ ([provider, calendarCriteria])),
  ...boards.map((provider) => /** @type {const} */ ([provider, boardCriteria])),
]);

/**
 * @param {string} markdown
 * @returns {Page}
 */
export function readPage(markdown) {
  /** @type {Map<string, Row[]>} */
  const page = new Map();
  /** @type {Row[]} */
  let rows = [];
  for (const line of markdown.split("\n")) {
    const heading = /^## ([A-Z_]+)$/.exec(line)?.[1];
    if (heading) {
      rows = page.get(heading) ?? [];
      page.set(heading, rows);
    }
    const [, criterion = "", state = "", tests = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const isRow = line.startsWith("|") && criterion !== "Criterion" && !/^-+$/.test(criterion);
    if (isRow) rows.push({ criterion, state, tests: readNames(tests) });
  }
  return page;
}

/**
 * Several tests of one row are parted by `<br>`; backticks around a name and a backslash before a bar belong to Markdown.
 *
 * @param {string} cell
 */
function readNames(cell) {
  const names = cell.split("<br>").map((name) =>
    name
      .trim()
      .replace(/^`(.*)`$/, "$1")
      .replaceAll("\\|", "|"),
  );
  return names.filter((name) => name !== "");
}

/**
 * What is wrong with the page; nothing when it is right.
 *
 * @param {Page} page
 * @param {Demands} demanded
 * @param {ReadonlyMap<string, string>} statusByTest of the last test run
 * @returns {string[]}
 */
export function findFaults(page, demanded, statusByTest) {
  const unknown = [...page.keys()].filter((provider) => !demanded.has(provider));
  return [
    ...unknown.map((provider) => `${provider} is no provider`),
    ...[...demanded].flatMap(([provider, criteria]) => {
      const rows = page.get(provider);
      if (!rows) return [`${provider} is missing`];
      const given = rows.map(({ criterion }) => criterion);
      return [
        ...criteria.filter((criterion) => !given.includes(criterion)).map((criterion) => `${criterion} is missing`),
        ...given
          .filter((criterion) => !criteria.includes(criterion))
          .map((criterion) => `${criterion} is no criterion`),
        ...given
          .filter((criterion, at) => given.indexOf(criterion) < at)
          .map((criterion) => `${criterion} is there twice`),
        ...rows.flatMap((row) => faultsOf(row, statusByTest).map((fault) => `${row.criterion}: ${fault}`)),
      ].map((fault) => `${provider}: ${fault}`);
    }),
  ];
}

/**
 * @param {Row} row
 * @param {ReadonlyMap<string, string>} statusByTest
 */
function faultsOf({ state, tests }, statusByTest) {
  if (state === "open") return [];
  if (/^not applicable\b/.test(state)) return /^not applicable: \S/.test(state) ? [] : ["not applicable, but why?"];
  if (state !== "done") return [`"${state}" is no state; it is done, open or not applicable: REASON`];
  if (tests.length === 0) return ["done, but no test is named"];
  return tests.flatMap((name) => {
    const status = statusByTest.get(name) ?? "missing";
    return status === "passed" ? [] : [`${name} is ${status}`];
  });
}
