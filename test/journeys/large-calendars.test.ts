import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Radicale, radicaleIsInstalled, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import * as calendarProviders from "../../src/providers/calendar/index.ts";
import { realServer } from "../../verify/converge/caldav.ts";
import { noMishaps } from "../../verify/converge/chaos.ts";
import { Random } from "../../verify/converge/random.ts";
import { openService, type Service } from "../../verify/converge/service.ts";
import { googleVendor, outlookVendor } from "../../verify/converge/twins.ts";
import type { Vendor } from "../../verify/converge/vendor.ts";
import { World } from "../../verify/converge/world.ts";
import { createTestDatabase } from "../support/database.ts";

let sandbox: Sandbox;
let radicale: Radicale | undefined;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let service: Service;
let statements = 0;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  if (radicaleIsInstalled) radicale = await startRadicale();
  database = await createTestDatabase();
  service = await openService({
    databaseUrl: database.url,
    providers: Object.values(calendarProviders),
    settings: sandbox.settings,
    connections: 4,
    onStatement: () => {
      statements += 1;
    },
  });
});
afterAll(async () => {
  await service.close();
  await database.drop();
  await radicale?.stop();
  await sandbox.stop();
});

const vendors: readonly { name: string; few: number; many: number; vendor: () => Vendor | undefined }[] = [
  { name: "Google", few: 1000, many: 10_000, vendor: () => googleVendor(sandbox) },
  { name: "Outlook", few: 300, many: 3000, vendor: () => outlookVendor(sandbox) },
  {
    name: "Radicale",
    few: 20,
    many: 200,
    vendor: () =>
      radicale &&
      realServer("radicale", radicale.url, { home: (user) => `/${user}/`, password: "the-same-for-everybody" }),
  },
];

describe("a sync that brings one change", () => {
  it.each(vendors)(
    "takes as many calls and statements in a calendar of $many events as in one of $few: $name",
    async ({ name, few, many, vendor: open }) => {
      const vendor = open();
      if (!vendor) return;
      const [small, large] = [few, many].map((size) => `${name}-${size}-${randomUUID()}`.toLowerCase()) as [
        string,
        string,
      ];
      await radicale?.changePasswords({ [small]: "the-same-for-everybody", [large]: "the-same-for-everybody" });
      expect(await cost(vendor, large, many)).toEqual(await cost(vendor, small, few));
    },
    120_000,
  );

  async function cost(vendor: Vendor, name: string, size: number): Promise<{ calls: number; statements: number }> {
    const world = await World.open(name, vendor, service, new Random(1));
    const { others } = world.theirs;
    for (let count = 0; count < size; count += 1) {
      await others.create({ title: `Event ${count}`, location: "", day: count % 300 });
    }
    expect((await world.sync(noMishaps, "ACCOUNT")).changes).toBe(size);
    await world.sync(noMishaps, "ACCOUNT");
    await others.create({ title: "One more", location: "", day: 1 });
    statements = 0;
    const { changes, calls } = await world.sync(noMishaps, "ACCOUNT");
    expect(changes).toBe(1);
    return { calls, statements };
  }
});
