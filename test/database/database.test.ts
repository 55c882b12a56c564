import { randomUUID } from "node:crypto";
import pino from "pino";
import type { DataSource, Logger } from "typeorm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { databaseReadiness } from "../../src/database/readiness.ts";
import type { TenantTransaction } from "../../src/database/tenant-transaction.ts";
import { Event } from "../../src/entities/event.ts";
import { EventHead } from "../../src/entities/event-head.ts";
import { Integration } from "../../src/entities/integration.ts";
import { Route } from "../../src/entities/route.ts";
import { Tenant } from "../../src/entities/tenant.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { Queue } from "../../src/queue/queue.ts";
import { CallBudgets } from "../../src/services/call-budgets.ts";
import { anIntegration, anUpdate } from "../support/builders.ts";
import { createTestDatabase } from "../support/database.ts";
import { type OpenedDatabase, openDatabaseOf, openTestDatabase } from "../support/opened-database.ts";

let opened: OpenedDatabase;
let database: Database;

beforeAll(async () => {
  opened = await openTestDatabase();
  database = opened.database;
});
afterAll(() => opened.close());

const silent = pino({ level: "silent" });
const log = new EventLog(
  () => new Date(),
  () => {},
);

function labels(tx: TenantTransaction): Promise<{ label: string }[]> {
  return tx.query("SELECT label FROM integration ORDER BY label");
}

