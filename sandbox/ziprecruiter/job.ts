import { z } from "zod";
import { invalid } from "./errors.ts";
import type { ZipRecruiterSwitches } from "./switches.ts";

const maxJobId = 64;
const minTitle = 3;
const minDescription = 25;
const currencies = new Set(Intl.supportedValuesOf("currency"));

const filled = z.string().refine((text) => text.trim() !== "", "must not be empty");
const optionalText = z.string().nullish();
const amount = z.int().nonnegative().nullish();
/** ZipRecruiter wants HTTPS; on this machine there is none. */
const isHttps = (text: string) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isHere = url?.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname);
  return url?.protocol === "https:" || isHere;
};

const fields = {
  job_id: filled.max(maxJobId),
  employer_id: filled,
  employer_name: optionalText,
  title: z.string().min(minTitle),
  description: z.string().min(minDescription),
  requirements: optionalText,
  job_type: z.enum(["full_time", "part_time", "contractor", "contract", "temporary", "other"]),
  country: z.string(),
  postal_code: optionalText,
  city: optionalText,
  state: optionalText,
  latitude: z.number().min(-90).max(90).nullish(),
  longitude: z.number().min(-180).max(180).nullish(),
  compensation_min: amount,
  compensation_max: amount,
  compensation_currency: z
    .string()
    .refine((code) => currencies.has(code), "is no currency of ISO 4217")
    .nullish(),
  // How the interval is called is not written.
  compensation_interval: optionalText,
  compensation_period: optionalText,
  compensation_type: optionalText,
  apply_url: z.string().refine(isHttps, "must be an HTTPS address").nullish(),
  partner_attributes: z.record(z.string(), z.string()).nullish(),
};

const Job = z
  .looseObject(fields)
  .refine((job) => locationsOf(job).length === 1, {
    path: ["location"],
    error: "must be given in exactly one way: postal_code, city and state, or latitude and longitude",
  })
  .refine(({ compensation_min: min, compensation_max: max }) => min == null || max == null || max >= min, {
    path: ["compensation_max"],
    error: "must not be less than compensation_min",
  });
export type Job = z.output<typeof Job>;

/** @throws {ZipRecruiterError} with everything that is wrong */
export function readJob(given: unknown, switches: ZipRecruiterSwitches): Job {
  const { invalidStatus, otherFields, countries } = switches;
  const read = Job.safeParse(given);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
    throw invalid(invalidStatus, problems);
  }
  const other = Object.keys(read.data).filter((name) => !(name in fields));
  if (otherFields === "refused" && other.length > 0) {
    throw invalid(
      invalidStatus,
      other.map((field) => ({ field, message: "is not known" })),
    );
  }
  if (!countries.includes(read.data.country)) {
    throw invalid(invalidStatus, [{ field: "country", message: `must be one of ${countries.join(", ")}` }]);
  }
  return read.data;
}

/** In which ways a job says where it is; half a way counts too. */
function locationsOf(
  job: {
    readonly [name in "postal_code" | "city" | "state" | "latitude" | "longitude"]?: string | number | null | undefined;
  },
): readonly (readonly string[])[] {
  const isGiven = (name: "postal_code" | "city" | "state" | "latitude" | "longitude") =>
    job[name] !== undefined && job[name] !== null && job[name] !== "";
  const ways = [["postal_code"], ["city", "state"], ["latitude", "longitude"]] as const;
  const begun = ways.filter((way) => way.some(isGiven));
  return begun.every((way) => way.every(isGiven)) ? begun : [];
}
