import { describe, expect, it } from "vitest";
import { readXml } from "../../sandbox/xml-reader.ts";
import type { FeedDialect } from "../../src/providers/job-board/feed-dialect.ts";
import type { Job } from "../../src/providers/job-board/job.ts";
import { jobFeed } from "../../src/providers/job-board/job-feed.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aFullJob, aJob, berlinOffice } from "../support/a-job.ts";
import { connectByForm } from "../support/form-account.ts";
import { createJobFeedVendor } from "../support/job-feed-vendor.ts";
import { faultsIn, xmllintIsInstalled } from "../support/xmllint.ts";

describeJobBoardProvider(jobFeed, createJobFeedVendor);

const settings = {
  publisher: "Muster Bridges",
  publisherUrl: "https://www.example.test/",
  sourceName: "muster-bridges",
  linkedInCompanyId: "4711",
};
const link = "https://jobs.example.test/apply/0192";
const changedAt = new Date("2026-11-26T08:00:00Z");
const listedAt = new Date("2026-11-20T08:00:00Z");
const dialects = Object.entries(jobFeed.feeds ?? {});

function dialectNamed(name: string): FeedDialect {
  const found = jobFeed.feeds?.[name];
  if (!found) throw new Error(`There is no ${name}`);
  return found;
}

/** A whole feed of these jobs. */
function feedOf(name: string, jobs: readonly Job[]): string {
  const dialect = dialectNamed(name);
  const elements = jobs.flatMap((job) => dialect.jobsOf({ job, link, listedAt }, settings));
  return dialect.head({ settings, jobs: elements.length, changedAt }) + elements.join("") + dialect.tail;
}

type Tree = { readonly [name: string]: string | Tree | readonly (string | Tree)[] };

/** What its elements say; those that are there more than once as a list. */
function treeOf({ children }: ReturnType<typeof readXml>): Tree {
  const tree: Record<string, string | Tree | (string | Tree)[]> = {};
  for (const child of children) {
    const value = child.children.length > 0 ? treeOf(child) : child.text;
    const before = tree[child.name];
    if (before === undefined) tree[child.name] = value;
    else tree[child.name] = Array.isArray(before) ? [...before, value] : [before as string | Tree, value];
  }
  return tree;
}

function jobsIn(name: string, ...jobs: readonly Job[]): readonly Tree[] {
  const { job = [] } = treeOf(readXml(feedOf(name, jobs)));
  return [job].flat() as Tree[];
}

const onlyJobIn = (name: string, job: Job): Tree => {
  const [only, ...others] = jobsIn(name, job);
  if (!only || others.length > 0) throw new Error(`There are ${others.length} others`);
  return only;
};

const fullJob = (changes: Partial<Job> = {}) =>
  aFullJob({ externalReference: "REF-1", alternateLocations: [], workplaceType: "HYBRID", ...changes });

