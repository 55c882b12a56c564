import fastify from "fastify";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { type ErrorCode, IntegrationError } from "../../src/errors.ts";
import { serveWebhooks } from "../../src/http/webhooks.ts";
import { WebhookDoors } from "../../src/services/webhook-doors.ts";
import { eventually } from "../support/eventually.ts";

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

describe("a door behind which nothing moves", () => {
  const taken = { status: 200, body: {} };

  /** Nobody is answered before `release`. */
  function stuckDoor({ waitMs = 20, atOnce = 8 } = {}) {
    const waiting: ((how: Promise<typeof taken>) => void)[] = [];
    let isReleased = false;
    let begun = 0;
    const receive = async () => {
      begun += 1;
      return isReleased ? taken : new Promise<typeof taken>((resolve) => waiting.push(resolve));
    };
    const lines: string[] = [];
    const server = fastify();
    serveWebhooks(server, { receive }, pino({ level: "warn" }, { write: (line) => lines.push(line) }), {
      waitMs,
      lineMs: waitMs / 2,
      atOnce,
    });
    return {
      lines,
      waiting,
      begun: () => begun,
      send: (payload: string) => server.inject({ method: "POST", url: "/webhooks/indeed/token", payload }),
      release(how: Promise<typeof taken>) {
        isReleased = true;
        for (const resolve of waiting.splice(0)) resolve(how);
      },
      close: () => server.close(),
    };
  }

  it("says so, and when to come again", async () => {
    const door = stuckDoor();
    const reply = await door.send("x");
    expect(reply.statusCode).toBe(503);
    expect(reply.headers["retry-after"]).toBe("30");
    door.release(Promise.resolve(taken));
    await door.close();
  });

  it("never begins what nobody waits for any more, and what comes then does not stand behind it", async () => {
    const door = stuckDoor({ atOnce: 2 });
    const replies = await Promise.all(Array.from({ length: 5 }, () => door.send("x")));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503, 503, 503]);
    expect(door.waiting).toHaveLength(2);
    door.release(Promise.resolve(taken));
    expect((await door.send("x")).statusCode).toBe(200);
    expect(door.begun()).toBe(3);
    await door.close();
  });

  it("lets those in line in, in their turn, as soon as it moves", async () => {
    const door = stuckDoor({ atOnce: 1, waitMs: 10_000 });
    const replies = Promise.all(Array.from({ length: 5 }, () => door.send("x")));
    await eventually(
      "the first one",
      async () => door.waiting.length,
      (length) => length === 1,
    );
    door.release(Promise.resolve(taken));
    expect((await replies).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
    await door.close();
  });

  it("tells the operator when what was late failed", async () => {
    const door = stuckDoor();
    await door.send("x");
    door.release(Promise.reject(new Error("The database is gone")));
    const told = await eventually(
      "the line",
      async () => door.lines.join(),
      (text) => text.includes("not taken later either"),
    );
    expect(told).toContain("The database is gone");
    await door.close();
  });
});
