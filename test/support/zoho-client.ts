import { onTestFinished } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { type DataCenter, dataCenters } from "../../sandbox/zoho-calendar/data-centers.ts";
import type { ZohoCalendarTwin } from "../../sandbox/zoho-calendar-twin.ts";

/** A test reads what it expects, and fails where it is not there. */
type Body = Awaited<ReturnType<Response["json"]>>;

export interface ZohoAnswer {
  readonly status: number;
  readonly body: Body;
}

export const zohoScopes =
  "ZohoCalendar.calendar.ALL,ZohoCalendar.event.ALL,ZohoCalendar.freebusy.READ,ZohoCalendar.search.READ,AaaServer.profile.READ";
export const redirectUri = "http://localhost:4000/oauth/callback";

/** Somebody who is signed in at Zoho's twin, with nothing in between but `fetch`. */
export class ZohoClient {
  constructor(
    readonly email: string,
    /** Below it are the hosts of every data centre. */
    readonly origin: string,
    readonly dataCenter: DataCenter,
    readonly tokens: Body,
  ) {}

  /** The same person with the same token at another data centre. */
  at(dataCenter: DataCenter): ZohoClient {
    return new ZohoClient(this.email, this.origin, dataCenter, this.tokens);
  }

  /** @param path below `/api/v1` @param parameters JSON is made of what is no text */
  async call(
    method: string,
    path: string,
    parameters: Readonly<Record<string, unknown>> = {},
    init: RequestInit = {},
  ): Promise<ZohoAnswer> {
    const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, asText(value)]));
    const headers = { authorization: `Zoho-oauthtoken ${this.tokens.access_token}`, ...init.headers };
    const url = `${this.origin}/${dataCenters[this.dataCenter].calendar}/api/v1${path}?${query}`;
    const reply = await fetch(url, { ...init, method, headers });
    const text = await reply.text();
    return { status: reply.status, body: text.startsWith("{") ? JSON.parse(text) : text };
  }

  get(path: string, parameters: Readonly<Record<string, unknown>> = {}, accept?: string): Promise<ZohoAnswer> {
    return this.call("GET", path, parameters, accept === undefined ? {} : { headers: { accept } });
  }

  put(path: string, eventdata: object): Promise<ZohoAnswer> {
    return this.call("PUT", path, { eventdata });
  }

  /** @returns the event as the answer shows it */
  async create(eventdata: object, calendar = "default"): Promise<Body> {
    const { status, body } = await this.call("POST", `/calendars/${calendar}/events`, { eventdata });
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body.events[0];
  }

  /** The entries of one event. */
  async read(uid: string, calendar = "default"): Promise<Body[]> {
    return (await this.get(`/calendars/${calendar}/events/${uid}`)).body.events;
  }
}

export interface ZohoWorld {
  readonly sandbox: Sandbox;
  readonly twin: ZohoCalendarTwin;
  readonly origin: string;
  /** Ana, with an account in the European Union. */
  readonly ana: ZohoClient;
  /** Signs somebody in who has an account, with those scopes. */
  signIn(email: string, scope?: string): Promise<ZohoClient>;
}

/** The twin with Ana signed in; it ends with the test. */
export async function aZoho(): Promise<ZohoWorld> {
  const sandbox = await startSandbox({ port: 0 });
  onTestFinished(() => sandbox.stop());
  const twin = sandbox.zohoCalendar;
  twin.switches.latencyMs = 0;
  twin.createAccount({ email: "ana@example.test", name: "Ana Muster", dataCenter: "eu" });
  const signIn = (email: string, scope?: string) => signInAt(sandbox, email, scope);
  return { sandbox, twin, origin: `${sandbox.origin}/zoho-calendar`, ana: await signIn("ana@example.test"), signIn };
}

/** @param changes an empty text leaves a parameter out */
export function zohoConsentUrl({ settings }: Sandbox, changes: Readonly<Record<string, string>> = {}): string {
  const parameters = {
    client_id: settings["ZOHO_CALENDAR_CLIENT_ID"] ?? "",
    response_type: "code",
    redirect_uri: redirectUri,
    scope: zohoScopes,
    state: "the-state",
    access_type: "offline",
    prompt: "consent",
    ...changes,
  };
  const said = Object.entries(parameters).filter(([, value]) => value !== "");
  return `${settings["ZOHO_CALENDAR_AUTH_URL"]}?${new URLSearchParams(said)}`;
}

/** Posts to a token endpoint, as our client. */
export async function zohoTokens(
  { settings }: Sandbox,
  accountsServer: string,
  form: Readonly<Record<string, string>>,
): Promise<ZohoAnswer> {
  const client = {
    client_id: settings["ZOHO_CALENDAR_CLIENT_ID"] ?? "",
    client_secret: settings["ZOHO_CALENDAR_CLIENT_SECRET"] ?? "",
  };
  const body = new URLSearchParams({ ...client, redirect_uri: redirectUri, ...form });
  const reply = await fetch(`${accountsServer}/oauth/v2/token`, { method: "POST", body });
  return { status: reply.status, body: await reply.json() };
}

async function signInAt(sandbox: Sandbox, email: string, scope = zohoScopes): Promise<ZohoClient> {
  const back = new URL(sandbox.zohoCalendar.authorize(zohoConsentUrl(sandbox, { scope }), { email })).searchParams;
  const code = back.get("code") ?? "";
  const form = { grant_type: "authorization_code", code };
  const { body } = await zohoTokens(sandbox, back.get("accounts-server") ?? "", form);
  const origin = `${sandbox.origin}/zoho-calendar`;
  return new ZohoClient(email, origin, sandbox.zohoCalendar.people.dataCenterOf(email), body);
}

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** An hour of a day in March 2026, on the clock of Berlin. */
export function hour(day: number, at = 9, { hours = 1, timezone = "Europe/Berlin" } = {}) {
  const wall = (clock: number) => `202603${two(day)}T${two(clock)}0000+0100`;
  return { dateandtime: { start: wall(at), end: wall(at + hours), timezone } };
}

const two = (number: number) => String(number).padStart(2, "0");

export const march = { start: "20260301T000000Z", end: "20260331T235959Z" };
