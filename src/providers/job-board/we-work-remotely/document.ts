import type { AccountSettings } from "../../provider.ts";
import { countryName, renderDescription } from "../description.ts";
import type { Job, JobLocation } from "../job.ts";
import type { BoardPosting } from "../provider.ts";
import { categoryOf } from "./categories.ts";
import type { RemoteJobDocument, Skill } from "./client.ts";
import { descriptionRules, listingTypes } from "./mapping.ts";
import { regionOf } from "./regions.ts";

/** So much of a posting's id tells it from every other one with the same reference. */
const idLength = 12;

/**
 * What a posting is found by at We Work Remotely, which has no field for it. Several accounts may have the same token; the
 * end of the posting's own id, which is random, keeps them apart.
 */
export function markOf({ id, job }: Pick<BoardPosting, "id" | "job">): string {
  return `Reference: ${job.externalReference}.${id.slice(-idLength)}`;
}

/** The whole job. Null is said of what it has not: an update may keep what is left out. */
export function documentOf(
  posting: BoardPosting,
  settings: AccountSettings,
  skills: readonly Skill[],
): RemoteJobDocument {
  const { job } = posting;
  const { company, employmentType } = job;
  return {
    company: company.name,
    title: job.title,
    description: `${renderDescription(job, descriptionRules)}\n<p>${markOf(posting)}</p>`,
    instructions: instructionsOf(job),
    email: job.contactEmail ?? settings["posterEmail"],
    category_id: categoryOf(job, settings).id,
    location: job.location && headquartersOf(job.location),
    region: regionOf(job.remoteCountries).name,
    url: company.url,
    company_bio: company.description,
    job_listing_type: employmentType && listingTypes[employmentType],
    skills: skillsOf(job, skills),
  };
}

/** Where candidates apply: an address, or a mailbox where the job wants mail; null when there is neither. */
export function instructionsOf({ applyMethod, applyUrl, contactEmail }: Job): string | null {
  return applyMethod === "EMAIL" ? (contactEmail ?? applyUrl) : applyUrl;
}

export function hasSkills({ skills: { required, preferred } }: Job): boolean {
  return required.length + preferred.length > 0;
}

function headquartersOf({ city, region, country }: JobLocation): string {
  return [city, region, countryName(country)].filter((part) => part !== null).join(", ");
}

/** Those that We Work Remotely knows, null when there are none; the description tells all of them. */
function skillsOf({ skills: { required, preferred } }: Job, known: readonly Skill[]) {
  const wanted = [...required, ...preferred].map((name) => name.toLowerCase());
  const found = known.flatMap(({ id, name }) => (wanted.includes(name.toLowerCase()) ? (id ?? name) : []));
  return found.length > 0 ? found : null;
}
