/** An error as an answer lists it. The codes are invented: nobody has published them. */
export interface DpiError {
  readonly code: string;
  readonly text: string;
}

export const login: DpiError = { code: "100", text: "The user name or password is not valid." };
export const account: DpiError = { code: "101", text: "The customer account code is not known to this vendor." };
export const known: DpiError = { code: "300", text: "A job with this JobID already exists." };
export const unknown: DpiError = { code: "301", text: "No job with this JobID was found." };
export const noneLeft: DpiError = { code: "400", text: "The contract has no postings left." };

export function missing(name: string): DpiError {
  return { code: "200", text: `${name} is required.` };
}

export function tooLong(name: string, most: number): DpiError {
  return { code: "201", text: `${name} must not exceed ${most} characters.` };
}
