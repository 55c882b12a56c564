import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isIntegrationError } from "../../src/errors.ts";
import type { CalendarProvider, EventDraft, RemoteObject } from "../../src/providers/calendar/provider.ts";
import type { EventTime } from "../../src/recurrence/event-time.ts";
import { durationBetween } from "../../src/recurrence/instant.ts";
import { occurrencesOf } from "../../src/recurrence/occurrences.ts";
import type { OpenedAccount } from "../support/account.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";

export type Trouble =
  | "credentials-rejected"
  | "rate-limited"
  | "rate-limited-for-7-seconds"
  | "down"
  | "web-page"
  | "truncated"
  | "hung-up";

/** One vendor to run the contract on: a real server, or its twin. */
export interface CalendarVendor {
  /** Connects as a person does; always the same account. */
  connect(): Promise<OpenedAccount>;
  /** The same with a password, or a consent, that the vendor refuses. */
  connectWrongly(): Promise<OpenedAccount>;
  /** What must never be seen in an error. */
  readonly secrets: () => readonly string[];
  /** Makes an empty calendar that the account may write; its externalId. */
  createCalendar(): Promise<string>;
  /** What somebody else does to the same calendar. `externalId` is that of the event. */
  readonly asAnotherClient: {
    create(calendar: string, draft: EventDraft): Promise<void>;
    retitle(calendar: string, externalId: string, title: string): Promise<void>;
    remove(calendar: string, externalId: string): Promise<void>;
    /** Puts something on an event that this service has no word for. */
    decorate(calendar: string, externalId: string): Promise<void>;
    isDecorated(calendar: string, externalId: string): Promise<boolean>;
    /** Stores what nobody can read, where the vendor lets one. */
    spoil?(calendar: string): Promise<void>;
  };
  /** The next request meets this, in the vendor's own manner. */
  failNext(trouble: Trouble): void;
  /** Every request from the given one on (0 is the next) fails with `down`, until the function returned is called. */
  failFrom(position: number): () => void;
  /** The vendor no longer knows the cursors that it gave out. */
  forgetCursors(): void;
  stop(): Promise<void>;
}

