import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import * as z from "zod";
import { type ReadEvent, Reader, subscription } from "./reader.ts";

const Message = z.object({ type: z.string(), payload: z.unknown().optional() });
const Next = z.object({
  data: z.object({ integrationEvents: z.looseObject({ id: z.string(), cursor: z.string() }) }),
});

export interface SocketOptions {
  readonly token: string;
  /** Where to connect, asked each time anew. */
  url(): string;
  /** Reads so many, and then nothing for a while. */
  readonly pace?: { readonly events: number; readonly pauseMs: number };
}

/** Reads over a WebSocket (graphql-transport-ws), as slowly as it wants to. */
export class SocketReader extends Reader {
  private socket: WebSocket | null = null;
  private isOver = false;

  constructor(
    name: string,
    private readonly options: SocketOptions,
  ) {
    super(name);
    void this.run();
  }

  override cut(): void {
    this.cuts += 1;
    this.socket?.terminate();
  }

  override async stop(): Promise<void> {
    this.isOver = true;
    this.socket?.terminate();
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      await this.follow();
      await sleep(50);
    }
  }

  /** Until the socket is closed, by whom ever. */
  private follow(): Promise<void> {
    const socket = new WebSocket(this.options.url(), "graphql-transport-ws");
    this.socket = socket;
    const say = (message: object) => socket.send(JSON.stringify(message));
    socket.on("open", () => {
      say({ type: "connection_init", payload: { authorization: `Bearer ${this.options.token}` } });
    });
    socket.on("message", (bytes) => {
      // What comes after a cut is not read any more, as in a process that was killed.
      if (socket.readyState !== WebSocket.OPEN) return;
      const { type, payload } = Message.parse(JSON.parse(String(bytes)));
      if (type === "connection_ack") {
        say({ type: "subscribe", id: "1", payload: { query: subscription, variables: { after: this.last } } });
      }
      if (type === "next") this.takeAtPace(socket, Next.parse(payload).data.integrationEvents as ReadEvent);
      if (type === "error") socket.terminate();
    });
    return new Promise((resolve) => {
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
  }

  private takeAtPace(socket: WebSocket, event: ReadEvent): void {
    this.take(event);
    const { pace } = this.options;
    if (!pace || this.events.length % pace.events !== 0) return;
    socket.pause();
    setTimeout(() => socket.resume(), pace.pauseMs);
  }
}
