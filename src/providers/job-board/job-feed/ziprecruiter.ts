import { renderDescription } from "../description.ts";
import type { FeedDialect } from "../feed-dialect.ts";
import type { Job, SalaryPeriod } from "../job.ts";
import { descriptionLimits, descriptionRules, jobTypes } from "../ziprecruiter/mapping.ts";
import { sourceHead, sourceJobs, sourceTail } from "./source.ts";
import { toldInDescriptions } from "./told.ts";
import type { XmlElement } from "./xml.ts";

// ZipRecruiter XML Feed Documentation, version 1.4 of 2018-12-11. How it calls what it does not require is not confirmed.

const mostReferenceCharacters = 64;

const intervals: Readonly<Record<SalaryPeriod, string>> = {
  HOUR: "Hourly",
  DAY: "Daily",
  WEEK: "Weekly",
  MONTH: "Monthly",
  YEAR: "Annually",
};

const rules = { tags: descriptionRules.tags, tells: ["workplaceType", ...toldInDescriptions] as const };

export const ziprecruiterFeed: FeedDialect = {
  reader: "ZipRecruiter",
  describe: (job) => renderDescription(job, rules),
  descriptionLimits,
  head: sourceHead,
  jobsOf: (posting) => {
    const { job } = posting;
    return sourceJobs(posting, {
      description: ziprecruiterFeed.describe(job),
      mostReferenceCharacters,
      more: () => [["jobtype", job.employmentType && jobTypes[job.employmentType]], ...compensationOf(job)],
    });
  },
  tail: sourceTail,
};

function compensationOf({ salary }: Job): readonly XmlElement[] {
  if (!salary?.visible || (salary.min === null && salary.max === null)) return [];
  const { min, max, currency, period } = salary;
  return [
    ["compensation_min", min],
    ["compensation_max", max],
    ["compensation_currency", currency],
    ["compensation_interval", intervals[period]],
  ];
}
