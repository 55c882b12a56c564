import { describe, expect, it } from "vitest";
import { aJob, aLinkedIn, aReceiver, type LinkedInClient } from "../support/linkedin-client.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

const op = (jobPostingOperationType: string, changes: Readonly<Record<string, unknown>> = {}) =>
  aJob({ jobPostingOperationType, ...changes });

/** A job that is listed. */
async function listed(child: LinkedInClient, job: { externalJobPostingId: string } = aJob()) {
  await child.sendAndWait(job);
  await child.status(job.externalJobPostingId);
  return child.status(job.externalJobPostingId);
}

describe("a task", () => {
  it("is in progress at first, and then says what became of the job", async () => {
    const { child } = await aLinkedIn();
    const { id } = await child.send(aJob());
    const task = { id, externalJobPostingId: "job-42", location: "Zurich, Switzerland" };
    const jobPosting = expect.stringMatching(/^urn:li:jobPosting:\d+$/);
    expect(await child.task(id)).toEqual({ ...task, status: "IN_PROGRESS", jobPosting });
    expect(await child.task(id)).toEqual({ ...task, status: "SUCCEEDED", jobPosting });
  });

  it("is asked about several at a time, by URNs in either of Rest.li's ways", async () => {
    const { child } = await aLinkedIn();
    const { id: a } = await child.send(aJob({ externalJobPostingId: "a" }));
    const { id: b } = await child.send(aJob({ externalJobPostingId: "b" }));
    const [urnA, urnB] = [encodeURIComponent(a), encodeURIComponent(b)];
    for (const ids of [`ids=${urnA}&ids=${urnB}`, `ids=List(${urnA},${urnB})`]) {
      const { status, body } = await child.get(`/rest/simpleJobPostingTasks?${ids}`);
      expect([status, Object.keys(body.results), body.statuses, body.errors]).toEqual([200, [a, b], {}, {}]);
    }
  });

  it("takes as many polls as it is told, or its time", async () => {
    const { twin, child, advance } = await aLinkedIn();
    twin.switches.pollsUntilDone = 3;
    const { id } = await child.send(aJob());
    for (let polls = 0; polls < 3; polls += 1) expect((await child.task(id)).status).toBe("IN_PROGRESS");
    expect((await child.task(id)).status).toBe("SUCCEEDED");
    const { id: later } = await child.send(op("UPDATE"));
    advance(5 * minuteMs);
    expect((await child.task(later)).status).toBe("SUCCEEDED");
  });

  it.each([
    ["a title that says so", { title: "Engineer [fail]" }, "location"],
    ["a location that is none", { location: "Somewhere" }, "location"],
    ["a company that there is not", { company: "urn:li:organization:9" }, "company"],
    ["a poster without a seat", { posterEmail: "eve@example.test" }, "posterEmail"],
  ])("fails for %s, and says which field in free text", async (_, changes, field) => {
    const { child } = await aLinkedIn();
    const task = await child.sendAndWait(aJob(changes));
    expect(task.status).toBe("FAILED");
    expect(task.errorMessage).toContain(field);
    expect(task).not.toHaveProperty("jobPosting");
    expect(await child.status("job-42")).toBeUndefined();
  });

  it("is PROCESSED while the customer's jobs still come from a feed, and nothing is published", async () => {
    const { twin, child, organization, advance } = await aLinkedIn();
    twin.setOrganization(organization, { isMigrating: true });
    expect((await child.sendAndWait(aJob())).status).toBe("PROCESSED");
    advance(20 * minuteMs);
    await child.status("job-42");
    expect((await child.status("job-42")).listingStatus).toBe("IN_PROGRESS");
    twin.finishMigration(organization);
    await child.status("job-42");
    expect((await child.status("job-42")).listingStatus).toBe("LISTED");
    expect((await child.sendAndWait(aJob({ externalJobPostingId: "b", title: "[processed]" }))).status).toBe(
      "PROCESSED",
    );
  });

  it.each([
    [30, "the guide"],
    [1, "the older description"],
  ])("can be asked about for %i days, as in %s", async (taskDays) => {
    const { twin, child, advance } = await aLinkedIn();
    twin.switches.taskDays = taskDays;
    const { id } = await child.send(aJob());
    const ask = async () => {
      const later = await child.withNewToken();
      return (await later.get(`/rest/simpleJobPostingTasks?ids=${encodeURIComponent(id)}`)).body;
    };
    advance(taskDays * dayMs - minuteMs);
    expect((await ask()).results[id].status).toBe("SUCCEEDED");
    advance(2 * minuteMs);
    expect((await ask()).errors[id].status).toBe(404);
  });

  it("is malformed as 400, and somebody else's as 404", async () => {
    const { child, provision } = await aLinkedIn();
    expect((await child.get("/rest/simpleJobPostingTasks?ids=42")).status).toBe(400);
    expect((await child.get("/rest/simpleJobPostingTasks")).status).toBe(400);
    const { id } = await child.send(aJob());
    const other = await provision("tenant-2");
    const { body } = await other.get(`/rest/simpleJobPostingTasks?ids=${encodeURIComponent(id)}`);
    expect([body.results, body.errors[id].status]).toEqual([{}, 404]);
  });

  it("is asked about so often per day and application, until midnight in UTC", async () => {
    const { twin, sandbox, child: before } = await aLinkedIn();
    twin.switches.callsPerDay.simpleJobPostingTasks = 2;
    sandbox.clock.set(new Date("2026-12-01T23:50:00Z"));
    const child = await before.withNewToken();
    const { id } = await child.send(aJob({ listedAt: 0 }));
    const path = `/rest/simpleJobPostingTasks?ids=${encodeURIComponent(id)}`;
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let n = 0; n < count; n += 1) seen.push((await child.get(path)).status);
      return seen;
    };
    expect(await statuses(3)).toEqual([200, 200, 429]);
    const { body, headers } = await child.get(path);
    expect(body).toMatchObject({ status: 429, serviceErrorCode: 101 });
    expect(headers.get("retry-after")).toBeNull();
    twin.switches.retryAfterSeconds = 600;
    expect((await child.get(path)).headers.get("retry-after")).toBe("600");
    sandbox.clock.set(new Date("2026-12-02T00:00:01Z"));
    expect(await statuses(1)).toEqual([200]);
  });
});

