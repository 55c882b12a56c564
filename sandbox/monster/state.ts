import type { StoredDelivery } from "../job-boards/courier.ts";

/** A customer's contract: a login of the gateway, and a recruiter with postings to spend. */
export interface StoredAccount {
  readonly userName: string;
  readonly password: string;
  readonly recruiter: string;
  /** Postings that are left; null for as many as one likes. */
  inventory: number | null;
}

/** How candidates apply: by a form whose answers are sent somewhere, at an address, or by mail. */
export type ApplyWay =
  | { readonly by: "form"; readonly postUrl: string; readonly vendorText: string; readonly apiKey: string }
  | { readonly by: "url"; readonly url: string }
  | { readonly by: "mail"; readonly email: string };

/** A job as it was sent last, by what is asked of it. */
export interface SentJob {
  readonly title: string;
  readonly body: string;
  readonly company: string;
  readonly hidesCompany: boolean;
  readonly city: string;
  readonly country: string;
  readonly durationDays: number;
  readonly apply: ApplyWay;
  /** Every id that was given, by its element: `JobLevel` → `12`. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
  /** Every text that was given, by the path of its element. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface StoredJob {
  readonly postingId: string;
  readonly jobRefCode: string;
  readonly recruiter: string;
  job: SentJob;
  isDeleted: boolean;
  readonly expiresAt: Date;
}

/** Everything Monster knows: plain data. */
export interface MonsterState {
  /** By recruiter. */
  readonly accounts: Map<string, StoredAccount>;
  /** By posting id, the oldest first. */
  readonly jobs: Map<string, StoredJob>;
  /** By their ids. */
  readonly deliveries: Map<string, StoredDelivery>;
}

export function emptyMonsterState(): MonsterState {
  return { accounts: new Map(), jobs: new Map(), deliveries: new Map() };
}
