import type { AccountSettings } from "../../provider.ts";
import type { Job, Salary } from "../job.ts";
import type { BoardPosting } from "../provider.ts";
import { indeedApplyOf } from "./apply-method.ts";
import { descriptionOf } from "./description.ts";
import { locationOf } from "./location.ts";
import { jobTypes } from "./mapping.ts";

/** One entry of `createSourcedJobPostings`; every operation sends the whole of it. */
export function jobPostingOf(
  { job, listedAt, now, apply }: Pick<BoardPosting, "job" | "listedAt" | "now" | "apply">,
  settings: AccountSettings,
): object {
  const { title, benefits, externalReference, requisitionId, publishedAt, expiresAt, applyUrl } = job;
  const published = new Date(Math.min((publishedAt ?? listedAt).getTime(), now.getTime()));
  return {
    body: {
      title,
      description: descriptionOf(job),
      descriptionFormatting: "RICH_FORMATTING",
      location: locationOf(job),
      ...present({ salary: salaryOf(job.salary) }),
      benefits,
    },
    metadata: {
      jobPostingId: externalReference,
      ...present({ jobRequisitionId: requisitionId === externalReference ? null : requisitionId }),
      jobSource: jobSourceOf(job, settings),
      ...present({ taxonomyClassification: taxonomyOf(job) }),
      contacts: [{ contactType: ["contact"], contactInfo: contactOf(job) }],
      datePublished: published.toISOString(),
      ...present({ expirationDate: expiresAt?.toISOString() }),
      url: applyUrl,
    },
    ...(apply && { applyMethod: { indeedApply: indeedApplyOf(job, apply) } }),
  };
}

/** Nothing of it leaves when it is not to be seen, and nothing without a minimum, which Indeed requires. */
function salaryOf(salary: Salary | null): object | null {
  if (!salary?.visible || !hasMinimum(salary)) return null;
  const { min, max, currency, period } = salary;
  return {
    currency,
    minimumMinor: minorUnits(min, currency),
    ...present({ maximumMinor: max === null ? null : minorUnits(max, currency) }),
    period,
  };
}

export function hasMinimum(salary: Salary): salary is Salary & { readonly min: string } {
  return salary.min !== null && minorUnits(salary.min, salary.currency) > 0;
}

/** 1234.5 euros are 123450, yen are themselves (ISO 4217); what is less than one such unit is cut off. */
export function minorUnits(amount: string, currency: string): number {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  const [whole = "0", fraction = ""] = amount.split(".");
  return Number(`${whole}${fraction.slice(0, digits).padEnd(digits, "0")}`);
}

function jobSourceOf({ company }: Job, { sourceName, employerId }: AccountSettings): object {
  return {
    companyName: company.name,
    sourceName,
    sourceType: company.isStaffingAgency ? "Staffing Agency" : "Employer",
    ...present({ companyWebsite: company.url, employerIds: employerId === undefined ? null : [employerId] }),
    ...(company.isStaffingAgency && { isPlacement: true }),
  };
}

/** Indeed's codes are not public: what the caller knows of them goes instead of words. */
function taxonomyOf({ employmentType, boardCodes, category, functions, industries }: Job): object | null {
  const codes = [...boardCodes.functions, ...boardCodes.industries];
  const words = [...(category === null ? [] : [category]), ...functions, ...industries];
  const categories = [...new Set(codes.length > 0 ? codes : words)];
  const taxonomy = present({
    jobTypes: employmentType && [jobTypes[employmentType]],
    categories: categories.length > 0 ? categories : null,
  });
  return Object.keys(taxonomy).length > 0 ? taxonomy : null;
}

function contactOf({ contactName, contactEmail }: Job): object {
  return present({ contactName, contactEmail });
}

function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}
