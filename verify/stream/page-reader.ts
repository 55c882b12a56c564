import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { eventFields, type ReadEvent, Reader } from "./reader.ts";

const Page = z.object({
  data: z.object({
    integrationEvents: z.object({ nodes: z.array(z.looseObject({ id: z.string(), cursor: z.string() })) }),
  }),
});
const query = `query ($after: String) { integrationEvents(first: 100, after: $after) { nodes { ${eventFields} } } }`;

/** Reads the log page by page, and asks again when there is no more. */
export class PageReader extends Reader {
  private isOver = false;
  private isCut = false;

  constructor(
    name: string,
    private readonly options: { readonly token: string; url(): string },
  ) {
    super(name);
    void this.run();
  }

  /** The page that is on its way gets lost. */
  override cut(): void {
    this.cuts += 1;
    this.isCut = true;
  }

  override async stop(): Promise<void> {
    this.isOver = true;
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      const nodes = await this.page().catch(() => []);
      if (this.isCut) this.isCut = false;
      else for (const event of nodes) this.take(event);
      if (nodes.length === 0) await sleep(50);
    }
  }

  private async page(): Promise<readonly ReadEvent[]> {
    const reply = await fetch(this.options.url(), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.options.token}` },
      body: JSON.stringify({ query, variables: { after: this.events.length === 0 ? null : this.last } }),
    });
    return Page.parse(await reply.json()).data.integrationEvents.nodes as ReadEvent[];
  }
}
