import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Event } from "../../src/entities/event.ts";
import { EventHead } from "../../src/entities/event-head.ts";
import { Integration } from "../../src/entities/integration.ts";
import { EventLog, type LoggedEvent, readAfter, readHead } from "../../src/events/event-log.ts";
import { saveRows } from "../../src/services/mirror-sql.ts";
import { aCalendar, aCalendarEvent, aCause, anIntegration, anUpdate } from "../support/builders.ts";
import { Gate } from "../support/gate.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const now = new Date("2026-11-01T09:00:00Z");
let opened: OpenedDatabase;
const woken: string[] = [];
const log = new EventLog(
  () => now,
  (tenantId) => woken.push(tenantId),
);

beforeAll(async () => {
  opened = await openTestDatabase({ poolSize: 60 });
});
afterAll(() => opened.close());

function readFrom(tenantId: string, after: bigint, limit = 1000): Promise<LoggedEvent[]> {
  return opened.database.inTenant(tenantId, (tx) => readAfter(tx, after, limit));
}

const oneTo = (last: number) => Array.from({ length: last }, (_, index) => String(index + 1));

describe("recording events", () => {
  it("stores what happened, to what, when and because of whom", async () => {
    const integration = anIntegration({ tenantId: "facts", label: "Mine" });
    const cause = aCause({ actor: { kind: "PROVIDER", id: "CALDAV" }, causationId: integration.id });
    await opened.save(integration);
    await opened.database.inTenant("facts", async (tx) => log.record(tx, anUpdate(integration, { cause })));

    expect(await readFrom("facts", 0n)).toEqual([
      {
        tenantId: "facts",
        position: "1",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        type: "integration.updated",
        occurredAt: now,
        actorKind: "PROVIDER",
        actorId: "CALDAV",
        integrationId: integration.id,
        subjectId: integration.id,
        data: { provider: "CALDAV", ownership: "USER", label: "Mine", status: "ACTIVE" },
        dataVersion: 1,
        correlationId: cause.correlationId,
        causationId: integration.id,
        ownership: "USER",
        ownerId: "ada",
        visibility: "BUSY",
      },
    ]);
  });

  it("keeps the order of one transaction", async () => {
    const integration = anIntegration({ tenantId: "order" });
    await opened.database.inTenant("order", async (tx) => {
      for (const subjectId of ["a", "b", "c"]) log.record(tx, anUpdate(integration, { subjectId }));
    });
    const events = await readFrom("order", 0n);
    expect(events.map(({ position, subjectId }) => [position, subjectId])).toEqual([
      ["1", "a"],
      ["2", "b"],
      ["3", "c"],
    ]);
  });

  it("stores what is recorded by a transaction's last steps too", async () => {
    const integration = anIntegration({ tenantId: "last-steps" });
    await opened.database.inTenant("last-steps", async (tx) => {
      log.record(tx, anUpdate(integration, { subjectId: "early" }));
      tx.beforeCommit(async () => log.record(tx, anUpdate(integration, { subjectId: "late" })));
    });
    const events = await readFrom("last-steps", 0n);
    expect(events.map(({ position, subjectId }) => [position, subjectId])).toEqual([
      ["1", "early"],
      ["2", "late"],
    ]);
  });

  it("stores event and change together or not at all", async () => {
    const kept = anIntegration({ tenantId: "together" });
    const dropped = anIntegration({ tenantId: "together" });
    const change = (integration: Integration, failure?: Error) =>
      opened.database.inTenant("together", async (tx) => {
        await tx.manager.save(integration);
        log.record(tx, anUpdate(integration));
        if (failure) tx.beforeCommit(() => Promise.reject(failure));
      });
    await change(kept);
    await expect(change(dropped, new Error("after the events were stored"))).rejects.toThrow("after the events");

    const stored = await opened.database.inTenant("together", async (tx) => ({
      integrations: (await tx.manager.find(Integration)).map(({ id }) => id),
      subjects: (await tx.manager.find(Event)).map(({ subjectId }) => subjectId),
      head: await readHead(tx),
    }));
    expect(stored).toEqual({ integrations: [kept.id], subjects: [kept.id], head: { position: 1n, removedUntil: 0n } });
  });

  it("tells a reader once, after the commit, and never after a rollback", async () => {
    const integration = anIntegration({ tenantId: "told" });
    woken.length = 0;
    let toldInside = true;
    await opened.database.inTenant("told", async (tx) => {
      log.record(tx, anUpdate(integration));
      log.record(tx, anUpdate(integration));
      tx.beforeCommit(async () => {
        toldInside = woken.length > 0;
      });
    });
    await opened.database
      .inTenant("told", async (tx) => {
        log.record(tx, anUpdate(integration));
        throw new Error("no");
      })
      .catch(() => {});
    expect({ toldInside, woken }).toEqual({ toldInside: false, woken: ["told"] });
  });

  it("takes text that Postgres cannot hold, and leaves out what it cannot", async () => {
    const integration = anIntegration({ tenantId: "odd" });
    const calendar = aCalendar(integration);
    const row = aCalendarEvent(calendar, { title: "a\0b \\u0000 \ud83d \u{1f600}" });
    await opened.save(integration, calendar);
    await opened.database.inTenant("odd", async (tx) => {
      await saveRows(tx, [row]);
      const data = { ...anUpdate(integration).data, label: row.title };
      log.record(tx, anUpdate(integration, { data }));
    });
    const readable = "ab \\u0000 \ufffd \u{1f600}";
    expect((await readFrom("odd", 0n))[0]?.data).toMatchObject({ label: readable });
    expect(await opened.look("SELECT title FROM calendar_event WHERE id = $1", [row.id])).toEqual([
      { title: readable },
    ]);
  });

  it("stores a thousand events of one transaction in one statement", async () => {
    const integration = anIntegration({ tenantId: "bulk" });
    let statements = 0;
    await opened.database.inTenant("bulk", async (tx) => {
      const query = tx.query.bind(tx);
      const counting = Object.assign(tx, {
        query: <Row>(sql: string, parameters?: readonly unknown[]) => {
          statements += 1;
          return query<Row>(sql, parameters);
        },
      });
      for (let index = 0; index < 1000; index += 1) log.record(counting, anUpdate(integration));
    });
    expect(statements).toBe(1);
    expect((await readFrom("bulk", 0n, 2000)).map(({ position }) => position)).toEqual(oneTo(1000));
  });
});

