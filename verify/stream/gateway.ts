import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";
import * as z from "zod";
import { printSubgraphSdl } from "../../src/schema/build-subgraph.ts";
import { type ReadEvent, Reader, subscription } from "./reader.ts";

export interface Gateway {
  readonly url: string;
  stop(): Promise<void>;
}

/** A Hive Gateway before one process of the service: events come to it over a WebSocket, and go on as server-sent events. */
export async function startGateway(serviceUrl: string): Promise<Gateway> {
  const { supergraphSdl } = composeServices([
    { name: "integrations", url: serviceUrl, typeDefs: parse(await printSubgraphSdl()) },
  ]);
  if (!supergraphSdl) throw new Error("The subgraph does not compose");
  const gateway = createGatewayRuntime({
    supergraph: supergraphSdl,
    logging: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get("authorization") ?? "" }),
    },
    transportEntries: {
      "*.http": {
        options: {
          subscriptions: {
            kind: "ws",
            location: "/graphql",
            options: { connectionParams: { authorization: "{context.headers.authorization}" } },
          },
        },
      },
    },
  });
  const server = createServer(gateway);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

const Next = z.object({
  data: z.object({ integrationEvents: z.looseObject({ id: z.string(), cursor: z.string() }) }),
});

/** Reads through a gateway, as a page in a browser does: server-sent events. */
export class GatewayReader extends Reader {
  private connection = new AbortController();
  private isOver = false;

  constructor(
    name: string,
    private readonly options: { readonly token: string; url(): string },
  ) {
    super(name);
    void this.run();
  }

  override cut(): void {
    this.cuts += 1;
    this.connection.abort();
  }

  override async stop(): Promise<void> {
    this.isOver = true;
    this.connection.abort();
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      this.connection = new AbortController();
      await this.follow(this.connection.signal).catch(() => {});
      await sleep(50);
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { body } = await fetch(this.options.url(), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        authorization: `Bearer ${this.options.token}`,
      },
      body: JSON.stringify({ query: subscription, variables: { after: this.last } }),
      signal,
    });
    const decoder = new TextDecoder();
    let buffer = "";
    for await (const bytes of body ?? []) {
      const blocks = `${buffer}${decoder.decode(bytes, { stream: true })}`.split("\n\n");
      buffer = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: ?(.*)$/m.exec(block)?.[1];
        if (!/^event: ?next$/m.test(block) || !data || signal.aborted) continue;
        this.take(Next.parse(JSON.parse(data)).data.integrationEvents as ReadEvent);
      }
    }
  }
}
