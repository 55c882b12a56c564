import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { isIntegrationError } from "../errors.ts";
import type { ApplyLinks } from "../services/apply-links.ts";
import { personPage, personPageHeaders } from "./person-page.ts";

const retryAfterSeconds = 30;

/** `/apply/{token}`: leads a candidate from a job board to the page where one applies. */
export function serveApplyLinks(server: FastifyInstance, links: Pick<ApplyLinks, "follow">, log: Logger): void {
  server.get<{ Params: { token: string }; Querystring: { from?: unknown } }>(
    "/apply/:token",
    async (request, reply) => {
      const { params, query, method, id } = request;
      const tell = (status: number, title: string, text: string) =>
        reply
          .code(status)
          .headers(personPageHeaders)
          .send(personPage({ title, text, remedy: null }));
      try {
        const { title, company, location } = await links.follow(params.token, method === "GET", readerIn(query.from));
        if (location === null) {
          return await tell(410, "No longer open", `Nobody can apply for “${title}” at ${company} any more.`);
        }
        return await reply.code(302).headers({ location, "cache-control": "no-store" }).send();
      } catch (error) {
        if (isIntegrationError(error, "NOT_FOUND"))
          return tell(404, "Nothing here", "There is no job behind this link.");
        log.error({ err: error, requestId: id }, "an apply link failed through a fault of ours");
        reply.header("retry-after", retryAfterSeconds);
        return tell(503, "One moment", "This does not work just now. Please try again in a minute.");
      }
    },
  );
}

/** Whoever names two names none. */
function readerIn(from: unknown): string | null {
  return typeof from === "string" ? from : null;
}