describe("a tenant's transaction", () => {
  it("sees its own rows and no others, without any condition", async () => {
    await opened.save(
      anIntegration({ tenantId: "seen", label: "own" }),
      anIntegration({ tenantId: "unseen", label: "foreign" }),
    );

    const { plain, found, counted } = await database.inTenant("seen", async (tx) => ({
      plain: await labels(tx),
      found: await tx.manager.find(Integration),
      counted: await tx.manager.createQueryBuilder(Integration, "integration").getCount(),
    }));

    expect(plain).toEqual([{ label: "own" }]);
    expect(found.map(({ label }) => label)).toEqual(["own"]);
    expect(counted).toBe(1);
  });

  it("changes and deletes no rows of another tenant, without any condition", async () => {
    await opened.save(anIntegration({ tenantId: "careless" }), anIntegration({ tenantId: "victim", label: "whole" }));
    await database.inTenant("careless", async (tx) => {
      await tx.query("UPDATE integration SET label = 'broken'");
      await tx.query("DELETE FROM integration");
    });
    expect(await database.inTenant("victim", labels)).toEqual([{ label: "whole" }]);
  });

  it("cannot store a row for another tenant, nor move one there", async () => {
    await opened.save(anIntegration({ tenantId: "from" }));
    const refused = /violates row-level security policy/;
    await expect(
      database.inTenant("from", (tx) => tx.manager.insert(Integration, anIntegration({ tenantId: "to" }))),
    ).rejects.toThrow(refused);
    await expect(
      database.inTenant("from", (tx) => tx.query("UPDATE integration SET tenant_id = 'to'")),
    ).rejects.toThrow(refused);
  });

  it("leaves nothing behind on its connection: what comes next without a tenant sees nothing", async () => {
    const one = await createDataSource(opened.url, { poolSize: 1 }).initialize();
    const tenant = "leaver";
    const single = new Database(one);
    await opened.save(anIntegration({ tenantId: tenant }));

    const inside = await single.inTenant(tenant, (tx) => tx.query("SELECT pg_backend_pid() AS pid FROM integration"));
    const runner = one.createQueryRunner();
    const after = await runner.query(
      "SELECT pg_backend_pid() AS pid, current_user AS role, current_setting('app.tenant_id', true) AS tenant",
    );
    await runner.query("SET ROLE integrations_tenant");
    const rows = await runner.query("SELECT FROM integration");
    await runner.query("RESET ROLE");
    await runner.release();
    await one.destroy();

    expect(inside).toHaveLength(1);
    expect(after).toEqual([{ pid: inside[0]?.["pid"], role: "postgres", tenant: "" }]);
    expect(rows).toEqual([]);
  });

  it.each([
    { name: "quotes", tenantId: `O'Neill "&" ''sons''` },
    { name: "backslashes", tenantId: "\\'; DROP TABLE integration; --\\" },
    { name: "255 characters", tenantId: "长".repeat(255) },
    { name: "dollars and placeholders", tenantId: "$1 $$ :tenantId ?" },
    { name: "a line break", tenantId: "two\nlines" },
  ])("takes tenant ids with $name as they are", async ({ tenantId }) => {
    await opened.save(anIntegration({ tenantId, label: "odd" }));
    const seen = await database.inTenant(tenantId, (tx) =>
      tx.query("SELECT label, current_setting('app.tenant_id') AS tenant FROM integration"),
    );
    expect(seen).toEqual([{ label: "odd", tenant: tenantId }]);
  });

  it("is opened in one round trip, and closed in one", async () => {
    const statements: string[] = [];
    const logger = { logQuery: (sql: string) => statements.push(sql) } as unknown as Logger;
    const listening = await createDataSource(opened.url).setOptions({ logger, logging: true }).initialize();
    statements.length = 0;
    await new Database(listening).inTenant("counted", (tx) => tx.query("SELECT 1"));
    await listening.destroy();

    expect(statements).toHaveLength(3);
    expect(statements[0]).toMatch(/^BEGIN; SET LOCAL ROLE integrations_tenant; SELECT set_config/);
    expect(statements.slice(1)).toEqual(["SELECT 1", "COMMIT"]);
  });

  it("leaves no row, event or task when the work fails", async () => {
    const queue = new Queue(opened.url, silent);
    await queue.start();
    const integration = anIntegration({ tenantId: "failing" });
    const { tenantId, id: integrationId } = integration;
    const failure = new Error("late");
    const told: string[] = [];

    const work = database.inTenant(tenantId, async (tx) => {
      await tx.manager.save(integration);
      log.record(tx, anUpdate(integration));
      await queue.enqueue(tx, "schedule-sync", { tenantId, integrationId }, { key: integrationId });
      tx.afterCommit(() => told.push("committed"));
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    await queue.stop({ timeoutMs: 1000 });

    expect(await opened.look("SELECT FROM integration WHERE tenant_id = $1", [tenantId])).toEqual([]);
    expect(await opened.look("SELECT FROM event WHERE tenant_id = $1", [tenantId])).toEqual([]);
    expect(await opened.look("SELECT FROM event_head WHERE tenant_id = $1", [tenantId])).toEqual([]);
    expect(await opened.look("SELECT FROM pgboss.job WHERE singleton_key = $1", [integrationId])).toEqual([]);
    expect(told).toEqual([]);
  });

  it("leaves nothing when its last steps fail", async () => {
    const tenantId = "failing-last";
    const work = database.inTenant(tenantId, async (tx) => {
      await tx.manager.save(anIntegration({ tenantId }));
      tx.beforeCommit(async () => {
        throw new Error("last step");
      });
    });
    await expect(work).rejects.toThrow("last step");
    expect(await database.inTenant(tenantId, labels)).toEqual([]);
  });

  it("gives its connection back whether the work succeeds or fails", async () => {
    for (let turn = 0; turn < 25; turn += 1) {
      await database.inTenant("many", () => Promise.reject(new Error("no"))).catch(() => {});
      await database.inTenant("many", async () => {});
    }
    const [row] = await opened.look(
      "SELECT count(*)::int AS open FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()",
    );
    expect(row).toEqual({ open: 0 });
  });

  it("fails when its connection is lost, and is not handed a lost one afterwards", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const lost = database.inTenant("lost", async (tx) => {
        const [row] = await tx.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        await opened.look("SELECT pg_terminate_backend($1)", [row?.pid]);
        await tx.query("SELECT 1");
      });
      await expect(lost).rejects.toThrow();
      await expect(database.inTenant("lost", (tx) => tx.query("SELECT 1 AS one"))).resolves.toEqual([{ one: 1 }]);
    }
  });

  it("answers statements that are asked at the same time, each with its own", async () => {
    const answers = await database.inTenant("parallel", (tx) =>
      Promise.all([1, 2, 3, 4, 5].map((n) => tx.query("SELECT $1::int AS n", [n]))),
    );
    expect(answers).toEqual([1, 2, 3, 4, 5].map((n) => [{ n }]));
  });

  it("is not opened inside another one", async () => {
    const nested = "A transaction was opened inside another one";
    await expect(database.inTenant("outer", () => database.inTenant("inner", async () => {}))).rejects.toThrow(nested);
    await expect(database.inTenant("outer", () => database.asSystem(async () => {}))).rejects.toThrow(nested);
    await expect(database.asSystem(() => database.inTenant("inner", async () => {}))).rejects.toThrow(nested);
    await expect(database.inTenant("outer", () => database.lookAsSystem(() => "SELECT"))).rejects.toThrow(nested);
  });

  it("is known to what runs inside it, and to nothing beside it", async () => {
    let inside: boolean | undefined;
    let isBegun = () => {};
    const begun = new Promise<void>((resolve) => {
      isBegun = resolve;
    });
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const running = database.inTenant("known", async () => {
      isBegun();
      await finished;
      inside = database.isInTransaction;
    });
    await begun;
    const beside = database.isInTransaction;
    finish();
    await running;
    expect({ inside, beside, after: database.isInTransaction }).toEqual({ inside: true, beside: false, after: false });
  });

  it("is over for what follows the commit", async () => {
    let after: boolean | undefined;
    await database.inTenant("following", async (tx) => {
      tx.afterCommit(() => {
        after = database.isInTransaction;
      });
    });
    expect(after).toBe(false);
  });

  it("stays committed when something that follows the commit fails", async () => {
    const told: string[] = [];
    const result = database.inTenant("following", async (tx) => {
      await tx.manager.save(anIntegration({ tenantId: "following", label: "there" }));
      tx.afterCommit(() => {
        throw new Error("hint");
      });
      tx.afterCommit(() => told.push("second"));
      return "done";
    });
    await expect(result).resolves.toBe("done");
    expect(told).toEqual(["second"]);
    expect(await database.inTenant("following", labels)).toEqual([{ label: "there" }]);
  });
});

