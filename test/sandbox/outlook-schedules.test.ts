import { describe, expect, it } from "vitest";
import { anOutlook, hour, weekly } from "../support/graph-client.ts";

const morning = {
  startTime: { dateTime: "2026-03-02T08:00:00", timeZone: "W. Europe Standard Time" },
  endTime: { dateTime: "2026-03-02T12:00:00", timeZone: "W. Europe Standard Time" },
  availabilityViewInterval: 60,
};

describe("a schedule", () => {
  it("has a digit for each interval, the busiest one's, and an item for each entry in the zone preferred", async () => {
    const { ana } = await anOutlook();
    await ana.create({ ...weekly(), location: { displayName: "Room 1" } });
    await ana.create({ subject: "Perhaps", showAs: "tentative", ...hour(2, 9) });
    await ana.create({ subject: "Away", showAs: "oof", ...hour(2, 11) });
    await ana.create({ subject: "At home", showAs: "workingElsewhere", ...hour(2, 8) });
    const reply = await ana.call("POST", "/me/calendar/getSchedule", {
      body: { schedules: [ana.email], ...morning },
      headers: { prefer: 'outlook.timezone="W. Europe Standard Time"' },
    });
    const [schedule] = reply.body.value;
    expect(schedule).toMatchObject({ scheduleId: ana.email, availabilityView: "0203" });
    expect(schedule.scheduleItems).toContainEqual({
      isPrivate: false,
      status: "busy",
      subject: "Weekly",
      location: "Room 1",
      start: { dateTime: "2026-03-02T09:00:00.0000000", timeZone: "W. Europe Standard Time" },
      end: { dateTime: "2026-03-02T10:00:00.0000000", timeZone: "W. Europe Standard Time" },
    });
  });

  it("of somebody else hides what is private, and of nobody is an error beside the others", async () => {
    const { twin, ana } = await anOutlook();
    twin.createAccount({ email: "bo@example.test" });
    twin.insertEvent("bo@example.test", { subject: "Doctor", sensitivity: "private", ...hour(2) });
    const schedules = ["bo@example.test", "nobody@example.test"];
    const { body } = await ana.post("/me/calendar/getSchedule", { schedules, ...morning });
    expect(body.value[0].scheduleItems[0]).toMatchObject({ isPrivate: true, status: "busy" });
    expect(body.value[0].scheduleItems[0]).not.toHaveProperty("subject");
    expect(body.value[1]).toEqual({
      scheduleId: "nobody@example.test",
      error: { message: expect.any(String), responseCode: expect.any(String) },
    });
  });

  it("is refused to accounts of outlook.com, as meeting times are", async () => {
    const { twin, signIn } = await anOutlook();
    twin.createAccount({ email: "pia@outlook.test", personal: true });
    const pia = await signIn("pia@outlook.test", "Calendars.ReadWrite Calendars.Read.Shared");
    expect((await pia.post("/me/calendar/getSchedule", { schedules: [pia.email], ...morning })).status).toBe(403);
    expect((await pia.post("/me/findMeetingTimes", {})).status).toBe(403);
  });

  it.each([{ availabilityViewInterval: 4 }, { endTime: morning.startTime }, { schedules: [] }])(
    "is refused with %j",
    async (wrong) => {
      const { ana } = await anOutlook();
      const body = { schedules: [ana.email], ...morning, ...wrong };
      expect((await ana.post("/me/calendar/getSchedule", body)).status).toBe(400);
    },
  );

  it("is not longer than the switch says", async () => {
    const { twin, ana } = await anOutlook();
    twin.switches.maxScheduleDays = 1;
    const endTime = { dateTime: "2026-03-04T08:00:00", timeZone: "UTC" };
    const body = { schedules: [ana.email], ...morning, endTime };
    expect((await ana.post("/me/calendar/getSchedule", body)).body.error.code).toBe("ErrorTimeIntervalTooBig");
  });
});

describe("meeting times", () => {
  const slot = { start: morning.startTime, end: morning.endTime };
  const wish = { timeConstraint: { timeSlots: [slot] }, meetingDuration: "PT1H" };

  it("are those at which everybody is free, and need a scope of their own", async () => {
    const { twin, ana, signIn } = await anOutlook();
    expect((await ana.post("/me/findMeetingTimes", wish)).body.error.code).toBe("ErrorAccessDenied");
    twin.createAccount({ email: "bo@example.test" });
    twin.insertEvent("bo@example.test", { subject: "Busy", ...hour(2, 8) });
    twin.insertEvent(ana.email, { subject: "Busy", ...hour(2, 10, { hours: 2 }) });
    const finder = await signIn(ana.email, "Calendars.Read.Shared");
    const attendees = [{ type: "required", emailAddress: { address: "bo@example.test" } }];
    const { body } = await finder.post("/me/findMeetingTimes", { ...wish, attendees });
    expect(body.meetingTimeSuggestions).toMatchObject([
      { meetingTimeSlot: { start: { dateTime: "2026-03-02T08:00:00.0000000", timeZone: "UTC" } } },
    ]);
    twin.insertEvent(ana.email, { subject: "Busy too", ...hour(2, 9) });
    const none = await finder.post("/me/findMeetingTimes", { ...wish, attendees });
    expect(none.body).toMatchObject({ emptySuggestionsReason: "AttendeesUnavailable", meetingTimeSuggestions: [] });
  });
});

describe("a mailbox", () => {
  it("knows its zone, and the zones that it supports", async () => {
    const { ana, signIn } = await anOutlook();
    const reader = await signIn(ana.email, "User.Read MailboxSettings.Read");
    expect((await reader.get("/me/mailboxSettings/timeZone")).body.value).toBe("W. Europe Standard Time");
    const windows = (await reader.get("/me/outlook/supportedTimeZones")).body.value;
    expect(windows).toContainEqual({ alias: "Tokyo Standard Time", displayName: "Tokyo Standard Time" });
    const standard = "supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')";
    const iana = (await reader.get(`/me/outlook/${standard}`)).body.value;
    expect(iana).toContainEqual({ alias: "Asia/Tokyo", displayName: "Asia/Tokyo" });
  });

  it("translates ids into immutable ones and back", async () => {
    const { ana } = await anOutlook();
    const { id } = await ana.create({ subject: "One", ...hour(2) });
    const translate = async (inputId: string, sourceIdType: string, targetIdType: string) => {
      const { body } = await ana.post("/me/translateExchangeIds", { inputIds: [inputId], sourceIdType, targetIdType });
      return body.value[0].targetId as string;
    };
    const immutable = await translate(id, "restId", "restImmutableEntryId");
    expect(immutable).toBe((await ana.get(`/me/events/${id}`, 'IdType="ImmutableId"')).body.id);
    expect(await translate(immutable, "restImmutableEntryId", "restId")).toBe(id);
  });
});
