export { linkedin } from "./linkedin.ts";