describe("a listing", () => {
  it("is in review at first, and then listed, with everything that a partner has to show", async () => {
    const { origin, child } = await aLinkedIn();
    const task = await child.sendAndWait(aJob());
    expect((await child.status("job-42")).listingStatus).toBe("IN_PROGRESS");
    const number = task.jobPosting.split(":").at(-1);
    expect(await child.status("job-42")).toEqual({
      externalJobPostingId: "job-42",
      listingStatus: "LISTED",
      listingStatusDetail: null,
      linkedInApplyStatus: "NOT_ENABLED",
      // Told of every job that does not ask for it: no error of anybody's.
      linkedInApplyStatusDetail: {
        errorCode: null,
        errorType: "PARTNER_ERROR",
        statusMessage: expect.stringContaining("No attempt to enable"),
      },
      promotionStatus: "NOT_PROMOTED",
      promotionStatusDetail: null,
      jobPostingUrl: `${origin}/jobs/view/${number}`,
      jobPostingInfo: {
        expireAt: expect.any(Number),
        listedAt: expect.any(Number),
        location: "Zurich, Switzerland",
        alternateLocations: null,
        companyDetails: { name: "Muster AG", pageUrl: expect.any(String) },
        visibilityTag: "PUBLIC",
      },
      jobCampaign: null,
      partnerJobCampaign: null,
      rawLocation: "Zurich, Switzerland",
    });
  });

  it("is reviewed with time too, without anybody asking", async () => {
    const { twin, child, advance } = await aLinkedIn();
    await child.send(aJob());
    advance(5 * minuteMs);
    await child.status("nobody");
    advance(10 * minuteMs);
    twin.switches.readsUntilReviewed = 100;
    expect((await child.status("job-42")).listingStatus).toBe("LISTED");
  });

  it("names its company in either of two ways, and numeric ids as numbers or as text", async () => {
    const { twin, child } = await aLinkedIn();
    const job = aJob({ externalJobPostingId: "112233", company: undefined, companyName: "Ohne AG" });
    expect(await listed(child, job)).toMatchObject({
      externalJobPostingId: 112_233,
      jobPostingInfo: { companyDetails: { name: "Ohne AG", pageUrl: null } },
    });
    Object.assign(twin.switches, { companyDetails: "companyName", numericIds: false });
    expect(await child.status("112233")).toMatchObject({
      externalJobPostingId: "112233",
      jobPostingInfo: { companyDetails: { companyName: "Ohne AG", companyPage: null } },
    });
  });

  it("has its main location among the alternate ones, and says who sees it", async () => {
    const { child } = await aLinkedIn();
    const { jobPostingInfo } = await listed(
      child,
      aJob({ alternateLocations: ["Bern, Switzerland"], availability: "INTERNAL" }),
    );
    expect(jobPostingInfo).toMatchObject({
      alternateLocations: ["Zurich, Switzerland", "Bern, Switzerland"],
      visibilityTag: "COMPANY",
    });
  });

  it("is refused by moderation with CUSTOMER_ERROR, and reviewed again when it is updated", async () => {
    const { child } = await aLinkedIn();
    expect(await listed(child, aJob({ title: "[rejected] Get rich" }))).toMatchObject({
      listingStatus: "NOT_LISTED",
      listingStatusDetail: { errorType: "CUSTOMER_ERROR", errorCode: expect.any(String) },
    });
    expect((await listed(child, op("UPDATE"))).listingStatus).toBe("LISTED");
  });

  it("of a company whose jobs have to be promoted is refused unless it is", async () => {
    const { twin, child, organization, contract } = await aLinkedIn();
    twin.setOrganization(organization, { mustPromote: true });
    expect((await listed(child)).listingStatusDetail.errorType).toBe("CUSTOMER_ERROR");
    const promoted = aJob({ externalJobPostingId: "b", listingType: "PREMIUM", contract });
    expect((await listed(child, promoted)).listingStatus).toBe("LISTED");
  });

  it("is promoted while the contract has slots", async () => {
    const { twin, child, organization, contract } = await aLinkedIn();
    twin.setOrganization(organization, { jobSlots: 1 });
    const promoted = (id: string) => aJob({ externalJobPostingId: id, listingType: "PREMIUM", contract });
    expect(await listed(child, promoted("a"))).toMatchObject({
      promotionStatus: "PROMOTED",
      jobCampaign: expect.any(String),
    });
    expect(await listed(child, promoted("b"))).toMatchObject({
      listingStatus: "LISTED",
      promotionStatus: "NOT_PROMOTED",
      promotionStatusDetail: { errorType: "CUSTOMER_ERROR" },
    });
    await child.sendAndWait(op("DOWNGRADE", { externalJobPostingId: "a" }));
    await child.sendAndWait({ ...promoted("b"), jobPostingOperationType: "UPGRADE" });
    expect((await child.status("a")).promotionStatus).toBe("NOT_PROMOTED");
    expect((await child.status("b")).promotionStatus).toBe("PROMOTED");
  });

  it("is promoted with a budget for 30 days", async () => {
    const { twin, child, organization, advance } = await aLinkedIn();
    twin.setOrganization(organization, { hasPayForPerformance: true, jobSlots: 0 });
    const budget = { payForPerformanceTotalBudget: { currencyCode: "USD", amount: "500" } };
    expect(await listed(child, aJob({ budget }))).toMatchObject({
      promotionStatus: "PROMOTED",
      jobCampaign: null,
      partnerJobCampaign: expect.any(String),
    });
    advance(30 * dayMs);
    const later = await child.withNewToken();
    expect(await later.status("job-42")).toMatchObject({ listingStatus: "LISTED", promotionStatus: "NOT_PROMOTED" });
  });

  it("is another customer's business for another application with the same external id", async () => {
    const { child, provision } = await aLinkedIn();
    const other = await provision("tenant-2");
    const mine = await listed(child);
    expect(await other.status("job-42")).toBeUndefined();
    const theirs = await listed(other, aJob({ title: "Another" }));
    expect(theirs.jobPostingUrl).not.toBe(mine.jobPostingUrl);
    expect((await other.get("/v2/jobPostingStatus?ids=nobody")).body.errors.nobody.status).toBe(404);
  });

  it("is asked about within 4 KB of query, and so many times a day", async () => {
    const { twin, child } = await aLinkedIn();
    expect((await child.get(`/v2/jobPostingStatus?ids=${"x".repeat(4000)}`)).status).toBe(200);
    expect((await child.get(`/v2/jobPostingStatus?ids=${"x".repeat(4100)}`)).status).toBe(414);
    expect((await child.get("/v2/jobPostingStatus?ids=1", { "x-padding": "x".repeat(12_000) })).status).toBe(200);
    twin.switches.callsPerDay.jobPostingStatus = 2;
    expect((await child.get("/v2/jobPostingStatus?ids=1")).status).toBe(429);
  });
});

