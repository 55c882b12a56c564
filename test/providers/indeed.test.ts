import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches, type IndeedSwitches } from "../../sandbox/indeed/switches.ts";
import type { ApplyAddress } from "../../src/providers/job-board/applications.ts";
import { indeed } from "../../src/providers/job-board/indeed.ts";
import { employmentTypes, type Job, type JobField } from "../../src/providers/job-board/job.ts";
import type { BoardAccount, BoardPosting, PostingReport } from "../../src/providers/job-board/provider.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import { connectByClient } from "../support/client-account.ts";
import { createIndeedVendor, type IndeedVendor } from "../support/indeed-vendor.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

describeJobBoardProvider(indeed, createIndeedVendor);

type Sent = Readonly<Record<string, unknown>>;
type Method = "post" | "update" | "close" | "reopen" | "status";

let vendor: IndeedVendor;
let account: BoardAccount;

beforeAll(async () => {
  vendor = await createIndeedVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => void Object.assign(vendor.sandbox.indeed.switches, defaultSwitches()));
afterAll(() => vendor.stop());

async function does(method: Method, posting: BoardPosting, by = account): Promise<PostingReport> {
  const report = await indeed[method]?.(by, posting);
  if (!report) throw new Error(`Indeed knows of no such job, or cannot ${method}`);
  return report;
}

/** What is asked of a posting after a report on it. */
function next(
  posting: BoardPosting,
  operation: BoardPosting["operation"],
  { state, boardPostingId }: PostingReport,
): BoardPosting {
  return { ...posting, operation, previousState: state, boardPostingId };
}

/** The job that Indeed was sent last. */
function lastSent(): Sent {
  const sent = vendor.sandbox.requests.findLast(({ body }) => body.includes("createSourcedJobPostings"));
  return JSON.parse(sent?.body ?? "null").variables.input.jobPostings[0];
}

async function sentFor(changes: Partial<Job>, by = account, apply: ApplyAddress | null = null): Promise<Sent> {
  await does("post", aPosting({ job: aJob(changes), apply }), by);
  return lastSent();
}

describe("the fields of a job", () => {
  const told = (text: string) => ({ body: { description: expect.stringContaining(text) } });
  const nowhere = (text: string) => ({ absent: text });
  const classified = (classification: Sent) => ({ metadata: { taxonomyClassification: classification } });
  const contact = (info: Sent) => ({ metadata: { contacts: [{ contactType: ["contact"], contactInfo: info }] } });
  const address = { url: "https://muster.example.test/webhooks/indeed/1", token: "sandbox-apply-token" };
  const applying = (indeedApply: Sent) => ({ applyMethod: { indeedApply } });
  const inAMonth = new Date(Date.now() + 30 * 24 * 60 * 60_000);

  /** Every field with a value of its own, and what Indeed is sent for it. */
  const cases: { [Field in JobField]: readonly [value: Job[Field], sent: Sent] } = {
    externalReference: ["REF-7", { metadata: { jobPostingId: "REF-7" } }],
    requisitionId: ["REQ-9", { metadata: { jobRequisitionId: "REQ-9" } }],
    title: ["Ingénieur·e de service", { body: { title: "Ingénieur·e de service" } }],
    description: [`<p>${"a".repeat(200)}</p>`, told(`<p>${"a".repeat(200)}</p>`)],
    responsibilities: ["<p>Mends things</p>", told("<p>Mends things</p>")],
    requirements: ["<h3>Needs</h3>", told("<h3>Needs</h3>")],
    niceToHave: ["<p>A van</p>", told("<p>A van</p>")],
    benefitsText: ["<p>Lunch</p>", told("<p>Lunch</p>")],
    employmentType: ["CONTRACT", classified({ jobTypes: ["Contract"] })],
    workplaceType: ["REMOTE", told("Workplace: Remote")],
    location: [
      berlinOffice,
      { body: { location: { country: "DE", cityRegionPostal: "Berlin, Berlin 10119", streetAddress: "Torstraße 1" } } },
    ],
    alternateLocations: [[berlinOffice], nowhere("Torstraße")],
    remoteCountries: [["US", "CA"], told("Open to applicants from: United States, Canada")],
    salary: [
      { min: "22.75", max: "30.1", currency: "USD", period: "HOUR", visible: true },
      { body: { salary: { currency: "USD", minimumMinor: 2275, maximumMinor: 3010, period: "HOUR" } } },
    ],
    equity: [{ offered: true, range: "0.1–0.2 %" }, told("Equity: 0.1–0.2 %")],
    seniority: ["JUNIOR", told("Level: Junior")],
    yearsOfExperience: [3, told("Years of experience: 3")],
    education: ["Bachelor", told("Education: Bachelor")],
    certifications: [["CISSP"], told("Certifications: CISSP")],
    languages: [["German", "English"], told("Languages: German, English")],
    englishLevel: ["C1", told("English: C1")],
    industries: [["Software"], classified({ categories: ["Software"] })],
    functions: [["Customer care"], classified({ categories: ["Customer care"] })],
    category: ["Field service", classified({ categories: ["Field service"] })],
    boardCodes: [
      { functions: ["cust-code"], industries: ["ind-code"] },
      classified({ categories: ["cust-code", "ind-code"] }),
    ],
    skills: [{ required: ["Welding"], preferred: ["Sales"] }, told("Skills: Welding. Nice to have: Sales")],
    benefits: [["Bike"], { body: { benefits: ["Bike"] } }],
    company: [
      { ...aJob().company, name: "Muster Bridges", url: "https://bridges.example.test", isStaffingAgency: true },
      {
        metadata: {
          jobSource: {
            companyName: "Muster Bridges",
            companyWebsite: "https://bridges.example.test",
            sourceType: "Staffing Agency",
            isPlacement: true,
          },
        },
      },
    ],
    applyMethod: ["BOARD_NATIVE", applying({ apiToken: address.token, postUrl: address.url })],
    applyUrl: ["https://careers.example.test/7", { metadata: { url: "https://careers.example.test/7" } }],
    contactEmail: ["somebody@example.test", contact({ contactEmail: "somebody@example.test" })],
    contactName: ["Ana Muster", contact({ contactName: "Ana Muster" })],
    contactPhone: ["+1 512 555 0100", nowhere("555 0100")],
    screeningQuestions: [
      [aQuestion("q1", "TEXT", { text: "Do you drive?" })],
      applying({ applyQuestionsDetails: { screenerQuestions: { questions: [{ question: "Do you drive?" }] } } }),
    ],
    language: ["en-US", nowhere("en-US")],
    positionsCount: [3, told("Positions: 3")],
    hoursPerWeek: [32, told("Hours per week: 32")],
    videoUrl: ["https://video.example.test/1", told("Video: https://video.example.test/1")],
    publishedAt: [new Date("2021-05-06T00:00:00Z"), { metadata: { datePublished: "2021-05-06T00:00:00.000Z" } }],
    expiresAt: [inAMonth, { metadata: { expirationDate: inAMonth.toISOString() } }],
    compliance: [{ eeoStatement: "All are welcome.", eeoQuestions: true }, told("All are welcome.")],
    requireResume: ["REQUIRED", applying({ resumeRequired: "YES" })],
    requireCoverLetter: ["HIDDEN", applying({ coverLetterRequired: "NO" })],
    requirePhone: ["REQUIRED", applying({ phoneRequired: "YES" })],
    promotion: [{ type: "PROMOTED", budget: null, days: null }, nowhere("PROMOTED")],
  };

  it.each(Object.entries(cases))("%s goes where the table says", async (field, [value, { absent, ...sent }]) => {
    const document = await sentFor({ [field]: value }, account, address);
    expect(document).toMatchObject(sent);
    if (typeof absent === "string") expect(JSON.stringify(document)).not.toContain(absent);
    const place = indeed.fields[field as JobField];
    expect("notSent" in place).toBe(absent !== undefined);
    for (const name of "notSent" in place ? [] : place.sentAs.split(", ")) expect(document).toHaveProperty(name);
  });

  it("carry the company's source and employer with every job", async () => {
    const { sourceName } = account.settings;
    expect(await sentFor({})).toMatchObject({
      metadata: { jobSource: { sourceName, sourceType: "Employer", employerIds: ["employer-1"] } },
    });
  });

  it.each(employmentTypes)("name a type that Indeed takes: %s", async (employmentType) => {
    expect(await does("post", aPosting({ job: aJob({ employmentType }) }))).toMatchObject({ state: "SUBMITTED" });
  });

  it("never carry pay that is not to be seen", async () => {
    const salary = { min: "50111", max: null, currency: "USD", period: "YEAR", visible: false } as const;
    expect(JSON.stringify(await sentFor({ salary }))).not.toMatch(/50111|salary/);
  });

  it("let the board's codes go instead of words", async () => {
    const boardCodes = { functions: ["code"], industries: ["code"] };
    const document = await sentFor({ boardCodes, category: "Words", industries: ["Words"] });
    expect(document).toMatchObject({ metadata: { taxonomyClassification: { categories: ["code"] } } });
  });

  it("name the country alone for a remote job without a place", async () => {
    const document = await sentFor({ workplaceType: "REMOTE", location: null, remoteCountries: ["CA", "US"] });
    expect(document["body"]).toMatchObject({ location: { country: "CA" } });
    expect(document).not.toHaveProperty("body.location.cityRegionPostal");
  });

  it("never say that a job was published in the future", async () => {
    const now = new Date();
    await does("post", aPosting({ now, job: aJob({ publishedAt: new Date(now.getTime() + 60_000) }) }));
    expect(lastSent()).toMatchObject({ metadata: { datePublished: now.toISOString() } });
  });
});

describe("connecting", () => {
  const connectWith = (changes: Partial<Parameters<typeof connectByClient>[1]>) => {
    const { sandbox, values } = vendor;
    return connectByClient(indeed, { settings: sandbox.settings, values, ...changes });
  };

  it("with an operator's secret that Indeed refuses is the operator's to mend", async () => {
    const settings = { ...vendor.sandbox.settings, INDEED_CLIENT_SECRET: "wrong" };
    await expect(connectWith({ settings })).rejects.toMatchObject({ code: "NOT_CONFIGURED" });
  });

  it("waits for Indeed's approval where the client may not use the API", async () => {
    vendor.sandbox.indeed.switches.isApproved = false;
    const refusal = { code: "PARTNER_APPROVAL_REQUIRED", providerCode: "FORBIDDEN", retryable: false };
    await expect(connectWith({})).rejects.toMatchObject(refusal);
    await expect(does("post", aPosting())).rejects.toMatchObject(refusal);
  });

  it("keeps nothing of the operator's client", async () => {
    const { connected, secret } = await connectWith({});
    const kept = JSON.stringify([connected, secret]);
    expect(vendor.secrets().filter((one) => kept.includes(one))).toEqual([]);
    expect(kept).not.toContain(vendor.sandbox.settings["INDEED_CLIENT_SECRET"]);
  });

  it("needs no employer's id", async () => {
    const { employerId: _, ...values } = vendor.values;
    const { account: opened } = await connectWith({ values });
    expect(await sentFor({}, opened)).not.toHaveProperty("metadata.jobSource.employerIds");
  });

  it.each(["", "  ", "-muster", "Muster", "muster ag", "müster", "m".repeat(51)])(
    "refuses what no source name can be: %j",
    async (sourceName) => {
      const values = { ...vendor.values, sourceName };
      await expect(connectWith({ values })).rejects.toMatchObject({ code: "INVALID_INPUT", field: ["sourceName"] });
    },
  );

  it("leads tenants that enter the same name to jobs of their own, though they have the same reference", async () => {
    const { account: other, connected } = await connectWith({ tenantId: "tenant-2" });
    expect(connected.externalId).toMatch(/^muster-ag-/);
    expect(connected.externalId).not.toBe(account.settings["sourceName"]);
    const job = aJob();
    const [mine, theirs] = [aPosting({ job }), aPosting({ job })];
    const report = await does("post", mine);
    await does("post", theirs, other);
    await does("close", next(mine, "CLOSE", report));
    expect(vendor.seen(account, job.externalReference).map(({ isOpen }) => isOpen)).toEqual([false, true]);
  });

  it("again leads the same tenant to the jobs that it had", async () => {
    const posting = aPosting();
    const first = await does("post", posting);
    const { account: again } = await connectWith({});
    expect(await does("update", next(posting, "UPDATE", first), again)).toMatchObject({
      boardPostingId: first.boardPostingId,
    });
    expect(vendor.seen(account, posting.job.externalReference)).toHaveLength(1);
  });
});

describe("whatever Indeed's guide leaves open", () => {
  const set = (switches: Partial<IndeedSwitches>) => Object.assign(vendor.sandbox.indeed.switches, switches);

  const ways: readonly Partial<IndeedSwitches>[] = [
    { surfaceStatuses: "list" },
    { surfaceStatuses: "object" },
    { expiryOfUnknown: "accepted", unknownNode: "null" },
    { lifecycle: { pending: "NEW", active: "live", inactive: "expired" } },
    { lifecycle: { pending: "PROCESSING", active: "Published", inactive: "DELETED" }, surfaceStatuses: "object" },
    { expiresAtExpirationDate: false, withClassification: false },
  ];

  it.each(ways)("a job is posted once, checked, changed, closed and opened again: %j", async (switches) => {
    set(switches);
    const posting = aPosting();
    const posted = await does("post", posting);
    expect(posted.state).toBe("SUBMITTED");
    expect(await does("status", next(posting, null, posted))).toMatchObject({ state: "IN_REVIEW", refusal: null });
    vendor.finishReviews();
    const live = await does("status", next(posting, null, posted));
    expect(live).toMatchObject({ state: "LIVE", refusal: null });
    expect(await does("update", next(posting, "UPDATE", live))).toMatchObject({ state: "LIVE" });
    const closed = await does("close", next(posting, "CLOSE", live));
    expect(closed.state).toBe("CLOSED");
    expect(await does("close", next(posting, "CLOSE", closed))).toMatchObject({ state: "CLOSED" });
    expect(await does("status", next(posting, null, closed))).toMatchObject({ state: "CLOSED" });
    expect(await does("reopen", next(posting, "REOPEN", closed))).toMatchObject({
      state: "SUBMITTED",
      boardPostingId: posted.boardPostingId,
    });
    expect(vendor.seen(account, posting.job.externalReference)).toMatchObject([{ isOpen: true }]);
  });

  it.each(["SUSPENDED", "", "ACTIVATING"])("a state that nobody knows is not called live: %j", async (active) => {
    set({ lifecycle: { ...defaultSwitches().lifecycle, active } });
    const posting = aPosting();
    const posted = await does("post", posting);
    vendor.finishReviews();
    expect(await does("status", next(posting, null, posted))).toMatchObject({
      state: "IN_REVIEW",
      boardState: active,
    });
  });

  it.each(["list", "object"] as const)("what its check holds against a job is told: %s", async (surfaceStatuses) => {
    set({ surfaceStatuses });
    for (const [title, state, providerCode] of [
      ["Cook [spam]", "REJECTED", "isRejected"],
      ["Cook [sponsor]", "LIMITED", "isMissingRequiredSponsorship"],
    ] as const) {
      const posting = aPosting({ job: aJob({ title }) });
      const posted = await does("post", posting);
      vendor.finishReviews();
      const report = await does("status", next(posting, null, posted));
      expect(report).toMatchObject({ state, refusal: { code: "PROVIDER_REFUSED", providerCode } });
    }
  });

  const refusals = (["null-posting", "null-result"] as const).flatMap((refusedJob) =>
    (["call", "job"] as const).flatMap((missingFieldRefuses) =>
      (["exact", "mutation", "none"] as const).map((errorPath) => ({ refusedJob, missingFieldRefuses, errorPath })),
    ),
  );

  it.each(refusals)("a job that is wrong is refused in Indeed's words: %j", async (switches) => {
    set(switches);
    for (const [changes, words] of [
      [{ title: " " }, "body.title"],
      [{ applyUrl: null }, "url"],
    ] as const) {
      const posting = aPosting({ job: aJob(changes) });
      await expect(does("post", posting)).rejects.toMatchObject({
        code: "PROVIDER_REFUSED",
        providerCode: "BAD_USER_INPUT",
        message: expect.stringContaining(words),
        retryable: false,
      });
      expect(vendor.seen(account, posting.job.externalReference)).toEqual([]);
    }
  });

  it.each([
    [30, true],
    [-1, false],
  ])("a job is opened again as the same one, or as a new one: %s days", async (reactivationDays, isSame) => {
    set({ reactivationDays });
    const posting = aPosting();
    const posted = await does("post", posting);
    const closed = await does("close", next(posting, "CLOSE", posted));
    const reopened = await does("reopen", next(posting, "REOPEN", closed));
    expect(reopened.state).toBe("SUBMITTED");
    expect(reopened.boardPostingId === posted.boardPostingId).toBe(isSame);
    vendor.finishReviews();
    expect(await does("status", next(posting, null, reopened))).toMatchObject({ state: "LIVE" });
    expect(await does("close", next(posting, "CLOSE", reopened))).toMatchObject({ state: "CLOSED" });
    const { externalReference } = posting.job;
    expect(vendor.seen(account, externalReference).map(({ isOpen }) => isOpen)).toEqual(
      isSame ? [false] : [false, false],
    );
  });

  it.each([
    [false, "LIVE", null],
    [true, "SUBMITTED", { code: "PROVIDER_REFUSED", remedy: expect.stringContaining("another reference") }],
  ])("a job that Indeed has ended for a 410 is opened again, or it is told that it is not: %s", async (...expected) => {
    const [ignoresRepostAfterGone, state, refusal] = expected;
    set({ ignoresRepostAfterGone });
    const gone = await serveOnLoopback((_, response) => response.writeHead(410).end());
    const apply = { url: `${gone.origin}/apply`, token: "sandbox-apply-token" };
    const posting = aPosting({ job: aJob({ applyMethod: "BOARD_NATIVE" }), apply });
    const posted = await does("post", posting);
    vendor.finishReviews();
    const live = await does("status", next(posting, null, posted));
    const { sourcedPostingId = "" } = vendor.sandbox.indeed.posting(posting.job.externalReference) ?? {};
    await vendor.sandbox.indeed.apply(sourcedPostingId);
    const ended = await does("status", next(posting, null, live));
    expect(ended).toMatchObject({ state: "CLOSED", refusal: null });
    const reopened = await does("reopen", next(posting, "REOPEN", ended));
    expect(reopened).toMatchObject({ state: "SUBMITTED", refusal: null });
    vendor.finishReviews();
    const seen = await does("status", next(posting, null, reopened));
    expect(seen).toMatchObject({ state, refusal });
    const again = await does("status", next(posting, null, seen));
    expect(again).toMatchObject({ state });
    expect(await does("close", next(posting, "CLOSE", again))).toMatchObject({ state: "CLOSED" });
  });

  it.each(["refused", "rejected"] as const)("no markup is sent that Indeed does not allow: %s", async (otherMarkup) => {
    set({ otherMarkup });
    const description =
      '<div style="color:red">One<script>alert(1)</script></div><a href="https://x.example.test">two</a>&nbsp;&hellip;<ol><li>three</li></ol>';
    const posting = aPosting({ job: aJob({ description }) });
    const posted = await does("post", posting);
    vendor.finishReviews();
    expect(await does("status", next(posting, null, posted))).toMatchObject({ state: "LIVE", refusal: null });
    expect(indeed.check(posting.job, account.settings, new Date())).toMatchObject([
      { field: ["description"], effect: "CHANGED" },
    ]);
  });

  it.each(["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"])(
    "a query that Indeed no longer understands is nobody's job's fault: %s",
    async (code) => {
      const errors = [{ message: "Cannot query field", extensions: { code } }];
      let isOver = false;
      const server = await serveOnLoopback((_, response) => {
        response.end(JSON.stringify(isOver ? { errors, data: null } : { data: { node: null } }));
      });
      const settings = { ...vendor.sandbox.settings, INDEED_BASE_URL: `${server.origin}/` };
      const { account: elsewhere } = await connectByClient(indeed, { settings, values: vendor.values });
      isOver = true;
      const refusal = { code: "PROVIDER_REPLY_INVALID", providerCode: code, retryable: false };
      await expect(does("post", aPosting(), elsewhere)).rejects.toMatchObject(refusal);
      const closing = { ...aPosting(), operation: "CLOSE" as const, boardPostingId: "a b" };
      await expect(does("close", closing, elsewhere)).rejects.toMatchObject(refusal);
      await expect(does("status", closing, elsewhere)).rejects.toMatchObject(refusal);
    },
  );

  it.each(["GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"] as const)(
    "our query is one that Indeed's guide allows: %s",
    async (unknownFieldCode) => {
      set({ unknownFieldCode });
      expect(await does("post", aPosting())).toMatchObject({ state: "SUBMITTED" });
    },
  );

  it.each(["not-found", "null"] as const)("a job that Indeed does not know is none: %s", async (unknownNode) => {
    set({ unknownNode });
    const unknown = { ...aPosting(), operation: null, boardPostingId: "nobody nobody" };
    expect(await indeed.status?.(account, unknown)).toBeNull();
    await expect(indeed.tryOut?.(account)).resolves.toBeUndefined();
  });

  it.each(["not-found", "accepted"] as const)(
    "a job that Indeed does not know is closed: %s",
    async (expiryOfUnknown) => {
      set({ expiryOfUnknown });
      const unknown = { ...aPosting(), operation: "CLOSE" as const, boardPostingId: "nobody nobody" };
      expect(await does("close", unknown)).toMatchObject({ state: "CLOSED", boardPostingId: "nobody nobody" });
    },
  );

  it.each([200, 500, 503] as const)(
    "trouble of Indeed's own passes, whatever its status: %s",
    async (troubleStatus) => {
      set({ troubleStatus });
      for (const [fault, providerCode] of [
        ["down", "DOWNSTREAM_SERVICE_ERROR"],
        ["backend-error", "INTERNAL_SERVER_ERROR"],
      ] as const) {
        vendor.sandbox.indeed.fail(fault, { times: 1 });
        const refusal = { code: "PROVIDER_UNAVAILABLE", providerCode, retryable: true };
        await expect(does("post", aPosting())).rejects.toMatchObject(refusal);
      }
    },
  );

  it.each([200, 401] as const)("a dead token is renewed, whatever its status: %s", async (unauthenticatedStatus) => {
    set({ unauthenticatedStatus });
    const { indeed: twin } = vendor.sandbox;
    const { length: before } = twin.tokenRequests();
    twin.expireAccessTokens();
    expect(await does("post", aPosting())).toMatchObject({ state: "SUBMITTED" });
    expect(twin.tokenRequests()).toHaveLength(before + 1);
    twin.fail("unauthorized", { times: 2, path: "/graphql" });
    await expect(does("post", aPosting())).rejects.toMatchObject({
      code: "CREDENTIALS_REJECTED",
      providerCode: "UNAUTHENTICATED",
    });
  });
});

describe("what Indeed would not take", () => {
  const now = new Date();
  const found = (changes: Partial<Job>) =>
    indeed.check(aJob(changes), account.settings, now).map(({ effect, field }) => `${effect} ${field.join(".")}`);
  const pay = { min: "9", max: null, currency: "USD", period: "HOUR", visible: true } as const;
  const noPlace = { street: null, city: null, region: null, postalCode: null, latitude: null, longitude: null };
  const countryAlone = { ...noPlace, country: "US" };

  it.each<[string, Partial<Job>, string]>([
    ["a city in the title", { title: "Cook in Austin" }, "REFUSED title"],
    ["a company in the title", { title: "Cook at Muster AG" }, "REFUSED title"],
    ["pay in the title", { title: "Cook, 60k" }, "REFUSED title"],
    ["a shouting title", { title: "COOKS WANTED" }, "REFUSED title"],
    ["no place", { location: null }, "REFUSED location"],
    ["a country alone", { workplaceType: "HYBRID", location: countryAlone }, "REFUSED location"],
    ["a remote job without a country", { workplaceType: "REMOTE", location: null }, "REFUSED location"],
    ["no address to apply at", { applyUrl: null }, "REFUSED applyUrl"],
    ["nobody to ask", { contactEmail: null }, "REFUSED contactEmail"],
    ["an end that is now", { expiresAt: now }, "REFUSED expiresAt"],
    ["pay upside down", { salary: { ...pay, max: "8.99" } }, "REFUSED salary.max"],
    ["pay without a minimum", { salary: { ...pay, min: null, max: "9" } }, "DROPPED salary.min"],
    ["pay of nothing", { salary: { ...pay, min: "0.00" } }, "DROPPED salary.min"],
    ["further places", { alternateLocations: [berlinOffice] }, "DROPPED alternateLocations"],
    ["a telephone", { contactPhone: "+1 512 555 0100" }, "DROPPED contactPhone"],
    ["questions", { screeningQuestions: [aQuestion("q1", "TEXT", { text: "Why?" })] }, "DROPPED screeningQuestions"],
    [
      "a company's logo",
      { company: { ...aJob().company, logoUrl: "https://x.example.test" } },
      "DROPPED company.logoUrl",
    ],
    ["words about a company", { company: { ...aJob().company, description: "Ours" } }, "DROPPED company.description"],
    ["a résumé", { requireResume: "REQUIRED" }, "DROPPED requireResume"],
    ["no cover letter", { requireCoverLetter: "HIDDEN" }, "DROPPED requireCoverLetter"],
    ["a number to call", { requirePhone: "REQUIRED" }, "DROPPED requirePhone"],
    [
      "questions of equal opportunity",
      { compliance: { eeoStatement: null, eeoQuestions: true } },
      "DROPPED compliance.eeoQuestions",
    ],
    ["a time that is still to come", { publishedAt: new Date(now.getTime() + 1) }, "CHANGED publishedAt"],
    ["a promotion", { promotion: { type: "SPONSORED", budget: null, days: null } }, "DROPPED promotion"],
    ["a numbered list", { description: "<ol><li>One</li></ol>" }, "CHANGED description"],
    ["an application by e-mail", { applyMethod: "EMAIL" }, "CHANGED applyMethod"],
    [
      "a company that wants no name",
      { company: { ...aJob().company, isConfidential: true } },
      "CHANGED company.isConfidential",
    ],
  ])("is found beforehand: %s", (_name, changes, finding) => {
    expect(found(changes)).toContain(finding);
  });

  it.each<[string, Partial<Job>]>([
    ["a part of a word that is a city's name", { title: "Austinite" }],
    ["a time that is now", { publishedAt: now }],
    ["everything that candidates may send", { requireResume: "OPTIONAL", requirePhone: "OPTIONAL" }],
    ["capitals that are a word of its own", { title: "SAP" }],
    ["an end that is not yet", { expiresAt: new Date(now.getTime() + 60 * 60_000) }],
    ["a remote job in a country", { workplaceType: "REMOTE", location: countryAlone }],
    ["a place by its postal code", { location: { ...countryAlone, postalCode: "78701" } }],
    ["pay that is one amount", { salary: { ...pay, max: "9.00" } }],
    ["hidden pay, whatever it is", { salary: { ...pay, min: "10", visible: false } }],
  ])("is not found where Indeed takes it: %s", async (_name, changes) => {
    expect(found(changes)).toEqual([]);
    expect(await does("post", aPosting({ job: aJob(changes) }))).toMatchObject({ state: "SUBMITTED" });
  });

  it("has a description of one byte more than 65,000, which are not characters", async () => {
    const rest = Buffer.byteLength(indeed.render(aJob({ description: "" }))) + 1;
    const edge = (65_000 - rest) % 2 === 0 ? "" : "x";
    const description = edge + "é".repeat((65_000 - rest - edge.length) / 2);
    expect(found({ description })).toEqual([]);
    expect(await does("post", aPosting({ job: aJob({ description }) }))).toMatchObject({ state: "SUBMITTED" });
    expect(found({ description: `${description}x` })).toContain("REFUSED description");
    const tooLong = aPosting({ job: aJob({ description: `${description}x` }) });
    await expect(does("post", tooLong)).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
  });

  it.each([
    ["JPY", "3500000", "4000000.9", 3_500_000, 4_000_000],
    ["KWD", "1.5", "2.1234", 1500, 2123],
    ["USD", "0.29", "19.99", 29, 1999],
    ["EUR", "50000", "60000.5", 5_000_000, 6_000_050],
  ])("counts pay in the smallest unit of %s: %s to %s", async (currency, min, max, minimumMinor, maximumMinor) => {
    const document = await sentFor({ salary: { ...pay, currency, min, max } });
    expect(document).toMatchObject({ body: { salary: { currency, minimumMinor, maximumMinor } } });
  });

  it.each([
    ["Fish &amp; chips &lt;3 at 5 &gt; 4", "Fish & chips <3 at 5 > 4"],
    ["&lt;script&gt;", "‹script>"],
    ["&amp;nbsp;", "＆nbsp;"],
    ["&eacute;&nbsp;&quot;", 'é\u00a0"'],
  ])("has no entities in it, and text never becomes markup: %s", async (html, text) => {
    const document = await sentFor({ description: `<p>${html}</p>` });
    expect(document).toMatchObject({ body: { description: expect.stringContaining(`<p>${text}</p>`) } });
  });
});