describe("what each reader gets of a job that says everything", () => {
  it("is for Indeed", () => {
    const { description, ...elements } = onlyJobIn("indeed", fullJob());
    expect(elements).toEqual({
      title: "Service engineer",
      date: "2026-11-01T08:00:00.000Z",
      referencenumber: "REF-1",
      requisitionid: "REQ-1",
      url: link,
      company: "Muster AG",
      sourcename: "muster-bridges",
      city: "Austin",
      state: "TX",
      country: "US",
      postalcode: "78701",
      streetaddress: "500 Congress Avenue",
      email: "jobs@example.test",
      salary: "52000 to 61000.50 USD a year",
      education: "A degree in engineering",
      category: "Service, Engineering, Bridges",
      experience: "Senior",
      jobtype: "Full-time",
      remotetype: "Hybrid remote",
      expirationdate: "2999-01-01T00:00:00.000Z",
    });
    for (const part of [
      "You talk",
      "answer for it",
      "can weld",
      "You like it",
      "bicycle",
      "CAD",
      "Climbing",
      "B2",
      "40",
    ])
      expect(description).toContain(part);
    expect(description).toContain("We treat everybody alike.");
  });

  it("is for ZipRecruiter", () => {
    const { description, ...elements } = onlyJobIn("ziprecruiter", fullJob());
    expect(elements).toEqual({
      title: "Service engineer",
      date: "2026-11-01T08:00:00.000Z",
      referencenumber: "REF-1",
      url: link,
      company: "Muster AG",
      city: "Austin",
      state: "TX",
      country: "US",
      postalcode: "78701",
      jobtype: "full_time",
      compensation_min: "52000",
      compensation_max: "61000.50",
      compensation_currency: "USD",
      compensation_interval: "Annually",
      education: "A degree in engineering",
      category: "Service, Engineering, Bridges",
      experience: "Senior",
      expirationdate: "2999-01-01T00:00:00.000Z",
    });
    expect(description).toContain("Workplace: Hybrid");
  });

  it("is for Monster", () => {
    const { description, ...elements } = onlyJobIn("monster", fullJob());
    expect(elements).toEqual({
      title: "Service engineer",
      date: "2026-11-01T08:00:00.000Z",
      referencenumber: "REF-1",
      url: link,
      company: "Muster AG",
      city: "Austin",
      state: "TX",
      country: "US",
      postalcode: "78701",
      salary: "52000 to 61000.50 USD a year",
      jobtype: "Full-time",
      education: "A degree in engineering",
      category: "Service, Engineering, Bridges",
      experience: "Senior",
      expirationdate: "2999-01-01T00:00:00.000Z",
    });
    expect(description).toContain("Workplace: Hybrid");
  });

  it("is for LinkedIn, which gets the job's own address and no link of ours", () => {
    const { description, ...elements } = onlyJobIn("linkedin", fullJob());
    expect(elements).toEqual({
      partnerJobId: "REF-1",
      company: "Muster AG",
      companyId: "4711",
      title: "Service engineer",
      applyUrl: "https://careers.example.test/apply/1",
      location: "Austin, TX, United States",
      city: "Austin",
      state: "TX",
      country: "US",
      postalCode: "78701",
      posterEmail: "jobs@example.test",
      workplaceTypes: "Hybrid",
      industryCodes: { industryCode: "code-2" },
      experienceLevel: "MID_SENIOR_LEVEL",
      jobFunctions: { jobFunction: "code-1" },
      jobtype: "FULL_TIME",
      skills: { skill: ["CAD", "Climbing"] },
      salaries: {
        salary: {
          highEnd: { amount: "61001", currencyCode: "USD" },
          lowEnd: { amount: "52000", currencyCode: "USD" },
          period: "YEARLY",
          type: "BASE_SALARY",
        },
      },
      listDate: "2026-11-01T08:00:00.000Z",
      expirationDate: "2999-01-01T00:00:00.000Z",
    });
    expect(description).toContain("A degree in engineering");
    expect(description).not.toContain("CAD");
  });

  it("is for anybody the whole job, with all of its places", () => {
    const job = fullJob({ alternateLocations: [berlinOffice] });
    expect(onlyJobIn("generic", job)).toEqual({
      externalReference: "REF-1",
      requisitionId: "REQ-1",
      title: "Service engineer",
      description: job.description.replace("<p>", "<p>"),
      responsibilities: job.responsibilities,
      requirements: job.requirements,
      niceToHave: job.niceToHave,
      benefitsText: job.benefitsText,
      employmentType: "FULL_TIME",
      workplaceType: "HYBRID",
      location: {
        street: "500 Congress Avenue",
        city: "Austin",
        region: "TX",
        postalCode: "78701",
        country: "US",
        latitude: "30.268",
        longitude: "-97.743",
      },
      alternateLocations: { location: expect.objectContaining({ city: "Berlin", country: "DE" }) },
      remoteCountries: { country: ["US", "DE"] },
      salary: { min: "52000", max: "61000.50", currency: "USD", period: "YEAR" },
      equity: "0.1 % to 0.5 %",
      seniority: "SENIOR",
      yearsOfExperience: "5",
      education: "A degree in engineering",
      certifications: { certification: "Welding" },
      languages: { language: "English" },
      englishLevel: "B2",
      industries: { industry: "Bridges" },
      functions: { function: "Engineering" },
      category: "Service",
      requiredSkills: { skill: "CAD" },
      preferredSkills: { skill: "Climbing" },
      benefits: { benefit: "Bicycle" },
      company: {
        name: "Muster AG",
        url: "https://www.example.test/",
        logoUrl: "https://www.example.test/logo.png",
        description: "We mend bridges.",
        isStaffingAgency: "false",
      },
      url: link,
      contactEmail: "jobs@example.test",
      contactName: "Ana Muster",
      contactPhone: "+1 512 555 0100",
      language: "en",
      positionsCount: "2",
      hoursPerWeek: "40",
      videoUrl: "https://www.example.test/video",
      eeoStatement: "We treat everybody alike.",
      publishedAt: "2026-11-01T08:00:00.000Z",
      expiresAt: "2999-01-01T00:00:00.000Z",
    });
  });
});