describe("writers of one log", () => {
  it("wait for each other from the first position to the commit, and for no other tenant", async () => {
    const integration = anIntegration({ tenantId: "holder" });
    const holding = new Gate();
    const release = new Gate();
    const write = (tenantId: string, subjectId: string, hold?: () => Promise<void>) =>
      opened.database.inTenant(tenantId, async (tx) => {
        log.record(tx, anUpdate(integration, { subjectId }));
        if (hold) tx.beforeCommit(hold);
      });

    const first = write("holder", "first", () => {
      holding.open();
      return release.passed;
    });
    await holding.passed;
    const second = write("holder", "second");
    await vi.waitFor(async () => {
      const waiting = await opened.look(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO event_head%' AND datname = current_database()",
      );
      expect(waiting).toHaveLength(1);
    });
    await write("neighbour", "meanwhile");
    expect((await readFrom("neighbour", 0n)).map(({ subjectId }) => subjectId)).toEqual(["meanwhile"]);
    expect(await readFrom("holder", 0n)).toEqual([]);

    release.open();
    await Promise.all([first, second]);
    expect((await readFrom("holder", 0n)).map(({ subjectId }) => subjectId)).toEqual(["first", "second"]);
  });

  it("take no position before their work is done: one that dawdles holds up nobody", async () => {
    const integration = anIntegration({ tenantId: "dawdler" });
    const recorded = new Gate();
    const release = new Gate();
    const dawdling = opened.database.inTenant("dawdler", async (tx) => {
      log.record(tx, anUpdate(integration, { subjectId: "recorded first" }));
      recorded.open();
      await release.passed;
    });
    await recorded.passed;
    await opened.database.inTenant("dawdler", async (tx) =>
      log.record(tx, anUpdate(integration, { subjectId: "committed first" })),
    );
    release.open();
    await dawdling;
    const subjects = (await readFrom("dawdler", 0n)).map(({ subjectId }) => subjectId);
    expect(subjects).toEqual(["committed first", "recorded first"]);
  });

  it("leave no hole and no surprise for who reads by cursor while 36 of them write, dawdle and roll back", async () => {
    const tenants = ["crowd-a", "crowd-b", "crowd-c"];
    const rounds = 12;
    const integration = anIntegration();
    let committed = 0;

    /** Every third takes its time before the commit, every fifth changes its mind after its events were stored. */
    const writer = async (tenantId: string, name: string, number: number) => {
      const mine: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const count = 1 + ((number + round) % 3);
        const subjects = Array.from({ length: count }, (_, index) => `${name}/${round}/${index}`);
        const turn = opened.database.inTenant(tenantId, async (tx) => {
          for (const subjectId of subjects) log.record(tx, anUpdate(integration, { subjectId }));
          if ((number + round) % 3 === 0) await tx.query("SELECT pg_sleep(0.01)");
          if ((number + round) % 5 === 0) {
            tx.beforeCommit(async () => {
              await tx.query("SELECT pg_sleep(0.005)");
              throw new Error("changed my mind");
            });
          }
        });
        const isStored = await turn.then(
          () => true,
          () => false,
        );
        if (isStored) mine.push(...subjects);
      }
      committed += mine.length;
      return { tenantId, mine };
    };

    let isOver = false;
    const reader = async (tenantId: string, limit: number) => {
      const seen: LoggedEvent[] = [];
      for (;;) {
        const wasOver = isOver;
        const page = await readFrom(tenantId, BigInt(seen.at(-1)?.position ?? 0), limit);
        seen.push(...page);
        if (wasOver && page.length === 0) return { tenantId, seen };
      }
    };

    const reading = tenants.flatMap((tenantId) => [reader(tenantId, 7), reader(tenantId, 500)]);
    const writing = tenants.flatMap((tenantId) =>
      Array.from({ length: 12 }, (_, number) => writer(tenantId, `${tenantId}-${number}`, number)),
    );
    const written = await Promise.all(writing);
    isOver = true;
    const read = await Promise.all(reading);

    expect(writing).toHaveLength(36);
    expect(committed).toBeGreaterThan(400);
    for (const { tenantId, seen } of read) {
      const expected = written.filter((one) => one.tenantId === tenantId).flatMap(({ mine }) => mine);
      expect(seen.map(({ position }) => position)).toEqual(oneTo(expected.length));
      expect(seen.map(({ subjectId }) => subjectId).sort()).toEqual(expected.sort());
    }
    for (const tenantId of tenants) {
      const head = await opened.database.inTenant(tenantId, (tx) =>
        tx.manager.findOneByOrFail(EventHead, { tenantId }),
      );
      expect(head.position).toBe(String((await readFrom(tenantId, 0n)).length));
    }
  });
});
