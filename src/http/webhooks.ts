import type { FastifyInstance } from "fastify";
import { isIntegrationError } from "../errors.ts";
import type { Inbox } from "../services/inbox.ts";

const maxBodyBytes = 256 * 1024;

/**
 * Where vendors send messages: `/webhooks/{provider}/{token}`. Each is proved, stored and answered; what it leads to is a
 * task. A vendor that only asks whether somebody is here gets its own words back. 404 and 403 tell a vendor to stop; whatever goes wrong on our side is a 500, which tells it to try again.
 */
export function serveWebhooks(server: FastifyInstance, inbox: Pick<Inbox, "receive">): void {
  void server.register(async (scope) => {
    // The bytes as they came, whatever they call themselves.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: maxBodyBytes }, (_request, body, done) => {
      done(null, body);
    });
    scope.post<{ Params: { provider: string; token: string }; Querystring: Record<string, unknown> }>(
      "/webhooks/:provider/:token",
      async ({ params, headers, query, body }, reply) => {
        const named = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]);
        const asked = Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === "string");
        const message = {
          query: Object.fromEntries(asked),
          headers: Object.fromEntries(named),
          body: typeof body === "string" ? body : "",
        };
        try {
          const greeting = await inbox.receive(params.provider, params.token, message);
          if (greeting === null) return reply.code(202).send();
          return reply
            .code(200)
            .type("text/plain; charset=utf-8")
            .header("x-content-type-options", "nosniff")
            .send(greeting);
        } catch (error) {
          if (isIntegrationError(error, "NOT_FOUND")) return reply.code(404).send();
          if (isIntegrationError(error, "FORBIDDEN")) return reply.code(403).send();
          throw error;
        }
      },
    );
  });
}
