import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultSwitches } from "../../sandbox/dice/switches.ts";
import type { ComposedBatch } from "../../src/providers/job-board/batch.ts";
import { maxAttachmentBytes } from "../../src/providers/job-board/dice/batch-format.ts";
import { dice } from "../../src/providers/job-board/dice.ts";
import type { Job, JobField } from "../../src/providers/job-board/job.ts";
import type { BoardAccount, BoardPosting } from "../../src/providers/job-board/provider.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import { createDiceVendor, type DiceVendor } from "../support/dice-vendor.ts";

describeJobBoardProvider(dice, createDiceVendor);

let vendor: DiceVendor;
let account: BoardAccount;

beforeAll(async () => {
  vendor = await createDiceVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => void Object.assign(vendor.twin.switches, defaultSwitches()));
afterAll(() => vendor.stop());

const withLogin = (message: string) =>
  dice.auth.kind === "credentials" ? (dice.auth.fillIn?.(message, vendor.secret) ?? "") : "";

async function composed(postings: readonly BoardPosting[], by: BoardAccount = account): Promise<ComposedBatch> {
  const batch = await dice.batch?.compose(by.settings, postings);
  if (!batch) throw new Error("Nothing was composed");
  return { ...batch, mail: { ...batch.mail, text: withLogin(batch.mail.text) } };
}

/** The tags of a job as Dice gets them; of its first place. */
async function sent(changes: Partial<Job>, by = account): Promise<Readonly<Record<string, string>>> {
  const job = aJob(changes);
  await vendor.deliver((await composed([aPosting({ job })], by)).mail);
  const notes = vendor.twin.mails().at(-1)?.notes;
  expect(notes).toEqual([]);
  return vendor.twin.jobs()[0]?.doc ?? {};
}

const found = (changes: Partial<Job>) =>
  dice.check(aJob(changes), account.settings, new Date()).map(({ effect, field }) => `${effect} ${field.join(".")}`);

describe("a batch for Dice", () => {
  it("is exactly this mail", async () => {
    const job = aJob({
      externalReference: "REF-7",
      title: "C & C++ <Ingénieur>",
      description: "<h2>You</h2><p>mend bridges: 1 < 2.</p>",
      salary: { min: "50", max: null, currency: "USD", period: "HOUR", visible: true },
      skills: { required: ["C++"], preferred: ["Welding"] },
      contactName: "Ana Muster",
      contactPhone: "(512) 555-0100",
    });
    const { mail, refused } = await composed([aPosting({ job })]);
    const { attachment, ...head } = mail;
    expect(head).toEqual({
      to: "dicejobs@dice.com",
      replyTo: "ana@example.test",
      subject: "Jobs of Dice ID 10123456",
      text: "username: batch-1\npassword: batch-password-1\n",
    });
    expect([attachment.name, attachment.contentType]).toEqual(["jobs.txt", "text/plain"]);
    expect(Buffer.from(attachment.bytes).toString("latin1")).toBe(
      `<!doctype batch totalreplace>
<doc>
<positionid>REF-7</positionid>
<diceid>10123456</diceid>
<jobtitle>C &amp; C++ &lt;Ing&#233;nieur&gt;</jobtitle>
<taxterm>FULLTIME</taxterm>
<country>US</country>
<state>TX</state>
<location>Austin</location>
<postalcode>78701</postalcode>
<company>Muster AG</company>
<companystate>TX</companystate>
<companyzip>78701</companyzip>
<addr1>500 Congress Avenue</addr1>
<payrate>50 USD an hour</payrate>
<skillsreq>C++, Welding</skillsreq>
<comments>&lt;p&gt;&lt;strong&gt;You&lt;/strong&gt;&lt;/p&gt;&lt;p&gt;mend bridges: 1 &amp;lt; 2.&lt;/p&gt;
&lt;ul&gt;&lt;li&gt;Workplace: Remote&lt;/li&gt;&lt;/ul&gt;</comments>
<applylink>https://careers.example.test/apply/1</applylink>
<recruitername>Ana Muster</recruitername>
<recruiteremail>jobs@example.test</recruiteremail>
</doc>
`,
    );
    expect(refused.size).toBe(0);
  });

  it("without a job takes all of them off", async () => {
    const { attachment } = (await composed([])).mail;
    expect(Buffer.from(attachment.bytes).toString()).toBe("<!doctype batch totalreplace>\n");
  });

  it("is compressed once it is large, and read all the same", async () => {
    const postings = Array.from({ length: 12 }, () =>
      aPosting({ job: aJob({ description: "bridge ".repeat(14_000) }) }),
    );
    const { mail } = await composed(postings);
    expect([mail.attachment.name, mail.attachment.contentType]).toEqual(["jobs.txt.gz", "application/gzip"]);
    expect(gunzipSync(mail.attachment.bytes).length).toBeGreaterThan(1_000_000);
    await vendor.deliver(mail);
    expect(vendor.twin.mails().at(-1)).toMatchObject({ notes: [], fileName: "jobs.txt.gz" });
    expect(vendor.twin.jobs()).toHaveLength(12);
  });

  it("is no larger than Dice takes: what has no room is told, the last ones first, and nothing else is left out", async () => {
    // Nothing makes these smaller.
    const noise = () => randomBytes(74_000).toString("base64");
    const job = () =>
      aJob({ description: noise(), requirements: noise(), responsibilities: noise(), niceToHave: noise() });
    const postings = Array.from({ length: 40 }, () => aPosting({ job: job() }));
    const { mail, refused } = await composed(postings);
    expect(mail.attachment.bytes.length).toBeLessThanOrEqual(maxAttachmentBytes);
    expect(mail.attachment.bytes.length).toBeGreaterThan(maxAttachmentBytes * 0.85);
    const file = gunzipSync(mail.attachment.bytes).toString("latin1");
    const isIn = postings.map((posting) => file.includes(`<positionid>${posting.job.externalReference}<`));
    expect(isIn).toEqual(postings.map(({ id }) => !refused.has(id)));
    expect(isIn.lastIndexOf(true)).toBeLessThan(isIn.indexOf(false));
    expect([...refused.values()][0]).toMatchObject({
      code: "QUOTA_EXHAUSTED",
      retryable: false,
      message: expect.stringMatching(/\d+ of 40/),
      remedy: expect.stringContaining("Close others"),
    });
    await vendor.deliver(mail);
    expect(vendor.twin.mails().at(-1)?.notes).toEqual([]);
  });

  it("is ASCII alone: other letters are numbers, and what nobody can read is left out", async () => {
    const title = "Größe 中 🚲\u0000\t\ud800 & Söhne";
    const { mail } = await composed([aPosting({ job: aJob({ title }) })]);
    expect(Buffer.from(mail.attachment.bytes).some((byte) => byte > 126)).toBe(false);
    expect((await sent({ title }))["jobtitle"]).toBe("Größe 中 🚲  & Söhne");
  });
});

describe("the fields of a job", () => {
  const told = (text: string) => ({ comments: expect.stringContaining(text) });
  const nowhere = (text: string) => ({ absent: text });

  /** Every field with a value of its own, and what Dice is sent for it. */
  const cases: {
    [Field in JobField]: readonly [value: Job[Field], sent: Readonly<Record<string, unknown>>];
  } = {
    externalReference: ["REF-8", { positionid: "REF-8" }],
    requisitionId: ["REQ-9", nowhere("REQ-9")],
    title: ["  Bridge\n warden ", { jobtitle: "Bridge warden" }],
    description: [`<p>${"a".repeat(200)}</p>`, told(`<p>${"a".repeat(200)}</p>`)],
    responsibilities: ["<p>Mends things</p>", told("<p>Mends things</p>")],
    requirements: ["<h4>Needs</h4>", told("<p><strong>Needs</strong></p>")],
    niceToHave: ["<p>A <b>van</b></p>", told("<p>A <strong>van</strong></p>")],
    benefitsText: ["<p>Lunch</p>", told("<p>Lunch</p>")],
    employmentType: ["PART_TIME", { taxterm: "PARTTIME" }],
    workplaceType: ["HYBRID", told("Workplace: Hybrid")],
    location: [
      { ...berlinOffice, country: "US", region: "new york", city: "Albany", postalCode: "12207", street: "State St 1" },
      {
        ...{ location: "Albany", state: "NY", country: "US", postalcode: "12207" },
        ...{ companystate: "NY", companyzip: "12207", addr1: "State St 1" },
      },
    ],
    alternateLocations: [[berlinOffice], { location: "Austin" }],
    remoteCountries: [["US", "CA"], told("Open to applicants from: United States, Canada")],
    salary: [
      { min: "22.75", max: "30.10", currency: "USD", period: "HOUR", visible: true },
      { payrate: "22.75 to 30.10 USD an hour" },
    ],
    equity: [{ offered: true, range: "0.1–0.2 %" }, told("Equity: 0.1–0.2 %")],
    seniority: ["JUNIOR", told("Level: Junior")],
    yearsOfExperience: [3, told("Years of experience: 3")],
    education: ["Bachelor", told("Education: Bachelor")],
    certifications: [["CISSP"], told("Certifications: CISSP")],
    languages: [["German", "English"], told("Languages: German, English")],
    englishLevel: ["C1", told("English: C1")],
    industries: [["Software"], nowhere("Software")],
    functions: [["Building"], nowhere("Building")],
    category: ["Masonry", nowhere("Masonry")],
    boardCodes: [{ functions: ["code-7"], industries: ["code-8"] }, nowhere("code-")],
    skills: [{ required: ["Java", "Go"], preferred: ["Rust"] }, { skillsreq: "Java, Go, Rust" }],
    benefits: [["Bike"], told("Benefits: Bike")],
    company: [
      { ...aJob().company, name: "Muster Bridges", description: "Since 1901." },
      { company: "Muster Bridges", absent: "1901" },
    ],
    applyMethod: ["EMAIL", { absent: "careers.example.test" }],
    applyUrl: ["https://careers.example.test/7", { applylink: "https://careers.example.test/7" }],
    contactEmail: ["somebody.else@example.test", { recruiteremail: "somebody.else@example.test" }],
    contactName: ["Ana Muster", { recruitername: "Ana Muster" }],
    contactPhone: ["+1 (415) 555-0100", { areacode: "415", absent: "555" }],
    screeningQuestions: [[aQuestion("driving", "TEXT")], nowhere("About driving?")],
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

  it.each(Object.entries(cases))("%s goes where the table says", async (field, [value, { absent, ...tags }]) => {
    const doc = await sent({ [field]: value });
    expect(doc).toMatchObject(tags);
    if (typeof absent === "string") expect(JSON.stringify(doc)).not.toContain(absent);
    const place = dice.fields[field as JobField];
    for (const name of "notSent" in place ? [] : place.sentAs.split(", ")) expect(doc).toHaveProperty(name);
  });

  it("leave out what a job has not, and no tag is empty", async () => {
    const doc = await sent({ employmentType: null, contactEmail: null, skills: { required: [], preferred: [] } });
    for (const tag of ["taxterm", "payrate", "skillsreq", "areacode", "recruitername"])
      expect(doc).not.toHaveProperty(tag);
    expect(doc).toMatchObject({ recruiteremail: "ana@example.test" });
    expect(Object.values(doc).filter((value) => value.trim() === "")).toEqual([]);
  });

  it("never carry pay that is not to be seen", async () => {
    const salary = { min: "50111", max: null, currency: "USD", period: "YEAR", visible: false } as const;
    expect(JSON.stringify(await sent({ salary }))).not.toContain("50111");
  });

  it("make one job of each place, each by a name of its own, and each takes a slot", async () => {
    const alternateLocations = [berlinOffice, { ...berlinOffice, city: "Potsdam" }];
    await sent({ externalReference: "REF-9", alternateLocations });
    expect(vendor.twin.jobs().map(({ doc }) => [doc["positionid"], doc["location"], doc["country"]])).toEqual([
      ["REF-9", "Austin", "US"],
      ["REF-9.2", "Berlin", "DE"],
      ["REF-9.3", "Potsdam", "DE"],
    ]);
    const cost = (changes: Partial<Job>) => dice.cost?.(aJob(changes), account.settings);
    expect([cost({}), cost({ alternateLocations })]).toEqual([
      { money: null, unit: "job slot" },
      { money: null, unit: "3 job slots" },
    ]);
  });

  it.each([
    ["CONTRACT", {}, "CON_W2"],
    ["TEMPORARY", {}, "CON_W2"],
    ["CONTRACT", { contractTerm: "CON_CORP" }, "CON_CORP"],
    ["FULL_TIME", { contractTerm: "CON_CORP" }, "FULLTIME"],
    ["INTERNSHIP", {}, undefined],
    ["PER_DIEM", {}, undefined],
  ] as const)("call %s what the account calls it: %j", async (employmentType, values, term) => {
    const { account: by } = await vendor.connectAs(values);
    expect((await sent({ employmentType }, by))["taxterm"]).toBe(term);
  });

  it("say whether recruiters may apply, where the account does", async () => {
    expect(await sent({})).not.toHaveProperty("allowrecruiterapplies");
    const { account: by } = await vendor.connectAs({ allowRecruiterApplies: "N" });
    expect(await sent({}, by)).toMatchObject({ allowrecruiterapplies: "N" });
  });

  it.each([
    ["TX", "US", "TX"],
    ["texas", "US", "TX"],
    [" District of Columbia ", "US", "DC"],
    ["Bayern", "DE", "Bayern"],
    [null, "DE", undefined],
  ])("name the state as Dice does: %j in %s", async (region, country, state) => {
    const location = { ...berlinOffice, region, country };
    expect((await sent({ location }))["state"]).toBe(state);
  });
});

describe("what Dice makes of a job", () => {
  it("is told beforehand, since Dice itself never says", () => {
    expect(found({})).toEqual([]);
  });

  it.each<[Partial<Job>, string]>([
    [{ title: " " }, "REFUSED title"],
    [{ description: "<p></p>" }, "REFUSED description"],
    [{ company: { ...aJob().company, name: "" } }, "REFUSED company.name"],
    [{ company: { ...aJob().company, isConfidential: true } }, "REFUSED company.isConfidential"],
    [{ location: null }, "REFUSED location"],
    [{ location: { ...berlinOffice, city: null } }, "REFUSED location"],
    [{ location: { ...berlinOffice, country: "US", region: "Bayern" } }, "REFUSED location.region"],
    [{ location: { ...berlinOffice, country: "US", region: null } }, "REFUSED location.region"],
    [{ employmentType: "VOLUNTEER" }, "REFUSED employmentType"],
    [{ expiresAt: new Date(0) }, "REFUSED expiresAt"],
    [{ employmentType: "INTERNSHIP" }, "DROPPED employmentType"],
    [{ contactPhone: "+49 30 1234567" }, "DROPPED contactPhone"],
    [{ requisitionId: "REQ-1" }, "DROPPED requisitionId"],
    [{ industries: ["Software"] }, "DROPPED industries"],
    [{ functions: ["Building"] }, "DROPPED functions"],
    [{ category: "Masonry" }, "DROPPED category"],
    [{ screeningQuestions: [aQuestion("driving", "TEXT")] }, "DROPPED screeningQuestions"],
    [{ language: "en" }, "DROPPED language"],
    [{ publishedAt: new Date() }, "DROPPED publishedAt"],
    [{ promotion: { type: "BOOST", budget: null, days: null } }, "DROPPED promotion"],
    [{ company: { ...aJob().company, url: "https://muster.example" } }, "DROPPED company"],
    [{ description: "<table><tr><td>x</td></tr></table>" }, "CHANGED description"],
    [{ employmentType: "TEMPORARY" }, "CHANGED employmentType"],
    [{ alternateLocations: [berlinOffice] }, "CHANGED alternateLocations"],
    [{ location: berlinOffice }, "CHANGED location"],
    [{ applyMethod: "BOARD_NATIVE" }, "CHANGED applyMethod"],
    [{ applyUrl: null }, "CHANGED applyUrl"],
  ])("of %j is %s", (changes, finding) => {
    expect(found(changes)).toContain(finding);
  });
});

describe("connecting Dice", () => {
  it("keeps the login, and knows the account by its Dice ID", async () => {
    const { connected, secret } = await vendor.connectAs({ diceId: " RTX1d ", contractTerm: "CON_IND" });
    expect(connected).toEqual({
      externalId: "rtx1d",
      displayName: "Dice ID RTX1d",
      settings: { diceId: "RTX1d", contactEmail: "ana@example.test", contractTerm: "CON_IND" },
    });
    expect(secret).toEqual(vendor.secret);
  });

  it.each([
    [{ diceId: " " }, "diceId"],
    [{ username: "batch\npassword: x" }, "username"],
    [{ password: "" }, "password"],
    [{ password: "two\nlines" }, "password"],
    [{ contactEmail: "ana" }, "contactEmail"],
  ])("refuses what does not fit into the mail: %j", async (values, field) => {
    await expect(vendor.connectAs(values)).rejects.toMatchObject({ code: "INVALID_INPUT", field: [field] });
  });

  it("says that nothing shows whether a login is right", () => {
    expect(dice.tryOut).toBeUndefined();
    const help = dice.auth.fields.map((field) => field.help).join(" ");
    expect(help).toContain("Dice does not say when it is wrong");
    expect(help).toContain("replaces all jobs of this id");
  });
});
