import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Calendar } from "../../src/entities/calendar.ts";
import type { InboundDelivery } from "../../src/entities/inbound-delivery.ts";
import type { Integration } from "../../src/entities/integration.ts";
import type { JobPosting } from "../../src/entities/job-posting.ts";
import { PushChannel } from "../../src/entities/push-channel.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { ApplicationFiles } from "../../src/services/application-files.ts";
import { ApplicationFiling } from "../../src/services/application-filing.ts";
import { ApplicationIntake } from "../../src/services/application-intake.ts";
import { ApplicationRedrive } from "../../src/services/application-redrive.ts";
import { ApplicationSteps } from "../../src/services/application-steps.ts";
import { newId } from "../../src/services/id.ts";
import { Idempotency } from "../../src/services/idempotency.ts";
import { JobNewsRedrive } from "../../src/services/job-news-redrive.ts";
import { NoticeRedrive } from "../../src/services/notice-redrive.ts";
import { Redriving } from "../../src/services/redriving.ts";
import { aJobPosting } from "../support/a-job-posting.ts";
import { aCalendar, anInboundDelivery, anIntegration, aViewer } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const now = new Date("2026-12-01T09:00:00Z");
const clock = () => now;
const key = `test:${randomBytes(32).toString("base64")}`;
const vault = createVault(parseKeyRing(key));

let opened: OpenedDatabase;
let services: Services;
let intake: ApplicationIntake;
let redriving: Redriving;
let tenantId: string;

beforeAll(async () => {
  opened = await openTestDatabase();
  services = await openServices(opened, { now: clock, encryptionKeys: key });
  const { database } = opened;
  const { queue } = services;
  const log = new EventLog(clock, () => {});
  const nobody = { openBoard: () => Promise.reject(new Error("Nothing is called")) };
  const files = new ApplicationFiles(database, nobody, vault, queue, clock);
  const steps = new ApplicationSteps(database, new Idempotency(database, vault.fingerprints, clock), queue, log, clock);
  intake = new ApplicationIntake(database, vault, files, new ApplicationFiling(files, steps, log, clock));
  redriving = new Redriving(
    database,
    {
      notices: new NoticeRedrive(services.syncs, queue),
      applications: new ApplicationRedrive(intake, queue, clock),
      jobNews: new JobNewsRedrive(intake, queue, clock),
    },
    clock,
    7,
  );
});
afterAll(async () => {
  await services.close();
  await opened.close();
});
beforeEach(() => {
  tenantId = `tenant-${randomUUID()}`;
});

const redrive = ({ id }: Pick<InboundDelivery, "id">, { dryRun = false, viewer = aViewer({ tenantId }) } = {}) =>
  redriving.redrive(viewer, id, { dryRun });
const mine = <Row>(sql: string) => opened.look<Row>(sql, [tenantId]);
const stateOf = async ({ id }: InboundDelivery) =>
  (await opened.look<{ state: string }>("SELECT state FROM inbound_delivery WHERE id = $1", [id]))[0]?.state;
const tasks = ({ id }: { id: string }, name: string) =>
  opened.look("SELECT FROM pgboss.job WHERE name = $2 AND singleton_key = $1 AND state = 'created'", [id, name]);

/** What a dry run says, and that it changes nothing; then what the real one says. */
async function bothWays(delivery: InboundDelivery): Promise<readonly string[]> {
  const everything = async () => [
    await mine("SELECT * FROM inbound_delivery WHERE tenant_id = $1"),
    await mine("SELECT * FROM sync_run WHERE tenant_id = $1"),
    await mine("SELECT id FROM pgboss.job WHERE data->'payload'->>'tenantId' = $1"),
  ];
  const before = await everything();
  const planned = await redrive(delivery, { dryRun: true });
  expect(await everything()).toEqual(before);
  const { effects } = await redrive(delivery);
  expect(effects).toEqual(planned.effects);
  return effects;
}

