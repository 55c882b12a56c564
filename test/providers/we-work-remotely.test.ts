import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches, type WeWorkRemotelySwitches } from "../../sandbox/we-work-remotely/switches.ts";
import { regions, shownTags } from "../../sandbox/we-work-remotely/vocabulary.ts";
import { employmentTypes, type Job, type JobField } from "../../src/providers/job-board/job.ts";
import type { BoardAccount, BoardPosting, BoardState, PostingReport } from "../../src/providers/job-board/provider.ts";
import { weWorkRemotely } from "../../src/providers/job-board/we-work-remotely.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { loopbackFetchFor } from "../support/account.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";
import { createWeWorkRemotelyVendor, type WeWorkRemotelyVendor } from "../support/we-work-remotely-vendor.ts";

describeJobBoardProvider(weWorkRemotely, createWeWorkRemotelyVendor);

type Sent = Readonly<Record<string, unknown>>;
type Method = "post" | "update" | "close" | "reopen" | "status";

let vendor: WeWorkRemotelyVendor;
let account: BoardAccount;

beforeAll(async () => {
  vendor = await createWeWorkRemotelyVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => {
  vendor.twin.faults.disarmAll();
  Object.assign(vendor.twin.switches, defaultSwitches(), { requestsPerDay: null });
});
afterAll(() => vendor.stop());

async function does(method: Method, posting: BoardPosting, by = account): Promise<PostingReport> {
  const report = await weWorkRemotely[method]?.(by, posting);
  if (!report) throw new Error(`We Work Remotely knows of no such job, or cannot ${method}`);
  return report;
}

/** What is asked of a posting after a report on it. */
function next(
  posting: BoardPosting,
  report: PostingReport | null,
  operation: BoardPosting["operation"],
  changes: Partial<Job> = {},
): BoardPosting {
  const job = { ...posting.job, ...changes };
  const known = report && { previousState: report.state, boardPostingId: report.boardPostingId };
  return { ...posting, job, operation, ...known };
}

/** Posts a job whose answer gets lost. */
async function lost(posting: BoardPosting, method: "post" | "reopen" = "post"): Promise<void> {
  vendor.loseAnswer();
  await expect(does(method, posting)).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID", retryable: true });
}

const calls = (method: string, path = "/api/v1/remote-jobs") =>
  vendor.sandbox.requests.filter((request) => request.method === method && request.path === path);
const lastSent = (): Sent => JSON.parse(calls("POST").at(-1)?.body ?? "null");
const seen = ({ job }: BoardPosting) => vendor.seen(account, job.externalReference);
const stored = ({ boardPostingId }: PostingReport) =>
  vendor.twin.jobs().find(({ id }) => String(id) === boardPostingId)?.job;
const found = (changes: Partial<Job>, settings = account.settings) =>
  weWorkRemotely.check(aJob(changes), settings, new Date()).map(({ effect, field }) => `${effect} ${field.join(".")}`);

describe("the fields of a job", () => {
  const told = (text: string) => ({ description: expect.stringContaining(text) });
  const nowhere = (text: string) => ({ absent: text });

  /** Every field with a value of its own, and what We Work Remotely is sent for it. */
  const cases: { [Field in JobField]: readonly [value: Job[Field], sent: Sent] } = {
    externalReference: ["REF-7", { description: expect.stringMatching(/\n<p>Reference: REF-7\.[0-9a-f]{12}<\/p>$/) }],
    requisitionId: ["REQ-9", nowhere("REQ-9")],
    title: ["Ingénieur·e de service", { title: "Ingénieur·e de service" }],
    description: [`<p>${"a".repeat(200)}</p>`, told(`<p>${"a".repeat(200)}</p>`)],
    responsibilities: ["<p>Mends things</p>", told("<p>Mends things</p>")],
    requirements: ["<h4>Needs</h4>", told("<p><strong>Needs</strong></p>")],
    niceToHave: ["<p>A <b>van</b></p>", told("<p>A <strong>van</strong></p>")],
    benefitsText: ["<p>Lunch</p>", told("<p>Lunch</p>")],
    employmentType: ["CONTRACT", { job_listing_type: "Contract" }],
    workplaceType: ["REMOTE", nowhere("REMOTE")],
    location: [{ ...berlinOffice, region: null }, { location: "Berlin, Germany" }],
    alternateLocations: [[berlinOffice], nowhere("Berlin")],
    remoteCountries: [
      ["US", "CA"],
      { region: "North America Only", ...told("Open to applicants from: United States, Canada") },
    ],
    salary: [
      { min: "22.75", max: "30.10", currency: "USD", period: "HOUR", visible: true },
      told("Pay: 22.75 to 30.10 USD an hour"),
    ],
    equity: [{ offered: true, range: "0.1–0.2 %" }, told("Equity: 0.1–0.2 %")],
    seniority: ["JUNIOR", told("Level: Junior")],
    yearsOfExperience: [3, told("Years of experience: 3")],
    education: ["Bachelor", told("Education: Bachelor")],
    certifications: [["CISSP"], told("Certifications: CISSP")],
    languages: [["German", "English"], told("Languages: German, English")],
    englishLevel: ["C1", told("English: C1")],
    industries: [["Software"], nowhere("Software")],
    functions: [["Building", "Design"], { category_id: 1 }],
    category: ["DevOps & Sysadmin", { category_id: 6 }],
    boardCodes: [
      { functions: ["cust-code", "7"], industries: ["ind-code"] },
      { category_id: 7, absent: "-code" },
    ],
    skills: [
      { required: ["typescript", "Whittling"], preferred: ["PostgreSQL"] },
      { skills: [3, 4], ...told("Skills: typescript, Whittling. Nice to have: PostgreSQL") },
    ],
    benefits: [["Bike"], told("Benefits: Bike")],
    company: [
      {
        ...aJob().company,
        name: "Muster Bridges",
        url: "https://muster.example.test",
        description: "Since 1901.",
        logoUrl: "https://muster.example.test/logo.png",
      },
      {
        company: "Muster Bridges",
        url: "https://muster.example.test",
        company_bio: "Since 1901.",
        absent: "logo.png",
      },
    ],
    applyMethod: ["EMAIL", { instructions: "jobs@example.test" }],
    applyUrl: ["https://careers.example.test/7", { instructions: "https://careers.example.test/7" }],
    contactEmail: ["somebody.else@example.test", { email: "somebody.else@example.test" }],
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
    const document = lastSent();
    expect(document).toMatchObject(sent);
    if (typeof absent === "string") expect(JSON.stringify(document)).not.toContain(absent);
    const place = weWorkRemotely.fields[field as JobField];
    const names = "notSent" in place ? [] : place.sentAs.split(", ");
    for (const name of names) expect(document).toHaveProperty(name);
  });

  it("leave out what a job has not", async () => {
    await does("post", aPosting({ job: aJob({ location: null, employmentType: null, contactEmail: null }) }));
    const names = "category_id company description email instructions region title".split(" ");
    expect(Object.keys(lastSent()).toSorted()).toEqual(names);
    expect(lastSent()).toMatchObject({ email: "ana@example.test", region: "Anywhere in the World" });
  });

  it("are listed where the account says, or the job itself, or under what has no other place", async () => {
    const { account: sales } = await vendor.connectAs({ category: "Sales and Marketing" });
    const categoryOf = async (changes: Partial<Job>, by: BoardAccount) => {
      await does("post", aPosting({ job: aJob(changes) }), by);
      return lastSent()["category_id"];
    };
    expect(await categoryOf({}, account)).toBe(4);
    expect(await categoryOf({}, sales)).toBe(9);
    expect(await categoryOf({ category: "Field service" }, sales)).toBe(9);
    expect(await categoryOf({ category: "full stack programming" }, sales)).toBe(2);
    expect(await categoryOf({ category: "11", functions: ["Design"] }, sales)).toBe(11);
  });

  it.each<[readonly string[], string | undefined]>([
    [["GB"], "UK Only"],
    [["CA"], "Canada Only"],
    [["US"], "USA Only"],
    [["MX"], "North America Only"],
    [["BR", "MX"], "Latin America Only"],
    [["US", "BR"], "Americas Only"],
    [["DE", "GB"], "Europe Only"],
    [["NG"], "Africa Only"],
    [["NZ", "AU"], "Oceania Only"],
    [["IN", "AE"], "Asia Only"],
    [["DE", "AE", "ZA"], "EMEA Only"],
    [["DE", "US"], undefined],
  ])("name the narrowest region of countries: %j is %s", async (remoteCountries, region) => {
    await does("post", aPosting({ job: aJob({ remoteCountries }) }));
    expect(lastSent()["region"]).toBe(region);
    if (region !== undefined) expect(regions).toContain(region);
  });

  it.each(employmentTypes)("name a type that We Work Remotely knows, or none: %s", async (employmentType) => {
    expect(await does("post", aPosting({ job: aJob({ employmentType }) }))).toMatchObject({ state: "LIVE" });
  });

  it("never carry pay that is not to be seen", async () => {
    const salary = { min: "50111", max: null, currency: "USD", period: "YEAR", visible: false } as const;
    await does("post", aPosting({ job: aJob({ salary }) }));
    expect(JSON.stringify(lastSent())).not.toContain("50111");
  });

  it("are sent in the tags that We Work Remotely shows, which it takes", async () => {
    const all = [...shownTags, "h4", "b", "i", "div", "table", "img", "script"];
    const description = all.map((tag) => `<${tag}>x</${tag}>`).join("");
    await does("post", aPosting({ job: aJob({ description }) }));
    const tags = [...String(lastSent()["description"]).matchAll(/<([a-z]\w*)/g)].map(([, tag]) => tag ?? "");
    expect(tags.filter((tag) => !shownTags.includes(tag))).toEqual([]);
    expect(new Set(tags)).toEqual(new Set(shownTags));
  });
});

