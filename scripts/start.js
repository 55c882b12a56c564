import { importCompiled } from "./compiled.js";

await importCompiled("src/main.js");
