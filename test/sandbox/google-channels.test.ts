import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { type GoogleCaller, googleCaller, reasonOf } from "../support/google-caller.ts";
import { anHour, events, insert, patch, remove } from "../support/google-events.ts";
import { type ReceivedRequest, serveOnLoopback } from "../support/loopback-server.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

const someone = (name = "ana") => googleCaller(sandbox, `${name}-${randomUUID().slice(0, 8)}@example.test`);

/** Where messages arrive; `statuses` are answered first, then 200. */
async function receiver(...statuses: number[]): Promise<{ address: string; messages: readonly ReceivedRequest[] }> {
  const { origin, requests } = await serveOnLoopback((_, response) =>
    response.writeHead(statuses.shift() ?? 200).end(),
  );
  return { address: `${origin}/hook`, messages: requests };
}

describe("a channel", () => {
  const settled = () => sandbox.googleCalendar.api.pushes.settled();
  const dayMs = 86_400_000;
  const watch = (caller: GoogleCaller, body: object, path = `${events}/watch`) =>
    caller.call("POST", path, { body: { id: randomUUID(), type: "web_hook", ...body } });
  const stop = (caller: GoogleCaller, body: object) => caller.call("POST", "channels/stop", { body });
  const header = (messages: readonly ReceivedRequest[], name: string) =>
    messages.map(({ headers }) => headers[`x-goog-${name}`]);

  it("begins with a sync message and tells of every change, our own too, without a word of what changed", async () => {
    const { address, messages } = await receiver();
    const ana = await someone();
    const { status, body } = await watch(ana, { address, token: "s3cret" });
    expect(status).toBe(200);
    const { id } = await insert(ana);
    await patch(ana, id, { summary: "Later" });
    await remove(ana, id);
    await settled();
    const uri = `https://www.googleapis.com/calendar/v3/calendars/${encodeURIComponent(ana.email)}/events?alt=json`;
    expect(body).toEqual({
      kind: "api#channel",
      id: body.id,
      resourceId: expect.any(String),
      resourceUri: uri,
      token: "s3cret",
      expiration: expect.stringMatching(/^\d{13}$/),
    });
    expect(header(messages, "resource-state").toSorted()).toEqual(["exists", "exists", "exists", "sync"]);
    const numbers = header(messages, "message-number")
      .map(Number)
      .toSorted((one, other) => one - other);
    expect(numbers[0]).toBe(1);
    expect(new Set(numbers).size).toBe(4);
    for (const message of messages) {
      expect(message.body).toBe("");
      expect(message.headers).toMatchObject({
        "content-length": "0",
        "x-goog-channel-id": body.id,
        "x-goog-channel-token": "s3cret",
        "x-goog-channel-expiration": new Date(Number(body.expiration)).toUTCString(),
        "x-goog-resource-id": body.resourceId,
        "x-goog-resource-uri": uri,
      });
    }
  });

  it("may greet before its watch is answered", async () => {
    const { address, messages } = await receiver();
    const ana = await someone();
    sandbox.googleCalendar.api.pushes.syncMessageFirst = true;
    await watch(ana, { address });
    sandbox.googleCalendar.api.pushes.syncMessageFirst = false;
    expect(header(messages, "resource-state")).toEqual(["sync"]);
    expect(header(messages, "channel-token")).toEqual([undefined]);
  });

  it("of the list of calendars tells of calendars that come and go", async () => {
    const { address, messages } = await receiver();
    const ana = await someone();
    expect((await watch(ana, { address }, "users/me/calendarList/watch")).status).toBe(200);
    const team = sandbox.googleCalendar.createCalendar(ana.email);
    sandbox.googleCalendar.api.dropCalendar(ana.email, team);
    await insert(ana);
    await settled();
    expect(header(messages, "resource-state").toSorted()).toEqual(["exists", "exists", "sync"]);
  });

  it.each([
    ["seven days when nothing is asked for", () => ({}), 7 * dayMs],
    ["seven days when more is asked for", () => ({ params: { ttl: "9999999" } }), 7 * dayMs],
    ["what was asked for in seconds", () => ({ params: { ttl: "3600" } }), 3_600_000],
    ["what was asked for as a time", () => ({ expiration: String(sandbox.clock.now().getTime() + dayMs) }), dayMs],
  ])("lasts %s", async (_, wish, lastsMs) => {
    const { address } = await receiver();
    const { body } = await watch(await someone(), { address, ...wish() });
    expect(Math.abs(Number(body.expiration) - sandbox.clock.now().getTime() - lastsMs)).toBeLessThan(5000);
  });

  it("says nothing after its end, and nothing when it was stopped", async () => {
    const own = await startSandbox({ port: 0 });
    onTestFinished(() => own.stop());
    const [short, stopped] = [await receiver(), await receiver()];
    const ana = await googleCaller(own, "ana@example.test");
    const bo = await googleCaller(own, "bo@example.test");
    await watch(ana, { address: short.address, params: { ttl: "60" } });
    const { id, resourceId } = (await watch(ana, { address: stopped.address })).body;
    await own.googleCalendar.api.pushes.settled();
    expect(reasonOf(await stop(bo, { id, resourceId }))).toBe("404 notFound");
    expect(reasonOf(await stop(ana, { id, resourceId: "another" }))).toBe("404 notFound");
    expect(await stop(ana, { id, resourceId })).toMatchObject({ status: 204, body: null });
    expect(reasonOf(await stop(ana, { id, resourceId }))).toBe("404 notFound");
    own.clock.advance(60_001);
    own.googleCalendar.insertEvent(ana.email, anHour());
    await own.googleCalendar.api.pushes.settled();
    expect([short.messages.length, stopped.messages.length]).toEqual([1, 1]);
  });

  it.each([
    { statuses: [503, 500], times: 3 },
    { statuses: [403], times: 1 },
  ])("tries again after $statuses as Google does", async ({ statuses, times }) => {
    const { address, messages } = await receiver(...statuses);
    await watch(await someone(), { address });
    await settled();
    expect(messages).toHaveLength(times);
    expect(new Set(header(messages, "message-number"))).toEqual(new Set(["1"]));
  });

  it.each([
    ["no id", { id: "" }, "400 required"],
    ["an id of 65", { id: "a".repeat(65) }, "400 invalid"],
    ["another type", { type: "mail" }, "400 required"],
    ["no address", { address: undefined }, "400 required"],
    ["half an address", { address: "example.test" }, "400 invalid"],
    ["an address in the clear", { address: "http://example.test/" }, "400 push.webhookUrlNotHttps"],
    ["a token of 257", { token: "a".repeat(257) }, "400 invalid"],
    ["an end that is past", { expiration: "1000" }, "400 invalid"],
  ])("is refused with %s", async (_, change, reason) => {
    const body = { address: "https://example.test/", ...change };
    expect(reasonOf(await watch(await someone(), body))).toBe(reason);
  });

  it("has an id that nobody used, on a calendar that is there and can be watched", async () => {
    const { address } = await receiver();
    const ana = await someone();
    const { id } = (await watch(ana, { address })).body;
    expect(reasonOf(await watch(await someone("bo"), { id, address }))).toBe("400 channelIdNotUnique");
    const holidays = sandbox.googleCalendar.createCalendar(ana.email, { unwatchable: true });
    const refused = [
      await watch(ana, { address }, `calendars/${holidays}/events/watch`),
      await watch(ana, { address }, "calendars/unknown/events/watch"),
    ];
    expect(refused.map(reasonOf)).toEqual(["400 pushNotSupportedForRequestedResource", "404 notFound"]);
  });
});
