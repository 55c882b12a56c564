export { linkedin } from "./linkedin.ts";
export { ziprecruiter } from "./ziprecruiter.ts";
