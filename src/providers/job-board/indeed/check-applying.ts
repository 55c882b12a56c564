import type { Job, ScreeningQuestion } from "../job.ts";
import type { JobFinding } from "../provider.ts";
import { needsResume } from "./apply-method.ts";
import {
  asksAboutOpportunity,
  conditionOf,
  isLimitedByLength,
  isLimitedByNumber,
  maxQuestions,
  questionCount,
} from "./screener.ts";

/** What of applying would be refused, left out or changed: at Indeed itself, or at `applyUrl`. */
export function findingsOfApplying(job: Job): readonly JobFinding[] {
  return job.applyMethod === "BOARD_NATIVE" ? [...findingsAtIndeed(job)] : [...findingsElsewhere(job)];
}

function* findingsElsewhere(job: Job): Generator<JobFinding> {
  const { applyMethod, applyUrl } = job;
  for (const field of askedFor(job)) {
    yield {
      field,
      effect: "DROPPED",
      rule: "Candidates apply at `applyUrl`, and are asked there.",
      fix: "Ask for it on that page, or let candidates apply at Indeed with BOARD_NATIVE.",
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

/** What candidates are asked for, beside what every form may ask. */
function* askedFor(job: Job): Generator<JobFinding["field"]> {
  if (job.screeningQuestions.length > 0) yield ["screeningQuestions"];
  if (job.compliance.eeoQuestions) yield ["compliance", "eeoQuestions"];
  for (const field of ["requireResume", "requireCoverLetter", "requirePhone"] as const) {
    if (job[field] !== "OPTIONAL") yield [field];
  }
}

function* findingsAtIndeed(job: Job): Generator<JobFinding> {
  const count = questionCount(job);
  if (count > maxQuestions) {
    yield {
      field: ["screeningQuestions"],
      effect: "REFUSED",
      rule: `Indeed asks at most ${maxQuestions} questions; there are ${count}.`,
      fix: "Ask fewer questions.",
    };
  }
  if (job.compliance.eeoQuestions && !asksAboutOpportunity(job)) {
    yield {
      field: ["compliance", "eeoQuestions"],
      effect: "DROPPED",
      rule: "Questions of equal opportunity are asked in the US alone.",
      fix: "Nothing has to be done.",
    };
  }
  for (const [index, question] of job.screeningQuestions.entries()) yield* findingsOf(question, String(index), job);
  if (needsResume(job) && job.requireResume !== "REQUIRED") {
    yield {
      field: ["requireResume"],
      effect: "CHANGED",
      rule: "Where no questions are asked, candidates have to send a résumé.",
      fix: "Ask a question, or make the résumé REQUIRED.",
    };
  }
}

function* findingsOf(question: ScreeningQuestion, index: string, job: Job): Generator<JobFinding> {
  const { dependsOn, min, max, maxLength, acceptableValues } = question;
  const dropped = (name: string, rule: string, fix: string): JobFinding => ({
    field: ["screeningQuestions", index, name],
    effect: "DROPPED",
    rule,
    fix,
  });
  if (dependsOn !== null && conditionOf(question, job) === null) {
    yield dropped(
      "dependsOn",
      "A question depends on an option of a choice that comes before it. This one is asked of everybody, who need not answer.",
      "Name one of the options of an earlier choice.",
    );
  }
  if ((min !== null || max !== null) && !isLimitedByNumber(question)) {
    yield dropped(
      min === null ? "max" : "min",
      "Only numbers have a least and a greatest; of a choice one takes as many options as one likes.",
      "Say in the question how much is wanted.",
    );
  }
  if (maxLength !== null && !isLimitedByLength(question)) {
    yield dropped("maxLength", "Only texts have a greatest length.", "Leave it out.");
  }
  if (acceptableValues.length > 0) {
    yield dropped(
      "acceptableValues",
      "Indeed is not told which answers rule somebody out: nobody is ruled out there.",
      "Compare the answers when applications arrive.",
    );
  }
}
