import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { googleCaller } from "../support/google-caller.ts";
import { anHour } from "../support/google-events.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

const someone = (name = "ana") => googleCaller(sandbox, `${name}-${randomUUID().slice(0, 8)}@example.test`);

describe("a batch", () => {
  const path = "/calendar/v3/calendars/primary/events";
  const inserting = (id: string) => ({ id: `<${id}@ours>`, line: `POST ${path}`, body: { id, ...anHour() } });

  it("answers each call by its Content-ID, as if it had come alone", async () => {
    const ana = await someone();
    const { status, parts } = await ana.batch([
      inserting("aaaaa"),
      { ...inserting("aaaaa"), id: "again" },
      { id: "<get>", line: `GET ${path}/aaaaa?timeZone=UTC HTTP/1.1` },
      { id: "<stale>", line: `DELETE ${path}/aaaaa`, headers: { "If-Match": '"1"' } },
      { line: `DELETE ${path}/aaaaa` },
    ]);
    expect(status).toBe(200);
    expect(parts).toMatchObject([
      { id: "<response-aaaaa@ours>", status: 200, body: { id: "aaaaa" } },
      { id: "response-again", status: 409, body: { error: { errors: [{ reason: "duplicate" }] } } },
      { id: "<response-get>", status: 200, body: { start: { dateTime: "2026-12-01T09:00:00Z" } } },
      { id: "<response-stale>", status: 412 },
      { id: null, status: 204, body: null },
    ]);
  });

  it("may answer in another order", async () => {
    const { switches } = sandbox.googleCalendar.api;
    const ana = await someone();
    switches.batchAnswers = "reversed";
    const { parts } = await ana.batch(["aaaaa", "bbbbb"].map(inserting));
    switches.batchAnswers = "in order";
    expect(parts.map(({ id }) => id)).toEqual(["<response-bbbbb@ours>", "<response-aaaaa@ours>"]);
  });

  it("authorises each call by its own header before the batch's", async () => {
    const [ana, bo] = [await someone(), await someone("bo")];
    const list = { line: `GET ${path}` };
    const asBo = { ...list, headers: { Authorization: `Bearer ${bo.token}` } };
    const { parts } = await ana.batch([list, asBo, { ...list, headers: { Authorization: "Bearer made-up" } }]);
    expect(parts).toMatchObject([{ body: { summary: ana.email } }, { body: { summary: bo.email } }, { status: 401 }]);
    const bare = await ana.batch([list, asBo], { headers: {} });
    expect([bare.status, ...bare.parts.map(({ status }) => status)]).toEqual([200, 401, 200]);
  });

  it("costs as much quota as its calls do", async () => {
    const { switches } = sandbox.googleCalendar.api;
    const ana = await someone();
    switches.requestsPerMinute = 2;
    const { parts } = await ana.batch(["aaaaa", "bbbbb", "ccccc"].map(inserting));
    switches.requestsPerMinute = 600;
    expect(parts.slice(0, 2).map(({ status }) => status)).toEqual([200, 200]);
    expect(parts[2]?.body.error.errors[0]).toMatchObject({ domain: "usageLimits" });
  });

  it("refuses the calls beyond a thousand", async () => {
    const ana = await someone();
    const { parts } = await ana.batch(Array(1001).fill({ line: "GET /calendar/v3/colors" }));
    expect(parts).toHaveLength(1001);
    expect(parts[0]?.status).toBe(200);
    expect(parts[1000]).toMatchObject({
      status: 403,
      body: { error: { message: "Exceeds allowed inner batch requests soft limit. Please retry." } },
    });
  });

  it.each([
    { what: "goes elsewhere", line: "GET /drive/v3/files", status: 404 },
    { what: "names a server", line: "GET https://www.googleapis.com/calendar/v3/colors", status: 400 },
    { what: "is a batch", line: "POST /batch/calendar/v3", status: 404 },
    { what: "is no call", line: "Hello", status: 400 },
  ])("refuses a call that $what", async ({ line, status }) => {
    const { parts } = await (await someone()).batch([{ line }, { line: "GET /calendar/v3/colors" }]);
    expect(parts.map((part) => part.status)).toEqual([status, 200]);
  });

  it("is refused when nothing can be read in it", async () => {
    const ana = await someone();
    expect(await ana.batch([])).toMatchObject({ status: 400, text: expect.stringContaining("badRequest") });
    const headers = { authorization: `Bearer ${ana.token}`, "content-type": "application/json" };
    expect((await ana.batch([inserting("aaaaa")], { headers })).status).toBe(400);
  });
});
