import { describe, expect, it } from "vitest";
import { aRemoteJob, aWeWorkRemotely } from "../support/we-work-remotely-client.ts";

const aJobWith = (changes: object) => ({ ...aRemoteJob(), ...changes });

describe("a token of We Work Remotely's", () => {
  it("goes into the header by its name, or as a bearer where it is told so", async () => {
    const { twin, token, call } = await aWeWorkRemotely();
    const statusWith = async (authorization: string) =>
      (await call("GET", "/skills", undefined, { authorization })).status;
    const statuses = async () => [await statusWith(`Token token=${token}`), await statusWith(`Bearer ${token}`)];
    expect(await statuses()).toEqual([200, 401]);
    expect(await statusWith(`Token token="${token}"`)).toBe(200);
    twin.switches.headerForm = "bearer";
    expect(await statuses()).toEqual([401, 200]);
    twin.switches.headerForm = "either";
    expect(await statuses()).toEqual([200, 200]);
  });

  it("is needed for everything, and asked for by its realm", async () => {
    const { twin, token, call } = await aWeWorkRemotely();
    for (const path of ["/remote-jobs", "/remote-jobs/1", "/skills"]) {
      const { status, headers } = await call("GET", path, undefined, { authorization: "Token token=wrong" });
      expect([status, headers.get("www-authenticate")]).toEqual([401, 'Token realm="Application"']);
    }
    twin.revokeToken(token);
    expect((await call("POST", "/remote-jobs", aRemoteJob())).status).toBe(401);
  });

  it("allows a thousand requests from one midnight UTC to the next", async () => {
    const { sandbox, twin, call } = await aWeWorkRemotely();
    expect(twin.switches.requestsPerDay).toBe(1000);
    twin.switches.requestsPerDay = 3;
    const status = async () => (await call("GET", "/skills")).status;
    expect([await status(), await status(), await status(), await status()]).toEqual([200, 200, 200, 429]);
    Object.assign(twin.switches, { overLimitStatus: 403, tellsRetryAfter: true });
    const refused = await call("GET", "/skills");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([403, String(14 * 60 * 60)]);
    sandbox.clock.advance(14 * 60 * 60 * 1000);
    expect(await status()).toBe(200);
  });
});

