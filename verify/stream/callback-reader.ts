import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { type ReadEvent, Reader, subscription } from "./reader.ts";

const Brought = z.object({
  action: z.enum(["check", "next", "complete"]),
  id: z.string(),
  payload: z
    .object({ data: z.object({ integrationEvents: z.looseObject({ id: z.string(), cursor: z.string() }) }) })
    .optional(),
});

/** Has its results brought by the HTTP callback protocol, as a router does. Where it listens must be known to the service. */
export class CallbackReader extends Reader {
  private readonly server = createServer((request, response) => void this.receive(request, response));
  /** Of the subscription that is believed; what others bring is not read. */
  private subscriptionId = randomUUID();
  private isOver = false;

  static async listen(name: string): Promise<{ readonly reader: CallbackReader; readonly origin: string }> {
    const reader = new CallbackReader(name);
    await new Promise<void>((listening) => reader.server.listen(0, "127.0.0.1", listening));
    return { reader, origin: reader.origin };
  }

  private get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Subscribes, and again after each cut. */
  follow(options: { readonly token: string; url(): string }): void {
    void this.run(options);
  }

  override cut(): void {
    this.cuts += 1;
    this.subscriptionId = randomUUID();
  }

  override async stop(): Promise<void> {
    this.isOver = true;
    this.server.closeAllConnections();
    this.server.close();
  }

  private async run({ token, url }: { readonly token: string; url(): string }): Promise<void> {
    let known = "";
    while (!this.isOver) {
      if (known !== this.subscriptionId) {
        known = this.subscriptionId;
        const extension = { callbackUrl: `${this.origin}/callback`, subscriptionId: known, verifier: "drill" };
        await fetch(url(), {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
          body: JSON.stringify({
            query: subscription,
            variables: { after: this.last },
            extensions: { subscription: { ...extension, heartbeatIntervalMs: 0 } },
          }),
        });
      }
      await sleep(20);
    }
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { action, id, payload } = Brought.parse(JSON.parse(await text(request)));
    const isBelieved = id === this.subscriptionId;
    if (isBelieved && action === "next" && payload) this.take(payload.data.integrationEvents as ReadEvent);
    response.writeHead(isBelieved ? 204 : 404).end();
  }
}
