import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { anOutlook, type GraphClient, hour } from "../support/graph-client.ts";
import { type ReceivedRequest, serveOnLoopback } from "../support/loopback-server.ts";

const minutes = (count: number, from = new Date()) => new Date(from.getTime() + count * 60_000).toISOString();

/** Says tokens back as a subscriber has to, and takes notifications. */
function asSubscriber({ url }: ReceivedRequest, response: ServerResponse): void {
  const token = new URL(url, "http://here").searchParams.get("validationToken");
  if (token === null) response.writeHead(202).end();
  else response.writeHead(200, { "content-type": "text/plain" }).end(token);
}

async function aSubscriber(answer = asSubscriber) {
  const server = await serveOnLoopback(answer);
  const bodies = () => server.requests.filter(({ body }) => body !== "").map(({ body }) => JSON.parse(body).value);
  return { url: `${server.origin}/hooks?mine=1`, lifecycleUrl: `${server.origin}/lifecycle`, server, bodies };
}

const wish = (notificationUrl: string, more: Readonly<Record<string, unknown>> = {}) => ({
  changeType: "created,updated,deleted",
  notificationUrl,
  resource: "me/events",
  expirationDateTime: minutes(1000),
  clientState: "s3cret",
  ...more,
});

async function subscribed(client: GraphClient, notificationUrl: string, more = {}) {
  const { status, body } = await client.post("/subscriptions", wish(notificationUrl, more));
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

describe("the handshake of a subscription", () => {
  it("calls both addresses while the request is open, their own query kept", async () => {
    const { ana } = await anOutlook();
    const { url, lifecycleUrl, server } = await aSubscriber();
    await subscribed(ana, url, { lifecycleNotificationUrl: lifecycleUrl });
    expect(server.requests.map((request) => request.url.replace(/validationToken=.*/, "…"))).toEqual([
      "/hooks?mine=1&…",
      "/lifecycle?…",
    ]);
    expect(server.requests[0]).toMatchObject({ method: "POST", body: "" });
    expect(server.requests[0]?.headers["content-type"]).toMatch(/^text\/plain/);
  });

  it.each([
    ["an error", (_: ReceivedRequest, response: ServerResponse) => void response.writeHead(500).end()],
    [
      "the token as HTML",
      ({ url }: ReceivedRequest, response: ServerResponse) => {
        const token = new URL(url, "http://here").searchParams.get("validationToken");
        response.writeHead(200, { "content-type": "text/html" }).end(token);
      },
    ],
    [
      "the token as it stands in the address",
      ({ url }: ReceivedRequest, response: ServerResponse) =>
        void response.writeHead(200, { "content-type": "text/plain" }).end(url.split("validationToken=")[1]),
    ],
  ])("fails on %s", async (_, answer) => {
    const { twin, ana } = await anOutlook();
    const { url } = await aSubscriber(answer);
    const { status, body } = await ana.post("/subscriptions", wish(url));
    expect([status, body.error.code]).toEqual([400, "ValidationError"]);
    expect(twin.subscriptions(ana.email)).toEqual([]);
  });

  it("fails when nobody answers in time", async () => {
    const { twin, ana } = await anOutlook();
    twin.switches.handshakeMs = 50;
    const { url } = await aSubscriber(() => {});
    expect((await ana.post("/subscriptions", wish(url))).body.error.message).toContain("timed out");
  });
});

describe("a subscription", () => {
  it("lives for 10,080 minutes at most and for 45 at least", async () => {
    const { twin, ana } = await anOutlook();
    const { url } = await aSubscriber();
    const tooLong = await ana.post("/subscriptions", wish(url, { expirationDateTime: minutes(10_082) }));
    expect(tooLong.status).toBe(400);
    expect((await ana.post("/subscriptions", wish(url, { expirationDateTime: minutes(-1) }))).status).toBe(400);
    await subscribed(ana, url, { expirationDateTime: minutes(5) });
    const [subscription] = twin.subscriptions(ana.email);
    expect(subscription?.expiresAt.getTime()).toBeGreaterThan(Date.parse(minutes(44)));
  });

  it("is there once for the same changes of the same calendar", async () => {
    const { twin, ana } = await anOutlook();
    const { url } = await aSubscriber();
    const { id } = await subscribed(ana, url);
    const { status, body } = await ana.post("/subscriptions", wish(url, { clientState: "another" }));
    expect([status, body.error.message]).toEqual([
      409,
      `Subscription Id ${id} already exists for the requested combination`,
    ]);
    const other = twin.createCalendar(ana.email);
    await subscribed(ana, url, { resource: `/me/calendars/${other}/events` });
    expect(twin.subscriptions(ana.email).length).toBe(2);
  });

  it.each([
    { clientState: "x".repeat(129) },
    { changeType: "moved" },
    { resource: "me/messages" },
    { notificationUrl: "http://example.test/hooks" },
  ])("is refused with %j", async (wrong) => {
    const { ana } = await anOutlook();
    const { url } = await aSubscriber();
    expect((await ana.post("/subscriptions", wish(url, wrong))).status).toBe(400);
  });

  it("is read without its secret, made longer, and ended, and is then not found", async () => {
    const { ana } = await anOutlook();
    const { url } = await aSubscriber();
    const { id, clientState } = await subscribed(ana, url);
    expect(clientState).toBe("s3cret");
    expect((await ana.get("/subscriptions")).body.value).toMatchObject([{ id, clientState: null }]);
    const expirationDateTime = minutes(5000);
    const longer = await ana.patch(`/subscriptions/${id}`, { expirationDateTime });
    expect([longer.status, longer.body.expirationDateTime]).toEqual([200, expirationDateTime]);
    expect((await ana.delete(`/subscriptions/${id}`)).status).toBe(204);
    expect((await ana.delete(`/subscriptions/${id}`)).status).toBe(404);
  });

  it("ends by the clock, and can then only be made anew", async () => {
    const { sandbox, twin, ana } = await anOutlook();
    const { url, bodies } = await aSubscriber();
    const { id } = await subscribed(ana, url, { expirationDateTime: minutes(46) });
    sandbox.clock.advance(47 * 60_000);
    const renewed = await ana.patch(`/subscriptions/${id}`, { expirationDateTime: minutes(500) });
    expect(renewed.status).toBe(404);
    await ana.create({ subject: "Unheard", ...hour(2) });
    await twin.settled();
    expect(bodies()).toEqual([]);
  });
});

describe("a notification", () => {
  it("tells of every change, our own too, more than once, with the subscriber's secret", async () => {
    const { twin, ana } = await anOutlook();
    const { url, bodies } = await aSubscriber();
    const subscription = await subscribed(ana, url);
    const event = await ana.create({ subject: "Heard", ...hour(2) });
    await twin.settled();
    const [[first, second]] = bodies();
    expect(first).toMatchObject({
      subscriptionId: subscription.id,
      subscriptionExpirationDateTime: subscription.expirationDateTime,
      clientState: "s3cret",
      changeType: "created",
      resource: expect.stringMatching(new RegExp(`^Users/[^/]+/Events/${event.id}$`)),
      resourceData: { "@odata.type": "#Microsoft.Graph.Event", "@odata.etag": event["@odata.etag"], id: event.id },
    });
    expect(second.resourceData).toEqual(first.resourceData);
    await ana.patch(`/me/events/${event.id}`, { subject: "Again" });
    await ana.delete(`/me/events/${event.id}`);
    await twin.settled();
    expect(
      bodies()
        .map(([{ changeType }]) => changeType)
        .sort(),
    ).toEqual(["created", "deleted", "updated"]);
  });

  it("of me/events is of the default calendar only, and one of several subscribers comes with the others", async () => {
    const { twin, ana } = await anOutlook();
    const { url, bodies } = await aSubscriber();
    const other = twin.createCalendar(ana.email);
    await subscribed(ana, url);
    await subscribed(ana, url, { resource: "me/events", changeType: "created" });
    twin.insertEvent(ana.email, { subject: "There", ...hour(2) }, other);
    twin.insertEvent(ana.email, { subject: "Here", ...hour(2) });
    await twin.settled();
    expect(bodies().length).toBe(1);
    expect(new Set(bodies()[0].map(({ subscriptionId }: { subscriptionId: string }) => subscriptionId)).size).toBe(2);
  });

  it("carries immutable ids where the subscription was created with that preference", async () => {
    const { twin, ana } = await anOutlook();
    const { url, bodies } = await aSubscriber();
    await ana.call("POST", "/subscriptions", { body: wish(url), headers: { prefer: 'IdType="ImmutableId"' } });
    const event = await ana.create({ subject: "Heard", ...hour(2) });
    await twin.settled();
    const [[{ resourceData }]] = bodies();
    expect(resourceData.id).not.toBe(event.id);
    expect((await ana.get(`/me/events/${resourceData.id}`)).body.subject).toBe("Heard");
  });

  it("comes again until it is acknowledged", async () => {
    const { twin, ana } = await anOutlook();
    let refusals = 0;
    const { url, bodies } = await aSubscriber((request, response) => {
      if (request.body === "" || refusals > 0) return asSubscriber(request, response);
      refusals += 1;
      response.writeHead(500).end();
    });
    await subscribed(ana, url);
    await ana.create({ subject: "Heard", ...hour(2) });
    await twin.settled();
    expect(bodies().length).toBe(2);
  });

  it.each([
    { fault: "lost", posts: 0 },
    { fault: "duplicated", posts: 2 },
  ] as const)("can be $fault", async ({ fault, posts }) => {
    const { twin, ana } = await anOutlook();
    const { url, bodies } = await aSubscriber();
    await subscribed(ana, url);
    twin.failPush(fault);
    await ana.create({ subject: "Perhaps", ...hour(2) });
    await twin.settled();
    expect(bodies().length).toBe(posts);
  });

  it("is not sent for an app that has no consent any more", async () => {
    const { twin, ana } = await anOutlook();
    const { url, bodies } = await aSubscriber();
    await subscribed(ana, url);
    twin.revoke(ana.email);
    twin.insertEvent(ana.email, { subject: "Unheard", ...hour(2) });
    await twin.settled();
    expect(bodies()).toEqual([]);
  });
});

describe("what happens to a subscription", () => {
  it("is told at the lifecycle address", async () => {
    const { twin, ana } = await anOutlook();
    const { url, lifecycleUrl, bodies } = await aSubscriber();
    const { id } = await subscribed(ana, url, { lifecycleNotificationUrl: lifecycleUrl });
    expect(await twin.sendLifecycle(id, "missed")).toBe(202);
    expect(bodies()).toMatchObject([[{ subscriptionId: id, clientState: "s3cret", lifecycleEvent: "missed" }]]);
    await twin.sendLifecycle(id, "subscriptionRemoved");
    expect((await ana.get(`/subscriptions/${id}`)).status).toBe(404);
  });

  it("can be that it rests until it is reauthorized or renewed", async () => {
    const { twin, ana } = await anOutlook();
    const { url, lifecycleUrl, bodies } = await aSubscriber();
    const { id } = await subscribed(ana, url, { lifecycleNotificationUrl: lifecycleUrl });
    await twin.sendLifecycle(id, "reauthorizationRequired");
    await ana.create({ subject: "Unheard", ...hour(2) });
    await twin.settled();
    expect(bodies().length).toBe(1);
    expect((await ana.post(`/subscriptions/${id}/reauthorize`)).status).toBe(204);
    await ana.create({ subject: "Heard", ...hour(3) });
    await twin.settled();
    expect(bodies().length).toBe(2);
  });
});
