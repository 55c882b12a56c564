import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import type { FastifyInstance } from "fastify";

/** A browser that opens `/graphql` gets GraphiQL, all of it from this process: it works without a network. */
export function serveGraphiQL(
  server: FastifyInstance,
  { token, firstQuery }: { token: string; firstQuery: string },
): void {
  const page = renderGraphiQL({
    endpoint: "/graphql",
    title: "Integrations",
    subscriptionsProtocol: "WS",
    defaultQuery: firstQuery,
    headers: JSON.stringify({ authorization: `Bearer ${token}` }, null, 2),
  });
  server.addHook("onRequest", async (request, reply) => {
    const isBrowser =
      request.method === "GET" &&
      request.url.split("?")[0] === "/graphql" &&
      request.headers.accept?.includes("text/html");
    if (isBrowser) return reply.type("text/html; charset=utf-8").send(page);
  });
}
