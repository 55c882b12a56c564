import DataLoader from "dataloader";
import type { CalendarEvents } from "../services/calendar-events.ts";
import type { Calendars } from "../services/calendars.ts";
import type { EventFeed } from "../services/event-feed.ts";
import type { Integrations } from "../services/integrations.ts";
import type { Syncs } from "../services/syncs.ts";
import type { Viewer } from "../services/viewer.ts";

export interface LoaderSources {
  readonly integrations: Pick<Integrations, "byIds">;
  readonly calendars: Pick<Calendars, "byIds" | "byIntegrationIds">;
  readonly calendarEvents: Pick<CalendarEvents, "byIds">;
  readonly syncs: Pick<Syncs, "byIds">;
  readonly eventFeed: Pick<EventFeed, "byIds">;
}

/** One request's loaders: what is asked for by id in one tick is read at once, in the viewer's name. */
export function createLoaders(viewer: Viewer, services: LoaderSources) {
  const integration = batched((ids) => services.integrations.byIds(viewer, ids));
  const calendar = batched((ids) => services.calendars.byIds(viewer, ids));
  const calendarEvent = batched((ids) => services.calendarEvents.byIds(viewer, ids));
  const syncRun = batched((ids) => services.syncs.byIds(viewer, ids));
  return {
    integration,
    calendar,
    calendarEvent,
    syncRun,
    calendarsOfIntegration: batched((ids) => services.calendars.byIntegrationIds(viewer, ids)),
    integrationEvent: batched((ids) => services.eventFeed.byIds(viewer, ids)),
    /** By what an event says it is about. */
    subjects: { Integration: integration, Calendar: calendar, CalendarEvent: calendarEvent, SyncRun: syncRun },
  };
}

export type Loaders = ReturnType<typeof createLoaders>;

/** What is not found, or not the viewer's to see, is null. */
function batched<T>(read: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>): DataLoader<string, T | null> {
  return new DataLoader<string, T | null>(async (ids) => {
    const found = await read(ids);
    return ids.map((id) => found.get(id) ?? null);
  });
}
