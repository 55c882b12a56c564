import type { Job, JobLocation } from "../job.ts";

/** A remote job without a place of its own is anywhere in its country. */
export function locationOf(job: Job): object {
  const place = job.location && placeIn(job.location);
  const street = job.location?.street ?? null;
  return {
    country: countryOf(job),
    ...(place !== null && { cityRegionPostal: place }),
    ...(street !== null && { streetAddress: street }),
  };
}

export function countryOf({ location, remoteCountries }: Job): string | null {
  return location?.country ?? remoteCountries[0] ?? null;
}

/** `City, Region Postal`, as far as they are known; null for a country alone. */
export function placeIn({ city, region, postalCode }: JobLocation): string | null {
  const area = [region, postalCode].filter(Boolean).join(" ");
  return [city, area].filter(Boolean).join(", ") || null;
}
