import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TenantTransaction } from "../../src/database/tenant-transaction.ts";
import type { Integration } from "../../src/entities/integration.ts";
import { JobPosting } from "../../src/entities/job-posting.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { indeed } from "../../src/providers/job-board/indeed.ts";
import type { PostingReport } from "../../src/providers/job-board/provider.ts";
import { ApplyLinks } from "../../src/services/apply-links.ts";
import { BoardWrites } from "../../src/services/board-writes.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { toStored } from "../../src/services/stored-job.ts";
import { aJob } from "../support/a-job.ts";
import { aJobPosting } from "../support/a-job-posting.ts";
import { anIntegration } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import { Gate } from "../support/gate.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const now = new Date("2026-12-01T09:00:00Z");
const live: PostingReport = {
  state: "LIVE",
  boardState: "ACTIVE",
  boardPostingId: "7",
  boardTaskId: null,
  url: "https://indeed.example.test/7",
  expiresAt: null,
  isPending: false,
  isTaken: true,
  refusal: null,
};

let opened: OpenedDatabase;
let writes: BoardWrites;
let enqueued: string[];
let called: string[];
let answer: PostingReport;
let original: JobPosting;
let mirror: JobPosting;
let atIndeed: Integration;
let atGlassdoor: Integration;

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  enqueued = [];
  called = [];
  answer = live;
  atIndeed = anIntegration({ provider: "INDEED", ownership: "TENANT" });
  atGlassdoor = anIntegration({ provider: "GLASSDOOR", ownership: "TENANT" });
  original = aJobPosting(atIndeed);
  const { job, jobId, reference } = original;
  mirror = aJobPosting(atGlassdoor, { job, jobId, reference, route: "MIRROR" });
  await opened.save(atIndeed, atGlassdoor, original, mirror);
  const clock = () => now;
  const log = new EventLog(clock, () => {});
  const queue = {
    enqueue: async (_tx: unknown, _name: string, _payload: unknown, { key }: { key: string }) =>
      void enqueued.push(key),
  };
  const does = async () => answer;
  const provider = { ...indeed, post: does, update: does, close: does, status: does };
  const account = { fetch: () => Promise.reject(new Error("Nothing is called")), settings: {}, apiUrl: "" };
  const accounts = {
    async openBoard(_tenantId: string, integrationId: string) {
      called.push(integrationId);
      return { integration: atIndeed, provider, account };
    },
  };
  writes = new BoardWrites(
    opened.database,
    accounts,
    nowhereToApply,
    new ApplyLinks(opened.database, "https://integrations.example.test", clock),
    new IntegrationHealth(log, clock),
    queue,
    log,
    clock,
  );
});

/** No candidate applies at this board. */
const nowhereToApply = { of: async () => null, name: async () => {} };

const bring = ({ tenantId, id }: JobPosting) => writes.bring(tenantId, id, false, new AbortController().signal);
const inTenant = <T>(work: (tx: TenantTransaction) => Promise<T>) => opened.database.inTenant(mirror.tenantId, work);
const stored = ({ tenantId, id }: JobPosting) =>
  inTenant((tx) => tx.manager.findOneByOrFail(JobPosting, { tenantId, id }));
const change = ({ tenantId, id }: JobPosting, changes: Partial<JobPosting>) =>
  inTenant((tx) => tx.manager.update(JobPosting, { tenantId, id }, changes as object));
const told = async () => {
  const rows = await opened.look<{ type: string }>("SELECT type FROM event WHERE subject_id = $1 ORDER BY position", [
    mirror.id,
  ]);
  return rows.map(({ type }) => type);
};

