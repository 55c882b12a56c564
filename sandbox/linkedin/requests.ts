import { badRequest, notJson } from "./errors.ts";
import type { StoredApp } from "./state.ts";

/** A request of an application whose token is good, below `/rest` or `/v2`. */
export interface LinkedInRequest {
  readonly method: string;
  readonly version: "rest" | "v2";
  /** `simpleJobPostings` */
  readonly resource: string;
  /** What comes after the resource; empty where nothing does. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly app: StoredApp;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {LinkedInError} 415, 400 */
export function jsonBody({ headers, body }: Pick<LinkedInRequest, "headers" | "body">): JsonObject {
  if (!(headers["content-type"] ?? "").startsWith("application/json")) throw notJson();
  try {
    const read: unknown = JSON.parse(body);
    if (isObject(read)) return read;
  } catch {
    // Said below.
  }
  throw badRequest("The body is no JSON object");
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {LinkedInError} 400 */
export function needMethod({ headers }: LinkedInRequest, method: string): void {
  if (headers["x-restli-method"]?.toLowerCase() === method) return;
  throw badRequest(`x-restli-method has to be ${method}`);
}

/** `ids=a&ids=b`, and `ids=List(a,b)` as Rest.li 2.0 writes it. @throws {LinkedInError} 400 */
export function idsIn({ query }: LinkedInRequest): readonly string[] {
  const ids = query.getAll("ids").flatMap((text) => {
    const [, list] = /^List\((.*)\)$/.exec(text) ?? [];
    return list === undefined ? [text] : list.split(",");
  });
  if (ids.length === 0 || ids.includes("")) throw badRequest("Parameter ids is missing");
  return [...new Set(ids)];
}

/** An answer of Rest.li to a request for several things. */
export interface BatchReply {
  readonly results: Record<string, unknown>;
  readonly statuses: Record<string, number>;
  readonly errors: Record<string, { readonly status: number; readonly message: string }>;
}

export const emptyBatch = (): BatchReply => ({ results: {}, statuses: {}, errors: {} });
