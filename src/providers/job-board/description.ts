import sanitizeHtml from "sanitize-html";
import type { EmploymentType, Job, JobField, Salary, Seniority, WorkplaceType } from "./job.ts";

/** What a board shows of HTML. Names are in lower case. */
export interface DescriptionRules {
  readonly tags: readonly string[];
  /** Fields without a place of their own at the board, told as lines of text at the end. */
  readonly tells: readonly JobField[];
}

const headings = ["h1", "h2", "h3", "h4", "h5", "h6"];
const tables = ["table", "thead", "tbody", "tfoot", "tr", "td", "th"];

/** A job's description as a board gets it: the parts that are HTML one after the other, then a list of what has no other place. */
export function renderDescription(job: Job, { tags, tells }: DescriptionRules): string {
  const parts = [job.description, job.responsibilities, job.requirements, job.niceToHave, job.benefitsText];
  const lines = tells.flatMap((field) => {
    const text = tellings[field]?.(job) ?? "";
    return text === "" ? [] : [`<li>${escapeHtml(text)}</li>`];
  });
  const list = lines.length > 0 ? [`<ul>${lines.join("")}</ul>`] : [];
  return [...parts.flatMap((part) => (part ? [part] : [])), ...list].map((part) => sanitizedFor(tags, part)).join("\n");
}

/**
 * HTML with these tags only, and no attributes but the addresses of links. Where a board has no headings they become bold
 * paragraphs, tables lists, and numbered lists plain ones. Scripts and styles are left out with what is in them; of other tags
 * the text stays.
 */
export function sanitizedFor(tags: readonly string[], html: string): string {
  const safe = sanitizeHtml(html, {
    allowedTags: [...tags, ...headings, ...(tags.includes("table") ? [] : tables)],
    allowedAttributes: { a: ["href"] },
    allowedSchemes: ["http", "https", "mailto"],
    transformTags: nearestTags(tags),
  });
  return [...headingsFor(tags), ...tablesFor(tags)].reduce(
    (text, [tag, replacement]) => text.replaceAll(tag, replacement),
    safe,
  );
}

/** What stands for a tag that a board does not show, where it shows one that is nearly the same. */
function nearestTags(tags: readonly string[]): Record<string, string> {
  const nearest = { div: "p", ol: "ul", i: "em", b: "strong" };
  return Object.fromEntries(
    Object.entries(nearest).filter(([tag, other]) => !tags.includes(tag) && tags.includes(other)),
  );
}

const endsOfLines = /<br\b[^>]*>|<\/(?:p|div|li|tr|h[1-6])>/gi;

/** The text alone, as people read it: each paragraph and each item of a list on a line of its own. */
export function textOf(html: string): string {
  const text = sanitizeHtml(html.replaceAll(endsOfLines, "$&\n"), { allowedTags: [], allowedAttributes: {} });
  const lines = unescaped(text).split("\n");
  return lines.flatMap((line) => (line.trim() === "" ? [] : [line.trim()])).join("\n");
}

/** Whether anything of it is lost or changed for a board with these tags. */
export function isChangedFor(tags: readonly string[], html: string): boolean {
  return (
    sanitizedFor(tags, html) !==
    sanitizeHtml(html, { allowedTags: false, allowedAttributes: false, allowVulnerableTags: true })
  );
}

function headingsFor(tags: readonly string[]): [string, string][] {
  return headings
    .filter((tag) => !tags.includes(tag))
    .flatMap((tag) => [
      [`<${tag}>`, "<p><strong>"],
      [`</${tag}>`, "</strong></p>"],
    ]);
}

function tablesFor(tags: readonly string[]): [string, string][] {
  if (tags.includes("table")) return [];
  const gone = ["thead", "tbody", "tfoot"].flatMap((tag): [string, string][] => [
    [`<${tag}>`, ""],
    [`</${tag}>`, ""],
  ]);
  return [
    ...gone,
    ["<table>", "<ul>"],
    ["</table>", "</ul>"],
    ["<tr>", "<li>"],
    ["</tr>", "</li>"],
    ["<td>", ""],
    ["</td>", " "],
    ["<th>", ""],
    ["</th>", " "],
  ];
}

const list = (name: string, values: readonly string[]) => (values.length > 0 ? `${name}: ${values.join(", ")}` : "");
const line = (name: string, value: string | number | null) => (value === null ? "" : `${name}: ${value}`);

/** How a field is told in words. */
const tellings: Partial<Record<JobField, (job: Job) => string>> = {
  benefits: ({ benefits }) => list("Benefits", benefits),
  certifications: ({ certifications }) => list("Certifications", certifications),
  compliance: ({ compliance }) => compliance.eeoStatement ?? "",
  education: ({ education }) => line("Education", education),
  englishLevel: ({ englishLevel }) => line("English", englishLevel),
  employmentType: ({ employmentType }) => line("Employment", employmentType && employments[employmentType]),
  equity: ({ equity }) => (equity?.offered ? line("Equity", equity.range ?? "offered") : ""),
  hoursPerWeek: ({ hoursPerWeek }) => line("Hours per week", hoursPerWeek),
  languages: ({ languages }) => list("Languages", languages),
  positionsCount: ({ positionsCount }) => ((positionsCount ?? 1) > 1 ? line("Positions", positionsCount) : ""),
  remoteCountries: ({ remoteCountries }) => list("Open to applicants from", remoteCountries.map(countryName)),
  salary: ({ salary }) => line("Pay", salary && payInWords(salary)),
  seniority: ({ seniority }) => line("Level", seniority && seniorityNames[seniority]),
  skills: ({ skills: { required, preferred } }) =>
    [list("Skills", required), list("Nice to have", preferred)].filter((text) => text !== "").join(". "),
  videoUrl: ({ videoUrl }) => line("Video", videoUrl),
  workplaceType: ({ workplaceType }) => line("Workplace", workplaceType && workplaces[workplaceType]),
  yearsOfExperience: ({ yearsOfExperience }) => line("Years of experience", yearsOfExperience),
};

const employments: Readonly<Record<EmploymentType, string>> = {
  FULL_TIME: "Full time",
  PART_TIME: "Part time",
  CONTRACT: "Contract",
  TEMPORARY: "Temporary",
  INTERNSHIP: "Internship",
  VOLUNTEER: "Volunteer work",
  PER_DIEM: "Per diem",
};

export const seniorityNames: Readonly<Record<Seniority, string>> = {
  INTERN: "Internship",
  ENTRY: "Entry level",
  JUNIOR: "Junior",
  MID: "Mid level",
  SENIOR: "Senior",
  LEAD: "Lead",
  EXECUTIVE: "Executive",
};

const workplaces: Readonly<Record<WorkplaceType, string>> = { ON_SITE: "On site", HYBRID: "Hybrid", REMOTE: "Remote" };

/** `25 to 30.50 USD an hour`; null when there is none to be seen. */
export function payInWords({ min, max, currency, period, visible }: Salary): string | null {
  const amounts = [...new Set([min, max])].filter((amount) => amount !== null);
  if (!visible || amounts.length === 0) return null;
  return `${amounts.join(" to ")} ${currency} ${period === "HOUR" ? "an" : "a"} ${period.toLowerCase()}`;
}

const regions = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

/** @param country ISO 3166-1 alpha-2 */
export function countryName(country: string): string {
  return regions.of(country) ?? country;
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
