import fastify from "fastify";
import pino from "pino";
import { expect, it } from "vitest";
import { type ErrorCode, IntegrationError } from "../../src/errors.ts";
import { serveWebhooks } from "../../src/http/webhooks.ts";
import { WebhookDoors } from "../../src/services/webhook-doors.ts";

async function answerTo(code: ErrorCode | "FAULT", url: string, payload = "x") {
  const failure = code === "FAULT" ? new Error("The database is down") : new IntegrationError(code, "No");
  const failing = { receive: () => Promise.reject(failure), greet: () => Promise.reject(failure) };
  const server = fastify();
  serveWebhooks(server, new WebhookDoors(failing, failing), pino({ level: "silent" }));
  const reply = await server.inject({ method: "POST", url, payload });
  await server.close();
  return reply;
}

it.each<{ code: ErrorCode | "FAULT"; calendar: number; board: number }>([
  { code: "NOT_FOUND", calendar: 404, board: 404 },
  { code: "FORBIDDEN", calendar: 403, board: 401 },
  // A vendor that is told 4xx stops sending; what went wrong here it has to send again.
  { code: "INVALID_INPUT", calendar: 503, board: 503 },
  { code: "PROVIDER_UNAVAILABLE", calendar: 503, board: 503 },
  { code: "FAULT", calendar: 503, board: 503 },
])("a vendor's message that ends in $code is answered", async ({ code, calendar, board }) => {
  expect((await answerTo(code, "/webhooks/google-calendar/token")).statusCode).toBe(calendar);
  expect((await answerTo(code, "/webhooks/linkedin/token")).statusCode).toBe(board);
});

it("there is no door for a provider that nobody knows", async () => {
  expect((await answerTo("FAULT", "/webhooks/no-such-board/token")).statusCode).toBe(404);
});

it("a vendor that is to come again is told when", async () => {
  expect((await answerTo("FAULT", "/webhooks/linkedin/token")).headers["retry-after"]).toBe("30");
});

it.each([
  ["google-calendar", 256 * 1024],
  ["indeed", 24 * 1024 * 1024],
])("no more is taken than %s may send", async (provider, most) => {
  const url = `/webhooks/${provider}/token`;
  expect((await answerTo("FAULT", url, "x".repeat(most))).statusCode).toBe(503);
  expect((await answerTo("FAULT", url, "x".repeat(most + 1))).statusCode).toBe(413);
});

it("a question that nobody answers finds nothing", async () => {
  const server = fastify();
  const failing = {
    receive: () => Promise.reject(new Error("Not asked")),
    greet: () => Promise.reject(new Error("Down")),
  };
  serveWebhooks(server, new WebhookDoors(failing, failing), pino({ level: "silent" }));
  expect((await server.inject("/webhooks/google-calendar/token")).statusCode).toBe(404);
  expect((await server.inject("/webhooks/linkedin/token")).statusCode).toBe(503);
  await server.close();
});
