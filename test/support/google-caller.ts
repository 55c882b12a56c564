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
  /** Of the primary calendar; the answer's body. */
  list(query?: Query): Promise<GoogleAnswer["body"]>;
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
  return {
    email,
    token,
    call,
    list: async (query = {}) => (await call("GET", "calendars/primary/events", { query })).body,
  };
}

/** Google's reason for a refusal. */
export function reasonOf({ status, body }: GoogleAnswer): string {
  return `${status} ${body?.error?.errors?.[0]?.reason}`;
}
