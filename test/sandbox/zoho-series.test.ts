import { describe, expect, it } from "vitest";
import { aZoho, hour, march, type ZohoClient } from "../support/zoho-client.ts";

const events = "/calendars/default/events";
const at = (uid: string) => `${events}/${uid}`;
const mondays = { title: "Weekly", ...hour(2), rrule: "FREQ=WEEKLY;BYDAY=MO" };
const second = "20260309T080000Z";
const third = "20260316T080000Z";

interface Shown {
  readonly uid: string;
  readonly title: string;
  readonly recurrenceid?: string;
  readonly rrule?: string;
  readonly dateandtime: { readonly start: string };
}

/** Starts of all that takes place in March. */
async function startsIn(client: ZohoClient): Promise<string[]> {
  const { body } = await client.get(events, { range: march, byinstance: "true" });
  return body.events.map(({ dateandtime }: Shown) => dateandtime.start.slice(4, 11));
}

async function etagOf(client: ZohoClient, uid: string): Promise<number> {
  const entries = await client.read(uid);
  return entries.find(({ recurrenceid, estatus }) => !recurrenceid && !estatus).etag;
}

describe("a series at Zoho", () => {
  it("is one event in a listing, and one of each occurrence with few fields by instance", async () => {
    const { ana } = await aZoho();
    const { uid } = await ana.create({ ...mondays, location: "Hall 3" });
    const whole = await ana.get(events, { range: march });
    expect(whole.body.events).toMatchObject([{ uid, rrule: "FREQ=WEEKLY;BYDAY=MO", location: "Hall 3" }]);
    const { body } = await ana.get(events, { range: march, byinstance: "true" });
    expect(body.events.map(({ recurrenceid }: Shown) => recurrenceid)).toEqual([
      "20260302T080000Z",
      second,
      third,
      "20260323T080000Z",
      // The clocks have changed.
      "20260330T070000Z",
    ]);
    expect(body.events[4]).toMatchObject({ uid, title: "Weekly", dateandtime: { start: "20260330T090000+0200" } });
    expect(body.events[0]).not.toHaveProperty("location");
    expect(body.events[0]).not.toHaveProperty("rrule");
  });

  it("tells its own occurrences in a range", async () => {
    const { ana } = await aZoho();
    const { uid } = await ana.create(mondays);
    await ana.create({ title: "Else", ...hour(3) });
    const { body } = await ana.get(`${at(uid)}/byinstance`, { range: { start: "20260308", end: "20260317" } });
    expect(body.events.map(({ recurrenceid }: Shown) => recurrenceid)).toEqual([second, third]);
    expect((await ana.get(`${at(uid)}/byinstance`)).status).toBe(400);
  });

  it.each([
    { repeat: [{ freq: "daily", interval: "1", count: 3 }], rrule: "FREQ=DAILY;INTERVAL=1;COUNT=3" },
    { repeat: [{ freq: "weekly", interval: "2", byday: "MO,TU" }], rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU" },
    { repeat: [{ freq: "monthly", byday: "-1TU" }], rrule: "FREQ=MONTHLY;BYDAY=-1TU" },
    { repeat: [{ freq: "daily", until: "20260304T090000" }], rrule: "FREQ=DAILY;UNTIL=20260304T090000" },
    { repeat: [{ freq: "yearly", bymonth: 3, bymonthday: 2 }], rrule: "FREQ=YEARLY;BYMONTHDAY=2;BYMONTH=3" },
  ])("is written in parts too: $rrule", async ({ repeat, rrule }) => {
    const { ana } = await aZoho();
    expect((await ana.create({ title: "Parts", ...hour(2), repeat })).rrule).toBe(rrule);
  });

  it.each([
    { repeat: [{ freq: "hourly" }], cause: "PATTERN_NOT_MATCHED" },
    { repeat: [{ freq: "daily", every: 2 }], cause: "EXTRA_KEY_FOUND_IN_JSON" },
  ])("is refused when a part is none: $repeat", async ({ repeat, cause }) => {
    const { ana } = await aZoho();
    const { body } = await ana.call("POST", events, { eventdata: { ...hour(2), repeat } });
    expect(body.cause).toBe(cause);
  });

  it.each([
    { rrule: "FREQ=DAILY;COUNT=2", starts: ["0302T09", "0303T09"] },
    { rrule: "FREQ=DAILY;UNTIL=20260303", starts: ["0302T09", "0303T09"] },
    { rrule: "FREQ=DAILY;UNTIL=20260303T080000Z", starts: ["0302T09", "0303T09"] },
    { rrule: "FREQ=DAILY;UNTIL=20260303T085959", starts: ["0302T09"] },
  ])("ends where its rule says: $rrule", async ({ rrule, starts }) => {
    const { ana } = await aZoho();
    await ana.create({ title: "Ends", ...hour(2), rrule });
    expect(await startsIn(ana)).toEqual(starts);
  });

  it("of whole days names its occurrences by the day", async () => {
    const { twin, ana } = await aZoho();
    const dateandtime = { start: "20260302", end: "20260303" };
    const { uid } = await ana.create({ isallday: true, dateandtime, rrule: "FREQ=WEEKLY;COUNT=2" });
    const named = async () => {
      const { body } = await ana.get(`${at(uid)}/byinstance`, { range: march });
      return body.events[1];
    };
    expect(await named()).toMatchObject({ recurrenceid: "20260309T000000Z", dateandtime: { start: "20260309" } });
    twin.switches.dayRecurrenceId = "20261201";
    expect((await named()).recurrenceid).toBe("20260309");
    for (const recurrenceid of ["20260309", "20260309Z", "20260309T000000Z"]) {
      expect((await ana.get(at(uid), { recurrenceid })).body.events[0].dateandtime.end).toBe("20260310");
    }
    twin.switches.lateEndOfWholeDays = true;
    const late = await ana.get(at(uid), { recurrenceid: "20260309" });
    expect(late.body.events[0].dateandtime).toMatchObject({ start: "20260309", end: "20260311" });
  });
});

describe("one occurrence at Zoho", () => {
  it("is changed alone by `only`, and stands beside its series from then on", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create({ ...mondays, location: "Hall 3" });
    const only = { recurrenceid: second, recurrence_edittype: "only" };
    const { status } = await ana.put(at(uid), { title: "Moved", etag, ...only, ...hour(10) });
    expect(status).toBe(200);
    expect(await ana.read(uid)).toMatchObject([
      { title: "Weekly", rrule: mondays.rrule },
      { title: "Moved", recurrenceid: second, location: "", dateandtime: { start: "20260310T090000+0100" } },
    ]);
    expect(await startsIn(ana)).toEqual(["0302T09", "0310T09", "0316T09", "0323T09", "0330T09"]);
    const { body } = await ana.get(at(uid), { recurrenceid: second });
    expect(body.events).toMatchObject([{ title: "Moved" }]);
  });

  it("changes the etag of its series, so that two are changed one after the other", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create(mondays);
    const change = (recurrenceid: string, day: number) =>
      ana.put(at(uid), { etag, recurrenceid, recurrence_edittype: "only", title: "Moved", ...hour(day) });
    expect([(await change(second, 10)).status, (await change(third, 17)).status]).toEqual([200, 412]);
    expect(await etagOf(ana, uid)).toBeGreaterThan(etag);
  });

  it.each([
    { deletedOccurrencesFirst: false, place: 1 },
    { deletedOccurrencesFirst: true, place: 0 },
  ])(
    "leaves a note without an etag when it is deleted, at place $place",
    async ({ deletedOccurrencesFirst, place }) => {
      const { twin, ana } = await aZoho();
      twin.switches.deletedOccurrencesFirst = deletedOccurrencesFirst;
      const { uid, etag } = await ana.create(mondays);
      const eventdata = { uid, etag, recurrenceid: second, recurrence_edittype: "only" };
      expect((await ana.call("DELETE", at(uid), { eventdata })).status).toBe(200);
      expect((await ana.read(uid))[place]).toEqual({ uid, recurrenceid: second, estatus: "deleted" });
      expect(await startsIn(ana)).toEqual(["0302T09", "0316T09", "0323T09", "0330T09"]);
      expect((await ana.get(at(uid), { recurrenceid: second })).status).toBe(404);
    },
  );

  it("that is deleted is told in listings by series only where it is told to", async () => {
    const { twin, ana } = await aZoho();
    const uid = twin.insertEvent(ana.email, mondays);
    twin.deleteEvent(ana.email, uid, { recurrenceid: second, recurrence_edittype: "only" });
    expect((await ana.get(events, { range: march })).body.events).toHaveLength(1);
    twin.switches.listsDeletedOccurrences = true;
    expect((await ana.get(events, { range: march })).body.events[1]).toMatchObject({ estatus: "deleted" });
  });

  it.each([
    { name: "no occurrence", words: { recurrenceid: "20260310T080000Z", recurrence_edittype: "only" }, status: 404 },
    { name: "none at all", words: { recurrence_edittype: "only" }, status: 400 },
    { name: "an edit type that is none", words: { recurrenceid: second, recurrence_edittype: "some" }, status: 400 },
  ])("is refused when it is $name", async ({ words, status }) => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create(mondays);
    expect((await ana.put(at(uid), { etag, title: "No", ...words, ...hour(10) })).status).toBe(status);
  });
});

