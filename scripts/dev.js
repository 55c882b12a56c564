import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { compile, sources } from "./compiled.js";
import { newestChange } from "./newest-change.js";
import { root } from "./root.js";

// Compiles and starts the service, and again after each change. While something does not compile, the last service that
// did keeps running. Looking at the files' times costs milliseconds and sees every way in which an editor saves.
const lookEveryMs = 250;

/** @type {import("node:child_process").ChildProcess | undefined} */
let service;
// A terminal sends Ctrl-C to the service as well; a supervisor sends its SIGTERM to this process alone.
process.on("SIGINT", () => ended().then(() => process.exit()));
process.on("SIGTERM", () => stop().then(() => process.exit()));

for (let compiled = 0, before = 0; ; await sleep(lookEveryMs)) {
  const changed = newestChange(sources);
  // A checkout writes for a while: wait until nothing changed between two looks.
  const isSettled = changed === before;
  before = changed;
  if (!isSettled || changed === compiled) continue;
  compiled = changed;
  if (!compile()) continue;
  await stop();
  service = spawn(process.execPath, ["--enable-source-maps", "dist/src/main.js"], { cwd: root, stdio: "inherit" });
}

async function stop() {
  service?.kill("SIGTERM");
  await ended();
}

async function ended() {
  if (service && service.exitCode === null && service.signalCode === null) await once(service, "exit");
}
