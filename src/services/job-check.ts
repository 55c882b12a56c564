import { IntegrationError } from "../errors.ts";
import type { Job, JobLocation, Money } from "../providers/job-board/job.ts";

/** One thing that is wrong about a job, whatever the board. */
interface Mistake {
  readonly field: readonly string[];
  readonly message: string;
  readonly remedy?: string;
}

const maxTextLength = 100_000;
const maxListLength = 100;
const texts = ["description", "responsibilities", "requirements", "niceToHave", "benefitsText"] as const;

/** What no board could make sense of: each with its field below `input.job`. */
export function mistakesIn(job: Job): readonly IntegrationError[] {
  return [...mistakes(job)].map(
    ({ field, message, remedy }) =>
      new IntegrationError("INVALID_INPUT", message, {
        field: ["input", "job", ...field],
        ...(remedy !== undefined && { remedy }),
      }),
  );
}

function* mistakes(job: Job): Generator<Mistake> {
  if (!/^[\w-]{1,50}$/.test(job.externalReference)) {
    yield {
      field: ["externalReference"],
      message: "A reference has 1 to 50 letters, digits, _ and -",
      remedy: "Every board takes these, and knows the job by them for ever.",
    };
  }
  if (job.title.trim() === "" || job.title.length > 200) {
    yield { field: ["title"], message: "A title has 1 to 200 characters" };
  }
  for (const name of texts) {
    if ((job[name]?.length ?? 0) > maxTextLength) {
      yield {
        field: [name],
        message: `A text has at most ${maxTextLength} characters`,
        remedy: "No board takes more.",
      };
    }
  }
  yield* mistakesOfPlaces(job);
  yield* mistakesOfPay(job);
  yield* mistakesOfApplying(job);
  if (job.publishedAt && job.expiresAt && job.expiresAt <= job.publishedAt) {
    yield { field: ["expiresAt"], message: "A job does not expire before it is published" };
  }
  for (const name of ["benefits", "languages", "certifications", "industries", "functions"] as const) {
    if (job[name].length > maxListLength)
      yield { field: [name], message: `A list has at most ${maxListLength} entries` };
  }
}

function* mistakesOfPlaces({ location, alternateLocations, remoteCountries }: Job): Generator<Mistake> {
  const places: [readonly string[], JobLocation][] = alternateLocations.map((place, index) => [
    ["alternateLocations", String(index)],
    place,
  ]);
  if (location) places.unshift([["location"], location]);
  for (const [field, { country }] of places) if (!isCountry(country)) yield noCountry([...field, "country"], country);
  for (const [index, country] of remoteCountries.entries()) {
    if (!isCountry(country)) yield noCountry(["remoteCountries", String(index)], country);
  }
}

function* mistakesOfPay({ salary, promotion }: Job): Generator<Mistake> {
  if (salary) {
    const { min, max, currency } = salary;
    if (!isCurrency(currency)) yield noCurrency(["salary", "currency"]);
    for (const [name, amount] of Object.entries({ min, max })) {
      if (amount !== null && !isAmount(amount)) yield noAmount(["salary", name]);
    }
    if (min !== null && max !== null && Number(min) > Number(max)) {
      yield { field: ["salary", "max"], message: "The most that is paid is less than the least" };
    }
  }
  if (promotion?.budget) {
    if (!isCurrency(promotion.budget.currency)) yield noCurrency(["promotion", "budget", "currency"]);
    if (!isAmount(promotion.budget.amount)) yield noAmount(["promotion", "budget", "amount"]);
  }
}

function* mistakesOfApplying({ applyMethod, applyUrl, contactEmail, screeningQuestions }: Job): Generator<Mistake> {
  if (applyUrl !== null && new URL(applyUrl).protocol !== "https:") {
    yield { field: ["applyUrl"], message: "Candidates apply at an https address" };
  }
  if (applyMethod === "EXTERNAL_URL" && applyUrl === null) {
    yield { field: ["applyUrl"], message: "Candidates are to apply at an address, and there is none" };
  }
  if (applyMethod === "EMAIL" && contactEmail === null) {
    yield { field: ["contactEmail"], message: "Candidates are to apply by e-mail, and there is no address" };
  }
  if (contactEmail !== null && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(contactEmail)) {
    yield { field: ["contactEmail"], message: "This is no e-mail address" };
  }
  const keys = new Set<string>();
  for (const [index, { key, type, options }] of screeningQuestions.entries()) {
    const field = ["screeningQuestions", String(index)];
    if (keys.has(key)) yield { field: [...field, "key"], message: "Another question has the same key" };
    keys.add(key);
    const isChoice = type === "SINGLE_CHOICE" || type === "MULTI_CHOICE";
    if (isChoice && options.length < 2)
      yield { field: [...field, "options"], message: "A choice has at least two options" };
  }
}

const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
/** Assigned by CLDR, and no countries of ISO 3166-1. */
const noCountries = new Set("AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ".split(" "));
const currencies = new Set(Intl.supportedValuesOf("currency"));

/** ISO 3166-1 alpha-2, and none that has been given up. */
function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || noCountries.has(code)) return false;
  return regions.of(code) !== undefined && new Intl.Locale(`und-${code}`).region === code;
}

function isCurrency(code: string): boolean {
  return currencies.has(code);
}

/** More than nothing. */
export function isAmount(text: string): boolean {
  return /^\d{1,12}(\.\d{1,4})?$/.test(text) && Number(text) > 0;
}

/** Whether one costs more than the other; what is in another currency cannot be told, and counts as more. */
export function isMore(cost: Money, most: Money): boolean {
  return cost.currency !== most.currency || Number(cost.amount) > Number(most.amount);
}

function noCountry(field: readonly string[], code: string): Mistake {
  return {
    field,
    message: `"${code.slice(0, 20)}" is no country`,
    remedy: "Give the two letters of ISO 3166-1, such as DE.",
  };
}

function noCurrency(field: readonly string[]): Mistake {
  return { field, message: "This is no currency", remedy: "Give the three letters of ISO 4217, such as EUR." };
}

function noAmount(field: readonly string[]): Mistake {
  return { field, message: "An amount is a decimal above 0 with at most 4 places, such as 52000.50" };
}
