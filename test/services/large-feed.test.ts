import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Integration } from "../../src/entities/integration.ts";
import { JobPosting } from "../../src/entities/job-posting.ts";
import { FeedContents } from "../../src/services/feed-contents.ts";
import { FeedSnapshots } from "../../src/services/feed-snapshots.ts";
import { JobFeeds } from "../../src/services/job-feeds.ts";
import { keepRoute } from "../../src/services/routes.ts";
import { toStored } from "../../src/services/stored-job.ts";
import { aFullJob } from "../support/a-job.ts";
import { aJobPosting } from "../support/a-job-posting.ts";
import { anIntegration } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const count = 10_000;
const megabyte = 1024 * 1024;
const now = () => new Date("2026-12-02T09:00:00Z");
const settings = {
  publisher: "Muster Bridges",
  publisherUrl: "https://www.example.test/",
  sourceName: "",
  linkedInCompanyId: "",
};

let opened: OpenedDatabase;
let folder: string;

beforeAll(async () => {
  opened = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "large-feed-"));
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true });
});

/** An integration in whose feeds so many jobs stand, each with a description of some 8,000 characters. */
async function aFeedOf(jobs: number, tenantId: string): Promise<Integration> {
  const integration = anIntegration({ tenantId, provider: "JOB_FEED", ownership: "TENANT", settings });
  const description = `<p>${"You talk with customers, and mend what they show you. ".repeat(150)}</p>`;
  const job = toStored(aFullJob({ description, externalReference: "REF-1", alternateLocations: [] }));
  const first = aJobPosting(integration, { route: "FEED", state: "SUBMITTED", versionSent: 1, job });
  await opened.save(integration, first);
  await opened.database.inTenant(tenantId, async (tx) => {
    const names = opened.dataSource.getMetadata(JobPosting).columns.map(({ databaseName }) => databaseName);
    const copied = names.map((name) => {
      if (name === "id") return "gen_random_uuid()";
      if (name === "job_id" || name === "reference") return `${name} || '-' || copy`;
      return name === "job" ? `jsonb_set(job, '{externalReference}', to_jsonb('REF-1-' || copy))` : name;
    });
    await tx.query(
      `INSERT INTO job_posting (${names.join(", ")})
       SELECT ${copied.join(", ")} FROM job_posting, generate_series(2, $1::int) copy WHERE integration_id = $2`,
      [jobs, integration.id],
    );
    await tx.query(
      `INSERT INTO job_posting_version (tenant_id, job_posting_id, version, job, created_at)
       SELECT tenant_id, id, 1, job, created_at FROM job_posting WHERE integration_id = $1`,
      [integration.id],
    );
    await keepRoute(tx, { token: tenantId, kind: "FEED", targetId: integration.id });
  });
  return integration;
}

/** How much more is held at most while something is done; what is only waiting to be collected does not count. */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = held();
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, held());
  }, 500);
  await work().finally(() => clearInterval(looking));
  return most - before;
}

/** The feeds of this database. @param whenWritten called with each job that is written */
function openFeeds(whenWritten: () => void = () => {}): JobFeeds {
  const links = {
    urlOf({ id }: Pick<JobPosting, "id">) {
      whenWritten();
      return `https://jobs.example.test/apply/${id}`;
    },
  };
  return new JobFeeds(
    opened.database,
    new FeedContents(opened.database, links, now),
    new FeedSnapshots(folder),
    { note: () => {} },
    pino({ level: "silent" }),
    now,
  );
}

async function read(feeds: JobFeeds, token: string, dialect = "indeed"): Promise<{ bytes: number; jobs: number }> {
  const { file, bytes } = await feeds.open(token, dialect, "identity");
  let jobs = 0;
  for await (const line of file.readLines()) if (line === "<job>") jobs += 1;
  return { bytes, jobs };
}

describe("a large feed", () => {
  it("leaves room for others between two jobs", async () => {
    await aFeedOf(500, "busy");
    let turn = 0;
    let isDone = false;
    const others = () => {
      turn += 1;
      if (!isDone) setImmediate(others);
    };
    others();
    const turns = new Set<number>();
    await read(
      openFeeds(() => turns.add(turn)),
      "busy",
    ).finally(() => {
      isDone = true;
    });
    expect(turns.size).toBe(500);
  });

  it("of 10,000 jobs is whole, and written in a fraction of the memory that it would fill", async () => {
    const feeds = openFeeds();
    await aFeedOf(count, "large");
    // Code and pools are loaded before it is measured.
    await aFeedOf(100, "small");
    await read(feeds, "small");
    let written = { bytes: 0, jobs: 0 };
    const growth = await growthDuring(async () => {
      written = await read(feeds, "large");
    });
    expect(written.jobs).toBe(count);
    expect(written.bytes).toBeGreaterThan(80 * megabyte);
    expect(growth).toBeLessThan(written.bytes / 2);
  }, 120_000);
});
