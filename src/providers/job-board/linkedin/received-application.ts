import type { Candidate, CareerStep, ReceivedApplication } from "../applications.ts";
import type { Job } from "../job.ts";
import { answerOf, customResponsesIn, fileAt, filesIn, selfIdentificationIn } from "./answers.ts";
import type { Contact, Education, SentApplication, Work } from "./application-shape.ts";
import { periodIn, phoneIn } from "./written-values.ts";

/** An application as it is kept. What candidates say of themselves for equal opportunity stands apart, as LinkedIn sends it. */
export function receivedApplicationOf(sent: SentApplication, job: Job): ReceivedApplication {
  const { jobApplicationId, appliedAt, questionResponses, applicantSkills } = sent;
  const { resumeQuestionResponses, coverLetterQuestionResponses } = questionResponses ?? {};
  const responses = customResponsesIn(questionResponses);
  return {
    boardApplicationId: jobApplicationId,
    boardReferences: {},
    appliedAt: typeof appliedAt === "number" ? new Date(appliedAt) : null,
    candidate: candidateOf(questionResponses?.contactInformationQuestionResponses),
    coverLetter: coverLetterQuestionResponses?.textCoverLetterQuestionAnswer ?? null,
    resumeText: null,
    experience: questionResponses?.workQuestionResponses?.workExperienceQuestionSetResponses?.map(experienceOf) ?? [],
    education:
      questionResponses?.educationQuestionResponses?.educationExperienceQuestionSetResponses?.map(educationOf) ?? [],
    skills: [...new Set(applicantSkills?.flatMap(({ skillName }) => skillName ?? []))],
    answers: responses.map((response) => answerOf(response, job)),
    eeoAnswers: selfIdentificationIn(questionResponses, job),
    files: [
      ...fileAt("RESUME", null, resumeQuestionResponses?.resumeQuestionAnswer),
      ...fileAt("COVER_LETTER", null, coverLetterQuestionResponses?.coverLetterQuestionAnswer),
      ...responses.flatMap(filesIn),
    ],
    // LinkedIn wants its applications to be called so.
    source: { sponsored: null, referrer: "LinkedIn apply", campaign: null },
  };
}

function candidateOf(contact: Contact | undefined): Candidate {
  const first = contact?.firstNameAnswer ?? null;
  const last = contact?.lastNameAnswer ?? null;
  const email = contact?.emailAnswer ?? null;
  const names = [first, contact?.middleNameAnswer ?? null, last].filter((name) => name !== null);
  return {
    fullName: names.join(" ") || (email ?? ""),
    firstName: first,
    lastName: last,
    email,
    phone: phoneIn(contact?.cellphoneNumberQuestionAnswer),
    // As the candidate wrote it.
    city: contact?.locationAnswer ?? null,
    region: null,
    postalCode: null,
    country: null,
    headline: null,
    summary: null,
    profileUrls: [],
  };
}

function experienceOf(work: Work): CareerStep {
  const { titleAnswer, companyAnswer, descriptionAnswer, cityAnswer, employmentDatesAnswer } = work;
  return {
    title: titleAnswer,
    organization: companyAnswer,
    description: descriptionAnswer,
    city: cityAnswer,
    ...periodIn(employmentDatesAnswer),
  };
}

function educationOf(education: Education): CareerStep {
  const { degreeAnswer, fieldOfStudyAnswer, schoolAnswer, cityAnswer, datesAttendedAnswer } = education;
  const title = [degreeAnswer, fieldOfStudyAnswer].filter((part) => part !== null).join(", ") || null;
  return { title, organization: schoolAnswer, description: null, city: cityAnswer, ...periodIn(datesAttendedAnswer) };
}
