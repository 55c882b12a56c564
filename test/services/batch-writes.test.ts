import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Integration } from "../../src/entities/integration.ts";
import { type Approval, JobPosting } from "../../src/entities/job-posting.ts";
import { JobPostingVersion } from "../../src/entities/job-posting-version.ts";
import { type ErrorCode, IntegrationError } from "../../src/errors.ts";
import { EventLog } from "../../src/events/event-log.ts";
import type { Mail, MailOutcome } from "../../src/mail/mailer.ts";
import { BatchOutcomes } from "../../src/services/batch-outcomes.ts";
import { BatchSteps } from "../../src/services/batch-steps.ts";
import { BatchWrites } from "../../src/services/batch-writes.ts";
import { newId } from "../../src/services/id.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { toStored } from "../../src/services/stored-job.ts";
import { aJob } from "../support/a-job.ts";
import { aJobPosting } from "../support/a-job-posting.ts";
import { anIntegration } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const minuteMs = 60_000;
let opened: OpenedDatabase;
let integration: Integration;
let now: Date;
let mails: { readonly at: Date; readonly mail: Mail }[];
/** What the mail server does with a mail. */
let answer: () => Promise<MailOutcome>;
let enqueued: { readonly name: string; readonly startAt: Date | undefined }[];
let writes: BatchWrites;
let steps: BatchSteps;

const clock = () => now;
const log = new EventLog(clock, () => {});
const links = { urlOf: ({ id }: { id: string }) => `https://links.example.test/apply/${id}`, keep: async () => {} };
const accounts = {
  mailed: async () => ({
    settings: { diceId: "7", contactEmail: "ana@example.test" },
    fillIn: (message: string) => message.replace("{password}", "s3cret"),
  }),
};
const mailServer = {
  send: (_board: unknown, mail: Mail) => {
    mails.push({ at: now, mail });
    return answer();
  },
};
const queue = {
  enqueue: async (_tx: unknown, name: string, _payload: unknown, { startAt }: { startAt?: Date }) =>
    void enqueued.push({ name, startAt }),
};

function newWrites(begin: Pick<BatchSteps, "begin"> = steps): BatchWrites {
  const outcomes = new BatchOutcomes(opened.database, new IntegrationHealth(log, clock), queue, log, clock);
  return new BatchWrites(begin, accounts, mailServer, outcomes);
}

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  now = new Date("2026-12-01T09:00:00Z");
  mails = [];
  enqueued = [];
  answer = async () => "TAKEN";
  integration = anIntegration({ provider: "DICE", ownership: "TENANT" });
  await opened.save(integration);
  steps = new BatchSteps(opened.database, links, queue, log, clock);
  writes = newWrites();
});

const approved: Approval = {
  state: "APPROVED",
  requestedBy: "ana",
  requestedAt: "2026-12-01T08:00:00.000Z",
  decidedBy: "bo",
  decidedAt: "2026-12-01T08:30:00.000Z",
  maxCost: null,
  reason: null,
  subject: "slot",
};

/** A posting that waits to be sent, under the title that is its reference. */
async function aPosting(title: string, changes: Partial<JobPosting> = {}, of = integration): Promise<JobPosting> {
  const reference = `${title.replaceAll(" ", "-")}-${of.id.slice(-6)}`;
  const job = toStored(aJob({ title, externalReference: reference }));
  const own = { route: "EMAIL", jobId: reference, reference, job, approval: approved };
  const cost = { money: null, unit: "job slot" };
  const posting = aJobPosting(of, { ...own, cost, ...changes });
  await opened.save(posting, versionOf(posting));
  return posting;
}

function versionOf({ tenantId, id: jobPostingId, jobVersion: version, job }: JobPosting): JobPostingVersion {
  return Object.assign(new JobPostingVersion(), { tenantId, jobPostingId, version, job, createdAt: now });
}

const send = (signal = new AbortController().signal, by = writes) =>
  by.send(integration.tenantId, integration.id, signal);
const stored = ({ tenantId, id }: JobPosting) =>
  opened.database.inTenant(tenantId, (tx) => tx.manager.findOneByOrFail(JobPosting, { tenantId, id }));
