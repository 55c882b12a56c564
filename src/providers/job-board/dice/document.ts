import type { AccountSettings } from "../../provider.ts";
import { payInWords, renderDescription } from "../description.ts";
import type { Job, JobLocation } from "../job.ts";
import type { BoardPosting } from "../provider.ts";
import { recruiterTags, usualContractTerm } from "./batch-format.ts";
import { descriptionRules, taxTerms } from "./mapping.ts";
import { blockOf } from "./sgml.ts";
import { stateCodeOf } from "./states.ts";

/** A job as it stands in a batch: one block for each of its places. */
export function blocksOf({ job }: Pick<BoardPosting, "job">, settings: AccountSettings): string {
  return placesOf(job)
    .map((place, index) => blockOf(tagsOf(job, place, index, settings)))
    .join("");
}

/** How many job slots it takes. */
export function slotsOf(job: Job): number {
  return placesOf(job).length;
}

/** A job without a place is refused beforehand. */
function placesOf({ location, alternateLocations }: Job): readonly JobLocation[] {
  return [...(location ? [location] : []), ...alternateLocations];
}

function tagsOf(job: Job, place: JobLocation, index: number, settings: AccountSettings) {
  const { applyMethod, applyUrl, company, contactEmail, contactName, salary, skills } = job;
  const state = stateIn(place);
  return {
    // A dot stands in no reference of ours: no other job is called so.
    positionid: index === 0 ? job.externalReference : `${job.externalReference}.${index + 1}`,
    diceid: settings["diceId"] ?? null,
    jobtitle: oneLine(job.title),
    taxterm: taxTermOf(job, settings),
    country: place.country,
    state,
    location: place.city,
    postalcode: place.postalCode,
    areacode: areaCodeOf(job),
    company: oneLine(company.name),
    companystate: state,
    companyzip: place.postalCode,
    addr1: place.street,
    payrate: salary && payInWords(salary),
    skillsreq: [...skills.required, ...skills.preferred].join(", "),
    comments: renderDescription(job, descriptionRules),
    applylink: applyMethod === "EMAIL" ? null : applyUrl,
    allowrecruiterapplies: settings["allowRecruiterApplies"] ?? null,
    [recruiterTags.name]: contactName,
    [recruiterTags.email]: contactEmail ?? settings["contactEmail"] ?? null,
  };
}

function taxTermOf({ employmentType }: Job, { contractTerm = usualContractTerm }: AccountSettings): string | null {
  const term = employmentType && taxTerms[employmentType];
  return term === "CONTRACT" ? contractTerm : term;
}

function stateIn({ country, region }: JobLocation): string | null {
  return region && ((country === "US" ? stateCodeOf(region) : null) ?? region);
}

/** Of the North American Numbering Plan alone. */
function areaCodeOf({ contactPhone }: Job): string | null {
  const [, code] = /^\+1(\d{3})\d{7}$/.exec(contactPhone?.replaceAll(/[^\d+]/g, "") ?? "") ?? [];
  return code ?? null;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}
