import type * as z from "zod";

/** What is wrong about one field. */
export interface Problem {
  /** `/title` */
  readonly path: string;
  readonly says: string;
}

/** As Rest.li words it. */
export function messageOf(problems: readonly Problem[]): string {
  return problems.map(({ path, says }) => `ERROR :: ${path} :: ${says}`).join("\n");
}

/** `ERROR_INVALID_LISTED_AT_FIELD` */
export function codeOf(problems: readonly Problem[]): string {
  const [, field = ""] = problems[0]?.path.split("/") ?? [];
  return `ERROR_INVALID_${field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_FIELD`;
}

/** @param issues of a reading that reports its input */
export function problemsOf({ issues }: z.ZodError): readonly Problem[] {
  return issues.flatMap((issue) => {
    const path = `/${issue.path.map(String).join("/")}`;
    if (issue.code !== "unrecognized_keys") return [{ path, says: wordsOf(issue) }];
    const base = path === "/" ? "" : path;
    return issue.keys.map((key) => ({
      path: `${base}/${key}`,
      says: "unrecognized field found but not allowed",
    }));
  });
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return "field is required but not found and has no default value";
  switch (issue.code) {
    case "invalid_type":
      return `is not of the type ${issue.expected}`;
    case "too_small":
      return `is out of range: at least ${issue.minimum}`;
    case "too_big":
      return `is out of range: at most ${issue.maximum}`;
    case "invalid_value":
      return "is not an enum symbol";
    case "invalid_format":
      return "is not in the right format";
    default:
      return issue.message;
  }
}
