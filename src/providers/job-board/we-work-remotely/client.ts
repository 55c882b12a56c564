import * as z from "zod";
import { isIntegrationError } from "../../../errors.ts";
import type { BoardAccount } from "../provider.ts";
import { explain, unreadable } from "./refusal.ts";

/** What has to be known to call We Work Remotely. */
type Caller = Pick<BoardAccount, "fetch" | "settings">;

/** A job as We Work Remotely is sent it. */
export type RemoteJobDocument = Readonly<Record<string, unknown>>;

const text = z.string().nullish().catch(null);

// https://weworkremotely.com/api names the fields of a job, and does not show an answer.
const StoredJob = z.looseObject({
  id: z.union([z.number(), z.string()]).transform(String),
  status: text,
  description: text,
  created_at: z.iso.datetime({ offset: true }).nullish().catch(null),
});
export type StoredJob = z.output<typeof StoredJob>;

// "All Skills" is named there, and not shown.
const Skill = z.union([
  z.string().transform((name) => ({ id: null, name })),
  z.looseObject({ id: z.union([z.number(), z.string()]).nullish().catch(null), name: z.string() }),
]);
export type Skill = z.output<typeof Skill>;

/** Makes a job, and costs money each time. @throws {IntegrationError} PROVIDER_REFUSED, QUOTA_EXHAUSTED */
export async function createJob(caller: Caller, document: RemoteJobDocument): Promise<StoredJob> {
  const given = Object.entries(document).filter(([, value]) => value !== null);
  const { body } = await call(caller, "POST", "remote-jobs", Object.fromEntries(given));
  return jobIn(body);
}

/** Null when We Work Remotely has none of this id, or no longer tells. */
export async function readJob(caller: Caller, id: string): Promise<StoredJob | null> {
  const found = await ifThere(() => call(caller, "GET", pathOf(id)));
  return found === null ? null : jobIn(found.body);
}

/**
 * Changes a job, with PUT or, where that is not the verb, with PATCH: which one it is, the page does not say.
 *
 * @returns null when We Work Remotely has none of this id
 * @throws {IntegrationError} PROVIDER_REFUSED
 */
export async function changeJob(caller: Caller, id: string, changes: RemoteJobDocument): Promise<StoredJob | null> {
  const by = (verb: "PUT" | "PATCH") => ifThere(() => call(caller, verb, pathOf(id), changes));
  const found = (await by("PUT")) ?? (await by("PATCH"));
  return found === null ? null : jobIn(found.body);
}

/** Takes a job off the board. One that is gone already is no error. */
export async function cancelJob(caller: Caller, id: string, document: RemoteJobDocument): Promise<void> {
  const status = { status: "canceled" };
  try {
    await changeJob(caller, id, status);
  } catch (error) {
    if (!isIntegrationError(error, "PROVIDER_REFUSED")) throw error;
    // It may want the whole job.
    await changeJob(caller, id, { ...document, ...status });
  }
}

/**
 * The jobs of the account, as far as We Work Remotely lists them: the page shows one job, and says nothing of all.
 *
 * @returns null when it does not list them
 */
export async function listJobs(caller: Caller): Promise<readonly StoredJob[] | null> {
  const jobs = new Map<string, StoredJob>();
  for (let page = 1; ; page += 1) {
    const found = await ifAllowed(() => call(caller, "GET", page === 1 ? "remote-jobs" : `remote-jobs?page=${page}`));
    if (found === null) return page === 1 ? null : [...jobs.values()];
    const before = jobs.size;
    for (const job of listIn(found.body).map(jobIn)) jobs.set(job.id, job);
    // Past the last page; or it knows no pages, and lists all of them again.
    if (jobs.size === before) return [...jobs.values()];
  }
}

/** What jobs may name as skills; empty when We Work Remotely does not list it. */
export async function readSkills(caller: Caller): Promise<readonly Skill[]> {
  const found = await ifAllowed(() => call(caller, "GET", "skills"));
  if (found === null) return [];
  const read = z.array(Skill).safeParse(listIn(found.body));
  if (read.success) return read.data;
  throw unreadable("something that is no list of skills");
}

function pathOf(id: string): string {
  return `remote-jobs/${encodeURIComponent(id)}`;
}

interface Answer {
  readonly body: unknown;
}

/** @throws {IntegrationError} for every status that is no success; NOT_FOUND for what is not there, and for no such verb */
async function call({ fetch, settings }: Caller, method: string, path: string, body?: object): Promise<Answer> {
  const url = new URL(`api/v1/${path}`, settings["serverUrl"]);
  const headers = { accept: "application/json", ...(body && { "content-type": "application/json" }) };
  const reply = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const said = await reply.text();
  if (!reply.ok) throw explain(reply.status, said);
  return { body: parseJson(said) };
}

function ifThere(work: () => Promise<Answer>): Promise<Answer | null> {
  return unless(work, ["NOT_FOUND"]);
}

function ifAllowed(work: () => Promise<Answer>): Promise<Answer | null> {
  return unless(work, ["NOT_FOUND", "FORBIDDEN"]);
}

async function unless<T>(work: () => Promise<T>, codes: readonly ("NOT_FOUND" | "FORBIDDEN")[]): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isIntegrationError(error, ...codes)) return null;
    throw error;
  }
}

/** A job may be the answer, or be in it under a name of its own. */
function jobIn(body: unknown): StoredJob {
  const found = [body, ...valuesOf(body)].flatMap((one) => StoredJob.safeParse(one).data ?? []);
  if (found[0] === undefined) throw unreadable("something that is no job");
  return found[0];
}

/** A list may be the answer, or be in it under a name of its own. */
function listIn(body: unknown): readonly unknown[] {
  const found = [body, ...valuesOf(body)].find((one) => Array.isArray(one));
  if (!Array.isArray(found)) throw unreadable("something that is no list");
  return found;
}

function valuesOf(body: unknown): readonly unknown[] {
  return typeof body === "object" && body !== null ? Object.values(body) : [];
}

function parseJson(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    throw unreadable("no JSON");
  }
}
