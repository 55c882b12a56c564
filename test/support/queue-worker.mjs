// A process that works on one kind of task and never finishes it. Says on its channel when it has begun.
import { register } from "node:module";
import pino from "pino";

register("../recurrence/typescript-hooks.mjs", import.meta.url);
const { Queue } = await import("../../src/queue/queue.ts");

const [url = ""] = process.argv.slice(2);
const queue = new Queue(url, pino({ level: "silent" }));
await queue.start();
await queue.work("run-sync", { concurrency: 1 }, async ({ payload }) => {
  process.send?.(payload);
  await new Promise(() => {});
});
