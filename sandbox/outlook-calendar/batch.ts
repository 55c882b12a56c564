import { randomUUID } from "node:crypto";
import { badQuery, errorBody } from "./errors.ts";
import type { GraphReply, GraphRequest } from "./graph-request.ts";

const maxRequests = 20;
/** Requests to one mailbox that are in one batch run so many at a time. */
const atATime = 4;

interface Step {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly dependsOn?: readonly string[];
}

/**
 * Several requests in one. https://learn.microsoft.com/en-us/graph/json-batching
 *
 * @param answer of one of them
 * @throws {GraphError} BadRequest
 */
export async function answerBatch(
  batch: GraphRequest,
  body: Readonly<Record<string, unknown>>,
  answer: (request: GraphRequest) => Promise<GraphReply>,
  now: Date,
): Promise<unknown> {
  const steps = readSteps(body["requests"]);
  const done = new Map<string, GraphReply>();
  let waiting = steps;
  while (waiting.length > 0) {
    const ready = waiting.filter(({ dependsOn = [] }) => dependsOn.every((id) => done.has(id))).slice(0, atATime);
    if (ready.length === 0) throw badQuery("Requests depend on one another in a circle.");
    waiting = waiting.filter((step) => !ready.includes(step));
    await Promise.all(
      ready.map(async (step) => {
        const isFailed = (step.dependsOn ?? []).some((id) => (done.get(id)?.status ?? 500) >= 400);
        done.set(step.id, isFailed ? failedDependency(now) : await answer(requestOf(step, batch)));
      }),
    );
  }
  // They come in the order in which they ended, not in which they were asked.
  const responses = [...done].map(([id, { status, headers = {}, body: said }]) => ({
    id,
    status,
    headers: { ...headers, ...(said !== undefined && { "Content-Type": "application/json" }) },
    ...(said !== undefined && { body: said }),
  }));
  return { responses };
}

function readSteps(given: unknown): readonly Step[] {
  if (!Array.isArray(given) || given.length === 0) throw badQuery("Invalid batch payload format.");
  if (given.length > maxRequests)
    throw badQuery(`Number of batch request steps exceeds the maximum of ${maxRequests}.`);
  const steps = given as readonly Step[];
  const ids = steps.map(({ id }) => id);
  const isReadable = ({ id, method, url, dependsOn = [] }: Step) =>
    [id, method, url].every((word) => typeof word === "string") && dependsOn.every((one) => ids.includes(one));
  if (new Set(ids).size !== ids.length || !steps.every(isReadable)) throw badQuery("Invalid batch payload format.");
  return steps;
}

function requestOf({ method, url, headers = {}, body }: Step, { caller }: GraphRequest): GraphRequest {
  const { pathname, searchParams } = new URL(`http://graph${url.startsWith("/") ? "" : "/"}${url}`);
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const text = body === undefined ? "" : JSON.stringify(body);
  return { method, path: pathname, query: searchParams, headers: lowerCase, body: text, caller };
}

function failedDependency(now: Date): GraphReply {
  const error = { code: "FailedDependency", message: "A request that this one depends on has failed." };
  return { status: 424, body: errorBody(error, now, randomUUID()) };
}
