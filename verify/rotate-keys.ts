import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { parseKeyRing } from "../src/security/key-ring.ts";
import { createVault } from "../src/security/vault.ts";
import { BrokenPromise, type Drill, mustHold, runDrill } from "./drill/drill.ts";
import { RotatingIssuer } from "./drill/rotating-issuer.ts";
import { type DrillVendor, openService, type Service, type ServiceSetup } from "./drill/service.ts";
import { type NewAccount, storeAccounts } from "./drill/stored-accounts.ts";
import { count, show, table } from "./drill/table.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "./drill/temporary-database.ts";
import { isTakenForAnother, type UsedAccount, useAccount } from "./rotate-keys/calls.ts";
import { Fleet } from "./rotate-keys/fleet.ts";
import { calendarPath, passwordOf, startVendor } from "./rotate-keys/vendor.ts";

const keysPerPhase = 10;
/** In production housekeeping looks once a day. */
const maxLooks = 10;
/** How many are tried of what must fail. */
const samples = 20;

const oldKey = `old:${randomBytes(32).toString("base64")}`;
const newKey = `new:${randomBytes(32).toString("base64")}`;

/** What ENCRYPTION_KEYS is, one after the other; every process is restarted for each. */
const phases = [
  { ring: "old", encryptionKeys: oldKey },
  { ring: "old, new", encryptionKeys: `${oldKey},${newKey}` },
  { ring: "new, old", encryptionKeys: `${newKey},${oldKey}` },
  { ring: "new", encryptionKeys: newKey },
] as const;

interface PhaseRecord {
  readonly ring: string;
  readonly used: number;
  readonly renewed: number;
  readonly repeated: number;
  readonly failed: number;
  readonly resealed: number;
  readonly underOld: number;
}

await runDrill(
  "rotate-keys",
  {
    promise: "1 (nothing is lost: ENCRYPTION_KEYS are exchanged online, no call fails, no row stays under the old key)",
    limitSeconds: { small: 90, full: 600 },
  },
  async (drill) => {
    const size = drill.isSmall
      ? { processes: 2, tenants: 4, perTenant: 50, phaseMs: 500, pauseMs: 30 }
      : { processes: 3, tenants: 20, perTenant: 250, phaseMs: 8000, pauseMs: 10 };
    const stage = await prepare(drill, size);
    const records: PhaseRecord[] = [];
    const answers = new Map<string, string>();
    let tooEarly: Attempts = { tried: 0, refused: 0 };
    for (const { ring } of phases) {
      if (ring === "new") {
        tooEarly = await dropOldTooEarly(stage, answers);
        // After a day only the keys of the last phase are still kept.
        for (const key of answers.keys()) if (!key.startsWith("new, old")) answers.delete(key);
        await stage.fleet.callAgain(new Map(answers));
      }
      drill.step(`ENCRYPTION_KEYS=${ring}`);
      records.push(await goThrough(stage, ring, answers, size.phaseMs));
    }
    drill.step("what is left");
    await stage.fleet.finish();
    await mustBeWhole(stage);
    return report(stage, records, { tooEarly, unprepared: await knowOldAlone(stage) });
  },
);

/** What is tried in an order that the documentation forbids. */
interface Attempts {
  readonly tried: number;
  readonly refused: number;
}

interface Stage {
  readonly fleet: Fleet;
  readonly issuer: RotatingIssuer;
  readonly rows: TemporaryDatabase;
  readonly tenantIds: readonly string[];
  readonly accounts: readonly UsedAccount[];
  readonly setup: Omit<ServiceSetup, "encryptionKeys">;
}

