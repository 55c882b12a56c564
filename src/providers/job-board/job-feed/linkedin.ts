import { countryName, renderDescription } from "../description.ts";
import type { FeedDialect } from "../feed-dialect.ts";
import type { Job, JobLocation } from "../job.ts";
import {
  compensationPeriods,
  descriptionLimits,
  descriptionRules,
  employmentStatuses,
  experienceLevels,
  workplaceTypes,
} from "../linkedin/mapping.ts";
import { placesOf } from "./places.ts";
import { toldInDescriptions } from "./told.ts";
import { declaration, listOf, type XmlElement, xmlOf } from "./xml.ts";

// https://learn.microsoft.com/en-us/linkedin/talent/job-postings/xml-feeds-development-guide ("Basic Jobs")

const mostReferenceCharacters = 40;

const rules = {
  tags: descriptionRules.tags,
  tells: ["education", ...toldInDescriptions.filter((field) => field !== "skills")] as const,
};

export const linkedinFeed: FeedDialect = {
  reader: "LinkedIn",
  describe: (job) => renderDescription(job, rules),
  descriptionLimits,
  missing: ({ linkedInCompanyId = "" }) =>
    linkedInCompanyId === ""
      ? "LinkedIn wants the number of the company's page: give it with reconnectIntegration, as linkedInCompanyId."
      : null,
  head: ({ settings: { publisher = "", publisherUrl = "" }, jobs, changedAt }) => {
    const publication: XmlElement[] = [
      ["lastBuildDate", changedAt.toUTCString()],
      ["publisherUrl", publisherUrl],
      ["publisher", publisher],
      ["expectedJobCount", String(jobs)],
    ];
    return `${declaration}<source>\n${xmlOf(publication)}`;
  },
  jobsOf: ({ job, listedAt }, { linkedInCompanyId = "" }) => {
    const description = linkedinFeed.describe(job);
    return placesOf(job, mostReferenceCharacters).map(({ reference, location }) =>
      xmlOf([
        [
          "job",
          [
            ["partnerJobId", reference],
            ["company", job.company.name],
            ["companyId", linkedInCompanyId],
            ["title", job.title.trim()],
            ["description", description],
            // The guide wants no address that leads on to another one, as a link of ours does.
            ["applyUrl", job.applyUrl ?? ""],
            ["location", placeInWords(location)],
            ["city", location.city],
            ["state", location.region],
            ["country", location.country],
            ["postalCode", location.postalCode],
            ["posterEmail", job.contactEmail],
            ["workplaceTypes", job.workplaceType && workplaceTypes[job.workplaceType]],
            listOf("industryCodes", "industryCode", job.boardCodes.industries),
            ["experienceLevel", job.seniority && experienceLevels[job.seniority]],
            listOf("jobFunctions", "jobFunction", job.boardCodes.functions),
            ["jobtype", job.employmentType && employmentStatuses[job.employmentType]],
            listOf("skills", "skill", [...job.skills.required, ...job.skills.preferred]),
            salariesOf(job),
            ["listDate", (job.publishedAt ?? listedAt).toISOString()],
            ["expirationDate", job.expiresAt?.toISOString() ?? null],
          ],
        ],
      ]),
    );
  },
  tail: "</source>\n",
};

function placeInWords({ city, region, country }: JobLocation): string {
  return [city, region, country === "" ? null : countryName(country)].filter((part) => part !== null).join(", ");
}

/** Whole numbers: the least is rounded down, the most up. */
function salariesOf({ salary }: Job): XmlElement {
  if (!salary?.visible || (salary.min === null && salary.max === null)) return ["salaries", null];
  const { min, max, currency, period } = salary;
  const money = (amount: number): XmlElement[] => [
    ["amount", String(amount)],
    ["currencyCode", currency],
  ];
  const parts: XmlElement[] = [
    ["highEnd", max === null ? null : money(Math.ceil(Number(max)))],
    ["lowEnd", min === null ? null : money(Math.floor(Number(min)))],
    ["period", compensationPeriods[period]],
    ["type", "BASE_SALARY"],
  ];
  return ["salaries", [["salary", parts]]];
}
