import { randomBytes } from "node:crypto";
import pino from "pino";
import { EventLog } from "../../src/events/event-log.ts";
import { WakeBus } from "../../src/events/wake-bus.ts";
import { Queue } from "../../src/queue/queue.ts";
import { createExpander } from "../../src/recurrence/expand.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createLinkTokens } from "../../src/security/link-token.ts";
import { createVault } from "../../src/security/vault.ts";
import { AccessTokens } from "../../src/services/access-tokens.ts";
import { Accounts } from "../../src/services/accounts.ts";
import { CalendarEvents } from "../../src/services/calendar-events.ts";
import { Calendars } from "../../src/services/calendars.ts";
import { Disconnecting } from "../../src/services/disconnecting.ts";
import { EventFeed } from "../../src/services/event-feed.ts";
import { FreeBusy } from "../../src/services/free-busy.ts";
import { Housekeeping } from "../../src/services/housekeeping.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { Integrations } from "../../src/services/integrations.ts";
import { KeyRotation } from "../../src/services/key-rotation.ts";
import { MeetingSlots } from "../../src/services/meeting-slots.ts";
import { OAuthApps } from "../../src/services/oauth-apps.ts";
import { Occurrences } from "../../src/services/occurrences.ts";
import { Polling } from "../../src/services/polling.ts";
import { PushChannels } from "../../src/services/push-channels.ts";
import { Syncs } from "../../src/services/syncs.ts";
import { VendorBusyTimes } from "../../src/services/vendor-busy.ts";
import { loopbackFetchFor } from "./account.ts";
import type { OpenedDatabase } from "./opened-database.ts";

/** The use cases that need no provider, put together as in one process. `close` before the database is closed. */
export async function openServices(
  { url, database }: OpenedDatabase,
  {
    now = () => new Date(),
    retentionDays = 90,
    encryptionKeys = `test:${randomBytes(32).toString("base64")}`,
  }: { now?: () => Date; retentionDays?: number; encryptionKeys?: string } = {},
) {
  const silent = pino({ level: "silent" });
  const wakeBus = new WakeBus(url, silent);
  await wakeBus.start();
  const queue = new Queue(url, silent);
  await queue.start();
  const expander = createExpander();
  const log = new EventLog(now, (tenantId) => wakeBus.publish(`log:${tenantId}`));
  const ring = parseKeyRing(encryptionKeys);
  const vault = createVault(ring);
  const links = createLinkTokens(ring);
  const health = new IntegrationHealth(log, now);
  const apps = new OAuthApps(new Map(), () => {
    throw new Error("No vendor is asked for tokens here");
  });
  const accounts = new Accounts(
    database,
    vault,
    new AccessTokens(database, vault, apps, health, now),
    apps,
    loopbackFetchFor,
  );
  const occurrences = new Occurrences(expander, now);
  const polling = new Polling(new Map());
  const syncs = new Syncs(database, queue, log, now, { fromHour: 0, toHour: 6 }, polling);
  const publicUrl = "http://localhost:4000";
  const push = new PushChannels(database, accounts, queue, syncs, now, publicUrl);
  const keys = new KeyRotation(database, vault);
  const freeBusy = new FreeBusy(database, occurrences, new VendorBusyTimes(accounts, now), syncs, now);
  return {
    log,
    queue,
    occurrences,
    syncs,
    keys,
    integrations: new Integrations(database, accounts, syncs, health, queue, log, links, polling, now, publicUrl),
    disconnecting: new Disconnecting(database, accounts, vault, apps, push, queue, log, now),
    calendars: new Calendars(database),
    calendarEvents: new CalendarEvents(database, occurrences, now),
    freeBusy,
    meetingSlots: new MeetingSlots(freeBusy),
    eventFeed: new EventFeed(database, wakeBus, now),
    housekeeping: new Housekeeping(database, occurrences, syncs, queue, keys, now, retentionDays, 7, 730),
    async close(): Promise<void> {
      await queue.stop({ timeoutMs: 1000 });
      await wakeBus.stop();
      await expander.close();
    },
  };
}

export type Services = Awaited<ReturnType<typeof openServices>>;
