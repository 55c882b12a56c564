import type { AccountSettings } from "../../provider.ts";
import type { XmlElements } from "../../soap.ts";
import type { ApplyAddress } from "../applications.ts";
import { renderDescription } from "../description.ts";
import type { Job, JobLocation, Salary } from "../job.ts";
import type { BoardPosting } from "../provider.ts";
import { places } from "./login.ts";
import {
  compensationTypes,
  currencies,
  descriptionRules,
  jobLevels,
  jobStatuses,
  jobTypes,
  others,
  usualLevel,
} from "./mapping.ts";

type Posted = Pick<BoardPosting, "job" | "apply">;

/** The message that puts a job there, or changes it. */
export function jobElement({ job, apply }: Posted, settings: AccountSettings): XmlElements {
  return {
    ...identity(job, settings),
    "@jobAction": "addOrUpdate",
    JobInformation: {
      JobTitle: job.title,
      JobLevel: byId(job.seniority ? jobLevels[job.seniority] : usualLevel),
      ...employmentOf(job, settings),
      Salary: salaryOf(job.salary),
      Contact: contactOf(job),
      PhysicalAddress: addressOf(job.location),
      DisableApplyOnline: "false",
      HideCompanyInfo: String(job.company.isConfidential),
      JobBody: renderDescription(job, descriptionRules),
      ApplyWithMonster: apply && easyApplyOf(apply),
      ApplyOnlineURL: apply === null && job.applyMethod !== "EMAIL" ? job.applyUrl : null,
    },
    JobPostings: { JobPosting: placementOf(job, settings) },
  };
}

/** The message that takes it off. */
export function deletion(job: Pick<Job, "externalReference">, settings: AccountSettings): XmlElements {
  return { ...identity(job, settings), "@jobAction": "delete" };
}

function identity({ externalReference }: Pick<Job, "externalReference">, settings: AccountSettings): XmlElements {
  return {
    "@jobRefCode": externalReference,
    "@inventoryType": settings["inventoryType"] ?? "transactional",
    "@jobComplete": "true",
    RecruiterReference: { UserName: settings["recruiter"] ?? "" },
  };
}

function employmentOf({ employmentType }: Job, { jobStatusIds = "" }: AccountSettings): XmlElements {
  const { type, status } = jobTypes[employmentType ?? "FULL_TIME"];
  const ids = jobStatuses[jobStatusIds] ?? jobStatuses["4, 5, 26"];
  return { JobType: byId(type), JobStatus: byId(ids?.[status] ?? "") };
}

export function salaryOf(salary: Salary | null): XmlElements | null {
  const currency = salary?.visible ? currencies[salary.currency] : undefined;
  if (!salary || currency === undefined) return null;
  return {
    Currency: byId(currency),
    SalaryMin: salary.min,
    SalaryMax: salary.max,
    CompensationType: byId(compensationTypes[salary.period]),
  };
}

function contactOf({ company, contactName, contactEmail, contactPhone, location }: Job): XmlElements {
  return {
    Name: contactName,
    CompanyName: company.name,
    Address: addressOf(location),
    Phones: contactPhone === null ? null : { Phone: contactPhone },
    "E-mail": contactEmail,
    WebSite: company.url,
  };
}

function addressOf(location: JobLocation | null): XmlElements | null {
  if (!location) return null;
  const { city, region, country, postalCode } = location;
  return { City: city, State: region, CountryCode: country, PostalCode: postalCode };
}

/** Monster sends what candidates enter to the account's own address, and what we give here along with it. */
function easyApplyOf({ url, token, proof = "" }: ApplyAddress): XmlElements {
  return {
    DeliveryMethod: byId("5"),
    DeliveryFormat: byId("1"),
    VendorText: proof,
    PostURL: url,
    ApiKey: token ?? places.apiKey,
  };
}

function placementOf({ boardCodes, location }: Job, { duration = "30", boardId = "1" }: AccountSettings): XmlElements {
  const [category = others.category, ...occupations] = boardCodes.functions;
  const industries = boardCodes.industries.length > 0 ? boardCodes.industries.slice(0, 3) : [others.industry];
  return {
    "@desiredDuration": duration,
    Location: addressOf(location),
    JobCategory: byId(category),
    JobOccupations: {
      JobOccupation: (occupations.length > 0 ? occupations : [others.occupation]).map(byId),
    },
    BoardName: byId(boardId),
    Industries: { Industry: industries.map(byId) },
  };
}

function byId(id: string): XmlElements {
  return { "@monsterId": id };
}