describe("a posting at a board that shows another board's jobs", () => {
  it("is seen to whenever the original changes, and becomes as that is without a call", async () => {
    await bring(original);
    expect(enqueued).toContain(mirror.id);
    await bring(mirror);
    expect(called).toEqual([atIndeed.id]);
    expect(await stored(mirror)).toMatchObject({
      ...{ state: "LIVE", versionSent: 1, checkedAt: now, boardState: "ACTIVE", operation: null },
      ...{ boardUrl: null, boardPostingId: null },
    });
    expect(await told()).toEqual(["job_posting.live"]);
  });

  it("says nothing twice", async () => {
    await bring(original);
    await bring(mirror);
    await bring(mirror);
    expect(await told()).toEqual(["job_posting.live"]);
  });

  it.each(["SUBMITTED", "IN_REVIEW", "LIVE", "LIMITED", "REJECTED", "EXPIRED", "CLOSED", "FAILED"] as const)(
    "is %s with the original",
    async (state) => {
      const problem = { code: "PROVIDER_REFUSED", message: "Not that", remedy: null, retryable: false } as never;
      await change(original, { state, problem, closedAt: now, closeReason: "Filled" });
      await bring(mirror);
      expect(await stored(mirror)).toMatchObject({ state, problem, closedAt: now, closeReason: "Filled" });
      expect(await told()).toEqual([`job_posting.${state.toLowerCase()}`]);
    },
  );

  it("has the original's text, and tells of each that Indeed took or refused", async () => {
    await bring(original);
    await bring(mirror);
    const job = toStored(aJob({ title: "Newer", externalReference: original.reference }));
    await change(original, { job, jobVersion: 2, versionSent: 2 });
    await bring(mirror);
    expect(await stored(mirror)).toMatchObject({ job: { title: "Newer" }, jobVersion: 2, versionSent: 2 });
    await change(original, { jobVersion: 3, versionRefused: 3 });
    await bring(mirror);
    expect(await told()).toEqual(["job_posting.live", "job_posting.updated", "job_posting.update_refused"]);
  });

  it("stays as it is while somebody has to decide on the original", async () => {
    await bring(original);
    await bring(mirror);
    await change(original, { state: "PENDING_APPROVAL" });
    await bring(mirror);
    expect((await stored(mirror)).state).toBe("LIVE");
  });

  it("stays as it is where nothing is followed any more: its own account is disconnected, or the original's", async () => {
    for (const { id } of [atGlassdoor, atIndeed]) {
      await change(original, { state: "LIVE" });
      const set = (status: string) =>
        inTenant((tx) => tx.query("UPDATE integration SET status = $2 WHERE id = $1", [id, status]));
      await set("DISCONNECTED");
      await bring(mirror);
      expect((await stored(mirror)).state).toBe("QUEUED");
      await set("ACTIVE");
    }
  });

  it("follows the one that stands best, and nobody else's", async () => {
    const { jobId } = original;
    const [second, ofBo] = [
      anIntegration({ provider: "INDEED", ownership: "TENANT" }),
      anIntegration({ provider: "INDEED", ownership: "USER", ownerId: "bo" }),
    ];
    await opened.save(second, ofBo, aJobPosting(second, { jobId, state: "LIMITED" }));
    await opened.save(aJobPosting(ofBo, { jobId, state: "LIVE" }));
    await change(original, { state: "REJECTED", updatedAt: new Date("2026-12-02T09:00:00Z") });
    await bring(mirror);
    expect((await stored(mirror)).state).toBe("LIMITED");
  });

  it("waits for whoever changes the original right now, and misses nothing", async () => {
    const [begun, over] = [new Gate(), new Gate()];
    const changing = inTenant(async (tx) => {
      await tx.query("UPDATE job_posting SET state = 'LIVE' WHERE id = $1", [original.id]);
      begun.open();
      await over.passed;
    });
    await begun.passed;
    const following = bring(mirror);
    await eventually("somebody who waits", waiting, (count) => count > 0).finally(() => over.open());
    await Promise.all([changing, following]);
    expect((await stored(mirror)).state).toBe("LIVE");
  });

  it("and its original are seen to at the same time without waiting in a circle", async () => {
    for (let round = 0; round < 10; round += 1) {
      await change(original, { nextLookAt: now });
      await Promise.all([bring(original), bring(mirror), bring(original), bring(mirror)]);
    }
    await bring(mirror);
    expect((await stored(mirror)).state).toBe("LIVE");
  });
});

/** How many wait for a lock. */
async function waiting(): Promise<number> {
  const waits = "wait_event_type = 'Lock' AND datname = current_database()";
  return (await opened.look(`SELECT FROM pg_stat_activity WHERE ${waits}`)).length;
}
