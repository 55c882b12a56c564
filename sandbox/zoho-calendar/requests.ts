import { badJson, extraParameter, missing } from "./errors.ts";
import type { EventData } from "./event-fields.ts";
import type { ZohoSwitches } from "./switches.ts";

/** A request below `/api/v1`, of somebody whose token is good. */
export interface ZohoRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly caller: { readonly email: string; readonly scopes: readonly string[] };
}

export interface ZohoReply {
  readonly status: number;
  readonly body: unknown;
}

/** The parameters of a request, where no other ones than these may be. @throws {ZohoError} EXTRA_PARAM_FOUND */
export function readParameters(
  { query, headers, body }: ZohoRequest,
  names: readonly string[],
  { strayStatus, takesFormBody }: ZohoSwitches,
): URLSearchParams {
  const isForm = (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const given = new URLSearchParams([...query, ...(isForm && takesFormBody ? new URLSearchParams(body) : [])]);
  const stray = [...given.keys()].find((name) => !names.includes(name));
  if (stray !== undefined) throw extraParameter(strayStatus, stray);
  return given;
}

/** JSON in a parameter. @throws {ZohoError} when it is not there, or no object */
export function jsonIn(parameters: URLSearchParams, name: string): EventData {
  const text = parameters.get(name);
  if (text === null) throw missing(name);
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return { ...read };
  } catch {
    // Said below.
  }
  throw badJson(name);
}
