import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { fastmail } from "../../src/providers/calendar/fastmail.ts";
import { formatDraft } from "../../src/providers/calendar/icalendar/write.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import { asSignedIn } from "../../src/providers/sign-in.ts";
import type { TwinVendor } from "../contract/under-faults.ts";
import { connectAccount } from "./account.ts";
import { connectByConsent, connectWithCode } from "./connect-by-consent.ts";
import { asConsentProvider, openOAuthClient } from "./oauth-client.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface FastmailVendor extends TwinVendor {
  readonly sandbox: Sandbox;
  readonly email: string;
  /** What a person enters who has an app password, and the address that the service adds. */
  readonly credentials: Readonly<Record<"serverUrl" | "username" | "password", string>>;
}

/** Fastmail as an app password opens it. */
export const fastmailWithPassword = asSignedIn(fastmail, { signIn: "credentials" });

/** Fastmail's twin with one account in it, that people sign in to at the consent page. */
export async function createFastmailVendor(): Promise<FastmailVendor> {
  const vendor = await createTwinVendor();
  const client = openOAuthClient(asConsentProvider(fastmail), vendor.sandbox);
  return {
    ...vendor,
    connect: () => connectByConsent(client, vendor.sandbox.fastmail, vendor.email),
    connectWrongly: () => connectWithCode(client, "made-up"),
  };
}

/** The same, with an app password. */
export async function createFastmailPasswordVendor(): Promise<FastmailVendor> {
  const vendor = await createTwinVendor();
  const { credentials } = vendor;
  return {
    ...vendor,
    connect: () => connectAccount(fastmailWithPassword, credentials),
    connectWrongly: () => connectAccount(fastmailWithPassword, { ...credentials, password: "the-account's-own" }),
  };
}

async function createTwinVendor(): Promise<Omit<FastmailVendor, "connect" | "connectWrongly">> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.fastmail;
  const { client } = twin;
  const email = "ana@example.test";
  twin.createAccount({ email });
  const serverUrl = sandbox.settings["FASTMAIL_BASE_URL"] ?? "";
  const change = (calendar: string, externalId: string, edit: (raw: string) => string) => {
    const stored = client.read(email, calendar, externalId);
    if (!stored) throw new Error(`There is no ${externalId}`);
    client.put(email, calendar, externalId, edit(stored.data));
  };

  return {
    sandbox,
    email,
    credentials: { serverUrl, username: email, password: twin.createAppPassword(email, "dav") },
    secrets: () => twin.issuedSecrets(),
    // In the spelling that the service knows it by.
    createCalendar: async () => twin.createCalendar(email, { name: randomUUID() }).replace("@", "%40"),
    asAnotherClient: {
      create: async (calendar, draft) => void client.put(email, calendar, `${draft.creationId}.ics`, rawOf(draft)),
      retitle: async (calendar, id, title) =>
        change(calendar, id, (raw) => raw.replaceAll(/SUMMARY:.*/g, `SUMMARY:${title}`)),
      remove: async (calendar, id) => void client.remove(email, calendar, id),
      decorate: async (calendar, id) =>
        change(calendar, id, (raw) => raw.replace("END:VEVENT", `${decoration.join("\r\n")}\r\nEND:VEVENT`)),
      async isDecorated(calendar, id) {
        const raw = (client.read(email, calendar, id)?.data ?? "").replaceAll(/\r?\n[ \t]/g, "");
        return decoration.every((line) => raw.includes(line));
      },
      spoil: async (calendar) => void client.put(email, calendar, `${randomUUID()}.ics`, "this is no calendar"),
    },
    ...troublesOf(twin),
    titles: (calendar) =>
      client.objects(email, calendar).map(({ data }) => /^SUMMARY:(.*?)\r?$/m.exec(data)?.[1] ?? ""),
    forgetCursors: () => twin.expireSyncTokens(),
    stop: () => sandbox.stop(),
  };
}

const decoration = ["X-JMAP-COLOR:5", "X-SOMEBODY-ELSES;X-PARAM=kept:value"];

function rawOf(draft: EventDraft): string {
  return formatDraft(draft, { now: new Date("2026-12-01T09:00:00Z"), organizer: null });
}
