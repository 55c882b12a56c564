import { type Drill, runDrill } from "../verify/drill/drill.ts";
import { show, table } from "../verify/drill/table.ts";
import { openPeer, openService, type Server } from "./fan-out/servers.ts";
import { Subscribers } from "./fan-out/subscribers.ts";

interface Plan {
  readonly events: number;
  /** How many subscribers, one figure for each. */
  readonly counts: readonly number[];
}

const full: Plan = { events: 200, counts: [10, 100, 500] };
const small: Plan = { events: 50, counts: [10, 50] };

/**
 * What it costs a process to tell many subscribers of one tenant of an event. Beside it, in the same run: a server that executes
 * each event for each subscriber, as graphql-ws does by itself, from memory and for everybody; and the least that can be done,
 * which is to write the same bytes to every socket.
 */
await runDrill(
  "fan-out",
  {
    promise: "3 (a stream resumes, and loses nothing): each subscriber gets each event once",
    limitSeconds: { small: 60, full: 300 },
  },
  async (drill) => {
    const plan = drill.isSmall ? small : full;
    const ours = await costsOf(drill, plan, "this service", () => openService(drill));
    const executed = await costsOf(drill, plan, "graphql-ws, from memory", () => openPeer(drill, "graphql-ws"));
    const written = await costsOf(drill, plan, "the same bytes by ws", () => openPeer(drill, "ws"));
    console.log(`\n${show(plan.events)} events; processor time in µs, for one event at one subscriber:\n`);
    console.log(
      table(
        ["subscribers", "this service", "graphql-ws, from memory", "the same bytes by ws"],
        plan.counts.map((count, n) => [count, ...[ours, executed, written].map((costs) => rounded(costs[n] ?? 0))]),
      ),
    );
    const ratio = (others: readonly number[]) => ((ours.at(-1) ?? 0) / (others.at(-1) ?? 0)).toFixed(2);
    return `at ${show(plan.counts.at(-1) ?? 0)} subscribers ${ratio(executed)} x of graphql-ws, ${ratio(written)} x of the same bytes`;
  },
);

async function costsOf(
  drill: Drill,
  { events, counts }: Plan,
  name: string,
  open: () => Promise<Server>,
): Promise<readonly number[]> {
  drill.step(name);
  const server = await open();
  // What has run once is compiled.
  await costOf(server, events, 10);
  const costs: number[] = [];
  for (const count of counts) costs.push(await costOf(server, events, count));
  await server.stop();
  return costs;
}

/** In microseconds, for one event at one subscriber. */
async function costOf(server: Server, events: number, count: number): Promise<number> {
  const subscribers = await Subscribers.open(server, count);
  const before = await server.processorTime();
  await server.publish(events);
  await subscribers.received(events);
  const spent = (await server.processorTime()) - before;
  subscribers.close();
  return spent / events / count;
}

function rounded(microseconds: number): number {
  return Math.round(microseconds * 10) / 10;
}
