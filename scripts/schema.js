import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildASTSchema, findBreakingChanges, parse } from "graphql";
import { importCompiled } from "./compiled.js";
import { catalogueHeading, eventCatalogue } from "./event-catalogue.js";
import { root } from "./root.js";

// npm run schema                  writes schema.graphql from the code, and the catalogue of events into its page
// npm run schema -- --check       fails when it differs from the code, or breaks what was released
// npm run schema -- --release     makes it the released one
const current = join(root, "schema.graphql");
const released = join(root, "schema.released.graphql");

const { printSubgraphSdl } = await importCompiled("src/schema/build-subgraph.js");
const sdl = String(await printSubgraphSdl());
const page = join(root, "docs/events.md");
const { listEventTypes } = await importCompiled("src/services/event-types.js");
const [written = ""] = readFileSync(page, "utf8").split(catalogueHeading);
const eventsPage = `${written}${eventCatalogue(listEventTypes(null))}`;

if (process.argv.includes("--check")) {
  const committed = existsSync(current) ? readFileSync(current, "utf8") : "";
  if (committed !== sdl) fail("schema.graphql is not what the code builds. Run: npm run schema");

  if (readFileSync(page, "utf8") !== eventsPage) fail("docs/events.md is not what the code says. Run: npm run schema");

  const breaking = existsSync(released)
    ? findBreakingChanges(readSchema(readFileSync(released, "utf8")), readSchema(sdl))
    : [];
  if (breaking.length > 0) {
    fail(
      `Callers of the released schema would break:\n${breaking.map(({ description }) => `- ${description}`).join("\n")}`,
    );
  }
} else {
  writeFileSync(current, sdl);
  writeFileSync(page, eventsPage);
  if (process.argv.includes("--release")) copyFileSync(current, released);
}

/**
 * A subgraph's SDL leaves the definitions of federation's directives to the composition, so it is not complete by itself.
 *
 * @param {string} text
 */
function readSchema(text) {
  return buildASTSchema(parse(text), { assumeValid: true, assumeValidSDL: true });
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
