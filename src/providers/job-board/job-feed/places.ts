import { createHash } from "node:crypto";
import type { Job, JobLocation } from "../job.ts";

/** A job at one of its places, by a name that no other job and no other place has. */
export interface JobPlace {
  readonly reference: string;
  readonly location: JobLocation;
}

/**
 * Each place of a job once, its own first. A remote job without any is in each country from which one may apply. The first
 * place has the job's reference; another one's is made of the place itself, so that it stays when others come and go.
 *
 * @param mostCharacters how long a reference may be: a longer one is cut, and stays distinct
 */
export function placesOf(job: Job, mostCharacters: number): readonly JobPlace[] {
  const { externalReference } = job;
  const byName = new Map(locationsOf(job).map((location) => [nameOf(location), location]));
  return [...byName].map(([name, location], index) => {
    const reference = index === 0 ? externalReference : `${externalReference}-${markOf(name)}`;
    return { reference: cut(reference, mostCharacters), location };
  });
}

function locationsOf({ location, alternateLocations, remoteCountries }: Job): readonly JobLocation[] {
  const places = [...(location ? [location] : []), ...alternateLocations];
  if (places.length > 0) return places;
  // Nobody can post one without any place; one that stands in a feed all the same must not go missing.
  return remoteCountries.length > 0 ? remoteCountries.map(somewhereIn) : [somewhereIn("")];
}

function somewhereIn(country: string): JobLocation {
  return { street: null, city: null, region: null, postalCode: null, country, latitude: null, longitude: null };
}

/** Coordinates are found out anew now and then: the place is the same. */
function nameOf({ street, city, region, postalCode, country }: JobLocation): string {
  return JSON.stringify([street, city, region, postalCode, country]);
}

function cut(reference: string, mostCharacters: number): string {
  const mark = `-${markOf(reference)}`;
  return reference.length <= mostCharacters ? reference : `${reference.slice(0, mostCharacters - mark.length)}${mark}`;
}

function markOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
