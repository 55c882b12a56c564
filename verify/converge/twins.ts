import { randomBytes } from "node:crypto";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { authorizationUrl, exchangeProof } from "../../src/providers/authorization-request.ts";
import { googleCalendar } from "../../src/providers/calendar/google-calendar.ts";
import { outlookCalendar } from "../../src/providers/calendar/outlook-calendar.ts";
import type { CalendarProvider } from "../../src/providers/calendar/provider.ts";
import { zohoCalendar } from "../../src/providers/calendar/zoho-calendar.ts";
import type { NewAccount } from "../drill/stored-accounts.ts";
import { dayOf } from "./days.ts";
import type { Service } from "./service.ts";
import type { Vendor } from "./vendor.ts";

const zone = "Europe/Berlin";

export function googleVendor({ googleCalendar: twin }: Sandbox): Vendor {
  return {
    name: "google-calendar",
    provider: googleCalendar,
    async open(name, service) {
      const email = `${name}@example.test`;
      twin.createAccount({ email });
      const calendar = twin.createCalendar(email, { summary: name });
      const { api } = twin;
      const decoration = { colorId: "5", extendedProperties: { private: { somebodyElses: "kept" } } };
      return {
        externalId: calendar,
        account: await consented(googleCalendar, service, email, twin),
        forgetCursors: () => api.expireSyncTokens(),
        others: {
          async create({ title, location, day }) {
            const at = (hour: string) => ({ dateTime: `${dayOf(day)}T${hour}:00`, timeZone: zone });
            twin.insertEvent(email, { summary: title, location, start: at("09:00"), end: at("09:30") }, calendar);
          },
          retitle: async (id, summary) => api.patchEvent(email, id, { summary }, calendar),
          remove: async (id) => api.deleteEvent(email, id, calendar),
          decorate: async (id) => api.patchEvent(email, id, decoration, calendar),
          async isDecorated(id) {
            const event = api.event(email, id, calendar);
            return event?.["colorId"] === "5" && event.extendedProperties?.private?.["somebodyElses"] === "kept";
          },
          list: async () =>
            api
              .events(email, calendar)
              .filter(({ recurringEventId }) => recurringEventId === undefined)
              .map(({ summary, location }) => ({ title: summary ?? "", location: String(location ?? "") })),
        },
      };
    },
  };
}

export function outlookVendor({ outlookCalendar: twin }: Sandbox): Vendor {
  twin.switches.latencyMs = 0;
  return {
    name: "outlook-calendar",
    provider: outlookCalendar,
    async open(name, service) {
      const email = `${name}@example.test`;
      twin.createAccount({ email });
      const calendar = twin.createCalendar(email, { name });
      const property = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name somebodyElses";
      return {
        externalId: calendar,
        account: await consented(outlookCalendar, service, email, twin),
        forgetCursors: () => twin.expireSyncTokens(email),
        others: {
          async create({ title, location, day }) {
            const at = (hour: string) => ({ dateTime: `${dayOf(day)}T${hour}:00`, timeZone: zone });
            const event = { subject: title, location: { displayName: location } };
            twin.insertEvent(email, { ...event, start: at("09:00"), end: at("09:30") }, calendar);
          },
          retitle: async (id, subject) => twin.patchEvent(email, id, { subject }),
          remove: async (id) => twin.deleteEvent(email, id),
          decorate: async (id) =>
            twin.patchEvent(email, id, {
              importance: "high",
              singleValueExtendedProperties: [{ id: property, value: "kept" }],
            }),
          async isDecorated(id) {
            const event = twin.mailboxes.event(email, id);
            const properties = (event?.["singleValueExtendedProperties"] ?? []) as { value: string }[];
            return event?.["importance"] === "high" && properties.some(({ value }) => value === "kept");
          },
          list: async () =>
            twin.mailboxes.events(email, calendar).map((event) => ({
              title: String(event["subject"] ?? ""),
              location: (event["location"] as { displayName?: string } | undefined)?.displayName ?? "",
            })),
        },
      };
    },
  };
}

export function zohoVendor({ zohoCalendar: twin }: Sandbox): Vendor {
  // So many people as here never come from one client in ten minutes.
  const unlimited = Number.POSITIVE_INFINITY;
  Object.assign(twin.oauth, { codesPerTenMinutes: unlimited });
  Object.assign(twin.switches, { latencyMs: 0 });
  const decoration = { color: "#8CBF40", allowForwarding: true };
  return {
    name: "zoho-calendar",
    provider: zohoCalendar,
    async open(name, service) {
      const email = `${name}@example.test`;
      twin.createAccount({ email });
      const calendar = twin.createCalendar(email, { name });
      return {
        externalId: calendar,
        account: await consented(zohoCalendar, service, email, twin),
        others: {
          async create({ title, location, day }) {
            const at = (hour: string) => `${dayOf(day).replaceAll("-", "")}T${hour}00Z`;
            const dateandtime = { start: at("0900"), end: at("0930"), timezone: zone };
            twin.insertEvent(email, { title, location, dateandtime }, calendar);
          },
          retitle: async (uid, title) => void twin.patchEvent(email, uid, { title }),
          remove: async (uid) => twin.deleteEvent(email, uid),
          decorate: async (uid) => void twin.patchEvent(email, uid, decoration),
          async isDecorated(uid) {
            const [event] = twin.event(email, uid) ?? [];
            return event?.["color"] === decoration.color && event["allowForwarding"] === true;
          },
          list: async () =>
            twin.events(email, calendar).map(([event]) => ({
              title: String(event?.["title"] ?? ""),
              location: String(event?.["location"] ?? ""),
            })),
        },
      };
    },
  };
}

/** The consent that a person gives in a browser, and the tokens that come of it. */
async function consented(
  provider: CalendarProvider,
  { apps }: Service,
  email: string,
  page: { authorize(url: string, choice: { email: string }): string },
): Promise<NewAccount> {
  const { auth } = provider;
  if (auth.kind !== "oauth2") throw new Error(`${provider.id} has no consent page`);
  const endpoint = apps.tokenEndpoint({ ...provider, auth }, {});
  const request = {
    redirectUri: "http://localhost:4000/oauth/callback",
    state: randomBytes(16).toString("base64url"),
    codeVerifier: randomBytes(48).toString("base64url"),
    loginHint: null,
  };
  const back = new URL(page.authorize(authorizationUrl(auth, endpoint, request), { email }));
  const granted = await endpoint.exchange(back.searchParams.get("code") ?? "", exchangeProof(auth, request));
  const { accessToken, refreshToken, expiresInSeconds } = granted;
  return {
    provider: provider.id,
    accountId: email,
    secret: { accessToken, refreshToken: refreshToken ?? "" },
    expiresAt: new Date(Date.now() + (expiresInSeconds ?? 3600) * 1000),
  };
}
