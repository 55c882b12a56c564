import { faults } from "../../sandbox/real-servers/fault-proxy.ts";
import { isIntegrationError } from "../../src/errors.ts";
import { mustHold } from "../drill/drill.ts";
import type { Chapter } from "./chapter.ts";
import type { Stage } from "./stage.ts";
import { hour, ics, vevent } from "./texts.ts";

/** What befalls a whole calendar, and what a server tells of it. */
export const calendars: readonly Chapter[] = [
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
