import cors from "@fastify/cors";
import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Metrics } from "./metrics.ts";

const maxBodyBytes = 1024 * 1024;
/** A link for people carries a sealed token. */
const maxParamLength = 2048;

export interface ServerOptions {
  readonly corsOrigins: readonly string[];
  readonly log: Logger;
  readonly metrics: Metrics;
  newId(): string;
}

/** The HTTP server, without its routes. Every request has an id that its answer, its log lines and its events carry. */
export async function createServer({ corsOrigins, log, metrics, newId }: ServerOptions): Promise<FastifyInstance> {
  const server = fastify({
    routerOptions: { maxParamLength },
    bodyLimit: maxBodyBytes,
    genReqId: newId,
    forceCloseConnections: "idle",
  });
  await server.register(cors, { origin: [...corsOrigins], credentials: true, exposedHeaders: ["x-request-id"] });
  server.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  // A connection that is kept alive after its last answer would keep the server from closing.
  let isClosing = false;
  server.addHook("preClose", async () => {
    isClosing = true;
  });
  server.addHook("onSend", async (_request, reply) => {
    if (isClosing) reply.header("connection", "close");
  });
  server.addHook("onResponse", async (request, reply) => {
    const { method, routeOptions, id } = request;
    const route = routeOptions.url ?? "unknown";
    const durationMs = reply.elapsedTime;
    metrics.request({ method, route, status: reply.statusCode, durationMs });
    log.debug({ requestId: id, method, route, status: reply.statusCode, durationMs }, "request");
  });
  server.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ err: error, requestId: request.id }, "a request failed through a fault of ours");
    const message = status >= 500 ? "Internal server error" : error.message;
    return reply
      .code(status)
      .send({ errors: [{ message, extensions: { code: status >= 500 ? "INTERNAL_SERVER_ERROR" : "INVALID_INPUT" } }] });
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ errors: [{ message: "There is nothing here", extensions: { code: "NOT_FOUND" } }] }),
  );
  return server;
}
