import { describe, expect, it } from "vitest";
import { answerInvitation } from "../../src/providers/calendar/icalendar/answer.ts";
import { readEvents } from "../../src/providers/calendar/icalendar/read.ts";
import {
  endBefore,
  patchAll,
  patchOccurrence,
  removeOccurrence,
  restFrom,
} from "../../src/providers/calendar/icalendar/series.ts";
import { formatDraft } from "../../src/providers/calendar/icalendar/write.ts";
import type { EventPatch } from "../../src/providers/calendar/provider.ts";
import type { EventTime } from "../../src/recurrence/event-time.ts";
import { aDraft, berlin } from "../support/event-draft.ts";

const writing = { now: new Date("2026-11-22T09:00:00Z"), organizer: null };

const utc = (local: string): EventTime => ({ kind: "zoned", local, timeZone: "UTC" });
const floating = (local: string): EventTime => ({ kind: "floating", local });
const date = (day: string): EventTime => ({ kind: "date", date: day });

/** A calendar object; each argument is one component. */
function object(...components: string[]): string {
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Test//EN", ...components, "END:VCALENDAR", ""];
  return lines.join("\n").replaceAll("\n", "\r\n");
}

/** A VEVENT with these lines; it starts on 1 December unless they say otherwise. */
function event(...lines: string[]): string {
  const start = lines.some((line) => line.startsWith("DTSTART"))
    ? []
    : ["DTSTART;TZID=Europe/Berlin:20261201T100000", "DTEND;TZID=Europe/Berlin:20261201T104500"];
  return ["BEGIN:VEVENT", "UID:one@example.org", "DTSTAMP:20261101T000000Z", ...start, ...lines, "END:VEVENT"].join(
    "\n",
  );
}

function only(raw: string) {
  const [first, ...others] = readEvents(raw);
  if (first === undefined || others.length > 0) throw new Error("There is not one event");
  return first;
}

/** Unfolded lines of the events, without the time zones. */
function linesOf(raw: string): readonly string[] {
  const unfolded = raw.replaceAll(/\r\n[ \t]/g, "").replaceAll(/BEGIN:VTIMEZONE.*?END:VTIMEZONE\r\n/gs, "");
  return unfolded.split("\r\n");
}

describe("when an event is", () => {
  it.each([
    {
      name: "in a zone",
      lines: ["DTSTART;TZID=Europe/Berlin:20261201T100000", "DTEND;TZID=Europe/Berlin:20261201T104500"],
      start: berlin("2026-12-01T10:00:00"),
      end: berlin("2026-12-01T10:45:00"),
    },
    {
      name: "in UTC",
      lines: ["DTSTART:20261201T090000Z", "DTEND:20261201T094500Z"],
      start: utc("2026-12-01T09:00:00"),
      end: utc("2026-12-01T09:45:00"),
    },
    {
      name: "floating",
      lines: ["DTSTART:20261201T100000", "DTEND:20261201T104500"],
      start: floating("2026-12-01T10:00:00"),
      end: floating("2026-12-01T10:45:00"),
    },
    {
      name: "whole days",
      lines: ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"],
      start: date("2026-12-24"),
      end: date("2026-12-27"),
    },
    {
      name: "a day without VALUE=DATE",
      lines: ["DTSTART:20261224", "DTEND:20261225"],
      start: date("2026-12-24"),
      end: date("2026-12-25"),
    },
    {
      name: "a day without an end",
      lines: ["DTSTART;VALUE=DATE:20261224"],
      start: date("2026-12-24"),
      end: date("2026-12-25"),
    },
    {
      name: "a day that ends on itself",
      lines: ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261224"],
      start: date("2026-12-24"),
      end: date("2026-12-25"),
    },
    {
      name: "a time without an end",
      lines: ["DTSTART:20261201T090000Z"],
      start: utc("2026-12-01T09:00:00"),
      end: utc("2026-12-01T09:00:00"),
    },
    {
      name: "as long as its DURATION",
      lines: ["DTSTART;TZID=Europe/Berlin:20261201T100000", "DURATION:PT1H30M"],
      start: berlin("2026-12-01T10:00:00"),
      end: berlin("2026-12-01T11:30:00"),
    },
    {
      name: "a day by its DURATION over the change of clocks",
      lines: ["DTSTART;TZID=Europe/Berlin:20261024T220000", "DURATION:P1D"],
      start: berlin("2026-10-24T22:00:00"),
      end: berlin("2026-10-25T22:00:00"),
    },
    {
      name: "24 hours by its DURATION over the change of clocks",
      lines: ["DTSTART;TZID=Europe/Berlin:20261024T220000", "DURATION:PT24H"],
      start: berlin("2026-10-24T22:00:00"),
      end: berlin("2026-10-25T21:00:00"),
    },
    {
      name: "between two zones",
      lines: ["DTSTART;TZID=Europe/Berlin:20261201T100000", "DTEND;TZID=America/New_York:20261201T130000"],
      start: berlin("2026-12-01T10:00:00"),
      end: { kind: "zoned", local: "2026-12-01T13:00:00", timeZone: "America/New_York" },
    },
    {
      name: "over before it starts",
      lines: ["DTSTART:20261201T090000Z", "DTEND:20261201T080000Z"],
      start: utc("2026-12-01T09:00:00"),
      end: utc("2026-12-01T09:00:00"),
    },
    {
      name: "in a zone by its Windows name",
      lines: [
        'DTSTART;TZID="W. Europe Standard Time":20261201T100000',
        'DTEND;TZID="W. Europe Standard Time":20261201T104500',
      ],
      start: berlin("2026-12-01T10:00:00"),
      end: berlin("2026-12-01T10:45:00"),
    },
    {
      name: "in a zone of a registry",
      lines: ["DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261201T100000", "DURATION:PT45M"],
      start: berlin("2026-12-01T10:00:00"),
      end: berlin("2026-12-01T10:45:00"),
    },
  ])("is read when it is $name", ({ lines, start, end }) => {
    expect(only(object(event(...lines)))).toMatchObject({ start, end });
  });
});