describe("the life of a job", () => {
  it("goes on with an UPDATE of the whole element and the same id", async () => {
    const { twin, child } = await aLinkedIn();
    const before = await listed(child);
    await child.sendAndWait(op("UPDATE", { title: "Staff engineer", location: "Bern, Switzerland" }));
    const after = await child.status("job-42");
    expect([after.listingStatus, after.jobPostingUrl, after.rawLocation]).toEqual([
      "LISTED",
      before.jobPostingUrl,
      "Bern, Switzerland",
    ]);
    expect(twin.jobNamed("job-42").element.title).toBe("Staff engineer");
  });

  it("lasts 180 days unless it says otherwise, and 30 more with RENEW", async () => {
    const { child } = await aLinkedIn();
    const { jobPostingInfo: first } = await listed(child);
    expect(Math.round((first.expireAt - Date.now()) / dayMs)).toBe(180);
    await child.sendAndWait(op("RENEW"));
    const { jobPostingInfo: renewed } = await child.status("job-42");
    expect(renewed.expireAt - first.expireAt).toBe(30 * dayMs);
  });

  it("ends when it expires, and a RENEW brings it back", async () => {
    const { child, advance } = await aLinkedIn();
    await listed(child, aJob({ expireAt: Date.now() + 2 * dayMs }));
    advance(2 * dayMs + minuteMs);
    const later = await child.withNewToken();
    expect(await later.status("job-42")).toMatchObject({
      listingStatus: "NOT_LISTED",
      listingStatusDetail: { errorType: null, statusMessage: expect.stringContaining("expired") },
    });
    expect((await later.sendAndWait(op("UPDATE"))).status).toBe("FAILED");
    expect((await listed(later, op("RENEW"))).listingStatus).toBe("LISTED");
  });

  it("ends with CLOSE, which is nobody's error, and a second time too", async () => {
    const { twin, child } = await aLinkedIn();
    await listed(child);
    expect((await child.sendAndWait(op("CLOSE"))).status).toBe("SUCCEEDED");
    expect(await child.status("job-42")).toMatchObject({
      listingStatus: "NOT_LISTED",
      listingStatusDetail: { errorType: null },
    });
    expect((await child.sendAndWait(op("CLOSE"))).status).toBe("SUCCEEDED");
    twin.switches.secondClose = "refused";
    expect((await child.sendAndWait(op("CLOSE"))).status).toBe("FAILED");
  });

  it("begins anew with a CREATE after it was closed", async () => {
    const { child } = await aLinkedIn();
    const before = await listed(child);
    await child.sendAndWait(op("CLOSE"));
    const after = await listed(child);
    expect(after.listingStatus).toBe("LISTED");
    expect(after.jobPostingUrl).not.toBe(before.jobPostingUrl);
  });

  it("stays one job when it is created twice, or the second CREATE is refused", async () => {
    const { twin, child } = await aLinkedIn();
    const before = await listed(child);
    expect((await child.sendAndWait(aJob({ title: "Again" }))).status).toBe("SUCCEEDED");
    expect((await child.status("job-42")).jobPostingUrl).toBe(before.jobPostingUrl);
    twin.switches.secondCreate = "refused";
    expect((await child.sendAndWait(aJob())).status).toBe("FAILED");
    twin.switches.wrongState = "element";
    expect((await child.send(aJob())).status).toBe(422);
  });

  it.each(["UPDATE", "RENEW", "CLOSE", "DOWNGRADE"])("does not begin with %s", async (operation) => {
    const { twin, child } = await aLinkedIn();
    expect((await child.sendAndWait(op(operation))).status).toBe("FAILED");
    twin.switches.wrongState = "element";
    expect((await child.send(op(operation))).status).toBe(422);
  });

  it.each(["UPDATE", "RENEW"])("is over after CLOSE: no %s", async (operation) => {
    const { child } = await aLinkedIn();
    await listed(child);
    await child.sendAndWait(op("CLOSE"));
    expect((await child.sendAndWait(op(operation))).status).toBe("FAILED");
  });

  it("keeps its availability until it is closed and created anew", async () => {
    const { child } = await aLinkedIn();
    await listed(child);
    const internal = { availability: "INTERNAL" };
    const task = await child.sendAndWait(op("UPDATE", internal));
    expect([task.status, task.errorMessage.includes("availability")]).toEqual(["FAILED", true]);
    await child.sendAndWait(op("CLOSE"));
    expect((await child.sendAndWait(aJob(internal))).status).toBe("SUCCEEDED");
  });

  it("is renewed and closed on its last day, unless expireAt has to be a day ahead then too", async () => {
    const { twin, child } = await aLinkedIn();
    await listed(child);
    const soon = { expireAt: Date.now() + 3_600_000 };
    expect((await child.send(op("UPDATE", soon))).status).toBe(422);
    expect((await child.send(op("CLOSE", soon))).status).toBe(202);
    twin.switches.expiryCountsForAllOperations = true;
    expect((await child.send(op("CLOSE", soon))).status).toBe(422);
  });

  it("goes through its operations in the order they were sent, whichever task is asked about", async () => {
    const { twin, child } = await aLinkedIn();
    twin.switches.pollsUntilDone = 0;
    const { id: created } = await child.send(aJob());
    const { id: updated } = await child.send(op("UPDATE", { title: "Staff engineer" }));
    const { id: closed } = await child.send(op("CLOSE"));
    expect((await child.task(closed)).status).toBe("SUCCEEDED");
    expect((await child.task(updated)).status).toBe("SUCCEEDED");
    expect((await child.task(created)).status).toBe("SUCCEEDED");
    expect(await child.status("job-42")).toMatchObject({ listingStatus: "NOT_LISTED" });
  });
});

