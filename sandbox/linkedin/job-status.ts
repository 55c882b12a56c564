import { companyOf, type JobElement } from "./job-element.ts";
import type { Jobs } from "./jobs.ts";
import type { LinkedInState, StoredJob } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";

const visibility: Readonly<Record<JobElement["availability"], string>> = {
  PUBLIC: "PUBLIC",
  INTERNAL: "COMPANY",
  PRIVATE_TO_ATS_INTEGRATION: "PARTNER",
};

interface StatusContext {
  readonly state: LinkedInState;
  readonly jobs: Jobs;
  readonly switches: LinkedInSwitches;
  /** Where people look at jobs, without a slash at the end. */
  readonly site: string;
}

/** https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/check-job-posting-status */
export function shownStatus(job: StoredJob, { state, jobs, switches, site }: StatusContext): object {
  const { element, number, listing, listingDetail, promotionDetail } = job;
  const isPromoted = job.promotedSince !== null;
  const { status: linkedInApplyStatus, detail: linkedInApplyStatusDetail } = jobs.applyStatus(job);
  return {
    externalJobPostingId: shownId(element.externalJobPostingId, switches),
    listingStatus: listing,
    listingStatusDetail: listingDetail,
    linkedInApplyStatus,
    linkedInApplyStatusDetail,
    promotionStatus: isPromoted ? "PROMOTED" : "NOT_PROMOTED",
    promotionStatusDetail: promotionDetail,
    jobPostingUrl: `${site}/jobs/view/${number}`,
    jobPostingInfo: {
      expireAt: job.expireAt,
      listedAt: element.listedAt,
      location: element.location,
      alternateLocations: element.alternateLocations ? [element.location, ...element.alternateLocations] : null,
      companyDetails: companyDetails(element, state, switches),
      visibilityTag: visibility[element.availability],
    },
    jobCampaign: isPromoted && !element.budget ? `urn:li:sponsoredCampaign:${number}` : null,
    partnerJobCampaign: isPromoted && element.budget ? `urn:li:sponsoredCampaign:${number}` : null,
    rawLocation: element.location,
  };
}

function shownId(id: string, { numericIds }: LinkedInSwitches): string | number {
  const isExact = /^[1-9]\d*$/.test(id) && Number.isSafeInteger(Number(id));
  return numericIds && isExact ? Number(id) : id;
}

function companyDetails(
  element: JobElement,
  { organizations }: LinkedInState,
  { companyDetails: keys }: LinkedInSwitches,
) {
  const organization = organizations.get(companyOf(element) ?? "");
  const name = organization?.name ?? element.companyName ?? null;
  const page = organization?.pageUrl ?? element.companyPageUrl ?? null;
  return keys === "name" ? { name, pageUrl: page } : { companyName: name, companyPage: page };
}
