import { setTimeout as sleep } from "node:timers/promises";
import { postJob } from "./boards/board.ts";
import { indeedPlan } from "./boards/indeed.ts";
import { type Drill, mustHold, runDrill } from "./drill/drill.ts";
import { show, table } from "./drill/table.ts";
import { type ApplicationPattern, applicationLike, noticeName, noticeOf } from "./ingest/messages.ts";
import { type Attempt, patienceMs, Sender } from "./ingest/sender.ts";
import { connectCalendar, type ListeningStage, openListeningStage, type WatchedCalendar } from "./ingest/stage.ts";

interface Plan {
  readonly messages: number;
  readonly perSecond: number;
  readonly calendars: number;
  readonly stallMs: number;
  readonly burst: number;
  /** What 99 of 100 answers have to keep to, while the database moves. */
  readonly p99Ms: number;
}

const full: Plan = { messages: 10_000, perSecond: 50, calendars: 20, stallMs: 10_000, burst: 300, p99Ms: 50 };
/**
 * So few answers, on a machine that may do other things at the same time, say nothing of how quick they are. The figure is printed,
 * and held to no more than what vendors wait.
 */
const small: Plan = { messages: 160, perSecond: 20, calendars: 3, stallMs: 4_000, burst: 30, p99Ms: patienceMs };

/** One of so many messages is an application; all others are notices. */
const oneApplicationOf = 10;
/** After it goes on, so long it may take until vendors have brought what was left lying. */
const mostCatchUpMs = 30_000;
const mostFetches = 2;

/** When the database stood still. Times are those of `performance.now()`. */
interface Stall {
  readonly from: number;
  readonly to: number;
}

/** What the vendors have, and what was sent in their name. */
interface Sent {
  readonly sender: Sender;
  readonly calendars: readonly WatchedCalendar[];
  readonly applications: number;
  readonly notices: number;
}

await runDrill(
  "ingest",
  {
    promise: "1 (nothing is lost, nothing happens twice): what vendors send is answered in time, and done",
    limitSeconds: { small: 90, full: 1_200 },
  },
  async (drill) => {
    const plan = drill.isSmall ? small : full;
    drill.step("a Postgres, the vendors, and the service in a process of its own");
    const stage = await openListeningStage(drill);
    const { calendars, pattern } = await prepare(stage, plan);

    const sender = new Sender();
    drill.step(`${show(plan.messages)} messages, ${plan.perSecond} a second`);
    const stalled = stallDatabase(drill, stage, plan);
    let notices = 0;
    await sender.steadily(plan.messages, plan.perSecond, (number) => {
      const calendar = calendars[number % calendars.length];
      if (number % oneApplicationOf === 0 || !calendar) return applicationLike(pattern, number, stage.sandbox);
      notices += 1;
      stage.sandbox.googleCalendar.api.patchEvent(calendar.email, calendar.eventId, { summary: `Change ${number}` });
      return noticeOf(calendar, number);
    });
    const stall = await stalled;
    drill.step("what they ask for is done");
    await settled(stage);

    const fetches = await fetchesOfBurst(drill, stage, plan, calendars);
    const sent = { sender, calendars, notices, applications: plan.messages - notices };
    return report(plan, sent, stall, fetches, await lostOf(stage, sent));
  },
);

async function prepare(
  stage: ListeningStage,
  plan: Plan,
): Promise<{ calendars: readonly WatchedCalendar[]; pattern: ApplicationPattern }> {
  const emails = Array.from({ length: plan.calendars }, (_, index) => `recruiter-${index}@example.test`);
  const connecting = Promise.all(emails.map((email) => connectCalendar(stage, email)));
  const job = await postJob(stage, indeedPlan(stage));
  await job.apply("first@example.test");
  const [delivery] = stage.sandbox.indeed.deliveries();
  if (!delivery?.address) throw new Error("Indeed has brought nothing");
  const calendars = await connecting;
  await settled(stage);
  // From here on the drill brings Google's messages itself, and measures how they are answered.
  stage.sandbox.googleCalendar.failPush("lost");
  return { calendars, pattern: { address: delivery.address, body: delivery.body } };
}

/** After a third of the messages. */
async function stallDatabase(drill: Drill, { database }: ListeningStage, plan: Plan): Promise<Stall> {
  await sleep((plan.messages / plan.perSecond / 3) * 1000);
  drill.step(`the database hangs for ${plan.stallMs / 1000} s`);
  const from = performance.now();
  const goOn = await database.stall();
  await sleep(plan.stallMs);
  goOn();
  drill.step("it goes on, and vendors repeat what was not taken");
  return { from, to: performance.now() };
}

/** Nothing that anybody asked for is left to be done. */
async function settled({ until, database }: ListeningStage): Promise<void> {
  await until(
    "the end of all work",
    async () => {
      const [left] = await database.query<{ count: string }>(
        `SELECT (SELECT count(*) FROM sync_run WHERE state IN ('QUEUED', 'RUNNING'))
         + (SELECT count(*) FROM inbound_delivery WHERE state = 'RECEIVED') AS count`,
      );
      return left?.count === "0";
    },
    600_000,
  );
}

/** How often one calendar is fetched for many notices at once. */
async function fetchesOfBurst(
  drill: Drill,
  stage: ListeningStage,
  { burst, messages }: Plan,
  [calendar]: readonly WatchedCalendar[],
): Promise<number> {
  if (!calendar) throw new Error("There is no calendar");
  drill.step(`${show(burst)} notices of one calendar at once`);
  const { sandbox } = stage;
  const since = sandbox.clock.now();
  sandbox.googleCalendar.api.patchEvent(calendar.email, calendar.eventId, { summary: "After the burst" });
  const sender = new Sender();
  await sender.atOnce(Array.from({ length: burst }, (_, index) => noticeOf(calendar, messages + index)));
  mustHold(sender.taken.size === burst, `${burst - sender.taken.size} notices of the burst were not taken`);
  await settled(stage);
  const path = `/calendar/v3/calendars/${calendar.email}/events`;
  return sandbox.requests.filter(
    ({ twin, method, path: at, at: time }) =>
      twin === "google-calendar" && method === "GET" && time >= since && decodeURIComponent(at) === path,
  ).length;
}

