import type { Database } from "../database/database.ts";
import { type ErrorCode, IntegrationError } from "../errors.ts";
import { newId } from "./id.ts";
import type { Viewer } from "./viewer.ts";

const keptMs = 24 * 60 * 60 * 1000;
/** Longer than any call takes; afterwards it is taken for dead. */
const callMs = 60 * 1000;
const maxKeyLength = 255;

interface StoredAnswer {
  readonly id: string | null;
  readonly error: StoredError | null;
}
interface StoredError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: readonly string[];
  readonly remedy?: string;
  readonly providerCode?: string;
}
interface ClaimRow {
  subjectId: string;
  inputHash: string;
  answer: StoredAnswer | null;
  runningUntil: Date;
  claimed: boolean;
}

/** One call of a mutation, with the key its caller gave it. */
export interface KeyedCall {
  readonly mutation: string;
  readonly key: string | null;
  /** Everything that makes the call what it is, without the key. */
  readonly input: unknown;
}

/**
 * Makes mutations safe to repeat: per tenant, user and mutation, for 24 hours, the same key and input get the same
 * answer. A refusal is an answer; a failure that may pass is not, and leaves the key free for the same call.
 */
export class Idempotency {
  constructor(
    private readonly database: Database,
    /** Keyed: an input may hold a password. */
    private readonly fingerprints: (text: string) => readonly [string, ...string[]],
    private readonly now: () => Date,
  ) {}

  /**
   * @param work makes the thing with the id it is given, which with a key stays the same after a crash; answers the id of
   *   what is there afterwards
   * @returns that id, now or from the first time
   * @throws {IntegrationError} IDEMPOTENCY_KEY_REUSED, CONFLICT while the first call still runs
   */
  async once(viewer: Viewer, call: KeyedCall, work: (id: string) => Promise<string>): Promise<string> {
    const freshId = newId(this.now());
    if (call.key === null) return work(freshId);
    checkKey(call.key);
    const claim = await this.claim(viewer, call, call.key, freshId);
    if (!claim.claimed) return replay(claim, this.hashesOf(call.input));
    let id: string;
    try {
      id = await work(claim.subjectId);
    } catch (error) {
      // Without it the key stays claimed until the call is taken for dead; the caller is told what really went wrong.
      await this.settle(viewer, call, claim, refusalIn(error)).catch(() => {});
      throw error;
    }
    await this.settle(viewer, call, claim, { id, error: null });
    return id;
  }

  /** The newest first; any of them means the same input. */
  private hashesOf(input: unknown): readonly [string, ...string[]] {
    return this.fingerprints(JSON.stringify(input));
  }

  private claim(viewer: Viewer, { mutation, input }: KeyedCall, key: string, freshId: string): Promise<ClaimRow> {
    const now = this.now();
    const hashes = this.hashesOf(input);
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const [row] = await tx.query<ClaimRow>(
        `WITH claim AS (
           INSERT INTO idempotency_key AS known
             (tenant_id, user_id, mutation, key, input_hash, subject_id, running_until, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (tenant_id, user_id, mutation, key) DO UPDATE SET
             subject_id = CASE WHEN known.expires_at <= $9 THEN excluded.subject_id ELSE known.subject_id END,
             input_hash = excluded.input_hash, answer = NULL,
             running_until = excluded.running_until, expires_at = excluded.expires_at
           WHERE known.expires_at <= $9
              OR (known.answer IS NULL AND known.running_until <= $9 AND known.input_hash = ANY($10))
           RETURNING subject_id, input_hash, answer, running_until
         )
         SELECT subject_id AS "subjectId", input_hash AS "inputHash", answer, running_until AS "runningUntil", true AS claimed
         FROM claim
         UNION ALL
         SELECT subject_id, input_hash, answer, running_until, false FROM idempotency_key
         WHERE user_id = $2 AND mutation = $3 AND key = $4 AND NOT EXISTS (SELECT FROM claim)`,
        [
          viewer.tenantId,
          viewer.userId,
          mutation,
          key,
          hashes[0],
          freshId,
          new Date(now.getTime() + callMs),
          new Date(now.getTime() + keptMs),
          now,
          hashes,
        ],
      );
      if (!row) throw stillRunning();
      return row;
    });
  }

  /** Keeps the answer; without one the key is free at once, for the same input and with the same id. */
  private async settle(
    viewer: Viewer,
    { mutation, key }: KeyedCall,
    { runningUntil }: ClaimRow,
    answer: StoredAnswer | null,
  ): Promise<void> {
    const mine = "user_id = $1 AND mutation = $2 AND key = $3";
    await this.database.inTenant(viewer.tenantId, (tx) =>
      answer === null
        ? // A call that was taken for dead does not free the key of the one that took its place.
          tx.query(
            `UPDATE idempotency_key SET running_until = $4 WHERE ${mine} AND running_until = $5 AND answer IS NULL`,
            [viewer.userId, mutation, key, this.now(), runningUntil],
          )
        : tx.query(`UPDATE idempotency_key SET answer = $4 WHERE ${mine}`, [
            viewer.userId,
            mutation,
            key,
            JSON.stringify(answer),
          ]),
    );
  }
}

function checkKey(key: string): void {
  if (key.length >= 1 && key.length <= maxKeyLength && !key.includes("\0")) return;
  throw new IntegrationError("INVALID_INPUT", `An idempotency key has 1 to ${maxKeyLength} characters`, {
    field: ["input", "idempotencyKey"],
  });
}

function replay({ answer, inputHash, subjectId }: ClaimRow, askedHashes: readonly string[]): string {
  if (!askedHashes.includes(inputHash)) {
    throw new IntegrationError("IDEMPOTENCY_KEY_REUSED", "This idempotency key was used with other input", {
      field: ["input", "idempotencyKey"],
      remedy: "Use a new key for a new call.",
    });
  }
  if (answer === null) throw stillRunning();
  if (answer.error) throw new IntegrationError(answer.error.code, answer.error.message, answer.error);
  return answer.id ?? subjectId;
}

function stillRunning(): IntegrationError {
  return new IntegrationError("CONFLICT", "The first call with this idempotency key still runs", {
    field: ["input", "idempotencyKey"],
    retryable: true,
    retryAfterMs: 1000,
    remedy: "Ask again in a moment.",
  });
}

/** What is kept of a failure: a refusal is the answer to this key, everything else leaves the key free. */
function refusalIn(error: unknown): StoredAnswer | null {
  if (!(error instanceof IntegrationError) || error.retryable) return null;
  const { code, message, field, remedy, providerCode } = error;
  return {
    id: null,
    error: {
      code,
      message,
      ...(field && { field }),
      ...(remedy && { remedy }),
      ...(providerCode && { providerCode }),
    },
  };
}
