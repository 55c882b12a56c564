import { onTestFinished } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import type { ZipRecruiterTwin } from "../../sandbox/ziprecruiter-twin.ts";

/** A test reads what it expects, and fails where it is not there. */
type Body = Awaited<ReturnType<Response["json"]>>;

export interface ZipRecruiterAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON, or text where it is none. */
  readonly body: Body;
}

export interface ZipRecruiterWorld {
  readonly sandbox: Sandbox;
  readonly twin: ZipRecruiterTwin;
  readonly origin: string;
  /** @param path below `/partner/v0` @param key in the header, as it is */
  call(method: string, path: string, body?: unknown, key?: string): Promise<ZipRecruiterAnswer>;
  signal(body: object): Promise<ZipRecruiterAnswer>;
}

/** The twin at ten o'clock, with a partner's key; it ends with the test. */
export async function aZipRecruiter(): Promise<ZipRecruiterWorld> {
  const start = new Date("2026-12-01T10:00:00Z");
  const sandbox = await startSandbox({ port: 0, now: () => start });
  onTestFinished(() => sandbox.stop());
  const { settings, ziprecruiter: twin } = sandbox;
  twin.switches.retryAfterSeconds = [0, 0];
  const { ZIPRECRUITER_API_KEY: ownKey = "", ZIPRECRUITER_BASE_URL: base = "" } = settings;
  const fetched = async (method: string, path: string, body: unknown, key: string): Promise<ZipRecruiterAnswer> => {
    const headers = { authorization: `Basic ${key}`, "content-type": "application/json" };
    const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const reply = await fetch(`${base}${path}`, { method, headers, ...init });
    const text = await reply.text();
    const isJson = reply.headers.get("content-type")?.startsWith("application/json");
    return { status: reply.status, headers: reply.headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    sandbox,
    twin,
    origin: `${sandbox.origin}/ziprecruiter`,
    call: (method, path, body, key = ownKey) => fetched(method, `partner/v0${path}`, body, key),
    signal: (body) => fetched("POST", "hiring-signal/v0/event", body, ownKey),
  };
}

/** Everything that ZipRecruiter takes. */
export function aJob(jobId = "JOB-1") {
  return {
    job_id: jobId,
    employer_id: "muster",
    employer_name: "Muster Bridges",
    title: "Senior Engineer",
    description: "<p>We build bridges, and more of them.</p>",
    requirements: "Five years of bridges",
    job_type: "full_time",
    country: "US",
    city: "Austin",
    state: "TX",
    compensation_min: 90_000,
    compensation_max: 120_000,
    compensation_currency: "USD",
    partner_attributes: { tenant: "t-1" },
  };
}
