import { onTestFinished } from "vitest";
import type { OutlookCalendarTwin } from "../../sandbox/outlook-calendar-twin.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined is an empty one. A test reads what it expects, and fails where it is not there. */
  readonly body: Awaited<ReturnType<Response["json"]>>;
}

/** Somebody who is signed in at Outlook's twin, with nothing in between but `fetch`. */
export class GraphClient {
  constructor(
    readonly email: string,
    private readonly base: string,
    readonly tokens: { readonly access_token: string; readonly id_token?: string },
  ) {}

  /** The same person with the same tokens at another address. */
  at(base: string): GraphClient {
    return new GraphClient(this.email, base, this.tokens);
  }

  /** @param path below `/v1.0`, or a whole address that an answer gave */
  async call(
    method: string,
    path: string,
    { body, headers = {} }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<GraphAnswer> {
    const url = path.startsWith("http") ? path : `${this.base}${path}`;
    const reply = await fetch(url, {
      method,
      redirect: "manual",
      headers: { authorization: `Bearer ${this.tokens.access_token}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, body: text === "" ? undefined : JSON.parse(text) };
  }

  get(path: string, prefer?: string): Promise<GraphAnswer> {
    return this.call("GET", path, prefer === undefined ? {} : { headers: { prefer } });
  }

  post(path: string, body: unknown = {}): Promise<GraphAnswer> {
    return this.call("POST", path, { body });
  }

  patch(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<GraphAnswer> {
    return this.call("PATCH", path, { body, headers });
  }

  delete(path: string, headers: Readonly<Record<string, string>> = {}): Promise<GraphAnswer> {
    return this.call("DELETE", path, { headers });
  }

  /** @returns the event as the 201 shows it */
  async create(event: Readonly<Record<string, unknown>>, calendar = "/me"): Promise<GraphAnswer["body"]> {
    const { status, body } = await this.post(`${calendar}/events`, event);
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Every page of a listing or of a round, in the order in which it came. */
  async pages(path: string, prefer?: string): Promise<readonly GraphAnswer["body"][]> {
    const pages: GraphAnswer["body"][] = [];
    for (let next: string | undefined = path; next !== undefined; next = pages.at(-1)["@odata.nextLink"]) {
      const { status, body } = await this.get(next, prefer);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      pages.push(body);
    }
    return pages;
  }
}

export interface OutlookWorld {
  readonly sandbox: Sandbox;
  readonly twin: OutlookCalendarTwin;
  /** Ana, with an account at work. */
  readonly ana: GraphClient;
  /** Signs somebody in who has an account, with those scopes. */
  signIn(email: string, scope?: string): Promise<GraphClient>;
}

/** The twin with Ana signed in; it ends with the test. */
export async function anOutlook(): Promise<OutlookWorld> {
  const sandbox = await startSandbox({ port: 0 });
  onTestFinished(() => sandbox.stop());
  const twin = sandbox.outlookCalendar;
  twin.switches.latencyMs = 0;
  twin.createAccount({ email: "ana@example.test", name: "Ana Muster" });
  const signIn = (email: string, scope?: string) => signInAt(sandbox, email, scope);
  return { sandbox, twin, ana: await signIn("ana@example.test"), signIn };
}

/** Through the consent page and the token endpoint. */
export async function signInAt(
  { settings, outlookCalendar: twin }: Sandbox,
  email: string,
  scope = "openid offline_access User.Read Calendars.ReadWrite",
): Promise<GraphClient> {
  const setting = (name: string) => settings[`OUTLOOK_CALENDAR_${name}`] ?? "";
  const client = { client_id: setting("CLIENT_ID"), redirect_uri: "http://localhost:4000/oauth/callback" };
  const query = new URLSearchParams({ ...client, response_type: "code", scope });
  const back = twin.authorize(`${setting("AUTH_URL")}?${query}`, { email });
  const code = new URL(back).searchParams.get("code") ?? "";
  const form = { ...client, client_secret: setting("CLIENT_SECRET"), grant_type: "authorization_code", code };
  const reply = await fetch(setting("TOKEN_URL"), { method: "POST", body: new URLSearchParams(form) });
  return new GraphClient(email, setting("BASE_URL").replace(/\/$/, ""), await reply.json());
}

/** An hour of a day in March 2026, on the clock of Berlin. */
export function hour(day: number, at = 9, { hours = 1, zone = "W. Europe Standard Time" } = {}) {
  const wall = (clock: number) => ({
    dateTime: `2026-03-${String(day).padStart(2, "0")}T${String(clock).padStart(2, "0")}:00:00`,
    timeZone: zone,
  });
  return { start: wall(at), end: wall(at + hours) };
}

export const march = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

/** Mondays at nine in Berlin, from 2 March 2026. */
export function weekly(range: Readonly<Record<string, unknown>> = { type: "noEnd" }) {
  return {
    subject: "Weekly",
    ...hour(2),
    recurrence: {
      pattern: { type: "weekly", interval: 1, daysOfWeek: ["monday"], firstDayOfWeek: "monday" },
      range: { startDate: "2026-03-02", ...range },
    },
  };
}