const change = async (posting: JobPosting, changes: Partial<JobPosting>) => {
  await opened.save(Object.assign(await stored(posting), changes));
};
/** The job is to be another one. */
const rewrite = async (posting: JobPosting, title: string, changes: Partial<JobPosting> = {}) => {
  const row = await stored(posting);
  const job = { ...row.job, title };
  await opened.save(Object.assign(row, { job, jobVersion: row.jobVersion + 1, ...changes }), versionOf(row));
};
const account = async () =>
  opened.database.inTenant(integration.tenantId, (tx) =>
    tx.manager.findOneByOrFail(Integration, { tenantId: integration.tenantId, id: integration.id }),
  );
const told = async ({ id }: JobPosting) => {
  const rows = await opened.look<{ type: string }>("SELECT type FROM event WHERE subject_id = $1 ORDER BY position", [
    id,
  ]);
  return rows.map(({ type }) => type.replace("job_posting.", ""));
};
/** The titles in each mail. */
const titles = () =>
  mails.map(({ mail }) =>
    [
      ...Buffer.from(mail.attachment.bytes)
        .toString()
        .matchAll(/<jobtitle>(.*?)</g),
    ].map(([, title]) => title),
  );
const pass = (minutes: number) => {
  now = new Date(now.getTime() + minutes * minuteMs);
};
const batchTasks = () => enqueued.filter(({ name }) => name === "send-job-batch").map(({ startAt }) => startAt);
const failing = (code: ErrorCode) => {
  answer = () => Promise.reject(new IntegrationError(code, "It does not go out"));
};

describe("a mail with all jobs of an account", () => {
  it("brings everything that is wanted at once, and is not sent again", async () => {
    const postings = [await aPosting("Alpha"), await aPosting("Beta")];
    await send();
    pass(31);
    await send();
    expect(titles().map((one) => one.toSorted())).toEqual([["Alpha", "Beta"]]);
    for (const posting of postings) {
      expect(await stored(posting)).toMatchObject({
        ...{ state: "SUBMITTED", operation: null, versionSent: 1, problem: null, boardState: null, checkedAt: null },
        submittedAt: mails[0]?.at,
        nextLookAt: null,
      });
      expect(await told(posting)).toEqual(["submitted"]);
    }
  });

  it("has what stands there already, in the order in which it came there, by its apply link", async () => {
    await aPosting("New");
    await aPosting("Old", { state: "LIVE", versionSent: 1, submittedAt: new Date("2026-11-01T00:00:00Z") });
    const older = { state: "SUBMITTED", versionSent: 1, submittedAt: new Date("2026-10-01T00:00:00Z") } as const;
    const oldest = await aPosting("Oldest", older);
    await send();
    expect(titles()).toEqual([["Oldest", "Old", "New"]]);
    const file = Buffer.from(mails[0]?.mail.attachment.bytes ?? []).toString();
    expect(file).toContain(`<applylink>https://links.example.test/apply/${oldest.id}</applylink>`);
    expect((await stored(oldest)).submittedAt).toEqual(older.submittedAt);
  });

  it("is stored before it is sent", async () => {
    const [added, gone] = [
      await aPosting("Added"),
      await aPosting("Gone", { state: "LIVE", versionSent: 1, wanted: "CLOSED" }),
    ];
    answer = async () => {
      expect(await stored(added)).toMatchObject({ state: "QUEUED", operation: "POST", operationVersion: 1 });
      expect(await stored(gone)).toMatchObject({ state: "LIVE", operation: "CLOSE", previousState: "LIVE" });
      return "TAKEN";
    };
    await send();
    expect(mails).toHaveLength(1);
  });

  it("leaves live what is live when its text changes, and closes what is not in it", async () => {
    const live = { state: "LIVE", versionSent: 1, submittedAt: now, checkedAt: now } as const;
    const changed = await aPosting("Changed", live);
    const closed = await aPosting("Closed", { ...live, wanted: "CLOSED" });
    await rewrite(changed, "Changed a lot");
    await send();
    expect(titles()).toEqual([["Changed a lot"]]);
    expect(await stored(changed)).toMatchObject({ state: "LIVE", versionSent: 2, checkedAt: now });
    expect(await stored(closed)).toMatchObject({ state: "CLOSED", closedAt: now, operation: null, checkedAt: null });
    expect([await told(changed), await told(closed)]).toEqual([["updated"], ["closed"]]);
  });

  it("is sent without a job when the last one is closed", async () => {
    await aPosting("Last", { state: "SUBMITTED", versionSent: 1, wanted: "CLOSED" });
    await send();
    expect(titles()).toEqual([[]]);
  });

  it("is of one account of one tenant", async () => {
    const other = anIntegration({ provider: "DICE", ownership: "TENANT", tenantId: "other" });
    const beside = anIntegration({ provider: "DICE", ownership: "TENANT" });
    await opened.save(other, beside);
    await aPosting("Mine");
    const theirs = [await aPosting("Theirs", {}, other), await aPosting("Beside", {}, beside)];
    await send();
    expect(titles()).toEqual([["Mine"]]);
    for (const posting of theirs) expect((await stored(posting)).state).toBe("QUEUED");
  });

  it.each<Partial<JobPosting>>([
    { state: "PENDING_APPROVAL", approval: { ...approved, state: "PENDING" } },
    { state: "CLOSED", versionSent: 1, wanted: "CLOSED" },
    { state: "REJECTED" },
    { state: "EXPIRED", versionSent: 1 },
  ])("has nothing in it that is not to stand there: %j", async (changes) => {
    const posting = await aPosting("Absent", changes);
    await send();
    expect(mails).toEqual([]);
    await aPosting("Present");
    await send();
    expect(titles()).toEqual([["Present"]]);
    expect(await stored(posting)).toMatchObject({ state: changes.state, operation: null });
  });

  it("has nothing of an account that is disconnected", async () => {
    await aPosting("Alpha");
    await opened.save(Object.assign(integration, { status: "DISCONNECTED" }));
    await send();
    expect(mails).toEqual([]);
  });
});

