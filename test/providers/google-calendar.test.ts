import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { googleCalendar } from "../../src/providers/calendar/google-calendar.ts";
import type { CalendarAccount, EventDraft } from "../../src/providers/calendar/provider.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { describeUnderFaults } from "../contract/under-faults.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";
import { createGoogleVendor, type GoogleVendor } from "../support/google-vendor.ts";

describeCalendarProvider(googleCalendar, createGoogleVendor);
describeUnderFaults(googleCalendar, createGoogleVendor);

let vendor: GoogleVendor;
let account: CalendarAccount;
beforeAll(async () => {
  vendor = await createGoogleVendor();
  account = (await vendor.connect()).account;
});
afterAll(() => vendor.stop());

const inNewCalendar = async () => {
  const calendar = await vendor.createCalendar();
  const mirror = new CalendarMirror(googleCalendar, account, calendar);
  const create = (changes?: Partial<EventDraft>) => googleCalendar.createEvent(account, calendar, aDraft(changes));
  return { calendar, mirror, create };
};

describe("its oddities", () => {
  it("follows pages, an empty one among them, and takes the cursor from the last", async () => {
    const { switches } = vendor.sandbox.googleCalendar.api;
    const { mirror, create } = await inNewCalendar();
    for (const title of ["A", "B", "C", "D", "E"]) await create({ title });
    Object.assign(switches, { pageSize: 2, emptyPageFirst: true });
    await mirror.read();
    Object.assign(switches, { pageSize: null, emptyPageFirst: false });
    expect(mirror.titles()).toEqual(["A", "B", "C", "D", "E"]);
    expect((await mirror.read()).mode).toBe("INCREMENTAL");
  });

  it.each([{ name: "quotaExceeded", code: "QUOTA_EXHAUSTED", retryAfterMs: 3 * 3_600_000 }])(
    "waits for hours when Google says $name",
    async ({ name, code, retryAfterMs }) => {
      const { switches } = vendor.sandbox.googleCalendar.api;
      const { create } = await inNewCalendar();
      switches.quotaExceeded = true;
      const refused = create();
      await expect(refused).rejects.toMatchObject({ code, retryAfterMs, providerCode: name });
      switches.quotaExceeded = false;
    },
  );

  it.each([
    { fault: "rate-limited", code: "RATE_LIMITED", providerCode: "rateLimitExceeded" },
    { fault: "down", code: "PROVIDER_UNAVAILABLE", providerCode: "backendError" },
    { fault: "unauthorized", code: "CREDENTIALS_REJECTED", providerCode: "authError" },
  ] as const)("tells Google's own reason when it is $code: $providerCode", async ({ fault, code, providerCode }) => {
    vendor.sandbox.googleCalendar.fail(fault, { times: 1 });
    await expect(googleCalendar.listCalendars(account)).rejects.toMatchObject({ code, providerCode });
  });

  it("takes a 403 with a reason for a spent quota, not for a refusal", async () => {
    vendor.sandbox.googleCalendar.fail("quota", { times: 1 });
    await expect(googleCalendar.listCalendars(account)).rejects.toMatchObject({
      code: "RATE_LIMITED",
      providerCode: "userRateLimitExceeded",
    });
  });

  it("adds a Google Meet, whose link may come a moment later", async () => {
    const { create } = await inNewCalendar();
    const { events } = await create({ conference: true });
    expect(events[0]?.conferenceUrl).toMatch(/^https:\/\/meet\.google\.com\//);
  });

  it("cannot write a time without a zone, and says so", async () => {
    const { create } = await inNewCalendar();
    const floating = { kind: "floating", local: "2026-12-01T10:00:00" } as const;
    await expect(create({ start: floating, end: floating })).rejects.toMatchObject({
      code: "UNSUPPORTED_CAPABILITY",
      field: ["start"],
    });
  });

  it("takes the hour away where an hour becomes a whole day, since a patch goes into what is there", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create();
    const patchWithout = () =>
      vendor.sandbox.googleCalendar.api.patchEvent(
        vendor.email,
        made.externalId,
        { start: { date: "2026-12-01" }, end: { date: "2026-12-02" } },
        calendar,
      );
    expect(patchWithout).toThrow("date");
    const day = { start: { kind: "date", date: "2026-12-01" }, end: { kind: "date", date: "2026-12-02" } } as const;
    const { object } = await googleCalendar.updateEvent(account, calendar, targetOf(made), day);
    expect(object?.events[0]).toMatchObject(day);
  });

  it("answers an invitation in the own name alone, and the organizer sees it", async () => {
    const { googleCalendar: twin } = vendor.sandbox;
    const organizer = `${randomUUID().slice(0, 8)}@example.test`;
    twin.createAccount({ email: organizer });
    const id = twin.insertEvent(organizer, {
      summary: "Panel",
      start: { dateTime: "2026-12-01T10:00:00+01:00" },
      end: { dateTime: "2026-12-01T11:00:00+01:00" },
      attendees: [{ email: vendor.email }, { email: "cy@example.test", responseStatus: "accepted" }],
    });
    const invitation = await googleCalendar.readObject(account, vendor.email, id);
    if (!invitation) throw new Error("There is no invitation");
    const { object } = (await googleCalendar.respond?.(account, vendor.email, targetOf(invitation), "TENTATIVE")) ?? {};
    const responses = (attendees: readonly { email: string; response?: string }[] = []) =>
      Object.fromEntries(attendees.map(({ email, response }) => [email, response]));
    expect(responses(object?.events[0]?.attendees)).toEqual({
      [vendor.email]: "TENTATIVE",
      "cy@example.test": "ACCEPTED",
    });
    const original = twin.api.event(organizer, id);
    expect(original?.attendees?.find(({ email }) => email === vendor.email)?.responseStatus).toBe("tentative");
  });

  it("tells of an occurrence whose series is somebody else's, and of its end", async () => {
    const { googleCalendar: twin } = vendor.sandbox;
    const organizer = `${randomUUID().slice(0, 8)}@example.test`;
    twin.createAccount({ email: organizer });
    const mirror = new CalendarMirror(googleCalendar, account, vendor.email);
    await mirror.read();
    const id = twin.insertEvent(organizer, {
      summary: "Round table",
      start: { dateTime: "2026-12-01T10:00:00+01:00", timeZone: "Europe/Berlin" },
      end: { dateTime: "2026-12-01T11:00:00+01:00", timeZone: "Europe/Berlin" },
      recurrence: ["RRULE:FREQ=DAILY;COUNT=3"],
    });
    const occurrence = `${id}_20261202T090000Z`;
    twin.api.patchEvent(organizer, occurrence, { attendees: [{ email: vendor.email }] });
    await mirror.read();
    expect(mirror.titles()).toContain("Round table");
    twin.api.deleteEvent(organizer, occurrence);
    expect((await mirror.read()).mode).toBe("INCREMENTAL");
    expect(mirror.titles()).not.toContain("Round table");
  });

  it("does not let a guest split a series, which would invite everybody in the guest's name", async () => {
    const { googleCalendar: twin } = vendor.sandbox;
    const organizer = `${randomUUID().slice(0, 8)}@example.test`;
    twin.createAccount({ email: organizer });
    const id = twin.insertEvent(organizer, {
      summary: "Round table",
      start: { dateTime: "2026-12-01T10:00:00+01:00", timeZone: "Europe/Berlin" },
      end: { dateTime: "2026-12-01T11:00:00+01:00", timeZone: "Europe/Berlin" },
      recurrence: ["RRULE:FREQ=DAILY;COUNT=3"],
      attendees: [{ email: vendor.email }, { email: "cy@example.test" }],
    });
    const invitation = await googleCalendar.readObject(account, vendor.email, id);
    if (!invitation) throw new Error("There is no invitation");
    const second = targetOf(invitation, berlin("2026-12-02T10:00:00"), "THIS_AND_FOLLOWING");
    const split = googleCalendar.updateEvent(account, vendor.email, second, { title: "Mine" });
    await expect(split).rejects.toMatchObject({ code: "UNSUPPORTED_CAPABILITY" });
  });

  it("does not take a web page for a yes, nor a stranger's 404 for an event that is gone", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create();
    vendor.sandbox.googleCalendar.fail("html", { times: 1 });
    const deleted = googleCalendar.deleteEvent(account, calendar, targetOf(made));
    await expect(deleted).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
    const behindProxy = { ...account, fetch: async () => new Response("Not here", { status: 404 }) };
    for (const ask of [
      () => googleCalendar.readObject(behindProxy, calendar, made.externalId),
      () => googleCalendar.deleteEvent(behindProxy, calendar, targetOf(made)),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID", providerCode: "HTTP 404" });
    }
    expect(await googleCalendar.readObject(account, calendar, made.externalId)).not.toBeNull();
  });

  it("begins anew whatever Google calls a cursor that is over", async () => {
    const { calendar, create, mirror } = await inNewCalendar();
    await create();
    await mirror.read();
    let isFirst = true;
    const forgetful: CalendarAccount = {
      ...account,
      fetch: async (url, init) => {
        if (!isFirst) return account.fetch(url, init);
        isFirst = false;
        return Response.json({ error: { code: 410, message: "Gone", errors: [{ reason: "gone" }] } }, { status: 410 });
      },
    };
    const again = new CalendarMirror(googleCalendar, forgetful, calendar);
    again.cursor = mirror.cursor;
    expect((await again.read()).mode).toBe("FULL");
  });

  it("does not tell a series without an occurrence of it that cannot be read", async () => {
    const { calendar, create } = await inNewCalendar();
    const series = await create({ recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
    const second = targetOf(series, berlin("2026-12-02T10:00:00"), "THIS");
    await googleCalendar.updateEvent(account, calendar, second, { title: "Second" });
    const spoiled: CalendarAccount = {
      ...account,
      fetch: async (url, init) => {
        const reply = await account.fetch(url, init);
        return new Response((await reply.text()).replace('"summary":"Second"', '"summary":2'), reply);
      },
    };
    const { changes } = await new CalendarMirror(googleCalendar, spoiled, calendar).read();
    expect(changes).toEqual([expect.objectContaining({ kind: "unreadable", externalId: series.externalId })]);
  });

  it("keeps what guests answered, and rooms, when the guests change", async () => {
    const { calendar } = await inNewCalendar();
    const id = vendor.sandbox.googleCalendar.insertEvent(
      vendor.email,
      {
        summary: "Panel",
        start: { dateTime: "2026-12-01T10:00:00+01:00" },
        end: { dateTime: "2026-12-01T11:00:00+01:00" },
        attendees: [
          { email: "bo@example.test", responseStatus: "accepted", comment: "Gladly" },
          { email: "room@resource.example.test", resource: true, responseStatus: "accepted" },
        ],
      },
      calendar,
    );
    const before = await googleCalendar.readObject(account, calendar, id);
    if (!before) throw new Error("It is gone");
    const guest = (email: string) => ({ email, name: null, optional: false, response: "NEEDS_ACTION" as const });
    const attendees = [guest("bo@example.test"), guest("di@example.test")];
    await googleCalendar.updateEvent(account, calendar, targetOf(before), { attendees });
    expect(vendor.sandbox.googleCalendar.api.event(vendor.email, id, calendar)?.attendees).toMatchObject([
      { email: "bo@example.test", responseStatus: "accepted", comment: "Gladly" },
      { email: "di@example.test", responseStatus: "needsAction" },
      { email: "room@resource.example.test", resource: true },
    ]);
  });

  it("is busy when events block time, private ones too, merged and sorted", async () => {
    const { calendar, create } = await inNewCalendar();
    await create({
      start: berlin("2026-12-01T10:00:00"),
      end: berlin("2026-12-01T11:00:00"),
      classification: "PRIVATE",
    });
    await create({ start: berlin("2026-12-01T10:30:00"), end: berlin("2026-12-01T12:00:00") });
    await create({
      start: berlin("2026-12-01T14:00:00"),
      end: berlin("2026-12-01T15:00:00"),
      transparency: "TRANSPARENT",
    });
    const day = { from: new Date("2026-12-01T00:00:00Z"), to: new Date("2027-03-20T00:00:00Z") };
    expect(await googleCalendar.freeBusy?.(account, [calendar], day)).toEqual([
      { calendar, busy: [{ from: new Date("2026-12-01T09:00:00Z"), to: new Date("2026-12-01T11:00:00Z") }] },
    ]);
    await expect(googleCalendar.freeBusy?.(account, ["nobody"], day)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("carries an occurrence that was changed along when its series moves", async () => {
    const { calendar, create, mirror } = await inNewCalendar();
    const before = await create({ recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
    const second = berlin("2026-12-02T10:00:00");
    const changed = await googleCalendar.updateEvent(account, calendar, targetOf(before, second, "THIS"), {
      title: "Second",
    });
    if (!changed.object) throw new Error("It is gone");
    await googleCalendar.updateEvent(account, calendar, targetOf(changed.object), {
      start: berlin("2026-12-01T12:00:00"),
    });
    await mirror.read();
    const [object] = [...mirror.objects.values()];
    expect(object?.events.map(({ title, start }) => [title, start])).toEqual([
      ["Interview", berlin("2026-12-01T12:00:00")],
      ["Second", berlin("2026-12-02T12:00:00")],
    ]);
  });

  it("keeps what each changed occurrence has of its own when a series is split, in whatever order they come", async () => {
    const { api } = vendor.sandbox.googleCalendar;
    const { calendar, create } = await inNewCalendar();
    const { externalId } = await create({ recurrence: ["RRULE:FREQ=DAILY;COUNT=5"] });
    for (const [day, colorId] of Object.entries({ "02": "2", "04": "4" })) {
      const own = { summary: `Exam ${day}`, colorId };
      api.patchEvent(vendor.email, `${externalId}_202612${day}T090000Z`, own, calendar);
    }
    const before = await googleCalendar.readObject(account, calendar, externalId);
    if (!before) throw new Error("It is gone");
    const { event, exceptions } = JSON.parse(before.raw);
    const raw = JSON.stringify({ event, exceptions: exceptions.toReversed() });
    const third = targetOf({ ...before, raw }, berlin("2026-12-03T10:00:00"), "THIS_AND_FOLLOWING");
    const { created } = await googleCalendar.updateEvent(account, calendar, third, { title: "Rest" });
    expect(JSON.parse(created?.raw ?? "{}").exceptions).toMatchObject([{ summary: "Exam 04", colorId: "4" }]);
  });

  describe("when a series with a changed occurrence moves", () => {
    const noon = { start: berlin("2026-12-01T12:00:00") };

    /** Its second occurrence has guests, a colour and reminders of its own. */
    async function aSeriesWithItsOwnSecond() {
      const { calendar, create, mirror } = await inNewCalendar();
      const { externalId } = await create({ recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
      const own = {
        summary: "Second",
        colorId: "7",
        attendees: [{ email: "bo@example.test", responseStatus: "accepted" }],
        reminders: { useDefault: false, overrides: [{ method: "popup", minutes: 45 }] },
        extendedProperties: { private: { somebodyElses: "kept" } },
      };
      const { api } = vendor.sandbox.googleCalendar;
      api.patchEvent(vendor.email, `${externalId}_20261202T090000Z`, own, calendar);
      const before = await googleCalendar.readObject(account, calendar, externalId);
      if (!before) throw new Error("It is gone");
      const second = () => api.event(vendor.email, `${externalId}_20261202T110000Z`, calendar);
      return { calendar, mirror, before, own, second };
    }

    it("carries along what the occurrence has of its own, whether or not we have a word for it", async () => {
      const { calendar, before, own, second } = await aSeriesWithItsOwnSecond();
      await googleCalendar.updateEvent(account, calendar, targetOf(before), noon);
      expect(second()).toMatchObject(own);
    });

    it("finishes what a crash between the two calls left undone, and does nothing the second time", async () => {
      const { calendar, before, own, second } = await aSeriesWithItsOwnSecond();
      vendor.sandbox.googleCalendar.fail("hung-up", { path: "_20261202", times: 1 });
      const broken = googleCalendar.updateEvent(account, calendar, targetOf(before), noon);
      await expect(broken).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
      expect(second()).toBeNull();

      const finish = async () => {
        const found = await googleCalendar.readObject(account, calendar, before.externalId);
        if (!found) throw new Error("It is gone");
        return googleCalendar.finishUpdate?.(account, calendar, targetOf(before), noon, found);
      };
      const finished = await finish();
      expect(finished?.object?.events.map(({ title }) => title)).toEqual(["Interview", "Second"]);
      expect(second()).toMatchObject(own);
      const { etag } = second() ?? {};
      await finish();
      expect(second()?.etag).toBe(etag);
    });
  });
});
