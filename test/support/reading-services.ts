import { randomBytes } from "node:crypto";
import pino from "pino";
import { EventLog } from "../../src/events/event-log.ts";
import { WakeBus } from "../../src/events/wake-bus.ts";
import { Queue } from "../../src/queue/queue.ts";
import { createExpander } from "../../src/recurrence/expand.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { Accounts } from "../../src/services/accounts.ts";
import { CalendarEvents } from "../../src/services/calendar-events.ts";
import { Calendars } from "../../src/services/calendars.ts";
import { EventFeed } from "../../src/services/event-feed.ts";
import { Housekeeping } from "../../src/services/housekeeping.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { Integrations } from "../../src/services/integrations.ts";
import { Occurrences } from "../../src/services/occurrences.ts";
import { Syncs } from "../../src/services/syncs.ts";
import { loopbackFetchFor } from "./account.ts";
import type { OpenedDatabase } from "./opened-database.ts";

/** The use cases that need no provider, put together as in one process. `close` before the database is closed. */
export async function openServices(
  { url, database }: OpenedDatabase,
  { now = () => new Date(), retentionDays = 90 }: { now?: () => Date; retentionDays?: number } = {},
) {
  const silent = pino({ level: "silent" });
  const wakeBus = new WakeBus(url, silent);
  await wakeBus.start();
  const queue = new Queue(url, silent);
  await queue.start();
  const expander = createExpander();
  const log = new EventLog(now, (tenantId) => wakeBus.publish(`log:${tenantId}`));
  const vault = createVault(parseKeyRing(`test:${randomBytes(32).toString("base64")}`));
  const accounts = new Accounts(database, vault, loopbackFetchFor);
  const occurrences = new Occurrences(expander, now);
  const syncs = new Syncs(database, queue, log, now);
  const health = new IntegrationHealth(log, now);
  return {
    log,
    queue,
    occurrences,
    syncs,
    integrations: new Integrations(database, accounts, syncs, health, queue, log, now),
    calendars: new Calendars(database),
    calendarEvents: new CalendarEvents(database, occurrences, now),
    eventFeed: new EventFeed(database, wakeBus, now),
    housekeeping: new Housekeeping(database, occurrences, syncs, queue, now, retentionDays),
    async close(): Promise<void> {
      await queue.stop({ timeoutMs: 1000 });
      await wakeBus.stop();
      await expander.close();
    },
  };
}

export type Services = Awaited<ReturnType<typeof openServices>>;
