import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pdfOf } from "../../sandbox/job-boards/resume.ts";
import { InboundDelivery } from "../../src/entities/inbound-delivery.ts";
import type { Integration } from "../../src/entities/integration.ts";
import { JobPosting } from "../../src/entities/job-posting.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { ApplicationFiles } from "../../src/services/application-files.ts";
import { ApplicationFiling } from "../../src/services/application-filing.ts";
import { ApplicationIntake } from "../../src/services/application-intake.ts";
import { ApplicationSteps } from "../../src/services/application-steps.ts";
import { resumeApplications } from "../../src/services/application-tasks.ts";
import { newId } from "../../src/services/id.ts";
import { Idempotency } from "../../src/services/idempotency.ts";
import { KeyRotation } from "../../src/services/key-rotation.ts";
import { toStored } from "../../src/services/stored-job.ts";
import { aJob } from "../support/a-job.ts";
import { anIntegration } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const dayMs = 86_400_000;
const start = new Date("2026-12-01T09:00:00Z");
const keyOf = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [oldKey, newKey] = [keyOf("old"), keyOf("new")];
const vault = createVault(parseKeyRing(oldKey));

let opened: OpenedDatabase;
let services: Services;
let now: Date;
let integration: Integration;
let posting: JobPosting;
let intake: ApplicationIntake;
let enqueued: { name: string; key: string }[];

const clock = () => now;
const queue = {
  enqueue: async (_tx: unknown, name: string, _payload: unknown, { key }: { key: string }) => {
    enqueued.push({ name, key });
  },
};

beforeAll(async () => {
  opened = await openTestDatabase();
  services = await openServices(opened, { now: clock, encryptionKeys: oldKey });
});
afterAll(async () => {
  await services.close();
  await opened.close();
});
beforeEach(async () => {
  now = start;
  enqueued = [];
  integration = anIntegration({ tenantId: `tenant-${randomUUID()}`, provider: "INDEED", ownership: "TENANT" });
  posting = aPosting();
  await opened.save(integration, posting);
  const log = new EventLog(clock, () => {});
  const nobody = { openBoard: () => Promise.reject(new Error("Nothing is called")) };
  const files = new ApplicationFiles(opened.database, nobody, vault, queue, clock);
  const idempotency = new Idempotency(opened.database, vault.fingerprints, clock);
  const steps = new ApplicationSteps(opened.database, idempotency, queue, log, clock);
  const filing = new ApplicationFiling(files, steps, log, clock);
  intake = new ApplicationIntake(opened.database, vault, files, filing);
});

function aPosting(): JobPosting {
  const job = aJob();
  return Object.assign(new JobPosting(), {
    tenantId: integration.tenantId,
    id: newId(now),
    integrationId: integration.id,
    jobId: job.externalReference,
    reference: job.externalReference,
    route: "API",
    state: "LIVE",
    wanted: "OPEN",
    job: toStored(job),
    jobVersion: 1,
    versionSent: 1,
    isUnsure: false,
    requestedBy: "ana",
    correlationId: newId(now),
    looks: 0,
    createdAt: now,
    updatedAt: now,
  });
}

/** As Indeed sends it. */
function aBody({ id = randomUUID(), email = "zoe@example.test" as string | null, resume = pdfOf(["Zoë"]) } = {}) {
  return JSON.stringify({
    id,
    appliedOnMillis: now.getTime(),
    job: { jobId: posting.reference },
    applicant: {
      fullName: "Zoë Müller",
      email,
      phoneNumber: "+1 512 555 0100",
      resume: { file: { contentType: "application/pdf", fileName: "cv.pdf", data: resume.toString("base64") } },
    },
  });
}

async function deliver(body: string): Promise<InboundDelivery> {
  const { tenantId, id: integrationId } = integration;
  const delivery = Object.assign(new InboundDelivery(), {
    tenantId,
    id: newId(now),
    provider: "INDEED",
    integrationId,
    externalId: randomUUID(),
    headers: {},
    verified: true,
    sealed: vault.sealBytes(Buffer.from(body), { tenantId, integrationId }),
    keyId: vault.newestKeyId,
    state: "RECEIVED",
    correlationId: randomUUID(),
    receipts: 1,
    receivedAt: now,
  });
  await opened.save(delivery);
  return delivery;
}

const take = ({ id }: InboundDelivery, isLast = false) => intake.take(integration.tenantId, id, isLast);
const mine = <Row>(sql: string) => opened.look<Row>(sql.replaceAll("$1", `'${integration.tenantId}'`));
const states = async () =>
  (await mine<{ state: string }>("SELECT state FROM inbound_delivery WHERE tenant_id = $1 ORDER BY id")).map(
    ({ state }) => state,
  );
const applications = () =>
  mine<{ id: string; person: string }>("SELECT id, person FROM job_application WHERE tenant_id = $1 ORDER BY id");

