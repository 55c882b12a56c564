/** A company that may send batches. */
export interface DiceCompany {
  /** Its group's id, which each of its jobs names. */
  readonly diceId: string;
  readonly username: string;
  password: string;
}

/** A job as a batch said it: text by tag, in lower case. */
export type DiceDoc = Readonly<Record<string, string>>;

export interface ListedJob {
  readonly diceId: string;
  doc: DiceDoc;
  readonly since: Date;
}

/** A mail that came, and what became of it. Nobody is told of that. */
export interface ReceivedBatch {
  readonly at: Date;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Of the body, one a line; with the password left out. */
  readonly body: string;
  readonly fileName: string | null;
  /** Of the attachment as it came. */
  readonly fileBytes: number;
  /** The batch file, unpacked; null where there was none to be read. */
  readonly file: string | null;
  /** Whose it was; null for nobody's. */
  readonly diceId: string | null;
  readonly notes: readonly string[];
}

/** Everything Dice knows: plain data. */
export interface DiceState {
  /** By user name of the batch. */
  readonly companies: Map<string, DiceCompany>;
  /** By Dice id and position id. */
  readonly jobs: Map<string, ListedJob>;
  /** The oldest first. */
  readonly mails: ReceivedBatch[];
}

export function emptyDiceState(): DiceState {
  return { companies: new Map(), jobs: new Map(), mails: [] };
}
