import { type OpenJob, postJob } from "./boards/board.ts";
import { indeedPlan } from "./boards/indeed.ts";
import { linkedinPlan } from "./boards/linkedin.ts";
import { openStage, type Stage, tenantId } from "./boards/stage.ts";
import { zipRecruiterPlan } from "./boards/ziprecruiter.ts";
import { mustHold, runDrill } from "./drill/drill.ts";
import { show, table } from "./drill/table.ts";

const hourMs = 60 * 60 * 1000;
const hours = 12;
const outage = { from: 3, until: 9 };
const atOnce = 4;
/** How an application goes on: from NEW to one of its ends. */
const path = [
  ...["VIEWED", "IN_REVIEW", "CONTACTED", "SCREENING", "ASSESSMENT"],
  ...["INTERVIEWING", "BACKGROUND_CHECK", "OFFER_EXTENDED", "HIRED"],
];
/** With the one that everybody begins with. */
const stepsOfOne = path.length + 1;

/** An application, and how far it has come. */
interface Candidacy {
  readonly job: OpenJob;
  readonly boardName: string;
  readonly id: string;
  readonly said: string[];
}

await runDrill(
  "disposition",
  {
    promise: "1 (nothing is lost, nothing happens twice): boards hear of each step, in order",
    limitSeconds: { small: 90, full: 3600 },
  },
  async (drill) => {
    const changes = drill.isSmall ? 240 : 20_000;
    const stage = await openStage(drill);
    const jobs: OpenJob[] = [];
    for (const plan of [indeedPlan, linkedinPlan, zipRecruiterPlan]) jobs.push(await postJob(stage, plan(stage)));
    drill.step(`${show(changes / stepsOfOne)} people apply at ${jobs.map(({ board }) => board).join(", ")}`);
    const candidacies = await apply(stage, jobs, changes / stepsOfOne);

    let isDown = false;
    let ends: (() => void)[] = [];
    for (let hour = 0; hour < hours; hour += 1) {
      if (hour === outage.from) {
        drill.step(`every board is down for ${outage.until - outage.from} hours`);
        ends = jobs.map((job) => job.fail());
        isDown = true;
      }
      if (hour === outage.until) {
        drill.step("every board is up again");
        for (const end of ends) end();
        isDown = false;
      }
      await goOn(stage, candidacies, Math.ceil(((hour + 1) * path.length) / hours));
      await stage.work(hourMs);
      if (isDown) mustHold(heardOf(candidacies) < changes, "boards that are down have heard everything");
    }
    drill.step("boards hear the rest");
    for (let hour = 0; hour < 48 && (await untold(stage)) > 0; hour += 1) await stage.work(hourMs);
    return report(candidacies, await untold(stage));
  },
);

async function apply(stage: Stage, jobs: readonly OpenJob[], count: number): Promise<Candidacy[]> {
  const names = new Map<string, OpenJob>();
  for (let number = 0; number < count; number += 1) {
    const job = jobs[number % jobs.length];
    if (job) names.set(await job.apply(`applicant-${number}@example.test`), job);
  }
  await stage.work(hourMs);
  const rows = await stage.database.query<{ id: string; boardName: string }>(
    `SELECT id, board_application_id AS "boardName" FROM job_application WHERE tenant_id = $1`,
    [tenantId],
  );
  return rows.flatMap(({ id, boardName }) => {
    const job = names.get(boardName);
    return job ? [{ job, boardName, id, said: ["NEW"] }] : [];
  });
}

/** Everybody's application goes on until it has come so far. */
async function goOn(stage: Stage, candidacies: readonly Candidacy[], steps: number): Promise<void> {
  const left = candidacies.filter(({ said }) => said.length <= steps);
  const one = async () => {
    for (let candidacy = left.shift(); candidacy; candidacy = left.shift()) {
      for (const status of path.slice(candidacy.said.length - 1, steps)) {
        await stage.mutate("updateJobApplicationStatus", { id: candidacy.id, status }, "jobApplication { id }");
        candidacy.said.push(status);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

async function untold({ database }: Stage): Promise<number> {
  const [row] = await database.query<{ count: string }>(
    "SELECT count(*) FROM job_application_step WHERE disposition = 'PENDING'",
  );
  return Number(row?.count);
}

function heardOf(candidacies: readonly Candidacy[]): number {
  return candidacies.reduce((sum, { job, boardName }) => sum + job.heard(boardName).length, 0);
}

function report(candidacies: readonly Candidacy[], left: number): string {
  const compared = candidacies.map(({ job, boardName, said }) => {
    const wanted = said.flatMap((status) => job.words[status] ?? []);
    const heard = job.heard(boardName);
    const twice = heard.length - new Set(heard).size - (wanted.length - new Set(wanted).size);
    const missing = wanted.filter((word) => !heard.includes(word)).length;
    const isInOrder = JSON.stringify(heard) === JSON.stringify(wanted);
    return { board: job.board, said: said.length, heard: heard.length, twice, missing, outOfOrder: isInOrder ? 0 : 1 };
  });
  const sum = (of: (one: (typeof compared)[number]) => number, board?: string) =>
    compared.filter((one) => board === undefined || one.board === board).reduce((total, one) => total + of(one), 0);
  const boards = [...new Set(compared.map(({ board }) => board))];
  const rows = boards.map((board) => [
    board,
    ...[sum(({ said }) => said, board), sum(({ heard }) => heard, board)],
    ...[
      sum(({ missing }) => missing, board),
      sum(({ outOfOrder }) => outOfOrder, board),
      sum(({ twice }) => twice, board),
    ],
  ]);
  console.log(`\n${table(["board", "changes", "heard", "undelivered", "out of order", "duplicates"], rows)}`);
  const undelivered = left + sum(({ missing }) => missing);
  const outOfOrder = sum(({ outOfOrder: wrong }) => wrong);
  const duplicates = Math.max(
    0,
    sum(({ twice }) => twice),
  );
  mustHold(
    undelivered + outOfOrder + duplicates === 0,
    `${undelivered} undelivered, ${outOfOrder} out of order, ${duplicates} duplicates`,
  );
  return `${show(sum(({ said }) => said))} changes, ${show(sum(({ heard }) => heard))} told, undelivered 0, out of order 0, duplicates 0`;
}
