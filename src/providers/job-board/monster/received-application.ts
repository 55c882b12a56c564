import type { ReceivedApplication, ReceivedFile } from "../applications.ts";
import type { Job } from "../job.ts";
import type { SentApplication } from "./application-shape.ts";

/** An application as it is kept. Monster asks nothing about equal opportunity, and says not when somebody applied. */
export function receivedApplicationOf(id: string, sent: SentApplication, _job: Job): ReceivedApplication {
  const { firstName, lastName, email, phone, city, region, postalCode, country } = sent;
  const { workAuthorization, coverLetter, resumeText, file, source } = sent;
  const fullName = [firstName, lastName].filter((part) => part !== null).join(" ") || (email ?? "");
  return {
    boardApplicationId: id,
    boardReferences: {},
    appliedAt: null,
    candidate: {
      ...{ fullName, firstName, lastName, email, phone, city, region, postalCode, country },
      headline: null,
      summary: null,
      profileUrls: [],
    },
    coverLetter,
    resumeText,
    experience: [],
    education: [],
    skills: [],
    answers:
      workAuthorization === null
        ? []
        : [{ questionKey: "workAuthorization", question: "Work authorization", values: [workAuthorization] }],
    eeoAnswers: [],
    files: file === null ? [] : [resumeOf(file)],
    source: { sponsored: null, referrer: source, campaign: null },
  };
}

function resumeOf({ name, content }: NonNullable<SentApplication["file"]>): ReceivedFile {
  return { kind: "RESUME", questionKey: null, fileName: name, contentType: null, content };
}
