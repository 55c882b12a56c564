import fastify from "fastify";
import { expect, it } from "vitest";
import { type ErrorCode, IntegrationError } from "../../src/errors.ts";
import { serveWebhooks } from "../../src/http/webhooks.ts";

it.each<{ code: ErrorCode; status: number }>([
  { code: "NOT_FOUND", status: 404 },
  { code: "FORBIDDEN", status: 403 },
  // A vendor that is told 4xx stops sending; what went wrong here it has to send again.
  { code: "INVALID_INPUT", status: 500 },
  { code: "PROVIDER_UNAVAILABLE", status: 500 },
])("a vendor's message that ends in $code is answered $status", async ({ code, status }) => {
  const server = fastify();
  serveWebhooks(server, { receive: () => Promise.reject(new IntegrationError(code, "No")) });
  const reply = await server.inject({ method: "POST", url: "/webhooks/google-calendar/token" });
  expect(reply.statusCode).toBe(status);
  await server.close();
});