describe("a message that told of a change in a calendar", () => {
  let integration: Integration;
  let calendar: Calendar;
  let channel: PushChannel;

  async function aNotice(says = "changed", about: Partial<Integration> = {}): Promise<InboundDelivery> {
    integration = anIntegration({ tenantId, provider: "GOOGLE_CALENDAR", ...about });
    calendar = aCalendar(integration, { selected: true });
    channel = Object.assign(new PushChannel(), {
      tenantId,
      id: newId(now),
      integrationId: integration.id,
      calendarId: calendar.id,
      externalId: "resource",
      secretHash: "hash",
      state: "LIVE",
      createdAt: now,
    });
    const delivery = anInboundDelivery(integration, { receivedAt: now, channelId: channel.id, says });
    await opened.save(integration, calendar, channel, delivery);
    return delivery;
  }
  const runs = () =>
    mine(
      `SELECT id, calendar_id AS "calendarId", requested_by AS "requestedBy", correlation_id AS "correlationId",
         causation_id AS "causationId" FROM sync_run WHERE tenant_id = $1`,
    );

  it("has its calendar read, in a sync that belongs to it", async () => {
    const delivery = await aNotice();
    expect(await bothWays(delivery)).toEqual([`The calendar "${calendar.name}" is read, by a sync of its own.`]);
    const { correlationId, id: causationId } = delivery;
    const [run] = await runs();
    expect(run).toMatchObject({ calendarId: calendar.id, requestedBy: "ada", correlationId, causationId });
    expect(await mine("SELECT state, sync_run_id FROM inbound_delivery WHERE tenant_id = $1")).toEqual([
      { state: "DONE", sync_run_id: Object(run).id },
    ]);
  });

  it("has it read once, however often it is asked for, and at once", async () => {
    const delivery = await aNotice();
    await Promise.all([redrive(delivery), redrive(delivery), redrive(delivery), redrive(delivery)]);
    expect(await runs()).toHaveLength(1);
    expect(await bothWays(delivery)).toEqual([
      `The calendar "${calendar.name}" is read, by the sync that waits already.`,
    ]);
    expect(await runs()).toHaveLength(1);
  });

  it("has all calendars read when it said that one is gone", async () => {
    expect(await bothWays(await aNotice("gone"))).toEqual(["All mirrored calendars are read, by a sync of its own."]);
    expect(await runs()).toMatchObject([{ calendarId: null }]);
  });

  it("has its channel prolonged too when it said that that is soon over", async () => {
    const delivery = await aNotice("expiring");
    expect(await bothWays(delivery)).toHaveLength(2);
    expect(await tasks(integration, "keep-push-channels")).toHaveLength(1);
  });

  it.each<{ why: string; says?: string; about?: Partial<Integration>; change?: string }>([
    { why: "the integration is disconnected", about: { status: "DISCONNECTED" } },
    { why: "the account has to be connected again first", about: { status: "NEEDS_REAUTH" } },
    { why: "the message only says that the vendor will tell of changes", says: "confirmed" },
    {
      why: "the channel that the message came by has ended",
      change: "UPDATE push_channel SET state = 'ENDED' WHERE tenant_id = $1",
    },
    {
      why: "the channel that the message came by has ended",
      change: "DELETE FROM push_channel WHERE tenant_id = $1",
    },
    {
      why: "the calendar is no longer mirrored",
      change: "UPDATE calendar SET selected = false WHERE tenant_id = $1",
    },
  ])("has nothing read because $why", async ({ why, says, about, change }) => {
    const delivery = await aNotice(says, about);
    if (change) await mine(change);
    expect(await bothWays(delivery)).toEqual([`Nothing is read: ${why}.`]);
    expect(await runs()).toEqual([]);
    expect(await stateOf(delivery)).toBe("IGNORED");
  });

  it.each([
    { who: "a stranger", viewer: () => aViewer({ tenantId: "globex" }), code: "NOT_FOUND" },
    { who: "a colleague", viewer: () => aViewer({ tenantId, userId: "bob" }), code: "NOT_FOUND" },
    {
      who: "an administrator",
      viewer: () => aViewer({ tenantId, userId: "bob", scopes: ["integrations:write", "tenant:admin"] }),
      code: "FORBIDDEN",
    },
    {
      who: "somebody without the scope",
      viewer: () => aViewer({ tenantId, scopes: ["integrations:read"] }),
      code: "FORBIDDEN",
    },
  ])("is not done again by $who", async ({ viewer, code }) => {
    const delivery = await aNotice();
    for (const dryRun of [true, false]) {
      await expect(redrive(delivery, { dryRun, viewer: viewer() })).rejects.toMatchObject({ code });
    }
    expect(await runs()).toEqual([]);
  });
});

