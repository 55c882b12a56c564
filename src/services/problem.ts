import type { Problem } from "../entities/problem.ts";
import { IntegrationError } from "../errors.ts";

/** A failure as it is stored and shown. What is not one of ours is told without its words: they may hold anything. */
export function problemOf(error: unknown): Problem {
  if (error instanceof IntegrationError) {
    const { code, message, fault, retryable, remedy = null, providerCode = null } = error;
    return { code, message, fault, retryable, remedy, providerCode };
  }
  return {
    code: "INTERNAL",
    message: "Something went wrong on our side",
    fault: "us",
    retryable: true,
    remedy: "Nothing has to be done; it is tried again.",
    providerCode: null,
  };
}
