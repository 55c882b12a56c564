import { describe, expect, it } from "vitest";
import { anOutlook, type GraphClient, hour, march, weekly } from "../support/graph-client.ts";

/** Ana and Bo, both with accounts. */
async function twoPeople() {
  const world = await anOutlook();
  world.twin.createAccount({ email: "bo@example.test", name: "Bo Beispiel" });
  return { ...world, bo: await world.signIn("bo@example.test") };
}

const guest = (address: string) => ({ type: "required", emailAddress: { address, name: address } });
const invitation = { subject: "Interview", ...hour(2), attendees: [guest("bo@example.test")] };
const only = async (client: GraphClient) => (await client.get("/me/events")).body.value[0];
const answersOf = async (client: GraphClient, id: string) =>
  (await client.get(`/me/events/${id}`)).body.attendees.map(
    ({ status }: { status: { response: string } }) => status.response,
  );

describe("an invitation", () => {
  it("is in the guest's default calendar, under an id of its own and the same uid", async () => {
    const { ana, bo } = await twoPeople();
    const event = await ana.create(invitation);
    const copy = await only(bo);
    expect(copy).toMatchObject({
      subject: "Interview",
      uid: event.uid,
      isOrganizer: false,
      organizer: { emailAddress: { address: "ana@example.test" } },
      responseStatus: { response: "notResponded" },
      showAs: "tentative",
    });
    expect(copy.id).not.toBe(event.id);
    expect(await answersOf(ana, event.id)).toEqual(["none"]);
  });

  it("shows a guest the others, or themselves alone where the organizer hides them", async () => {
    const { ana, bo } = await twoPeople();
    const attendees = [guest("bo@example.test"), guest("zoe@elsewhere.test")];
    const event = await ana.create({ ...invitation, attendees });
    expect((await only(bo)).attendees.length).toBe(2);
    await ana.patch(`/me/events/${event.id}`, { hideAttendees: true });
    expect((await only(bo)).attendees).toMatchObject([{ emailAddress: { address: "bo@example.test" } }]);
  });

  it("says nothing about answers that only guests can give", async () => {
    const { ana } = await twoPeople();
    const status = { response: "accepted", time: "2026-03-01T00:00:00Z" };
    const event = await ana.create({ ...invitation, attendees: [{ ...guest("bo@example.test"), status }] });
    expect(await answersOf(ana, event.id)).toEqual(["none"]);
  });

  it.each([
    { action: "accept", response: "accepted", showAs: "busy" },
    { action: "tentativelyAccept", response: "tentativelyAccepted", showAs: "tentative" },
  ])("is answered with $action, and the answer travels back", async ({ action, response, showAs }) => {
    const { ana, bo } = await twoPeople();
    const event = await ana.create(invitation);
    const { id } = await only(bo);
    expect((await bo.post(`/me/events/${id}/${action}`, { comment: "Yes", sendResponse: true })).status).toBe(202);
    expect(await only(bo)).toMatchObject({ responseStatus: { response }, showAs });
    expect(await answersOf(ana, event.id)).toEqual([response]);
  });

  it("that is declined is in the guest's calendar no longer, or by switch still is", async () => {
    const { twin, ana, bo } = await twoPeople();
    const event = await ana.create(invitation);
    const { id } = await only(bo);
    await bo.post(`/me/events/${id}/decline`, {});
    expect(await only(bo)).toBeUndefined();
    expect(await answersOf(ana, event.id)).toEqual(["declined"]);
    twin.switches.declineRemovesCopy = false;
    await ana.create({ ...invitation, subject: "Another" });
    await bo.post(`/me/events/${(await only(bo)).id}/decline`, {});
    expect(await only(bo)).toMatchObject({ responseStatus: { response: "declined" }, showAs: "free" });
  });

  it("is answered to nobody with sendResponse off", async () => {
    const { ana, bo } = await twoPeople();
    const event = await ana.create(invitation);
    await bo.post(`/me/events/${(await only(bo)).id}/accept`, { sendResponse: false });
    expect(await only(bo)).toMatchObject({ responseStatus: { response: "accepted" } });
    expect(await answersOf(ana, event.id)).toEqual(["none"]);
  });

  it("can be answered with another time, where the organizer allows it and the answer is sent", async () => {
    const { ana, bo } = await twoPeople();
    const event = await ana.create(invitation);
    const { id } = await only(bo);
    const proposedNewTime = hour(3, 14);
    const unsent = await bo.post(`/me/events/${id}/tentativelyAccept`, { proposedNewTime, sendResponse: false });
    expect(unsent.status).toBe(400);
    await bo.post(`/me/events/${id}/tentativelyAccept`, { proposedNewTime });
    const { body } = await ana.get(`/me/events/${event.id}`);
    expect(body.attendees[0].proposedNewTime.start).toMatchObject({ dateTime: expect.stringContaining("03-03T") });
  });

  it("cannot be answered by its organizer, nor cancelled by its guest", async () => {
    const { ana, bo } = await twoPeople();
    const event = await ana.create(invitation);
    expect((await ana.post(`/me/events/${event.id}/accept`)).status).toBe(400);
    expect((await bo.post(`/me/events/${(await only(bo)).id}/cancel`)).status).toBe(400);
  });
});