describe("a job at We Work Remotely", () => {
  it("is made, shown, changed and canceled", async () => {
    const { twin, call } = await aWeWorkRemotely();
    const made = await call("POST", "/remote-jobs", aRemoteJob());
    expect(made).toMatchObject({ status: 201, body: { ...aRemoteJob(), id: 100_001, status: "approved" } });
    const place = `/remote-jobs/${made.body.id}`;
    expect(await call("GET", place)).toMatchObject({ status: 200, body: made.body });
    expect((await call("PUT", place, aJobWith({ title: "Staff Engineer" }))).body.title).toBe("Staff Engineer");
    expect((await call("PATCH", place, aRemoteJob())).body.title).toBe("Senior Engineer");
    for (const _ of [1, 2]) {
      const canceled = await call("PUT", place, aJobWith({ status: "canceled" }));
      expect(canceled).toMatchObject({ status: 200, body: { status: "canceled" } });
    }
    expect((await call("GET", place)).body.status).toBe("canceled");
    twin.switches.canceledJob = "not-found";
    expect((await call("GET", place)).status).toBe(404);
  });

  it("is made, and paid for, each time that it is posted", async () => {
    const { twin, token, call } = await aWeWorkRemotely();
    for (const _ of [1, 2]) await call("POST", "/remote-jobs", aRemoteJob());
    expect(twin.charges()).toMatchObject([
      { jobId: 100_001, token, amount: 299 },
      { jobId: 100_002, token, amount: 299 },
    ]);
    await call("PUT", "/remote-jobs/100001", aJobWith({ status: "canceled" }));
    expect(twin.charges()).toHaveLength(2);
  });

  it("needs a post that is paid for, where posts are paid beforehand", async () => {
    const { twin, call } = await aWeWorkRemotely();
    twin.switches.postsPaidFor = 1;
    const status = async () => (await call("POST", "/remote-jobs", aRemoteJob())).status;
    expect([await status(), await status()]).toEqual([201, 402]);
    twin.switches.unpaidStatus = 403;
    expect(await status()).toBe(403);
    expect(twin.jobs()).toHaveLength(1);
  });

  it("does not come back after it was canceled, unless it is told so", async () => {
    const { twin, call } = await aWeWorkRemotely();
    await call("POST", "/remote-jobs", aJobWith({ status: "canceled" }));
    const again = () => call("PUT", "/remote-jobs/100001", aJobWith({ status: "approved" }));
    expect(await again()).toMatchObject({ status: 422, body: { errors: [{ field: "status" }] } });
    twin.switches.canceledCanReturn = true;
    expect((await again()).body.status).toBe("approved");
  });

  it("is shown for thirty days", async () => {
    const { sandbox, twin, origin, call } = await aWeWorkRemotely();
    await call("POST", "/remote-jobs", aRemoteJob());
    const status = async () => (await call("GET", "/remote-jobs/100001")).body.status;
    sandbox.clock.advance(30 * 24 * 60 * 60 * 1000 - 1);
    expect(await status()).toBe("approved");
    sandbox.clock.advance(1);
    expect(await status()).toBe("expired");
    expect((await fetch(`${origin}/jobs/100001`)).status).toBe(404);
    twin.switches.expiredJob = "approved";
    expect(await status()).toBe("approved");
    twin.switches.expiredJob = "not-found";
    expect((await call("GET", "/remote-jobs/100001")).status).toBe(404);
  });

  it("waits for a review, where there is one", async () => {
    const { twin, call } = await aWeWorkRemotely();
    twin.switches.reviews = true;
    expect((await call("POST", "/remote-jobs", aRemoteJob())).body.status).toBe("pending");
    const statusAfter = async (isApproved: boolean) => {
      twin.review(100_001, isApproved);
      return (await call("GET", "/remote-jobs/100001")).body.status;
    };
    expect([await statusAfter(true), await statusAfter(false)]).toEqual(["approved", "rejected"]);
  });

  it("is seen by its own partner alone", async () => {
    const { twin, call } = await aWeWorkRemotely();
    const other = { authorization: `Token token=${twin.createAccount({ email: "bo@example.test" })}` };
    await call("POST", "/remote-jobs", aRemoteJob());
    expect((await call("GET", "/remote-jobs/100001", undefined, other)).status).toBe(404);
    expect((await call("PUT", "/remote-jobs/100001", aRemoteJob(), other)).status).toBe(404);
    expect((await call("GET", "/remote-jobs", undefined, other)).body).toEqual([]);
    expect((await call("GET", "/remote-jobs")).body).toMatchObject([{ id: 100_001 }]);
  });

  it("keeps what an update leaves out, or does not", async () => {
    const { twin, call } = await aWeWorkRemotely();
    await call("POST", "/remote-jobs", aRemoteJob());
    expect((await call("PUT", "/remote-jobs/100001", { status: "canceled" })).status).toBe(422);
    twin.switches.update = "merge";
    const merged = await call("PATCH", "/remote-jobs/100001", { status: "canceled" });
    expect(merged).toMatchObject({ status: 200, body: { status: "canceled", title: "Senior Engineer" } });
  });

  it("is answered in an envelope, with an id of text, where it is told so", async () => {
    const { twin, call } = await aWeWorkRemotely();
    Object.assign(twin.switches, { envelope: "remote_job", ids: "texts", createdStatus: 200 });
    const made = await call("POST", "/remote-jobs", aRemoteJob());
    expect(made).toMatchObject({ status: 200, body: { remote_job: { id: "100001" } } });
  });

  it("is not sent again to who knows it", async () => {
    const { call } = await aWeWorkRemotely();
    await call("POST", "/remote-jobs", aRemoteJob());
    const etag = (await call("GET", "/remote-jobs/100001")).headers.get("etag") ?? "";
    const again = () => call("GET", "/remote-jobs/100001", undefined, { "if-none-match": etag });
    expect(await again()).toMatchObject({ status: 304, body: "" });
    await call("PUT", "/remote-jobs/100001", aJobWith({ title: "Staff Engineer" }));
    expect((await again()).status).toBe(200);
  });
});

describe("the jobs of a token", () => {
  it("are listed, by pages or at once, or not at all", async () => {
    const { twin, call } = await aWeWorkRemotely();
    for (const title of ["A", "B", "C"]) await call("POST", "/remote-jobs", aJobWith({ title }));
    const titles = async (page: string) =>
      (await call("GET", `/remote-jobs${page}`)).body.map((job: { title: string }) => job.title);
    expect(await titles("")).toEqual(["A", "B", "C"]);
    twin.switches.pageSize = 2;
    expect([await titles(""), await titles("?page=2"), await titles("?page=3")]).toEqual([["A", "B"], ["C"], []]);
    Object.assign(twin.switches, { pageSize: null, listed: "short" });
    expect((await call("GET", "/remote-jobs")).body[0]).toEqual({
      id: 100_001,
      title: "A",
      status: "approved",
      created_at: "2026-12-01T10:00:00.000Z",
    });
    twin.switches.listing = "none";
    expect((await call("GET", "/remote-jobs")).status).toBe(404);
  });
});

