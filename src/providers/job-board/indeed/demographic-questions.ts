/** A question that Indeed asks apart from the others, and passes on apart. Nobody has to answer. */
interface DemographicQuestion {
  readonly id: string;
  readonly type: "select";
  readonly question: string;
  readonly required: false;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

const declined = { value: "DECLINED", label: "I do not wish to answer" };

/**
 * What employers in the United States ask: categories of EEO-1 (29 CFR 1602.7), protected veterans (41 CFR 60-300.42) and
 * disability (form CC-305).
 */
export const demographicQuestions: readonly DemographicQuestion[] = [
  {
    id: "eeo-gender",
    type: "select",
    question: "What is your gender?",
    required: false,
    options: [{ value: "MALE", label: "Male" }, { value: "FEMALE", label: "Female" }, declined],
  },
  {
    id: "eeo-ethnicity",
    type: "select",
    question: "What is your race or ethnicity?",
    required: false,
    options: [
      { value: "HISPANIC_OR_LATINO", label: "Hispanic or Latino" },
      { value: "WHITE", label: "White" },
      { value: "BLACK_OR_AFRICAN_AMERICAN", label: "Black or African American" },
      { value: "NATIVE_HAWAIIAN_OR_PACIFIC_ISLANDER", label: "Native Hawaiian or other Pacific Islander" },
      { value: "ASIAN", label: "Asian" },
      { value: "AMERICAN_INDIAN_OR_ALASKA_NATIVE", label: "American Indian or Alaska Native" },
      { value: "TWO_OR_MORE", label: "Two or more races" },
      declined,
    ],
  },
  {
    id: "eeo-veteran",
    type: "select",
    question: "Are you a protected veteran?",
    required: false,
    options: [
      { value: "PROTECTED_VETERAN", label: "I am a protected veteran" },
      { value: "NOT_PROTECTED_VETERAN", label: "I am not a protected veteran" },
      declined,
    ],
  },
  {
    id: "eeo-disability",
    type: "select",
    question: "Do you have a disability, or have you ever had one?",
    required: false,
    options: [{ value: "YES", label: "Yes" }, { value: "NO", label: "No" }, declined],
  },
];
