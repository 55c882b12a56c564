import type { Job, ScreeningQuestion } from "../job.ts";
import type { JobFinding } from "../provider.ts";

/** What of applying would be left out or changed: at ZipRecruiter itself, or at `applyUrl`. */
export function findingsOfApplying(job: Job): readonly JobFinding[] {
  return job.applyMethod === "BOARD_NATIVE" ? [...findingsThere(job)] : [...findingsElsewhere(job)];
}

function* findingsElsewhere(job: Job): Generator<JobFinding> {
  const { screeningQuestions, applyMethod, applyUrl } = job;
  if (screeningQuestions.length > 0) {
    yield {
      field: ["screeningQuestions"],
      effect: "DROPPED",
      rule: "Candidates are asked where `applyUrl` leads.",
      fix: "Ask them on that page, or let candidates apply at ZipRecruiter with BOARD_NATIVE.",
    };
  }
  for (const field of neverAsked(job)) {
    yield {
      field,
      effect: "DROPPED",
      rule: "Candidates are asked where `applyUrl` leads.",
      fix: "Ask for it on that page.",
    };
  }
  if (applyMethod === "EMAIL" && applyUrl !== null) {
    yield {
      field: ["applyMethod"],
      effect: "CHANGED",
      rule: "Candidates are sent to `applyUrl`.",
      fix: "Nothing has to be done.",
    };
  }
}

/** What ZipRecruiter is never told to ask for. */
function* neverAsked(job: Job): Generator<JobFinding["field"]> {
  if (job.compliance.eeoQuestions) yield ["compliance", "eeoQuestions"];
  for (const field of ["requireResume", "requireCoverLetter", "requirePhone"] as const) {
    if (job[field] !== "OPTIONAL") yield [field];
  }
}

function* findingsThere(job: Job): Generator<JobFinding> {
  if (job.applyUrl !== null) {
    yield {
      field: ["applyUrl"],
      effect: "DROPPED",
      rule: "Candidates apply at ZipRecruiter, which is told no address.",
      fix: "Nothing has to be done.",
    };
  }
  for (const field of neverAsked(job)) {
    yield {
      field,
      effect: "DROPPED",
      rule: "ZipRecruiter decides itself what its form asks for, and knows no cover letter and no questions of equal opportunity.",
      fix: "Ask for it in a screening question.",
    };
  }
  for (const [index, question] of job.screeningQuestions.entries()) yield* findingsOf(question, String(index));
}

function* findingsOf(question: ScreeningQuestion, index: string): Generator<JobFinding> {
  const { type, min, max, maxLength, dependsOn, acceptableValues } = question;
  const at = (name: string) => ["screeningQuestions", index, name] as const;
  if (dependsOn !== null) {
    yield {
      field: at("dependsOn"),
      effect: "CHANGED",
      rule: "ZipRecruiter knows no conditions: the question is asked of everybody, who need not answer.",
      fix: "Say in the question whom it is for.",
    };
  }
  const left: readonly (readonly [string, boolean, string])[] = [
    ["min", type !== "NUMBER" && min !== null, "Only numbers have a least and a greatest."],
    ["max", type !== "NUMBER" && max !== null, "Only numbers have a least and a greatest."],
    ["maxLength", maxLength !== null, "Answers have no greatest length."],
    ["acceptableValues", acceptableValues.length > 0, "ZipRecruiter rules nobody out by an answer."],
  ];
  for (const [name, isThere, rule] of left) {
    if (isThere)
      yield { field: at(name), effect: "DROPPED", rule, fix: "Compare the answers when applications arrive." };
  }
}
