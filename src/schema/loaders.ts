import DataLoader from "dataloader";
import type { CalendarEventFilter, CalendarEvents } from "../services/calendar-events.ts";
import type { Calendars } from "../services/calendars.ts";
import type { EventFeed } from "../services/event-feed.ts";
import type { HealthReports } from "../services/health-reports.ts";
import type { Integrations } from "../services/integrations.ts";
import type { JobApplications } from "../services/job-applications.ts";
import type { JobPostings } from "../services/job-postings.ts";
import type { Page, PageRequest } from "../services/page.ts";
import type { Syncs } from "../services/syncs.ts";
import type { Viewer } from "../services/viewer.ts";
import type { WebhookDeliveries } from "../services/webhook-deliveries.ts";
import type { WebhookEndpoints } from "../services/webhook-endpoints.ts";

export interface LoaderSources {
  readonly integrations: Pick<Integrations, "byIds" | "firstPages" | "list">;
  readonly healthReports: Pick<HealthReports, "byIntegrationIds">;
  readonly calendars: Pick<Calendars, "byIds" | "byIntegrationIds">;
  readonly calendarEvents: Pick<CalendarEvents, "byIds" | "firstPages" | "list">;
  readonly jobApplications: Pick<
    JobApplications,
    "byIds" | "firstPages" | "list" | "filesOf" | "stepsOf" | "eeoAnswersOf"
  >;
  readonly jobPostings: Pick<JobPostings, "byIds" | "firstPages" | "list" | "boardsOf">;
  readonly syncs: Pick<Syncs, "byIds">;
  readonly eventFeed: Pick<EventFeed, "byIds">;
  readonly webhookEndpoints: Pick<WebhookEndpoints, "byIds">;
  readonly webhookDeliveries: Pick<WebhookDeliveries, "byEventIds" | "attemptsOf">;
}

/** One request's loaders: what is asked for by id in one tick is read at once, in the viewer's name. */
export function createLoaders(viewer: Viewer, services: LoaderSources) {
  const integration = batched((ids) => services.integrations.byIds(viewer, ids));
  const calendar = batched((ids) => services.calendars.byIds(viewer, ids));
  const calendarEvent = batched((ids) => services.calendarEvents.byIds(viewer, ids));
  const syncRun = batched((ids) => services.syncs.byIds(viewer, ids));
  const jobPosting = batched((ids) => services.jobPostings.byIds(viewer, ids));
  const jobApplication = batched((ids) => services.jobApplications.byIds(viewer, ids));
  const webhookEndpoint = batched((ids) => services.webhookEndpoints.byIds(viewer, ids));
  return {
    integration,
    calendar,
    calendarEvent,
    syncRun,
    jobPosting,
    boardOfIntegration: batched((ids) => services.jobPostings.boardsOf(viewer, ids)),
    jobApplication,
    filesOfApplication: batched((ids) => services.jobApplications.filesOf(viewer, ids)),
    stepsOfApplication: batched((ids) => services.jobApplications.stepsOf(viewer, ids)),
    eeoAnswersOfApplication: batched((ids) => services.jobApplications.eeoAnswersOf(viewer, ids)),
    applicationsOfJob: listsOfOwners(
      (jobIds, _filter: null, first) => services.jobApplications.firstPages(viewer, jobIds, first),
      (jobId, _filter, page) => services.jobApplications.list(viewer, { jobIds: [jobId] }, page),
    ),
    healthOfIntegration: batched((ids) => services.healthReports.byIntegrationIds(viewer, ids)),
    calendarsOfIntegration: batched((ids) => services.calendars.byIntegrationIds(viewer, ids)),
    webhookEndpoint,
    deliveriesOfEvent: batched((ids) => services.webhookDeliveries.byEventIds(viewer, ids)),
    attemptsOfDelivery: batched((ids) => services.webhookDeliveries.attemptsOf(viewer, ids)),
    integrationEvent: batched((ids) => services.eventFeed.byIds(viewer, ids)),
    integrationsOfUser: listsOfOwners(
      (ownerIds, _filter: null, first) => services.integrations.firstPages(viewer, ownerIds, first),
      (ownerId, _filter, page) => services.integrations.list(viewer, { ownerId }, page),
    ),
    calendarEventsOfUser: listsOfOwners(
      (ownerIds, filter: CalendarEventFilter, first) =>
        services.calendarEvents.firstPages(viewer, ownerIds, filter, first),
      (ownerId, filter, page) => services.calendarEvents.list(viewer, { ...filter, ownerId }, page),
    ),
    postingsOfJob: listsOfOwners(
      (jobIds, _filter: null, first) => services.jobPostings.firstPages(viewer, jobIds, first),
      (jobId, _filter, page) => services.jobPostings.list(viewer, { jobIds: [jobId] }, page),
    ),
    /** By what an event says it is about. */
    subjects: {
      Integration: integration,
      Calendar: calendar,
      CalendarEvent: calendarEvent,
      SyncRun: syncRun,
      JobPosting: jobPosting,
      JobApplication: jobApplication,
      WebhookEndpoint: webhookEndpoint,
    },
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

/** Whose list: a user's, or a job's. */
interface ListOfOwner<Filter> {
  readonly ownerId: string;
  readonly filter: Filter;
  readonly page: PageRequest;
}

/** First pages that are asked for alike are read at once. A later page has a cursor of one owner's list, and is read alone. */
function listsOfOwners<Filter, T>(
  firstPages: (ownerIds: readonly string[], filter: Filter, first: number) => Promise<ReadonlyMap<string, Page<T>>>,
  list: (ownerId: string, filter: Filter, page: PageRequest) => Promise<Page<T>>,
): DataLoader<ListOfOwner<Filter>, Page<T>> {
  const keyOf = ({ filter, page }: ListOfOwner<Filter>) => JSON.stringify([filter, page.first]);
  return new DataLoader(
    (asked) => {
      const reads = new Map<string, Promise<ReadonlyMap<string, Page<T>>>>();
      const read = async (one: ListOfOwner<Filter>): Promise<Page<T>> => {
        const { ownerId, filter, page } = one;
        if (page.after !== null) return list(ownerId, filter, page);
        const key = keyOf(one);
        const ownerIds = asked.filter((other) => keyOf(other) === key).map((other) => other.ownerId);
        const pages = reads.get(key) ?? firstPages([...new Set(ownerIds)], filter, page.first);
        reads.set(key, pages);
        return (await pages).get(ownerId) ?? { edges: [], hasNextPage: false };
      };
      return Promise.all(asked.map((one) => read(one).catch((error: Error) => error)));
    },
    { cache: false },
  );
}
