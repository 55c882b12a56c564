import type { AccountSettings } from "../../provider.ts";
import type { XmlElements } from "../../soap.ts";
import { countryName, renderDescription } from "../description.ts";
import type { Job, JobLocation } from "../job.ts";
import { descriptionRules } from "./mapping.ts";

export type DpiAction = "add" | "update" | "delete";

/** One job, by the names of the interface. */
export function jobElement(action: DpiAction, job: Job, settings: AccountSettings): XmlElements {
  const identity = {
    Action: action,
    JobID: job.externalReference,
    CustomerAccountCode: settings["accountCode"] ?? "",
  };
  return action === "delete" ? identity : { ...identity, ...detailsOf(job, settings) };
}

function detailsOf(job: Job, settings: AccountSettings): XmlElements {
  const { applyMethod, boardCodes, location, salary, skills } = job;
  const isByMail = applyMethod === "EMAIL";
  const pay = salary?.visible ? salary : null;
  return {
    JobTitle: job.title,
    Description: renderDescription(job, descriptionRules),
    DesiredSkills: [...skills.required, ...skills.preferred].join(", ") || null,
    Education: job.education,
    JobTypeCode: boardCodes.functions[0] ?? null,
    IndustryCode: boardCodes.industries[0] ?? null,
    City: location?.city ?? null,
    Country: location?.country ?? null,
    PostalCode: location?.postalCode ?? null,
    AlternateLocations: job.alternateLocations.map(placeIn).join("; ") || null,
    BasePayLow: pay?.min ?? null,
    BasePayHigh: pay?.max ?? null,
    CurrencyCode: pay?.currency ?? null,
    PayRate: pay ? pay.period.toLowerCase() : null,
    ActivationDate: job.publishedAt ? dayOf(job.publishedAt) : null,
    ExpirationDate: job.expiresAt ? dayOf(job.expiresAt) : null,
    ApplicationURL: isByMail ? null : job.applyUrl,
    ApplyOnlineCopyEmail: isByMail ? job.contactEmail : null,
    ContactName: job.contactName,
    ContactCompany: job.company.name,
    ContactEmail: job.contactEmail,
    ContactPhone: job.contactPhone,
    CompanyProfileName: settings["companyProfile"] ?? null,
    DisplayJobID: job.requisitionId,
  };
}

function placeIn({ city, region, country }: JobLocation): string {
  return [city, region, countryName(country)].filter((part) => part !== null).join(", ");
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
