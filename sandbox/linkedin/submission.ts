import * as z from "zod";

const YearMonth = z.strictObject({ year: z.int(), month: z.int().min(1).max(12).optional() });
const DateRange = z.strictObject({ startDate: YearMonth, endDate: YearMonth.optional() });
const FileGiven = z
  .strictObject({
    fileName: z.string().regex(/\.\w+$/),
    contentType: z.string().default("application/octet-stream"),
    base64: z.string().optional(),
    text: z.string().optional(),
  })
  .transform(({ fileName, contentType, base64, text }) => ({
    fileName,
    contentType,
    bytes: base64 === undefined ? Buffer.from(text ?? "") : Buffer.from(base64, "base64"),
  }));
export type GivenFile = z.output<typeof FileGiven>;

const Answer = z.union([z.string(), z.number(), z.array(z.string()), DateRange, FileGiven]);
export type Answer = z.output<typeof Answer>;

/** What a candidate enters at LinkedIn. */
export const Submission = z.strictObject({
  firstName: z.string().min(1),
  middleName: z.string().optional(),
  lastName: z.string().min(1),
  email: z.email(),
  phone: z
    .strictObject({
      countryCode: z.string().default("1"),
      nationalNumber: z.string().min(1),
      extension: z.string().optional(),
    })
    .optional(),
  location: z.string().optional(),
  resume: FileGiven.optional(),
  coverLetter: z.string().optional(),
  coverLetterFile: FileGiven.optional(),
  work: z
    .array(
      z.strictObject({
        title: z.string().optional(),
        company: z.string().optional(),
        city: z.string().optional(),
        description: z.string().optional(),
        employmentDates: DateRange.optional(),
      }),
    )
    .default([]),
  education: z
    .array(
      z.strictObject({
        school: z.string().optional(),
        degree: z.string().optional(),
        fieldOfStudy: z.string().optional(),
        city: z.string().optional(),
        datesAttended: DateRange.optional(),
      }),
    )
    .default([]),
  selfIdentification: z
    .strictObject({
      disability: z.string().optional(),
      gender: z.string().optional(),
      race: z.string().optional(),
      veteranStatus: z.string().optional(),
    })
    .default({}),
  /** To the partner's own questions, by their identifier. */
  answers: z.record(z.string(), Answer).default({}),
  skills: z.array(z.string()).default([]),
});
export type Submission = z.output<typeof Submission>;
/** As people and programs give it. */
export type GivenSubmission = z.input<typeof Submission>;
