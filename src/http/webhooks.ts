import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { mostBytes, type WebhookDoors } from "../services/webhook-doors.ts";
import { Patience, type PatienceLimits } from "./patience.ts";

/** Vendors ask again after this long, where they obey. */
const retryAfterSeconds = 30;

/** Microsoft gives up after three seconds. Fewer at a time than there are connections: others need the database too. */
const limits: PatienceLimits = { waitMs: 2_500, lineMs: 1_000, atOnce: 8 };

interface AtDoor {
  Params: { provider: string; token: string };
  Querystring: Record<string, unknown>;
}

/**
 * Where vendors send messages: `/webhooks/{provider}/{token}`. Each is proved, stored and answered; what it leads to is a
 * task. Whatever goes wrong on our side is a 503, which tells a vendor to send it again; also when it only takes too long. What is
 * stored all the same is known again, or one hint more.
 */
export function serveWebhooks(
  server: FastifyInstance,
  doors: Pick<WebhookDoors, "receive">,
  log: Logger,
  patienceLimits: PatienceLimits = limits,
): void {
  const patience = new Patience(patienceLimits, (error) => {
    log.warn({ err: error }, "a vendor's message that was answered 503 was not taken later either");
  });
  const answer = async (request: FastifyRequest<AtDoor>, reply: FastifyReply) => {
    const { params, method, headers, query, body } = request;
    const named = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]);
    const asked = Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const message = { method, headers: Object.fromEntries(named), query: Object.fromEntries(asked), body: bytes };
    try {
      const { status, body: says } = await patience.waitFor(() =>
        doors.receive(params.provider, params.token, message),
      );
      reply.code(status).header("x-content-type-options", "nosniff");
      if (says === null) return reply.send();
      return typeof says === "string" ? reply.type("text/plain; charset=utf-8").send(says) : reply.send(says);
    } catch (error) {
      log.error({ err: error, requestId: request.id, provider: params.provider }, "a vendor's message was not taken");
      return reply.code(503).header("retry-after", String(retryAfterSeconds)).send();
    }
  };

  void server.register(async (scope) => {
    // The bytes as they came, whatever they call themselves.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: mostBytes }, (_request, body, done) => {
      done(null, body);
    });
    scope.post<AtDoor>("/webhooks/:provider/:token", answer);
    scope.get<AtDoor>("/webhooks/:provider/:token", answer);
  });
}
