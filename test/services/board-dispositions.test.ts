import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Integration } from "../../src/entities/integration.ts";
import { JobApplication } from "../../src/entities/job-application.ts";
import { JobApplicationStep } from "../../src/entities/job-application-step.ts";
import { type ErrorCode, IntegrationError } from "../../src/errors.ts";
import { EventLog } from "../../src/events/event-log.ts";
import type { StatusChange } from "../../src/providers/job-board/applications.ts";
import { indeed } from "../../src/providers/job-board/indeed.ts";
import type { JobBoardProvider } from "../../src/providers/job-board/provider.ts";
import { BoardDispositions } from "../../src/services/board-dispositions.ts";
import { newId } from "../../src/services/id.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { anIntegration } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

/** A board that listens to three changes at once. */
class Listener {
  readonly calls: string[][] = [];
  answer: (changes: readonly StatusChange[]) => Promise<readonly (IntegrationError | null)[]> = async (changes) =>
    changes.map(() => null);
  readonly provider: JobBoardProvider = {
    ...indeed,
    dispositions: {
      batchSize: 3,
      words: indeed.dispositions?.words as never,
      send: (_account, changes) => {
        this.calls.push(changes.map(({ stage }) => stage ?? ""));
        return this.answer(changes);
      },
    },
  };
}

const now = new Date("2026-12-01T09:00:00Z");
const clock = () => now;
const account = { fetch: () => Promise.reject(new Error("Nothing is called")), settings: {}, apiUrl: "" };
let opened: OpenedDatabase;
let board: Listener;
let integration: Integration;
let dispositions: BoardDispositions;
let enqueued: (Date | undefined)[];

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  board = new Listener();
  enqueued = [];
  integration = anIntegration({ tenantId: `tenant-${randomUUID()}`, provider: "INDEED", ownership: "TENANT" });
  await opened.save(integration);
  const log = new EventLog(clock, () => {});
  const queue = {
    enqueue: async (_tx: unknown, _name: string, _payload: unknown, { startAt }: { startAt?: Date }) => {
      enqueued.push(startAt);
    },
  };
  const accounts = { openBoard: async () => ({ integration, provider: board.provider, account }) };
  dispositions = new BoardDispositions(opened.database, accounts, new IntegrationHealth(log, clock), queue, log, clock);
});

/** An application with steps of these names that the board has not heard of. */
async function anApplication(...stages: string[]): Promise<JobApplication> {
  const { tenantId, id: integrationId } = integration;
  const application = Object.assign(new JobApplication(), {
    tenantId,
    id: newId(now),
    integrationId,
    jobPostingId: newId(now),
    jobId: "42",
    boardApplicationId: randomUUID(),
    boardReferences: {},
    person: null,
    candidate: {},
    experience: [],
    education: [],
    skills: [],
    answers: [],
    source: {},
    status: "VIEWED",
    statusChangedAt: now,
    receivedAt: now,
  });
  const steps = stages.map((stage, index) =>
    Object.assign(new JobApplicationStep(), {
      tenantId,
      jobApplicationId: application.id,
      position: index + 1,
      integrationId,
      status: "VIEWED",
      stage,
      changedAt: now,
      disposition: "PENDING",
      recordedAt: now,
    }),
  );
  await opened.save(application, ...steps);
  return application;
}

const tell = () => dispositions.tell(integration.tenantId, integration.id, new AbortController().signal);
const outcomes = async () =>
  Object.fromEntries(
    (
      await opened.look<{ stage: string; disposition: string }>(
        "SELECT stage, disposition FROM job_application_step WHERE integration_id = $1",
        [integration.id],
      )
    ).map(({ stage, disposition }) => [stage, disposition]),
  );
const refuse = (code: ErrorCode) => new IntegrationError(code, "No");

describe("telling a board", () => {
  it("brings everything, in order, as many at once as the board takes", async () => {
    await anApplication("1", "2", "3", "4", "5");
    await tell();
    expect(board.calls).toEqual([
      ["1", "2", "3"],
      ["4", "5"],
    ]);
    expect(Object.values(await outcomes())).toEqual(Array(5).fill("TOLD"));
    await tell();
    expect(board.calls).toHaveLength(2);
  });

  it("is done again, in the same order, after something that passes", async () => {
    await anApplication("1", "2");
    board.answer = () => Promise.reject(refuse("PROVIDER_UNAVAILABLE"));
    await expect(tell()).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    expect(await outcomes()).toEqual({ 1: "PENDING", 2: "PENDING" });
    board.answer = async (changes) => changes.map(() => null);
    await tell();
    expect(board.calls).toEqual([
      ["1", "2"],
      ["1", "2"],
    ]);
  });

  it("goes on behind one that the board refuses, and tells people", async () => {
    const application = await anApplication("1", "2", "3");
    board.answer = async (changes) => changes.map(({ stage }) => (stage === "2" ? refuse("PROVIDER_REFUSED") : null));
    await tell();
    expect(await outcomes()).toEqual({ 1: "TOLD", 2: "REFUSED", 3: "TOLD" });
    const events = await opened.look("SELECT subject_id AS id FROM event WHERE tenant_id = $1 AND type = $2", [
      integration.tenantId,
      "job_application.status_refused",
    ]);
    expect(events).toEqual([{ id: application.id }]);
  });

  it("is not spoilt for all by one that has the whole call refused", async () => {
    await anApplication("1", "2", "3");
    board.answer = async (changes) => {
      if (changes.some(({ stage }) => stage === "2")) throw refuse("PROVIDER_REFUSED");
      return changes.map(() => null);
    };
    await tell();
    expect(board.calls).toEqual([["1", "2", "3"], ["1"], ["2"], ["3"]]);
    expect(await outcomes()).toEqual({ 1: "TOLD", 2: "REFUSED", 3: "TOLD" });
  });

  it.each(["CREDENTIALS_REJECTED", "FORBIDDEN", "NOT_CONFIGURED"] as const)(
    "waits where it is about the account, or about us: %s",
    async (code) => {
      await anApplication("1");
      board.answer = () => Promise.reject(refuse(code));
      await tell();
      expect(await outcomes()).toEqual({ 1: "PENDING" });
      expect(enqueued).toEqual([new Date(now.getTime() + 6 * 60 * 60 * 1000)]);
    },
  );

  it("makes a refused login known", async () => {
    await anApplication("1");
    board.answer = () => Promise.reject(refuse("CREDENTIALS_REJECTED"));
    await tell();
    const [row] = await opened.look<{ status: string }>("SELECT status FROM integration WHERE id = $1", [
      integration.id,
    ]);
    expect(row?.status).toBe("NEEDS_REAUTH");
  });

  it("is nothing for an integration whose login is refused", async () => {
    await anApplication("1");
    integration.status = "NEEDS_REAUTH";
    await tell();
    expect(board.calls).toEqual([]);
  });

  it("lets others have their turn", async () => {
    await anApplication(...Array.from({ length: 501 }, (_, index) => `${index}`));
    await tell();
    expect(Object.values(await outcomes()).filter((disposition) => disposition === "TOLD")).toHaveLength(501);
    expect(enqueued).toEqual([undefined]);
  });
});
