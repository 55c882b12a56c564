import type { FileHandle } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { Integration } from "../entities/integration.ts";
import type { FeedDialect } from "../providers/job-board/feed-dialect.ts";
import { feedDialects, jobBoard } from "../providers/registry.ts";
import type { FeedContents, FeedOwner, FeedVersion } from "./feed-contents.ts";
import type { FeedFetches } from "./feed-fetches.ts";
import type { Encoding, FeedSnapshots, Snapshot } from "./feed-snapshots.ts";
import { notFound } from "./found-integration.ts";
import { findRoute, hashOf } from "./routes.ts";

/** A feed of an integration, as one kind of reader wants it. */
interface Feed {
  readonly owner: FeedOwner;
  readonly dialectName: string;
  readonly dialect: FeedDialect;
  /** Below which its files are. */
  readonly place: string;
}

/** A feed that is about to be read. Whoever gets it closes the file. */
export interface OpenFeed {
  readonly etag: string;
  /** Null where it cannot be told to the second. */
  readonly lastModified: Date | null;
  readonly bytes: number;
  readonly file: FileHandle;
  /** Notes that a reader has it. @param userAgent as it calls itself; empty when it does not */
  fetchedBy(userAgent: string): void;
}

/** Feeds of jobs, at addresses that nobody can guess. They are served from files, which are written anew when they would differ. */
export class JobFeeds {
  /** By place: what this process wrote last, and of which version. */
  private readonly written = new Map<string, { readonly version: string; readonly snapshot: Snapshot }>();
  /** By place: what is being written, or waits for that. */
  private readonly underWay = new Map<string, { readonly version: string; readonly snapshot: Promise<Snapshot> }>();
  /** One feed is written after the other: each is work for a processor, and holds the texts of a page of jobs. */
  private line: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly contents: FeedContents,
    private readonly snapshots: FeedSnapshots,
    private readonly fetches: Pick<FeedFetches, "note">,
    private readonly log: Logger,
    private readonly now: () => Date,
  ) {}

  /**
   * The feed at an address, as it is now. When that cannot be found out, as while the database is down, the one that was written
   * last: readers take for gone what they do not see, so that a feed is whole or is none.
   *
   * @param dialectName the last part of the address
   * @throws {IntegrationError} NOT_FOUND for an address that is nobody's, or no more
   * @throws what went wrong, when there is no earlier one
   */
  async open(token: string, dialectName: string, encoding: Encoding): Promise<OpenFeed> {
    if (!feedDialects.includes(dialectName)) throw notFound();
    const place = `${hashOf(token)}/${dialectName}`;
    let owner: FeedOwner | null;
    try {
      owner = await this.findOwner(token);
      const dialect = owner && dialectFor(owner, dialectName);
      if (owner && dialect) return await this.openCurrent({ owner, dialectName, dialect, place }, encoding);
    } catch (error) {
      return this.openLast(place, encoding, error);
    }
    if (!owner) await this.forget(hashOf(token));
    throw notFound();
  }

  /** Null for nobody's token, and for one of an integration that is over. */
  private async findOwner(token: string): Promise<FeedOwner | null> {
    const route = await findRoute(this.database, "FEED", token, this.now());
    if (!route) return null;
    const { tenantId, targetId: id } = route;
    const found = await this.database.inTenant(tenantId, (tx) => tx.manager.findOneBy(Integration, { tenantId, id }));
    return found && found.status !== "DISCONNECTED" ? found : null;
  }

  /** Nobody has to hear of it when that fails: what is left is served to nobody while the database can be asked. */
  private async forget(tokenHash: string): Promise<void> {
    await this.snapshots.forget(tokenHash).catch((error: unknown) => {
      this.log.warn({ err: error, tokenHash }, "the files of a feed that is over could not be removed");
    });
  }

  private async openCurrent(feed: Feed, encoding: Encoding): Promise<OpenFeed> {
    const version = await this.contents.version(feed.owner);
    const known = this.written.get(feed.place);
    const same =
      known?.version === version.name ? await this.openFile(feed.place, known.snapshot, encoding, feed) : null;
    if (same) return same;
    const snapshot = await this.write(feed, version);
    const opened = await this.openFile(feed.place, snapshot, encoding, feed);
    if (!opened) throw new Error("The files of a feed were removed right after they were written");
    return opened;
  }

  private async openLast(place: string, encoding: Encoding, error: unknown): Promise<OpenFeed> {
    const last = await this.snapshots.last(place);
    const opened = last && (await this.openFile(place, last, encoding, null));
    if (!opened) throw error;
    this.log.error({ err: error, place }, "a feed could not be made anew, and the last one is served");
    return opened;
  }

  /** @param feed whose readers are noted; null where that is not known */
  private async openFile(
    place: string,
    snapshot: Snapshot,
    encoding: Encoding,
    feed: Feed | null,
  ): Promise<OpenFeed | null> {
    const file = await this.snapshots.open(place, snapshot, encoding);
    if (!file) return null;
    const { etag, lastModified, jobs } = snapshot;
    const { size: bytes } = await file.stat();
    const fetchedBy = (userAgent: string) => {
      if (!feed) return;
      const { owner, dialectName: dialect } = feed;
      this.fetches.note({ tenantId: owner.tenantId, integrationId: owner.id, dialect, userAgent, etag, jobs });
    };
    return { etag, lastModified: lastModified <= this.now() ? lastModified : null, bytes, file, fetchedBy };
  }

  /** However many ask for the same version at the same time, it is written once. */
  private write(feed: Feed, version: FeedVersion): Promise<Snapshot> {
    const { place } = feed;
    const running = this.underWay.get(place);
    if (running?.version === version.name) return running.snapshot;
    const snapshot = this.line.then(() => this.render(feed, version));
    const mine = { version: version.name, snapshot };
    this.underWay.set(place, mine);
    this.line = snapshot
      .catch(() => {})
      .then(() => {
        if (this.underWay.get(place) === mine) this.underWay.delete(place);
      });
    return snapshot;
  }

  private async render(
    { owner, dialectName, dialect, place }: Feed,
    { name, changedAt }: FeedVersion,
  ): Promise<Snapshot> {
    const { settings } = owner;
    const standing = this.contents.postings(owner, dialectName);
    const jobs = async function* () {
      for await (const { id, posting } of standing) {
        try {
          yield dialect.jobsOf(posting, settings);
        } catch (cause) {
          throw new Error(`The posting ${id} cannot be written into a feed`, { cause });
        }
        // Others have work for this processor, too.
        await setImmediate();
      }
    };
    const head = (count: number) => dialect.head({ settings, jobs: count, changedAt });
    const snapshot = await this.snapshots.write(place, { head, jobs: jobs(), tail: dialect.tail, changedAt });
    this.written.set(place, { version: name, snapshot });
    return snapshot;
  }
}

/** Null where an account's jobs are not read like that, or something is missing for it. */
function dialectFor({ provider, settings }: FeedOwner, name: string): FeedDialect | null {
  const { feeds = {} } = jobBoard(provider);
  const dialect = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
  return dialect && (dialect.missing?.(settings) ?? null) === null ? dialect : null;
}
