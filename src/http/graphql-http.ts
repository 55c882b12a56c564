import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import type { ExecutionArgs, ExecutionResult, GraphQLFormattedError, GraphQLSchema, ValidationRule } from "graphql";
import type { Logger } from "pino";
import { IntegrationError } from "../errors.ts";
import type { CallerToken, CallerTokenVerifier } from "../security/caller-token.ts";
import { callerOf } from "./callers.ts";

/** What serving a schema needs, over HTTP and WebSockets alike. */
export interface ServedGraph<Context extends object> {
  readonly schema: GraphQLSchema;
  readonly executor: ApolloServerPlugin<Context>;
  readonly limits: ValidationRule;
  readonly maxTokens: number;
  showError(error: unknown): GraphQLFormattedError;
  contextFor(caller: CallerToken | IntegrationError, correlationId: string): Context;
  /** Runs a subscription. @returns its results, or why there are none */
  subscribe(
    args: ExecutionArgs & { readonly contextValue: Context },
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
}

/** GraphQL over HTTP at `/graphql`. @returns how to stop it, once what runs is done */
export async function serveGraphqlHttp<Context extends object>(
  server: FastifyInstance,
  graph: ServedGraph<Context>,
  verifier: CallerTokenVerifier,
  log: Logger,
): Promise<() => Promise<void>> {
  const apollo = new ApolloServer<Context>({
    schema: graph.schema,
    plugins: [
      // The default plugin instruments every field, which costs more than the fields themselves.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      fastifyApolloDrainPlugin(server),
      refuseSubscriptions(graph),
      graph.executor,
    ],
    validationRules: [graph.limits],
    parseOptions: { maxTokens: graph.maxTokens },
    introspection: true,
    includeStacktraceInErrorResponses: false,
    formatError: (_formatted, error) => graph.showError(error),
    // main.ts decides the order in which things stop.
    stopOnTerminationSignals: false,
    logger: log,
  });
  await apollo.start();
  server.route({
    url: "/graphql",
    method: ["GET", "POST"],
    handler: fastifyApolloHandler(apollo, {
      context: async ({ headers, id }) => graph.contextFor(await callerOf(verifier, headers.authorization), id),
    }),
  });
  return () => apollo.stop();
}

function refuseSubscriptions<Context extends object>(graph: ServedGraph<Context>): ApolloServerPlugin<Context> {
  const errors = [
    graph.showError(
      new IntegrationError("INVALID_INPUT", "Subscriptions are served over WebSockets", {
        remedy: "Open a WebSocket with the protocol graphql-transport-ws at this address.",
      }),
    ),
  ];
  return {
    async requestDidStart() {
      return {
        async responseForOperation({ operation, response: { http } }) {
          if (operation.operation !== "subscription") return null;
          http.status = 400;
          return { http, body: { kind: "single", singleResult: { errors } } };
        },
      };
    },
  };
}