describe("what an event says", () => {
  it("is read from every property", () => {
    const { attendees, organizer, ...said } = only(
      object(
        event(
          "SUMMARY:Interview\\, second",
          "DESCRIPTION:Line one\\nLine two",
          "LOCATION:Room 7",
          "STATUS:tentative",
          "TRANSP:TRANSPARENT",
          "CLASS:X-UNHEARD-OF",
          "SEQUENCE:3",
          "CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://meet.example.com/abc",
          'ORGANIZER;CN="Lind, Bo":MAILTO:Bo@Example.org',
          "ATTENDEE;CN=Ana;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:mailto:ana@example.net",
          "ATTENDEE;PARTSTAT=IN-PROCESS:mailto:cy@example.net",
          "ATTENDEE;EMAIL=di@example.net;CN=Di:urn:uuid:1b9f6e1c",
          "ATTENDEE;CUTYPE=ROOM;CN=Room 7:/principals/rooms/7/",
        ),
      ),
    );
    expect(said).toMatchObject({
      title: "Interview, second",
      description: "Line one\nLine two",
      location: "Room 7",
      status: "TENTATIVE",
      transparency: "TRANSPARENT",
      classification: "PRIVATE",
      conferenceUrl: "https://meet.example.com/abc",
      sequence: 3,
    });
    expect(organizer).toEqual({ email: "bo@example.org", name: "Lind, Bo" });
    expect(attendees).toEqual([
      { email: "ana@example.net", name: "Ana", response: "ACCEPTED", optional: true },
      { email: "cy@example.net", name: null, response: "NEEDS_ACTION", optional: false },
      { email: "di@example.net", name: "Di", response: "NEEDS_ACTION", optional: false },
    ]);
  });

  it("has a default where nothing is said", () => {
    expect(only(object(event()))).toMatchObject({
      title: "",
      description: null,
      location: null,
      conferenceUrl: null,
      status: "CONFIRMED",
      transparency: "OPAQUE",
      classification: "PUBLIC",
      organizer: null,
      attendees: [],
      recurrence: [],
      recurrenceId: null,
      sequence: 0,
    });
  });

  it.each([
    { line: "LOCATION:https://us02web.zoom.us/j/123?pwd=x", url: "https://us02web.zoom.us/j/123?pwd=x" },
    {
      line: "DESCRIPTION:Join: <https://teams.microsoft.com/l/meetup-join/1>.",
      url: "https://teams.microsoft.com/l/meetup-join/1",
    },
    { line: "X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij", url: "https://meet.google.com/abc-defg-hij" },
    { line: "DESCRIPTION:See https://example.com/agenda", url: null },
  ])("has a link to join in $line", ({ line, url }) => {
    expect(only(object(event(line))).conferenceUrl).toBe(url);
  });
});