describe("what stands at the head of a feed", () => {
  it.each(["indeed", "ziprecruiter", "monster"])("says who publishes it and when it changed: %s", (name) => {
    const { job: _, ...head } = treeOf(readXml(feedOf(name, [fullJob()])));
    expect(head).toEqual({
      publisher: "Muster Bridges",
      publisherurl: "https://www.example.test/",
      lastBuildDate: "Thu, 26 Nov 2026 08:00:00 GMT",
    });
  });

  it("says to LinkedIn how many jobs to expect", () => {
    const jobs = [fullJob(), fullJob({ externalReference: "REF-2", alternateLocations: [berlinOffice] })];
    const { job: _, ...head } = treeOf(readXml(feedOf("linkedin", jobs)));
    expect(head).toEqual({
      lastBuildDate: "Thu, 26 Nov 2026 08:00:00 GMT",
      publisherUrl: "https://www.example.test/",
      publisher: "Muster Bridges",
      expectedJobCount: "3",
    });
  });
});

describe.skipIf(!xmllintIsInstalled)("every dialect keeps to its schema, says libxml2,", () => {
  const jobs = {
    "a job that says everything": [fullJob()],
    "a job that says little": [aJob({ contactEmail: null, workplaceType: "ON_SITE", employmentType: null })],
    "several places": [fullJob({ alternateLocations: [berlinOffice] })],
    "a remote job in two countries": [aJob({ location: null, remoteCountries: ["US", "DE"] })],
    "no job at all": [],
    "marks of all kinds": [
      fullJob({
        title: "Ends ]]> and <begins> & &amp; “quotes” \u0000\u0008\ufffe\ud800 王 🚀",
        company: { ...fullJob().company, name: "Müller & Söhne ]]]]>>" },
        description: `<h2>Über uns &amp; R&D</h2><table><tr><td>a &lt; b</td></tr></table>${"<p>&nbsp;&euro; 王</p>".repeat(20)}`,
      }),
    ],
    "a reference of the greatest length": [fullJob({ externalReference: "r".repeat(50) })],
  };

  it.each(dialects.flatMap(([name]) => Object.entries(jobs).map(([what, given]) => [name, what, given] as const)))(
    "%s: %s",
    (name, _what, given) => {
      expect(faultsIn(feedOf(name, given), name)).toBe("");
    },
  );

  it("and is told what is wrong with one that does not", () => {
    const broken = feedOf("indeed", [fullJob()]).replace(/<referencenumber>.*\n/, "");
    expect(faultsIn(broken, "indeed")).toContain("referencenumber");
  });
});

