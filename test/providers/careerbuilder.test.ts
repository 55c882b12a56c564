import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvelope, textIn } from "../../sandbox/soap/envelope.ts";
import { readXml } from "../../sandbox/xml-reader.ts";
import { careerbuilder } from "../../src/providers/job-board/careerbuilder.ts";
import type { Job, JobField } from "../../src/providers/job-board/job.ts";
import type { BoardAccount, BoardPosting } from "../../src/providers/job-board/provider.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aFullJob, aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { type CareerBuilderVendor, createCareerBuilderVendor } from "../support/careerbuilder-vendor.ts";

describeJobBoardProvider(careerbuilder, createCareerBuilderVendor);

const dayMs = 86_400_000;
let vendor: CareerBuilderVendor;
let account: BoardAccount;

beforeEach(async () => {
  vendor = await createCareerBuilderVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => vendor.stop());

/** The job as it was sent last, by the names of its elements. */
function sentJob(): Readonly<Record<string, string>> {
  const body = vendor.sandbox.requests.findLast(({ path }) => path.endsWith("RealTimeJobPost.asmx"))?.body ?? "";
  const document = readXml(textIn(readEnvelope(body).content, "xmlJob"));
  const job = document.children.find(({ name }) => name === "Job");
  return Object.fromEntries((job?.children ?? []).map(({ name, text }) => [name, text]));
}

async function sentFor(changes: Partial<Job>): Promise<Readonly<Record<string, string>>> {
  await careerbuilder.post?.(account, aPosting({ job: aJob(changes) }));
  return sentJob();
}

const posted = async (changes: Partial<BoardPosting> = {}) => {
  const posting = aPosting(changes);
  const report = await careerbuilder.post?.(account, posting);
  if (!report) throw new Error("Nothing was posted");
  return { posting, report };
};
const looked = (posting: BoardPosting, boardTaskId: string | null, boardPostingId: string | null = null) =>
  careerbuilder.status?.(account, { ...posting, boardTaskId, boardPostingId });

describe("the login", () => {
  it("stands in the text of each job, whatever is in it, and is nowhere else", async () => {
    const { userName } = vendor.login;
    const strange = { ...vendor.login, password: `p<&>"'{password}` };
    vendor.twin.state.load({ accounts: new Map([["MUSTER", strange]]) });
    const { account: own, connected, secret } = await vendor.connectAs({ password: strange.password });
    expect(secret).toEqual({ userName, password: strange.password });
    expect(JSON.stringify([connected, own.settings])).not.toContain(strange.password);
    const job = aJob({ title: "{password} and {user-name}" });
    await careerbuilder.post?.(own, aPosting({ job }));
    expect(sentJob()["JobTitle"]).toBe("{password} and {user-name}");
  });

  it.each(["error", "fault"] as const)(
    "that is wrong is told, in an answer or as a fault: %s",
    async (loginFailure) => {
      vendor.twin.switches.loginFailure = loginFailure;
      const failure: unknown = await vendor.connectWrongly().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "CREDENTIALS_REJECTED" });
      expect(inspect(failure, { depth: 10 })).not.toContain("wrong");
    },
  );

  it("is refused with another customer's code", async () => {
    await expect(vendor.connectAs({ accountCode: "NOBODY" })).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
  });

  it("is proved without a posting", async () => {
    expect(vendor.twin.jobs()).toEqual([]);
    vendor.twin.switches.deleteOfUnknown = "ok";
    await vendor.connect();
    expect(vendor.twin.charges()).toEqual([]);
  });
});