describe("work across tenants", () => {
  const now = new Date("2026-11-01T09:00:00Z");

  beforeAll(async () => {
    for (const tenantId of ["north", "south"]) {
      const integration = anIntegration({ tenantId });
      const route = { tenantId, routeKey: randomUUID(), kind: "test", targetId: integration.id };
      await opened.save(
        Object.assign(new Tenant(), { tenantId, createdAt: now }),
        Object.assign(new Route(), { ...route, expiresAt: null, createdAt: now }),
      );
      await database.inTenant(tenantId, async (tx) => log.record(tx, anUpdate(integration)));
    }
  });

  it("reads routes, tenants and the heads of their logs", async () => {
    const seen = await database.asSystem(async (manager) => ({
      tenants: (await manager.find(Tenant)).map(({ tenantId }) => tenantId),
      routes: (await manager.find(Route)).map(({ tenantId }) => tenantId),
      heads: (await manager.find(EventHead)).map(({ tenantId }) => tenantId),
    }));
    for (const tenants of Object.values(seen)) expect(tenants).toEqual(expect.arrayContaining(["north", "south"]));
  });

  it("reads nothing else", async () => {
    const tables = opened.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    const others = tables.filter((table) => !["event_head", "route", "tenant"].includes(table));
    expect(others.length).toBeGreaterThan(5);
    for (const table of others) {
      await expect(database.asSystem((manager) => manager.query(`SELECT FROM ${table}`))).rejects.toThrow(
        `permission denied for table ${table}`,
      );
      await expect(database.lookAsSystem(() => `SELECT FROM ${table}`)).rejects.toThrow(
        `permission denied for table ${table}`,
      );
    }
  });

  it("reads the same in one round trip, as nobody else afterwards", async () => {
    const routes = await database.lookAsSystem<{ tenant: string }>(() => "SELECT tenant_id AS tenant FROM route");
    expect(routes.map(({ tenant }) => tenant)).toEqual(expect.arrayContaining(["north", "south"]));
    const quoted = "'; RESET ROLE; SELECT 'x";
    expect(await database.lookAsSystem((literal) => `SELECT ${literal(quoted)} AS text`)).toEqual([{ text: quoted }]);
    const [login] = await opened.look("SELECT session_user AS name");
    const one = await openDatabaseOf(opened.url, { poolSize: 1 });
    await one.database.lookAsSystem(() => "SELECT FROM route");
    expect(await one.look("SELECT current_user AS name")).toEqual([login]);
    await expect(one.database.lookAsSystem(() => "SELECT 1 / 0")).rejects.toThrow("division by zero");
    expect(await one.look("SELECT current_user AS name")).toEqual([login]);
    await one.close();
  });

  it.each([
    "INSERT INTO tenant (tenant_id, created_at) VALUES ('x', now())",
    "UPDATE event_head SET position = 0",
    "DELETE FROM route",
    "CREATE TABLE public.mine (id int)",
  ])("writes nothing: %s", async (sql) => {
    await expect(database.asSystem((manager) => manager.query(sql))).rejects.toThrow("permission denied");
    await expect(database.lookAsSystem(() => sql)).rejects.toThrow("permission denied");
  });
});

