import type { AccountSettings } from "../../provider.ts";
import type { Job, ScreeningQuestion } from "../job.ts";
import type { JobFinding } from "../provider.ts";
import { asksAboutOpportunity, takesApplications } from "./apply-configuration.ts";
import { dayFormat, isChoice, isLimitedByLength, isLimitedByNumber, optionsOf, parentOf } from "./questions.ts";

/** What of applying would be left out or changed: at LinkedIn itself, or at `applyUrl`. */
export function findingsOfApplying(job: Job, settings: AccountSettings): readonly JobFinding[] {
  const isNative = job.applyMethod === "BOARD_NATIVE" && takesApplications(settings);
  return isNative ? [...findingsAtLinkedIn(job)] : [...findingsElsewhere(job)];
}

function* findingsElsewhere(job: Job): Generator<JobFinding> {
  for (const field of askedFor(job)) {
    yield {
      field,
      effect: "DROPPED",
      rule: "Candidates apply at `applyUrl`, and are asked there.",
      fix: "Ask for it on that page, or let candidates apply at LinkedIn with BOARD_NATIVE.",
    };
  }
  if (job.applyMethod === "EXTERNAL_URL" || job.applyUrl === null) return;
  const isNative = job.applyMethod === "BOARD_NATIVE";
  yield {
    field: ["applyMethod"],
    effect: "CHANGED",
    rule: isNative
      ? "The company has not agreed to Apply Connect: candidates are sent to `applyUrl`."
      : "Candidates are sent to `applyUrl`.",
    fix: isNative
      ? "Its administrator agrees to it in LinkedIn's onboarding; then reconnect the integration."
      : "Nothing has to be done.",
  };
}

/** What candidates are asked for, beside what every form may ask. */
function* askedFor(job: Job): Generator<JobFinding["field"]> {
  if (job.screeningQuestions.length > 0) yield ["screeningQuestions"];
  if (job.compliance.eeoQuestions) yield ["compliance", "eeoQuestions"];
  for (const field of ["requireResume", "requireCoverLetter", "requirePhone"] as const) {
    if (job[field] !== "OPTIONAL") yield [field];
  }
}

function* findingsAtLinkedIn(job: Job): Generator<JobFinding> {
  if (job.compliance.eeoQuestions && !asksAboutOpportunity(job)) {
    yield {
      field: ["compliance", "eeoQuestions"],
      effect: "DROPPED",
      rule: "Questions of equal opportunity are asked in the US alone.",
      fix: "Nothing has to be done.",
    };
  }
  for (const [index, question] of job.screeningQuestions.entries()) yield* findingsOf(question, String(index), job);
}

function* findingsOf(question: ScreeningQuestion, index: string, job: Job): Generator<JobFinding> {
  for (const [isBroken, name, rule, fix] of refusals(question)) {
    if (isBroken) yield { field: ["screeningQuestions", index, name], effect: "REFUSED", rule, fix };
  }
  const { type, dependsOn, min, max, maxLength, acceptableValues } = question;
  const finding = (name: string, effect: JobFinding["effect"], rule: string, fix: string): JobFinding => ({
    field: ["screeningQuestions", index, name],
    effect,
    rule,
    fix,
  });
  if (type === "DATE") {
    const rule = `LinkedIn has no question for one day: it is asked as text, with the hint ${dayFormat}.`;
    yield finding("type", "CHANGED", rule, "Be ready for a day that is written in another way.");
  }
  if (dependsOn !== null && parentOf(question, job) === null) {
    yield finding(
      "dependsOn",
      "DROPPED",
      "A question depends on an option of a choice of one, which is asked of everybody. This one is asked of everybody, who need not answer.",
      "Name one of the options of such a choice.",
    );
  }
  if ((min !== null || max !== null) && !isLimitedByNumber(question)) {
    yield finding(
      min === null ? "max" : "min",
      "DROPPED",
      "Only numbers have a least and a greatest; of a choice one takes as many options as one likes.",
      "Say in the question how much is wanted.",
    );
  }
  if (maxLength !== null && !isLimitedByLength(question)) {
    yield finding("maxLength", "DROPPED", "Only texts have a greatest length.", "Leave it out.");
  }
  if (acceptableValues.length > 0 && isChoice(question)) {
    yield finding(
      "acceptableValues",
      "CHANGED",
      "LinkedIn is told them as favourable answers, and rules nobody out.",
      "Compare the answers when applications arrive.",
    );
  }
  if (acceptableValues.length > 0 && !isChoice(question)) {
    yield finding(
      "acceptableValues",
      "DROPPED",
      "LinkedIn is told favourable answers of choices alone.",
      "Compare the answers when applications arrive.",
    );
  }
}

type Rule = readonly [isBroken: boolean, name: keyof ScreeningQuestion, rule: string, fix: string];

/** What is wrong about a question so that LinkedIn refuses the whole job. */
function refusals(question: ScreeningQuestion): readonly Rule[] {
  const { key, text, maxLength } = question;
  const options = optionsOf(question);
  const values = new Set(options.map(({ value }) => value));
  const areOptionsWhole = options.every(({ value, label }) => value !== "" && label !== "");
  return [
    [key.trim() === "", "key", "A question has a key of its own.", "Give it a `key`."],
    [text.trim() === "", "text", "A question has a text.", "Say what is asked."],
    [
      isLimitedByLength(question) && maxLength !== null && maxLength < 1,
      "maxLength",
      "An answer has room for one character at least.",
      "Set `maxLength` to 1 or more, or leave it out.",
    ],
    [
      isChoice(question) && (options.length === 0 || values.size < options.length || !areOptionsWhole),
      "options",
      "A choice has options, each with a value of its own and a label.",
      "Give each option another `value`, and a `label`.",
    ],
  ];
}