describe("a change that somebody has to approve", () => {
  it("waits, and what was sent before stands there until then", async () => {
    const before = { state: "SUBMITTED", versionSent: 1, submittedAt: new Date("2026-11-01T00:00:00Z") } as const;
    const posting = await aPosting("Approved", before);
    await rewrite(posting, "Dearer", { approval: { ...approved, state: "PENDING" } });
    await aPosting("Other");
    await send();
    expect(titles()).toEqual([["Approved", "Other"]]);
    expect(await stored(posting)).toMatchObject({ state: "SUBMITTED", versionSent: 1, jobVersion: 2 });
    await change(posting, { approval: approved });
    pass(30);
    await send();
    expect(titles()[1]).toEqual(["Dearer", "Other"]);
    expect(await stored(posting)).toMatchObject({ versionSent: 2 });
  });

  it("leaves it as it was when it is refused", async () => {
    const posting = await aPosting("Approved", { state: "LIVE", versionSent: 1, submittedAt: now });
    await rewrite(posting, "Dearer", { approval: { ...approved, state: "REJECTED" }, versionRefused: 2 });
    await aPosting("Other");
    await send();
    expect(titles()).toEqual([["Approved", "Other"]]);
    expect(await stored(posting)).toMatchObject({ state: "LIVE", versionSent: 1, versionRefused: 2 });
  });

  it("does not take back what was approved, and is on its way", async () => {
    const posting = await aPosting("Approved");
    answer = () => Promise.reject(new Error("killed"));
    await expect(send()).rejects.toThrow("killed");
    await rewrite(posting, "Dearer", { approval: { ...approved, state: "PENDING" } });
    answer = async () => "TAKEN";
    pass(30);
    await send();
    expect(titles()[1]).toEqual(["Approved"]);
    expect(await stored(posting)).toMatchObject({ state: "SUBMITTED", versionSent: 1, jobVersion: 2 });
  });
});

describe("between two mails of an account", () => {
  it("half an hour passes, over all processes", async () => {
    await aPosting("First");
    await send();
    await aPosting("Second");
    pass(29);
    await send(undefined, newWrites());
    expect(mails).toHaveLength(1);
    expect(batchTasks()).toEqual([new Date("2026-12-01T09:30:00Z")]);
    pass(1);
    await send(undefined, newWrites());
    expect(titles()).toEqual([["First"], ["First", "Second"]]);
  });

  it("half an hour passes although two begin at the same time", async () => {
    await aPosting("First");
    await Promise.all([send(), send(), send(undefined, newWrites())]);
    expect(mails).toHaveLength(1);
  });

  it("no time has to pass that an account has nothing to do with", async () => {
    await aPosting("First");
    await send();
    const other = anIntegration({ provider: "DICE", ownership: "TENANT" });
    await opened.save(other);
    await aPosting("Theirs", {}, other);
    await writes.send(other.tenantId, other.id, new AbortController().signal);
    expect(titles()).toEqual([["First"], ["Theirs"]]);
  });

  it("what is wished meanwhile is brought by the next one", async () => {
    const posting = await aPosting("First");
    answer = async () => {
      await change(posting, { wanted: "CLOSED" });
      return "TAKEN";
    };
    await send();
    expect(await stored(posting)).toMatchObject({ state: "SUBMITTED", nextLookAt: new Date("2026-12-01T09:30:00Z") });
    expect(batchTasks()).toEqual([new Date("2026-12-01T09:30:00Z")]);
    answer = async () => "TAKEN";
    pass(30);
    await send();
    expect(titles()).toEqual([["First"], []]);
    expect((await stored(posting)).state).toBe("CLOSED");
  });
});

