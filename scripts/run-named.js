import { readdirSync } from "node:fs";
import { join } from "node:path";
import { importCompiled } from "./compiled.js";
import { root } from "./root.js";

/**
 * Runs one program of a folder by its name: `npm run verify -- NAME` runs `verify/NAME.ts`, which finds the words after
 * NAME in `process.argv` from the third on.
 *
 * @param {string} folder
 */
export async function runNamed(folder) {
  const [node = "", script = "", name, ...words] = process.argv;
  const names = programs(folder);
  if (name === undefined || !names.includes(name)) {
    console.error(`Usage: npm run ${folder} -- NAME\nNAME is one of: ${names.join(", ") || "(there is none yet)"}`);
    process.exit(2);
  }
  process.argv = [node, script, ...words];
  await importCompiled(`${folder}/${name}.js`);
}

/** @param {string} folder */
function programs(folder) {
  try {
    const files = readdirSync(join(root, folder));
    return files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -".ts".length));
  } catch {
    return [];
  }
}
