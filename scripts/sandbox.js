import { importCompiled } from "./compiled.js";

await importCompiled("sandbox/main.js");
