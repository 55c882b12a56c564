import { type OpenJob, postJob } from "./boards/board.ts";
import { indeedPlan } from "./boards/indeed.ts";
import { linkedinPlan } from "./boards/linkedin.ts";
import { monsterPlan } from "./boards/monster.ts";
import { breakParsers } from "./boards/parsers.ts";
import { openStage, type Stage } from "./boards/stage.ts";
import { zipRecruiterPlan } from "./boards/ziprecruiter.ts";
import { mustHold, runDrill } from "./drill/drill.ts";
import { show, table } from "./drill/table.ts";

const hourMs = 60 * 60 * 1000;
const times = 3;
const outageHours = 72;
const atOnce = 8;
/** Fewer than any board makes. */
const mostRetries = 4;

/** An application that somebody made. */
interface Made {
  readonly job: OpenJob;
  readonly name: string;
}

interface Kept {
  readonly deliveries: string;
  readonly receipts: string;
  readonly undone: string;
  readonly applications: string;
  readonly people: string;
  readonly events: string;
  readonly files: string;
}

await runDrill(
  "applications",
  {
    promise: "1 (nothing is lost, nothing happens twice)",
    limitSeconds: { small: 90, full: 3600 },
  },
  async (drill) => {
    const count = drill.isSmall ? 120 : 10_000;
    const stage = await openStage(drill);
    const jobs: OpenJob[] = [];
    for (const plan of [indeedPlan, linkedinPlan, zipRecruiterPlan, monsterPlan]) {
      const job = await postJob(stage, plan(stage));
      drill.step(`a job stands at ${job.board}`);
      // LinkedIn gives up on an address whose first message fails: every board brings one beforehand.
      await job.apply("first@example.test");
      jobs.push(job);
    }
    await stage.work(hourMs);
    const before = await keptBy(stage);

    const mend = breakParsers();
    drill.step(
      `no parser and no worker for ${outageHours} hours: ${show(count)} apply, and the database is down for a while`,
    );
    const made: Made[] = [];
    const thirds = [0, count / 3, (2 * count) / 3, count].map(Math.floor);
    await applyAll(jobs, made, { from: thirds[0] ?? 0, to: thirds[1] ?? 0 });
    await stage.wait(24 * hourMs);
    drill.step("the database goes down for half an hour");
    await stage.database.stop();
    await applyAll(jobs, made, { from: thirds[1] ?? 0, to: thirds[2] ?? 0 });
    const refused = waitingOf(jobs);
    await stage.database.start();
    drill.step("the database is back, and the boards bring what was not taken");
    await stage.wait(hourMs / 2);
    await retryAll(jobs);
    await applyAll(jobs, made, { from: thirds[2] ?? 0, to: thirds[3] ?? 0 });
    for (let round = 1; round < times; round += 1) {
      drill.step(`everything is sent once more: ${round + 1} of ${times}`);
      await eachOf(made, ({ job, name }) => job.again(name));
    }
    await retryAll(jobs);
    drill.step("workers work again, and no parser does");
    await stage.work(outageHours * hourMs - 24.5 * hourMs);
    const failing = await keptBy(stage);
    mend();
    drill.step("parsers work again");
    await stage.work(26 * hourMs);
    const after = await keptBy(stage);
    return report(made, { before, failing, after, refused });
  },
);

async function applyAll(jobs: readonly OpenJob[], made: Made[], { from, to }: { from: number; to: number }) {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  await eachOf(numbers, async (number) => {
    const job = jobs[number % jobs.length];
    if (job) made.push({ job, name: await job.apply(`applicant-${number}@example.test`) });
  });
}

/** A few at a time. */
async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const left = [...all];
  const workers = Array.from({ length: atOnce }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  });
  await Promise.all(workers);
}

function waitingOf(jobs: readonly OpenJob[]): number {
  return jobs.reduce((sum, job) => sum + job.waiting(), 0);
}

/** Boards bring again what was not taken, all at once; what is too much for the door at that moment comes another time. */
async function retryAll(jobs: readonly OpenJob[]): Promise<void> {
  for (let round = 0; round < mostRetries && waitingOf(jobs) > 0; round += 1) {
    for (const job of jobs) await job.retry();
  }
  const left = waitingOf(jobs);
  mustHold(left === 0, `${left} applications never arrived`);
}

async function keptBy({ database }: Stage): Promise<Kept> {
  const [kept] = await database.query<Kept>(`
    SELECT (SELECT count(*) FROM inbound_delivery) AS deliveries,
      (SELECT coalesce(sum(receipts), 0) FROM inbound_delivery) AS receipts,
      (SELECT count(*) FROM inbound_delivery WHERE state <> 'DONE') AS undone,
      (SELECT count(*) FROM job_application) AS applications,
      (SELECT count(DISTINCT (integration_id, person)) FROM job_application) AS people,
      (SELECT count(*) FROM event WHERE type = 'job_application.received') AS events,
      (SELECT count(*) FROM job_application_file WHERE state = 'STORED') AS files`);
  if (!kept) throw new Error("Nothing was counted");
  return kept;
}

function report(
  made: readonly Made[],
  { before, failing, after, refused }: { before: Kept; failing: Kept; after: Kept; refused: number },
): string {
  const since = (name: keyof Kept) => Number(after[name]) - Number(before[name]);
  const boards = [...new Set(made.map(({ job }) => job.board))];
  console.log(
    `\n${table(
      ["board", "applications"],
      boards.map((board) => [board, made.filter(({ job }) => job.board === board).length]),
    )}`,
  );
  const wanted = made.length;
  mustHold(refused > 0, "nothing was refused while the database was down");
  mustHold(Number(failing.applications) === Number(before.applications), "a broken parser made applications");
  mustHold(since("deliveries") === wanted, `${show(since("deliveries"))} of ${show(wanted)} messages are stored`);
  mustHold(since("applications") === wanted, `${show(since("applications"))} of ${show(wanted)} became applications`);
  mustHold(since("people") === wanted, `${show(since("people"))} people for ${show(wanted)} applications`);
  mustHold(since("events") === wanted, `${show(since("events"))} events for ${show(wanted)} applications`);
  mustHold(Number(after.undone) === 0, `${after.undone} messages are left undone`);
  return [
    `${show(wanted)} applications sent ${times} times`,
    `${show(refused)} answered 503 while the database was down`,
    `${show(since("receipts"))} taken`,
    `${show(since("applications"))} stored once each`,
    "0 lost",
    "0 twice",
  ].join(", ");
}
