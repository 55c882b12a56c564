import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { signDevelopmentToken } from "../../src/security/development-token.ts";
import { scopes } from "../../src/services/viewer.ts";
import type { Stage } from "../boards/stage.ts";
import { CommandedProcess } from "../drill/child-process.ts";
import type { Drill } from "../drill/drill.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../drill/temporary-database.ts";
import type { ListeningCommands, ListeningSetup } from "./worker.ts";

const tenantId = "drill";

/** A service that listens in a process of its own, and works by itself, beside the vendors' stand-ins. */
export interface ListeningStage extends Pick<Stage, "mutate" | "work" | "sandbox"> {
  readonly database: TemporaryDatabase;
  /** Asks until the answer is true. */
  until(what: string, isTrue: () => Promise<boolean>, withinMs?: number): Promise<void>;
}

export async function openListeningStage(drill: Drill): Promise<ListeningStage> {
  const [database, sandbox] = await Promise.all([startTemporaryDatabase(drill), startSandbox({ port: 0 })]);
  drill.atEnd(() => sandbox.stop());
  const secret = randomBytes(32).toString("hex");
  const setup: ListeningSetup = {
    databaseUrl: database.url,
    // So that no turn of the schedule comes in between.
    settings: { ...sandbox.settings, GOOGLE_CALENDAR_SYNC_SECONDS: "3600-3600", RECONCILE: "off" },
    secret,
    encryptionKeys: `drill:${randomBytes(32).toString("base64")}`,
  };
  const module = new URL("./worker.js", import.meta.url);
  const service = await CommandedProcess.start<ListeningCommands>(module, "the service", setup);
  drill.atEnd(() => service.kill());
  drill.atEnd(() => service.ask("stop", null));
  const url = await service.ask("where", null);
  const token = async (userId: string) =>
    signDevelopmentToken(secret, { tenantId, userId, scopes, expiresInSeconds: 86_400 });

  return {
    database,
    sandbox,
    // It works by itself.
    work: async () => void (await sleep(200)),
    async mutate(name, input, selection, userId = "ana") {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
      const query = `mutation ($input: ${type}) { answer: ${name}(input: $input) { ${selection} userErrors { code message } } }`;
      const reply = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${await token(userId)}` },
        body: JSON.stringify({ query, variables: { input } }),
      });
      const { data, errors } = (await reply.json()) as Answer;
      const complaints = errors ?? data?.answer.userErrors ?? [];
      if (complaints.length > 0) throw new Error(`${name}: ${JSON.stringify(complaints)}`);
      return data?.answer as never;
    },
    async until(what, isTrue, withinMs = 60_000) {
      for (const giveUpAt = Date.now() + withinMs; !(await isTrue()); await sleep(100)) {
        if (Date.now() > giveUpAt) throw new Error(`Waited in vain for ${what}`);
      }
    },
  };
}

interface Answer {
  readonly data?: { readonly answer: { readonly userErrors: readonly unknown[] } };
  readonly errors?: readonly unknown[];
}

/** What is known of a calendar whose vendor tells of changes. */
export interface WatchedCalendar {
  readonly email: string;
  readonly integrationId: string;
  /** The event that changes. */
  readonly eventId: string;
  readonly channel: {
    readonly id: string;
    readonly address: string;
    readonly token: string;
    readonly resourceId: string;
  };
}

/** Connects a Google account by its consent page. @returns its calendar, once Google would tell of its changes */
export async function connectCalendar(stage: ListeningStage, email: string): Promise<WatchedCalendar> {
  const twin = stage.sandbox.googleCalendar;
  twin.createAccount({ email });
  const at = (hour: string) => ({ dateTime: `2027-01-04T${hour}:00:00Z` });
  const eventId = twin.insertEvent(email, { summary: "Change 0", start: at("09"), end: at("10") });
  const { integration, authorizationUrl } = await stage.mutate<Connected>(
    "connectIntegration",
    { provider: "GOOGLE_CALENDAR" },
    "integration { id } authorizationUrl",
  );
  await consent(stage.sandbox, authorizationUrl, email);
  await stage.until(`a channel of ${email}`, async () => twin.channels(email).length > 0);
  const [channel] = twin.channels(email);
  if (!channel?.token) throw new Error(`Google has no token for ${email}`);
  return { email, integrationId: integration.id, eventId, channel: { ...channel, token: channel.token } };
}

interface Connected {
  readonly integration: { readonly id: string };
  readonly authorizationUrl: string;
}

/** As a browser goes: from our link to the consent page, and back with the cookie. */
async function consent({ googleCalendar }: Sandbox, authorizationUrl: string, email: string): Promise<void> {
  const begun = await fetch(authorizationUrl, { redirect: "manual" });
  const [cookie = ""] = begun.headers.getSetCookie().map((line) => line.slice(0, line.indexOf(";")));
  const back = googleCalendar.authorize(begun.headers.get("location") ?? "", { email });
  const ended = await fetch(back, { redirect: "manual", headers: { cookie } });
  if (ended.status >= 400) throw new Error(`${email} could not be connected: ${ended.status}`);
}
