import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { addressName } from "../services/provider-catalogue.ts";

/** `/docs/providers/{provider}.md`: the guide's page of each provider, as `Provider.docsUrl` names it. */
export function serveProviderPages(server: FastifyInstance, providerIds: readonly string[]): void {
  for (const id of providerIds) {
    const path = `docs/providers/${addressName(id)}.md`;
    server.get(`/${path}`, async (_request, reply) => {
      // The same from src and from dist/src, where the pages lie one level further up.
      const page = await readPage(path);
      return reply.type("text/markdown; charset=utf-8").send(page);
    });
  }
}

async function readPage(path: string): Promise<string> {
  const inSources = new URL(`../../${path}`, import.meta.url);
  return readFile(inSources, "utf8").catch(() => readFile(new URL(`../../../${path}`, import.meta.url), "utf8"));
}
