/** What a person has entered in the form. */
export interface Entered {
  readonly company: string;
  readonly companyLogo: string;
  readonly position: string;
  readonly primaryTag: string;
  readonly tags: string;
  readonly location: string;
  readonly salary: string;
  readonly benefits: string;
  readonly description: string;
  readonly applyUrl: string;
  readonly applyEmail: string;
}

export interface StoredPost {
  readonly id: number;
  /** In the address of its edit page, which only the mail about the payment has. */
  readonly editKey: string;
  entered: Entered;
  isAutoRenewed: boolean;
  isClosed: boolean;
  readonly postedAt: Date;
  /** Until when it is paid for. */
  paidUntil: Date;
}

/** Money from a card. Renewals can be had back within 7 days by a link in their mail: here nobody asks for that. */
export interface StoredCharge {
  readonly postId: number;
  /** In US dollars. */
  readonly amount: number;
  readonly at: Date;
}

/** Everything Remote OK knows: plain data. */
export interface RemoteOkState {
  /** By id, the oldest first. */
  readonly posts: Map<number, StoredPost>;
  readonly charges: StoredCharge[];
}

export function emptyRemoteOkState(): RemoteOkState {
  return { posts: new Map(), charges: [] };
}
