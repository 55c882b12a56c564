import { IntegrationError } from "../../../errors.ts";
import type { AccountSettings } from "../../provider.ts";
import { renderDescription } from "../description.ts";
import type { Job, JobLocation, Salary } from "../job.ts";
import type { BoardPosting } from "../provider.ts";
import type { JobDocument } from "./client.ts";
import { descriptionRules, jobTypes } from "./mapping.ts";

/** So much of a posting's id tells it from every other one with the same reference. */
const idLength = 12;

/**
 * A job's id at ZipRecruiter, at most 64 characters. It is one for all who use the same key, so that a reference alone
 * would meet another tenant's; the end of the posting's own id, which is random, keeps them apart.
 */
export function jobIdOf({ id, job }: Pick<BoardPosting, "id" | "job">): string {
  return `${job.externalReference}.${id.slice(-idLength)}`;
}

/** The whole job. @throws {IntegrationError} NOT_CONFIGURED when there is nowhere to apply */
export function documentOf(posting: BoardPosting, { employerId }: AccountSettings): JobDocument {
  const { id, job } = posting;
  const { externalReference, requisitionId, company } = job;
  return {
    job_id: jobIdOf(posting),
    employer_id: employerId,
    employer_name: company.isConfidential ? null : company.name,
    title: job.title,
    description: renderDescription(job, descriptionRules),
    requirements: requirementsOf(job),
    job_type: job.employmentType ? jobTypes[job.employmentType] : "other",
    country: job.location?.country ?? null,
    ...placeOf(job.location),
    ...payOf(job.salary),
    apply_url: addressOf(posting),
    // ZipRecruiter says them again with each application.
    partner_attributes: { posting: id, reference: externalReference, requisition: requisitionId ?? externalReference },
  };
}

/** Where candidates go; null has them apply at ZipRecruiter, which nobody must who is not heard of here. */
function addressOf({ apply, job }: BoardPosting): string | null {
  if (apply !== null) return null;
  if (job.applyUrl !== null) return job.applyUrl;
  throw new IntegrationError(
    "NOT_CONFIGURED",
    "The job has no `applyUrl`, and applications at ZipRecruiter do not come here",
    {
      remedy: "Give `applyUrl`, or have the operator set ZIPRECRUITER_WEBHOOK_SIGNING_KEY.",
    },
  );
}

/** Skills, in lines of text; null when there are none. */
function requirementsOf({ skills: { required, preferred } }: Job): string | null {
  const lines = [
    required.length > 0 ? `Required skills: ${required.join(", ")}` : "",
    preferred.length > 0 ? `Preferred skills: ${preferred.join(", ")}` : "",
  ].filter((line) => line !== "");
  return lines.length > 0 ? lines.join("\n") : null;
}

const nowhere = { city: null, state: null, postal_code: null, latitude: null, longitude: null };
type Place = { readonly [part in keyof typeof nowhere]: string | number | null };

/** The one way in which ZipRecruiter takes a place: city and state, a postal code, or coordinates. */
export function placeOf(location: JobLocation | null): Place {
  const { city, region, postalCode, latitude, longitude } = location ?? noLocation;
  if (city !== null && region !== null) return { ...nowhere, city, state: region };
  if (postalCode !== null) return { ...nowhere, postal_code: postalCode };
  return latitude !== null && longitude !== null ? { ...nowhere, latitude, longitude } : nowhere;
}

const noLocation = { city: null, region: null, postalCode: null, latitude: null, longitude: null };

/** In whole units, the range a little wider rather than narrower; nothing of it when it is not to be seen. */
function payOf(salary: Salary | null) {
  const { min = null, max = null, currency } = salary?.visible ? salary : {};
  const isGiven = min !== null || max !== null;
  return {
    compensation_min: min === null ? null : Math.floor(Number(min)),
    compensation_max: max === null ? null : Math.ceil(Number(max)),
    compensation_currency: isGiven ? (currency ?? null) : null,
  };
}
