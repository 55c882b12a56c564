import { renderDescription } from "../description.ts";
import type { FeedDialect } from "../feed-dialect.ts";
import { withoutEntities } from "../indeed/description.ts";
import { descriptionLimits, descriptionRules, jobTypes } from "../indeed/mapping.ts";
import type { WorkplaceType } from "../job.ts";
import { salaryOf, sourceHead, sourceJobs, sourceTail } from "./source.ts";
import { toldInDescriptions } from "./told.ts";

// https://docs.indeed.com/xml-feeds

/** Indeed names no length; other readers of this form take so many. */
const mostReferenceCharacters = 64;

/** The word for HYBRID is not among Indeed's examples. */
const remoteTypes: Readonly<Record<WorkplaceType, string | null>> = {
  ON_SITE: null,
  HYBRID: "Hybrid remote",
  REMOTE: "Fully remote",
};

const rules = { tags: descriptionRules.tags, tells: toldInDescriptions };

export const indeedFeed: FeedDialect = {
  reader: "Indeed",
  describe: (job) => withoutEntities(renderDescription(job, rules)),
  descriptionLimits,
  head: sourceHead,
  jobsOf: (posting, { publisher = "", sourceName = "" }) => {
    const { job } = posting;
    return sourceJobs(posting, {
      description: indeedFeed.describe(job),
      mostReferenceCharacters,
      more: ({ location }) => [
        ["requisitionid", job.requisitionId ?? job.externalReference],
        ["sourcename", sourceName || publisher],
        ["streetaddress", location.street],
        ["email", job.contactEmail],
        ["jobtype", job.employmentType && jobTypes[job.employmentType]],
        ["remotetype", job.workplaceType && remoteTypes[job.workplaceType]],
        salaryOf(job),
      ],
    });
  },
  tail: sourceTail,
};
