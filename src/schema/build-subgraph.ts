// TypeGraphQL's decorators need it before any class is declared.
import "reflect-metadata";
import { buildSubgraphSchema, printSubgraphSchema } from "@apollo/subgraph";
import { type DocumentNode, type GraphQLSchema, Kind, lexicographicSortSchema, parse, print, visit } from "graphql";
import { buildSchema, createResolversMap, type NonEmptyArray, type PubSub } from "type-graphql";
import { CalendarResolver } from "./calendar.ts";
import { CalendarEventResolver } from "./calendar-event.ts";
import { CalendarEventWritesResolver } from "./calendar-event-writes.ts";
import type { Context } from "./context.ts";
import { ExplanationResolver } from "./explanation.ts";
import { FreeBusyResolver } from "./free-busy.ts";
import { GoogleJobsResolver } from "./google-jobs.ts";
import { InboundDeliveryResolver } from "./inbound-delivery.ts";
import { IntegrationResolver } from "./integration.ts";
import { IntegrationEventResolver, IntegrationEventStreamResolver } from "./integration-event.ts";
import { CalendarFreshnessResolver } from "./integration-health.ts";
import { IntegrationWritesResolver } from "./integration-writes.ts";
import { JobResolver } from "./job.ts";
import { JobApplicationFileResolver, JobApplicationResolver, JobApplicationStepResolver } from "./job-application.ts";
import { JobApplicationWritesResolver } from "./job-application-writes.ts";
import { JobFeedResolver } from "./job-feed.ts";
import { JobFieldResolver } from "./job-field.ts";
import { JobPostingResolver } from "./job-posting.ts";
import { JobPostingWritesResolver } from "./job-posting-writes.ts";
import { ManualPostingResolver } from "./manual-posting.ts";
import { MeetingSlotsResolver } from "./meeting-slots.ts";
import { ProviderResolver } from "./provider.ts";
import { RecordedApplicationResolver } from "./recorded-application.ts";
import { SyncRunResolver } from "./sync-run.ts";
import { UserResolver } from "./user.ts";
import { EventDeliveriesResolver, WebhookAttemptResolver, WebhookDeliveryResolver } from "./webhook-delivery.ts";
import { WebhookEndpointResolver } from "./webhook-endpoint.ts";
import { WebhookWritesResolver } from "./webhook-writes.ts";

/** Every resolver class of the graph. */
export const resolverClasses = [
  CalendarEventResolver,
  CalendarEventWritesResolver,
  CalendarFreshnessResolver,
  CalendarResolver,
  ExplanationResolver,
  FreeBusyResolver,
  InboundDeliveryResolver,
  IntegrationEventResolver,
  IntegrationEventStreamResolver,
  IntegrationResolver,
  IntegrationWritesResolver,
  JobApplicationFileResolver,
  JobApplicationResolver,
  JobApplicationStepResolver,
  JobApplicationWritesResolver,
  GoogleJobsResolver,
  JobFeedResolver,
  JobFieldResolver,
  JobPostingResolver,
  JobPostingWritesResolver,
  JobResolver,
  ManualPostingResolver,
  MeetingSlotsResolver,
  ProviderResolver,
  RecordedApplicationResolver,
  SyncRunResolver,
  UserResolver,
  EventDeliveriesResolver,
  WebhookAttemptResolver,
  WebhookDeliveryResolver,
  WebhookEndpointResolver,
  WebhookWritesResolver,
] as const;

interface Reference {
  readonly id: string;
}

/** How each entity is found by its key. What is not found, or not the viewer's to see, is null. */
export const references: Record<string, (reference: Reference, context: Context) => unknown> = {
  Calendar: ({ id }, { loaders }) => loaders.calendar.load(id),
  CalendarEvent: ({ id }, { loaders }) => loaders.calendarEvent.load(id),
  Integration: ({ id }, { loaders }) => loaders.integration.load(id),
  IntegrationEvent: ({ id }, { loaders }) => loaders.integrationEvent.load(id),
  Job: ({ id }) => ({ id }),
  JobApplication: ({ id }, { loaders }) => loaders.jobApplication.load(id),
  JobPosting: ({ id }, { loaders }) => loaders.jobPosting.load(id),
  SyncRun: ({ id }, { loaders }) => loaders.syncRun.load(id),
  User: ({ id }) => ({ id }),
  WebhookEndpoint: ({ id }, { loaders }) => loaders.webhookEndpoint.load(id),
};

export interface SubgraphOptions {
  /** For routers that enforce `@authenticated` and `@requiresScopes`; Apollo Gateway refuses a graph that has them. */
  readonly securityDirectives: boolean;
}

/** Turns ready-made resolver objects into this service's federation subgraph. */
export async function buildSubgraph(resolvers: readonly object[], options: SubgraphOptions): Promise<GraphQLSchema> {
  const byClass = new Map<unknown, object>(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const schema = await buildCode((resolverClass) => byClass.get(resolverClass));
  const map = createResolversMap(schema) as Record<string, Record<string, unknown>>;
  for (const [type, resolve] of Object.entries(references)) {
    map[type] = {
      ...map[type],
      __resolveReference: (reference: Reference, context: Context) => resolve(reference, context),
    };
  }
  // TypeGraphQL resolves a union's type in a promise, which compiled queries cannot wait for.
  map["IntegrationEventSubject"] = { __resolveType: ({ subjectType }: { subjectType: string }) => subjectType };
  return buildSubgraphSchema([{ typeDefs: typeDefs(schema, options), resolvers: map as never }]);
}

/** This subgraph's schema as text, as composition reads it. */
export async function printSubgraphSdl(options: SubgraphOptions = { securityDirectives: false }): Promise<string> {
  const schema = await buildCode(() => ({}));
  return `# Generated by \`npm run schema\`. Do not edit.\n\n${print(typeDefs(schema, options))}\n`;
}

function buildCode(get: (resolverClass: unknown) => object | undefined): Promise<GraphQLSchema> {
  return buildSchema({
    resolvers: [...resolverClasses] as unknown as NonEmptyArray<Function>,
    container: { get: (resolverClass: unknown) => get(resolverClass) },
    // What GraphQL's types cannot say is checked in the use case.
    validate: false,
    pubSub: unused,
  });
}

/** TypeGraphQL wants one as soon as there is a subscription; ours reads the event log instead. */
const unused: PubSub = {
  publish() {},
  subscribe() {
    throw new Error("Subscriptions read the event log");
  },
};

const securityDirectives = ["@authenticated", "@requiresScopes"];

function typeDefs(schema: GraphQLSchema, options: SubgraphOptions): DocumentNode {
  const names = ["@key", "@shareable", "@cost", "@listSize", ...(options.securityDirectives ? securityDirectives : [])];
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${names.map((name) => `"${name}"`).join(", ")}])`;
  const document = parse(`${link}\n${printSubgraphSchema(lexicographicSortSchema(schema))}`);
  if (options.securityDirectives) return document;
  return visit(document, {
    [Kind.DIRECTIVE]: ({ name }) => (securityDirectives.includes(`@${name.value}`) ? null : undefined),
  });
}
