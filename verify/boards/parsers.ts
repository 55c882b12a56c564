import type { BoardApplications } from "../../src/providers/job-board/applications.ts";
import { providers } from "../../src/providers/registry.ts";

/** As after a bad release: what boards send cannot be read any more. @returns how to mend it */
export function breakParsers(): () => void {
  const all = providers.flatMap((provider) =>
    provider.kind === "JOB_BOARD" && provider.applications ? [provider.applications] : [],
  ) as { parse: BoardApplications["parse"] }[];
  const whole = all.map(({ parse }) => parse);
  for (const applications of all) {
    applications.parse = () => {
      throw new Error("This parser is broken");
    };
  }
  return () => {
    for (const [index, applications] of all.entries()) {
      const parse = whole[index];
      if (parse) applications.parse = parse;
    }
  };
}
