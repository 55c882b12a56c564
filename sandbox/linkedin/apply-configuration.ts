import * as z from "zod";

const Requirement = z.enum(["REQUIRED", "OPTIONAL", "SKIP"]);
const defaultingTo = (preset: Requirement) => Requirement.default(preset);

const SymbolicName = z.string().min(1);
const TextQuestion = z.strictObject({
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(1).optional(),
  suggestedValue: z.string().optional(),
  preferredFormComponent: z.enum(["TEXT", "MULTILINE_TEXT"]).optional(),
});
const range = (number: z.ZodNumber | z.ZodInt) => ({
  minValue: number.optional(),
  maxValue: number.optional(),
  suggestedValue: number.optional(),
});
const favorable = {
  favorableNumericAnswer: z
    .strictObject({ favorableFloor: z.number().nullish(), favorableCeiling: z.number().nullish() })
    .optional(),
};
const exactlyOne = (value: object): boolean => Object.keys(value).length === 1;
const NumericQuestion = z
  .strictObject({
    integerQuestionDetails: z.strictObject(range(z.int())).optional(),
    decimalQuestionDetails: z.strictObject(range(z.number())).optional(),
    ...favorable,
  })
  .refine(
    ({ favorableNumericAnswer: _, ...kinds }) => exactlyOne(kinds),
    "has to be integerQuestionDetails or decimalQuestionDetails",
  );
const DateRangeQuestion = z.strictObject({
  startLabel: z.string().optional(),
  endLabel: z.string().optional(),
  hideEndDateLabel: z.string().optional(),
});
const MultipleChoiceQuestion = z
  .strictObject({
    choices: z.array(z.strictObject({ symbolicName: SymbolicName, displayValue: z.string().min(1) })).min(1),
    defaultValueSymbolicName: SymbolicName.optional(),
    preferredFormComponent: z.enum(["CHECKBOXES", "DROPDOWN", "RADIO_BUTTONS", "BUTTONS"]).optional(),
    selectMultiple: z.boolean().default(false),
    favorableMultipleChoiceAnswer: z.strictObject({ favorableSymbolicNames: z.array(SymbolicName) }).optional(),
  })
  .refine(({ choices, defaultValueSymbolicName, favorableMultipleChoiceAnswer }) => {
    const names = new Set(choices.map(({ symbolicName }) => symbolicName));
    const used = [defaultValueSymbolicName ?? [], favorableMultipleChoiceAnswer?.favorableSymbolicNames ?? []].flat();
    return names.size === choices.length && used.every((name) => names.has(name));
  }, "has symbolic names twice, or names a choice that there is not");
const DocumentQuestion = z.strictObject({
  maximumSize: z
    .int()
    .min(1)
    .max(100 * 1024 * 1024)
    .default(100 * 1024 * 1024),
  acceptableFileExtensions: z.array(z.string().regex(/^[a-z0-9]+$/)).optional(),
});

const QuestionDetails = z
  .strictObject({
    textQuestionDetails: TextQuestion.optional(),
    numericQuestionDetails: NumericQuestion.optional(),
    dateRangeQuestionDetails: DateRangeQuestion.optional(),
    multipleChoiceQuestionDetails: MultipleChoiceQuestion.optional(),
    documentQuestionDetails: DocumentQuestion.optional(),
  })
  .refine(exactlyOne, "has to have exactly one kind of details");

const CustomQuestion = z.strictObject({
  partnerQuestionIdentifier: z.string().min(1),
  questionText: z.string().min(1),
  required: z.boolean().default(false),
  helpMessage: z.string().optional(),
  expandedHelpMessage: z.string().optional(),
  questionDetails: QuestionDetails,
  prerequisiteQuestionResponse: z
    .strictObject({
      prerequisiteQuestion: z.strictObject({ partnerQuestionIdentifier: z.string() }),
      prerequisiteResponse: z.strictObject({
        multipleChoiceAnswerValue: z.strictObject({ symbolicNames: z.array(SymbolicName).length(1) }),
      }),
    })
    .optional(),
});
export type CustomQuestion = z.output<typeof CustomQuestion>;

/** Questions that appear when others are answered in a certain way: one parent per set, and it has radio buttons. */
function prerequisitesHold(questions: readonly CustomQuestion[]): boolean {
  const wanted = questions.flatMap(({ prerequisiteQuestionResponse }) => prerequisiteQuestionResponse ?? []);
  const parents = new Set(wanted.map(({ prerequisiteQuestion }) => prerequisiteQuestion.partnerQuestionIdentifier));
  const [parent] = parents;
  if (parent === undefined) return true;
  const details = questions.find((question) => question.partnerQuestionIdentifier === parent)?.questionDetails
    .multipleChoiceQuestionDetails;
  if (parents.size > 1 || details?.preferredFormComponent !== "RADIO_BUTTONS") return false;
  const names = wanted.flatMap(
    ({ prerequisiteResponse }) => prerequisiteResponse.multipleChoiceAnswerValue.symbolicNames,
  );
  return names.every((name) => details.choices.some(({ symbolicName }) => symbolicName === name));
}

