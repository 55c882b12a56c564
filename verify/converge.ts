import { cyrusIsInstalled, startCyrus } from "../sandbox/real-servers/cyrus.ts";
import { startRadicale } from "../sandbox/real-servers/radicale.ts";
import { isInstalled } from "../sandbox/real-servers/server-process.ts";
import { startXandikos } from "../sandbox/real-servers/xandikos.ts";
import { startSandbox } from "../sandbox/sandbox.ts";
import { fastmailVendor, icloudVendor, nextcloudVendor, realServer } from "./converge/caldav.ts";
import { mustHaveConverged } from "./converge/promises.ts";
import { Random } from "./converge/random.ts";
import { openService, type Service } from "./converge/service.ts";
import { comeToRest, Story } from "./converge/story.ts";
import { googleVendor, outlookVendor, zohoVendor } from "./converge/twins.ts";
import type { Vendor } from "./converge/vendor.ts";
import { World } from "./converge/world.ts";
import { BrokenPromise, type Drill, runDrill } from "./drill/drill.ts";
import { count, table } from "./drill/table.ts";
import { startTemporaryDatabase } from "./drill/temporary-database.ts";

const steps = 16;
/** So many worlds at the same time. */
const lanes = 8;

interface Tally {
  readonly vendor: string;
  seeds: number;
  edits: number;
  conflicts: number;
  kills: number;
}

await runDrill(
  "converge",
  {
    promise: "6 (after any mix of edits on both sides, crashes and duplicates, mirror = vendor; no echo, no loss)",
    limitSeconds: { small: 240, full: 3600 },
    words: ["seeds", "seed", "vendor"],
  },
  async (drill) => {
    drill.step("starting Postgres and the vendors");
    const { url } = await startTemporaryDatabase(drill);
    const { vendors, settings, missing } = await startVendors(drill, drill.words["vendor"]);
    const providers = [...new Set(vendors.map(({ provider }) => provider))];
    const service = await openService({ databaseUrl: url, providers, settings, connections: lanes * 2 });
    drill.atEnd(() => service.close());

    const only = drill.words["seed"];
    const seeds =
      only === undefined ? numbersTo(Number(drill.words["seeds"] ?? (drill.isSmall ? 300 : 2000))) : [Number(only)];
    drill.step(`${count(seeds.length, "seed")} over ${vendors.map(({ name }) => name).join(", ")}`);
    const records = new Map(
      vendors.map(({ name }) => [name, { vendor: name, seeds: 0, edits: 0, conflicts: 0, kills: 0 }]),
    );
    const waiting = [...seeds];
    const lane = async () => {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        const vendor = vendors[seed % vendors.length];
        if (vendor) await live(seed, vendor, service, records.get(vendor.name));
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));

    const all = [...records.values()];
    console.log(
      `\n${table(
        ["vendor", "seeds", "edits", "conflicts told", "kills"],
        all.map(({ vendor, ...numbers }) => [vendor, numbers.seeds, numbers.edits, numbers.conflicts, numbers.kills]),
      )}`,
    );
    const kills = all.reduce((sum, record) => sum + record.kills, 0);
    const left = missing.length > 0 ? `; not installed, and left out: ${missing.join(", ")}` : "";
    return `${count(seeds.length, "seed")} converged over ${count(vendors.length, "vendor")} and ${count(kills, "kill")}: 0 differences, 0 echoes, 0 lost, 0 twice${left}`;
  },
);

/** One seed from its beginning to its end. */
async function live(seed: number, vendor: Vendor, service: Service, record: Tally | undefined): Promise<void> {
  const random = new Random(seed);
  const world = await World.open(`seed-${seed}`, vendor, service, random);
  const story = new Story(world, service, random);
  try {
    await story.unfold(steps);
    await comeToRest(world);
    await mustHaveConverged(world, story);
  } catch (error) {
    const again = `npm run verify -- converge --seed ${seed} --vendor ${vendor.name}`;
    const told = `seed ${seed} at ${vendor.name} (${again}) after: ${story.told.join(", ")}`;
    if (error instanceof BrokenPromise) throw new BrokenPromise(`${error.message}; ${told}`);
    throw new Error(`${error instanceof Error ? error.stack : String(error)}; ${told}`, { cause: error });
  }
  if (!record) return;
  record.seeds += 1;
  record.edits += story.told.length;
  record.conflicts += story.conflicts;
  record.kills += story.kills;
}

interface Vendors {
  readonly vendors: readonly Vendor[];
  readonly settings: Readonly<{ [name: string]: string }>;
  /** Real servers that this machine does not have. */
  readonly missing: readonly string[];
}

async function startVendors(drill: Drill, only: string | undefined): Promise<Vendors> {
  const sandbox = await startSandbox({ port: 0 });
  drill.atEnd(() => sandbox.stop());
  const missing: string[] = [];
  const real: Vendor[] = [];
  const password = "the-same-for-everybody";
  if (!isInstalled("radicale")) missing.push("radicale");
  else if (only === undefined || only === "radicale") {
    const server = await startRadicale();
    drill.atEnd(() => server.stop());
    await server.changePasswords(Object.fromEntries(numbersTo(5000).map((seed) => [`seed-${seed}`, password])));
    real.push(realServer("radicale", server.url, { home: (user) => `/${user}/`, password }));
  }
  if (!isInstalled("xandikos")) missing.push("xandikos");
  else if (only === undefined || only === "xandikos") {
    const server = await startXandikos();
    drill.atEnd(() => server.stop());
    real.push(realServer("xandikos", server.url, { home: () => "/user/calendars/", homeIsShared: true, password }));
  }
  if (!cyrusIsInstalled) missing.push("cyrus");
  else if (only === undefined || only === "cyrus") {
    const server = await startCyrus();
    drill.atEnd(() => server.stop());
    const home = (user: string) => `/dav/calendars/user/${user}/`;
    const prepare = (user: string) => server.createAccount(user, password);
    real.push(realServer("cyrus", server.url, { home, password, prepare }));
  }
  const standIns = [googleVendor, outlookVendor, zohoVendor, icloudVendor, fastmailVendor, nextcloudVendor].map(
    (open) => open(sandbox),
  );
  const all = [...standIns, ...real];
  const vendors = only === undefined ? all : all.filter(({ name }) => name === only);
  if (vendors.length === 0)
    throw new Error(`There is no vendor ${only}; there are: ${all.map(({ name }) => name).join(", ")}`);
  return { vendors, settings: sandbox.settings, missing };
}

function numbersTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
