import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { operatorOrigins, readConfig } from "../../src/config.ts";
import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { createAccountFetch } from "../../src/providers/account-fetch.ts";
import type { CalendarProvider } from "../../src/providers/calendar/provider.ts";
import { createTokenEndpoint } from "../../src/providers/token-endpoint.ts";
import { Queue } from "../../src/queue/queue.ts";
import { createExpander } from "../../src/recurrence/expand.ts";
import { createEgress } from "../../src/security/egress.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault, type Vault } from "../../src/security/vault.ts";
import { AccessTokens } from "../../src/services/access-tokens.ts";
import { Accounts } from "../../src/services/accounts.ts";
import { CalendarEvents } from "../../src/services/calendar-events.ts";
import { CalendarList } from "../../src/services/calendar-list.ts";
import { CalendarReader } from "../../src/services/calendar-reader.ts";
import { CalendarWrites } from "../../src/services/calendar-writes.ts";
import { Idempotency } from "../../src/services/idempotency.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { Mirror } from "../../src/services/mirror.ts";
import { OAuthApps } from "../../src/services/oauth-apps.ts";
import { Occurrences } from "../../src/services/occurrences.ts";
import { Polling } from "../../src/services/polling.ts";
import { SyncRunner } from "../../src/services/sync-runner.ts";
import { Syncs } from "../../src/services/syncs.ts";
import { VendorWrites } from "../../src/services/vendor-writes.ts";
import { withMishaps } from "./chaos.ts";

/** The parts of the service that read and write calendars, put together as in `app.ts`. */
export interface Service {
  readonly database: Database;
  readonly vault: Vault;
  readonly apps: OAuthApps;
  readonly accounts: Accounts;
  readonly syncs: Syncs;
  readonly syncRunner: SyncRunner;
  readonly calendarWrites: CalendarWrites;
  readonly vendorWrites: VendorWrites;
  close(): Promise<void>;
}

export interface ServiceOptions {
  readonly databaseUrl: string;
  readonly providers: readonly CalendarProvider[];
  /** As in the environment: where the twins are. */
  readonly settings: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Told of every statement that goes to the database. */
  readonly onStatement?: (sql: string) => void;
}

const userAgent = "converge";
const noBoards = { read: () => Promise.reject(new Error("There is no job board here")) };

export async function openService({
  databaseUrl,
  providers,
  settings,
  connections,
  onStatement,
}: ServiceOptions): Promise<Service> {
  const now = () => new Date();
  const config = readConfig(
    { ...settings },
    providers.map(({ id }) => id),
  );
  const dataSource = await createDataSource(databaseUrl, { poolSize: connections, onStatement }).initialize();
  const database = new Database(dataSource);
  const queue = new Queue(databaseUrl, pino({ level: "silent" }));
  await queue.start();
  const vault = createVault(parseKeyRing(`drill:${randomBytes(32).toString("base64")}`));
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: operatorOrigins(config) });
  const expander = createExpander();
  const log = new EventLog(now, () => {});
  const apps = new OAuthApps(config.providers, ({ provider: _, ...options }) =>
    createTokenEndpoint({ ...options, agents: egress.agents, userAgent, now }),
  );
  const health = new IntegrationHealth(log, now);
  const tokens = new AccessTokens(database, vault, apps, health, now);
  const accounts = new Accounts(database, vault, tokens, apps, ({ id: provider, errorCodeIn }, signal) => {
    const options = { provider, errorCodeIn, fetch: egress.fetch, userAgent, signal };
    return (grant) => withMishaps(createAccountFetch(options, grant));
  });
  const occurrences = new Occurrences(expander, now);
  const mirror = new Mirror(log, occurrences, now);
  const reader = new CalendarReader(database, mirror, now);
  const syncs = new Syncs(database, queue, log, now, null, new Polling(new Map()));
  const calendarList = new CalendarList(log, now);
  const vendorWrites = new VendorWrites(database, accounts, mirror, occurrences, health, log, now);
  const events = new CalendarEvents(database, occurrences, now);
  const idempotency = new Idempotency(database, vault.fingerprints, now);
  return {
    database,
    vault,
    apps,
    accounts,
    syncs,
    syncRunner: new SyncRunner(database, accounts, noBoards, calendarList, reader, health, syncs, log, now, () => {}),
    calendarWrites: new CalendarWrites(database, vendorWrites, events, occurrences, queue, idempotency, syncs, now),
    vendorWrites,
    async close() {
      await queue.stop({ timeoutMs: 1000 });
      await expander.close();
      await egress.close();
      await dataSource.destroy();
    },
  };
}
