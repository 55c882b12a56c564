import { type Fault, faults } from "../../sandbox/real-servers/fault-proxy.ts";
import { noMishaps } from "../converge/chaos.ts";
import { mustHold } from "../drill/drill.ts";
import type { Chapter } from "./chapter.ts";
import { without } from "./rungs.ts";
import { at, occurrenceOf, type Stage } from "./stage.ts";
import { hour, ics, vevent } from "./texts.ts";

interface Trouble {
  readonly name: string;
  readonly fault: Fault;
  /** It looks like an answer, so that a reading may pass over it; nothing may be lost by it all the same. */
  readonly looksLikeAnAnswer?: boolean;
}

const troubles: readonly Trouble[] = [
  { name: "401", fault: faults.status(401) },
  { name: "429", fault: faults.status(429, { "retry-after": "1" }) },
  { name: "503", fault: faults.status(503) },
  { name: "a web page", fault: faults.html },
  { name: "half an answer", fault: faults.truncated },
  { name: "a connection that closes", fault: faults.reset },
  {
    name: "an empty multistatus",
    fault: faults.status(207, { "content-type": "application/xml" }, '<d:multistatus xmlns:d="DAV:"/>'),
    looksLikeAnAnswer: true,
  },
];

const ways = [
  { name: "by sync-collection", fault: without([]) },
  { name: "by ctag", fault: without(["sync-token"]) },
  { name: "by window", fault: without(["sync-token", "getctag"]) },
];

/** Every trouble in every way of reading; a small drill has each trouble in one of them. */
export function failures(isSmall: boolean): readonly Chapter[] {
  const readings = troubles.flatMap((trouble, index) => {
    const chosen = isSmall ? ways.filter((_, way) => way === index % ways.length) : ways;
    return chosen.map((way) => readingThrough(trouble, way));
  });
  return [
    ...readings,
    writingThrough("a call gets lost", faults.reset, isSmall),
    writingThrough("an answer gets lost", faults.lost, isSmall),
  ];
}

/** Each request of a reading meets the trouble once. */
function readingThrough({ name, fault, looksLikeAnAnswer }: Trouble, way: (typeof ways)[number]): Chapter {
  return {
    name: `read ${way.name} through ${name}`,
    throughout: way.fault,
    async tell(stage) {
      for (const title of ["Kept", "Gone", "Changed"]) {
        await stage.put(`${title}.ics`, ics(vevent(title, `SUMMARY:${title}`, ...hour(1))));
      }
      await stage.read("ACCOUNT");
      await stage.remove("Gone.ics");
      await stage.edit("Changed.ics", "SUMMARY:Changed", "SUMMARY:Changed by them");
      await stage.put("New.ics", ics(vevent("New", "SUMMARY:New", ...hour(2))));
      for (let position = 0; ; position += 1) {
        const { isComplete, isMet } = await syncWith(stage, fault, position);
        if (!isMet) return mustHold(isComplete, "a sync that met nothing did not come to its end");
        const what = `${name}, in answer to request ${position + 1},`;
        if (!looksLikeAnAnswer) mustHold(!isComplete, `${what} passed for a reading`);
        const titles = new Set((await stage.world.rows()).map(({ title }) => title));
        mustHold(titles.has("Kept"), `${what} removed an event`);
        mustHold(isComplete || titles.has("Gone"), `${what} ended a reading, and yet an event was removed`);
        // Who is refused once is asked to sign in again. The drill does.
        await stage.world.query("UPDATE integration SET status = 'ACTIVE'");
        if (isComplete) return;
      }
    },
  };
}

async function syncWith(
  stage: Stage,
  fault: Fault,
  position: number,
): Promise<{ readonly isComplete: boolean; readonly isMet: boolean }> {
  const nth = onNth(position, fault);
  const { isComplete } = await stage.during(nth.fault, () => stage.sync("ACCOUNT"));
  if (nth.isMet()) stage.failures += 1;
  return { isComplete, isMet: nth.isMet() };
}

/** How many requests of a write are tried: all that a write of ours has, or those up to the one that writes. */
const requestsOfAWrite = { small: 3, full: 6 };

/** Each request of each write meets the trouble once; what was not told to be done is brought on by its task. */
function writingThrough(name: string, fault: Fault, isSmall: boolean): Chapter {
  const positions = isSmall ? requestsOfAWrite.small : requestsOfAWrite.full;
  return {
    name: `written while ${name}`,
    async tell(stage) {
      const { ours } = stage;
      for (let position = 0; position < positions; position += 1) {
        const write = async (work: () => Promise<unknown>) => {
          const nth = onNth(position, fault);
          await stage.during(nth.fault, work);
          if (nth.isMet()) stage.failures += 1;
          await stage.world.settle(noMishaps);
        };
        await write(() => ours.create({ title: `Created ${position}` }));
        await write(async () => ours.update(await stage.idOf(`Created ${position}`), { title: `Changed ${position}` }));
        const series = await ours.create({ title: `Series ${position}`, recurrence: ["RRULE:FREQ=DAILY;COUNT=6"] });
        const third = occurrenceOf(series.id, at(3, "10:00"));
        await write(() => ours.update(third, { title: `Rest ${position}` }, "THIS_AND_FOLLOWING"));
        const second = occurrenceOf(series.id, at(2, "10:00"));
        await write(() => ours.delete(second, "THIS"));
        const { id } = await ours.create({ title: `Deleted ${position}` });
        await write(() => ours.delete(id));
      }
    },
  };
}

/** The nth request, counted from 0, meets the fault. */
function onNth(position: number, fault: Fault): { readonly fault: Fault; isMet(): boolean } {
  let passed = 0;
  return {
    fault(request, forward) {
      const isMeant = passed === position;
      passed += 1;
      return isMeant ? fault(request, forward) : undefined;
    },
    isMet: () => passed > position,
  };
}
