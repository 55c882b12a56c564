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
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { CallerToken, CallerTokenVerifier } from "../security/caller-token.ts";
import { callerOf } from "./callers.ts";
import type { GraphqlCallbacks } from "./graphql-callback.ts";

/** What serving a schema needs, over HTTP and WebSockets alike. */
export interface ServedGraph<Context extends object> {
  readonly schema: GraphQLSchema;
  readonly executor: ApolloServerPlugin<Context>;
  readonly limits: ValidationRule;
  readonly maxTokens: number;
  showError(error: unknown): GraphQLFormattedError;
  contextFor(caller: CallerToken | IntegrationError, correlationId: string): Context;
  /** When the caller's token is over; null for never. */
  expiryOf(context: Context): Date | null;
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
  callbacks: GraphqlCallbacks,
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
      subscriptionsByCallback(graph, callbacks),
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
  return async () => {
    await callbacks.stop();
    await apollo.stop();
  };
}

/** Subscriptions over HTTP are for routers, which have the results brought to them; others open a WebSocket. */
function subscriptionsByCallback<Context extends object>(
  graph: ServedGraph<Context>,
  callbacks: GraphqlCallbacks,
): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async responseForOperation({ schema, document, operation, operationName, request, contextValue, response }) {
          if (operation.operation !== "subscription") return null;
          const { http } = response;
          const { variables: variableValues } = request;
          const args = { schema, document, operationName, variableValues, contextValue };
          try {
            const target = callbacks.targetOf(request.extensions);
            if (!target) throw onlyOverSockets();
            const expiresAt = graph.expiryOf(contextValue);
            const refused = await callbacks.start(target, () => graph.subscribe(args), expiresAt);
            if (refused) return { http, body: { kind: "single", singleResult: shown(refused, graph) } };
            http.headers.set("subscription-protocol", "callback/1.0");
            return { http, body: { kind: "single", singleResult: { data: null } } };
          } catch (error) {
            http.status = isIntegrationError(error) ? 400 : 500;
            return { http, body: { kind: "single", singleResult: { errors: [graph.showError(error)] } } };
          }
        },
      };
    },
  };
}

function shown({ data = null, errors = [] }: ExecutionResult, { showError }: Pick<ServedGraph<object>, "showError">) {
  return { data, errors: errors.map(showError) };
}

function onlyOverSockets(): IntegrationError {
  return new IntegrationError("INVALID_INPUT", "Subscriptions are served over WebSockets", {
    remedy:
      "Open a WebSocket with the protocol graphql-transport-ws at this address, or give the extension of the HTTP callback protocol.",
  });
}
