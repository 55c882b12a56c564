import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aReceiver } from "../support/apply-receiver.ts";
import type { LoopbackServer } from "../support/loopback-server.ts";
import { aJob, aZipRecruiter } from "../support/ziprecruiter-client.ts";

const arrived = ({ requests }: LoopbackServer) => JSON.parse(requests.at(-1)?.body ?? "null");

/** An open job, and the partner's one address, which answers with these statuses, and then with 200. */
async function anOpenJob(...statuses: readonly number[]) {
  const world = await aZipRecruiter();
  const receiver = await aReceiver(...statuses);
  await world.call("POST", "/job", aJob());
  await world.twin.registerWebhook(`${receiver.origin}/hook`);
  return { ...world, receiver };
}

describe("an application by ZipRecruiter", () => {
  it("arrives with everything that is documented", async () => {
    const { twin, receiver } = await anOpenJob();
    const { responseId, zrApplicationId, delivery } = await twin.apply("JOB-1");
    expect(delivery).toMatchObject({ outcome: "delivered", attempts: [{ status: 200 }] });
    expect(arrived(receiver)).toEqual({
      response_id: responseId,
      zr_application_id: zrApplicationId,
      job_id: "JOB-1",
      name: "Zoë Müller",
      first_name: "Zoë",
      last_name: "Müller",
      email: "zoe@example.test",
      phone: "+1 555 0100",
      resume: expect.any(String),
      attributes: { tenant: "t-1" },
      answers: [],
      profile: {
        mobile: "+1 555 0100",
        executive_summary: "",
        objective: "",
        text_resume: "Zoë Müller is looking for a job.",
        city: "Austin",
        state: "TX",
        postal_code: "78701",
        job_records: [],
        education_records: [],
        achievement_records: [],
        license_certification_records: [],
        association_records: [],
      },
    });
    expect(Buffer.from(arrived(receiver).resume, "base64").toString("latin1")).toMatch(/^%PDF-/);
  });

  it("is signed with its time over the bytes that arrive, by HMAC-SHA256 in base64", async () => {
    const { sandbox, twin, receiver } = await anOpenJob();
    await twin.apply("JOB-1");
    const { headers, body } = receiver.requests[0] ?? expect.fail("Nothing arrived");
    const timestamp = String(headers["x-ziprecruiter-signature-timestamp"]);
    const key = sandbox.settings["ZIPRECRUITER_WEBHOOK_SIGNING_KEY"] ?? "";
    const signature = createHmac("sha256", key).update(`${timestamp}.${body}`).digest("base64");
    expect(timestamp).toBe(String(Date.parse("2026-12-01T10:00:00Z") / 1000));
    expect(headers["x-ziprecruiter-signature"]).toBe(signature);
    expect(headers["x-ziprecruiter-signature-version"]).toBe("v1");
  });

  it("can be unsigned, or have a time that counts otherwise or is long ago", async () => {
    const { twin, receiver } = await anOpenJob();
    const stamp = async () => {
      await twin.apply("JOB-1");
      return receiver.requests.at(-1)?.headers["x-ziprecruiter-signature-timestamp"];
    };
    Object.assign(twin.switches, { timestampUnit: "milliseconds", timestampAgeSeconds: 301 });
    expect(await stamp()).toBe(String(Date.parse("2026-12-01T09:54:59Z")));
    twin.switches.signs = false;
    expect(await stamp()).toBeUndefined();
    expect(receiver.requests.at(-1)?.headers["x-ziprecruiter-signature"]).toBeUndefined();
  });

  it("can have no résumé, a large one, or one that was given", async () => {
    const { twin, receiver } = await anOpenJob();
    await twin.apply("JOB-1", { resume: null });
    expect(arrived(receiver).resume).toBeUndefined();
    await twin.apply("JOB-1", { resumeBytes: 12_000_000 });
    expect(Buffer.byteLength(arrived(receiver).resume, "base64")).toBeGreaterThanOrEqual(12_000_000);
    await twin.apply("JOB-1", { resume: "aGk=" });
    expect(arrived(receiver).resume).toBe("aGk=");
  });

  it("cannot be sent for a job that is closed, hidden, or has an address of its own", async () => {
    const { twin, call } = await anOpenJob();
    await call("PUT", "/job/JOB-1", { ...aJob(), apply_url: "https://muster.example/apply" });
    await expect(twin.apply("JOB-1")).rejects.toThrow("https://muster.example/apply");
    await call("PUT", "/job/JOB-1", aJob());
    twin.hide("JOB-1");
    await expect(twin.apply("JOB-1")).rejects.toThrow("do not see");
    await call("POST", "/job", aJob("JOB-2"));
    await call("DELETE", "/job/JOB-2");
    await expect(twin.apply("JOB-2")).rejects.toThrow("do not see");
  });

  it("waits until the partner has told its address", async () => {
    const { twin, call } = await aZipRecruiter();
    const receiver = await aReceiver();
    await call("POST", "/job", aJob());
    const { responseId, delivery } = await twin.apply("JOB-1");
    expect(delivery).toMatchObject({ outcome: "waiting", attempts: [] });
    await twin.registerWebhook(receiver.origin);
    expect(arrived(receiver).response_id).toBe(responseId);
  });

  it.each([
    { statuses: [204], attempts: [204], outcome: "delivered" },
    { statuses: [500, 404], attempts: [500, 404, 200], outcome: "delivered" },
    { statuses: [302, 409, 410], attempts: [302, 409, 410], outcome: "given-up" },
  ])("answered by $statuses is $outcome", async ({ statuses, attempts, outcome }) => {
    const { twin, receiver } = await anOpenJob(...statuses);
    const { delivery } = await twin.apply("JOB-1");
    expect([delivery.outcome, delivery.attempts.map(({ status }) => status)]).toEqual([outcome, attempts]);
    expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
    expect(twin.job("JOB-1")?.closedAt).toBeNull();
  });

  it("can come twice, not at all, or late, with the same response_id", async () => {
    const { twin, receiver } = await anOpenJob();
    const ids = () => receiver.requests.map(({ body }) => JSON.parse(body).response_id);
    const first = await twin.apply("JOB-1");
    await twin.replay(first.responseId);
    expect(ids()).toEqual([first.responseId, first.responseId]);
    const end = twin.failPush("duplicated");
    const second = await twin.apply("JOB-1");
    end();
    expect(ids().slice(2)).toEqual([second.responseId, second.responseId]);
    const endLost = twin.failPush("lost");
    await twin.apply("JOB-1");
    endLost();
    expect(ids()).toHaveLength(4);
    const endReordered = twin.failPush("reordered");
    const [third, fourth] = [await twin.apply("JOB-1"), await twin.apply("JOB-1")];
    endReordered();
    expect(ids().slice(4)).toEqual([fourth.responseId, third.responseId]);
  });

  it("of the résumé database comes to the same address, and is nobody's application", async () => {
    const { twin, receiver, signal } = await anOpenJob();
    const { responseId, zrApplicationId } = await twin.sendResumeDatabaseCandidate("JOB-1");
    expect([arrived(receiver).response_id, zrApplicationId]).toEqual([responseId, null]);
    expect(arrived(receiver).zr_application_id).toBeUndefined();
    const event = { event: "viewed", event_timestamp: "2026-12-01T10:00:00Z" };
    expect((await signal({ zr_application_id: responseId, ...event })).status).toBe(404);
  });
});