describe("a job that was handed in", () => {
  it("waits in the queue, and is asked about until it is posted", async () => {
    const { posting, report } = await posted();
    expect(report).toMatchObject({ state: "IN_REVIEW", boardState: "Queued", isPending: true });
    const task = report.boardTaskId;
    expect(await looked(posting, task)).toMatchObject({ state: "IN_REVIEW", isPending: true });
    expect(await looked(posting, task)).toMatchObject({ state: "IN_REVIEW" });
    expect(await looked(posting, task)).toMatchObject({
      state: "LIVE",
      boardState: "Posted",
      isPending: false,
      url: "https://www.careerbuilder.com/job/J300000001",
    });
  });

  it("is refused in the queue, with the board's words", async () => {
    vendor.twin.switches.refusedInQueue = "The company is not verified.";
    vendor.twin.switches.pollsQueued = 0;
    const { posting, report } = await posted();
    expect(await looked(posting, report.boardTaskId)).toMatchObject({
      state: "REJECTED",
      isTaken: false,
      refusal: { code: "PROVIDER_REFUSED", message: expect.stringContaining("not verified") },
    });
  });

  it("has a status that nobody knows the word for: it is taken, and no more", async () => {
    vendor.twin.switches.words = { queued: "InProcess", posted: "Posted", failed: "Error" };
    expect((await posted()).report).toMatchObject({ state: "SUBMITTED", boardState: "InProcess", isPending: true });
  });

  it.each(["error", "update"] as const)(
    "twice is one job, and paid for once: an add of it is an %s",
    async (addOfKnown) => {
      vendor.twin.switches.addOfKnown = addOfKnown;
      const { posting } = await posted();
      await careerbuilder.post?.(account, { ...posting, job: { ...posting.job, title: "Welder" } });
      expect(vendor.seen(account, posting.job.externalReference)).toEqual([{ title: "Welder", isOpen: true }]);
      expect(vendor.twin.charges()).toHaveLength(1);
    },
  );

  it("is paid for again when it is opened again", async () => {
    const { posting } = await posted();
    await careerbuilder.close?.(account, posting);
    await careerbuilder.reopen?.(account, posting);
    expect(vendor.twin.charges()).toHaveLength(2);
    expect(careerbuilder.cost?.(aJob(), {})).toEqual({ money: null, unit: "posting of the contract" });
  });

  it("ends with what is paid for, or with the job", async () => {
    const end = new Date(Date.now() + 10 * dayMs);
    const { report } = await posted({ job: aJob({ expiresAt: end }) });
    expect(report.expiresAt?.toISOString().slice(0, 10)).toBe(end.toISOString().slice(0, 10));
    const { posting, report: other } = await posted();
    vendor.sandbox.clock.advance(31 * dayMs);
    vendor.finishReviews();
    expect(await looked(posting, null, other.boardPostingId)).toMatchObject({ state: "EXPIRED" });
  });

  it("waits for more postings where the contract has none left", async () => {
    vendor.twin.switches.postingsLeft = 0;
    await expect(posted()).rejects.toMatchObject({ code: "QUOTA_EXHAUSTED" });
  });

  it("is not changed when it is gone", async () => {
    await expect(careerbuilder.update?.(account, aPosting({ operation: "UPDATE" }))).rejects.toMatchObject({
      code: "PROVIDER_REFUSED",
      message: expect.stringContaining("No job with this JobID was found"),
      providerCode: "301",
    });
  });

  it("is another one than that of the same reference in another account", async () => {
    const { userName, password } = vendor.twin.createAccount("OTHER");
    const { account: other } = await vendor.connectAs({ userName, password, accountCode: "OTHER" });
    const { posting } = await posted();
    await careerbuilder.post?.(other, posting);
    await careerbuilder.close?.(other, posting);
    expect(vendor.seen(account, posting.job.externalReference).map(({ isOpen }) => isOpen)).toEqual([true, false]);
  });
});

