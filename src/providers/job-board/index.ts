export { careerbuilder } from "./careerbuilder.ts";
export { glassdoor } from "./glassdoor.ts";
export { indeed } from "./indeed.ts";
export { linkedin } from "./linkedin.ts";
export { remoteOk } from "./remote-ok.ts";
export { weWorkRemotely } from "./we-work-remotely.ts";
export { wellfound } from "./wellfound.ts";
export { ziprecruiter } from "./ziprecruiter.ts";
