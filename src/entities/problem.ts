/** A failure as it is stored and shown: what went wrong, whose doing it is, what a person can do. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly fault: string;
  readonly retryable: boolean;
  readonly remedy: string | null;
  readonly providerCode: string | null;
}
