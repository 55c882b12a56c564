/** One thing that is wrong. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** A refusal of We Work Remotely's. */
export class WeWorkRemotelyError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problems: readonly Problem[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const unauthorized = () =>
  new WeWorkRemotelyError(401, "HTTP Token: Access denied.", [], { "www-authenticate": 'Token realm="Application"' });
export const notFound = () => new WeWorkRemotelyError(404, "Not Found");
export const invalid = (status: number, problems: readonly Problem[]) =>
  new WeWorkRemotelyError(status, "Validation Failed", problems);
export const unpaid = (status: number) => new WeWorkRemotelyError(status, "Payment required: no posts are left");
