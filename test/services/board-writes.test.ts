import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Integration } from "../../src/entities/integration.ts";
import { JobPosting } from "../../src/entities/job-posting.ts";
import { IntegrationError } from "../../src/errors.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { linkedin } from "../../src/providers/job-board/linkedin.ts";
import type { BoardPosting, JobBoardProvider, PostingReport } from "../../src/providers/job-board/provider.ts";
import { ApplyLinks } from "../../src/services/apply-links.ts";
import { BoardWrites } from "../../src/services/board-writes.ts";
import { newId } from "../../src/services/id.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { resumePostings } from "../../src/services/posting-tasks.ts";
import { toStored } from "../../src/services/stored-job.ts";
import { aJob } from "../support/a-job.ts";
import { aJobPosting } from "../support/a-job-posting.ts";
import { anIntegration } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

/** A board that does what it is told at once, and remembers every call. */
class Board {
  readonly calls: string[] = [];
  /** By reference. */
  readonly jobs = new Map<string, { title: string; isOpen: boolean }>();
  /** What it says other than that all is well. */
  says: Partial<PostingReport> = {};
  /** Happens after the board has done it, and before its answer arrives. */
  afterwards: () => void = () => {};

  readonly provider: JobBoardProvider = {
    ...linkedin,
    post: (_account, posting) => this.done("post", posting, true),
    update: (_account, posting) => this.done("update", posting, true),
    close: (_account, posting) => this.done("close", posting, false),
    reopen: (_account, posting) => this.done("reopen", posting, true),
    status: async (_account, posting) => {
      this.calls.push("status");
      const job = this.jobs.get(posting.job.externalReference);
      return job ? report(job.isOpen) : null;
    },
  };

  private async done(call: string, { job }: BoardPosting, isOpen: boolean): Promise<PostingReport> {
    this.calls.push(call);
    this.jobs.set(job.externalReference, { title: job.title, isOpen });
    this.afterwards();
    return { ...report(isOpen), ...this.says };
  }
}

function report(isOpen: boolean): PostingReport {
  return {
    state: isOpen ? "LIVE" : "CLOSED",
    boardState: isOpen ? "on" : "off",
    boardPostingId: "7",
    boardTaskId: null,
    url: null,
    expiresAt: null,
    isPending: false,
    isTaken: true,
    refusal: null,
  };
}

let opened: OpenedDatabase;
let board: Board;
let integration: Integration;
let posting: JobPosting;
let writes: BoardWrites;
let enqueued: (Date | undefined)[];
let queue: Parameters<typeof resumePostings>[0];
const now = new Date("2026-12-01T09:00:00Z");
const account = { fetch: () => Promise.reject(new Error("Nothing is called")), settings: {}, apiUrl: "" };

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  board = new Board();
  enqueued = [];
  integration = anIntegration({ provider: "LINKEDIN", ownership: "TENANT" });
  posting = aJobPosting(integration);
  await opened.save(integration, posting);
  const clock = () => now;
  const log = new EventLog(clock, () => {});
  queue = {
    enqueue: async (_tx: unknown, _name: string, _payload: unknown, { startAt }: { startAt?: Date }) => {
      enqueued.push(startAt);
    },
  };
  const accounts = { openBoard: async () => ({ integration, provider: board.provider, account }) };
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

const living = () => new AbortController().signal;
const bring = (isLast = false, signal = living()) => writes.bring(posting.tenantId, posting.id, isLast, signal);
const stored = () =>
  opened.database.inTenant(posting.tenantId, (tx) =>
    tx.manager.findOneByOrFail(JobPosting, { tenantId: posting.tenantId, id: posting.id }),
  );
/** What the log says of it, in order. */
const told = async () => {
  const query = "SELECT type FROM event WHERE subject_id = $1 ORDER BY position";
  const rows = await opened.look<{ type: string }>(query, [posting.id]);
  return rows.map(({ type }) => type.replace("job_posting.", ""));
};
const change = (changes: Partial<JobPosting>) =>
  opened.database.inTenant(posting.tenantId, (tx) =>
    tx.manager.update(JobPosting, { tenantId: posting.tenantId, id: posting.id }, changes as object),
  );