describe("answers at ZipRecruiter", () => {
  const options = [{ label: "Day", value: "d" }];
  const questions = [
    { question_id: "why", question: "Why?", required: true, type: "text" },
    { question_id: "years", question: "Years?", type: "text", format: "integer", min: 0, max: 50 },
    { question_id: "from", question: "From?", type: "date" },
    { question_id: "shift", question: "Shift?", type: "select", options },
    { question_id: "shifts", question: "Shifts?", type: "multiselect", options },
  ];

  it("come by question, without those that were left out", async () => {
    const { twin, call, receiver } = await anOpenJob();
    await call("POST", "/job/JOB-1/questions", questions);
    const answers = { why: "Bridges", years: "7", from: "2027-01-01", shifts: ["d"] };
    await twin.apply("JOB-1", { answers });
    expect(arrived(receiver).answers).toEqual([
      { question_id: "why", question: "Why?", type: "text", answer: "Bridges" },
      { question_id: "years", question: "Years?", type: "text", answer: "7" },
      { question_id: "from", question: "From?", type: "date", answer: "2027-01-01" },
      { question_id: "shifts", question: "Shifts?", type: "multiselect", answer: ["d"] },
    ]);
    twin.switches.answerField = "value";
    await twin.apply("JOB-1", { answers: { why: "Bridges" } });
    expect(arrived(receiver).answers).toMatchObject([{ value: "Bridges" }]);
  });

  it.each([
    { answers: {}, says: "why" },
    { answers: { why: "x", years: "1.5" }, says: "years" },
    { answers: { why: "x", years: "51" }, says: "years" },
    { answers: { why: "x", from: "01/01/2027" }, says: "from" },
    { answers: { why: "x", shift: "n" }, says: "shift" },
    { answers: { why: "x", shifts: ["n"] }, says: "shifts" },
  ])("have to fit: $answers", async ({ answers, says }) => {
    const { twin, call } = await anOpenJob();
    await call("POST", "/job/JOB-1/questions", questions);
    await expect(twin.apply("JOB-1", { answers })).rejects.toThrow(says);
  });
});

