import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { type GoogleCaller, googleCaller, reasonOf } from "../support/google-caller.ts";
import { type Body, berlin, daily, events, get, insert, patch, remove } from "../support/google-events.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

const someone = (name = "ana") => googleCaller(sandbox, `${name}-${randomUUID().slice(0, 8)}@example.test`);

describe("an invitation", () => {
  const invited = async (event: object = {}) => {
    const [ana, bo, cy] = [await someone(), await someone("bo"), await someone("cy")];
    const attendees = [{ email: bo.email }, { email: cy.email }];
    const { id } = await insert(ana, { attendees, ...event });
    return { ana, bo, cy, id };
  };
  const answerOf = (event: Body, email: string) =>
    event.attendees.find((attendee: Body) => attendee.email === email)?.responseStatus;
  const own = {
    colorId: "5",
    transparency: "transparent",
    visibility: "private",
    reminders: { useDefault: false, overrides: [{ method: "popup", minutes: 5 }] },
    extendedProperties: { private: { mine: "yes" } },
  };
  const accepts = ({ email }: GoogleCaller) => ({ attendees: [{ email, responseStatus: "accepted" }] });
  const answer = (caller: GoogleCaller, id: string) =>
    patch(caller, id, { ...accepts(caller), attendeesOmitted: true });

  it("shows a guest what is shared, and nothing that is the organizer's own", async () => {
    const { ana, bo, id } = await invited({
      colorId: "7",
      source: { title: "Ours", url: "https://example.test" },
      extendedProperties: { private: { hers: "yes" }, shared: { ours: "yes" } },
    });
    const copy = await get(bo, id);
    expect(copy).toMatchObject({
      summary: "Interview",
      organizer: { email: ana.email },
      reminders: { useDefault: true },
    });
    expect(copy.extendedProperties).toEqual({ shared: { ours: "yes" } });
    expect([copy.colorId, copy.source, copy.organizer.self]).toEqual([undefined, undefined, undefined]);
  });

  it("keeps what is the guest's own when the organizer changes it", async () => {
    const { ana, bo, id } = await invited();
    expect((await patch(bo, id, own)).status).toBe(200);
    await answer(bo, id);
    const shared = { summary: "Panel", location: "Hall 3", extendedProperties: { shared: { ours: "yes" } } };
    await patch(ana, id, { ...shared, colorId: "7", transparency: "opaque", visibility: "public" });
    const copy = await get(bo, id);
    expect(copy).toMatchObject({
      ...own,
      ...shared,
      extendedProperties: { private: { mine: "yes" }, shared: { ours: "yes" } },
    });
    expect(answerOf(copy, bo.email)).toBe("accepted");
  });

  it("is not touched by what the organizer changes for herself", async () => {
    const { ana, bo, id } = await invited();
    const { etag } = await get(bo, id);
    await patch(ana, id, { colorId: "7", extendedProperties: { private: { hers: "yes" } } });
    expect((await get(bo, id)).etag).toBe(etag);
  });

  it.each([
    { summary: "Mine" },
    { location: "Elsewhere" },
    { start: berlin(1, 9) },
    { recurrence: ["RRULE:FREQ=DAILY;COUNT=2"] },
    { extendedProperties: { shared: { ours: "no" } } },
    { attendees: [] },
    { guestsCanModify: true },
  ])("cannot be changed by a guest: %j", async (change) => {
    const { bo, id } = await invited();
    const before = await get(bo, id);
    expect(reasonOf(await patch(bo, id, change))).toBe("403 forbiddenForNonOrganizer");
    expect(await get(bo, id)).toEqual(before);
  });

  it("can be replaced by a guest who sends back all that is shared", async () => {
    const { bo, id } = await invited();
    const { colorId: _, ...copy } = { ...(await get(bo, id)), ...own };
    const put = (body: object) => bo.call("PUT", `${events}/${id}`, { body });
    expect((await put(copy)).body).toMatchObject({ summary: "Interview", visibility: "private" });
    const { summary: __, ...rest } = copy;
    expect(reasonOf(await put(rest))).toBe("403 forbiddenForNonOrganizer");
  });

  it("can be changed by its guests for everybody where the organizer lets them", async () => {
    const { ana, bo, cy, id } = await invited({ guestsCanModify: true, colorId: "7" });
    await patch(cy, id, { colorId: "2" });
    const changed = await patch(bo, id, {
      summary: "Ours",
      start: berlin(1, 9),
      extendedProperties: own.extendedProperties,
    });
    expect(changed.status).toBe(200);
    expect(await get(bo, id)).toMatchObject({ summary: "Ours", etag: changed.body.etag });
    expect(await get(ana, id)).toMatchObject({ summary: "Ours", start: berlin(1, 9), colorId: "7", sequence: 1 });
    expect((await get(ana, id)).extendedProperties).toBeUndefined();
    expect(await get(cy, id)).toMatchObject({ summary: "Ours", colorId: "2" });
  });

  it("lets a guest invite others, unless the organizer does not", async () => {
    const { ana, bo, cy, id } = await invited();
    const { attendees } = await get(bo, id);
    const more = { attendees: [...attendees, { email: "di@example.test" }] };
    expect((await patch(bo, id, more)).status).toBe(200);
    for (const caller of [ana, bo, cy]) expect((await get(caller, id)).attendees).toHaveLength(3);
    const closed = await invited({ guestsCanInviteOthers: false });
    const others = { attendees: [...(await get(closed.bo, closed.id)).attendees, { email: "di@example.test" }] };
    expect(reasonOf(await patch(closed.bo, closed.id, others))).toBe("403 forbiddenForNonOrganizer");
  });

  it("with attendeesOmitted takes the caller's own answer alone", async () => {
    const { ana, bo, cy, id } = await invited();
    const attendees = [bo, cy].map(({ email }) => ({ email, responseStatus: "declined", optional: true }));
    const { status, body } = await patch(bo, id, { attendeesOmitted: true, attendees });
    expect([status, answerOf(body, bo.email), answerOf(body, cy.email)]).toEqual([200, "declined", "needsAction"]);
    expect(body.attendees.some(({ optional }: Body) => optional)).toBe(false);
    const byOrganizer = await patch(ana, id, { attendeesOmitted: true, ...accepts(cy) });
    expect(answerOf(byOrganizer.body, cy.email)).toBe("needsAction");
    expect(answerOf(await get(ana, id), bo.email)).toBe("declined");
  });

  it("tells the organizer and the other guests an answer, for one occurrence too", async () => {
    const { ana, bo, cy, id } = await invited(daily(3));
    const second = `${id}_20261202T090000Z`;
    await answer(bo, second);
    for (const caller of [ana, bo, cy]) {
      expect(answerOf(await get(caller, second), bo.email)).toBe("accepted");
      expect(answerOf(await get(caller, id), bo.email)).toBe("needsAction");
    }
  });

  it("is gone for whoever is no longer invited, and for everybody when the organizer cancels", async () => {
    const { ana, bo, cy, id } = await invited(daily(3));
    const statusesOf = (event: string) => Promise.all([bo, cy].map(async (guest) => (await get(guest, event)).status));
    await remove(ana, `${id}_20261202T090000Z`);
    expect(await statusesOf(`${id}_20261202T090000Z`)).toEqual(["cancelled", "cancelled"]);
    expect(await statusesOf(id)).toEqual(["confirmed", "confirmed"]);
    await patch(ana, id, { attendees: [{ email: cy.email }] });
    expect(await statusesOf(id)).toEqual(["cancelled", "confirmed"]);
    await patch(ana, id, { status: "cancelled" });
    expect(await statusesOf(id)).toEqual(["cancelled", "cancelled"]);
  });
});
