import type { IntegrationError } from "../errors.ts";

/** What a vendor is answered. */
export interface WebhookAnswer {
  readonly status: number;
  /** As JSON, or as it is where it is text; null for nothing. */
  readonly body: Readonly<Record<string, unknown>> | string | null;
}

/** A refusal, in words that a vendor may show to its own people. */
export function refused(status: number, { code, message }: Pick<IntegrationError, "code" | "message">): WebhookAnswer {
  return { status, body: { errorCode: code, additionalErrorDetails: message } };
}