describe("how a series recurs", () => {
  it.each([
    { lines: ["RRULE:FREQ=WEEKLY;BYDAY=TU,TH"], recurrence: ["RRULE:FREQ=WEEKLY;BYDAY=TU,TH"] },
    {
      lines: ["RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20261202T100000,20261203T100000"],
      recurrence: ["RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20261202T100000,20261203T100000"],
    },
    // In the zone of the start, whatever the zone they came in.
    { lines: ["EXDATE:20261202T090000Z"], recurrence: ["EXDATE;TZID=Europe/Berlin:20261202T100000"] },
    { lines: ["EXDATE;VALUE=DATE:20261202"], recurrence: ["EXDATE;VALUE=DATE:20261202"] },
    {
      lines: ["RDATE;VALUE=PERIOD:20261202T090000Z/PT2H"],
      recurrence: ["RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20261202T100000/PT2H"],
    },
    {
      lines: ["DTSTART;VALUE=DATE:20261201", "RRULE:FREQ=DAILY;UNTIL=20261205", "EXDATE:20261203"],
      recurrence: ["RRULE:FREQ=DAILY;UNTIL=20261205", "EXDATE;VALUE=DATE:20261203"],
    },
    {
      lines: ["DTSTART:20261201T090000Z", "RRULE:FREQ=DAILY", "EXDATE:20261203T090000Z"],
      recurrence: ["RRULE:FREQ=DAILY", "EXDATE:20261203T090000Z"],
    },
  ])("is $recurrence for $lines", ({ lines, recurrence }) => {
    expect(only(object(event(...lines))).recurrence).toEqual(recurrence);
  });

  it("is the same for changed occurrences before their master, tasks among them and RANGE", () => {
    const changed = event("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261208T100000", "SUMMARY:Changed");
    const todo = "BEGIN:VTODO\nUID:todo\nDTSTAMP:20261101T000000Z\nEND:VTODO";
    const [master, override, ...others] = readEvents(
      object(changed, todo, event("RRULE:FREQ=WEEKLY", "SUMMARY:Series")),
    );
    expect(master).toMatchObject({ title: "Series", recurrenceId: null });
    expect(override).toMatchObject({ title: "Changed", recurrenceId: berlin("2026-12-08T10:00:00") });
    expect(others).toEqual([]);
  });

  it("is known of an object that has changed occurrences only", () => {
    const changed = event("RECURRENCE-ID:20261208T090000Z");
    expect(only(object(changed)).recurrenceId).toEqual(utc("2026-12-08T09:00:00"));
  });
});

describe("text that is not as it should be", () => {
  it("may have a BOM, line feeds, blank lines and several calendars", () => {
    const one = object(event("SUMMARY:One")).replaceAll("\r\n", "\n");
    const two = object(event("SUMMARY:Two", "RECURRENCE-ID:20261208T090000Z"));
    expect(readEvents(`\uFEFF${one}\n\n${two}`).map(({ title }) => title)).toEqual(["One", "Two"]);
  });

  it.each([
    { name: "is nothing", raw: "" },
    { name: "is a web page", raw: "<!doctype html>" },
    { name: "has a line that is none", raw: object(event("this is not a property")) },
    { name: "breaks off", raw: object(event()).slice(0, 120) },
    { name: "has no UID", raw: object(event().replace("UID:one@example.org\n", "")) },
    { name: "is in the 13th month", raw: object(event("DTSTART:20261324T100000Z")) },
    { name: "is on 30 February", raw: object(event("DTSTART;VALUE=DATE:20260230")) },
    { name: "has no start", raw: object("BEGIN:VEVENT\nUID:x\nEND:VEVENT") },
  ])("cannot be read when it $name", ({ raw }) => {
    expect(() => readEvents(raw)).toThrow(expect.objectContaining({ name: "IntegrationError" }));
  });

  it("has no event when it is a task", () => {
    expect(readEvents(object("BEGIN:VTODO\nUID:todo\nEND:VTODO"))).toEqual([]);
  });
});

