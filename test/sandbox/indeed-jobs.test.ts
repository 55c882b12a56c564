import { describe, expect, it } from "vitest";
import {
  aJob,
  aJobWith,
  aJobWithApply,
  anIndeed,
  createdIn,
  createQuery,
  expireQuery,
  statusesQuery,
} from "../support/indeed-client.ts";

const days = (count: number) => count * 24 * 60 * 60;
const resultsIn = ({ body }: { readonly body: { data: { jobsIngest: Record<string, { results: unknown }> } } }) =>
  body.data.jobsIngest["createSourcedJobPostings"]?.results;

describe("a job at Indeed", () => {
  it("is taken, and kept as it was sent", async () => {
    const { twin, create } = await anIndeed();
    const answer = await create(aJob());
    expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
    const { sourcedPostingId, employerJobId } = createdIn(answer);
    expect(twin.posting("JOB-1")).toMatchObject({ sourcedPostingId, employerJobId, job: aJob() });
  });

  it("is changed when it is sent again, and keeps its ids", async () => {
    const { twin, create } = await anIndeed();
    const first = createdIn(await create(aJob()));
    expect(createdIn(await create(aJobWith("body.title", "Staff Engineer")))).toEqual(first);
    expect(twin.postings()).toMatchObject([{ job: { body: { title: "Staff Engineer" } } }]);
  });

  it("is another one with another source, for whoever has the same ids", async () => {
    const { twin, create } = await anIndeed();
    const first = createdIn(await create(aJob()));
    const other = createdIn(await create(aJobWith("metadata.jobSource.sourceName", "other")));
    expect(other.sourcedPostingId).not.toBe(first.sourcedPostingId);
    expect(twin.postings()).toHaveLength(2);
  });

  it("can be written into the query itself", async () => {
    const { twin, call } = await anIndeed();
    const { body } = await call(`mutation { jobsIngest { createSourcedJobPostings(input: { jobPostings: [{
      body: { title: "Nurse", description: "Care.", location: { country: "US", cityRegionPostal: "Austin, TX" }, benefits: [],
        salary: { currency: "USD", minimumMinor: 100, period: HOUR } }
      metadata: { jobPostingId: "N-1", jobSource: { companyName: "C", sourceName: "c", sourceType: "Employer" },
        contacts: { contactType: "contact", contactInfo: { contactEmail: "a@b.example" } },
        datePublished: "2026-12-01", url: "https://c.example/1" } }] }) { results { jobPosting { sourcedPostingId } } } } }`);
    expect(body.errors).toBeUndefined();
    expect(twin.posting("N-1")?.job.body.salary).toMatchObject({ minimumMinor: 100, period: "HOUR" });
  });

  it("takes sums as numbers or as digits", async () => {
    const { twin, create } = await anIndeed();
    await create(aJobWith("body.salary.minimumMinor", "8000000"));
    expect(twin.posting("JOB-1")?.job.body.salary?.minimumMinor).toBe(8_000_000);
  });
});