async function prepare(
  drill: Drill,
  {
    processes,
    tenants,
    perTenant,
    pauseMs,
  }: Readonly<Record<"processes" | "tenants" | "perTenant" | "pauseMs", number>>,
): Promise<Stage> {
  drill.step(`a Postgres with ${count(tenants * perTenant, "credential")} of ${count(tenants, "tenant")}`);
  const client = { id: "integrations", secret: randomBytes(16).toString("hex") };
  // Tokens end, and are renewed, all the time.
  const lifeSeconds = () => 4;
  const issuer = new RotatingIssuer({ client, graceMs: 60_000, lifeSeconds });
  const { origin, close } = await startVendor(issuer);
  drill.atEnd(close);
  const vendor: DrillVendor = { id: "DRILL", name: "Example", origin, client, reuse: "accepted" };
  const rows = await startTemporaryDatabase(drill);
  const setup = { name: "drill", databaseUrl: rows.url, vendors: [vendor] };

  const tenantIds = Array.from({ length: tenants }, (_, index) => `tenant-${index + 1}`);
  const service = await openService({ ...setup, encryptionKeys: oldKey });
  const accounts: UsedAccount[] = [];
  for (const tenantId of tenantIds) accounts.push(...(await connect(service, issuer, vendor, tenantId, perTenant)));
  await service.close();

  const fleet = new Fleet({
    ...setup,
    howMany: processes,
    rings: phases.map(({ encryptionKeys }) => encryptionKeys),
    accounts,
    pauseMs,
  });
  drill.atEnd(() => fleet.close());
  return { fleet, issuer, rows, tenantIds, accounts, setup };
}

/** Half of them with a consent, half of them with a password. */
async function connect(
  { database, vault }: Service,
  issuer: RotatingIssuer,
  { id, origin }: DrillVendor,
  tenantId: string,
  howMany: number,
): Promise<UsedAccount[]> {
  const newAccounts: (NewAccount & Pick<UsedAccount, "kind">)[] = [];
  for (let index = 0; index < howMany; index += 1) {
    const accountId = `${tenantId}-${index}`;
    if (index % 2 === 0) {
      const secret = { accessToken: "the first one", refreshToken: await issuer.consent(accountId) };
      newAccounts.push({ kind: "consent", provider: id, accountId, secret, expiresAt: new Date() });
      continue;
    }
    const secret = { username: accountId, password: passwordOf(accountId) };
    const settings = { principalUrl: `${origin}${calendarPath(accountId)}` };
    newAccounts.push({ kind: "password", provider: "CALDAV", accountId, settings, secret, expiresAt: null });
  }
  const keys = await storeAccounts(database, vault, tenantId, newAccounts);
  return keys.flatMap((key, index) => {
    const account = newAccounts[index];
    return account ? [{ ...key, kind: account.kind, provider: account.provider, accountId: account.accountId }] : [];
  });
}

/** Restarts every process with other keys, and lets them work for a while. */
async function goThrough(
  { fleet, issuer, rows, tenantIds }: Stage,
  ring: (typeof phases)[number]["ring"],
  answers: Map<string, string>,
  phaseMs: number,
): Promise<PhaseRecord> {
  const renewedBefore = issuer.given;
  await fleet.roll(async () => {
    const keys = Array.from({ length: keysPerPhase }, (_, index) => `${ring} #${index}`);
    for (const [key, answer] of await fleet.callFirst(keys)) answers.set(key, answer);
    await fleet.callAgain(new Map(answers));
  });
  const [resealed] = await Promise.all([
    ring === "new, old" ? resealAll(fleet, rows, tenantIds) : 0,
    delay(phaseMs),
    fleet.nextAreReady(),
  ]);
  const { used, repeated, failures } = await fleet.report();
  const [failure] = failures.keys();
  const failed = [...failures.values()].reduce((sum, times) => sum + times, 0);
  mustHold(failed === 0, `${count(failed, "call")} failed with ENCRYPTION_KEYS=${ring}: ${failure}`);
  const renewed = issuer.given - renewedBefore;
  return { ring, used, renewed, repeated, failed, resealed, underOld: await countUnderOld(rows) };
}

/** Looks again, as housekeeping does: a row that is in use is left to the next look. */
async function resealAll(fleet: Fleet, rows: TemporaryDatabase, tenantIds: readonly string[]): Promise<number> {
  let resealed = 0;
  for (let look = 0; look < maxLooks; look += 1) {
    resealed += await fleet.reseal(tenantIds).catch((error: unknown) => {
      throw new BrokenPromise(`sealing again failed: ${String(error)}`);
    });
    if ((await countUnderOld(rows)) === 0) return resealed;
  }
  throw new BrokenPromise(`${await countUnderOld(rows)} rows are under the old key after ${maxLooks} looks`);
}

async function countUnderOld(rows: TemporaryDatabase): Promise<number> {
  const [row] = await rows.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM credential WHERE key_id <> 'new'",
  );
  return row?.count ?? 0;
}

