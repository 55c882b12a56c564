import { BrokenPromise, mustHold } from "../drill/drill.ts";
import { noMishaps } from "./chaos.ts";
import type { Story, Tagged } from "./story.ts";
import type { Listed } from "./vendor.ts";
import type { World } from "./world.ts";

/** What has to be true once nothing is on its way any more. @throws {BrokenPromise} */
export async function mustHaveConverged(world: World, story: Story): Promise<void> {
  const [first] = await world.differences();
  mustHold(first === undefined, `mirror and vendor differ: ${first}`);
  const { changes, writes } = await world.sync(noMishaps);
  mustHold(changes === 0 && writes === 0, `a sync of a calendar at rest made ${changes} changes and ${writes} writes`);
  const listed = await world.theirs.others.list();
  for (const known of story.tagged.values()) mustBeThere(known, listed);
  await mustBeDecorated(world, story);
  await mustBeToldOnce(world);
}

/** Nothing is lost, nothing is there twice, and nobody's last word is undone. */
function mustBeThere(known: Tagged, listed: readonly Listed[]): void {
  const { tag, titles, title, splits, mayBeGone, isRefused } = known;
  const there = listed.filter(({ location }) => location === tag);
  const least = mayBeGone || isRefused ? 0 : 1;
  const most = isRefused ? 0 : 1 + splits;
  mustHold(there.length >= least, `${[...titles].join(", ")} is lost`);
  mustHold(there.length <= most, `${[...titles].join(", ")} is there ${there.length} times`);
  for (const found of there) mustHold(titles.has(found.title), `nobody ever called it ${found.title}`);
  const [only] = there;
  if (title === null || splits > 0 || !only) return;
  mustHold(only.title === title, `it was last called ${title}, and is called ${only.title}`);
}

async function mustBeDecorated(world: World, { decorated }: Story): Promise<void> {
  const rows = await world.rows();
  for (const { externalId } of rows.filter((row) => row.recurrenceKey === "" && decorated.has(row.externalId))) {
    const isKept = await world.theirs.others.isDecorated(externalId);
    if (!isKept) throw new BrokenPromise(`${externalId} lost what somebody else put on it`);
  }
}

/** In the log every event begins once and ends at most once. */
async function mustBeToldOnce(world: World): Promise<void> {
  const wrong = await world.query<{ subjectId: string; created: number; deleted: number }>(
    `SELECT subject_id AS "subjectId",
       count(*) FILTER (WHERE type = 'calendar_event.created')::int AS created,
       count(*) FILTER (WHERE type = 'calendar_event.deleted')::int AS deleted
     FROM event WHERE type IN ('calendar_event.created', 'calendar_event.deleted') AND subject_id NOT LIKE '%\\_%'
     GROUP BY subject_id HAVING count(*) FILTER (WHERE type = 'calendar_event.created') <> 1
       OR count(*) FILTER (WHERE type = 'calendar_event.deleted') > 1`,
  );
  const [first] = wrong;
  mustHold(!first, `${first?.subjectId} was told to begin ${first?.created} times, and to end ${first?.deleted} times`);
}
