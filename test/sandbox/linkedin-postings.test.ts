import { describe, expect, it } from "vitest";
import { aJob, aLinkedIn, anOnsiteJob } from "../support/linkedin-client.ts";

const dayMs = 86_400_000;
const money = (amount: string, currencyCode = "CHF") => ({ amount, currencyCode });
const salary = (changes: object = {}) => ({
  compensations: [
    { type: "BASE_SALARY", period: "YEARLY", value: { start: money("90000"), end: money("120000.50") }, ...changes },
  ],
});
const question = (changes: object = {}) => ({
  partnerQuestionIdentifier: "q1",
  questionText: "Why?",
  questionDetails: { textQuestionDetails: {} },
  ...changes,
});
const radio = (changes: object = {}) => ({
  multipleChoiceQuestionDetails: {
    choices: [
      { symbolicName: "yes", displayValue: "Yes" },
      { symbolicName: "no", displayValue: "No" },
    ],
    preferredFormComponent: "RADIO_BUTTONS",
    ...changes,
  },
});
const dependent = (id: string, parent: string, symbolicNames: string[]) => ({
  ...question({ partnerQuestionIdentifier: id }),
  prerequisiteQuestionResponse: {
    prerequisiteQuestion: { partnerQuestionIdentifier: parent },
    prerequisiteResponse: { multipleChoiceAnswerValue: { symbolicNames } },
  },
});
const asking = (...questions: object[]) => ({ additionalQuestions: { customQuestionSets: [{ questions }] } });

describe("a batch of jobs", () => {
  it("is 200 even when items fail, one answer for each, in order", async () => {
    const { child } = await aLinkedIn();
    const { status, body } = await child.post([
      aJob({ externalJobPostingId: "a" }),
      aJob({ externalJobPostingId: "b", title: undefined }),
      aJob({ externalJobPostingId: "c" }),
    ]);
    expect([status, body.elements.map((element: { status: number }) => element.status)]).toEqual([
      200,
      [202, 422, 202],
    ]);
  });

  it("names a task for what was taken, and below /rest the job too", async () => {
    const { child } = await aLinkedIn();
    const element = await child.send(aJob());
    expect(element).toEqual({
      id: expect.stringMatching(/^urn:li:simpleJobPostingTask:[\da-f-]{36}$/),
      status: 202,
      location: `/simpleJobPostings/${encodeURIComponent(element.id)}`,
      entity: { externalJobPostingId: "job-42" },
    });
    const { body } = await child.post([aJob()], "/v2/simpleJobPostings");
    expect(Object.keys(body.elements[0])).toEqual(["id", "status", "location"]);
  });

  it("says what is wrong in the older way below /v2, and in the newer one below /rest", async () => {
    const { twin, child } = await aLinkedIn();
    const bad = aJob({ listedAt: Date.now() + dayMs });
    const older = { status: 422, error: { status: 422, message: "ERROR :: /listedAt :: is in the future" } };
    expect((await child.post([bad], "/v2/simpleJobPostings")).body.elements).toEqual([older]);
    expect(await child.send(bad)).toEqual({
      status: 422,
      error: {
        ...older.error,
        code: "ERROR_INVALID_LISTED_AT_FIELD",
        serviceErrorCode: 0,
        requestId: expect.any(String),
        errorDetailType: expect.any(String),
        errorDetails: { externalJobPostingId: "job-42" },
      },
    });
    twin.switches.elementShape = "older";
    expect(await child.send(bad)).toEqual(older);
  });

  it("may come back in another order, which is why elements name their job", async () => {
    const { twin, child } = await aLinkedIn();
    twin.switches.elementOrder = "reversed";
    const { body } = await child.post([aJob({ externalJobPostingId: "a" }), aJob({ externalJobPostingId: "b" })]);
    const ids = body.elements.map(
      ({ entity }: { entity: { externalJobPostingId: string } }) => entity.externalJobPostingId,
    );
    expect(ids).toEqual(["b", "a"]);
  });

  const hundred = Array.from({ length: 101 }, (_, index) => aJob({ externalJobPostingId: `job-${index}` }));
  it.each([
    ["has 100 elements at most", hundred, [100]],
    ["has one operation", [aJob(), aJob({ externalJobPostingId: "b", jobPostingOperationType: "CLOSE" })], [1]],
    ["has each job once", [aJob(), aJob({ title: "Again" })], [1]],
  ])("%s; what is too much is refused, or all of it", async (_, elements, refused) => {
    const { twin, child } = await aLinkedIn();
    const { status, body } = await child.post(elements);
    const statuses: { status: number }[] = body.elements;
    expect([status, statuses.flatMap((one, index) => (one.status === 422 ? [index] : []))]).toEqual([200, refused]);
    twin.switches.badBatch = "call";
    expect((await child.post(elements)).status).toBe(400);
  });

  it("comes after the one before: a second one at the same time is 429", async () => {
    const { twin, child } = await aLinkedIn();
    twin.switches.latencyMs = 200;
    const replies = await Promise.all([child.post([aJob()]), child.post([aJob({ externalJobPostingId: "b" })])]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 429]);
  });

  it.each([
    ["no elements", {}],
    ["an empty list", { elements: [] }],
    ["no JSON", "{"],
  ])("with %s is 400", async (_, body) => {
    const { child } = await aLinkedIn();
    const { status } = await child.call("POST", "/rest/simpleJobPostings", body, { "x-restli-method": "batch_create" });
    expect(status).toBe(400);
  });
});

