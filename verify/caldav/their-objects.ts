import { dayOf } from "../converge/days.ts";
import { mustHold } from "../drill/drill.ts";
import type { Chapter } from "./chapter.ts";
import { hour, ics, utc, vevent } from "./texts.ts";

/** What other clients store, and this service changes. */
export const theirObjects: readonly Chapter[] = [
  {
    name: "changed by both",
    async tell(stage) {
      await stage.put(
        "theirs.ics",
        ics(vevent("theirs", "SUMMARY:Theirs", "X-SOMEBODY-ELSES;X-PARAM=kept:value", ...hour(1))),
      );
      await stage.read();
      await stage.ours.update(await stage.idOf("Theirs"), { location: "Ours" });
      await stage.edit("theirs.ics", "SUMMARY:Theirs", "SUMMARY:Theirs again");
      await stage.ours.update(await stage.idOf("Theirs"), { description: "Ours too" });
      const { text } = await stage.theirs.send("GET", `${stage.path}theirs.ics`);
      mustHold(text.includes("X-SOMEBODY-ELSES") && text.includes("SUMMARY:Theirs again"), "a property was lost");
      await stage.put("gone.ics", ics(vevent("gone", "SUMMARY:Gone", ...hour(2))));
      await stage.read();
      await stage.remove("gone.ics");
    },
  },
  {
    name: "of many components",
    async tell(stage) {
      const series = vevent("series", "SUMMARY:Series", "RRULE:FREQ=DAILY;COUNT=4", ...hour(1));
      const second = vevent("series", "SUMMARY:Second", `RECURRENCE-ID:${utc(2, "080000")}`, ...hour(2, "12"));
      const third = vevent("series", "SUMMARY:Third", `RECURRENCE-ID:${utc(3, "080000")}`, ...hour(3, "13"));
      await stage.put("series.ics", ics(series, second, third));
      await stage.read();
      await stage.ours.update(await stage.idOf("Series"), { location: "Ours" }, "ALL");
      await stage.edit("series.ics", "SUMMARY:Third", "SUMMARY:Third again");
    },
  },
  {
    name: "of an occurrence without its series",
    appliesTo: ({ refuses }) => !refuses.includes("an occurrence without its series"),
    async tell(stage) {
      const alone = vevent(
        "invited",
        "SUMMARY:Invited to this one alone",
        `RECURRENCE-ID:${utc(5, "080000")}`,
        ...hour(5),
      );
      await stage.put("invited.ics", ics(alone));
      await stage.read();
      await stage.ours.update(await stage.idOf("Invited to this one alone"), { title: "Ours" });
      await stage.read();
      const whole = vevent("invited", "SUMMARY:The series after all", "RRULE:FREQ=DAILY;COUNT=2", ...hour(5));
      await stage.put("invited.ics", ics(whole));
    },
  },
  {
    name: "under a name without .ics",
    appliesTo: ({ refuses }) => !refuses.includes("a name without .ics"),
    async tell(stage) {
      await stage.put("kept", ics(vevent("kept", "SUMMARY:Kept", ...hour(1))));
      await stage.put("gone", ics(vevent("gone", "SUMMARY:Gone", ...hour(2))));
      await stage.read();
      await stage.ours.update(await stage.idOf("Kept"), { title: "Ours" });
      await stage.ours.delete(await stage.idOf("Gone"));
    },
  },
  {
    name: "under any name",
    async tell(stage) {
      for (const file of ["a%20b%40c.ics", "%E9%9D%A2.ics", "UPPER_lower.ics"]) {
        await stage.put(file, ics(vevent(`in ${file}`, `SUMMARY:In ${file}`, ...hour(1))));
      }
      await stage.read();
      await stage.ours.update(await stage.idOf("In %E9%9D%A2.ics"), { title: "Ours" });
      await stage.ours.delete(await stage.idOf("In a%20b%40c.ics"));
      await stage.edit("UPPER_lower.ics", "SUMMARY:In", "SUMMARY:Still in");
    },
  },
  {
    name: "under a name with punctuation",
    appliesTo: ({ refuses }) => !refuses.includes("punctuation in a name"),
    async tell(stage) {
      await stage.put("100%25%20(copy).ics", ics(vevent("percent", "SUMMARY:All of it", ...hour(1))));
      await stage.read();
      await stage.ours.update(await stage.idOf("All of it"), { title: "Ours" });
    },
  },
  {
    name: "of any day and clock",
    async tell(stage) {
      const day = dayOf(4).replaceAll("-", "");
      const next = dayOf(5).replaceAll("-", "");
      const texts = {
        floating: [`DTSTART:${day}T090000`, `DTEND:${day}T100000`],
        day: [`DTSTART;VALUE=DATE:${day}`],
        days: [`DTSTART;VALUE=DATE:${day}`, `DTEND;VALUE=DATE:${next}`, "RRULE:FREQ=DAILY;COUNT=3"],
        duration: [`DTSTART:${day}T090000Z`, "DURATION:PT90M"],
        windows: [
          `DTSTART;TZID=W. Europe Standard Time:${day}T090000`,
          `DTEND;TZID=W. Europe Standard Time:${day}T100000`,
        ],
      };
      for (const [name, lines] of Object.entries(texts)) {
        await stage.put(`${name}.ics`, ics(vevent(name, `SUMMARY:${name}`, ...lines)));
      }
      await stage.read();
      await stage.ours.update(await stage.idOf("day"), { title: "a day of ours" });
      await stage.ours.update(await stage.idOf("floating"), { title: "floating of ours" });
    },
  },
];
