import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { type Config, mailSender } from "./config.ts";
import { createDataSource } from "./database/data-source.ts";
import { Database } from "./database/database.ts";
import { databaseReadiness } from "./database/readiness.ts";
import { EventLog } from "./events/event-log.ts";
import { WakeBus } from "./events/wake-bus.ts";
import { serveApplyLinks } from "./http/apply.ts";
import { serveFeeds } from "./http/feeds.ts";
import { serveFiles } from "./http/files.ts";
import { freePort } from "./http/free-port.ts";
import { serveGraphiQL } from "./http/graphiql.ts";
import { GraphqlCallbacks } from "./http/graphql-callback.ts";
import { type ServedGraph, serveGraphqlHttp } from "./http/graphql-http.ts";
import { serveGraphqlWebSocket } from "./http/graphql-websocket.ts";
import { serveHealth } from "./http/health.ts";
import { Metrics } from "./http/metrics.ts";
import { serveOAuth } from "./http/oauth.ts";
import { serveProviderPages } from "./http/provider-pages.ts";
import { createServer } from "./http/server.ts";
import { serveWebhooks } from "./http/webhooks.ts";
import { createMailer } from "./mail/mailer.ts";
import { originOfSmtp } from "./mail/smtp-url.ts";
import { createAccountFetch } from "./providers/account-fetch.ts";
import { providerIds } from "./providers/registry.ts";
import { createTokenEndpoint } from "./providers/token-endpoint.ts";
import { Queue } from "./queue/queue.ts";
import { taskNames } from "./queue/task-definitions.ts";
import { createExpander } from "./recurrence/expand.ts";
import { buildSubgraph } from "./schema/build-subgraph.ts";
import { CalendarResolver } from "./schema/calendar.ts";
import { CalendarEventResolver } from "./schema/calendar-event.ts";
import { CalendarEventWritesResolver } from "./schema/calendar-event-writes.ts";
import { compiledExecutor } from "./schema/compiled-executor.ts";
import { Context } from "./schema/context.ts";
import { ExplanationResolver } from "./schema/explanation.ts";
import { FreeBusyResolver } from "./schema/free-busy.ts";
import { GoogleJobsResolver } from "./schema/google-jobs.ts";
import { InboundDeliveryResolver } from "./schema/inbound-delivery.ts";
import { IntegrationResolver } from "./schema/integration.ts";
import { IntegrationEventResolver, IntegrationEventStreamResolver, isStoredField } from "./schema/integration-event.ts";
import { CalendarFreshnessResolver } from "./schema/integration-health.ts";
import { IntegrationWritesResolver } from "./schema/integration-writes.ts";
import { JobResolver } from "./schema/job.ts";
import {
  JobApplicationFileResolver,
  JobApplicationResolver,
  JobApplicationStepResolver,
} from "./schema/job-application.ts";
import { JobApplicationWritesResolver } from "./schema/job-application-writes.ts";
import { JobFeedResolver } from "./schema/job-feed.ts";
import { JobFieldResolver } from "./schema/job-field.ts";
import { JobPostingResolver } from "./schema/job-posting.ts";
import { JobPostingWritesResolver } from "./schema/job-posting-writes.ts";
import { ManualPostingResolver } from "./schema/manual-posting.ts";
import { MeetingSlotsResolver } from "./schema/meeting-slots.ts";
import { ProviderResolver } from "./schema/provider.ts";
import { queryLimits } from "./schema/query-limits.ts";
import { RecordedApplicationResolver } from "./schema/recorded-application.ts";
import { SharedSubscriptions } from "./schema/shared-subscription.ts";
import { createErrorView } from "./schema/show-error.ts";
import { SyncRunResolver } from "./schema/sync-run.ts";
import { UserResolver } from "./schema/user.ts";
import { EventDeliveriesResolver, WebhookAttemptResolver, WebhookDeliveryResolver } from "./schema/webhook-delivery.ts";
import { WebhookEndpointResolver } from "./schema/webhook-endpoint.ts";
import { WebhookWritesResolver } from "./schema/webhook-writes.ts";
import type { CallerTokenVerifier } from "./security/caller-token.ts";
import type { Egress } from "./security/egress.ts";
import type { FileClaims, LinkTokens } from "./security/link-token.ts";
import type { Vault } from "./security/vault.ts";
import { AccessTokens } from "./services/access-tokens.ts";
import { Accounts } from "./services/accounts.ts";
import { ApplicationFiles } from "./services/application-files.ts";
import { ApplicationFiling } from "./services/application-filing.ts";
import { ApplicationIntake } from "./services/application-intake.ts";
import { ApplicationRedrive } from "./services/application-redrive.ts";
import { ApplicationSteps } from "./services/application-steps.ts";
import { ApplyAddresses } from "./services/apply-addresses.ts";
import { ApplyLinks } from "./services/apply-links.ts";
import { BatchOutcomes } from "./services/batch-outcomes.ts";
import { BatchSteps } from "./services/batch-steps.ts";
import { BatchWrites } from "./services/batch-writes.ts";
import { BoardDispositions } from "./services/board-dispositions.ts";
import { BoardInbox } from "./services/board-inbox.ts";
import { BoardMail } from "./services/board-mail.ts";
import { BoardReader } from "./services/board-reader.ts";
import { BoardWrites } from "./services/board-writes.ts";
import { CalendarEvents } from "./services/calendar-events.ts";
import { CalendarList } from "./services/calendar-list.ts";
import { CalendarReader } from "./services/calendar-reader.ts";
import { CalendarWrites } from "./services/calendar-writes.ts";
import { Calendars } from "./services/calendars.ts";
import { CallBudgets } from "./services/call-budgets.ts";
import { CallGates } from "./services/call-gates.ts";
import { ClientAccess } from "./services/client-access.ts";
import { ConnectedAccounts } from "./services/connected-accounts.ts";
import { Connecting } from "./services/connecting.ts";
import { createDeliveryCall } from "./services/delivery-call.ts";
import { DeliveryReplays } from "./services/delivery-replays.ts";
import { DeliveryTurns } from "./services/delivery-turns.ts";
import { Disconnecting } from "./services/disconnecting.ts";
import { EndpointHealth } from "./services/endpoint-health.ts";
import { EventFeed } from "./services/event-feed.ts";
import { Explanations } from "./services/explanations.ts";
import { FeedAddresses } from "./services/feed-addresses.ts";
import { FeedContents } from "./services/feed-contents.ts";
import { FeedFetches } from "./services/feed-fetches.ts";
import { FeedSnapshots } from "./services/feed-snapshots.ts";
import { FileDownloads } from "./services/file-downloads.ts";
import { FlowEnds } from "./services/flow-ends.ts";
import { FreeBusy } from "./services/free-busy.ts";
import { HealthReports } from "./services/health-reports.ts";
import { Housekeeping } from "./services/housekeeping.ts";
import { newId } from "./services/id.ts";
import { Idempotency } from "./services/idempotency.ts";
import { InboundDeliveries } from "./services/inbound-deliveries.ts";
import { Inbox } from "./services/inbox.ts";
import { IntegrationHealth } from "./services/integration-health.ts";
import { Integrations } from "./services/integrations.ts";
import { JobApplications } from "./services/job-applications.ts";
import { JobFeeds } from "./services/job-feeds.ts";
import { JobNewsRedrive } from "./services/job-news-redrive.ts";
import { JobPostingApprovals } from "./services/job-posting-approvals.ts";
import { JobPostingChanges } from "./services/job-posting-changes.ts";
import { JobPostingPreview } from "./services/job-posting-preview.ts";
import { JobPostingWrites } from "./services/job-posting-writes.ts";
import { JobPostings } from "./services/job-postings.ts";
import { KeyRotation } from "./services/key-rotation.ts";
import { LogFollowers } from "./services/log-followers.ts";
import { LoginFlows } from "./services/login-flows.ts";
import { ManualPostings } from "./services/manual-postings.ts";
import { MeetingSlots } from "./services/meeting-slots.ts";
import { Mirror } from "./services/mirror.ts";
import { NoticeRedrive } from "./services/notice-redrive.ts";
import { OAuthApps } from "./services/oauth-apps.ts";
import { OAuthFlows } from "./services/oauth-flows.ts";
import { Occurrences } from "./services/occurrences.ts";
import { Outages } from "./services/outages.ts";
import { Polling } from "./services/polling.ts";
import { ProviderCatalogue } from "./services/provider-catalogue.ts";
import { PushChannels } from "./services/push-channels.ts";
import { RecordedApplications } from "./services/recorded-applications.ts";
import { Redriving } from "./services/redriving.ts";
import { StandIns } from "./services/stand-ins.ts";
import { SyncRunner } from "./services/sync-runner.ts";
import { Syncs } from "./services/syncs.ts";
import { VendorBusyTimes } from "./services/vendor-busy.ts";
import { VendorWrites } from "./services/vendor-writes.ts";
import { WantedPostings } from "./services/wanted-postings.ts";
import { WebhookDeliveries } from "./services/webhook-deliveries.ts";
import { WebhookDoors } from "./services/webhook-doors.ts";
import { WebhookEndpoints } from "./services/webhook-endpoints.ts";
import { bringJobPosting } from "./tasks/bring-job-posting.ts";
import { deliverWebhooks } from "./tasks/deliver-webhooks.ts";
import { handleApplications } from "./tasks/handle-applications.ts";
import { keepConnected } from "./tasks/keep-connected.ts";
import { keepHouse } from "./tasks/keep-house.ts";
import { reconcile } from "./tasks/reconcile.ts";
import { runSync } from "./tasks/run-sync.ts";
import { TaskRunner } from "./tasks/runner.ts";
import { scheduleSync } from "./tasks/schedule-sync.ts";
import { sendJobBatch } from "./tasks/send-job-batch.ts";
import { settleCalendarWrite } from "./tasks/settle-calendar-write.ts";
import type { AnyTask } from "./tasks/task.ts";

