import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isInstalled } from "../../sandbox/real-servers/server-process.ts";

export const xmllintIsInstalled = isInstalled("xmllint");

/** What libxml2 has against a document, by the schema of a dialect in `test/feeds`; empty when it is valid. */
export function faultsIn(xml: string, dialect: string): string {
  const schema = join(import.meta.dirname, "../feeds", `${dialect}.rng`);
  const { status, stderr } = spawnSync("xmllint", ["--noout", "--huge", "--relaxng", schema, "-"], {
    input: xml,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? "" : stderr;
}
