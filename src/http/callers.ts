import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { CallerToken, CallerTokenVerifier } from "../security/caller-token.ts";

/** Who a request is from, or why that is not known: what needs nobody still works then. */
export async function callerOf(
  verifier: CallerTokenVerifier,
  authorization: string | undefined,
): Promise<CallerToken | IntegrationError> {
  try {
    return await verifier.verify(authorization);
  } catch (error) {
    if (isIntegrationError(error)) return error;
    throw error;
  }
}
