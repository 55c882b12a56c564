/** A job as it was sent last, by the names of the interface. */
export type SentJob = Readonly<Record<string, string>>;

export interface StoredAccount {
  readonly vendorId: string;
  readonly userName: string;
  readonly password: string;
  readonly code: string;
}

export interface StoredJob {
  /** CareerBuilder's. */
  readonly did: string;
  /** Ours, unique within the account. */
  readonly jobId: string;
  readonly accountCode: string;
  job: SentJob;
  isDeleted: boolean;
  expiresAt: Date;
}

/** One job that was handed in, and waits its turn. */
export interface StoredTransaction {
  readonly did: string;
  readonly jobDid: string;
  readonly action: string;
  /** How often somebody has asked about it. */
  polls: number;
}

/** Everything CareerBuilder knows: plain data. */
export interface CareerBuilderState {
  readonly accounts: Map<string, StoredAccount>;
  /** By DID, the oldest first. */
  readonly jobs: Map<string, StoredJob>;
  readonly transactions: Map<string, StoredTransaction>;
  /** How many new postings each account was charged for. */
  readonly charges: { readonly accountCode: string; readonly jobId: string; readonly at: Date }[];
}

export function emptyCareerBuilderState(): CareerBuilderState {
  return { accounts: new Map(), jobs: new Map(), transactions: new Map(), charges: [] };
}