describe("reading a stored message", () => {
  it("makes one application, however many read it at once, and again", async () => {
    const delivery = await deliver(aBody());
    await Promise.all([take(delivery), take(delivery), take(delivery), take(delivery)]);
    await take(delivery);
    expect(await applications()).toHaveLength(1);
    const told =
      "SELECT correlation_id, causation_id FROM event WHERE tenant_id = $1 AND type LIKE 'job_application.%'";
    const { id: causation_id, correlationId: correlation_id } = delivery;
    expect(await mine(told)).toEqual([{ correlation_id, causation_id }]);
    expect(await mine("SELECT FROM job_application_file WHERE tenant_id = $1")).toHaveLength(1);
    expect(await states()).toEqual(["DONE"]);
  });

  it("makes one of two that are the same person's, also when they come at the same time", async () => {
    const [one, other] = [await deliver(aBody()), await deliver(aBody({ email: " ZOE@example.test" }))];
    await Promise.all([take(one), take(other)]);
    expect(await applications()).toMatchObject([{ person: "zoe@example.test" }]);
    expect((await states()).sort()).toEqual(["DONE", "REPEATED"]);
  });

  it("tells a person by the telephone number where there is no address", async () => {
    for (const delivery of [await deliver(aBody({ email: null })), await deliver(aBody({ email: null }))])
      await take(delivery);
    expect(await applications()).toMatchObject([{ person: "15125550100" }]);
  });

  it("is another application after 120 days", async () => {
    await take(await deliver(aBody()));
    now = new Date(start.getTime() + 119 * dayMs);
    await take(await deliver(aBody()));
    expect(await applications()).toHaveLength(1);
    now = new Date(start.getTime() + 121 * dayMs);
    await take(await deliver(aBody()));
    expect(await applications()).toHaveLength(2);
  });

  it("that cannot be read is kept, and has other chances", async () => {
    const delivery = await deliver("{}");
    await take(delivery);
    expect(await states()).toEqual(["FAILED"]);
    await opened.database.inTenant(integration.tenantId, (tx) => resumeApplications(queue, tx, integration.id));
    expect(enqueued).toEqual([{ name: "take-application", key: delivery.id }]);
  });

  it("to a job that nobody posted is kept, and read once it was posted", async () => {
    const stranger = aBody().replace(posting.reference, "REF-of-nobody");
    const delivery = await deliver(stranger);
    await take(delivery);
    expect(await states()).toEqual(["FAILED"]);
    const late = Object.assign(aPosting(), { reference: "REF-of-nobody", jobId: "late" });
    await opened.save(late);
    await take(delivery);
    expect(await states()).toEqual(["DONE"]);
  });

  it("keeps what Postgres cannot hold out of it", async () => {
    await take(await deliver(aBody().replace("Zoë Müller", "Z\\u0000oë \\ud800")));
    const [row] = await mine<{ candidate: { fullName: string } }>(
      "SELECT candidate FROM job_application WHERE tenant_id = $1",
    );
    expect(row?.candidate.fullName).toBe("Zoë \uFFFD");
  });
});

describe("keys", () => {
  it("are exchanged under messages and files too", async () => {
    await take(await deliver(aBody()));
    const both = createVault(parseKeyRing([newKey, oldKey].join()));
    expect(await new KeyRotation(opened.database, both).resealTenant(integration.tenantId)).toBe(2);
    const onlyNew = createVault(parseKeyRing(newKey));
    const bound = { tenantId: integration.tenantId, integrationId: integration.id };
    for (const table of ["inbound_delivery", "job_application_file"]) {
      const [row] = await mine<{ sealed: Buffer }>(`SELECT sealed FROM ${table} WHERE tenant_id = $1`);
      expect(onlyNew.openBytes(row?.sealed ?? Buffer.alloc(0), bound).length).toBeGreaterThan(100);
    }
  });
});

describe("retention", () => {
  const keep = () => services.housekeeping.keep(integration.tenantId);

  it("ends for messages that became something, and not for those that did not", async () => {
    await take(await deliver(aBody()));
    await take(await deliver("{}"), true);
    now = new Date(start.getTime() + 8 * dayMs);
    await keep();
    expect(await states()).toEqual(["FAILED"]);
    now = new Date(start.getTime() + 91 * dayMs);
    await keep();
    expect(await states()).toEqual([]);
  });

  it("ends for applications, with everything that is known of the person", async () => {
    await take(await deliver(aBody()));
    now = new Date(start.getTime() + 729 * dayMs);
    await keep();
    expect(await applications()).toHaveLength(1);
    now = new Date(start.getTime() + 731 * dayMs);
    await keep();
    for (const table of ["job_application", "job_application_file", "job_application_step", "job_application_eeo"]) {
      expect(await mine(`SELECT FROM ${table} WHERE tenant_id = $1`)).toEqual([]);
    }
  });
});
