import type { DataSource } from "typeorm";
import { Database } from "../../src/database/database.ts";
import type { TenantTransaction } from "../../src/database/tenant-transaction.ts";
import { type RefreshRequest, type RenewedTokens, refreshGrant } from "../../src/providers/token-renewal.ts";

/** Where a renewal is cut off in the process that does it. */
export type DeathMoment = "lease-stored" | "answer-arrived" | "answer-stored";

/** Ends this process at a chosen moment of its next renewal as a power cut does: nothing more runs, nobody is told. */
export class Fate {
  private moment: DeathMoment | null = null;
  private hasAnswer = false;

  /** Null for a long life. */
  choose(moment: DeathMoment | null): void {
    this.moment = moment;
    this.hasAnswer = false;
  }

  /** How the drill's providers renew. */
  readonly refresh = async (request: RefreshRequest): Promise<RenewedTokens> => {
    await this.meet("lease-stored");
    const renewed = await refreshGrant(request);
    this.hasAnswer = true;
    return renewed;
  };

  /** Whether the transaction that begins now is the one that stores the vendor's answer. */
  takeAnswer(): boolean {
    const { hasAnswer } = this;
    this.hasAnswer = false;
    return hasAnswer;
  }

  async meet(moment: DeathMoment): Promise<void> {
    if (this.moment !== moment) return;
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => {});
  }
}

/** The database of a process that may not live to its next commit. */
export class MortalDatabase extends Database {
  constructor(
    dataSource: DataSource,
    private readonly fate: Fate,
  ) {
    super(dataSource);
  }

  override async inTenant<T>(tenantId: string, work: (tx: TenantTransaction) => Promise<T>): Promise<T> {
    if (!this.fate.takeAnswer()) return super.inTenant(tenantId, work);
    const result = await super.inTenant(tenantId, async (tx) => {
      const done = await work(tx);
      tx.beforeCommit(() => this.fate.meet("answer-arrived"));
      return done;
    });
    await this.fate.meet("answer-stored");
    return result;
  }
}
