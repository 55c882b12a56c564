import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "./eventually.ts";

export interface CallbackMessage {
  readonly kind: string;
  readonly action: "check" | "next" | "complete";
  readonly id: string;
  readonly verifier: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at it as JSON.
  readonly payload?: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at it as JSON.
  readonly errors?: readonly any[];
}

/** A router, as far as a subgraph that brings it results can tell. */
export interface CallbackRouter {
  readonly url: string;
  readonly origin: string;
  /** What was brought, in order. */
  readonly messages: readonly CallbackMessage[];
  /** Decides about each message; 204 at first. */
  answerWith(status: (message: CallbackMessage) => number | Promise<number>): void;
  until(action: CallbackMessage["action"], count?: number): Promise<readonly CallbackMessage[]>;
  stop(): Promise<void>;
}

export async function startCallbackRouter(): Promise<CallbackRouter> {
  const messages: CallbackMessage[] = [];
  let answer = (_message: CallbackMessage): number | Promise<number> => 204;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const message = JSON.parse(Buffer.concat(chunks).toString()) as CallbackMessage;
    messages.push(message);
    response.writeHead(await answer(message), { "subscription-protocol": "callback/1.0" }).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}/callback/1`,
    messages,
    answerWith(next) {
      answer = next;
    },
    until: (action, count = 1) =>
      eventually(
        `${count} of ${action}`,
        async () => messages.filter((message) => message.action === action),
        (found) => found.length >= count,
      ),
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
