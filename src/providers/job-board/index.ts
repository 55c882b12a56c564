export { glassdoor } from "./glassdoor.ts";
export { indeed } from "./indeed.ts";
export { linkedin } from "./linkedin.ts";
export { ziprecruiter } from "./ziprecruiter.ts";