describe("what is written into a feed", () => {
  const marks = "Ends ]]> and ]]]]> & <b>bold</b> &amp; \u000b]]\u0001>";

  it.each(dialects)("stands in CDATA alone, and comes back as it was: %s", (name) => {
    const xml = feedOf(name, [fullJob({ title: marks })]);
    const withoutValues = xml.replaceAll(/<!\[CDATA\[[\s\S]*?\]\]>/g, "").replace(/^<\?xml.*\?>/, "");
    expect(withoutValues).toMatch(/^(\s|<\/?\w+>)*$/);
    expect(onlyJobIn(name, fullJob({ title: marks }))["title"]).toBe(marks.replace("\u000b", "").replace("\u0001", ""));
  });

  it.each(["indeed", "monster"])("has no entity in it where the reader forbids them: %s", (name) => {
    const description = `<p>R&amp;D &lt; 5 &gt; 3 &quot;so&quot; &nbsp; &euro; &#39; &amp;amp; &lt;script&gt; ${"x".repeat(100)}</p>`;
    const xml = feedOf(name, [fullJob({ title: "R&D", description })]);
    expect(xml).not.toMatch(/&#?\w+;/);
    expect(xml).toContain('R&D < 5 > 3 "so"');
  });

  it("shows each reader the tags that it knows", () => {
    const description = `<h2>About</h2><table><tr><td>one</td></tr></table><p><i>i</i></p>${"x".repeat(100)}`;
    const shown = (name: string) => String(onlyJobIn(name, fullJob({ description }))["description"]);
    expect(shown("indeed")).toContain("<h2>About</h2><table><tr><td>one</td></tr></table><p><em>i</em></p>");
    expect(shown("linkedin")).toContain("<p><strong>About</strong></p><ul><li>one </li></ul><p><i>i</i></p>");
    expect(shown("generic")).toContain("<h2>About</h2><table><tr><td>one</td></tr></table><p><i>i</i></p>");
  });

  it.each(dialects)("leads to the page where one applies, also without a link of ours: %s", (name, dialect) => {
    const [text = ""] = dialect.jobsOf({ job: fullJob(), link: null, listedAt }, settings);
    expect(text).toContain("<![CDATA[https://careers.example.test/apply/1]]>");
    expect(name).not.toBe("");
  });

  it("has the day on which the job was first posted, when nobody says another", () => {
    expect(onlyJobIn("indeed", fullJob({ publishedAt: null }))["date"]).toBe("2026-11-20T08:00:00.000Z");
  });

  it.each([
    ["ON_SITE", undefined],
    ["HYBRID", "Hybrid remote"],
    ["REMOTE", "Fully remote"],
  ] as const)("calls %s %s for Indeed", (workplaceType, word) => {
    expect(onlyJobIn("indeed", fullJob({ workplaceType }))["remotetype"]).toBe(word);
  });

  it("names the source by the publisher where it has no name of its own", () => {
    const [text = ""] = dialectNamed("indeed").jobsOf(
      { job: fullJob(), link, listedAt },
      { ...settings, sourceName: "" },
    );
    expect(text).toContain("<sourcename><![CDATA[Muster Bridges]]></sourcename>");
  });
});

describe("the places of a job", () => {
  const oslo = { ...berlinOffice, city: "Oslo", region: "Oslo", country: "NO" };
  const references = (job: Job, name = "indeed") =>
    jobsIn(name, job).map((one) => one[name === "linkedin" ? "partnerJobId" : "referencenumber"]);

  it("are a job each, by references that stay when others come and go", () => {
    const job = fullJob({ alternateLocations: [berlinOffice, oslo] });
    const [own, berlin, inOslo] = references(job);
    expect([own, berlin]).toEqual(["REF-1", expect.stringMatching(/^REF-1-[0-9a-f]{8}$/)]);
    expect(references({ ...job, alternateLocations: [oslo] })).toEqual([own, inOslo]);
    expect(jobsIn("indeed", job).map(({ city }) => city)).toEqual(["Austin", "Berlin", "Oslo"]);
  });

  it("are each there once, wherever on the map they were found to be", () => {
    const again = { ...berlinOffice, latitude: 1, longitude: null };
    expect(references(fullJob({ alternateLocations: [berlinOffice, again] }))).toHaveLength(2);
  });

  it("are the countries of a remote job that has none", () => {
    const job = aJob({ location: null, remoteCountries: ["US", "DE"] });
    expect(jobsIn("indeed", job)).toMatchObject([
      { city: "", state: "", country: "US" },
      { city: "", state: "", country: "DE" },
    ]);
    expect(jobsIn("linkedin", job)).toMatchObject([{ location: "United States" }, { location: "Germany" }]);
  });

  it("have references within the reader's length, which stay apart", () => {
    const long = (end: string) => fullJob({ externalReference: `${"r".repeat(49)}${end}`, alternateLocations: [oslo] });
    for (const [name, most] of [
      ["linkedin", 40],
      ["monster", 50],
      ["indeed", 64],
    ] as const) {
      const all = [...references(long("1"), name), ...references(long("2"), name)].map(String);
      expect(new Set(all).size).toBe(4);
      expect(Math.max(...all.map(({ length }) => length))).toBeLessThanOrEqual(most);
    }
    expect(references(fullJob({ externalReference: "r".repeat(40) }), "linkedin")).toEqual(["r".repeat(40)]);
  });
});

describe("what a feed makes of a job", () => {
  const findings = (changes: Partial<Job>) =>
    jobFeed.check(aJob(changes), {}, new Date()).map(({ field, effect }) => `${effect} ${field.join(".")}`);
  const onSite = { workplaceType: "ON_SITE" } as const;
  const company = aJob().company;

  it("is a refusal for a description that is too long for one reader alone", () => {
    // A heading is longer where it becomes bold.
    const description = `<h2>x</h2>${"x".repeat(24_980)}`;
    expect(findings({ description, employmentType: null, workplaceType: null })).toEqual([
      "REFUSED description",
      "CHANGED description",
    ]);
  });

  it.each([
    [{ title: "ab" }, "title"],
    [{ description: "short" }, "description"],
    [{ company: { ...company, name: " " } }, "company.name"],
    [{ company: { ...company, isConfidential: true } }, "company.isConfidential"],
    [{ applyUrl: null }, "applyUrl"],
    [{ applyUrl: null, applyMethod: "EMAIL" }, "applyUrl"],
    [{ expiresAt: new Date(0) }, "expiresAt"],
    [{ location: null }, "location"],
    [{ ...onSite, location: null, remoteCountries: ["DE"] }, "location"],
    [{ ...onSite, location: { ...berlinOffice, region: null } }, "location"],
    [{ ...onSite, location: { ...berlinOffice, city: " " } }, "location"],
    [{ ...onSite, alternateLocations: [berlinOffice, { ...berlinOffice, city: null }] }, "alternateLocations.1"],
  ] as const)("is a refusal for %o", (changes, field) => {
    expect(findings(changes)).toContain(`REFUSED ${field}`);
  });

  it.each([
    [{ location: null, remoteCountries: ["DE"] }],
    [{ location: { ...berlinOffice, city: null, region: null } }],
    [{ ...onSite, location: berlinOffice }],
  ] as const)("is none for %o", (changes) => {
    expect(findings(changes).filter((found) => found.startsWith("REFUSED"))).toEqual([]);
  });

  it("is a refusal without anybody's address where there is a feed for LinkedIn, and nowhere else", () => {
    const refusals = (linkedInCompanyId: string) =>
      jobFeed.check(aJob({ contactEmail: null }), { linkedInCompanyId }, new Date()).map(({ field }) => field);
    expect([refusals("4711"), refusals("")]).toEqual([[["contactEmail"]], []]);
  });

  it("is told where candidates are sent, and what is left out", () => {
    expect(findings({ applyMethod: "BOARD_NATIVE" })).toEqual(["CHANGED applyMethod"]);
    const promotion = { type: "BOOST", budget: null, days: null } as const;
    expect(findings({ promotion })).toEqual(["DROPPED promotion"]);
  });
});

describe("connecting a feed", () => {
  const entered = { publisher: " Muster Bridges ", publisherUrl: "https://www.example.test" };

  it("keeps what stands in it, and is known by its source", async () => {
    const { connected } = await connectByForm(jobFeed, {}, { ...entered, sourceName: "Bridges-2" });
    expect(connected).toEqual({
      externalId: "bridges-2",
      displayName: "Bridges-2",
      settings: {
        publisher: "Muster Bridges",
        publisherUrl: "https://www.example.test/",
        sourceName: "Bridges-2",
        linkedInCompanyId: "",
      },
    });
    expect((await connectByForm(jobFeed, {}, entered)).connected.externalId).toBe("muster bridges");
  });

  it.each([
    [{ publisher: " " }, "publisher"],
    [{ publisherUrl: "www.example.test" }, "publisherUrl"],
    [{ publisherUrl: "javascript:alert(1)" }, "publisherUrl"],
    [{ publisherUrl: "https://ana:secret@example.test" }, "publisherUrl"],
    [{ linkedInCompanyId: "acme" }, "linkedInCompanyId"],
  ])("refuses %o", async (changes, field) => {
    await expect(connectByForm(jobFeed, {}, { ...entered, ...changes })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: [field],
    });
  });

  it("gives LinkedIn nothing before the company's number is known", () => {
    const { missing } = dialectNamed("linkedin");
    expect(missing?.({ ...settings, linkedInCompanyId: "" })).toContain("linkedInCompanyId");
    expect(missing?.(settings)).toBeNull();
  });
});