describe("We Work Remotely refuses a job", () => {
  it.each(["company", "title", "description", "instructions", "email", "category_id"])("without %s", async (field) => {
    const { twin, call } = await aWeWorkRemotely();
    const { status, body } = await call("POST", "/remote-jobs", aJobWith({ [field]: undefined }));
    expect([status, body.errors]).toMatchObject([422, [{ field }]]);
    expect([twin.jobs(), twin.charges()]).toEqual([[], []]);
  });

  it.each([
    { field: "title", value: " " },
    { field: "description", value: "<div>Bridges</div>" },
    { field: "description", value: "<p>Bridges</p><script>x()</script>" },
    { field: "description", value: "<h4>Bridges</h4>" },
    { field: "instructions", value: "Write to us" },
    { field: "instructions", value: "/apply" },
    { field: "email", value: "jobs" },
    { field: "category_id", value: 5 },
    { field: "category_id", value: "2" },
    { field: "region", value: "Germany Only" },
    { field: "url", value: "muster.example" },
    { field: "job_listing_type", value: "Part-Time" },
    { field: "status", value: "draft" },
    { field: "skills", value: [99] },
    { field: "skills", value: ["Whittling"] },
  ])("for $field: $value", async ({ field, value }) => {
    const { call } = await aWeWorkRemotely();
    const { status, body } = await call("POST", "/remote-jobs", aJobWith({ [field]: value }));
    expect([status, body.errors]).toMatchObject([422, [{ field }]]);
  });

  it.each([
    { instructions: "jobs@muster.example" },
    { description: '<a href="https://muster.example">x</a><ol><li>x</li></ol><h3>x</h3><em>x</em><br>a < b' },
    { region: null, url: null, location: null, company_bio: null, job_listing_type: null, skills: null },
    { job_listing_type: "Contract" },
    ...["USA Only", "UK Only", "Oceania Only", "Other"].map((region) => ({ region })),
    ...[1, 4, 6, 18].map((id) => ({ category_id: id })),
  ])("not yet for %j", async (changes) => {
    const { call } = await aWeWorkRemotely();
    expect((await call("POST", "/remote-jobs", aJobWith(changes))).status).toBe(201);
  });

  it("in a list, a map or text, with 400 or 422", async () => {
    const { twin, call } = await aWeWorkRemotely();
    const bad = () => call("POST", "/remote-jobs", aJobWith({ title: "", email: "x" }));
    expect((await bad()).body.errors).toMatchObject([{ field: "title" }, { field: "email" }]);
    Object.assign(twin.switches, { errorBody: "map", invalidStatus: 400 });
    expect(await bad()).toMatchObject({ status: 400, body: { errors: { title: ["can't be blank"] } } });
    twin.switches.errorBody = "text";
    expect((await bad()).body).toMatch(/title can't be blank\nemail must/);
    expect((await call("POST", "/remote-jobs", "{")).status).toBe(400);
  });

  it("less strictly, or more, where it is told so", async () => {
    const { twin, call } = await aWeWorkRemotely();
    expect((await call("POST", "/remote-jobs", aJobWith({ salary: 1 }))).status).toBe(201);
    Object.assign(twin.switches, { otherTags: "stripped", otherFields: "refused", jobListingTypes: ["Part-Time"] });
    const div = aJobWith({ description: "<div>Hi</div>", job_listing_type: "Part-Time" });
    expect((await call("POST", "/remote-jobs", div)).body.description).toBe("Hi");
    expect((await call("POST", "/remote-jobs", { ...div, salary: 1 })).body.errors).toMatchObject([
      { field: "salary" },
    ]);
  });
});

describe("We Work Remotely's addresses", () => {
  it("take PUT, PATCH or both for a change", async () => {
    const { twin, call } = await aWeWorkRemotely();
    await call("POST", "/remote-jobs", aRemoteJob());
    const statuses = async () => [
      (await call("PUT", "/remote-jobs/100001", aRemoteJob())).status,
      (await call("PATCH", "/remote-jobs/100001", aRemoteJob())).status,
    ];
    twin.switches.updateVerb = "PATCH";
    expect(await statuses()).toEqual([404, 200]);
    Object.assign(twin.switches, { updateVerb: "PUT", otherVerbStatus: 405 });
    expect(await statuses()).toEqual([200, 405]);
  });

  it("are few", async () => {
    const { twin, call } = await aWeWorkRemotely();
    await call("POST", "/remote-jobs", aRemoteJob());
    for (const [method, path] of [
      ["DELETE", "/remote-jobs/100001"],
      ["GET", "/remote-jobs/1"],
      ["GET", "/remote-jobs/100001/applications"],
      ["PUT", "/remote-jobs"],
      ["GET", "/jobs"],
    ] as const) {
      expect((await call(method, path)).status).toBe(404);
    }
    expect((await call("GET", "/skills")).body).toContainEqual({ id: 3, name: "TypeScript" });
    twin.switches.skillsAs = "names";
    expect((await call("GET", "/skills")).body).toContain("TypeScript");
    twin.switches.skillsPath = null;
    expect((await call("GET", "/skills")).status).toBe(404);
  });
});