describe("a change that LinkedIn makes", () => {
  it("closes a job that members report, and tells the partner of it", async () => {
    const { twin, parent, child, advance } = await aLinkedIn();
    const { client_secret: secret } = parent.credentials;
    const receiver = await aReceiver(secret);
    expect(await twin.registerWebhook("JOB_STATUS_CHANGE", receiver.url)).toBe(true);
    expect((await listed(child, aJob({ title: "Engineer [closed-by-member]" }))).listingStatus).toBe("LISTED");
    await twin.settled();
    const before = receiver.messages().length;
    advance(minuteMs);
    expect(await child.status("job-42")).toMatchObject({
      listingStatus: "NOT_LISTED",
      listingStatusDetail: { errorType: "CUSTOMER_ERROR" },
    });
    await twin.settled();
    expect(receiver.messages().length).toBe(before + 1);
    expect(JSON.parse(receiver.messages().at(-1)?.body ?? "")).toEqual({
      type: "JOB_STATUS_CHANGE",
      developerApplicationUrn: child.key,
      externalJobPostingIds: ["job-42"],
    });
    expect((await child.sendAndWait(op("UPDATE"))).status).toBe("FAILED");
  });

  it.each([
    ["reject", { listingStatus: "NOT_LISTED", listingStatusDetail: { errorType: "CUSTOMER_ERROR" } }],
    ["close-by-members", { listingStatus: "NOT_LISTED" }],
    ["demote", { listingStatus: "LISTED", promotionStatus: "NOT_PROMOTED" }],
  ])("comes by the control API: %s", async (command, expected) => {
    const { twin, sandbox, parent, child, contract } = await aLinkedIn();
    const receiver = await aReceiver(parent.credentials.client_secret);
    await listed(child, aJob({ listingType: "PREMIUM", contract }));
    await twin.registerWebhook("JOB_STATUS_CHANGE", receiver.url);
    twin.switches.changedJobs = "single";
    const body = JSON.stringify({ job: "job-42" });
    await fetch(`${sandbox.origin}/_control/linkedin/${command}`, { method: "POST", body });
    expect(await child.status("job-42")).toMatchObject(expected);
    await twin.settled();
    expect(JSON.parse(receiver.messages()[0]?.body ?? "")).toMatchObject({ externalJobPostingId: "job-42" });
  });
});