/** What every calendar provider promises, whoever the vendor is. */
export function describeCalendarProvider(
  provider: CalendarProvider,
  createVendor: () => Promise<CalendarVendor>,
): void {
  describe(`${provider.name} keeps the calendar contract:`, () => {
    let vendor: CalendarVendor;
    let opened: OpenedAccount;

    beforeAll(async () => {
      vendor = await createVendor();
      await vendor.createCalendar();
      opened = await vendor.connect();
    });
    afterAll(() => vendor.stop());

    const expectNoSecretIn = (text: string) => {
      expect(vendor.secrets().filter((secret) => text.includes(secret))).toEqual([]);
    };

    const inNewCalendar = async () => {
      const calendar = await vendor.createCalendar();
      const { account } = opened;
      return {
        calendar,
        account,
        mirror: new CalendarMirror(provider, account, calendar),
        create: (changes?: Partial<EventDraft>) => provider.createEvent(account, calendar, aDraft(changes)),
        read: (object: RemoteObject) => provider.readObject(account, calendar, object.externalId),
      };
    };

    describe("connecting", () => {
      it("proves the credentials, and says who it is", () => {
        expect(opened.connected.externalId).not.toBe("");
        expect(opened.connected.displayName).not.toBe("");
        expectNoSecretIn(JSON.stringify(opened.connected));
      });

      it("meets the same account again", async () => {
        const again = await vendor.connect();
        expect(again.connected.externalId).toBe(opened.connected.externalId);
      });

      it("refuses credentials that the vendor refuses", async () => {
        await expect(vendor.connectWrongly()).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
      });
    });

    describe("listing calendars", () => {
      it("tells name and rights, and which single one is primary", async () => {
        const calendar = await vendor.createCalendar();
        const calendars = await provider.listCalendars(opened.account);
        expect(calendars.find(({ externalId }) => externalId === calendar)).toMatchObject({ writable: true });
        expect(calendars.every(({ name }) => name !== "")).toBe(true);
        expect(calendars.filter(({ primary }) => primary)).toHaveLength(1);
      });

      it("never says of a calendar that changed that it is where its last reading ended", async () => {
        const { calendar, account, create, mirror } = await inNewCalendar();
        await create();
        await mirror.read();
        await vendor.asAnotherClient.create(calendar, aDraft());
        const listed = await provider.listCalendars(account);
        const { currentCursor } = listed.find(({ externalId }) => externalId === calendar) ?? {};
        expect(currentCursor ?? "not told").not.toBe(mirror.cursor);
      });

      it("is never an empty list when it fails", async () => {
        vendor.failNext("web-page");
        await expect(provider.listCalendars(opened.account)).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
      });
    });

    describe("creating", () => {
      it("stores what people know of the event", async () => {
        const { create } = await inNewCalendar();
        const draft = aDraft({
          title: "Gespräch: Ana, Bo; \\ 面接",
          description: `First line\nSecond line ${"日本語の説明".repeat(40)}`,
          location: "Room 7",
          classification: "PRIVATE",
        });
        const { events } = await create(draft);
        // Without a word of ours the calendar's own reminder applies, and some vendors cannot tell it from others.
        const { creationId: _, conference: __, reminders: ___, uid, ...fields } = draft;
        const named = provider.uidFrom === "draft" ? { uid } : { uid: expect.stringMatching(/./) };
        expect(events).toEqual([expect.objectContaining({ ...fields, ...named, recurrenceId: null })]);
      });

      it.each([
        { status: "CONFIRMED", transparency: "TRANSPARENT" },
        { status: "TENTATIVE", transparency: "OPAQUE" },
        { status: "TENTATIVE", transparency: "TRANSPARENT" },
      ] as const)(
        "says $status and $transparency, or says that it cannot, and never something near it",
        async (said) => {
          const { create, mirror } = await inNewCalendar();
          const created = await create(said).catch((error: unknown) => {
            if (!isIntegrationError(error, "UNSUPPORTED_CAPABILITY")) throw error;
            expect(error).toMatchObject({
              field: [expect.stringMatching(/^(status|transparency)$/)],
              remedy: expect.any(String),
            });
            return null;
          });
          if (created) expect(created.events[0]).toMatchObject(said);
          await mirror.read();
          expect(mirror.titles()).toHaveLength(created ? 1 : 0);
        },
      );

      it("makes one event of one creation, however often it is sent", async () => {
        const { calendar, account, mirror } = await inNewCalendar();
        const draft = aDraft();
        const first = await provider.createEvent(account, calendar, draft);
        const again = await provider.createEvent(account, calendar, draft).catch((error: unknown) => {
          if (!isIntegrationError(error, "DUPLICATE")) throw error;
          return provider.findCreated(account, calendar, draft);
        });
        expect(again?.externalId).toBe(first.externalId);
        await mirror.read();
        expect(mirror.titles()).toEqual(["Interview"]);
      });

      it("refuses a second event of the same uid", async ({ skip }) => {
        if (provider.uidFrom === "vendor") return skip("The vendor gives each event a uid of its own");
        const { create } = await inNewCalendar();
        const { uid } = aDraft();
        await create({ uid });
        await expect(create({ uid })).rejects.toMatchObject({ code: "DUPLICATE" });
      });

      it("finds what a creation made, and nothing before it", async () => {
        const { calendar, account } = await inNewCalendar();
        const draft = aDraft();
        expect(await provider.findCreated(account, calendar, draft)).toBeNull();
        const { externalId } = await provider.createEvent(account, calendar, draft);
        expect(await provider.findCreated(account, calendar, draft)).toMatchObject({ externalId });
      });

      it("tells a reading which creation an event is of", async () => {
        const { calendar, account, mirror } = await inNewCalendar();
        const draft = aDraft();
        await provider.createEvent(account, calendar, draft);
        await mirror.read();
        const [object] = [...mirror.objects.values()];
        expect([object?.events[0]?.uid, object?.creationId]).toContain(
          provider.uidFrom === "draft" ? draft.uid : draft.creationId,
        );
      });

      it("sets reminders where it can, and changes them without touching anything else", async ({ skip }) => {
        if (!provider.reminders) return skip("This vendor's reminders cannot be set");
        const { calendar, account, create } = await inNewCalendar();
        const reminders = [60, 10].slice(0, provider.reminders.max);
        const before = await create({ reminders });
        expect(before.events[0]?.reminders).toEqual(reminders);
        const { object } = await provider.updateEvent(account, calendar, targetOf(before), { reminders: [30] });
        expect(object?.events[0]).toMatchObject({ title: "Interview", reminders: [30] });
      });

      it("keeps the day of a whole day", async () => {
        const { create } = await inNewCalendar();
        const day = { start: { kind: "date", date: "2026-12-24" }, end: { kind: "date", date: "2026-12-25" } } as const;
        expect((await create(day)).events[0]).toMatchObject(day);
      });

      it("keeps the length of an event across the change of clocks", async () => {
        const { create } = await inNewCalendar();
        const night = { start: berlin("2026-10-24T22:00:00"), end: berlin("2026-10-25T08:00:00") };
        const [event] = (await create(night)).events;
        expect(event).toMatchObject(night);
        expect(event && durationBetween(event.start, event.end)).toBe(11 * 3_600_000);
      });
    });

    describe("updating", () => {
      it("changes what the patch names and keeps all else, its identity included", async () => {
        const { calendar, account, create, read } = await inNewCalendar();
        const before = await create({ description: "Bring a pen", location: "Room 7" });
        const { object } = await provider.updateEvent(account, calendar, targetOf(before), {
          title: "Second interview",
          location: null,
        });
        expect(object?.externalId).toBe(before.externalId);
        expect(object?.etag).not.toBe(before.etag);
        expect(object?.events).toEqual([
          { ...before.events[0], title: "Second interview", location: null, sequence: expect.any(Number) },
        ]);
        expect((await read(before))?.etag).toBe(object?.etag);
      });

      it("keeps what it has no word for", async () => {
        const { calendar, account, create, read } = await inNewCalendar();
        const { externalId } = await create();
        await vendor.asAnotherClient.decorate(calendar, externalId);
        const decorated = await provider.readObject(account, calendar, externalId);
        if (decorated === null) throw new Error("The event is gone");
        await provider.updateEvent(account, calendar, targetOf(decorated), {
          title: "Moved",
          start: berlin("2026-12-02T10:00:00"),
        });
        expect((await read(decorated))?.events[0]?.title).toBe("Moved");
        expect(await vendor.asAnotherClient.isDecorated(calendar, externalId)).toBe(true);
      });

      it("keeps the length of an event whose start alone moves", async () => {
        const { calendar, account, create } = await inNewCalendar();
        const before = await create();
        const { object } = await provider.updateEvent(account, calendar, targetOf(before), {
          start: berlin("2026-12-03T16:30:00"),
        });
        expect(object?.events[0]).toMatchObject({
          start: berlin("2026-12-03T16:30:00"),
          end: berlin("2026-12-03T17:15:00"),
        });
      });

      it("is a conflict when somebody else was faster", async () => {
        const { calendar, account, create, read } = await inNewCalendar();
        const before = await create();
        await vendor.asAnotherClient.retitle(calendar, before.externalId, "Theirs");
        const update = provider.updateEvent(account, calendar, targetOf(before), { title: "Ours" });
        await expect(update).rejects.toMatchObject({ code: "CONFLICT" });
        expect((await read(before))?.events[0]?.title).toBe("Theirs");
      });

      it("does not bring back what is gone", async () => {
        const { calendar, account, create, read } = await inNewCalendar();
        const before = await create();
        await vendor.asAnotherClient.remove(calendar, before.externalId);
        const update = provider.updateEvent(account, calendar, targetOf(before), { title: "Ours" });
        await expect(update).rejects.toMatchObject({ code: "NOT_FOUND" });
        expect(await read(before)).toBeNull();
      });
    });

    describe("deleting", () => {
      it("removes the event, and does so twice", async () => {
        const { calendar, account, create, read } = await inNewCalendar();
        const object = await create();
        expect(await provider.deleteEvent(account, calendar, targetOf(object))).toMatchObject({ object: null });
        expect(await read(object)).toBeNull();
        expect(await provider.deleteEvent(account, calendar, targetOf(object))).toMatchObject({ object: null });
      });

      it("is a conflict when somebody else changed it", async () => {
        const { calendar, account, create, read } = await inNewCalendar();
        const before = await create();
        await vendor.asAnotherClient.retitle(calendar, before.externalId, "Theirs");
        const deletion = provider.deleteEvent(account, calendar, targetOf(before));
        await expect(deletion).rejects.toMatchObject({ code: "CONFLICT" });
        expect(await read(before)).not.toBeNull();
      });

      it("gives what is created again an identity of its own", async () => {
        const { calendar, account, create } = await inNewCalendar();
        const first = await create();
        await provider.deleteEvent(account, calendar, targetOf(first));
        const second = await create();
        expect(second.externalId).not.toBe(first.externalId);
        expect(second.events[0]?.uid).not.toBe(first.events[0]?.uid);
      });
    });

    describe("a series", () => {
      const weekly = { recurrence: ["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20261208T100000"] };
      const third = berlin("2026-12-15T10:00:00");

      it("comes back as it was sent", async () => {
        const { create } = await inNewCalendar();
        expect((await create(weekly)).events[0]?.recurrence).toEqual(weekly.recurrence);
      });

      it("has one occurrence changed, and the others as they were", async () => {
        const { calendar, account, create } = await inNewCalendar();
        const before = await create(weekly);
        const patch = { title: "With Bo", start: berlin("2026-12-15T14:00:00"), end: berlin("2026-12-15T15:00:00") };
        const { object } = await provider.updateEvent(account, calendar, targetOf(before, third, "THIS"), patch);
        const [master, override] = object?.events ?? [];
        expect(master).toMatchObject({ title: "Interview", ...weekly, start: berlin("2026-12-01T10:00:00") });
        expect(override).toMatchObject({ ...patch, recurrenceId: third, recurrence: [], uid: master?.uid });
      });

      it("has one occurrence taken out, the changed one as well", async () => {
        const { calendar, account, create } = await inNewCalendar();
        const before = await create(weekly);
        const changed = await provider.updateEvent(account, calendar, targetOf(before, third, "THIS"), { title: "X" });
        if (changed.object === null) throw new Error("Nothing is left");
        const { object } = await provider.deleteEvent(account, calendar, targetOf(changed.object, third, "THIS"));
        expect(object?.events).toHaveLength(1);
        expect(object?.events[0]?.recurrence.join()).toContain("20261215T100000");
      });

      it("moves as a whole, its exceptions along with it", async () => {
        const { calendar, account, create } = await inNewCalendar();
        const before = await create(weekly);
        const changed = await provider.updateEvent(account, calendar, targetOf(before, third, "THIS"), { title: "X" });
        if (changed.object === null) throw new Error("Nothing is left");
        const start = berlin("2026-12-02T11:30:00");
        const { object } = await provider.updateEvent(account, calendar, targetOf(changed.object), { start });
        const [master, override] = object?.events ?? [];
        expect(master).toMatchObject({ start, end: berlin("2026-12-02T12:15:00") });
        expect(master?.recurrence).toContain("EXDATE;TZID=Europe/Berlin:20261209T113000");
        const moved = berlin("2026-12-16T11:30:00");
        expect(override).toMatchObject({
          title: "X",
          start: moved,
          recurrenceId: moved,
          end: berlin("2026-12-16T12:15:00"),
        });
      });

      it("is split where this and the following change", async () => {
        const { calendar, account, create, mirror } = await inNewCalendar();
        const before = await create(weekly);
        const target = targetOf(before, third, "THIS_AND_FOLLOWING");
        const { object, created } = await provider.updateEvent(account, calendar, target, { title: "With Bo" });
        expect(object).toMatchObject({ externalId: before.externalId });
        expect(object?.events[0]?.title).toBe("Interview");
        expect(startsOf(object)).toEqual([berlin("2026-12-01T10:00:00")]);
        expect(created?.events[0]).toMatchObject({
          title: "With Bo",
          start: third,
          recurrence: ["RRULE:FREQ=WEEKLY;COUNT=3"],
        });
        expect(created?.events[0]?.uid).not.toBe(before.events[0]?.uid);
        await mirror.read();
        expect(mirror.titles()).toEqual(["Interview", "With Bo"]);
      });

      it("is split once when the split is repeated, wherever it broke off, though somebody changed it since", async () => {
        const patch = { title: "With Bo" };
        for (let depth = 1; ; depth += 1) {
          const { calendar, account, create, mirror, read } = await inNewCalendar();
          const before = await create(weekly);
          const target = targetOf(before, third, "THIS_AND_FOLLOWING");
          const recover = vendor.failFrom(depth);
          const isWhole = await provider.updateEvent(account, calendar, target, patch).then(Boolean, () => false);
          recover();
          if (isWhole) break;
          await vendor.asAnotherClient.decorate(calendar, before.externalId);
          const object = await read(before);
          if (object === null) throw new Error("It is gone");
          // Where the series was ended already, whoever asks finds out before repeating.
          const isEnded = startsOf(object).length === 1;
          if (!isEnded) await provider.updateEvent(account, calendar, { ...target, object }, patch);
          await mirror.read();
          expect(mirror.titles()).toEqual(["Interview", "With Bo"]);
        }
      });

      it("ends where this and the following are deleted", async () => {
        const { calendar, account, create } = await inNewCalendar();
        const before = await create(weekly);
        const { object } = await provider.deleteEvent(account, calendar, targetOf(before, third, "THIS_AND_FOLLOWING"));
        expect(startsOf(object)).toEqual([berlin("2026-12-01T10:00:00")]);
        expect(object?.events[0]?.recurrence[0]).not.toContain("COUNT");
      });

      it("is gone when its first and all following are deleted", async () => {
        const { calendar, account, create, read } = await inNewCalendar();
        const before = await create(weekly);
        const target = targetOf(before, berlin("2026-12-01T10:00:00"), "THIS_AND_FOLLOWING");
        expect(await provider.deleteEvent(account, calendar, target)).toMatchObject({ object: null });
        expect(await read(before)).toBeNull();
      });
    });

    describe("reading changes", () => {
      it("brings everything at first, and nothing when nothing happened", async () => {
        const { mirror, create } = await inNewCalendar();
        await create({ title: "One" });
        await create({ title: "Two" });
        expect((await mirror.read()).changes).toHaveLength(2);
        expect(mirror.titles()).toEqual(["One", "Two"]);
        expect((await mirror.read()).changes).toEqual([]);
      });

      it("brings what others created, changed and deleted since", async () => {
        const { calendar, mirror, create } = await inNewCalendar();
        const changed = await create({ title: "Changed" });
        const deleted = await create({ title: "Deleted" });
        await create({ title: "Untouched" });
        await mirror.read();

        await vendor.asAnotherClient.retitle(calendar, changed.externalId, "Changed by them");
        await vendor.asAnotherClient.remove(calendar, deleted.externalId);
        await vendor.asAnotherClient.create(calendar, aDraft({ title: "Created by them" }));
        const { changes } = await mirror.read();
        expect(changes).toHaveLength(3);
        expect(changes).toContainEqual({ kind: "removed", externalId: deleted.externalId });
        expect(mirror.titles()).toEqual(["Changed by them", "Created by them", "Untouched"]);
      });

      it("finds only what really changed when the cursor is no longer known", async () => {
        const { calendar, mirror, create } = await inNewCalendar();
        const deleted = await create({ title: "Deleted" });
        await create({ title: "Untouched" });
        await mirror.read();
        await vendor.asAnotherClient.remove(calendar, deleted.externalId);
        vendor.forgetCursors();
        const { changes } = await mirror.read();
        expect(changes).toEqual([{ kind: "removed", externalId: deleted.externalId }]);
        expect((await mirror.read()).changes).toEqual([]);
      });

      it("brings an object and its exceptions as one", async () => {
        const { calendar, account, mirror, create } = await inNewCalendar();
        const series = await create({ recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
        const second = berlin("2026-12-02T10:00:00");
        await provider.updateEvent(account, calendar, targetOf(series, second, "THIS"), { title: "Second" });
        await mirror.read();
        expect(mirror.objects.size).toBe(1);
        expect(mirror.titles()).toEqual(["Interview", "Second"]);
      });

      it.each(["down", "web-page", "truncated", "hung-up", "credentials-rejected", "rate-limited"] as const)(
        "removes nothing and loses nothing when a reading ends in %s, wherever that happens",
        async (trouble) => {
          const { calendar, mirror, create } = await inNewCalendar();
          const deleted = await create({ title: "Deleted" });
          await create({ title: "Kept" });
          await mirror.read();
          const { cursor } = mirror;
          await vendor.asAnotherClient.remove(calendar, deleted.externalId);
          await vendor.asAnotherClient.create(calendar, aDraft({ title: "New" }));

          vendor.failNext(trouble);
          await expect(mirror.read()).rejects.toSatisfy((error) => isIntegrationError(error));
          expect(mirror.titles()).toEqual(["Deleted", "Kept"]);
          expect(mirror.cursor).toBe(cursor);
          for (let position = 1; ; position++) {
            const recover = vendor.failFrom(position);
            const complete = await mirror.read().then(Boolean, () => false);
            recover();
            if (complete) break;
            expect(mirror.titles()).toContain("Kept");
            expect(mirror.titles()).toContain("Deleted");
          }
          expect(mirror.titles()).toEqual(["Kept", "New"]);
        },
      );

      it("lets the rest arrive when one object cannot be read", async ({ skip }) => {
        const { calendar, mirror, create } = await inNewCalendar();
        if (!vendor.asAnotherClient.spoil) return skip("This vendor stores nothing that cannot be read");
        await create({ title: "Good" });
        await vendor.asAnotherClient.spoil(calendar);
        const { changes } = await mirror.read();
        expect(changes.map(({ kind }) => kind).sort()).toEqual(["unreadable", "upserted"]);
        expect(mirror.titles()).toEqual(["Good"]);
      });

      it("says so when the calendar is gone", async () => {
        const { account, calendar } = await inNewCalendar();
        const mirror = new CalendarMirror(provider, account, `${calendar.replace(/\/$/, "")}-that-never-was/`);
        await expect(mirror.read()).rejects.toMatchObject({ code: "NOT_FOUND" });
      });
    });

    describe("trouble", () => {
      it.each([
        { trouble: "credentials-rejected", code: "CREDENTIALS_REJECTED", retryable: false },
        { trouble: "rate-limited", code: "RATE_LIMITED", retryable: true },
        { trouble: "down", code: "PROVIDER_UNAVAILABLE", retryable: true },
        { trouble: "hung-up", code: "PROVIDER_UNAVAILABLE", retryable: true },
        { trouble: "web-page", code: "PROVIDER_REPLY_INVALID", retryable: true },
        { trouble: "truncated", code: "PROVIDER_REPLY_INVALID", retryable: true },
      ] as const)("is $code when it is $trouble, and never tells a secret", async ({ trouble, code, retryable }) => {
        vendor.failNext(trouble);
        const error: unknown = await provider.listCalendars(opened.account).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code, retryable });
        expectNoSecretIn(JSON.stringify(error, Object.getOwnPropertyNames(error)));
        expectNoSecretIn(inspect(error, { depth: 8, showHidden: true }));
      });

      it("says how long to wait when the vendor does", async () => {
        vendor.failNext("rate-limited-for-7-seconds");
        await expect(provider.listCalendars(opened.account)).rejects.toMatchObject({ retryAfterMs: 7000 });
      });
    });
  });
}

/** When a series happens, by its master alone. */
function startsOf(object: RemoteObject | null): readonly EventTime[] {
  const [master] = object?.events ?? [];
  if (!master) return [];
  const { start, end, recurrence } = master;
  const window = { from: new Date("2026-01-01"), to: new Date("2028-01-01") };
  const series = { id: "", start, end, recurrence, fallbackZone: "UTC" };
  return occurrencesOf(series, window, 1000).occurrences.map((occurrence) => occurrence.start);
}