/** Every row opens with the new key alone, and holds what the vendor last gave. */
async function mustBeWhole({ rows, accounts, issuer }: Stage): Promise<void> {
  const vault = createVault(parseKeyRing(newKey));
  const stored = await rows.query<{ tenantId: string; integrationId: string; sealed: Buffer; status: string }>(
    `SELECT credential.tenant_id AS "tenantId", integration_id AS "integrationId", sealed, status
     FROM credential JOIN integration ON integration.tenant_id = credential.tenant_id AND id = integration_id`,
  );
  const byId = new Map(stored.map((row) => [row.integrationId, row]));
  mustHold(stored.length === accounts.length, `of ${accounts.length} credentials ${stored.length} are left`);
  for (const { integrationId, kind, accountId } of accounts) {
    const row = byId.get(integrationId);
    mustHold(row !== undefined, `the credential of ${accountId} is gone`);
    mustHold(vault.keyIdOf(row.sealed) === "new", `the credential of ${accountId} is not under the new key`);
    mustHold(row.status === "ACTIVE", `the integration of ${accountId} is ${row.status}`);
    const { password, refreshToken } = vault.open(row.sealed, row);
    const isRight =
      kind === "password"
        ? password === passwordOf(accountId)
        : refreshToken === (await issuer.grant(accountId)).refreshToken;
    mustHold(isRight, `the credential of ${accountId} is not the one that its vendor knows`);
  }
}

/** Why every process learns the new key before any of them seals with it: here is one that has not. */
async function knowOldAlone({ setup, accounts }: Stage): Promise<Attempts> {
  const service = await openService({ ...setup, encryptionKeys: oldKey });
  const tried = accounts.slice(0, samples).map((account) => useAccount(service, account));
  const outcomes = await Promise.allSettled(tried);
  await service.close();
  const refused = outcomes.filter(
    (outcome) => outcome.status === "rejected" && /is not in the key ring/.test(String(outcome.reason)),
  ).length;
  mustHold(refused === tried.length, `a process without the new key was refused ${refused} times of ${tried.length}`);
  return { tried: tried.length, refused };
}

/**
 * Why the old key is dropped a day after nobody seals with it any more, and not before: fingerprints of keyed calls are
 * kept that long. Here it is dropped at once: repeated calls are refused, and none is done twice.
 */
async function dropOldTooEarly({ setup }: Stage, answers: ReadonlyMap<string, string>): Promise<Attempts> {
  const service = await openService({ ...setup, encryptionKeys: newKey });
  const ofOldKey = [...answers.keys()].filter((key) => !key.startsWith("new, old"));
  let refused = 0;
  for (const key of ofOldKey) if (await isTakenForAnother(service, key)) refused += 1;
  await service.close();
  mustHold(refused === ofOldKey.length, "a repeated call was answered without the key of its fingerprint");
  return { tried: ofOldKey.length, refused };
}

/** Prints what happened. @returns the figure */
function report(
  { accounts }: Stage,
  records: readonly PhaseRecord[],
  { tooEarly, unprepared }: { readonly tooEarly: Attempts; readonly unprepared: Attempts },
): string {
  console.log(
    `\n${table(
      ["ENCRYPTION_KEYS", "calls", "renewals", "calls repeated", "failed", "sealed again", "rows under old"],
      records.map(({ ring, used, renewed, repeated, failed, resealed, underOld }) => [
        ring,
        used,
        renewed,
        repeated,
        failed,
        resealed,
        underOld,
      ]),
    )}`,
  );
  console.log(`
without "old, new": a process that knows the old key alone is refused ${unprepared.refused} credentials of ${unprepared.tried}
"old" dropped within a day: ${tooEarly.refused} repeated calls of ${tooEarly.tried} are refused, none is done twice`);

  const sum = (of: (record: PhaseRecord) => number) => records.reduce((total, record) => total + of(record), 0);
  const underOld = records.at(-1)?.underOld ?? Number.NaN;
  mustHold(underOld === 0, `${count(underOld, "row")} left under the old key`);
  return [
    count(accounts.length, "credential"),
    `${show(sum(({ used, repeated }) => used + repeated))} calls while keys were exchanged`,
    `${sum(({ failed }) => failed)} failed`,
    `${underOld} rows left under the old key`,
    `all ${show(accounts.length)} open with the new one alone`,
  ].join(", ");
}
