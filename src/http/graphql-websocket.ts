import type { Server } from "node:http";
import { type ExecutionArgs, type ExecutionResult, GraphQLError, parse, specifiedRules, validate } from "graphql";
import { type Context as ConnectionContext, type SubscribePayload } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import type { Logger } from "pino";
import { WebSocketServer } from "ws";
import { isIntegrationError } from "../errors.ts";
import type { CallerToken, CallerTokenVerifier } from "../security/caller-token.ts";
import { callerOf } from "./callers.ts";
import type { ServedGraph } from "./graphql-http.ts";
import { atExpiry } from "./token-expiry.ts";

const unauthorized = 4401;
/** Clients come back by themselves after this one (RFC 6455 registry). */
const tryAgainLater = 1013;
const maxMessageBytes = 1024 * 1024;
const maxOperationsPerSocket = 100;
/** A client that does not answer the end of its socket is cut off after this. */
const farewellMs = 2000;

interface Extra extends Record<PropertyKey, unknown> {
  caller?: CallerToken;
  forgetExpiry?: () => void;
}

/**
 * GraphQL over WebSockets at `/graphql` (graphql-transport-ws). A socket lives no longer than the token it was opened
 * with: it is closed with 4401 then, and the client comes back with a new one.
 *
 * @param log hears of sockets that break, which is not unusual
 * @param newId for the correlation of what one operation brings about
 * @returns how to stop it: sockets are closed with 1001, so that clients come back elsewhere
 */
export function serveGraphqlWebSocket<Context extends object>(
  http: Server,
  graph: ServedGraph<Context>,
  verifier: CallerTokenVerifier,
  log: Logger,
  newId: () => string,
): () => Promise<void> {
  const sockets = new WebSocketServer({ server: http, path: "/graphql", maxPayload: maxMessageBytes });
  const served = useServer<{ authorization?: unknown; Authorization?: unknown }, Extra>(
    {
      async onConnect({ connectionParams, extra }) {
        const given = connectionParams?.authorization ?? connectionParams?.Authorization;
        const caller = await callerOf(verifier, typeof given === "string" ? given : undefined);
        if (isIntegrationError(caller)) {
          extra.socket.close(caller.retryable ? tryAgainLater : unauthorized, caller.message.slice(0, 120));
          return false;
        }
        extra.caller = caller;
        const { socket } = extra;
        extra.forgetExpiry = atExpiry(caller, () => socket.close(unauthorized, "The access token has expired"));
        return true;
      },
      onDisconnect({ extra }) {
        extra.forgetExpiry?.();
      },
      subscribe: async (args) => {
        const results = await graph.subscribe(args);
        return "next" in results ? results : refusing(results);
      },
      onSubscribe: (connection, _id, payload) => prepare(connection, payload),
      onNext: (_connection, _id, _payload, _args, { data = null, errors }) =>
        errors ? { data, errors: errors.map(graph.showError) } : undefined,
      onError: (_connection, _id, _payload, errors) => errors.map(graph.showError),
    },
    sockets,
  );

  function prepare(
    { extra, subscriptions }: ConnectionContext<Record<string, unknown>, Extra>,
    { query, operationName, variables }: SubscribePayload,
  ): ExecutionArgs | readonly GraphQLError[] {
    if (Object.keys(subscriptions).length > maxOperationsPerSocket) {
      return [tooMany()];
    }
    try {
      const document = parse(query, { maxTokens: graph.maxTokens });
      const errors = validate(graph.schema, document, [...specifiedRules, graph.limits]);
      if (errors.length > 0) return errors;
      if (!extra.caller) throw new Error("An operation came before its socket was let in");
      const contextValue = graph.contextFor(extra.caller, newId());
      return {
        schema: graph.schema,
        document,
        operationName,
        variableValues: variables,
        contextValue,
      } as ExecutionArgs;
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      const originalError = error instanceof Error ? error : new Error(String(error));
      return [new GraphQLError("The operation could not be begun", { originalError })];
    }
  }

  // graphql-ws writes to the console; ws has closed the socket with the right code already.
  sockets.on("connection", (socket) => {
    socket.removeAllListeners("error").on("error", (error) => log.debug({ err: error }, "a WebSocket broke"));
  });

  return async () => {
    const cutOff = setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate();
    }, farewellMs);
    await served.dispose();
    clearTimeout(cutOff);
  };
}

/** What cannot begin is told by the message `error`, as the protocol has it, and not by a `next` without data. */
function refusing({ errors = [] }: ExecutionResult): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(errors[0]) }) };
}

function tooMany(): GraphQLError {
  return new GraphQLError(`One socket carries at most ${maxOperationsPerSocket} operations at a time`, {
    extensions: { code: "RATE_LIMITED" },
  });
}