describe("whoever dies between the mail and the commit", () => {
  it("has it sent again whole, half an hour later, and nothing is there twice", async () => {
    const posting = await aPosting("First");
    answer = () => Promise.reject(new Error("killed"));
    await expect(send()).rejects.toThrow("killed");
    expect(await stored(posting)).toMatchObject({ state: "QUEUED", operation: "POST", versionSent: null });
    answer = async () => "TAKEN";
    pass(5);
    await send();
    expect(mails).toHaveLength(1);
    pass(25);
    await send();
    expect(titles()).toEqual([["First"], ["First"]]);
    expect(await stored(posting)).toMatchObject({ state: "SUBMITTED", isUnsure: false, versionSent: 1 });
    expect(await told(posting)).toEqual(["submitted"]);
  });

  it("has it sent without what was closed meanwhile: it may have got there", async () => {
    const posting = await aPosting("First");
    const dying = new AbortController();
    answer = async () => {
      dying.abort(new Error("stopping"));
      throw dying.signal.reason;
    };
    await expect(send(dying.signal)).rejects.toThrow("stopping");
    await change(posting, { wanted: "CLOSED" });
    answer = async () => "TAKEN";
    pass(30);
    await send();
    expect(titles()).toEqual([["First"], []]);
    expect(await stored(posting)).toMatchObject({ state: "CLOSED", isUnsure: false });
  });

  it("leaves nobody in doubt about what is not in a later mail", async () => {
    const approval = { ...approved, state: "PENDING" } as const;
    const posting = await aPosting("First", { state: "PENDING_APPROVAL", isUnsure: true, approval });
    await aPosting("Other");
    await send();
    expect(titles()).toEqual([["Other"]]);
    expect(await stored(posting)).toMatchObject({ state: "PENDING_APPROVAL", isUnsure: false });
  });

  it("has it sent with what was changed meanwhile", async () => {
    const posting = await aPosting("First", { state: "LIVE", versionSent: 1, submittedAt: now });
    await rewrite(posting, "Second");
    answer = () => Promise.reject(new Error("killed"));
    await expect(send()).rejects.toThrow("killed");
    await rewrite(posting, "Third");
    answer = async () => "TAKEN";
    pass(30);
    await send();
    expect(titles()).toEqual([["Second"], ["Third"]]);
    expect(await stored(posting)).toMatchObject({ state: "LIVE", versionSent: 3 });
  });
});

