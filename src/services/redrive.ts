import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { InboundDelivery } from "../entities/inbound-delivery.ts";

/** What it comes to when a message is done again. */
export interface Redrive {
  /** In sentences, for people. */
  readonly effects: readonly string[];
  /** Begins it. Null where nothing changes. @returns what is noted on the message */
  readonly begin: ((tx: TenantTransaction) => Promise<Partial<InboundDelivery>>) | null;
}

export function nothingToDo(why: string): Redrive {
  return { effects: [why], begin: null };
}
