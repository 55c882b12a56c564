import { compile } from "./compiled.js";

process.exit(compile() ? 0 : 1);