describe("a job", () => {
  const bad: readonly [rule: string, changes: Record<string, unknown>, path: string][] = [
    ["needs a company, or its name", { company: undefined }, "/company"],
    ["names its company by URN", { company: "1001" }, "/company"],
    ["needs companyApplyUrl", { companyApplyUrl: undefined }, "/companyApplyUrl"],
    ["needs an address in companyApplyUrl", { companyApplyUrl: "jobs.example.test" }, "/companyApplyUrl"],
    ["needs externalJobPostingId", { externalJobPostingId: undefined }, "/externalJobPostingId"],
    [
      "has 75 characters of externalJobPostingId at most",
      { externalJobPostingId: "x".repeat(76) },
      "/externalJobPostingId",
    ],
    ["needs jobPostingOperationType", { jobPostingOperationType: undefined }, "/jobPostingOperationType"],
    ["needs an operation that there is", { jobPostingOperationType: "DELETE" }, "/jobPostingOperationType"],
    ["needs a title", { title: undefined }, "/title"],
    ["has 200 characters of title at most", { title: "t".repeat(201) }, "/title"],
    ["needs a description", { description: undefined }, "/description"],
    ["has 100 characters of description at least", { description: "d".repeat(99) }, "/description"],
    ["has 25,000 characters of description at most", { description: "d".repeat(25_001) }, "/description"],
    ["needs listedAt", { listedAt: undefined }, "/listedAt"],
    ["has listedAt in milliseconds", { listedAt: "2026-12-01T10:00:00Z" }, "/listedAt"],
    ["is not listed in the future", { listedAt: Date.now() + 60_000 }, "/listedAt"],
    ["needs a location", { location: undefined }, "/location"],
    [
      "has 7 alternate locations at most",
      { alternateLocations: Array(8).fill("Bern, Switzerland") },
      "/alternateLocations",
    ],
    ["has 3 categories at most", { categories: ["acct", "sale", "rsch", "it"] }, "/categories"],
    ["names industries by URN", { industries: ["4"] }, "/industries/0"],
    [
      "has 4,000 characters of skillsDescription at most",
      { skillsDescription: "s".repeat(4001) },
      "/skillsDescription",
    ],
    ["has one workplace type", { workplaceTypes: ["Remote", "Hybrid"] }, "/workplaceTypes"],
    ["has a workplace type when it has the list", { workplaceTypes: [] }, "/workplaceTypes"],
    ["spells workplace types its own way", { workplaceTypes: ["REMOTE"] }, "/workplaceTypes/0"],
    ["has an employment status that there is", { employmentStatus: "PER_DIEM" }, "/employmentStatus"],
    ["has an experience level that there is", { experienceLevel: "SENIOR" }, "/experienceLevel"],
    [
      "has a type of compensation that there is",
      { compensation: salary({ type: "SALARY" }) },
      "/compensation/compensations/0/type",
    ],
    [
      "has a period of compensation that there is",
      { compensation: salary({ period: "YEAR" }) },
      "/compensation/compensations/0/period",
    ],
    [
      "has amounts as text",
      { compensation: salary({ value: { start: { currencyCode: "CHF", amount: 1 }, end: money("2") } }) },
      "/compensation/compensations/0/value/start/amount",
    ],
    [
      "pays no less in the end",
      { compensation: salary({ value: { start: money("2"), end: money("1") } }) },
      "/compensation/compensations/0",
    ],
    ["expires a day ahead at least", { expireAt: Date.now() + dayMs - 60_000 }, "/expireAt"],
    ["expires 365 days ahead at most", { expireAt: Date.now() + 366 * dayMs }, "/expireAt"],
    ["is BASIC or PREMIUM", { listingType: "FREE" }, "/listingType"],
    ["needs a contract to be PREMIUM", { listingType: "PREMIUM" }, "/contract"],
    ["is PREMIUM to be upgraded", { jobPostingOperationType: "UPGRADE" }, "/listingType"],
    ["has an availability that there is", { availability: "PRIVATE" }, "/availability"],
    ["has an address in posterEmail", { posterEmail: "ana" }, "/posterEmail"],
    [
      "has a budget as money",
      { budget: { payForPerformanceTotalBudget: 500 } },
      "/budget/payForPerformanceTotalBudget",
    ],
    ["has no fields that there are not", { salary: 100_000 }, "/salary"],
  ];
  it.each(bad)("%s", async (_, changes, path) => {
    const { twin, child } = await aLinkedIn();
    twin.setOrganization("urn:li:organization:1001", { hasPayForPerformance: true });
    const { status, error } = await child.send(aJob(changes));
    expect([status, error.message.split(" :: ")[1]]).toEqual([422, path]);
  });

  it("tells everything that is wrong about its fields at once", async () => {
    const { child } = await aLinkedIn();
    const { error } = await child.send(aJob({ title: undefined, description: "short" }));
    expect(error.message.split("\n")).toEqual([
      "ERROR :: /title :: field is required but not found and has no default value",
      "ERROR :: /description :: is out of range: at least 100",
    ]);
  });

  const good: readonly [rule: string, changes: Record<string, unknown>][] = [
    [
      "a company's name without a contract",
      { company: undefined, companyName: "Ohne AG", companyPageUrl: "https://ohne.example.test" },
    ],
    ["the older name of company", { company: undefined, integrationContext: "urn:li:organization:1001" }],
    ["75 characters of externalJobPostingId", { externalJobPostingId: "x".repeat(75) }],
    ["200 characters of title", { title: "t".repeat(200) }],
    ["100 characters of description", { description: "d".repeat(100) }],
    ["25,000 characters of description", { description: "d".repeat(25_000) }],
    ["7 alternate locations", { alternateLocations: Array(7).fill("Bern, Switzerland") }],
    ["3 categories and an industry", { categories: ["acct", "sale", "rsch"], industries: ["urn:li:industry:4"] }],
    [
      "a requisition",
      { companyJobCode: "R-1", partnerRequisitionId: "R-1", requisitionOwnerEmail: "ana@example.test" },
    ],
    ["the older way to say remote", { workRemoteAllowed: true }],
    ["OTHER as employment status", { employmentStatus: "OTHER" }],
    ["compensation", { compensation: salary() }],
    ["an amount instead of a range", { compensation: salary({ value: undefined, amount: money("95000") }) }],
    ["365 days", { expireAt: Date.now() + 365 * dayMs - 60_000 }],
    ["the older name of an availability", { availability: "PRIVATE_TO_ATS_INTEGRATION" }],
    ["a poster who holds a seat", { posterEmail: "ana@example.test", showPosterInfo: true }],
  ];
  it.each(good)("may have %s", async (_, changes) => {
    const { child } = await aLinkedIn();
    expect((await child.sendAndWait(aJob(changes))).status).toBe("SUCCEEDED");
  });

  it.each(["On-site", "Hybrid", "Remote"])("may be %s", async (workplace) => {
    const { child } = await aLinkedIn();
    expect((await child.send(aJob({ workplaceTypes: [workplace] }))).status).toBe(202);
  });

  it("has the limits of the older description when it is told to", async () => {
    const { twin, child } = await aLinkedIn();
    Object.assign(twin.switches, { maxExternalIdLength: 200, maxListingDays: 180 });
    expect((await child.send(aJob({ externalJobPostingId: "x".repeat(200) }))).status).toBe(202);
    const late = await child.send(aJob({ expireAt: Date.now() + 181 * dayMs }));
    expect(late.error.message).toContain("/expireAt");
  });

  it("is promoted with a contract that is granted; another one is 403 for the whole call", async () => {
    const { twin, child, contract } = await aLinkedIn();
    const promoted = aJob({ listingType: "PREMIUM", contract });
    expect((await child.post([promoted])).status).toBe(200);
    const other = aJob({ externalJobPostingId: "b", listingType: "PREMIUM", contract: "urn:li:contract:1" });
    const { status, body } = await child.post([aJob({ externalJobPostingId: "a" }), other]);
    expect([status, body.serviceErrorCode]).toEqual([403, 100]);
    const urn = twin.createOrganization({ isOnboarded: true });
    const notOn = aJob({ company: urn, listingType: "PREMIUM", contract: twin.organization(urn).contract });
    expect((await child.post([notOn])).status).toBe(403);
  });

  it("spends a budget only with the contract for it", async () => {
    const { twin, child, organization } = await aLinkedIn();
    const paid = aJob({ budget: { payForPerformanceTotalBudget: money("500.00", "USD") } });
    expect((await child.post([paid])).status).toBe(403);
    twin.setOrganization(organization, { hasPayForPerformance: true });
    expect((await child.sendAndWait(paid)).status).toBe("SUCCEEDED");
  });
});

