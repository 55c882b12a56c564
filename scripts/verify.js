import { runNamed } from "./run-named.js";

await runNamed("verify");
