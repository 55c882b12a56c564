import { randomUUID } from "node:crypto";
import { EventEmitter, on } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { obey } from "../../verify/drill/obey.ts";
import { processorTime } from "../../verify/drill/processor-time.ts";

/** `graphql-ws` executes each event for each subscriber; `ws` writes the same bytes to all of them. */
export type PeerKind = "graphql-ws" | "ws";

export interface PeerCommands {
  wsUrl(input: null): Promise<string>;
  publish(count: number): Promise<void>;
  /** In microseconds. */
  processorTime(input: null): Promise<number>;
}

/** As in this service's own schema. */
const schema = buildSchema(`
  scalar JSON
  type Query { nothing: Int }
  type Actor { kind: String! id: String }
  type IntegrationEvent {
    id: ID! cursor: String! type: String! occurredAt: String! subjectId: ID! data: JSON! dataVersion: Int!
    correlationId: ID! causationId: ID actor: Actor!
  }
  type Subscription { integrationEvents(after: String): IntegrationEvent! }
`);

/** So many at a time, as they come out of one transaction. */
const inOne = 10;

obey<PeerKind, PeerCommands>(async (kind) => {
  const server = createServer().listen(0, "127.0.0.1");
  const sockets = new WebSocketServer({ server, path: "/graphql" });
  const emitter = new EventEmitter().setMaxListeners(0);
  if (kind === "graphql-ws") {
    useServer({ schema, roots: { subscription: { integrationEvents: () => published(emitter) } } }, sockets);
  } else {
    sockets.on("connection", (socket) => {
      socket.on("message", (bytes) => {
        const { type } = JSON.parse(String(bytes)) as { type: string };
        if (type === "connection_init") socket.send(`{"type":"connection_ack"}`);
        if (type === "subscribe") emitter.on("bytes", (text: string) => socket.send(text));
      });
    });
  }
  return {
    wsUrl: async () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    processorTime: async () => processorTime(),
    async publish(count) {
      for (let number = 0; number < count; number += 1) {
        const integrationEvents = anEvent(number);
        if (kind === "graphql-ws") emitter.emit("event", integrationEvents);
        else emitter.emit("bytes", JSON.stringify({ id: "1", type: "next", payload: { data: { integrationEvents } } }));
        if (number % inOne === inOne - 1) await sleep(5);
      }
    },
  };
});

async function* published(emitter: EventEmitter): AsyncGenerator<{ readonly integrationEvents: unknown }> {
  for await (const [event] of on(emitter, "event")) yield { integrationEvents: event };
}

function anEvent(number: number): object {
  const id = randomUUID();
  return {
    ...{ id, cursor: Buffer.from(`event:${number}`).toString("base64url"), type: "integration.updated" },
    ...{ occurredAt: new Date().toISOString(), subjectId: id, dataVersion: 1, correlationId: id, causationId: null },
    data: { provider: "CALDAV", ownership: "TENANT", status: "ACTIVE", label: `event ${number}` },
    actor: { kind: "SYSTEM", id: null },
  };
}
