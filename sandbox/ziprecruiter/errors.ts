/** One thing that is wrong. */
export interface Problem {
  readonly field?: string;
  readonly message: string;
}

/** A refusal of ZipRecruiter's. What its bodies are like, nobody could see. */
export class ZipRecruiterError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problems: readonly Problem[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const unauthorized = () => new ZipRecruiterError(401, "The API key is not valid");
export const notFound = (what: string) => new ZipRecruiterError(404, `${what} does not exist`);
export const notAllowed = (allow: string) => new ZipRecruiterError(405, "Method not allowed", [], { allow });
export const invalid = (status: number, problems: readonly Problem[]) =>
  new ZipRecruiterError(status, "The request is not valid", problems);
export const noSlots = (status: number) => new ZipRecruiterError(status, "No job slots are left");
