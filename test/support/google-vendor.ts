import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { googleCalendar } from "../../src/providers/calendar/google-calendar.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import type { OAuth } from "../../src/providers/oauth.ts";
import { createTokenEndpoint } from "../../src/providers/token-endpoint.ts";
import { createEgress } from "../../src/security/egress.ts";
import type { CalendarVendor, Trouble } from "../contract/calendar-provider.ts";
import { loopbackFetchFor, type OpenedAccount } from "./account.ts";

export interface GoogleVendor extends CalendarVendor {
  readonly sandbox: Sandbox;
  readonly email: string;
}

const redirectUri = "http://localhost:4000/oauth/callback";

/** Google's twin with one account in it. */
export async function createGoogleVendor(): Promise<GoogleVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.googleCalendar;
  const email = "ana@example.test";
  twin.createAccount({ email });
  const setting = (name: string) => sandbox.settings[`GOOGLE_CALENDAR_${name}`] ?? "";
  const { auth } = googleCalendar as { auth: OAuth<OpenedAccount["connected"]> };
  const endpoints = { ...auth.endpoints({}), tokenUrl: setting("TOKEN_URL"), apiUrl: setting("BASE_URL") };
  const clientId = setting("CLIENT_ID");
  const tokens = createTokenEndpoint({
    vendor: googleCalendar.name,
    auth,
    client: { id: clientId, secret: setting("CLIENT_SECRET") },
    ...endpoints,
    authorizationUrl: setting("AUTH_URL"),
    agents: createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [] }).agents,
    userAgent: "integrations-subgraph/test",
    now: () => new Date(),
  });

  async function connectWith(code: string): Promise<OpenedAccount> {
    const granted = await tokens.exchange(code, { codeVerifier: null, redirectUri });
    const authorization = `Bearer ${granted.accessToken}`;
    const fetch = loopbackFetchFor(googleCalendar)({ authorization, origins: [endpoints.apiUrl] });
    const context = { clientId, settings: {}, endpoints, fetch, now: new Date() };
    const connected = await auth.identify(granted, context);
    return { connected, account: { fetch, settings: {}, apiUrl: endpoints.apiUrl } };
  }

  return {
    sandbox,
    email,
    connect() {
      const parameters = {
        redirect_uri: redirectUri,
        state: "state",
        ...auth.authorizationParams({ loginHint: null }),
      };
      const back = twin.authorize(tokens.consentUrl(auth.scopes, parameters), { email });
      return connectWith(new URL(back).searchParams.get("code") ?? "");
    },
    connectWrongly: () => connectWith("made-up"),
    secrets: () => twin.issuedSecrets(),
    createCalendar: async () => twin.createCalendar(email, { summary: `Calendar ${randomUUID().slice(0, 8)}` }),
    asAnotherClient: {
      create: async (calendar, draft) => void twin.insertEvent(email, eventOf(draft), calendar),
      retitle: async (calendar, id, summary) => twin.api.patchEvent(email, id, { summary }, calendar),
      remove: async (calendar, id) => twin.api.deleteEvent(email, id, calendar),
      decorate: async (calendar, id) => twin.api.patchEvent(email, id, decoration, calendar),
      async isDecorated(calendar, id) {
        const event = twin.api.event(email, id, calendar);
        return event?.["colorId"] === "5" && event.extendedProperties?.private?.["somebodyElses"] === "kept";
      },
    },
    failNext: (trouble) => void twin.fail(faults[trouble], { times: 1 }),
    failFrom: (after) => twin.fail("down", { after }),
    forgetCursors: () => twin.api.expireSyncTokens(),
    stop: () => sandbox.stop(),
  };
}

const decoration = { colorId: "5", extendedProperties: { private: { somebodyElses: "kept" } } };

const faults = {
  "credentials-rejected": "unauthorized",
  "rate-limited": "rate-limited",
  "rate-limited-for-7-seconds": "rate-limited-with-retry-after",
  down: "down",
  "web-page": "html",
  truncated: "truncated",
  "hung-up": "hung-up",
} as const satisfies Record<Trouble, string>;

function eventOf({ title, start, end }: EventDraft): Record<string, unknown> {
  const timeOf = (time: EventDraft["start"]) =>
    time.kind === "zoned" ? { dateTime: time.local, timeZone: time.timeZone } : time;
  return { summary: title, start: timeOf(start), end: timeOf(end) };
}
