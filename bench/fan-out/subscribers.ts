import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { mustHold } from "../../verify/drill/drill.ts";
import { subscription } from "../../verify/stream/reader.ts";
import type { Server } from "./servers.ts";

const beginsWithinMs = 500;

/** Many who follow the same, from now on. They read as little of it as they can, since they share the machine. */
export class Subscribers {
  private counts: number[] = [];
  private told = () => {};

  private constructor(private readonly sockets: readonly WebSocket[]) {}

  static async open({ wsUrl, token }: Pick<Server, "wsUrl" | "token">, count: number): Promise<Subscribers> {
    const sockets: WebSocket[] = [];
    for (let number = 0; number < count; number += 1) {
      const socket = new WebSocket(wsUrl, "graphql-transport-ws");
      await once(socket, "open");
      const say = (message: object) => socket.send(JSON.stringify(message));
      say({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
      await once(socket, "message");
      say({ type: "subscribe", id: "1", payload: { query: subscription } });
      sockets.push(socket);
    }
    const subscribers = new Subscribers(sockets);
    await subscribers.begin();
    return subscribers;
  }

  /** Until each has got so many, and no more. */
  async received(events: number): Promise<void> {
    while (this.counts.some((count) => count < events)) {
      await new Promise<void>((resolve) => {
        this.told = resolve;
      });
    }
    const most = Math.max(...this.counts);
    mustHold(most === events, `a subscriber got ${most} of ${events} events`);
  }

  close(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  private async begin(): Promise<void> {
    this.counts = this.sockets.map(() => 0);
    for (const [number, socket] of this.sockets.entries()) {
      socket.on("message", (bytes: Buffer) => {
        if (!bytes.includes(`"type":"next"`)) return;
        this.counts[number] = (this.counts[number] ?? 0) + 1;
        this.told();
      });
    }
    // The protocol has no word for a subscription that has begun.
    await sleep(beginsWithinMs);
  }
}
