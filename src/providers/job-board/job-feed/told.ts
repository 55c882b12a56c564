import type { JobField } from "../job.ts";

/** Fields for which feeds of the usual form have no element: the description tells them. */
export const toldInDescriptions: readonly JobField[] = [
  "remoteCountries",
  "yearsOfExperience",
  "certifications",
  "skills",
  "languages",
  "englishLevel",
  "hoursPerWeek",
  "positionsCount",
  "benefits",
  "equity",
  "videoUrl",
  "compliance",
];
