import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { formatDraft } from "../../src/providers/calendar/icalendar/write.ts";
import { icloud } from "../../src/providers/calendar/icloud.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import type { TwinVendor } from "../contract/under-faults.ts";
import { connectAccount } from "./account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface ICloudVendor extends TwinVendor {
  readonly sandbox: Sandbox;
  readonly email: string;
  /** What a person enters, and the address that the service adds. */
  readonly credentials: Readonly<Record<"serverUrl" | "username" | "password", string>>;
}

/** iCloud's twin with one account in it. */
export async function createICloudVendor(): Promise<ICloudVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.icloud;
  const { client } = twin;
  const email = "ana@example.test";
  twin.createAccount({ email });
  const serverUrl = sandbox.settings["ICLOUD_BASE_URL"] ?? "";
  const credentials = { serverUrl, username: email, password: twin.createAppPassword(email) };
  const change = (calendar: string, externalId: string, edit: (raw: string) => string) => {
    const stored = client.read(email, calendar, externalId);
    if (!stored) throw new Error(`There is no ${externalId}`);
    client.put(email, calendar, externalId, edit(stored.data));
  };

  return {
    sandbox,
    email,
    credentials,
    connect: () => connectAccount(icloud, credentials),
    connectWrongly: () => connectAccount(icloud, { ...credentials, password: "aaaa-bbbb-cccc-dddd" }),
    secrets: () => twin.issuedSecrets(),
    // By its address at the host that stays, as the service knows it.
    createCalendar: async () =>
      new URL(new URL(twin.createCalendar(email, { name: randomUUID() })).pathname, serverUrl).href,
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

const decoration = ["X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC", "X-SOMEBODY-ELSES;X-PARAM=kept:value"];

function rawOf(draft: EventDraft): string {
  return formatDraft(draft, { now: new Date("2026-12-01T09:00:00Z"), organizer: null });
}
