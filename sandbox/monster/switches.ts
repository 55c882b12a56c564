/** What the reference calls unverified, or says nothing about. */
export interface MonsterSwitches {
  /** The ids of full time, part time and per diem: two sources differ. */
  jobStatusIds: readonly string[];
  /** Whether an answer says when a posting ends. */
  tellsExpiry: boolean;
  /** The form in which applications are sent. */
  easyApply: "v1-json" | "v1-xml" | "v2-json";
  /** Seconds before each further attempt to bring an application. */
  retryAfterSeconds: readonly number[];
  /** What becomes of scripts in a body. */
  scripts: "stripped" | "refused";
}

export function defaultSwitches(): MonsterSwitches {
  return {
    jobStatusIds: ["4", "5", "26"],
    tellsExpiry: true,
    easyApply: "v2-json",
    retryAfterSeconds: [],
    scripts: "stripped",
  };
}
