import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import * as z from "zod";

/** A feed as it was written, in whole. */
export interface Snapshot {
  /** Of the content: the same bytes have the same, on every machine. */
  readonly etag: string;
  /** To the second, and later than that of the one before: perhaps a little later than it was written. */
  readonly lastModified: Date;
  readonly jobs: number;
}

/** The text of a feed, part by part. */
export interface FeedParts {
  head(jobs: number): string;
  /** Of each posting its job elements. */
  readonly jobs: AsyncIterable<readonly string[]>;
  readonly tail: string;
  readonly changedAt: Date;
}

export type Encoding = "identity" | "gzip";

const Current = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "is no JSON" });
      return z.NEVER;
    }
  })
  .pipe(z.object({ etag: z.string().regex(/^[\w-]+$/), lastModified: z.coerce.date(), jobs: z.int() }));

const nameOf = { identity: (etag: string) => `${etag}.xml`, gzip: (etag: string) => `${etag}.xml.gz` } as const;
const currentName = "current.json";
const attemptPrefix = "attempt-";
/** What a process that died has left. */
const abandonedMs = 60 * 60 * 1000;

/**
 * Feeds as files, one folder for each. A file is written beside the others, and takes its place in one step once it is whole:
 * whoever reads gets the one or the other, and never a part.
 */
export class FeedSnapshots {
  private prepared: Promise<void> | null = null;

  constructor(private readonly root: string) {}

  /**
   * Writes a feed, in bounded memory, and has it take the place of the one before.
   *
   * @param place below the root, of letters, digits and `/`
   * @throws whatever reading the jobs throws: then the one before stays
   */
  async write(place: string, parts: FeedParts): Promise<Snapshot> {
    await this.prepare();
    const folder = join(this.root, place);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const attempt = join(folder, `${attemptPrefix}${randomUUID()}`);
    const [jobsFile, plain, gzipped, current] = [
      `${attempt}.jobs`,
      `${attempt}.xml`,
      `${attempt}.gz`,
      `${attempt}.json`,
    ];
    try {
      const jobs = await writeJobs(jobsFile, parts.jobs);
      const etag = await writeWhole(plain, [parts.head(jobs), createReadStream(jobsFile), parts.tail]);
      await pipeline(createReadStream(plain), createGzip(), createWriteStream(gzipped, { flush: true }));
      const lastModified = laterThan(await this.last(place), etag, parts.changedAt);
      const snapshot = { etag, lastModified, jobs };
      await writeFile(current, JSON.stringify(snapshot), { flush: true });
      await rename(plain, join(folder, nameOf.identity(etag)));
      await rename(gzipped, join(folder, nameOf.gzip(etag)));
      await rename(current, join(folder, currentName));
      await removeOthers(folder, etag);
      return snapshot;
    } finally {
      await Promise.all([jobsFile, plain, gzipped, current].map((file) => rm(file, { force: true })));
    }
  }

  /** The one that was written last, by whichever process; null when there is none. */
  async last(place: string): Promise<Snapshot | null> {
    await this.prepare();
    return currentIn(join(this.root, place));
  }

  /** The file of a snapshot, to be closed; null when it has been removed. */
  async open(place: string, { etag }: Snapshot, encoding: Encoding): Promise<FileHandle | null> {
    return unlessMissing(open(join(this.root, place, nameOf[encoding](etag))));
  }

  /** Removes everything below a place. */
  async forget(place: string): Promise<void> {
    await rm(join(this.root, place), { recursive: true, force: true });
  }

  /** A folder that others may write into could hold anything. */
  private prepare(): Promise<void> {
    this.prepared ??= ownFolder(this.root).catch((error: unknown) => {
      this.prepared = null;
      throw error;
    });
    return this.prepared;
  }
}

async function ownFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const isTrusted = ({ uid }: Stats) => uid === 0 || process.getuid === undefined || uid === process.getuid();
  const folder = await stat(path);
  if (isTrusted(await lstat(path)) && isTrusted(folder) && (folder.mode & 0o002) === 0) return;
  throw new Error(`Others than this process may write into ${path}`);
}

/** What is there and cannot be read counts as none: it is written anew. */
async function currentIn(folder: string): Promise<Snapshot | null> {
  const text = await unlessMissing(readFile(join(folder, currentName), "utf8"));
  return text === null ? null : (Current.safeParse(text).data ?? null);
}

/** @returns how many there were */
async function writeJobs(file: string, jobs: AsyncIterable<readonly string[]>): Promise<number> {
  let count = 0;
  const texts = async function* () {
    for await (const elements of jobs) {
      count += elements.length;
      yield elements.join("");
    }
  };
  await pipeline(Readable.from(texts()), createWriteStream(file));
  return count;
}

/** @returns a hash of what was written */
async function writeWhole(file: string, parts: readonly (string | Readable)[]): Promise<string> {
  const hash = createHash("sha256");
  const bytes = async function* () {
    for (const part of parts) {
      for await (const chunk of typeof part === "string" ? [Buffer.from(part)] : part) {
        hash.update(chunk);
        yield chunk;
      }
    }
  };
  await pipeline(Readable.from(bytes()), createWriteStream(file, { flush: true }));
  return hash.digest("base64url").slice(0, 32);
}

/** HTTP tells times to the second: two texts of the same second would look like one to whoever asks by the time alone. */
function laterThan(before: Snapshot | null, etag: string, changedAt: Date): Date {
  const second = Math.floor(changedAt.getTime() / 1000) * 1000;
  if (before === null) return new Date(second);
  return before.etag === etag ? before.lastModified : new Date(Math.max(second, before.lastModified.getTime() + 1000));
}

/** All but the files of this snapshot and of the current one, which another process may have made meanwhile. */
async function removeOthers(folder: string, etag: string): Promise<void> {
  const names = await readdir(folder);
  const current = await currentIn(folder);
  const files = [etag, current?.etag ?? etag].flatMap((one) => [nameOf.identity(one), nameOf.gzip(one)]);
  for (const name of names.filter((one) => one !== currentName && !files.includes(one))) {
    const path = join(folder, name);
    const isUnderWay = name.startsWith(attemptPrefix) && !(await isAbandoned(path));
    if (!isUnderWay) await rm(path, { force: true });
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const found = await unlessMissing(stat(path));
  return found !== null && Date.now() - found.mtimeMs > abandonedMs;
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
