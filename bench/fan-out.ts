import { show, table } from "../verify/drill/table.ts";
import { openPeer, openService, type Server } from "./fan-out/servers.ts";
import { Subscribers } from "./fan-out/subscribers.ts";
import { runBench } from "./measuring/bench.ts";

const events = 200;
const counts = [10, 100, 500];

/**
 * What it costs a process to tell many subscribers of one tenant of an event. Beside it, in the same run: a server that executes
 * each event for each subscriber, as graphql-ws does by itself, from memory and for everybody; and the least that can be done,
 * which is to write the same bytes to every socket.
 */
await runBench("fan-out", async (bench) => {
  const opening = [
    { name: "this service", open: () => openService(bench) },
    { name: "graphql-ws, from memory", open: () => openPeer(bench, "graphql-ws") },
    { name: "the same bytes by ws", open: () => openPeer(bench, "ws") },
  ];
  const costs = new Map<string, number[]>();
  for (const { name, open } of opening) {
    bench.step(name);
    const server = await open();
    // What has run once is compiled.
    await costOf(server, 10);
    const measured: number[] = [];
    for (const count of counts) measured.push(await costOf(server, count));
    costs.set(name, measured);
    await server.stop();
  }
  const [ours = []] = costs.values();
  const rows = [...costs].flatMap(([name, measured]) =>
    counts.map((count, index) => {
      const cost = measured[index] ?? 0;
      return [name, count, Math.round(cost * 10) / 10, `${((ours[index] ?? 0) / cost).toFixed(2)} x`];
    }),
  );
  console.log(`\n${show(events)} events; of processor time, for one event at one subscriber:\n`);
  console.log(table(["server", "subscribers", "µs", "this service takes"], rows));
});

/** In microseconds, for one event at one subscriber. */
async function costOf(server: Server, count: number): Promise<number> {
  const subscribers = await Subscribers.open(server, count);
  const before = await server.cpu();
  await server.publish(events);
  await subscribers.received(events);
  const spent = (await server.cpu()) - before;
  subscribers.close();
  return spent / events / count;
}
