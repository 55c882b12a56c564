import { z } from "zod";
import { invalid, type Problem } from "./errors.ts";
import type { WeWorkRemotelySwitches } from "./switches.ts";
import { categories, regions, shownTags, skills } from "./vocabulary.ts";

const filled = z.string().refine((text) => text.trim() !== "", "can't be blank");
const optionalText = z.string().nullish();
const isUrl = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
const isEmail = (text: string) => z.email().safeParse(text).success;

const fields = {
  company: filled,
  title: filled,
  description: filled,
  instructions: z
    .string()
    .refine((text) => isUrl(text) || isEmail(text), "must be an absolute URL or an email address"),
  email: z.email("must be an email address"),
  category_id: z.int().refine((id) => categories.has(id), "is not included in the list"),
  location: optionalText,
  region: z
    .string()
    .refine((region) => regions.includes(region), "is not included in the list")
    .nullish(),
  url: z.string().refine(isUrl, "must be an absolute URL").nullish(),
  company_bio: optionalText,
  job_listing_type: optionalText,
  status: z.enum(["approved", "canceled"], "is not included in the list").optional(),
  skills: z.array(z.union([z.int(), z.string()]).refine(isSkill, "is not a known skill")).nullish(),
};

const RemoteJob = z.looseObject(fields);
export type RemoteJob = z.output<typeof RemoteJob>;

/** @throws {WeWorkRemotelyError} with everything that is wrong */
export function readRemoteJob(given: unknown, switches: WeWorkRemotelySwitches): RemoteJob {
  const read = RemoteJob.safeParse(given);
  if (!read.success) throw invalid(switches.invalidStatus, read.error.issues.map(problemOf));
  const job = read.data;
  const problems = [...otherFieldsIn(job, switches), ...listingTypeIn(job, switches), ...tagsIn(job, switches)];
  if (problems.length > 0) throw invalid(switches.invalidStatus, problems);
  return { ...job, description: stripped(job.description) };
}

/** The skills as they are shown: by name. */
export function skillNames({ skills: given }: RemoteJob): readonly string[] {
  return (given ?? []).map((skill) => (typeof skill === "number" ? (skills.get(skill) ?? "") : skill));
}

function problemOf({ path, message }: z.core.$ZodIssue): Problem {
  return { field: String(path[0] ?? "base"), message };
}

function otherFieldsIn(job: object, { otherFields }: WeWorkRemotelySwitches): readonly Problem[] {
  if (otherFields === "ignored") return [];
  const others = Object.keys(job).filter((name) => !(name in fields));
  return others.map((field) => ({ field, message: "is not known" }));
}

function listingTypeIn(job: RemoteJob, { jobListingTypes }: WeWorkRemotelySwitches): readonly Problem[] {
  const type = job.job_listing_type;
  if (type == null || jobListingTypes.includes(type)) return [];
  return [{ field: "job_listing_type", message: "is not included in the list" }];
}

function tagsIn({ description }: RemoteJob, { otherTags }: WeWorkRemotelySwitches): readonly Problem[] {
  if (otherTags === "stripped" || stripped(description) === description) return [];
  return [{ field: "description", message: `may contain only these tags: ${shownTags.join(" ")}` }];
}

/** Without the tags that are not shown; what is in them stays. */
function stripped(html: string): string {
  return html.replaceAll(/<\/?([a-z][\w-]*)\b[^>]*>/gi, (tag, name: string) =>
    shownTags.includes(name.toLowerCase()) ? tag : "",
  );
}

function isSkill(skill: number | string): boolean {
  return typeof skill === "number" ? skills.has(skill) : [...skills.values()].includes(skill);
}
