import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.js";

/**
 * When the newest of these files was written, in milliseconds; folders are searched, what does not exist is passed over.
 *
 * @param {readonly string[]} paths relative to the project
 */
export function newestChange(paths) {
  return Math.max(0, ...paths.flatMap((path) => [path, ...inside(path)]).map(changedAt));
}

/** @param {string} path */
function inside(path) {
  if (!statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" }).map((name) => join(path, name));
}

/**
 * Folders count too, for removing a file changes nothing else.
 *
 * @param {string} path
 */
function changedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