const CustomQuestions = z
  .array(CustomQuestion)
  .refine(prerequisitesHold, "has more than one parent question, or one that is no question with RADIO_BUTTONS");
const customQuestions = { customQuestions: CustomQuestions.optional() };

const Questions = z.strictObject({
  contactInformationQuestions: z
    .strictObject({
      middleNameQuestionRequirement: defaultingTo("SKIP"),
      cellphoneNumberQuestionRequirement: defaultingTo("OPTIONAL"),
      locationQuestionRequirement: defaultingTo("SKIP"),
      ...customQuestions,
    })
    .nullish(),
  resumeQuestions: z
    .strictObject({ resumeQuestionRequirement: defaultingTo("OPTIONAL"), ...customQuestions })
    .nullish(),
  coverLetterQuestions: z
    .strictObject({
      coverLetterQuestionRequirement: defaultingTo("OPTIONAL"),
      textCoverLetterQuestionRequirement: defaultingTo("SKIP"),
      ...customQuestions,
    })
    .nullish(),
  workQuestions: z
    .strictObject({
      workExperienceQuestionSet: z
        .strictObject({
          minRequired: z.int().min(0).optional(),
          repeatLimit: z.int().min(1).max(10).optional(),
          titleQuestionRequirement: defaultingTo("REQUIRED"),
          employmentDatesQuestionRequirement: defaultingTo("REQUIRED"),
          cityQuestionRequirement: defaultingTo("OPTIONAL"),
          companyQuestionRequirement: defaultingTo("OPTIONAL"),
          descriptionQuestionRequirement: defaultingTo("OPTIONAL"),
        })
        .nullish(),
      ...customQuestions,
    })
    .nullish(),
  educationQuestions: z
    .strictObject({
      educationExperienceQuestionSet: z
        .strictObject({
          minRequired: z.int().min(0).default(0),
          repeatLimit: z.int().min(1).max(3).default(3),
          schoolQuestionRequirement: defaultingTo("REQUIRED"),
          datesAttendedQuestionRequirement: defaultingTo("REQUIRED"),
          cityQuestionRequirement: defaultingTo("OPTIONAL"),
          degreeQuestionRequirement: defaultingTo("OPTIONAL"),
          fieldOfStudyQuestionRequirement: defaultingTo("OPTIONAL"),
        })
        .nullish(),
      ...customQuestions,
    })
    .nullish(),
  voluntarySelfIdentificationQuestions: z
    .strictObject({
      disabilityQuestionRequirement: defaultingTo("REQUIRED"),
      genderQuestionRequirement: defaultingTo("REQUIRED"),
      raceQuestionRequirement: defaultingTo("REQUIRED"),
      veteranStatusQuestionRequirement: defaultingTo("REQUIRED"),
      ...customQuestions,
    })
    .nullish(),
  additionalQuestions: z
    .strictObject({
      customQuestionSets: z.array(
        z.strictObject({ questions: CustomQuestions, repeatLimit: z.int().min(1).max(10).default(1) }),
      ),
    })
    .nullish(),
});
export type Questions = z.output<typeof Questions>;
/** One part of the questions, or a set of them that is answered several times. */
export type Section = object | null | undefined;
export type Requirement = z.output<typeof Requirement>;

/** https://learn.microsoft.com/en-us/linkedin/talent/apply-connect/onsite-apply-config-schema */
export const OnsiteApplyConfiguration = z.strictObject({
  jobApplicationWebhookUrl: z.url({ protocol: /^https?$/ }),
  questions: Questions.nullish(),
});

/** The partner's own questions, wherever they stand. */
export function customQuestionsOf(questions: Questions | null | undefined): readonly CustomQuestion[] {
  const { additionalQuestions, ...sections } = questions ?? {};
  return [
    ...Object.values(sections).flatMap((section) => section?.customQuestions ?? []),
    ...(additionalQuestions?.customQuestionSets ?? []).flatMap((set) => set.questions),
  ];
}

/** Such jobs are posted, and cannot be applied for at LinkedIn. */
export function hasQuestionTwice(questions: Questions | null | undefined): boolean {
  const identifiers = customQuestionsOf(questions).map(({ partnerQuestionIdentifier }) => partnerQuestionIdentifier);
  return new Set(identifiers).size < identifiers.length;
}

/** Whether a section asks for something: `SKIP` where there is no such section. @param name `cellphoneNumber` */
export function requirementOf(section: Section, name: string): Requirement {
  const found = Object.entries(section ?? {}).find(([key]) => key === `${name}QuestionRequirement`);
  return Requirement.catch("SKIP").parse(found?.[1]);
}