describe("a meeting", () => {
  it("that moves asks its guests again; one that is only renamed does not", async () => {
    const { ana, bo } = await twoPeople();
    const event = await ana.create(invitation);
    await bo.post(`/me/events/${(await only(bo)).id}/accept`);
    await ana.patch(`/me/events/${event.id}`, { subject: "Renamed" });
    expect(await only(bo)).toMatchObject({ subject: "Renamed", responseStatus: { response: "accepted" } });
    await ana.patch(`/me/events/${event.id}`, hour(3));
    expect(await only(bo)).toMatchObject({ responseStatus: { response: "notResponded" }, showAs: "tentative" });
  });

  it("leaves guests alone whom no change concerns", async () => {
    const { ana, bo } = await twoPeople();
    const event = await ana.create(invitation);
    const before = await only(bo);
    await ana.patch(`/me/events/${event.id}`, { categories: ["Red category"], showAs: "oof" });
    const attendees = [guest("bo@example.test"), guest("zoe@elsewhere.test")];
    await ana.patch(`/me/events/${event.id}`, { attendees });
    expect((await only(bo)).changeKey).toBe(before.changeKey);
  });

  it.each(["cancel", "delete"])("that the organizer ends by %s is cancelled in the guest's calendar", async (how) => {
    const { ana, bo } = await twoPeople();
    const { id } = await ana.create(invitation);
    const { status } =
      how === "cancel"
        ? await ana.post(`/me/events/${id}/cancel`, { comment: "Ill" })
        : await ana.delete(`/me/events/${id}`);
    expect(status).toBe(how === "cancel" ? 202 : 204);
    expect((await ana.get(`/me/events/${id}`)).status).toBe(404);
    expect(await only(bo)).toMatchObject({ isCancelled: true, subject: "Canceled: Interview", showAs: "free" });
  });

  it("is cancelled for a guest who is taken off its list, which is replaced whole", async () => {
    const { ana, bo } = await twoPeople();
    const { id } = await ana.create(invitation);
    await ana.patch(`/me/events/${id}`, { attendees: [guest("zoe@elsewhere.test")] });
    expect(await only(bo)).toMatchObject({ isCancelled: true });
  });

  it("in a series is cancelled, moved and answered for one occurrence", async () => {
    const { ana, bo } = await twoPeople();
    const master = await ana.create({ ...weekly(), attendees: [guest("bo@example.test")] });
    const occurrences = async (client: GraphClient) => (await client.get(`/me/calendarView?${march}`)).body.value;
    const [first, second] = await occurrences(ana);
    await ana.delete(`/me/events/${first.id}`);
    await ana.patch(`/me/events/${second.id}`, hour(10, 15));
    const theirs = await occurrences(bo);
    expect(theirs[0]).toMatchObject({ type: "exception", isCancelled: true });
    expect(theirs[1]).toMatchObject({ type: "exception", start: { dateTime: "2026-03-10T14:00:00.0000000" } });
    await ana.patch(`/me/events/${master.id}`, { subject: "Renamed" });
    expect((await occurrences(bo))[0].subject).toBe("Canceled: Renamed");
    await bo.post(`/me/events/${theirs[2].id}/accept`);
    expect((await occurrences(bo))[2]).toMatchObject({ responseStatus: { response: "accepted" } });
    const [, third] = await occurrences(ana);
    expect(third.attendees[0].status.response).toBe("accepted");
    expect(await answersOf(ana, master.id)).toEqual(["none"]);
  });
});