describe("hiring signals at ZipRecruiter", () => {
  async function anApplication() {
    const world = await anOpenJob();
    const { zrApplicationId } = await world.twin.apply("JOB-1");
    const tell = (words: object) =>
      world.signal({ zr_application_id: zrApplicationId, event_timestamp: "2026-12-01T10:00:00Z", ...words });
    return { ...world, zrApplicationId: zrApplicationId ?? "", tell };
  }

  it.each(["received", "viewed", "contacted", "assessment", "interviewed", "offered", "prehire", "hired"])(
    "know %s",
    async (event) => {
      const { twin, zrApplicationId, tell } = await anApplication();
      expect((await tell({ event, status_name: "ours", additional_data: { a: 1 } })).status).toBe(200);
      const eventTimestamp = new Date("2026-12-01T10:00:00Z");
      expect(twin.signals(zrApplicationId)).toMatchObject([
        { event, eventTimestamp, statusName: "ours", additionalData: { a: 1 } },
      ]);
    },
  );

  it.each([
    ...["automatic", "closed", "failed_checks", "uncertified", "unresponsive", "out_of_area", "unavailable"],
    ...["unqualified", "consider_for_other_role", "hired_for_other_role", "other"],
  ])("know why somebody was rejected: %s", async (reason) => {
    const { twin, tell } = await anApplication();
    expect((await tell({ event: "rejected", reason })).status).toBe(200);
    expect(twin.signals()).toMatchObject([{ event: "rejected", reason }]);
  });

  it.each([
    { words: { event: "promoted" }, field: "event" },
    { words: { event: "rejected" }, field: "reason" },
    { words: { event: "rejected", reason: "boring" }, field: "reason" },
    { words: { event: "unable_to_map" }, field: "status_name" },
    { words: { event: "viewed", event_timestamp: "yesterday" }, field: "event_timestamp" },
    { words: { event: "viewed", event_timestamp: undefined }, field: "event_timestamp" },
    { words: { event: "viewed", zr_application_id: undefined }, field: "zr_application_id" },
  ])("are refused: $words", async ({ words, field }) => {
    const { twin, tell } = await anApplication();
    const { status, body } = await tell(words);
    expect([status, body.errors]).toMatchObject([400, [{ field }]]);
    expect(twin.signals()).toEqual([]);
  });

  it.each([{ status_name: "On hold" }, { status_group: "Paused" }])(
    "say in other words what they are: %j",
    async (words) => {
      const { tell } = await anApplication();
      expect((await tell({ event: "unable_to_map", ...words })).status).toBe(200);
    },
  );

  it("are about an application that there is, and are sent by POST", async () => {
    const { twin, sandbox, tell, origin } = await anApplication();
    expect((await tell({ event: "viewed", zr_application_id: "nobody" })).status).toBe(404);
    twin.switches.unknownApplicationStatus = 400;
    expect((await tell({ event: "viewed", zr_application_id: "nobody" })).status).toBe(400);
    const headers = { authorization: `Basic ${sandbox.settings["ZIPRECRUITER_API_KEY"]}` };
    expect((await fetch(`${origin}/hiring-signal/v0/event`, { headers })).status).toBe(405);
  });
});
