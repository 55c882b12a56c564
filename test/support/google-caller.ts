import type { Sandbox } from "../../sandbox/sandbox.ts";

export interface GoogleAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
  readonly body: any;
}

/** Calls Google's twin as one account does, with a token of its own. */
export interface GoogleCaller {
  readonly email: string;
  readonly token: string;
  call(
    method: string,
    path: string,
    options?: { query?: Query; body?: unknown; headers?: Record<string, string> },
  ): Promise<GoogleAnswer>;
  /** Several calls in one, as `multipart/mixed`; its answers by Content-ID, in their order. */
  batch(parts: readonly BatchPart[], options?: { headers?: Record<string, string> }): Promise<BatchAnswer>;
  /** Of the primary calendar; the answer's body. */
  list(query?: Query): Promise<GoogleAnswer["body"]>;
}

export interface BatchPart {
  readonly id?: string;
  /** As `GET /calendar/v3/colors`. */
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface BatchAnswer extends Omit<GoogleAnswer, "body"> {
  readonly text: string;
  readonly parts: readonly {
    readonly id: string | null;
    readonly status: number;
    readonly body: GoogleAnswer["body"];
  }[];
}

export type Query = Readonly<Record<string, string | readonly string[]>>;

const redirectUri = "http://localhost:4000/oauth/callback";
export const calendarScope = "https://www.googleapis.com/auth/calendar";

/** Makes the account where it is not there. */
export async function googleCaller(sandbox: Sandbox, email: string, scope = calendarScope): Promise<GoogleCaller> {
  const twin = sandbox.googleCalendar;
  twin.createAccount({ email });
  const setting = (name: string) => sandbox.settings[`GOOGLE_CALENDAR_${name}`] ?? "";
  const client = { client_id: setting("CLIENT_ID"), redirect_uri: redirectUri };
  const consent = new URLSearchParams({ ...client, response_type: "code", scope });
  const back = new URL(twin.authorize(`${setting("AUTH_URL")}?${consent}`, { email }));
  const form = {
    ...client,
    client_secret: setting("CLIENT_SECRET"),
    grant_type: "authorization_code",
    code: back.searchParams.get("code") ?? "",
  };
  const granted = await fetch(setting("TOKEN_URL"), { method: "POST", body: new URLSearchParams(form) });
  const { access_token: token } = await granted.json();

  const call: GoogleCaller["call"] = async (method, path, { query = {}, body, headers = {} } = {}) => {
    const url = new URL(`calendar/v3/${path}`, setting("BASE_URL"));
    for (const [name, values] of Object.entries(query)) {
      for (const value of [values].flat()) url.searchParams.append(name, value);
    }
    const reply = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, body: text === "" ? null : JSON.parse(text) };
  };
  const batch: GoogleCaller["batch"] = async (parts, { headers = { authorization: `Bearer ${token}` } } = {}) => {
    const body = `${parts.map((part) => `--edge\r\n${writtenPart(part)}\r\n`).join("")}--edge--\r\n`;
    const reply = await fetch(new URL("batch/calendar/v3", setting("BASE_URL")), {
      method: "POST",
      headers: { "content-type": "multipart/mixed; boundary=edge", ...headers },
      body,
    });
    const text = await reply.text();
    const [, boundary = ""] = /boundary=(.+)$/.exec(reply.headers.get("content-type") ?? "") ?? [];
    const answers = boundary === "" ? [] : text.split(`--${boundary}`).slice(1, -1).map(readPart);
    return { status: reply.status, headers: reply.headers, text, parts: answers };
  };
  return {
    email,
    token,
    call,
    batch,
    list: async (query = {}) => (await call("GET", "calendars/primary/events", { query })).body,
  };
}

function writtenPart({ id, line, headers = {}, body }: BatchPart): string {
  return [
    "Content-Type: application/http",
    ...(id === undefined ? [] : [`Content-ID: ${id}`]),
    "",
    line,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : ["Content-Type: application/json", "", JSON.stringify(body)]),
  ].join("\r\n");
}

function readPart(text: string): BatchAnswer["parts"][number] {
  const [head = "", answer = "", body = ""] = text.trim().split("\r\n\r\n");
  const id = /^Content-ID: (.+)$/m.exec(head)?.[1]?.trim() ?? null;
  return { id, status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), body: body === "" ? null : JSON.parse(body) };
}

/** Google's reason for a refusal. */
export function reasonOf({ status, body }: GoogleAnswer): string {
  return `${status} ${body?.error?.errors?.[0]?.reason}`;
}
