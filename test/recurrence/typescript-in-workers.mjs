import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

// Vitest compiles what it loads itself; a worker thread is Node's own and gets this preloaded.
if (!isMainThread) register("./typescript-hooks.mjs", import.meta.url);