describe("bringing a posting to its board", () => {
  it("posts it, and does nothing the second time", async () => {
    await bring();
    await bring();
    expect(board.calls).toEqual(["post"]);
    expect(await stored()).toMatchObject({ state: "LIVE", versionSent: 1, operation: null });
  });

  it("killed after the board has it, and before we know, posts nothing again", async () => {
    const dying = new AbortController();
    board.afterwards = () => {
      dying.abort();
      throw dying.signal.reason;
    };
    await expect(bring(false, dying.signal)).rejects.toMatchObject({ name: "AbortError" });
    expect(await stored()).toMatchObject({ state: "QUEUED", operation: "POST", versionSent: null });
    board.afterwards = () => {};
    await bring();
    expect(board.calls).toEqual(["post", "status"]);
    expect(await stored()).toMatchObject({ state: "LIVE", versionSent: 1, operation: null });
  });

  it("killed before the board has it looks, and posts it then", async () => {
    await change({ operation: "POST", operationId: newId(now), operationVersion: 1 });
    await bring();
    expect(board.calls).toEqual(["status", "post"]);
    expect((await stored()).state).toBe("LIVE");
  });

  it("twice at the same time tells of one change", async () => {
    await bring();
    await change({ operation: "UPDATE", operationId: newId(now), operationVersion: 1 });
    await Promise.all([bring(), bring()]);
    expect(await stored()).toMatchObject({ state: "LIVE", operation: null });
    const told = "SELECT FROM event WHERE type = 'job_posting.updated' AND subject_id = $1";
    expect(await opened.look(told, [posting.id])).toHaveLength(1);
  });

  it("closes what was to be closed while it was on its way there", async () => {
    await bring();
    await change({ wanted: "CLOSED" });
    await bring();
    expect(board.calls).toEqual(["post", "close"]);
    expect(await stored()).toMatchObject({ state: "CLOSED", operation: null, nextLookAt: null });
  });

  it("goes on to the newer version at once", async () => {
    await bring();
    await change({ job: toStored(aJob({ title: "Newer", externalReference: posting.reference })), jobVersion: 2 });
    await bring();
    expect(board.jobs.get(posting.reference)).toEqual({ title: "Newer", isOpen: true });
    expect((await stored()).versionSent).toBe(2);
  });
});

