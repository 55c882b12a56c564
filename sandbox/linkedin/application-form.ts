import { asText } from "../html-page.ts";
import { pdfOf } from "../job-boards/resume.ts";
import {
  type CustomQuestion,
  customQuestionsOf,
  type Questions,
  type Requirement,
  requirementOf,
  type Section,
} from "./apply-configuration.ts";
import type { GivenSubmission } from "./submission.ts";

const workFields = { title: "Title", company: "Company", city: "City", description: "What you did" };
const educationFields = { school: "School", degree: "Degree", fieldOfStudy: "Field of study", city: "City" };
const identificationFields = {
  disability: "Disability",
  gender: "Gender",
  race: "Race or ethnicity",
  veteranStatus: "Veteran status",
};

/** What LinkedIn asks a candidate of a job: the least, and what its poster wants to know. */
export function applicationForm(questions: Questions | null | undefined): string {
  const { contactInformationQuestions: contact, coverLetterQuestions, resumeQuestions } = questions ?? {};
  const { workQuestions, educationQuestions, voluntarySelfIdentificationQuestions: voluntary } = questions ?? {};
  const phone = questions ? requirementOf(contact, "cellphoneNumber") : "OPTIONAL";
  return `<form method="post">
<fieldset><legend>You</legend>
${input("firstName", "First name", "REQUIRED")}
${input("middleName", "Middle name", requirementOf(contact, "middleName"))}
${input("lastName", "Last name", "REQUIRED")}
${input("email", "E-mail", "REQUIRED", "email")}
${input("phone", "Phone", phone, "tel")}
${input("location", "Where you live", requirementOf(contact, "location"))}
</fieldset>
${box("resume", "With a résumé of one page, made of what is entered here", requirementOf(resumeQuestions, "resume"))}
${area("coverLetter", "Cover letter", requirementOf(coverLetterQuestions, "textCoverLetter"))}
${box("coverLetterFile", "With a cover letter as a file", requirementOf(coverLetterQuestions, "coverLetter"))}
${group("Work", "work", workQuestions?.workExperienceQuestionSet, workFields, "employmentDates")}
${group("Education", "education", educationQuestions?.educationExperienceQuestionSet, educationFields, "datesAttended")}
${group("Voluntary self-identification", "selfIdentification", voluntary, identificationFields)}
${customQuestionsOf(questions).map(customField).join("\n")}
<p class="buttons"><button class="main">Send the application</button></p>
</form>`;
}

const needed = (requirement: Requirement): string => (requirement === "REQUIRED" ? " required" : "");

function input(name: string, label: string, requirement: Requirement, type = "text"): string {
  if (requirement === "SKIP") return "";
  return `<label>${asText(label)} <input type="${type}" name="${asText(name)}"${needed(requirement)}></label>`;
}

function area(name: string, label: string, requirement: Requirement): string {
  if (requirement === "SKIP") return "";
  return `<label>${asText(label)}<br><textarea name="${asText(name)}" rows="4"${needed(requirement)}></textarea></label>`;
}

function box(name: string, label: string, requirement: Requirement): string {
  if (requirement === "SKIP") return "";
  return `<label><input type="checkbox" name="${asText(name)}" value="yes" checked> ${asText(label)}</label>`;
}

function group(
  legend: string,
  prefix: string,
  section: Section,
  fields: Readonly<Record<string, string>>,
  dates?: string,
): string {
  if (!section) return "";
  // What has dates is required only of somebody who has any, which is decided when the form is sent.
  const requirement = (name: string): Requirement => {
    const own = requirementOf(section, name);
    return own === "REQUIRED" && dates !== undefined ? "OPTIONAL" : own;
  };
  const inputs = Object.entries(fields).map(([name, label]) => input(`${prefix}.${name}`, label, requirement(name)));
  const months = dates === undefined ? "" : monthInputs(`${prefix}.${dates}`, requirement(dates));
  return `<fieldset><legend>${asText(legend)}</legend>${inputs.join("\n")}${months}</fieldset>`;
}

const monthInputs = (name: string, requirement: Requirement): string =>
  input(`${name}.start`, "From", requirement, "month") +
  input(`${name}.end`, "To", requirement === "SKIP" ? "SKIP" : "OPTIONAL", "month");