describe("a message that brought an application", () => {
  let board: Integration;
  let posting: JobPosting;

  beforeEach(async () => {
    board = anIntegration({ tenantId, provider: "INDEED", ownership: "TENANT" });
    posting = aJobPosting(board, { state: "LIVE" });
    await opened.save(board, posting);
  });

  /** As Indeed sends it. */
  function aBody({ email = "zoe@example.test", reference = posting.reference, id = randomUUID() } = {}): string {
    const applicant = { fullName: "Zoë Müller", email };
    return JSON.stringify({ id, appliedOnMillis: now.getTime(), job: { jobId: reference }, applicant });
  }
  async function aDelivery(body: string, changes: Partial<InboundDelivery> = {}): Promise<InboundDelivery> {
    const delivery = anInboundDelivery(board, {
      receivedAt: now,
      externalId: randomUUID(),
      sealed: vault.sealBytes(Buffer.from(body), { tenantId, integrationId: board.id }),
      keyId: vault.newestKeyId,
      ...changes,
    });
    await opened.save(delivery);
    return delivery;
  }
  const take = ({ id }: InboundDelivery) => intake.take(tenantId, id, false);
  const applications = () => mine("SELECT FROM job_application WHERE tenant_id = $1");
  const anew = ["It is read anew, and becomes an application."];

  it.each(["RECEIVED", "FAILED", "REFUSED"] as const)("is read anew when it is %s", async (state) => {
    const delivery = await aDelivery(aBody(), { state });
    expect(await bothWays(delivery)).toEqual(anew);
    expect(await tasks(delivery, "take-application")).toHaveLength(1);
    await take(delivery);
    expect(await applications()).toHaveLength(1);
    expect(await stateOf(delivery)).toBe("DONE");
  });

  it("is one application, however often it is done again, and at once", async () => {
    const delivery = await aDelivery(aBody(), { state: "FAILED" });
    await Promise.all([redrive(delivery), redrive(delivery), take(delivery), redrive(delivery), take(delivery)]);
    await take(delivery);
    expect(await applications()).toHaveLength(1);
    expect(await bothWays(delivery)).toEqual(["Nothing changes: it is an application already."]);
    expect(await stateOf(delivery)).toBe("DONE");
  });

  it("says that it cannot be read as long as it cannot", async () => {
    const delivery = await aDelivery("{}", { state: "FAILED" });
    expect(await bothWays(delivery)).toEqual([expect.stringMatching(/^Nothing changes: it cannot be read/)]);
    expect(await stateOf(delivery)).toBe("FAILED");
  });

  it("that was to a job which nobody had posted is read once it was", async () => {
    const delivery = await aDelivery(aBody({ reference: "REF-late" }), { state: "REFUSED" });
    expect(await bothWays(delivery)).toEqual(["Nothing changes: there is no posting of the job that it is to."]);
    await opened.save(aJobPosting(board, { state: "LIVE", reference: "REF-late", jobId: "late" }));
    expect(await bothWays(delivery)).toEqual(anew);
  });

  it("that was to a closed job is read once that is open again", async () => {
    const delivery = await aDelivery(aBody(), { state: "REFUSED" });
    await mine("UPDATE job_posting SET wanted = 'CLOSED', state = 'CLOSED' WHERE tenant_id = $1");
    expect(await bothWays(delivery)).toEqual(["Nothing changes: the posting is closed, which Indeed was told."]);
    await mine("UPDATE job_posting SET wanted = 'OPEN', state = 'LIVE' WHERE tenant_id = $1");
    expect(await bothWays(delivery)).toEqual(anew);
  });

  it("that repeated another one is read once that is no longer here", async () => {
    await take(await aDelivery(aBody(), { state: "RECEIVED" }));
    const delivery = await aDelivery(aBody(), { state: "REPEATED" });
    expect(await bothWays(delivery)).toEqual(["Nothing changes: this person has applied to this job before."]);
    await mine("DELETE FROM job_application WHERE tenant_id = $1");
    expect(await bothWays(delivery)).toEqual(anew);
  });

  it("that was not proved cannot be done again, because nothing was kept", async () => {
    const delivery = anInboundDelivery(board, { state: "REFUSED", verified: false, unprovedHour: now });
    await opened.save(delivery);
    await expect(redrive(delivery)).rejects.toMatchObject({
      code: "PREREQUISITE_MISSING",
      remedy: expect.stringContaining("secret"),
    });
  });

  it("that is past its retention says so, and another that was never there does not", async () => {
    const old = newId(new Date("2026-11-20T09:00:00Z"));
    const gone = { code: "NOT_FOUND", message: expect.stringContaining("7 days") };
    await expect(redrive({ id: old })).rejects.toMatchObject(gone);
    await expect(redrive(await aDelivery("", { sealed: null }))).rejects.toMatchObject(gone);
    const unknown = { code: "NOT_FOUND", message: "There is nothing with this id" };
    await expect(redrive({ id: newId(now) })).rejects.toMatchObject(unknown);
    await expect(redrive({ id: "nonsense" })).rejects.toMatchObject(unknown);
  });
});

