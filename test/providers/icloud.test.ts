import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultICloudSwitches, type ICloudSwitches } from "../../sandbox/icloud/switches.ts";
import { icloud } from "../../src/providers/calendar/icloud.ts";
import type { CalendarAccount, EventDraft } from "../../src/providers/calendar/provider.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { describeUnderFaults } from "../contract/under-faults.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";
import { createICloudVendor, type ICloudVendor } from "../support/icloud-vendor.ts";

describeCalendarProvider(icloud, createICloudVendor);
// iCloud says 403 for a limit.
describeUnderFaults(icloud, createICloudVendor, ["quota"]);

let vendor: ICloudVendor;
let account: CalendarAccount;
beforeAll(async () => {
  vendor = await createICloudVendor();
  account = (await vendor.connect()).account;
});
beforeEach(() => {
  set(defaultICloudSwitches());
});
afterAll(() => vendor.stop());

function set(switches: Partial<ICloudSwitches>): void {
  Object.assign(vendor.sandbox.icloud.switches, switches);
}

async function inNewCalendar() {
  const calendar = await vendor.createCalendar();
  const mirror = new CalendarMirror(icloud, account, calendar);
  const create = (changes?: Partial<EventDraft>) => icloud.createEvent(account, calendar, aDraft(changes));
  return { calendar, mirror, create };
}

describe("signing in", () => {
  it("takes the app-specific password at once, without asking what the server would like", async () => {
    const before = vendor.sandbox.requests.length;
    await vendor.connect();
    expect(vendor.sandbox.requests.slice(before).map(({ status }) => status)).not.toContain(401);
  });

  it("is tried once, and says where a password is made", async () => {
    const before = vendor.sandbox.requests.length;
    await expect(vendor.connectWrongly()).rejects.toMatchObject({
      code: "CREDENTIALS_REJECTED",
      remedy: expect.stringContaining("account.apple.com"),
    });
    expect(vendor.sandbox.requests.length - before).toBe(1);
  });
});

describe("the hosts of iCloud", () => {
  const homesOf = async () => (await vendor.connect()).connected.settings["homeUrls"];

  it("are one, as far as is stored: an account may be moved", async () => {
    const { origin } = vendor.sandbox;
    expect(await homesOf()).toMatch(`${origin}/icloud/`);
    expect((await icloud.listCalendars(account)).every(({ externalId }) => externalId.startsWith(origin))).toBe(true);
  });

  it.each([301, 302, 307, 308] as const)(
    "lead each other to an account that moves, whose calendars stay the same: %s",
    async (redirectStatus) => {
      const { calendar, mirror, create } = await inNewCalendar();
      set({ mainHostServes: false, redirectsPrincipal: true, redirectStatus });
      const event = await create({ title: "Before" });
      await mirror.read();
      const before = await icloud.listCalendars(account);
      vendor.sandbox.icloud.movePartition(vendor.email);
      expect(await icloud.listCalendars(account)).toEqual(before);
      await icloud.updateEvent(account, calendar, targetOf(event), { title: "After" });
      expect(await mirror.read()).toMatchObject({ changes: [{ kind: "upserted" }] });
      expect(mirror.titles()).toEqual(["After"]);
      expect((await vendor.connect()).connected.externalId).toBe(account.settings["principalUrl"]);
    },
  );

  it.each(["root", "principal", "home"] as const)("lead the password to nobody else: %s", async (at) => {
    set({ leadsAway: { at, to: "http://127.0.0.2:9/stranger/" } });
    await expect(vendor.connect()).rejects.toMatchObject({
      code: "EGRESS_REFUSED",
      message: expect.stringContaining("127.0.0.2"),
    });
  });

  it.each([
    { host: "https://p42-caldav.icloud.com", own: true },
    { host: "https://caldav.icloud.com", own: true },
    { host: "http://p42-caldav.icloud.com", own: false },
    { host: "https://p42-caldav.icloud.com.cn", own: false },
    { host: "https://evil-caldav.icloud.com", own: false },
    { host: "https://p1-p2-caldav.icloud.com", own: false },
    { host: "https://icloud.com", own: false },
    { host: "https://p42-caldav.icloud.com.example.test", own: false },
  ])("are told from others: $host", ({ host, own }) => {
    if (icloud.auth.kind !== "credentials") throw new Error("iCloud has no consent page");
    const settings = { principalUrl: "https://caldav.icloud.com/123/principal/" };
    expect(icloud.auth.isOwnOrigin?.(new URL(host), settings)).toBe(own);
  });
});

describe("its oddities", () => {
  it("has lists of reminders, which are no calendars", async () => {
    const names = (await icloud.listCalendars(account)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["Home", "Work"]));
    expect(names).not.toContain("Reminders");
  });

  it("shows what it has just taken some seconds later, and no event is lost or written twice", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    set({ shownAfterMs: 5000 });
    const draft = aDraft({ title: "Ours" });
    const made = await icloud.createEvent(account, calendar, draft);
    expect(made.events[0]?.title).toBe("Ours");
    await mirror.read();
    vendor.sandbox.clock.advance(6000);
    await mirror.read();
    await create({ title: "Second" });
    vendor.sandbox.clock.advance(6000);
    await mirror.read();
    expect(mirror.titles()).toEqual(["Ours", "Second"]);
  });

  it("gives no version after a write, which is read then; the next write is guarded all the same", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create();
    expect(made.etag).not.toBeNull();
    await vendor.asAnotherClient.retitle(calendar, made.externalId, "Theirs");
    const update = icloud.updateEvent(account, calendar, targetOf(made), { title: "Ours" });
    await expect(update).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it.each(["gone", "condition", "everything"] as const)(
    "meets an old token in one of three ways, and nothing is there twice: %s",
    async (expiredToken) => {
      const { calendar, mirror, create } = await inNewCalendar();
      await create({ title: "Stays" });
      const removed = await create({ title: "Goes" });
      await mirror.read();
      set({ expiredToken });
      vendor.forgetCursors();
      await vendor.asAnotherClient.remove(calendar, removed.externalId);
      await mirror.read();
      await mirror.read();
      expect(mirror.titles()).toEqual(["Stays"]);
    },
  );

  it("marks exceptions where a range was asked for, which is no change of theirs", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    const series = await create({ recurrence: ["RRULE:FREQ=WEEKLY;COUNT=4"] });
    const second = berlin("2026-12-08T10:00:00");
    await icloud.updateEvent(account, calendar, targetOf(series, second, "THIS"), { title: "Moved" });
    await mirror.read();
    expect((await mirror.read()).changes).toEqual([]);
    expect(mirror.titles()).toEqual(["Interview", "Moved"]);
  });
});
