import { setTimeout as sleep } from "node:timers/promises";
import { type Drill, mustHold, runDrill } from "./drill/drill.ts";
import { count, show, table } from "./drill/table.ts";
import { GatewayReader, startGateway } from "./stream/gateway.ts";
import { compare, Reader } from "./stream/reader.ts";
import { Site, type Tenancy } from "./stream/site.ts";
import { SocketReader } from "./stream/socket-reader.ts";

const howManyTenants = 3;
const kills = 20;
/** Every so many kills are of a whole process of the service. */
const processKillEvery = { small: 10, full: 5 };

/** Who reads which tenant. */
interface Reading {
  readonly tenancy: Tenancy;
  readonly reader: Reader;
}

await runDrill(
  "stream",
  {
    promise: "2 and 3 (the log is gap-free for who follows it; a stream resumes, and a slow reader loses nothing)",
    limitSeconds: { small: 90, full: 1800 },
  },
  async (drill) => {
    const wanted = drill.isSmall ? 3_000 : 50_000;
    drill.step("a Postgres, and two processes of the service");
    const site = await Site.open(drill, 2);
    const tenancies: Tenancy[] = [];
    for (let number = 0; number < howManyTenants; number += 1) tenancies.push(await site.tenancy(`tenant-${number}`));
    const readings = await startReaders(drill, site, tenancies);

    drill.step(`${show(wanted)} events are written, ${count(kills, "time")} somebody is killed`);
    const every = drill.isSmall ? processKillEvery.small : processKillEvery.full;
    const peak = await write(site, tenancies, readings, { wanted, every });
    drill.step("everybody reads to the end");
    return report(site, readings, peak);
  },
);

async function startReaders(drill: Drill, site: Site, tenancies: readonly Tenancy[]): Promise<Reading[]> {
  const readings: Reading[] = [];
  const pace = { events: 50, pauseMs: drill.isSmall ? 40 : 20 };
  const urls = () => site.services;
  for (const [number, tenancy] of tenancies.entries()) {
    const { token } = tenancy;
    const at = (index: number) => ({ token, url: () => urls()[index % urls().length]?.wsUrl ?? "" });
    readings.push({ tenancy, reader: new SocketReader("killed", at(number)) });
    readings.push({ tenancy, reader: new SocketReader("at another process", at(number + 1)) });
    if (number === 0) readings.push({ tenancy, reader: new SocketReader("slow", { ...at(0), pace }) });
  }
  const [tenancy] = tenancies;
  const [service] = site.services;
  if (!tenancy || !service) throw new Error("There is nobody to read");
  // It stays with one process, which is not killed: gateways resume nothing by themselves.
  const gateway = await startGateway(service.url);
  drill.atEnd(() => gateway.stop());
  readings.push({
    tenancy,
    reader: new GatewayReader("behind a gateway", { token: tenancy.token, url: () => gateway.url }),
  });
  drill.atEnd(() => Promise.all(readings.map(({ reader }) => reader.stop())));
  return readings;
}

/** @returns the most memory that a process held meanwhile, in bytes */
async function write(
  site: Site,
  tenancies: readonly Tenancy[],
  readings: readonly Reading[],
  { wanted, every }: { readonly wanted: number; readonly every: number },
): Promise<number> {
  let peak = 0;
  const share = Math.ceil(wanted / kills);
  for (let round = 0; round < kills; round += 1) {
    const ofEach = Math.ceil(share / tenancies.length / site.services.length);
    const writing = site.services.flatMap(({ worker }) =>
      tenancies.map(({ tenantId, integrationId }) =>
        // A process that is killed has not written all of it, and that is as well.
        worker.ask("write", { tenantId, integrationId, count: ofEach, inOne: 1 + (round % 7) }).catch(() => {}),
      ),
    );
    // In the middle of it.
    await sleep(20);
    if (round % every === 3) await site.killAndReplace(1);
    else readings[round % readings.length]?.reader.cut();
    await Promise.all(writing);
    const held = await Promise.all(site.services.map(({ worker }) => worker.ask("memory", null)));
    peak = Math.max(peak, ...held);
  }
  await writeTheRest(site, tenancies, wanted);
  return peak;
}

/** What killed processes have not written any more. */
async function writeTheRest(site: Site, tenancies: readonly Tenancy[], wanted: number): Promise<void> {
  const [tenancy] = tenancies;
  const logs = await Promise.all(tenancies.map((one) => site.log(one)));
  const count = wanted - logs.reduce((sum, { length }) => sum + length, 0);
  if (!tenancy || count <= 0) return;
  const { tenantId, integrationId } = tenancy;
  await site.services[0]?.worker.ask("write", { tenantId, integrationId, count, inOne: 5 });
}

async function report(site: Site, readings: readonly Reading[], peak: number): Promise<string> {
  const logs = new Map<Tenancy, readonly string[]>();
  for (const { tenancy } of readings) logs.set(tenancy, await site.log(tenancy));
  const total = [...logs.values()].reduce((sum, log) => sum + log.length, 0);
  const isDone = ({ tenancy, reader }: Reading) => reader.events.at(-1)?.id === logs.get(tenancy)?.at(-1);
  while (!readings.every(isDone)) await sleep(100);

  const compared = readings.map(({ tenancy, reader }) => {
    const log = logs.get(tenancy) ?? [];
    return { reader, tenancy, log, ...compare(reader, log) };
  });
  const rows = compared.map(({ reader, tenancy, log, missing, twice, outOfOrder }) => [
    ...[reader.name, tenancy.tenantId, log.length, reader.events.length],
    ...[reader.cuts, missing, twice, outOfOrder],
  ]);
  const headings = ["reader", "tenant", "in the log", "received", "cut off", "missing", "twice", "out of order"];
  console.log(`\n${table(headings, rows)}`);
  console.log(`\nmemory of a process: at most ${show(Math.round(peak / 1024 / 1024))} MB`);
  const sum = (of: (one: (typeof compared)[number]) => number) => compared.reduce((all, one) => all + of(one), 0);
  const missing = sum((one) => one.missing);
  const twice = sum((one) => one.twice);
  const outOfOrder = sum((one) => one.outOfOrder);
  mustHold(missing + twice + outOfOrder === 0, `${missing} missing, ${twice} twice, ${outOfOrder} out of order`);
  const received = sum(({ reader }) => reader.events.length);
  return `${show(total)} events, ${show(received)} received by ${readings.length} readers, ${kills} kills, missing 0, duplicates 0, in order`;
}
