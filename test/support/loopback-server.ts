import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Certificate } from "./certificate.ts";

export interface LoopbackServer {
  readonly origin: string;
  readonly port: number;
  /** What arrived, in order. */
  readonly requests: readonly ReceivedRequest[];
}

export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Answer = (request: ReceivedRequest, response: ServerResponse) => void;

/** An HTTP server on 127.0.0.1 that goes away with the test; over TLS when it has a certificate. */
export async function serveOnLoopback(answer: Answer, certificate?: Certificate): Promise<LoopbackServer> {
  const requests: ReceivedRequest[] = [];
  const listener: RequestListener = async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const { method = "", url = "", headers } = message;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
    requests.push(request);
    answer(request, response);
  };

  const server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(
    () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  );

  const { port } = server.address() as AddressInfo;
  return { origin: `${certificate ? "https" : "http"}://127.0.0.1:${port}`, port, requests };
}
