import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/linkedin/switches.ts";
import { type Job, type JobField, seniorities } from "../../src/providers/job-board/job.ts";
import { linkedin } from "../../src/providers/job-board/linkedin.ts";
import type { BoardAccount, BoardPosting } from "../../src/providers/job-board/provider.ts";
import { describeJobBoardProvider, followed } from "../contract/job-board-provider.ts";
import { aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import { connectByClient } from "../support/client-account.ts";
import { createLinkedInVendor, type LinkedInVendor } from "../support/linkedin-vendor.ts";

describeJobBoardProvider(linkedin, createLinkedInVendor);

const dayMs = 86_400_000;
/** Nobody is there: no job of these tests is applied for. */
const apply = { url: "http://127.0.0.1:9/webhooks/linkedin/token", token: null };
let vendor: LinkedInVendor;
let account: BoardAccount;

beforeAll(async () => {
  vendor = await createLinkedInVendor();
  ({ account } = await vendor.connect());
});
afterAll(() => vendor.stop());

/** The element that LinkedIn was sent last. */
function lastElement(): Record<string, unknown> {
  const body = vendor.sandbox.requests.findLast(({ path }) => path === "/rest/simpleJobPostings")?.body ?? "{}";
  return JSON.parse(body).elements[0];
}

async function elementFor(
  changes: Partial<Job>,
  posting: Partial<BoardPosting> = {},
): Promise<Record<string, unknown>> {
  await linkedin.post?.(account, aPosting({ job: aJob(changes), ...posting }));
  return lastElement();
}

async function posted(changes: Partial<Job> = {}) {
  const posting = aPosting({ job: aJob(changes) });
  const first = await linkedin.post?.(account, posting);
  if (!first) throw new Error("LinkedIn takes no jobs");
  return { posting, report: await followed(linkedin, vendor, account, posting, first) };
}

describe("the fields of a job", () => {
  /** Every field with a value of its own, and what LinkedIn is sent for it. */
  const cases: { [Field in JobField]: readonly [value: Job[Field], sent: Record<string, unknown>] } = {
    externalReference: ["REF-7", { externalJobPostingId: "REF-7", companyJobCode: "REF-7" }],
    requisitionId: ["REQ-9", { companyJobCode: "REQ-9" }],
    title: ["Ingénieur·e de service", { title: "Ingénieur·e de service" }],
    description: [`<p>${"a".repeat(200)}</p>`, { description: `<p>${"a".repeat(200)}</p>` }],
    responsibilities: ["<p>Mends things</p>", told("<p>Mends things</p>")],
    requirements: ["<h3>Needs</h3>", told("<p><strong>Needs</strong></p>")],
    niceToHave: ["<p>A van</p>", told("<p>A van</p>")],
    benefitsText: ["<p>Lunch</p>", told("<p>Lunch</p>")],
    employmentType: ["PER_DIEM", { employmentStatus: "TEMPORARY" }],
    workplaceType: ["REMOTE", { workplaceTypes: ["Remote"] }],
    location: [{ ...berlinOffice, city: "Boston", region: "MA", country: "US" }, { location: "Boston, MA" }],
    alternateLocations: [[{ ...berlinOffice, city: null }], { alternateLocations: ["10119, DE"] }],
    remoteCountries: [["DE", "AT"], told("Open to applicants from: Germany, Austria")],
    salary: [
      { min: "50000", max: "60000.50", currency: "EUR", period: "YEAR", visible: true },
      {
        compensation: {
          compensations: [
            {
              type: "BASE_SALARY",
              period: "YEARLY",
              value: {
                start: { currencyCode: "EUR", amount: "50000" },
                end: { currencyCode: "EUR", amount: "60000.50" },
              },
            },
          ],
        },
      },
    ],
    equity: [{ offered: true, range: "0.1–0.2 %" }, told("Equity: 0.1–0.2 %")],
    seniority: ["JUNIOR", { experienceLevel: "ASSOCIATE" }],
    yearsOfExperience: [3, told("Years of experience: 3")],
    education: ["Bachelor", told("Education: Bachelor")],
    certifications: [["CISSP"], told("Certifications: CISSP")],
    languages: [["German", "English"], told("Languages: German, English")],
    englishLevel: ["C1", told("English: C1")],
    industries: [["Software"], nowhere("Software")],
    functions: [["Customer care"], nowhere("Customer care")],
    category: ["Field service", nowhere("Field service")],
    boardCodes: [
      { functions: ["cust"], industries: ["4"] },
      { categories: ["cust"], industries: ["urn:li:industry:4"] },
    ],
    skills: [{ required: ["Welding"], preferred: ["Sales"] }, { skillsDescription: "Welding, Sales" }],
    benefits: [["Bike"], told("Benefits: Bike")],
    company: [
      { ...aJob().company, description: "<p>We mend.</p>" },
      { company: expect.stringMatching(/^urn:li:organization:\d+$/), companyDescription: "We mend." },
    ],
    applyMethod: ["BOARD_NATIVE", asked({ contactInformationQuestions: expect.anything() })],
    applyUrl: ["https://careers.example.test/7", { companyApplyUrl: "https://careers.example.test/7" }],
    contactEmail: ["somebody.else@example.test", nowhere("somebody.else")],
    contactName: ["Ana Muster", nowhere("Ana Muster")],
    contactPhone: ["+49 30 123", nowhere("+49 30 123")],
    screeningQuestions: [
      [aQuestion("drives", "TEXT", { text: "Do you drive?", required: true })],
      asked({
        additionalQuestions: {
          customQuestionSets: [
            {
              questions: [
                {
                  partnerQuestionIdentifier: "drives",
                  questionText: "Do you drive?",
                  required: true,
                  questionDetails: { textQuestionDetails: { preferredFormComponent: "TEXT" } },
                },
              ],
            },
          ],
        },
      }),
    ],
    language: ["de-DE", nowhere("de-DE")],
    positionsCount: [3, told("Positions: 3")],
    hoursPerWeek: [32, told("Hours per week: 32")],
    videoUrl: ["https://video.example.test/1", told("Video: https://video.example.test/1")],
    publishedAt: [new Date(1_790_000_000_000), { listedAt: 1_790_000_000_000 }],
    expiresAt: [new Date(Date.now() + 30 * dayMs), { expireAt: expect.any(Number) }],
    compliance: [
      { eeoStatement: "All are welcome.", eeoQuestions: true },
      {
        ...told("All are welcome."),
        ...asked({
          voluntarySelfIdentificationQuestions: {
            disabilityQuestionRequirement: "OPTIONAL",
            genderQuestionRequirement: "OPTIONAL",
            raceQuestionRequirement: "OPTIONAL",
            veteranStatusQuestionRequirement: "OPTIONAL",
          },
        }),
      },
    ],
    requireResume: ["REQUIRED", asked({ resumeQuestions: { resumeQuestionRequirement: "REQUIRED" } })],
    requireCoverLetter: [
      "REQUIRED",
      asked({
        coverLetterQuestions: {
          coverLetterQuestionRequirement: "REQUIRED",
          textCoverLetterQuestionRequirement: "SKIP",
        },
      }),
    ],
    requirePhone: [
      "REQUIRED",
      asked({ contactInformationQuestions: { cellphoneNumberQuestionRequirement: "REQUIRED" } }),
    ],
    promotion: [
      { type: "PROMOTED", budget: null, days: null },
      { listingType: "PREMIUM", contract: expect.stringMatching(/^urn:li:contract:\d+$/) },
    ],
  };

  function told(text: string) {
    return { description: expect.stringContaining(text) };
  }

  function asked(questions: object) {
    return { onsiteApplyConfiguration: { jobApplicationWebhookUrl: apply.url, questions } };
  }

  function nowhere(text: string) {
    return { absent: text };
  }

  it.each(Object.entries(cases))("%s goes where the table says", async (field, [value, { absent, ...sent }]) => {
    const element = await elementFor({ [field]: value }, { apply });
    expect(element).toMatchObject(sent);
    if (typeof absent === "string") expect(JSON.stringify(element)).not.toContain(absent);
    const place = linkedin.fields[field as JobField];
    const names = "notSent" in place ? [] : place.sentAs.split(", ");
    for (const name of names.filter((one) => one !== "budget" && one !== "posterEmail"))
      expect(element).toHaveProperty(name);
  });

  it("carry the job's contact as poster only when it is a seat holder's", async () => {
    const settings = { ...account.settings, posterEmails: "first@example.test, jobs@example.test" };
    const withPosters = { ...account, settings };
    await linkedin.post?.(withPosters, aPosting({ job: aJob({ contactEmail: "Jobs@example.test" }) }));
    expect(lastElement()).toMatchObject({ posterEmail: "jobs@example.test", showPosterInfo: true });
    await linkedin.post?.(withPosters, aPosting({ job: aJob({ contactEmail: "other@example.test" }) }));
    expect(lastElement()).toMatchObject({ posterEmail: "first@example.test" });
  });

  it("carry a budget for what is paid by clicks", async () => {
    const budget = { amount: "300", currency: "EUR" };
    vendor.sandbox.linkedin.setOrganization(account.settings["organization"] ?? "", { hasPayForPerformance: true });
    const element = await elementFor({ promotion: { type: "SPONSORED", budget, days: null } });
    expect(element).toMatchObject({ budget: { payForPerformanceTotalBudget: { currencyCode: "EUR", amount: "300" } } });
  });

  it("never carry pay that is not to be seen", async () => {
    const salary = { min: "50000", max: null, currency: "EUR", period: "YEAR", visible: false } as const;
    expect(JSON.stringify(await elementFor({ salary }))).not.toContain("50000");
    const seen = await elementFor({ salary: { ...salary, visible: true } });
    expect(seen["compensation"]).toEqual({
      compensations: [{ type: "BASE_SALARY", period: "YEARLY", amount: { currencyCode: "EUR", amount: "50000" } }],
    });
  });

  it.each(seniorities)("name a level that LinkedIn knows: %s", async (seniority) => {
    await expect(linkedin.post?.(account, aPosting({ job: aJob({ seniority }) }))).resolves.toMatchObject({
      isPending: true,
    });
  });
});

/** Reference 16: what jobs had in the system that this one replaces, and where it goes. */
describe("every field of the original system", () => {
  const places: Readonly<Record<string, JobField | "not sent">> = {
    title: "title",
    reference_code: "externalReference",
    category: "category",
    description: "description",
    responsibilities: "responsibilities",
    requirements: "requirements",
    nice_to_have: "niceToHave",
    benefits: "benefitsText",
    job_type: "employmentType",
    experience_level: "seniority",
    remote_policy: "workplaceType",
    location_city: "location",
    location_state: "location",
    location_country: "location",
    location_coordinates: "location",
    salary_min: "salary",
    salary_max: "salary",
    salary_currency: "salary",
    salary_period: "salary",
    show_salary: "salary",
    equity_offered: "equity",
    equity_range: "equity",
    hours_per_week: "hoursPerWeek",
    years_of_experience: "yearsOfExperience",
    english_level: "englishLevel",
    video_url: "videoUrl",
    required_skills: "skills",
    preferred_skills: "skills",
    education_requirements: "education",
    certifications_required: "certifications",
    languages_required: "languages",
    positions_count: "positionsCount",
    application_deadline: "expiresAt",
    require_cover_letter: "requireCoverLetter",
    require_resume: "requireResume",
    custom_questions: "screeningQuestions",
    application_email: "contactEmail",
    external_apply_url: "applyUrl",
    is_featured: "promotion",
    published_at: "publishedAt",
    slug: "not sent",
    pipeline: "not sent",
    team: "not sent",
    reports_to: "not sent",
    hiring_manager: "not sent",
    recruiter: "not sent",
    meta_title: "not sent",
    meta_description: "not sent",
  };

  it.each(Object.entries(places))("has its place, or is not sent: %s", (theirs, ours) => {
    const same = theirs.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (ours === "not sent") expect(linkedin.fields).not.toHaveProperty(same);
    else expect(linkedin.fields).toHaveProperty(ours);
  });
});

describe("what LinkedIn decides", () => {
  it("is told as a refusal when its check of the data fails, with its own words", async () => {
    const { report } = await posted({ title: "Engineer [fail]" });
    expect(report).toMatchObject({ state: "REJECTED", refusal: { code: "PROVIDER_REFUSED" } });
    expect(report.refusal?.message).toContain("Rejected fields: location");
  });

  it("is told as a refusal when its moderation takes the job off", async () => {
    const { report } = await posted({ title: "Engineer [rejected]" });
    expect(report).toMatchObject({
      state: "REJECTED",
      boardState: "NOT_LISTED",
      refusal: { providerCode: "JOB_POLICY_VIOLATION" },
    });
  });

  it("is a review while the company still moves from its feed", async () => {
    const { report } = await posted({ title: "Engineer [processed]" });
    expect(report).toMatchObject({ state: "IN_REVIEW", isPending: false, refusal: null });
  });

  it("is told at once for an element that it does not take", async () => {
    const posting = aPosting({ job: aJob({ boardCodes: { functions: [], industries: ["no number"] } }) });
    await expect(linkedin.post?.(account, posting)).rejects.toMatchObject({
      code: "PROVIDER_REFUSED",
      providerCode: "ERROR_INVALID_INDUSTRIES_FIELD",
      message: expect.stringContaining("/industries"),
    });
  });

  it("is an update that was not taken, while the job stays as it was", async () => {
    const { posting, report } = await posted();
    const job = { ...posting.job, title: "Engineer [fail]" };
    const changing = { ...posting, job, operation: "UPDATE" as const, previousState: report.state };
    const first = await linkedin.update?.(account, changing);
    if (!first) throw new Error("LinkedIn takes no updates");
    expect(await followed(linkedin, vendor, account, changing, first)).toMatchObject({
      state: "LIVE",
      isPending: false,
      isTaken: false,
      refusal: { code: "PROVIDER_REFUSED" },
    });
  });

  it.each(["same-job", "refused"] as const)("of a second CREATE changes nothing: %s", async (secondCreate) => {
    const { switches } = vendor.sandbox.linkedin;
    switches.secondCreate = secondCreate;
    const { posting } = await posted();
    const again = await linkedin.post?.(account, posting);
    if (!again) throw new Error("LinkedIn takes no jobs");
    const report = await followed(linkedin, vendor, account, posting, again);
    expect(report).toMatchObject({ state: "LIVE", refusal: null });
    switches.secondCreate = defaultSwitches().secondCreate;
  });

  it("is read in whichever order and shape its answers come", async () => {
    const { switches } = vendor.sandbox.linkedin;
    for (const elementShape of ["older", "newer"] as const) {
      Object.assign(switches, { elementShape, elementOrder: "reversed", companyDetails: "companyName" });
      expect((await posted({ externalReference: `1${Date.now()}` })).report.state).toBe("LIVE");
    }
    const { elementShape, elementOrder, companyDetails } = defaultSwitches();
    Object.assign(switches, { elementShape, elementOrder, companyDetails });
  });
});

describe("the company's application", () => {
  const connect = (options: { connectionId?: string; known?: { id: string; secret: string } | null }) =>
    connectByClient(linkedin, { settings: vendor.sandbox.settings, values: vendor.values, ...options });
  const connectionId = "0190aaaa-0000-7000-8000-000000000001";

  it("is made anew where the answer with its secret got lost, as LinkedIn tells it once", async () => {
    vendor.sandbox.linkedin.fail("truncated", { times: 1, path: "provisionedApplications" });
    await expect(connect({ connectionId })).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID", retryable: true });
    const { account: opened } = await connect({ connectionId });
    expect((await linkedin.post?.(opened, aPosting()))?.isPending).toBe(true);
  });

  it("is the one of before where LinkedIn shows its secret again", async () => {
    const { switches } = vendor.sandbox.linkedin;
    switches.lookupShowsSecret = true;
    const id = "0190aaaa-0000-7000-8000-000000000002";
    const first = await connect({ connectionId: id });
    expect((await connect({ connectionId: id })).secret).toEqual(first.secret);
    switches.lookupShowsSecret = false;
  });

  it("stays when the company is connected again, and with it the jobs", async () => {
    const { secret } = await connect({});
    const known = { id: secret["clientId"] ?? "", secret: secret["clientSecret"] ?? "" };
    expect((await connect({ known })).secret).toEqual(secret);
  });

  it("is replaced when LinkedIn has ended it", async () => {
    const { secret } = await connect({});
    const known = { id: secret["clientId"] ?? "", secret: secret["clientSecret"] ?? "" };
    vendor.sandbox.linkedin.endApp(known.id);
    expect((await connect({ known })).secret).not.toEqual(secret);
  });

  it("is not made when LinkedIn refuses ours, which is the operator's to mend", async () => {
    const settings = { ...vendor.sandbox.settings, LINKEDIN_CLIENT_SECRET: "wrong" };
    await expect(connectByClient(linkedin, { settings, values: vendor.values })).rejects.toMatchObject({
      code: "NOT_CONFIGURED",
    });
  });

  it("needs the company's consent for promoted jobs, and none for basic ones", async () => {
    const { settings, linkedin: twin } = vendor.sandbox;
    const organization = twin.createOrganization({ name: "Neu GmbH" });
    const { contract } = twin.organization(organization);
    const values = { organization, companyName: "Neu GmbH" };
    await expect(connectByClient(linkedin, { settings, values: { ...values, contract } })).rejects.toMatchObject({
      code: "PREREQUISITE_MISSING",
      field: ["contract"],
    });
    await expect(connectByClient(linkedin, { settings, values })).resolves.toBeDefined();
  });
});

describe("what LinkedIn would not take", () => {
  const found = (changes: Partial<Job>, settings = account.settings) =>
    linkedin.check(aJob(changes), settings, new Date()).map(({ effect, field }) => `${effect} ${field.join(".")}`);

  it.each<[string, Partial<Job>, string]>([
    ["a title too long", { title: "x".repeat(201) }, "REFUSED title"],
    ["a description too short", { description: "<p>Short</p>" }, "REFUSED description"],
    ["a description too long", { description: "x".repeat(25_001) }, "REFUSED description"],
    ["no place", { location: null }, "REFUSED location"],
    ["no address to apply at", { applyUrl: null }, "REFUSED applyUrl"],
    ["an end within a day", { expiresAt: new Date(Date.now() + dayMs / 2) }, "REFUSED expiresAt"],
    ["too many places", { alternateLocations: Array(8).fill(berlinOffice) }, "DROPPED alternateLocations"],
    ["words for industries", { industries: ["Software"] }, "DROPPED industries"],
    ["tags that it does not show", { description: `<h2>Us</h2>${"x".repeat(200)}` }, "CHANGED description"],
    ["an end in a year", { expiresAt: new Date(Date.now() + 365 * dayMs) }, "CHANGED expiresAt"],
  ])("is found beforehand: %s", (_name, changes, finding) => {
    expect(found(changes)).toContain(finding);
  });

  it("is not found at the edge of what it takes", () => {
    expect(found({ title: "x".repeat(200), description: "x".repeat(25_000) })).toEqual(["DROPPED contactEmail"]);
    expect(found({ description: "x".repeat(100) })).toEqual(["DROPPED contactEmail"]);
  });

  it("is a promotion without a contract", () => {
    const { contract: _, ...basic } = account.settings;
    const promotion = { type: "PROMOTED", budget: null, days: null } as const;
    expect(found({ promotion }, basic)).toContain("REFUSED promotion");
    expect(linkedin.cost?.(aJob({ promotion }), account.settings)).toEqual({
      money: null,
      unit: "job slot of the Recruiter contract",
    });
    expect(linkedin.cost?.(aJob(), account.settings)).toBeNull();
  });
});
