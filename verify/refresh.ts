import { randomBytes } from "node:crypto";
import { type Drill, mustHold, runDrill } from "./drill/drill.ts";
import { RotatingIssuer } from "./drill/rotating-issuer.ts";
import { openService } from "./drill/service.ts";
import { count, show, table } from "./drill/table.ts";
import { startTemporaryDatabase } from "./drill/temporary-database.ts";
import { type KillOutcome, killAt, killPoints } from "./refresh/kill.ts";
import { OidcIssuer } from "./refresh/oidc-issuer.ts";
import { Peer, type PeerOptions } from "./refresh/peer.ts";
import { Processes } from "./refresh/processes.ts";
import { Stage } from "./refresh/stage.ts";
import { callersPerProcess, expiryStorm } from "./refresh/storm.ts";

const howManyProcesses = 4;
const callers = howManyProcesses * callersPerProcess;
const client = { id: "integrations", secret: randomBytes(16).toString("hex") };
const minuteMs = 60_000;
const lifeSeconds = () => 3600;

/** Vendors that give a new refresh token each time, and differ in what they make of a used one. */
const vendors: readonly PeerOptions[] = [
  {
    id: "DRILL_GRACE",
    name: "rotating, with a grace",
    reuse: "accepted",
    client,
    createIssuer: () => new RotatingIssuer({ client, graceMs: 10 * minuteMs, lifeSeconds }),
  },
  {
    id: "DRILL_STRICT",
    name: "rotating, strict",
    reuse: "ends-the-grant",
    client,
    createIssuer: () => new RotatingIssuer({ client, graceMs: 0, lifeSeconds }),
  },
  {
    id: "DRILL_OIDC",
    name: "oidc-provider",
    reuse: "ends-the-grant",
    client,
    createIssuer: (origin) => OidcIssuer.create(origin, client),
  },
];

/** What came of all rounds at one peer. */
interface PeerRecord {
  readonly peer: Peer;
  /** With nobody killed. */
  expiries: number;
  calls: number;
  answered: number;
  readonly kills: { readonly point: string; readonly outcome: KillOutcome }[];
}

await runDrill(
  "refresh",
  {
    promise: "4 (one refresh at a time, over all processes, and no crash loses a grant)",
    limitSeconds: { small: 90, full: 600 },
  },
  async (drill) => {
    const { expiries, turns } = drill.isSmall ? { expiries: 4, turns: 1 } : { expiries: 60, turns: 5 };
    const { stage, peers } = await prepare(drill);
    const records: PeerRecord[] = peers.map((peer) => ({ peer, expiries: 0, calls: 0, answered: 0, kills: [] }));

    for (const record of records) {
      drill.step(`${count(expiries, "expiry", "expiries")} under ${callers} callers: ${record.peer.vendor.name}`);
      const account = await stage.connect(record.peer);
      for (let turn = 0; turn < expiries; turn += 1) await calmExpiry(stage, record, account);
    }
    for (const point of killPoints) {
      drill.step(`killed: ${point.name}`);
      for (const record of records) {
        for (let turn = 0; turn < turns; turn += 1) {
          const outcome = await killAt(stage, point, record.peer);
          record.answered += outcome.answered;
          record.kills.push({ point: point.name, outcome });
          // A grant that is kept goes on like any other.
          if (outcome.grant === "kept") await calmExpiry(stage, record, outcome.account);
        }
      }
    }
    return report(records);
  },
);

async function prepare(drill: Drill): Promise<{ stage: Stage; peers: Peer[] }> {
  drill.step("a Postgres, three vendors and four processes");
  const peers: Peer[] = [];
  for (const vendor of vendors) {
    const peer = await Peer.start(vendor);
    drill.atEnd(() => peer.close());
    peers.push(peer);
  }
  const rows = await startTemporaryDatabase(drill);
  const setup = {
    databaseUrl: rows.url,
    encryptionKeys: `drill:${randomBytes(32).toString("base64")}`,
    vendors: peers.map(({ vendor }) => vendor),
  };
  const service = await openService({ ...setup, name: "drill" });
  drill.atEnd(() => service.close());
  const processes = await Processes.start(howManyProcesses, setup);
  drill.atEnd(() => processes.close());
  return { stage: new Stage(processes, rows, service), peers };
}

async function calmExpiry(stage: Stage, record: PeerRecord, account: KillOutcome["account"]): Promise<void> {
  const before = record.peer.arrived;
  record.answered += await expiryStorm(stage, account);
  record.calls += record.peer.arrived - before;
  record.expiries += 1;
}

/** Prints what happened. @returns the figure */
function report(records: readonly PeerRecord[]): string {
  const byVendor = records.map(({ peer, expiries, calls, answered, kills }) => {
    const { kept, ended, lost } = fates(kills);
    return [peer.vendor.name, expiries, calls, calls / expiries, answered, kills.length, kept, ended, lost];
  });
  const byPoint = killPoints.map(({ name }) => [
    name,
    ...records.map(({ kills }) => {
      const here = kills.filter(({ point }) => point === name);
      const { kept, ended } = fates(here);
      const calls = here.reduce((sum, { outcome }) => sum + outcome.calls, 0);
      return `${ended === 0 ? `${kept} kept` : `${ended} ended visibly`}, ${count(calls, "call")}`;
    }),
  ]);
  const whatIsCounted = ["expiries", "calls", "calls per expiry", "callers answered", "kills", "grants kept"];
  console.log(`\n${table(["vendor", ...whatIsCounted, "ended visibly", "lost"], byVendor)}`);
  console.log(`\n${table(["killed at", ...records.map(({ peer }) => peer.vendor.name)], byPoint)}`);

  const sum = (of: (record: PeerRecord) => number) => records.reduce((total, record) => total + of(record), 0);
  const expiries = sum((record) => record.expiries);
  const calls = sum((record) => record.calls);
  const kills = records.flatMap((record) => record.kills);
  const { ended, lost } = fates(kills);
  mustHold(calls === expiries, `${calls} calls for ${expiries} expiries`);
  return [
    count(expiries, "expiry", "expiries"),
    count(calls, "provider call"),
    `${show(sum(({ answered }) => answered))} callers answered`,
    count(kills.length, "kill"),
    `${count(lost, "grant")} lost`,
    `${ended} ended by a provider that revokes on reuse (all visible)`,
  ].join(", ");
}

function fates(kills: PeerRecord["kills"]): { kept: number; ended: number; lost: number } {
  const kept = kills.filter(({ outcome }) => outcome.grant === "kept").length;
  const ended = kills.filter(({ outcome }) => outcome.grant === "ended visibly").length;
  return { kept, ended, lost: kills.length - kept - ended };
}
