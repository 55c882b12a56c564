import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvelope } from "../../sandbox/soap/envelope.ts";
import type { XmlElement } from "../../sandbox/xml-reader.ts";
import {
  employmentTypes,
  type Job,
  type JobField,
  salaryPeriods,
  seniorities,
} from "../../src/providers/job-board/job.ts";
import { monster } from "../../src/providers/job-board/monster.ts";
import type { BoardAccount, BoardPosting } from "../../src/providers/job-board/provider.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aFullJob, aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { createMonsterVendor, type MonsterVendor } from "../support/monster-vendor.ts";

describeJobBoardProvider(monster, createMonsterVendor);

const dayMs = 86_400_000;
const apply = { url: "https://integrations.example.test/webhooks/monster/somebody", token: null, proof: "the-proof" };
let vendor: MonsterVendor;
let account: BoardAccount;

beforeEach(async () => {
  vendor = await createMonsterVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => vendor.stop());

/** The job as Monster got it last. */
function sentJob(): XmlElement {
  const body = vendor.sandbox.requests.findLast(
    ({ path, body: sent }) => path === "/bgwBroker" && sent.includes("<Job "),
  )?.body;
  return readEnvelope(body ?? "").content;
}

/** An element of it, from the job down; an attribute with `@`. */
function at(path: string, job = sentJob()): string | undefined {
  const [place = "", attribute] = path.split("@");
  const found = place
    .split("/")
    .filter((name) => name !== "")
    .reduce<XmlElement | undefined>((element, name) => element?.children.find((child) => child.name === name), job);
  return attribute === undefined ? found?.text : found?.attributes[attribute];
}

async function posted(changes: Partial<Job> = {}, posting: Partial<BoardPosting> = {}) {
  const one = aPosting({ job: aJob(changes), ...posting });
  const report = await monster.post?.(account, one);
  if (!report) throw new Error("Nothing was posted");
  return { posting: one, report };
}

const findings = (changes: Partial<Job>, settings = {}) =>
  monster.check(aJob(changes), settings, new Date()).map(({ field, effect }) => `${effect} ${field.join(".")}`);

describe("the login", () => {
  it("stands in the header of each message, whatever is in it, and is nowhere else", async () => {
    const strange = { ...vendor.login, userName: "a<b>&", password: `p<&>"'{password}` };
    vendor.twin.state.load({ accounts: new Map([["xmuster", strange]]) });
    const { userName, password } = strange;
    const { connected, account: own, secret } = await vendor.connectAs({ userName, password });
    expect(secret).toEqual({ userName, password, easyApplyKey: "easy-apply-key" });
    expect(JSON.stringify([connected, own.settings])).not.toMatch(/p<&>|easy-apply-key/);
    await monster.post?.(own, aPosting({ job: aJob({ title: "{password} {api-key} <wsse:Password>{password}<" }) }));
    expect(at("JobInformation/JobTitle")).toBe("{password} {api-key} <wsse:Password>{password}<");
  });

  it("is proved by asking what is left, which takes nothing of it", async () => {
    vendor.twin.setInventory("xmuster", 3);
    await vendor.connect();
    await monster.tryOut?.(account);
    expect(vendor.twin.jobs()).toEqual([]);
    await expect(vendor.connectWrongly()).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
  });

  it("says who and what the account is, with what is usual where nobody says", async () => {
    const { connected } = await vendor.connectAs({});
    expect(connected).toMatchObject({ externalId: "xmuster", displayName: "xmuster" });
    expect(connected.settings).toMatchObject({ inventoryType: "transactional", duration: "30", boardId: "1" });
  });

  it("of a recruiter that Monster does not know is told when something is posted", async () => {
    const { account: own } = await vendor.connectAs({ recruiter: "xnobody" });
    await expect(monster.post?.(own, aPosting())).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
  });
});

describe("a posting", () => {
  it("takes one of the inventory, and none when it is changed or sent twice", async () => {
    vendor.twin.setInventory("xmuster", 1);
    const { posting } = await posted();
    await monster.post?.(account, posting);
    await monster.update?.(account, { ...posting, job: { ...posting.job, title: "Welder" } });
    expect(vendor.seen(account, posting.job.externalReference)).toEqual([{ title: "Welder", isOpen: true }]);
    await expect(posted()).rejects.toMatchObject({ code: "QUOTA_EXHAUSTED", providerCode: "1" });
  });

  it("takes another one when it is opened again, and costs", async () => {
    vendor.twin.setInventory("xmuster", 1);
    const { posting } = await posted();
    await monster.close?.(account, posting);
    await expect(monster.reopen?.(account, posting)).rejects.toMatchObject({ code: "QUOTA_EXHAUSTED" });
    expect(monster.cost?.(aJob(), {})).toEqual({ money: null, unit: "posting of the inventory" });
  });

  it.each([
    ["as Monster says", true, "30", 30],
    ["as the account says", true, "60", 60],
    ["after the days of the account, where Monster does not say", false, "60", 60],
  ])("ends %s", async (_how, tellsExpiry, duration, days) => {
    vendor.twin.switches.tellsExpiry = tellsExpiry;
    ({ account } = await vendor.connectAs({ duration }));
    const { report } = await posted();
    expect(Math.round(((report.expiresAt?.getTime() ?? 0) - Date.now()) / dayMs)).toBe(days);
    expect(at("JobPostings/JobPosting@desiredDuration")).toBe(duration);
  });

  it("keeps its end when it is changed, where Monster does not say", async () => {
    vendor.twin.switches.tellsExpiry = false;
    const { posting } = await posted();
    expect(await monster.update?.(account, posting)).toMatchObject({ state: "LIVE", expiresAt: null });
  });

  it("is another one than that of the same reference of another recruiter", async () => {
    const { userName, password, recruiter } = vendor.twin.createAccount("xother");
    const { account: other } = await vendor.connectAs({ userName, password, recruiter });
    const { posting } = await posted();
    await monster.post?.(other, posting);
    await monster.close?.(other, posting);
    expect(vendor.seen(account, posting.job.externalReference).map(({ isOpen }) => isOpen)).toEqual([true, false]);
  });

  it("is refused with Monster's words", async () => {
    const refused = posted({ title: "x".repeat(101) });
    await expect(refused).rejects.toMatchObject({
      code: "PROVIDER_REFUSED",
      message: expect.stringContaining("JobTitle must have 1 to 100 characters"),
    });
  });
});

describe("the fields of a job", () => {
  const info = "JobInformation";
  const placed = "JobPostings/JobPosting";
  const sent: Partial<Record<JobField, readonly [Partial<Job>, Readonly<Record<string, string | undefined>>]>> = {
    externalReference: [{ externalReference: "REF-9" }, { "@jobRefCode": "REF-9", "@jobAction": "addOrUpdate" }],
    title: [{ title: "Fitter & welder <m/f>" }, { [`${info}/JobTitle`]: "Fitter & welder <m/f>" }],
    location: [
      { location: berlinOffice },
      {
        [`${info}/PhysicalAddress/City`]: "Berlin",
        [`${info}/PhysicalAddress/State`]: "Berlin",
        [`${info}/PhysicalAddress/CountryCode`]: "DE",
        [`${info}/PhysicalAddress/PostalCode`]: "10119",
        [`${placed}/Location/City`]: "Berlin",
      },
    ],
    salary: [
      { salary: { min: "52000", max: "61000.50", currency: "EUR", period: "YEAR", visible: true } },
      {
        [`${info}/Salary/Currency@monsterId`]: "2",
        [`${info}/Salary/SalaryMin`]: "52000",
        [`${info}/Salary/SalaryMax`]: "61000.50",
        [`${info}/Salary/CompensationType@monsterId`]: "1",
      },
    ],
    boardCodes: [
      { boardCodes: { functions: ["4", "11731", "11732"], industries: ["1", "2", "3", "4"] } },
      {
        [`${placed}/JobCategory@monsterId`]: "4",
        [`${placed}/JobOccupations/JobOccupation@monsterId`]: "11731",
        [`${placed}/Industries/Industry@monsterId`]: "1",
      },
    ],
    company: [
      { company: { ...aFullJob().company, isConfidential: true } },
      {
        [`${info}/Contact/CompanyName`]: "Muster AG",
        [`${info}/Contact/WebSite`]: "https://www.example.test/",
        [`${info}/HideCompanyInfo`]: "true",
      },
    ],
    applyUrl: [
      { applyUrl: "https://careers.example.test/1?a=b&c=d" },
      { [`${info}/ApplyOnlineURL`]: "https://careers.example.test/1?a=b&c=d", [`${info}/ApplyWithMonster`]: undefined },
    ],
    contactEmail: [
      { applyMethod: "EMAIL" },
      { [`${info}/Contact/E-mail`]: "jobs@example.test", [`${info}/ApplyOnlineURL`]: undefined },
    ],
    contactName: [{ contactName: "Ana" }, { [`${info}/Contact/Name`]: "Ana" }],
    contactPhone: [{ contactPhone: "+1 512 555 0100" }, { [`${info}/Contact/Phones/Phone`]: "+1 512 555 0100" }],
  };

  it.each(Object.entries(sent))("%s goes where the table says", async (_field, [changes, elements]) => {
    await posted(changes);
    for (const [path, value] of Object.entries(elements)) expect([path, at(path)]).toEqual([path, value]);
  });

  it("are Other where they name no place of Monster's", async () => {
    await posted({});
    expect(at(`${placed}/JobCategory@monsterId`)).toBe("11");
    expect(at(`${placed}/JobOccupations/JobOccupation@monsterId`)).toBe("11892");
    expect(at(`${placed}/Industries/Industry@monsterId`)).toBe("85");
    expect(at(`${placed}/BoardName@monsterId`)).toBe("1");
  });

  it("leave out industries beyond the third, and pay in a currency without a number", async () => {
    await posted({
      boardCodes: { functions: [], industries: ["1", "2", "3", "4"] },
      salary: { min: "1", max: null, currency: "JPY", period: "YEAR", visible: true },
    });
    expect(sentJob().children.at(-1)?.children[0]?.children.at(-1)?.children).toHaveLength(3);
    expect(at(`${info}/Salary`)).toBeUndefined();
  });

  it("tell nothing of pay that is not to be seen", async () => {
    await posted({ salary: { min: "1", max: "2", currency: "USD", period: "YEAR", visible: false } });
    expect(at(`${info}/Salary`)).toBeUndefined();
  });

  it("have the rest in the body", async () => {
    await posted(aFullJob({ externalReference: "REF-10" }));
    const body = at(`${info}/JobBody`) ?? "";
    for (const part of ["You answer", "You can weld", "A degree", "Remote", "CAD", "B2", "Bicycle", "0.1 %", "alike"]) {
      expect(body).toContain(part);
    }
  });

  it.each(
    employmentTypes.map((type, index) => [
      type,
      ["1", "1", "2", "2", "3", "75", "1"][index],
      ["4", "5", "4", "4", "4", "4", "26"][index],
    ]),
  )("call %s JobType %s, JobStatus %s", async (employmentType, type, status) => {
    await posted({ employmentType: employmentType as Job["employmentType"] });
    expect([at(`${info}/JobType@monsterId`), at(`${info}/JobStatus@monsterId`)]).toEqual([type, status]);
  });

  it("have other ids of JobStatus, where the account has", async () => {
    vendor.twin.switches.jobStatusIds = ["2", "1", "3"];
    ({ account } = await vendor.connectAs({ jobStatusIds: "2, 1, 3" }));
    await posted({ employmentType: "PART_TIME" });
    expect(at(`${info}/JobStatus@monsterId`)).toBe("1");
  });

  it.each(seniorities.map((seniority, index) => [seniority, ["10", "11", "11", "12", "12", "13", "14"][index]]))(
    "call %s JobLevel %s",
    async (seniority, level) => {
      await posted({ seniority: seniority as Job["seniority"] });
      expect(at(`${info}/JobLevel@monsterId`)).toBe(level);
    },
  );

  it.each(salaryPeriods.map((period, index) => [period, ["2", "6", "3", "4", "1"][index]]))(
    "call pay by %s CompensationType %s",
    async (period, id) => {
      const salary = { min: "1", max: "2", currency: "USD", period: period as "YEAR", visible: true };
      await posted({ salary });
      expect(at(`${info}/Salary/CompensationType@monsterId`)).toBe(id);
    },
  );

  it("send candidates to Easy Apply, with the address, the key and the proof", async () => {
    await posted({ applyMethod: "BOARD_NATIVE" }, { apply });
    const easyApply = `${info}/ApplyWithMonster`;
    expect(at(`${easyApply}/PostURL`)).toBe(apply.url);
    expect(at(`${easyApply}/ApiKey`)).toBe("easy-apply-key");
    expect(at(`${easyApply}/VendorText`)).toBe("the-proof");
    expect(at(`${info}/ApplyOnlineURL`)).toBeUndefined();
    await posted({ applyMethod: "BOARD_NATIVE" }, { apply: { ...apply, token: "operators-key" } });
    expect(at(`${easyApply}/ApiKey`)).toBe("operators-key");
  });
});

describe("what Monster makes of a job", () => {
  it.each([
    [{ title: " " }, "REFUSED title"],
    [{ location: null }, "REFUSED location"],
    [{ location: { ...berlinOffice, city: null, postalCode: null } }, "REFUSED location"],
    [{ applyUrl: null }, "REFUSED applyUrl"],
    [{ expiresAt: new Date(0) }, "REFUSED expiresAt"],
    [{ company: { ...aJob().company, name: "x".repeat(256) } }, "REFUSED company.name"],
    [{ contactName: "x".repeat(256) }, "REFUSED contactName"],
    [{ contactEmail: `${"x".repeat(88)}@example.test` }, "REFUSED contactEmail"],
    [{ contactPhone: "1234567" }, "REFUSED contactPhone"],
    [{ contactPhone: "1".repeat(51) }, "REFUSED contactPhone"],
    [{ salary: { min: "1", max: null, currency: "JPY", period: "YEAR", visible: true } }, "DROPPED salary.currency"],
    [{ alternateLocations: [berlinOffice] }, "DROPPED alternateLocations"],
    [{ industries: ["Bridges"] }, "DROPPED industries"],
    [{ boardCodes: { functions: [], industries: ["1", "2", "3", "4"] } }, "DROPPED boardCodes.industries"],
    [{ employmentType: null }, "CHANGED employmentType"],
    [{ seniority: null }, "CHANGED seniority"],
    [{ expiresAt: new Date(Date.now() + 31 * dayMs) }, "CHANGED expiresAt"],
  ] as const)("is told beforehand: %o", (changes, finding) => {
    expect(findings(changes)).toContain(finding);
  });

  it.each([
    [{ company: { ...aJob().company, name: "x".repeat(255) } }],
    [{ contactName: "x".repeat(255) }],
    [{ contactEmail: `${"x".repeat(87)}@example.test` }],
    [{ contactPhone: "12345678" }],
    [{ contactPhone: "1".repeat(50) }],
    [{ boardCodes: { functions: [], industries: ["1", "2", "3"] } }],
  ])("is nothing at the edge: %o", async (changes) => {
    expect(findings(changes).filter((finding) => !finding.startsWith("CHANGED"))).toEqual([]);
    await expect(posted(changes)).resolves.toBeDefined();
  });

  it("goes by the days that the account has", () => {
    const changes = { expiresAt: new Date(Date.now() + 31 * dayMs) };
    expect(findings(changes, { duration: "60" })).not.toContain("CHANGED expiresAt");
  });
});