/** What the service gets from its surroundings. Tests hand in their own. */
export interface Edges {
  readonly databaseUrl: string;
  readonly egress: Egress;
  readonly vault: Vault;
  readonly links: LinkTokens;
  readonly fileLinks: LinkTokens<FileClaims>;
  readonly verifier: CallerTokenVerifier;
  readonly log: Logger;
  readonly now: () => Date;
  readonly version: string;
  /** Where stand-ins for vendors are, in development. */
  readonly standInOrigins?: readonly string[];
  /** Told of every statement that goes to the database; tests count them. */
  readonly onStatement?: (sql: string) => void;
  /** Set in development: GraphiQL opens with this token. */
  readonly graphiql?: { readonly token: string; readonly firstQuery: string };
}

export interface App {
  /** What its workers do. Drills do it themselves, on a clock of their own. */
  readonly tasks: readonly AnyTask[];
  /** @returns where it listens */
  start(): Promise<{ url: string; wsUrl: string }>;
  /** Finishes what runs, then closes everything, in the reverse order. */
  stop(): Promise<void>;
}

const maxTokens = 10_000;
/** How long a running task may take to finish when the process stops. */
const graceMs = 20_000;

/** Builds the whole service. The only place where one part is handed to another. */
export async function createApp(config: Config, edges: Edges): Promise<App> {
  const { databaseUrl, egress, links, log, now, verifier, vault } = edges;
  const port = config.PORT === 0 ? await freePort() : config.PORT;
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${port}`;
  const metrics = new Metrics();
  const dataSource = createDataSource(databaseUrl, { onStatement: edges.onStatement });
  const database = new Database(dataSource);
  const wakeBus = new WakeBus(config.WAKE_BUS ?? databaseUrl, log);
  const queue = new Queue(databaseUrl, log, (task) => wakeBus.publish(`task:${task}`));
  const expander = createExpander();

  const logFollowers = new LogFollowers(database, queue, now);
  const eventLog = new EventLog(now, (tenantId, isFollowed) => {
    wakeBus.publish(`log:${tenantId}`);
    if (isFollowed) logFollowers.logHasGrown(tenantId);
  });
  const occurrences = new Occurrences(expander, now);
  const mirror = new Mirror(eventLog, occurrences, now);
  const health = new IntegrationHealth(eventLog, now);
  const calendarList = new CalendarList(eventLog, now);
  const idempotency = new Idempotency(database, vault.fingerprints, now);
  const userAgent = `integrations-subgraph/${edges.version}`;
  const outside = <Arguments extends unknown[], T>(call: (...given: Arguments) => T) => {
    return (...given: Arguments): T => {
      if (database.isInTransaction) throw new Error("A provider was called inside a transaction");
      return call(...given);
    };
  };
  const apps = new OAuthApps(config.providers, ({ provider, ...options }) => {
    const observe = (call: { outcome: string; durationMs: number }) => metrics.tokenCall({ provider, ...call });
    const endpoint = createTokenEndpoint({ ...options, agents: egress.agents, userAgent, now, observe });
    return {
      ...endpoint,
      exchange: outside(endpoint.exchange),
      refresh: outside(endpoint.refresh),
      clientCredentials: outside(endpoint.clientCredentials),
      revoke: outside(endpoint.revoke),
    };
  });
  const budgets = new CallBudgets(database);
  const gates = new CallGates(budgets, new Outages(database, log), log, {
    waited: (call) => metrics.callWait(call),
    paused: (pause) => metrics.accountPause(pause),
  });
  metrics.watchLimits(() => budgets.overview());
  const accessTokens = new AccessTokens(database, vault, apps, health, now);
  const accounts = new Accounts(
    database,
    vault,
    accessTokens,
    apps,
    ({ id: provider, errorCodeIn, statusIn }, signal, called) => {
      const observe = metrics.providerCall.bind(metrics);
      const gate = called ? gates.of(called) : gates.ofTrial(provider);
      const options = {
        provider,
        errorCodeIn,
        statusIn,
        fetch: outside(egress.fetch),
        userAgent,
        observe,
        signal,
        gate,
      };
      return (grant) => createAccountFetch(options, grant);
    },
  );

  const polling = new Polling(config.providers);
  const syncs = new Syncs(database, queue, eventLog, now, config.RECONCILE, polling);
  const integrations = new Integrations(
    database,
    accounts,
    syncs,
    health,
    queue,
    eventLog,
    links,
    polling,
    now,
    publicUrl,
  );
  const { SMTP_URL: mailServer } = config;
  const standIns = new StandIns(
    new Set(edges.standInOrigins),
    config.providers,
    mailServer ? originOfSmtp(mailServer) : null,
  );
  const connected = new ConnectedAccounts(vault, calendarList, syncs, queue, standIns, eventLog, now);
  const flowEnds = new FlowEnds(database, connected, eventLog, now);
  const loginFlows = new LoginFlows(database, accounts, flowEnds, vault, queue, now);
  const oauthFlows = new OAuthFlows(database, accounts, apps, flowEnds, loginFlows, vault, links, now, publicUrl);
  const connecting = new Connecting(
    database,
    accounts,
    new ClientAccess(apps, accounts, now),
    connected,
    apps,
    oauthFlows,
    idempotency,
    config.ALLOWED_RETURN_ORIGINS,
  );
  const pushChannels = new PushChannels(database, accounts, queue, syncs, now, publicUrl);
  const disconnecting = new Disconnecting(database, accounts, vault, apps, pushChannels, queue, eventLog, now);
  const healthReports = new HealthReports(database, polling, now);
  const calendars = new Calendars(database);
  const calendarEvents = new CalendarEvents(database, occurrences, now);
  const freeBusy = new FreeBusy(database, occurrences, new VendorBusyTimes(accounts, now), syncs, now);
  const vendorWrites = new VendorWrites(database, accounts, mirror, occurrences, health, eventLog, now);
  const calendarWrites = new CalendarWrites(
    database,
    vendorWrites,
    calendarEvents,
    occurrences,
    queue,
    idempotency,
    syncs,
    now,
  );
  const addresses = new ApplyAddresses(database, vault, config.providers, publicUrl);
  const applyLinks = new ApplyLinks(database, publicUrl, now);
  const feedFetches = new FeedFetches(database, log, now);
  const feeds = new JobFeeds(
    database,
    new FeedContents(database, applyLinks, now),
    new FeedSnapshots(config.FEED_CACHE_DIR ?? feedFolder(config)),
    feedFetches,
    log,
    now,
  );
  const boardWrites = new BoardWrites(database, accounts, addresses, applyLinks, health, queue, eventLog, now);
  const mailer =
    mailServer &&
    createMailer({ server: mailServer, from: mailSender(config, new URL(publicUrl).hostname), ...egress.mail });
  const boardMail = new BoardMail(mailer ? { send: outside(mailer.send) } : null, (call) => metrics.providerCall(call));
  const batchWrites = new BatchWrites(
    new BatchSteps(database, applyLinks, queue, eventLog, now),
    accounts,
    boardMail,
    new BatchOutcomes(database, health, queue, eventLog, now),
  );
  const applicationSteps = new ApplicationSteps(database, idempotency, queue, eventLog, now);
  const applicationFiles = new ApplicationFiles(database, accounts, vault, queue, now);
  const filing = new ApplicationFiling(applicationFiles, applicationSteps, eventLog, now);
  const intake = new ApplicationIntake(database, vault, applicationFiles, filing);
  const dispositions = new BoardDispositions(database, accounts, health, queue, eventLog, now);
  const jobApplications = new JobApplications(database);
  const downloads = new FileDownloads(database, edges.fileLinks, vault, eventLog, now, publicUrl);
  const doors = new WebhookDoors(
    new Inbox(database, syncs, queue, vault, now),
    new BoardInbox(database, addresses, vault, queue, now),
  );
  const wanted = new WantedPostings(queue, applyLinks, eventLog, now);
  const manualPostings = new ManualPostings(database, wanted, applyLinks, now);
  const jobPostings = new JobPostings(database);
  const eventFeed = new EventFeed(database, wakeBus, now);
  const callEndpoint = createDeliveryCall(outside(egress.fetch), userAgent, now, (call) => metrics.webhookCall(call));
  const endpointHealth = new EndpointHealth(eventLog, now);
  const webhookEndpoints = new WebhookEndpoints(
    database,
    vault,
    outside(egress.examine),
    endpointHealth,
    queue,
    idempotency,
    eventLog,
    now,
  );
  const webhookDeliveries = new WebhookDeliveries(database, vault, callEndpoint, now);
  const deliveryTurns = new DeliveryTurns(database, vault, callEndpoint, endpointHealth, queue, now);
  const deliveryReplays = new DeliveryReplays(database, queue, now);
  const inboundDeliveries = new InboundDeliveries(database);
  const explanations = new Explanations({
    eventFeed,
    inbound: inboundDeliveries,
    syncs,
    deliveries: webhookDeliveries,
    endpoints: webhookEndpoints,
    integrations,
    calendarEvents,
    jobPostings,
    jobApplications,
  });
  const syncRunner = new SyncRunner(
    database,
    accounts,
    new BoardReader(database, queue, now),
    calendarList,
    new CalendarReader(database, mirror, now),
    health,
    syncs,
    eventLog,
    now,
    (run) => metrics.sync(run),
  );
  const housekeeping = new Housekeeping(
    database,
    occurrences,
    syncs,
    queue,
    new KeyRotation(database, vault),
    now,
    config.EVENT_RETENTION_DAYS,
    config.RAW_RETENTION_DAYS,
    config.APPLICATION_RETENTION_DAYS,
  );

  const schema = await buildSubgraph(
    [
      new CalendarEventResolver(calendarEvents),
      new CalendarEventWritesResolver(calendarWrites),
      new CalendarFreshnessResolver(),
      new CalendarResolver(calendars),
      new ExplanationResolver(explanations),
      new FreeBusyResolver(freeBusy),
      new InboundDeliveryResolver(
        inboundDeliveries,
        new Redriving(
          database,
          {
            notices: new NoticeRedrive(syncs, queue),
            applications: new ApplicationRedrive(intake, queue, now),
            jobNews: new JobNewsRedrive(intake, queue, now),
          },
          now,
          config.RAW_RETENTION_DAYS,
        ),
      ),
      new IntegrationEventResolver(eventFeed),
      new IntegrationEventStreamResolver(),
      new IntegrationResolver(integrations, addresses),
      new IntegrationWritesResolver(integrations, connecting, disconnecting),
      new JobApplicationFileResolver(downloads),
      new JobApplicationResolver(jobApplications),
      new JobApplicationStepResolver(),
      new JobApplicationWritesResolver(applicationSteps),
      new GoogleJobsResolver(now),
      new JobFeedResolver(new FeedAddresses(database, vault, feedFetches, publicUrl)),
      new JobFieldResolver(),
      new JobPostingResolver(jobPostings),
      new ManualPostingResolver(manualPostings, applyLinks),
      new JobPostingWritesResolver(
        new JobPostingPreview(database, addresses, boardMail, now),
        new JobPostingWrites(database, addresses, boardMail, wanted, idempotency, now),
        new JobPostingChanges(database, addresses, wanted, now),
        new JobPostingApprovals(database, wanted, now),
      ),
      new JobResolver(),
      new MeetingSlotsResolver(new MeetingSlots(freeBusy)),
      new ProviderResolver(new ProviderCatalogue(apps, polling, boardMail, publicUrl)),
      new RecordedApplicationResolver(new RecordedApplications(database, applicationFiles, filing, idempotency, now)),
      new SyncRunResolver(syncs),
      new UserResolver(),
      new EventDeliveriesResolver(),
      new WebhookAttemptResolver(),
      new WebhookDeliveryResolver(webhookDeliveries),
      new WebhookEndpointResolver(webhookEndpoints),
      new WebhookWritesResolver(webhookEndpoints, webhookDeliveries, deliveryReplays),
    ],
    { securityDirectives: config.FEDERATION_SECURITY_DIRECTIVES },
  );
  const showError = createErrorView(log);
  const sources = {
    integrations,
    healthReports,
    calendars,
    calendarEvents,
    jobPostings,
    jobApplications,
    syncs,
    eventFeed,
    webhookEndpoints,
    webhookDeliveries,
  };
  const subscriptions = new SharedSubscriptions(isStoredField);
  const graph: ServedGraph<Context> = {
    schema,
    executor: compiledExecutor(showError),
    limits: queryLimits(),
    maxTokens,
    subscribe: (args) => subscriptions.subscribe(args),
    showError,
    contextFor: (caller, correlationId) => new Context(caller, correlationId, sources),
  };
  const callbacks = new GraphqlCallbacks(graph, outside(egress.fetch), config.SUBSCRIPTION_CALLBACK_ORIGINS, log);
  const tasks = [
    runSync(syncRunner),
    scheduleSync(syncs),
    reconcile(syncs),
    settleCalendarWrite(vendorWrites),
    bringJobPosting(boardWrites),
    sendJobBatch(batchWrites),
    ...handleApplications(intake, applicationFiles, dispositions),
    ...deliverWebhooks(logFollowers, deliveryTurns, deliveryReplays),
    ...keepConnected(accessTokens, pushChannels, disconnecting, loginFlows, now),
    ...keepHouse(housekeeping, budgets),
  ];
  const runner = new TaskRunner(queue, tasks, now, log, (attempt) => metrics.task(attempt));

  const server = await createServer({ corsOrigins: config.CORS_ORIGINS, log, metrics, newId: () => newId(now()) });
  let isStopping = false;
  const readiness = async () => {
    const { reachable, migrated, rowsGuarded } = await databaseReadiness(dataSource);
    return {
      database: reachable,
      migrations: migrated,
      rowLevelSecurity: rowsGuarded,
      queue: await queue.isReady(),
      running: !isStopping,
    };
  };
  serveHealth(server, readiness, metrics);
  serveProviderPages(server, providerIds);
  const closing: (() => Promise<void>)[] = [];

  return {
    tasks,

    async start() {
      await dataSource.initialize();
      closing.push(
        () => dataSource.destroy(),
        () => feedFetches.settled(),
        () => expander.close(),
        () => egress.close(),
      );
      await wakeBus.start();
      closing.push(() => wakeBus.stop());
      closing.push(() => deliveryTurns.settled());
      await queue.start();
      closing.push(
        () => queue.stop({ timeoutMs: graceMs }),
        () => logFollowers.settled(),
      );
      if (config.ROLES.has("worker")) {
        await runner.start();
        for (const task of taskNames) wakeBus.subscribe(`task:${task}`, () => queue.wake(task));
        await housekeeping.start(now());
        await logFollowers.start(now());
      }
      let closeSockets = async () => {};
      if (config.ROLES.has("api")) {
        if (edges.graphiql) serveGraphiQL(server, edges.graphiql);
        serveOAuth(server, oauthFlows, publicUrl, log);
        serveWebhooks(server, doors, log);
        serveFiles(server, downloads);
        serveApplyLinks(server, applyLinks, log);
        serveFeeds(server, feeds, log);
        closing.push(await serveGraphqlHttp(server, graph, verifier, callbacks, log));
        closeSockets = serveGraphqlWebSocket(server.server, graph, verifier, log, () => newId(now()));
      }
      await server.listen({
        port,
        host: config.HOST ?? (config.NODE_ENV === "production" ? "0.0.0.0" : "127.0.0.1"),
      });
      // The server waits until the last connection is over, and sockets are not over by themselves.
      closing.push(
        () => closeServer(server),
        closeSockets,
        () => callbacks.stop(),
      );
      return { url: `${publicUrl}/graphql`, wsUrl: `${publicUrl.replace(/^http/, "ws")}/graphql` };
    },

    async stop() {
      isStopping = true;
      const failures: unknown[] = [];
      for (const close of closing.splice(0).reverse()) {
        // What does not close must not keep the rest open.
        await close().catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Where feeds are kept, unless the operator says. */
function feedFolder({ NODE_ENV, DATA_DIR }: Config): string {
  return NODE_ENV === "production" ? join(tmpdir(), "integrations-feeds") : join(DATA_DIR, "feeds");
}

/** Answers what was asked already; whoever takes longer than that to listen is cut off. */
async function closeServer(server: FastifyInstance): Promise<void> {
  const hurry = setTimeout(() => server.server.closeAllConnections(), graceMs);
  await server.close();
  clearTimeout(hurry);
}