describe("the fields of a job", () => {
  const sent: Partial<Record<JobField, readonly [Partial<Job>, Readonly<Record<string, string | undefined>>]>> = {
    externalReference: [
      { externalReference: "REF-9" },
      { JobID: "REF-9", Action: "add", CustomerAccountCode: "MUSTER" },
    ],
    requisitionId: [{ requisitionId: "REQ-9" }, { DisplayJobID: "REQ-9" }],
    title: [{ title: "Fitter & welder <m/f>" }, { JobTitle: "Fitter & welder <m/f>" }],
    location: [{ location: berlinOffice }, { City: "Berlin", PostalCode: "10119", Country: "DE" }],
    alternateLocations: [{ alternateLocations: [berlinOffice] }, { AlternateLocations: "Berlin, Berlin, Germany" }],
    salary: [
      { salary: { min: "52000", max: "61000.50", currency: "USD", period: "YEAR", visible: true } },
      { BasePayLow: "52000", BasePayHigh: "61000.50", CurrencyCode: "USD", PayRate: "year" },
    ],
    education: [{ education: "A degree" }, { Education: "A degree" }],
    boardCodes: [
      { boardCodes: { functions: ["JN008"], industries: ["IND01"] } },
      { JobTypeCode: "JN008", IndustryCode: "IND01" },
    ],
    skills: [{ skills: { required: ["CAD"], preferred: ["Welding"] } }, { DesiredSkills: "CAD, Welding" }],
    company: [{}, { ContactCompany: "Muster AG" }],
    applyUrl: [
      { applyUrl: "https://careers.example.test/1?a=b&c=d" },
      { ApplicationURL: "https://careers.example.test/1?a=b&c=d", ApplyOnlineCopyEmail: undefined },
    ],
    contactEmail: [{ applyMethod: "EMAIL" }, { ApplyOnlineCopyEmail: "jobs@example.test", ApplicationURL: undefined }],
    contactName: [{ contactName: "Ana" }, { ContactName: "Ana" }],
    contactPhone: [{ contactPhone: "+1 512 555" }, { ContactPhone: "+1 512 555" }],
    publishedAt: [{ publishedAt: new Date("2026-12-01T10:00:00Z") }, { ActivationDate: "2026-12-01" }],
    expiresAt: [{ expiresAt: new Date("2999-01-01T00:00:00Z") }, { ExpirationDate: "2999-01-01" }],
  };

  it.each(Object.entries(sent))("%s goes where the table says", async (_field, [changes, elements]) => {
    const job = await sentFor(changes);
    for (const [name, value] of Object.entries(elements)) expect([name, job[name]]).toEqual([name, value]);
  });

  it("without a place of their own stand in the description", async () => {
    const { Description = "" } = await sentFor(aFullJob({ externalReference: "REF-10" }));
    for (const part of [
      "You answer",
      "You can weld",
      "Full time",
      "Remote",
      "Senior",
      "B2",
      "Bicycle",
      "0.1 %",
      "alike",
    ]) {
      expect(Description).toContain(part);
    }
  });

  it("that have an element are the ones of the table, and no pay that is not to be seen", async () => {
    const names = Object.keys(
      await sentFor({ salary: { min: "1", max: null, currency: "USD", period: "YEAR", visible: false } }),
    );
    expect(names).not.toContain("BasePayLow");
    const elements = Object.values(careerbuilder.fields).flatMap((place) =>
      "sentAs" in place ? place.sentAs.split(", ") : [],
    );
    const full = Object.keys(await sentFor(aFullJob({ externalReference: "REF-11" })));
    const mail = Object.keys(await sentFor(aFullJob({ externalReference: "REF-12", applyMethod: "EMAIL" })));
    const unsaid = ["Action", "CustomerAccountCode"];
    const seen = [...new Set([...full, ...mail])].filter((name) => !unsaid.includes(name));
    // The account of these tests has no profile.
    expect(seen.toSorted()).toEqual([...new Set(elements)].filter((name) => name !== "CompanyProfileName").toSorted());
  });

  it("have the account's profile where there is one", async () => {
    const { account: own } = await vendor.connectAs({ companyProfile: "Muster profile" });
    await careerbuilder.post?.(own, aPosting());
    expect(sentJob()["CompanyProfileName"]).toBe("Muster profile");
  });

  it("leave out what XML cannot hold", async () => {
    expect((await sentFor({ title: "Bell\u0007 \u{1F514}" }))["JobTitle"]).toBe("Bell \u{1F514}");
  });
});

describe("what CareerBuilder makes of a job", () => {
  const findings = (changes: Partial<Job>) =>
    careerbuilder.check(aJob(changes), {}, new Date()).map(({ field: [field], effect }) => `${effect} ${field}`);

  it.each([
    [{ title: " " }, "REFUSED title"],
    [{ location: null }, "REFUSED location"],
    [{ location: { ...berlinOffice, city: null, postalCode: null } }, "REFUSED location"],
    [{ applyUrl: null }, "REFUSED applyUrl"],
    [{ expiresAt: new Date(0) }, "REFUSED expiresAt"],
    [{ industries: ["Bridges"] }, "DROPPED industries"],
    [{ functions: ["Engineering"] }, "DROPPED functions"],
    [{ applyMethod: "BOARD_NATIVE" }, "CHANGED applyMethod"],
  ] as const)("is told beforehand: %o", (changes, finding) => {
    expect(findings(changes)).toContain(finding);
  });

  it("is nothing where the codes are given", () => {
    const changes = { industries: ["Bridges"], boardCodes: { functions: [], industries: ["IND01"] } };
    expect(findings(changes)).not.toContain("DROPPED industries");
  });
});

describe("an answer that is none", () => {
  it.each([
    "<html></html>",
    "<a",
    '<!DOCTYPE x [<!ENTITY a "b">]><x/>',
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>',
  ])("is told as such: %s", async (body) => {
    const fetch = () => Promise.resolve(new Response(body, { status: 200 }));
    const post = careerbuilder.post?.({ ...account, fetch }, aPosting());
    await expect(post).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
  });

  it("that says that our message was wrong is a refusal, and not repeated", async () => {
    const fault = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode><faultstring>No such element</faultstring></soap:Fault></soap:Body></soap:Envelope>`;
    expect(careerbuilder.statusIn?.(fault)).toBe(400);
    const fetch = () => Promise.resolve(new Response(fault, { status: 400 }));
    await expect(careerbuilder.post?.({ ...account, fetch }, aPosting())).rejects.toMatchObject({
      code: "PROVIDER_REFUSED",
      retryable: false,
    });
  });
});
