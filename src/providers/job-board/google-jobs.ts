import { sanitizedFor, textOf } from "./description.ts";
import type { EmploymentType, Job, JobLocation, Salary } from "./job.ts";

// https://developers.google.com/search/docs/appearance/structured-data/job-posting

const tags = ["p", "br", "ul", "li", "h1", "h2", "h3", "h4", "h5", "h6"];

const employmentTypes: Readonly<Record<EmploymentType, string>> = {
  FULL_TIME: "FULL_TIME",
  PART_TIME: "PART_TIME",
  CONTRACT: "CONTRACTOR",
  TEMPORARY: "TEMPORARY",
  INTERNSHIP: "INTERN",
  VOLUNTEER: "VOLUNTEER",
  PER_DIEM: "PER_DIEM",
};

type JsonLd = Readonly<Record<string, unknown>>;

/**
 * A job as Google for Jobs reads it on the job's own page: an object for `<script type="application/ld+json">`. Null when what
 * Google requires is missing, or the company is not to be named.
 *
 * @param listedAt when the job was first posted, unless it says when it was published
 */
export function jobPostingJsonLd(job: Job, listedAt: Date): JsonLd | null {
  const { title, company, yearsOfExperience } = job;
  const place = placeOf(job);
  const description = descriptionOf(job);
  const isNameless = company.isConfidential || company.name.trim() === "";
  if (place === null || title.trim() === "" || textOf(description) === "" || isNameless) return null;
  return withoutNulls({
    "@context": "https://schema.org",
    "@type": "JobPosting",
    title: title.trim(),
    description,
    datePosted: (job.publishedAt ?? listedAt).toISOString(),
    validThrough: job.expiresAt?.toISOString() ?? null,
    employmentType: job.employmentType && employmentTypes[job.employmentType],
    hiringOrganization: withoutNulls({
      "@type": "Organization",
      name: company.name,
      sameAs: company.url,
      logo: company.logoUrl,
    }),
    identifier: { "@type": "PropertyValue", name: company.name, value: job.requisitionId ?? job.externalReference },
    ...place,
    baseSalary: job.salary && salaryOf(job.salary),
    experienceRequirements: yearsOfExperience
      ? { "@type": "OccupationalExperienceRequirements", monthsOfExperience: yearsOfExperience * 12 }
      : null,
  });
}

/** All of it that the page shows: nothing is marked up that people do not see there. */
function descriptionOf(job: Job): string {
  const parts = [job.description, job.responsibilities, job.requirements, job.niceToHave, job.benefitsText];
  return parts.flatMap((part) => (part ? [sanitizedFor(tags, part)] : [])).join("\n");
}

/** A job that is done anywhere has the countries in which applicants may live; any other one, hybrid ones too, its places. */
function placeOf({ workplaceType, location, alternateLocations, remoteCountries }: Job): JsonLd | null {
  if (workplaceType === "REMOTE") {
    const countries = remoteCountries.length > 0 ? remoteCountries : location ? [location.country] : [];
    if (countries.length === 0) return null;
    return {
      jobLocationType: "TELECOMMUTE",
      applicantLocationRequirements: oneOrList(countries.map((name) => ({ "@type": "Country", name }))),
    };
  }
  const places = [...(location ? [location] : []), ...alternateLocations];
  return places.length > 0 ? { jobLocation: oneOrList(places.map(addressOf)) } : null;
}

function addressOf({ street, city, region, postalCode, country }: JobLocation): JsonLd {
  const address = withoutNulls({
    "@type": "PostalAddress",
    streetAddress: street,
    addressLocality: city,
    addressRegion: region,
    postalCode,
    addressCountry: country,
  });
  return { "@type": "Place", address };
}

function salaryOf({ min, max, currency, period, visible }: Salary): JsonLd | null {
  const [least, most] = [min ?? max, max ?? min].map(Number);
  if (!visible || (min === null && max === null)) return null;
  const amount = least === most ? { value: least } : { minValue: least, maxValue: most };
  return {
    "@type": "MonetaryAmount",
    currency,
    value: { "@type": "QuantitativeValue", ...amount, unitText: period },
  };
}

function oneOrList<T>(values: readonly T[]): T | readonly T[] {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values;
}

function withoutNulls(object: JsonLd): JsonLd {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
