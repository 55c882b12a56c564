import { spawnSync } from "node:child_process";
import { existsSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { newestChange } from "./newest-change.js";
import { root } from "./root.js";

/** Written after a successful build, with the time at which it began. */
const stamp = "dist/.built";
const compiler = join(root, "node_modules/typescript/bin/tsc");
/** What a build depends on. */
export const sources = [
  "src",
  "migrations",
  "sandbox",
  "verify",
  "bench",
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
];

/** Compiles everything into an empty `dist`, and says whether the compiler found nothing wrong. */
export function compile() {
  const began = new Date();
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const words = [compiler, "-p", "tsconfig.build.json"];
  const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: "inherit" });
  if (status !== 0) return false;
  writeFileSync(join(root, stamp), "");
  utimesSync(join(root, stamp), began, began);
  return true;
}

/** Compiles when it was never done or something changed since. Without its compiler (production) `dist` is taken as it is. */
export function ensureCompiled() {
  const built = newestChange([stamp]);
  if (existsSync(compiler)) {
    if (newestChange(sources) >= built && !compile()) process.exit(1);
    return;
  }
  if (built === 0) {
    console.error("There is no build, and no compiler to make one. Run: npm ci --include=dev && npm run build");
    process.exit(1);
  }
}

/**
 * A module of the build, which is made first when it has to be.
 *
 * @param {string} path inside `dist`, for example "src/main.js"
 */
export function importCompiled(path) {
  ensureCompiled();
  return import(pathToFileURL(join(root, "dist", path)).href);
}
