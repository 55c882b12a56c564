import type { DiceDoc } from "./state.ts";
import type { DiceSwitches } from "./switches.ts";

/** What a batch file says. */
export interface BatchFile {
  readonly mode: "total-replace" | "incremental";
  readonly docs: readonly DiceDoc[];
  /** Jobs that are not taken, and why. */
  readonly notes: readonly string[];
}

const knownTags: readonly string[] = [
  ...["positionid", "diceid", "jobtitle", "taxterm", "country", "state", "location", "postalcode", "areacode"],
  ...["company", "companystate", "companyzip", "addr1", "payrate", "skillsreq", "comments", "applylink"],
  "allowrecruiterapplies",
];
/** Name and mail of the recruiter have tags, too; what those are called is not written. */
const isKnown = (tag: string) => knownTags.includes(tag) || tag.startsWith("recruiter");

/** Text in which `<` and `&` stand for themselves nowhere. */
const text = String.raw`([^<&]*(?:&(?:amp|lt|gt|quot|#\d+|#x[\da-f]+);[^<&]*)*)`;
const element = new RegExp(String.raw`\s*<([a-z]\w*)>${text}</\1>`, "giy");

/**
 * Reads a batch: a doctype that names the mode, then one block a job.
 *
 * @returns why it is none, or the jobs in it
 */
export function readBatchFile(bytes: Buffer, switches: DiceSwitches): BatchFile | string {
  const said = decoded(bytes, switches);
  if (said === null) return "The file has bytes that are no ASCII";
  const [doctype = "", word = ""] = /^\s*<!doctype\s+batch\s+([^>]+?)\s*>/i.exec(said) ?? [];
  const mode = modeOf(word.toLowerCase(), switches);
  if (mode === null) return doctype === "" ? "The file does not begin with a doctype" : `There is no mode ${word}`;
  const docs: DiceDoc[] = [];
  const notes: string[] = [];
  // No tag stands inside another one, so that every end of a block is the end of one.
  const [rest = "", ...blocks] = said
    .slice(doctype.length)
    .split(/<\/doc>/i)
    .reverse();
  if (rest.trim() !== "") return "The file does not end with a job";
  for (const [index, block] of blocks.reverse().entries()) {
    const elements = readElements(block);
    // What follows may be meant otherwise: of such a file nothing is taken.
    if (elements === null) return `Job ${index + 1} cannot be read`;
    const doc = Object.fromEntries(elements);
    const mistake = mistakeIn(elements, doc, docs, switches);
    if (mistake === null) docs.push(doc);
    else notes.push(mistake);
  }
  return { mode, docs, notes };
}

function decoded(bytes: Buffer, { encoding }: DiceSwitches): string | null {
  if (encoding === "ascii" && bytes.some((byte) => byte > 127)) return null;
  return bytes.toString(encoding === "latin-1" ? "latin1" : "utf8");
}

function modeOf(word: string, { totalReplaceWords, incrementalWords }: DiceSwitches): BatchFile["mode"] | null {
  if (totalReplaceWords.includes(word)) return "total-replace";
  return incrementalWords.includes(word) ? "incremental" : null;
}

/** Null for a block that is not elements alone. */
function readElements(block: string): readonly (readonly [tag: string, text: string])[] | null {
  const [opening] = /^\s*<doc>/i.exec(block) ?? [];
  if (opening === undefined) return null;
  const inside = block.slice(opening.length);
  const found = [...inside.matchAll(element)];
  const end = found.reduce((length, [whole]) => length + whole.length, 0);
  if (inside.slice(end).trim() !== "") return null;
  return found.map(([, tag = "", said = ""]) => [tag.toLowerCase(), unescaped(said)] as const);
}

/** Why a job is not taken; null when it is. */
function mistakeIn(
  elements: readonly (readonly [tag: string, text: string])[],
  doc: DiceDoc,
  before: readonly DiceDoc[],
  switches: DiceSwitches,
): string | null {
  const id = doc["positionid"] ?? "";
  const tags = Object.keys(doc);
  if (tags.length < elements.length) return `Job ${id} has a tag twice`;
  const missing = switches.requiredTags.find((tag) => (doc[tag] ?? "").trim() === "");
  if (missing !== undefined) return `Job ${id} has no ${missing}`;
  if (before.some(({ positionid }) => positionid === id)) return `Job ${id} is there twice`;
  const other = tags.find((tag) => !isKnown(tag));
  if (other !== undefined && switches.otherTags === "refused") return `Job ${id} has ${other}, which is no tag`;
  const { taxterm, allowrecruiterapplies: applies, jobtitle = "" } = doc;
  const terms = ["FULLTIME", "PARTTIME", ...switches.contractWords];
  if (taxterm !== undefined && !terms.includes(taxterm)) return `Job ${id} has the unknown taxterm ${taxterm}`;
  if (applies !== undefined && !/^[YN]$/.test(applies)) return `Job ${id} has allowrecruiterapplies ${applies}`;
  const { titleLength } = switches;
  return titleLength !== null && jobtitle.length > titleLength ? `Job ${id} has too long a title` : null;
}

function unescaped(value: string): string {
  return value.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (_whole, hex?: string, decimal?: string, name?: string) =>
      name === undefined
        ? String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
        : (named[name.toLowerCase()] ?? ""),
  );
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };
