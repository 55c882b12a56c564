import { startFaultProxy } from "../sandbox/real-servers/fault-proxy.ts";
import { caldav } from "../src/providers/calendar/caldav.ts";
import { calendars } from "./caldav/calendars.ts";
import type { Chapter } from "./caldav/chapter.ts";
import { duplicates } from "./caldav/duplicates.ts";
import { failures } from "./caldav/failures.ts";
import { measureFeatures } from "./caldav/features.ts";
import { ourWrites } from "./caldav/our-writes.ts";
import { differencesFromPage, writeToPage } from "./caldav/page.ts";
import { rungs } from "./caldav/rungs.ts";
import { type ServerKind, serverKinds } from "./caldav/servers.ts";
import { type Site, Stage } from "./caldav/stage.ts";
import { differenceBetween, type Store } from "./caldav/store.ts";
import { theirObjects } from "./caldav/their-objects.ts";
import { openService, type Service } from "./converge/service.ts";
import { BrokenPromise, type Drill, mustHold, runDrill } from "./drill/drill.ts";
import { count, table } from "./drill/table.ts";
import { startTemporaryDatabase } from "./drill/temporary-database.ts";

/** What came of the story at one server. */
interface Told {
  readonly site: Site;
  /** What this service held in the end, by chapter. */
  readonly stores: Map<string, Store>;
  failures: number;
}

await runDrill(
  "caldav",
  {
    promise: "5 and 6 (a failed read is never an empty read; mirror = vendor, at every CalDAV server alike)",
    limitSeconds: { small: 240, full: 1200 },
    words: ["servers"],
    switches: ["write-table"],
  },
  async (drill) => {
    drill.step("starting Postgres and the servers");
    const { url } = await startTemporaryDatabase(drill);
    const { sites, missing } = await startSites(drill);
    const service = await openService({ databaseUrl: url, providers: [caldav], settings: {}, connections: 8 });
    drill.atEnd(() => service.close());

    drill.step("what each server can do");
    const measured = await Promise.all(
      sites.map(async ({ server }) => ({ ...server, features: await measureFeatures(server) })),
    );
    if (drill.switches.has("write-table")) await writeToPage(measured);
    const [difference] = await differencesFromPage(measured);
    mustHold(difference === undefined, `the table in docs/providers/caldav.md is not true: ${difference}`);

    const ways = [...rungs(drill.isSmall), ...failures(drill.isSmall)];
    const chapters = [...ourWrites, ...theirObjects, duplicates, ...calendars, ...ways];
    const names = sites.map(({ server }) => `${server.name} ${server.version}`);
    drill.step(`${count(chapters.length, "chapter")} at ${names.join(", ")}`);
    const told = await Promise.all(sites.map((site) => tellAll(chapters, site, service)));
    for (const { name } of chapters) mustBeTheSame(name, told);
    return report(told, missing);
  },
);

async function startSites(drill: Drill): Promise<{ readonly sites: readonly Site[]; readonly missing: string[] }> {
  const sites: Site[] = [];
  const missing: string[] = [];
  for (const [name, kind] of chosenServers(drill.words["servers"])) {
    if (!kind.isInstalled) {
      missing.push(name);
      continue;
    }
    const server = await kind.start();
    drill.atEnd(() => server.stop());
    const proxy = await startFaultProxy(server.url);
    drill.atEnd(() => proxy.close());
    sites.push({ server, proxy });
  }
  if (sites.length === 0) throw new Error(`None is installed of ${missing.join(", ")}`);
  return { sites, missing };
}

/** @param words what `--servers` says, for example `radicale,cyrus` */
function chosenServers(words: string | undefined): readonly (readonly [string, ServerKind])[] {
  if (words === undefined) return [...serverKinds].filter(([, { onRequest }]) => !onRequest);
  return words.split(",").map((name) => {
    const kind = serverKinds.get(name);
    if (!kind) throw new Error(`There is no server ${name}; there are: ${[...serverKinds.keys()].join(", ")}`);
    return [name, kind] as const;
  });
}

/** One chapter after the other: the proxy in front of a server is like one of them at a time. */
async function tellAll(chapters: readonly Chapter[], site: Site, service: Service): Promise<Told> {
  const told: Told = { site, stores: new Map(), failures: 0 };
  for (const [index, chapter] of chapters.entries()) {
    if (chapter.appliesTo?.(site.server) === false) continue;
    const stage = await Stage.open(`story-${index}`, site, service);
    try {
      const { throughout = () => undefined } = chapter;
      told.stores.set(
        chapter.name,
        await stage.during(throughout, () => chapter.tell(stage).then(() => stage.store())),
      );
      told.failures += stage.failures;
    } catch (error) {
      const where = `“${chapter.name}” at ${site.server.name}`;
      if (error instanceof BrokenPromise) throw new BrokenPromise(`${where}: ${error.message}`);
      throw new Error(`${where}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
    }
  }
  return told;
}

/** Whatever the server, this service holds the same in the end. */
function mustBeTheSame(chapter: string, told: readonly Told[]): void {
  const [first, ...others] = told.filter(({ stores }) => stores.has(chapter));
  for (const other of others) {
    const difference = differenceBetween(first?.stores.get(chapter) ?? [], other.stores.get(chapter) ?? []);
    const [here, there] = [first, other].map((one) => one?.site.server.name);
    mustHold(difference === null, `“${chapter}” ends at ${here} and at ${there} in different ways: ${difference}`);
  }
}

/** Prints what happened. @returns the figure */
function report(told: readonly Told[], missing: readonly string[]): string {
  const rows = told.map(({ site: { server }, stores, failures }) => {
    const held = [...stores.values()].reduce((sum, store) => sum + store.length, 0);
    return [server.name, server.version, stores.size, held, failures];
  });
  console.log(`\n${table(["server", "version", "chapters", "events held", "failures injected"], rows)}`);
  const failures = told.reduce((sum, one) => sum + one.failures, 0);
  const left = missing.length > 0 ? `; not installed, and left out: ${missing.join(", ")}` : "";
  return `the same is held of ${count(told.length, "server")}; ${count(failures, "failure")} injected, 0 taken for an answer, 0 events lost${left}`;
}
