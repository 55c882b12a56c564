import type { FastifyInstance, FastifyReply, FastifyRequest, RouteGenericInterface } from "fastify";
import type { Logger } from "pino";
import { isIntegrationError } from "../errors.ts";
import type { ConsentEnd, OAuthFlows } from "../services/oauth-flows.ts";
import { personPage, personPageHeaders } from "./person-page.ts";

interface WithToken {
  Params: { token: string };
}

const titles = {
  CONNECTED: "Connected",
  REFUSED: "Not connected",
  FAILED: "That did not work",
} as const;

/**
 * A person's browser on its way to a vendor's consent page and back: `/oauth/start/{token}`, `/oauth/callback`, and
 * `/connect/{token}`, which leads a broken integration back to its consent page.
 */
export function serveOAuth(server: FastifyInstance, flows: OAuthFlows, publicUrl: string, log: Logger): void {
  const base = new URL(publicUrl);
  const cookiePath = `${base.pathname.replace(/\/$/, "")}/oauth`;
  const secure = base.protocol === "https:" ? "; Secure" : "";

  /** Whatever goes wrong is told on a page: whoever looks at it is a person. */
  const forPeople =
    <T extends RouteGenericInterface>(
      work: (request: FastifyRequest<T>, reply: FastifyReply) => Promise<FastifyReply>,
    ) =>
    async (request: FastifyRequest<T>, reply: FastifyReply): Promise<FastifyReply> => {
      try {
        return await work(request, reply);
      } catch (error) {
        const isOurs = isIntegrationError(error);
        if (!isOurs) log.error({ err: error, requestId: request.id }, "a consent failed through a fault of ours");
        const { message, remedy = null } = isOurs
          ? error
          : {
              message: "Something went wrong on our side.",
              remedy: `If it happens again, name this to whoever runs it: ${request.id}`,
            };
        const status = isOurs ? (error.code === "NOT_FOUND" ? 404 : 400) : 500;
        const page = personPage({ title: titles.FAILED, text: sentence(message), remedy });
        return reply.code(status).headers(personPageHeaders).send(page);
      }
    };

  server.get<WithToken>(
    "/oauth/start/:token",
    forPeople<WithToken>(async ({ params }, reply) => {
      const { location, cookie } = await flows.start(params.token);
      if (cookie === null) return leave(reply, location).send();
      const attributes = `Path=${cookiePath}; Max-Age=${cookie.maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
      return leave(reply, location).header("set-cookie", `${cookie.name}=${cookie.value}; ${attributes}`).send();
    }),
  );

  server.get(
    "/oauth/callback",
    forPeople(async (request, reply) => {
      const query = new URLSearchParams(request.url.split("?")[1]);
      // An administrator comes back from allowing the app for everybody, whom nobody here has sent.
      if (query.get("admin_consent")?.toLowerCase() === "true" && !query.has("state")) {
        const text = "The app is allowed for the whole organization.";
        const page = personPage({ title: "Allowed", text, remedy: "Everybody can connect their calendars now." });
        return reply.headers(personPageHeaders).send(page);
      }
      const end = await flows.finish({
        state: query.get("state"),
        code: query.get("code"),
        error: query.get("error"),
        errorDescription: query.get("error_description"),
        parameters: Object.fromEntries(query),
        cookies: readCookies(request.headers.cookie),
      });
      if (end.returnUrl !== null) return leave(reply, returnAddress(end.returnUrl, end)).send();
      const page = personPage({
        title: `${end.providerName}: ${titles[end.outcome]}`,
        text: sentence(end.message),
        remedy: end.remedy ?? closing(end),
      });
      return reply.headers(personPageHeaders).send(page);
    }),
  );

  server.get<WithToken>(
    "/connect/:token",
    forPeople<WithToken>(async ({ params, id }, reply) => {
      const address = await flows.reconnect(params.token, id);
      return leave(reply, address).send();
    }),
  );
}

/** Elsewhere, without telling whence. */
function leave(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(303).headers({ location, "cache-control": "no-store", "referrer-policy": "no-referrer" });
}

/** Where the person goes on, told how it ended. */
function returnAddress(returnUrl: string, { integrationId, outcome, code, providerCode }: ConsentEnd): string {
  const address = new URL(returnUrl);
  address.searchParams.set("integrationId", integrationId);
  address.searchParams.set("outcome", outcome);
  if (code !== null) address.searchParams.set("code", code);
  if (providerCode !== null) address.searchParams.set("providerCode", providerCode);
  return address.href;
}

function closing({ outcome }: ConsentEnd): string | null {
  return outcome === "CONNECTED" ? "You can close this page." : null;
}

/** RFC 6265 §5.4. */
function readCookies(header: string | undefined): Record<string, string> {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim().split("=", 2));
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, value]));
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
