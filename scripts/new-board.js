import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./root.js";

// npm run new-board -- ACME_JOBS "Acme Jobs"    writes the files of a job board, to be filled in; CONTRIBUTING.md says how

const [id = "", name = ""] = process.argv.slice(2);
if (!/^[A-Z][A-Z\d]*(_[A-Z\d]+)*$/.test(id) || name.trim() === "") {
  fail('Give the id and the name of the board: npm run new-board -- ACME_JOBS "Acme Jobs"');
}

const file = id.toLowerCase().replaceAll("_", "-");
const camel = id.toLowerCase().replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase());
const words = {
  __ID__: id,
  __NAME__: name,
  __FILE__: file,
  __CAMEL__: camel,
  __PASCAL__: camel.charAt(0).toUpperCase() + camel.slice(1),
};

/** By template, where it goes. */
const places = {
  "adapter.ts": `src/providers/job-board/${file}.ts`,
  "check.ts": `src/providers/job-board/${file}/check.ts`,
  "client.ts": `src/providers/job-board/${file}/client.ts`,
  "connect.ts": `src/providers/job-board/${file}/connect.ts`,
  "document.ts": `src/providers/job-board/${file}/document.ts`,
  "mapping.ts": `src/providers/job-board/${file}/mapping.ts`,
  "status.ts": `src/providers/job-board/${file}/status.ts`,
  "test.ts": `test/providers/${file}.test.ts`,
  "vendor.ts": `test/support/${file}-vendor.ts`,
  "twin.ts": `sandbox/${file}-twin.ts`,
  "page.md": `docs/providers/${file}.md`,
};

const list = "src/providers/job-board/index.ts";
const taken = Object.values(places).filter((place) => existsSync(join(root, place)));
if (taken.length > 0) fail(`There is such a board already: ${taken.join(", ")}`);

for (const [template, place] of Object.entries(places)) {
  const text = readFileSync(join(root, "scripts/new-board", `${template}.txt`), "utf8");
  const target = join(root, place);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, filled(text));
  console.log(`  ${place}`);
}
const lines = readFileSync(join(root, list), "utf8").trimEnd().split("\n");
lines.push(filled('export { __CAMEL__ } from "./__FILE__.ts";'));
writeFileSync(join(root, list), `${lines.sort().join("\n")}\n`);
console.log(`  ${list} has a line for it`);
console.log('\nSearch them for "To be", and read "Adding a job board" in CONTRIBUTING.md.');

/** @param {string} text */
function filled(text) {
  return Object.entries(words).reduce((all, [word, value]) => all.replaceAll(word, value), text);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
