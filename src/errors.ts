/** Whose doing a failure is. Shown to people, so that they know whom to ask. */
export type Fault = "caller" | "account" | "operator" | "provider" | "us";

interface Kind {
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly fault: Fault;
}

/** Every way in which an integration can fail. This table is the only list of codes. */
const kinds = {
  UNAUTHENTICATED: { retryable: false, fault: "caller" },
  FORBIDDEN: { retryable: false, fault: "caller" },
  INVALID_INPUT: { retryable: false, fault: "caller" },
  /** Also what belongs to somebody else: existence is information too. */
  NOT_FOUND: { retryable: false, fault: "caller" },
  /** The thing changed since the caller read it. */
  CONFLICT: { retryable: false, fault: "caller" },
  IDEMPOTENCY_KEY_REUSED: { retryable: false, fault: "caller" },
  UNSUPPORTED_CAPABILITY: { retryable: false, fault: "caller" },
  /** The operator has not given this provider its settings. */
  NOT_CONFIGURED: { retryable: false, fault: "operator" },
  PARTNER_APPROVAL_REQUIRED: { retryable: false, fault: "operator" },
  PREREQUISITE_MISSING: { retryable: false, fault: "account" },
  APPROVAL_REQUIRED: { retryable: false, fault: "caller" },
  MANUAL_ACTION_REQUIRED: { retryable: false, fault: "caller" },
  /** The provider refused the password, key or access token. */
  CREDENTIALS_REJECTED: { retryable: false, fault: "account" },
  /** The grant itself is gone: only the person who gave it can repair this. */
  REAUTHORIZATION_REQUIRED: { retryable: false, fault: "account" },
  /** The address is one this service does not call. */
  EGRESS_REFUSED: { retryable: false, fault: "caller" },
  /** The provider understood the request and said no. */
  PROVIDER_REFUSED: { retryable: false, fault: "provider" },
  DUPLICATE: { retryable: false, fault: "caller" },
  QUOTA_EXHAUSTED: { retryable: true, fault: "account" },
  RATE_LIMITED: { retryable: true, fault: "provider" },
  PROVIDER_UNAVAILABLE: { retryable: true, fault: "provider" },
  /** The provider answered with something that its own documentation does not describe. */
  PROVIDER_REPLY_INVALID: { retryable: true, fault: "provider" },
  /** A cursor is too old: a caller starts over, a sync reads everything once. */
  CURSOR_EXPIRED: { retryable: false, fault: "caller" },
} as const satisfies Record<string, Kind>;

export type ErrorCode = keyof typeof kinds;
export const errorCodes = Object.keys(kinds) as ErrorCode[];

export interface ErrorDetails {
  readonly cause?: unknown;
  /** The path of the input field that is wrong, for example ["credentials", "0", "value"]. */
  readonly field?: readonly string[];
  /** How long the provider asks us to wait. */
  readonly retryAfterMs?: number | undefined;
  /** One sentence: what a person can do about it. */
  readonly remedy?: string | undefined;
  /** The vendor's own word for it, as it came. */
  readonly providerCode?: string | undefined;
  /** Set where this failure differs from its code: a call that still runs is a CONFLICT that passes by itself. */
  readonly retryable?: boolean | undefined;
  /** Set when we kept the call back ourselves, so that the provider was not asked: it counts as no attempt. */
  readonly heldBack?: boolean | undefined;
}

/** A failure that somebody is expected to handle. Everything else that is thrown is a fault of ours. */
export class IntegrationError extends Error {
  override readonly name = "IntegrationError";
  readonly field: readonly string[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly remedy: string | undefined;
  readonly providerCode: string | undefined;
  readonly retryable: boolean;
  readonly heldBack: boolean;

  constructor(
    readonly code: ErrorCode,
    message: string,
    { cause, field, retryAfterMs, remedy, providerCode, retryable, heldBack = false }: ErrorDetails = {},
  ) {
    super(message, { cause });
    this.field = field;
    this.retryAfterMs = retryAfterMs;
    this.remedy = remedy;
    this.providerCode = providerCode;
    this.retryable = retryable ?? kinds[code].retryable;
    this.heldBack = heldBack;
  }

  get fault(): Fault {
    return kinds[this.code].fault;
  }
}

/** Whose doing a failure with this code is; ours where it is none of these. */
export function faultOf(code: string): Fault {
  const known = errorCodes.find((one) => one === code);
  return known ? kinds[known].fault : "us";
}

export function isIntegrationError(error: unknown, ...codes: readonly ErrorCode[]): error is IntegrationError {
  return error instanceof IntegrationError && (codes.length === 0 || codes.includes(error.code));
}

/** Whether the provider was not even asked, because we kept the call back. */
export function isHeldBack(error: unknown): boolean {
  return error instanceof IntegrationError && error.heldBack;
}