describe("a message that spoke of jobs", () => {
  let board: Integration;

  beforeEach(async () => {
    board = anIntegration({ tenantId, provider: "LINKEDIN", ownership: "TENANT" });
    await opened.save(board);
  });

  /** As LinkedIn sends it. */
  async function aMessage(says: "resend" | "look", references: readonly string[] = []): Promise<InboundDelivery> {
    const named = { developerApplicationUrn: "urn:li:developerApplication:1", externalJobPostingIds: references };
    const body =
      says === "resend"
        ? { type: "RESYNC_JOBS", syncAllOpenJobs: references.length === 0, ...named }
        : { type: "JOB_STATUS_CHANGE", ...named };
    const delivery = anInboundDelivery(board, {
      receivedAt: now,
      says,
      sealed: vault.sealBytes(Buffer.from(JSON.stringify(body)), { tenantId, integrationId: board.id }),
      keyId: vault.newestKeyId,
    });
    await opened.save(delivery);
    return delivery;
  }
  async function aLivePosting(changes: Partial<JobPosting> = {}): Promise<JobPosting> {
    const reference = `REF-${randomUUID()}`;
    const posting = aJobPosting(board, { state: "LIVE", versionSent: 1, reference, jobId: reference, ...changes });
    await opened.save(posting);
    return posting;
  }
  const stored = ({ id }: JobPosting) =>
    opened.look(
      `SELECT version_sent AS "versionSent", next_look_at AS "nextLookAt", correlation_id AS "correlationId"
       FROM job_posting WHERE id = $1`,
      [id],
    );

  it("has jobs sent again, which then belongs to the message", async () => {
    const [one, other] = [await aLivePosting(), await aLivePosting()];
    const delivery = await aMessage("resend", [one.reference]);
    expect(await bothWays(delivery)).toEqual(["1 posting is sent to LinkedIn again."]);
    const { correlationId } = delivery;
    expect(await stored(one)).toEqual([{ versionSent: null, nextLookAt: now, correlationId }]);
    expect(await stored(other)).toEqual([{ versionSent: 1, nextLookAt: null, correlationId: other.correlationId }]);
    expect(await tasks(one, "bring-job-posting")).toHaveLength(1);
    expect(await stateOf(delivery)).toBe("DONE");
  });

  it("has all open jobs looked up when it names none", async () => {
    const [live, second] = [await aLivePosting(), await aLivePosting()];
    const closed = await aLivePosting({ state: "CLOSED", wanted: "CLOSED" });
    expect(await bothWays(await aMessage("look"))).toEqual(["2 postings are looked up at LinkedIn."]);
    for (const posting of [live, second]) {
      expect(await stored(posting)).toMatchObject([{ versionSent: 1, nextLookAt: now }]);
    }
    expect(await stored(closed)).toMatchObject([{ nextLookAt: null }]);
  });

  it("leaves a change that is under way to whoever asked for it", async () => {
    const changed = await aLivePosting({ jobVersion: 2 });
    await bothWays(await aMessage("resend", [changed.reference]));
    expect(await stored(changed)).toMatchObject([{ versionSent: null, correlationId: changed.correlationId }]);
  });

  it("changes nothing when the jobs are no longer there", async () => {
    const delivery = await aMessage("resend", ["REF-unknown"]);
    expect(await bothWays(delivery)).toEqual(["Nothing changes: no job that it names is at LinkedIn."]);
    expect(await stateOf(delivery)).toBe("IGNORED");
  });
});
