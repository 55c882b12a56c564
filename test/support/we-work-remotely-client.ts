import { onTestFinished } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import type { WeWorkRemotelyTwin } from "../../sandbox/we-work-remotely-twin.ts";

/** A test reads what it expects, and fails where it is not there. */
type Body = Awaited<ReturnType<Response["json"]>>;

export interface WeWorkRemotelyAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON, or text where it is none. */
  readonly body: Body;
}

export interface WeWorkRemotelyWorld {
  readonly sandbox: Sandbox;
  readonly twin: WeWorkRemotelyTwin;
  readonly origin: string;
  readonly token: string;
  /** @param path below `/api/v1` @param headers beside the token's */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<WeWorkRemotelyAnswer>;
}

/** The twin at ten o'clock, with a partner's token; it ends with the test. */
export async function aWeWorkRemotely(): Promise<WeWorkRemotelyWorld> {
  const start = new Date("2026-12-01T10:00:00Z");
  const sandbox = await startSandbox({ port: 0, now: () => start });
  onTestFinished(() => sandbox.stop());
  const { settings, weWorkRemotely: twin } = sandbox;
  const token = twin.createAccount({ email: "ana@example.test" });
  return {
    sandbox,
    twin,
    origin: `${sandbox.origin}/we-work-remotely`,
    token,
    async call(method, path, body, headers = {}) {
      const sent = { authorization: `Token token=${token}`, "content-type": "application/json", ...headers };
      const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
      const url = `${settings["WE_WORK_REMOTELY_BASE_URL"]}api/v1${path}`;
      const reply = await fetch(url, { method, headers: sent, ...init });
      const text = await reply.text();
      const isJson = reply.headers.get("content-type")?.startsWith("application/json");
      return { status: reply.status, headers: reply.headers, body: isJson ? JSON.parse(text) : text };
    },
  };
}

/** Everything that We Work Remotely takes. */
export function aRemoteJob() {
  return {
    company: "Muster Bridges",
    title: "Senior Engineer",
    description: "<h1>Bridges</h1><p>We build <strong>bridges</strong>.</p>",
    instructions: "https://muster.example/apply",
    email: "jobs@muster.example",
    category_id: 2,
    location: "Austin, TX",
    region: "Anywhere in the World",
    url: "https://muster.example",
    company_bio: "Bridges since 1901.",
    job_listing_type: "Full-Time",
    skills: [2, "TypeScript"],
  };
}
