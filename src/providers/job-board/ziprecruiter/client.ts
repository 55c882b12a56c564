import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import { textOf } from "../description.ts";
import type { BoardAccount } from "../provider.ts";

const longestMessage = 300;
/** A 403 may mean the key or the subscription; only its words tell. */
const aboutSlots = /slot|quota|limit|plan|subscription|payment/i;

/** What has to be known to call ZipRecruiter. */
type Caller = Pick<BoardAccount, "fetch" | "settings">;

/** A job as ZipRecruiter is sent it, whole. Null is said of what it has not: a PUT may keep what is left out. */
export interface JobDocument {
  readonly job_id: string;
  readonly [field: string]: unknown;
}

// https://www.ziprecruiter.com/partner/documentation/#job-api does not show what is answered.
const StoredJob = z.looseObject({ status: z.string().nullish().catch(null) });
export type StoredJob = z.output<typeof StoredJob>;

const AskedQuestions = z.array(z.looseObject({ question_id: z.string() }));

const Refusal = z.looseObject({
  message: z.string().optional().catch(undefined),
  errors: z
    .array(z.union([z.string(), z.looseObject({ field: z.string().optional(), message: z.string().optional() })]))
    .optional()
    .catch(undefined),
});

/**
 * Makes a job, or brings the one of this id up to date. With which status ZipRecruiter says that a job exists is not known:
 * whatever it does not take is sent as an update too, which is refused for the same reasons when it is wrong.
 *
 * @throws {IntegrationError} PROVIDER_REFUSED, QUOTA_EXHAUSTED when no job slot is free
 */
export async function createJob(caller: Caller, document: JobDocument): Promise<void> {
  const given = Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null));
  try {
    await call(caller, "POST", "job", given);
  } catch (error) {
    if (!isIntegrationError(error, "DUPLICATE", "PROVIDER_REFUSED")) throw error;
    if (!(await replaceJob(caller, document))) throw error;
  }
}

/** Replaces a job, and opens it again when it was closed. @returns false when ZipRecruiter has none of this id */
export async function replaceJob(caller: Caller, document: JobDocument): Promise<boolean> {
  return (await ifThere(() => call(caller, "PUT", pathOf(document.job_id), document))) !== null;
}

/** Closes a job. One that is closed or gone already is no error. */
export async function deleteJob(caller: Caller, jobId: string): Promise<void> {
  await ifThere(() => call(caller, "DELETE", pathOf(jobId)));
}

/** Null when ZipRecruiter has none of this id; where it hides closed ones, null for those too. */
export async function readJob(caller: Caller, jobId: string): Promise<StoredJob | null> {
  const found = await ifThere(() => call(caller, "GET", pathOf(jobId)));
  if (found === null) return null;
  const read = StoredJob.safeParse(found.body);
  if (read.success) return read.data;
  throw unreadable("something that is no job");
}

/** What ZipRecruiter says of paid features of a job, in whichever form; null when it says nothing. */
export async function readFeatures(caller: Caller, jobId: string): Promise<unknown> {
  const found = await ifThere(() => call(caller, "GET", `${pathOf(jobId)}/features`));
  return found?.body ?? null;
}

/** Spends money, each time. */
export async function addFeature(caller: Caller, jobId: string, feature: object): Promise<void> {
  await call(caller, "POST", `${pathOf(jobId)}/features`, feature);
}

/**
 * All questions of a job; none take away those that there are. Harmless twice. Whether a PUT makes the first ones is not
 * written: where it does not, they are sent as new ones.
 */
export async function replaceQuestions(caller: Caller, jobId: string, questions: readonly object[]): Promise<void> {
  const path = `${pathOf(jobId)}/questions`;
  if (questions.length === 0) {
    await ifThere(() => call(caller, "DELETE", path));
  } else if ((await ifThere(() => call(caller, "PUT", path, questions))) === null) {
    await call(caller, "POST", path, questions);
  }
}

/** Which questions of a job are asked, by `question_id`; null where they are told in a form that nobody has described. */
export async function readQuestionIds(caller: Caller, jobId: string): Promise<readonly string[] | null> {
  const found = await ifThere(() => call(caller, "GET", `${pathOf(jobId)}/questions`));
  if (found === null) return [];
  const read = AskedQuestions.safeParse(found.body ?? []);
  return read.success ? read.data.map(({ question_id: id }) => id) : null;
}

/** Tells what has become of an application. @throws {IntegrationError} NOT_FOUND for one that ZipRecruiter does not know */
export async function sendSignal(caller: Caller, signal: object): Promise<void> {
  await send(caller, "POST", "hiring-signal/v0/event", signal);
}

function pathOf(jobId: string): string {
  return `job/${encodeURIComponent(jobId)}`;
}

async function ifThere<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isIntegrationError(error, "NOT_FOUND")) return null;
    throw error;
  }
}

/** @throws {IntegrationError} for every status that is no success; NOT_FOUND for a job that is not there */
function call(caller: Caller, method: string, path: string, body?: object): Promise<{ readonly body: unknown }> {
  return send(caller, method, `partner/v0/${path}`, body);
}

async function send(
  { fetch, settings }: Caller,
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly body: unknown }> {
  const url = new URL(path, settings["serverUrl"]);
  const init = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const reply = await fetch(url, { method, ...init });
  const text = await reply.text();
  if (!reply.ok) throw explain(reply.status, text);
  return { body: text === "" ? null : parseJson(text) };
}

function explain(status: number, text: string): IntegrationError {
  const providerCode = `HTTP ${status}`;
  const words = wordsOf(text).slice(0, longestMessage);
  if (status === 402 || (status === 403 && aboutSlots.test(words))) {
    return new IntegrationError("QUOTA_EXHAUSTED", `ZipRecruiter has no room for this: ${words}`, {
      providerCode,
      remedy: "Close a job that is no longer needed, or have more job slots added to the ZipRecruiter subscription.",
    });
  }
  switch (status) {
    case 403:
      return new IntegrationError("FORBIDDEN", `ZipRecruiter does not allow this: ${words}`, {
        providerCode,
        remedy: "Ask atsintegrations@ziprecruiter.com what the key may do for this employer.",
      });
    case 404:
    case 410:
      return new IntegrationError("NOT_FOUND", "ZipRecruiter has no such job", { providerCode });
    case 409:
      return new IntegrationError("DUPLICATE", "ZipRecruiter has this job already", { providerCode });
    default:
      return new IntegrationError("PROVIDER_REFUSED", `ZipRecruiter does not take this: ${words}`, {
        providerCode,
        remedy: "Change what ZipRecruiter names, and send it again.",
      });
  }
}

/** What a refusal says, whether it is JSON of some kind or text. */
function wordsOf(text: string): string {
  return messagesIn(text) || textOf(text).replaceAll("\n", "; ");
}

/** Of JSON with a message, a list of errors, or both; empty for everything else. */
function messagesIn(text: string): string {
  try {
    const { message, errors = [] } = Refusal.parse(JSON.parse(text));
    const all = [message, ...errors.map((one) => (typeof one === "string" ? one : joined(one.field, one.message)))];
    return all.filter(Boolean).join("; ");
  } catch {
    return "";
  }
}

function joined(...words: readonly (string | undefined)[]): string {
  return words.filter(Boolean).join(": ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable("no JSON");
  }
}

function unreadable(what: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `ZipRecruiter answered with ${what}`);
}
