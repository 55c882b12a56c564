import { genericFeed } from "./generic.ts";
import { indeedFeed } from "./indeed.ts";
import { linkedinFeed } from "./linkedin.ts";
import { monsterFeed } from "./monster.ts";
import { ziprecruiterFeed } from "./ziprecruiter.ts";

/** Each by the last part of its address. */
export const dialects = {
  generic: genericFeed,
  indeed: indeedFeed,
  linkedin: linkedinFeed,
  monster: monsterFeed,
  ziprecruiter: ziprecruiterFeed,
} as const;
