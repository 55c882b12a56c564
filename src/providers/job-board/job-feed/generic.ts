import { sanitizedFor } from "../description.ts";
import type { FeedDialect } from "../feed-dialect.ts";
import type { Job, JobLocation, Salary } from "../job.ts";
import { declaration, listOf, type XmlElement, xmlOf } from "./xml.ts";

const tags = [
  ...["a", "b", "strong", "i", "em", "u", "p", "br", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"],
  ...["table", "thead", "tbody", "tfoot", "tr", "th", "td"],
];

/** A form of our own for whoever asks for no other: the fields by the names of `JobInput`, one job with all of its places. */
export const genericFeed: FeedDialect = {
  reader: "anybody",
  describe: (job) => sanitizedFor(tags, job.description),
  head: ({ settings: { publisher = "", publisherUrl = "" }, jobs, changedAt }) => {
    const publication: XmlElement[] = [
      ["publisher", publisher],
      ["publisherUrl", publisherUrl],
      ["changedAt", changedAt.toISOString()],
      ["jobCount", String(jobs)],
    ];
    return `${declaration}<jobs>\n${xmlOf(publication)}`;
  },
  jobsOf: ({ job, link, listedAt }) => [
    xmlOf([
      [
        "job",
        [
          ["externalReference", job.externalReference],
          ["requisitionId", job.requisitionId],
          ["title", job.title],
          ["description", genericFeed.describe(job)],
          ...(["responsibilities", "requirements", "niceToHave", "benefitsText"] as const).map(
            (name): XmlElement => [name, job[name] && sanitizedFor(tags, job[name])],
          ),
          ["employmentType", job.employmentType],
          ["workplaceType", job.workplaceType],
          ["location", job.location && placeOf(job.location)],
          [
            "alternateLocations",
            someOf(job.alternateLocations.map((place): XmlElement => ["location", placeOf(place)])),
          ],
          listOf("remoteCountries", "country", job.remoteCountries),
          ["salary", job.salary && payOf(job.salary)],
          ["equity", job.equity?.offered ? (job.equity.range ?? "offered") : null],
          ["seniority", job.seniority],
          ["yearsOfExperience", textOf(job.yearsOfExperience)],
          ["education", job.education],
          listOf("certifications", "certification", job.certifications),
          listOf("languages", "language", job.languages),
          ["englishLevel", job.englishLevel],
          listOf("industries", "industry", job.industries),
          listOf("functions", "function", job.functions),
          ["category", job.category],
          listOf("requiredSkills", "skill", job.skills.required),
          listOf("preferredSkills", "skill", job.skills.preferred),
          listOf("benefits", "benefit", job.benefits),
          ["company", companyOf(job)],
          ["url", link ?? job.applyUrl ?? ""],
          ["contactEmail", job.contactEmail],
          ["contactName", job.contactName],
          ["contactPhone", job.contactPhone],
          ["language", job.language],
          ["positionsCount", textOf(job.positionsCount)],
          ["hoursPerWeek", textOf(job.hoursPerWeek)],
          ["videoUrl", job.videoUrl],
          ["eeoStatement", job.compliance.eeoStatement],
          ["publishedAt", (job.publishedAt ?? listedAt).toISOString()],
          ["expiresAt", job.expiresAt?.toISOString() ?? null],
        ],
      ],
    ]),
  ],
  tail: "</jobs>\n",
};

function placeOf({ street, city, region, postalCode, country, latitude, longitude }: JobLocation): XmlElement[] {
  return [
    ["street", street],
    ["city", city],
    ["region", region],
    ["postalCode", postalCode],
    ["country", country],
    ["latitude", textOf(latitude)],
    ["longitude", textOf(longitude)],
  ];
}

function payOf({ min, max, currency, period, visible }: Salary): XmlElement[] | null {
  if (!visible || (min === null && max === null)) return null;
  return [
    ["min", min],
    ["max", max],
    ["currency", currency],
    ["period", period],
  ];
}

function companyOf({ company }: Job): XmlElement[] {
  return [
    ["name", company.name],
    ["url", company.url],
    ["logoUrl", company.logoUrl],
    ["description", company.description],
    ["isStaffingAgency", String(company.isStaffingAgency)],
  ];
}

function someOf(elements: readonly XmlElement[]): readonly XmlElement[] | null {
  return elements.length > 0 ? elements : null;
}

function textOf(number: number | null): string | null {
  return number === null ? null : String(number);
}
