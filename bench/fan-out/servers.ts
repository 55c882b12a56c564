import { CommandedProcess } from "../../verify/drill/child-process.ts";
import type { Drill } from "../../verify/drill/drill.ts";
import { Site } from "../../verify/stream/site.ts";
import type { PeerCommands, PeerKind } from "./worker.ts";

/** Who tells subscribers of events. */
export interface Server {
  readonly wsUrl: string;
  /** For `authorization`. */
  readonly token: string;
  publish(events: number): Promise<void>;
  /** Of its process, in microseconds. */
  processorTime(): Promise<number>;
  stop(): Promise<void>;
}

/** Two processes: one writes events, and what the other costs is measured. */
export async function openService(drill: Drill): Promise<Server> {
  const site = await Site.open(drill, 2);
  const { tenantId, integrationId, token } = await site.tenancy("bench");
  const [writer, server] = site.services;
  if (!writer || !server) throw new Error("There are not two processes");
  return {
    wsUrl: server.wsUrl,
    token,
    publish: (count) => writer.worker.ask("write", { tenantId, integrationId, count, inOne: 10 }),
    processorTime: () => server.worker.ask("processorTime", null),
    stop: async () => void (await Promise.all(site.services.map(({ worker }) => worker.kill()))),
  };
}

export async function openPeer(drill: Drill, kind: PeerKind): Promise<Server> {
  const worker = await CommandedProcess.start<PeerCommands>(new URL("./worker.js", import.meta.url), kind, kind);
  drill.atEnd(() => worker.kill());
  return {
    wsUrl: await worker.ask("wsUrl", null),
    token: "",
    publish: (count) => worker.ask("publish", count),
    processorTime: () => worker.ask("processorTime", null),
    stop: () => worker.kill(),
  };
}
