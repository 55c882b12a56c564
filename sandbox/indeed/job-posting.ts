import { z } from "zod";
import { readInlineQuestions } from "./screener.ts";

const maxDescriptionBytes = 65_000;
const maxJobPostingId = 256;
const currencies = new Set(Intl.supportedValuesOf("currency"));
const regions = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });

const filled = z.string().refine((text) => text.trim() !== "", "must not be empty");
const optionalText = z.string().nullish();
const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const date = z.string().refine((text) => isoTime.test(text) && !Number.isNaN(Date.parse(text)), "is no ISO-8601 date");
const requirement = z.enum(["YES", "NO", "OPTIONAL"]).nullish();
const webAddress = (schemes: readonly string[]) => (text: string) =>
  URL.canParse(text) && schemes.includes(new URL(text).protocol);
/** Indeed insists on HTTPS; on this machine there is none. */
const isHttps = (text: string) =>
  webAddress(["https:"])(text) ||
  (webAddress(["http:"])(text) && ["localhost", "127.0.0.1"].includes(new URL(text).hostname));
/** A GraphQL Int64, which travels as a number or as digits. */
const int64 = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

const Salary = z
  .object({
    currency: z.string().refine((code) => currencies.has(code), "is no currency of ISO 4217"),
    minimumMinor: int64.refine((amount) => amount > 0, "must be more than 0"),
    maximumMinor: int64.nullish(),
    period: z.enum(["HOUR", "DAY", "WEEK", "MONTH", "YEAR", "MILE", "TASK", "SHIFT"]),
  })
  .refine(({ minimumMinor, maximumMinor }) => maximumMinor == null || maximumMinor >= minimumMinor, {
    path: ["maximumMinor"],
    error: "must not be less than minimumMinor",
  });

const Body = z.object({
  title: filled,
  description: filled.refine(
    (text) => Buffer.byteLength(text) <= maxDescriptionBytes,
    `is longer than ${maxDescriptionBytes} bytes`,
  ),
  descriptionFormatting: z.enum(["TEXT", "RICH_FORMATTING"]).nullish(),
  location: z.object({
    country: z.string().refine((code) => /^[A-Z]{2}$/.test(code) && regions.of(code), "is no country of ISO 3166-1"),
    cityRegionPostal: optionalText,
    streetAddress: optionalText,
  }),
  salary: Salary.nullish(),
  benefits: z.array(z.string()),
  hasProbationaryPeriod: z.string().nullish(),
});

const Contact = z.object({
  contactType: z.array(z.string()).min(1),
  contactInfo: z.object({
    contactName: optionalText,
    contactEmail: z.email("is no e-mail address").nullish(),
    contactPhone: z
      .string()
      .regex(/^\+?[\d\s().-]{5,25}$/, "is no phone number")
      .nullish(),
  }),
});

const Metadata = z.object({
  jobPostingId: filled.max(maxJobPostingId),
  jobRequisitionId: optionalText,
  jobSource: z.object({
    companyName: filled,
    sourceName: filled,
    sourceType: z.enum(["Employer", "Job Board", "Staffing Agency"]),
    companyWebsite: optionalText,
    employerIds: z.array(z.unknown()).nullish(),
    isPlacement: z.boolean().nullish(),
    originFeedSystemName: optionalText,
  }),
  taxonomyClassification: z
    .object({ jobTypes: z.array(z.string()).nullish(), categories: z.array(z.string()).nullish() })
    .nullish(),
  contacts: z
    .array(Contact)
    .refine(
      (contacts) => contacts.filter(({ contactType }) => contactType.includes("contact")).length === 1,
      'must have exactly one of the type "contact"',
    ),
  datePublished: date,
  expirationDate: date.nullish(),
  url: z.string().refine(webAddress(["http:", "https:"]), "is no URL"),
});

const IndeedApply = z
  .object({
    apiToken: filled,
    postUrl: z.string().refine(isHttps, "must be an HTTPS address"),
    jobMeta: optionalText,
    phoneRequired: requirement,
    coverLetterRequired: requirement,
    resumeRequired: requirement,
    nameFormat: optionalText,
    applyQuestions: z
      .string()
      .refine(webAddress(["http:", "https:"]), "is no URI")
      .nullish(),
    applyQuestionsDetails: z
      .unknown()
      .superRefine((details, context) => {
        const read = details == null ? null : readInlineQuestions(details);
        if (typeof read === "string") context.addIssue({ code: "custom", message: read });
      })
      .optional(),
  })
  .refine(
    ({ resumeRequired, applyQuestions, applyQuestionsDetails }) =>
      (resumeRequired ?? "YES") === "YES" || applyQuestions != null || applyQuestionsDetails != null,
    { path: ["resumeRequired"], error: "must be YES where there are no screener questions" },
  );

/** One job as partners send it. https://docs.indeed.com/job-sync-api/job-sync-api-guide */
export const JobPosting = z.object({
  body: Body,
  metadata: Metadata,
  applyMethod: z.object({ indeedApply: IndeedApply.nullish() }).nullish(),
});
export type JobPosting = z.output<typeof JobPosting>;
