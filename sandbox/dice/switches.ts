/** What the reference calls unverified, or says nothing about. */
export interface DiceSwitches {
  /** How the doctype names each mode. */
  totalReplaceWords: readonly string[];
  incrementalWords: readonly string[];
  /** Tags that nobody has written about. */
  otherTags: "refused" | "ignored";
  /** Without which of them a job is not taken. */
  requiredTags: readonly string[];
  /** Words of `taxterm` beside FULLTIME and PARTTIME. */
  contractWords: readonly string[];
  /** A file of no job at all, in total-replace mode. */
  emptyFile: "removes-all" | "ignored";
  /** How many characters a title may have; null for as many as one likes. */
  titleLength: number | null;
  /** Whether tags in `comments` are shown as HTML, or as they are. */
  comments: "html" | "text";
  /** Bytes that are not ASCII. */
  encoding: "utf-8" | "latin-1" | "ascii";
  maxAttachmentBytes: number;
  /** How many jobs a company has paid for; null for as many as it likes. */
  jobSlots: number | null;
}

export function defaultSwitches(): DiceSwitches {
  return {
    totalReplaceWords: ["totalreplace"],
    incrementalWords: ["incremental"],
    otherTags: "refused",
    requiredTags: ["positionid", "diceid", "jobtitle", "comments", "country", "location"],
    contractWords: ["CON_W2", "CON_CORP", "CON_IND", "CON_HIRE_W2", "CON_HIRE_CORP", "CON_HIRE_IND"],
    emptyFile: "removes-all",
    titleLength: null,
    comments: "html",
    encoding: "ascii",
    maxAttachmentBytes: 10_000_000,
    jobSlots: null,
  };
}
