import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { InboundDelivery } from "../entities/inbound-delivery.ts";
import type { Integration } from "../entities/integration.ts";
import type { Viewer } from "./viewer.ts";

/** Does messages of one kind again. */
export interface Redrives {
  /** Reads what was stored, outside of any transaction. @returns null when that is no longer kept */
  prepare(delivery: InboundDelivery): Promise<RedrivePlan | null>;
}

/** Finds out what it comes to, with the integration and the message locked. */
export type RedrivePlan = (
  tx: TenantTransaction,
  about: { readonly viewer: Viewer; readonly integration: Integration; readonly delivery: InboundDelivery },
) => Promise<Redrive>;

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
