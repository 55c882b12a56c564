import { describe, expect, it } from "vitest";
import { anOutlook, type GraphClient, hour, march, weekly } from "../support/graph-client.ts";

const year = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z&$top=500";

async function instances(client: GraphClient, id: string, window = march) {
  const { body } = await client.get(`/me/events/${id}/instances?${window}`);
  return body.value as (Record<string, unknown> & { id: string; start: { dateTime: string } })[];
}

const days = (items: readonly { start: { dateTime: string } }[]) =>
  items.map(({ start }) => start.dateTime.slice(0, 10));

describe("a pattern", () => {
  it.each([
    [{ type: "daily", interval: 10 }, ["03-02", "03-12", "03-22"]],
    [
      { type: "weekly", interval: 2, daysOfWeek: ["sunday", "monday"], firstDayOfWeek: "monday" },
      ["03-02", "03-08", "03-16"],
    ],
    [
      { type: "weekly", interval: 2, daysOfWeek: ["sunday", "monday"], firstDayOfWeek: "sunday" },
      ["03-02", "03-15", "03-16"],
    ],
    [{ type: "absoluteMonthly", interval: 1, dayOfMonth: 2 }, ["03-02", "04-02", "05-02"]],
    [{ type: "relativeMonthly", interval: 1, daysOfWeek: ["monday"], index: "first" }, ["03-02", "04-06", "05-04"]],
    [
      { type: "relativeMonthly", interval: 1, daysOfWeek: ["saturday", "sunday"], index: "last" },
      ["03-29", "04-26", "05-31"],
    ],
  ])("%j takes place on its days", async (pattern, expected) => {
    const { ana } = await anOutlook();
    const range = { type: "numbered", startDate: "2026-03-02", numberOfOccurrences: 3 };
    const { id } = await ana.create({ subject: "Series", ...hour(2), recurrence: { pattern, range } });
    expect(days(await instances(ana, id, year))).toEqual(expected.map((day) => `2026-${day}`));
  });

  it.each([
    [{ type: "absoluteYearly", interval: 1, month: 3, dayOfMonth: 2 }, ["2026-03-02", "2027-03-02"]],
    [
      { type: "relativeYearly", interval: 1, month: 11, daysOfWeek: ["thursday"], index: "fourth" },
      ["2026-11-26", "2027-11-25"],
    ],
  ])("%j takes place once a year", async (pattern, expected) => {
    const { ana } = await anOutlook();
    const range = { type: "endDate", startDate: "2026-03-02", endDate: "2027-12-31" };
    const { id } = await ana.create({ subject: "Yearly", ...hour(2), recurrence: { pattern, range } });
    const window = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2029-01-01T00:00:00Z";
    expect(days(await instances(ana, id, window))).toEqual(expected);
  });

  it("with a day that a month does not have means its last, or skips it by switch", async () => {
    const { twin, ana } = await anOutlook();
    const pattern = { type: "absoluteMonthly", interval: 1, dayOfMonth: 31 };
    const range = { type: "endDate", startDate: "2026-03-31", endDate: "2026-06-30" };
    const { id } = await ana.create({ subject: "Late", ...hour(31), recurrence: { pattern, range } });
    expect(days(await instances(ana, id, year))).toEqual(["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]);
    twin.switches.shortMonths = "skip";
    expect(days(await instances(ana, id, year))).toEqual(["2026-03-31", "2026-05-31"]);
  });

  it("keeps the clock of its zone when the zone's clocks change, and includes the day of its end", async () => {
    const { ana } = await anOutlook();
    const { id } = await ana.create(weekly({ type: "endDate", endDate: "2026-04-06" }));
    const items = await instances(ana, id, year);
    expect(items.slice(-3).map(({ start }) => start.dateTime.slice(0, 16))).toEqual([
      "2026-03-23T08:00",
      "2026-03-30T07:00",
      "2026-04-06T07:00",
    ]);
  });

  it("is read back filled with zeros, and its zone is the event's", async () => {
    const { ana } = await anOutlook();
    const { recurrence, type } = await ana.create(weekly());
    expect(type).toBe("seriesMaster");
    expect(recurrence).toEqual({
      pattern: {
        type: "weekly",
        interval: 1,
        month: 0,
        dayOfMonth: 0,
        daysOfWeek: ["monday"],
        firstDayOfWeek: "monday",
        index: "first",
      },
      range: {
        type: "noEnd",
        startDate: "2026-03-02",
        endDate: "0001-01-01",
        recurrenceTimeZone: "W. Europe Standard Time",
        numberOfOccurrences: 0,
      },
    });
  });

  it.each([
    ["a start of the range on another day", { range: { type: "noEnd", startDate: "2026-03-03" } }, 400],
    [
      "another zone",
      { range: { type: "noEnd", startDate: "2026-03-02", recurrenceTimeZone: "Tokyo Standard Time" } },
      400,
    ],
    ["an end before the start", { range: { type: "endDate", startDate: "2026-03-02", endDate: "2026-03-01" } }, 400],
    ["no occurrence", { range: { type: "numbered", startDate: "2026-03-02", numberOfOccurrences: 0 } }, 400],
    ["no days", { pattern: { type: "weekly", interval: 1 } }, 400],
    ["no month", { pattern: { type: "absoluteYearly", interval: 1, dayOfMonth: 2 } }, 400],
    ["an unknown type", { pattern: { type: "hourly", interval: 1 } }, 400],
    ["no interval in a daily one, which is an error of the server", { pattern: { type: "daily" } }, 500],
  ])("with %s is refused", async (_, part, status) => {
    const { ana } = await anOutlook();
    const event = weekly();
    const reply = await ana.post("/me/events", { ...event, recurrence: { ...event.recurrence, ...part } });
    expect([reply.status, reply.body.error.code]).toEqual([
      status,
      status === 400 ? "ErrorPropertyValidationFailure" : "ErrorInternalServerError",
    ]);
  });
});

describe("a series", () => {
  it("is listed as one, and viewed as its occurrences, which share its uid and not its iCalUId", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    expect((await ana.get("/me/events")).body.value.map(({ id }: { id: string }) => id)).toEqual([master.id]);
    const { body } = await ana.get(`/me/calendarView?${march}`);
    expect(body.value.length).toBe(5);
    expect(body.value[1]).toMatchObject({
      type: "occurrence",
      subject: "Weekly",
      seriesMasterId: master.id,
      occurrenceId: `OID.${master.id}.2026-03-09`,
      originalStart: "2026-03-09T08:00:00Z",
      uid: master.uid,
      recurrence: null,
    });
    expect(new Set(body.value.map(({ iCalUId }: { iCalUId: string }) => iCalUId)).size).toBe(5);
  });

  it("has an exception where one occurrence was changed, under the occurrence's id, and another version", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    const [, second] = await instances(ana, master.id);
    const { body } = await ana.patch(`/me/events/${second?.id}`, { subject: "Moved", ...hour(10, 15) });
    expect(body).toMatchObject({
      id: second?.id,
      type: "exception",
      originalStart: "2026-03-09T08:00:00Z",
      occurrenceId: `OID.${master.id}.2026-03-09`,
      start: { dateTime: "2026-03-10T14:00:00.0000000" },
    });
    const expand = "$select=exceptionOccurrences,cancelledOccurrences,changeKey&$expand=exceptionOccurrences";
    const whole = (await ana.get(`/me/events/${master.id}?${expand}`)).body;
    expect(whole.exceptionOccurrences.map(({ id }: { id: string }) => id)).toEqual([second?.id]);
    expect(whole.changeKey).not.toBe(master.changeKey);
    await ana.patch(`/me/events/${master.id}`, { location: { displayName: "Room 1" } });
    const { body: exception } = await ana.get(`/me/events/${second?.id}`);
    expect(exception).toMatchObject({ subject: "Moved", location: { displayName: "Room 1" } });
  });

  it("lets no occurrence pass its neighbour", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    const [, second] = await instances(ana, master.id);
    for (const day of [2, 16, 17]) {
      const { status, body } = await ana.patch(`/me/events/${second?.id}`, hour(day, 12));
      expect([status, body.error.code]).toEqual([400, "ErrorOccurrenceCrossingBoundary"]);
    }
    expect((await ana.get(`/me/events/${second?.id}`)).body.type).toBe("occurrence");
  });

  it("loses a deleted occurrence, which is then only in cancelledOccurrences", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    const [, second] = await instances(ana, master.id);
    expect((await ana.delete(`/me/events/${second?.id}`)).status).toBe(204);
    expect((await ana.get(`/me/events/${second?.id}`)).body.error.code).toBe("ErrorItemNotFound");
    expect(days(await instances(ana, master.id))).toEqual(["2026-03-02", "2026-03-16", "2026-03-23", "2026-03-30"]);
    const { body } = await ana.get(`/me/events/${master.id}?$select=subject,cancelledOccurrences`);
    expect(body.cancelledOccurrences).toEqual([`OID.${master.id}.2026-03-09`]);
    expect((await ana.get(`/me/events/${master.id}`)).body).not.toHaveProperty("cancelledOccurrences");
  });

  it.each([
    { drops: true, subjects: [] },
    { drops: false, subjects: ["Changed"] },
  ])("with another time of day drops its exceptions: $drops", async ({ drops, subjects }) => {
    const { twin, ana } = await anOutlook();
    twin.switches.patternChangeDropsExceptions = drops;
    const master = await ana.create(weekly());
    const [, second] = await instances(ana, master.id);
    await ana.patch(`/me/events/${second?.id}`, { subject: "Changed" });
    await ana.patch(`/me/events/${master.id}`, hour(2, 11));
    const changed = (await instances(ana, master.id)).filter(({ type }) => type === "exception");
    expect(changed.map(({ subject }) => subject)).toEqual(subjects);
  });

  it("begins with its first occurrence, also where its start names another day", async () => {
    const { ana } = await anOutlook();
    const tuesday = { ...weekly({ type: "noEnd", startDate: "2026-03-03" }), ...hour(3) };
    const master = await ana.create(tuesday);
    expect(master.start.dateTime).toBe("2026-03-09T08:00:00.0000000");
    expect(master.recurrence.range.startDate).toBe("2026-03-09");
    const { body } = await ana.patch(`/me/events/${master.id}`, hour(11, 12));
    expect(body.start.dateTime).toBe("2026-03-16T11:00:00.0000000");
  });

  it("that ends earlier keeps the exceptions that are still within it", async () => {
    const { ana } = await anOutlook();
    const master = await ana.create(weekly());
    const [, second, , fourth] = await instances(ana, master.id);
    for (const one of [second, fourth]) await ana.patch(`/me/events/${one?.id}`, { subject: "Changed" });
    const { pattern, range } = master.recurrence;
    const ended = { ...range, type: "endDate", endDate: "2026-03-16" };
    await ana.patch(`/me/events/${master.id}`, { recurrence: { pattern, range: ended } });
    const items = await instances(ana, master.id);
    expect(items.map(({ subject }) => subject)).toEqual(["Weekly", "Changed", "Weekly"]);
  });
});