describe("a job that is applied for at LinkedIn", () => {
  const url = "https://ours.example.test/webhooks/linkedin";
  const at = "/onsiteApplyConfiguration";
  const set = `${at}/questions/additionalQuestions/customQuestionSets/0`;
  const bad: readonly [rule: string, job: object, path: string][] = [
    ["is PUBLIC", anOnsiteJob(url, undefined, { availability: "INTERNAL" }), "/availability"],
    ["needs a webhook", aJob({ onsiteApplyConfiguration: {} }), `${at}/jobApplicationWebhookUrl`],
    ["has no webhook at a tunnel", anOnsiteJob("https://abc.ngrok-free.app/hook"), `${at}/jobApplicationWebhookUrl`],
    [
      "spells requirements its own way",
      anOnsiteJob(url, { resumeQuestions: { resumeQuestionRequirement: "MANDATORY" } }),
      `${at}/questions/resumeQuestions/resumeQuestionRequirement`,
    ],
    [
      "asks for 10 jobs at most",
      anOnsiteJob(url, { workQuestions: { workExperienceQuestionSet: { repeatLimit: 11 } } }),
      `${at}/questions/workQuestions/workExperienceQuestionSet/repeatLimit`,
    ],
    [
      "asks for 3 schools at most",
      anOnsiteJob(url, { educationQuestions: { educationExperienceQuestionSet: { repeatLimit: 4 } } }),
      `${at}/questions/educationQuestions/educationExperienceQuestionSet/repeatLimit`,
    ],
    [
      "repeats a set 10 times at most",
      anOnsiteJob(url, { additionalQuestions: { customQuestionSets: [{ questions: [], repeatLimit: 11 }] } }),
      `${set}/repeatLimit`,
    ],
    [
      "has no questions of its own beside the sets of additional questions",
      anOnsiteJob(url, { additionalQuestions: { customQuestionSets: [], customQuestions: [] } }),
      `${at}/questions/additionalQuestions/customQuestions`,
    ],
    [
      "needs an identifier for each question",
      anOnsiteJob(url, asking(question({ partnerQuestionIdentifier: undefined }))),
      `${set}/questions/0/partnerQuestionIdentifier`,
    ],
    [
      "has exactly one kind of details in a question",
      anOnsiteJob(url, asking(question({ questionDetails: { textQuestionDetails: {}, ...radio() } }))),
      `${set}/questions/0/questionDetails`,
    ],
    [
      "has an integer or a decimal number in a numeric question",
      anOnsiteJob(url, asking(question({ questionDetails: { numericQuestionDetails: {} } }))),
      `${set}/questions/0/questionDetails/numericQuestionDetails`,
    ],
    [
      "has form components that there are",
      anOnsiteJob(url, asking(question({ questionDetails: radio({ preferredFormComponent: "SLIDER" }) }))),
      `${set}/questions/0/questionDetails/multipleChoiceQuestionDetails/preferredFormComponent`,
    ],
    [
      "has a default among its choices",
      anOnsiteJob(url, asking(question({ questionDetails: radio({ defaultValueSymbolicName: "maybe" }) }))),
      `${set}/questions/0/questionDetails/multipleChoiceQuestionDetails`,
    ],
    [
      "spells file extensions in lower case",
      anOnsiteJob(
        url,
        asking(question({ questionDetails: { documentQuestionDetails: { acceptableFileExtensions: ["PDF"] } } })),
      ),
      `${set}/questions/0/questionDetails/documentQuestionDetails/acceptableFileExtensions/0`,
    ],
    [
      "takes documents of 100 MB at most",
      anOnsiteJob(
        url,
        asking(question({ questionDetails: { documentQuestionDetails: { maximumSize: 104_857_601 } } })),
      ),
      `${set}/questions/0/questionDetails/documentQuestionDetails/maximumSize`,
    ],
    [
      "lets questions depend on radio buttons only",
      anOnsiteJob(
        url,
        asking(
          question({ partnerQuestionIdentifier: "p", questionDetails: radio({ preferredFormComponent: "DROPDOWN" }) }),
          dependent("d", "p", ["yes"]),
        ),
      ),
      `${set}/questions`,
    ],
    [
      "lets the questions of a set depend on one question only",
      anOnsiteJob(
        url,
        asking(
          question({ partnerQuestionIdentifier: "p1", questionDetails: radio() }),
          question({ partnerQuestionIdentifier: "p2", questionDetails: radio() }),
          dependent("d1", "p1", ["yes"]),
          dependent("d2", "p2", ["yes"]),
        ),
      ),
      `${set}/questions`,
    ],
    [
      "lets a question depend on one answer",
      anOnsiteJob(
        url,
        asking(
          question({ partnerQuestionIdentifier: "p", questionDetails: radio() }),
          dependent("d", "p", ["yes", "no"]),
        ),
      ),
      `${set}/questions/1/prerequisiteQuestionResponse/prerequisiteResponse/multipleChoiceAnswerValue/symbolicNames`,
    ],
  ];
  it.each(bad)("%s", async (_, job, path) => {
    const { child } = await aLinkedIn();
    const { status, error } = await child.send(job);
    expect([status, error.message.split(" :: ")[1]]).toEqual([422, path]);
  });

  it("may ask everything that there is", async () => {
    const { child } = await aLinkedIn();
    const own = (id: string, questionDetails: object, more: object = {}) =>
      question({ partnerQuestionIdentifier: id, questionDetails, ...more });
    const job = anOnsiteJob(url, {
      contactInformationQuestions: {
        middleNameQuestionRequirement: "OPTIONAL",
        cellphoneNumberQuestionRequirement: "REQUIRED",
        locationQuestionRequirement: "OPTIONAL",
        customQuestions: [
          own("long", { textQuestionDetails: { maxLength: 500, preferredFormComponent: "MULTILINE_TEXT" } }),
        ],
      },
      resumeQuestions: { resumeQuestionRequirement: "REQUIRED" },
      coverLetterQuestions: { coverLetterQuestionRequirement: "SKIP", textCoverLetterQuestionRequirement: "OPTIONAL" },
      workQuestions: {
        workExperienceQuestionSet: { minRequired: 1, repeatLimit: 10, cityQuestionRequirement: "SKIP" },
      },
      educationQuestions: { educationExperienceQuestionSet: { minRequired: 0, repeatLimit: 3 } },
      voluntarySelfIdentificationQuestions: { genderQuestionRequirement: "OPTIONAL" },
      additionalQuestions: {
        customQuestionSets: [
          {
            repeatLimit: 10,
            questions: [
              own("p", radio({ favorableMultipleChoiceAnswer: { favorableSymbolicNames: ["yes"] } }), {
                required: true,
                helpMessage: "Help",
                expandedHelpMessage: "More help",
              }),
              dependent("d", "p", ["yes"]),
              own("many", radio({ preferredFormComponent: "CHECKBOXES", selectMultiple: true })),
              own("years", {
                numericQuestionDetails: {
                  integerQuestionDetails: { minValue: 0, maxValue: 50 },
                  favorableNumericAnswer: { favorableFloor: 3 },
                },
              }),
              own("rate", { numericQuestionDetails: { decimalQuestionDetails: { suggestedValue: 1.5 } } }),
              own("when", { dateRangeQuestionDetails: { startLabel: "From", endLabel: "To" } }),
              own("file", { documentQuestionDetails: { maximumSize: 1000, acceptableFileExtensions: ["pdf"] } }),
            ],
          },
        ],
      },
    });
    expect((await child.send(job)).status).toBe(202);
  });
});
