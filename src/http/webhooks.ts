import type { FastifyInstance } from "fastify";
import { isIntegrationError } from "../errors.ts";
import type { Inbox } from "../services/inbox.ts";

const maxBodyBytes = 256 * 1024;

/**
 * Where vendors send messages: `/webhooks/{provider}/{token}`. Each is proved, stored and answered; what it leads to is a
 * task. 404 and 403 tell a vendor to stop; whatever goes wrong on our side is a 500, which tells it to try again.
 */
export function serveWebhooks(server: FastifyInstance, inbox: Pick<Inbox, "receive">): void {
  void server.register(async (scope) => {
    // The bytes as they came, whatever they call themselves.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: maxBodyBytes }, (_request, body, done) => {
      done(null, body);
    });
    scope.post<{ Params: { provider: string; token: string } }>(
      "/webhooks/:provider/:token",
      async ({ params, headers, body }, reply) => {
        const named = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]);
        const message = { headers: Object.fromEntries(named), body: typeof body === "string" ? body : "" };
        try {
          await inbox.receive(params.provider, params.token, message);
          return reply.code(202).send();
        } catch (error) {
          if (isIntegrationError(error, "NOT_FOUND")) return reply.code(404).send();
          if (isIntegrationError(error, "FORBIDDEN")) return reply.code(403).send();
          throw error;
        }
      },
    );
  });
}