/** What was taken and is not stored, or led to nothing; each with what is missing. */
async function lostOf({ database, sandbox }: ListeningStage, { sender, calendars }: Sent): Promise<readonly string[]> {
  const stored = await database.query<Stored>(`
    SELECT delivery.external_id AS "externalId", delivery.headers->>'x-goog-channel-id' AS channel,
      delivery.headers->>'x-goog-message-number' AS number,
      coalesce(run.state = 'SUCCEEDED' AND run.started_at >= delivery.received_at, application.id IS NOT NULL) AS "isDone"
    FROM inbound_delivery delivery
    LEFT JOIN sync_run run ON run.tenant_id = delivery.tenant_id AND run.id = delivery.sync_run_id
    LEFT JOIN job_application application
      ON application.tenant_id = delivery.tenant_id AND application.id = delivery.job_application_id`);
  const done = new Map<string, boolean>();
  for (const { externalId, channel, number, isDone } of stored) {
    done.set(externalId ?? noticeName(channel ?? "", number ?? ""), isDone);
  }
  const lost = [...sender.taken].flatMap((name) => {
    if (!done.has(name)) return [`${name} is not stored`];
    return done.get(name) ? [] : [`${name} led to nothing`];
  });
  for (const { email, eventId } of calendars) {
    const [row] = await database.query<{ title: string }>(
      "SELECT title FROM calendar_event WHERE external_id = $1 AND deleted_at IS NULL",
      [eventId],
    );
    const title = sandbox.googleCalendar.api.event(email, eventId)?.summary;
    if (row?.title !== title) lost.push(`${email} has "${title}", and here it is "${row?.title}"`);
  }
  const [twice] = await database.query<{ count: string }>(
    `SELECT count(*) - count(DISTINCT board_application_id) AS count FROM job_application`,
  );
  mustHold(twice?.count === "0", `${twice?.count} applications are here twice`);
  return lost;
}

interface Stored {
  readonly externalId: string | null;
  readonly channel: string | null;
  readonly number: string | null;
  readonly isDone: boolean;
}

function report(plan: Plan, sent: Sent, stall: Stall, fetches: number, lost: readonly string[]): string {
  const { attempts, taken } = sent.sender;
  const refused = attempts.filter(({ status }) => status === 503);
  const lateNames = new Set(refused.map(({ name }) => name));
  // From then on nobody repeats any more what was not taken.
  const caughtUpAt = Math.max(
    stall.to,
    ...attempts.flatMap(({ name, endedAt }) => (lateNames.has(name) ? [endedAt] : [])),
  );
  const before = attempts.filter(({ endedAt }) => endedAt < stall.from);
  const within = attempts.filter(({ begunAt, endedAt }) => endedAt >= stall.from && begunAt <= stall.to);
  const catchingUp = attempts.filter(({ begunAt }) => begunAt > stall.to && begunAt <= caughtUpAt);
  const after = attempts.filter(({ begunAt }) => begunAt > caughtUpAt);
  const outside = [...before, ...after];
  const catchUpMs = caughtUpAt - stall.to;
  const unanswered = attempts.filter(({ status }) => status === null).length;
  const row = (name: string, of: readonly Attempt[]) => [
    ...[name, of.length, of.filter(({ status }) => status === 503).length],
    ...[50, 99, 100].map((percent) => rounded(percentile(of, percent))),
  ];
  console.log(
    `\n${table(
      ["answers", "all", "503", "p50 ms", "p99 ms", "slowest ms"],
      [
        row("before the database hangs", before),
        row("while it hangs", within),
        row(`while vendors repeat, ${rounded(catchUpMs / 1000)} s`, catchingUp),
        row("afterwards", after),
      ],
    )}\n`,
  );
  const p99 = rounded(percentile(outside, 99));
  mustHold(refused.length > 0, "nothing was answered 503 while the database hung");
  mustHold(unanswered === 0, `${unanswered} messages were not answered within the 3 s that vendors wait`);
  mustHold(taken.size === plan.messages, `${plan.messages - taken.size} of ${plan.messages} were never taken`);
  mustHold(lost.length === 0, `${lost.length} lost: ${lost.slice(0, 5).join("; ")}`);
  mustHold(
    fetches >= 1 && fetches <= mostFetches,
    `${plan.burst} notices of one calendar led to ${fetches} fetches of it`,
  );
  mustHold(catchUpMs <= mostCatchUpMs, `what was left lying was brought only ${rounded(catchUpMs / 1000)} s later`);
  mustHold(p99 <= plan.p99Ms, `99 of 100 answers took up to ${p99} ms, not ${plan.p99Ms}`);
  return [
    `${show(sent.notices)} notices and ${show(sent.applications)} applications`,
    `p99 ${p99} ms (at most ${plan.p99Ms})`,
    `${show(refused.length)} answered 503 and sent again, all taken in ${rounded(catchUpMs / 1000)} s`,
    "0 lost",
    "0 twice",
    `${show(plan.burst)} notices at once: ${fetches} fetches`,
  ].join(", ");
}

function percentile(attempts: readonly Attempt[], percent: number): number {
  const sorted = attempts.map(({ begunAt, endedAt }) => endedAt - begunAt).sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
