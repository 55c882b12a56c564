import { ApolloServer, type ApolloServerPlugin, type HeaderMap } from "@apollo/server";
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
import { callbackProtocol } from "./callback-receiver.ts";
import { callerOf } from "./callers.ts";
import type { GraphqlCallbacks } from "./graphql-callback.ts";

/** What serving a schema needs, by whichever door. */
export interface ServedGraph<Context extends object> {
  readonly schema: GraphQLSchema;
  readonly executor: ApolloServerPlugin<Context>;
  readonly limits: ValidationRule;
  readonly maxTokens: number;
  /** As GraphQL's own `subscribe`; what is alike is executed once. Results are shared: nobody changes them. */
  subscribe(args: ExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
  showError(error: unknown): GraphQLFormattedError;
  contextFor(caller: CallerToken | IntegrationError, correlationId: string): Context;
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
      answerSubscriptions(graph, callbacks, (headers) => callerOf(verifier, headers?.get("authorization"))),
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

/** Over HTTP a subscription is sent to whoever asks to be called back, and to nobody else. */
function answerSubscriptions<Context extends object>(
  graph: ServedGraph<Context>,
  callbacks: GraphqlCallbacks,
  callerOf: (headers: HeaderMap | undefined) => Promise<CallerToken | IntegrationError>,
): ApolloServerPlugin<Context> {
  const refusal = graph.showError(
    new IntegrationError("INVALID_INPUT", "Subscriptions are served over WebSockets, or by HTTP callback", {
      remedy: "Open a WebSocket with the protocol graphql-transport-ws at this address.",
    }),
  );
  return {
    async requestDidStart() {
      return {
        async responseForOperation({ operation, schema, document, operationName, request, contextValue, response }) {
          if (operation.operation !== "subscription") return null;
          const { http } = response;
          const asked: unknown = request.extensions?.["subscription"];
          if (asked === undefined) {
            http.status = 400;
            return { http, body: { kind: "single", singleResult: { errors: [refusal] } } };
          }
          const args = { schema, document, operationName, variableValues: request.variables, contextValue };
          const errors = await callbacks.begin(args, await callerOf(request.http?.headers), asked);
          for (const [name, value] of Object.entries(callbackProtocol)) http.headers.set(name, value);
          return { http, body: { kind: "single", singleResult: errors.length > 0 ? { errors } : { data: null } } };
        },
      };
    },
  };
}
