import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches, type ZipRecruiterSwitches } from "../../sandbox/ziprecruiter/switches.ts";
import { employmentTypes, type Job, type JobField } from "../../src/providers/job-board/job.ts";
import type { BoardAccount, BoardPosting, BoardState, PostingReport } from "../../src/providers/job-board/provider.ts";
import { ziprecruiter } from "../../src/providers/job-board/ziprecruiter.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { loopbackFetchFor } from "../support/account.ts";
import { connectByForm } from "../support/form-account.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";
import { createZipRecruiterVendor, type ZipRecruiterVendor } from "../support/ziprecruiter-vendor.ts";

describeJobBoardProvider(ziprecruiter, createZipRecruiterVendor);

type Sent = Readonly<Record<string, unknown>>;
type Method = "post" | "update" | "close" | "reopen" | "status";

let vendor: ZipRecruiterVendor;
let account: BoardAccount;

beforeAll(async () => {
  vendor = await createZipRecruiterVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => void Object.assign(vendor.twin.switches, defaultSwitches()));
afterAll(() => vendor.stop());

async function does(method: Method, posting: BoardPosting, by = account): Promise<PostingReport> {
  const report = await ziprecruiter[method]?.(by, posting);
  if (!report) throw new Error(`ZipRecruiter knows of no such job, or cannot ${method}`);
  return report;
}

/** What is asked of a posting after a report on it. */
function next(
  posting: BoardPosting,
  operation: BoardPosting["operation"],
  previousState: BoardState,
  changes: Partial<Job> = {},
): BoardPosting {
  return { ...posting, job: { ...posting.job, ...changes }, operation, previousState };
}

/** What ZipRecruiter was sent last by one method. */
function lastSent(method: "POST" | "PUT", path = /^\/partner\/v0\/job(\/[^/]+)?$/): Sent {
  const sent = vendor.sandbox.requests.findLast((request) => request.method === method && path.test(request.path));
  return JSON.parse(sent?.body ?? "null");
}

/** What of it ZipRecruiter has. */
function stored(reference: string): Sent | undefined {
  return vendor.twin.jobs().find(({ job }) => job.partner_attributes?.["reference"] === reference)?.job;
}

const usOffice = { street: null, city: null, region: null, postalCode: null, latitude: null, longitude: null };

describe("the fields of a job", () => {
  const told = (text: string) => ({ description: expect.stringContaining(text) });
  const nowhere = (text: string) => ({ absent: text });

  /** Every field with a value of its own, and what ZipRecruiter is sent for it. */
  const cases: { [Field in JobField]: readonly [value: Job[Field], sent: Sent] } = {
    externalReference: [
      "REF-7",
      {
        job_id: expect.stringMatching(/^REF-7\.[0-9a-f]{12}$/),
        partner_attributes: { posting: expect.any(String), reference: "REF-7", requisition: "REF-7" },
      },
    ],
    requisitionId: ["REQ-9", { partner_attributes: expect.objectContaining({ requisition: "REQ-9" }) }],
    title: ["Ingénieur·e de service", { title: "Ingénieur·e de service" }],
    description: [`<p>${"a".repeat(200)}</p>`, told(`<p>${"a".repeat(200)}</p>`)],
    responsibilities: ["<p>Mends things</p>", told("<p>Mends things</p>")],
    requirements: ["<h3>Needs</h3>", told("<p><strong>Needs</strong></p>")],
    niceToHave: ["<p>A van</p>", told("<p>A van</p>")],
    benefitsText: ["<p>Lunch</p>", told("<p>Lunch</p>")],
    employmentType: ["CONTRACT", { job_type: "contractor" }],
    workplaceType: ["REMOTE", told("Workplace: Remote")],
    location: [
      { ...usOffice, city: "Boston", region: "MA", postalCode: "02108", country: "US" },
      { country: "US", city: "Boston", state: "MA" },
    ],
    alternateLocations: [[berlinOffice], nowhere("Berlin")],
    remoteCountries: [["US", "CA"], told("Open to applicants from: United States, Canada")],
    salary: [
      { min: "22.75", max: "30.10", currency: "USD", period: "HOUR", visible: true },
      {
        compensation_min: 22,
        compensation_max: 31,
        compensation_currency: "USD",
        ...told("Pay: 22.75 to 30.10 USD an hour"),
      },
    ],
    equity: [{ offered: true, range: "0.1–0.2 %" }, told("Equity: 0.1–0.2 %")],
    seniority: ["JUNIOR", nowhere("JUNIOR")],
    yearsOfExperience: [3, told("Years of experience: 3")],
    education: ["Bachelor", told("Education: Bachelor")],
    certifications: [["CISSP"], told("Certifications: CISSP")],
    languages: [["German", "English"], told("Languages: German, English")],
    englishLevel: ["C1", told("English: C1")],
    industries: [["Software"], nowhere("Software")],
    functions: [["Customer care"], nowhere("Customer care")],
    category: ["Field service", nowhere("Field service")],
    boardCodes: [{ functions: ["cust-code"], industries: ["ind-code"] }, nowhere("-code")],
    skills: [
      { required: ["Welding", "R&D"], preferred: ["Sales"] },
      { requirements: "Required skills: Welding, R&D\nPreferred skills: Sales" },
    ],
    benefits: [["Bike"], told("Benefits: Bike")],
    company: [{ ...aJob().company, name: "Muster Bridges" }, { employer_name: "Muster Bridges" }],
    applyMethod: ["EMAIL", nowhere("EMAIL")],
    applyUrl: ["https://careers.example.test/7", { apply_url: "https://careers.example.test/7" }],
    contactEmail: ["somebody.else@example.test", nowhere("somebody.else")],
    contactName: ["Ana Muster", nowhere("Ana Muster")],
    contactPhone: ["+1 512 555 0100", nowhere("555 0100")],
    screeningQuestions: [[aQuestion("Do you drive?")], nowhere("Do you drive?")],
    language: ["en-US", nowhere("en-US")],
    positionsCount: [3, told("Positions: 3")],
    hoursPerWeek: [32, told("Hours per week: 32")],
    videoUrl: ["https://video.example.test/1", told("Video: https://video.example.test/1")],
    publishedAt: [new Date("2031-05-06T00:00:00Z"), nowhere("2031")],
    expiresAt: [new Date("2032-05-06T00:00:00Z"), nowhere("2032")],
    compliance: [{ eeoStatement: "All are welcome.", eeoQuestions: true }, told("All are welcome.")],
    requireResume: ["REQUIRED", nowhere("REQUIRED")],
    requireCoverLetter: ["HIDDEN", nowhere("HIDDEN")],
    requirePhone: ["REQUIRED", nowhere("REQUIRED")],
    promotion: [{ type: "PROMOTED", budget: null, days: null }, nowhere("PROMOTED")],
  };

  it.each(Object.entries(cases))("%s goes where the table says", async (field, [value, { absent, ...sent }]) => {
    await does("post", aPosting({ job: aJob({ [field]: value }) }));
    const document = lastSent("POST");
    expect(document).toMatchObject(sent);
    if (typeof absent === "string") expect(JSON.stringify(document)).not.toContain(absent);
    const place = ziprecruiter.fields[field as JobField];
    const names = "notSent" in place ? [] : place.sentAs.split(", ");
    const ofOtherCases = ["TrafficBoost", "questions", "postal_code", "latitude", "longitude"];
    for (const name of names.filter((one) => !ofOtherCases.includes(one))) expect(document).toHaveProperty(name);
  });

  it("carry the employer with every job", async () => {
    await does("post", aPosting());
    expect(lastSent("POST")).toMatchObject({ employer_id: "muster", employer_name: "Muster AG" });
  });

  it("carry no name of a company that wants none to be known", async () => {
    const company = { ...aJob().company, isConfidential: true };
    const posting = aPosting({ job: aJob({ company }) });
    await does("post", posting);
    expect(JSON.stringify(lastSent("POST"))).not.toContain("Muster AG");
    expect(ziprecruiter.check(posting.job, account.settings, new Date())).toContainEqual(
      expect.objectContaining({ effect: "CHANGED", field: ["company", "isConfidential"] }),
    );
  });

  it.each([
    [
      "city and state",
      { city: "Austin", region: "TX", postalCode: "78701", latitude: 1, longitude: 2 },
      ["city", "state"],
    ],
    ["a postal code", { city: "Austin", postalCode: "78701", latitude: 1, longitude: 2 }, ["postal_code"]],
    ["coordinates", { city: "Austin", latitude: 30.3, longitude: -97.7 }, ["latitude", "longitude"]],
  ])("say in one way alone where a job is: %s", async (_name, parts, names) => {
    await does("post", aPosting({ job: aJob({ location: { ...usOffice, country: "US", ...parts } }) }));
    const document = lastSent("POST");
    const ways = ["city", "state", "postal_code", "latitude", "longitude"];
    expect(ways.filter((way) => way in document)).toEqual(names);
  });

  it.each(employmentTypes)("name a type that ZipRecruiter knows: %s", async (employmentType) => {
    expect(await does("post", aPosting({ job: aJob({ employmentType }) }))).toMatchObject({ state: "LIVE" });
  });

  it("never carry pay that is not to be seen", async () => {
    const salary = { min: "50111", max: null, currency: "USD", period: "YEAR", visible: false } as const;
    await does("post", aPosting({ job: aJob({ salary }) }));
    expect(JSON.stringify(lastSent("POST"))).not.toMatch(/50111|compensation/);
    await does("post", aPosting({ job: aJob({ salary: { ...salary, visible: true } }) }));
    expect(lastSent("POST")).toMatchObject({ compensation_min: 50111, compensation_currency: "USD" });
    expect(lastSent("POST")).not.toHaveProperty("compensation_max");
  });

  it("fit into an id, however long the reference is", async () => {
    const externalReference = "R".repeat(50);
    const { boardPostingId } = await does("post", aPosting({ job: aJob({ externalReference }) }));
    expect(boardPostingId?.length).toBeLessThanOrEqual(64);
  });
});

describe("tenants with the operator's key", () => {
  it("do not meet each other's jobs, though they have the same reference, and even the same employer", async () => {
    const { account: other } = await vendor.connectAs({ employerId: "other" });
    const job = aJob({ externalReference: `SAME-${Date.now()}` });
    const [mine, theirs, twinOfMine] = [aPosting({ job }), aPosting({ job }), aPosting({ job })];
    await does("post", mine);
    await does("post", theirs, other);
    await does("post", twinOfMine);
    await does("close", next(mine, "CLOSE", "LIVE"));
    expect(vendor.seen(account, job.externalReference).map(({ isOpen }) => isOpen)).toEqual([false, true, true]);
    expect(await does("status", next(theirs, null, "LIVE"), other)).toMatchObject({ state: "LIVE" });
  });
});

describe("whatever ZipRecruiter's page leaves open", () => {
  const ways: readonly Partial<ZipRecruiterSwitches>[] = [
    { existsStatus: 400, errorBody: "text" },
    { existsStatus: 400, errorBody: "errors" },
    { existsStatus: 409, errorBody: "text", createdStatus: 201 },
    { put: "merge", putCreates: true, closedJob: "closed" },
    { put: "replace", putCreates: true, closedJob: "not-found" },
    { put: "merge", closedJob: "not-found", otherFields: "ignored" },
    { put: "replace", closedJob: "closed", employerMayChange: true, hiddenJob: "not-found" },
  ];

  it.each(ways)("a job is posted once, changed, closed and opened again: %j", async (switches) => {
    Object.assign(vendor.twin.switches, switches);
    const posting = aPosting();
    const isOpen = () => vendor.seen(account, posting.job.externalReference);
    expect(await does("post", posting)).toMatchObject({ state: "LIVE", refusal: null });
    expect(await does("post", posting)).toMatchObject({ state: "LIVE", refusal: null });
    const changed = next(posting, "UPDATE", "LIVE", { title: "Senior engineer" });
    expect(await does("update", changed)).toMatchObject({ state: "LIVE" });
    expect(isOpen()).toEqual([{ title: "Senior engineer", isOpen: true }]);
    const closing = next(changed, "CLOSE", "LIVE");
    expect(await does("close", closing)).toMatchObject({ state: "CLOSED" });
    expect(await does("close", closing)).toMatchObject({ state: "CLOSED" });
    expect(await does("status", next(changed, null, "CLOSED"))).toMatchObject({ state: "CLOSED" });
    expect(await does("reopen", next(changed, "REOPEN", "CLOSED"))).toMatchObject({ state: "LIVE" });
    expect(isOpen()).toEqual([{ title: "Senior engineer", isOpen: true }]);
  });

  it.each(["replace", "merge"] as const)("what a job no longer has is gone after an update: %s", async (put) => {
    vendor.twin.switches.put = put;
    const salary = { min: "50000", max: "60000", currency: "USD", period: "YEAR", visible: true } as const;
    const posting = aPosting({ job: aJob({ salary, skills: { required: ["Welding"], preferred: [] } }) });
    await does("post", posting);
    const location = { ...usOffice, postalCode: "78701", country: "US" };
    const plain = { salary: null, location, skills: { required: [], preferred: [] } };
    await does("update", next(posting, "UPDATE", "LIVE", plain));
    const left = Object.entries(stored(posting.job.externalReference) ?? {}).filter(([, value]) => value !== null);
    const names = left.map(([name]) => name);
    expect(names).toContain("postal_code");
    expect(names.filter((name) => /compensation|requirements|city|state/.test(name))).toEqual([]);
  });

  it.each([false, true])("a job that ZipRecruiter has lost is made anew by an update: %s", async (putCreates) => {
    vendor.twin.switches.putCreates = putCreates;
    const lost = aPosting({ operation: "UPDATE", previousState: "LIVE" });
    expect(await does("update", lost)).toMatchObject({ state: "LIVE" });
    expect(vendor.seen(account, lost.job.externalReference)).toHaveLength(1);
  });

  it.each([
    [400, "errors", false],
    [422, "errors", true],
    [400, "text", true],
    [422, "text", false],
  ] as const)(
    "a job that is wrong is refused in ZipRecruiter's words: %s, %s",
    async (invalidStatus, errorBody, putCreates) => {
      Object.assign(vendor.twin.switches, { invalidStatus, errorBody, putCreates });
      const posting = aPosting({ job: aJob({ title: "X" }) });
      await expect(does("post", posting)).rejects.toMatchObject({
        code: "PROVIDER_REFUSED",
        providerCode: `HTTP ${invalidStatus}`,
        message: expect.stringContaining("title"),
        retryable: false,
      });
      expect(stored(posting.job.externalReference)).toBeUndefined();
    },
  );

  it.each([402, 403] as const)("a job without a slot waits for one: %s", async (noSlotStatus) => {
    const { account: small } = await vendor.connectAs({ employerId: `small-${noSlotStatus}` });
    Object.assign(vendor.twin.switches, { jobSlots: 1, noSlotStatus });
    const [first, second] = [aPosting(), aPosting()];
    await does("post", first, small);
    await expect(does("post", second, small)).rejects.toMatchObject({ code: "QUOTA_EXHAUSTED", retryable: true });
    await does("close", next(first, "CLOSE", "LIVE"), small);
    expect(await does("post", second, small)).toMatchObject({ state: "LIVE" });
    await expect(does("reopen", next(first, "REOPEN", "CLOSED"), small)).rejects.toMatchObject({
      code: "QUOTA_EXHAUSTED",
    });
  });

  it.each([
    ["not-found", null],
    ["open", "LIVE"],
  ] as const)("a job that a review has hidden is %s, and we say no more than that", async (hiddenJob, state) => {
    vendor.twin.switches.hiddenJob = hiddenJob;
    const posting = aPosting();
    const { boardPostingId } = await does("post", posting);
    vendor.twin.hide(boardPostingId ?? "");
    const report = await ziprecruiter.status?.(account, next(posting, null, "LIVE"));
    expect(report?.state ?? null).toBe(state);
  });

  it("a job that is not seen right after it was taken is not called live", async () => {
    vendor.twin.switches.hiddenJob = "not-found";
    const posting = aPosting();
    const { boardPostingId } = await does("post", posting);
    vendor.twin.hide(boardPostingId ?? "");
    const again = next(posting, "UPDATE", "LIVE");
    expect(await does("update", again)).toMatchObject({ state: "SUBMITTED", boardState: null, refusal: null });
  });

  it.each(
    [
      ["US", "CA", "AU"],
      ["US", "CA", "AU", "GB"],
    ].map((countries) => ({ countries })),
  )("the United Kingdom is asked for, and ZipRecruiter decides: $countries", async ({ countries }) => {
    Object.assign(vendor.twin.switches, { countries });
    const location = { ...usOffice, city: "Leeds", region: "West Yorkshire", country: "GB" };
    const posting = aPosting({ job: aJob({ location }) });
    const refusals = ziprecruiter.check(posting.job, account.settings, new Date());
    expect(refusals.filter(({ effect }) => effect === "REFUSED")).toEqual([]);
    if (countries.includes("GB")) expect(await does("post", posting)).toMatchObject({ state: "LIVE" });
    else await expect(does("post", posting)).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
  });

  it.each([true, false])("a limit that nobody has published is obeyed, with and without a time: %s", async (tells) => {
    Object.assign(vendor.twin.switches, { requestsPerSecond: 0, tellsRetryAfter: tells });
    await expect(does("post", aPosting())).rejects.toMatchObject({
      code: "RATE_LIMITED",
      retryAfterMs: tells ? 1000 : undefined,
    });
  });
});

describe("an answer that nobody has described", () => {
  it.each([
    [403, "text/plain", "The key may not post for this employer", "FORBIDDEN", "may not post for this employer"],
    [403, "application/json", '{"message":"Upgrade your plan"}', "QUOTA_EXHAUSTED", "Upgrade your plan"],
    [400, "application/json", '{"errors":["title is short"]}', "PROVIDER_REFUSED", "title is short"],
    [400, "application/json", '{"errors":{"title":["is short"]}}', "PROVIDER_REFUSED", "is short"],
    [418, "text/html", "<h1>No</h1><p>tea</p>", "PROVIDER_REFUSED", "No; tea"],
    [200, "application/json", '"yes"', "PROVIDER_REPLY_INVALID", "no job"],
  ])("is told in its own words: %s %s %s", async (status, type, body, code, words) => {
    const { origin } = await serveOnLoopback((_, response) =>
      response.writeHead(status, { "content-type": type }).end(body),
    );
    const fetch = loopbackFetchFor(ziprecruiter)({ authorization: null, origins: [origin] });
    const elsewhere = { ...account, fetch, settings: { ...account.settings, serverUrl: origin } };
    await expect(does("post", aPosting(), elsewhere)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });
});

describe("a boost", () => {
  const promotion = { type: "BOOST", budget: null, days: null } as const;
  const boostsOf = ({ boardPostingId }: PostingReport) =>
    vendor.twin.boosts().flatMap(({ jobId, level }) => (jobId === boardPostingId ? level : []));

  it("is bought once for a job, however often that is posted, changed, closed and opened", async () => {
    const posting = aPosting({ job: aJob({ promotion }) });
    const report = await does("post", posting);
    expect(report).toMatchObject({ state: "LIVE", refusal: null });
    expect(lastSent("POST", /features$/)).toEqual({ TrafficBoost: "single" });
    await does("post", posting);
    await does("update", next(posting, "UPDATE", "LIVE"));
    await does("close", next(posting, "CLOSE", "LIVE"));
    await does("reopen", next(posting, "REOPEN", "CLOSED"));
    expect(boostsOf(report)).toEqual(["single"]);
  });

  it("is of the level that the integration was connected with, and its cost is said beforehand", async () => {
    const { account: triple } = await vendor.connectAs({ employerId: "muster", boost: "triple" });
    const job = aJob({ promotion });
    expect(boostsOf(await does("post", aPosting({ job }), triple))).toEqual(["triple"]);
    expect(ziprecruiter.cost?.(job, triple.settings)).toEqual({
      money: null,
      unit: "TrafficBoost triple, once for a job",
    });
    expect(ziprecruiter.cost?.(job, account.settings)?.unit).toContain("single");
    expect(ziprecruiter.cost?.(aJob(), triple.settings)).toBeNull();
    const promoted = aJob({ promotion: { ...promotion, type: "PROMOTED" } });
    expect(ziprecruiter.cost?.(promoted, triple.settings)).toBeNull();
  });

  it("comes with an update that asks for one", async () => {
    const posting = aPosting();
    const report = await does("post", posting);
    expect(boostsOf(report)).toEqual([]);
    await does("update", next(posting, "UPDATE", "LIVE", { promotion }));
    expect(boostsOf(report)).toEqual(["single"]);
  });

  it("is not bought again when the answer to buying it got lost", async () => {
    const posting = aPosting({ job: aJob({ promotion }) });
    // The first request is the question whether there is one.
    const recover = vendor.twin.fail("truncated", { after: 1, times: 1, path: "/features" });
    await expect(does("post", posting)).rejects.toMatchObject({ retryable: true });
    recover();
    expect(await does("status", posting)).toMatchObject({ state: "LIVE", refusal: null });
    expect(boostsOf(await does("post", posting))).toEqual(["single"]);
  });

  it("that ZipRecruiter does not sell leaves the job shown, and says why", async () => {
    const posting = aPosting({ job: aJob({ promotion }) });
    const recover = vendor.twin.fail("quota", { after: 1, times: 1, path: "/features" });
    expect(await does("post", posting)).toMatchObject({
      state: "LIMITED",
      refusal: { code: "QUOTA_EXHAUSTED", providerCode: "HTTP 402", message: expect.stringContaining("TrafficBoost") },
    });
    recover();
    expect(await does("status", next(posting, null, "LIMITED"))).toMatchObject({ state: "LIMITED" });
    const again = vendor.twin.fail("quota", { after: 1, times: 1, path: "/features" });
    expect(await does("update", next(posting, "UPDATE", "LIMITED"))).toMatchObject({ state: "LIMITED", isTaken: true });
    again();
    expect(await does("update", next(posting, "UPDATE", "LIMITED"))).toMatchObject({ state: "LIVE", refusal: null });
  });

  it("that is not there yet after a failure is told, so that nobody thinks it is bought", async () => {
    const posting = aPosting({ job: aJob({ promotion }) });
    const recover = vendor.twin.fail("down", { times: 1, path: "/features" });
    await expect(does("post", posting)).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    recover();
    const report = await does("status", posting);
    expect(report).toMatchObject({ state: "LIMITED", refusal: { code: "PROVIDER_REFUSED" } });
    expect(boostsOf(report)).toEqual([]);
  });
});

describe("connecting", () => {
  it("needs nothing but the employer where the operator has a key, and keeps that key out of what is stored", async () => {
    const { connected, secret } = await vendor.connectAs({ employerId: " muster " });
    expect(connected).toMatchObject({ externalId: "muster", displayName: "muster" });
    const kept = JSON.stringify([secret, connected]);
    expect(vendor.secrets().filter((one) => kept.includes(one))).toEqual([]);
  });

  it("seals a key of the company's own, with its webhook key", async () => {
    const [apiKey = ""] = vendor.secrets();
    const own = await vendor.connectAs({ employerId: "muster", apiKey, webhookKey: "theirs" });
    expect(own.secret).toMatchObject({ apiKey, webhookKey: "theirs" });
    expect(JSON.stringify(own.connected)).not.toContain("theirs");
    expect(await does("post", aPosting(), own.account)).toMatchObject({ state: "LIVE" });
  });

  it.each(["raw", "base64-colon", "either"] as const)(
    "finds out how ZipRecruiter wants the key: %s",
    async (keyEncoding) => {
      vendor.twin.switches.keyEncoding = keyEncoding;
      const { account: opened } = await vendor.connectAs({ employerId: "muster" });
      expect(await does("post", aPosting(), opened)).toMatchObject({ state: "LIVE" });
      await expect(vendor.connectWrongly()).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
    },
  );

  it("with an operator's key that ZipRecruiter refuses is the operator's to mend", async () => {
    const settings = { ...vendor.sandbox.settings, ZIPRECRUITER_API_KEY: "wrong" };
    await expect(connectByForm(ziprecruiter, settings, { employerId: "muster" })).rejects.toMatchObject({
      code: "NOT_CONFIGURED",
      remedy: "The operator has to check ZIPRECRUITER_API_KEY.",
    });
  });

  it("whose key ZipRecruiter refuses later is the operator's to mend, or the company's", async () => {
    const [apiKey = ""] = vendor.secrets();
    const own = await vendor.connectAs({ employerId: "muster", apiKey });
    for (const [opened, code] of [
      [account, "NOT_CONFIGURED"],
      [own.account, "CREDENTIALS_REJECTED"],
    ] as const) {
      vendor.twin.fail("unauthorized", { times: 1 });
      await expect(ziprecruiter.tryOut?.(opened)).rejects.toMatchObject({ code });
    }
  });

  it.each([
    { employerId: "  ", field: "employerId" },
    { employerId: "muster", apiKey: "key\r\nx-evil: 1", field: "apiKey" },
    { employerId: "muster", apiKey: "schlüssel", field: "apiKey" },
  ])("refuses what no key and no id can be: %j", async ({ field, ...values }) => {
    await expect(vendor.connectAs(values)).rejects.toMatchObject({ code: "INVALID_INPUT", field: [field] });
  });
});

describe("what ZipRecruiter would not take", () => {
  const found = (changes: Partial<Job>) =>
    ziprecruiter
      .check(aJob(changes), account.settings, new Date())
      .map(({ effect, field }) => `${effect} ${field.join(".")}`);
  const boost = { type: "BOOST", budget: null, days: null } as const;

  it.each<[string, Partial<Job>, string]>([
    ["a title too short", { title: "QA" }, "REFUSED title"],
    ["a description too short", { description: "<p>Too short</p>", workplaceType: null }, "REFUSED description"],
    ["another country", { location: berlinOffice }, "REFUSED location.country"],
    ["no place", { location: null }, "REFUSED location"],
    ["a city without its state", { location: { ...usOffice, city: "Austin", country: "US" } }, "REFUSED location"],
    ["no address to apply at", { applyUrl: null }, "REFUSED applyUrl"],
    ["an address that is not HTTPS", { applyUrl: "http://careers.example.test" }, "REFUSED applyUrl"],
    [
      "pay upside down",
      { salary: { min: "9", max: "8", currency: "USD", period: "HOUR", visible: true } },
      "REFUSED salary.max",
    ],
    ["further places", { alternateLocations: [berlinOffice] }, "DROPPED alternateLocations"],
    ["a level", { seniority: "SENIOR" }, "DROPPED seniority"],
    ["questions", { screeningQuestions: [aQuestion("Why?")] }, "DROPPED screeningQuestions"],
    ["an end that is now", { expiresAt: new Date() }, "REFUSED expiresAt"],
    ["a logo", { company: { ...aJob().company, logoUrl: "https://x.example/l.png" } }, "DROPPED company"],
    ["a promotion of another kind", { promotion: { ...boost, type: "SPONSORED" } }, "DROPPED promotion.type"],
    ["a boost with days", { promotion: { ...boost, days: 7 } }, "DROPPED promotion"],
    ["tags that it may not show", { description: `<h2>Us</h2>${"x".repeat(200)}` }, "CHANGED description"],
    ["an address, where one applies there", { applyMethod: "BOARD_NATIVE" }, "DROPPED applyUrl"],
    ["a type that it has no word for", { employmentType: "INTERNSHIP" }, "CHANGED employmentType"],
    ["no type", { employmentType: null }, "CHANGED employmentType"],
    [
      "pay with cents",
      { salary: { min: "9.50", max: null, currency: "USD", period: "HOUR", visible: true } },
      "CHANGED salary",
    ],
  ])("is found beforehand: %s", (_name, changes, finding) => {
    expect(found(changes)).toContain(finding);
  });

  it("is not found at the edge of what it takes, and ZipRecruiter agrees", async () => {
    const edge = { title: "Cook".slice(1), description: "x".repeat(25), workplaceType: null };
    expect(found(edge)).toEqual(["DROPPED contactEmail"]);
    expect(await does("post", aPosting({ job: aJob(edge) }))).toMatchObject({ state: "LIVE" });
    expect(found({ ...edge, expiresAt: new Date(Date.now() + 60_000) })).toEqual(["DROPPED contactEmail"]);
    expect(found({ ...edge, title: "QA" })).toContain("REFUSED title");
    expect(found({ ...edge, description: "x".repeat(24) })).toContain("REFUSED description");
  });

  it("is refused by ZipRecruiter too, where it says that it would be", async () => {
    for (const changes of [{ title: "QA" }, { location: berlinOffice }, { location: null }]) {
      const posting = aPosting({ id: randomUUID(), job: aJob(changes) });
      await expect(does("post", posting)).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
    }
  });
});

function aQuestion(text: string): Job["screeningQuestions"][number] {
  const none = { options: [], min: null, max: null, maxLength: null, dependsOn: null, acceptableValues: [] };
  return { key: "q1", text, type: "TEXT", required: true, ...none };
}
