import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "./eventually.ts";

export interface ReceivedWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at it as JSON.
  readonly message: any;
}

/** A customer's server: keeps what is sent to it, and answers as it is told. */
export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly ReceivedWebhook[];
  /** What is answered from now on; 204 at first. */
  answerWith(answer: (message: ReceivedWebhook, response: ServerResponse) => void): void;
  answerStatus(status: number, headers?: Record<string, string>): void;
  /** Waits until so much of a type has come. */
  until(type: string, count?: number): Promise<readonly ReceivedWebhook[]>;
  stop(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  let answer = (_message: ReceivedWebhook, response: ServerResponse): void => {
    response.writeHead(204).end();
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const webhook = { headers, body, message: JSON.parse(body) };
    received.push(webhook);
    answer(webhook, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answerWith(next) {
      answer = next;
    },
    answerStatus(status, headers = {}) {
      answer = (_message, response) => {
        response.writeHead(status, headers).end();
      };
    },
    until: (type, count = 1) =>
      eventually(
        `${count} of ${type}`,
        async () => received.filter(({ message }) => message.type === type),
        (found) => found.length >= count,
      ),
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
