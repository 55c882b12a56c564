import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import type { FastifyInstance } from "fastify";

/** A browser that opens `/graphql` gets GraphiQL, all of it from this process: it works without a network. */
export function serveGraphiQL(
  server: FastifyInstance,
  { token, firstQuery }: { token: string; firstQuery: string },
): void {
  const signedIn = { authorization: `Bearer ${token}` };
  const page = renderGraphiQL({
    endpoint: "/graphql",
    title: "Integrations",
    subscriptionsProtocol: "WS",
    defaultQuery: firstQuery,
    // Not in the headers editor: what is in there a browser remembers, and a token does not stay good.
    additionalHeaders: signedIn,
    ...{ connectionParams: signedIn },
  });
  server.addHook("onRequest", async (request, reply) => {
    const isBrowser =
      request.method === "GET" &&
      request.url.split("?")[0] === "/graphql" &&
      request.headers.accept?.includes("text/html");
    // It holds a token.
    if (isBrowser) return reply.header("cache-control", "no-store").type("text/html; charset=utf-8").send(page);
  });
}
