import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultFastmailSwitches, type FastmailSwitches } from "../../sandbox/fastmail/switches.ts";
import { fastmail } from "../../src/providers/calendar/fastmail.ts";
import type { CalendarAccount, EventDraft } from "../../src/providers/calendar/provider.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { describeUnderFaults } from "../contract/under-faults.ts";
import { connectAccount } from "../support/account.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, targetOf } from "../support/event-draft.ts";
import {
  createFastmailPasswordVendor,
  createFastmailVendor,
  type FastmailVendor,
  fastmailWithPassword,
} from "../support/fastmail-vendor.ts";

describe("by consent", () => {
  describeCalendarProvider(fastmail, createFastmailVendor);
  // Fastmail says 507 for a quota.
  describeUnderFaults(fastmail, createFastmailVendor, ["quota"]);
});

describe("with an app password", () => {
  describeCalendarProvider(fastmailWithPassword, createFastmailPasswordVendor);
});

let byConsent: FastmailVendor;
let byPassword: FastmailVendor;
let account: CalendarAccount;
beforeAll(async () => {
  byConsent = await createFastmailVendor();
  byPassword = await createFastmailPasswordVendor();
  account = (await byConsent.connect()).account;
});
beforeEach(() => {
  set(defaultFastmailSwitches());
});
afterAll(async () => {
  await byConsent.stop();
  await byPassword.stop();
});

function set(switches: Partial<FastmailSwitches>): void {
  for (const { sandbox } of [byConsent, byPassword]) Object.assign(sandbox.fastmail.switches, switches);
}

async function inNewCalendar() {
  const calendar = await byConsent.createCalendar();
  const mirror = new CalendarMirror(fastmail, account, calendar);
  const create = (changes?: Partial<EventDraft>) => fastmail.createEvent(account, calendar, aDraft(changes));
  return { calendar, mirror, create };
}

const guest = { email: "bo@example.test", name: null, response: "NEEDS_ACTION", optional: false } as const;

describe("signing in with an app password", () => {
  it("takes it at once, without asking what the server would like", async () => {
    const before = byPassword.sandbox.requests.length;
    await byPassword.connect();
    expect(byPassword.sandbox.requests.slice(before).map(({ status }) => status)).not.toContain(401);
  });

  it("says where one is made when it is refused", async () => {
    await expect(byPassword.connectWrongly()).rejects.toMatchObject({
      code: "CREDENTIALS_REJECTED",
      remedy: expect.stringContaining("app password"),
    });
  });

  it("leads to the same account and calendars as the consent page, however its paths are written", async () => {
    const { sandbox, email, credentials } = byConsent;
    const password = sandbox.fastmail.createAppPassword(email, "dav");
    const withPassword = () => connectAccount(fastmailWithPassword, { ...credentials, password });
    const known = (await byConsent.connect()).connected;
    for (const encodesAtSigns of [false, true]) {
      set({ encodesAtSigns });
      for (const { connected } of [await byConsent.connect(), await withPassword()]) {
        expect(connected.externalId).toBe(known.externalId);
        expect(connected.calendars).toEqual(known.calendars);
        expect(connected.displayName).toBe(email);
      }
    }
  });
});

describe("the hosts of Fastmail", () => {
  const ways = [
    { way: "a token", vendor: () => byConsent },
    { way: "an app password", vendor: () => byPassword },
  ];
  const places = ["well-known", "principal", "home"] as const;

  it.each(ways.flatMap((way) => places.map((at) => ({ ...way, at }))))(
    "lead $way to nobody else: $at",
    async ({ vendor, at }) => {
      set({ leadsAway: { at, to: "http://127.0.0.2:9/stranger/" } });
      await expect(vendor().connect()).rejects.toMatchObject({
        code: "EGRESS_REFUSED",
        message: expect.stringContaining("127.0.0.2"),
      });
    },
  );

  it.each(ways)("lead $way to nobody else once it is connected", async ({ vendor }) => {
    const connected = (await vendor().connect()).account;
    const { homeUrls = "" } = connected.settings;
    const astray = {
      ...connected,
      settings: { ...connected.settings, homeUrls: homeUrls.replace("127.0.0.1", "127.0.0.2") },
    };
    await expect(fastmail.listCalendars(astray)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });
});

describe("what is Cyrus' own", () => {
  it("tells a stranger politely, which is a refused login all the same", async () => {
    set({ answersStrangers: true });
    await expect(byPassword.connectWrongly()).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
  });

  it("gives a meeting no version after a write, which is read then; the next write is guarded all the same", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create({ attendees: [guest] });
    expect(made.etag).not.toBeNull();
    await byConsent.asAnotherClient.retitle(calendar, made.externalId, "Theirs");
    const update = fastmail.updateEvent(account, calendar, targetOf(made), { title: "Ours" });
    await expect(update).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("marks versions as weak where a reply may be packed, which changes nothing", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    const made = await create({ title: "Before" });
    await mirror.read();
    const alone = await fastmail.readObject(account, calendar, made.externalId);
    expect(alone?.etag).toBe(made.etag);
    await fastmail.updateEvent(account, calendar, targetOf(made), { title: "After" });
    await mirror.read();
    expect(mirror.titles()).toEqual(["After"]);
  });

  it("lists changes in pages, of which none is left out", async () => {
    const { mirror, create } = await inNewCalendar();
    await mirror.read();
    set({ syncPageSize: 3 });
    const titles = Array.from({ length: 8 }, (_, index) => `Event ${index}`);
    for (const title of titles) await create({ title });
    await mirror.read();
    expect(mirror.titles()).toEqual(titles);
  });

  it("refuses an old token by its name, and what went meanwhile is found out", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    await create({ title: "Stays" });
    const removed = await create({ title: "Goes" });
    await mirror.read();
    byConsent.forgetCursors();
    await byConsent.asAnotherClient.remove(calendar, removed.externalId);
    expect(await mirror.read()).toMatchObject({ changes: [{ kind: "removed", externalId: removed.externalId }] });
    expect(mirror.titles()).toEqual(["Stays"]);
  });

  it("writes an @ in paths as it is or encoded, and nothing changes with it", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    const made = await create({ title: "Before" });
    await mirror.read();
    const calendars = await fastmail.listCalendars(account);
    set({ encodesAtSigns: true });
    expect(await fastmail.listCalendars(account)).toEqual(calendars);
    expect((await mirror.read()).changes).toEqual([]);
    await fastmail.updateEvent(account, calendar, targetOf(made), { title: "After" });
    expect(await mirror.read()).toMatchObject({
      changes: [{ kind: "upserted", object: { externalId: made.externalId } }],
    });
  });

  it("takes a search for a UID and a time loosely: a creation is found by its own UID", async () => {
    const { calendar, create } = await inNewCalendar();
    await create({ title: "Another" });
    const draft = aDraft({ title: "Ours" });
    await byConsent.asAnotherClient.create(calendar, draft);
    const found = await fastmail.findCreated(account, calendar, draft);
    expect(found?.events[0]?.uid).toBe(draft.uid);
  });

  it("has one UID once in an account: the second is a DUPLICATE", async () => {
    const { create } = await inNewCalendar();
    const other = await byConsent.createCalendar();
    const draft = aDraft();
    await create(draft);
    const again = fastmail.createEvent(account, other, { ...aDraft(), uid: draft.uid });
    await expect(again).rejects.toMatchObject({ code: "DUPLICATE" });
  });
});
