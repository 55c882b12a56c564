import { badQuery, itemNotFound } from "./errors.ts";
import { changeKeyOf } from "./item-ids.ts";
import { providersOf } from "./online-meeting.ts";
import type { Mailbox, StoredCalendar } from "./state.ts";

/**
 * A calendar as the API shows it. https://learn.microsoft.com/en-us/graph/api/resources/calendar
 *
 * @throws {GraphError} BadRequest for a property that the type does not have
 */
export function shownCalendar(
  mailbox: Mailbox,
  calendar: StoredCalendar,
  select: readonly string[] | null,
): Record<string, unknown> {
  const { id, name, color, hexColor, isDefault, canEdit, owner, version } = calendar;
  const isOwn = owner.address === mailbox.email;
  const providers = isOwn ? providersOf(mailbox) : [];
  const whole: Record<string, unknown> = {
    id,
    name,
    color,
    hexColor,
    isDefaultCalendar: isDefault,
    changeKey: changeKeyOf(version),
    canShare: isOwn,
    canViewPrivateItems: isOwn,
    canEdit,
    allowedOnlineMeetingProviders: providers,
    defaultOnlineMeetingProvider: providers[0] ?? "unknown",
    isTallyingResponses: isDefault,
    isRemovable: !isDefault,
    owner,
  };
  if (select === null) return whole;
  const unknown = select.find((one) => !(one in whole));
  if (unknown) throw badQuery(`Could not find a property named '${unknown}' on type 'microsoft.graph.calendar'.`);
  return Object.fromEntries(["id", ...select].map((one) => [one, whole[one]]));
}

export function defaultCalendar({ calendars }: Mailbox): StoredCalendar {
  const found = [...calendars.values()].find(({ isDefault }) => isDefault);
  if (!found) throw itemNotFound();
  return found;
}

/** @throws {GraphError} ErrorItemNotFound */
export function calendarById({ calendars }: Mailbox, id: string): StoredCalendar {
  const found = calendars.get(id);
  if (!found) throw itemNotFound();
  return found;
}
