import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import * as z from "zod";
import { Reader } from "./reader.ts";

const Message = z.looseObject({ id: z.string(), cursor: z.string(), timestamp: z.string() });

/** A customer's server that events are sent to. It fails now and then, and knows by its id what comes again. */
export class WebhookReader extends Reader {
  private readonly server = createServer((request, response) => void this.receive(request, response));
  private readonly seen = new Set<string>();
  private verifier: Webhook | null = null;
  private failNext = false;
  /** Nobody dies twice before the first time has been got over: each time costs five seconds, then thirty, and so on. */
  private isWell = false;
  /** How often something came that it had already, because it had said otherwise. */
  again = 0;

  static async listen(name: string): Promise<{ readonly reader: WebhookReader; readonly url: string }> {
    const reader = new WebhookReader(name);
    await new Promise<void>((listening) => reader.server.listen(0, "127.0.0.1", listening));
    return { reader, url: `http://127.0.0.1:${(reader.server.address() as AddressInfo).port}/hooks` };
  }

  /** What it was told when its endpoint was made. */
  set secret(secret: string) {
    this.verifier = new Webhook(secret);
  }

  /** It takes the next event, and dies before it has said so. */
  override cut(): void {
    if (!this.isWell) return;
    this.cuts += 1;
    this.failNext = true;
    this.isWell = false;
  }

  override async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    try {
      this.verifier?.verify(body, headers);
    } catch {
      response.writeHead(401).end();
      return;
    }
    const { timestamp: occurredAt, ...message } = Message.parse(JSON.parse(body));
    if (this.seen.has(message.id)) this.again += 1;
    else this.take({ ...message, occurredAt });
    this.seen.add(message.id);
    const isCut = this.failNext;
    this.failNext = false;
    if (isCut) {
      request.socket.destroy();
      return;
    }
    this.isWell = true;
    response.writeHead(204).end();
  }
}