function customField({ partnerQuestionIdentifier, questionText, required, questionDetails }: CustomQuestion): string {
  const name = `answers.${partnerQuestionIdentifier}`;
  const label = questionText.replace(/<[^>]*>/g, "");
  // Whether a question appears that depends on another one is decided when the form is sent.
  const requirement: Requirement = required ? "REQUIRED" : "OPTIONAL";
  const { multipleChoiceQuestionDetails: choice, textQuestionDetails: text } = questionDetails;
  if (choice) {
    const type = choice.selectMultiple ? "checkbox" : "radio";
    const options = choice.choices.map(
      ({ symbolicName, displayValue }) =>
        `<label><input type="${type}" name="${asText(name)}" value="${asText(symbolicName)}"${symbolicName === choice.defaultValueSymbolicName ? " checked" : ""}> ${asText(displayValue)}</label>`,
    );
    return `<fieldset><legend>${asText(label)}</legend>${options.join("\n")}</fieldset>`;
  }
  if (text?.preferredFormComponent === "MULTILINE_TEXT") return area(name, label, "OPTIONAL");
  if (questionDetails.dateRangeQuestionDetails) {
    return `<fieldset><legend>${asText(label)}</legend>${monthInputs(name, "OPTIONAL")}</fieldset>`;
  }
  if (questionDetails.documentQuestionDetails) return box(name, `${label}: with a file`, requirement);
  return input(name, label, "OPTIONAL", questionDetails.numericQuestionDetails ? "number" : "text");
}

/** What was entered, in the words of whoever applies without a browser. */
export function readApplicationForm(form: URLSearchParams, questions: Questions | null | undefined): GivenSubmission {
  const text = (name: string) => form.get(name)?.trim() || undefined;
  const texts = (prefix: string, fields: object) =>
    Object.fromEntries(Object.keys(fields).map((name) => [name, text(`${prefix}.${name}`)]));
  const months = (name: string) => {
    const [start, end] = [monthOf(text(`${name}.start`)), monthOf(text(`${name}.end`))];
    return start && { startDate: start, ...(end && { endDate: end }) };
  };
  const name = `${text("firstName") ?? ""} ${text("lastName") ?? ""}`;
  const file = (about: string) => pdf(`${about}-${name}`, [name, text("email") ?? "", "", about]);
  const wasEntered = (prefix: string) => [...form].some(([key, value]) => key.startsWith(`${prefix}.`) && value !== "");
  const phone = text("phone");
  return {
    firstName: text("firstName") ?? "",
    middleName: text("middleName"),
    lastName: text("lastName") ?? "",
    email: text("email") ?? "",
    ...(phone !== undefined && { phone: phoneOf(phone) }),
    location: text("location"),
    ...(form.has("resume") && { resume: file("Resume") }),
    coverLetter: text("coverLetter"),
    ...(form.has("coverLetterFile") && { coverLetterFile: file("Cover letter") }),
    work: wasEntered("work") ? [{ ...texts("work", workFields), employmentDates: months("work.employmentDates") }] : [],
    education: wasEntered("education")
      ? [{ ...texts("education", educationFields), datesAttended: months("education.datesAttended") }]
      : [],
    selfIdentification: texts("selfIdentification", identificationFields),
    answers: Object.fromEntries(
      customQuestionsOf(questions).flatMap((question) => {
        const answer = answerIn(form, question, { text, months, file });
        return answer === undefined ? [] : [[question.partnerQuestionIdentifier, answer]];
      }),
    ),
  };
}

type GivenAnswer = NonNullable<GivenSubmission["answers"]>[string];

function answerIn(
  form: URLSearchParams,
  { partnerQuestionIdentifier, questionDetails }: CustomQuestion,
  read: {
    text: (name: string) => string | undefined;
    months: (name: string) => GivenAnswer | undefined;
    file: (about: string) => GivenAnswer;
  },
): GivenAnswer | undefined {
  const name = `answers.${partnerQuestionIdentifier}`;
  if (questionDetails.multipleChoiceQuestionDetails) return form.has(name) ? form.getAll(name) : undefined;
  if (questionDetails.documentQuestionDetails) return form.has(name) ? read.file(partnerQuestionIdentifier) : undefined;
  if (questionDetails.dateRangeQuestionDetails) return read.months(name);
  const text = read.text(name);
  return text !== undefined && questionDetails.numericQuestionDetails ? Number(text) : text;
}

function monthOf(text: string | undefined): { year: number; month: number } | undefined {
  const [, year, month] = /^(\d{4})-(\d{2})$/.exec(text ?? "") ?? [];
  return year === undefined ? undefined : { year: Number(year), month: Number(month) };
}

/** `+41 44 123 45 67` */
function phoneOf(text: string): { countryCode?: string; nationalNumber: string } {
  const [, countryCode, rest = ""] = /^\+(\d{1,3})\s+(.*)$/.exec(text) ?? [];
  if (countryCode === undefined) return { nationalNumber: text };
  return { countryCode, nationalNumber: rest.replace(/\D/g, "") };
}

const pdf = (name: string, lines: readonly string[]) => ({
  fileName: `${name}.pdf`,
  contentType: "application/pdf",
  base64: pdfOf(lines).toString("base64"),
});
