import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outlookCalendar } from "../../src/providers/calendar/outlook-calendar.ts";
import type { CalendarAccount, EventDraft } from "../../src/providers/calendar/provider.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";
import { createOutlookVendor, type OutlookVendor } from "../support/outlook-vendor.ts";

let vendor: OutlookVendor;
let account: CalendarAccount;
let usual: OutlookVendor["sandbox"]["outlookCalendar"]["switches"];
beforeAll(async () => {
  vendor = await createOutlookVendor();
  account = (await vendor.connect()).account;
  usual = { ...vendor.sandbox.outlookCalendar.switches };
});
afterEach(() => void Object.assign(vendor.sandbox.outlookCalendar.switches, usual));
afterAll(() => vendor.stop());

async function aCalendar() {
  const calendar = await vendor.createCalendar();
  const create = (changes?: Partial<EventDraft>) => outlookCalendar.createEvent(account, calendar, aDraft(changes));
  const mirrorOf = (fetch: CalendarAccount["fetch"] = account.fetch) =>
    new CalendarMirror(outlookCalendar, { ...account, fetch }, calendar);
  return { calendar, create, mirrorOf };
}

const daily: Partial<EventDraft> = { title: "Course", recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] };

/** Graph with another answer in some places; null for its own. */
function answering(answer: (url: string, init?: RequestInit) => Promise<Response | null> | null) {
  return async (url: string | URL, init?: RequestInit) => (await answer(String(url), init)) ?? account.fetch(url, init);
}

/** As Outlook may: with pages of its own size. */
const inPagesOf = (size: number) =>
  answering((url, init) => {
    const headers = new Headers(init?.headers);
    const prefer = headers.get("prefer") ?? "";
    if (!prefer.includes("maxpagesize=100")) return null;
    headers.set("prefer", prefer.replace("maxpagesize=100", `maxpagesize=${size}`));
    return account.fetch(url, { ...init, headers });
  });

describe("a delta whose token is over", () => {
  const refusals = [
    { name: "410 without a word", reply: () => new Response(null, { status: 410 }) },
    {
      name: "400 with a word that is not known",
      reply: () => Response.json({ error: { code: "BadRequest", message: "Badly formed token." } }, { status: 400 }),
    },
  ];

  it.each(refusals)("is begun anew when Graph says $name", async ({ reply }) => {
    const { create, mirrorOf } = await aCalendar();
    await create();
    const mirror = mirrorOf(answering(async (url) => (url.includes("deltatoken") ? reply() : null)));
    await mirror.read();
    expect(await mirror.read()).toMatchObject({ mode: "FULL", changes: [] });
  });

  it("in the middle of a listing is told as something that passes", async () => {
    const { create, mirrorOf } = await aCalendar();
    for (const title of ["A", "B", "C"]) await create({ title });
    const paged = inPagesOf(2);
    const mirror = mirrorOf(async (url, init) => (String(url).includes("skiptoken") ? over() : paged(url, init)));
    const over = () => Response.json({ error: { code: "SyncStateNotFound", message: "Gone." } }, { status: 410 });
    await expect(mirror.read()).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE", retryable: true });
  });
});

describe("a reading", () => {
  it("tells no more than 500 changes at once, whatever Outlook makes of our wish", async () => {
    const { calendar, mirrorOf } = await aCalendar();
    for (let index = 0; index < 510; index += 1) await vendor.asAnotherClient.create(calendar, aDraft());
    const { objects, cursor } = mirrorOf();
    const fetch = inPagesOf(1000);
    const known = async () => new Map<string, string | null>();
    const window = { from: new Date("2026-01-01"), to: new Date("2028-01-01") };
    const reading = outlookCalendar.readChanges({ ...account, fetch }, calendar, { cursor, window, known });
    for await (const changes of reading) {
      expect(changes.length).toBeLessThanOrEqual(500);
      for (const change of changes)
        if (change.kind === "upserted") objects.set(change.object.externalId, change.object);
    }
    expect(objects.size).toBe(510);
  });

  it("does not keep an occurrence whose series goes while it is looked up", async () => {
    const { calendar, create, mirrorOf } = await aCalendar();
    const series = await create(daily);
    const second = targetOf(series, berlin("2026-12-02T10:00:00"), "THIS");
    await outlookCalendar.updateEvent(account, calendar, second, { title: "Exam" });
    const mirror = mirrorOf(
      answering((url) => {
        if (url.endsWith("$batch")) vendor.asAnotherClient.remove(calendar, series.externalId).catch(() => {});
        return null;
      }),
    );
    await mirror.read();
    expect(mirror.titles()).toEqual([]);
  });

  it.each(["master", "occurrences", "all"] as const)(
    "sees that the last occurrences of a series were taken out, though Graph only names its %s",
    async (removedSeries) => {
      vendor.sandbox.outlookCalendar.switches.removedSeries = removedSeries;
      const { calendar, create, mirrorOf } = await aCalendar();
      const { externalId } = await create({ ...daily, recurrence: ["RRULE:FREQ=DAILY;COUNT=2"] });
      const mirror = mirrorOf();
      await mirror.read();
      for (const day of ["01", "02"]) {
        const series = await outlookCalendar.readObject(account, calendar, externalId);
        if (!series) throw new Error("It is gone");
        const target = targetOf(series, berlin(`2026-12-${day}T10:00:00`), "THIS");
        await outlookCalendar.deleteEvent(account, calendar, target);
      }
      await mirror.read();
      expect(mirror.objects.get(externalId)?.events[0]?.recurrence).toHaveLength(3);
    },
  );

  it.each([401, 500, 502])("waits when a part of a batch is answered %s", async (status) => {
    const { create, mirrorOf } = await aCalendar();
    await create(daily);
    const mirror = mirrorOf(
      answering(async (url, init) => {
        if (!url.endsWith("$batch")) return null;
        const { responses } = await (await account.fetch(url, init)).json();
        const body = { error: { code: "ErrorInternalServerError", message: "Cannot." } };
        return Response.json({ responses: [{ ...responses[0], status, body }, ...responses.slice(1)] });
      }),
    );
    await expect(mirror.read()).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE", retryable: true });
  });
});
