import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/app.ts";
import { type CalDavClient, caldavClient } from "../support/caldav-client.ts";
import { Journey } from "../support/journey.ts";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../support/radicale.ts";
import { thousandEvents } from "../support/thousand-events.ts";
import type { VendorProcess } from "../support/vendor-process.ts";

const { alice: password } = radicalePasswords;

describe.skipIf(!radicaleIsInstalled)("a calendar account at a real CalDAV server", () => {
  let radicale: VendorProcess;
  let app: TestApp;
  let other: CalDavClient;

  beforeAll(async () => {
    [radicale, app] = await Promise.all([startRadicale(), startTestApp()]);
    other = caldavClient(radicale.url, "alice", password);
  });
  afterAll(async () => {
    await app.stop();
    await radicale.stop();
  });

  it("arrives exactly: a thousand events of every kind", async () => {
    const path = await other.createCalendar();
    const calendar = thousandEvents(DateTime.utc().startOf("month").plus({ months: 1 }));
    console.time("put");
    await other.put(path, calendar.ics);
    console.timeEnd("put");
    const journey = new Journey(await app.as());
    console.time("sync");
    const integration = await journey.connected({ serverUrl: radicale.url, username: "alice", password }, { calendarIds: [new URL(path, radicale.url).href] });
    console.timeEnd("sync");
    const [run] = await journey.runs(integration.id);
    expect(run).toMatchObject({ state: "SUCCEEDED", created: calendar.rows, updated: 0, deleted: 0, skippedTotal: 0 });
    console.time("read");
    const events = await journey.events({ from: calendar.from, to: calendar.to });
    console.timeEnd("read");
    const shown = events.map(({ title, start, end }) => {
      const of = (time: any) => time.date ?? (time.floating ? time.localDateTime : time.dateTime);
      return `${title}, ${of(start)}, ${of(end)}`;
    });
    expect(calendar.objects).toBe(1000);
    expect(shown.sort()).toEqual(calendar.happens);
  });
});
