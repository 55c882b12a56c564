import { type Fault, faults } from "../../sandbox/real-servers/fault-proxy.ts";
import { isIntegrationError } from "../../src/errors.ts";
import type { Attendee } from "../../src/providers/calendar/provider.ts";
import type { WritableFields } from "../../src/services/event-input.ts";
import { dayOf } from "../converge/days.ts";
import { mustHold } from "../drill/drill.ts";
import { failures } from "./failures.ts";
import { rungs } from "./rungs.ts";
import type { CalDavServer } from "./servers.ts";
import { at, occurrenceOf, type Stage } from "./stage.ts";
import { hour, ics, utc, vevent } from "./texts.ts";

/** A part of the story that is told at every server, in a calendar of its own. */
export interface Chapter {
  readonly name: string;
  /** Whether a server has what it is about; where absent, all have. */
  readonly appliesTo?: (server: CalDavServer) => boolean;
  /** What the server is like from beginning to end. */
  readonly throughout?: Fault;
  tell(stage: Stage): Promise<void>;
}

const guests: readonly Attendee[] = [
  { email: "ana@example.net", name: "Süß, Ana", response: "NEEDS_ACTION", optional: false },
  { email: "bo@example.org", name: null, response: "NEEDS_ACTION", optional: true },
];
const daily: Partial<WritableFields> = { recurrence: ["RRULE:FREQ=DAILY;COUNT=6"] };
const allDay: Partial<WritableFields> = {
  start: { kind: "date", date: dayOf(3) },
  end: { kind: "date", date: dayOf(5) },
};

export function chaptersFor(isSmall: boolean): readonly Chapter[] {
  return [...plain, ...rungs(isSmall), ...failures(isSmall)];
}

