import { itemNotFound } from "./errors.ts";
import { changeKeyOf } from "./item-ids.ts";
import { providersOf } from "./online-meeting.ts";
import type { Mailbox, StoredCalendar } from "./state.ts";

/** A calendar as the API shows it. https://learn.microsoft.com/en-us/graph/api/resources/calendar */
export function shownCalendar(mailbox: Mailbox, calendar: StoredCalendar): Record<string, unknown> {
  const { id, name, color, hexColor, isDefault, canEdit, owner, version } = calendar;
  const isOwn = owner.address === mailbox.email;
  const providers = isOwn ? providersOf(mailbox) : [];
  return {
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