describe("an occurrence that was deleted at Zoho", () => {
  it("cannot be deleted again, and is back when it is written", async () => {
    const { twin, ana } = await aZoho();
    const { uid } = await ana.create(mondays);
    const only = { recurrenceid: second, recurrence_edittype: "only" };
    twin.deleteEvent(ana.email, uid, only);
    const again = await ana.call("DELETE", at(uid), { eventdata: { uid, etag: await etagOf(ana, uid), ...only } });
    expect(again.status).toBe(404);
    await ana.put(at(uid), { title: "Back", etag: await etagOf(ana, uid), ...only, ...hour(9) });
    expect((await startsIn(ana))[1]).toBe("0309T09");
  });

  it("is one alone where no edit type is named", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create(mondays);
    await ana.call("DELETE", at(uid), { eventdata: { uid, etag, recurrenceid: second } });
    expect(await startsIn(ana)).toEqual(["0302T09", "0316T09", "0323T09", "0330T09"]);
  });
});

describe("this and following at Zoho", () => {
  it("keeps what a PATCH does not name, and its part of the count", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create({ ...mondays, location: "Hall 3", rrule: "FREQ=WEEKLY;COUNT=4" });
    const eventdata = { title: "Later", etag, recurrenceid: third, recurrence_edittype: "following" };
    const { body } = await ana.call("PATCH", at(uid), { eventdata });
    expect(body.events[0]).toMatchObject({ location: "Hall 3", rrule: "FREQ=WEEKLY;COUNT=2" });
    expect(await startsIn(ana)).toEqual(["0302T09", "0309T09", "0316T09", "0323T09"]);
  });

  it("ends the series, and begins another one with the rest of its rule", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create({ ...mondays, rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=4" });
    const following = { recurrenceid: third, recurrence_edittype: "following" };
    const { body } = await ana.put(at(uid), { title: "Later", etag, ...following, ...hour(16, 11) });
    expect(body.events[0]).toMatchObject({ title: "Later", rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=2" });
    expect(body.events[0].uid).not.toBe(uid);
    expect(await ana.read(uid)).toMatchObject([
      { title: "Weekly", rrule: "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260316T075959Z" },
    ]);
    expect(await startsIn(ana)).toEqual(["0302T09", "0309T09", "0316T11", "0323T11"]);
  });

  it("is all of the series from its first occurrence", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create(mondays);
    const following = { recurrenceid: "20260302T080000Z", recurrence_edittype: "following" };
    const { body } = await ana.put(at(uid), { title: "Later", etag, ...following, ...hour(2, 11) });
    expect(body.events[0]).toMatchObject({ uid, rrule: mondays.rrule });
    expect((await startsIn(ana))[0]).toBe("0302T11");
  });

  it("is deleted by an earlier end, and from the first occurrence with the series", async () => {
    const { twin, ana } = await aZoho();
    const { uid, etag } = await ana.create(mondays);
    const remove = (recurrenceid: string, tag: number) =>
      ana.call("DELETE", at(uid), { eventdata: { uid, etag: tag, recurrenceid, recurrence_edittype: "following" } });
    await remove(third, etag);
    expect(await startsIn(ana)).toEqual(["0302T09", "0309T09"]);
    await remove("20260302T080000Z", await etagOf(ana, uid));
    expect(twin.event(ana.email, uid)).toBeNull();
  });

  it("of whole days ends on the day before", async () => {
    const { twin, ana } = await aZoho();
    const days = { isallday: true, dateandtime: { start: "20260302", end: "20260303" }, rrule: "FREQ=DAILY" };
    const uid = twin.insertEvent(ana.email, days);
    twin.deleteEvent(ana.email, uid, { recurrenceid: "20260304", recurrence_edittype: "following" });
    expect(await ana.read(uid)).toMatchObject([{ rrule: "FREQ=DAILY;UNTIL=20260303" }]);
    expect(await startsIn(ana)).toEqual(["0302", "0303"]);
  });
});

describe("all of a series at Zoho", () => {
  it("is one event after a PUT without its rule", async () => {
    const { ana } = await aZoho();
    const { uid, etag } = await ana.create(mondays);
    await ana.put(at(uid), { title: "Once", etag, ...hour(2) });
    expect(await startsIn(ana)).toEqual(["0302T09"]);
  });

  it.each([
    { planChangeDropsExceptions: true, left: 1 },
    { planChangeDropsExceptions: false, left: 2 },
  ])(
    "by another rule loses its exceptions: $planChangeDropsExceptions",
    async ({ planChangeDropsExceptions, left }) => {
      const { twin, ana } = await aZoho();
      twin.switches.planChangeDropsExceptions = planChangeDropsExceptions;
      const uid = twin.insertEvent(ana.email, mondays);
      twin.patchEvent(ana.email, uid, { recurrenceid: second, recurrence_edittype: "only", title: "Own" });
      const rule = { ...mondays, rrule: `${mondays.rrule};COUNT=3` };
      await ana.put(at(uid), { ...rule, etag: await etagOf(ana, uid), recurrence_edittype: "all" });
      expect(await ana.read(uid)).toHaveLength(left);
    },
  );

  it("keeps its exceptions when its plan stays", async () => {
    const { twin, ana } = await aZoho();
    const uid = twin.insertEvent(ana.email, mondays);
    twin.patchEvent(ana.email, uid, { recurrenceid: second, recurrence_edittype: "only", title: "Own" });
    await ana.put(at(uid), { ...mondays, title: "Renamed", etag: await etagOf(ana, uid) });
    expect(await ana.read(uid)).toMatchObject([{ title: "Renamed" }, { title: "Own" }]);
  });

  it("is deleted with the etag of the series", async () => {
    const { twin, ana } = await aZoho();
    const { uid, etag } = await ana.create(mondays);
    expect((await ana.call("DELETE", at(uid), {}, { headers: { etag: String(etag) } })).status).toBe(200);
    expect(twin.events(ana.email)).toEqual([]);
  });
});