describe("a new object", () => {
  it("comes back as it was drafted, with the zone it is in", () => {
    const draft = aDraft({
      title: "面接：アナ・ルイス".repeat(12),
      description: 'Semi; comma, "quote" \\ and\nnew line',
      attendees: [{ email: "ana@example.net", name: 'Ruiz, "Ana"', response: "NEEDS_ACTION", optional: true }],
      recurrence: ["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20261208T100000"],
    });
    const raw = formatDraft(draft, { ...writing, organizer: "bo@example.org" });
    const { creationId: _, conference: __, ...fields } = draft;
    expect(only(raw)).toEqual({
      ...fields,
      attendees: [{ ...draft.attendees[0], name: expect.stringContaining("Ruiz") }],
      organizer: { email: "bo@example.org", name: null },
      conferenceUrl: null,
      recurrenceId: null,
      sequence: 0,
    });
    expect(raw).toContain("BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin");
    expect(raw).not.toContain("METHOD");
    expect(Math.max(...raw.split("\r\n").map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
  });

  it.each([
    { start: utc("2026-12-01T09:00:00"), line: "DTSTART:20261201T090000Z" },
    { start: floating("2026-12-01T10:00:00"), line: "DTSTART:20261201T100000" },
    { start: date("2026-12-01"), line: "DTSTART;VALUE=DATE:20261201" },
    { start: berlin("2026-12-01T10:00:00"), line: "DTSTART;TZID=Europe/Berlin:20261201T100000" },
  ])("has the start in the form of its kind: $line", ({ start, line }) => {
    expect(
      linesOf(formatDraft(aDraft({ start, end: start.kind === "date" ? date("2026-12-02") : start }), writing)),
    ).toContain(line);
  });
});

describe("patching", () => {
  const foreign = object(
    "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE",
    event(
      "DTSTART;TZID=W. Europe Standard Time;X-P=1:20261201T100000",
      "DURATION:PT45M",
      "SUMMARY;LANGUAGE=de:Gespräch",
      'LOCATION;ALTREP="https://example.com/room":Room 7',
      "X-APPLE-STRUCTURED-LOCATION;VALUE=URI:geo:1,2",
      "DESCRIPTION:Old",
      "X-ALT-DESC;FMTTYPE=text/html:<b>Old</b>",
      "CONFERENCE;FEATURE=VIDEO;VALUE=URI:https://meet.example.com/abc",
      "ATTENDEE;CN=Ana;X-NUM=7;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=1.2:mailto:Ana@example.net",
      "ATTENDEE;CUTYPE=ROOM:/principals/rooms/7/",
      "CREATED:20261101T000000Z",
      "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nX-LIC-ERROR:kept\nEND:VALARM",
    ),
    "BEGIN:X-COMP\nX-PROP:kept\nEND:X-COMP",
  ).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST\r\nX-WR-CALNAME:Kept");

  const changed = (patch: EventPatch) => {
    const before = linesOf(foreign);
    const after = linesOf(patchAll(foreign, patch, writing));
    return {
      gone: before.filter((line) => !after.includes(line)),
      come: after.filter((line) => !before.includes(line)),
    };
  };
  const revision = ["DTSTAMP:20261122T090000Z", "LAST-MODIFIED:20261122T090000Z"];
  const old = ["METHOD:REQUEST", "DTSTAMP:20261101T000000Z"];

  it.each<{ name: string; patch: EventPatch; gone: string[]; come: string[] }>([
    { name: "nothing", patch: {}, gone: [], come: [] },
    { name: "a title", patch: { title: "X" }, gone: ["SUMMARY;LANGUAGE=de:Gespräch"], come: ["SUMMARY;LANGUAGE=de:X"] },
    {
      name: "a description, whose rendition goes",
      patch: { description: "New" },
      gone: ["DESCRIPTION:Old", "X-ALT-DESC;FMTTYPE=text/html:<b>Old</b>"],
      come: ["DESCRIPTION:New"],
    },
    { name: "what is the same", patch: { description: "Old", location: "Room 7" }, gone: [], come: [] },
    {
      name: "a place, which makes a new revision",
      patch: { location: null },
      gone: ['LOCATION;ALTREP="https://example.com/room":Room 7', "X-APPLE-STRUCTURED-LOCATION;VALUE=URI:geo:1,2"],
      come: ["SEQUENCE:1"],
    },
    {
      name: "a start in the zone it has, keeping its name",
      patch: { start: berlin("2026-12-02T09:00:00") },
      gone: ["DTSTART;TZID=W. Europe Standard Time;X-P=1:20261201T100000", "DURATION:PT45M"],
      come: [
        "DTSTART;X-P=1;TZID=W. Europe Standard Time:20261202T090000",
        "DTEND;TZID=W. Europe Standard Time:20261202T094500",
        "SEQUENCE:1",
      ],
    },
    {
      name: "whole days",
      patch: { start: date("2026-12-02"), end: date("2026-12-03") },
      gone: ["DTSTART;TZID=W. Europe Standard Time;X-P=1:20261201T100000", "DURATION:PT45M"],
      come: ["DTSTART;X-P=1;VALUE=DATE:20261202", "DTEND;VALUE=DATE:20261203", "SEQUENCE:1"],
    },
    { name: "a cancellation", patch: { status: "CANCELLED" }, gone: [], come: ["STATUS:CANCELLED", "SEQUENCE:1"] },
    {
      name: "a guest more, touching no other",
      patch: {
        attendees: [
          { email: "ana@example.net", name: "Ana", response: "ACCEPTED", optional: false },
          { email: "cy@example.net", name: "Cy", response: "NEEDS_ACTION", optional: true },
        ],
      },
      gone: [],
      come: ["ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Cy:mailto:cy@example.net"],
    },
    {
      name: "who is optional, and not what anybody answered",
      patch: { attendees: [{ email: "ana@example.net", name: "Ana", response: "NEEDS_ACTION", optional: true }] },
      gone: ["ATTENDEE;CN=Ana;X-NUM=7;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=1.2:mailto:Ana@example.net"],
      come: [
        "ATTENDEE;CN=Ana;X-NUM=7;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=1.2;ROLE=OPT-PARTICIPANT:mailto:Ana@example.net",
      ],
    },
    {
      name: "nobody but the room",
      patch: { attendees: [] },
      gone: ["ATTENDEE;CN=Ana;X-NUM=7;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=1.2:mailto:Ana@example.net"],
      come: [],
    },
  ])("changes $name and keeps every other line", ({ patch, gone, come }) => {
    const change = changed(patch);
    expect(change.gone.toSorted()).toEqual([...old, ...gone].toSorted());
    expect(change.come.toSorted()).toEqual([...revision, ...come].toSorted());
  });

  it("writes the zone's own name and its VTIMEZONE where the object's has none", () => {
    const raw = patchAll(
      object(event("DTSTART;TZID=W. Europe Standard Time:20261201T100000")),
      { start: berlin("2026-12-02T09:00:00") },
      writing,
    );
    expect(raw).toContain("DTSTART;TZID=Europe/Berlin:20261202T090000");
    expect(raw).toContain("TZID:Europe/Berlin\r\n");
  });

  it("refuses an end of another kind than the start", () => {
    const patch = { start: date("2026-12-02") };
    expect(() => patchAll(foreign, patch, writing)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", field: ["end"] }),
    );
  });

  it("keeps a list of features a list", () => {
    const raw = object(event("CONFERENCE;VALUE=URI;FEATURE=VIDEO,AUDIO:https://meet.example.com/abc"));
    expect(patchAll(raw, { title: "X" }, writing)).toContain("FEATURE=VIDEO,AUDIO");
  });
});

describe("patching a series", () => {
  const series = object(
    event("RRULE:FREQ=WEEKLY;UNTIL=20270105T090000Z", "EXDATE:20261208T090000Z", "SUMMARY:Series", "LOCATION:Room 7"),
    event(
      "RECURRENCE-ID:20261215T090000Z",
      "DTSTART;TZID=Europe/Berlin:20261215T100000",
      "DTEND;TZID=Europe/Berlin:20261215T104500",
      "SUMMARY:Own title",
      "LOCATION:Room 7",
    ),
    event(
      "RECURRENCE-ID;TZID=Europe/Berlin:20261222T100000",
      "DTSTART;TZID=Europe/Berlin:20261223T150000",
      "DTEND;TZID=Europe/Berlin:20261223T160000",
      "SUMMARY:Series",
    ),
  );
  const second = berlin("2026-12-08T10:00:00");
  const third = utc("2026-12-15T09:00:00");

  it("lets a changed occurrence follow in what it has in common, and in nothing else", () => {
    const [master, own, moved] = readEvents(patchAll(series, { title: "New", location: "Room 8" }, writing));
    expect(master).toMatchObject({ title: "New", location: "Room 8" });
    expect(own).toMatchObject({ title: "Own title", location: "Room 8" });
    expect(moved).toMatchObject({ title: "New", location: null });
  });

  it("moves exceptions with the start, and leaves alone what was moved before", () => {
    const [master, own, moved] = readEvents(
      patchAll(series, { start: berlin("2026-12-01T11:00:00"), end: berlin("2026-12-01T12:00:00") }, writing),
    );
    expect(master?.recurrence).toContain("EXDATE;TZID=Europe/Berlin:20261208T110000");
    expect(own).toMatchObject({
      recurrenceId: berlin("2026-12-15T11:00:00"),
      start: berlin("2026-12-15T11:00:00"),
      end: berlin("2026-12-15T12:00:00"),
    });
    expect(moved).toMatchObject({
      recurrenceId: berlin("2026-12-22T11:00:00"),
      start: berlin("2026-12-23T15:00:00"),
      end: berlin("2026-12-23T16:00:00"),
    });
  });

  it.each([
    {
      name: "keeps its last occurrence",
      lines: ["RRULE:FREQ=DAILY;UNTIL=20261205T090000Z"],
      start: berlin("2026-12-01T11:00:00"),
      rule: "RRULE:FREQ=DAILY;UNTIL=20261205T100000Z",
    },
    {
      name: "moves its weekdays along",
      lines: ["RRULE:FREQ=WEEKLY;BYDAY=TU,SA"],
      start: berlin("2026-12-02T10:00:00"),
      rule: "RRULE:FREQ=WEEKLY;BYDAY=WE,SU",
    },
    {
      name: "keeps its weekdays when it stays on its day",
      lines: ["RRULE:FREQ=MONTHLY;BYDAY=1TU"],
      start: berlin("2026-12-01T12:00:00"),
      rule: "RRULE:FREQ=MONTHLY;BYDAY=1TU",
    },
    {
      name: "ends on a day when it becomes one of whole days",
      lines: ["RRULE:FREQ=DAILY;UNTIL=20261205T090000Z"],
      start: date("2026-12-01"),
      rule: "RRULE:FREQ=DAILY;UNTIL=20261205",
    },
  ])("$name", ({ lines, start, rule }) => {
    const end = start.kind === "date" ? { end: date("2026-12-02") } : {};
    expect(only(patchAll(object(event(...lines)), { start, ...end }, writing)).recurrence).toEqual([rule]);
  });

  it("moves a whole day that was taken out by whole days", () => {
    const raw = object(event("RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261203"));
    const { recurrence } = only(patchAll(raw, { start: berlin("2026-12-02T11:00:00") }, writing));
    expect(recurrence).toEqual(["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261204"]);
  });

  it("asks for the recurrence when it cannot tell on which days it would be", () => {
    const raw = object(event("RRULE:FREQ=MONTHLY;BYDAY=1TU"));
    const move = () => patchAll(raw, { start: berlin("2026-12-02T10:00:00") }, writing);
    expect(move).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field: ["recurrence"] }));
  });

  it("makes whole days of everything at once", () => {
    const [master, own, moved] = readEvents(
      patchAll(series, { start: date("2026-12-01"), end: date("2026-12-02") }, writing),
    );
    expect(master?.recurrence).toContain("EXDATE;VALUE=DATE:20261208");
    expect(own).toMatchObject({ recurrenceId: date("2026-12-15"), start: date("2026-12-15"), end: date("2026-12-16") });
    expect(moved).toMatchObject({ recurrenceId: date("2026-12-22") });
  });

  it("has no exceptions left when it no longer recurs", () => {
    expect(only(patchAll(series, { recurrence: [] }, writing)).recurrence).toEqual([]);
  });

  it("changes an occurrence that was changed before, in whatever zone it is named", () => {
    const events = readEvents(patchOccurrence(series, berlin("2026-12-15T10:00:00"), { title: "Again" }, writing));
    expect(events.map(({ title }) => title)).toEqual(["Series", "Again", "Series"]);
  });

  it("makes a copy of the series for an occurrence that is changed for the first time", () => {
    const raw = patchOccurrence(
      object(event("RRULE:FREQ=DAILY", "X-OWN:kept", "SEQUENCE:4")),
      utc("2027-03-29T08:00:00"),
      { title: "X" },
      writing,
    );
    expect(readEvents(raw)[1]).toMatchObject({
      title: "X",
      recurrenceId: berlin("2027-03-29T10:00:00"),
      start: berlin("2027-03-29T10:00:00"),
      end: berlin("2027-03-29T10:45:00"),
      recurrence: [],
      sequence: 4,
    });
    expect(linesOf(raw).filter((line) => line === "X-OWN:kept")).toHaveLength(2);
  });

  it("takes out an occurrence in the form of the start, once", () => {
    const once = removeOccurrence(series, third, writing) ?? "";
    const twice = removeOccurrence(once, third, writing) ?? "";
    expect(readEvents(once).map(({ title }) => title)).toEqual(["Series", "Series"]);
    expect(readEvents(twice)[0]?.recurrence).toEqual(readEvents(once)[0]?.recurrence);
    expect(linesOf(once)).toContain("EXDATE;TZID=Europe/Berlin:20261215T100000");
  });

  it("leaves nothing of an object whose only occurrence is taken out", () => {
    const raw = object(event("RECURRENCE-ID:20261215T090000Z"));
    expect(removeOccurrence(raw, third, writing)).toBeNull();
    expect(endBefore(raw, third, writing)).toBeNull();
    expect(() => patchOccurrence(raw, second, {}, writing)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });

  it.each([
    {
      kind: "zoned",
      lines: ["RRULE:FREQ=WEEKLY;COUNT=9"],
      until: "RRULE:FREQ=WEEKLY;UNTIL=20261215T085959Z",
      at: third,
    },
    {
      kind: "floating",
      lines: ["DTSTART:20261201T100000", "RRULE:FREQ=WEEKLY"],
      until: "RRULE:FREQ=WEEKLY;UNTIL=20261215T095959",
      at: floating("2026-12-15T10:00:00"),
    },
    {
      kind: "whole-day",
      lines: ["DTSTART;VALUE=DATE:20261201", "RRULE:FREQ=WEEKLY"],
      until: "RRULE:FREQ=WEEKLY;UNTIL=20261214",
      at: date("2026-12-15"),
    },
  ])("ends a $kind series in the form of its start", ({ lines, until, at }) => {
    expect(only(endBefore(object(event(...lines)), at, writing) ?? "").recurrence).toEqual([until]);
  });

  it("divides its exceptions between the parts when it is split", () => {
    const head = readEvents(endBefore(series, third, writing) ?? "");
    const rest = readEvents(restFrom(series, third, "rest", { start: berlin("2026-12-15T12:00:00") }, writing));
    expect(head).toHaveLength(1);
    expect(head[0]?.recurrence).toEqual([
      "RRULE:FREQ=WEEKLY;UNTIL=20261215T085959Z",
      "EXDATE;TZID=Europe/Berlin:20261208T100000",
    ]);
    expect(rest.map(({ uid }) => uid)).toEqual(["rest", "rest", "rest"]);
    expect(rest[0]).toMatchObject({
      start: berlin("2026-12-15T12:00:00"),
      recurrence: ["RRULE:FREQ=WEEKLY;UNTIL=20270105T110000Z"],
    });
    expect(rest[1]).toMatchObject({ title: "Own title", recurrenceId: berlin("2026-12-15T12:00:00") });
    expect(rest[2]).toMatchObject({
      recurrenceId: berlin("2026-12-22T12:00:00"),
      start: berlin("2026-12-23T15:00:00"),
    });
  });
});

describe("answering an invitation", () => {
  const invitation = object(
    event(
      "RRULE:FREQ=DAILY",
      "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ana@example.net",
      "ATTENDEE:mailto:cy@example.net",
    ),
  );

  it("answers for one occurrence without answering for the others", () => {
    const raw = answerInvitation(
      invitation,
      berlin("2026-12-02T10:00:00"),
      ["ana@example.net"],
      "DECLINED",
      writing.now,
    );
    const responses = readEvents(raw).map(({ attendees }) => attendees.map(({ response }) => response));
    expect(responses).toEqual([
      ["NEEDS_ACTION", "NEEDS_ACTION"],
      ["DECLINED", "NEEDS_ACTION"],
    ]);
  });

  it("is not for those who are not invited", () => {
    const answer = () => answerInvitation(invitation, null, ["bo@example.org"], "ACCEPTED", writing.now);
    expect(answer).toThrow(expect.objectContaining({ code: "PREREQUISITE_MISSING" }));
  });
});
