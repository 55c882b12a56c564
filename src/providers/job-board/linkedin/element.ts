import type { AccountSettings } from "../../provider.ts";
import { countryName, renderDescription, textOf } from "../description.ts";
import type { Job, JobLocation, Money, Salary } from "../job.ts";
import type { BoardPosting } from "../provider.ts";
import { onsiteApplyConfigurationOf } from "./apply-configuration.ts";
import {
  alternateLocationLimits,
  compensationPeriods,
  descriptionRules,
  employmentStatuses,
  experienceLevels,
  workplaceTypes,
} from "./mapping.ts";

export const dayMs = 86_400_000;
export const maxListingDays = 180;
export const maxFunctions = 3;
export const maxSkillsLength = 4000;

export type ElementOperation = "CREATE" | "UPDATE" | "RENEW" | "CLOSE";

/** One element of `simpleJobPostings`; every operation sends the whole of it. */
export function elementOf(
  { job, listedAt, now, apply }: Pick<BoardPosting, "job" | "listedAt" | "now" | "apply">,
  operation: ElementOperation,
  settings: AccountSettings,
): Record<string, unknown> {
  const skills = skillsOf(job);
  const posterEmail = posterOf(job, settings);
  return withoutNulls({
    company: settings["organization"],
    externalJobPostingId: job.externalReference,
    jobPostingOperationType: operation,
    title: job.title,
    description: renderDescription(job, descriptionRules),
    listedAt: Math.min((job.publishedAt ?? listedAt).getTime(), now.getTime()),
    location: locationOf(job.location),
    alternateLocations: atLeastOne(job.alternateLocations.slice(0, alternateLocationLimits.max).map(locationOf)),
    companyApplyUrl: job.applyUrl,
    companyJobCode: job.requisitionId ?? job.externalReference,
    categories: atLeastOne(job.boardCodes.functions.slice(0, maxFunctions)),
    industries: atLeastOne(job.boardCodes.industries.map(industryUrn)),
    skillsDescription: skills === "" ? null : skills,
    workplaceTypes: job.workplaceType && [workplaceTypes[job.workplaceType]],
    employmentStatus: job.employmentType && employmentStatuses[job.employmentType],
    experienceLevel: job.seniority && experienceLevels[job.seniority],
    compensation: compensationOf(job.salary),
    expireAt: expireAt(job, operation, now),
    companyDescription: job.company.description && textOf(job.company.description),
    posterEmail,
    showPosterInfo: posterEmail === null ? null : true,
    onsiteApplyConfiguration: onsiteApplyConfigurationOf({ job, apply }, settings),
    ...promotionOf(job, settings),
  });
}

/** As the guide wants it: `CITY, STATE`, `CITY, COUNTRY` or `POSTALCODE, COUNTRYCODE`; null when it can be none of them. */
export function locationOf(location: JobLocation | null): string | null {
  if (!location) return null;
  const { city, region, postalCode, country } = location;
  if (city === null) return postalCode === null ? null : `${postalCode}, ${country}`;
  const hasStates = country === "US" || country === "CA";
  return `${city}, ${hasStates && region !== null ? region : countryName(country)}`;
}

export function skillsOf({ skills: { required, preferred } }: Job): string {
  return [...required, ...preferred].join(", ").slice(0, maxSkillsLength);
}

/** The address that stands for the job, if it is a seat holder's: LinkedIn refuses a job with another one. */
function posterOf({ contactEmail }: Job, settings: AccountSettings): string | null {
  const seatHolders = seatHoldersIn(settings);
  const contact = contactEmail?.toLowerCase();
  return seatHolders.find((email) => email === contact) ?? seatHolders[0] ?? null;
}

export function seatHoldersIn({ posterEmails = "" }: AccountSettings): readonly string[] {
  return posterEmails
    .split(",")
    .map((email) => email.trim().toLowerCase())
    .filter((email) => email !== "");
}

function industryUrn(code: string): string {
  return /^\d+$/.test(code) ? `urn:li:industry:${code}` : code;
}

/** Nothing of it leaves when it is not to be seen. */
function compensationOf(salary: Salary | null): object | null {
  if (!salary?.visible) return null;
  const { min, max, currency, period } = salary;
  const money = (amount: string) => moneyOf({ amount, currency });
  const base = { type: "BASE_SALARY", period: compensationPeriods[period] };
  if (min !== null && max !== null) {
    return { compensations: [{ ...base, value: { start: money(min), end: money(max) } }] };
  }
  const amount = min ?? max;
  return amount === null ? null : { compensations: [{ ...base, amount: money(amount) }] };
}

function moneyOf({ amount, currency }: Money): { currencyCode: string; amount: string } {
  return { currencyCode: currency, amount };
}

/** A job that is closed need not stay for another day, and LinkedIn refuses less than that. */
function expireAt({ expiresAt }: Job, operation: ElementOperation, now: Date): number | null {
  if (expiresAt === null) return null;
  if (operation !== "CREATE" && operation !== "UPDATE" && expiresAt.getTime() <= now.getTime() + dayMs) return null;
  return Math.min(expiresAt.getTime(), now.getTime() + maxListingDays * dayMs);
}

function promotionOf({ promotion }: Job, { contract }: AccountSettings): object {
  if (!promotion || promotion.type === "BOOST" || contract === undefined) return {};
  const budget = promotion.budget && { payForPerformanceTotalBudget: moneyOf(promotion.budget) };
  return budget ? { budget } : { listingType: "PREMIUM", contract };
}

function atLeastOne<T>(values: readonly (T | null)[]): readonly T[] | null {
  const there = values.filter((value) => value !== null);
  return there.length > 0 ? there : null;
}

function withoutNulls(element: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(element).filter(([, value]) => value !== null && value !== undefined));
}
