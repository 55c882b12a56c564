import type { FastifyInstance } from "fastify";
import type { Metrics } from "./metrics.ts";

/** What has to be true before this process may be given work; each by name. */
export type Readiness = () => Promise<Readonly<Record<string, boolean>>>;

/** `/healthz`: the process lives. `/readyz`: it can work, and if not, why. `/metrics`: what it has done. */
export function serveHealth(server: FastifyInstance, readiness: Readiness, metrics: Metrics): void {
  server.get("/healthz", async () => ({ status: "ok" }));

  server.get("/readyz", async (_request, reply) => {
    const checks = await readiness();
    const isReady = Object.values(checks).every(Boolean);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : "not ready", checks });
  });

  server.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}
