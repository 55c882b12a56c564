import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginUsageReportingDisabled } from "@apollo/server/plugin/disabled";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { MemPubSub } from "@graphql-hive/pubsub";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";
import { pino } from "pino";
import { printSubgraphSdl } from "../../src/schema/build-subgraph.ts";
import type { Answer } from "./app.ts";
import { platformSdl } from "./platform-subgraph.ts";

export interface Composition {
  readonly errors: readonly string[];
  readonly supergraph: string;
}

export interface SubgraphUrls {
  readonly integrations: string;
  readonly platform: string;
}

/** One graph of this service's subgraph and the platform's. */
export async function composeWithPlatform(
  urls: SubgraphUrls,
  { securityDirectives }: { securityDirectives: boolean },
): Promise<Composition> {
  const { errors = [], supergraphSdl = "" } = composeServices([
    { name: "integrations", url: urls.integrations, typeDefs: parse(await printSubgraphSdl({ securityDirectives })) },
    { name: "platform", url: urls.platform, typeDefs: parse(platformSdl) },
  ]);
  return { errors: errors.map(({ message }) => message), supergraph: supergraphSdl };
}

/** A gateway in this process that hands its caller's token on to the subgraphs. */
export interface TestGateway {
  query(token: string, query: string, variables?: Record<string, unknown>): Promise<Answer>;
  stop(): Promise<void>;
}

export interface StreamingGateway extends TestGateway {
  /** Follows a subscription over server-sent events until the iterator is returned from. */
  subscribe(token: string, query: string, variables?: Record<string, unknown>): AsyncIterableIterator<Answer>;
}

interface GatewayContext {
  readonly authorization?: string;
}

class TokenForwarding extends RemoteGraphQLDataSource<GatewayContext> {
  override willSendRequest({
    request,
    context,
  }: Parameters<NonNullable<RemoteGraphQLDataSource<GatewayContext>["willSendRequest"]>>[0]) {
    const { authorization } = context as GatewayContext;
    if (authorization) request.http?.headers.set("authorization", authorization);
  }
}

/** Apollo Gateway, on a supergraph that does not change. */
export async function startApolloGateway(supergraph: string): Promise<TestGateway> {
  const logger = pino({ level: "silent" });
  const server = new ApolloServer<GatewayContext>({
    gateway: new ApolloGateway({
      supergraphSdl: supergraph,
      buildService: ({ url }) => new TokenForwarding(url ? { url } : {}),
      logger,
    }),
    plugins: [ApolloServerPluginUsageReportingDisabled()],
    stopOnTerminationSignals: false,
    logger,
  });
  await server.start();
  return {
    async query(token, query, variables = {}) {
      const contextValue = { authorization: `Bearer ${token}` };
      const { body } = await server.executeOperation({ query, variables }, { contextValue });
      if (body.kind !== "single") throw new Error("The gateway answered in pieces");
      return JSON.parse(JSON.stringify(body.singleResult)) as Answer;
    },
    stop: () => server.stop(),
  };
}

/** How Hive Gateway's runtime has a subgraph's subscriptions come: over a WebSocket. */
const overWebSocket = {
  kind: "ws",
  location: "/graphql",
  options: { connectionParams: { authorization: "{context.headers.authorization}" } },
};

/** Hive Gateway's runtime, in this process. */
export function startHiveGateway(supergraph: string, door?: CallbackDoor): StreamingGateway {
  const gateway = createGatewayRuntime({
    supergraph,
    logging: false,
    maskedErrors: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get("authorization") ?? "" }),
    },
    transportEntries: { "*.http": { options: { subscriptions: door ? door.transport : overWebSocket } } },
    ...(door && { pubsub: new MemPubSub(), webhooks: true }),
  });
  door?.leadTo(async (request) => gateway.fetch(request));
  const send = (token: string, accept: string, operation: object, signal?: AbortSignal): Promise<Response> =>
    Promise.resolve(
      gateway.fetch("http://gateway/graphql", {
        method: "POST",
        headers: { accept, "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(operation),
        ...(signal && { signal }),
      }),
    );
  return {
    async query(token, query, variables = {}) {
      const response = await send(token, "application/json", { query, variables });
      return (await response.json()) as Answer;
    },
    async *subscribe(token, query, variables = {}) {
      const enough = new AbortController();
      try {
        const { body } = await send(token, "text/event-stream", { query, variables }, enough.signal);
        if (!body) throw new Error("The gateway opened no stream");
        yield* serverSentEvents(body);
      } finally {
        enough.abort();
      }
    },
    stop: async () => gateway[Symbol.asyncDispose](),
  };
}

/** Where a gateway that has subscriptions come by HTTP callback is called back, on loopback. */
export interface CallbackDoor {
  readonly origin: string;
  /** The action of each message, as they came. */
  readonly actions: readonly string[];
  /** What Hive Gateway is configured with. */
  readonly transport: { readonly kind: string; readonly headers: [string, string][]; readonly options: object };
  leadTo(serve: (request: Request) => Promise<Response>): void;
  close(): Promise<void>;
}

export async function openCallbackDoor({ heartbeatMs }: { heartbeatMs: number }): Promise<CallbackDoor> {
  const actions: string[] = [];
  let serve = async (_request: Request) => new Response(null, { status: 404 });
  const server = createServer(async (message, response) => {
    const body = await text(message);
    actions.push((JSON.parse(body) as { action: string }).action);
    const headers = { "content-type": message.headers["content-type"] ?? "" };
    const answer = await serve(new Request(`${origin}${message.url}`, { method: "POST", headers, body }));
    response.writeHead(answer.status).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    actions,
    transport: {
      kind: "http-callback",
      headers: [["authorization", "{context.headers.authorization}"]],
      options: { public_url: `${origin}/callback`, path: "/callback", heartbeat_interval: heartbeatMs },
    },
    leadTo(handler) {
      serve = handler;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The `next` events of a stream (WHATWG HTML §9.2, GraphQL over SSE). */
async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Answer> {
  const decoder = new TextDecoder();
  let buffer = "";
  for await (const bytes of body) {
    const blocks = `${buffer}${decoder.decode(bytes, { stream: true })}`.split("\n\n");
    buffer = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, data] = /^data: (.+)$/m.exec(block) ?? [];
      if (data && /^event: next$/m.test(block)) yield JSON.parse(data) as Answer;
    }
  }
}
