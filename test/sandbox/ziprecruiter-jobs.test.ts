import { describe, expect, it } from "vitest";
import { aJob, aZipRecruiter } from "../support/ziprecruiter-client.ts";

/** Without what is undefined. */
const aJobWith = (changes: object) => ({ ...aJob(), ...changes });

describe("a key of ZipRecruiter's", () => {
  it("goes into the header as it is, or with a colon as base64", async () => {
    const { sandbox, twin, call } = await aZipRecruiter();
    const raw = sandbox.settings["ZIPRECRUITER_API_KEY"] ?? "";
    const encoded = Buffer.from(`${raw}:`).toString("base64");
    await call("POST", "/job", aJob());
    const statuses = async () => [
      (await call("GET", "/job/JOB-1", undefined, raw)).status,
      (await call("GET", "/job/JOB-1", undefined, encoded)).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    twin.switches.keyEncoding = "raw";
    expect(await statuses()).toEqual([200, 401]);
    twin.switches.keyEncoding = "base64-colon";
    expect(await statuses()).toEqual([401, 200]);
  });

  it("is needed for everything", async () => {
    const { origin, call } = await aZipRecruiter();
    expect((await call("GET", "/job/JOB-1", undefined, "wrong")).status).toBe(401);
    for (const path of ["partner/v0/job", "hiring-signal/v0/event"]) {
      expect((await fetch(`${origin}/${path}`, { method: "POST", body: "{}" })).status).toBe(401);
    }
  });
});

describe("a job at ZipRecruiter", () => {
  it("is made, read, changed and closed", async () => {
    const { twin, call } = await aZipRecruiter();
    expect(await call("POST", "/job", aJob())).toMatchObject({ status: 200, body: { ...aJob(), status: "open" } });
    expect(twin.job("JOB-1")?.job).toEqual(aJob());
    expect(await call("GET", "/job/JOB-1")).toMatchObject({ status: 200, body: aJob() });
    const changed = aJobWith({ title: "Staff Engineer" });
    expect(await call("PUT", "/job", changed)).toMatchObject({ status: 200, body: { title: "Staff Engineer" } });
    expect(await call("PUT", "/job/JOB-1", aJob())).toMatchObject({ status: 200, body: { title: "Senior Engineer" } });
    for (const _ of [1, 2]) {
      expect(await call("DELETE", "/job/JOB-1")).toMatchObject({ status: 200, body: { status: "closed" } });
    }
    expect((await call("GET", "/job/JOB-1")).status).toBe(404);
    twin.switches.closedJob = "closed";
    expect((await call("GET", "/job/JOB-1")).body.status).toBe("closed");
  });

  it("is made once, also when it is closed, and opened again by PUT", async () => {
    const { twin, call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    expect(await call("POST", "/job", aJob())).toMatchObject({ status: 409, body: { errors: [{ field: "job_id" }] } });
    await call("DELETE", "/job/JOB-1");
    twin.switches.existsStatus = 400;
    expect((await call("POST", "/job", aJob())).status).toBe(400);
    expect(await call("PUT", "/job/JOB-1", aJob())).toMatchObject({ status: 200, body: { status: "open" } });
    expect(twin.jobs()).toMatchObject([{ closedAt: null }]);
  });

  it("is named by an id of any characters, which are encoded", async () => {
    const { call } = await aZipRecruiter();
    const id = "a/b ü?";
    await call("POST", "/job", aJob(id));
    expect((await call("GET", `/job/${encodeURIComponent(id)}`)).body.job_id).toBe(id);
    expect((await call("DELETE", `/job/${encodeURIComponent(id)}`)).status).toBe(200);
    expect((await call("GET", "/job/%E0%A4")).status).toBe(404);
  });

  it("is the partner's: two employers cannot have the same id", async () => {
    const { twin, call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    const other = aJobWith({ employer_id: "other" });
    expect((await call("POST", "/job", other)).status).toBe(409);
    expect(await call("PUT", "/job", other)).toMatchObject({
      status: 400,
      body: { errors: [{ field: "employer_id" }] },
    });
    twin.switches.employerMayChange = true;
    expect((await call("PUT", "/job", other)).status).toBe(200);
    expect(twin.accounts()).toEqual(["other"]);
  });

  it("that nobody knows is not found, or made by PUT", async () => {
    const { twin, call } = await aZipRecruiter();
    const statuses = [];
    for (const method of ["GET", "DELETE"]) statuses.push((await call(method, "/job/nobody")).status);
    statuses.push((await call("PUT", "/job/JOB-1", aJob())).status, (await call("GET", "/job/JOB-1/questions")).status);
    expect(statuses).toEqual([404, 404, 404, 404]);
    twin.switches.putCreates = true;
    expect((await call("PUT", "/job/JOB-1", aJob())).status).toBe(200);
  });

  it("keeps what a PUT leaves out, or does not", async () => {
    const { twin, call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    const { requirements: _, ...rest } = aJob();
    expect((await call("PUT", "/job/JOB-1", rest)).body.requirements).toBeUndefined();
    expect((await call("PUT", "/job/JOB-1", { title: "Staff Engineer" })).status).toBe(400);
    twin.switches.put = "merge";
    const merged = await call("PUT", "/job/JOB-1", { title: "Staff Engineer" });
    expect(merged).toMatchObject({ status: 200, body: { title: "Staff Engineer", city: "Austin" } });
  });

  it("has the id of its address", async () => {
    const { call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    expect((await call("PUT", "/job/JOB-1", aJob("JOB-2"))).body.errors).toMatchObject([{ field: "job_id" }]);
    const { job_id: _, ...nameless } = aJob();
    expect((await call("PUT", "/job/JOB-1", nameless)).status).toBe(200);
  });

  it("can be hidden by a review without a word", async () => {
    const { twin, call, origin } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    twin.hide("JOB-1");
    expect((await call("GET", "/job/JOB-1")).body.status).toBe("open");
    expect((await fetch(`${origin}/jobs/JOB-1`)).status).toBe(404);
    twin.switches.hiddenJob = "not-found";
    expect((await call("GET", "/job/JOB-1")).status).toBe(404);
  });

  it("needs a slot, where slots are counted, which is free again when a job is closed", async () => {
    const { twin, call } = await aZipRecruiter();
    twin.switches.jobSlots = 1;
    await call("POST", "/job", aJob("A"));
    expect((await call("POST", "/job", aJob("B"))).status).toBe(402);
    expect((await call("PUT", "/job/A", aJob("A"))).status).toBe(200);
    expect((await call("POST", "/job", { ...aJob("C"), employer_id: "other" })).status).toBe(200);
    await call("DELETE", "/job/A");
    expect((await call("POST", "/job", aJob("B"))).status).toBe(200);
    expect((await call("PUT", "/job/A", aJob("A"))).status).toBe(402);
  });
});

describe("ZipRecruiter refuses a job", () => {
  it.each(["job_id", "employer_id", "title", "description", "job_type", "country"])("without %s", async (field) => {
    const { twin, call } = await aZipRecruiter();
    const { status, body } = await call("POST", "/job", aJobWith({ [field]: undefined }));
    expect([status, body.errors]).toMatchObject([400, [{ field }]]);
    expect(twin.jobs()).toEqual([]);
  });

  it.each([
    { field: "job_id", value: "x".repeat(65) },
    { field: "title", value: "It" },
    { field: "description", value: "x".repeat(24) },
    { field: "job_type", value: "internship" },
    { field: "country", value: "DE" },
    { field: "compensation_min", value: 90_000.5 },
    { field: "compensation_min", value: -1 },
    { field: "compensation_min", value: "90000" },
    { field: "compensation_max", value: 89_999 },
    { field: "compensation_currency", value: "XYZ" },
    { field: "apply_url", value: "http://muster.example/apply" },
    { field: "apply_url", value: "apply" },
    { field: "partner_attributes.tenant", value: 1 },
    { field: "salary", value: 1 },
  ])("for $field: $value", async ({ field, value }) => {
    const { call } = await aZipRecruiter();
    const [name = "", part] = field.split(".");
    const { status, body } = await call("POST", "/job", aJobWith({ [name]: part ? { [part]: value } : value }));
    expect([status, body.errors]).toMatchObject([400, [{ field }]]);
  });

  it.each([
    { job_id: "x".repeat(64) },
    { title: "Dev" },
    { description: "x".repeat(25) },
    { compensation_max: 90_000 },
    { compensation_min: 0 },
    { apply_url: "https://muster.example/apply" },
    { apply_url: null },
    { compensation_interval: "yearly" },
    ...["part_time", "contractor", "contract", "temporary", "other"].map((type) => ({ job_type: type })),
    ...["CA", "AU"].map((country) => ({ country })),
  ])("not yet for %j", async (changes) => {
    const { call } = await aZipRecruiter();
    expect((await call("POST", "/job", aJobWith(changes))).status).toBe(200);
  });

  const none = { city: undefined, state: undefined };
  it.each([
    { location: { postal_code: "78701" }, status: 200 },
    { location: { city: "Austin", state: "TX" }, status: 200 },
    { location: { latitude: 30.2, longitude: -97.7 }, status: 200 },
    { location: {}, status: 400 },
    { location: { city: "Austin" }, status: 400 },
    { location: { latitude: 30.2 }, status: 400 },
    { location: { city: "Austin", state: "TX", postal_code: "78701" }, status: 400 },
    { location: { postal_code: "78701", latitude: 30.2, longitude: -97.7 }, status: 400 },
  ])("unless it is in one place: $location", async ({ location, status }) => {
    const { call } = await aZipRecruiter();
    expect((await call("POST", "/job", aJobWith({ ...none, ...location }))).status).toBe(status);
  });

  it("with everything that is wrong at once, or in words alone", async () => {
    const { twin, call } = await aZipRecruiter();
    const bad = aJobWith({ title: "It", description: "short" });
    expect((await call("POST", "/job", bad)).body.errors).toMatchObject([{ field: "title" }, { field: "description" }]);
    Object.assign(twin.switches, { errorBody: "text", invalidStatus: 422 });
    const { status, body } = await call("POST", "/job", bad);
    expect([status, body]).toEqual([422, expect.stringMatching(/title: .*\ndescription: /)]);
    expect((await call("POST", "/job", "{")).status).toBe(422);
  });

  it("less strictly where it is told so", async () => {
    const { twin, call } = await aZipRecruiter();
    Object.assign(twin.switches, { countries: ["GB"], otherFields: "ignored", createdStatus: 201 });
    expect((await call("POST", "/job", aJobWith({ country: "GB", salary: 1 }))).status).toBe(201);
  });
});

describe("screener questions at ZipRecruiter", () => {
  const options = [{ label: "Day", value: "d" }];
  const all = [
    { question_id: "1", question: "Why?", required: true, type: "text" },
    { question_id: "2", question: "Years?", type: "text", format: "integer", min: 0, max: 50 },
    { question_id: "3", question: "From?", type: "date", format: "YYYY-MM-DD" },
    { question_id: "4", question: "Shift?", type: "select", options },
    { question_id: "5", question: "Shifts?", type: "multiselect", options },
    { question_id: "6", question: "Portfolio?", type: "upload" },
  ];

  it("are set, read, replaced and taken away", async () => {
    const { call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    expect((await call("GET", "/job/JOB-1/questions")).body).toEqual([]);
    expect(await call("POST", "/job/JOB-1/questions", all)).toMatchObject({ status: 200, body: all });
    expect((await call("GET", "/job/JOB-1/questions")).body).toEqual(all);
    expect((await call("PUT", "/job/JOB-1/questions", [all[0]])).body).toEqual([all[0]]);
    await call("DELETE", "/job/JOB-1/questions");
    expect((await call("GET", "/job/JOB-1/questions")).body).toEqual([]);
  });

  it("stay when the job is changed, and can be made once only where it is told so", async () => {
    const { twin, call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    await call("POST", "/job/JOB-1/questions", all);
    await call("PUT", "/job/JOB-1", aJob());
    expect((await call("GET", "/job/JOB-1/questions")).body).toHaveLength(6);
    expect((await call("POST", "/job/JOB-1/questions", all)).status).toBe(200);
    twin.switches.questionsPost = "exists";
    expect((await call("POST", "/job/JOB-1/questions", all)).status).toBe(409);
  });

  it("can be made by POST alone", async () => {
    const { twin, call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    twin.switches.questionsPutCreates = false;
    expect((await call("PUT", "/job/JOB-1/questions", all)).status).toBe(404);
    await call("POST", "/job/JOB-1/questions", all);
    expect((await call("PUT", "/job/JOB-1/questions", [all[0]])).body).toEqual([all[0]]);
  });

  it.each([
    { questions: { questions: [] } },
    { questions: [{ question_id: "1", question: "?", type: "essay" }] },
    { questions: [{ question_id: "", question: "?", type: "text" }] },
    { questions: [{ question_id: "1", question: "", type: "text" }] },
    { questions: [{ question_id: "1", question: "?", type: "select" }] },
    { questions: [{ question_id: "1", question: "?", type: "select", options: [] }] },
    { questions: [{ question_id: "1", question: "?", type: "select", options: [{ value: "x" }] }] },
    { questions: [{ question_id: "1", question: "?", type: "text", format: "money" }] },
    { questions: [{ question_id: "1", question: "?", type: "date", format: "dd/MM/yyyy" }] },
    { questions: [all[0], all[0]] },
  ])("are refused: $questions", async ({ questions }) => {
    const { call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    expect((await call("POST", "/job/JOB-1/questions", questions)).status).toBe(400);
    expect((await call("GET", "/job/JOB-1/questions")).body).toEqual([]);
  });
});

describe("a boost at ZipRecruiter", () => {
  it.each(["single", "double", "triple"])("costs money each time, and cannot be taken back: %s", async (level) => {
    const { twin, call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    for (const _ of [1, 2]) await call("POST", "/job/JOB-1/features", { TrafficBoost: level });
    expect(twin.boosts()).toMatchObject([{ jobId: "JOB-1", level }, { level }]);
    expect((await call("GET", "/job/JOB-1/features")).body).toMatchObject([{ TrafficBoost: level }, {}]);
    const refused = await call("DELETE", "/job/JOB-1/features");
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, POST"]);
  });

  it("has three sizes", async () => {
    const { twin, call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    expect((await call("POST", "/job/JOB-1/features", { TrafficBoost: "quadruple" })).status).toBe(400);
    expect((await call("POST", "/job/nobody/features", { TrafficBoost: "single" })).status).toBe(404);
    expect(twin.boosts()).toEqual([]);
  });
});

describe("ZipRecruiter's addresses", () => {
  it.each([
    { method: "GET", path: "/job", status: 405 },
    { method: "PATCH", path: "/job/JOB-1", status: 405 },
    { method: "PATCH", path: "/job/JOB-1/questions", status: 405 },
    { method: "GET", path: "/jobs", status: 404 },
    { method: "GET", path: "/job/JOB-1/applications", status: 404 },
  ])("are few: $method $path is $status", async ({ method, path, status }) => {
    const { call } = await aZipRecruiter();
    await call("POST", "/job", aJob());
    expect((await call(method, path, method === "GET" ? undefined : {})).status).toBe(status);
  });

  it("have no search of jobs among them", async () => {
    const { origin } = await aZipRecruiter();
    expect((await fetch(`${origin}/jobs/v1?search=engineer`)).status).toBe(404);
  });

  it("can be asked so often in a second, where it is told so", async () => {
    const { sandbox, twin, call } = await aZipRecruiter();
    twin.switches.requestsPerSecond = 1;
    const statuses = [];
    for (let n = 0; n < 2; n += 1) statuses.push((await call("GET", "/job/JOB-1")).status);
    expect(statuses).toEqual([404, 429]);
    twin.switches.tellsRetryAfter = true;
    expect((await call("GET", "/job/JOB-1")).headers.get("retry-after")).toBe("1");
    sandbox.clock.advance(1000);
    expect((await call("GET", "/job/JOB-1")).status).toBe(404);
  });
});