describe("a post, which costs money each time,", () => {
  it("is made once, however often its answer gets lost", async () => {
    const posting = aPosting();
    const before = vendor.twin.charges().length;
    await lost(posting);
    expect(await does("status", posting)).toMatchObject({ state: "LIVE" });
    expect(await does("post", posting)).toMatchObject({ state: "LIVE" });
    expect(vendor.twin.charges()).toHaveLength(before + 1);
  });

  it.each<Partial<WeWorkRemotelySwitches>>([
    { pageSize: 2 },
    { listed: "short" },
    { pageSize: 1, listed: "short", ids: "texts", envelope: "remote_job" },
    { reviews: true },
  ])("is found among others, however they are listed: %j", async (switches) => {
    Object.assign(vendor.twin.switches, switches);
    const [earlier, posting, later] = [aPosting(), aPosting(), aPosting()];
    await does("post", earlier);
    await lost(posting);
    await does("post", later);
    const { boardPostingId } = await does("status", posting);
    expect(await does("post", posting)).toMatchObject({ boardPostingId });
    expect(seen(posting)).toHaveLength(1);
  });

  it("is another one than that of the same reference in another account with the same token", async () => {
    const { account: other } = await vendor.connectAs({ posterEmail: "bo@example.test" });
    const job = aJob();
    const [mine, theirs] = [aPosting({ job }), aPosting({ job })];
    await does("post", mine);
    expect(await weWorkRemotely.status?.(other, theirs)).toBeNull();
    await does("post", theirs, other);
    expect(seen(mine)).toHaveLength(2);
  });

  it("is not made a second time where nobody can tell whether the first one got through", async () => {
    vendor.twin.switches.listing = "none";
    const posting = aPosting();
    await lost(posting);
    const unsure = { code: "MANUAL_ACTION_REQUIRED", retryable: false, remedy: expect.stringContaining("postJob") };
    await expect(does("status", posting)).rejects.toMatchObject(unsure);
    await expect(does("close", next(posting, null, "CLOSE"))).rejects.toMatchObject(unsure);
    expect(seen(posting)).toHaveLength(1);
  });

  it("is made where jobs are not listed, when nothing went wrong before", async () => {
    vendor.twin.switches.listing = "none";
    const posting = aPosting();
    const report = await does("post", posting);
    expect(await does("status", next(posting, report, "POST"))).toMatchObject({ state: "LIVE" });
    expect(await does("close", next(posting, report, "CLOSE"))).toMatchObject({ state: "CLOSED" });
    await expect(does("status", next(posting, { ...report, state: "CLOSED" }, "REOPEN"))).rejects.toMatchObject({
      code: "MANUAL_ACTION_REQUIRED",
    });
  });

  it("is made again when a job is opened again, and costs again", async () => {
    const posting = aPosting();
    const first = await does("post", posting);
    const closed = await does("close", next(posting, first, "CLOSE"));
    const before = vendor.twin.charges().length;
    const again = await does("reopen", next(posting, closed, "REOPEN"));
    expect(again.boardPostingId).not.toBe(first.boardPostingId);
    expect(again).toMatchObject({ state: "LIVE" });
    expect(vendor.twin.charges()).toHaveLength(before + 1);
    expect(seen(posting).map(({ isOpen }) => isOpen)).toEqual([false, true]);
  });

  it("is made once when opening again loses its answer, and what is closed then is the new one", async () => {
    const posting = aPosting();
    const closed = await does("close", next(posting, await does("post", posting), "CLOSE"));
    const opening = next(posting, closed, "REOPEN");
    await lost(opening, "reopen");
    expect(await does("status", opening)).toMatchObject({ state: "LIVE" });
    await does("reopen", opening);
    expect(seen(posting)).toHaveLength(2);
    await does("close", next(posting, closed, "CLOSE"));
    expect(seen(posting).map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  it("says beforehand that it costs, and no price, since none is confirmed", () => {
    const cost = { money: null, unit: "post of 30 days" };
    expect(weWorkRemotely.cost?.(aJob(), account.settings)).toEqual(cost);
    expect(weWorkRemotely.limits.cost).toContain("another post");
  });
});

describe("how a job stands", () => {
  it("is as We Work Remotely says, with the end of its thirty days", async () => {
    const posting = aPosting();
    const report = await does("post", posting);
    const created = vendor.twin.jobs().at(-1)?.createdAt ?? new Date();
    const expiresAt = new Date(created.getTime() + 30 * 24 * 60 * 60 * 1000);
    const looked = await does("status", next(posting, report, null));
    expect(looked).toEqual({
      state: "LIVE",
      boardState: "approved",
      boardPostingId: report.boardPostingId,
      boardTaskId: null,
      url: null,
      expiresAt,
      isPending: false,
      isTaken: true,
      refusal: null,
    });
  });

  it("is in review until somebody has looked at it, and refused when it is", async () => {
    vendor.twin.switches.reviews = true;
    const posting = aPosting();
    const report = await does("post", posting);
    expect(report).toMatchObject({ state: "IN_REVIEW", boardState: "pending" });
    vendor.twin.review(Number(report.boardPostingId), true);
    expect(await does("status", next(posting, report, null))).toMatchObject({ state: "LIVE" });
    vendor.twin.review(Number(report.boardPostingId), false);
    expect(await does("status", next(posting, report, null))).toMatchObject({
      state: "REJECTED",
      refusal: { code: "PROVIDER_REFUSED", message: expect.stringContaining("rejected") },
    });
  });

  it("is closed when We Work Remotely, or somebody there, has canceled it; a change does not bring it back", async () => {
    const posting = aPosting();
    const report = await does("post", posting);
    vendor.twin.cancel(Number(report.boardPostingId));
    expect(await does("status", next(posting, report, null))).toMatchObject({ state: "CLOSED" });
    expect(await does("update", next(posting, report, "UPDATE"))).toMatchObject({ state: "CLOSED" });
    vendor.twin.switches.canceledJob = "not-found";
    expect(await weWorkRemotely.status?.(account, next(posting, report, null))).toBeNull();
    const closed = next(posting, { ...report, state: "CLOSED" }, null);
    expect(await does("status", closed)).toMatchObject({ state: "CLOSED" });
  });

  it.each<[Partial<WeWorkRemotelySwitches>, BoardState | null]>([
    [{ expiredJob: "expired" }, "EXPIRED"],
    [{ expiredJob: "approved" }, "LIVE"],
    [{ expiredJob: "not-found" }, null],
  ])("after its days are over is %j", async (switches, state) => {
    const posting = aPosting();
    const report = await does("post", posting);
    Object.assign(vendor.twin.switches, switches, { daysShown: 0 });
    const looked = await weWorkRemotely.status?.(account, next(posting, report, null));
    expect(looked?.state ?? null).toBe(state);
  });

  it("is not taken from a job that is over, when the next one is posted", async () => {
    const posting = aPosting();
    const report = await does("post", posting);
    vendor.twin.switches.daysShown = 0;
    const opening = next(posting, { ...report, state: "EXPIRED" }, "REOPEN");
    expect(await weWorkRemotely.status?.(account, opening)).toBeNull();
    expect((await does("reopen", opening)).boardPostingId).not.toBe(report.boardPostingId);
  });

  it("that is gone is told as such by a change, which makes no new one", async () => {
    const posting = next(aPosting(), null, "UPDATE");
    const known = { ...posting, boardPostingId: "1", previousState: "LIVE" } as const;
    expect(await does("update", known)).toMatchObject({
      state: "CLOSED",
      isTaken: false,
      refusal: { code: "PROVIDER_REFUSED", remedy: expect.stringContaining("reopenJobPosting") },
    });
    expect(seen(posting)).toEqual([]);
  });
});

describe("whatever We Work Remotely's page leaves open", () => {
  const ways: readonly Partial<WeWorkRemotelySwitches>[] = [
    { updateVerb: "PUT", otherVerbStatus: 404, createdStatus: 200 },
    { updateVerb: "PATCH", otherVerbStatus: 404, update: "merge" },
    { updateVerb: "PATCH", otherVerbStatus: 405, update: "replace" },
    { envelope: "remote_job", ids: "texts", errorBody: "map", invalidStatus: 400 },
    { envelope: "data", canceledJob: "not-found", errorBody: "text" },
    { otherFields: "refused", otherTags: "stripped", canceledCanReturn: true },
    { listing: "none", skillsPath: null },
  ];

  it.each(ways)("a job is posted, changed, closed and opened again: %j", async (switches) => {
    Object.assign(vendor.twin.switches, switches);
    const skills = { required: ["TypeScript"], preferred: [] };
    const posting = aPosting({ job: aJob({ skills }) });
    const report = await does("post", posting);
    expect(report).toMatchObject({ state: "LIVE", refusal: null });
    expect(await does("status", next(posting, report, null))).toMatchObject({ state: "LIVE" });
    const changing = next(posting, report, "UPDATE", { title: "Senior engineer" });
    expect(await does("update", changing)).toMatchObject({ state: "LIVE", boardPostingId: report.boardPostingId });
    expect(seen(posting)).toEqual([{ title: "Senior engineer", isOpen: true }]);
    const closing = next(changing, report, "CLOSE");
    expect(await does("close", closing)).toMatchObject({ state: "CLOSED" });
    const closed = await does("close", { ...closing, previousState: "CLOSED" });
    expect(await does("status", next(changing, closed, null))).toMatchObject({ state: "CLOSED" });
    expect(await does("reopen", next(changing, closed, "REOPEN"))).toMatchObject({ state: "LIVE" });
    expect(seen(posting).filter(({ isOpen }) => isOpen)).toHaveLength(1);
  });

  it.each(["replace", "merge"] as const)("what a job no longer has is gone after an update: %s", async (update) => {
    vendor.twin.switches.update = update;
    const skills = { required: ["TypeScript"], preferred: [] };
    const posting = aPosting({ job: aJob({ skills, company: { ...aJob().company, description: "Ours" } }) });
    const report = await does("post", posting);
    const plain = { skills: { required: [], preferred: [] }, company: aJob().company, location: null };
    await does("update", next(posting, report, "UPDATE", { ...plain, employmentType: null }));
    const left = Object.entries(stored(report) ?? {}).filter(([, value]) => value != null);
    const names = "category_id company description email instructions region title".split(" ");
    expect(left.map(([name]) => name).toSorted()).toEqual(names);
  });

  it.each(["objects", "names"] as const)("skills are named as We Work Remotely lists them: %s", async (skillsAs) => {
    vendor.twin.switches.skillsAs = skillsAs;
    await does("post", aPosting({ job: aJob({ skills: { required: ["typescript"], preferred: ["Sales"] } }) }));
    expect(lastSent()["skills"]).toEqual([skillsAs === "names" ? "TypeScript" : 3]);
  });

  it.each([
    [400, "list"],
    [422, "list"],
    [422, "map"],
    [400, "text"],
  ] as const)("a job that is wrong is refused in its words: %s, %s", async (invalidStatus, errorBody) => {
    Object.assign(vendor.twin.switches, { invalidStatus, errorBody, jobListingTypes: ["Permanent"] });
    const posting = aPosting();
    await expect(does("post", posting)).rejects.toMatchObject({
      code: "PROVIDER_REFUSED",
      providerCode: `HTTP ${invalidStatus}`,
      message: expect.stringMatching(/job_listing_type.*is not included/),
      retryable: false,
    });
    expect(seen(posting)).toEqual([]);
  });

  it.each([402, 403] as const)("a job that nobody has paid for waits until somebody has: %s", async (unpaidStatus) => {
    Object.assign(vendor.twin.switches, { postsPaidFor: 0, unpaidStatus });
    const posting = aPosting();
    await expect(does("post", posting)).rejects.toMatchObject({ code: "QUOTA_EXHAUSTED", retryable: true });
    vendor.twin.switches.postsPaidFor = null;
    expect(await does("post", posting)).toMatchObject({ state: "LIVE" });
  });

  it.each([
    [429, false],
    [429, true],
    [403, false],
  ] as const)("the end of a day's requests is obeyed: %s, %s", async (overLimitStatus, tellsRetryAfter) => {
    Object.assign(vendor.twin.switches, { requestsPerDay: 0, overLimitStatus, tellsRetryAfter });
    await expect(does("post", aPosting())).rejects.toMatchObject({
      code: "RATE_LIMITED",
      retryAfterMs: tellsRetryAfter ? expect.any(Number) : undefined,
    });
  });

  it("a thousand requests a day are kept to, of each account", () => {
    expect(weWorkRemotely.limits.perAccount).toEqual({ calls: 1000, seconds: 86_400 });
  });
});

describe("an answer that nobody has described", () => {
  it.each([
    [403, "text/plain", "This token may not post", "FORBIDDEN", "may not post"],
    [403, "application/json", '{"error":"Billing is not set up"}', "QUOTA_EXHAUSTED", "Billing"],
    [400, "application/json", '{"errors":["Title is short"]}', "PROVIDER_REFUSED", "Title is short"],
    [422, "application/json", '{"errors":{"title":"is short"}}', "PROVIDER_REFUSED", "title is short"],
    [418, "text/html", "<h1>No</h1><p>tea</p>", "PROVIDER_REFUSED", "No; tea"],
    [201, "application/json", '{"ok":true}', "PROVIDER_REPLY_INVALID", "no job"],
    [201, "text/plain", "", "PROVIDER_REPLY_INVALID", "no JSON"],
  ])("is told in its own words: %s %s %s", async (status, type, body, code, words) => {
    const { origin } = await serveOnLoopback((request, response) => {
      const isListing = request.method === "GET";
      response.writeHead(isListing ? 404 : status, { "content-type": type }).end(isListing ? "" : body);
    });
    const fetch = loopbackFetchFor(weWorkRemotely)({ authorization: null, origins: [origin] });
    const elsewhere = { ...account, fetch, settings: { ...account.settings, serverUrl: origin } };
    await expect(does("post", aPosting(), elsewhere)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });
});

describe("connecting", () => {
  it("is by a token, which is proved and sealed, and known by the poster's address", async () => {
    const { connected, secret } = await vendor.connectAs({ posterEmail: " Ana@Example.test ", category: "Design" });
    expect(connected).toMatchObject({
      externalId: "ana@example.test",
      displayName: "Ana@Example.test",
      settings: { posterEmail: "Ana@Example.test", category: "Design" },
    });
    expect(secret).toMatchObject({ apiKey: vendor.token });
    expect(JSON.stringify(connected)).not.toContain(vendor.token);
  });

  it.each(["token", "bearer", "either"] as const)(
    "finds out how the header names the token: %s",
    async (headerForm) => {
      vendor.twin.switches.headerForm = headerForm;
      const { account: opened } = await vendor.connectAs({});
      expect(await does("post", aPosting(), opened)).toMatchObject({ state: "LIVE" });
      await expect(vendor.connectWrongly()).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
    },
  );

  it("posts nothing, and costs nothing", async () => {
    const before = vendor.twin.charges().length;
    await vendor.connectAs({});
    await weWorkRemotely.tryOut?.(account);
    expect(vendor.twin.charges()).toHaveLength(before);
  });

  it("is over when We Work Remotely ends the token", async () => {
    const apiKey = vendor.twin.createAccount({ email: "cy@example.test" });
    const { account: opened } = await vendor.connectAs({ apiKey });
    vendor.twin.revokeToken(apiKey);
    await expect(does("post", aPosting(), opened)).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
  });

  it.each([
    { posterEmail: "ana", field: "posterEmail" },
    { apiKey: "token\r\nx-evil: 1", field: "apiKey" },
    { apiKey: "schlüssel", field: "apiKey" },
    { apiKey: "two words", field: "apiKey" },
  ])("refuses what no token and no address can be: %j", async ({ field, ...values }) => {
    await expect(vendor.connectAs(values)).rejects.toMatchObject({ code: "INVALID_INPUT", field: [field] });
  });
});

describe("what We Work Remotely would not take", () => {
  const company = aJob().company;

  it.each<[string, Partial<Job>, string]>([
    ["a job in an office", { workplaceType: "ON_SITE" }, "REFUSED workplaceType"],
    ["a job that is remote at times", { workplaceType: "HYBRID" }, "REFUSED workplaceType"],
    ["a job of no place that is said", { workplaceType: null }, "REFUSED workplaceType"],
    ["no title", { title: " " }, "REFUSED title"],
    ["no text", { description: "<p> </p>" }, "REFUSED description"],
    ["no company", { company: { ...company, name: "" } }, "REFUSED company.name"],
    [
      "a company that wants no name",
      { company: { ...company, isConfidential: true } },
      "REFUSED company.isConfidential",
    ],
    ["nowhere to apply", { applyUrl: null }, "REFUSED applyUrl"],
    ["a type that it has no word for", { employmentType: "PART_TIME" }, "DROPPED employmentType"],
    ["further places", { alternateLocations: [berlinOffice] }, "DROPPED alternateLocations"],
    ["an industry", { industries: ["Software"] }, "DROPPED industries"],
    ["a name", { contactName: "Ana" }, "DROPPED contactName"],
    ["a telephone", { contactPhone: "1" }, "DROPPED contactPhone"],
    ["questions", { screeningQuestions: [aQuestion("Why?")] }, "DROPPED screeningQuestions"],
    ["a language", { language: "de" }, "DROPPED language"],
    ["a beginning", { publishedAt: new Date() }, "DROPPED publishedAt"],
    ["an end that is now", { expiresAt: new Date() }, "REFUSED expiresAt"],
    ["an end after its own", { expiresAt: new Date(Date.now() + 31 * 24 * 60 * 60_000) }, "CHANGED expiresAt"],
    ["a promotion", { promotion: { type: "BOOST", budget: null, days: null } }, "DROPPED promotion"],
    ["a logo", { company: { ...company, logoUrl: "https://x.example/l.png" } }, "DROPPED company.logoUrl"],
    ["tags that it does not show", { description: "<h4>Us</h4>" }, "CHANGED description"],
    ["a time that ends", { employmentType: "TEMPORARY" }, "CHANGED employmentType"],
    ["a category that it has not", { category: "Field service" }, "CHANGED category"],
    ["no category", {}, "CHANGED category"],
    ["countries that are less than a region", { remoteCountries: ["DE"] }, "CHANGED remoteCountries"],
    ["countries of no region", { remoteCountries: ["DE", "US"] }, "CHANGED remoteCountries"],
    ["an application on its own pages", { applyMethod: "BOARD_NATIVE" }, "CHANGED applyMethod"],
  ])("is found beforehand: %s", (_name, changes, finding) => {
    expect(found(changes)).toContain(finding);
  });

  it("is nothing of a job that has all of it in We Work Remotely's words", () => {
    const job = { category: "Product", remoteCountries: ["US", "MX", "CA"], employmentType: "CONTRACT" } as const;
    expect(found({ ...job, applyMethod: "EMAIL", applyUrl: null })).toEqual([]);
    expect(found({ remoteCountries: ["GB"] }, { ...account.settings, category: "Design" })).toEqual([]);
  });

  it("is refused by We Work Remotely too, where it says that it would be", async () => {
    for (const changes of [{ title: " " }, { company: { ...company, name: "" } }, { applyUrl: null }]) {
      await expect(does("post", aPosting({ job: aJob(changes) }))).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
    }
  });

  it("is at its edge a title of one letter and a text of one", async () => {
    const edge = { title: "X", description: "x", category: "4", expiresAt: new Date(Date.now() + 60_000) };
    expect(found(edge)).toEqual([]);
    expect(await does("post", aPosting({ job: aJob(edge) }))).toMatchObject({ state: "LIVE" });
  });
});

function aQuestion(text: string): Job["screeningQuestions"][number] {
  const none = { options: [], min: null, max: null, maxLength: null, dependsOn: null, acceptableValues: [] };
  return { key: "q1", text, type: "TEXT", required: true, ...none };
}
