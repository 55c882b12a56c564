import * as z from "zod";
import { OnsiteApplyConfiguration } from "./apply-configuration.ts";
import { type Problem, problemsOf } from "./problems.ts";
import type { LinkedInSwitches } from "./switches.ts";

const dayMs = 86_400_000;

const urnOf = (type: string) => z.string().regex(new RegExp(`^urn:li:${type}:\\d+$`), "is no such URN");
const HttpUrl = z.url({ protocol: /^https?$/ });
const Money = z.strictObject({
  currencyCode: z.string().regex(/^[A-Z]{3}$/),
  amount: z.string().regex(/^\d+(\.\d+)?$/),
});
const Compensation = z
  .strictObject({
    type: z.enum([
      "BASE_SALARY",
      "TIPS",
      "COMMISSION",
      "PROFIT_SHARING",
      "STOCK_OPTIONS",
      "STOCK",
      "BONUS",
      "SIGN_ON_BONUS",
      "OVER_TIME",
      "OTHER",
    ]),
    period: z.enum(["YEARLY", "MONTHLY", "SEMIMONTHLY", "BIWEEKLY", "WEEKLY", "DAILY", "HOURLY"]),
    value: z.strictObject({ start: Money, end: Money }).optional(),
    amount: Money.optional(),
  })
  .refine(({ value, amount }) => value !== undefined || amount !== undefined, "has neither value nor amount")
  .refine(({ value }) => !value || Number(value.start.amount) <= Number(value.end.amount), "ends below its start");

/** https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/create-jobs */
const JobElement = z.strictObject({
  company: urnOf("organization").optional(),
  /** The older name of `company`. */
  integrationContext: urnOf("organization").optional(),
  companyName: z.string().min(1).optional(),
  companyPageUrl: HttpUrl.optional(),
  companyApplyUrl: HttpUrl,
  externalJobPostingId: z.string().min(1),
  jobPostingOperationType: z.enum(["CREATE", "UPDATE", "RENEW", "CLOSE", "UPGRADE", "DOWNGRADE"]),
  title: z.string().min(1).max(200),
  description: z.string().min(100).max(25_000),
  listedAt: z.int(),
  location: z.string().min(1),
  alternateLocations: z.array(z.string().min(1)).max(7).optional(),
  categories: z.array(z.string().min(1)).max(3).optional(),
  industries: z.array(urnOf("industry")).optional(),
  skillsDescription: z.string().max(4000).optional(),
  companyJobCode: z.string().optional(),
  workplaceTypes: z
    .array(z.enum(["On-site", "Hybrid", "Remote"]))
    .length(1)
    .optional(),
  /** The older way to say `Remote`. */
  workRemoteAllowed: z.boolean().optional(),
  employmentStatus: z
    .enum(["FULL_TIME", "PART_TIME", "CONTRACT", "INTERNSHIP", "TEMPORARY", "VOLUNTEER", "OTHER"])
    .default("FULL_TIME"),
  experienceLevel: z
    .enum(["ENTRY_LEVEL", "MID_SENIOR_LEVEL", "DIRECTOR", "EXECUTIVE", "INTERNSHIP", "ASSOCIATE", "NOT_APPLICABLE"])
    .optional(),
  compensation: z.strictObject({ compensations: z.array(Compensation).min(1) }).optional(),
  expireAt: z.int().optional(),
  listingType: z.enum(["BASIC", "PREMIUM"]).default("BASIC"),
  /** The third is the older name of the second. */
  availability: z.enum(["PUBLIC", "INTERNAL", "PRIVATE_TO_ATS_INTEGRATION"]).default("PUBLIC"),
  contract: urnOf("contract").optional(),
  posterEmail: z.email().optional(),
  showPosterInfo: z.boolean().default(false),
  partnerRequisitionId: z.string().optional(),
  requisitionOwnerEmail: z.email().optional(),
  requisitionOwnerFirstName: z.string().optional(),
  requisitionOwnerLastName: z.string().optional(),
  budget: z.strictObject({ payForPerformanceTotalBudget: Money }).optional(),
  trackingPixelUrl: HttpUrl.optional(),
  companyDescription: z.string().optional(),
  onsiteApplyConfiguration: OnsiteApplyConfiguration.optional(),
});
export type JobElement = z.output<typeof JobElement>;

/** Hosts that lead to somebody's desk. */
const tunnels = /(^|\.)(ngrok(-free)?\.(io|app|dev)|loca\.lt|trycloudflare\.com)$/i;

export const isTunnel = (url: string): boolean => tunnels.test(new URL(url).hostname);

/** One element of a batch, or everything that is wrong about it. */
export function readJobElement(
  given: unknown,
  now: Date,
  switches: LinkedInSwitches,
): { readonly element: JobElement } | { readonly problems: readonly Problem[] } {
  const read = JobElement.safeParse(given, { reportInput: true });
  if (!read.success) return { problems: problemsOf(read.error) };
  const problems = brokenRules(read.data, now.getTime(), switches);
  return problems.length > 0 ? { problems } : { element: read.data };
}

function brokenRules(element: JobElement, now: number, switches: LinkedInSwitches): readonly Problem[] {
  const { jobPostingOperationType: operation, listingType, expireAt, onsiteApplyConfiguration: onsite } = element;
  const mayExpireSoon = !switches.expiryCountsForAllOperations && (operation === "CLOSE" || operation === "RENEW");
  const rules: readonly [isBroken: boolean, path: string, says: string][] = [
    [
      element.externalJobPostingId.length > switches.maxExternalIdLength,
      "/externalJobPostingId",
      `is longer than ${switches.maxExternalIdLength} characters`,
    ],
    [
      companyOf(element) === null && element.companyName === undefined,
      "/company",
      "field is required, or companyName in its place",
    ],
    [element.listedAt > now, "/listedAt", "is in the future"],
    [!mayExpireSoon && expireAt !== undefined && expireAt <= now + dayMs, "/expireAt", "is not a day ahead"],
    [
      expireAt !== undefined && expireAt > now + switches.maxListingDays * dayMs,
      "/expireAt",
      `is more than ${switches.maxListingDays} days ahead`,
    ],
    [listingType === "PREMIUM" && element.contract === undefined, "/contract", "field is required for PREMIUM"],
    [operation === "UPGRADE" && listingType !== "PREMIUM", "/listingType", "has to be PREMIUM to upgrade"],
    [operation === "DOWNGRADE" && listingType !== "BASIC", "/listingType", "has to be BASIC to downgrade"],
    [onsite !== undefined && element.availability !== "PUBLIC", "/availability", "has to be PUBLIC to apply on-site"],
    [
      onsite !== undefined && isTunnel(onsite.jobApplicationWebhookUrl),
      "/onsiteApplyConfiguration/jobApplicationWebhookUrl",
      "is a tunnel",
    ],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, path, says]) => ({ path, says }));
}

/** Null for a job that names its company only in words. */
export function companyOf({ company, integrationContext }: JobElement): string | null {
  return company ?? integrationContext ?? null;
}