const plain: readonly Chapter[] = [
  {
    name: "created by us",
    async tell({ ours }) {
      await ours.create({ title: "Plain" });
      await ours.create({
        title: 'Gespräch; "Ana, Bo" \\ 面接 <&>',
        description: `One\nTwo, three; ${"日本語の説明".repeat(40)}`,
        location: "Room 7, 2nd floor",
        status: "TENTATIVE",
        transparency: "TRANSPARENT",
        classification: "PRIVATE",
        reminders: [60, 10],
      });
      await ours.create({ title: "With guests", attendees: guests });
      await ours.create({ title: "Whole days", ...allDay });
      await ours.create({
        title: "Across the change of clocks",
        ...daily,
        recurrence: ["RRULE:FREQ=MONTHLY;COUNT=12"],
      });
    },
  },
  {
    name: "changed by us",
    async tell({ ours }) {
      const { id } = await ours.create({ title: "First", attendees: guests, description: "Bring a pen" });
      await ours.update(id, { title: "Second" });
      await ours.update(id, { start: at(2, "15:00"), end: at(2, "16:30") });
      await ours.update(id, { attendees: [...guests.slice(1), { ...guests[0], email: "cy@example.net" } as Attendee] });
      await ours.update(id, { description: null, location: "Elsewhere", reminders: [5] });
      const gone = await ours.create({ title: "Gone" });
      await ours.delete(gone.id);
    },
  },
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
    name: "series: this one",
    async tell({ ours }) {
      const { id } = await ours.create({ title: "Daily", ...daily });
      await ours.update(
        occurrenceOf(id, at(2, "10:00")),
        { title: "Moved", start: at(2, "14:00"), end: at(2, "15:00") },
        "THIS",
      );
      await ours.update(occurrenceOf(id, at(3, "10:00")), { attendees: guests }, "THIS");
      await ours.delete(occurrenceOf(id, at(4, "10:00")), "THIS");
      await ours.delete(occurrenceOf(id, at(2, "10:00")), "THIS");
    },
  },
  {
    name: "series: this and following",
    async tell({ ours }) {
      const { id } = await ours.create({ title: "Daily", ...daily });
      await ours.update(occurrenceOf(id, at(2, "10:00")), { title: "Changed before" }, "THIS");
      await ours.update(occurrenceOf(id, at(5, "10:00")), { title: "Changed after" }, "THIS");
      await ours.update(
        occurrenceOf(id, at(4, "10:00")),
        { title: "The rest", start: at(4, "11:00"), end: at(4, "12:00") },
        "THIS_AND_FOLLOWING",
      );
      await ours.delete(occurrenceOf(id, at(3, "10:00")), "THIS_AND_FOLLOWING");
    },
  },
  {
    name: "series: all",
    async tell({ ours }) {
      const { id } = await ours.create({ title: "Daily", ...daily });
      await ours.update(occurrenceOf(id, at(2, "10:00")), { title: "Changed" }, "THIS");
      await ours.delete(occurrenceOf(id, at(3, "10:00")), "THIS");
      await ours.update(id, { start: at(2, "11:30"), end: at(2, "12:00") }, "ALL");
      await ours.update(id, { title: "All of them" }, "ALL");
      const days = await ours.create({ title: "Whole days", ...allDay, recurrence: ["RRULE:FREQ=WEEKLY;COUNT=4"] });
      await ours.delete(occurrenceOf(days.id, { kind: "date", date: dayOf(10) }), "THIS");
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
  {
    name: "the same uid again",
    async tell(stage) {
      const { provider, account } = await stage.service.accounts.openCalendars(
        stage.world.viewer.tenantId,
        stage.world.integrationId,
      );
      const calendar = stage.world.theirs.externalId;
      await stage.put("another-name.ics", ics(vevent("taken", "SUMMARY:Taken by them", ...hour(1))));
      await stage.ours.create({ title: "Taken by us" });
      await stage.ours.create({ title: "Taken by a meeting", attendees: guests });
      for (const title of ["Taken by us", "Taken by a meeting", "Taken by them"]) {
        await stage.read();
        const { uid, externalId, attendees } = await stage.row(title);
        const draft = { ...plainDraft, uid, creationId: idIn(externalId), attendees: [...attendees] };
        const forms = [draft, { ...draft, creationId: crypto.randomUUID() }];
        for (const form of title === "Taken by them" ? forms.slice(1) : forms) {
          const made = await provider.createEvent(account, calendar, form).catch((error: unknown) => {
            if (isIntegrationError(error, "DUPLICATE")) return null;
            throw error;
          });
          // DAViCal has it twice then.
          if (made)
            await provider.deleteEvent(account, calendar, {
              object: made,
              recurrenceId: null,
              span: "ALL",
              writeId: form.creationId,
            });
          const found = await provider.findCreated(account, calendar, form);
          mustHold(found?.externalId === externalId, `the one that is there of ${title} is not found`);
        }
      }
    },
  },
  {
    name: "a calendar that is only read",
    appliesTo: ({ makeReadOnly }) => makeReadOnly !== undefined,
    async tell(stage) {
      const { server } = stage.site;
      await stage.ours.create({ title: "There before" });
      await server.makeReadOnly?.(stage.username, stage.path);
      await refused(stage, "FORBIDDEN", "PROVIDER_REFUSED");
      await stage.read("ACCOUNT");
      mustHold(!(await calendarRow(stage)).writable, `${server.name} does not say that a calendar is only read`);
      await refused(stage, "FORBIDDEN");
    },
  },
  {
    name: "a calendar with another name",
    async tell(stage) {
      await stage.ours.create({ title: "In it" });
      const body =
        '<propertyupdate xmlns="DAV:"><set><prop><displayname>Another name 面接</displayname></prop></set></propertyupdate>';
      await stage.theirs.send("PROPPATCH", stage.path, body, { "content-type": "application/xml" });
      await stage.read("ACCOUNT");
      const { name } = await calendarRow(stage);
      mustHold(name === "Another name 面接", `the calendar is called ${name}`);
    },
  },
  {
    name: "a calendar that goes, and comes again",
    async tell(stage) {
      await stage.ours.create({ title: "In the old one" });
      await stage.theirs.send("DELETE", stage.path);
      const { isComplete } = await stage.sync();
      mustHold(!isComplete, `a sync of a calendar that is gone at ${stage.site.server.name} ended well`);
      await stage.theirs.send("MKCALENDAR", stage.path);
      await stage.put("new.ics", ics(vevent("new", "SUMMARY:In the new one", ...hour(1))));
    },
  },
  {
    name: "a token that nobody knows",
    async tell(stage) {
      for (const [index, token] of ["no-such-token", "http://example.com/ns/sync/9999999", "0"].entries()) {
        await stage.put(`gone-${index}.ics`, ics(vevent(`gone-${index}`, `SUMMARY:Gone ${index}`, ...hour(1))));
        await stage.read();
        await stage.remove(`gone-${index}.ics`);
        await stage.put(`new-${index}.ics`, ics(vevent(`new-${index}`, `SUMMARY:New ${index}`, ...hour(2))));
        await stage.world.query("UPDATE calendar SET sync_cursor = $1", [JSON.stringify({ syncToken: token })]);
        await stage.read();
      }
    },
  },
  {
    name: "page by page",
    async tell(stage) {
      await stage.put("gone.ics", ics(vevent("gone", "SUMMARY:Gone", ...hour(1))));
      await stage.read();
      for (const n of [1, 2, 3, 4, 5])
        await stage.put(`${n}.ics`, ics(vevent(`page-${n}`, `SUMMARY:No. ${n}`, ...hour(n))));
      await stage.remove("gone.ics");
      await stage.during(faults.on("sync-collection ", faults.asking(withLimit)), () => stage.read());
    },
  },
];

const plainDraft = {
  title: "Again",
  description: null,
  location: null,
  reminders: null,
  conference: false,
  status: "CONFIRMED",
  transparency: "OPAQUE",
  classification: "PUBLIC",
  start: at(1, "10:00"),
  end: at(1, "10:45"),
  recurrence: [],
} as const;

/** Only Cyrus heeds it, so that the engine, which never sends it, gets to see real pages. */
function withLimit(body: string): string {
  return body.replace(/<(\w+:)prop>/, "<$1limit><$1nresults>2</$1nresults></$1limit>$&");
}

async function refused(stage: Stage, ...codes: readonly Parameters<typeof isIntegrationError>[1][]): Promise<void> {
  const error = await stage.ours.create({ title: "Refused" }).then(
    () => null,
    (reason: unknown) => reason,
  );
  const isExpected = codes.some((code) => isIntegrationError(error, code));
  mustHold(isExpected, `writing where it is not allowed at ${stage.site.server.name} came to ${error}`);
}

async function calendarRow({ world }: Stage): Promise<{ readonly name: string; readonly writable: boolean }> {
  const [row] = await world.query<{ name: string; writable: boolean }>(
    "SELECT name, writable FROM calendar WHERE id = $1",
    [world.calendarId],
  );
  if (!row) throw new Error("There is no calendar");
  return row;
}

/** The creation that a file was named after. */
function idIn(externalId: string): string {
  return /([^/]+)\.ics$/.exec(externalId)?.[1] ?? crypto.randomUUID();
}