describe("a working login that owns nothing", () => {
  const login = `plain_${randomUUID().replaceAll("-", "")}`;
  let adminUrl: string;
  let url: string;
  let drop: () => Promise<void>;
  let working: DataSource;
  let admin: DataSource;

  beforeAll(async () => {
    const own = await createTestDatabase();
    adminUrl = own.url;
    admin = await createDataSource(adminUrl).initialize();
    await admin.query(`CREATE ROLE ${login} LOGIN PASSWORD 'plain' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE`);
    const address = new URL(adminUrl);
    address.username = login;
    address.password = "plain";
    url = address.href;
    await migrate(adminUrl, url, (address) => Queue.install(address));
    working = await createDataSource(url).initialize();
    drop = async () => {
      await working.destroy();
      await admin.query(`DROP OWNED BY ${login}`);
      await admin.query(`DROP ROLE ${login}`);
      await admin.destroy();
      await own.drop();
    };
  });
  afterAll(() => drop());

  it("stores rows, events and tasks for a tenant", async () => {
    const failures: string[] = [];
    const listening = pino({ level: "error" }, { write: (line: string) => void failures.push(line) });
    const queue = new Queue(url, listening);
    await queue.start();
    const integration = anIntegration();
    const { tenantId, id: integrationId } = integration;
    await new Database(working).inTenant(tenantId, async (tx) => {
      await tx.manager.save(integration);
      log.record(tx, anUpdate(integration));
      await queue.enqueue(tx, "schedule-sync", { tenantId, integrationId }, { key: integrationId });
    });
    await new Promise<void>((resolve, reject) => {
      queue.work("schedule-sync", { concurrency: 1 }, async () => resolve()).catch(reject);
    });
    expect(await queue.isReady()).toBe(true);
    await queue.stop({ timeoutMs: 5000 });

    expect(failures).toEqual([]);
    expect(await new Database(working).inTenant(tenantId, (tx) => tx.manager.count(Event))).toBe(1);
  });

  it("looks across tenants where it may", async () => {
    expect(await new Database(working).asSystem((manager) => manager.count(EventHead))).toBe(1);
  });

  it("counts calls", async () => {
    const budget = { key: "CALDAV ada", provider: "CALDAV", limits: { description: "", cost: "" } };
    const standing = await new CallBudgets(new Database(working)).stand(budget, "https://calendar.test", null, false);
    expect(standing).toMatchObject({ goes: true, pausedMs: 0, downMs: null });
  });

  it("sees no row of its own accord", async () => {
    for (const { tableName } of working.entityMetadatas) {
      // Its memberships let it read the tables; without a tenant there is nothing in them.
      const rows = await working.query(`SELECT FROM ${tableName}`);
      if (!["event_head", "route", "tenant"].includes(tableName)) expect(rows, tableName).toEqual([]);
    }
  });

  it("is ready", async () => {
    expect(await databaseReadiness(working)).toEqual({ reachable: true, migrated: true, rowsGuarded: true });
  });

  it("is migrated again without harm", async () => {
    await expect(migrate(adminUrl, url, (address) => Queue.install(address))).resolves.toBeUndefined();
  });
});

describe("readiness", () => {
  it("is given by a migrated database with guarded rows", async () => {
    expect(await databaseReadiness(opened.dataSource)).toEqual({ reachable: true, migrated: true, rowsGuarded: true });
  });

  it.each([
    { name: "a table does not force row-level security", sql: "ALTER TABLE calendar NO FORCE ROW LEVEL SECURITY" },
    { name: "a table has none", sql: "ALTER TABLE calendar DISABLE ROW LEVEL SECURITY" },
    { name: "a working role owns a table", sql: "ALTER TABLE calendar OWNER TO integrations_tenant" },
    { name: "a table was added without it", sql: "CREATE TABLE public.late (tenant_id text)" },
    {
      name: "a partitioned table was added without it",
      sql: "CREATE TABLE public.late (tenant_id text) PARTITION BY HASH (tenant_id)",
    },
  ])("is refused when $name", async ({ sql }) => {
    const own = await openTestDatabase();
    await own.look(sql);
    expect(await databaseReadiness(own.dataSource)).toMatchObject({ migrated: true, rowsGuarded: false });
    await own.close();
  });

  it("is refused when a migration is missing", async () => {
    const own = await openTestDatabase();
    await own.look("DELETE FROM migration");
    expect(await databaseReadiness(own.dataSource)).toMatchObject({ reachable: true, migrated: false });
    await own.close();
  });

  it("is refused when there is no database", async () => {
    const own = await createTestDatabase();
    const dataSource = await createDataSource(own.url).initialize();
    await own.drop();
    expect(await databaseReadiness(dataSource)).toEqual({ reachable: false, migrated: false, rowsGuarded: false });
    await dataSource.destroy();
  });
});
