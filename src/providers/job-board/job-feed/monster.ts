import { renderDescription } from "../description.ts";
import type { FeedDialect } from "../feed-dialect.ts";
import { withoutEntities } from "../indeed/description.ts";
import { jobTypes } from "../indeed/mapping.ts";
import { salaryOf, sourceHead, sourceJobs, sourceTail } from "./source.ts";
import { toldInDescriptions } from "./told.ts";

// http://partner.monster.com/job-ads-non-duration tells of an XML feed that is read at most once in 24 hours, and forbids entities.
// Its elements are not confirmed: these are those of the usual form, within the lengths of Monster's other interface.

const mostReferenceCharacters = 50;

/** No links: without entities an address could end its attribute. */
const rules = {
  tags: ["b", "strong", "i", "em", "u", "p", "br", "ul", "ol", "li"],
  tells: ["workplaceType", ...toldInDescriptions] as const,
};

export const monsterFeed: FeedDialect = {
  reader: "Monster",
  describe: (job) => withoutEntities(renderDescription(job, rules)),
  descriptionLimits: { unit: "CHARACTERS", min: 25 },
  head: sourceHead,
  jobsOf: (posting) => {
    const { job } = posting;
    return sourceJobs(posting, {
      description: monsterFeed.describe(job),
      mostReferenceCharacters,
      more: () => [["jobtype", job.employmentType && jobTypes[job.employmentType]], salaryOf(job)],
    });
  },
  tail: sourceTail,
};