describe("a mail that does not go out", () => {
  it("is tried again without waiting half an hour, and says so meanwhile", async () => {
    const posting = await aPosting("First");
    failing("PROVIDER_UNAVAILABLE");
    await expect(send()).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    expect(await stored(posting)).toMatchObject({
      ...{ state: "QUEUED", operation: null, isUnsure: false },
      problem: { code: "PROVIDER_UNAVAILABLE" },
    });
    for (const _ of [1, 2]) await expect(send()).rejects.toThrow();
    expect(await account()).toMatchObject({ status: "DEGRADED", problem: { code: "PROVIDER_UNAVAILABLE" } });
    answer = async () => "TAKEN";
    pass(1);
    await send();
    expect(await stored(posting)).toMatchObject({ state: "SUBMITTED", problem: null });
    expect(await account()).toMatchObject({ status: "ACTIVE", problem: null });
  });

  it("leaves what stands there as it is, and closes nothing", async () => {
    const posting = await aPosting("Gone", { state: "LIVE", versionSent: 1, wanted: "CLOSED" });
    failing("PROVIDER_UNAVAILABLE");
    await expect(send()).rejects.toThrow();
    expect(await stored(posting)).toMatchObject({ state: "LIVE", operation: null, closedAt: null });
    expect(await told(posting)).toEqual([]);
  });

  it("lets what was closed meanwhile never go there", async () => {
    const posting = await aPosting("First");
    answer = async () => {
      await change(posting, { wanted: "CLOSED" });
      throw new IntegrationError("PROVIDER_UNAVAILABLE", "It is down");
    };
    await expect(send()).rejects.toThrow();
    expect(await stored(posting)).toMatchObject({ state: "CLOSED", closedAt: now });
    expect(await told(posting)).toEqual(["closed"]);
  });

  it.each<[Approval["state"], JobPosting["state"]]>([
    ["PENDING", "PENDING_APPROVAL"],
    ["REJECTED", "REJECTED"],
  ])("lets what is to be decided on anew wait for that: %s", async (state, after) => {
    const posting = await aPosting("First");
    answer = async () => {
      await rewrite(posting, "Dearer", {
        approval: { ...approved, state },
        ...(state === "REJECTED" && { versionRefused: 2 }),
      });
      throw new IntegrationError("PROVIDER_UNAVAILABLE", "It is down");
    };
    await expect(send()).rejects.toThrow();
    expect((await stored(posting)).state).toBe(after);
  });

  it.each<ErrorCode>(["NOT_CONFIGURED", "PROVIDER_REFUSED"])(
    "because of something that people have to mend is tried again every hour: %s",
    async (code) => {
      const posting = await aPosting("First");
      failing(code);
      await send();
      expect(await stored(posting)).toMatchObject({ state: "QUEUED", problem: { code } });
      expect(batchTasks()).toEqual([new Date("2026-12-01T10:00:00Z")]);
      if (code === "NOT_CONFIGURED") expect(await account()).toMatchObject({ status: "DEGRADED", problem: { code } });
      answer = async () => "TAKEN";
      pass(60);
      await send();
      expect(await stored(posting)).toMatchObject({ state: "SUBMITTED", problem: null });
    },
  );

  it("of which nobody knows whether it did, is sent again half an hour later", async () => {
    const posting = await aPosting("First");
    answer = async () => "UNSURE";
    await send();
    expect(await stored(posting)).toMatchObject({ state: "QUEUED", operation: "POST", problem: { retryable: true } });
    expect(batchTasks()).toEqual([new Date("2026-12-01T09:30:00Z")]);
    pass(30);
    failing("PROVIDER_UNAVAILABLE");
    await expect(send()).rejects.toThrow();
    expect(await stored(posting)).toMatchObject({ state: "QUEUED", operation: null, isUnsure: true });
    await change(posting, { wanted: "CLOSED" });
    answer = async () => "TAKEN";
    await send();
    expect(titles().at(-1)).toEqual([]);
    expect(await stored(posting)).toMatchObject({ state: "CLOSED", isUnsure: false, problem: null });
  });
});

describe("a job that has no room in the mail", () => {
  const withRoomFor = (count: number) =>
    newWrites({
      begin: async (...given) => {
        const step = await steps.begin(...given);
        const { compose, everySeconds } = step?.board.batch ?? { everySeconds: 0 };
        if (!step || !compose) return null;
        const noRoom = new IntegrationError("QUOTA_EXHAUSTED", "It has no room", { retryable: false });
        const batch = {
          everySeconds,
          compose: async (...[by, all]: Parameters<typeof compose>) => ({
            ...(await compose(by, all.slice(0, count))),
            refused: new Map(all.slice(count).map(({ id }) => [id, noRoom] as const)),
          }),
        };
        return { ...step, board: { ...step.board, batch } };
      },
    });

  it("is refused with the reason, and what stands there already stays", async () => {
    const standing = await aPosting("Standing", { state: "LIVE", versionSent: 1, submittedAt: now });
    const added = await aPosting("Added");
    await send(undefined, withRoomFor(1));
    expect(titles()).toEqual([["Standing"]]);
    expect(await stored(standing)).toMatchObject({ state: "LIVE", problem: null });
    expect(await stored(added)).toMatchObject({
      ...{ state: "REJECTED", operation: null, versionSent: null, versionRefused: 1 },
      problem: { code: "QUOTA_EXHAUSTED" },
    });
    expect(await told(added)).toEqual(["rejected"]);
    pass(30);
    await send();
    expect(mails).toHaveLength(1);
  });

  it("is off the board when it stood there, and says so", async () => {
    const first = await aPosting("First", { state: "LIVE", versionSent: 1, submittedAt: new Date("2026-10-01") });
    const second = await aPosting("Second", { state: "LIVE", versionSent: 1, submittedAt: new Date("2026-11-01") });
    await rewrite(first, "First, much longer");
    await send(undefined, withRoomFor(1));
    expect(titles()).toEqual([["First, much longer"]]);
    expect(await stored(second)).toMatchObject({ state: "REJECTED", problem: { code: "QUOTA_EXHAUSTED" } });
    expect(await told(second)).toEqual(["rejected"]);
  });
});

