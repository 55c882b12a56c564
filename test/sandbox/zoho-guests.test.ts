import { describe, expect, it } from "vitest";
import { aZoho, hour, type ZohoClient, type ZohoWorld } from "../support/zoho-client.ts";

const bo = "bo@example.test";
const cy = "cy@example.test";
const at = (uid: string) => `/calendars/default/events/${uid}`;

/** Bo is in Ana's data centre, Cy is not. */
async function aMeeting(changes: object = {}): Promise<ZohoWorld & { uid: string; etag: number; asBo: ZohoClient }> {
  const world = await aZoho();
  world.twin.createAccount({ email: bo, dataCenter: "eu" });
  world.twin.createAccount({ email: cy, dataCenter: "us" });
  const meeting = { title: "Interview", ...hour(2), attendees: [{ email: bo }, { email: cy }], ...changes };
  const { uid, etag } = await world.ana.create(meeting);
  return { ...world, uid, etag, asBo: await world.signIn(bo) };
}

describe("guests at Zoho", () => {
  it("have the event in their own calendar under the same uid, in the data centre of the organizer", async () => {
    const { twin, asBo, uid } = await aMeeting();
    const [event] = await asBo.read(uid);
    expect(event).toMatchObject({ title: "Interview", role: "attendee", organizer: "ana@example.test", rsvpStatus: 0 });
    expect(event.attendees).toMatchObject([{ email: bo, status: "NEEDS-ACTION", permission: 1 }, { email: cy }]);
    expect(twin.event(cy, uid)).toBeNull();
  });

  it.each([
    { notify_attendee: 0, mails: [] },
    { notify_attendee: 1, mails: [bo, cy] },
    { notify_attendee: 2, mails: [bo, cy] },
    { notify_attendee: undefined, mails: [bo, cy] },
  ])("are mailed by notify_attendee $notify_attendee", async ({ notify_attendee, mails }) => {
    const { twin } = await aMeeting({ notify_attendee });
    expect(twin.mails.map(({ to, about }) => [to, about])).toEqual(mails.map((to) => [to, "invited"]));
  });

  it.each([
    { notify_attendee: 1, mails: ["updated", "invited", "cancelled"] },
    { notify_attendee: 2, mails: ["invited", "cancelled"] },
    { notify_attendee: 0, mails: [] },
  ])("are mailed about changes by notify_attendee $notify_attendee", async ({ notify_attendee, mails }) => {
    const { twin, ana, uid, etag } = await aMeeting({ notify_attendee: 0 });
    const attendees = [{ email: cy }, { email: "new@example.test" }];
    await ana.put(at(uid), { title: "Moved", etag, ...hour(3), attendees, notify_attendee });
    expect(twin.mails.map(({ about }) => about)).toEqual(mails);
    expect(twin.event(bo, uid)).toBeNull();
  });

  it("are refused with a word of notify_attendee that is none", async () => {
    const { ana } = await aZoho();
    const eventdata = { title: "Interview", ...hour(2), notify_attendee: 3 };
    const { body } = await ana.call("POST", "/calendars/default/events", { eventdata });
    expect(body.cause).toBe("PATTERN_NOT_MATCHED");
  });

  it("cannot change the event, nor answer by the API", async () => {
    const { asBo, uid } = await aMeeting();
    const [{ etag }] = await asBo.read(uid);
    const answer = { attendees: [{ email: bo, status: "ACCEPTED" }], notify_attendee: 0 };
    const tries = [
      await asBo.call("PATCH", at(uid), { attendeedata: answer }),
      await asBo.call("PATCH", at(uid), { eventdata: { title: "Mine", etag } }),
      await asBo.put(at(uid), { title: "Mine", etag, ...hour(2) }),
    ];
    for (const { status, body } of tries) expect([status, body.cause]).toEqual([403, "OPERATION_NOT_PERMITTED"]);
    const own = await asBo.call("PATCH", at(uid), { attendeedata: { ...answer, rsvpStatus: 1 } });
    expect([403, 400]).toContain(own.status);
  });

  it.each([
    { status: "ACCEPTED", rsvpStatus: 1 },
    { status: "DECLINED", rsvpStatus: 2 },
    { status: "TENTATIVE", rsvpStatus: 3 },
  ])("who answer $status in Zoho's own page are seen by both", async ({ status, rsvpStatus }) => {
    const { twin, ana, asBo, uid, etag } = await aMeeting();
    twin.answer(bo, uid, status);
    expect((await asBo.read(uid))[0].rsvpStatus).toBe(rsvpStatus);
    const [event] = await ana.read(uid);
    expect(event.attendees).toContainEqual(expect.objectContaining({ email: bo, status }));
    expect(event.etag).toBeGreaterThan(etag);
  });

  it("can be answered for by the organizer, through attendeedata", async () => {
    const { ana, asBo, uid } = await aMeeting();
    const attendeedata = { attendees: [{ email: bo, status: "ACCEPTED" }], notify_attendee: 0 };
    expect((await ana.call("PATCH", at(uid), { attendeedata })).status).toBe(200);
    expect((await asBo.read(uid))[0].rsvpStatus).toBe(1);
    const stray = { attendeedata: { ...attendeedata, rsvpStatus: 1 } };
    expect((await ana.call("PATCH", at(uid), stray)).body.cause).toBe("EXTRA_KEY_FOUND_IN_JSON");
  });

  it("keep their answer when the organizer sends them again without one", async () => {
    const { twin, ana, uid } = await aMeeting();
    twin.answer(bo, uid, "ACCEPTED");
    const [{ etag }] = await ana.read(uid);
    const { body } = await ana.call("PATCH", at(uid), { eventdata: { etag, attendees: [{ email: bo }] } });
    expect(body.events[0].attendees).toMatchObject([{ email: bo, status: "ACCEPTED" }]);
  });

  it("lose the event when the organizer deletes it", async () => {
    const { twin, ana, uid, etag } = await aMeeting();
    await ana.call("DELETE", at(uid), {}, { headers: { etag: String(etag) } });
    expect(twin.event(bo, uid)).toBeNull();
    expect(twin.mails.filter(({ about }) => about === "cancelled").map(({ to }) => to)).toEqual([bo, cy]);
  });

  it("may delete their own copy, which leaves the organizer's", async () => {
    const { twin, asBo, uid } = await aMeeting();
    const [{ etag }] = await asBo.read(uid);
    expect((await asBo.call("DELETE", at(uid), {}, { headers: { etag: String(etag) } })).status).toBe(200);
    expect(twin.event(bo, uid)).toBeNull();
    expect(twin.event("ana@example.test", uid)).not.toBeNull();
  });
});
