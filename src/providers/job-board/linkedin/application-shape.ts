import * as z from "zod";
import { Entries, Text } from "../tolerant-shapes.ts";

// https://learn.microsoft.com/en-us/linkedin/talent/apply-connect/receive-applications

/** Null for what is missing or is something else. */
const Part = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape).nullish().catch(null);

/** `{"value": "…"}`. */
const Value = Part({ value: Text }).transform((answer) => answer?.value ?? null);

const Moment = Part({ year: z.number(), month: z.number().nullish().catch(null) });
const Period = Part({ startDate: Moment, endDate: Moment });
export type Moment = z.output<typeof Moment>;
export type Period = z.output<typeof Period>;

const Phone = Part({ countryCode: Text, nationalNumber: Text, extension: Text });
export type Phone = z.output<typeof Phone>;

/** A file, which is fetched later. */
const Media = Part({ mediaUrl: z.string().min(1) });
export type Media = z.output<typeof Media>;

/** One of its kinds. */
const Answer = Part({
  textAnswerValue: Value,
  multipleChoiceAnswerValue: Part({ symbolicNames: Entries(Text) }),
  numericAnswerValue: Part({ integerValue: Text, decimalValue: Text }),
  dateAnswerValue: Period,
  phoneNumberAnswerValue: Phone,
  documentAnswerValue: Media,
});
export type Answer = z.output<typeof Answer>;

const CustomResponse = z.looseObject({ questionIdentifier: Text, answer: Answer });
export type CustomResponse = z.output<typeof CustomResponse>;

const CustomResponses = Entries(CustomResponse).nullish().catch(null);
const section = { customQuestionResponses: CustomResponses };

const Work = z.looseObject({
  titleAnswer: Value,
  companyAnswer: Value,
  cityAnswer: Value,
  descriptionAnswer: Value,
  employmentDatesAnswer: Period,
});
export type Work = z.output<typeof Work>;

const Education = z.looseObject({
  schoolAnswer: Value,
  degreeAnswer: Value,
  fieldOfStudyAnswer: Value,
  cityAnswer: Value,
  datesAttendedAnswer: Period,
});
export type Education = z.output<typeof Education>;

const Contact = Part({
  firstNameAnswer: Value,
  middleNameAnswer: Value,
  lastNameAnswer: Value,
  emailAnswer: Value,
  cellphoneNumberQuestionAnswer: Phone,
  locationAnswer: Value,
  ...section,
});
export type Contact = z.output<typeof Contact>;

const QuestionResponses = Part({
  contactInformationQuestionResponses: Contact,
  resumeQuestionResponses: Part({ resumeQuestionAnswer: Media, ...section }),
  coverLetterQuestionResponses: Part({
    coverLetterQuestionAnswer: Media,
    textCoverLetterQuestionAnswer: Value,
    ...section,
  }),
  workQuestionResponses: Part({
    workExperienceQuestionSetResponses: Entries(Work).nullish().catch(null),
    ...section,
  }),
  educationQuestionResponses: Part({
    educationExperienceQuestionSetResponses: Entries(Education).nullish().catch(null),
    ...section,
  }),
  /** `genderAnswer` and the like: how the others are spelled is not promised. */
  voluntarySelfIdentificationQuestionResponses: Part(section),
  additionalQuestionResponses: Part({
    customQuestionSetResponses: Entries(z.looseObject(section)).nullish().catch(null),
  }),
});
export type QuestionResponses = z.output<typeof QuestionResponses>;

export const SentApplication = z.looseObject({
  jobApplicationId: z.string().min(1),
  externalJobId: z.union([z.string().min(1), z.number().transform(String)]),
  appliedAt: z.number().min(0).max(8.64e15).nullish().catch(null),
  questionResponses: QuestionResponses,
  applicantSkills: Entries(z.looseObject({ skillName: Text }))
    .nullish()
    .catch(null),
});
export type SentApplication = z.output<typeof SentApplication>;