describe("Indeed refuses a job", () => {
  it.each([
    ...["body.title", "body.description", "body.location", "body.location.country", "body.benefits"],
    ...["body.salary.currency", "body.salary.minimumMinor", "body.salary.period"],
    ...["metadata.jobPostingId", "metadata.jobSource", "metadata.jobSource.companyName"],
    ...["metadata.jobSource.sourceName", "metadata.jobSource.sourceType"],
    ...["metadata.contacts", "metadata.datePublished", "metadata.url"],
  ])("without %s", async (path) => {
    const { twin, create } = await anIndeed();
    const { status, body } = await create(aJobWith(path, undefined));
    expect([status, body.errors]).toMatchObject([200, [{ extensions: { code: "BAD_USER_INPUT" } }]]);
    expect(body.errors[0].message).toContain(path);
    expect(twin.postings()).toEqual([]);
  });

  it.each([
    { path: "body.title", value: " " },
    { path: "body.description", value: "ü".repeat(32_501) },
    { path: "body.location.country", value: "Germany" },
    { path: "body.location.country", value: "ZX" },
    { path: "body.location.cityRegionPostal", value: null },
    { path: "body.salary.currency", value: "XYZ" },
    { path: "body.salary.minimumMinor", value: 0 },
    { path: "body.salary.minimumMinor", value: 1.5 },
    { path: "body.salary.maximumMinor", value: 8_999_999 },
    { path: "metadata.jobPostingId", value: "x".repeat(257) },
    { path: "metadata.jobSource.sourceType", value: "Agency" },
    { path: "metadata.contacts", value: [] },
    { path: "metadata.datePublished", value: "yesterday" },
    { path: "metadata.expirationDate", value: "31.12.2026" },
    { path: "metadata.url", value: "muster.example/jobs/1" },
  ])("for $path", async ({ path, value }) => {
    const { create } = await anIndeed();
    const { body } = await create(aJobWith(path, value));
    expect(body.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    expect(body.errors[0].message).toContain(path);
  });

  it.each([
    { path: "body.description", value: "x".repeat(65_000) },
    { path: "body.description", value: "ü".repeat(32_500) },
    { path: "body.salary.minimumMinor", value: 1 },
    { path: "body.salary.maximumMinor", value: 9_000_000 },
    { path: "metadata.jobPostingId", value: "x".repeat(256) },
    { path: "metadata.jobSource.sourceType", value: "Staffing Agency" },
    { path: "metadata.expirationDate", value: "2027-01-01" },
  ])("not yet at the edge of $path", async ({ path, value }) => {
    const { create } = await anIndeed();
    expect((await create(aJobWith(path, value))).body.errors).toBeUndefined();
  });

  it("with a period that does not exist, for the whole call", async () => {
    const { create } = await anIndeed();
    const { body } = await create(aJobWith("body.salary.period", "FORTNIGHT"));
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
  });

  it.each([
    { why: "none of the type contact", types: [["recruiter"]] },
    { why: "two of the type contact", types: [["contact"], ["contact", "recruiter"]] },
  ])("with contacts of which $why", async ({ types }) => {
    const { create } = await anIndeed();
    const contacts = types.map((contactType) => ({ contactType, contactInfo: { contactEmail: "a@b.example" } }));
    expect((await create(aJobWith("metadata.contacts", contacts))).body.errors[0].message).toContain("exactly one");
  });

  it.each([{ contactEmail: "nobody" }, { contactEmail: "a@b.example", contactPhone: "call me" }])(
    "with a contact that cannot be reached: %j",
    async (contactInfo) => {
      const { create } = await anIndeed();
      const { body } = await create(aJobWith("metadata.contacts", [{ contactType: ["contact"], contactInfo }]));
      expect(body.errors[0].message).toContain("metadata.contacts.0.contactInfo");
    },
  );

  it("without a place, unless its words say that it is remote", async () => {
    const { twin, create } = await anIndeed();
    const remote = aJobWith("body.location", { country: "US" });
    expect((await create(remote)).body.errors[0].message).toContain("fully remote");
    const said = { ...aJob(), body: { ...aJob().body, location: { country: "US" }, title: "Engineer (Remote)" } };
    expect((await create(said)).body.errors).toBeUndefined();
    twin.switches.remoteWords = ["anywhere"];
    expect((await create(said)).body.errors[0].message).toContain("fully remote");
  });

  it("that is there twice in one call, and takes the first", async () => {
    const { create } = await anIndeed();
    const answer = await create(aJob(), aJob());
    expect(resultsIn(answer)).toMatchObject([
      { jobPosting: { sourcedPostingId: expect.any(String) } },
      { jobPosting: null },
    ]);
    expect(answer.body.errors[0].message).toContain("twice");
  });

  it.each([
    { description: "R&amp;D", says: "&amp;" },
    { description: "a&#160;b", says: "&#160;" },
    { description: "<div>x</div>", says: "div" },
    { description: "<script>x</script>", says: "script" },
    { description: '<p style="color:red">x</p>', says: "style" },
    { description: "<a href='https://x.example'>x</a>", says: "tag a" },
  ])("with markup that is not allowed: $description", async ({ description, says }) => {
    const { create } = await anIndeed();
    expect((await create(aJobWith("body.description", description))).body.errors[0].message).toContain(says);
  });

  it("with no markup that is allowed", async () => {
    const { create } = await anIndeed();
    const description =
      "<h1>R&D</h1><h6>x</h6><p>a<br>b <b>c</b><strong>d</strong><em>e</em></p><ul><li>f</li></ul><table><tr><td>g</td></tr></table>";
    expect((await create(aJobWith("body.description", description))).body.errors).toBeUndefined();
  });

  it("for markup later, or not at all, where it is told to", async () => {
    const { twin, create, status } = await anIndeed();
    const job = aJobWith("body.description", "<div>x</div>");
    twin.switches.liveAfterCalls = 1;
    twin.switches.otherMarkup = "rejected";
    const { employerJobId } = createdIn(await create(job));
    expect((await status(employerJobId)).surfaceStatuses[0].isRejected).toBe(true);
    twin.switches.otherMarkup = "accepted";
    expect((await status(employerJobId)).surfaceStatuses[0].isRejected).toBe(false);
  });
});

describe("Indeed Apply in a job", () => {
  const postUrl = "https://ats.example/apply";
  const details = {
    schemaVersion: "1.3",
    screenerQuestions: { questions: [{ id: "q", type: "text", question: "Why?" }] },
  };

  it.each([
    { why: "whole", more: { phoneRequired: "YES", coverLetterRequired: "NO", nameFormat: "FULL_NAME" } },
    {
      why: "with questions at an address",
      more: { resumeRequired: "OPTIONAL", applyQuestions: "https://ats.example/q" },
    },
    { why: "with questions of its own", more: { resumeRequired: "NO", applyQuestionsDetails: details } },
    { why: "with questions as text", more: { resumeRequired: "NO", applyQuestionsDetails: JSON.stringify(details) } },
  ])("is taken $why", async ({ more }) => {
    const { create } = await anIndeed();
    expect((await create(aJobWithApply(postUrl, more))).body.errors).toBeUndefined();
  });

  it.each([
    { more: { postUrl: "http://ats.example/apply" }, says: "postUrl" },
    { more: { apiToken: "" }, says: "apiToken" },
    { more: { resumeRequired: "OPTIONAL" }, says: "resumeRequired" },
    { more: { resumeRequired: "NO" }, says: "resumeRequired" },
    { more: { applyQuestions: "questions.json" }, says: "applyQuestions" },
    { more: { applyQuestionsDetails: { schemaVersion: "1.3", screenerQuestions: {} } }, says: "applyQuestionsDetails" },
    { more: { applyQuestionsDetails: "{" }, says: "is no JSON" },
  ])("is refused: $more", async ({ more, says }) => {
    const { create } = await anIndeed();
    const { body } = await create(aJobWithApply(postUrl, more));
    expect(body.errors).toMatchObject([
      { message: expect.stringContaining(says), extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  it("knows three answers to whether something is required", async () => {
    const { create } = await anIndeed();
    const { body } = await create(aJobWithApply(postUrl, { phoneRequired: "MAYBE" }));
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
  });

  it.each([
    { type: "select", question: "?" },
    { type: "multiselect", question: "?", options: [] },
    { type: "essay", question: "?" },
    { type: "text" },
    { type: "text", question: "?", condition: { id: "later", value: "1" } },
  ])("takes no question like %j", async (question) => {
    const { create } = await anIndeed();
    const applyQuestionsDetails = {
      schemaVersion: "1.3",
      screenerQuestions: { questions: [{ id: "q", ...question }] },
    };
    const { body } = await create(aJobWithApply(postUrl, { applyQuestionsDetails }));
    expect(body.errors[0].message).toContain("applyQuestionsDetails");
  });

  it("takes five hundred questions, and no more, each with an id of its own", async () => {
    const { create } = await anIndeed();
    const asked = async (ids: readonly number[]) => {
      const questions = ids.map((id) => ({ id: `q${id}`, type: "text", question: "?" }));
      const applyQuestionsDetails = { schemaVersion: "1.3", screenerQuestions: { questions } };
      return (await create(aJobWithApply(postUrl, { applyQuestionsDetails }))).body.errors;
    };
    const many = Array.from({ length: 501 }, (_, index) => index);
    expect(await asked(many.slice(0, 500))).toBeUndefined();
    expect(await asked(many)).toHaveLength(1);
    expect((await asked([1, 1]))[0].message).toContain("two questions q1");
  });
});

describe("several jobs in one call", () => {
  const bad = aJobWith("metadata.url", "nowhere");

  it("are taken or refused one by one", async () => {
    const { twin, create } = await anIndeed();
    const answer = await create(aJob("A"), bad, aJob("B"));
    expect(resultsIn(answer)).toMatchObject([{ jobPosting: {} }, { jobPosting: null }, { jobPosting: {} }]);
    const path = ["jobsIngest", "createSourcedJobPostings", "results", 1, "jobPosting"];
    expect(answer.body.errors).toMatchObject([{ path, extensions: { code: "BAD_USER_INPUT" } }]);
    expect(twin.postings()).toHaveLength(2);
  });

  it("have null in the place of one that was refused, where it is told so", async () => {
    const { twin, create } = await anIndeed();
    twin.switches.refusedJob = "null-result";
    const answer = await create(aJob(), bad);
    expect(resultsIn(answer)).toMatchObject([{ jobPosting: {} }, null]);
    expect(answer.body.errors[0].path).toEqual(["jobsIngest", "createSourcedJobPostings", "results", 1]);
  });

  it.each([
    { errorPath: "mutation", path: ["jobsIngest", "createSourcedJobPostings"] },
    { errorPath: "none", path: undefined },
  ] as const)("have errors whose path is $path", async ({ errorPath, path }) => {
    const { twin, create } = await anIndeed();
    twin.switches.errorPath = errorPath;
    expect((await create(aJob(), bad)).body.errors[0].path).toEqual(path);
  });

  it("all fail for one missing field, where the schema has it so", async () => {
    const { twin, create } = await anIndeed();
    twin.switches.missingFieldRefuses = "call";
    const { status, body } = await create(aJob(), aJobWith("body.title", undefined));
    expect([status, body]).toMatchObject([200, { data: null, errors: [{ extensions: { code: "BAD_USER_INPUT" } }] }]);
    expect(twin.postings()).toEqual([]);
  });
});

describe("the end of a job at Indeed", () => {
  it("comes when it is asked for, twice alike", async () => {
    const { twin, create, expire, status } = await anIndeed();
    const { sourcedPostingId, employerJobId } = createdIn(await create(aJob()));
    for (const _ of [1, 2]) {
      const { body } = await expire(sourcedPostingId);
      const result = { trackingKey: expect.any(String), inputData: { sourcedPostingId } };
      expect(body).toEqual({ data: { jobsIngest: { expireSourcedJobsBySourcedPostingId: { results: [result] } } } });
    }
    expect((await status(employerJobId)).globalStatus.lifecycleStatus).toBe("INACTIVE");
    expect(twin.posting("JOB-1")).toMatchObject({ endedBy: "request" });
  });

  it("of a job that nobody knows is an error, or none", async () => {
    const { twin, expire } = await anIndeed();
    expect((await expire("nobody")).body.errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
    twin.switches.expiryOfUnknown = "accepted";
    expect((await expire("nobody")).body.errors).toBeUndefined();
  });

  it("of one does not keep that of others", async () => {
    const { call, create, twin } = await anIndeed();
    const { sourcedPostingId } = createdIn(await create(aJob()));
    const jobs = [{ sourcedPostingId: "nobody" }, { sourcedPostingId }];
    const { body } = await call(expireQuery, { input: { jobs } });
    expect(body.data.jobsIngest.expireSourcedJobsBySourcedPostingId.results).toMatchObject([
      null,
      { inputData: { sourcedPostingId } },
    ]);
    expect(twin.posting("JOB-1")?.endedAt).not.toBeNull();
  });

  it("is undone within thirty days by sending it again, with the same ids", async () => {
    const { create, expire, status, wait } = await anIndeed();
    const first = createdIn(await create(aJob()));
    await status(first.employerJobId);
    await status(first.employerJobId);
    await expire(first.sourcedPostingId);
    wait(days(30));
    expect(createdIn(await create(aJob()))).toEqual(first);
    expect((await status(first.employerJobId)).globalStatus.lifecycleStatus).toBe("PENDING");
  });

  it("is for good after thirty days: what is sent then is another posting", async () => {
    const { twin, create, expire, wait } = await anIndeed();
    const first = createdIn(await create(aJob()));
    await expire(first.sourcedPostingId);
    wait(days(30) + 1);
    const second = createdIn(await create(aJob()));
    expect([second.sourcedPostingId === first.sourcedPostingId, second.employerJobId === first.employerJobId]).toEqual([
      false,
      false,
    ]);
    expect(twin.postings()).toHaveLength(2);
  });

  it("never comes by itself, but at the expiration date, or not even then", async () => {
    const { twin, create, status, wait } = await anIndeed();
    const forever = createdIn(await create(aJob("FOREVER")));
    const dated = { ...aJob("DATED"), metadata: { ...aJob("DATED").metadata, expirationDate: "2026-12-31" } };
    const ending = createdIn(await create(dated));
    wait(days(300));
    const lifecycleOf = async ({ employerJobId }: { employerJobId: string }) =>
      (await status(employerJobId)).globalStatus.lifecycleStatus;
    expect([await lifecycleOf(forever), await lifecycleOf(ending)]).toEqual(["ACTIVE", "INACTIVE"]);
    expect(twin.posting("DATED")).toMatchObject({ endedBy: "expirationDate", endedAt: new Date("2026-12-31") });
    twin.switches.expiresAtExpirationDate = false;
    const again = createdIn(await create({ ...dated, metadata: { ...dated.metadata, jobPostingId: "AGAIN" } }));
    wait(days(1));
    expect(await lifecycleOf(again)).toBe("ACTIVE");
  });
});

describe("the status of a job at Indeed", () => {
  const seen = { isRejected: false, isSponsorshipRequired: false, isMissingRequiredSponsorship: false };

  it("is pending at first, and live when it is asked for again", async () => {
    const { create, status } = await anIndeed();
    const { employerJobId } = createdIn(await create(aJob()));
    expect(await status(employerJobId)).toEqual({
      globalStatus: { lifecycleStatus: "PENDING", isIndeedApplyActive: false },
      surfaceStatuses: [],
    });
    expect(await status(employerJobId)).toEqual({
      globalStatus: { lifecycleStatus: "ACTIVE", isIndeedApplyActive: false },
      surfaceStatuses: [seen],
    });
  });

  it("is live after an hour, or as soon as somebody says so", async () => {
    const { twin, create, status, wait } = await anIndeed();
    const first = createdIn(await create(aJob("A")));
    const second = createdIn(await create(aJob("B")));
    twin.switches.liveAfterCalls = 100;
    twin.indexNow(first.sourcedPostingId);
    const lifecycleOf = async (id: string) => (await status(id)).globalStatus.lifecycleStatus;
    expect([await lifecycleOf(first.employerJobId), await lifecycleOf(second.employerJobId)]).toEqual([
      "ACTIVE",
      "PENDING",
    ]);
    wait(3600);
    expect(await lifecycleOf(second.employerJobId)).toBe("ACTIVE");
  });

  it("says whether applications go through Indeed, for which its token has to be right", async () => {
    const { twin, create, status } = await anIndeed();
    twin.switches.liveAfterCalls = 1;
    const isActive = async (job: object) => {
      const { employerJobId } = createdIn(await create(job));
      return (await status(employerJobId)).globalStatus.isIndeedApplyActive;
    };
    const postUrl = "https://ats.example/apply";
    expect(await isActive(aJobWithApply(postUrl, {}, "A"))).toBe(true);
    expect(await isActive(aJobWithApply(postUrl, { apiToken: "other" }, "B"))).toBe(false);
    expect(await isActive(aJob("C"))).toBe(false);
  });

  it.each([
    { title: "Great money [spam]" },
    { title: "Engineer in Austin" },
    { title: "Engineer at Muster Bridges" },
    { title: "Engineer $90,000" },
    { title: "ENGINEER WANTED" },
    { title: "Engineer!!" },
  ])("tells that it was moderated away: $title", async ({ title }) => {
    const { twin, create, status } = await anIndeed();
    twin.switches.liveAfterCalls = 1;
    const { employerJobId } = createdIn(await create(aJobWith("body.title", title)));
    expect(await status(employerJobId)).toMatchObject({ surfaceStatuses: [{ ...seen, isRejected: true }] });
    await create(aJob());
    expect(await status(employerJobId)).toMatchObject({ surfaceStatuses: [seen] });
  });

  it.each([{ title: "SRE" }, { title: "R&D Engineer (C++)" }, { title: "Área 51 Guide" }])(
    "has nothing against $title",
    async ({ title }) => {
      const { twin, create, status } = await anIndeed();
      twin.switches.liveAfterCalls = 1;
      const { employerJobId } = createdIn(await create(aJobWith("body.title", title)));
      expect((await status(employerJobId)).surfaceStatuses).toEqual([seen]);
    },
  );

  it("does not judge titles where it is told so", async () => {
    const { twin, create, status } = await anIndeed();
    Object.assign(twin.switches, { liveAfterCalls: 1, moderatesTitles: false });
    const { employerJobId } = createdIn(await create(aJobWith("body.title", "ENGINEER WANTED")));
    expect((await status(employerJobId)).surfaceStatuses).toEqual([seen]);
  });

  it("tells that sponsorship is required, and missing until it is given", async () => {
    const { twin, create, status } = await anIndeed();
    twin.switches.liveAfterCalls = 1;
    const { sourcedPostingId, employerJobId } = createdIn(await create(aJobWith("body.title", "Engineer [sponsor]")));
    const required = { ...seen, isSponsorshipRequired: true };
    expect((await status(employerJobId)).surfaceStatuses).toEqual([
      { ...required, isMissingRequiredSponsorship: true },
    ]);
    twin.sponsor(sourcedPostingId);
    expect((await status(employerJobId)).surfaceStatuses).toEqual([required]);
  });

  it("comes as a list of surfaces or as one, and in words that can be others", async () => {
    const { twin, create, status } = await anIndeed();
    twin.switches.surfaceStatuses = "object";
    twin.switches.lifecycle = { pending: "DRAFT", active: "LIVE", inactive: "CLOSED" };
    const { employerJobId } = createdIn(await create(aJob()));
    expect(await status(employerJobId)).toMatchObject({
      globalStatus: { lifecycleStatus: "DRAFT" },
      surfaceStatuses: null,
    });
    expect(await status(employerJobId)).toMatchObject({
      globalStatus: { lifecycleStatus: "LIVE" },
      surfaceStatuses: seen,
    });
  });

  it("of several jobs comes in one call, with null for those that nobody knows", async () => {
    const { twin, create, call, status } = await anIndeed();
    const { employerJobId } = createdIn(await create(aJob()));
    const { body } = await call(statusesQuery, { ids: [employerJobId, "nobody"] });
    expect(body.data.nodes).toMatchObject([{ id: employerJobId }, null]);
    expect(body.errors).toMatchObject([{ path: ["nodes", 1], extensions: { code: "NOT_FOUND" } }]);
    expect(await status("nobody")).toMatchObject({ extensions: { code: "NOT_FOUND" } });
    twin.switches.unknownNode = "null";
    expect((await call(statusesQuery, { ids: ["nobody"] })).body).toEqual({ data: { nodes: [null] } });
  });
});

describe("Glassdoor", () => {
  it("shows the jobs that are live on Indeed, and no others", async () => {
    const { twin, create, expire } = await anIndeed();
    const titles = () => twin.glassdoorJobs().map(({ title }) => title);
    const { sourcedPostingId } = createdIn(await create(aJob()));
    expect(titles()).toEqual([]);
    twin.indexNow(sourcedPostingId);
    expect(titles()).toEqual(["Senior Engineer"]);
    for (const title of ["Other [spam]", "Other [sponsor]"]) {
      await create(aJobWith("body.title", title));
      expect(titles()).toEqual([]);
    }
    await create(aJob());
    expect(titles()).toHaveLength(1);
    await expire(sourcedPostingId);
    expect(titles()).toEqual([]);
  });
});

describe("Indeed's endpoint", () => {
  it.each([
    { query: "mutation {", code: "GRAPHQL_PARSE_FAILED" },
    { query: "{ jobs { id } }", code: "GRAPHQL_VALIDATION_FAILED" },
    { query: createQuery, code: "BAD_USER_INPUT" },
  ])("answers a query that is wrong with 200 and $code", async ({ query, code }) => {
    const { call } = await anIndeed();
    const { status, body } = await call(query, { input: {} });
    expect([status, body]).toMatchObject([200, { data: null, errors: [{ extensions: { code } }] }]);
  });

  it("has another word for unknown fields, and no classification, where it is told so", async () => {
    const { twin, call } = await anIndeed();
    const extensionsOf = async () => (await call("{ jobs { id } }")).body.errors[0].extensions;
    expect(await extensionsOf()).toEqual({ code: "GRAPHQL_VALIDATION_FAILED", classification: "ValidationError" });
    Object.assign(twin.switches, { unknownFieldCode: "BAD_USER_INPUT", withClassification: false });
    expect(await extensionsOf()).toEqual({ code: "BAD_USER_INPUT" });
  });

  it("runs the operation that is named, with its variables", async () => {
    const { sandbox, origin, token } = await anIndeed();
    const { access_token: bearer } = (await token()).body;
    const query = "query A { __typename } query B($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    const reply = await fetch(`${origin}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ query, operationName: "B", variables: { ids: [] } }),
    });
    expect(await reply.json()).toEqual({ data: { nodes: [] } });
    expect(sandbox.requests.at(-1)).toMatchObject({
      twin: "indeed",
      path: "/graphql",
      body: expect.stringContaining("query B"),
    });
  });

  it("takes POST alone, with a query in it", async () => {
    const { origin, token } = await anIndeed();
    const { access_token: bearer } = (await token()).body;
    const headers = { authorization: `Bearer ${bearer}` };
    expect((await fetch(`${origin}/graphql?query={__typename}`, { headers })).status).toBe(405);
    for (const body of ["", "{", "{}"]) {
      const reply = await fetch(`${origin}/graphql`, { method: "POST", headers, body });
      expect([reply.status, await reply.json()]).toMatchObject([
        400,
        { errors: [{ extensions: { code: "BAD_USER_INPUT" } }] },
      ]);
    }
  });
});

describe("too many calls to Indeed", () => {
  const jobs = (count: number) => Array.from({ length: count }, (_, index) => aJob(`J-${index}`));

  it("are more than one a second with more than ten jobs, and are told by 429", async () => {
    const { create, wait } = await anIndeed();
    expect((await create(...jobs(11))).status).toBe(200);
    const refused = await create(...jobs(11));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, null]);
    wait(1);
    expect((await create(...jobs(11))).status).toBe(200);
  });

  it("are counted apart by how many jobs they have, and not at all for ending jobs", async () => {
    const { create, expire } = await anIndeed();
    await create(...jobs(11));
    expect((await create(...jobs(11))).status).toBe(429);
    expect((await create(...jobs(10))).status).toBe(200);
    expect((await create(...jobs(1))).status).toBe(200);
    expect((await expire("nobody")).status).toBe(200);
  });

  it("are counted in windows of a second, a minute, ten minutes and an hour", async () => {
    const { twin, create, wait } = await anIndeed();
    const limits = [
      { seconds: 1, requests: 1 },
      { seconds: 60, requests: 2 },
    ];
    twin.switches.quotas = [{ maxJobs: null, limits }];
    twin.switches.tellsRetryAfter = true;
    expect((await create(aJob())).status).toBe(200);
    expect((await create(aJob())).headers.get("retry-after")).toBe("1");
    wait(1);
    expect((await create(aJob())).status).toBe(200);
    wait(1);
    expect((await create(aJob())).headers.get("retry-after")).toBe("58");
    wait(58);
    expect((await create(aJob())).status).toBe(200);
  });

  it.each([
    { jobs: 1, second: 150, minute: 4000, hour: 80_000 },
    { jobs: 10, second: 30, minute: 800, hour: 16_000 },
    { jobs: 11, second: 1, minute: 40, hour: 800 },
  ])("are as Indeed says for $jobs jobs", async ({ jobs: count, second, minute, hour }) => {
    const { twin } = await anIndeed();
    const row = twin.switches.quotas.find(({ maxJobs }) => maxJobs === null || count <= maxJobs);
    expect(row?.limits.map(({ requests }) => requests)).toEqual([second, minute, minute * 5, hour]);
  });
});
