import type { XmlElement } from "../xml-reader.ts";
import type { ApplyWay, SentJob } from "./state.ts";
import type { MonsterSwitches } from "./switches.ts";

// Real Time Posting: elements, lengths and ids as its guide has them.

const ids: Readonly<Record<string, readonly string[]>> = {
  JobLevel: ["10", "11", "12", "13", "14", "15", "16"],
  JobType: ["1", "2", "3", "20", "75"],
  CompensationType: ["1", "2", "3", "4", "5", "6"],
  DeliveryMethod: ["5"],
  DeliveryFormat: ["1"],
  BoardName: ["1", "178"],
};
const lengths: Readonly<Record<string, readonly [number, number]>> = {
  "JobInformation/JobTitle": [1, 100],
  "JobInformation/Contact/Name": [0, 255],
  "JobInformation/Contact/CompanyName": [0, 255],
  "JobInformation/Contact/Phones/Phone": [8, 50],
  "JobInformation/Contact/E-mail": [0, 100],
  "JobInformation/JobBody": [25, Number.POSITIVE_INFINITY],
};
const needed = [
  "RecruiterReference/UserName",
  "JobInformation/JobTitle",
  "JobInformation/JobLevel",
  "JobInformation/JobType",
  "JobInformation/JobStatus",
  "JobInformation/PhysicalAddress/CountryCode",
  "JobInformation/JobBody",
  "JobPostings/JobPosting",
  "JobPostings/JobPosting/JobCategory",
  "JobPostings/JobPosting/JobOccupations/JobOccupation",
  "JobPostings/JobPosting/BoardName",
];
const inventoryTypes = ["transactional", "slotted", "areaWideTransactional", "areaWideSlotted"];
const mostIndustries = 3;

/** What is wrong about a job; empty for one that is taken. */
export function mistakesIn(job: XmlElement, switches: MonsterSwitches): readonly string[] {
  const all = placesIn(job);
  const at = (path: string) => all.filter((place) => place.path === path);
  const missing = needed.filter((path) => at(path).length === 0);
  const long = Object.entries(lengths).flatMap(([path, [least, most]]) =>
    at(path)
      .filter(({ element: { text } }) => text.length < least || text.length > most)
      .map(() => `${path} must have ${least} to ${most} characters`),
  );
  const known = { ...ids, JobStatus: switches.jobStatusIds };
  const wrong = all.flatMap(({ element }) => {
    const id = element.attributes["monsterId"];
    const allowed = known[element.name as keyof typeof known];
    return allowed && !allowed.includes(id ?? "") ? [`${element.name} has no id ${id ?? "at all"}`] : [];
  });
  const duration = at("JobPostings/JobPosting")[0]?.element.attributes["desiredDuration"] ?? "";
  const industries = all.filter(({ element }) => element.name === "Industry").length;
  return [
    ...missing.map((path) => `${path} is required`),
    ...long,
    ...wrong,
    ...(inventoryTypes.includes(job.attributes["inventoryType"] ?? "") ? [] : ["inventoryType is not valid"]),
    ...(["30", "60"].includes(duration) ? [] : ["desiredDuration must be 30 or 60"]),
    ...(industries > mostIndustries ? [`At most ${mostIndustries} industries are allowed`] : []),
    ...(switches.scripts === "refused" && /<script/i.test(textAt(all, "JobInformation/JobBody")) ? ["Scripts"] : []),
    ...(applyWayOf(all) === null ? ["A way to apply is required"] : []),
  ];
}

/** @param job without mistakes */
export function sentJobOf(job: XmlElement): SentJob {
  const all = placesIn(job);
  const text = (path: string) => textAt(all, path);
  const given = all.filter(({ element }) => element.attributes["monsterId"] !== undefined);
  const names = [...new Set(given.map(({ element }) => element.name))];
  const idsOf = (name: string) =>
    given.flatMap(({ element: one }) => (one.name === name ? (one.attributes["monsterId"] ?? []) : []));
  return {
    title: text("JobInformation/JobTitle"),
    body: text("JobInformation/JobBody"),
    company: text("JobInformation/Contact/CompanyName"),
    hidesCompany: text("JobInformation/HideCompanyInfo") === "true",
    city: text("JobInformation/PhysicalAddress/City"),
    country: text("JobInformation/PhysicalAddress/CountryCode"),
    durationDays: Number(
      all.find(({ path }) => path === "JobPostings/JobPosting")?.element.attributes["desiredDuration"],
    ),
    apply: applyWayOf(all) ?? { by: "mail", email: "" },
    ids: Object.fromEntries(names.map((name) => [name, idsOf(name)])),
    texts: Object.fromEntries(all.flatMap(({ path, element }) => (element.text === "" ? [] : [[path, element.text]]))),
  };
}

interface Place {
  /** From the job down: `JobInformation/JobTitle`. */
  readonly path: string;
  readonly element: XmlElement;
}

function placesIn(element: XmlElement, above = ""): readonly Place[] {
  return element.children.flatMap((child) => {
    const path = `${above}${child.name}`;
    return [{ path, element: child }, ...placesIn(child, `${path}/`)];
  });
}

function textAt(all: readonly Place[], wanted: string): string {
  return all.find(({ path }) => path === wanted)?.element.text ?? "";
}

function applyWayOf(all: readonly Place[]): ApplyWay | null {
  const form = "JobInformation/ApplyWithMonster";
  const postUrl = textAt(all, `${form}/PostURL`);
  const apiKey = textAt(all, `${form}/ApiKey`);
  if (postUrl !== "" && apiKey !== "") {
    return { by: "form", postUrl, apiKey, vendorText: textAt(all, `${form}/VendorText`) };
  }
  const url = textAt(all, "JobInformation/ApplyOnlineURL");
  if (url !== "") return { by: "url", url };
  const email = textAt(all, "JobInformation/Contact/E-mail");
  return email === "" ? null : { by: "mail", email };
}
