import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { Integration, type IntegrationStatus } from "../entities/integration.ts";
import { busySql } from "./access-policy.ts";
import { possibleIds, possibleNames } from "./id.ts";
import type { Viewer } from "./viewer.ts";

/** Whose busy times are wanted: everything that one of the lists names. */
export interface Whose {
  readonly userIds: readonly string[];
  readonly integrationIds: readonly string[];
  readonly calendarIds: readonly string[];
}

/** A calendar whose busy times the viewer may have, with what is needed to find them out. */
export interface BusyCalendar {
  readonly id: string;
  readonly externalId: string;
  readonly timeZone: string | null;
  readonly lastSyncedAt: Date | null;
  readonly integrationId: string;
  readonly provider: string;
  readonly status: IntegrationStatus;
  /** Null when it is the tenant's. */
  readonly ownerId: string | null;
  /** Whom an event in it invites when it invites the calendar's owner; lower case. */
  readonly addresses: readonly string[];
  /** Whether it has a series whose recurrence could not be followed, of which occurrences that block time may be missing. */
  readonly hasUnfollowed: boolean;
}

/** The selected calendars that are meant, of connected integrations. What the viewer may not know of is not among them. */
export async function busyCalendarsOf(tx: TenantTransaction, viewer: Viewer, whose: Whose): Promise<BusyCalendar[]> {
  const { entities, raw } = await tx.manager
    .createQueryBuilder(Calendar, "calendar")
    .innerJoin(
      Integration,
      "integration",
      "integration.tenantId = calendar.tenantId AND integration.id = calendar.integrationId",
    )
    .select("calendar")
    .addSelect("integration.provider", "provider")
    .addSelect("integration.status", "status")
    .addSelect("integration.ownerId", "owner_id")
    .addSelect("integration.accountName", "account_name")
    .addSelect("integration.settings ->> 'addresses'", "account_addresses")
    .addSelect(
      `EXISTS (SELECT FROM calendar_event event WHERE event.calendar_id = calendar.id AND ${isUnfollowed})`,
      "has_unfollowed",
    )
    .where(busySql(), { viewerId: viewer.userId })
    .andWhere("calendar.tenantId = :tenantId AND calendar.removedAt IS NULL AND calendar.selected", {
      tenantId: viewer.tenantId,
    })
    .andWhere("integration.status <> 'DISCONNECTED'")
    .andWhere(
      "(integration.ownerId = ANY(:userIds) OR integration.id = ANY(:integrationIds) OR calendar.id = ANY(:calendarIds))",
      {
        userIds: possibleNames(whose.userIds),
        integrationIds: possibleIds(whose.integrationIds),
        calendarIds: possibleIds(whose.calendarIds),
      },
    )
    .orderBy("integration.ownerId")
    .addOrderBy("calendar.id")
    .getRawAndEntities<Account>();
  return entities.flatMap((calendar, index) => {
    const account = raw[index];
    if (!account) return [];
    const { provider, status, owner_id: ownerId, has_unfollowed: hasUnfollowed } = account;
    return [{ ...calendar, provider, status, ownerId, hasUnfollowed, addresses: addressesOf(calendar, account) }];
  });
}

interface Account {
  readonly provider: string;
  readonly status: IntegrationStatus;
  readonly owner_id: string | null;
  readonly account_name: string;
  readonly account_addresses: string | null;
  readonly has_unfollowed: boolean;
}

/** A series that is as the provider has it has no other problem than its recurrence. */
const isUnfollowed = `event.kind = 'SERIES' AND event.problem IS NOT NULL AND event.sync_state = 'SYNCED'
  AND event.deleted_at IS NULL AND event.transparency = 'OPAQUE' AND event.status <> 'CANCELLED'`;

/** A calendar whose own name is a mail address is that person's, whoever's account it was found in. */
function addressesOf({ externalId }: Calendar, account: Account): string[] {
  const names = isAddress(externalId)
    ? [externalId]
    : [account.account_name, ...(account.account_addresses ?? "").split(" ")];
  return names.filter(isAddress).map((name) => name.toLowerCase());
}

function isAddress(text: string): boolean {
  return /^[^\s@/:]+@[^\s@/:]+$/.test(text);
}