describe("the end of a job's time", () => {
  const ending = async (title: string, expiresAt: string, changes: Partial<JobPosting> = {}) => {
    const posting = await aPosting(title, changes);
    await change(posting, { job: { ...posting.job, expiresAt } });
    return posting;
  };

  it("takes it off with the next mail, and is looked after by itself", async () => {
    const posting = await ending("Ending", "2026-12-01T12:00:00.000Z");
    await send();
    const end = new Date("2026-12-01T12:00:00Z");
    expect(await stored(posting)).toMatchObject({ state: "SUBMITTED", nextLookAt: end, expiresAt: end });
    expect(enqueued).toEqual([{ name: "bring-job-posting", startAt: end }]);
    pass(180);
    await send();
    expect(titles()).toEqual([["Ending"], []]);
    expect((await stored(posting)).state).toBe("EXPIRED");
    const [last] = await opened.look<{ kind: string }>(
      "SELECT actor_kind AS kind FROM event WHERE subject_id = $1 ORDER BY position DESC LIMIT 1",
      [posting.id],
    );
    expect(last?.kind).toBe("SYSTEM");
  });

  it("that came before it was sent leaves it unsent", async () => {
    const posting = await ending("Late", "2026-12-01T08:59:00.000Z");
    await send();
    expect(mails).toEqual([]);
    expect((await stored(posting)).state).toBe("EXPIRED");
    expect(await told(posting)).toEqual(["expired"]);
  });
});

describe("whoever looks at the board", () => {
  it.each<[Partial<JobPosting>]>([[{ state: "LIVE", versionSent: 1 }], [{ state: "REJECTED", versionRefused: 1 }]])(
    "and says how a posting stands while a mail is on its way is believed: %j",
    async (seen) => {
      const posting = await aPosting("First");
      answer = async () => {
        await change(posting, { ...seen, operation: null, operationId: null, operationVersion: null, checkedAt: now });
        return "TAKEN";
      };
      await send();
      expect(await stored(posting)).toMatchObject({ ...seen, checkedAt: now });
      expect(await told(posting)).toEqual([]);
    },
  );
});

describe("an attempt that comes back", () => {
  it("after another mail was begun settles nothing any more", async () => {
    const posting = await aPosting("First");
    let fail: (error: Error) => void = () => {};
    answer = () => new Promise((_, reject) => (fail = reject));
    const slow = send();
    await expect.poll(() => mails.length).toBe(1);
    pass(31);
    answer = async () => "TAKEN";
    await send(undefined, newWrites());
    fail(new IntegrationError("PROVIDER_UNAVAILABLE", "It is down"));
    await expect(slow).rejects.toThrow("down");
    expect(await stored(posting)).toMatchObject({ state: "SUBMITTED", problem: null });
    expect(await account()).toMatchObject({ consecutiveFailures: 0 });
    await aPosting("Second");
    pass(1);
    await send();
    expect(mails).toHaveLength(2);
  });
});

describe("the login of an account", () => {
  it("stands in the mail, and in nothing that is stored or told", async () => {
    const posting = await aPosting("First");
    failing("PROVIDER_UNAVAILABLE");
    await expect(send()).rejects.toThrow();
    answer = async () => "TAKEN";
    await send();
    expect(mails.map(({ mail }) => mail.text.includes("s3cret"))).toEqual([true, true]);
    const rows = await opened.look("SELECT * FROM job_posting WHERE id = $1", [posting.id]);
    const events = await opened.look("SELECT * FROM event");
    expect(JSON.stringify([rows, events, newId(now)])).not.toContain("s3cret");
  });
});