describe("a board that fails", () => {
  const failing = (error: IntegrationError) => {
    board.afterwards = () => {
      throw error;
    };
  };

  it("leaves the intent, to be tried again", async () => {
    failing(new IntegrationError("PROVIDER_UNAVAILABLE", "It is down"));
    await expect(bring()).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    expect(await stored()).toMatchObject({ state: "QUEUED", operation: "POST" });
  });

  it("for good leaves a posting that FAILED, and that is looked for before it is posted again", async () => {
    failing(new IntegrationError("PROVIDER_UNAVAILABLE", "It is down"));
    await bring(true);
    expect(await stored()).toMatchObject({
      state: "FAILED",
      operation: null,
      isUnsure: true,
      problem: { code: "PROVIDER_UNAVAILABLE" },
    });
    board.afterwards = () => {};
    await change({ state: "QUEUED" });
    await bring();
    expect(board.calls).toEqual(["post", "status"]);
    expect(await stored()).toMatchObject({ state: "LIVE", isUnsure: false, problem: null });
  });

  it("for good, and is posted again with another text, has that text sent to the posting that is found", async () => {
    failing(new IntegrationError("PROVIDER_UNAVAILABLE", "It is down"));
    await bring(true);
    board.afterwards = () => {};
    const job = toStored(aJob({ title: "Another title", externalReference: posting.reference }));
    await change({ state: "QUEUED", jobVersion: 2, job });
    await bring();
    await bring();
    expect(board.calls).toEqual(["post", "status", "update"]);
    expect(board.jobs.get(posting.reference)?.title).toBe("Another title");
    expect(await stored()).toMatchObject({ state: "LIVE", versionSent: 2 });
  });

  it("for good, and finds postings by its own name alone, does not make one CLOSED by not finding it", async () => {
    Object.assign(board.provider, { findsBy: "boardPostingId", status: async () => null });
    failing(new IntegrationError("PROVIDER_UNAVAILABLE", "It is down"));
    await bring(true);
    await change({ versionRefused: 1, nextLookAt: now });
    await bring();
    expect(await stored()).toMatchObject({ state: "FAILED", isUnsure: true });
  });

  it("to take a job has REJECTED it", async () => {
    failing(new IntegrationError("PROVIDER_REFUSED", "No such jobs here"));
    await bring();
    expect(await stored()).toMatchObject({
      state: "REJECTED",
      operation: null,
      problem: { message: "No such jobs here" },
    });
    expect(enqueued).toEqual([]);
  });

  it("to take a change keeps the posting as it is, and does not ask again", async () => {
    await bring();
    await change({ jobVersion: 2 });
    failing(new IntegrationError("PROVIDER_REFUSED", "Not that title"));
    await bring();
    await bring();
    expect(board.calls).toEqual(["post", "update"]);
    expect(await stored()).toMatchObject({ state: "LIVE", versionSent: 1, versionRefused: 2 });
  });

  it("to show a change as it was asked to has taken it all the same", async () => {
    await bring();
    await change({ jobVersion: 2 });
    const refusal = new IntegrationError("PROVIDER_REFUSED", "There is no boost");
    board.says = { state: "LIMITED", refusal };
    await bring();
    expect(await stored()).toMatchObject({
      state: "LIMITED",
      versionSent: 2,
      versionRefused: null,
      problem: { message: "There is no boost" },
    });
    expect(await told()).toEqual(["live", "updated", "limited"]);
  });

  it("to take a change, and says so in its answer, has the job as it was", async () => {
    await bring();
    await change({ jobVersion: 2 });
    board.says = { isTaken: false, refusal: new IntegrationError("PROVIDER_REFUSED", "Not that title") };
    await bring();
    await bring();
    expect(board.calls).toEqual(["post", "update"]);
    expect(await stored()).toMatchObject({ state: "LIVE", versionSent: 1, versionRefused: 2 });
    expect(await told()).toEqual(["live", "update_refused"]);
  });

  it("to close is asked again, for as long as it takes", async () => {
    await bring();
    await change({ wanted: "CLOSED" });
    failing(new IntegrationError("PROVIDER_UNAVAILABLE", "It is down"));
    await bring(true);
    expect(await stored()).toMatchObject({ state: "LIVE", operation: null });
    expect(enqueued.at(-1)?.getTime()).toBe(now.getTime() + linkedin.freshness.defaultSeconds * 1000);
    board.afterwards = () => {};
    await bring();
    expect(await stored()).toMatchObject({ state: "CLOSED", problem: null });
  });
});

describe("looking how a posting stands", () => {
  it("comes when it is time, and not before", async () => {
    await bring();
    await bring();
    expect(board.calls).toEqual(["post"]);
    await change({ nextLookAt: now });
    await bring();
    expect(board.calls).toEqual(["post", "status"]);
  });

  it("finds out that the board has it no more", async () => {
    await bring();
    board.jobs.clear();
    await change({ nextLookAt: now });
    await bring();
    expect(await stored()).toMatchObject({ state: "CLOSED", closedAt: now, nextLookAt: null });
  });

  it("ends when the account is disconnected", async () => {
    await bring();
    await opened.database.inTenant(posting.tenantId, (tx) =>
      tx.query("UPDATE integration SET status = 'DISCONNECTED' WHERE id = $1", [integration.id]),
    );
    await change({ nextLookAt: now });
    await bring();
    expect(board.calls).toEqual(["post"]);
  });
});

describe("a posting whose task was lost", () => {
  const resumed = async (which: Parameters<typeof resumePostings>[2]) => {
    const before = enqueued.length;
    await opened.database.inTenant(posting.tenantId, (tx) => resumePostings(queue, tx, which));
    return enqueued.length - before;
  };
  const overdueSince = new Date(now.getTime() - 60_000);

  it("is gone on with, when nobody has looked at it for too long", async () => {
    expect(await resumed({ overdueSince: new Date(now.getTime() + 1) })).toBeGreaterThanOrEqual(1);
    await bring();
    const others = await resumed({ overdueSince });
    await change({ nextLookAt: new Date(0) });
    expect(await resumed({ overdueSince })).toBe(others + 1);
  });

  it("is gone on with, when its account is connected again, unless nothing is to be done", async () => {
    expect(await resumed({ integrationId: integration.id })).toBe(1);
    await change({ wanted: "CLOSED", state: "CLOSED" });
    expect(await resumed({ integrationId: integration.id })).toBe(0);
  });
});
